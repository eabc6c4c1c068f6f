//! Packs lie on packs: a local one on its state's, every one on the generic one. What a layer does
//! not set is what the pack below says, and what it sets may only fill in or shorten.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::CatalogueKey;
use domain::refusal::Refusal;

use crate::calendar::Calendar;
use crate::catalogue::{CatalogueEntry, EntryRead};
use crate::load::{Found, GENERIC, Loading};
use crate::pack::PackFile;
use crate::procedure::{LegalPeriod, PeriodKey, ProcedureRules};
use crate::strict::Located;

/// What holds once every layer lies where it belongs.
#[derive(Default)]
pub(crate) struct Layered {
    pub(crate) calendars: BTreeMap<String, Calendar>,
    pub(crate) procedures: BTreeMap<String, ProcedureRules>,
    pub(crate) catalogue: BTreeMap<CatalogueKey, CatalogueEntry>,
}

/// Lays packs on one another and records what does not fit.
pub(crate) fn resolve(files: &[PackFile], loading: &mut Loading) -> Layered {
    check_bases(files, loading);
    let calendars = loading.calendars.iter().map(|found| &found.read.calendar).cloned();
    let mut layered = Layered {
        calendars: calendars.map(|calendar| (calendar.id.clone(), calendar)).collect(),
        ..Layered::default()
    };
    resolve_procedures(files, loading, &mut layered);
    resolve_catalogue(files, loading, &mut layered);
    layered
}

/// What a pack is laid on exists, is not invented when the pack is not, and is not the pack itself.
fn check_bases(files: &[PackFile], loading: &mut Loading) {
    let mut unfit = Vec::new();
    for (name, head) in &loading.packs {
        let Some(on) = &head.on else { continue };
        let base = loading.packs.get(&on.value);
        let is_invented = base.is_some_and(|base| base.is_fictional && !head.is_fictional);
        let is_missing = base.is_none() && on.value != GENERIC && !loading.has_unreadable;
        let reaches_ground =
            loading.chain(name).last().is_some_and(|last| last == GENERIC) || base.is_none();
        if is_invented || is_missing || !reaches_ground {
            unfit.push((head.file, on.at));
        }
    }
    for (file, at) in unfit {
        loading.add(files, file, at, "pack.on", Refusal::LayerUnfit, "");
    }
}

fn resolve_procedures(files: &[PackFile], loading: &mut Loading, layered: &mut Layered) {
    check_procedures(files, loading, layered);
    for pack in loading.packs.keys() {
        let mut periods: BTreeMap<PeriodKey, LegalPeriod> = BTreeMap::new();
        let (mut calendar, mut rate) = (None, None);
        // From the ground up, so that the nearest layer has the last word.
        for layer in loading.chain(pack).iter().rev() {
            let own = loading.procedures.iter().find(|found| found.pack == *layer);
            let Some(own) = own.map(|found| &found.read) else { continue };
            periods.extend(own.periods.iter().map(|(key, period)| (*key, period.value.clone())));
            let named = own.calendar.as_ref().and_then(|id| layered.calendars.get(&id.value));
            calendar = named.cloned().or(calendar);
            rate = own.rate.as_ref().map(|rate| rate.value.clone()).or(rate);
        }
        if let Some(calendar) = calendar {
            let rules = ProcedureRules { pack: pack.clone(), periods, rate, calendar };
            layered.procedures.insert(pack.clone(), rules);
        }
    }
}

/// A calendar that is named exists in the pack or below it; the generic pack sets every period; a
/// layer on another jurisdiction is nowhere worse for organisations than that one.
fn check_procedures(files: &[PackFile], loading: &mut Loading, layered: &Layered) {
    let mut unfit = Vec::new();
    for found in &loading.procedures {
        let chain = loading.chain(&found.pack);
        if let Some(calendar) = &found.read.calendar {
            let owner = calendar.value.split('.').next().unwrap_or_default();
            let is_there = layered.calendars.contains_key(&calendar.value)
                && chain.iter().any(|pack| pack == owner);
            if !is_there && !loading.has_unreadable {
                unfit.push((found.file, calendar.at, "calendar", Refusal::ReferenceBroken));
            }
        }
        if found.pack == GENERIC {
            if found.read.calendar.is_none() {
                unfit.push((found.file, 0, "calendar", Refusal::PackKeyMissing));
            }
            if found.read.rate.is_none() {
                unfit.push((found.file, 0, "rate", Refusal::PackKeyMissing));
            }
            for key in PeriodKey::ALL {
                if !found.read.periods.contains_key(key) {
                    unfit.push((found.file, 0, key.key(), Refusal::PackKeyMissing));
                }
            }
        }
        for (key, period) in &found.read.periods {
            if lengthens(loading, &chain, *key, period) {
                unfit.push((found.file, period.at, "period.key", Refusal::LayerLengthens));
            }
        }
        // A city does not let more through unseen than its country.
        let below = chain.iter().skip(1).filter(|pack| *pack != GENERIC).find_map(|pack| {
            let found = loading.procedures.iter().find(|found| found.pack == *pack)?;
            found.read.rate.as_ref()
        });
        if let (Some(own), Some(below)) = (&found.read.rate, below)
            && !own.value.is_at_most(&below.value)
        {
            unfit.push((found.file, own.at, "rate", Refusal::LayerLengthens));
        }
    }
    for (file, at, key, refusal) in unfit {
        loading.add(files, file, at, key, refusal, "");
    }
}

/// Whether `period` is worse for organisations than what a jurisdiction below says. What the
/// generic pack says is the registry's own and gives way to the law.
fn lengthens(
    loading: &Loading,
    chain: &[String],
    key: PeriodKey,
    period: &Located<LegalPeriod>,
) -> bool {
    let below = chain.iter().skip(1).filter(|pack| *pack != GENERIC).find_map(|pack| {
        let found = loading.procedures.iter().find(|found| found.pack == *pack)?;
        found.read.periods.get(&key)
    });
    below.is_some_and(|below| {
        let (shorter, longer) = if key.favours_longer() {
            (&below.value, &period.value)
        } else {
            (&period.value, &below.value)
        };
        !shorter.is_at_most(longer)
    })
}

fn resolve_catalogue(files: &[PackFile], loading: &mut Loading, layered: &mut Layered) {
    let mut problems = Vec::new();
    let mut waiting: Vec<&Found<EntryRead>> = Vec::new();
    for found in &loading.entries {
        if found.read.layer.is_some() {
            waiting.push(found);
        } else {
            layered.catalogue.insert(found.read.entry.id.clone(), found.read.entry.clone());
        }
    }
    // A layer may lie on a layer: each round settles those whose ground is settled.
    loop {
        let before = waiting.len();
        waiting.retain(|found| {
            let Some(layer) = &found.read.layer else { return false };
            let Some(base) = layered.catalogue.get(&layer.on.value).cloned() else { return true };
            let chain = loading.chain(&found.pack);
            if !chain.iter().skip(1).any(|pack| *pack == base.pack) {
                problems.push((found.file, layer.on.at, "entry.on", Refusal::ReferenceBroken));
            }
            let entry = laid(&found.read, &base, &mut |at, key| {
                problems.push((found.file, at, key, Refusal::LayerLengthens));
            });
            layered.catalogue.insert(entry.id.clone(), entry);
            false
        });
        if waiting.len() == before {
            break;
        }
    }
    let broken: Vec<_> = waiting
        .iter()
        .filter_map(|found| Some((found.file, found.read.layer.as_ref()?.on.at)))
        .collect();
    for (file, at) in broken {
        if !loading.has_unreadable {
            loading.add(files, file, at, "entry.on", Refusal::ReferenceBroken, "");
        }
    }
    for (file, at, key, refusal) in problems {
        loading.add(files, file, at, key, refusal, "");
    }
}

/// `base` with what the layer says. `worse` is told where that is heavier for organisations.
fn laid(
    read: &EntryRead,
    base: &CatalogueEntry,
    worse: &mut dyn FnMut(usize, &'static str),
) -> CatalogueEntry {
    let own = &read.entry;
    let mut entry = CatalogueEntry {
        id: own.id.clone(),
        pack: own.pack.clone(),
        on: own.on.clone(),
        fictional: own.fictional,
        in_force_from: own.in_force_from.max(base.in_force_from),
        text_of: base.text_of,
        in_force_until: match (own.in_force_until, base.in_force_until) {
            (Some(own), Some(base)) => Some(own.min(base)),
            (own, base) => own.or(base),
        },
        ..base.clone()
    };
    let Some(layer) = &read.layer else { return entry };
    if let Some(title) = &layer.title {
        entry.title = title.clone();
    }
    entry.basis.extend(layer.basis.iter().cloned());
    for (severity, term) in &layer.terms {
        let is_lighter = base.terms.get(severity).is_some_and(|base| term.value.is_at_most(base));
        if !is_lighter {
            worse(term.at, "term");
        }
        entry.terms.insert(*severity, term.value.clone());
    }
    if let Some(ceiling) = &layer.ceiling {
        if base.ceiling.as_ref().is_some_and(|base| !ceiling.value.is_at_most(base)) {
            worse(ceiling.at, "ceiling");
        }
        entry.ceiling = Some(ceiling.value.clone());
    }
    if let Some(hearing) = &layer.hearing {
        let kept: BTreeSet<_> = hearing.value.iter().collect();
        if base.hearing.iter().any(|severity| !kept.contains(severity)) {
            worse(hearing.at, "entry.hearing");
        }
        entry.hearing = hearing.value.clone();
    }
    entry
}
