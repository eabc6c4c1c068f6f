//! "May this organisation take part, under my law, today?": the measures and incentives that follow
//! from what is public, each explained from record to article, or a plain "nothing applies".
//!
//! It is the basis of a decision by the addressee, never a decision (I-38).

use domain::authority::AuthorityKey;
use domain::case::{MeasureId, Territory};
use domain::civil::{Day, End};
use domain::ids::RecordId;
use domain::organisation::OrganisationKind;
use domain::record::Polarity;
use policy::expression::{Expression, Facts};
use policy::measure::{
    AddresseeRole, Effect, Measure, MeasureFamily, MeasureGround, MeasureKind, MeasureTerm,
};

use crate::published::{Published, PublishedFacts};

/// What an addressee asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The kind of the organisation asked about.
    pub kind: OrganisationKind,
    /// For what.
    pub purpose: MeasureFamily,
    /// In which function.
    pub role: AddresseeRole,
    /// Where.
    pub territory: Territory,
    /// For which day.
    pub on: Day,
    /// Who asks, where that is said: one authority's override, or its part in an agreement, counts
    /// for it alone.
    pub addressee: Option<AuthorityKey>,
}

/// A measure that an addressee set aside publicly (T54).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Of which record.
    pub record: RecordId,
    /// Who set it aside: for itself, never for others.
    pub by: AuthorityKey,
    /// Which measure.
    pub measure: MeasureId,
    /// From.
    pub from: Day,
    /// Until, inclusive.
    pub until: Day,
}

/// Why a measure does not follow from a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyNot {
    /// It follows from other types of record.
    OtherType,
    /// It follows from other grounds.
    OtherGround,
    /// It follows from other severities.
    OtherSeverity,
    /// It does not hit this kind of organisation.
    OtherTarget,
    /// It does not address this function, or not here (I-35).
    OtherAddressee,
    /// It was not public long enough on that day (I-36).
    NotYetInUse,
    /// Its law came after the conduct or the decision: nobody is hit by what was not law then.
    Retroactive,
    /// The decision does not name it, and the law leaves a choice.
    NotDecided,
    /// Its condition does not hold.
    ConditionUnmet,
    /// It follows from no quotation without a rule of recognition (I-67).
    NotRecognised,
    /// The record is interim, and the measure follows from findings only.
    Interim,
    /// The term has not begun on that day.
    NotBegun,
    /// Its own term is over.
    Over,
    /// An addressee set it aside, publicly and with reasons.
    SetAside,
}

impl WhyNot {
    /// Every reason.
    pub const ALL: [WhyNot; 14] = [
        WhyNot::OtherType,
        WhyNot::OtherGround,
        WhyNot::OtherSeverity,
        WhyNot::OtherTarget,
        WhyNot::OtherAddressee,
        WhyNot::NotYetInUse,
        WhyNot::Retroactive,
        WhyNot::NotDecided,
        WhyNot::ConditionUnmet,
        WhyNot::NotRecognised,
        WhyNot::Interim,
        WhyNot::NotBegun,
        WhyNot::Over,
        WhyNot::SetAside,
    ];

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            WhyNot::OtherType => "other_type",
            WhyNot::OtherGround => "other_ground",
            WhyNot::OtherSeverity => "other_severity",
            WhyNot::OtherTarget => "other_target",
            WhyNot::OtherAddressee => "other_addressee",
            WhyNot::NotYetInUse => "not_yet_in_use",
            WhyNot::Retroactive => "retroactive",
            WhyNot::NotDecided => "not_decided",
            WhyNot::ConditionUnmet => "condition_unmet",
            WhyNot::NotRecognised => "not_recognised",
            WhyNot::Interim => "interim",
            WhyNot::NotBegun => "not_begun",
            WhyNot::Over => "over",
            WhyNot::SetAside => "set_aside",
        }
    }
}

/// A measure or incentive that follows from a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicable {
    /// Which measure.
    pub measure: MeasureId,
    /// Its version.
    pub version: u16,
    /// What kind of consequence.
    pub kind: MeasureKind,
    /// What the addressee does.
    pub effect: Effect,
    /// Whether the law leaves no choice.
    pub mandatory: bool,
    /// From which record.
    pub record: RecordId,
    /// From.
    pub from: Option<Day>,
    /// Until, inclusive; `None` where the record has no end, on the basis it gives.
    pub until: Option<Day>,
    /// Whether an objection against the record is open.
    pub objected: bool,
    /// Whether the record is interim.
    pub interim: bool,
    /// Who set it aside for itself on that day.
    pub set_aside_by: Vec<AuthorityKey>,
}

/// A measure of the purpose asked for that does not follow from a record, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Which measure.
    pub measure: MeasureId,
    /// From which record it does not follow.
    pub record: RecordId,
    /// The first reason found.
    pub why: WhyNot,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consultation {
    /// What applies: restrictions first, then supervision, information, incentives; by id, record.
    pub applicable: Vec<Applicable>,
    /// What was looked at and does not apply.
    pub considered: Vec<Considered>,
}

impl Consultation {
    /// Whether nothing applies. That is no certificate: it says what was asked, on which day, of
    /// which records.
    pub fn is_empty(&self) -> bool {
        self.applicable.is_empty()
    }
}

/// Which records carry which measure, by the recognition rules of packs (I-67).
pub trait Recognition {
    /// Whether `measure` may follow from this record for whoever asks.
    fn carries(&self, measure: &Measure, facts: &PublishedFacts, question: &Question) -> bool;
}

/// No rule: no quotation carries a measure.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecognition;

impl Recognition for NoRecognition {
    fn carries(&self, _: &Measure, facts: &PublishedFacts, _: &Question) -> bool {
        facts.list.is_none()
    }
}

/// Answers `question` about one organisation from its public `records`.
///
/// ```
/// # use goodstanding_due_process::consult::{consult, NoRecognition, Question};
/// # use domain::{case::Territory, organisation::OrganisationKind};
/// # use policy::measure::{AddresseeRole, MeasureFamily};
/// let question = Question {
///     kind: OrganisationKind::Enterprise,
///     purpose: MeasureFamily::PublicProcurement,
///     role: AddresseeRole::ProcuringEntity,
///     territory: Territory::new("cn").unwrap(),
///     on: "2026-11-25".parse().unwrap(),
///     addressee: None,
/// };
/// let nothing: [&policy::measure::Measure; 0] = [];
/// assert!(consult(&[], &question, nothing, &[], &NoRecognition).is_empty());
/// ```
pub fn consult<'a>(
    records: &[Published],
    question: &Question,
    measures: impl IntoIterator<Item = &'a Measure>,
    overrides: &[Override],
    recognition: &dyn Recognition,
) -> Consultation {
    let mut answer = Consultation::default();
    for measure in measures.into_iter().filter(|measure| measure.family == question.purpose) {
        for published in records {
            let facts = published.facts();
            match judge(measure, facts, question, overrides, recognition) {
                Ok(applicable) => answer.applicable.push(applicable),
                Err(why) => answer.considered.push(Considered {
                    measure: measure.id.clone(),
                    record: facts.record,
                    why,
                }),
            }
        }
    }
    answer.applicable.sort_by(|one, other| {
        let key = |it: &Applicable| (rank(it.kind), it.measure.clone(), it.record);
        key(one).cmp(&key(other))
    });
    answer
        .considered
        .sort_by(|one, other| (&one.measure, one.record).cmp(&(&other.measure, other.record)));
    answer
}

const fn rank(kind: MeasureKind) -> u8 {
    match kind {
        MeasureKind::Restriction => 0,
        MeasureKind::Supervision => 1,
        MeasureKind::Information => 2,
        MeasureKind::Incentive => 3,
    }
}

/// Whether `measure` follows from the record (I-34 to I-37): every condition in turn.
fn judge(
    measure: &Measure,
    facts: &PublishedFacts,
    question: &Question,
    overrides: &[Override],
    recognition: &dyn Recognition,
) -> Result<Applicable, WhyNot> {
    check_grounds(measure, facts)?;
    let require = |holds: bool, why: WhyNot| if holds { Ok(()) } else { Err(why) };
    require(measure.targets.contains(&question.kind), WhyNot::OtherTarget)?;
    let is_addressed = measure.addressees.iter().any(|addressee| {
        addressee.role == question.role && addressee.territory.covers(&question.territory)
    });
    require(is_addressed, WhyNot::OtherAddressee)?;
    let usable_from = measure.first_use.max(measure.in_force_from);
    require(question.on >= usable_from, WhyNot::NotYetInUse)?;
    let is_adverse = facts.polarity() == Polarity::Adverse;
    // The day of the law decides, not the day on which somebody wrote it into a pack: that one only
    // has to be long enough ago (I-36).
    let was_law = measure.was_law(facts.conduct, facts.decided_on);
    require(!is_adverse || was_law, WhyNot::Retroactive)?;
    require(!facts.interim || measure.interim, WhyNot::Interim)?;
    let is_named = match &facts.measures {
        Some(named) => named.contains(&measure.id) || measure.mandatory,
        None => true,
    };
    require(!is_adverse || is_named, WhyNot::NotDecided)?;
    require(recognition.carries(measure, facts, question), WhyNot::NotRecognised)?;
    let holds = measure.when.as_ref().is_none_or(|when| condition_holds(when, facts, question));
    require(holds, WhyNot::ConditionUnmet)?;
    let (from, until) = term(measure, facts);
    require(from.is_none_or(|from| from <= question.on), WhyNot::NotBegun)?;
    require(until.is_none_or(|until| question.on <= until), WhyNot::Over)?;
    let set_aside_by = set_aside_by(measure, facts, question, overrides);
    let is_set_aside = question.addressee.as_ref().is_some_and(|it| set_aside_by.contains(it));
    require(!is_set_aside, WhyNot::SetAside)?;
    Ok(Applicable {
        measure: measure.id.clone(),
        version: measure.version,
        kind: measure.kind,
        effect: measure.effect,
        mandatory: measure.mandatory,
        record: facts.record,
        from,
        until,
        objected: facts.objected,
        interim: facts.interim,
        set_aside_by,
    })
}

/// Who set the measure aside for itself on the day asked about: an override of another record, of
/// another measure or of another time is none.
fn set_aside_by(
    measure: &Measure,
    facts: &PublishedFacts,
    question: &Question,
    overrides: &[Override],
) -> Vec<AuthorityKey> {
    let counting = overrides.iter().filter(|one| {
        one.record == facts.record
            && one.measure == measure.id
            && (one.from..=one.until).contains(&question.on)
    });
    let mut by: Vec<AuthorityKey> = counting.map(|one| one.by.clone()).collect();
    by.sort();
    by.dedup();
    by
}

fn check_grounds(measure: &Measure, facts: &PublishedFacts) -> Result<(), WhyNot> {
    let of_type: Vec<&MeasureGround> =
        measure.grounds.iter().filter(|ground| ground.record_type == facts.record_type).collect();
    if of_type.is_empty() {
        return Err(WhyNot::OtherType);
    }
    let of_ground: Vec<&MeasureGround> = of_type
        .into_iter()
        .filter(|ground| {
            ground.grounds.is_empty() || ground.grounds.iter().any(|it| facts.grounds.contains(it))
        })
        .collect();
    if of_ground.is_empty() {
        return Err(WhyNot::OtherGround);
    }
    // A quotation does not say how grave it is; its rule of recognition answers for that.
    let is_of_severity = of_ground.iter().any(|ground| {
        ground.severities.is_empty()
            || facts.severity.is_none_or(|severity| ground.severities.contains(&severity))
    });
    if is_of_severity { Ok(()) } else { Err(WhyNot::OtherSeverity) }
}

/// From when until when the measure holds: never longer than the record.
fn term(measure: &Measure, facts: &PublishedFacts) -> (Option<Day>, Option<Day>) {
    let record_until = match &facts.end {
        Some(End::On(last)) => Some(*last),
        Some(End::Indefinite { .. }) | None => None,
    };
    let from = facts.start.or(facts.decided_on);
    let until = match (measure.term, from) {
        (MeasureTerm::MonthsAtMost(months), Some(from)) => {
            let own = from.plus_months(i64::from(months)).plus_days(-1);
            Some(record_until.map_or(own, |until| own.min(until)))
        }
        (MeasureTerm::MonthsAtMost(_) | MeasureTerm::Record, _) => record_until,
    };
    (from, until)
}

/// Evaluates a measure's own condition; it reads no fact but those a pack may read (promise P6).
fn condition_holds(when: &Expression, facts: &PublishedFacts, question: &Question) -> bool {
    let amount = facts.amount.as_ref();
    when.evaluate(&Facts {
        record_type: Some(facts.record_type),
        grounds: facts.grounds.clone(),
        severity: facts.severity,
        decision_date: facts.decided_on,
        conduct: facts.conduct,
        amounts: amount.map(|money| (money.currency.clone(), money.amount)).into_iter().collect(),
        procedure: facts.procedure,
        act: facts.act,
        kind: Some(question.kind),
        territory: Some(question.territory.clone()),
        addressee: Some(question.role),
    })
}

#[cfg(test)]
mod law_days;
#[cfg(test)]
mod tests;
