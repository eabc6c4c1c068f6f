//! Official lists by address: what is fetched, how often, and what came of it.
//!
//! `sources.toml` in the registry's directory is the operator's and may be edited by hand. What
//! each try did is noted beside it in `sources/NAME.json`; those notes are no truth and may be
//! deleted. What was read is on the log.

pub mod addresses;
pub mod fetch;
pub mod refresh;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::civil::Instant;
use domain::text::ProfileName;
use serde::{Deserialize, Serialize};

use crate::import::Outcome;

/// The file in which sources are named.
pub const FILE: &str = "sources.toml";
/// The folder of notes and of the bodies that were read last.
pub const FOLDER: &str = "sources";

/// Tries that are noted.
const TRIES_KEPT: usize = 100;
/// The first wait after a try that failed; it doubles.
const BACK_OFF_MINUTES: i64 = 15;

/// One official list by address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A plain key, unique in the registry.
    pub name: String,
    /// Where the list is, `https://...`.
    pub url: String,
    /// The profile that reads it.
    pub profile: String,
    /// Hours between two readings.
    #[serde(default = "default_every_hours")]
    pub every_hours: u32,
    /// Largest body, in bytes.
    #[serde(default = "default_max_bytes")]
    pub max_bytes: u64,
    /// Seconds for everything.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
    /// Seconds without a single byte.
    #[serde(default = "default_stall_seconds")]
    pub stall_seconds: u64,
    /// Whether the server may be in a private network; only then it may speak plain HTTP.
    #[serde(default)]
    pub allow_private: bool,
}

const fn default_every_hours() -> u32 {
    24
}

const fn default_max_bytes() -> u64 {
    512 << 20
}

const fn default_timeout_seconds() -> u64 {
    900
}

const fn default_stall_seconds() -> u64 {
    30
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourcesFile {
    #[serde(default, rename = "source")]
    sources: Vec<Source>,
}

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

/// What is known of a source's last tries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// The publisher's mark of the body that was read last.
    #[serde(default)]
    pub etag: Option<String>,
    /// Its day of change, as the publisher wrote it.
    #[serde(default)]
    pub last_modified: Option<String>,
    /// SHA-256 of that body, hexadecimal.
    #[serde(default)]
    pub digest: Option<String>,
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

    fn note(&mut self, one: Try) {
        self.tries.push(one);
        let surplus = self.tries.len().saturating_sub(TRIES_KEPT);
        // Index safety: the surplus is a part of the length.
        self.tries.drain(..surplus);
    }
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
            message: outcome.held.map(|refusal| refusal.to_string()),
        }
    }
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

/// Why the sources could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// The file is not as it should be.
    #[error("`{path}`: {what}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with the line.
        what: String,
    },
    /// A file could not be read or written.
    #[error("`{path}`: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no such source.
    #[error("there is no source `{0}`; see `goodstanding source status`")]
    Unknown(String),
    /// The source cannot be as it is given.
    #[error("source `{name}`: {what}")]
    Wrong {
        /// Which source.
        name: String,
        /// What to correct.
        what: String,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> SourcesError + '_ {
    move |source| SourcesError::Io { path: path.to_owned(), source }
}

/// The sources of a registry; none when there is no file.
pub fn load(directory: &Path) -> Result<Vec<Source>, SourcesError> {
    let path = directory.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io_error(&path)(error)),
    };
    let file: SourcesFile = toml::from_str(&text).map_err(|error| SourcesError::File {
        path: path.clone(),
        what: error.to_string().trim_end().to_owned(),
    })?;
    let mut names = std::collections::BTreeSet::new();
    for source in &file.sources {
        check(source)?;
        if !names.insert(source.name.as_str()) {
            let what = "the name is there twice".to_owned();
            return Err(SourcesError::Wrong { name: source.name.clone(), what });
        }
    }
    Ok(file.sources)
}

/// Writes the sources of a registry, whole or not at all.
pub fn store(directory: &Path, sources: Vec<Source>) -> Result<(), SourcesError> {
    for source in &sources {
        check(source)?;
    }
    let path = directory.join(FILE);
    let text = toml::to_string_pretty(&SourcesFile { sources })
        .map_err(|error| SourcesError::File { path: path.clone(), what: error.to_string() })?;
    write_whole(&path, text.as_bytes()).map_err(io_error(&path))
}

/// What of a source can be seen to be wrong without asking anybody.
fn check(source: &Source) -> Result<(), SourcesError> {
    let wrong =
        |what: &str| SourcesError::Wrong { name: source.name.clone(), what: what.to_owned() };
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if source.name.is_empty() || source.name.len() > 60 || !source.name.chars().all(is_plain) {
        return Err(wrong("a name is of lower-case letters, digits and hyphens"));
    }
    let address = addresses::Address::parse(&source.url, source.allow_private);
    address.map_err(|error| wrong(&error.to_string()))?;
    if source.every_hours == 0 || source.max_bytes == 0 || source.timeout_seconds == 0 {
        return Err(wrong("every_hours, max_bytes and timeout_seconds are above zero"));
    }
    Ok(())
}

/// The notes on a source; empty ones when there are none or they cannot be read.
pub fn notes(directory: &Path, name: &str) -> Notes {
    fs::read_to_string(notes_path(directory, name))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn notes_path(directory: &Path, name: &str) -> PathBuf {
    directory.join(FOLDER).join(format!("{name}.json"))
}

fn body_path(directory: &Path, name: &str) -> PathBuf {
    directory.join(FOLDER).join(format!("{name}.body"))
}

fn store_notes(directory: &Path, name: &str, notes: &Notes) -> Result<(), SourcesError> {
    let path = notes_path(directory, name);
    let text = serde_json::to_string_pretty(notes)
        .map_err(|error| SourcesError::File { path: path.clone(), what: error.to_string() })?;
    write_whole(&path, text.as_bytes()).map_err(io_error(&path))
}

/// A crash leaves the old file, the new one, or a `.new` that the next write replaces.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&new, bytes)?;
    fs::File::open(&new)?.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        toml::from_str("name = \"a\"\nurl = \"https://example.org/l.csv\"\nprofile = \"p\"")
            .unwrap()
    }

    fn tried(minutes: i64, outcome: &str) -> Try {
        let at = Instant::from_micros(minutes * 60_000_000).to_string();
        Try { at, outcome: outcome.to_owned(), ..Try::default() }
    }

    #[test]
    fn due_after_its_time_and_later_and_later_while_it_fails() {
        let minutes = |tries: &[Try]| {
            let notes = Notes { tries: tries.to_vec(), ..Notes::default() };
            notes.due_at(&source()).map(|at| at.micros() / 60_000_000)
        };
        assert_eq!(minutes(&[]), None);
        assert_eq!(minutes(&[tried(0, "read")]), Some(24 * 60));
        assert_eq!(minutes(&[tried(0, "read"), tried(10, "failed")]), Some(25));
        assert_eq!(minutes(&[tried(0, "failed"), tried(10, "held")]), Some(40));
        let many: Vec<Try> = (0..50).map(|at| tried(at, "failed")).collect();
        assert_eq!(minutes(&many), Some(49 + 24 * 60), "never rarer than the source's own time");
    }

    #[test]
    fn a_source_that_cannot_be_is_refused() {
        for (key, value) in [
            ("name", "\"../x\""),
            ("url", "\"http://example.org/l.csv\""),
            ("url", "\"https://10.0.0.1/l.csv\""),
            ("url", "\"file:///etc/passwd\""),
            ("url", "\"https://user:secret@example.org/l.csv\""),
            ("every_hours", "0"),
        ] {
            let mut table: toml::Table = toml::to_string(&source()).unwrap().parse().unwrap();
            table.insert(key.to_owned(), value.parse().unwrap());
            let changed: Source = table.try_into().unwrap();
            assert!(check(&changed).is_err(), "{key} = {value}");
        }
    }
}
