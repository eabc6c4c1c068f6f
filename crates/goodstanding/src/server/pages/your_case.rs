//! The page of a party: the organisation that was given notice shows its token and reads what is
//! intended or was decided, what it can do, and until when. The token is sent in the body of a
//! form:
//! it stands in no address, no history and no log.
//!
//! **Invariant:** whoever has no token that fits gets one answer, whether there is a case or not,
//! and no answer is kept by anybody on its way.

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::RecordId;

use super::super::problem::Fault;
use super::super::proceedings::{Proceedings, fault, form, panicked};
use super::super::visit::Visit;
use super::frame::Frame;
use super::shown::{self, Html, Phrase};
use crate::cases::document::{Document, Documents, Due, Line, documents};
use crate::cases::file::CaseFile;
use crate::cases::own_tokens::{self, Bearer};
use crate::messages::Messages;

#[derive(Template)]
#[template(path = "your_case.html")]
struct YourCasePage {
    f: Frame,
    is_served: bool,
    error: Option<String>,
    record: String,
    standing: Option<Standing>,
    due: DueTable,
    documents: Vec<DocumentShown>,
}

struct Standing {
    name: Phrase,
    state: String,
    as_of: Html,
}

/// What the page of a case shows.
struct Found {
    standing: Standing,
    written: Documents,
}

/// What is open, as a table.
pub struct DueTable {
    /// Its caption.
    pub caption: String,
    /// Heads of its columns.
    pub heads: DueHeads,
    /// Its rows, the next first.
    pub rows: Vec<DueRow>,
    /// What is said where there is none.
    pub nothing: String,
}

/// Heads of the columns.
pub struct DueHeads {
    /// What is due.
    pub what: String,
    /// Whose it is.
    pub who: String,
    /// Until when.
    pub until: String,
    /// By which law.
    pub law: String,
    /// What follows.
    pub then: String,
    /// What is said of one that was missed.
    pub missed: String,
}

/// A deadline as a row.
pub struct DueRow {
    /// What is due.
    pub what: String,
    /// Whose it is.
    pub who: String,
    /// The last day.
    pub last_day: Html,
    /// Whether it was missed.
    pub missed: bool,
    /// The article.
    pub law: String,
    /// What follows of itself.
    pub then: String,
}

/// A document as it is laid out.
pub struct DocumentShown {
    /// Unique on its page.
    pub anchor: String,
    /// Its title.
    pub title: String,
    /// Who may read it.
    pub private: String,
    /// Its sections.
    pub sections: Vec<SectionShown>,
}

/// A section as it is laid out.
pub struct SectionShown {
    /// Its number and heading.
    pub heading: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A sentence, or labelled statements that follow one another.
pub struct Block {
    /// The sentence, where it is one.
    pub sentence: Option<String>,
    /// Else the statements.
    pub facts: Vec<LineShown>,
}

/// A statement as it is laid out.
pub struct LineShown {
    /// What it is about; empty for a sentence.
    pub label: String,
    /// What it says.
    pub text: Phrase,
    /// Whether a party wrote it.
    pub quoted: bool,
    /// Where it can be read.
    pub url: Option<String>,
}

/// The documents of a case, to be laid out.
pub fn laid_out(m: &Messages, documents: &[Document]) -> Vec<DocumentShown> {
    (1..).zip(documents).map(|(number, document)| shown_one(m, number, document)).collect()
}

fn shown_one(m: &Messages, number: u64, document: &Document) -> DocumentShown {
    let sections = (1_u64..).zip(&document.sections).map(|(number, section)| SectionShown {
        heading: format!("{}. {}", m.number(number), section.heading),
        blocks: blocks(m, &section.lines),
    });
    DocumentShown {
        anchor: format!("document-{number}"),
        title: document.title.clone(),
        private: document.private.clone(),
        sections: sections.collect(),
    }
}

fn blocks(m: &Messages, lines: &[Line]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in lines {
        let Some(label) = &line.label else {
            blocks.push(Block { sentence: Some(line.text.clone()), facts: Vec::new() });
            continue;
        };
        let text = match line.quoted {
            true => Phrase::quoted(m, &line.text),
            false => Phrase::plain(&line.text),
        };
        let (label, quoted, url) = (label.clone(), line.quoted, line.url.clone());
        let shown = LineShown { label, text, quoted, url };
        match blocks.last_mut().filter(|block| block.sentence.is_none()) {
            Some(block) => block.facts.push(shown),
            None => blocks.push(Block { sentence: None, facts: vec![shown] }),
        }
    }
    blocks
}

/// The deadlines of a case, to be laid out.
pub fn due_table(m: &Messages, deadlines: &[Due]) -> DueTable {
    let rows = deadlines.iter().map(|due| DueRow {
        what: due.what.clone(),
        who: due.who.clone(),
        last_day: match due.last_day.parse() {
            Ok(day) => shown::day(m, day),
            Err(_) => Html::text(&due.last_day),
        },
        missed: due.missed,
        law: due.law.clone().unwrap_or_else(|| "–".to_owned()),
        then: due.then.clone().unwrap_or_else(|| "–".to_owned()),
    });
    let head = |key: &str| m.t(&format!("your_case.{key}")).to_owned();
    DueTable {
        caption: m.t("document.deadlines").to_owned(),
        heads: DueHeads {
            what: head("due"),
            who: head("whose"),
            until: head("until"),
            law: head("law"),
            then: head("then"),
            missed: m.t("document.missed").to_owned(),
        },
        rows: rows.collect(),
        nothing: m.t("document.nothing_due").to_owned(),
    }
}

#[derive(Template)]
#[template(path = "document_page.html")]
struct DocumentPage<'a> {
    lang: &'a str,
    title: String,
    style: &'static str,
    as_of_label: &'a str,
    as_of: Html,
    due: DueTable,
    documents: Vec<DocumentShown>,
}

/// What a party is given to read as one file that needs nothing beside it: to be printed, sent,
/// kept.
///
/// # Errors
/// When the template fails, which is a fault of the program.
pub fn document_page(m: &Messages, written: &Documents) -> Result<String, askama::Error> {
    let title = written.documents.last().map_or(m.t("your_case.title"), |last| last.title.as_str());
    DocumentPage {
        lang: m.html_lang(),
        title: title.to_owned(),
        style: include_str!("../../../assets/style.css"),
        as_of_label: m.t("document.as_of"),
        as_of: match written.as_of.parse() {
            Ok(at) => shown::instant(m, at),
            Err(_) => Html::text(&written.as_of),
        },
        due: due_table(m, &written.deadlines),
        documents: laid_out(m, &written.documents),
    }
    .render()
}

/// The form.
pub async fn show(visit: Visit) -> Response {
    page(&visit, StatusCode::OK, None, String::new(), None)
}

/// The answer to it.
pub async fn ask(visit: Visit, request: Request) -> Response {
    let Some(proceedings) = visit.app.proceedings().cloned() else {
        return visit.fault(Fault::not_found());
    };
    let (record, token) = match form(&proceedings, request).await {
        Ok(pairs) => {
            let given = |name: &str| {
                let pair = pairs.iter().find(|(key, _)| key == name);
                pair.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
            };
            (given("record"), given("token"))
        }
        Err(fault) => return visit.fault(fault),
    };
    match found(&visit, &proceedings, &record, token).await {
        Ok(Some(found)) => page(&visit, StatusCode::OK, None, record, Some(found)),
        Ok(None) => {
            let error = visit.messages.t("your_case.unfit").to_owned();
            page(&visit, StatusCode::NOT_FOUND, Some(error), String::new(), None)
        }
        Err(fault) => visit.fault(fault),
    }
}

async fn found(
    visit: &Visit,
    proceedings: &Arc<Proceedings>,
    record: &str,
    token: String,
) -> Result<Option<Found>, Fault> {
    let Ok(record) = record.parse::<RecordId>() else { return Ok(None) };
    let (proceedings, messages) = (Arc::clone(proceedings), Arc::clone(&visit.messages));
    let work = move || -> Result<Option<Found>, Fault> {
        let registry = proceedings.registry();
        let file = proceedings
            .look(|view| {
                // A successor reads its case step by step, not what was said before it was named.
                let (directory, key) = (view.directory(), view.registry_key());
                let bearer = own_tokens::bearer(directory, key, record, &token);
                let Ok(bearer @ (Bearer::Notice | Bearer::Own)) = bearer else { return Ok(None) };
                let on = view.now(registry.clock())?;
                let file = CaseFile::of(view, &registry.packs(), record, on)?;
                let stands =
                    |file: &CaseFile| !file.case.is_imputed && bearer.acts_as(&file.case).is_some();
                Ok(file.filter(stands))
            })
            .map_err(fault)?;
        Ok(file.map(|file| {
            let m = &messages;
            let written = documents(m, &file);
            let standing = Standing {
                name: Phrase::quoted(m, &file.case.revision.name_as_written),
                state: m.t(&format!("case_state.{}", file.case.state().key())).to_owned(),
                as_of: shown::instant(m, file.case.at),
            };
            Found { standing, written }
        }))
    };
    visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))
}

fn page(
    visit: &Visit,
    status: StatusCode,
    error: Option<String>,
    record: String,
    found: Option<Found>,
) -> Response {
    let mut f = Frame::of(visit, visit.messages.t("your_case.title"), true);
    if error.is_some() {
        f.title = visit.messages.fill("frame.title_error", &[("title", &f.title)]);
    }
    let m = &visit.messages;
    let is_served = visit.app.proceedings().is_some();
    let (standing, written) = found.map(|found| (found.standing, found.written)).unzip();
    let (deadlines, documents) = match &written {
        Some(written) => (written.deadlines.as_slice(), written.documents.as_slice()),
        None => (&[][..], &[][..]),
    };
    let (due, documents) = (due_table(m, deadlines), laid_out(m, documents));
    let page = YourCasePage { f, is_served, error, record, standing, due, documents };
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => return visit.fault(Fault::Internal(error.to_string())),
    };
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        // Said to one party only.
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex, noarchive"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(language) = HeaderValue::from_str(visit.messages.html_lang()) {
        headers.insert(header::CONTENT_LANGUAGE, language);
    }
    response
}
