//! What of an adopted version may be used when: at once where it is lighter for organisations,
//! after the notice where it is heavier, and the version before it meanwhile (I-11, I-36).

mod common;

use std::sync::OnceLock;

use common::{packs_folder, read_packs};
use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, ConditionKey, MeasureId, Severity};
use domain::civil::Instant;
use domain::text::ListId;
use goodstanding_policy::catalogue::{Condition, Needs, RepairRule};
use goodstanding_policy::diff::Of;
use goodstanding_policy::procedure::PeriodKey;
use goodstanding_policy::{InUse, PackFile, Packs, Version, in_use};
use proptest::prelude::*;

const PENALTY: &str = "demo/catalogue/penalty-environment.toml";

fn files() -> Vec<PackFile> {
    let mut files = read_packs(&packs_folder());
    files.extend(read_packs(&packs_folder().join("../demo/packs")));
    files
}

fn first() -> &'static Packs {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    PACKS.get_or_init(|| Packs::load(&files()).unwrap())
}

/// The packs with changes in files: path, what is there, what takes its place.
fn changed(changes: &[(&str, &str, &str)]) -> Packs {
    let mut files = files();
    for (path, old, new) in changes {
        let file = files.iter_mut().find(|file| file.path == *path).unwrap();
        assert!(file.text.contains(old), "{path}");
        file.text = file.text.replacen(old, new, 1);
    }
    Packs::load(&files).unwrap()
}

fn without(path: &str) -> Packs {
    let mut files = files();
    files.retain(|file| file.path != path);
    Packs::load(&files).unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn version<'a>(packs: &'a Packs, adopted: &str, used: &str) -> Version<'a> {
    Version { packs, adopted_at: at(adopted), in_use_from: at(used) }
}

const ADOPTED: &str = "2026-12-01T10:00:00Z";
const USED: &str = "2026-12-31T16:00:00Z";
const BEFORE: &str = "2026-12-01T09:59:59.999999Z";
const MEANWHILE: &str = "2026-12-31T15:59:59.999999Z";

/// The months that a general environment penalty may be public at most.
fn months(found: &Packs) -> u16 {
    let id = CatalogueKey::new("demo.penalty-environment").unwrap();
    let entry = found.catalogue_entry(&id).unwrap();
    let term = entry.term(Some(Severity::General)).unwrap().max.as_ref().unwrap();
    term.value * if term.unit.key() == "years" { 12 } else { 1 }
}

fn waits(found: &InUse) -> Vec<(Of, &str, bool)> {
    found.waiting.iter().map(|it| (it.of, it.id.as_str(), it.is_new)).collect()
}

/// Where the general term's longest period stands in the file, as `value = N\nunit = U`.
fn general_max() -> String {
    let text = files().into_iter().find(|file| file.path == PENALTY).unwrap().text;
    let general = text.split("severity = \"general\"\n\n[term.min]").nth(1).unwrap();
    let max = general.split("[term.max]\n").nth(1).unwrap();
    format!("[term.max]\n{}", max.split("\ncounting").next().unwrap())
}

/// The packs with another longest general term, in months.
fn with_months(months: u16) -> Packs {
    let mut files = files();
    let file = files.iter_mut().find(|file| file.path == PENALTY).unwrap();
    let (head, tail) = file.text.split_once("severity = \"general\"\n\n[term.min]").unwrap();
    let max = general_max();
    let tail = tail.replacen(&max, &format!("[term.max]\nvalue = {months}\nunit = \"months\""), 1);
    file.text = format!("{head}severity = \"general\"\n\n[term.min]{tail}");
    Packs::load(&files).unwrap()
}

#[test]
fn a_longer_term_waits_and_the_old_one_is_used_meanwhile() {
    let before = months(first());
    let longer = with_months(before + 12);
    let later = [version(&longer, ADOPTED, USED)];
    for (now, expected) in
        [(BEFORE, before), (ADOPTED, before), (MEANWHILE, before), (USED, before + 12)]
    {
        assert_eq!(months(&in_use(first(), &later, at(now)).packs), expected, "{now}");
    }
    let found = in_use(first(), &later, at(ADOPTED));
    assert_eq!(waits(&found), [(Of::Entry, "demo.penalty-environment", false)]);
    // The record says which version it rests on: the old one, until the new one is used.
    let id = CatalogueKey::new("demo.penalty-environment").unwrap();
    let hash = |packs: &Packs| packs.pack_of_entry(&id).unwrap().hash.clone();
    assert_eq!(hash(&found.packs), hash(first()));
    assert_eq!(hash(&in_use(first(), &later, at(USED)).packs), hash(&longer));
    assert_eq!(found.packs.waits_until(Of::Entry, id.as_str()), None, "the old one may be used");
}

#[test]
fn a_shorter_term_is_used_at_once() {
    let shorter = with_months(months(first()) - 1);
    let later = [version(&shorter, ADOPTED, USED)];
    let found = in_use(first(), &later, at(ADOPTED));
    assert_eq!(months(&found.packs), months(first()) - 1);
    assert!(found.waiting.is_empty());
}

#[test]
fn what_is_lighter_than_what_is_used_does_not_wait_for_what_came_between() {
    let (longer, shorter) = (with_months(months(first()) + 12), with_months(months(first()) - 1));
    let later = [
        version(&longer, ADOPTED, USED),
        version(&shorter, "2026-12-05T00:00:00Z", "2027-01-04T16:00:00Z"),
    ];
    let found = in_use(first(), &later, at("2026-12-05T00:00:00Z"));
    assert_eq!(months(&found.packs), months(first()) - 1);
    assert!(found.waiting.is_empty());
}

#[test]
fn a_wait_does_not_begin_anew_because_something_else_was_adopted() {
    let longer = with_months(months(first()) + 12);
    let again = {
        let mut files = files();
        let path = "demo/measures/grant-limit.toml";
        for file in &mut files {
            if file.path == PENALTY {
                *file = PackFile { path: file.path.clone(), text: with_text(months(first()) + 12) };
            }
        }
        files.retain(|file| file.path != path);
        Packs::load(&files).unwrap()
    };
    let later = [
        version(&longer, ADOPTED, USED),
        version(&again, "2026-12-20T00:00:00Z", "2027-01-19T16:00:00Z"),
    ];
    let found = in_use(first(), &later, at("2026-12-20T00:00:00Z"));
    assert_eq!(found.waiting[0].until, at(USED));
    assert_eq!(months(&in_use(first(), &later, at(USED)).packs), months(&longer));
}

fn with_text(months: u16) -> String {
    let text = files().into_iter().find(|file| file.path == PENALTY).unwrap().text;
    let (head, tail) = text.split_once("severity = \"general\"\n\n[term.min]").unwrap();
    let new = format!("[term.max]\nvalue = {months}\nunit = \"months\"");
    format!("{head}severity = \"general\"\n\n[term.min]{}", tail.replacen(&general_max(), &new, 1))
}

#[test]
fn what_is_new_and_adverse_is_used_by_nobody_before_its_day() {
    let fewer = without("demo/measures/grant-limit.toml");
    let later = [version(first(), ADOPTED, USED)];
    let found = in_use(&fewer, &later, at(ADOPTED));
    assert_eq!(waits(&found), [(Of::Measure, "demo.grant-limit", true)]);
    let id = MeasureId::new("demo.grant-limit").unwrap();
    // In Shanghai the new year has begun.
    let first_use = found.packs.measure(&id).unwrap().first_use.to_string();
    assert_eq!(first_use, "2027-01-01");
    let found = in_use(&fewer, &later, at(USED));
    assert_eq!(found.packs.measure(&id), first().measure(&id));

    let list = "us/lists/ma-dep-enforcement.toml";
    let fewer = without(list);
    let found = in_use(&fewer, &later, at(MEANWHILE));
    let id = ListId::new("us.ma-dep-enforcement").unwrap();
    assert_eq!(found.packs.waits_until(Of::List, id.as_str()), Some(at(USED)));
    assert!(found.packs.list(&id).is_some(), "the refusal can say until when");
    assert_eq!(in_use(&fewer, &later, at(USED)).packs.waits_until(Of::List, id.as_str()), None);
}

#[test]
fn an_incentive_a_permit_and_what_is_taken_away_wait_for_nothing() {
    let fewer = without("demo/measures/fast-track.toml");
    let later = [version(first(), ADOPTED, USED)];
    assert!(in_use(&fewer, &later, at(ADOPTED)).waiting.is_empty());
    let fewer = without("us/lists/epa-npdes-permits.toml");
    assert!(in_use(&fewer, &later, at(ADOPTED)).waiting.is_empty());
    let fewer = without("demo/measures/grant-limit.toml");
    let later = [version(&fewer, ADOPTED, USED)];
    let found = in_use(first(), &later, at(ADOPTED));
    assert!(found.waiting.is_empty());
    assert!(found.packs.measure(&MeasureId::new("demo.grant-limit").unwrap()).is_none());
}

#[test]
fn a_mandate_waits_entry_by_entry() {
    let path = "demo/mandates.toml";
    let entries = "entries = [\"demo.debarment\", \"demo.contract-breach\"]";
    let fewer = changed(&[(path, entries, "entries = [\"demo.debarment\"]")]);
    let later = [version(first(), ADOPTED, USED)];
    let found = in_use(&fewer, &later, at(ADOPTED));
    let authority = AuthorityKey::new("demo.harbour-procurement").unwrap();
    let may = |packs: &Packs| -> Vec<String> {
        let mandates = packs.mandates_of(&authority);
        mandates.flat_map(|it| it.entries.iter().map(ToString::to_string)).collect()
    };
    assert_eq!(may(&found.packs), ["demo.debarment"]);
    let waiting: Vec<_> = found.mandates_waiting(&authority).collect();
    assert_eq!((waiting.len(), waiting[0].1), (1, at(USED)));
    assert_eq!(may(&in_use(&fewer, &later, at(USED)).packs).len(), 2);
}

#[test]
fn a_shorter_time_to_answer_waits_and_a_longer_calendar_does_not() {
    let path = "demo/procedure.toml";
    let shorter = changed(&[(path, "value = 10\n", "value = 5\n")]);
    let later = [version(&shorter, ADOPTED, USED)];
    let days = |packs: &Packs| {
        packs.procedure("demo").unwrap().period(PeriodKey::Represent).unwrap().value
    };
    assert_eq!(days(&in_use(first(), &later, at(ADOPTED)).packs), 10);
    assert_eq!(days(&in_use(first(), &later, at(USED)).packs), 5);

    let calendar = "demo/calendars/lantern.toml";
    let longer = changed(&[(calendar, "until = 2035-12-31", "until = 2036-12-31")]);
    let later = [version(&longer, ADOPTED, USED)];
    let found = in_use(first(), &later, at(ADOPTED));
    assert!(found.waiting.is_empty());
    let until = found.packs.procedure("demo").unwrap().calendar.until;
    assert_eq!(until.to_string(), "2036-12-31");

    // A shorter time and more years: the old time, counted by the longer calendar.
    let both = changed(&[
        (path, "value = 10\n", "value = 5\n"),
        (calendar, "until = 2035-12-31", "until = 2036-12-31"),
    ]);
    let later = [version(&both, ADOPTED, USED)];
    let found = in_use(first(), &later, at(ADOPTED)).packs;
    assert_eq!(days(&found), 10);
    assert_eq!(found.procedure("demo").unwrap().calendar.until.to_string(), "2036-12-31");

    // A day off that is one no longer changes what was told: it waits.
    let other = changed(&[(calendar, " 2026-05-01,", "")]);
    let later = [version(&other, ADOPTED, USED)];
    let found = in_use(first(), &later, at(ADOPTED));
    assert_eq!(waits(&found), [(Of::Period, "demo", false)]);
}

#[test]
fn a_longer_term_of_a_state_waits_in_the_city_laid_on_it_too() {
    let ban = "cn/catalogue/procurement-ban.toml";
    let longer = changed(&[(ban, "value = 3\n", "value = 4\n")]);
    let later = [version(&longer, ADOPTED, USED)];
    let found = in_use(first(), &later, at(ADOPTED));
    let expected =
        [(Of::Entry, "cn-sh.procurement-ban", false), (Of::Entry, "cn.procurement-ban", false)];
    assert_eq!(waits(&found), expected);
    let id = CatalogueKey::new("cn-sh.procurement-ban").unwrap();
    let term = |packs: &Packs| {
        let entry = packs.catalogue_entry(&id).unwrap();
        entry.term(Some(Severity::Serious)).unwrap().max.as_ref().unwrap().value
    };
    assert_eq!((term(&found.packs), term(&in_use(first(), &later, at(USED)).packs)), (3, 4));
}

#[test]
fn the_law_of_a_record_is_never_heavier_than_that_of_its_day() {
    let id = CatalogueKey::new("demo.penalty-environment").unwrap();
    let (longer, shorter) = (with_months(months(first()) + 12), with_months(months(first()) - 1));
    let entry = |packs: &Packs| packs.catalogue_entry(&id).unwrap().clone();
    let max = |entry: &goodstanding_policy::catalogue::CatalogueEntry| {
        entry.term(Some(Severity::General)).unwrap().max.clone()
    };
    let own = entry(first());
    assert_eq!(max(&own.lenient(&entry(&longer))), max(&own));
    assert_eq!(max(&own.lenient(&entry(&shorter))), max(&entry(&shorter)));
    assert_eq!(own.lenient(&own), own);
}

/// A rule over conditions `keys`, of which `needs` many have to be met.
fn rule(needs: Needs, keys: &[&str]) -> RepairRule {
    let id = CatalogueKey::new("demo.penalty-environment").unwrap();
    let like = first().catalogue_entry(&id).unwrap().repair.clone().unwrap();
    let condition = |key: &&str| Condition {
        key: ConditionKey::new(key).unwrap(),
        ..like.conditions[0].clone()
    };
    RepairRule { needs, conditions: keys.iter().map(condition).collect(), ..like }
}

#[test]
fn of_alternatives_one_is_enough_and_none_names_them_all() {
    let met = |keys: &[&str]| keys.iter().map(|key| ConditionKey::new(key).unwrap()).collect();
    let unmet = |needs, keys: &[&str]| -> Vec<String> {
        let rule = rule(needs, &["a", "b"]);
        rule.unmet(&met(keys)).iter().map(ToString::to_string).collect()
    };
    assert_eq!(unmet(Needs::All, &["a"]), ["b"]);
    assert_eq!(unmet(Needs::All, &["a", "b"]), [""; 0]);
    assert_eq!(unmet(Needs::Any, &["b"]), [""; 0]);
    assert_eq!(unmet(Needs::Any, &["c"]), ["a", "b"]);
}

#[test]
fn a_rule_asks_for_no_more_exactly_when_whoever_meets_the_other_meets_it() {
    let keys = ["a", "b", "c"];
    let sets: Vec<Vec<&str>> = (1..8)
        .map(|bits| (0..3).filter(|at| bits & (1 << at) != 0).map(|at| keys[at]).collect())
        .collect();
    let rules: Vec<RepairRule> =
        Needs::ALL.iter().flat_map(|needs| sets.iter().map(|set| rule(*needs, set))).collect();
    let is_met = |rule: &RepairRule, set: &Vec<&str>| {
        rule.unmet(&set.iter().map(|key| ConditionKey::new(key).unwrap()).collect()).is_empty()
    };
    for one in &rules {
        for other in &rules {
            let follows = sets.iter().all(|set| !is_met(other, set) || is_met(one, set));
            assert_eq!(one.is_at_most(other), follows, "{one:?} {other:?}");
        }
    }
}

#[test]
fn i11_a_record_has_the_lighter_conditions_of_repair_of_two_versions() {
    let id = CatalogueKey::new("demo.penalty-environment").unwrap();
    let with = |repair: Option<RepairRule>| {
        let mut entry = first().catalogue_entry(&id).unwrap().clone();
        (entry.repair, entry.release) = (repair.clone(), repair);
        entry
    };
    let (both, one) = (rule(Needs::All, &["a", "b"]), rule(Needs::All, &["a"]));
    let (either, other) = (rule(Needs::Any, &["a", "b"]), rule(Needs::All, &["c"]));
    for (own, new, expected) in [
        (Some(&both), Some(&one), Some(&one)),
        (Some(&one), Some(&both), Some(&one)),
        (Some(&both), Some(&either), Some(&either)),
        (Some(&either), Some(&both), Some(&either)),
        // Neither asks for less: the one that was promised stays.
        (Some(&both), Some(&other), Some(&both)),
        (None, Some(&both), Some(&both)),
        (Some(&both), None, Some(&both)),
    ] {
        let found = with(own.cloned()).lenient(&with(new.cloned()));
        assert_eq!((found.repair.as_ref(), found.release.as_ref()), (expected, expected));
    }
    // What both ask for stays as it was worded.
    let mut reworded = one.clone();
    reworded.conditions[0].text =
        domain::text::Texts::from_pairs([("en", "And three times over.")]);
    let found = with(Some(both.clone())).lenient(&with(Some(reworded)));
    assert_eq!(found.repair, Some(one));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is adopted in whatever order: at no instant is a term used that is longer than the
    /// longest of the versions whose notice was over, or than the one the registry began with.
    #[test]
    fn no_order_of_adoptions_uses_a_longer_term_before_its_notice(
        lengths in proptest::collection::vec(3_u16..40, 1..5),
        hours in proptest::collection::vec(1_i64..1_500, 5),
        asked in 0_i64..6_000,
    ) {
        let packs: Vec<Packs> = lengths.iter().map(|months| with_months(*months)).collect();
        let start = at("2026-12-01T00:00:00Z");
        let mut when = start;
        let mut versions = Vec::new();
        for (packs, hours) in packs.iter().zip(&hours) {
            when = when.plus_hours(*hours);
            let in_use_from = when.plus_hours(24 * 30);
            versions.push(Version { packs, adopted_at: when, in_use_from });
        }
        let now = start.plus_hours(asked);
        let found = in_use(first(), &versions, now);
        let over = versions.iter().filter(|version| version.in_use_from <= now);
        let allowed = over.map(|version| months(version.packs)).chain([months(first())]).max();
        prop_assert!(months(&found.packs) <= allowed.unwrap());
        // Once every notice is over, the last version is the law.
        let last = versions.last().unwrap();
        if now >= last.in_use_from {
            prop_assert_eq!(months(&found.packs), months(last.packs));
            prop_assert!(found.waiting.is_empty());
        }
    }
}
