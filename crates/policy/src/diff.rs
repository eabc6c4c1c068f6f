//! What changes when packs change, and for whom: read before a version is adopted, and kept with
//! it.

mod compare;
mod items;
pub(crate) mod weigh;
mod words;

use std::collections::BTreeMap;

use domain::case::Severity;

use crate::catalogue::Mandate;
use crate::pack::Packs;
use crate::procedure::{LegalPeriod, PeriodKey};

pub use items::Item;

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

impl What {
    /// The key in answers.
    pub const fn key(self) -> &'static str {
        match self {
            What::Added => "added",
            What::Removed => "removed",
            What::Length => "length",
            What::ShortestTerm(_) => "shortest_term",
            What::LongestTerm(_) => "longest_term",
            What::Publication(_) => "publication",
            What::Ceiling => "ceiling",
            What::Grounds => "grounds",
            What::Subjects => "subjects",
            What::Addressees => "addressees",
            What::Hearing => "hearing",
            What::SeverityRules => "severity_rules",
            What::Repair => "repair",
            What::Interim => "interim",
            What::Extension => "extension",
            What::Effect => "effect",
            What::Condition => "condition",
            What::InForce => "in_force",
            What::Days => "days",
            What::Rest => "rest",
        }
    }

    /// For records of which severity, where that is said.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            What::ShortestTerm(severity)
            | What::LongestTerm(severity)
            | What::Publication(severity) => severity,
            _ => None,
        }
    }
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
    /// What is there now and was not.
    pub added: Vec<Item>,
    /// What was there and is not now.
    pub removed: Vec<Item>,
    /// For whom: the kinds of organisation and the addressees of what changed.
    pub whom: Vec<Item>,
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
    by_key(Of::Calendar, &old.calendars, &new.calendars, &mut changes, compare::calendar);
    by_key(Of::List, &named(&old.lists), &named(&new.lists), &mut changes, compare::list);
    by_key(Of::Entry, &named(&old.catalogue), &named(&new.catalogue), &mut changes, compare::entry);
    by_key(
        Of::Measure,
        &named(&old.measures),
        &named(&new.measures),
        &mut changes,
        compare::measure,
    );
    by_key(Of::Mandate, &mandates(old), &mandates(new), &mut changes, compare::mandate);
    let (before, after) = (named(&old.recognitions), named(&new.recognitions));
    by_key(Of::Recognition, &before, &after, &mut changes, compare::recognition);
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
        let mut comparing = Comparing::about(of, id, changes);
        match new.get(id) {
            Some(after) => compare(&mut comparing, before, after, id),
            None => comparing.add(What::Removed, removal(of)),
        }
    }
    for id in new.keys().filter(|id| !old.contains_key(*id)) {
        Comparing::about(of, id, changes).add(What::Added, addition(of));
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
    whom: Vec<Item>,
}

impl<'a> Comparing<'a> {
    const fn about(of: Of, id: &'a str, changes: &'a mut Vec<Change>) -> Comparing<'a> {
        Comparing { of, id, changes, whom: Vec::new() }
    }

    fn add(&mut self, what: What, toward: Toward) {
        self.add_items(what, toward, (Vec::new(), Vec::new()));
    }

    fn add_items(&mut self, what: What, toward: Toward, (added, removed): (Vec<Item>, Vec<Item>)) {
        let (of, id, whom) = (self.of, self.id.to_owned(), self.whom.clone());
        let (before, after) = (None, None);
        self.changes.push(Change { of, id, what, toward, before, after, added, removed, whom });
    }

    /// Adds `what` when the two differ, with what of it can be said in words.
    fn differ<T: PartialEq>(
        &mut self,
        what: What,
        (old, old_items): (&T, Vec<Item>),
        (new, new_items): (&T, Vec<Item>),
    ) {
        if old != new {
            self.add_items(what, Toward::Unclear, items::told(&old_items, &new_items));
        }
    }

    /// Adds `what` when the sets differ: more is `more` for organisations.
    fn sets(&mut self, what: What, old: &[Item], new: &[Item], more: Toward) {
        let (added, removed) = items::told(old, new);
        let toward = match (added.is_empty(), removed.is_empty()) {
            (true, true) => return,
            (false, true) => more,
            (true, false) => opposite(more),
            (false, false) => Toward::Unclear,
        };
        self.add_items(what, toward, (added, removed));
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
        let (of, id, whom) = (self.of, self.id.to_owned(), self.whom.clone());
        let (before, after) = (old.map(LegalLength::from), new.map(LegalLength::from));
        let (added, removed) = (Vec::new(), Vec::new());
        self.changes.push(Change { of, id, what, toward, before, after, added, removed, whom });
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
            let mut comparing = Comparing::about(Of::Period, &id, changes);
            comparing.period(What::Length, before.period(*key), after.period(*key), false, longer);
        }
        if let (Some(before), Some(after)) = (&before.rate, &after.rate)
            && before != after
        {
            let id = format!("{pack}: rate");
            let is_lower = after.is_at_most(before);
            let toward = if is_lower { Toward::Lighter } else { Toward::Heavier };
            Comparing::about(Of::Period, &id, changes).add(What::Length, toward);
        }
        if before.calendar.id != after.calendar.id {
            Comparing::about(Of::Calendar, pack, changes).differ(
                What::Days,
                (&before.calendar.id, vec![Item::plain(&before.calendar.id)]),
                (&after.calendar.id, vec![Item::plain(&after.calendar.id)]),
            );
        }
    }
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
