//! What is public, as a type: consult, screening, ratings and reports take [`Published`] and
//! nothing else, so that a record under notice, stayed, repaired or expired cannot reach them
//! (design 2).

use std::collections::BTreeSet;

use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, Conduct, MeasureId, Mode, Procedure, Severity};
use domain::civil::{Day, End, Instant};
use domain::ids::{OrganisationId, RecordId};
use domain::limits::{Act, Ground};
use domain::record::{Body, Money, Polarity, Record, RecordType};
use domain::text::ListId;

use crate::case::{Case, Exposure};
use crate::quotation;

/// What follows from a record is judged by these facts and no others (promise P6): no name, no
/// nationality, no language, no owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedFacts {
    /// Which record.
    pub record: RecordId,
    /// Whom it is about.
    pub organisation: OrganisationId,
    /// Whose record it is, or who publishes the list quoted.
    pub authority: AuthorityKey,
    /// Its type.
    pub record_type: RecordType,
    /// Its grounds.
    pub grounds: Vec<Ground>,
    /// How grave; unknown for quotations.
    pub severity: Option<Severity>,
    /// Who decided, where known.
    pub act: Option<Act>,
    /// By which procedure, where known.
    pub procedure: Option<Procedure>,
    /// The day of the decision; for a quotation the first day of its term.
    pub decided_on: Option<Day>,
    /// When the conduct happened, where known.
    pub conduct: Option<Conduct>,
    /// The fine, where there is one.
    pub amount: Option<Money>,
    /// First day of the term.
    pub start: Option<Day>,
    /// Its end.
    pub end: Option<End>,
    /// Measures the decision names; `None` where the registry did not run the proceedings.
    pub measures: Option<BTreeSet<MeasureId>>,
    /// Whether it is interim: no finding.
    pub interim: bool,
    /// Whether an objection is open.
    pub objected: bool,
    /// The catalogue entry of an authority's own record.
    pub entry: Option<CatalogueKey>,
    /// The list of a quotation.
    pub list: Option<ListId>,
    /// The body that decided, as the publisher of a quotation writes it: which authority that is,
    /// the list's pack says. Never the name of a subject.
    pub imposed_by: Option<String>,
}

impl PublishedFacts {
    /// What it says about its subject.
    pub const fn polarity(&self) -> Polarity {
        self.record_type.polarity()
    }
}

/// A record that was public on an instant. Nobody but this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    facts: PublishedFacts,
}

impl Published {
    /// The record of `case`, if the public may see it on `on`.
    pub fn of_case(case: &Case, on: Instant) -> Option<Published> {
        let case = case.as_of(on);
        let Exposure::Shown { objected, interim } = case.exposure() else { return None };
        let revision = &case.revision;
        let is_hosted = revision.mode == Mode::Hosted && case.mirror.is_none();
        let decided_on = revision.decision.as_ref().map(|decision| decision.date);
        Some(Published {
            facts: PublishedFacts {
                record: case.record,
                organisation: case.organisation,
                authority: case.authority.clone(),
                record_type: revision.record_type(),
                grounds: revision.grounds.clone(),
                severity: revision.severity,
                act: Some(revision.act),
                procedure: Some(revision.procedure),
                decided_on: decided_on.or(case.term.start),
                conduct: revision.conduct,
                amount: amount(&revision.body),
                start: case.term.start,
                end: case.term.end.clone(),
                measures: is_hosted.then(|| case.measures.clone()),
                interim,
                objected,
                entry: Some(revision.entry.clone()),
                list: None,
                imposed_by: None,
            },
        })
    }

    /// The quotation `record`, if it counts on `on`: listed, begun, and read recently enough.
    pub fn of_quotation(
        record: &Record,
        last_read: Day,
        vanished: bool,
        on: Instant,
    ) -> Option<Published> {
        if !quotation::counts(quotation::state(record, last_read, vanished, on)) {
            return None;
        }
        Some(Published {
            facts: PublishedFacts {
                record: record.id,
                organisation: record.subject.organisation,
                authority: record.quotation.publisher.clone(),
                record_type: record.record_type(),
                grounds: record.grounds.clone(),
                severity: None,
                act: record.act,
                procedure: None,
                decided_on: record.period.start,
                conduct: None,
                amount: amount(&record.body),
                start: record.period.start,
                end: record.period.end.clone(),
                measures: None,
                interim: false,
                objected: false,
                entry: None,
                list: Some(record.quotation.list.clone()),
                imposed_by: imposed_by(&record.body),
            },
        })
    }

    /// A record of any facts, for tests of what follows from them.
    #[cfg(test)]
    pub(crate) const fn of_facts(facts: PublishedFacts) -> Published {
        Published { facts }
    }

    /// What follows from it is judged by these.
    pub const fn facts(&self) -> &PublishedFacts {
        &self.facts
    }
}

fn imposed_by(body: &Body) -> Option<String> {
    match body {
        Body::ListEntry(entry) => entry.imposed_by.clone(),
        Body::ProcurementExclusion(exclusion) => exclusion.imposed_by.clone(),
        Body::AdminPenalty(penalty) => penalty.imposed_by.clone(),
        _ => None,
    }
}

fn amount(body: &Body) -> Option<Money> {
    match body {
        Body::AdminPenalty(penalty) => penalty.fine.clone(),
        _ => None,
    }
}
