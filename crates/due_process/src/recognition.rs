//! Recognition evaluated: on a rule of a pack and the facts of one public record, each condition
//! with met, not met, or not to be told from the source; and which party would enforce the
//! decision (domain.md 4.2).
//!
//! What a source does not tell is never taken as met: nobody is hit by a guess (I-67).

use domain::authority::AuthorityKey;
use domain::case::CatalogueKey;
use domain::civil::{Day, End};
use domain::ids::RecordId;
use domain::record::Polarity;
use policy::Packs;
use policy::list::ListDefinition;
use policy::measure::Measure;
use policy::procedure::LegalPeriod;
use policy::recognition::Recognition as Rule;

use crate::consult::{Question, Recognition};
use crate::published::PublishedFacts;

/// One condition of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// A party of the agreement decided.
    Party,
    /// The decision rests on a ground the agreement names.
    Ground,
    /// The decision is public.
    Public,
    /// It rests on no decision of another body.
    Original,
    /// It is not older than the agreement.
    DecidedFrom,
    /// Its term is longer than the agreement asks for.
    LongerThan,
    /// It was made soon enough after the conduct.
    DecidedWithin,
}

impl Condition {
    /// Every condition, in the order in which they are shown.
    pub const ALL: [Condition; 7] = [
        Condition::Party,
        Condition::Ground,
        Condition::Public,
        Condition::Original,
        Condition::DecidedFrom,
        Condition::LongerThan,
        Condition::DecidedWithin,
    ];

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            Condition::Party => "party",
            Condition::Ground => "ground",
            Condition::Public => "public",
            Condition::Original => "original",
            Condition::DecidedFrom => "decided_from",
            Condition::LongerThan => "longer_than",
            Condition::DecidedWithin => "decided_within",
        }
    }
}

/// What the source tells about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    /// It holds.
    Met,
    /// It does not hold.
    NotMet,
    /// The source does not tell.
    Untold,
}

impl Told {
    /// Every value.
    pub const ALL: [Told; 3] = [Told::Met, Told::NotMet, Told::Untold];

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            Told::Met => "met",
            Told::NotMet => "not_met",
            Told::Untold => "untold",
        }
    }

    fn of(known: Option<bool>) -> Told {
        match known {
            Some(true) => Told::Met,
            Some(false) => Told::NotMet,
            None => Told::Untold,
        }
    }
}

/// How one party stands to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The party decided itself.
    Decided,
    /// The party names another's decision on its own list: it enforces it, whatever we evaluate.
    Enforces,
    /// Every condition is met: it would enforce, unless it leaves the decision aside.
    WouldEnforce,
    /// No condition fails, and at least one cannot be told: nothing follows.
    Open,
    /// A condition is not met.
    WouldNot,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Standing; 5] = [
        Standing::Decided,
        Standing::Enforces,
        Standing::WouldEnforce,
        Standing::Open,
        Standing::WouldNot,
    ];

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            Standing::Decided => "decided",
            Standing::Enforces => "enforces",
            Standing::WouldEnforce => "would_enforce",
            Standing::Open => "open",
            Standing::WouldNot => "would_not",
        }
    }

    /// Whether the measure follows for such a party.
    pub const fn carries(self) -> bool {
        matches!(self, Standing::Decided | Standing::Enforces | Standing::WouldEnforce)
    }
}

/// A rule applied to one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Which rule.
    pub rule: CatalogueKey,
    /// Which record.
    pub record: RecordId,
    /// Who decided, where the source tells in words the pack knows.
    pub decider: Option<AuthorityKey>,
    /// Who publishes the record or the list.
    pub publisher: AuthorityKey,
    /// Each condition the rule has, in order.
    pub conditions: Vec<(Condition, Told)>,
    /// Each party, in the order of the rule.
    pub parties: Vec<(AuthorityKey, Standing)>,
}

impl Assessment {
    /// What the conditions alone come to, for a party that neither decided nor published.
    pub fn by_conditions(&self) -> Standing {
        let is_any = |told: Told| self.conditions.iter().any(|(_, found)| *found == told);
        match (is_any(Told::NotMet), is_any(Told::Untold)) {
            (true, _) => Standing::WouldNot,
            (false, true) => Standing::Open,
            (false, false) => Standing::WouldEnforce,
        }
    }

    /// How `party` stands; `None` where it is no party.
    pub fn standing(&self, party: &AuthorityKey) -> Option<Standing> {
        self.parties.iter().find(|(one, _)| one == party).map(|(_, standing)| *standing)
    }
}

/// Whether `rule` speaks of such a record at all: adverse, of a type a measure of its pack follows
/// from, decided or published by a party.
pub fn concerns<'a>(
    rule: &Rule,
    facts: &PublishedFacts,
    list: Option<&ListDefinition>,
    measures: impl IntoIterator<Item = &'a Measure>,
) -> bool {
    let is_of_a_party = rule.parties.contains(&facts.authority)
        || decider(facts, list).is_some_and(|decider| rule.parties.contains(&decider));
    let is_of_type = |measure: &Measure| {
        measure.pack == rule.pack
            && measure.grounds.iter().any(|ground| ground.record_type == facts.record_type)
    };
    facts.polarity() == Polarity::Adverse && is_of_a_party && measures.into_iter().any(is_of_type)
}

/// Applies `rule` to the record on the day `on`. `list` is the definition of the list a quotation
/// is from.
pub fn assess(
    rule: &Rule,
    facts: &PublishedFacts,
    list: Option<&ListDefinition>,
    on: Day,
) -> Assessment {
    let decider = decider(facts, list);
    // What another body published about a decision it took over tells the day of that, not of the
    // decision itself.
    let is_second_hand = decider.as_ref() != Some(&facts.authority);
    let seen = Seen { facts, is_second_hand, on };
    let mut conditions = vec![
        (Condition::Party, Told::of(decider.as_ref().map(|it| rule.parties.contains(it)))),
        (Condition::Ground, seen.ground(rule)),
    ];
    if rule.must_be_public {
        // Only what is public comes here, by type.
        conditions.push((Condition::Public, Told::Met));
    }
    if rule.must_be_original {
        // A party's decision is its own, whoever else publishes it; a row that names a body outside
        // the agreement rests on the decision of that body.
        let is_own = |it: &AuthorityKey| *it == facts.authority || rule.parties.contains(it);
        conditions.push((Condition::Original, Told::of(decider.as_ref().map(is_own))));
    }
    if let Some(from) = rule.decided_from {
        conditions.push((Condition::DecidedFrom, seen.decided_from(from)));
    }
    if let Some(period) = &rule.longer_than {
        conditions.push((Condition::LongerThan, seen.longer_than(period)));
    }
    if let Some(period) = &rule.decided_within {
        conditions.push((Condition::DecidedWithin, seen.decided_within(period)));
    }
    let mut assessment = Assessment {
        rule: rule.id.clone(),
        record: facts.record,
        decider,
        publisher: facts.authority.clone(),
        conditions,
        parties: Vec::new(),
    };
    let by_conditions = assessment.by_conditions();
    let standing = |party: &AuthorityKey| {
        if assessment.decider.as_ref() == Some(party) {
            Standing::Decided
        } else if facts.list.is_some() && facts.authority == *party {
            Standing::Enforces
        } else {
            by_conditions
        }
    };
    assessment.parties =
        rule.parties.iter().map(|party| (party.clone(), standing(party))).collect();
    assessment
}

/// Who decided: the authority whose record it is, or the body the list names, where the pack knows
/// the words.
fn decider(facts: &PublishedFacts, list: Option<&ListDefinition>) -> Option<AuthorityKey> {
    if facts.list.is_none() {
        return Some(facts.authority.clone());
    }
    list?.decider(facts.imposed_by.as_deref()?).cloned()
}

/// One record as a condition looks at it.
struct Seen<'a> {
    facts: &'a PublishedFacts,
    is_second_hand: bool,
    on: Day,
}

impl Seen<'_> {
    fn ground(&self, rule: &Rule) -> Told {
        let grounds = &self.facts.grounds;
        let is_named = grounds.iter().any(|ground| rule.grounds.contains(ground));
        Told::of((!grounds.is_empty()).then_some(is_named))
    }

    /// The day of the decision: known, or the latest it can have been.
    fn decided_on(&self) -> Option<Day> {
        self.facts.decided_on
    }

    fn decided_from(&self, from: Day) -> Told {
        Told::of(match self.decided_on() {
            Some(latest) if latest < from => Some(false),
            Some(_) if !self.is_second_hand => Some(true),
            _ => None,
        })
    }

    fn longer_than(&self, period: &LegalPeriod) -> Told {
        // Whose working days would count is nobody's to tell among many parties.
        let limit = self.facts.start.and_then(|start| period.last_day_of_any_calendar(start));
        let Some(limit) = limit else { return Told::Untold };
        Told::of(match &self.facts.end {
            // The term began when the body that decided says; another's list begins later, so that
            // a long rest tells that the whole is long, and a short rest tells nothing.
            Some(End::On(last)) if *last > limit => Some(true),
            Some(End::On(_)) if !self.is_second_hand => Some(false),
            // Without a last day it is as long as it has lasted, at least.
            Some(End::Indefinite { .. }) if self.on > limit => Some(true),
            _ => None,
        })
    }

    fn decided_within(&self, period: &LegalPeriod) -> Told {
        let (Some(conduct), Some(latest)) = (&self.facts.conduct, self.decided_on()) else {
            return Told::Untold;
        };
        let Some(limit) = period.last_day_of_any_calendar(conduct.to) else {
            return Told::Untold;
        };
        Told::of(match latest <= limit {
            true => Some(true),
            false if self.is_second_hand => None,
            false => Some(false),
        })
    }
}

/// The rules of recognition of all packs in force.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    packs: &'a Packs,
}

impl<'a> Rules<'a> {
    /// The rules of `packs`.
    pub const fn of(packs: &'a Packs) -> Rules<'a> {
        Rules { packs }
    }

    /// Every rule that speaks of the record, applied to it.
    pub fn assessments(&self, facts: &PublishedFacts, on: Day) -> Vec<Assessment> {
        let list = self.list(facts);
        let rules = self.packs.recognitions();
        let speaking = rules.filter(|rule| concerns(rule, facts, list, self.packs.measures()));
        speaking.map(|rule| assess(rule, facts, list, on)).collect()
    }

    fn list(&self, facts: &PublishedFacts) -> Option<&'a ListDefinition> {
        self.packs.list(facts.list.as_ref()?)
    }
}

impl Recognition for Rules<'_> {
    /// A quotation carries a measure where a rule of the measure's pack says so: for the addressee
    /// who asks, or, where none is named, for any party whatever. A record of an authority carries
    /// its pack's measures, and for another party only what that party would enforce.
    fn carries(&self, measure: &Measure, facts: &PublishedFacts, question: &Question) -> bool {
        let is_record = facts.list.is_none();
        let list = self.list(facts);
        let rules = self.packs.recognitions().filter(|rule| rule.pack == measure.pack);
        let mut speaking = rules.filter(|rule| concerns(rule, facts, list, [measure])).peekable();
        if speaking.peek().is_none() {
            return is_record;
        }
        speaking.any(|rule| {
            let assessment = assess(rule, facts, list, question.on);
            match &question.addressee {
                Some(addressee) => {
                    assessment.standing(addressee).map_or(is_record, Standing::carries)
                }
                None => is_record || assessment.by_conditions() == Standing::WouldEnforce,
            }
        })
    }
}
