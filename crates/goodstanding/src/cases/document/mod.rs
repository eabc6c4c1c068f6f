//! What the parties of a case are given to read: the notice and the decision in full, written out
//! from the record, the catalogue entry, the measures, the periods and the texts of the parties
//! (domain.md 5.6). One model, shown as text, as a page and as JSON; in each language there are
//! messages for.
//!
//! **Invariant:** a document is made for a party that has proved to be one, and never kept.

mod decision;
mod due;
mod notice;
mod parts;
mod text;

pub use due::{Due, due};
pub use text::{deadlines, to_text};

use domain::case::Step;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::file::CaseFile;
use crate::messages::Messages;

/// One statement of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it says.
    pub text: String,
    /// Whether a party wrote it: then it is in its own words and language.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quoted: bool,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The day it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
}

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Section {
    /// Its key, the same in every language.
    pub key: String,
    /// Its heading.
    pub heading: String,
    /// What it says, in order.
    pub lines: Vec<Line>,
}

/// A notice or a decision, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// `notice`, `precheck`, `interim` or `decision`.
    #[schema(example = "notice")]
    pub kind: String,
    /// Position of its step on the log.
    pub position: u64,
    /// When it was told.
    pub at: String,
    /// Its title.
    pub title: String,
    /// Who may read it, and whether anything of it is public.
    pub private: String,
    /// What it says.
    pub sections: Vec<Section>,
}

/// Everything a party of a case is given to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Documents {
    /// The record.
    pub record: String,
    /// The language it is in.
    #[schema(example = "en")]
    pub language: String,
    /// The instant it holds for.
    pub as_of: String,
    /// What is open, for whom, the next first.
    pub deadlines: Vec<Due>,
    /// The documents, in the order in which they were served.
    pub documents: Vec<Document>,
}

/// What the parties of `file` are given to read.
pub fn documents(m: &Messages, file: &CaseFile) -> Documents {
    let mut documents: Vec<Document> = file
        .found
        .steps
        .iter()
        .filter_map(|(position, at, event)| {
            let (kind, title, sections) = match &event.step {
                Step::NoticeServed(notice) => {
                    ("notice", notice::title(m, notice.purpose), notice::sections(m, file, notice))
                }
                Step::PrecheckOpened { service, standstill_until } => (
                    "precheck",
                    m.t("document.precheck_title").to_owned(),
                    notice::precheck(m, file, service, *standstill_until),
                ),
                Step::InterimPublished { need, service, oppose_until, lapses_at } => (
                    "interim",
                    m.t("document.interim_title").to_owned(),
                    notice::interim(
                        m,
                        file,
                        (need.as_str(), service.as_str()),
                        *oppose_until,
                        *lapses_at,
                    ),
                ),
                step => {
                    let (title, sections) = decision::of(m, file, step)?;
                    ("decision", title, sections)
                }
            };
            Some(Document {
                kind: kind.to_owned(),
                position: *position,
                at: at.to_string(),
                title,
                private: parts::private(m, file),
                sections: [sections, vec![parts::verification(m, file, *position)]].concat(),
            })
        })
        .collect();
    // Of notices that were served again the last one counts; the others are in the history.
    let last = documents.iter().rposition(|document| document.kind == "notice");
    let mut place = 0;
    documents.retain(|document| {
        let is_kept = document.kind != "notice" || Some(place) == last;
        place += 1;
        is_kept
    });
    Documents {
        record: file.case.record.to_string(),
        language: m.code().to_owned(),
        as_of: file.case.at.to_string(),
        deadlines: due(m, file),
        documents,
    }
}
