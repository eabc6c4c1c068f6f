//! A record of an authority as the public sees it: what of a case is for everybody, copied field by
//! field, so that what is for the parties only has no way to a page.

use std::collections::BTreeSet;

use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, Conduct, DecisionDocument, MeasureId, Mode, Procedure, Severity};
use domain::civil::Instant;
use domain::ids::{OrganisationId, RecordId};
use domain::limits::{Act, Ground};
use domain::record::{Body, RecordType};
use due_process::case::{Case, Exposure, Term};

use crate::file::TimelineEntry;

/// A record of an authority, or the tombstone of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The record.
    pub record: RecordId,
    /// Whom it is about now.
    pub organisation: OrganisationId,
    /// Whose record it is.
    pub authority: AuthorityKey,
    /// Position of its submission on the log.
    pub position: u64,
    /// What the public sees of it; never nothing.
    pub exposure: Exposure,
    /// What it says; `None` for a tombstone.
    pub content: Option<CaseContent>,
    /// What happened to it that is for everybody, by position.
    pub history: Vec<TimelineEntry>,
    /// The next instant at which time alone changes this.
    pub next_boundary: Option<Instant>,
}

/// What a shown record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseContent {
    /// Hosted or imported.
    pub mode: Mode,
    /// Origin of the registry it is recognised from.
    pub mirror_of: Option<String>,
    /// The catalogue entry.
    pub entry: CatalogueKey,
    /// Its type.
    pub record_type: RecordType,
    /// The subject's name as the authority writes it.
    pub name_as_written: String,
    /// Grounds.
    pub grounds: Vec<Ground>,
    /// Who decided.
    pub act: Act,
    /// How grave.
    pub severity: Option<Severity>,
    /// By which procedure.
    pub procedure: Procedure,
    /// The decision; none while interim.
    pub decision: Option<DecisionDocument>,
    /// When the conduct happened.
    pub conduct: Option<Conduct>,
    /// From when to when.
    pub term: Term,
    /// The instant an interim record ends by itself.
    pub interim_until: Option<Instant>,
    /// Whether a remedy is pending.
    pub under_review: bool,
    /// Whether it was handed in late.
    pub late: bool,
    /// Measures the decision names.
    pub measures: BTreeSet<MeasureId>,
    /// The subject's statement.
    pub statement: Option<String>,
    /// The record it replaced.
    pub predecessor: Option<RecordId>,
    /// Hash of the pack its entry is from.
    pub pack: String,
    /// IANA zone its days are meant in.
    pub zone: String,
    /// The fields of its type.
    pub body: Body,
}

impl CaseView {
    /// The view of `case`, which is evaluated for the instant of the answer; `None` when nothing of
    /// it is for everybody.
    pub(crate) fn of(
        case: &Case,
        exposure: Exposure,
        position: u64,
        history: Vec<TimelineEntry>,
    ) -> Option<CaseView> {
        let content = match exposure {
            Exposure::Nothing => return None,
            Exposure::Shown { .. } => Some(content(case)),
            Exposure::CorrectedTombstone | Exposure::WithdrawnTombstone(_) => None,
        };
        Some(CaseView {
            record: case.record,
            organisation: case.organisation,
            authority: case.authority.clone(),
            position,
            exposure,
            content,
            history,
            next_boundary: case.next_boundary(),
        })
    }

    /// Its type; `None` for a tombstone.
    pub fn record_type(&self) -> Option<RecordType> {
        self.content.as_ref().map(|content| content.record_type)
    }

    /// Whether it counts: shown, and no interim record, which is no finding (I-61).
    pub const fn counts(&self) -> bool {
        matches!(self.exposure, Exposure::Shown { interim: false, .. })
    }

    /// Whether its content is shown.
    pub const fn is_shown(&self) -> bool {
        self.content.is_some()
    }
}

fn content(case: &Case) -> CaseContent {
    let revision = &case.revision;
    CaseContent {
        mode: revision.mode,
        mirror_of: case.mirror.as_ref().map(|mirror| mirror.origin.clone()),
        entry: revision.entry.clone(),
        record_type: revision.record_type(),
        name_as_written: revision.name_as_written.clone(),
        grounds: revision.grounds.clone(),
        act: revision.act,
        severity: revision.severity,
        procedure: revision.procedure,
        decision: revision.decision.clone(),
        conduct: revision.conduct,
        term: case.term.clone(),
        interim_until: case.interim.map(|interim| interim.lapses_at),
        under_review: revision.under_review,
        late: revision.late,
        measures: case.measures.clone(),
        statement: case.statement.clone(),
        predecessor: revision.predecessor,
        pack: revision.pack.clone(),
        zone: revision.zone.clone(),
        body: revision.body.clone(),
    }
}
