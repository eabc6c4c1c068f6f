//! What became of a file, row by row in sum, and every problem found in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::refusal::{Language, Problem, Refusal};
use serde_json::{Value, json};

use crate::output::{Exit, counted, problem_json, thousands};

/// Rows shown per group of equal problems in the text for people; `--json` lists all.
const ROWS_SHOWN: usize = 8;

/// Problems kept in memory and listed, the first ones of the file: whoever has more than these
/// corrects something that they have in common. Not law: about 60 MB.
const PROBLEMS_MAX: usize = 250_000;

/// What became of a file. `accepted` to `refused` are disjoint and sum to `rows`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows of the file; blank ones and those the profile ignores are none.
    pub rows: u64,
    /// New quotations.
    pub accepted: u64,
    /// Quotations that got a new revision.
    pub changed: u64,
    /// Rows that stand as they are.
    pub unchanged: u64,
    /// Exact repetitions within the file.
    pub duplicate: u64,
    /// Rows past their end: committed nowhere.
    pub already_ended: u64,
    /// Rows with a problem that can be corrected.
    pub quarantined: u64,
    /// Rows about persons.
    pub refused_persons: u64,
    /// Rows that no correction can cure.
    pub refused: u64,
    /// Quotations that vanished from a full snapshot, or that the file says are over.
    pub ended: u64,
    /// Identifiers kept although their check digit is wrong.
    pub flagged_identifiers: u64,
    /// Why the import is held, if it is: then nothing was written.
    pub held: Option<Refusal>,
    /// The problems, in the order of rows; no more than [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub problems_not_listed: u64,
    /// What was written, as `from..to` on the log; `None` when nothing was.
    pub log: Option<(u64, u64)>,
}

impl Outcome {
    /// How the command ends.
    pub fn exit(&self) -> Exit {
        if self.held.is_some() {
            Exit::Refused
        } else if self.problems.is_empty() {
            Exit::Done
        } else {
            Exit::DoneWithProblems
        }
    }

    /// Notes a problem: listed, or counted where too many are listed already.
    pub fn note(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.problems_not_listed += 1;
        }
    }

    /// Extends what was written.
    pub fn extend_log(&mut self, from: u64, to: u64) {
        let start = self.log.map_or(from, |(start, _)| start);
        self.log = Some((start, to));
    }

    /// The result for programs (design 6).
    pub fn to_json(&self) -> Value {
        let problems: Vec<Value> = self.problems.iter().map(problem_json).collect();
        json!({
            "rows": self.rows,
            "accepted": self.accepted,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "duplicate": self.duplicate,
            "already_ended": self.already_ended,
            "quarantined": self.quarantined,
            "refused_persons": self.refused_persons,
            "refused": self.refused,
            "ended": self.ended,
            "flagged_identifiers": self.flagged_identifiers,
            "held": self.held.is_some(),
            "problems": problems,
            "problems_not_listed": self.problems_not_listed,
            "log": self.log.map(|(from, to)| json!({"from": from, "to": to})),
        })
    }

    /// The result for people: counts that are not zero, then problems in groups.
    pub fn to_text(&self, is_dry_run: bool) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{}", counted(self.rows, "row", "rows"));
        let lines = [
            (self.accepted, "accepted", "new quotations on the log"),
            (self.changed, "changed", "got a new revision"),
            (self.unchanged, "unchanged", "stand as they are"),
            (self.duplicate, "duplicate", "exact repetitions within the file"),
            (self.already_ended, "already ended", "past their end, committed nowhere"),
            (self.quarantined, "quarantined", "have a problem that can be corrected"),
            (self.refused_persons, "persons", "about persons or sole traders: refused, not stored"),
            (self.refused, "refused", "no correction can cure them"),
        ];
        for (count, what, meaning) in lines.into_iter().filter(|(count, ..)| *count > 0) {
            let _ = writeln!(text, "{:>10}  {what:<14} {meaning}", thousands(count));
        }
        let others = [
            (self.ended, "quotations are no longer in the list, or in it as over, and are hidden"),
            (
                self.flagged_identifiers,
                "identifiers have a wrong check digit: kept, marked, never joined on",
            ),
        ];
        for (count, meaning) in others.into_iter().filter(|(count, _)| *count > 0) {
            let _ = writeln!(text, "{:>10}  {meaning}", thousands(count));
        }
        text.push_str(&self.problems_text());
        match (self.held, self.log) {
            (Some(refusal), _) => {
                let _ =
                    writeln!(text, "Held: {}. Nothing was written.", refusal.text(Language::En));
            }
            (None, _) if is_dry_run => text.push_str("Dry run: nothing was written.\n"),
            (None, Some((from, to))) => {
                let _ = writeln!(
                    text,
                    "On the log: entries {} to {}.",
                    thousands(from),
                    thousands(to.saturating_sub(1))
                );
            }
            (None, None) => text.push_str("Nothing was written.\n"),
        }
        text
    }

    fn problems_text(&self) -> String {
        let mut groups: BTreeMap<(u16, Option<&str>, String), Vec<u64>> = BTreeMap::new();
        for problem in self.problems.iter().filter(|problem| problem.row.is_some()) {
            let key = (
                problem.refusal.number(),
                problem.column.as_deref(),
                problem.message(Language::En),
            );
            groups.entry(key).or_default().extend(problem.row);
        }
        let mut text = String::new();
        for ((number, column, message), rows) in groups {
            let shown: Vec<String> = rows.iter().take(ROWS_SHOWN).map(u64::to_string).collect();
            let more = rows.len().saturating_sub(ROWS_SHOWN);
            let _ = writeln!(
                text,
                "- {message} [{number}]\n  {}{} {}{}",
                column.map(|column| format!("column `{column}`, ")).unwrap_or_default(),
                if rows.len() == 1 { "row" } else { "rows" },
                shown.join(", "),
                if more > 0 {
                    format!(" and {} more (--json lists all)", thousands(more as u64))
                } else {
                    String::new()
                },
            );
        }
        if self.problems_not_listed > 0 {
            let _ = writeln!(
                text,
                "{} more problems come after these {} and are not listed. Correct what they have in \
                 common and read the file again; --quarantine FILE takes every row that can be \
                 corrected.",
                thousands(self.problems_not_listed),
                thousands(self.problems.len() as u64),
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(row: u64) -> Problem {
        Problem::of_row(row, Some("Grounds"), Refusal::GroundUnmapped)
    }

    #[test]
    fn equal_problems_are_told_once() {
        let outcome = Outcome {
            rows: 20,
            quarantined: 20,
            problems: (1..=20).map(problem).collect(),
            ..Outcome::default()
        };
        let text = outcome.to_text(false);
        assert_eq!(text.matches("[202]").count(), 1, "{text}");
        assert!(text.contains("rows 1, 2, 3, 4, 5, 6, 7, 8 and 12 more"), "{text}");
        assert_eq!(outcome.to_json()["problems"].as_array().map(Vec::len), Some(20));
        assert_eq!(outcome.exit(), Exit::DoneWithProblems);
    }

    #[test]
    fn problems_without_end_are_counted_and_do_not_fill_the_memory() {
        let mut outcome = Outcome::default();
        let rows = PROBLEMS_MAX as u64 + 1_234;
        (1..=rows).map(problem).for_each(|problem| outcome.note(problem));
        assert_eq!(outcome.problems.len(), PROBLEMS_MAX);
        assert_eq!(outcome.problems.last().and_then(|it| it.row), Some(PROBLEMS_MAX as u64));
        assert_eq!(outcome.to_json()["problems_not_listed"], 1_234);
        let text = outcome.to_text(false);
        assert!(text.contains("1,234 more problems come after these 250,000"), "{text}");
    }

    #[test]
    fn a_held_import_ends_with_one() {
        let outcome = Outcome { held: Some(Refusal::TooManyVanished), ..Outcome::default() };
        assert_eq!(outcome.exit().number(), 1);
        assert!(outcome.to_text(false).contains("Nothing was written"));
    }
}
