//! What may be shown now, as files: for whoever wants all of it at once. Organisations with a legal
//! form of one owner are left out (design 7).
//!
//! Organisations come one after the other in the order of their ids, so the memory used does not
//! grow with the registry and equal registries give equal files.

use std::io::{self, Write};

use domain::civil::End;
use intake::quarantine::neutralise;
use ledger::tiles::{FULL_WIDTH, payload_path};
use serde_json::{Value, json};

use crate::registry::{AppError, FileAnswer, OrganisationFile, RecordView, Registry};
use crate::server::OrganisationFileShape;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// One organisation a line, as the API gives its file.
    Jsonl,
    /// One record a row, for spreadsheets.
    Csv,
    /// One record a line in the registry's own record format, to be imported elsewhere.
    Own,
}

impl Form {
    /// The key in answers.
    pub const fn key(self) -> &'static str {
        match self {
            Form::Jsonl => "jsonl",
            Form::Csv => "csv",
            Form::Own => "own",
        }
    }

    /// The media type of such a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Form::Jsonl | Form::Own => "application/jsonl",
            Form::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Organisations.
    pub organisations: u64,
    /// Records.
    pub records: u64,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The registry could not answer.
    #[error(transparent)]
    Registry(#[from] AppError),
    /// The file could not be written.
    #[error("it cannot be written: {0}")]
    Write(#[from] io::Error),
    /// A part of the log could not be copied.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> ExportError {
        ExportError::Write(error.into())
    }
}

/// Columns of the CSV form.
const COLUMNS: [&str; 18] = [
    "organisation",
    "name",
    "country",
    "place",
    "identifiers",
    "record",
    "revision",
    "type",
    "list",
    "publisher",
    "entries",
    "grounds",
    "start",
    "end",
    "in_effect",
    "read_on",
    "fields",
    "position",
];

/// Writes everything that may be shown now. `progress` hears of organisations done and in all.
pub fn write(
    registry: &Registry,
    form: Form,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Written, ExportError> {
    let mut written = Written::default();
    begin(form, out)?;
    each_file(registry, None, progress, &mut |answer, is_single_owner| {
        if is_single_owner {
            return Ok(());
        }
        written.organisations += 1;
        written.records += answer.file.records.len() as u64;
        put_file(registry, form, out, answer)
    })?;
    out.flush()?;
    Ok(written)
}

/// Asks for every file that answers, as known at `position`, in the order of ids: one that answers
/// no more is left out exactly as it is on no page, and an alias stands on the file of the one it
/// is. `each` is told whether the legal form has one owner.
pub fn each_file(
    registry: &Registry,
    position: Option<u64>,
    progress: &mut dyn FnMut(u64, u64),
    each: &mut dyn FnMut(&FileAnswer, bool) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let organisations = registry.all_organisations()?;
    let total = organisations.len() as u64;
    for (done, (id, is_single_owner)) in (1..).zip(organisations) {
        progress(done, total);
        match registry.file(id, position, None)? {
            Some(answer) if answer.file.id == id => each(&answer, is_single_owner)?,
            _ => {}
        }
    }
    Ok(())
}

/// What stands before the first file.
pub fn begin(form: Form, out: &mut dyn Write) -> Result<(), ExportError> {
    match form {
        Form::Csv => rows(out, [COLUMNS.map(str::to_owned).to_vec()]),
        Form::Jsonl | Form::Own => Ok(()),
    }
}

/// Writes one organisation's file in `form`.
pub fn put_file(
    registry: &Registry,
    form: Form,
    out: &mut dyn Write,
    answer: &FileAnswer,
) -> Result<(), ExportError> {
    match form {
        Form::Jsonl => {
            let shape = OrganisationFileShape::of(&registry.packs(), answer);
            writeln!(out, "{}", json!(shape))?;
        }
        Form::Csv => rows(out, answer.file.records.iter().map(|view| row(&answer.file, view)))?,
        Form::Own => {
            for view in &answer.file.records {
                writeln!(out, "{}", own(answer, view))?;
            }
        }
    }
    Ok(())
}

fn rows(
    out: &mut dyn Write,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<(), ExportError> {
    let mut csv = csv::Writer::from_writer(out);
    for row in rows {
        csv.write_record(row)?;
    }
    Ok(csv.flush()?)
}

fn row(file: &OrganisationFile, view: &RecordView) -> Vec<String> {
    let record = &view.record;
    let identifiers: Vec<String> = file
        .identifiers
        .iter()
        .map(|shown| format!("{}:{}", shown.claim.scheme().key(), shown.claim.value()))
        .collect();
    let end = match &record.period.end {
        Some(End::On(day)) => day.to_string(),
        Some(End::Indefinite { .. }) => "none".to_owned(),
        None => String::new(),
    };
    let fields: Vec<String> =
        record.body.fields().iter().map(|(key, text)| format!("{key}: {text}")).collect();
    let list = |texts: Vec<String>| texts.join("; ");
    [
        file.id.to_string(),
        file.name.text.clone(),
        file.country.map(|country| country.as_str().to_owned()).unwrap_or_default(),
        file.place.clone().unwrap_or_default(),
        list(identifiers),
        record.id.to_string(),
        record.revision.to_string(),
        record.record_type().key().to_owned(),
        record.quotation.list.to_string(),
        record.quotation.publisher.to_string(),
        list(record.quotation.entries.iter().map(ToString::to_string).collect()),
        list(record.grounds.iter().map(|ground| ground.key().to_owned()).collect()),
        record.period.start.map(|day| day.to_string()).unwrap_or_default(),
        end,
        due_process::quotation::counts(view.state).to_string(),
        view.read_on.to_string(),
        list(fields),
        view.position.to_string(),
    ]
    .iter()
    .map(|cell| neutralise(cell).into_owned())
    .collect()
}

/// A line of our own record format (docs/authorities/own-format.md). The publisher's own key of the
/// row is kept nowhere, so the record's id stands for it; the organisation's id holds its records
/// together.
fn own(answer: &FileAnswer, view: &RecordView) -> Value {
    let file = &answer.file;
    let record = &view.record;
    let names: Vec<Value> = file
        .other_names
        .iter()
        .map(|claim| {
            json!({"text": claim.name.text, "language": claim.name.language, "role": claim.name.role.key()})
        })
        .collect();
    let identifiers: Vec<Value> = file
        .identifiers
        .iter()
        .map(|shown| json!({"scheme": shown.claim.scheme().key(), "value": shown.claim.value()}))
        .collect();
    let end = match &record.period.end {
        Some(End::On(day)) => Some(day.to_string()),
        Some(End::Indefinite { .. }) => Some("none".to_owned()),
        None => None,
    };
    let fields: serde_json::Map<String, Value> =
        record.body.fields().into_iter().map(|(key, text)| (key.to_owned(), json!(text))).collect();
    let mut organisation = json!({
        "kind": file.kind.key(),
        "name": file.name.text,
        "language": file.name.language,
        "names": names,
        "identifiers": identifiers,
        "entry": file.id.to_string(),
    });
    let mut value = json!({
        "key": record.id.to_string(),
        "list": record.quotation.list.to_string(),
        "entries": record.quotation.entries.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fields": fields,
    });
    let optional = [
        ("country", file.country.map(|country| country.as_str().to_owned())),
        ("place", file.place.clone()),
        ("legal_form", file.legal_form.map(|form| form.as_str().to_owned())),
    ];
    put(&mut organisation, optional);
    put(&mut value, [("start", record.period.start.map(|day| day.to_string())), ("end", end)]);
    if let Some(members) = value.as_object_mut() {
        members.insert("organisation".to_owned(), organisation);
    }
    value
}

fn put<const N: usize>(value: &mut Value, members: [(&str, Option<String>); N]) {
    let Some(object) = value.as_object_mut() else { return };
    for (key, text) in members {
        if let Some(text) = text {
            object.insert(key.to_owned(), Value::String(text));
        }
    }
}

/// Writes the static log and the openings as they are served now into the new folder `out`:
/// `goodstanding verify` and the second verifier read it. `progress` hears of entries done and in
/// all. A crash leaves a folder that does not verify.
pub fn write_log(
    registry: &Registry,
    out: &std::path::Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, ExportError> {
    let size = ledger::backup::static_log(registry.dir(), out, &mut |done, total| {
        progress(done / 2, total);
    })?;
    let full = u64::from(FULL_WIDTH);
    for index in 0..size.div_ceil(full) {
        let width = (size - index * full).min(full);
        let width = u16::try_from(width).unwrap_or(FULL_WIDTH);
        let bundle = registry.payload_bundle(index, width)?.ok_or_else(|| {
            io::Error::other("the read tables are behind the log; run `goodstanding rebuild`")
        })?;
        let path = out.join("log").join(payload_path(index, width));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, bundle)?;
        progress(size / 2 + (index + 1) * full / 2, size);
    }
    Ok(size)
}
