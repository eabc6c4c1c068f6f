//! What is noted of sources: what the last tries did, and which bodies are kept. No truth: what was
//! read is on the log, and every note may be deleted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::civil::Instant;
use domain::refusal::Language;
use domain::text::ProfileName;
use serde::{Deserialize, Serialize};

use super::{FOLDER, Source, SourcesError, io_error, write_whole};
use crate::digests::sha256;
use crate::import::Outcome;

/// Tries that are noted.
const TRIES_KEPT: usize = 100;
/// The first wait after a try that failed; it doubles.
const BACK_OFF_MINUTES: i64 = 15;

/// What one try did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When, RFC 3339.
    pub at: String,
    /// `read`, `held` or `failed`.
    pub outcome: String,
    /// Bytes of the body; 0 when the publisher said that nothing changed.
    #[serde(default)]
    pub bytes: u64,
    /// Figures of the import, as `import --json` has them.
    #[serde(default)]
    pub rows: u64,
    /// See `rows`.
    #[serde(default)]
    pub accepted: u64,
    /// See `rows`.
    #[serde(default)]
    pub changed: u64,
    /// See `rows`.
    #[serde(default)]
    pub ended: u64,
    /// See `rows`.
    #[serde(default)]
    pub quarantined: u64,
    /// See `rows`; persons among them.
    #[serde(default)]
    pub refused: u64,
    /// What it wrote, as positions `from..to` of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// See `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// Rows about persons: counted and nothing else.
    #[serde(default)]
    pub refused_persons: u64,
    /// Why it was held or failed: no value of a row is ever in it.
    #[serde(default)]
    pub message: Option<String>,
}

impl Try {
    /// Whether it waits for somebody to look.
    pub fn is_held(&self) -> bool {
        self.outcome == "held"
    }

    /// What an import did, whoever began it.
    pub fn of(outcome: &Outcome, at: Instant) -> Try {
        Try {
            at: at.to_string(),
            outcome: if outcome.held.is_some() { "held" } else { "read" }.to_owned(),
            bytes: 0,
            rows: outcome.rows,
            accepted: outcome.accepted,
            changed: outcome.changed,
            ended: outcome.ended,
            quarantined: outcome.quarantined,
            refused: outcome.refused + outcome.refused_persons,
            from: outcome.log.map(|(from, _)| from),
            to: outcome.log.map(|(_, to)| to),
            refused_persons: outcome.refused_persons,
            message: held(outcome),
        }
    }
}

/// Why it was held, with how many would vanish.
fn held(outcome: &Outcome) -> Option<String> {
    let refusal = outcome.held?;
    let problem = outcome.problems.iter().find(|problem| problem.refusal == refusal);
    Some(problem.map_or_else(
        || refusal.to_string(),
        |problem| format!("{}: {}", refusal.number(), problem.message(Language::En)),
    ))
}

/// A body that is kept, and what its publisher marked it with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// SHA-256 of it, hexadecimal.
    pub digest: String,
    /// Its bytes.
    #[serde(default)]
    pub bytes: u64,
    /// The publisher's mark.
    #[serde(default)]
    pub etag: Option<String>,
    /// Its day of change, as the publisher wrote it.
    #[serde(default)]
    pub last_modified: Option<String>,
    /// SHA-256 of the address that answered with it, after redirects: a mark means something only
    /// there.
    #[serde(default)]
    pub answered_by: String,
}

/// What is known of a source's last tries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// SHA-256 of the address and the profile all of this is about.
    #[serde(default)]
    pub about: Option<String>,
    /// The body that was read last.
    #[serde(default)]
    pub body: Option<Kept>,
    /// A newer one that is held until somebody looked.
    #[serde(default)]
    pub held: Option<Kept>,
    /// The last tries, oldest first.
    #[serde(default)]
    pub tries: Vec<Try>,
}

impl Notes {
    /// When it is due: at once if it was never read, later and later while it fails.
    pub fn due_at(&self, source: &Source) -> Option<Instant> {
        let last: Instant = self.tries.last()?.at.parse().ok()?;
        let every = i64::from(source.every_hours) * 60;
        let minutes = match self.failures() {
            0 => every,
            failures => {
                let doubled = BACK_OFF_MINUTES << failures.min(12).saturating_sub(1);
                doubled.min(every.max(BACK_OFF_MINUTES))
            }
        };
        Some(Instant::from_micros(last.micros() + minutes * 60_000_000))
    }

    /// The last try that was read.
    pub fn last_read(&self) -> Option<&Try> {
        self.tries.iter().rev().find(|one| one.outcome == "read")
    }

    /// Tries that failed or were held since it was read last.
    pub fn failures(&self) -> usize {
        self.tries.iter().rev().take_while(|one| one.outcome != "read").count()
    }

    pub(super) fn note(&mut self, one: Try) {
        self.tries.push(one);
        let surplus = self.tries.len().saturating_sub(TRIES_KEPT);
        // Index safety: the surplus is a part of the length.
        self.tries.drain(..surplus);
    }
}

/// The notes on a source; empty ones when there are none, when they cannot be read, or when they
/// are about another address or profile of the same name.
pub fn notes(directory: &Path, source: &Source) -> Notes {
    let about = about(source);
    let read: Option<Notes> = fs::read_to_string(notes_path(directory, &source.name))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok());
    let known = match read {
        Some(notes) if notes.about.as_ref() == Some(&about) => notes,
        // An earlier release did not say what they are about: what happened is told, no body is
        // used.
        Some(notes) if notes.about.is_none() => Notes { tries: notes.tries, ..Notes::default() },
        _ => Notes::default(),
    };
    Notes { about: Some(about), ..known }
}

fn about(source: &Source) -> String {
    sha256(format!("{}\n{}", source.url, source.profile).as_bytes())
}

fn notes_path(directory: &Path, name: &str) -> PathBuf {
    directory.join(FOLDER).join(format!("{name}.json"))
}

/// Where the body is that was read last.
pub(super) fn body_path(directory: &Path, name: &str) -> PathBuf {
    directory.join(FOLDER).join(format!("{name}.body"))
}

/// Where a body is that is held.
pub fn held_path(directory: &Path, name: &str) -> PathBuf {
    directory.join(FOLDER).join(format!("{name}.held"))
}

pub(super) fn store_notes(directory: &Path, name: &str, notes: &Notes) -> Result<(), SourcesError> {
    let path = notes_path(directory, name);
    let text = serde_json::to_string_pretty(notes)
        .map_err(|error| SourcesError::File { path: path.clone(), what: error.to_string() })?;
    write_whole(&path, text.as_bytes()).map_err(io_error(&path))
}

/// Removes notes and bodies of a source.
pub(super) fn forget(directory: &Path, name: &str) -> Result<(), SourcesError> {
    let paths =
        [notes_path(directory, name), body_path(directory, name), held_path(directory, name)];
    for path in paths {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error(&path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Notes what the last import by `profile` did, for the page of sources.
pub fn note_import(directory: &Path, profile: &ProfileName, one: &Try) -> Result<(), SourcesError> {
    let path = import_path(directory, profile);
    let text = serde_json::to_string_pretty(one)
        .map_err(|error| SourcesError::File { path: path.clone(), what: error.to_string() })?;
    write_whole(&path, text.as_bytes()).map_err(io_error(&path))
}

/// What the last import by `profile` did; `None` when nobody noted it.
pub fn last_import(directory: &Path, profile: &ProfileName) -> Option<Try> {
    serde_json::from_str(&fs::read_to_string(import_path(directory, profile)).ok()?).ok()
}

fn import_path(directory: &Path, profile: &ProfileName) -> PathBuf {
    directory.join(FOLDER).join("imports").join(format!("{profile}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(url: &str, profile: &str) -> Source {
        toml::from_str(&format!("name = \"a\"\nurl = \"{url}\"\nprofile = \"{profile}\"")).unwrap()
    }

    fn tried(minutes: i64, outcome: &str) -> Try {
        let at = Instant::from_micros(minutes * 60_000_000).to_string();
        Try { at, outcome: outcome.to_owned(), ..Try::default() }
    }

    #[test]
    fn due_after_its_time_and_later_and_later_while_it_fails() {
        let minutes = |tries: &[Try]| {
            let notes = Notes { tries: tries.to_vec(), ..Notes::default() };
            let due = notes.due_at(&source("https://example.org/l.csv", "p"));
            due.map(|at| at.micros() / 60_000_000)
        };
        assert_eq!(minutes(&[]), None);
        assert_eq!(minutes(&[tried(0, "read")]), Some(24 * 60));
        assert_eq!(minutes(&[tried(0, "read"), tried(10, "failed")]), Some(25));
        assert_eq!(minutes(&[tried(0, "failed"), tried(10, "held")]), Some(40));
        let many: Vec<Try> = (0..50).map(|at| tried(at, "failed")).collect();
        assert_eq!(minutes(&many), Some(49 + 24 * 60), "never rarer than the source's own time");
    }

    #[test]
    fn notes_are_about_one_address_and_one_profile() {
        let directory = tempfile::tempdir().unwrap();
        let first = source("https://example.org/l.csv", "p");
        let known = Notes {
            body: Some(Kept { digest: "d".to_owned(), ..Kept::default() }),
            tries: vec![tried(0, "read")],
            ..notes(directory.path(), &first)
        };
        store_notes(directory.path(), "a", &known).unwrap();
        assert_eq!(notes(directory.path(), &first), known);
        for other in
            [source("https://example.org/m.csv", "p"), source("https://example.org/l.csv", "q")]
        {
            let found = notes(directory.path(), &other);
            assert_eq!((found.body, found.tries.len()), (None, 0), "{other:?}");
        }
    }

    #[test]
    fn notes_of_an_earlier_release_tell_and_mark_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = notes_path(directory.path(), "a");
        let text =
            "{\"etag\":\"v1\",\"digest\":\"d\",\"tries\":[{\"at\":\"\",\"outcome\":\"read\"}]}";
        write_whole(&path, text.as_bytes()).unwrap();
        let found = notes(directory.path(), &source("https://example.org/l.csv", "p"));
        assert_eq!((found.body, found.tries.len()), (None, 1));
    }
}
