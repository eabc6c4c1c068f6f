//! Checks of a profile that look at more than one key: container, age, and what each container
//! needs.

use domain::record::Polarity;
use domain::refusal::Refusal;
use encoding_rs::Encoding;
use policy::ListDefinition;
use toml::{Spanned, Value};

use super::file::{ContainerFile, ProfileFile};
use super::load::Findings;
use super::{Container, CsvDialect, EncodingErrors, Header, MaxAge, Sheet, TableRules, TreeRules};

/// `max_age = 7`, `max_age = "none"`, or `{ adverse = 7, neutral = "none" }`. On a list that is, or
/// may be, adverse, `none` is refused (411).
pub(super) fn max_age(
    value: &Spanned<Value>,
    definition: Option<&ListDefinition>,
    findings: &mut Findings<'_>,
) -> Option<(MaxAge, MaxAge)> {
    let ages = match value.get_ref() {
        Value::Table(table) => {
            let known = table.keys().all(|key| key == "adverse" || key == "neutral");
            let adverse = table.get("adverse").and_then(one_age);
            let neutral = table.get("neutral").and_then(one_age);
            adverse.zip(neutral).filter(|_| known)
        }
        other => one_age(other).map(|age| (age, age)),
    };
    let Some((adverse, neutral)) = ages else {
        let detail = "days (1 to 3660), \"none\", or a table with adverse and neutral";
        findings.note(value, "max_age", Refusal::PackUnreadable, detail);
        return None;
    };
    let may_be_adverse =
        definition.is_none_or(|list| list.record_type.polarity() == Polarity::Adverse);
    if adverse == MaxAge::None && may_be_adverse {
        findings.note(value, "max_age", Refusal::MaxAgeMissing, "");
    }
    if may_be_adverse && matches!(adverse, MaxAge::Days(days) if days > ADVERSE_DAYS_MAX) {
        findings.note(value, "max_age", Refusal::MaxAgeTooLong, "");
    }
    Some((adverse, neutral))
}

/// Not law: a quarter of a year. What a list said longer ago is not what it says (I-66).
const ADVERSE_DAYS_MAX: u16 = 92;

fn one_age(value: &Value) -> Option<MaxAge> {
    // Not law: ten years, for longer is "none" in disguise.
    const DAYS_MAX: u16 = 3660;
    match value {
        Value::String(text) if text == "none" => Some(MaxAge::None),
        Value::Integer(days) => {
            u16::try_from(*days).ok().filter(|days| (1..=DAYS_MAX).contains(days)).map(MaxAge::Days)
        }
        _ => None,
    }
}

/// The container, with every key that does not belong to its kind noted.
pub(super) fn container(
    spanned: &Spanned<ContainerFile>,
    findings: &mut Findings<'_>,
) -> Option<Container> {
    let file = spanned.get_ref();
    let mut fail = |refusal, detail: &str| findings.note(spanned, "container", refusal, detail);
    let known: &[&str] = match file.kind.as_str() {
        "csv" => &["delimiter", "quote", "encoding", "encoding_errors", "table", "optional"],
        "xlsx" => &["sheet", "table", "optional"],
        "json" => &["tree", "optional"],
        "xml" => &["tree", "encoding", "optional"],
        "jsonl" => &[],
        _ => {
            fail(Refusal::PackUnreadable, "kind is csv, xlsx, json, xml or jsonl");
            return None;
        }
    };
    for (key, group) in keys_set(file) {
        if !known.contains(&key) && !known.contains(&group) {
            let detail = format!("a container of kind {} has no `{key}`", file.kind);
            fail(Refusal::PackKeyUnknown, &detail);
        }
    }
    match file.kind.as_str() {
        "csv" => {
            let table = table(file, &mut fail);
            let dialect = dialect(file, &mut fail);
            Some(Container::Csv { dialect: dialect?, table: table? })
        }
        "xlsx" => {
            let table = table(file, &mut fail);
            let sheet = sheet(file, &mut fail);
            Some(Container::Xlsx { sheet: sheet?, table: table? })
        }
        "json" => tree(file, '.', &mut fail).map(Container::Json),
        "xml" => {
            let tree = tree(file, '/', &mut fail);
            let encoding = encoding(file, &mut fail);
            Some(Container::Xml { tree: tree?, encoding: encoding? })
        }
        _ => Some(Container::Jsonl),
    }
}

/// The keys the file sets, each with the group it belongs to.
fn keys_set(file: &ContainerFile) -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        (file.delimiter.is_some(), "delimiter", "delimiter"),
        (file.quote.is_some(), "quote", "quote"),
        (file.encoding.is_some(), "encoding", "encoding"),
        (file.encoding_errors.is_some(), "encoding_errors", "encoding_errors"),
        (file.sheet.is_some(), "sheet", "sheet"),
        (file.header_row.is_some(), "header_row", "table"),
        (file.header.is_some(), "header", "table"),
        (file.header_rows.is_some(), "header_rows", "table"),
        (file.captions.is_some(), "captions", "table"),
        (!file.footnotes.is_empty(), "footnotes", "table"),
        (!file.aliases.is_empty(), "aliases", "table"),
        (file.rows.is_some(), "rows", "tree"),
        (file.join.is_some(), "join", "tree"),
        (!file.optional.is_empty(), "optional", "optional"),
    ]
    .into_iter()
    .filter(|(is_set, ..)| *is_set)
    .map(|(_, key, group)| (key, group))
}

/// Rows of headings at most.
const HEADER_ROWS_MAX: usize = 5;

fn table(file: &ContainerFile, fail: &mut impl FnMut(Refusal, &str)) -> Option<TableRules> {
    let header = match (file.header.as_deref(), file.header_row) {
        (None, row) => Some(Header::Row(row.unwrap_or(1))).filter(|_| row != Some(0)),
        (Some("find"), None) => Some(Header::Find),
        _ => None,
    };
    if header.is_none() {
        let detail = "header_row counts from 1; or header = \"find\" instead of it";
        fail(Refusal::PackUnreadable, detail);
    }
    let header_rows = file.header_rows.unwrap_or(1);
    if !(1..=HEADER_ROWS_MAX).contains(&header_rows) {
        fail(Refusal::PackUnreadable, "header_rows is 1 to 5");
    }
    Some(TableRules {
        header: header?,
        header_rows,
        captions: file.captions.unwrap_or(false),
        footnotes: file.footnotes.clone(),
        aliases: file.aliases.clone(),
        optional: file.optional.clone(),
    })
}

fn tree(
    file: &ContainerFile,
    step: char,
    fail: &mut impl FnMut(Refusal, &str),
) -> Option<TreeRules> {
    let path = file.rows.as_deref();
    if path.is_none() {
        fail(
            Refusal::PackKeyMissing,
            "rows: the path of the rows, such as data.items or list/entry",
        );
    }
    let row: Vec<String> =
        path?.split(step).map(str::to_owned).filter(|name| !name.is_empty()).collect();
    if step == '/' && row.is_empty() {
        fail(Refusal::PackUnreadable, "rows is the path from the root element, such as list/entry");
        return None;
    }
    let join = file.join.clone().unwrap_or_else(|| TreeRules::default().join);
    Some(TreeRules { row, join, optional: file.optional.clone() })
}

fn sheet(file: &ContainerFile, fail: &mut impl FnMut(Refusal, &str)) -> Option<Sheet> {
    let sheet = match &file.sheet {
        None => Some(Sheet::Number(1)),
        Some(Value::String(name)) => Some(Sheet::Name(name.clone())),
        Some(Value::Integer(number)) => {
            usize::try_from(*number).ok().filter(|number| *number > 0).map(Sheet::Number)
        }
        Some(_) => None,
    };
    if sheet.is_none() {
        fail(Refusal::PackUnreadable, "sheet is a name, or a number from 1");
    }
    sheet
}

fn encoding(
    file: &ContainerFile,
    fail: &mut impl FnMut(Refusal, &str),
) -> Option<&'static Encoding> {
    let label = file.encoding.as_deref().unwrap_or("utf-8");
    let found = Encoding::for_label(label.as_bytes());
    if found.is_none() {
        fail(Refusal::PackUnreadable, "the encoding is not one of the WHATWG Encoding Standard");
    }
    found
}

fn dialect(file: &ContainerFile, fail: &mut impl FnMut(Refusal, &str)) -> Option<CsvDialect> {
    let delimiter = match file.delimiter.as_deref().unwrap_or(",") {
        "," => Some(b','),
        ";" => Some(b';'),
        "\t" => Some(b'\t'),
        "|" => Some(b'|'),
        _ => {
            fail(Refusal::PackUnreadable, "delimiter is a comma, semicolon, tab or |");
            None
        }
    };
    let quote = match file.quote.as_deref().unwrap_or("\"") {
        "\"" => Some(b'"'),
        "'" => Some(b'\''),
        _ => {
            fail(Refusal::PackUnreadable, "quote is \" or '");
            None
        }
    };
    let encoding = encoding(file, fail);
    let encoding_errors = match file.encoding_errors.as_deref().unwrap_or("refuse") {
        "refuse" => Some(EncodingErrors::Refuse),
        "replace" => Some(EncodingErrors::Replace),
        _ => {
            fail(Refusal::PackUnreadable, "encoding_errors is refuse or replace");
            None
        }
    };
    Some(CsvDialect {
        delimiter: delimiter?,
        quote: quote?,
        encoding: encoding?,
        encoding_errors: encoding_errors?,
    })
}

/// JSONL carries its own keys and maps no columns; the others need a row key and a type column.
pub(super) fn shape(
    file: &ProfileFile,
    container: Option<&Container>,
    findings: &mut Findings<'_>,
) {
    let type_rule = file.persons.get_ref().type_rule.as_ref();
    let type_column = type_rule.and_then(|rule| rule.column.as_ref());
    match container {
        None => {}
        Some(Container::Jsonl) => {
            let is_mapped = file.columns.is_some()
                || file.entries.is_some()
                || file.country.is_some()
                || !file.fields.is_empty()
                || !file.money.is_empty()
                || !file.identifiers.is_empty()
                || !file.other_names.is_empty()
                || !file.ignore.is_empty()
                || !file.row_key.is_empty()
                || !file.occurrence.is_empty()
                || !file.organisation_key.is_empty()
                || type_column.is_some();
            if is_mapped {
                let detail = "jsonl carries its own keys; nothing is mapped";
                findings.note(&file.container, "container", Refusal::PackKeyUnknown, detail);
            }
            if type_rule.is_none() {
                let detail = "jsonl states the kind: say which values are organisations";
                findings.note(&file.persons, "persons.type", Refusal::PackKeyMissing, detail);
            }
        }
        Some(_) => {
            if file.row_key.is_empty() {
                findings.note_at(
                    None,
                    "row_key",
                    Refusal::PackKeyMissing,
                    "the columns of the key",
                );
            }
            if type_rule.is_some() && type_column.is_none() {
                let detail = "name the column that tells";
                findings.note(&file.persons, "persons.type", Refusal::PackKeyMissing, detail);
            }
        }
    }
}
