//! A case with everything its parties are told from: its steps, the law it is judged by, and what
//! is on record of its subject.

use std::sync::Arc;

use domain::case::{Actor, Notice, NoticeTexts, Step};
use domain::civil::{Day, Instant, Zone};
use domain::identifiers::IdentifierClaim;
use domain::ids::RecordId;
use due_process::case::Case;
use policy::catalogue::CatalogueEntry;
use policy::procedure::{LegalPeriod, PeriodKey, ProcedureRules};
use policy::{InUse, Packs};
use projections::DeskCase;

use super::CaseError;
use super::decide;
use super::view::View;

/// A case and its law.
pub struct CaseFile {
    /// Its steps.
    pub found: DeskCase,
    /// Evaluated for the instant it was asked about.
    pub case: Case,
    /// The catalogue entry as it holds for this case.
    pub entry: CatalogueEntry,
    /// The periods that hold for it.
    pub rules: ProcedureRules,
    /// The packs of that instant.
    pub in_use: Arc<InUse>,
    /// Identifiers of the subject.
    pub identifiers: Vec<IdentifierClaim>,
    /// Name of the log.
    pub origin: String,
}

impl CaseFile {
    /// The case of `record` as it stands on `on`; `None` where there is none.
    pub fn of(
        view: &View,
        packs: &Packs,
        record: RecordId,
        on: Instant,
    ) -> Result<Option<CaseFile>, CaseError> {
        let Some(found) = view.desk.case(&view.reader, record)? else { return Ok(None) };
        let case = found.case.as_of(on);
        let (entry, rules) = decide::law_of(view, packs, &case, case.at)?;
        let in_use = view.laws(packs)?.at(case.at);
        let (identifiers, _) = view.desk.known_as(case.organisation)?;
        let origin = view.reader.origin().to_owned();
        Ok(Some(CaseFile { found, case, entry, rules, in_use, identifiers, origin }))
    }

    /// The zone its days are meant in.
    pub fn zone(&self) -> Zone {
        self.case.revision.zone.parse().unwrap_or_else(|_| self.rules.zone().clone())
    }

    /// The last step that `wanted` takes something from, with its position and instant.
    pub fn last<'a, T>(
        &'a self,
        wanted: impl Fn(&'a Step) -> Option<T>,
    ) -> Option<(u64, Instant, T)> {
        let mut steps = self.found.steps.iter().rev();
        steps.find_map(|(position, at, event)| Some((*position, *at, wanted(&event.step)?)))
    }

    /// The last notice that was served.
    pub fn notice(&self) -> Option<(u64, Instant, &Notice)> {
        self.last(|step| match step {
            Step::NoticeServed(notice) => Some(&**notice),
            _ => None,
        })
    }

    /// What its authority told about evidence and office, where it did.
    pub fn texts(&self) -> Option<&NoticeTexts> {
        self.notice().and_then(|(_, _, notice)| notice.texts.as_ref())
    }

    /// Every point so far, in order; empty where only its number was told, and where another than
    /// the subject raised it: what a successor said is not the subject's to read.
    pub fn points(&self) -> Vec<String> {
        let mut points = Vec::new();
        for (_, _, event) in &self.found.steps {
            if let Step::RepresentationMade { points: count, list, .. } = &event.step {
                let is_told = event.actor == Actor::Subject && !list.is_empty();
                match !is_told {
                    true => points.extend((0..*count).map(|_| String::new())),
                    false => points.extend(list.iter().cloned()),
                }
            }
        }
        points
    }

    /// The period `key`, where the law has it.
    pub fn period(&self, key: PeriodKey) -> Option<&LegalPeriod> {
        self.rules.period(key)
    }

    /// The last day of `period` from `start`; `None` where the calendar does not reach so far.
    pub fn last_day(&self, period: &LegalPeriod, start: Day) -> Option<Day> {
        period.last_day(start, &self.rules.calendar).ok()
    }
}
