//! Each condition of a rule of recognition, with the facts that make it met, not met and not to be
//! told; who would enforce; and a second implementation over random facts.

use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, Conduct};
use domain::civil::{Day, End, Instant};
use domain::coverage::Field;
use domain::ids::{OrganisationId, RecordId};
use domain::limits::Ground;
use domain::record::RecordType;
use domain::text::{ListId, Texts};
use goodstanding_due_process::published::PublishedFacts;
use goodstanding_due_process::recognition::{Assessment, Condition, Standing, Told, assess};
use policy::Citation;
use policy::list::{Decider, ListDefinition};
use policy::procedure::{LegalPeriod, Unit};
use policy::recognition::Recognition;
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn key(text: &str) -> AuthorityKey {
    AuthorityKey::new(text).unwrap()
}

fn period(value: u16, unit: Unit) -> LegalPeriod {
    let citation = Citation {
        instrument: Texts::from_pairs([("en", "Invented Agreement")]),
        article: "1".to_owned(),
        level: None,
        url: "https://example.org/agreement".to_owned(),
        seen_on: day("2026-01-05"),
    };
    LegalPeriod { value, unit, first_day_counts: false, ends_on_working_day: false, citation }
}

/// Among three banks: fraud or corruption, longer than a year, within ten years, since 2010.
fn rule() -> Recognition {
    Recognition {
        id: CatalogueKey::new("zz.mutual").unwrap(),
        title: Texts::default(),
        pack: "zz".to_owned(),
        parties: ["zz.north", "zz.south", "zz.west"].map(key).to_vec(),
        grounds: vec![Ground::Fraud, Ground::Corruption],
        decided_from: Some(day("2010-04-09")),
        longer_than: Some(period(1, Unit::Years)),
        decided_within: Some(period(10, Unit::Years)),
        must_be_public: true,
        must_be_original: true,
        opt_out: None,
        basis: Vec::new(),
        fictional: true,
    }
}

/// The list of the bank of the north, which names its own decisions and those of others.
fn list() -> ListDefinition {
    let decider = |authority: &str, written: &str| Decider {
        authority: key(authority),
        written: vec![written.to_owned()],
    };
    ListDefinition {
        id: ListId::new("zz.debarred").unwrap(),
        title: Texts::default(),
        pack: "zz".to_owned(),
        authority: key("zz.north"),
        record_type: RecordType::ProcurementExclusion,
        subjects: Vec::new(),
        url: "https://example.org/list".to_owned(),
        zone: "UTC".parse().unwrap(),
        field: Some(Field::Commerce),
        sector: None,
        licence: None,
        basis: Vec::new(),
        remedy: None,
        entries: Vec::new(),
        deciders: vec![
            decider("zz.north", "North"),
            decider("zz.south", "South cross debarment"),
            decider("zz.court", "A court"),
        ],
        fictional: true,
    }
}

/// A row of that list which meets every condition.
fn row() -> PublishedFacts {
    let at = Instant::from_micros(1_770_000_000_000_000);
    PublishedFacts {
        record: RecordId::mint(at, [1; 10]),
        organisation: OrganisationId::mint(at, [2; 10]),
        authority: key("zz.north"),
        record_type: RecordType::ProcurementExclusion,
        grounds: vec![Ground::Fraud],
        severity: None,
        act: None,
        procedure: None,
        decided_on: Some(day("2020-01-01")),
        conduct: Some(Conduct { from: day("2014-01-01"), to: day("2015-01-01") }),
        amount: None,
        start: Some(day("2020-01-01")),
        end: Some(End::On(day("2023-01-01"))),
        measures: None,
        interim: false,
        objected: false,
        entry: None,
        list: ListId::new("zz.debarred"),
        imposed_by: Some("North".to_owned()),
    }
}

const TODAY: &str = "2026-11-25";

fn assessed(facts: &PublishedFacts) -> Assessment {
    assess(&rule(), facts, Some(&list()), day(TODAY))
}

fn told(assessment: &Assessment, condition: Condition) -> Told {
    assessment.conditions.iter().find(|(it, _)| *it == condition).unwrap().1
}

#[test]
fn every_condition_is_met_not_met_or_not_to_be_told() {
    use Condition::{DecidedFrom, DecidedWithin, Ground as OnGround, LongerThan, Original, Party};
    type Change = fn(&mut PublishedFacts);
    let table: [(Condition, Told, Change); 23] = [
        (Party, Told::NotMet, |it| it.imposed_by = Some("A court".into())),
        (Party, Told::Untold, |it| it.imposed_by = Some("Somebody".into())),
        (Party, Told::Untold, |it| it.imposed_by = None),
        (OnGround, Told::Met, |it| it.grounds = vec![Ground::Tax, Ground::Corruption]),
        (OnGround, Told::NotMet, |it| it.grounds = vec![Ground::Obstruction]),
        (OnGround, Told::Untold, |it| it.grounds = Vec::new()),
        (Original, Told::Met, |it| it.imposed_by = Some("South cross debarment".into())),
        (Original, Told::NotMet, |it| it.imposed_by = Some("A court".into())),
        (Original, Told::Untold, |it| it.imposed_by = None),
        (DecidedFrom, Told::NotMet, |it| it.decided_on = Some(day("2010-04-08"))),
        (DecidedFrom, Told::Met, |it| it.decided_on = Some(day("2010-04-09"))),
        (DecidedFrom, Told::Untold, |it| it.decided_on = None),
        // The other bank decided on that day at the latest.
        (DecidedFrom, Told::Untold, |it| it.imposed_by = Some("South cross debarment".into())),
        (LongerThan, Told::NotMet, |it| it.end = Some(End::On(day("2021-01-01")))),
        (LongerThan, Told::Met, |it| it.end = Some(End::On(day("2021-01-02")))),
        (LongerThan, Told::Untold, |it| {
            it.end = Some(End::On(day("2021-01-01")));
            it.imposed_by = Some("South cross debarment".into());
        }),
        (LongerThan, Told::Untold, |it| it.end = None),
        (LongerThan, Told::Untold, |it| it.start = None),
        (LongerThan, Told::Met, |it| it.end = Some(End::Indefinite { basis: "x".into() })),
        (LongerThan, Told::Untold, |it| {
            it.end = Some(End::Indefinite { basis: "x".into() });
            it.start = Some(day("2025-11-25"));
        }),
        (DecidedWithin, Told::NotMet, |it| {
            it.conduct = Some(Conduct { from: day("2000-01-01"), to: day("2009-12-31") });
        }),
        (DecidedWithin, Told::Met, |it| {
            it.conduct = Some(Conduct { from: day("2000-01-01"), to: day("2010-01-01") });
        }),
        (DecidedWithin, Told::Untold, |it| it.conduct = None),
    ];
    let all_met = assessed(&row());
    let conditions: Vec<Condition> = all_met.conditions.iter().map(|(it, _)| *it).collect();
    assert_eq!(conditions, Condition::ALL);
    assert!(all_met.conditions.iter().all(|(_, told)| *told == Told::Met), "{all_met:?}");
    for (number, (condition, expected, change)) in table.into_iter().enumerate() {
        let mut facts = row();
        change(&mut facts);
        let key = condition.key();
        assert_eq!(told(&assessed(&facts), condition), expected, "row {number}: {key}");
    }
}

#[test]
fn a_condition_the_agreement_does_not_make_is_not_shown() {
    let free = Recognition {
        decided_from: None,
        longer_than: None,
        decided_within: None,
        must_be_public: false,
        must_be_original: false,
        ..rule()
    };
    let mut facts = row();
    (facts.end, facts.conduct) = (None, None);
    let assessment = assess(&free, &facts, Some(&list()), day(TODAY));
    assert_eq!(assessment.conditions.len(), 2);
    assert_eq!(assessment.by_conditions(), Standing::WouldEnforce);
    // Working days of nobody's calendar cannot be counted.
    let of_working_days =
        Recognition { longer_than: Some(period(30, Unit::WorkingDays)), ..rule() };
    let assessment = assess(&of_working_days, &row(), Some(&list()), day(TODAY));
    assert_eq!(told(&assessment, Condition::LongerThan), Told::Untold);
}

#[test]
fn each_party_is_told_apart() {
    use Standing::{Decided, Enforces, Open, WouldEnforce, WouldNot};
    type Change = fn(&mut PublishedFacts);
    // North, which publishes; south; west.
    let table: [([Standing; 3], Change); 6] = [
        ([Decided, WouldEnforce, WouldEnforce], |_| {}),
        ([Decided, Open, Open], |it| it.conduct = None),
        ([Decided, WouldNot, WouldNot], |it| {
            it.grounds = vec![Ground::Tax];
            it.conduct = None;
        }),
        ([Enforces, Decided, Open], |it| it.imposed_by = Some("South cross debarment".into())),
        ([Enforces, WouldNot, WouldNot], |it| it.imposed_by = Some("A court".into())),
        ([Enforces, Open, Open], |it| it.imposed_by = Some("Somebody".into())),
    ];
    for (number, (expected, change)) in table.into_iter().enumerate() {
        let mut facts = row();
        change(&mut facts);
        let assessment = assessed(&facts);
        let found: Vec<Standing> = assessment.parties.iter().map(|(_, it)| *it).collect();
        assert_eq!(found, expected, "row {number}");
        assert_eq!(assessment.standing(&key("zz.court")), None, "no party");
    }
    // A record of the authority itself names nobody else.
    let mut own = row();
    (own.list, own.imposed_by, own.authority) = (None, None, key("zz.west"));
    let assessment = assess(&rule(), &own, None, day(TODAY));
    assert_eq!(assessment.standing(&key("zz.west")), Some(Decided));
    assert_eq!(assessment.standing(&key("zz.north")), Some(WouldEnforce));
}

#[test]
fn a_list_without_words_for_who_decided_tells_of_nobody() {
    let silent = ListDefinition { deciders: Vec::new(), ..list() };
    for list in [Some(&silent), None] {
        let assessment = assess(&rule(), &row(), list, day(TODAY));
        assert_eq!(assessment.decider, None);
        assert_eq!(assessment.by_conditions(), Standing::Open);
    }
}

/// Once more: a party other than who decided and who publishes would enforce exactly when every one
/// of these sentences is known to be true.
fn oracle(facts: &PublishedFacts) -> bool {
    let Some(imposed_by) = &facts.imposed_by else { return false };
    let own = imposed_by == "North";
    let by_a_party = own || imposed_by == "South cross debarment";
    let on_ground = facts.grounds.iter().any(|it| matches!(it, Ground::Fraud | Ground::Corruption));
    let (Some(decided), Some(start), Some(conduct)) =
        (facts.decided_on, facts.start, facts.conduct)
    else {
        return false;
    };
    let since_2010 = own && decided >= day("2010-04-09");
    let long = match &facts.end {
        Some(End::On(last)) => *last > start.plus_months(12),
        Some(End::Indefinite { .. }) => day(TODAY) > start.plus_months(12),
        None => false,
    };
    by_a_party && on_ground && since_2010 && long && decided <= conduct.to.plus_months(120)
}

fn some_day() -> impl Strategy<Value = Day> {
    (0i64..7_000).prop_map(|days| day("2008-01-01").plus_days(days))
}

prop_compose! {
    fn any_row()(
        imposed_by in prop::option::of(prop::sample::select(
            &["North", "South cross debarment", "A court", "north"])),
        grounds in prop::collection::vec(prop::sample::select(&Ground::ALL), 0..3),
        decided in prop::option::of(some_day()),
        last in prop::option::of((some_day(), any::<bool>())),
        conduct in prop::option::of((some_day(), 0i64..4_000)),
    ) -> PublishedFacts {
        let mut facts = row();
        facts.imposed_by = imposed_by.map(str::to_owned);
        facts.grounds = grounds;
        (facts.decided_on, facts.start) = (decided, decided);
        facts.end = last.map(|(last, is_open)| match is_open {
            true => End::Indefinite { basis: "x".into() },
            false => End::On(last),
        });
        facts.conduct = conduct.map(|(to, days)| Conduct { from: to.plus_days(-days), to });
        facts
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_second_implementation_agrees(facts in any_row()) {
        let assessment = assessed(&facts);
        let others = assessment.standing(&key("zz.west")).unwrap();
        prop_assert_eq!(others.carries(), oracle(&facts));
    }

    /// I-67: taking knowledge away never makes a party enforce.
    #[test]
    fn i67_what_is_not_known_never_helps_an_adverse_consequence(facts in any_row(), which in 0..6) {
        let mut less = facts.clone();
        match which {
            0 => less.imposed_by = None,
            1 => less.grounds = Vec::new(),
            2 => less.decided_on = None,
            3 => less.start = None,
            4 => less.end = None,
            _ => less.conduct = None,
        }
        if less != facts {
            let carries = |facts: &PublishedFacts| assessed(facts).by_conditions().carries();
            prop_assert!(!carries(&less));
        }
    }
}
