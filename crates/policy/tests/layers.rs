//! What the shipped packs say about proceedings, layer on layer; and what a change of packs means.

mod common;

use common::{packs_folder, read_packs};
use domain::case::{CatalogueKey, MeasureId, Severity};
use domain::civil::Day;
use domain::limits::{Act, MeasureKind, is_protected};
use domain::record::{Polarity, RecordType};
use domain::refusal::Language;
use goodstanding_policy::catalogue::TermRule;
use goodstanding_policy::diff::{Of, Toward, What};
use goodstanding_policy::procedure::{LegalPeriod, PeriodKey, Unit};
use goodstanding_policy::{Facts, PackFile, Packs, Scope, diff};

fn files() -> Vec<PackFile> {
    let mut files = read_packs(&packs_folder());
    files.extend(read_packs(&packs_folder().join("../demo/packs")));
    files
}

fn packs() -> Packs {
    Packs::load(&files()).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn key(text: &str) -> CatalogueKey {
    CatalogueKey::new(text).unwrap()
}

fn length(period: &LegalPeriod) -> (u16, Unit) {
    (period.value, period.unit)
}

#[test]
fn every_pack_has_every_period_and_the_law_before_the_registry() {
    use PeriodKey::{HearingRequest, InterimMax, ObjectionMark, PublishMax, Represent, Standstill};
    use Unit::{CalendarDays, Months, WorkingDays};
    let packs = packs();
    for pack in packs.packs() {
        let procedure = packs.procedure(&pack.name).unwrap();
        for key in PeriodKey::ALL {
            assert!(procedure.period(*key).is_some(), "{}: {}", pack.name, key.key());
        }
    }
    for (pack, calendar, key, expected) in [
        ("generic", "generic.registry", Represent, (10, WorkingDays)),
        ("mdb", "generic.registry", Standstill, (8, WorkingDays)),
        ("us", "us.federal", Represent, (30, CalendarDays)),
        ("us", "us.federal", PublishMax, (3, WorkingDays)),
        ("us", "us.federal", InterimMax, (12, Months)),
        ("cn", "cn.state-council", HearingRequest, (5, WorkingDays)),
        ("cn-sh", "cn.state-council", HearingRequest, (5, WorkingDays)),
        ("cn-sh", "cn.state-council", ObjectionMark, (1, WorkingDays)),
    ] {
        let procedure = packs.procedure(pack).unwrap();
        assert_eq!(procedure.calendar.id, calendar, "{pack}");
        assert_eq!(length(procedure.period(key).unwrap()), expected, "{pack} {}", key.key());
    }
}

#[test]
fn working_days_as_governments_announced_them() {
    let packs = packs();
    let china = packs.calendar("cn.state-council").unwrap();
    let states = packs.calendar("us.federal").unwrap();
    for (calendar, text, expected) in [
        // New Year 2026: off on Friday, at work on Sunday.
        (china, "2026-01-02", false),
        (china, "2026-01-04", true),
        (china, "2026-02-14", true),
        (china, "2026-02-23", false),
        (china, "2026-02-24", true),
        (china, "2026-10-07", false),
        (china, "2026-10-10", true),
        (china, "2026-10-11", false),
        (china, "2025-01-26", true),
        (china, "2025-10-08", false),
        // The fourth of July 2026 is a Saturday, of 2027 a Sunday.
        (states, "2026-07-03", false),
        (states, "2027-07-05", false),
        (states, "2027-06-18", false),
        (states, "2026-11-26", false),
        (states, "2026-11-27", true),
    ] {
        assert_eq!(calendar.is_working_day(day(text)), Ok(expected), "{} {text}", calendar.id);
    }
    assert!(china.is_working_day(day("2027-01-04")).is_err(), "no notice for 2027 was read");
}

#[test]
fn a_city_shortens_what_the_state_says_and_takes_over_the_rest() {
    let packs = packs();
    let state = packs.catalogue_entry(&key("cn.procurement-ban")).unwrap();
    let city = packs.catalogue_entry(&key("cn-sh.procurement-ban")).unwrap();
    assert_eq!(city.on.as_ref(), Some(&state.id));
    assert_eq!((city.terms.clone(), &city.grounds), (state.terms.clone(), &state.grounds));
    assert!(state.ceiling.is_none());
    assert_eq!(length(city.ceiling.as_ref().unwrap()), (5, Unit::Years));
    assert_eq!(city.in_force_from, day("2017-10-01"));
    assert_eq!(packs.pack("cn-sh").unwrap().scope, Scope::Local);
}

#[test]
fn every_adverse_entry_has_law_remedy_terms_and_no_protected_kind_before_an_office() {
    for entry in packs().catalogue() {
        assert!(!entry.basis.is_empty(), "{}", entry.id);
        if entry.polarity() != Polarity::Adverse {
            continue;
        }
        assert!(entry.remedy.is_some() && !entry.grounds.is_empty(), "{}", entry.id);
        for outcome in entry.outcomes() {
            let term = entry.term(outcome).unwrap();
            assert!(term.max.is_some() || entry.indefinite.is_some(), "{}", entry.id);
            let is_minor = outcome == Some(Severity::Minor);
            assert!(!is_minor || !term.published || term.publication.is_some(), "{}", entry.id);
        }
        let names_protected = entry.subjects.iter().any(|kind| is_protected(*kind));
        assert!(!names_protected || entry.act != Act::Administrative, "{}", entry.id);
    }
}

#[test]
fn the_demonstration_exercises_everything() {
    let packs = packs();
    let demo: Vec<_> = packs.catalogue().filter(|entry| entry.pack == "demo").collect();
    let severities: Vec<_> = demo.iter().flat_map(|entry| entry.outcomes()).collect();
    for severity in Severity::ALL {
        assert!(severities.contains(&Some(*severity)), "{}", severity.key());
    }
    assert!(demo.iter().any(|entry| entry.interim.is_some()));
    assert!(demo.iter().any(|entry| entry.release.is_some()));
    assert!(demo.iter().any(|entry| entry.repair.is_some()));
    assert!(demo.iter().any(|entry| entry.extension.is_some()));
    assert!(demo.iter().any(|entry| entry.indefinite.is_some()));
    assert!(demo.iter().any(|entry| !entry.hearing.is_empty()));
    for record_type in [
        RecordType::AdminPenalty,
        RecordType::ProcurementExclusion,
        RecordType::JudicialDefault,
        RecordType::ListAbnormal,
        RecordType::ContractBreach,
        RecordType::SubmitterBreach,
        RecordType::AdminPermit,
        RecordType::Honour,
        RecordType::Commitment,
    ] {
        assert!(demo.iter().any(|entry| entry.record_type == record_type), "{}", record_type.key());
    }
    for kind in MeasureKind::ALL {
        assert!(packs.measures().any(|measure| measure.kind == *kind), "{}", kind.key());
    }
    for authority in packs.authorities().filter(|authority| authority.key.as_str() == "demo.court")
    {
        assert_eq!(packs.mandates_of(&authority.key).count(), 1);
    }
}

#[test]
fn the_rules_of_the_demonstration_judge_how_grave_a_penalty_is() {
    let packs = packs();
    let entry = packs.catalogue_entry(&key("demo.penalty-work-safety")).unwrap();
    let mut facts = Facts::default();
    assert_eq!(entry.severity(&facts), Some(Severity::General));
    facts.procedure = Some(domain::case::Procedure::Simplified);
    assert_eq!(entry.severity(&facts), Some(Severity::Minor));
    facts.amounts.insert("CNY".into(), 1_000_000.into());
    assert_eq!(entry.severity(&facts), Some(Severity::Serious));
}

#[test]
fn a_measure_follows_from_its_grounds_alone() {
    let packs = packs();
    let id = MeasureId::new("us.far.exclusion").unwrap();
    let measure = packs.measure(&id).unwrap();
    let exclusion = RecordType::ProcurementExclusion;
    use domain::limits::Ground::{Environment, Fraud};
    assert!(measure.follows_from(exclusion, &[Fraud], Some(Severity::Serious)));
    assert!(!measure.follows_from(exclusion, &[Environment], Some(Severity::Serious)));
    assert!(!measure.follows_from(exclusion, &[Fraud], Some(Severity::General)));
    assert!(!measure.follows_from(RecordType::AdminPenalty, &[Fraud], Some(Severity::Serious)));
    let rule = packs.recognition(&key("mdb.mutual-enforcement")).unwrap();
    assert_eq!(length(rule.longer_than.as_ref().unwrap()), (1, Unit::Years));
    assert_eq!(length(rule.decided_within.as_ref().unwrap()), (10, Unit::Years));
    assert_eq!(rule.decided_from, Some("2010-04-09".parse().unwrap()));
    assert!(rule.must_be_original && rule.must_be_public && rule.parties.len() == 5);
}

#[test]
fn what_nobody_verified_is_listed_and_not_used() {
    let packs = packs();
    for name in ["cn", "cn-sh", "us", "mdb"] {
        let missing = &packs.pack(name).unwrap().missing;
        assert!(!missing.is_empty(), "{name}");
        for one in missing {
            assert!(one.what.0.contains_key("zh") && one.reason.0.contains_key("en"));
        }
    }
}

/// The packs with `old` replaced by `new` in one file.
fn changed(path: &str, old: &str, new: &str) -> Packs {
    let mut files = files();
    let file = files.iter_mut().find(|file| file.path == path).unwrap();
    assert!(file.text.contains(old), "{path}");
    file.text = file.text.replacen(old, new, 1);
    Packs::load(&files).unwrap()
}

const BAN: &str = "cn/catalogue/procurement-ban.toml";

#[test]
fn nothing_changed_is_no_change() {
    assert!(diff(&packs(), &packs()).is_empty());
}

#[test]
fn a_change_is_told_with_what_it_means_for_organisations() {
    let longer = diff(&packs(), &changed(BAN, "value = 3\n", "value = 4\n"));
    // The city's entry lies on it and changes with it.
    assert_eq!(longer.len(), 2);
    for change in &longer {
        assert_eq!((change.of, change.toward), (Of::Entry, Toward::Heavier));
        assert_eq!(change.what, What::LongestTerm(Some(Severity::Serious)));
    }
    let english = longer[1].text(Language::En);
    assert_eq!(
        english,
        "Entry cn.procurement-ban: the longest time on record for serious breaches changed (4 years, \
         before: 3 years); concerns: enterprise, public institution, cooperative, foundation, unstated. \
         Heavier for organisations; a record that exists keeps what it had."
    );
    let chinese = longer[1].text(Language::Zh);
    assert!(chinese.contains("4年，此前为3年") && chinese.contains("对组织更严"), "{chinese}");

    let shorter = diff(&packs(), &changed(BAN, "value = 3\n", "value = 2\n"));
    assert!(shorter.iter().all(|change| change.toward == Toward::Lighter));
    let fewer = diff(&packs(), &changed(BAN, "\"fraud\", ", ""));
    assert!(fewer.iter().all(|c| (c.what, c.toward) == (What::Grounds, Toward::Lighter)));
    let silent = diff(&packs(), &changed("us/procedure.toml", "value = 30\n", "value = 20\n"));
    let shown: Vec<_> = silent.iter().map(|c| (c.id.as_str(), c.toward)).collect();
    assert_eq!(shown, [("us: represent", Toward::Heavier)]);
    let reworded = diff(&packs(), &changed(BAN, "禁止参加政府采购活动", "禁止政府采购"));
    assert!(reworded.iter().all(|c| (c.what, c.toward) == (What::Rest, Toward::Unclear)));
}

#[test]
fn a_change_of_grounds_kinds_addressees_conditions_and_days_says_which() {
    let told = |path: &str, old: &str, new: &str, language: Language| -> Vec<String> {
        let changes = diff(&packs(), &changed(path, old, new));
        changes.iter().map(|change| change.text(language)).collect()
    };
    let measure = "cn/measures/procurement-ban.toml";
    let one = |path: &str, old: &str, new: &str, en: &str, zh: &str| {
        let english = told(path, old, new, Language::En);
        assert!(english.iter().any(|text| text.contains(en)), "{en}: {english:#?}");
        let chinese = told(path, old, new, Language::Zh);
        assert!(chinese.iter().any(|text| text.contains(zh)), "{zh}: {chinese:#?}");
    };
    one(
        BAN,
        "\"fraud\", ",
        "\"tax\", ",
        "the grounds changed; added: tax; taken away: fraud",
        "增加：税收和关税；删除：欺诈",
    );
    one(
        measure,
        "\"fraud\", ",
        "",
        "the grounds changed; taken away: procurement.exclusion, fraud, serious; concerns: enterprise,",
        "删除：procurement.exclusion、欺诈、严重；涉及：企业、",
    );
    one(
        measure,
        "\"foundation\", ",
        "",
        "whom it concerns changed; taken away: foundation",
        "删除：基金会",
    );
    one(
        measure,
        "role = \"procuring_entity\"",
        "role = \"granting_body\"",
        "added: granting body (cn); taken away: procuring entity (cn)",
        "增加：资金发放机关（cn）；删除：采购单位（cn）",
    );
    one(
        measure,
        "mandatory = true",
        "mandatory = false",
        "added: at the addressee's discretion",
        "增加：可裁量",
    );
    one(
        measure,
        "mandatory = true",
        "mandatory = true\nwhen = 'severity == \"serious\"'",
        "its condition changed; added: severity == \"serious\"",
        "适用条件有变化；增加：severity == \"serious\"",
    );
    one(
        measure,
        "first_use = 2026-12-25",
        "first_use = 2027-01-25",
        "added: first use 2027-01-25; taken away: first use 2026-12-25",
        "增加：首次适用日2027-01-25",
    );
    let far = "us/catalogue/far-debarment.toml";
    one(
        far,
        "needs = \"any\"",
        "needs = \"all\"",
        "added: release: all; taken away: release: any",
        "增加：提前解除：全部",
    );
    one(
        BAN,
        "hearing = [\"serious\"]",
        "hearing = []",
        "the right to a hearing changed; taken away: serious",
        "删除：严重",
    );
    // Fewer conditions of repair ask for less, and one of several for less than all.
    for (old, new, toward) in [
        ("needs = \"any\"", "needs = \"all\"", Toward::Heavier),
        ("Newly discovered material evidence.", "New evidence.", Toward::Unclear),
    ] {
        let changes = diff(&packs(), &changed(far, old, new));
        let found: Vec<_> = changes.iter().map(|change| (change.what, change.toward)).collect();
        assert_eq!(found, [(What::Repair, toward)], "{new}");
    }
}

#[test]
fn what_is_new_or_gone_is_told() {
    let mut fewer = files();
    fewer.retain(|file| file.path != "us/measures/far-exclusion.toml");
    let fewer = Packs::load(&fewer).unwrap();
    let gone = diff(&packs(), &fewer);
    assert_eq!((gone.len(), gone[0].of, gone[0].what), (1, Of::Measure, What::Removed));
    let new = diff(&fewer, &packs());
    assert_eq!((new.len(), new[0].of, new[0].what), (1, Of::Measure, What::Added));
}

#[test]
fn i_11_a_later_pack_never_lengthens_the_term_of_a_record() {
    let serious = Some(Severity::Serious);
    let term = |packs: &Packs| -> TermRule {
        packs.catalogue_entry(&key("cn.procurement-ban")).unwrap().term(serious).unwrap().clone()
    };
    let (now, longer) = (term(&packs()), term(&changed(BAN, "value = 3\n", "value = 9\n")));
    let shorter = term(&changed(BAN, "value = 3\n", "value = 2\n"));
    assert_eq!(TermRule::lenient(&now, &longer), now);
    assert_eq!(TermRule::lenient(&now, &shorter), shorter);
    assert!(TermRule::lenient(&shorter, &now).is_at_most(&now));
    let endless = TermRule { max: None, ..now.clone() };
    assert_eq!(TermRule::lenient(&endless, &now), now);
    assert_eq!(TermRule::lenient(&now, &endless), now);
    let hidden = TermRule { published: false, ..now.clone() };
    assert!(!TermRule::lenient(&hidden, &now).published, "what was not public stays so");
    assert!(!TermRule::lenient(&now, &hidden).published);
}
