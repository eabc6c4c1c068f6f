//! Reading a file: container, guard, mapping, repetitions, one row after the other.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use domain::civil::Day;
use domain::refusal::{Problem, Refusal};
use domain::submission::Submission;
use domain::text::ListId;
use encoding_rs::UTF_8;
use policy::Packs;
use sha2::{Digest as _, Sha256};

use crate::candidate::{Candidate, cells_of};
use crate::containers::csv::{Origin, QUARANTINE_DIALECT};
use crate::containers::{self, Decoded, RawRow, RowSink};
use crate::person_guard::{self, Verdict};
use crate::profile::{Container, CsvDialect, Extent, Profile, TableRules};
use crate::quarantine;
use crate::row::{self, Checked};
use crate::seen::{Digest, Met, Seen};

/// What a file is read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// The day the file was read at its publisher.
    pub as_of: Day,
    /// Whether the file is a part of the list whatever the profile says: a corrected quarantine
    /// file.
    pub partial: bool,
}

/// Where the bytes are.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// In a file.
    Path(&'a Path),
    /// In memory.
    Bytes(&'a [u8]),
}

/// One row and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet counts, the header row included, from 1.
    pub number: u64,
    /// Row key and occurrence fields, joined. `None` where the key is empty, and for every row that
    /// is or may be about a person: such a row is never hashed.
    pub row_key: Option<String>,
    /// The list of a row that could be read completely, whatever became of it.
    pub list: Option<ListId>,
    /// What became of it.
    pub outcome: Outcome,
    /// What was wrong without keeping the row out: cells emptied because they held a personal
    /// identifier.
    pub notes: Vec<Problem>,
}

/// What became of a row. The first that fits wins (design 9.15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// About a person or a sole trader, or holding a personal identifier.
    RefusedPerson(Problem),
    /// A limit says no, and no correction cures it.
    Refused(Vec<Problem>),
    /// Something to correct. `cells` holds the mapped cells under their headings; `None` where the
    /// row may be about a person, or cannot be told to be about an organisation.
    Quarantined {
        /// Every problem of the row.
        problems: Vec<Problem>,
        /// Heading and cell, in the order of the profile's headings.
        cells: Option<Vec<(String, String)>>,
    },
    /// An exact repetition of an earlier row.
    Duplicate,
    /// Its last day lies before the day of reading: committed nowhere.
    AlreadyEnded,
    /// Ready to be decided upon.
    Ready(Box<Submission>),
}

impl Outcome {
    /// The problems, to report.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Outcome::RefusedPerson(problem) => std::slice::from_ref(problem),
            Outcome::Refused(problems) | Outcome::Quarantined { problems, .. } => problems,
            Outcome::Duplicate | Outcome::AlreadyEnded | Outcome::Ready(_) => &[],
        }
    }
}

/// How many rows became what; everything after `rows` but `flagged_identifiers` sums to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileSummary {
    /// Rows that are not blank and not ignored.
    pub rows: u64,
    /// See [`Outcome::RefusedPerson`].
    pub refused_persons: u64,
    /// See [`Outcome::Refused`].
    pub refused: u64,
    /// See [`Outcome::Quarantined`].
    pub quarantined: u64,
    /// See [`Outcome::Duplicate`].
    pub duplicate: u64,
    /// See [`Outcome::AlreadyEnded`].
    pub already_ended: u64,
    /// See [`Outcome::Ready`].
    pub ready: u64,
    /// Identifiers of ready rows whose check digit is wrong although an official source gives them.
    pub flagged_identifiers: u64,
}

/// Why a file could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The file as a whole is at fault (301 to 305); every problem found.
    #[error("{}", .0.iter().map(|problem| problem.refusal.to_string()).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Problem>),
    /// The file could not be read.
    #[error("the file cannot be read")]
    Io(#[source] io::Error),
    /// Which keys were met could not be noted: the temporary folder is full or cannot be written.
    #[error("the temporary file of a long list could not be written")]
    Seen(#[source] rusqlite::Error),
    /// The receiver of the rows failed.
    #[error("a row could not be taken on")]
    Sink(E),
}

impl<E> ReadError<E> {
    pub(crate) fn refused(refusal: Refusal) -> ReadError<E> {
        ReadError::Refused(vec![Problem::of_input(refusal)])
    }
}

/// Reads `source` by `profile` and hands each row to `sink`, in the order of the file. Rows are not
/// held in memory; of each key a hash is, and from half a million on in a temporary file.
///
/// A quarantine file of the same profile is recognised by its first heading and read whatever the
/// profile's container. It holds a part of the list, so without `options.partial` it is refused as
/// the whole of one would be (305).
///
/// # Errors
/// A fault of the file (301 to 305), of reading, or of `sink`. Faults of a row are outcomes.
pub fn read<E>(
    profile: &Profile,
    packs: &Packs,
    options: &ReadOptions,
    source: Source<'_>,
    sink: &mut dyn FnMut(Row) -> Result<(), E>,
) -> Result<FileSummary, ReadError<E>> {
    let mut session = Session {
        profile,
        packs,
        as_of: options.as_of,
        seen: Seen::default(),
        summary: FileSummary::default(),
    };
    let mut take = |raw: RawRow| {
        let Some(row) = session.judge(raw).map_err(ReadError::Seen)? else { return Ok(()) };
        session.count(&row);
        sink(row).map_err(ReadError::Sink)
    };
    match source {
        Source::Path(path) => {
            let file = File::open(path).map_err(ReadError::Io)?;
            read_container(profile, options, BufReader::new(file), &mut take)?;
        }
        Source::Bytes(bytes) => read_container(profile, options, Cursor::new(bytes), &mut take)?,
    }
    if session.summary.rows == 0 {
        return Err(ReadError::refused(Refusal::FileEmpty));
    }
    Ok(session.summary)
}

fn read_container<E>(
    profile: &Profile,
    options: &ReadOptions,
    mut bytes: impl io::BufRead + Seek,
    take: RowSink<'_, E>,
) -> Result<(), ReadError<E>> {
    let wanted = profile.headings.as_slice();
    if let Some(delimiter) = quarantine_delimiter(&mut bytes).map_err(ReadError::Io)? {
        if profile.extent == Extent::Full && !options.partial {
            let problem = Problem::of_input(Refusal::RowFloorMissed);
            return Err(ReadError::Refused(vec![problem.with_detail("it is a quarantine file")]));
        }
        let dialect = CsvDialect { delimiter, ..QUARANTINE_DIALECT };
        let table = TableRules::first_row();
        let quarantine = containers::csv::Reading {
            dialect: &dialect,
            table: &table,
            origin: Origin::Quarantine,
        };
        return quarantine.read(wanted, bytes, take);
    }
    match &profile.container {
        Container::Csv { dialect, table } => {
            containers::csv::Reading { dialect, table, origin: Origin::Publisher }
                .read(wanted, bytes, take)
        }
        Container::Xlsx { sheet, table } => {
            containers::xlsx::read(sheet, table, wanted, bytes, take)
        }
        Container::Json(tree) => {
            containers::json::read(tree, wanted, Decoded::new(bytes, UTF_8), take)
        }
        Container::Xml { tree, encoding } => {
            containers::xml::read(tree, wanted, Decoded::new(bytes, encoding), take)
        }
        Container::Jsonl => containers::jsonl::read(bytes, take),
    }
}

/// The delimiter of a quarantine file, `None` for any other file. Spreadsheets save with a BOM,
/// with quotes, and in some countries with semicolons.
fn quarantine_delimiter(bytes: &mut (impl Read + Seek)) -> io::Result<Option<u8>> {
    let [first, _] = quarantine::OWN_HEADINGS;
    let mut head = Vec::new();
    let length = u64::try_from(first.len() + "\u{feff}\"\",".len()).unwrap_or(u64::MAX);
    bytes.by_ref().take(length).read_to_end(&mut head)?;
    bytes.rewind()?;
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&head);
    let head = head.strip_prefix(b"\"").unwrap_or(head);
    let Some(rest) = head.strip_prefix(first.as_bytes()) else { return Ok(None) };
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    Ok(rest.first().copied().filter(|delimiter| b",;\t".contains(delimiter)))
}

/// Reading one file.
struct Session<'a> {
    profile: &'a Profile,
    packs: &'a Packs,
    as_of: Day,
    /// By the hash of list and key: enough to tell a repetition from a contradiction.
    seen: Seen,
    summary: FileSummary,
}

impl Session<'_> {
    /// `None` when the row is one the profile ignores.
    fn judge(&mut self, raw: RawRow) -> rusqlite::Result<Option<Row>> {
        let number = raw.number;
        let row =
            |row_key, outcome| Row { number, row_key, list: None, outcome, notes: Vec::new() };
        if raw.cells.is_empty() {
            let refusal = raw.fault.unwrap_or(Refusal::ColumnsUnequal);
            let problems = vec![Problem::of_row(number, None, refusal)];
            return Ok(Some(row(None, Outcome::Quarantined { problems, cells: None })));
        }
        let is_ignored = self.profile.ignore.iter().any(|rule| {
            raw.cells
                .get(rule.column)
                .is_some_and(|cell| cell.trim_start().starts_with(&rule.starts_with))
        });
        if is_ignored {
            return Ok(None);
        }
        let fault = raw.fault;
        let candidate = match &self.profile.columns {
            Some(map) => Ok(Candidate::from_cells(self.profile, map, raw)),
            None => containers::jsonl::candidate(raw),
        };
        let mut candidate = match candidate {
            Ok(candidate) => candidate,
            Err(problem) => {
                let problems = vec![problem];
                return Ok(Some(row(None, Outcome::Quarantined { problems, cells: None })));
            }
        };
        Ok(Some(match person_guard::judge(self.profile, &mut candidate) {
            Verdict::Person(problem) => row(None, Outcome::RefusedPerson(problem)),
            Verdict::Undecided(problem) => {
                let problems = vec![problem];
                row(None, Outcome::Quarantined { problems, cells: None })
            }
            Verdict::Organisation(cleared) => {
                let row_key = row::key_of(self.profile, &candidate, &cleared);
                let mut checked = row::check(
                    self.profile,
                    self.packs,
                    self.as_of,
                    &candidate,
                    &cleared,
                    row_key.as_deref(),
                );
                if let Some(fault) = fault
                    && !matches!(checked, Checked::Refused(_))
                {
                    let problem = Problem::of_row(number, None, fault);
                    match &mut checked {
                        // Index safety: at the beginning of any list.
                        Checked::Quarantined(problems) => problems.insert(0, problem),
                        _ => checked = Checked::Quarantined(vec![problem]),
                    }
                }
                let list = match &checked {
                    Checked::Complete { submission, .. } => Some(submission.list.clone()),
                    Checked::Refused(_) | Checked::Quarantined(_) => None,
                };
                let outcome = self.outcome(checked, candidate.cells, number)?;
                Row { list, notes: cleared.stripped, ..row(row_key, outcome) }
            }
        }))
    }

    fn outcome(
        &mut self,
        checked: Checked,
        cells: Vec<String>,
        number: u64,
    ) -> rusqlite::Result<Outcome> {
        let quarantined = |problems, mut cells: Vec<String>| {
            person_guard::clean_cells(self.profile, &mut cells);
            let cells = (!cells.is_empty()).then(|| cells_of(self.profile, cells));
            Outcome::Quarantined { problems, cells }
        };
        let (submission, is_ended) = match checked {
            Checked::Refused(problems) => return Ok(Outcome::Refused(problems)),
            Checked::Quarantined(problems) => return Ok(quarantined(problems, cells)),
            Checked::Complete { submission, is_ended } => (submission, is_ended),
        };
        let key = hash(&[submission.list.as_str(), &submission.row_key]);
        let content = hash(&[&submission.content()]);
        match self.seen.meet(key, content)? {
            Met::First => {}
            Met::Same => return Ok(Outcome::Duplicate),
            Met::Other => {
                let problem = Problem::of_row(number, None, Refusal::RowKeyRepeated);
                return Ok(quarantined(vec![problem], cells));
            }
        }
        Ok(if is_ended { Outcome::AlreadyEnded } else { Outcome::Ready(submission) })
    }

    fn count(&mut self, row: &Row) {
        let summary = &mut self.summary;
        summary.rows += 1;
        match &row.outcome {
            Outcome::RefusedPerson(_) => summary.refused_persons += 1,
            Outcome::Refused(_) => summary.refused += 1,
            Outcome::Quarantined { .. } => summary.quarantined += 1,
            Outcome::Duplicate => summary.duplicate += 1,
            Outcome::AlreadyEnded => summary.already_ended += 1,
            Outcome::Ready(submission) => {
                summary.ready += 1;
                summary.flagged_identifiers += row::flagged(submission);
            }
        }
    }
}

/// Half of SHA-256: a collision among the rows of one file is out of reach, by accident or on
/// purpose.
fn hash(parts: &[&str]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}
