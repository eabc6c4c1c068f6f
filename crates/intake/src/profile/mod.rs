//! Profiles: source formats as data. A profile names a list a pack defines and says how its
//! publisher writes it; it holds spelling, never law.

mod blanks;
mod checks;
mod dates;
mod file;
mod load;
mod mapping;

use std::collections::{BTreeMap, HashMap};

use domain::civil::Day;
use domain::identifiers::scheme::Scheme;
use domain::organisation::{Country, NameRole, OrganisationKind};
use domain::record::{Polarity, RecordType};
use domain::refusal::Problem;
use domain::text::{EntryId, ListId, ProfileName};
use encoding_rs::Encoding;

use crate::text::spelling;
use crate::words::WordList;

pub(crate) use blanks::BLANK;
pub(crate) use dates::DateFormat;
pub use mapping::{Mapped, given};

/// How one source writes one list.
///
/// ```
/// use goodstanding_intake::Profile;
/// # let file = |name: &str| policy::PackFile {
/// #     path: format!("generic/{name}"),
/// #     text: std::fs::read_to_string(format!("{}/../../packs/generic/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap(),
/// # };
/// # let files = [file("pack.toml"), file("periods.toml")];
/// let packs = policy::Packs::load(&files).unwrap();
/// // Most keys are missing: refused, with file and line.
/// let problems = Profile::load("x.toml", "name = \"x\"\n", &packs).unwrap_err();
/// assert_eq!(problems[0].file, "x.toml");
/// assert_eq!(problems[0].problem.refusal.number(), 403);
/// ```
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name, as given to `import --profile`.
    pub name: ProfileName,
    /// SHA-256 of the file's text, as 64 hex digits.
    pub hash: String,
    /// Which list the rows belong to.
    pub list: ListSource,
    /// Whether a file holds the whole list.
    pub extent: Extent,
    /// How long a quotation of an adverse list counts as current.
    pub max_age: MaxAge,
    /// The same for neutral and good types; `max_age` where the profile does not tell them apart.
    pub max_age_neutral: MaxAge,
    /// A full file with fewer rows is held (refusal 305).
    pub row_floor: u64,
    /// A full file with more rows is held (refusal 315).
    pub row_ceiling: Option<u64>,
    /// What the publisher says about reuse.
    pub licence: String,
    pub(crate) container: Container,
    pub(crate) headings: Vec<String>,
    pub(crate) columns: Option<ColumnMap>,
    pub(crate) dates: DateRules,
    pub(crate) persons: PersonRules,
    pub(crate) kinds: Vec<(OrganisationKind, WordList)>,
    pub(crate) ignore: Vec<IgnoreRule>,
}

impl Profile {
    /// The profile in `text`, checked against the packs it refers to.
    ///
    /// # Errors
    /// Every problem found, with file and line: an unknown key (402), a missing one (403), a list
    /// or an entry no pack defines (409), `max_age = "none"` on an adverse list (411), and so on.
    pub fn load(
        file_name: &str,
        text: &str,
        packs: &policy::Packs,
    ) -> Result<Profile, Vec<ProfileProblem>> {
        load::load(file_name, text, packs)
    }

    /// The headings of the columns the profile maps, in the order of a quarantine file.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// How long a quotation of `record_type` counts as current.
    pub const fn max_age_of(&self, record_type: RecordType) -> MaxAge {
        match record_type.polarity() {
            Polarity::Adverse => self.max_age,
            Polarity::Neutral | Polarity::Good => self.max_age_neutral,
        }
    }
}

/// A problem of a profile: the file, and a problem whose row is the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileProblem {
    /// The file as it was named.
    pub file: String,
    /// What is wrong, with the line as row.
    pub problem: Problem,
}

/// Which list the rows of a file belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListSource {
    /// All to one list.
    Fixed(ListId),
    /// Each row names its list, in this column.
    Column(String),
}

/// Whether a file holds the whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The whole list: what is not in it has vanished.
    Full,
    /// A part: it ends nothing.
    Partial,
}

/// How long a quotation counts as current without being read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxAge {
    /// Days after the day of reading.
    Days(u16),
    /// Facts that need no re-reading: shown "as read on". Neutral and good types only.
    None,
}

/// The container a file is in.
#[derive(Debug, Clone)]
pub(crate) enum Container {
    Csv { dialect: CsvDialect, table: TableRules },
    Xlsx { sheet: Sheet, table: TableRules },
    Json(TreeRules),
    Xml { tree: TreeRules, encoding: &'static Encoding },
    Jsonl,
}

#[derive(Debug, Clone)]
pub(crate) struct CsvDialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
    pub(crate) encoding: &'static Encoding,
    pub(crate) encoding_errors: EncodingErrors,
}

/// How a table is laid out.
#[derive(Debug, Clone)]
pub(crate) struct TableRules {
    pub(crate) header: Header,
    /// Rows the headings are spread over.
    pub(crate) header_rows: usize,
    /// Whether a lone text in the first cell names the rows below it.
    pub(crate) captions: bool,
    /// Marks at the end of headings and cells that belong to neither.
    pub(crate) footnotes: Vec<String>,
    /// Other spellings of a heading.
    pub(crate) aliases: BTreeMap<String, Vec<String>>,
    /// Columns that a file may lack.
    pub(crate) optional: Vec<String>,
}

/// Where the header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// In this row, from 1.
    Row(u64),
    /// In the first row that holds all headings, and again in every later one that does.
    Find,
}

impl TableRules {
    /// Headings in the first row and nothing else to know.
    pub(crate) const fn first_row() -> TableRules {
        TableRules {
            header: Header::Row(1),
            header_rows: 1,
            captions: false,
            footnotes: Vec::new(),
            aliases: BTreeMap::new(),
            optional: Vec::new(),
        }
    }

    /// Every spelling of `heading`, its own first.
    pub(crate) fn spellings<'a>(&'a self, heading: &'a String) -> impl Iterator<Item = &'a str> {
        let others = self.aliases.get(heading).into_iter().flatten();
        std::iter::once(heading).chain(others).map(String::as_str)
    }
}

/// Where rows and cells lie in JSON or XML.
#[derive(Debug, Clone)]
pub(crate) struct TreeRules {
    /// The path of the rows, step by step.
    pub(crate) row: Vec<String>,
    /// Between several values of one cell.
    pub(crate) join: String,
    /// Columns that may be nowhere in a file.
    pub(crate) optional: Vec<String>,
}

impl Default for TreeRules {
    fn default() -> TreeRules {
        TreeRules { row: Vec::new(), join: "; ".to_owned(), optional: Vec::new() }
    }
}

/// What happens to a row that is not valid in the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EncodingErrors {
    /// Quarantined (213).
    Refuse,
    /// Read with replacement characters: the publisher's own file is broken there.
    Replace,
}

#[derive(Debug, Clone)]
pub(crate) enum Sheet {
    Name(String),
    /// From 1.
    Number(usize),
}

/// Which column holds what; numbers are places in [`Profile::headings`].
#[derive(Debug, Clone)]
pub(crate) struct ColumnMap {
    pub(crate) list: Option<usize>,
    pub(crate) name: usize,
    /// The column in which the source states the kind of organisation.
    pub(crate) kind: Option<usize>,
    pub(crate) name_strip: Vec<String>,
    pub(crate) name_language: String,
    pub(crate) other_names: Vec<OtherNames>,
    pub(crate) country: CountrySource,
    pub(crate) place: Option<usize>,
    pub(crate) start: Option<usize>,
    pub(crate) end: Option<usize>,
    pub(crate) identifiers: Vec<IdentifierColumn>,
    pub(crate) entries: EntrySource,
    pub(crate) fields: Vec<FieldColumn>,
    pub(crate) row_key: Vec<usize>,
    pub(crate) occurrence: Vec<usize>,
    pub(crate) organisation_key: Vec<usize>,
    pub(crate) person_type: Option<usize>,
    pub(crate) person_identifier: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct OtherNames {
    pub(crate) column: usize,
    pub(crate) separator: Option<String>,
    pub(crate) role: NameRole,
    pub(crate) language: String,
}

#[derive(Debug, Clone)]
pub(crate) enum CountrySource {
    Unknown,
    Fixed(Country),
    Column { column: usize, map: HashMap<String, Country> },
}

#[derive(Debug, Clone)]
pub(crate) struct IdentifierColumn {
    pub(crate) column: usize,
    pub(crate) scheme: Scheme,
    /// What stands between several of one cell.
    pub(crate) separator: Option<String>,
    /// Digits a spreadsheet took away are put back up to this length; 0 for never.
    pub(crate) pad: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum EntrySource {
    Fixed(Vec<EntryId>),
    Column { column: usize, separator: Option<String>, map: EntryMap },
}

/// What the texts of an entries column mean.
#[derive(Debug, Clone)]
pub(crate) enum EntryMap {
    /// Each spelling stands for entries of the list.
    Spellings(HashMap<String, Vec<EntryId>>),
    /// The publisher writes the ids of the entries themselves.
    AsWritten,
}

impl EntryMap {
    /// The entries that `text` stands for; `None` when it is not known.
    pub(crate) fn entries_of(&self, text: &str) -> Option<Vec<EntryId>> {
        match self {
            EntryMap::Spellings(map) => map.get(&spelling(text)).cloned(),
            EntryMap::AsWritten => EntryId::new(text).map(|id| vec![id]),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct FieldColumn {
    pub(crate) key: String,
    pub(crate) column: usize,
    /// For amounts: the currency the column is in.
    pub(crate) currency: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct DateRules {
    pub(crate) formats: Vec<DateFormat>,
    no_end: Vec<String>,
    /// The formats as the profile writes them, for messages.
    pub(crate) formats_text: String,
}

impl DateRules {
    /// The day `text` says: ISO 8601 first, then the profile's formats.
    pub(crate) fn day(&self, text: &str) -> Option<Day> {
        text.parse().ok().or_else(|| self.formats.iter().find_map(|format| format.day(text)))
    }

    /// Whether `text` is one of the spellings of "no end"; the empty cell may be one.
    pub(crate) fn is_no_end(&self, text: &str) -> bool {
        self.no_end.contains(&spelling(text))
    }
}

/// What tells an organisation from a person (design 9.15, 9.16).
#[derive(Debug, Clone)]
pub(crate) struct PersonRules {
    pub(crate) on_identifier: OnIdentifier,
    /// Values of the type column, as spellings.
    pub(crate) type_organisation: Vec<String>,
    pub(crate) type_person: Vec<String>,
    pub(crate) identifier: Option<IdentifierRule>,
    pub(crate) words: Option<WordRule>,
    pub(crate) sole_trader: WordList,
}

/// What happens when a cell other than the name holds a personal identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnIdentifier {
    /// The row is refused.
    Refuse,
    /// The cell is emptied before anything is kept.
    Strip,
}

/// A column whose number of digits tells.
#[derive(Debug, Clone)]
pub(crate) struct IdentifierRule {
    pub(crate) person_digits: usize,
    pub(crate) organisation_digits: usize,
    /// Whether the source drops leading zeros, so that lengths alone do not tell.
    pub(crate) zeros_dropped: bool,
    /// A name that begins with this many first digits of the identifier is a sole trader's; 0 for
    /// never.
    pub(crate) root_in_name_digits: usize,
    pub(crate) scheme: Scheme,
}

/// Words in the name that tell.
#[derive(Debug, Clone)]
pub(crate) struct WordRule {
    pub(crate) organisation: WordList,
    /// Legal forms that never go with a size mark, such as `SA`, which is also a family name.
    pub(crate) organisation_without_size_mark: WordList,
    pub(crate) size_marks: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// Rows that are no rows: captions, footers.
#[derive(Debug, Clone)]
pub(crate) struct IgnoreRule {
    pub(crate) column: usize,
    pub(crate) starts_with: String,
}
