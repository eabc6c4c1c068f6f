//! Official identifiers of organisations, as types that cannot hold a wrong value.

pub mod cnpj;
pub mod inn;
pub mod lei;
pub mod organisation_code;
pub mod personal;
pub mod registers;
pub mod scheme;
pub mod uscc;
pub mod vat;
#[cfg(test)]
mod vectors;

use std::fmt;

use scheme::Scheme;

/// What the check says about an identifier an official source gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimStatus {
    /// The scheme has a check digit and it holds: no other status joins organisations.
    Checked,
    /// The scheme has no public check digit; the shape is right.
    Unchecked,
    /// The check digit is wrong although an official source gives the value: kept, flagged, never
    /// used to join.
    InvalidButOfficial,
}

impl ClaimStatus {
    /// The key on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            ClaimStatus::Checked => "checked",
            ClaimStatus::Unchecked => "unchecked",
            ClaimStatus::InvalidButOfficial => "invalid_but_official",
        }
    }

    /// The status with this key.
    pub fn from_key(key: &str) -> Option<ClaimStatus> {
        [ClaimStatus::Checked, ClaimStatus::Unchecked, ClaimStatus::InvalidButOfficial]
            .into_iter()
            .find(|status| status.key() == key)
    }
}

/// A scheme and a value with what its check says. Built by [`claim`] only, or from the wire by
/// [`IdentifierClaim::from_wire`], which checks again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentifierClaim {
    scheme: Scheme,
    value: String,
    status: ClaimStatus,
}

impl IdentifierClaim {
    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The normalised value.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What the check says.
    pub const fn status(&self) -> ClaimStatus {
        self.status
    }

    /// Whether two records with this identifier are about one organisation (I-29): its check digit
    /// holds, and the scheme gives each number to one organisation only.
    pub const fn joins(&self) -> bool {
        matches!(self.status, ClaimStatus::Checked) && self.scheme.names_one_organisation()
    }

    /// From stored parts; `None` when the value is not normalised or the status is not what the
    /// check says.
    pub fn from_wire(scheme: &str, value: &str, status: &str) -> Option<IdentifierClaim> {
        let made = claim(&Scheme::new(scheme)?, value).ok()?;
        (made.value == value && made.status.key() == status).then_some(made)
    }
}

impl fmt::Display for IdentifierClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme.key(), self.value)
    }
}

/// Why a text is no identifier of its scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// It is the identifier of a person: refuse, never store, never hash, never print.
    #[error("a personal identifier")]
    Personal,
    /// It identifies a sole trader: a person in substance.
    #[error("the identifier of a sole trader")]
    SoleTrader,
    /// It identifies a military body.
    #[error("the identifier of a military body")]
    Military,
    /// Wrong length or characters; the hint names a likely slip, never the value.
    #[error("not of the scheme's shape{}", .0.map(|hint| format!(" ({hint})")).unwrap_or_default())]
    Shape(Option<&'static str>),
}

/// What an official source's `raw` text claims under `scheme`: normalised (NFKC, upper case, no
/// spaces or punctuation the scheme ignores), checked, and refused when it is a person's.
///
/// ```
/// use goodstanding_domain::identifiers::{ClaimStatus, IdentifierError, claim, scheme::Scheme};
/// let uscc = Scheme::new("cn-uscc").unwrap();
/// assert_eq!(claim(&uscc, "91110108551385082q ").unwrap().status(), ClaimStatus::Checked);
/// assert_eq!(claim(&uscc, "91110108551385082R").unwrap().status(), ClaimStatus::InvalidButOfficial);
/// assert_eq!(claim(&uscc, "110000199001010013"), Err(IdentifierError::Personal));
/// ```
pub fn claim(scheme: &Scheme, raw: &str) -> Result<IdentifierClaim, IdentifierError> {
    let (value, status) = scheme.check(raw)?;
    Ok(IdentifierClaim { scheme: scheme.clone(), value, status })
}

/// `scheme:value`, or a bare value whose check digit tells the scheme (USCC, LEI, CNPJ): for
/// search. Personal identifiers give `None` like anything else that is no identifier.
pub fn recognise(text: &str) -> Option<IdentifierClaim> {
    if let Some((scheme, value)) = text.split_once(':') {
        return claim(&Scheme::new(&scheme.trim().to_lowercase())?, value).ok();
    }
    ["cn-uscc", "lei", "br-cnpj"]
        .into_iter()
        .filter_map(|key| claim(&Scheme::new(key)?, text).ok())
        .find(IdentifierClaim::joins)
}
