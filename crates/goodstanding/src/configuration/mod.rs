//! How `serve` is set up: the file `goodstanding.toml`, the environment and the arguments, in
//! rising order of weight.
//!
//! Every key stands once, in [`keys::KEYS`], with its default, how it is read and how it is shown.
//! An unknown key is refused with its line: a misspelt limit must not look like a limit.

mod keys;
mod read;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::refusal::{Language, Problem, Refusal};

use crate::logging::LogFormat;

pub use keys::{KEYS, Key, is_public_address};

/// The file in a registry's directory.
pub const FILE: &str = "goodstanding.toml";

/// How `serve` is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Address and port of pages, API and log.
    pub listen: SocketAddr,
    /// The address readers use, when a proxy stands before the program.
    pub public_address: Option<String>,
    /// Address and port of the figures for operators; `None`: not served.
    pub metrics: Option<SocketAddr>,
    /// What is logged.
    pub log_filter: String,
    /// How it is written.
    pub log_format: LogFormat,
    /// Threads that answer; 0: one for each core.
    pub threads: u64,
    /// Open connections at once.
    pub connections: u64,
    /// Requests answered at once.
    pub requests: u64,
    /// Answers worked on at once.
    pub readers: u64,
    /// Seconds an answer may take.
    pub answer_seconds: u64,
    /// Readers of the databases that are kept open.
    pub readers_kept: u64,
    /// Page cache of each, in MiB.
    pub reader_mebibytes: u64,
    /// Minutes between two announcements of what became due.
    pub upkeep_minutes: u64,
    /// Whether sources are read by the server.
    pub sources: bool,
    /// Seconds between two looks at which source is due.
    pub sources_seconds: u64,
    /// Whether cases are taken over HTTP.
    pub proceedings: bool,
}

impl Default for Configuration {
    fn default() -> Configuration {
        Configuration {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_address: None,
            metrics: None,
            log_filter: "warn,goodstanding=info".to_owned(),
            log_format: LogFormat::Text,
            threads: 0,
            connections: 1024,
            requests: 256,
            readers: 64,
            answer_seconds: 20,
            readers_kept: 16,
            reader_mebibytes: 64,
            upkeep_minutes: 60,
            sources: true,
            sources_seconds: 60,
            proceedings: false,
        }
    }
}

impl Configuration {
    /// Time an answer may take.
    pub fn answer_timeout(&self) -> Duration {
        Duration::from_secs(self.answer_seconds)
    }

    /// How often what became due is announced.
    pub fn upkeep_every(&self) -> Duration {
        Duration::from_secs(self.upkeep_minutes.saturating_mul(60))
    }

    /// How often it is looked whether a source is due.
    pub fn sources_every(&self) -> Duration {
        Duration::from_secs(self.sources_seconds)
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// The environment.
    Environment,
    /// An argument of the command.
    Argument,
}

impl Origin {
    /// The word in `serve --check`.
    pub const fn key(self) -> &'static str {
        match self {
            Origin::Default => "default",
            Origin::File => "file",
            Origin::Environment => "environment",
            Origin::Argument => "argument",
        }
    }
}

/// A configuration that says where each of its values comes from.
#[derive(Debug, Clone, Default)]
pub struct Effective {
    /// The values.
    pub values: Configuration,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
    origins: BTreeMap<&'static str, Origin>,
}

/// The file cannot be used: every problem of it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong; `row` is the line.
    pub problems: Vec<Problem>,
}

impl std::fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", self.file.display())?;
            if let Some(line) = problem.row {
                write!(f, ":{line}")?;
            }
            if let Some(key) = &problem.column {
                write!(f, ": `{key}`")?;
            }
            let (english, chinese) = (problem.message(Language::En), problem.message(Language::Zh));
            write!(f, ": {} {english}\n    {chinese}", problem.refusal.number())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigurationError {}

/// The configuration of the registry in `directory`: `given`, else its own file if there is one,
/// else the defaults.
pub fn load(directory: &Path, given: Option<&Path>) -> Result<Effective, ConfigurationError> {
    let path = given.map_or_else(|| directory.join(FILE), Path::to_owned);
    if given.is_none() && !path.exists() {
        return Ok(Effective::default());
    }
    let unreadable = |detail: String| ConfigurationError {
        file: path.clone(),
        problems: vec![Problem::of_input(Refusal::ConfigurationUnreadable).with_detail(detail)],
    };
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    let (values, named) = read::parse(&text)
        .map_err(|problems| ConfigurationError { file: path.clone(), problems })?;
    let origins = named.into_iter().map(|key| (key, Origin::File)).collect();
    Ok(Effective { values, file: Some(path), origins })
}

impl Effective {
    /// Where the value of `key` comes from.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).copied().unwrap_or(Origin::Default)
    }

    /// Says that something of more weight than the file set `key`.
    pub fn overruled(&mut self, key: &'static str, by: Origin) {
        self.origins.insert(key, by);
    }

    /// The whole configuration as a file that would give it, with where each value comes from.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let mut section = "";
        for key in KEYS {
            let (table, name) = key.name.rsplit_once('.').unwrap_or(("", key.name));
            if table != section {
                text.push_str(&format!("\n[{table}]\n"));
                section = table;
            }
            let origin = self.origin(key.name).key();
            match (key.show)(&self.values) {
                Some(value) => text.push_str(&format!("{name} = {value}  # {origin}\n")),
                None => text.push_str(&format!("# {name} is not set\n")),
            }
        }
        text
    }

    /// The same for programs.
    pub fn to_json(&self) -> serde_json::Value {
        let values: serde_json::Map<String, serde_json::Value> = KEYS
            .iter()
            .map(|key| {
                let value = (key.show)(&self.values);
                // What is shown is TOML: numbers, words and texts are JSON as well.
                let value: Option<serde_json::Value> =
                    value.and_then(|value| serde_json::from_str(&value).ok());
                let entry = serde_json::json!({
                    "value": value, "from": self.origin(key.name).key(),
                });
                (key.name.to_owned(), entry)
            })
            .collect();
        serde_json::json!({ "file": self.file, "values": values })
    }
}
