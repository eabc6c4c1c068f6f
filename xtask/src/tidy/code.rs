//! Rules about production code.

use super::Breach;
use super::source::{Line, code_of, production};
use crate::tree::Tree;

/// How far above a panic its reason may stand: the reason precedes the statement, and a chained
/// statement in rustfmt's layout takes a few lines.
const REASON_LINES_MAX: usize = 12;

/// `unwrap`, `expect` and the panicking macros need `// Unwrap safety: ...` before the statement.
pub fn panics(tree: &Tree) -> Vec<Breach> {
    const CALLS: [&str; 9] = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "unreachable!(",
        "todo!",
        "unimplemented!",
        " assert!(",
        " assert_eq!(",
        " assert_ne!(",
    ];
    let lines = production(tree);
    let mut breaches = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let code = line.code();
        let found = CALLS.iter().find(|call| code.contains(**call));
        let Some(call) = found.filter(|_| !line.is_comment()) else { continue };
        if !has_reason(&lines[..index], "Unwrap safety:") {
            breaches.push(format!(
                "{}: `{call}` needs `// Unwrap safety: why it cannot happen` on the line before, \
                 or an error",
                line.place()
            ));
        }
    }
    breaches
}

/// Indexing and slicing panic beyond the end: `get`, a pattern, or `// Index safety: ...` before
/// the statement.
pub fn indexing(tree: &Tree) -> Vec<Breach> {
    let lines = production(tree);
    let mut breaches = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.is_comment() || !indexes(&line.code()) {
            continue;
        }
        if !has_reason(&lines[..index], "Index safety:") {
            breaches.push(format!(
                "{}: an index may be beyond the end; use `get` or a pattern, or say in \
                 `// Index safety: ...` on the line before why it cannot be",
                line.place()
            ));
        }
    }
    breaches
}

/// `name[...]`, `call()[...]` and the calls that panic as an index does: `.split_at(...)`,
/// `.copy_from_slice(...)`, `.drain(a..b)` and `.remove(at)` of a list, `.insert(2, ...)`.
/// In rustfmt's layout a bracket that follows a name, a call, another index or a `?` at once
/// indexes; types, arrays and patterns come after a space or a sign, attributes and macros after
/// `#` or `!`. `[..]` takes all there is.
fn indexes(code: &str) -> bool {
    let is_subject = |c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '?');
    const CALLS: [&str; 5] =
        [".split_at(", ".split_off(", ".swap_remove(", ".copy_from_slice(", ".clone_from_slice("];
    // Of a map or a set it takes a reference, or a value that is no number.
    let after = |call: &str, fits: fn(&str) -> bool| {
        code.split(call).skip(1).any(|rest| !rest.is_empty() && fits(rest))
    };
    let is_place =
        |rest: &str| ["at)", "index)", "place)", "0)"].iter().any(|name| rest.starts_with(name));
    CALLS.iter().any(|call| code.contains(call))
        || after(".drain(", |rest| !rest.starts_with("..)"))
        || after(".remove(", is_place)
        || after(".insert(", |rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || code.match_indices('[').any(|(at, _)| {
            let (before, after) = code.split_at(at);
            before.ends_with(is_subject) && !after.starts_with("[..]")
        })
}

/// Whether the comment before the statement that goes on after `before` gives the reason.
fn has_reason(before: &[Line<'_>], reason: &str) -> bool {
    for line in before.iter().rev().take(REASON_LINES_MAX) {
        if line.is_comment() {
            if line.text.contains(reason) {
                return true;
            }
            continue;
        }
        let code = code_of(line.text);
        let code = code.trim_end();
        if code.is_empty() || code.ends_with([';', '{', '}']) {
            return false;
        }
    }
    false
}

/// No organisation gets a total of anything: the word for it is used where names are compared only.
pub fn score(tree: &Tree) -> Vec<Breach> {
    production(tree)
        .iter()
        .filter(|line| !line.file.path.starts_with("crates/screening/"))
        .filter(|line| !line.is_comment() && line.code().to_lowercase().contains("score"))
        .map(|line| {
            format!(
                "{}: nothing but `screening` has a score; name what is compared or counted",
                line.place()
            )
        })
        .collect()
}

/// A number of days, months or years that a law sets stands in `packs/` with its citation. Where a
/// number is none of the law's, a comment `// Not law: ...` on the line before says what it is.
pub fn law(tree: &Tree) -> Vec<Breach> {
    let lines = production(tree);
    let mut breaches = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let code = line.code();
        if line.is_comment() || !(names_a_period(&code) || adds_a_period(&code)) {
            continue;
        }
        let reasoned = lines[..index]
            .iter()
            .rev()
            .take_while(|above| above.is_comment())
            .any(|above| above.text.contains("Not law:"));
        if !reasoned {
            breaches.push(format!(
                "{}: a period of law belongs into packs/ with its citation; if it is none, say so \
                 in a comment `// Not law: ...` on the line before",
                line.place()
            ));
        }
    }
    breaches
}

/// `const X_DAYS: u16 = 7`, `let months = 3`, `days_max: 30`.
fn names_a_period(code: &str) -> bool {
    let Some((name, value)) = code.split_once(" = ").or_else(|| code.split_once(": ")) else {
        return false;
    };
    let name = name.to_lowercase();
    let is_period = ["days", "months", "years"].iter().any(|unit| name.contains(unit));
    let value = value.rsplit("= ").next().unwrap_or(value);
    is_period && value.starts_with(|c: char| c.is_ascii_digit()) && !is_one_or_zero(value)
}

/// `.days(30)`, `plus_days(7)`, `Days(3)`; one day is the step of a calendar, not a period.
fn adds_a_period(code: &str) -> bool {
    let lower = code.to_lowercase();
    ["days(", "months(", "years("].iter().any(|call| {
        lower.match_indices(call).any(|(start, _)| {
            let argument = &lower[start + call.len()..];
            argument.starts_with(|c: char| c.is_ascii_digit()) && !is_one_or_zero(argument)
        })
    })
}

fn is_one_or_zero(value: &str) -> bool {
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    digits == "0" || digits == "1"
}

/// Time is injected: only the application reads a clock.
pub fn clock(tree: &Tree) -> Vec<Breach> {
    production(tree)
        .iter()
        .filter(|line| !line.file.path.starts_with("crates/goodstanding/"))
        .filter(|line| {
            let code = line.code();
            ["SystemTime::now", "Instant::now()", "Timestamp::now", "Zoned::now"]
                .iter()
                .any(|call| code.contains(call))
        })
        .map(|line| format!("{}: take the time as an argument", line.place()))
        .collect()
}

/// Nothing is left for later without a decision or an issue.
pub fn unfinished(tree: &Tree) -> Vec<Breach> {
    // Written in parts so that this file does not break its own rule.
    let words =
        [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["#[ign", "ore"]].map(|word| word.concat());
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".rs")) {
        for (number, line) in file.lines() {
            if words.iter().any(|word| super::source::has_word(line, word)) {
                breaches.push(format!("{}:{number}: do it, or name the issue", file.path));
            }
        }
    }
    breaches
}
