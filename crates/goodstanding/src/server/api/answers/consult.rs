//! What follows from a file, each measure explained from record to article.

use domain::civil::Day;
use due_process::consult::Applicable;
use due_process::published::PublishedFacts;
use due_process::recognition::{Assessment, Condition};
use policy::Packs;
use policy::recognition::Recognition;
use serde::Serialize;
use utoipa::ToSchema;

use super::record::EndShape;
use super::shared::{
    ByLanguage, CitationShape, NameShape, Publisher, RemedyShape, by_language, citations, remedy,
};
use crate::consulting::Answered;

/// The answer to "may this organisation take part, under this law, on this day?": a basis for a
/// decision by whoever asked, never a decision, and no certificate.
#[derive(Serialize, ToSchema)]
pub struct ConsultShape {
    /// Id of the organisation.
    organisation: String,
    /// Its name.
    name: NameShape,
    /// What was asked.
    question: QuestionShape,
    /// The instant the answer is for.
    as_of: String,
    /// Entries of the log below this position are known.
    position: u64,
    /// From this instant on it may be another answer.
    usable_until: String,
    /// The packs in force: whose law was asked.
    packs: Vec<PackUsedShape>,
    /// What follows; restrictions first.
    applicable: Vec<ApplicableShape>,
    /// What was looked at and does not follow.
    considered: Vec<ConsideredShape>,
    /// What agreements make of the decisions of their parties.
    recognition: Vec<AssessmentShape>,
    /// True where nothing follows. It says no more than that: it is no certificate of anything.
    nothing_applies: bool,
    /// Always true (I-38).
    basis_for_a_decision_by_the_addressee: bool,
}

/// What was asked.
#[derive(Serialize, ToSchema)]
struct QuestionShape {
    /// For what.
    #[schema(example = "public_procurement")]
    purpose: String,
    /// In which function.
    #[schema(example = "procuring_entity")]
    role: String,
    /// Where.
    territory: String,
    /// For which day.
    on: String,
    /// Who asks, where that was said.
    addressee: Option<String>,
}

/// A pack in force.
#[derive(Serialize, ToSchema)]
struct PackUsedShape {
    name: String,
    version: String,
    hash: String,
}

/// A measure or incentive that follows from a record.
#[derive(Serialize, ToSchema)]
struct ApplicableShape {
    measure: String,
    version: u16,
    title: ByLanguage,
    /// `restriction`, `supervision`, `information` or `incentive`.
    kind: String,
    #[schema(example = "EXCLUDE")]
    effect: String,
    /// Whether the law leaves no choice.
    mandatory: bool,
    /// First day.
    from: Option<String>,
    /// Last day, inclusive; null where the record has no end, on the basis it gives.
    until: Option<String>,
    /// The articles of the measure.
    basis: Vec<CitationShape>,
    /// How breach and consequence belong together.
    nexus: ByLanguage,
    /// What ends it early.
    lift: Option<ByLanguage>,
    /// Who may set it aside with public reasons.
    overridable_by: Option<ByLanguage>,
    /// The remedy against its use.
    remedy: Option<RemedyShape>,
    /// Authorities that set it aside for themselves on that day.
    set_aside_by: Vec<String>,
    /// Whether an objection against the record is open.
    objected: bool,
    /// Whether the record is interim: no finding.
    interim: bool,
    /// The record it follows from.
    record: String,
    /// What that record says.
    reason: Option<ReasonShape>,
}

/// A record as far as measures are judged by it.
#[derive(Serialize, ToSchema)]
struct ReasonShape {
    #[serde(rename = "type")]
    #[schema(example = "procurement.exclusion")]
    kind: String,
    /// Whose record it is, or who publishes the list quoted.
    authority: Publisher,
    /// The list, for a quotation.
    list: Option<String>,
    /// The catalogue entry, for a record of an authority.
    entry: Option<String>,
    grounds: Vec<String>,
    decided_on: Option<String>,
    start: Option<String>,
    end: Option<EndShape>,
    /// The articles the record rests on.
    basis: Vec<CitationShape>,
}

/// A measure that does not follow from a record.
#[derive(Serialize, ToSchema)]
struct ConsideredShape {
    measure: String,
    version: u16,
    record: String,
    /// The first reason found.
    #[schema(example = "other_addressee")]
    why_not: String,
}

/// An agreement applied to a decision.
#[derive(Serialize, ToSchema)]
pub struct AssessmentShape {
    /// The rule.
    rule: String,
    title: ByLanguage,
    /// The agreement.
    basis: Vec<CitationShape>,
    /// On what a party may leave a decision aside.
    opt_out: Option<ByLanguage>,
    record: String,
    /// Who decided; null where the source does not tell in words the pack knows.
    decider: Option<String>,
    publisher: String,
    conditions: Vec<ConditionShape>,
    parties: Vec<PartyShape>,
}

/// One condition.
#[derive(Serialize, ToSchema)]
struct ConditionShape {
    /// `party`, `ground`, `public`, `original`, `decided_from`, `longer_than` or `decided_within`.
    condition: String,
    /// `met`, `not_met` or `untold`: the source does not tell, and it is not taken as met.
    told: String,
    /// Its own article, where it has one; else the agreement's.
    basis: Vec<CitationShape>,
}

/// How one party stands to the decision.
#[derive(Serialize, ToSchema)]
struct PartyShape {
    party: String,
    /// `decided`, `enforces`, `would_enforce`, `open` or `would_not`.
    standing: String,
}

fn text(day: Option<Day>) -> Option<String> {
    day.map(|day| day.to_string())
}

impl ConsultShape {
    /// The shape of an answer.
    pub fn of(packs: &Packs, answered: &Answered) -> ConsultShape {
        let question = &answered.question;
        let found = &answered.found;
        let version = |measure| packs.measure(measure).map_or(0, |measure| measure.version);
        ConsultShape {
            organisation: answered.organisation.to_string(),
            name: NameShape::from(&answered.name),
            question: QuestionShape {
                purpose: question.purpose.key().to_owned(),
                role: question.role.key().to_owned(),
                territory: question.territory.as_str().to_owned(),
                on: question.on.to_string(),
                addressee: question.addressee.as_ref().map(ToString::to_string),
            },
            as_of: answered.as_of.to_string(),
            position: answered.position,
            usable_until: answered.usable_until.to_string(),
            packs: packs.packs().map(pack_used).collect(),
            applicable: found.applicable.iter().map(|it| applicable(packs, answered, it)).collect(),
            considered: found
                .considered
                .iter()
                .map(|it| ConsideredShape {
                    measure: it.measure.as_str().to_owned(),
                    version: version(&it.measure),
                    record: it.record.to_string(),
                    why_not: it.why.key().to_owned(),
                })
                .collect(),
            recognition: answered.assessments.iter().map(|it| assessment(packs, it)).collect(),
            nothing_applies: found.is_empty(),
            basis_for_a_decision_by_the_addressee: true,
        }
    }
}

fn pack_used(pack: &policy::PackInfo) -> PackUsedShape {
    PackUsedShape {
        name: pack.name.clone(),
        version: pack.version.clone(),
        hash: pack.hash.clone(),
    }
}

fn applicable(packs: &Packs, answered: &Answered, it: &Applicable) -> ApplicableShape {
    let measure = packs.measure(&it.measure);
    ApplicableShape {
        measure: it.measure.as_str().to_owned(),
        version: it.version,
        title: measure.map(|it| by_language(&it.title)).unwrap_or_default(),
        kind: it.kind.key().to_owned(),
        effect: it.effect.key().to_owned(),
        mandatory: it.mandatory,
        from: text(it.from),
        until: text(it.until),
        basis: measure.map(|it| citations(&it.basis)).unwrap_or_default(),
        nexus: measure.map(|it| by_language(&it.nexus)).unwrap_or_default(),
        lift: measure.and_then(|it| it.lift.as_ref()).map(by_language),
        overridable_by: measure.and_then(|it| it.overridable_by.as_ref()).map(by_language),
        remedy: remedy(measure.and_then(|it| it.remedy.as_ref())),
        set_aside_by: it.set_aside_by.iter().map(ToString::to_string).collect(),
        objected: it.objected,
        interim: it.interim,
        record: it.record.to_string(),
        reason: answered.facts.get(&it.record).map(|facts| reason(packs, facts)),
    }
}

fn reason(packs: &Packs, facts: &PublishedFacts) -> ReasonShape {
    let basis = match (&facts.list, &facts.entry) {
        (Some(list), _) => packs.list(list).map(|list| citations(&list.basis)),
        (None, Some(entry)) => packs.catalogue_entry(entry).map(|entry| citations(&entry.basis)),
        (None, None) => None,
    };
    ReasonShape {
        kind: facts.record_type.key().to_owned(),
        authority: Publisher::of(packs, &facts.authority),
        list: facts.list.as_ref().map(ToString::to_string),
        entry: facts.entry.as_ref().map(ToString::to_string),
        grounds: facts.grounds.iter().map(|ground| ground.key().to_owned()).collect(),
        decided_on: text(facts.decided_on),
        start: text(facts.start),
        end: facts.end.as_ref().map(EndShape::from),
        basis: basis.unwrap_or_default(),
    }
}

/// The shape of an agreement applied to a decision.
pub fn assessment(packs: &Packs, it: &Assessment) -> AssessmentShape {
    let rule = packs.recognition(&it.rule);
    AssessmentShape {
        rule: it.rule.to_string(),
        title: rule.map(|rule| by_language(&rule.title)).unwrap_or_default(),
        basis: rule.map(|rule| citations(&rule.basis)).unwrap_or_default(),
        opt_out: rule.and_then(|rule| rule.opt_out.as_ref()).map(by_language),
        record: it.record.to_string(),
        decider: it.decider.as_ref().map(ToString::to_string),
        publisher: it.publisher.to_string(),
        conditions: it
            .conditions
            .iter()
            .map(|(condition, told)| ConditionShape {
                condition: condition.key().to_owned(),
                told: told.key().to_owned(),
                basis: rule.map(|rule| basis_of(rule, *condition)).unwrap_or_default(),
            })
            .collect(),
        parties: it
            .parties
            .iter()
            .map(|(party, standing)| PartyShape {
                party: party.to_string(),
                standing: standing.key().to_owned(),
            })
            .collect(),
    }
}

fn basis_of(rule: &Recognition, condition: Condition) -> Vec<CitationShape> {
    let period = match condition {
        Condition::LongerThan => rule.longer_than.as_ref(),
        Condition::DecidedWithin => rule.decided_within.as_ref(),
        _ => None,
    };
    match period {
        Some(period) => citations(std::slice::from_ref(&period.citation)),
        None => citations(&rule.basis),
    }
}
