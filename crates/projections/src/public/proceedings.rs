//! Records of authorities as the public sees them.

use domain::case::Step;
use domain::civil::Instant;
use domain::event::EventBody;
use domain::ids::RecordId;
use due_process::case::Case;
use due_process::consult::Override;
use due_process::published::Published;
use ledger::{LedgerReader, Opened};

use super::{PublicReader, Request};
use crate::ProjectionError;
use crate::answers::CaseAnswer;
use crate::case_view::CaseView;
use crate::file::TimelineEntry;
use crate::proceedings::{ProceedingRow, folded};
use crate::rows::OrganisationRow;

impl PublicReader {
    /// The record `id` of an authority, or its tombstone; `None` as for an id that never was.
    pub fn case(
        &self,
        ledger: &LedgerReader,
        id: RecordId,
        now: Instant,
    ) -> Result<Option<CaseAnswer>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let Some(row) = request.base.proceeding(id)? else { return Ok(None) };
            let Some(view) = request.case_view(&row, request.cursor)? else { return Ok(None) };
            let organisation = request.base.organisation_at(row.organisation)?;
            let organisation = organisation.ok_or(ProjectionError::Broken("organisation"))?;
            let file = request.shown_as_one(&organisation, &request.view())?.assembled.file;
            // A tombstone alone supports no file: with the last record of an organisation it goes.
            let Some(file) = file else { return Ok(None) };
            let proof = super::file::proof(ledger, view.position)?;
            Ok(Some(CaseAnswer {
                organisation_name: file.name,
                position: request.cursor,
                proof,
                view,
            }))
        })
    }

    /// Every record that is public about the organisations that are one with `id`: what measures,
    /// ratings and reports may be computed from.
    pub fn published(
        &self,
        ledger: &LedgerReader,
        id: domain::ids::OrganisationId,
        now: Instant,
    ) -> Result<Vec<Published>, ProjectionError> {
        Ok(self.published_with_overrides(ledger, id, now)?.0)
    }

    /// The same, and what authorities set aside of it.
    pub fn published_with_overrides(
        &self,
        ledger: &LedgerReader,
        id: domain::ids::OrganisationId,
        now: Instant,
    ) -> Result<(Vec<Published>, Vec<Override>), ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut found = (Vec::new(), Vec::new());
            let Some(row) = request.base.organisation(id)? else { return Ok(found) };
            let shown = request.shown_as_one(&row, &request.view())?;
            let Some(file) = shown.assembled.file else { return Ok(found) };
            found.0.extend(file.records.iter().filter_map(|view| {
                Published::of_quotation(&view.record, view.read_on, false, request.now)
            }));
            for view in file.proceedings.iter().filter(|view| view.is_shown()) {
                let row = request.base.proceeding(view.record)?;
                let row = row.ok_or(ProjectionError::Broken("proceeding"))?;
                if let Some(case) = folded(request.ledger, &row)? {
                    found.0.extend(Published::of_case(&case, request.now));
                    found.1.extend(request.overrides(&row)?);
                }
            }
            Ok(found)
        })
    }
}

impl Request<'_> {
    /// Records of authorities about the organisation with this row that were submitted below `at`,
    /// as far as everybody may see them now.
    pub(super) fn case_views(
        &self,
        row: &OrganisationRow,
        at: u64,
    ) -> Result<Vec<CaseView>, ProjectionError> {
        let mut views = Vec::new();
        for row in self.base.proceedings_of(row.position)? {
            views.extend(self.case_view(&row, at)?);
        }
        Ok(views)
    }

    /// What authorities set aside of the case, as far as everybody may read it now.
    fn overrides(&self, row: &ProceedingRow) -> Result<Vec<Override>, ProjectionError> {
        let exposure = row.exposure(self.now);
        let mut overrides = Vec::new();
        for (position, audience) in &row.steps {
            if !audience.may_read(exposure) {
                continue;
            }
            let Some(Opened::Event(event, _)) = self.ledger.event(*position)? else { continue };
            let EventBody::Case(step) = &event.body else { continue };
            if let Step::MeasureOverridden { measure, from, until, .. } = &step.step
                && step.record == row.id
            {
                overrides.push(Override {
                    record: step.record,
                    by: step.authority.clone(),
                    measure: measure.clone(),
                    from: *from,
                    until: *until,
                });
            }
        }
        Ok(overrides)
    }

    fn case_view(&self, row: &ProceedingRow, at: u64) -> Result<Option<CaseView>, ProjectionError> {
        let exposure = row.exposure(self.now);
        if row.position >= at || !row.steps.iter().any(|(_, it)| it.may_read(exposure)) {
            return Ok(None);
        }
        let Some(case) = folded(self.ledger, row)? else { return Ok(None) };
        let case: Case = case.as_of(self.now);
        let successor = match case.successor() {
            Some(id) => self.base.proceeding(id)?,
            None => None,
        };
        let successor = match successor {
            Some(row) => folded(self.ledger, &row)?.map(|case| case.as_of(self.now)),
            None => None,
        };
        // The tables say when it turns, the log says how it stands: they cannot differ unless one
        // of them was changed.
        if case.exposure_beside(successor.as_ref()) != exposure {
            return Err(ProjectionError::Broken("proceeding"));
        }
        let mut history = Vec::new();
        for (position, audience) in &row.steps {
            if audience.may_read(exposure) && *position < at {
                history.extend(self.case_step(*position)?);
            }
        }
        Ok(CaseView::of(&case, exposure, row.position, history))
    }

    fn case_step(&self, position: u64) -> Result<Option<TimelineEntry>, ProjectionError> {
        let Some(Opened::Event(event, _)) = self.ledger.event(position)? else {
            return Ok(None);
        };
        let EventBody::Case(step) = &event.body else { return Ok(None) };
        Ok(Some(TimelineEntry {
            position,
            at: event.at,
            kind: kind_of(&step.step),
            record: Some(step.record),
            authority: Some(step.authority.clone()),
        }))
    }
}

/// The kind of a step on the timeline; of one that is for the parties only it is never asked.
const fn kind_of(step: &Step) -> &'static str {
    match step {
        Step::Submitted(_) => "case_submitted",
        Step::Published => "case_published",
        Step::DecisionUpheld(_) => "decision_upheld",
        Step::InterimPublished { .. } => "interim_published",
        Step::ObjectionFiled { .. } => "objection_filed",
        Step::ObjectionRejected { .. } => "objection_rejected",
        Step::ObjectionEscalated { .. } => "objection_escalated",
        Step::StatementAdded { .. } => "statement_added",
        Step::Extended { .. } => "term_extended",
        Step::TermShortened { .. } => "term_shortened",
        Step::Imputed { .. } => "record_imputed",
        Step::Recognised { .. } => "record_recognised",
        Step::MeasureOverridden { .. } => "measure_overridden",
        Step::Corrected { .. } => "record_corrected",
        Step::Withdrawn { .. } => "record_withdrawn",
        _ => "case_step",
    }
}
