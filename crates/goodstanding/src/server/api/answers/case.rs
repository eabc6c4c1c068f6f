//! Records that authorities submitted themselves.

use std::collections::BTreeMap;

use domain::civil::End;
use due_process::case::Exposure;
use policy::Packs;
use serde::Serialize;
use utoipa::ToSchema;

use super::record::EndShape;
use super::shared::{
    ByLanguage, CitationShape, Publisher, RemedyShape, by_language, citations, remedy,
};
use crate::registry::{CaseContent, CaseView};

/// A record of an authority, or the tombstone of one.
#[derive(Serialize, ToSchema)]
pub struct CaseShape {
    id: String,
    authority: Publisher,
    /// Position of its submission on the log.
    position: u64,
    /// `shown`, `corrected` or `withdrawn`; of the last two nothing but this is told.
    #[schema(example = "shown")]
    exposure: String,
    /// Why it was withdrawn.
    withdrawn_because: Option<String>,
    /// Whether an objection is open.
    objected: bool,
    /// Whether it is interim: no finding, and counted nowhere.
    interim: bool,
    /// What it says; null for a tombstone.
    content: Option<CaseContentShape>,
}

/// What a shown record says.
#[derive(Serialize, ToSchema)]
pub struct CaseContentShape {
    /// `hosted` or `imported_final`.
    #[schema(example = "hosted")]
    mode: String,
    /// Origin of the registry it is recognised from.
    mirror_of: Option<String>,
    /// The catalogue entry it rests on.
    entry: String,
    /// Its title by language.
    entry_title: ByLanguage,
    /// The law.
    basis: Vec<CitationShape>,
    /// Review and court.
    remedy: Option<RemedyShape>,
    #[serde(rename = "type")]
    #[schema(example = "admin.penalty")]
    kind: String,
    name_as_written: String,
    grounds: Vec<String>,
    /// Who decided.
    act: String,
    /// `minor`, `general` or `serious`.
    severity: Option<String>,
    /// By which procedure.
    procedure: String,
    /// Number of the decision.
    decision: Option<String>,
    decided_on: Option<String>,
    served_on: Option<String>,
    start: Option<String>,
    end: Option<EndShape>,
    /// The instant the last day is over, or an interim record ends by itself.
    end_at: Option<String>,
    /// Whether a remedy is pending.
    under_review: bool,
    /// Whether it was submitted late.
    late: bool,
    /// Measures the decision names.
    measures: Vec<String>,
    /// The statement of the organisation.
    statement: Option<String>,
    /// The record it replaced.
    predecessor: Option<String>,
    /// IANA zone its days are meant in.
    zone: String,
    /// Hash of the pack.
    pack: String,
    fields: BTreeMap<String, String>,
}

impl CaseShape {
    /// The shape of a view.
    pub fn of(packs: &Packs, view: &CaseView) -> CaseShape {
        let (exposure, because) = match view.exposure {
            Exposure::WithdrawnTombstone(reason) => ("withdrawn", Some(reason.key().to_owned())),
            Exposure::CorrectedTombstone => ("corrected", None),
            Exposure::Shown { .. } | Exposure::Nothing => ("shown", None),
        };
        let (objected, interim) = match view.exposure {
            Exposure::Shown { objected, interim } => (objected, interim),
            _ => (false, false),
        };
        CaseShape {
            id: view.record.to_string(),
            authority: Publisher::of(packs, &view.authority),
            position: view.position,
            exposure: exposure.to_owned(),
            withdrawn_because: because,
            objected,
            interim,
            content: view.content.as_ref().map(|content| shape(packs, content)),
        }
    }
}

fn shape(packs: &Packs, content: &CaseContent) -> CaseContentShape {
    let entry = packs.catalogue_entry(&content.entry);
    let decision = content.decision.as_ref();
    let end = content.term.end.as_ref().map(|end| match end {
        End::On(last) => EndShape::of(Some(*last), None),
        End::Indefinite { basis } => EndShape::of(None, Some(basis.clone())),
    });
    let fields = content.body.fields();
    CaseContentShape {
        mode: content.mode.key().to_owned(),
        mirror_of: content.mirror_of.clone(),
        entry: content.entry.to_string(),
        entry_title: entry.map(|entry| by_language(&entry.title)).unwrap_or_default(),
        basis: entry.map(|entry| citations(&entry.basis)).unwrap_or_default(),
        remedy: remedy(entry.and_then(|entry| entry.remedy.as_ref())),
        kind: content.record_type.key().to_owned(),
        name_as_written: content.name_as_written.clone(),
        grounds: content.grounds.iter().map(|ground| ground.key().to_owned()).collect(),
        act: content.act.key().to_owned(),
        severity: content.severity.map(|severity| severity.key().to_owned()),
        procedure: content.procedure.key().to_owned(),
        decision: decision.map(|decision| decision.number.clone()),
        decided_on: decision.map(|decision| decision.date.to_string()),
        served_on: decision.map(|decision| decision.served_on.to_string()),
        start: content.term.start.map(|day| day.to_string()),
        end,
        end_at: content.interim_until.or(content.term.end_at).map(|at| at.to_string()),
        under_review: content.under_review,
        late: content.late,
        measures: content.measures.iter().map(ToString::to_string).collect(),
        statement: content.statement.clone(),
        predecessor: content.predecessor.map(|id| id.to_string()),
        zone: content.zone.clone(),
        pack: content.pack.clone(),
        fields: fields.into_iter().map(|(key, text)| (key.to_owned(), text)).collect(),
    }
}
