//! Evaluation: total, deterministic, and `false` wherever a fact that decides is not known.

use std::collections::BTreeMap;

use domain::case::{Conduct, Procedure, Severity, Territory};
use domain::civil::Day;
use domain::limits::{Act, AddresseeRole, Fact, Ground};
use domain::organisation::OrganisationKind;
use domain::record::RecordType;
use rust_decimal::Decimal;

use super::{Expression, Test};

/// What an expression is evaluated on. What is not known is `None` or not in the map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The type of record.
    pub record_type: Option<RecordType>,
    /// Its grounds.
    pub grounds: Vec<Ground>,
    /// How grave it is.
    pub severity: Option<Severity>,
    /// The day of the decision.
    pub decision_date: Option<Day>,
    /// When the conduct happened.
    pub conduct: Option<Conduct>,
    /// Amounts by ISO 4217 code.
    pub amounts: BTreeMap<String, Decimal>,
    /// By which procedure it was decided.
    pub procedure: Option<Procedure>,
    /// Who decided.
    pub act: Option<Act>,
    /// The kind of organisation.
    pub kind: Option<OrganisationKind>,
    /// Where: for a measure the territory for which it is asked, for a severity the one for which
    /// the record is submitted.
    pub territory: Option<Territory>,
    /// In which function the addressee asks.
    pub addressee: Option<AddresseeRole>,
}

impl Facts {
    fn key(&self, fact: Fact) -> Option<&str> {
        match fact {
            Fact::RecordType => self.record_type.map(RecordType::key),
            Fact::Severity => self.severity.map(Severity::key),
            Fact::Procedure => self.procedure.map(Procedure::key),
            Fact::Act => self.act.map(Act::key),
            Fact::Kind => self.kind.map(OrganisationKind::key),
            Fact::Addressee => self.addressee.map(AddresseeRole::key),
            Fact::Territory => self.territory.as_ref().map(Territory::as_str),
            Fact::Grounds
            | Fact::DecisionDate
            | Fact::ConductFrom
            | Fact::ConductTo
            | Fact::Amounts => None,
        }
    }

    fn day(&self, fact: Fact) -> Option<Day> {
        match fact {
            Fact::DecisionDate => self.decision_date,
            Fact::ConductFrom => self.conduct.map(|conduct| conduct.from),
            Fact::ConductTo => self.conduct.map(|conduct| conduct.to),
            _ => None,
        }
    }
}

impl Test {
    /// `None` where it depends on a fact that is not known. As in CEL, what is not known on one
    /// side of `&&` and `||` does not matter when the other side decides.
    fn holds(&self, facts: &Facts) -> Option<bool> {
        match self {
            Test::Constant(value) => Some(*value),
            Test::Not(inner) => inner.holds(facts).map(|holds| !holds),
            Test::Both(left, right) => match (left.holds(facts), right.holds(facts)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Test::Either(left, right) => match (left.holds(facts), right.holds(facts)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Test::OneOf(fact, keys) => {
                facts.key(*fact).map(|key| keys.iter().any(|known| known == key))
            }
            Test::HasGround(ground) => Some(facts.grounds.contains(ground)),
            Test::Day(fact, comparison, day) => {
                facts.day(*fact).map(|known| comparison.holds(&known, day))
            }
            Test::Amount(currency, comparison, amount) => {
                facts.amounts.get(currency).map(|known| comparison.holds(known, amount))
            }
            Test::HasAmount(currency) => Some(facts.amounts.contains_key(currency)),
        }
    }
}

impl Expression {
    /// Whether the condition holds. Where it depends on a fact that is not known, it does not.
    pub fn evaluate(&self, facts: &Facts) -> bool {
        self.test.holds(facts) == Some(true)
    }
}
