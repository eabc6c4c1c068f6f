//! What of two versions of one thing differs, and what that means for organisations.

use std::collections::BTreeSet;

use domain::case::Severity;
use domain::organisation::OrganisationKind;

use super::{Comparing, Item, Toward, What, items};
use crate::calendar::Calendar;
use crate::catalogue::{CatalogueEntry, Mandate, TermRule};
use crate::list::{EntryDefinition, ListDefinition};
use crate::measure::Measure;
use crate::recognition::Recognition;

pub(super) fn calendar(comparing: &mut Comparing<'_>, old: &Calendar, new: &Calendar, _: &str) {
    let years = |calendar: &Calendar| {
        let days = [("from", "自", Some(calendar.from)), ("until", "至", Some(calendar.until))];
        items::days_of(&days)
    };
    let in_force = |calendar: &Calendar| (calendar.from, calendar.until);
    comparing.differ(What::InForce, (&in_force(old), years(old)), (&in_force(new), years(new)));
    let days = |calendar: &Calendar| (calendar.holidays.clone(), calendar.make_up_days.clone());
    let each = |calendar: &Calendar| -> Vec<Item> {
        let off = calendar.holidays.iter().map(|day| ("day off", "休息日", Some(*day)));
        let on = calendar.make_up_days.iter().map(|day| ("working day", "工作日", Some(*day)));
        items::days_of(&off.chain(on).collect::<Vec<_>>())
    };
    comparing.differ(What::Days, (&days(old), each(old)), (&days(new), each(new)));
    let rest = |calendar: &Calendar| (calendar.zone.clone(), calendar.basis.clone());
    let words = |calendar: &Calendar| {
        let mut words = items::words_of([], &calendar.basis, None);
        words.push(Item::plain(calendar.zone.name()));
        words
    };
    comparing.differ(What::Rest, (&rest(old), words(old)), (&rest(new), words(new)));
}

fn kinds(kinds: &[OrganisationKind]) -> Vec<Item> {
    kinds.iter().map(|kind| Item::kind(*kind)).collect()
}

pub(super) fn list(
    comparing: &mut Comparing<'_>,
    old: &&ListDefinition,
    new: &&ListDefinition,
    _: &str,
) {
    let grounds = |list: &ListDefinition| -> Vec<Item> {
        let of_entry = |entry: &EntryDefinition| {
            let id = Item::plain(&entry.id);
            let each = entry.grounds.iter().map(|ground| Item::ground(*ground));
            each.map(|ground| Item::joined(&[id.clone(), ground])).collect::<Vec<_>>()
        };
        list.entries.iter().flat_map(of_entry).collect()
    };
    comparing.whom = kinds(&new.subjects);
    comparing.sets(What::Grounds, &grounds(old), &grounds(new), Toward::Heavier);
    comparing.sets(What::Subjects, &kinds(&old.subjects), &kinds(&new.subjects), Toward::Heavier);
    let rest = |list: &ListDefinition| {
        let mut rest = list.clone();
        rest.subjects.clear();
        rest.entries.iter_mut().for_each(|entry| entry.grounds.clear());
        rest
    };
    let words = |list: &ListDefinition| {
        let titles = list.entries.iter().map(|entry| &entry.title);
        let titles = std::iter::once(&list.title).chain(titles);
        items::words_of(titles, &list.basis, list.remedy.as_ref())
    };
    comparing.differ(What::Rest, (&rest(old), words(old)), (&rest(new), words(new)));
}

pub(super) fn entry(
    comparing: &mut Comparing<'_>,
    old: &&CatalogueEntry,
    new: &&CatalogueEntry,
    _: &str,
) {
    comparing.whom = kinds(&new.subjects);
    let severities: BTreeSet<Option<Severity>> =
        old.terms.keys().chain(new.terms.keys()).copied().collect();
    for severity in severities {
        term(comparing, severity, old.term(severity), new.term(severity));
    }
    let (before, after) = (old.ceiling.as_ref(), new.ceiling.as_ref());
    comparing.period(What::Ceiling, before, after, true, Toward::Heavier);
    let grounds = |entry: &CatalogueEntry| -> Vec<Item> {
        entry.grounds.iter().map(|ground| Item::ground(*ground)).collect()
    };
    comparing.sets(What::Grounds, &grounds(old), &grounds(new), Toward::Heavier);
    comparing.sets(What::Subjects, &kinds(&old.subjects), &kinds(&new.subjects), Toward::Heavier);
    let hearing = |entry: &CatalogueEntry| -> Vec<Item> {
        entry.hearing.iter().map(|severity| Item::severity(*severity)).collect()
    };
    comparing.sets(What::Hearing, &hearing(old), &hearing(new), Toward::Lighter);
    let rules = |entry: &CatalogueEntry| (entry.severity_rules.clone(), entry.severity_default);
    comparing.differ(
        What::SeverityRules,
        (&rules(old), items::severity_rules_of(old)),
        (&rules(new), items::severity_rules_of(new)),
    );
    repair(comparing, old, new);
    possibility(comparing, What::Interim, old.interim.as_ref(), new.interim.as_ref());
    possibility(comparing, What::Extension, old.extension.as_ref(), new.extension.as_ref());
    let in_force = |entry: &CatalogueEntry| (entry.in_force_from, entry.in_force_until);
    let days = |entry: &CatalogueEntry| {
        let from = ("from", "自", Some(entry.in_force_from));
        items::days_of(&[from, ("until", "至", entry.in_force_until)])
    };
    comparing.differ(What::InForce, (&in_force(old), days(old)), (&in_force(new), days(new)));
    let rest = |entry: &CatalogueEntry| {
        let words = (entry.title.clone(), entry.basis.clone(), entry.remedy.clone());
        let rules = (entry.act, entry.record_type, entry.term_start, entry.indefinite.clone());
        (words, rules, entry.text_of)
    };
    let words = |entry: &CatalogueEntry| {
        let mut words = items::words_of([&entry.title], &entry.basis, entry.remedy.as_ref());
        words.extend([Item::plain(entry.act.key()), Item::plain(entry.record_type.key())]);
        words.extend(items::days_of(&[("wording of", "文本日期", entry.text_of)]));
        words
    };
    comparing.differ(What::Rest, (&rest(old), words(old)), (&rest(new), words(new)));
}

/// Repair and early release: lighter where whoever met the old conditions meets the new ones.
fn repair(comparing: &mut Comparing<'_>, old: &CatalogueEntry, new: &CatalogueEntry) {
    let rules = |entry: &CatalogueEntry| (entry.repair.clone(), entry.release.clone());
    if rules(old) == rules(new) {
        return;
    }
    let asks_no_more = |one: &CatalogueEntry, other: &CatalogueEntry| {
        let pairs = [(&one.repair, &other.repair), (&one.release, &other.release)];
        pairs.into_iter().all(|pair| match pair {
            (Some(one), Some(other)) => one.is_at_most(other),
            (_, None) => true,
            (None, Some(_)) => false,
        })
    };
    let words = |entry: &CatalogueEntry| items::conditions_of(entry);
    let told = items::told(&words(old), &words(new));
    let keeps_words = told.0.iter().all(|added| old_keys(&told.1, added));
    let toward = match (asks_no_more(new, old), asks_no_more(old, new)) {
        (true, false) if keeps_words => Toward::Lighter,
        (false, true) if keeps_words => Toward::Heavier,
        _ => Toward::Unclear,
    };
    comparing.add_items(What::Repair, toward, told);
}

/// Whether `added` is no other wording of a condition in `removed`.
fn old_keys(removed: &[Item], added: &Item) -> bool {
    removed.iter().all(|gone| gone.key != added.key || *gone == *added)
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

pub(super) fn measure(comparing: &mut Comparing<'_>, old: &&Measure, new: &&Measure, _: &str) {
    let more = match new.kind {
        domain::limits::MeasureKind::Incentive => Toward::Lighter,
        _ => Toward::Heavier,
    };
    let addressees =
        |measure: &Measure| measure.addressees.iter().map(Item::addressee).collect::<Vec<_>>();
    comparing.whom = kinds(&new.targets);
    comparing.whom.extend(addressees(new));
    comparing.sets(What::Addressees, &addressees(old), &addressees(new), more);
    comparing.sets(What::Subjects, &kinds(&old.targets), &kinds(&new.targets), more);
    comparing.sets(What::Grounds, &items::grounds_of(old), &items::grounds_of(new), more);
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
    let effects = (items::effect_of(old), items::effect_of(new));
    comparing.differ(What::Effect, (&effect(old), effects.0), (&effect(new), effects.1));
    let when = |measure: &Measure| measure.when.iter().map(Item::plain).collect::<Vec<_>>();
    comparing.differ(What::Condition, (&old.when, when(old)), (&new.when, when(new)));
    let in_force =
        |measure: &Measure| (measure.in_force_from, measure.published_on, measure.first_use);
    let days = |measure: &Measure| {
        items::days_of(&[
            ("law since", "法律施行日", Some(measure.in_force_from)),
            ("published", "公布日", Some(measure.published_on)),
            ("first use", "首次适用日", Some(measure.first_use)),
        ])
    };
    comparing.differ(What::InForce, (&in_force(old), days(old)), (&in_force(new), days(new)));
    let rest = |measure: &Measure| {
        let words = (measure.title.clone(), measure.nexus.clone(), measure.lift.clone());
        let law = (measure.basis.clone(), measure.remedy.clone(), measure.text_of);
        (words, law, measure.overridable_by.clone(), measure.version)
    };
    let words = |measure: &Measure| {
        let optional = measure.lift.iter().chain(&measure.overridable_by);
        let texts = [&measure.title, &measure.nexus].into_iter().chain(optional);
        items::words_of(texts, &measure.basis, measure.remedy.as_ref())
    };
    comparing.differ(What::Rest, (&rest(old), words(old)), (&rest(new), words(new)));
}

pub(super) fn mandate(comparing: &mut Comparing<'_>, old: &&Mandate, new: &&Mandate, _: &str) {
    let days = |mandate: &Mandate| {
        items::days_of(&[("from", "自", Some(mandate.from)), ("until", "至", mandate.until)])
    };
    let in_force = |mandate: &Mandate| (mandate.from, mandate.until);
    comparing.differ(What::InForce, (&in_force(old), days(old)), (&in_force(new), days(new)));
    let basis = |mandate: &Mandate| items::words_of([], std::slice::from_ref(&mandate.basis), None);
    comparing.differ(What::Rest, (&old.basis, basis(old)), (&new.basis, basis(new)));
}

pub(super) fn recognition(
    comparing: &mut Comparing<'_>,
    old: &&Recognition,
    new: &&Recognition,
    _: &str,
) {
    let grounds = |rule: &Recognition| -> Vec<Item> {
        rule.grounds.iter().map(|ground| Item::ground(*ground)).collect()
    };
    let parties = |rule: &Recognition| rule.parties.iter().map(Item::plain).collect::<Vec<_>>();
    comparing.sets(What::Grounds, &grounds(old), &grounds(new), Toward::Heavier);
    comparing.sets(What::Addressees, &parties(old), &parties(new), Toward::Heavier);
    let rest = |rule: &Recognition| {
        let mut rest = rule.clone();
        rest.grounds.clear();
        rest.parties.clear();
        rest
    };
    let words = |rule: &Recognition| {
        let mut words = items::words_of([&rule.title], &rule.basis, None);
        words.extend(items::days_of(&[("decided from", "决定日期自", rule.decided_from)]));
        words
    };
    comparing.differ(What::Rest, (&rest(old), words(old)), (&rest(new), words(new)));
}
