//! The catalogue: which records an authority may submit, on what law, for how long, and how they
//! end (domain.md 6.5). One entry is one type of record on one legal basis.

use std::collections::{BTreeMap, BTreeSet};

use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, ConditionKey, Severity, Territory};
use domain::civil::Day;
use domain::limits::{Act, Ground};
use domain::organisation::OrganisationKind;
use domain::record::{Polarity, RecordType};
use domain::text::Texts;

mod read;

use crate::citation::Citation;
use crate::expression::{Expression, Facts};
use crate::list::Remedy;
use crate::procedure::LegalPeriod;

pub(crate) use read::{EntryRead, MandateRead, read, read_mandates, read_text_of};

/// From which day a term runs (I-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermStart {
    /// The date of the decision: late submission shortens, never shifts.
    Decision,
    /// The day the subject was told.
    Service,
}

/// How long a record of one severity may be public.
#[derive(Debug, Clone, PartialEq)]
pub struct TermRule {
    /// Before this, no repair may be applied for; `None` for at once.
    pub min: Option<LegalPeriod>,
    /// No end is later, counted from the start.
    pub max: Option<LegalPeriod>,
    /// Whether it is published at all: `minor` is not, unless a basis says so (I-10).
    pub published: bool,
    /// The article that lets a minor breach be published.
    pub publication: Option<Citation>,
}

impl TermRule {
    /// The rule for a record that was made under `old` when `new` is in force (I-11): never longer
    /// than the old one, shorter where the new one is. Where it depends on the day which of two
    /// periods is the shorter, the old one stays.
    pub fn lenient(old: &TermRule, new: &TermRule) -> TermRule {
        let shorter = |old: &Option<LegalPeriod>, new: &Option<LegalPeriod>| match (old, new) {
            (Some(old), Some(new)) if new.is_at_most(old) => Some(new.clone()),
            (Some(old), _) => Some(old.clone()),
            (None, new) => new.clone(),
        };
        // A shortest period that is not there lets repair begin at once: nothing is shorter.
        let min = match (&old.min, &new.min) {
            (None, _) | (_, None) => None,
            (old, new) => shorter(old, new),
        };
        let max = shorter(&old.max, &new.max);
        let published = old.published && new.published;
        let publication = old.publication.clone().filter(|_| published);
        TermRule { min, max, published, publication }
    }

    /// Whether this rule is nowhere heavier than `other` for the organisation.
    pub fn is_at_most(&self, other: &TermRule) -> bool {
        let min = match (&self.min, &other.min) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => own.is_at_most(others),
        };
        let max = match (&self.max, &other.max) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(others)) => own.is_at_most(others),
        };
        min && max && (other.published || !self.published)
    }
}

/// A rule that gives the severity where its condition holds; the first that holds decides.
#[derive(Debug, Clone, PartialEq)]
pub struct SeverityRule {
    /// What it gives.
    pub severity: Severity,
    /// When.
    pub when: Expression,
    /// On which law.
    pub basis: Citation,
}

/// A condition of repair or early release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its key, unique in the entry.
    pub key: ConditionKey,
    /// What has to be the case, by language.
    pub text: Texts,
    /// On which law.
    pub basis: Citation,
}

/// How many of the conditions of a rule have to be met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Needs {
    /// Each of them.
    #[default]
    All,
    /// One of them: they are alternatives.
    Any,
}

impl Needs {
    /// Both.
    pub const ALL: [Needs; 2] = [Needs::All, Needs::Any];

    /// The key in packs and answers.
    pub const fn key(self) -> &'static str {
        match self {
            Needs::All => "all",
            Needs::Any => "any",
        }
    }

    /// The one with this key.
    pub fn from_key(key: &str) -> Option<Needs> {
        Needs::ALL.into_iter().find(|needs| needs.key() == key)
    }
}

/// Repair: a right with listed conditions and no fee (I-16, I-17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairRule {
    /// Whether each condition has to be met or one is enough.
    pub needs: Needs,
    /// What has to be the case; a refusal names which is not.
    pub conditions: Vec<Condition>,
    /// Where and how, by language.
    pub steps: Texts,
}

impl RepairRule {
    /// The conditions that are missing when `met` are met; none when that is enough.
    pub fn unmet(&self, met: &BTreeSet<ConditionKey>) -> Vec<&ConditionKey> {
        let missing: Vec<&ConditionKey> =
            self.keys().filter(|condition| !met.contains(*condition)).collect();
        let is_enough = self.needs == Needs::Any && missing.len() < self.conditions.len();
        if is_enough { Vec::new() } else { missing }
    }

    fn keys(&self) -> impl Iterator<Item = &ConditionKey> {
        self.conditions.iter().map(|condition| &condition.key)
    }

    /// Whether whoever meets `other` meets this one too: it asks for nothing that `other` does not.
    pub fn is_at_most(&self, other: &RepairRule) -> bool {
        let (own, others): (BTreeSet<_>, BTreeSet<_>) =
            (self.keys().collect(), other.keys().collect());
        match (self.needs, other.needs) {
            (Needs::All, Needs::All) => own.is_subset(&others),
            (Needs::Any, Needs::Any) => own.is_superset(&others),
            (Needs::Any, Needs::All) => !own.is_disjoint(&others),
            (Needs::All, Needs::Any) => own.len() == 1 && own == others,
        }
    }

    /// The rule for a record that was made under `old` when `new` is in force (I-11): what is there
    /// only under `new`, and `new` where it asks for less. A condition of both keeps the words it
    /// had; where neither asks for less, the old one stays.
    fn lenient(old: Option<&RepairRule>, new: Option<&RepairRule>) -> Option<RepairRule> {
        let (Some(old), Some(new)) = (old, new) else { return old.or(new).cloned() };
        if !new.is_at_most(old) || old.is_at_most(new) {
            return Some(old.clone());
        }
        let mut lighter = new.clone();
        for condition in &mut lighter.conditions {
            if let Some(kept) = old.conditions.iter().find(|it| it.key == condition.key) {
                condition.clone_from(kept);
            }
        }
        Some(lighter)
    }
}

/// That the law lets a record stand before it was decided (T55).
#[derive(Debug, Clone, PartialEq)]
pub struct InterimRule {
    /// The law; I-61 refuses an interim record without one.
    pub basis: Citation,
    /// The longest it may stand, all records about one accusation together.
    pub max: LegalPeriod,
    /// Whether the entry knows nothing else: what is decided is a record of another entry.
    pub only: bool,
}

/// One type of record on one legal basis.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogueEntry {
    /// `pack.name`.
    pub id: CatalogueKey,
    /// What it is called, by language.
    pub title: Texts,
    /// The pack it is from.
    pub pack: String,
    /// The type of record.
    pub record_type: RecordType,
    /// The kinds of organisation it may be about.
    pub subjects: Vec<OrganisationKind>,
    /// Grounds of the closed vocabulary it covers; at least one when adverse.
    pub grounds: Vec<Ground>,
    /// Who decides.
    pub act: Act,
    /// The articles; at least one.
    pub basis: Vec<Citation>,
    /// First day of the law it is on: no record is about what was over before.
    pub in_force_from: Day,
    /// The day whose wording of that law was read, where it is a later one.
    pub text_of: Option<Day>,
    /// Last day it is in force, where it is over.
    pub in_force_until: Option<Day>,
    /// Review and court; always there when adverse.
    pub remedy: Option<Remedy>,
    /// How grave a record is; empty where every record is of `severity_default`.
    pub severity_rules: Vec<SeverityRule>,
    /// Where no rule holds; `None` for neutral and good types.
    pub severity_default: Option<Severity>,
    /// Terms by severity; neutral and good types have one under `None`.
    pub terms: BTreeMap<Option<Severity>, TermRule>,
    /// From which day a term runs.
    pub term_start: TermStart,
    /// No end is later than this after the end of the conduct (I-05).
    pub ceiling: Option<LegalPeriod>,
    /// The article that sets no end, where the law sets none.
    pub indefinite: Option<Citation>,
    /// The entry of the pack below that this one fills in or shortens.
    pub on: Option<CatalogueKey>,
    /// Severities for which the subject may ask for a hearing.
    pub hearing: Vec<Severity>,
    /// Repair, where there is one.
    pub repair: Option<RepairRule>,
    /// Early release, where there is one (T41).
    pub release: Option<RepairRule>,
    /// Interim records, where the law allows them.
    pub interim: Option<InterimRule>,
    /// Whether the law lets a term be extended after a new proceeding (T42).
    pub extension: Option<Citation>,
    /// Whether the pack describes an invented jurisdiction.
    pub fictional: bool,
}

impl CatalogueEntry {
    /// What records of this entry say about their subject.
    pub const fn polarity(&self) -> Polarity {
        self.record_type.polarity()
    }

    /// Every severity a record of this entry can turn out to have; `None` alone for neutral and
    /// good types.
    pub fn outcomes(&self) -> Vec<Option<Severity>> {
        let rules = self.severity_rules.iter().map(|rule| Some(rule.severity));
        let mut outcomes: Vec<Option<Severity>> =
            std::iter::once(self.severity_default).chain(rules).collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        outcomes
    }

    /// The severity that the rules give for `facts`.
    pub fn severity(&self, facts: &Facts) -> Option<Severity> {
        let rule = self.severity_rules.iter().find(|rule| rule.when.evaluate(facts));
        rule.map_or(self.severity_default, |rule| Some(rule.severity))
    }

    /// The term of `severity`.
    pub fn term(&self, severity: Option<Severity>) -> Option<&TermRule> {
        self.terms.get(&severity)
    }

    /// The entry for a record that was submitted under this version when `new` is in force (I-11):
    /// in nothing heavier than this one, and lighter where the new one is.
    pub fn lenient(&self, new: &CatalogueEntry) -> CatalogueEntry {
        let mut entry = self.clone();
        for (severity, term) in &mut entry.terms {
            if let Some(new) = new.term(*severity) {
                *term = TermRule::lenient(term, new);
            }
        }
        entry.ceiling = match (&self.ceiling, &new.ceiling) {
            (Some(own), Some(new)) if !new.is_at_most(own) => Some(own.clone()),
            (own, new) => new.clone().or_else(|| own.clone()),
        };
        entry.hearing.extend(new.hearing.iter().filter(|it| !self.hearing.contains(it)));
        entry.in_force_until = match (self.in_force_until, new.in_force_until) {
            (Some(own), Some(new)) => Some(own.min(new)),
            (own, new) => own.or(new),
        };
        entry.repair = RepairRule::lenient(self.repair.as_ref(), new.repair.as_ref());
        entry.release = RepairRule::lenient(self.release.as_ref(), new.release.as_ref());
        entry.extension = self.extension.clone().filter(|_| new.extension.is_some());
        entry
    }

    /// Whether it is in force on `day`.
    pub fn is_in_force(&self, day: Day) -> bool {
        day >= self.in_force_from && self.in_force_until.is_none_or(|until| day <= until)
    }
}

/// What an authority may submit (I-49): types of record, for a territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// Who.
    pub authority: AuthorityKey,
    /// Catalogue entries it may submit.
    pub entries: Vec<CatalogueKey>,
    /// Where.
    pub territory: Territory,
    /// The law that gives the power.
    pub basis: Citation,
    /// First day.
    pub from: Day,
    /// Last day, where it is over.
    pub until: Option<Day>,
}
