//! Records, their history and their proof.

use std::collections::BTreeMap;

use domain::civil::{Day, End};
use due_process::quotation::counts;
use policy::{ListDefinition, Packs};
use serde::Serialize;
use utoipa::ToSchema;

use super::shared::{
    ByLanguage, CitationShape, NameShape, Publisher, RemedyShape, by_language, citations, remedy,
};
use crate::registry::{RecordAnswer, RecordView, TimelineEntry};

/// An entry of a list's definition: one legal ground with its basis.
#[derive(Serialize, ToSchema)]
pub struct EntryShape {
    /// Its id in the pack.
    id: String,
    /// Title by language; empty when no pack in force defines it.
    title: ByLanguage,
    /// The law.
    basis: Vec<CitationShape>,
}

/// Where a quotation comes from. Every answer that holds a record holds this.
#[derive(Serialize, ToSchema)]
pub struct QuotationShape {
    /// The publisher quoted.
    publisher: Publisher,
    /// The list quoted.
    list: String,
    /// Its title by language.
    list_title: ByLanguage,
    /// Its official page.
    list_url: Option<String>,
    /// The entries of the list the row maps to.
    entries: Vec<EntryShape>,
    /// The last day on which the list was read and the row was in it.
    read_on: String,
    /// Days after that for which it counts as current; null for facts that need no re-reading.
    current_days_max: Option<u16>,
}

/// The end of a record.
#[derive(Serialize, ToSchema)]
pub struct EndShape {
    /// The last day, inclusive; null when indefinite.
    on: Option<String>,
    /// Why there is no end: the provision that says so.
    indefinite_basis: Option<String>,
}

impl EndShape {
    /// The last day, or the basis for having none.
    pub fn of(on: Option<Day>, indefinite_basis: Option<String>) -> EndShape {
        EndShape { on: on.map(|day| day.to_string()), indefinite_basis }
    }
}

impl From<&End> for EndShape {
    fn from(end: &End) -> EndShape {
        match end {
            End::On(last) => EndShape::of(Some(*last), None),
            End::Indefinite { basis } => EndShape::of(None, Some(basis.clone())),
        }
    }
}

/// A record as it stands.
#[derive(Serialize, ToSchema)]
pub struct RecordShape {
    id: String,
    /// Stays the same through revisions; revisions count from 1.
    revision: u32,
    /// The organisation it is about.
    organisation: String,
    /// The organisation's name in the row.
    name_as_written: String,
    /// Its type.
    #[serde(rename = "type")]
    #[schema(example = "procurement.exclusion")]
    kind: String,
    /// `adverse`, `neutral` or `good`: fixed by the type.
    polarity: String,
    /// How it came here. Always `quotation` so far: the registry repeats and has decided nothing.
    #[schema(example = "quotation")]
    mode: String,
    /// Where it is quoted from.
    quotation: QuotationShape,
    /// Grounds from the closed vocabulary; empty for facts.
    grounds: Vec<String>,
    /// Who decided: `final_court`, `registrar` or `administrative`.
    act: Option<String>,
    /// First day.
    start: Option<String>,
    /// End; null when the publisher gives none for a fact.
    end: Option<EndShape>,
    /// The instant the last day is over.
    end_at: Option<String>,
    /// Time zone the days are meant in.
    zone: String,
    /// `listed`, `not_started` or `not_current`; only `listed` counts.
    state: String,
    /// Whether it counts as in effect.
    in_effect: bool,
    /// The type's own fields, as the publisher writes them.
    fields: BTreeMap<String, String>,
    /// The law the list rests on.
    basis: Vec<CitationShape>,
    /// The remedy at the publisher.
    remedy: Option<RemedyShape>,
    /// Hash of the law package that gave basis, ground and remedy.
    pack: String,
    /// Position of this revision on the log.
    position: u64,
    /// When it was committed.
    submitted_at: String,
}

impl RecordShape {
    /// The shape of a record.
    pub fn of(packs: &Packs, view: &RecordView) -> RecordShape {
        let record = &view.record;
        let list = packs.list(&record.quotation.list);
        RecordShape {
            id: record.id.to_string(),
            revision: record.revision,
            organisation: record.subject.organisation.to_string(),
            name_as_written: record.subject.name_as_written.clone(),
            kind: record.record_type().key().to_owned(),
            polarity: record.polarity().key().to_owned(),
            mode: "quotation".to_owned(),
            quotation: quotation(packs, list, view),
            grounds: record.grounds.iter().map(|ground| ground.key().to_owned()).collect(),
            act: record.act.map(|act| act.key().to_owned()),
            start: record.period.start.map(|day| day.to_string()),
            end: record.period.end.as_ref().map(EndShape::from),
            end_at: record.end_at.map(|at| at.to_string()),
            zone: record.zone.clone(),
            state: view.state.key().to_owned(),
            in_effect: counts(view.state),
            fields: record
                .body
                .fields()
                .into_iter()
                .map(|(key, text)| (key.to_owned(), text))
                .collect(),
            basis: list.map(|list| citations(&list.basis)).unwrap_or_default(),
            remedy: list.and_then(|list| remedy(list.remedy.as_ref())),
            pack: record.pack.clone(),
            position: view.position,
            submitted_at: view.submitted_at.to_string(),
        }
    }
}

fn quotation(packs: &Packs, list: Option<&ListDefinition>, view: &RecordView) -> QuotationShape {
    let quotation = &view.record.quotation;
    QuotationShape {
        publisher: Publisher::of(packs, &quotation.publisher),
        list: quotation.list.to_string(),
        list_title: list.map(|list| by_language(&list.title)).unwrap_or_default(),
        list_url: list.map(|list| list.url.clone()),
        entries: quotation
            .entries
            .iter()
            .map(|id| {
                let entry = list.and_then(|list| list.entry(id));
                EntryShape {
                    id: id.to_string(),
                    title: entry.map(|entry| by_language(&entry.title)).unwrap_or_default(),
                    basis: entry.map(|entry| citations(&entry.basis)).unwrap_or_default(),
                }
            })
            .collect(),
        read_on: view.read_on.to_string(),
        current_days_max: quotation.current_days_max,
    }
}

/// One thing that happened.
#[derive(Serialize, ToSchema)]
pub struct TimelineShape {
    /// Position on the log.
    position: u64,
    /// When it was committed.
    at: String,
    /// What.
    #[schema(example = "record_submitted")]
    kind: String,
    /// The record concerned.
    record: Option<String>,
    /// Key of the publisher it comes from.
    publisher: Option<String>,
}

impl From<&TimelineEntry> for TimelineShape {
    fn from(entry: &TimelineEntry) -> TimelineShape {
        TimelineShape {
            position: entry.position,
            at: entry.at.to_string(),
            kind: entry.kind.to_owned(),
            record: entry.record.map(|record| record.to_string()),
            publisher: entry.authority.as_ref().map(ToString::to_string),
        }
    }
}

/// One record with its place on the log.
#[derive(Serialize, ToSchema)]
pub struct RecordAnswerShape {
    record: RecordShape,
    /// Main name of the organisation it is about.
    organisation_name: NameShape,
    proof: ProofShape,
    /// What happened to the record.
    history: Vec<TimelineShape>,
}

/// Where a record is on the log, checked for this answer.
#[derive(Serialize, ToSchema)]
pub struct ProofShape {
    /// Whether the inclusion proof holds against the published checkpoint.
    holds: bool,
    /// Salted commitment in the leaf, in hex.
    commitment: String,
    /// Hash of the leaf, in hex.
    leaf_hash: String,
    /// The proof itself (C2SP tlog-proof).
    url: String,
    /// What the commitment was made of.
    opening_url: String,
}

impl RecordAnswerShape {
    /// The shape of a record's answer.
    pub fn of(packs: &Packs, answer: &RecordAnswer) -> RecordAnswerShape {
        let id = answer.view.record.id;
        RecordAnswerShape {
            record: RecordShape::of(packs, &answer.view),
            organisation_name: NameShape::from(&answer.organisation_name),
            proof: ProofShape {
                holds: answer.proof.holds,
                commitment: answer.proof.commitment.clone(),
                leaf_hash: answer.proof.leaf_hash.clone(),
                url: format!("/api/v1/records/{id}/proof"),
                opening_url: format!("/api/v1/records/{id}/opening"),
            },
            history: answer.history.iter().map(TimelineShape::from).collect(),
        }
    }
}

/// What a commitment was made of, public disclosures only (`spec/wire.md`).
#[derive(Serialize, ToSchema)]
pub struct OpeningShape {
    /// Position on the log.
    position: u64,
    /// base64url without padding.
    salt: String,
    /// Canonical JSON, exactly the bytes that were hashed.
    payload: String,
    /// Each base64url of `[salt, field, value]`.
    disclosures: Vec<String>,
}

impl From<&RecordAnswer> for OpeningShape {
    fn from(answer: &RecordAnswer) -> OpeningShape {
        let (position, opening) = (answer.view.position, &answer.opening);
        OpeningShape {
            position,
            salt: ledger::wire::to_base64url(&opening.salt),
            payload: opening.payload.clone(),
            disclosures: opening.disclosures.clone(),
        }
    }
}
