//! Organisations: kind, names, legal form, place. There is no kind for a person.

use crate::ids::OrganisationId;

/// What an organisation is. The list is closed and has no person, sole trader or household (I-25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganisationKind {
    /// Company, partnership with legal form, state enterprise.
    Enterprise,
    /// Ministry, agency, municipality, court.
    PublicBody,
    /// Public institution that is not an authority: hospital, school, utility, fund.
    PublicInstitution,
    /// Co-operative.
    Cooperative,
    /// Foundation.
    Foundation,
    /// Association, society, non-governmental organisation. Protected.
    Association,
    /// Trade union or employers' union. Protected.
    Union,
    /// Publisher, broadcaster, news agency. Protected.
    Media,
    /// Political party. Protected.
    Party,
    /// Religious body. Protected.
    FaithBody,
    /// An organisation whose kind its source does not tell.
    Unstated,
}

impl OrganisationKind {
    /// Every kind.
    pub const ALL: [OrganisationKind; 11] = [
        OrganisationKind::Enterprise,
        OrganisationKind::PublicBody,
        OrganisationKind::PublicInstitution,
        OrganisationKind::Cooperative,
        OrganisationKind::Foundation,
        OrganisationKind::Association,
        OrganisationKind::Union,
        OrganisationKind::Media,
        OrganisationKind::Party,
        OrganisationKind::FaithBody,
        OrganisationKind::Unstated,
    ];

    /// The key used in profiles, on the wire and in message files.
    pub const fn key(self) -> &'static str {
        match self {
            OrganisationKind::Enterprise => "enterprise",
            OrganisationKind::PublicBody => "public_body",
            OrganisationKind::PublicInstitution => "public_institution",
            OrganisationKind::Cooperative => "cooperative",
            OrganisationKind::Foundation => "foundation",
            OrganisationKind::Association => "association",
            OrganisationKind::Union => "union",
            OrganisationKind::Media => "media",
            OrganisationKind::Party => "party",
            OrganisationKind::FaithBody => "faith_body",
            OrganisationKind::Unstated => "unstated",
        }
    }

    /// The kind with this key.
    ///
    /// ```
    /// use goodstanding_domain::organisation::OrganisationKind;
    /// assert_eq!(OrganisationKind::from_key("union"), Some(OrganisationKind::Union));
    /// assert_eq!(OrganisationKind::from_key("person"), None);
    /// ```
    pub fn from_key(key: &str) -> Option<OrganisationKind> {
        OrganisationKind::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// A legal form as an ISO 20275 code: four characters `A-Z0-9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegalForm([u8; 4]);

impl LegalForm {
    /// The code; `None` when the shape is wrong.
    pub fn new(code: &str) -> Option<LegalForm> {
        let bytes: [u8; 4] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            .then_some(LegalForm(bytes))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // ASCII by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// An ISO 3166-1 alpha-2 country code, upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// The code; `None` when the shape is wrong.
    pub fn new(code: &str) -> Option<Country> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Country(bytes))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // ASCII by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// What a name is for the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameRole {
    /// The name the source gives first.
    Main,
    /// Another name the source gives: trading name, other script.
    Other,
    /// A name the source says is no longer used.
    Former,
}

impl NameRole {
    /// The key on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            NameRole::Main => "main",
            NameRole::Other => "other",
            NameRole::Former => "former",
        }
    }

    /// The role with this key.
    pub fn from_key(key: &str) -> Option<NameRole> {
        [NameRole::Main, NameRole::Other, NameRole::Former].into_iter().find(|r| r.key() == key)
    }
}

/// A name of an organisation, as its source writes it. Never translated by machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// As written by the source.
    pub text: String,
    /// BCP 47 language, where the source tells; empty otherwise.
    pub language: String,
    /// ISO 15924 script read off the letters: `Latn`, `Hans`, `Cyrl`, ... or `Zyyy`.
    pub script: String,
    /// Main, other or former.
    pub role: NameRole,
}

/// What identifies the subject of a record: our id, and the name as this source wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Our id.
    pub organisation: OrganisationId,
    /// The name in the row, kept with the record because names differ between sources.
    pub name_as_written: String,
}
