//! Looks at a registry from every side, writes nothing to it, and says in words what is wrong and
//! what to do.
//!
//! Each check stands alone: one that cannot be made says so and hinders no other.

mod content;
mod files;
mod settings;
mod surroundings;
mod tables;

use std::path::Path;

use domain::civil::Instant;
use ledger::Cause;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `files`, `keys`, `log`, ...
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// In words.
    pub what: String,
    /// What to do about it, in the order to do it.
    pub advice: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Good,
    /// It works, and needs attention.
    Attention,
    /// It could not be looked at.
    Unknown,
    /// Something is wrong.
    Wrong,
}

impl State {
    /// The key in `--json`.
    pub const fn key(self) -> &'static str {
        match self {
            State::Good => "good",
            State::Attention => "attention",
            State::Unknown => "unknown",
            State::Wrong => "wrong",
        }
    }
}

/// What to do about a file that is gone or is not what was written.
const PUT_BACK: &str = "stop everything that writes here, keep a copy of the folder, and put the file \
                        back from a backup, or restore the newest one with `goodstanding restore`";

impl Finding {
    fn good(check: &'static str, what: impl Into<String>) -> Finding {
        Finding { check, state: State::Good, what: what.into(), advice: None }
    }

    fn of(
        check: &'static str,
        state: State,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding { check, state, what: what.into(), advice: Some(advice.into()) }
    }

    fn unknown(check: &'static str, error: &(dyn std::error::Error + 'static)) -> Finding {
        let what = format!("could not be looked at: {}", crate::output::chain(error));
        let advice = ledger::Cause::of(error).map(|cause| match cause {
            Cause::Damaged | Cause::Missing => PUT_BACK.to_owned(),
            cause => crate::failing::advice(cause),
        });
        Finding { check, state: State::Unknown, what, advice }
    }
}

/// Looks at the registry in `directory`. `scratch` is the folder in which read tables are built for
/// comparison, and removed again.
pub fn examine(directory: &Path, scratch: &Path, now: Instant) -> Vec<Finding> {
    let mut findings = files::look(directory);
    findings.extend(surroundings::look(directory, now));
    findings.extend(content::look(directory, now));
    findings.extend(settings::look(directory, now));
    findings.push(tables::look(directory, scratch));
    findings
}
