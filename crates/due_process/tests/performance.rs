//! What is counted of an authority's cases, in which month, and how it is told.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use domain::case::{Actor, ObjectionGround, Purpose, Severity};
use domain::civil::Instant;
use domain::performance::{Cell, Deadline, Figure, Month, MonthFigures, SizeClass};
use goodstanding_due_process::case::Command;
use goodstanding_due_process::performance::{
    Count, MonthTally, Occurrence, RELATIONS, Tally, Teller, What,
};
use support::Law;
use support::figures::{counted, occurred};
use support::law::{decider, instant, micros, officer, reviewer};
use support::moves::{conditions, draft, outcome, said};
use support::simulate::Random;
use support::world::{Seen, World, heard, interim, must, published};

const BEGAN: &str = "2026-03-02T01:00:00Z";

/// How often each figure was counted until now.
fn figures(world: &World<'_>) -> BTreeMap<Figure, u64> {
    let mut figures = BTreeMap::new();
    for ((_, figure), times) in counted(&occurred(&world.tracks[0].history), world.now) {
        *figures.entry(figure).or_default() += times;
    }
    figures
}

/// Nothing but these, once each.
fn assert_counted(world: &World<'_>, wanted: &[Figure]) {
    let wanted: BTreeMap<Figure, u64> = wanted.iter().map(|figure| (*figure, 1)).collect();
    assert_eq!(figures(world), wanted);
}

fn submitted(law: &Law) -> World<'_> {
    let mut world = World::new(law, instant(BEGAN));
    let facts = law.facts(Some(Severity::General));
    world.submit(&law.hosted(1), &facts, &decider(9), &mut Seen::default()).unwrap();
    world
}

fn imported(law: &Law) -> World<'_> {
    let mut world = World::new(law, instant(BEGAN));
    let facts = law.facts(Some(Severity::General));
    let submission = law.imported(1, law.today(world.now));
    world.submit(&submission, &facts, &decider(9), &mut Seen::default()).unwrap();
    world
}

/// Waits until the next thing that time alone does.
fn wait(world: &mut World<'_>) -> Instant {
    let next = world.case(0).next_boundary().unwrap();
    world.wait_until(next, &mut Seen::default());
    next
}

fn act(world: &mut World<'_>, actor: &Actor, command: &Command) {
    must(world, actor, command, &mut Seen::default());
}

fn notice(world: &World<'_>) -> Command {
    let today = world.law.today(world.now);
    Command::ServeNotice(draft(Purpose::Record, today.plus_months(7), today))
}

fn objected(world: &mut World<'_>) {
    let command = Command::Object { ground: ObjectionGround::Error, text: "It is wrong.".into() };
    act(world, &Actor::Subject, &command);
}

/// What a case that was noticed, waived and decided in time counts, before anything else.
const DECIDED: [Figure; 3] = [Figure::Submitted, Figure::NoticeInTime, Figure::Upheld];

fn with(more: &[Figure]) -> Vec<Figure> {
    DECIDED.iter().chain(more).copied().collect()
}

#[test]
fn a_notice_in_time_late_and_none() {
    let law = Law::new();
    let mut world = submitted(&law);
    let command = notice(&world);
    act(&mut world, &officer(1), &command);
    assert_counted(&world, &[Figure::Submitted, Figure::NoticeInTime]);

    let mut world = submitted(&law);
    let next_by = next_by(&world);
    world.wait_until(micros(next_by, -1), &mut Seen::default());
    assert_counted(&world, &[Figure::Submitted]);
    world.wait_until(next_by, &mut Seen::default());
    assert_counted(&world, &[Figure::Submitted, Figure::NoticeMissed]);

    // What nobody was told of has lapsed by then; an interim record was told of, and is late.
    let mut world = submitted(&law);
    let publish = Command::PublishInterim {
        served_days: 0,
        need: "risk to water".into(),
        service: "portal".into(),
    };
    act(&mut world, &decider(1), &publish);
    world.wait_until(next_by, &mut Seen::default());
    assert_counted(&world, &[Figure::Submitted, Figure::NoticeMissed]);
    let command = notice(&world);
    act(&mut world, &officer(1), &command);
    assert_counted(&world, &[Figure::Submitted, Figure::NoticeMissed, Figure::NoticeLate]);
}

fn next_by(world: &World<'_>) -> Instant {
    match world.case(0).phase {
        goodstanding_due_process::case::Phase::Validated { next_by } => next_by,
        ref phase => panic!("{phase:?}"),
    }
}

#[test]
fn the_check_of_what_was_decided_elsewhere_is_the_registrys_deadline() {
    let law = Law::new();
    let mut world = imported(&law);
    let opened = Command::OpenPrecheck { service: "portal".into() };
    act(&mut world, &Actor::Registry, &opened);
    assert_counted(&world, &[Figure::SubmittedInTime, Figure::EntryInTime]);
    assert_eq!(Deadline::Entry.duty().key(), "registry");

    let mut world = imported(&law);
    let by = next_by(&world);
    world.wait_until(by, &mut Seen::default());
    assert_counted(&world, &[Figure::SubmittedInTime, Figure::EntryMissed]);
    act(&mut world, &Actor::Registry, &opened);
    assert_counted(&world, &[Figure::SubmittedInTime, Figure::EntryMissed]);
}

#[test]
fn i54_silence_of_the_decider_counts_from_the_instant_of_the_deadline() {
    let law = Law::new();
    let mut world = submitted(&law);
    let command = notice(&world);
    act(&mut world, &officer(1), &command);
    wait(&mut world);
    let decide_by = world.case(0).chain.unwrap().decide_by;
    world.wait_until(micros(decide_by, -1), &mut Seen::default());
    assert_counted(&world, &[Figure::Submitted, Figure::NoticeInTime]);
    world.wait_until(decide_by, &mut Seen::default());
    assert_counted(&world, &[Figure::Submitted, Figure::NoticeInTime, Figure::DecisionMissed]);
}

#[test]
fn a_decision_for_the_subject_and_answers_are_counted() {
    let law = Law::new();
    let mut world = submitted(&law);
    let command = notice(&world);
    act(&mut world, &officer(1), &command);
    let answer = said(1);
    act(&mut world, &Actor::Subject, &answer);
    act(&mut world, &decider(1), &Command::NotUphold { reasons: "Right.".into() });
    let wanted = [Figure::Submitted, Figure::NoticeInTime, Figure::Represented, Figure::NotUpheld];
    assert_counted(&world, &wanted);
}

#[test]
fn a_hearing_held_and_not_held() {
    let law = Law::new();
    let base = [Figure::Submitted, Figure::NoticeInTime, Figure::HearingRequested];
    let mut world = heard(&World::new(&law, instant(BEGAN)));
    wait(&mut world);
    assert_counted(&world, &[base.as_slice(), &[Figure::HearingMissed]].concat());

    let mut world = heard(&World::new(&law, instant(BEGAN)));
    let goodstanding_due_process::case::ChainStage::Hearing { on, .. } =
        world.case(0).chain.unwrap().stage
    else {
        panic!("no hearing");
    };
    world.wait_until(law.zone().start_of(on), &mut Seen::default());
    act(&mut world, &officer(1), &Command::CloseHearing { protocol: "P-1".into() });
    assert_counted(&world, &[base.as_slice(), &[Figure::HearingInTime]].concat());
}

#[test]
fn flags_answered_agreed_with_and_not_answered() {
    let law = Law::new();
    let flagged = || {
        let mut world = imported(&law);
        let opened = Command::OpenPrecheck { service: "portal".into() };
        act(&mut world, &Actor::Registry, &opened);
        let flag = Command::FlagError {
            ground: domain::case::FlagGround::WrongFact,
            text: "Another ship.".into(),
        };
        act(&mut world, &Actor::Subject, &flag);
        world
    };
    let base = [Figure::SubmittedInTime, Figure::EntryInTime, Figure::Flagged];
    let mut world = flagged();
    act(&mut world, &officer(1), &Command::ClearFlag { reasons: "The same ship.".into() });
    assert_counted(&world, &[base.as_slice(), &[Figure::FlagCleared]].concat());
    let mut world = flagged();
    act(&mut world, &officer(1), &Command::UpholdFlag);
    assert_counted(&world, &[base.as_slice(), &[Figure::FlagUpheld]].concat());
    let mut world = flagged();
    wait(&mut world);
    assert_counted(&world, &[base.as_slice(), &[Figure::FlagMissed]].concat());
}

#[test]
fn i22_an_objection_rejected_upheld_or_left_unanswered() {
    let law = Law::new();
    let reject = Command::RejectObjection { reasons: "It stands.".into() };
    let withdraw = Command::Withdraw {
        reason: domain::case::WithdrawalReason::Unlawful,
        reference: "W-1".into(),
        ordered_on: None,
    };
    let world = || {
        let mut world = published(&World::new(&law, instant(BEGAN)));
        objected(&mut world);
        world
    };
    let mut in_time = world();
    act(&mut in_time, &Actor::Registry, &Command::ForwardObjection);
    act(&mut in_time, &officer(1), &reject);
    let wanted = [Figure::Objected, Figure::ForwardInTime, Figure::ObjectionRejected];
    assert_counted(&in_time, &with(&wanted));

    let mut upheld = world();
    act(&mut upheld, &decider(1), &withdraw);
    assert_counted(&upheld, &with(&[Figure::Objected, Figure::ObjectionUpheld]));

    let mut silent = world();
    let decide_by = silent.case(0).objection.unwrap().decide_by;
    silent.wait_until(decide_by, &mut Seen::default());
    let missed = [Figure::Objected, Figure::ForwardMissed, Figure::ObjectionMissed, Figure::Hidden];
    assert_counted(&silent, &with(&missed));
    act(&mut silent, &officer(1), &reject);
    let late = [missed.as_slice(), &[Figure::ObjectionRejectedLate]].concat();
    assert_counted(&silent, &with(&late));
}

#[test]
fn an_appeal_is_the_reviewers_deadline() {
    let law = Law::new();
    let mut world = published(&World::new(&law, instant(BEGAN)));
    objected(&mut world);
    act(&mut world, &officer(1), &Command::RejectObjection { reasons: "It stands.".into() });
    act(&mut world, &Actor::Subject, &Command::Escalate);
    let base = [Figure::Objected, Figure::ObjectionRejected, Figure::Appealed];
    let mut silent = world.clone();
    let decide_by = silent.case(0).objection.unwrap().decide_by;
    silent.wait_until(decide_by, &mut Seen::default());
    let missed = [base.as_slice(), &[Figure::AppealMissed, Figure::Hidden]].concat();
    assert_counted(&silent, &with(&missed));
    let withdraw = Command::Withdraw {
        reason: domain::case::WithdrawalReason::Unlawful,
        reference: "A-1".into(),
        ordered_on: None,
    };
    act(&mut world, &reviewer(1), &withdraw);
    assert_counted(&world, &with(&[base.as_slice(), &[Figure::AppealUpheld]].concat()));
}

#[test]
fn a_withdrawal_after_an_order_is_in_time_or_not() {
    let law = Law::new();
    for (days, figure) in [(1, Figure::OrderInTime), (60, Figure::OrderMissed)] {
        let mut world = published(&World::new(&law, instant(BEGAN)));
        let ordered_on = law.today(world.now);
        let later = micros(world.now, days * 86_400_000_000);
        world.wait_until(later, &mut Seen::default());
        let withdraw = Command::Withdraw {
            reason: domain::case::WithdrawalReason::Revoked,
            reference: "C-1".into(),
            ordered_on: Some(ordered_on),
        };
        act(&mut world, &decider(1), &withdraw);
        assert_counted(&world, &with(&[figure]));
    }
}

#[test]
fn repairs_decided_in_time_late_and_by_the_reviewer() {
    let law = Law::new();
    let applied = || {
        let mut world = published(&World::new(&law, instant(BEGAN)));
        let start = world.tracks[0].case.term.start.unwrap();
        world.wait_until(law.zone().end_of(start.plus_months(3)), &mut Seen::default());
        let apply = Command::ApplyRepair { conditions: conditions(), text: "Done.".into() };
        act(&mut world, &Actor::Subject, &apply);
        world
    };
    let mut world = applied();
    act(&mut world, &decider(1), &Command::GrantRepair);
    assert_counted(&world, &with(&[Figure::RepairApplied, Figure::RepairGranted]));

    let mut world = applied();
    let repair = world.case(0).repair.unwrap();
    world.wait_until(repair.decide_by, &mut Seen::default());
    assert_counted(&world, &with(&[Figure::RepairApplied, Figure::RepairMissed]));
    let mut reviewed = world.clone();
    act(&mut reviewed, &reviewer(1), &Command::GrantRepair);
    let wanted = [Figure::RepairApplied, Figure::RepairMissed, Figure::ReviewInTime];
    assert_counted(&reviewed, &with(&wanted));
    world.wait_until(repair.review_by, &mut Seen::default());
    let wanted =
        [Figure::RepairApplied, Figure::RepairMissed, Figure::ReviewMissed, Figure::Hidden];
    assert_counted(&world, &with(&wanted));
}

#[test]
fn an_interim_record_that_nobody_goes_on_with_lapses() {
    let law = Law::new();
    let mut world = interim(&World::new(&law, instant(BEGAN)));
    let lapses_at = world.case(0).interim.unwrap().lapses_at;
    world.wait_until(lapses_at, &mut Seen::default());
    let wanted = [Figure::Submitted, Figure::NoticeMissed, Figure::InterimLapsed];
    assert_counted(&world, &wanted);
}

#[test]
fn i52_a_mirror_counts_for_nobody_here() {
    let law = Law::new();
    let mut world = World::new(&law, instant(BEGAN));
    support::world::mirrored(&mut world, &mut Seen::default()).unwrap();
    world.wait_until(instant("2029-01-01T00:00:00Z"), &mut Seen::default());
    assert_eq!(figures(&world), BTreeMap::new());
}

// Months

fn occurrence(at: &str, figure: Figure) -> Occurrence {
    Occurrence { at: instant(at), what: What::Counted(figure), is_public: false }
}

#[test]
fn months_are_those_of_utc_and_their_first_instant_is_theirs() {
    let mut tally = Tally::new(instant("2027-01-01T00:00:00Z"));
    // The end of December 31 in New York, in Shanghai and in UTC.
    for at in ["2027-01-01T05:00:00Z", "2026-12-31T16:00:00Z", "2027-01-01T00:00:00Z"] {
        tally.add(1, &[occurrence(at, Figure::DecisionMissed)]);
    }
    let months = tally.months();
    let names: Vec<String> = months.iter().map(|month| month.month.to_string()).collect();
    assert_eq!(names, ["2026-12", "2027-01"]);
    let times = |month: &MonthTally| month.counts[&Figure::DecisionMissed].times;
    // What New York misses lies after the instant asked about.
    assert_eq!((times(&months[0]), times(&months[1])), (1, 1));
}

#[test]
fn stocks_are_carried_from_month_to_month() {
    let mut tally = Tally::new(instant("2026-05-10T00:00:00Z"));
    let moved = |at: &str, what| Occurrence { at: instant(at), what, is_public: false };
    for number in 0..4 {
        let began = moved("2026-03-02T00:00:00Z", What::SealedBegan);
        let ended = moved("2026-05-02T00:00:00Z", What::SealedEnded);
        let occurred = if number == 0 { vec![began, ended] } else { vec![began] };
        tally.add(number, &occurred);
    }
    let sealed: Vec<u64> = tally.months().iter().map(|month| month.sealed).collect();
    assert_eq!(sealed, [4, 4, 3]);
}

// Telling

fn month(counts: &[(Figure, u64, u8, bool)]) -> MonthTally {
    let count = |(figure, times, organisations, is_sealed): &(Figure, u64, u8, bool)| {
        let organisations = (0..u64::from(*organisations)).collect();
        (*figure, Count { times: *times, organisations, is_sealed: *is_sealed })
    };
    MonthTally {
        month: "2026-03".parse().unwrap(),
        counts: counts.iter().map(count).collect(),
        sealed: 0,
        hidden: 0,
    }
}

#[test]
fn i60_what_is_about_fewer_than_three_organisations_and_not_public_is_told_as_few() {
    for (times, organisations, is_sealed, wanted) in [
        (1, 1, true, Cell::Few),
        (2, 2, true, Cell::Few),
        // Often, but to one organisation.
        (9, 1, true, Cell::Few),
        (3, 3, true, Cell::Shown(3)),
        (1, 1, false, Cell::Shown(1)),
    ] {
        let tally = month(&[(Figure::Represented, times, organisations, is_sealed)]);
        let told = Teller::default().tell(&tally);
        assert_eq!(told.cell(Figure::Represented), wanted);
        assert_eq!(told.cell(Figure::Objected), Cell::Shown(0));
    }
}

#[test]
fn i60_the_running_month_tells_no_number_that_two_looks_could_compare() {
    let tally = month(&[(Figure::Represented, 7, 5, true), (Figure::Objected, 2, 2, false)]);
    let told = Teller::default().tell_running(&tally);
    assert_eq!(told.cell(Figure::Represented), Cell::Several);
    assert_eq!(told.cell(Figure::Objected), Cell::Shown(2));
}

#[test]
fn i60_where_a_small_number_would_follow_what_it_comes_from_is_not_exact() {
    // Four notices, three decisions: the fourth could only be the one lapse.
    let tally = month(&[
        (Figure::NoticeInTime, 4, 4, true),
        (Figure::Upheld, 3, 3, true),
        (Figure::DecisionMissed, 1, 1, true),
    ]);
    let told = Teller::default().tell(&tally);
    assert_eq!(told.cell(Figure::DecisionMissed), Cell::Few);
    assert_eq!(told.cell(Figure::Upheld), Cell::Shown(3));
    assert_eq!(told.cell(Figure::NoticeInTime), Cell::Several);
    // That there were no late ones would tell as much.
    assert_eq!(told.cell(Figure::NoticeLate), Cell::Withheld);

    // With room for another one nothing is kept back.
    let tally = month(&[
        (Figure::NoticeInTime, 5, 5, true),
        (Figure::Upheld, 3, 3, true),
        (Figure::DecisionMissed, 1, 1, true),
        (Figure::Submitted, 9, 9, true),
    ]);
    assert_eq!(Teller::default().tell(&tally).cell(Figure::NoticeInTime), Cell::Shown(5));
}

#[test]
fn i60_what_is_sealed_is_told_by_size_only() {
    let mut tally = month(&[]);
    (tally.sealed, tally.hidden) = (12, 1);
    let told = Teller::default().tell(&tally);
    assert_eq!((told.sealed, told.hidden), (Some(SizeClass::Ten), SizeClass::UnderThree));
}

#[test]
fn i54_a_missed_deadline_is_never_withheld() {
    let mut random = Random(54);
    for _ in 0..20_000 {
        let mut teller = Teller::default();
        for _ in 0..3 {
            let tally = random_month(&mut random);
            let told = teller.tell(&tally);
            for deadline in Deadline::ALL {
                let happened = tally.counts.contains_key(&deadline.missed());
                assert!(!happened || told.cell(deadline.missed()).least() > 0, "{told:?}");
            }
        }
    }
}

/// A few figures of one relation or of two that touch, small numbers.
fn random_month(random: &mut Random) -> MonthTally {
    let mut counts = Vec::new();
    for figure in Figure::ALL {
        let times = random.below(5) as u64;
        if times > 0 && random.chance(40) {
            let organisations = 1 + random.below(times as usize) as u8;
            counts.push((*figure, times, organisations, random.chance(90)));
        }
    }
    month(&counts)
}

/// A history in which every part has a whole of its own before it, over figures of the relations
/// about repairs: the longest chain there is.
const CHAIN: [Figure; 7] = [
    Figure::RepairApplied,
    Figure::RepairGranted,
    Figure::RepairRefused,
    Figure::RepairMissed,
    Figure::RepairGrantedLate,
    Figure::ReviewInTime,
    Figure::ReviewMissed,
];

/// Applications, each with its way and its organisation, spread over `months`.
fn random_chain(random: &mut Random, months: usize) -> Vec<MonthTally> {
    let mut counts: Vec<BTreeMap<Figure, Count>> = vec![BTreeMap::new(); months];
    let mut put = |at: usize, figure: Figure, organisation: u64| {
        let count = counts[at].entry(figure).or_default();
        count.times += 1;
        count.organisations.insert(organisation);
        count.is_sealed = true;
    };
    for number in 0..1 + random.below(7) {
        let organisation = number as u64 % 5;
        let mut at = random.below(months);
        put(at, Figure::RepairApplied, organisation);
        let mut later = |random: &mut Random| {
            at = (at + random.below(2)).min(months - 1);
            at
        };
        match random.below(4) {
            0 => put(later(random), Figure::RepairGranted, organisation),
            1 => put(later(random), Figure::RepairRefused, organisation),
            2 => {
                put(later(random), Figure::RepairMissed, organisation);
                match random.below(4) {
                    0 => put(later(random), Figure::RepairGrantedLate, organisation),
                    1 => put(later(random), Figure::ReviewInTime, organisation),
                    2 => put(later(random), Figure::ReviewMissed, organisation),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let begin: Month = "2026-03".parse().unwrap();
    let mut month = begin;
    counts
        .into_iter()
        .map(|counts| {
            let tally = MonthTally { month, counts, sealed: 0, hidden: 0 };
            month = month.next();
            tally
        })
        .collect()
}

/// Everything an attacker may assume: of each number that is not told, every value that fits what
/// is told and what everybody knows, found by trying.
fn possible(told: &[MonthFigures]) -> BTreeMap<(usize, Figure), BTreeSet<u64>> {
    let mut unknown = Vec::new();
    for (at, month) in told.iter().enumerate() {
        for figure in CHAIN {
            let cell = month.cell(figure);
            if !matches!(cell, Cell::Shown(_)) {
                unknown.push((at, figure, cell.least()));
            }
        }
    }
    let mut found: BTreeMap<(usize, Figure), BTreeSet<u64>> = BTreeMap::new();
    let mut guess: BTreeMap<(usize, Figure), u64> = BTreeMap::new();
    try_all(told, &unknown, &mut guess, &mut found);
    found
}

fn try_all(
    told: &[MonthFigures],
    unknown: &[(usize, Figure, u64)],
    guess: &mut BTreeMap<(usize, Figure), u64>,
    found: &mut BTreeMap<(usize, Figure), BTreeSet<u64>>,
) {
    let Some(((at, figure, least), rest)) = unknown.split_first() else {
        if fits(told, guess) {
            for (which, value) in guess.iter() {
                found.entry(*which).or_default().insert(*value);
            }
        }
        return;
    };
    // What others come from has to be tried as far as all of them together.
    let most = match figure {
        Figure::RepairApplied => 9,
        Figure::RepairMissed => 4,
        _ => 2,
    };
    for value in *least..=least + most {
        guess.insert((*at, *figure), value);
        try_all(told, rest, guess, found);
    }
    guess.remove(&(*at, *figure));
}

fn fits(told: &[MonthFigures], guess: &BTreeMap<(usize, Figure), u64>) -> bool {
    let value = |at: usize, figure: Figure| match told[at].cell(figure) {
        Cell::Shown(count) => count,
        _ => guess.get(&(at, figure)).copied().unwrap_or_default(),
    };
    RELATIONS.iter().filter(|relation| CHAIN.contains(&relation.wholes[0])).all(|relation| {
        let sum = |figures: &[Figure], until: usize| -> u64 {
            let months = 0..=until;
            months.map(|at| figures.iter().map(|it| value(at, *it)).sum::<u64>()).sum()
        };
        (0..told.len()).all(|until| sum(relation.parts, until) <= sum(relation.wholes, until))
    })
}

#[test]
fn i60_no_small_number_follows_by_subtraction_from_what_is_told() {
    let mut random = Random(60);
    let (mut tried, mut gave_way) = (0, 0);
    while tried < 1_000 {
        let months = random_chain(&mut random, 2);
        let mut teller = Teller::default();
        let told: Vec<MonthFigures> = months.iter().map(|month| teller.tell(month)).collect();
        let untold = |month: &MonthFigures| {
            CHAIN.iter().filter(|it| !matches!(month.cell(**it), Cell::Shown(_))).count()
        };
        // More unknowns than that are too many to try, and easier to hide among.
        if told.iter().map(untold).sum::<usize>() > 6 {
            continue;
        }
        tried += 1;
        let possible = possible(&told);
        for (at, (month, told)) in months.iter().zip(&told).enumerate() {
            for figure in CHAIN {
                let times = month.counts.get(&figure).map_or(0, |count| count.times);
                match told.cell(figure) {
                    Cell::Shown(count) => {
                        assert_eq!(count, times);
                        let organisations =
                            month.counts.get(&figure).map_or(0, |count| count.organisations.len());
                        assert!(organisations == 0 || organisations >= 3);
                    }
                    cell => {
                        assert!(cell.least() <= times);
                        gave_way += u64::from(matches!(cell, Cell::Withheld | Cell::Several));
                        let values = &possible[&(at, figure)];
                        assert!(values.len() > 1, "{figure:?} is {values:?} in {told:#?}");
                    }
                }
            }
        }
    }
    assert!(gave_way > 20, "the attack was never tried on what gave way: {gave_way}");
}

#[test]
fn i60_a_month_told_before_is_taken_as_it_was_told() {
    let mut random = Random(61);
    for _ in 0..2_000 {
        let months = random_chain(&mut random, 4);
        let mut whole = Teller::default();
        let told: Vec<MonthFigures> = months.iter().map(|month| whole.tell(month)).collect();
        let mut later = Teller::default();
        later.take(&told[0], Some(&months[0]));
        later.take(&told[1], Some(&months[1]));
        assert_eq!(later.tell(&months[2]), told[2]);
        // Once something was destroyed nothing is assumed about what was not told.
        let mut blind = Teller::default();
        blind.take(&told[0], None);
        let tellings = blind.tell(&months[1]);
        for figure in CHAIN {
            let (blind, told) = (tellings.cell(figure), told[1].cell(figure));
            assert!(blind == told || !matches!(blind, Cell::Shown(_)), "{blind:?} {told:?}");
        }
    }
}

#[test]
fn months_and_cells_are_told_for_what_they_are() {
    let law = Law::new();
    let world = published(&World::new(&law, instant(BEGAN)));
    let mut tally = Tally::new(world.now);
    tally.add(1, &occurred(&world.tracks[0].history));
    assert_eq!(tally.first(), Some(Month::of(instant(BEGAN))));
    let month = tally.months().remove(0);
    assert_eq!(month.counts[&Figure::Submitted].times, 1);
    assert!(month.counts[&Figure::Upheld].is_sealed, "a decision is not public yet");
    assert!(outcome(law.today(world.now), 0, law.today(world.now)).answers.is_empty());
}
