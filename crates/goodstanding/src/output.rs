//! What a command says and how it ends: results on standard output, everything else on standard
//! error, numbered exits (design 6).

use std::convert::Infallible;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use domain::refusal::{Language, Problem, Refusal};
use intake::ReadError;
use ledger::Cause;
use serde_json::{Value, json};

use crate::failing::{advice, explained};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `verify`: true.
    Done,
    /// The law, a pack or a limit said no, or the import was held; for `verify`: false.
    Refused,
    /// It could not be done; for `verify`: it could not be told.
    CouldNot,
    /// Done, and some rows have problems.
    DoneWithProblems,
}

impl Exit {
    /// The number given to the shell.
    pub const fn number(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::CouldNot => 2,
            Exit::DoneWithProblems => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.number())
    }
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    problems: Vec<Problem>,
}

impl Failure {
    /// The law, a pack or a limit says no.
    pub fn refused(problem: Problem) -> Failure {
        Failure::refused_all(vec![problem])
    }

    /// The same with several problems, all told at once.
    pub fn refused_all(problems: Vec<Problem>) -> Failure {
        let messages: Vec<String> = problems.iter().map(place_and_message).collect();
        Failure { exit: Exit::Refused, message: messages.join("\n"), problems }
    }

    /// The same, told to people in these words.
    pub fn saying(mut self, message: String) -> Failure {
        self.message = message;
        self
    }

    /// A no that has no number, such as packs with several problems.
    pub fn refused_because(message: impl Display) -> Failure {
        Failure { exit: Exit::Refused, message: message.to_string(), problems: Vec::new() }
    }

    /// It could not be done.
    pub fn could_not(message: impl Display) -> Failure {
        Failure { exit: Exit::CouldNot, message: message.to_string(), problems: Vec::new() }
    }

    /// A file could not be read or written.
    pub fn file(path: &Path, error: &io::Error) -> Failure {
        let said = format!("`{}`: {error}", path.display());
        Failure::could_not(match Cause::of(error) {
            Some(cause) => format!("{} ({said})", advice(cause)),
            None => said,
        })
    }

    /// A list in `file` could not be read to its end.
    pub fn reading(file: &Path, error: ReadError<Infallible>) -> Failure {
        match error {
            ReadError::Refused(problems) => Failure::refused_all(problems),
            ReadError::Io(error) => Failure::file(file, &error),
            ReadError::Seen(error) => {
                Failure::file(&std::env::temp_dir(), &io::Error::other(error))
            }
            ReadError::Sink(never) => match never {},
        }
    }

    /// How the command ends with it.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// The message for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The message for programs.
    pub fn to_json(&self) -> Value {
        json!({"error": {
            "message": self.message,
            "refusal": self.problems.first().map(|problem| problem.refusal.number()),
            "problems": self.problems.iter().map(problem_json).collect::<Vec<_>>(),
        }})
    }
}

/// A problem for programs (design 6).
pub fn problem_json(problem: &Problem) -> Value {
    json!({
        "row": problem.row,
        "column": problem.column,
        "refusal": problem.refusal.number(),
        "message": problem.message(Language::En),
    })
}

/// The place of a problem and what to do, on one line.
pub fn place_and_message(problem: &Problem) -> String {
    let mut place = Vec::new();
    if let Some(row) = problem.row {
        place.push(format!("row {row}"));
    }
    if let Some(column) = &problem.column {
        place.push(format!("column `{column}`"));
    }
    let message = problem.message(Language::En);
    let number = problem.refusal.number();
    if place.is_empty() {
        format!("{message} [{number}]")
    } else {
        format!("{}: {message} [{number}]", place.join(", "))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::could_not(format!("{error:#}"))
    }
}

impl From<crate::setup::SetupError> for Failure {
    fn from(error: crate::setup::SetupError) -> Failure {
        use crate::setup::SetupError;
        match error {
            SetupError::ProfileUnknown => {
                Failure::refused(Problem::of_input(Refusal::ProfileUnknown))
            }
            SetupError::Refused(_) | SetupError::Changed(_) | SetupError::Fictional(_) => {
                Failure::refused_because(error)
            }
            other => Failure::could_not(explained(&other)),
        }
    }
}

impl From<ledger::LedgerError> for Failure {
    fn from(error: ledger::LedgerError) -> Failure {
        Failure::could_not(explained(&error))
    }
}

impl From<projections::ProjectionError> for Failure {
    fn from(error: projections::ProjectionError) -> Failure {
        Failure::could_not(explained(&error))
    }
}

impl From<crate::registry::AppError> for Failure {
    fn from(error: crate::registry::AppError) -> Failure {
        Failure::could_not(explained(&error))
    }
}

/// An error with its causes on one line; a cause whose text is already said is left out.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text
}

/// Where a command's result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sentences and tables for people.
    Text,
    /// One JSON document for programs.
    Json,
}

impl Format {
    /// Writes the result: `value` for programs, `text` for people. A reader that went away (`|
    /// head`) is no failure of ours.
    pub fn result(self, value: &Value, text: &str) {
        let line = match self {
            Format::Json => format!("{value:#}\n"),
            Format::Text => text.to_owned(),
        };
        let mut out = io::stdout().lock();
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }

    /// Reports `failure` on standard error, and for programs on standard output too.
    pub fn failure(self, failure: &Failure) {
        if self == Format::Json {
            self.result(&failure.to_json(), "");
        }
        note(format_args!("goodstanding: {}", failure.message()));
    }
}

/// A line on standard error: what is being done. Never a value of a row.
pub fn note(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// `1234567` as `1,234,567`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2 rows`.
pub fn counted(number: u64, singular: &str, plural: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { singular } else { plural })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(counted(1, "row", "rows"), "1 row");
    }

    #[test]
    fn a_problem_says_where_and_what_to_do() {
        let problem = Problem::of_row(12, Some("Grounds"), Refusal::GroundUnmapped);
        assert!(place_and_message(&problem).starts_with("row 12, column `Grounds`: the ground"));
        assert!(place_and_message(&problem).ends_with("[202]"));
    }
}
