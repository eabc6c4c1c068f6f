//! Lists: who publishes them, what a row is, on which legal grounds, and where the remedy lies.

use domain::authority::AuthorityKey;
use domain::civil::Zone;
use domain::coverage::{Field, Sector};
use domain::limits::{Act, Ground, may_be_about};
use domain::organisation::OrganisationKind;
use domain::record::{Polarity, RecordType};
use domain::refusal::Refusal;
use domain::text::{EntryId, ListId, Texts};

use crate::citation::{Citation, read_url};
use crate::procedure::LegalPeriod;
use crate::strict::{Located, Problems, Table};

/// An official list as the law describes it. How its files are spelled is a profile's business.
#[derive(Debug, Clone, PartialEq)]
pub struct ListDefinition {
    /// `pack.name`.
    pub id: ListId,
    /// Official title, by language.
    pub title: Texts,
    /// The pack it is from.
    pub pack: String,
    /// Who publishes it.
    pub authority: AuthorityKey,
    /// The type of record a row becomes.
    pub record_type: RecordType,
    /// The kinds of organisation it may name; a person is not one of them, whatever a pack says.
    pub subjects: Vec<OrganisationKind>,
    /// Where it is published.
    pub url: String,
    /// The zone its days are meant in.
    pub zone: Zone,
    /// The field its records are counted under, where the pack names one.
    pub field: Option<Field>,
    /// The sector its records are counted under, where the pack names one.
    pub sector: Option<Sector>,
    /// On what terms the publisher's data may be used again, where somebody has read it.
    pub licence: Option<Citation>,
    /// The law that allows it; at least one.
    pub basis: Vec<Citation>,
    /// Where a subject turns to; always there when the type is adverse.
    pub remedy: Option<Remedy>,
    /// The legal grounds a row may rest on.
    pub entries: Vec<EntryDefinition>,
    /// Who decided, by what the list writes in the field `imposed_by`.
    pub deciders: Vec<Decider>,
    /// Whether the pack describes an invented jurisdiction.
    pub fictional: bool,
}

/// An authority whose decisions a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// Who decided.
    pub authority: AuthorityKey,
    /// How the list writes that, each exactly.
    pub written: Vec<String>,
}

/// What a subject can do at the publisher.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// What to do, by language.
    pub text: Texts,
    /// Where.
    pub url: String,
    /// On which law; at least one.
    pub basis: Vec<Citation>,
    /// Until when, counted from the day the decision was served, where the pack says so.
    pub within: Option<LegalPeriod>,
}

/// One legal ground of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDefinition {
    /// Unique in the list.
    pub id: EntryId,
    /// What it is called, by language.
    pub title: Texts,
    /// Grounds of the closed vocabulary; at least one when the list is adverse, none otherwise.
    pub grounds: Vec<Ground>,
    /// Who decides.
    pub act: Act,
    /// The articles; at least one.
    pub basis: Vec<Citation>,
    /// The article that sets no end, where the law sets none (promise P2).
    pub indefinite: Option<Citation>,
}

impl ListDefinition {
    /// The entry with this id.
    pub fn entry(&self, id: &EntryId) -> Option<&EntryDefinition> {
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// Who decided, where a row says `imposed_by`; `None` where the pack does not know the text.
    pub fn decider(&self, imposed_by: &str) -> Option<&AuthorityKey> {
        let found = self.deciders.iter().find(|it| it.written.iter().any(|it| it == imposed_by))?;
        Some(&found.authority)
    }

    /// What records of this list say about their subject.
    pub const fn polarity(&self) -> Polarity {
        self.record_type.polarity()
    }
}

/// A list as read, with the places that references are judged by later.
pub(crate) struct ListRead {
    pub(crate) definition: ListDefinition,
    pub(crate) id_at: usize,
    pub(crate) authority_at: usize,
    pub(crate) basis_at: usize,
    /// One for each decider.
    pub(crate) deciders_at: Vec<usize>,
}

/// Reads one file of `lists/`; `None` when a part that identifies the list is missing.
pub(crate) fn read(
    root: &Table<'_>,
    pack: &str,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<ListRead> {
    root.only(&["list", "basis", "licence", "remedy", "entry", "decider"], problems);
    let basis = Citation::read_all(root, "basis", is_fictional, problems);
    let head = root.table("list", problems);
    if !root.has("list") {
        root.missing("list", Refusal::PackKeyMissing, problems);
    }
    let head = head.and_then(|table| read_head(&table, problems));
    let polarity = head.as_ref().map(|head| head.record_type.polarity());
    let remedy = read_remedy(root, polarity, is_fictional, problems);
    let entries = read_entries(root, polarity, is_fictional, problems);
    let (deciders, deciders_at) = read_deciders(root, problems);
    let licence = root
        .table("licence", problems)
        .and_then(|citation| Citation::read(&citation, is_fictional, problems));
    let head = head?;
    Some(ListRead {
        id_at: head.id.at,
        authority_at: head.authority.at,
        basis_at: root.place_of("basis"),
        deciders_at,
        definition: ListDefinition {
            id: head.id.value,
            title: head.title,
            pack: pack.to_owned(),
            authority: head.authority.value,
            record_type: head.record_type,
            subjects: head.subjects,
            url: head.url,
            zone: head.zone,
            field: head.field,
            sector: head.sector,
            licence,
            basis,
            remedy,
            entries,
            deciders,
            fictional: is_fictional,
        },
    })
}

/// Who decided, where the rows of a list name bodies. A text that two tables claim is refused: it
/// would have two meanings.
fn read_deciders(root: &Table<'_>, problems: &mut Problems<'_>) -> (Vec<Decider>, Vec<usize>) {
    let plain = "expected: lower-case letters, digits, `-`, `_`, `.`";
    let mut read: (Vec<Decider>, Vec<usize>) = Default::default();
    for table in root.tables("decider", problems) {
        table.only(&["authority", "written"], problems);
        let unreadable = Refusal::PackUnreadable;
        let authority = table.parsed("authority", unreadable, plain, problems, AuthorityKey::new);
        if !table.has("written") {
            table.missing("written", Refusal::PackKeyMissing, problems);
        }
        let mut written = Vec::new();
        for text in table.strings("written", problems).unwrap_or_default() {
            let is_known = read.0.iter().flat_map(|it: &Decider| &it.written);
            let is_known = is_known.chain(&written).any(|it| it == text.value);
            if is_known || text.value.trim().is_empty() {
                problems.add(text.at, &table.key("written"), Refusal::PackKeyRepeated);
            }
            written.push(text.value.to_owned());
        }
        let Some(authority) = authority else { continue };
        read.0.push(Decider { authority: authority.value, written });
        read.1.push(authority.at);
    }
    read
}

struct Head {
    id: Located<ListId>,
    title: Texts,
    authority: Located<AuthorityKey>,
    record_type: RecordType,
    subjects: Vec<OrganisationKind>,
    url: String,
    zone: Zone,
    field: Option<Field>,
    sector: Option<Sector>,
}

fn read_head(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Head> {
    let known =
        ["id", "title", "authority", "record_type", "subjects", "url", "zone", "field", "sector"];
    table.only(&known, problems);
    let unreadable = Refusal::PackUnreadable;
    let plain = "expected: lower-case letters, digits, `-`, `_`, `.`";
    let id = table.parsed("id", unreadable, plain, problems, ListId::new);
    let title = table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let authority = table.parsed("authority", unreadable, plain, problems, AuthorityKey::new);
    let types = format!("one of: {}", RecordType::ALL.map(RecordType::key).join(", "));
    let record_type =
        table.parsed("record_type", unreadable, &types, problems, RecordType::from_key);
    let mut subjects = read_subjects(table, problems);
    if let Some(record_type) = &record_type {
        subjects.retain(|kind| may_be_about(record_type.value, *kind));
    }
    let url = read_url(table, Refusal::PackKeyMissing, problems);
    let zone = "expected: a name of the IANA time zone database";
    let zone = table.parsed("zone", unreadable, zone, problems, |name| name.parse::<Zone>().ok());
    let (field, sector) = (read_field(table, problems), read_sector(table, problems));
    Some(Head {
        id: id?,
        title: title?,
        authority: authority?,
        record_type: record_type?.value,
        subjects,
        url: url?,
        zone: zone?.value,
        field,
        sector,
    })
}

/// Which of the four fields a list belongs to; packs need not say.
fn read_field(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Field> {
    if !table.has("field") {
        return None;
    }
    let known = format!("one of: {}", Field::ALL.map(Field::key).join(", "));
    let unreadable = Refusal::PackUnreadable;
    Some(table.parsed("field", unreadable, &known, problems, Field::from_key)?.value)
}

/// Which of the seventeen sectors a list belongs to; packs need not say.
fn read_sector(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Sector> {
    if !table.has("sector") {
        return None;
    }
    let known = format!("one of: {}", Sector::ALL.map(Sector::key).join(", "));
    let unreadable = Refusal::PackUnreadable;
    Some(table.parsed("sector", unreadable, &known, problems, Sector::from_key)?.value)
}

/// The kinds a list may name; every kind of the closed list when the pack does not narrow them.
fn read_subjects(table: &Table<'_>, problems: &mut Problems<'_>) -> Vec<OrganisationKind> {
    let refusal = Refusal::SubjectKindRefused;
    let kinds = table.closed("subjects", refusal, problems, OrganisationKind::from_key);
    kinds.unwrap_or_else(|| OrganisationKind::ALL.to_vec())
}

pub(crate) fn read_remedy(
    root: &Table<'_>,
    polarity: Option<Polarity>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<Remedy> {
    if polarity == Some(Polarity::Adverse) && !root.has("remedy") {
        root.missing("remedy", Refusal::RemedyMissing, problems);
    }
    let table = root.table("remedy", problems)?;
    table.only(&["text", "url", "basis", "within"], problems);
    let text = table.texts("text", &["en", "zh"], Refusal::RemedyMissing, problems);
    let url = read_url(&table, Refusal::RemedyMissing, problems);
    let basis = Citation::read_all(&table, "basis", is_fictional, problems);
    let within = match table.has("within") {
        true => LegalPeriod::read(&table, "within", is_fictional, problems),
        false => None,
    };
    Some(Remedy { text: text?, url: url?, basis, within })
}

fn read_entries(
    root: &Table<'_>,
    polarity: Option<Polarity>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Vec<EntryDefinition> {
    let tables = root.tables("entry", problems);
    if tables.is_empty() && polarity == Some(Polarity::Adverse) {
        root.missing("entry", Refusal::PackKeyMissing, problems);
    }
    let mut entries: Vec<EntryDefinition> = Vec::new();
    for table in &tables {
        let Some(entry) = read_entry(table, polarity, is_fictional, problems) else { continue };
        if entries.iter().any(|other| other.id == entry.id) {
            problems.add(table.place_of("id"), &table.key("id"), Refusal::PackKeyRepeated);
        }
        entries.push(entry);
    }
    entries
}

fn read_entry(
    table: &Table<'_>,
    polarity: Option<Polarity>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<EntryDefinition> {
    table.only(&["id", "title", "grounds", "act", "basis", "indefinite"], problems);
    let unreadable = Refusal::PackUnreadable;
    let plain = "expected: lower-case letters, digits, `-`, `_`, `.`";
    let id = table.parsed("id", unreadable, plain, problems, EntryId::new);
    let title = table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let grounds = read_grounds(table, polarity, problems);
    let acts = format!("one of: {}", Act::ALL.map(Act::key).join(", "));
    let act = table.parsed("act", unreadable, &acts, problems, Act::from_key);
    let basis = Citation::read_all(table, "basis", is_fictional, problems);
    let indefinite = table
        .table("indefinite", problems)
        .and_then(|citation| Citation::read(&citation, is_fictional, problems));
    Some(EntryDefinition {
        id: id?.value,
        title: title?,
        grounds,
        act: act?.value,
        basis,
        indefinite,
    })
}

pub(crate) fn read_grounds(
    table: &Table<'_>,
    polarity: Option<Polarity>,
    problems: &mut Problems<'_>,
) -> Vec<Ground> {
    let key = table.key("grounds");
    let keys = table.strings("grounds", problems).unwrap_or_default();
    let mut grounds = Vec::new();
    for ground in &keys {
        match Ground::from_key(ground.value) {
            Some(ground) => grounds.push(ground),
            None => problems.add(ground.at, &key, Refusal::GroundUnknown),
        }
    }
    let at = table.place_of("grounds");
    match polarity {
        Some(Polarity::Adverse) if keys.is_empty() => {
            let detail = "an adverse entry needs at least one ground";
            problems.add_with(at, &key, Refusal::PackKeyMissing, detail);
        }
        Some(Polarity::Neutral | Polarity::Good) if !keys.is_empty() => {
            let detail = "only entries of adverse lists have grounds";
            problems.add_with(at, &key, Refusal::PackKeyUnknown, detail);
        }
        _ => {}
    }
    grounds.sort_unstable();
    grounds.dedup();
    grounds
}
