//! A document as plain text: for a terminal, a letter, a file.

use std::fmt::Write as _;

use super::{Document, Documents, Due};
use crate::messages::Messages;

/// Deadlines and documents, one after the other.
pub fn to_text(m: &Messages, documents: &Documents) -> String {
    let mut text = String::new();
    for document in &documents.documents {
        one(m, document, &mut text);
        text.push('\n');
    }
    if documents.documents.is_empty() {
        let _ = writeln!(text, "{}\n", m.t("document.none_yet"));
    }
    let _ = writeln!(text, "{}", m.t("document.deadlines"));
    text.push_str(&deadlines(m, &documents.deadlines));
    let _ = writeln!(text, "\n{}{}{}", m.t("document.as_of"), m.t("join.colon"), documents.as_of);
    text
}

fn one(m: &Messages, document: &Document, text: &mut String) {
    let _ = writeln!(text, "{}\n{}", document.title, plain(&document.private));
    for (number, section) in (1..).zip(&document.sections) {
        let _ = writeln!(text, "\n{number}. {}", plain(&section.heading));
        for line in &section.lines {
            let words = plain(&line.text);
            let _ = match &line.label {
                Some(label) => writeln!(text, "   {}{}{words}", plain(label), m.t("join.colon")),
                None => writeln!(text, "   {words}"),
            };
            if let Some(url) = &line.url {
                let _ = writeln!(text, "   <{}>", plain(url));
            }
        }
    }
}

/// One deadline a line, the next first.
pub fn deadlines(m: &Messages, deadlines: &[Due]) -> String {
    let mut text = String::new();
    for due in deadlines {
        let missed = match due.missed {
            true => format!(" ({})", m.t("document.missed")),
            false => String::new(),
        };
        let colon = m.t("join.colon");
        let _ =
            writeln!(text, "   {}{missed}  {}{colon}{}", due.last_day, plain(&due.who), due.what);
        if let Some(law) = &due.law {
            let _ = writeln!(text, "               {}", plain(law));
        }
        if let Some(then) = &due.then {
            let _ = writeln!(text, "               {}{colon}{then}", m.t("document.then"));
        }
    }
    if deadlines.is_empty() {
        let _ = writeln!(text, "   {}", m.t("document.nothing_due"));
    }
    text
}

/// Words of somebody else on a terminal: nothing in them moves its cursor.
fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
