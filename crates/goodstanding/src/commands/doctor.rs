//! `doctor`: what is wrong with a registry, and what to do.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::doctor::{self, Finding, State};
use crate::output::{Exit, Failure};

const EXAMPLES: &str = "\
Examples:
  goodstanding doctor
  goodstanding doctor --dir /srv/goodstanding --json
  goodstanding doctor --scratch /var/tmp

Looks at files, keys, clock, disk, checkpoints, every entry and opening, and compares the read
tables with tables built anew from the log. Writes nothing to the registry but a temporary folder
(elsewhere with --scratch), and may run while the server does.
Exit 0 nothing is wrong, 1 something is, 2 something could not be looked at.";

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Folder for the tables built to compare, of the size of `read.db` [default: the registry's]
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,
}

/// Runs `doctor`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let scratch = arguments.scratch.as_ref().unwrap_or(&directory);
    let findings = doctor::examine(&directory, scratch, SystemClock.now());
    let value = json!({
        "directory": directory.display().to_string(),
        "findings": findings.iter().map(|finding| json!({
            "check": finding.check,
            "state": finding.state.key(),
            "what": finding.what,
            "advice": finding.advice,
        })).collect::<Vec<_>>(),
    });
    context.format.result(&value, &to_text(&findings));
    Ok(match findings.iter().map(|finding| finding.state).max() {
        Some(State::Wrong) => Exit::Refused,
        Some(State::Unknown) => Exit::CouldNot,
        _ => Exit::Done,
    })
}

fn to_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Good => "ok",
            State::Attention => "look",
            State::Unknown => "?",
            State::Wrong => "WRONG",
        };
        let _ = writeln!(text, "{mark:<6} {:<12} {}", finding.check, finding.what);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "{:<19} -> {advice}", "");
        }
    }
    text
}
