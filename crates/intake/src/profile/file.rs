//! The keys of a profile file, as TOML holds them. Unknown keys are refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFile {
    pub(super) name: Spanned<String>,
    pub(super) list: Option<Spanned<String>>,
    pub(super) list_column: Option<Spanned<String>>,
    pub(super) extent: Spanned<String>,
    pub(super) max_age: Spanned<toml::Value>,
    pub(super) row_floor: u64,
    pub(super) row_ceiling: Option<u64>,
    pub(super) licence: String,
    #[serde(default)]
    pub(super) row_key: Vec<String>,
    #[serde(default)]
    pub(super) occurrence: Vec<String>,
    #[serde(default)]
    pub(super) organisation_key: Vec<String>,
    pub(super) container: Spanned<ContainerFile>,
    pub(super) columns: Option<ColumnsFile>,
    #[serde(default)]
    pub(super) other_names: Vec<OtherNamesFile>,
    pub(super) country: Option<Spanned<CountryFile>>,
    pub(super) dates: Spanned<DatesFile>,
    #[serde(default)]
    pub(super) identifiers: Vec<IdentifierFile>,
    pub(super) entries: Option<Spanned<EntriesFile>>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) money: BTreeMap<String, Spanned<MoneyFile>>,
    pub(super) persons: Spanned<PersonsFile>,
    #[serde(default)]
    pub(super) kinds: Vec<KindFile>,
    #[serde(default)]
    pub(super) ignore: Vec<IgnoreFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContainerFile {
    pub(super) kind: String,
    pub(super) delimiter: Option<String>,
    pub(super) quote: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) encoding_errors: Option<String>,
    pub(super) sheet: Option<toml::Value>,
    pub(super) header_row: Option<u64>,
    /// `find`, instead of a row.
    pub(super) header: Option<String>,
    pub(super) header_rows: Option<usize>,
    pub(super) captions: Option<bool>,
    #[serde(default)]
    pub(super) footnotes: Vec<String>,
    #[serde(default)]
    pub(super) aliases: BTreeMap<String, Vec<String>>,
    /// The path of the rows in JSON or XML.
    pub(super) rows: Option<String>,
    pub(super) join: Option<String>,
    /// Columns that may be nowhere in a file.
    #[serde(default)]
    pub(super) optional: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnsFile {
    pub(super) name: String,
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) name_strip: Vec<String>,
    #[serde(default)]
    pub(super) name_language: String,
    pub(super) place: Option<String>,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherNamesFile {
    pub(super) column: String,
    pub(super) separator: Option<String>,
    pub(super) role: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) language: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountryFile {
    pub(super) fixed: Option<String>,
    pub(super) column: Option<String>,
    #[serde(default)]
    pub(super) map: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatesFile {
    pub(super) formats: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) no_end: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierFile {
    pub(super) column: String,
    pub(super) scheme: Spanned<String>,
    pub(super) separator: Option<String>,
    #[serde(default)]
    pub(super) pad: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntriesFile {
    pub(super) fixed: Option<Vec<String>>,
    pub(super) column: Option<String>,
    pub(super) separator: Option<String>,
    #[serde(default)]
    pub(super) as_written: bool,
    #[serde(default)]
    pub(super) map: BTreeMap<String, Spanned<Vec<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneyFile {
    pub(super) column: String,
    pub(super) currency: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonsFile {
    pub(super) on_identifier: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) type_rule: Option<TypeFile>,
    pub(super) identifier: Option<Spanned<IdentifierRuleFile>>,
    pub(super) words: Option<WordsFile>,
    #[serde(default)]
    pub(super) sole_trader: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeFile {
    /// Not for JSONL, whose type is the kind.
    pub(super) column: Option<String>,
    pub(super) organisation: Vec<String>,
    pub(super) person: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierRuleFile {
    pub(super) column: String,
    pub(super) person_digits: usize,
    pub(super) organisation_digits: usize,
    #[serde(default)]
    pub(super) zeros_dropped: bool,
    #[serde(default)]
    pub(super) root_in_name_digits: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsFile {
    pub(super) organisation: Vec<String>,
    #[serde(default)]
    pub(super) organisation_without_size_mark: Vec<String>,
    #[serde(default)]
    pub(super) size_marks: Vec<String>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindFile {
    pub(super) kind: Spanned<String>,
    pub(super) words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IgnoreFile {
    pub(super) column: String,
    pub(super) starts_with: String,
}
