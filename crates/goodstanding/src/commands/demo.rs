//! `demo`: a registry to try in a minute.

use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;
use domain::civil::Zone;
use serde_json::json;

use super::Context;
use super::serve::{Serving, serve};
use crate::clock::{Clock, SystemClock};
use crate::configuration::Configuration;
use crate::demo::{self, DemoError, Found, Suggestion, WalkStep};
use crate::failing::explained;
use crate::output::{Exit, Failure, Format, counted, note};
use crate::registry::Registry;
use crate::setup::DEMO_DIRECTORY;

const EXAMPLES: &str = "\
Examples:
  goodstanding demo
  goodstanding demo --port 9000 --dir ./try

Builds a registry from the data inside the program (real permits and licences, and clearly
fictional organisations with fictional publishers and cases), serves it on this machine only and
prints the address, and three commands that walk one case from its notice to its repair. Its folder
`try` has the keys of all accounts and the tokens of all subjects: you play every part.
Built once a day: dates such as `expires tomorrow` stay true. Delete the folder to clean up.
Exit 0 stopped, 2 could not.";

/// First port tried, and how many after it.
const PORT: u16 = 8080;
const PORTS_TRIED: u16 = 20;

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Serve on this port [default: 8080, or the next free one]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    port: Option<u16>,
}

/// Runs `demo`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.directory_or(DEMO_DIRECTORY);
    let today = SystemClock.now().day_in(&Zone::UTC);
    match demo::look(&directory, today)? {
        Found::Fresh => {
            note(format_args!("Using the demonstration in `{}`.", directory.display()));
        }
        found => {
            let why = if found == Found::Stale { " anew, for today" } else { "" };
            note(format_args!("Building a demonstration in `{}`{why}.", directory.display()));
            demo::build(&directory, &SystemClock, &mut |file, outcome| {
                let accepted = counted(outcome.accepted, "record", "records");
                note(format_args!("  {file}: {accepted}"));
            })?;
        }
    }
    let plan = demo::plan()?;
    let walk = match &plan.walk {
        Some(walk) => demo::walk(&directory, walk)?,
        None => Vec::new(),
    };
    let addresses: Vec<SocketAddr> = match arguments.port {
        Some(port) => vec![local(port)],
        None => (PORT..PORT + PORTS_TRIED).map(local).collect(),
    };
    let format = context.format;
    let serving =
        Serving { directory: &directory, addresses: &addresses, values: &Configuration::default() };
    serve(&serving, &mut |address, registry| {
        announce(address, registry, (&plan.suggestions, &walk), format);
    })?;
    Ok(Exit::Done)
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Prints the address, what to open first, and the commands of the walk.
fn announce(
    address: SocketAddr,
    registry: &Registry,
    (suggestions, walk): (&[Suggestion], &[WalkStep]),
    format: Format,
) {
    let base = format!("http://{address}");
    let mut text = format!("Goodstanding is at {base}/\n");
    let mut links = Vec::new();
    for suggestion in suggestions {
        // A suggestion that finds nothing is left out; the rest still helps.
        let Ok(answer) = registry.search(&suggestion.query, 1) else { continue };
        let Some(hit) = answer.hits.first() else { continue };
        let link = format!("{base}/en/organisations/{}", hit.id);
        text.push_str(&format!("  {link}\n    {}: {}\n", hit.name.text, suggestion.shows));
        links.push(json!({ "url": link, "shows": suggestion.shows }));
    }
    let mut commands = Vec::new();
    if !walk.is_empty() {
        text.push_str("Walk one case from its notice to its repair, in another terminal:\n");
    }
    for step in walk {
        let command = command_line(step);
        text.push_str(&format!("  {command}\n    {}\n", step.does));
        commands.push(json!({ "command": command, "does": step.does }));
    }
    text.push_str("Stop with Ctrl-C.\n");
    let value = json!({ "url": format!("{base}/"), "try": links, "walk": commands });
    format.result(&value, &text);
}

/// A command as it can be pasted into a shell: the program as it was called itself.
fn command_line(step: &WalkStep) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "goodstanding".to_owned());
    let parts = std::iter::once(&program).chain(&step.arguments);
    parts.map(|part| quoted(part)).collect::<Vec<_>>().join(" ")
}

fn quoted(part: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@,".contains(c);
    if !part.is_empty() && part.chars().all(is_plain) {
        return part.to_owned();
    }
    format!("'{}'", part.replace('\'', "'\\''"))
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Failure {
        Failure::could_not(explained(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn an_argument_survives_the_shell() {
        assert_eq!(quoted("./goodstanding-demo/try/a.key"), "./goodstanding-demo/try/a.key");
        assert_eq!(quoted("my folder"), "'my folder'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
