//! `source`: official lists by address.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::failing::explained;
use crate::output::{Exit, Failure, note, thousands};
use crate::setup;
use crate::sources::refresh::{RefreshError, refresh, refresh_due};
use crate::sources::{self, Source, SourcesError, Try};

const EXAMPLES: &str = "\
Examples:
  goodstanding source add boe --url https://www.example.org/banks.csv --profile boe-banks
  goodstanding source refresh boe
  goodstanding source refresh --due
  goodstanding source refresh boe --accept-vanished 31
  goodstanding source status

A list is read by TLS from the public internet, within limits of size and time, and imported as read
today with the rules of its profile. A failure changes nothing: what was read last stands, and stops
counting when it is too old. `goodstanding serve` reads what is due; --due does it from a timer.
A file from which too many rows vanished is held and kept: `status` says where it lies and how many
would vanish. Whoever has looked releases it with exactly that number.
Exit 0 done, 1 held or not read, 2 could not.";

/// Arguments of `source`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Name a list and where it is
    Add(Add),
    /// Forget where a list is; what was read stays
    Remove {
        /// The source
        name: String,
    },
    /// Read sources now
    Refresh {
        /// Which; all, if none is named
        names: Vec<String>,
        /// Only those that are due
        #[arg(long, conflicts_with = "names")]
        due: bool,
        /// Exactly so many rows vanished from the file that is held, and may; one source is named
        #[arg(long, value_name = "NUMBER", conflicts_with = "due", requires = "names")]
        accept_vanished: Option<u64>,
    },
    /// How each source stands
    Status,
}

#[derive(Debug, Args)]
struct Add {
    /// A plain key: lower-case letters, digits, hyphens
    name: String,
    /// Where the list is
    #[arg(long, value_name = "https://...")]
    url: String,
    /// The profile that reads it
    #[arg(long, value_name = "PROFILE")]
    profile: String,
    /// Hours between two readings
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    every: u32,
    /// Largest body, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 512 << 20)]
    max_bytes: u64,
    /// Seconds for everything
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    timeout: u64,
    /// Seconds without a byte
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    stall: u64,
    /// The server is in a private network
    #[arg(long)]
    allow_private: bool,
}

impl From<SourcesError> for Failure {
    fn from(error: SourcesError) -> Failure {
        Failure::could_not(explained(&error))
    }
}

/// Runs `source`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    match &arguments.action {
        Action::Add(add) => {
            let packs = setup::load_packs(&directory)?;
            setup::load_profile(&directory, &add.profile, &packs)?;
            let source = Source {
                name: add.name.clone(),
                url: add.url.clone(),
                profile: add.profile.clone(),
                every_hours: add.every,
                max_bytes: add.max_bytes,
                timeout_seconds: add.timeout,
                stall_seconds: add.stall,
                allow_private: add.allow_private,
            };
            sources::add(&directory, source)?;
            let text = format!("Added. Read it: goodstanding source refresh {}\n", add.name);
            context.format.result(&json!({"source": add.name}), &text);
            Ok(Exit::Done)
        }
        Action::Remove { name } => {
            sources::remove(&directory, name)?;
            context.format.result(&json!({"source": name}), "Removed; what was read stays.\n");
            Ok(Exit::Done)
        }
        Action::Refresh { names, due, accept_vanished } => {
            if accept_vanished.is_some() && names.len() != 1 {
                return Err(Failure::could_not("--accept-vanished is about one source; name it"));
            }
            let mut done = Done::default();
            if *due {
                refresh_due(&directory, &SystemClock, &mut |source, result| {
                    done.take(source, result);
                })?;
            } else {
                for source in chosen(&directory, names)? {
                    note(format_args!("reading {}", source.name));
                    let result = refresh(&directory, &source, *accept_vanished, &SystemClock);
                    done.take(&source, &result);
                }
            }
            context.format.result(&json!({"sources": done.values}), &done.text);
            Ok(if done.is_any_not_read { Exit::Refused } else { Exit::Done })
        }
        Action::Status => {
            let known = sources::load(&directory)?;
            let (values, text) = status(&directory, &known);
            context.format.result(&json!({"sources": values}), &text);
            Ok(Exit::Done)
        }
    }
}

fn chosen(directory: &std::path::Path, names: &[String]) -> Result<Vec<Source>, Failure> {
    let known = sources::load(directory)?;
    if names.is_empty() {
        return Ok(known);
    }
    let find = |name: &String| {
        let found = known.iter().find(|source| source.name == *name).cloned();
        found.ok_or_else(|| Failure::from(SourcesError::Unknown(name.clone())))
    };
    names.iter().map(find).collect()
}

#[derive(Default)]
struct Done {
    values: Vec<Value>,
    text: String,
    is_any_not_read: bool,
}

impl Done {
    fn take(&mut self, source: &Source, result: &Result<Try, RefreshError>) {
        match result {
            Ok(one) => {
                self.is_any_not_read |= one.outcome != "read";
                let _ = writeln!(self.text, "{}: {}", source.name, summary(one));
                self.values.push(json!({"source": source.name, "last": one}));
            }
            Err(error) => {
                self.is_any_not_read = true;
                let _ = writeln!(self.text, "{}: not read: {}", source.name, explained(error));
                self.values.push(json!({"source": source.name, "error": explained(error)}));
            }
        }
    }
}

fn summary(one: &Try) -> String {
    let figures = format!(
        "{} rows, {} accepted, {} changed, {} ended, {} quarantined, {} refused",
        thousands(one.rows),
        thousands(one.accepted),
        thousands(one.changed),
        thousands(one.ended),
        thousands(one.quarantined),
        thousands(one.refused)
    );
    match &one.message {
        Some(message) => format!("{}: {message}; {figures}", one.outcome),
        None => format!("{}: {figures}", one.outcome),
    }
}

fn status(directory: &std::path::Path, known: &[Source]) -> (Vec<Value>, String) {
    let mut values = Vec::new();
    let mut text = String::new();
    for source in known {
        let notes = sources::notes(directory, source);
        let due = notes.due_at(source);
        let shown = sources::addresses::Address::parse(&source.url, source.allow_private)
            .map_or_else(|_| String::new(), |address| address.shown());
        let is_due = due.is_none_or(|due| due <= SystemClock.now());
        let held = notes.held.as_ref().map(|kept| {
            let path = sources::held_path(directory, &source.name).display().to_string();
            json!({"file": path, "bytes": kept.bytes, "sha256": kept.digest})
        });
        let _ = writeln!(text, "{}  {shown}", source.name);
        let last = notes.tries.last();
        let last =
            last.map_or("never tried".to_owned(), |one| format!("{}  {}", one.at, summary(one)));
        let _ = writeln!(text, "    {last}");
        if let Some(kept) = &notes.held {
            let path = sources::held_path(directory, &source.name);
            let (path, bytes) = (path.display(), thousands(kept.bytes));
            let _ = writeln!(text, "    held: `{path}`, {bytes} bytes, SHA-256 {}", kept.digest);
        }
        let shown_due = due.map_or("now".to_owned(), |due| due.to_string());
        let _ = writeln!(text, "    due {}", if is_due { "now" } else { &shown_due });
        values.push(json!({
            "source": source.name,
            "profile": source.profile,
            "from": shown,
            "every_hours": source.every_hours,
            "last": notes.tries.last(),
            "last_read": notes.last_read().map(|one| one.at.clone()),
            "held": held,
            "due_at": due.map(|due| due.to_string()),
            "due": is_due,
        }));
    }
    if known.is_empty() {
        text.push_str("No source is named yet; see `goodstanding source add --help`.\n");
    }
    (values, text)
}
