//! What changes when packs change, and for whom: read before a version is adopted, and kept with
//! it.

pub(crate) mod weigh;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use domain::case::Severity;

use crate::calendar::Calendar;
use crate::catalogue::{CatalogueEntry, Mandate, TermRule};
use crate::list::ListDefinition;
use crate::measure::Measure;
use crate::pack::Packs;
use crate::procedure::{LegalPeriod, PeriodKey};
use crate::recognition::Recognition;

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// A whole pack.
    Pack,
    /// A period of proceedings.
    Period,
    /// A calendar of working days.
    Calendar,
    /// A list that is quoted.
    List,
    /// An entry of a catalogue.
    Entry,
    /// A measure or incentive.
    Measure,
    /// A mandate of an authority.
    Mandate,
    /// A recognition rule.
    Recognition,
}

impl Of {
    /// The key in answers.
    pub const fn key(self) -> &'static str {
        match self {
            Of::Pack => "pack",
            Of::Period => "period",
            Of::Calendar => "calendar",
            Of::List => "list",
            Of::Entry => "entry",
            Of::Measure => "measure",
            Of::Mandate => "mandate",
            Of::Recognition => "recognition",
        }
    }
}

/// What of it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// How long it is.
    Length,
    /// The shortest period before repair, for records of this severity.
    ShortestTerm(Option<Severity>),
    /// The longest time on record, for records of this severity.
    LongestTerm(Option<Severity>),
    /// Whether records of this severity are public.
    Publication(Option<Severity>),
    /// The ceiling after the end of the conduct.
    Ceiling,
    /// The grounds it covers.
    Grounds,
    /// Whom it may be about, or may hit.
    Subjects,
    /// Who can be bound by it.
    Addressees,
    /// For which severities there is a hearing.
    Hearing,
    /// How grave a record is.
    SeverityRules,
    /// Repair or early release.
    Repair,
    /// Records before a decision.
    Interim,
    /// Extension of a term.
    Extension,
    /// What the addressee does, or whether it has a choice.
    Effect,
    /// The further condition.
    Condition,
    /// From when to when it holds.
    InForce,
    /// Days off and make-up days.
    Days,
    /// Law, remedy, words.
    Rest,
}

/// What a change means for organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Toward {
    /// They are better off, or no worse.
    Lighter,
    /// They are worse off. A record that exists keeps what it had (I-11).
    Heavier,
    /// It has to be read.
    Unclear,
}

impl Toward {
    /// The key in answers.
    pub const fn key(self) -> &'static str {
        match self {
            Toward::Lighter => "lighter",
            Toward::Heavier => "heavier",
            Toward::Unclear => "to_be_read",
        }
    }
}

/// One change between two versions of the packs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The kind of thing.
    pub of: Of,
    /// Its pack, id or key.
    pub id: String,
    /// What of it.
    pub what: What,
    /// For organisations.
    pub toward: Toward,
    /// A length before, such as `3 years`, where one changed.
    pub before: Option<LegalLength>,
    /// And after.
    pub after: Option<LegalLength>,
}

/// A length without its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LegalLength {
    /// How many.
    pub value: u16,
    /// Of what.
    pub unit: crate::procedure::Unit,
}

impl From<&LegalPeriod> for LegalLength {
    fn from(period: &LegalPeriod) -> LegalLength {
        LegalLength { value: period.value, unit: period.unit }
    }
}

/// Every change from `old` to `new`, sorted; empty exactly when nothing that holds has changed.
pub fn diff(old: &Packs, new: &Packs) -> Vec<Change> {
    let mut changes = Vec::new();
    let names = |packs: &Packs| -> BTreeMap<String, ()> {
        packs.packs().map(|pack| (pack.name.clone(), ())).collect()
    };
    by_key(Of::Pack, &names(old), &names(new), &mut changes, |_, (), (), _| {});
    periods(old, new, &mut changes);
    by_key(Of::Calendar, &old.calendars, &new.calendars, &mut changes, calendar);
    by_key(Of::List, &named(&old.lists), &named(&new.lists), &mut changes, list);
    by_key(Of::Entry, &named(&old.catalogue), &named(&new.catalogue), &mut changes, entry);
    by_key(Of::Measure, &named(&old.measures), &named(&new.measures), &mut changes, measure);
    by_key(Of::Mandate, &mandates(old), &mandates(new), &mut changes, mandate);
    let (before, after) = (named(&old.recognitions), named(&new.recognitions));
    by_key(Of::Recognition, &before, &after, &mut changes, recognition);
    changes.sort_unstable();
    changes.dedup();
    changes
}

fn named<K: ToString, V>(map: &BTreeMap<K, V>) -> BTreeMap<String, &V> {
    map.iter().map(|(key, value)| (key.to_string(), value)).collect()
}

/// What is new, what is gone, and what `compare` says of what is in both.
fn by_key<V>(
    of: Of,
    old: &BTreeMap<String, V>,
    new: &BTreeMap<String, V>,
    changes: &mut Vec<Change>,
    compare: impl Fn(&mut Comparing<'_>, &V, &V, &str),
) {
    for (id, before) in old {
        let mut comparing = Comparing { of, id, changes };
        match new.get(id) {
            Some(after) => compare(&mut comparing, before, after, id),
            None => comparing.add(What::Removed, removal(of)),
        }
    }
    for id in new.keys().filter(|id| !old.contains_key(*id)) {
        Comparing { of, id, changes }.add(What::Added, addition(of));
    }
}

const fn addition(of: Of) -> Toward {
    match of {
        Of::Entry | Of::List | Of::Mandate => Toward::Heavier,
        _ => Toward::Unclear,
    }
}

const fn removal(of: Of) -> Toward {
    match of {
        Of::Entry | Of::List | Of::Mandate => Toward::Lighter,
        _ => Toward::Unclear,
    }
}

/// Where changes of one thing go.
struct Comparing<'a> {
    of: Of,
    id: &'a str,
    changes: &'a mut Vec<Change>,
}

impl Comparing<'_> {
    fn add(&mut self, what: What, toward: Toward) {
        let (of, id) = (self.of, self.id.to_owned());
        self.changes.push(Change { of, id, what, toward, before: None, after: None });
    }

    /// Adds `what` when the two differ.
    fn differ<T: PartialEq>(&mut self, what: What, old: &T, new: &T) {
        if old != new {
            self.add(what, Toward::Unclear);
        }
    }

    /// Adds `what` when the sets differ: more is `more` for organisations.
    fn sets<T: Ord + Clone>(&mut self, what: What, old: &[T], new: &[T], more: Toward) {
        let old: BTreeSet<T> = old.iter().cloned().collect();
        let new: BTreeSet<T> = new.iter().cloned().collect();
        if old == new {
            return;
        }
        let toward = match (new.is_superset(&old), new.is_subset(&old)) {
            (true, _) => more,
            (_, true) => opposite(more),
            _ => Toward::Unclear,
        };
        self.add(what, toward);
    }

    /// Adds `what` when the periods differ; `None` is `none` long: no limit, or none at all.
    fn period(
        &mut self,
        what: What,
        old: Option<&LegalPeriod>,
        new: Option<&LegalPeriod>,
        none_is_longest: bool,
        longer: Toward,
    ) {
        let same = |old: &LegalPeriod, new: &LegalPeriod| {
            (old.value, old.unit, old.first_day_counts, old.ends_on_working_day)
                == (new.value, new.unit, new.first_day_counts, new.ends_on_working_day)
        };
        let toward = match (old, new) {
            (None, None) => return,
            (Some(old), Some(new)) if same(old, new) => return,
            (Some(old), Some(new)) if new.is_at_most(old) => opposite(longer),
            (Some(old), Some(new)) if old.is_at_most(new) => longer,
            (Some(_), Some(_)) => Toward::Unclear,
            (Some(_), None) if none_is_longest => longer,
            (None, Some(_)) if !none_is_longest => longer,
            _ => opposite(longer),
        };
        let (of, id) = (self.of, self.id.to_owned());
        let (before, after) = (old.map(LegalLength::from), new.map(LegalLength::from));
        self.changes.push(Change { of, id, what, toward, before, after });
    }
}

const fn opposite(toward: Toward) -> Toward {
    match toward {
        Toward::Lighter => Toward::Heavier,
        Toward::Heavier => Toward::Lighter,
        Toward::Unclear => Toward::Unclear,
    }
}

fn periods(old: &Packs, new: &Packs, changes: &mut Vec<Change>) {
    for (pack, after) in &new.procedures {
        let Some(before) = old.procedures.get(pack) else { continue };
        for key in PeriodKey::ALL {
            let longer = if key.favours_longer() { Toward::Lighter } else { Toward::Heavier };
            let id = format!("{pack}: {}", key.key());
            let mut comparing = Comparing { of: Of::Period, id: &id, changes };
            comparing.period(What::Length, before.period(*key), after.period(*key), false, longer);
        }
        if let (Some(before), Some(after)) = (&before.rate, &after.rate)
            && before != after
        {
            let id = format!("{pack}: rate");
            let is_lower = after.is_at_most(before);
            let toward = if is_lower { Toward::Lighter } else { Toward::Heavier };
            Comparing { of: Of::Period, id: &id, changes }.add(What::Length, toward);
        }
        if before.calendar.id != after.calendar.id {
            Comparing { of: Of::Calendar, id: pack, changes }.add(What::Days, Toward::Unclear);
        }
    }
}

fn calendar(comparing: &mut Comparing<'_>, old: &Calendar, new: &Calendar, _: &str) {
    comparing.differ(What::InForce, &(old.from, old.until), &(new.from, new.until));
    let days = |calendar: &Calendar| (calendar.holidays.clone(), calendar.make_up_days.clone());
    comparing.differ(What::Days, &days(old), &days(new));
    comparing.differ(What::Rest, &(&old.zone, &old.basis), &(&new.zone, &new.basis));
}

fn list(comparing: &mut Comparing<'_>, old: &&ListDefinition, new: &&ListDefinition, _: &str) {
    let grounds = |list: &ListDefinition| -> Vec<_> {
        list.entries
            .iter()
            .flat_map(|entry| entry.grounds.iter().map(|ground| (entry.id.clone(), *ground)))
            .collect()
    };
    comparing.sets(What::Grounds, &grounds(old), &grounds(new), Toward::Heavier);
    comparing.sets(What::Subjects, &old.subjects, &new.subjects, Toward::Heavier);
    let rest = |list: &ListDefinition| {
        let mut rest = list.clone();
        rest.subjects.clear();
        rest.entries.iter_mut().for_each(|entry| entry.grounds.clear());
        rest
    };
    comparing.differ(What::Rest, &rest(old), &rest(new));
}

fn entry(comparing: &mut Comparing<'_>, old: &&CatalogueEntry, new: &&CatalogueEntry, _: &str) {
    let severities: BTreeSet<Option<Severity>> =
        old.terms.keys().chain(new.terms.keys()).copied().collect();
    for severity in severities {
        term(comparing, severity, old.term(severity), new.term(severity));
    }
    let (before, after) = (old.ceiling.as_ref(), new.ceiling.as_ref());
    comparing.period(What::Ceiling, before, after, true, Toward::Heavier);
    comparing.sets(What::Grounds, &old.grounds, &new.grounds, Toward::Heavier);
    comparing.sets(What::Subjects, &old.subjects, &new.subjects, Toward::Heavier);
    comparing.sets(What::Hearing, &old.hearing, &new.hearing, Toward::Lighter);
    let rules = |entry: &CatalogueEntry| (entry.severity_rules.clone(), entry.severity_default);
    comparing.differ(What::SeverityRules, &rules(old), &rules(new));
    let repair = |entry: &CatalogueEntry| (entry.repair.clone(), entry.release.clone());
    comparing.differ(What::Repair, &repair(old), &repair(new));
    possibility(comparing, What::Interim, old.interim.as_ref(), new.interim.as_ref());
    possibility(comparing, What::Extension, old.extension.as_ref(), new.extension.as_ref());
    let in_force = |entry: &CatalogueEntry| (entry.in_force_from, entry.in_force_until);
    comparing.differ(What::InForce, &in_force(old), &in_force(new));
    let rest = |entry: &CatalogueEntry| {
        let words = (entry.title.clone(), entry.basis.clone(), entry.remedy.clone());
        let rules = (entry.act, entry.record_type, entry.term_start, entry.indefinite.clone());
        (words, rules)
    };
    comparing.differ(What::Rest, &rest(old), &rest(new));
}

/// Something authorities may do or may not.
fn possibility<T: PartialEq>(
    comparing: &mut Comparing<'_>,
    what: What,
    old: Option<&T>,
    new: Option<&T>,
) {
    let toward = match (old, new) {
        (None, Some(_)) => Toward::Heavier,
        (Some(_), None) => Toward::Lighter,
        (Some(old), Some(new)) if old != new => Toward::Unclear,
        _ => return,
    };
    comparing.add(what, toward);
}

fn term(
    comparing: &mut Comparing<'_>,
    severity: Option<Severity>,
    old: Option<&TermRule>,
    new: Option<&TermRule>,
) {
    let (old_min, new_min) =
        (old.and_then(|term| term.min.as_ref()), new.and_then(|term| term.min.as_ref()));
    comparing.period(What::ShortestTerm(severity), old_min, new_min, false, Toward::Heavier);
    let (old_max, new_max) =
        (old.and_then(|term| term.max.as_ref()), new.and_then(|term| term.max.as_ref()));
    // A term that was not there at all is a new possibility, not one without end.
    let had_none = old.is_none() || new.is_none();
    comparing.period(What::LongestTerm(severity), old_max, new_max, !had_none, Toward::Heavier);
    let published = |term: Option<&TermRule>| term.is_some_and(|term| term.published);
    if published(old) != published(new) {
        let toward = if published(new) { Toward::Heavier } else { Toward::Lighter };
        comparing.add(What::Publication(severity), toward);
    }
}

fn measure(comparing: &mut Comparing<'_>, old: &&Measure, new: &&Measure, _: &str) {
    let more = match new.kind {
        domain::limits::MeasureKind::Incentive => Toward::Lighter,
        _ => Toward::Heavier,
    };
    let addressees = |measure: &Measure| -> Vec<_> {
        let key = |addressee: &crate::measure::Addressee| {
            (addressee.role, addressee.territory.as_str().to_owned())
        };
        measure.addressees.iter().map(key).collect()
    };
    comparing.sets(What::Addressees, &addressees(old), &addressees(new), more);
    comparing.sets(What::Subjects, &old.targets, &new.targets, more);
    comparing.differ(What::Grounds, &old.grounds, &new.grounds);
    let effect = |measure: &Measure| {
        (
            measure.kind,
            measure.family,
            measure.effect,
            measure.mandatory,
            measure.interim,
            measure.term,
        )
    };
    comparing.differ(What::Effect, &effect(old), &effect(new));
    comparing.differ(What::Condition, &old.when, &new.when);
    let in_force = |measure: &Measure| (measure.published_on, measure.first_use);
    comparing.differ(What::InForce, &in_force(old), &in_force(new));
    let rest = |measure: &Measure| {
        let words = (measure.title.clone(), measure.nexus.clone(), measure.lift.clone());
        let law = (measure.basis.clone(), measure.remedy.clone());
        (words, law, measure.overridable_by.clone(), measure.version)
    };
    comparing.differ(What::Rest, &rest(old), &rest(new));
}

/// Mandates by what they say whom: authority, entry and territory.
fn mandates(packs: &Packs) -> BTreeMap<String, &Mandate> {
    let each = packs.mandates.iter().flat_map(|mandate| {
        mandate.entries.iter().map(move |entry| {
            (format!("{}, {entry}, {}", mandate.authority, mandate.territory), mandate)
        })
    });
    each.collect()
}

fn mandate(comparing: &mut Comparing<'_>, old: &&Mandate, new: &&Mandate, _: &str) {
    comparing.differ(What::InForce, &(old.from, old.until), &(new.from, new.until));
    comparing.differ(What::Rest, &old.basis, &new.basis);
}

fn recognition(comparing: &mut Comparing<'_>, old: &&Recognition, new: &&Recognition, _: &str) {
    comparing.sets(What::Grounds, &old.grounds, &new.grounds, Toward::Heavier);
    comparing.sets(What::Addressees, &old.parties, &new.parties, Toward::Heavier);
    let rest = |rule: &Recognition| {
        let mut rest = rule.clone();
        rest.grounds.clear();
        rest.parties.clear();
        rest
    };
    comparing.differ(What::Rest, &rest(old), &rest(new));
}
