//! Decision tables: for each reason why a measure does not follow, the one fact that makes it so;
//! and a second implementation of all of it at once.

use std::collections::BTreeSet;

use domain::case::{Conduct, Severity};
use domain::civil::Instant;
use domain::ids::OrganisationId;
use domain::limits::{Fact, Ground};
use domain::record::RecordType;
use domain::text::{ListId, Texts};
use policy::expression::Compiling;
use policy::measure::Addressee;
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn record(number: u8) -> RecordId {
    RecordId::mint(Instant::from_micros(1_770_000_000_000_000), [number; 10])
}

fn authority(key: &str) -> AuthorityKey {
    AuthorityKey::new(key).unwrap()
}

/// A ban for buyers of `zz` that follows from serious exclusions for fraud.
fn ban() -> Measure {
    Measure {
        id: MeasureId::new("zz.ban").unwrap(),
        version: 3,
        pack: "zz".to_owned(),
        kind: MeasureKind::Restriction,
        family: MeasureFamily::PublicProcurement,
        title: Texts::from_pairs([("en", "Ban")]),
        basis: Vec::new(),
        grounds: vec![MeasureGround {
            record_type: RecordType::ProcurementExclusion,
            grounds: vec![Ground::Fraud],
            severities: vec![Severity::Serious],
        }],
        when: None,
        targets: vec![OrganisationKind::Enterprise],
        addressees: vec![Addressee {
            role: AddresseeRole::ProcuringEntity,
            territory: Territory::new("zz").unwrap(),
        }],
        effect: Effect::Exclude,
        mandatory: false,
        interim: false,
        term: MeasureTerm::MonthsAtMost(12),
        nexus: Texts::from_pairs([("en", "procurement")]),
        lift: None,
        remedy: None,
        in_force_from: day("2025-01-01"),
        text_of: None,
        published_on: day("2025-01-02"),
        first_use: day("2025-02-01"),
        overridable_by: None,
        fictional: true,
    }
}

/// An exclusion from which the ban follows.
fn exclusion() -> PublishedFacts {
    PublishedFacts {
        record: record(1),
        organisation: OrganisationId::mint(Instant::from_micros(1_770_000_000_000_000), [9; 10]),
        authority: authority("zz.board"),
        record_type: RecordType::ProcurementExclusion,
        grounds: vec![Ground::Fraud],
        severity: Some(Severity::Serious),
        act: None,
        procedure: None,
        decided_on: Some(day("2026-01-10")),
        conduct: None,
        amount: None,
        start: Some(day("2026-01-10")),
        end: Some(End::On(day("2026-06-30"))),
        measures: Some(BTreeSet::from([MeasureId::new("zz.ban").unwrap()])),
        interim: false,
        objected: false,
        entry: None,
        list: None,
        imposed_by: None,
    }
}

fn question() -> Question {
    Question {
        kind: OrganisationKind::Enterprise,
        purpose: MeasureFamily::PublicProcurement,
        role: AddresseeRole::ProcuringEntity,
        territory: Territory::new("zz-north").unwrap(),
        on: day("2026-03-01"),
        addressee: Some(authority("zz.buyer")),
    }
}

fn set_aside() -> Override {
    Override {
        record: record(1),
        by: authority("zz.buyer"),
        measure: MeasureId::new("zz.ban").unwrap(),
        from: day("2026-03-01"),
        until: day("2026-03-01"),
    }
}

/// Measure, facts, question, overrides of one consultation.
type Asked = (Measure, PublishedFacts, Question, Vec<Override>);

fn asked() -> Asked {
    (ban(), exclusion(), question(), Vec::new())
}

fn answer((measure, facts, question, overrides): &Asked) -> Consultation {
    let records = [Published::of_facts(facts.clone())];
    consult(&records, question, [measure], overrides, &NoRecognition)
}

fn why(asked: &Asked) -> Option<WhyNot> {
    let answer = answer(asked);
    assert_eq!(answer.applicable.len() + answer.considered.len(), 1);
    answer.considered.first().map(|considered| considered.why)
}

#[test]
fn what_applies_is_explained_from_record_to_term() {
    let answer = answer(&asked());
    let [one] = answer.applicable.as_slice() else { panic!("{answer:?}") };
    assert_eq!((one.version, one.effect, one.mandatory), (3, Effect::Exclude, false));
    assert_eq!(one.record, record(1));
    assert_eq!((one.from, one.until), (Some(day("2026-01-10")), Some(day("2026-06-30"))));
    assert!(one.set_aside_by.is_empty() && !one.objected && !one.interim);
    // I-38: an answer has no place for a decision or a grade.
    assert!(!answer.is_empty() && answer.considered.is_empty());
}

#[test]
fn every_reason_why_not_has_the_one_fact_that_makes_it_so() {
    type Change = fn(&mut Asked);
    let table: [(WhyNot, Change); 14] = [
        (WhyNot::OtherType, |it| it.1.record_type = RecordType::ListEntry),
        (WhyNot::OtherGround, |it| it.1.grounds = vec![Ground::Tax]),
        (WhyNot::OtherSeverity, |it| it.1.severity = Some(Severity::General)),
        (WhyNot::OtherTarget, |it| it.2.kind = OrganisationKind::Foundation),
        (WhyNot::OtherAddressee, |it| it.2.territory = Territory::new("zzz").unwrap()),
        (WhyNot::NotYetInUse, |it| it.2.on = day("2025-01-31")),
        (WhyNot::Retroactive, |it| it.1.decided_on = Some(day("2024-12-31"))),
        (WhyNot::NotDecided, |it| it.1.measures = Some(BTreeSet::new())),
        (WhyNot::ConditionUnmet, |it| it.0.when = Some(never())),
        (WhyNot::NotRecognised, |it| it.1.list = ListId::new("zz.list")),
        (WhyNot::Interim, |it| it.1.interim = true),
        (WhyNot::NotBegun, |it| it.1.start = Some(day("2026-03-02"))),
        (WhyNot::Over, |it| it.1.end = Some(End::On(day("2026-02-28")))),
        (WhyNot::SetAside, |it| it.3 = vec![set_aside()]),
    ];
    assert_eq!(why(&asked()), None);
    for (reason, change) in table {
        let mut asked = asked();
        change(&mut asked);
        assert_eq!(why(&asked), Some(reason), "{}", reason.key());
    }
    assert_eq!(table.map(|(reason, _)| reason), WhyNot::ALL, "a reason without a row");
}

#[test]
fn the_day_of_the_law_counts_for_conduct_and_decision_and_not_the_day_it_was_written_down() {
    let conduct = |to: &str| Some(Conduct { from: day("2020-01-01"), to: day(to) });
    for (decided_on, done, expected) in [
        ("2025-01-01", None, None),
        ("2024-12-31", None, Some(WhyNot::Retroactive)),
        ("2026-01-10", conduct("2024-12-31"), Some(WhyNot::Retroactive)),
        ("2026-01-10", conduct("2025-01-01"), None),
    ] {
        let mut asked = asked();
        (asked.0.published_on, asked.0.first_use) = (day("2026-01-20"), day("2026-02-20"));
        (asked.1.decided_on, asked.1.conduct) = (Some(day(decided_on)), done);
        asked.1.start = Some(day("2026-01-10"));
        assert_eq!(why(&asked), expected, "decided {decided_on}, done {done:?}");
    }
    // Made public before it is law: used by nobody until it is.
    let mut asked = asked();
    asked.0.in_force_from = day("2026-03-02");
    asked.1.decided_on = Some(day("2026-03-02"));
    assert_eq!(why(&asked), Some(WhyNot::NotYetInUse));
}

#[test]
fn a_condition_on_the_territory_reads_where_it_is_asked_for() {
    let compiling = Compiling { pack: "zz", readable: Fact::ALL };
    let north = Expression::compile("territory == \"zz-north\"", compiling).unwrap();
    for (territory, expected) in [("zz-north", None), ("zz", Some(WhyNot::ConditionUnmet))] {
        let mut asked = asked();
        asked.0.when = Some(north.clone());
        asked.2.territory = Territory::new(territory).unwrap();
        assert_eq!(why(&asked), expected, "{territory}");
    }
}

/// A condition that holds of no record here: what is not known never holds.
fn never() -> Expression {
    let compiling = Compiling { pack: "zz", readable: Fact::ALL };
    Expression::compile("severity == \"minor\"", compiling).unwrap()
}

#[test]
fn i35_a_measure_is_told_to_its_addressees_only() {
    for (role, territory, expected) in [
        (AddresseeRole::ProcuringEntity, "zz", None),
        (AddresseeRole::ProcuringEntity, "zz-north", None),
        (AddresseeRole::ProcuringEntity, "zzz", Some(WhyNot::OtherAddressee)),
        (AddresseeRole::ProcuringEntity, "z", Some(WhyNot::OtherAddressee)),
        (AddresseeRole::GrantingBody, "zz", Some(WhyNot::OtherAddressee)),
        (AddresseeRole::DevelopmentBank, "zz", Some(WhyNot::OtherAddressee)),
    ] {
        let mut asked = asked();
        (asked.2.role, asked.2.territory) = (role, Territory::new(territory).unwrap());
        assert_eq!(why(&asked), expected, "{} {territory}", role.key());
    }
    // Asked for another purpose, it is not even looked at.
    let mut asked = asked();
    asked.2.purpose = MeasureFamily::Licensing;
    let (measure, facts, question, _) = asked;
    let records = [Published::of_facts(facts)];
    let answer = consult(&records, &question, [&measure], &[], &NoRecognition);
    assert!(answer.is_empty() && answer.considered.is_empty());
}

#[test]
fn i36_a_measure_has_no_effect_before_its_first_use() {
    for (on, expected) in [("2025-01-31", Some(WhyNot::NotYetInUse)), ("2025-02-01", None)] {
        let mut asked = asked();
        asked.2.on = day(on);
        (asked.1.decided_on, asked.1.start) = (Some(day("2025-01-05")), Some(day("2025-01-05")));
        assert_eq!(why(&asked), expected, "{on}");
    }
}

#[test]
fn the_edges_of_each_term_are_inclusive() {
    type Change = fn(&mut Asked);
    let table: [(Option<WhyNot>, Change); 7] = [
        (None, |it| it.2.on = day("2026-01-10")),
        (Some(WhyNot::NotBegun), |it| it.2.on = day("2026-01-09")),
        (None, |it| it.2.on = day("2026-06-30")),
        (Some(WhyNot::Over), |it| it.2.on = day("2026-07-01")),
        // Its own term of twelve months ends before a record that has no end does.
        (None, |it| (it.1.end, it.2.on) = (None, day("2027-01-09"))),
        (Some(WhyNot::Over), |it| (it.1.end, it.2.on) = (None, day("2027-01-10"))),
        (None, |it| it.1.decided_on = Some(day("2025-01-01"))),
    ];
    for (row, (expected, change)) in table.into_iter().enumerate() {
        let mut asked = asked();
        change(&mut asked);
        assert_eq!(why(&asked), expected, "row {row}");
    }
}

#[test]
fn an_override_counts_for_its_own_record_measure_days_and_authority_only() {
    type Change = fn(&mut Override);
    let table: [Change; 5] = [
        |it| it.record = record(2),
        |it| it.measure = MeasureId::new("zz.other").unwrap(),
        |it| it.by = authority("zz.neighbour"),
        |it| it.until = day("2026-02-28"),
        |it| it.from = day("2026-03-02"),
    ];
    for (row, change) in table.into_iter().enumerate() {
        let mut asked = asked();
        let mut one = set_aside();
        change(&mut one);
        asked.3 = vec![one];
        assert_eq!(why(&asked), None, "row {row}");
    }
    // Asked by nobody in particular, the measure stands and the override is told.
    let mut asked = asked();
    asked.2.addressee = None;
    asked.3 = vec![set_aside(), set_aside()];
    let answer = answer(&asked);
    assert_eq!(answer.applicable.first().unwrap().set_aside_by, [authority("zz.buyer")]);
}

#[test]
fn restrictions_come_first_and_the_order_is_always_the_same() {
    let mut reward = ban();
    reward.id = MeasureId::new("zz.a-reward").unwrap();
    reward.kind = MeasureKind::Incentive;
    let mut second = exclusion();
    second.record = record(2);
    let mandatory = Measure { mandatory: true, ..ban() };
    let reward = Measure { mandatory: true, ..reward };
    let records = [Published::of_facts(second), Published::of_facts(exclusion())];
    let ask = |records: &[Published]| {
        consult(records, &question(), [&reward, &mandatory], &[], &NoRecognition)
    };
    let answer = ask(&records);
    let order: Vec<_> =
        answer.applicable.iter().map(|it| (it.measure.as_str().to_owned(), it.record)).collect();
    let expected = [("zz.ban", 1), ("zz.ban", 2), ("zz.a-reward", 1), ("zz.a-reward", 2)];
    assert_eq!(order, expected.map(|(id, number)| (id.to_owned(), record(number))));
    let [one, other] = records;
    assert_eq!(ask(&[other, one]), answer);
}

/// The same rules once more, as one sentence over plain values.
fn oracle((measure, facts, question, overrides): &Asked) -> bool {
    let of_type: Vec<_> =
        measure.grounds.iter().filter(|it| it.record_type == facts.record_type).collect();
    let founded = of_type.iter().any(|it| {
        it.grounds.iter().any(|ground| facts.grounds.contains(ground))
            && facts.severity.is_none_or(|severity| it.severities.contains(&severity))
    });
    let here = question.territory.as_str() == "zz" || question.territory.as_str() == "zz-north";
    let named = match &facts.measures {
        Some(measures) => measure.mandatory || measures.contains(&measure.id),
        None => true,
    };
    let own_last = facts.start.or(facts.decided_on).map(|from| from.plus_months(12));
    let in_time = facts.start.or(facts.decided_on).is_none_or(|from| from <= question.on)
        && own_last.is_none_or(|last| question.on < last)
        && match &facts.end {
            Some(End::On(last)) => question.on <= *last,
            _ => true,
        };
    let aside = overrides.iter().any(|it| {
        Some(&it.by) == question.addressee.as_ref()
            && it.record == facts.record
            && it.measure == measure.id
            && it.from <= question.on
            && question.on <= it.until
    });
    founded
        && here
        && measure.targets.contains(&question.kind)
        && question.on >= measure.first_use
        && facts.decided_on.is_none_or(|decided| decided >= day("2025-01-01"))
        && (measure.interim || !facts.interim)
        && named
        && facts.list.is_none()
        && in_time
        && !aside
}

fn some_day() -> impl Strategy<Value = Day> {
    (-40i64..800).prop_map(|days| day("2025-01-01").plus_days(days))
}

const TYPES: [RecordType; 2] = [RecordType::ProcurementExclusion, RecordType::ListEntry];

prop_compose! {
    fn any_asked()(
        record_type in prop::sample::select(&TYPES),
        ground in prop::sample::select(&[Ground::Fraud, Ground::Tax]),
        severity in prop::option::of(prop::sample::select(Severity::ALL)),
        decided_on in prop::option::of(some_day()),
        start in prop::option::of(some_day()),
        end in prop::option::of(some_day()),
        on in some_day(),
        named in any::<Option<bool>>(),
        (mandatory, interim, may_be_interim, quoted) in any::<(bool, bool, bool, bool)>(),
        territory in prop::sample::select(&["zz", "zz-north", "zzz", "yy"]),
        kind in prop::sample::select(&[OrganisationKind::Enterprise, OrganisationKind::Union]),
        aside in prop::option::of((some_day(), some_day(), 1u8..3)),
    ) -> Asked {
        let mut asked = asked();
        asked.0.mandatory = mandatory;
        asked.0.interim = may_be_interim;
        asked.1.record_type = record_type;
        asked.1.grounds = vec![ground];
        asked.1.severity = severity;
        asked.1.decided_on = decided_on;
        asked.1.start = start;
        asked.1.end = end.map(End::On);
        asked.1.interim = interim;
        asked.1.measures = named.map(|is_named| {
            let other = MeasureId::new("zz.other").unwrap();
            BTreeSet::from([if is_named { asked.0.id.clone() } else { other }])
        });
        asked.1.list = quoted.then(|| ListId::new("zz.list").unwrap());
        asked.2.on = on;
        asked.2.territory = Territory::new(territory).unwrap();
        asked.2.kind = kind;
        asked.3 = aside
            .map(|(from, until, number)| {
                Override { from, until, record: record(number), ..set_aside() }
            })
            .into_iter()
            .collect();
        asked
    }
}

proptest! {
    #[test]
    fn a_second_implementation_agrees(asked in any_asked()) {
        prop_assert_eq!(!answer(&asked).is_empty(), oracle(&asked));
    }

    #[test]
    fn i37_nothing_follows_beyond_the_end_of_the_record(asked in any_asked()) {
        for one in &answer(&asked).applicable {
            if let Some(End::On(last)) = &asked.1.end {
                prop_assert!(one.until.is_some_and(|until| until <= *last));
                prop_assert!(asked.2.on <= *last);
            }
        }
    }
}
