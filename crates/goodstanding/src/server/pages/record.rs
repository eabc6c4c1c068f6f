//! One record: the facts, what it says in words, the law it rests on, the remedy, and its proof,
//! checked for this page and open to be checked again by anyone.

use askama::Template;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::civil::End;
use domain::ids::RecordId;
use domain::record::Polarity;
use domain::refusal::Refusal;
use due_process::quotation::State;
use policy::{Citation, ListDefinition};

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::organisation::{TimelineRow, is_plain, timeline};
use super::shown::{self, Html, Phrase};
use super::{Key, redirect_by_language, sheet};
use crate::messages::Messages;
use crate::registry::{ProofAnswer, RecordAnswer};

/// Entries of the history on the page; all are in the JSON of the file.
const HISTORY_MAX: usize = 30;

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    f: Frame,
    heading: Html,
    id: String,
    organisation: Phrase,
    organisation_href: String,
    written: Phrase,
    publisher: Phrase,
    list: Phrase,
    list_href: String,
    list_url: String,
    entries: Vec<Phrase>,
    kind: String,
    polarity: String,
    grounds: String,
    act: Option<String>,
    start: Option<Html>,
    end: Option<Html>,
    state: String,
    state_class: &'static str,
    is_current: bool,
    is_later: bool,
    is_adverse: bool,
    read_on: Html,
    revision: u32,
    submitted: Html,
    statement: Html,
    fields: Vec<Field>,
    basis: Vec<Basis>,
    remedy: Option<RemedyShown>,
    proof: ProofShown,
    history: Vec<TimelineRow>,
}

struct Field {
    label: String,
    text: Phrase,
}

struct Basis {
    what: Html,
    citations: Vec<CitationShown>,
}

/// A citation of the pack in force.
pub struct CitationShown {
    /// Instrument and article.
    pub text: String,
    /// Where it can be read.
    pub url: String,
    /// When it was.
    pub seen: Html,
}

impl CitationShown {
    /// Whether it can be followed: a document of the repository is named and not linked.
    pub fn is_web(&self) -> bool {
        self.url.starts_with("http")
    }
}

/// The remedy at the publisher.
pub struct RemedyShown {
    /// What can be done.
    pub text: Phrase,
    /// Where.
    pub url: String,
    /// On what basis.
    pub citations: Vec<CitationShown>,
}

/// A proof of inclusion as a page shows it.
pub struct ProofShown {
    /// Whether it held when it was checked for this page.
    pub holds: bool,
    /// The sentence about it.
    pub verdict: String,
    /// Position on the log.
    pub position: String,
    /// The entry's page.
    pub entry_href: String,
    /// In hex; empty for entries in the clear.
    pub commitment: String,
    /// In hex.
    pub leaf_hash: String,
    /// From the leaf upwards, in hex.
    pub path: Vec<String>,
    /// How many those are, and what to do with them.
    pub path_note: String,
    /// The signed note.
    pub checkpoint: String,
    /// The root the checkpoint signs, in hex.
    pub root: String,
    /// The log's key.
    pub vkey: String,
}

/// `/records/{id}` without a language: to the reader's.
pub async fn choose_language(visit: Visit, key: Key) -> Response {
    match key {
        Ok(key) if is_plain(&key.0) => {
            redirect_by_language(&format!("/{}/records/{}", visit.messages.code(), key.0))
        }
        _ => visit.fault(Fault::not_found()),
    }
}

pub async fn show(visit: Visit, id: Key) -> Response {
    let Ok(id) = id else { return visit.fault(Fault::not_found()) };
    visit.answer(move |visit| render(visit, &id)).await
}

fn render(visit: &Visit, id: &str) -> Result<Sheet, Fault> {
    let unknown = || Fault::Refused(Refusal::RecordUnknown, None);
    let id: RecordId = id.parse().map_err(|_| unknown())?;
    let registry = visit.app.registry();
    let answer = registry.record(id)?.ok_or_else(unknown)?;
    let vkey = registry.status()?.vkey;
    let is_adverse = answer.view.record.polarity() == Polarity::Adverse;
    let page = page(visit, &answer, vkey);
    // The organisation's name changes at other midnights than the record.
    sheet(&page, Freshness::Boundary, is_adverse)
}

fn page(visit: &Visit, answer: &RecordAnswer, vkey: String) -> RecordPage {
    let m: &Messages = &visit.messages;
    let registry = visit.app.registry();
    let packs = registry.packs();
    let (view, record) = (&answer.view, &answer.view.record);
    let list = packs.list(&record.quotation.list);
    let organisation = Phrase::name(m, &answer.organisation_name);
    let kind = m.t(&format!("type.{}", shown::type_key(record.record_type()))).to_owned();
    let (state, state_class) = shown::state(m, view);
    let title = m.fill("record.title", &[("type", &kind), ("name", &organisation.text)]);
    RecordPage {
        heading: Html::fill(
            m,
            "record.title",
            &[("type", &Html::text(&kind)), ("name", &organisation.html())],
        ),
        id: record.id.to_string(),
        organisation_href: format!("/{}/organisations/{}", m.code(), record.subject.organisation),
        written: Phrase::quoted(m, &record.subject.name_as_written),
        publisher: shown::publisher_name(m, &packs, view),
        list: shown::list_title(m, &packs, view),
        list_href: format!("/{}/lists/{}", m.code(), record.quotation.list),
        list_url: list.map(|list| list.url.clone()).unwrap_or_default(),
        entries: entries(m, list, answer),
        polarity: m.t(&format!("polarity.{}", record.polarity().key())).to_owned(),
        grounds: shown::grounds(m, view),
        act: record.act.map(|act| m.t(&format!("act.{}", act.key())).to_owned()),
        start: record.period.start.map(|start| shown::day(m, start)),
        end: record.period.end.as_ref().map(|end| match end {
            End::On(last) => shown::day(m, *last),
            End::Indefinite { basis } => {
                Html::fill(m, "record.indefinite_basis", &[("basis", &Html::text(basis))])
            }
        }),
        is_current: view.state != State::NotCurrent,
        is_later: view.state == State::NotStarted,
        is_adverse: record.polarity() == Polarity::Adverse,
        state,
        state_class,
        read_on: shown::day(m, view.read_on),
        revision: record.revision,
        submitted: shown::instant(m, view.submitted_at),
        statement: statement(m, visit, answer),
        fields: record
            .body
            .fields()
            .into_iter()
            .map(|(key, text)| Field {
                label: m.t(&format!("field.{key}")).to_owned(),
                text: Phrase::quoted(m, &text),
            })
            .collect(),
        basis: basis(m, list, answer),
        remedy: list.and_then(|list| remedy(m, list)),
        proof: proof_shown(m, &answer.proof, view.position, vkey),
        history: timeline(m, &packs, &answer.history, HISTORY_MAX),
        f: Frame::of(visit, &title, record.polarity() == Polarity::Adverse),
        organisation,
        kind,
    }
}

/// "Publisher P lists X on L, from D until E, on the ground of G, as read on R."
fn statement(m: &Messages, visit: &Visit, answer: &RecordAnswer) -> Html {
    let packs = visit.app.registry().packs();
    let view = &answer.view;
    let term = match (&view.record.period.start, &view.record.period.end) {
        (None, None) => Html::default(),
        _ => Html::fill(m, "record.statement_term", &[("term", &shown::term(m, view))]),
    };
    let ground = if view.record.grounds.is_empty() {
        Html::default()
    } else {
        let grounds = Html::text(&shown::grounds(m, view));
        Html::fill(m, "record.statement_ground", &[("grounds", &grounds)])
    };
    Html::fill(
        m,
        "record.statement",
        &[
            ("publisher", &shown::publisher_name(m, &packs, view).html()),
            ("name", &Phrase::quoted(m, &view.record.subject.name_as_written).html()),
            ("list", &shown::list_title(m, &packs, view).html()),
            ("term", &term),
            ("ground", &ground),
            ("day", &shown::day(m, view.read_on)),
        ],
    )
}

fn entries(m: &Messages, list: Option<&ListDefinition>, answer: &RecordAnswer) -> Vec<Phrase> {
    let ids = &answer.view.record.quotation.entries;
    let definitions = list.map(|list| list.entries.as_slice()).unwrap_or_default();
    definitions
        .iter()
        .filter(|entry| ids.contains(&entry.id))
        .map(|entry| Phrase::of(m, &entry.title))
        .collect()
}

/// The law, as the pack in force cites it: of each entry, then of the list as a whole.
fn basis(m: &Messages, list: Option<&ListDefinition>, answer: &RecordAnswer) -> Vec<Basis> {
    let Some(list) = list else { return Vec::new() };
    let ids = &answer.view.record.quotation.entries;
    let mut basis: Vec<Basis> = list
        .entries
        .iter()
        .filter(|entry| ids.contains(&entry.id) && !entry.basis.is_empty())
        .map(|entry| {
            let title = Phrase::of(m, &entry.title).html();
            Basis {
                what: Html::fill(m, "record.basis_entry", &[("entry", &title)]),
                citations: citations(m, &entry.basis),
            }
        })
        .collect();
    if !list.basis.is_empty() {
        let what = Html::text(m.t("record.basis_list"));
        basis.push(Basis { what, citations: citations(m, &list.basis) });
    }
    basis
}

/// The citations of a list, an entry or a remedy.
pub fn citations(m: &Messages, citations: &[Citation]) -> Vec<CitationShown> {
    citations
        .iter()
        .map(|citation| CitationShown {
            text: citation.short(m.code()),
            url: citation.url.clone(),
            seen: Html::fill(m, "record.basis_seen", &[("day", &shown::day(m, citation.seen_on))]),
        })
        .collect()
}

/// The remedy a list names.
pub fn remedy(m: &Messages, list: &ListDefinition) -> Option<RemedyShown> {
    Some(remedy_of(m, list.remedy.as_ref()?))
}

/// A remedy as a page shows it.
pub fn remedy_of(m: &Messages, remedy: &policy::Remedy) -> RemedyShown {
    RemedyShown {
        text: Phrase::of(m, &remedy.text),
        url: remedy.url.clone(),
        citations: citations(m, &remedy.basis),
    }
}

/// A proof as a page shows it. It was checked by the registry; here its text is only taken apart.
pub fn proof_shown(m: &Messages, proof: &ProofAnswer, position: u64, vkey: String) -> ProofShown {
    // `c2sp.org/tlog-proof@v1`: lines up to an empty one, the hashes after `index`, then the note.
    let (head, checkpoint) = proof.tlog_proof.split_once("\n\n").unwrap_or_default();
    let hashes = head.lines().skip_while(|line| !line.starts_with("index ")).skip(1);
    let path: Vec<String> = hashes.map(hex_of_base64).collect();
    let root = checkpoint.lines().nth(2).map(hex_of_base64).unwrap_or_default();
    let number = m.number(position);
    let verdict = if proof.holds { "record.proof_holds" } else { "record.proof_broken" };
    ProofShown {
        holds: proof.holds,
        verdict: m.fill(verdict, &[("position", &number)]),
        entry_href: format!("/{}/log/{position}", m.code()),
        position: number,
        commitment: proof.commitment.clone(),
        leaf_hash: proof.leaf_hash.clone(),
        path_note: if path.is_empty() {
            m.t("record.path_empty").to_owned()
        } else {
            m.count("record.path_note", path.len() as u64, &[])
        },
        path,
        checkpoint: checkpoint.to_owned(),
        root,
        vkey,
    }
}

fn hex_of_base64(line: &str) -> String {
    let bytes = STANDARD.decode(line).unwrap_or_default();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
