//! Measures and incentives: what follows from a record, for whom, on what law, until when
//! (domain.md 6.5).

use domain::case::{Conduct, MeasureId, Severity, Territory};
use domain::civil::Day;
use domain::limits::Ground;
pub use domain::limits::{AddresseeRole, Effect, MeasureFamily, MeasureKind};
use domain::organisation::OrganisationKind;
use domain::record::RecordType;
use domain::text::Texts;

mod read;

use crate::citation::Citation;
use crate::expression::Expression;
use crate::list::Remedy;

pub(crate) use read::{MeasureRead, read};

/// Whom a measure addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// In which function.
    pub role: AddresseeRole,
    /// Where.
    pub territory: Territory,
}

/// Records a measure may follow from (I-34).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureGround {
    /// Type of record.
    pub record_type: RecordType,
    /// Any of these grounds; empty for good and neutral types.
    pub grounds: Vec<Ground>,
    /// Any of these severities; empty for good and neutral types.
    pub severities: Vec<Severity>,
}

/// Where it starts and ends, as far as the measure and not the record sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeasureTerm {
    /// From the record's first day to its end.
    Record,
    /// From the record's first day, for so many months, and never beyond the record.
    MonthsAtMost(u16),
}

/// A measure or incentive of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// `pack.name`.
    pub id: MeasureId,
    /// From 1; raised with each change.
    pub version: u16,
    /// The pack it is from.
    pub pack: String,
    /// What kind of consequence.
    pub kind: MeasureKind,
    /// In which field.
    pub family: MeasureFamily,
    /// What it is called, by language.
    pub title: Texts,
    /// The articles; at least one, at the level its scope needs (I-33).
    pub basis: Vec<Citation>,
    /// What it may follow from; at least one.
    pub grounds: Vec<MeasureGround>,
    /// A further condition over the allowed facts.
    pub when: Option<Expression>,
    /// The kinds of organisation it may hit.
    pub targets: Vec<OrganisationKind>,
    /// Whom it addresses; at least one.
    pub addressees: Vec<Addressee>,
    /// What they do.
    pub effect: Effect,
    /// Whether the law leaves them no choice.
    pub mandatory: bool,
    /// Whether it follows from an interim record too, which is no finding.
    pub interim: bool,
    /// How long.
    pub term: MeasureTerm,
    /// How breach and consequence belong together, by language (I-34).
    pub nexus: Texts,
    /// What ends it early, by language.
    pub lift: Option<Texts>,
    /// The remedy against its use.
    pub remedy: Option<Remedy>,
    /// First day of the law it rests on: nobody is hit by it for what was done or decided before.
    /// Where the pack does not say, the day it was made public.
    pub in_force_from: Day,
    /// The day whose wording of that law was read, where it is a later one.
    pub text_of: Option<Day>,
    /// The day it was made public.
    pub published_on: Day,
    /// The first day it may be used; at least `measure.notice` later (I-36).
    pub first_use: Day,
    /// Who may set it aside with public reasons, by language (T54).
    pub overridable_by: Option<Texts>,
    /// Whether the pack describes an invented jurisdiction.
    pub fictional: bool,
}

impl Measure {
    /// Whether the law it rests on was in force when somebody did what a record is about, and when
    /// it was decided; what is not known of the two hinders nothing.
    pub fn was_law(&self, conduct: Option<Conduct>, decided_on: Option<Day>) -> bool {
        let ended = conduct.map(|conduct| conduct.to);
        [ended, decided_on].into_iter().flatten().all(|day| day >= self.in_force_from)
    }

    /// Whether it may follow from a record of this type, with these grounds and this severity
    /// (I-34).
    pub fn follows_from(
        &self,
        record_type: RecordType,
        grounds: &[Ground],
        severity: Option<Severity>,
    ) -> bool {
        self.grounds.iter().any(|ground| ground.covers(record_type, grounds, severity))
    }
}

impl MeasureGround {
    /// Whether a record of this type, with these grounds and this severity, is covered.
    pub fn covers(
        &self,
        record_type: RecordType,
        grounds: &[Ground],
        severity: Option<Severity>,
    ) -> bool {
        let any_ground =
            self.grounds.is_empty() || self.grounds.iter().any(|ground| grounds.contains(ground));
        let any_severity = self.severities.is_empty()
            || severity.is_some_and(|severity| self.severities.contains(&severity));
        self.record_type == record_type && any_ground && any_severity
    }
}
