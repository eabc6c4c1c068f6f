//! What files say about their pack, about one another and about the limits (domain.md 6.5).

use std::collections::BTreeSet;

use domain::record::Polarity;
use domain::refusal::Refusal;

use crate::catalogue::CatalogueEntry;
use crate::layers::Layered;
use crate::load::{Loading, belongs_to};
use crate::measure::{Measure, MeasureGround};
use crate::pack::PackFile;
use crate::procedure::PeriodKey;
use crate::scope::is_within;

/// A problem before it is told: file, byte, key, refusal, help.
type Unfit = (usize, usize, &'static str, Refusal, &'static str);

const PREFIX: &str = "ids begin with the pack's name";

pub(crate) fn references(files: &[PackFile], layered: &Layered, loading: &mut Loading) {
    let mut unfit = Vec::new();
    lists(loading, &mut unfit);
    ids(loading, &mut unfit);
    entries(loading, layered, &mut unfit);
    measures(loading, layered, &mut unfit);
    mandates(loading, layered, &mut unfit);
    recognitions(loading, &mut unfit);
    for (file, at, key, refusal, detail) in unfit {
        loading.add(files, file, at, key, refusal, detail);
    }
}

fn lists(loading: &Loading, unfit: &mut Vec<Unfit>) {
    let mut seen = BTreeSet::new();
    for (file, read) in &loading.lists {
        let list = &read.definition;
        if !belongs_to(list.id.as_str(), &list.pack) {
            unfit.push((*file, read.id_at, "list.id", Refusal::PackMisplaced, PREFIX));
        }
        if !seen.insert(&list.id) {
            unfit.push((*file, read.id_at, "list.id", Refusal::PackKeyRepeated, ""));
        }
        if !loading.has_unreadable && !loading.authorities.contains_key(&list.authority) {
            let at = read.authority_at;
            unfit.push((*file, at, "list.authority", Refusal::ReferenceBroken, ""));
        }
        for (decider, at) in list.deciders.iter().zip(&read.deciders_at) {
            if !loading.has_unreadable && !loading.authorities.contains_key(&decider.authority) {
                unfit.push((*file, *at, "decider.authority", Refusal::ReferenceBroken, ""));
            }
        }
        // I-33. Neutral lists take nothing from anybody; a list without any basis was told already.
        let is_adverse = list.polarity() == Polarity::Adverse && !list.basis.is_empty();
        if is_adverse && !loading.scope(&list.pack).is_carried_by(&list.basis) {
            unfit.push((*file, read.basis_at, "basis.level", Refusal::LevelTooLow, ""));
        }
    }
}

/// Ids belong to their pack and occur once.
fn ids(loading: &Loading, unfit: &mut Vec<Unfit>) {
    let calendars = loading.calendars.iter().map(|found| {
        (found.file, &found.pack, found.read.calendar.id.as_str(), found.read.id_at, "calendar.id")
    });
    let entries = loading.entries.iter().map(|found| {
        (found.file, &found.pack, found.read.entry.id.as_str(), found.read.id_at, "entry.id")
    });
    let measures = loading.measures.iter().map(|found| {
        (found.file, &found.pack, found.read.measure.id.as_str(), found.read.id_at, "measure.id")
    });
    let recognitions = loading.recognitions.iter().map(|found| {
        let id = found.read.recognition.id.as_str();
        (found.file, &found.pack, id, found.read.id_at, "recognition.id")
    });
    let mut seen = BTreeSet::new();
    for (file, pack, id, at, key) in calendars.chain(entries).chain(measures).chain(recognitions) {
        if !belongs_to(id, pack) {
            unfit.push((file, at, key, Refusal::PackMisplaced, PREFIX));
        }
        if !seen.insert((key, id)) {
            unfit.push((file, at, key, Refusal::PackKeyRepeated, ""));
        }
    }
}

fn entries(loading: &Loading, layered: &Layered, unfit: &mut Vec<Unfit>) {
    for found in &loading.entries {
        let Some(entry) = layered.catalogue.get(&found.read.entry.id) else { continue };
        let is_carried = loading.scope(&found.pack).is_carried_by(&entry.basis);
        if !entry.basis.is_empty() && !is_carried {
            let at = found.read.basis_at;
            unfit.push((found.file, at, "basis.level", Refusal::LevelTooLow, ""));
        }
        let longest = layered
            .procedures
            .get(&found.pack)
            .and_then(|procedure| procedure.period(PeriodKey::InterimMax));
        let is_too_long = match (&entry.interim, longest) {
            (Some(interim), Some(longest)) => !interim.max.is_at_most(longest),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_too_long {
            let at = found.read.interim_at;
            unfit.push((found.file, at, "interim.max", Refusal::InterimUnfit, ""));
        }
    }
}

fn measures(loading: &Loading, layered: &Layered, unfit: &mut Vec<Unfit>) {
    for found in &loading.measures {
        let (file, read) = (found.file, &found.read);
        let measure = &read.measure;
        let is_carried = loading.scope(&found.pack).is_carried_by(&measure.basis);
        if !measure.basis.is_empty() && !is_carried {
            unfit.push((file, read.basis_at, "basis.level", Refusal::LevelTooLow, ""));
        }
        for (addressee, at) in measure.addressees.iter().zip(&read.addressees_at) {
            if !is_within(&addressee.territory, &found.pack) {
                unfit.push((file, *at, "addressee.territory", Refusal::TerritoryUnfit, ""));
            }
        }
        let chain = loading.chain(&found.pack);
        for (ground, at) in measure.grounds.iter().zip(&read.grounds_at) {
            let is_founded = layered
                .catalogue
                .values()
                .filter(|entry| chain.contains(&entry.pack))
                .any(|entry| gives(entry, ground));
            if !is_founded && !loading.has_unreadable {
                unfit.push((file, *at, "ground", Refusal::MeasureUnfounded, ""));
            }
        }
        if !was_public_long_enough(measure, layered) {
            let at = read.first_use_at;
            unfit.push((file, at, "measure.first_use", Refusal::FirstUseTooEarly, ""));
        }
    }
}

/// Whether each severity and each ground of `ground` is one that `entry` can give a public record
/// of: a measure on what may be kept from the public would be a secret consequence.
fn gives(entry: &CatalogueEntry, ground: &MeasureGround) -> bool {
    let shares_ground = ground.grounds.is_empty()
        || ground.grounds.iter().any(|ground| entry.grounds.contains(ground));
    let outcomes = entry.outcomes();
    let is_public = |severity| entry.term(Some(severity)).is_some_and(|term| term.published);
    let shares_severity =
        ground.severities.is_empty()
            || ground.severities.iter().all(|severity| {
                !entry.terms.contains_key(&Some(*severity)) || is_public(*severity)
            }) && ground
                .severities
                .iter()
                .any(|severity| outcomes.contains(&Some(*severity)) && is_public(*severity));
    entry.record_type == ground.record_type && shares_ground && shares_severity
}

/// I-36. Without a period of notice nothing can be used.
fn was_public_long_enough(measure: &Measure, layered: &Layered) -> bool {
    let Some(procedure) = layered.procedures.get(&measure.pack) else { return false };
    let Some(notice) = procedure.period(PeriodKey::MeasureNotice) else { return false };
    let last = notice.last_day(measure.published_on, &procedure.calendar);
    last.is_ok_and(|last| measure.first_use >= last)
}

fn mandates(loading: &Loading, layered: &Layered, unfit: &mut Vec<Unfit>) {
    for found in &loading.mandates {
        let (file, read) = (found.file, &found.read);
        let mandate = &read.mandate;
        let is_own = belongs_to(mandate.authority.as_str(), &found.pack)
            && loading.authorities.contains_key(&mandate.authority);
        if !is_own && !loading.has_unreadable {
            let at = read.authority_at;
            unfit.push((file, at, "mandate.authority", Refusal::ReferenceBroken, ""));
        }
        if !is_within(&mandate.territory, &found.pack) {
            let at = read.territory_at;
            unfit.push((file, at, "mandate.territory", Refusal::TerritoryUnfit, ""));
        }
        let chain = loading.chain(&found.pack);
        for id in &mandate.entries {
            let refusal = match layered.catalogue.get(id) {
                Some(entry) if chain.contains(&entry.pack) => continue,
                Some(_) => Refusal::MandateUnfit,
                None if loading.has_unreadable => continue,
                None => Refusal::ReferenceBroken,
            };
            unfit.push((file, read.entries_at, "mandate.entries", refusal, ""));
        }
        let basis = std::slice::from_ref(&mandate.basis);
        if !loading.scope(&found.pack).is_carried_by(basis) {
            unfit.push((file, read.basis_at, "mandate.basis", Refusal::LevelTooLow, ""));
        }
    }
}

fn recognitions(loading: &Loading, unfit: &mut Vec<Unfit>) {
    for found in &loading.recognitions {
        let (file, read) = (found.file, &found.read);
        let rule = &read.recognition;
        let are_known = rule.parties.iter().all(|party| loading.authorities.contains_key(party));
        if !are_known && !loading.has_unreadable {
            let at = read.parties_at;
            unfit.push((file, at, "recognition.parties", Refusal::ReferenceBroken, ""));
        }
        let is_carried = loading.scope(&found.pack).is_carried_by(&rule.basis);
        if !rule.basis.is_empty() && !is_carried {
            unfit.push((file, read.basis_at, "basis.level", Refusal::LevelTooLow, ""));
        }
    }
}
