//! Checks of a profile that look at more than one key: container, age, and what each container
//! needs.

use domain::record::Polarity;
use domain::refusal::Refusal;
use encoding_rs::{Encoding, UTF_8};
use policy::ListDefinition;
use toml::{Spanned, Value};

use super::file::{ContainerFile, ProfileFile};
use super::load::Findings;
use super::{Container, CsvDialect, EncodingErrors, MaxAge, Sheet};

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
    Some((adverse, neutral))
}

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
    let has_dialect = file.delimiter.is_some()
        || file.quote.is_some()
        || file.encoding.is_some()
        || file.encoding_errors.is_some();
    let header_row = file.header_row.unwrap_or(1);
    let mut fail = |refusal, detail: &str| findings.note(spanned, "container", refusal, detail);
    if header_row == 0 {
        fail(Refusal::PackUnreadable, "header_row counts from 1");
    }
    match file.kind.as_str() {
        "csv" => {
            if file.sheet.is_some() {
                fail(Refusal::PackKeyUnknown, "csv has no sheet");
            }
            dialect(file, header_row, &mut fail).map(Container::Csv)
        }
        "xlsx" => {
            if has_dialect {
                fail(Refusal::PackKeyUnknown, "xlsx has no delimiter, quote or encoding");
            }
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
            Some(Container::Xlsx { sheet: sheet?, header_row })
        }
        "jsonl" => {
            if has_dialect || file.sheet.is_some() || file.header_row.is_some() {
                fail(Refusal::PackKeyUnknown, "jsonl is UTF-8, one object a line, nothing to set");
            }
            Some(Container::Jsonl)
        }
        _ => {
            fail(Refusal::PackUnreadable, "kind is csv, xlsx or jsonl");
            None
        }
    }
}

fn dialect(
    file: &ContainerFile,
    header_row: u64,
    fail: &mut impl FnMut(Refusal, &str),
) -> Option<CsvDialect> {
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
    let encoding = Encoding::for_label(file.encoding.as_deref().unwrap_or("utf-8").as_bytes());
    // Cells are cut before they are decoded, so the marks between them must be ASCII; and in the
    // two-byte encodings of East Asia `|` may be the second byte of a letter.
    let is_fit = encoding.is_some_and(|encoding| {
        encoding.is_ascii_compatible()
            && (encoding == UTF_8 || encoding.is_single_byte() || delimiter != Some(b'|'))
    });
    if !is_fit {
        fail(Refusal::PackUnreadable, "the encoding is unknown, or cannot be read as CSV");
    }
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
        header_row,
    })
}

/// JSONL carries its own keys and maps no columns; CSV and XLSX need a row key and a type column.
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
        Some(Container::Csv(_) | Container::Xlsx { .. }) => {
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
