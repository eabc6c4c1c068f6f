//! What of the packs may be used at an instant. A version is in force from its adoption; what it
//! makes heavier for organisations waits until it was public for the time of notice (I-36), and the
//! version before it is used meanwhile. Nothing has to run for a wait to end: it is computed from
//! the versions and the instant asked about.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, Territory};
use domain::civil::{Instant, Zone};
use domain::record::Polarity;

use crate::catalogue::{CatalogueEntry, Mandate};
use crate::diff::{Of, weigh};
use crate::measure::Measure;
use crate::pack::{PackInfo, Packs};
use crate::procedure::ProcedureRules;

/// All packs as they stood from one adoption to the next.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// Every pack, those that did not change included.
    pub packs: &'a Packs,
    /// In force from then on.
    pub adopted_at: Instant,
    /// What it made heavier may be used from then on.
    pub in_use_from: Instant,
}

/// Something of the packs in force that may not be used yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// The kind of thing.
    pub of: Of,
    /// Its id.
    pub id: String,
    /// It may be used from then on.
    pub until: Instant,
    /// Whether there was none before; else the one before it is used meanwhile.
    pub is_new: bool,
}

/// The packs as they may be used at an instant.
#[derive(Debug, Clone)]
pub struct InUse {
    /// What may be used: where something waits, what was there before it. New entries and lists
    /// that wait are in it, so that a refusal can say until when: [`Packs::waits_until`].
    pub packs: Packs,
    /// What waits, sorted.
    pub waiting: Vec<Waiting>,
    mandates_waiting: Vec<(Mandate, Instant)>,
}

impl InUse {
    /// Mandates of `authority` that do not count yet, each with the instant from which it does.
    pub fn mandates_waiting<'a>(
        &'a self,
        authority: &'a AuthorityKey,
    ) -> impl Iterator<Item = &'a (Mandate, Instant)> {
        self.mandates_waiting.iter().filter(move |(mandate, _)| mandate.authority == *authority)
    }
}

/// What may be used at `at` of the packs a registry began with and the versions it adopted since,
/// oldest first.
pub fn in_use(first: &Packs, later: &[Version<'_>], at: Instant) -> InUse {
    let mut steps = vec![Step { packs: first, used_from: None }];
    for version in later.iter().filter(|version| version.adopted_at <= at) {
        let used_from = (version.in_use_from > at).then_some(version.in_use_from);
        steps.push(Step { packs: version.packs, used_from });
    }
    let newest = steps.last().map_or(first, |step| step.packs);
    let mut found =
        InUse { packs: newest.clone(), waiting: Vec::new(), mandates_waiting: Vec::new() };
    if steps.iter().all(|step| step.used_from.is_none()) {
        return found;
    }
    procedures(&steps, &mut found);
    entries(&steps, &mut found);
    lists(&steps, &mut found);
    measures(&steps, &mut found);
    recognitions(&steps, &mut found);
    mandates(&steps, &mut found);
    registry_periods(&steps, &mut found);
    found.waiting.sort_unstable();
    let new = found.waiting.iter().filter(|waiting| waiting.is_new);
    found.packs.waits =
        new.map(|waiting| ((waiting.of, waiting.id.clone()), waiting.until)).collect();
    found
}

/// One version: `used_from` where its notice is not over.
#[derive(Clone, Copy)]
struct Step<'a> {
    packs: &'a Packs,
    used_from: Option<Instant>,
}

/// One thing through the versions.
struct Thread<'a, V> {
    /// What may be used, with the packs it is from.
    used: Option<(&'a Packs, V)>,
    latest: V,
    /// Until when the latest waits.
    until: Option<Instant>,
}

/// Follows each thing of a kind through the versions. Only what waits comes back.
fn waiting<'a, K: Ord + Clone, V: Copy>(
    steps: &[Step<'a>],
    items: impl Fn(&'a Packs) -> Vec<(K, V)>,
    waits: impl Fn(Option<V>, V) -> bool,
) -> BTreeMap<K, Thread<'a, V>> {
    let mut threads: BTreeMap<K, Thread<'a, V>> = BTreeMap::new();
    for step in steps {
        let mut before = std::mem::take(&mut threads);
        for (key, value) in items(step.packs) {
            let thread = match before.remove(&key) {
                Some(thread) => thread.followed(step, value, &waits),
                None => Thread::begun(step, value, &waits),
            };
            threads.insert(key, thread);
        }
    }
    threads.retain(|_, thread| thread.until.is_some());
    threads
}

impl<'a, V: Copy> Thread<'a, V> {
    fn begun(step: &Step<'a>, value: V, waits: &impl Fn(Option<V>, V) -> bool) -> Thread<'a, V> {
        let until = step.used_from.filter(|_| waits(None, value));
        let used = until.is_none().then_some((step.packs, value));
        Thread { used, latest: value, until }
    }

    fn followed(
        self,
        step: &Step<'a>,
        value: V,
        waits: &impl Fn(Option<V>, V) -> bool,
    ) -> Thread<'a, V> {
        let used = self.used.map(|(_, used)| used);
        let Some(used_from) = step.used_from.filter(|_| waits(used, value)) else {
            return Thread { used: Some((step.packs, value)), latest: value, until: None };
        };
        // What an earlier version told already does not wait anew because something else changed.
        let told = self.until.filter(|_| !waits(Some(self.latest), value));
        Thread { used: self.used, latest: value, until: Some(told.unwrap_or(used_from)) }
    }

    fn told(&self, of: Of, id: String) -> Option<Waiting> {
        Some(Waiting { of, id, until: self.until?, is_new: self.used.is_none() })
    }
}

fn procedures(steps: &[Step<'_>], found: &mut InUse) {
    for (pack, thread) in waiting(steps, |packs| each(&packs.procedures), weigh::rules) {
        found.waiting.extend(thread.told(Of::Period, pack.clone()));
        let Some((_, used)) = thread.used else { continue };
        found.packs.procedures.insert(pack, used.counting_by(&thread.latest.calendar));
    }
}

fn entries(steps: &[Step<'_>], found: &mut InUse) {
    for (id, thread) in waiting(steps, |packs| each(&packs.catalogue), weigh::entry) {
        found.waiting.extend(thread.told(Of::Entry, id.to_string()));
        let Some((packs, used)) = thread.used else { continue };
        found.packs.older.extend(older(Of::Entry, id.as_str(), packs, &used.pack));
        found.packs.catalogue.insert(id, CatalogueEntry::clone(used));
    }
}

fn lists(steps: &[Step<'_>], found: &mut InUse) {
    for (id, thread) in waiting(steps, |packs| each(&packs.lists), weigh::list) {
        found.waiting.extend(thread.told(Of::List, id.to_string()));
        let Some((packs, used)) = thread.used else { continue };
        found.packs.older.extend(older(Of::List, id.as_str(), packs, &used.pack));
        found.packs.lists.insert(id, used.clone());
    }
}

fn older(of: Of, id: &str, packs: &Packs, pack: &str) -> Option<((Of, String), PackInfo)> {
    Some(((of, id.to_owned()), packs.packs.get(pack)?.clone()))
}

fn measures(steps: &[Step<'_>], found: &mut InUse) {
    for (id, thread) in waiting(steps, |packs| each(&packs.measures), weigh::measure) {
        found.waiting.extend(thread.told(Of::Measure, id.to_string()));
        let measure = match (thread.used, thread.until) {
            (Some((_, used)), _) => used.clone(),
            (None, Some(until)) => {
                let rules = found.packs.procedures.get(&thread.latest.pack);
                let day = until.day_in(rules.map_or(&Zone::UTC, ProcedureRules::zone));
                let first_use = thread.latest.first_use.max(day);
                Measure { first_use, ..thread.latest.clone() }
            }
            (None, None) => continue,
        };
        found.packs.measures.insert(id, measure);
    }
}

fn recognitions(steps: &[Step<'_>], found: &mut InUse) {
    for (id, thread) in waiting(steps, |packs| each(&packs.recognitions), weigh::recognition) {
        found.waiting.extend(thread.told(Of::Recognition, id.to_string()));
        match thread.used {
            Some((_, used)) => found.packs.recognitions.insert(id, used.clone()),
            None => found.packs.recognitions.remove(&id),
        };
    }
}

fn mandates(steps: &[Step<'_>], found: &mut InUse) {
    type Key = (AuthorityKey, CatalogueKey, Territory);
    let adverse = |packs: &Packs, id: &CatalogueKey| {
        packs.catalogue.get(id).is_none_or(|entry| entry.polarity() == Polarity::Adverse)
    };
    let key = |mandate: &Mandate, entry: &CatalogueKey| -> Key {
        (mandate.authority.clone(), entry.clone(), mandate.territory.clone())
    };
    let threads = waiting(
        steps,
        |packs| {
            let each = packs
                .mandates
                .iter()
                .flat_map(|mandate| mandate.entries.iter().map(move |entry| (mandate, entry)));
            each.map(|(mandate, entry)| (key(mandate, entry), (mandate, adverse(packs, entry))))
                .collect()
        },
        |old: Option<(&Mandate, bool)>, (new, is_adverse)| {
            is_adverse && weigh::mandate(old.map(|(old, _)| old), new)
        },
    );
    for mandate in &mut found.packs.mandates {
        let waits = |entry: &CatalogueKey| {
            let key = (mandate.authority.clone(), entry.clone(), mandate.territory.clone());
            threads.contains_key(&key)
        };
        let kept: Vec<_> = mandate.entries.iter().filter(|entry| !waits(entry)).cloned().collect();
        mandate.entries = kept;
    }
    found.packs.mandates.retain(|mandate| !mandate.entries.is_empty());
    for ((authority, entry, territory), thread) in threads {
        let id = format!("{authority}, {entry}, {territory}");
        found.waiting.extend(thread.told(Of::Mandate, id));
        let of_entry =
            |mandate: &Mandate| Mandate { entries: vec![entry.clone()], ..mandate.clone() };
        if let Some((_, (used, _))) = thread.used {
            found.packs.mandates.push(of_entry(used));
        }
        if let Some(until) = thread.until {
            found.mandates_waiting.push((of_entry(thread.latest.0), until));
        }
    }
}

/// The registry's own periods for quotations and decisions on identity.
fn registry_periods(steps: &[Step<'_>], found: &mut InUse) {
    let quotation = waiting(
        steps,
        |packs| vec![((), &packs.quotation)],
        |old, new| {
            old.is_some_and(|old| {
                new.current_days_default > old.current_days_default
                    || new.hidden_factor > old.hidden_factor
                    || new.vanished_percent_max > old.vanished_percent_max
            })
        },
    );
    for (_, thread) in quotation {
        found.waiting.extend(thread.told(Of::Period, "generic: quotation".to_owned()));
        if let Some((_, used)) = thread.used {
            found.packs.quotation = used.clone();
        }
    }
    let notice = waiting(
        steps,
        |packs| vec![((), packs.identity_notice_days)],
        // Where no days are set, no record may move: setting them is the heavier one.
        |old: Option<Option<u16>>, new: Option<u16>| match (old.flatten(), new) {
            (Some(old), Some(new)) => new < old,
            (None, Some(_)) => old.is_some(),
            (_, None) => false,
        },
    );
    for (_, thread) in notice {
        found.waiting.extend(thread.told(Of::Period, "generic: identity.notice".to_owned()));
        if let Some((_, used)) = thread.used {
            found.packs.identity_notice_days = used;
        }
    }
}

fn each<K: Ord + Clone, V>(map: &BTreeMap<K, V>) -> Vec<(K, &V)> {
    map.iter().map(|(key, value)| (key.clone(), value)).collect()
}
