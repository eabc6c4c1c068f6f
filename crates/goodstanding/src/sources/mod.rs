//! Official lists by address: what is fetched, how often, and what came of it.
//!
//! `sources.toml` in the registry's directory is the operator's and may be edited by hand. What
//! each try did is noted beside it in `sources/NAME.json`; those notes are no truth and may be
//! deleted. What was read is on the log.

pub mod addresses;
pub mod fetch;
mod notes;
pub mod refresh;
mod turn;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use notes::{Kept, Notes, Try, held_path, last_import, note_import, notes};
pub use turn::Turn;

/// The file in which sources are named.
pub const FILE: &str = "sources.toml";
/// The folder of notes and of the bodies that were read last.
pub const FOLDER: &str = "sources";

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

/// Puts `source` in place of the one of its name, if there is one.
pub fn add(directory: &Path, source: Source) -> Result<(), SourcesError> {
    let _turn = Turn::of_all(directory)?;
    let mut known = load(directory)?;
    known.retain(|other| other.name != source.name);
    known.push(source);
    store(directory, known)
}

/// Takes the source `name` out, with its notes and bodies; what was read stays on the log.
pub fn remove(directory: &Path, name: &str) -> Result<(), SourcesError> {
    let _turn = Turn::of_all(directory)?;
    let mut known = load(directory)?;
    let before = known.len();
    known.retain(|source| source.name != name);
    if known.len() == before {
        return Err(SourcesError::Unknown(name.to_owned()));
    }
    store(directory, known)?;
    // While somebody reads it, what is beside stays; nobody takes it for another address's.
    match Turn::take(directory, name)? {
        Some(_turn) => notes::forget(directory, name),
        None => Ok(()),
    }
}

/// Writes the sources of a registry, whole or not at all.
fn store(directory: &Path, sources: Vec<Source>) -> Result<(), SourcesError> {
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
    fs::rename(&new, path)?;
    // Without this a power cut may bring the old file back.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        toml::from_str("name = \"a\"\nurl = \"https://example.org/l.csv\"\nprofile = \"p\"")
            .unwrap()
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
