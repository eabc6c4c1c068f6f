//! Single cases of invariants that a walk through all orders does not tell by name, and every hole
//! that was found in the rules once.

mod support;

use domain::case::{
    Actor, CaseEvent, Conduct, ObjectionGround, Purpose, Severity, StayReason, Step,
    WithdrawalReason,
};
use domain::civil::{Day, End};
use domain::organisation::OrganisationKind;
use goodstanding_due_process::case::{
    Case, Command, Exposure, Setting, State, fold, interim_days, is_same_accusation, shortened,
};
use policy::catalogue::TermStart;
use policy::procedure::Unit;
use support::Law;
use support::law::{decider, instant, micros, officer, period, record, reviewer};
use support::moves::{conditions, draft, moves, outcome};
use support::simulate::Random;
use support::world::{Seen, World, interim, must, published, repaired};

fn empty(law: &Law) -> World<'_> {
    World::new(law, instant("2026-03-02T01:00:00Z"))
}

fn do_all(world: &mut World<'_>, acts: &[(Actor, Command)]) {
    for (actor, command) in acts {
        must(world, actor, command, &mut Seen::default());
    }
}

fn stay(reason: StayReason) -> Command {
    Command::Stay { reason, reference: "O-1".into() }
}

fn lift(stayed_time_counts: bool) -> Command {
    Command::LiftStay { reference: "O-2".into(), stayed_time_counts }
}

fn object() -> Command {
    Command::Object { ground: ObjectionGround::Error, text: "1. Wrong.".into() }
}

fn reject() -> Command {
    Command::RejectObjection { reasons: "It is right.".into() }
}

fn last_day(world: &World<'_>) -> Day {
    match world.case(0).term.end {
        Some(End::On(last)) => last,
        _ => panic!("a term with a last day"),
    }
}

#[test]
fn i11_a_later_pack_lengthens_no_term() {
    let law = Law::new();
    let world = published(&empty(&law));
    let mut longer = Law::new();
    for term in longer.penalty.terms.values_mut() {
        term.max = Some(period(99, Unit::Years));
    }
    let track = &world.tracks[0];
    let again = fold(track.history.iter().map(|(at, event)| (*at, &**event))).unwrap();
    assert_eq!(again.term, track.case.term, "folding reads no pack");
    let later = World { law: &longer, ..world.clone() };
    let end = world.case(0).term.end_at.unwrap();
    assert_eq!(later.tracks[0].case.as_of(end).state(), State::Expired);
}

#[test]
fn i11_a_shorter_law_ends_what_stands_earlier_and_never_later() {
    let law = Law::new();
    let world = published(&empty(&law));
    let months = |months: u16| {
        let mut law = Law::new();
        for term in law.penalty.terms.values_mut() {
            term.max = Some(period(months, Unit::Months));
        }
        law
    };
    let hash = "5a".repeat(32);
    let shortened_by = |newer: &Law, world: &World<'_>| {
        let (actor, now) = (&Actor::Registry, world.now);
        let entry = law.penalty.lenient(&newer.penalty);
        let rules = &law.rules;
        let setting = Setting { actor, now, entry: &entry, rules, counterpart: None };
        shortened(&world.case(0), &law.penalty, &hash, &setting).unwrap()
    };
    let before = world.case(0).term;
    // Decided for six months under a law of twelve.
    for longer in [7, 12, 99] {
        assert_eq!(shortened_by(&months(longer), &world), None, "{longer} months");
    }
    let event = shortened_by(&months(4), &world).unwrap();
    let mut case = world.case(0);
    case.apply(world.now, &event);
    let last = before.start.unwrap().plus_months(4);
    let end = law.zone().end_of(last);
    let is = (case.term.end.clone(), case.term.end_at);
    assert_eq!(is, (Some(End::On(last)), Some(end)));
    assert_eq!(case.term.original_end_at, Some(end), "a repair taken back reaches no further");
    assert_eq!(case.as_of(end).state(), State::Expired);
    // Told twice, or told something later, it stays.
    let mut again = case.clone();
    again.apply(world.now, &event);
    assert_eq!(again.term, case.term);
    let Step::TermShortened { pack, .. } = event.step.clone() else { panic!("{event:?}") };
    let (end, end_at) = (last.plus_months(9), law.zone().end_of(last.plus_months(9)));
    again.apply(world.now, &CaseEvent { step: Step::TermShortened { end, end_at, pack }, ..event });
    assert_eq!(again.term, case.term);
    // What has ended, or is not decided, is not shortened.
    let mut over = world.clone();
    over.wait_until(before.end_at.unwrap(), &mut Seen::default());
    assert_eq!(shortened_by(&months(4), &over), None);
    // A law that lets no such record be public any more ends it at once.
    let mut silent = Law::new();
    silent.penalty.terms.values_mut().for_each(|term| term.published = false);
    let event = shortened_by(&silent, &world).unwrap();
    let mut case = world.case(0);
    case.apply(world.now, &event);
    assert_eq!(case.as_of(world.now).state(), State::Expired);
}

#[test]
fn i61_days_served_as_interim_count_until_it_ended_and_for_the_same_accusation_only() {
    let law = Law::new();
    let world = interim(&empty(&law));
    let history = &world.tracks[0].history;
    let steps = || history.iter().map(|(at, event)| (*at, &**event));
    let since = world.case(0).interim_since.unwrap();
    let after = |days: i64| since.plus_hours(24 * days);
    assert_eq!(interim_days(steps(), since), 0);
    assert_eq!(interim_days(steps(), after(10)), 10);
    assert_eq!(interim_days(steps(), micros(after(10), 1)), 11);
    // It lapsed by itself after six months, and counts no longer.
    let whole = interim_days(steps(), after(1_000));
    assert!((181..=185).contains(&whole), "{whole}");
    // A record that never stood counts nothing.
    let never = published(&empty(&law));
    let steps = never.tracks[0].history.iter().map(|(at, event)| (*at, &**event));
    assert_eq!(interim_days(steps, after(1_000)), 0);

    let one = world.case(0);
    let changed = |change: &dyn Fn(&mut Case)| {
        let mut other = one.clone();
        other.revision.case_number = "another".into();
        change(&mut other);
        is_same_accusation(&one, &other)
    };
    assert!(changed(&|_| {}), "the same conduct");
    let conduct = one.revision.conduct.unwrap();
    let later = Conduct { from: conduct.to.next(), to: conduct.to.next() };
    assert!(!changed(&|case| case.revision.conduct = Some(later)), "another conduct");
    let number = one.revision.case_number.clone();
    assert!(changed(&|case| {
        case.revision.conduct = Some(later);
        case.revision.case_number.clone_from(&number);
    }));
    assert!(!changed(&|case| case.revision.grounds.clear()));
    assert!(!changed(&|case| case.organisation = support::law::organisation(7)));
}

#[test]
fn i15_no_tombstone_tells_of_a_successor_that_was_repaired() {
    let law = Law::new();
    let mut world = published(&empty(&law));
    let first = world.case(0);
    let mut facts = law.facts(Some(Severity::General));
    facts.predecessor = Some(&first);
    let mut submission = law.imported(2, law.today(world.now));
    submission.predecessor = Some(record(1));
    let mut seen = Seen::default();
    world.submit(&submission, &facts, &decider(9), &mut seen).unwrap();
    let correct = Command::Correct { successor: record(2) };
    world.act(0, &decider(1), &correct, &mut seen).unwrap();
    let open = Command::OpenPrecheck { service: "portal".into() };
    world.act(1, &Actor::Registry, &open, &mut seen).unwrap();
    let until = world.case(1).next_boundary().unwrap();
    world.wait_until(until, &mut seen);
    let beside = |world: &World<'_>| world.case(0).exposure_beside(Some(&world.case(1)));
    assert_eq!(beside(&world), Exposure::CorrectedTombstone);
    do_all(&mut world, &[(Actor::Court, stay(StayReason::Insolvency))]);
    world.act(1, &decider(1), &Command::GrantRepair, &mut seen).unwrap();
    assert_eq!(world.case(0).exposure(), Exposure::CorrectedTombstone);
    assert_eq!(beside(&world), Exposure::Nothing);
}

#[test]
fn i55_public_bodies_take_the_same_way_as_companies() {
    let law = Law::new();
    for seed in 0..40 {
        let walk = |kind: OrganisationKind| {
            let (mut world, mut seen) = (empty(&law), Seen::default());
            let mut facts = law.facts(Some(Severity::General));
            facts.kind = kind;
            world.submit(&law.hosted(1), &facts, &decider(9), &mut seen).unwrap();
            let (mut random, mut way) = (Random(seed), Vec::new());
            for _ in 0..200 {
                let offers = moves(&world, 0);
                let (actor, command) = &offers[random.below(offers.len())];
                let result = world.act(0, actor, command, &mut seen);
                way.push((command.name(), result, world.case(0).state()));
                if random.chance(10) {
                    let now = world.now.plus_hours(24 * random.below(20) as i64);
                    world.wait_until(now, &mut seen);
                }
            }
            way
        };
        assert_eq!(walk(OrganisationKind::PublicBody), walk(OrganisationKind::Enterprise));
    }
}

#[test]
fn i48_a_clock_that_went_back_shortens_no_deadline() {
    let law = Law::new();
    let mut world = published(&empty(&law));
    let at = world.now;
    do_all(&mut world, &[(Actor::Subject, object()), (decider(3), reject())]);
    world.now = micros(at, -90 * 86_400_000_000);
    do_all(&mut world, &[(Actor::Subject, object())]);
    assert_eq!(world.case(0).state(), State::Objected, "nothing was over before it began");
}

#[test]
fn t32_i04_time_that_does_not_count_moves_the_end_within_the_law() {
    let law = Law::new();
    for (days, moved) in [(30, 30), (150, 150)] {
        let mut world = published(&empty(&law));
        let (last, start) = (last_day(&world), world.case(0).term.start.unwrap());
        do_all(&mut world, &[(Actor::Court, stay(StayReason::Court))]);
        world.now = world.now.plus_hours(24 * days + 5);
        do_all(&mut world, &[(Actor::Court, lift(false))]);
        let latest = start.plus_months(12);
        assert_eq!(last_day(&world), last.plus_days(moved).min(latest));
        let end_at = world.case(0).term.end_at.unwrap();
        assert_eq!(end_at, law.zone().end_of(last_day(&world)));
    }
}

#[test]
fn t32_i04_not_beyond_the_legal_maximum() {
    let mut law = Law::new();
    let general = law.penalty.terms.get_mut(&Some(Severity::General)).unwrap();
    general.max = Some(period(7, Unit::Months));
    let mut world = published(&empty(&law));
    let start = world.case(0).term.start.unwrap();
    do_all(&mut world, &[(Actor::Court, stay(StayReason::Court))]);
    world.now = world.now.plus_hours(24 * 100);
    do_all(&mut world, &[(Actor::Court, lift(false))]);
    assert_eq!(last_day(&world), start.plus_months(7));
}

#[test]
fn i21_i22_joining_an_objection_gives_the_source_no_later_deadline() {
    let law = Law::new();
    let mut world = published(&empty(&law));
    do_all(&mut world, &[(Actor::ThirdParty, object())]);
    let by = world.case(0).objection.unwrap().decide_by;
    world.now = world.now.plus_hours(72);
    do_all(&mut world, &[(Actor::Subject, object())]);
    let joined = world.case(0).objection.unwrap();
    assert_eq!((joined.decide_by, joined.by_subject), (by, true));
}

#[test]
fn i07_an_extension_does_not_come_back_with_a_repair_taken_back() {
    let law = Law::new();
    let mut world = published(&empty(&law));
    let start = world.case(0).term.start.unwrap();
    world.now = law.zone().end_of(start.plus_months(3));
    let today = law.today(world.now);
    let (last, later) = (last_day(&world), start.plus_months(12));
    do_all(
        &mut world,
        &[
            (officer(1), Command::ServeNotice(draft(Purpose::Extension, later, today))),
            (Actor::Subject, Command::Waive),
            (decider(1), Command::Uphold(outcome(later, 0, today))),
            (
                Actor::Subject,
                Command::ApplyRepair { conditions: conditions(), text: "Done.".into() },
            ),
            (decider(1), Command::GrantRepair),
            (officer(1), Command::ServeNotice(draft(Purpose::RepairRevocation, last, today))),
            (Actor::Subject, Command::Waive),
            (decider(1), Command::Uphold(outcome(last, 0, today))),
        ],
    );
    let much_later = law.zone().end_of(last);
    assert_eq!(world.case(0).as_of(micros(much_later, -1)).state(), State::Published);
    assert_eq!(world.case(0).as_of(much_later).state(), State::Expired);
}

#[test]
fn i10_a_minor_record_is_never_seen_and_leaves_no_tombstone() {
    let law = Law::new();
    let (mut world, mut seen) = (empty(&law), Seen::default());
    let mut submission = law.imported(1, law.today(world.now));
    submission.end = Some(End::On(law.today(world.now).plus_months(2)));
    world.submit(&submission, &law.facts(Some(Severity::Minor)), &decider(9), &mut seen).unwrap();
    must(&mut world, &Actor::Registry, &Command::OpenPrecheck { service: "p".into() }, &mut seen);
    world.now = world.case(0).next_boundary().unwrap();
    assert_eq!(
        (world.case(0).state(), world.case(0).exposure()),
        (State::Published, Exposure::Nothing)
    );
    assert!(world.ask(0, &Actor::ThirdParty, &object()).is_err());
    do_all(&mut world, &[(Actor::Subject, object())]);
    let revoked = Command::Withdraw {
        reason: WithdrawalReason::Revoked,
        reference: "O".into(),
        ordered_on: None,
    };
    do_all(&mut world, &[(decider(1), revoked)]);
    assert_eq!(world.case(0).exposure(), Exposure::Nothing);
}

#[test]
fn t17_t31_a_new_notice_is_no_way_out_of_a_stay() {
    let law = Law::new();
    let mut world = interim(&empty(&law));
    let today = law.today(world.now);
    let end = today.plus_months(5);
    do_all(
        &mut world,
        &[
            (officer(1), Command::ServeNotice(draft(Purpose::Record, end, today))),
            (Actor::Subject, Command::Waive),
            (Actor::Court, stay(StayReason::Court)),
        ],
    );
    let mut again = draft(Purpose::Record, end, today);
    again.facts = "A second discharge.".into();
    assert!(world.ask(0, &decider(1), &Command::RenewNotice(again)).is_err());
    assert!(world.ask(0, &decider(1), &Command::Uphold(outcome(end, 0, today))).is_err());
}

#[test]
fn i22_t55_an_objection_outlives_the_interim_record_it_was_about() {
    let law = Law::new();
    let mut world = interim(&empty(&law));
    let lapses_at = world.case(0).interim.unwrap().lapses_at;
    let start = law.today(world.now);
    world.now = lapses_at.plus_hours(-24 * 5);
    let end = start.plus_months(11);
    let notice = Command::ServeNotice(draft(Purpose::Record, end, law.today(world.now)));
    do_all(
        &mut world,
        &[(officer(1), notice), (Actor::Subject, object()), (Actor::Subject, Command::Waive)],
    );
    world.now = lapses_at.plus_hours(24 * 7);
    let decision = Command::Uphold(outcome(end, 0, law.today(world.now)));
    do_all(&mut world, &[(decider(1), decision)]);
    world.now = world.case(0).next_boundary().unwrap();
    assert_eq!(world.case(0).state(), State::Stayed, "hidden until the objection is answered");
    do_all(&mut world, &[(decider(3), reject())]);
    assert_eq!(world.case(0).state(), State::Published);
}

#[test]
fn i08_a_term_begins_on_the_day_the_entry_names() {
    for (rule, days) in [(TermStart::Decision, 0), (TermStart::Service, 2)] {
        let mut law = Law::new();
        law.penalty.term_start = rule;
        let mut world = published(&empty(&law));
        let decided = world.case(0).revision.decision.unwrap().date;
        assert_eq!(world.case(0).term.start, Some(decided), "served on the day of the decision");
        world.tracks.clear();
        let mut seen = Seen::default();
        let facts = law.facts(Some(Severity::General));
        world.submit(&law.hosted(1), &facts, &decider(9), &mut seen).unwrap();
        let today = law.today(world.now);
        let end = today.plus_months(6);
        let notice = Command::ServeNotice(draft(Purpose::Record, end, today));
        do_all(&mut world, &[(officer(1), notice), (Actor::Subject, Command::Waive)]);
        let mut decision = outcome(end, 0, today);
        decision.document.served_on = today.plus_days(2);
        world.now = world.now.plus_hours(48);
        do_all(&mut world, &[(decider(1), Command::Uphold(decision))]);
        assert_eq!(world.case(0).term.start, Some(today.plus_days(days)));
    }
}

#[test]
fn t37_a_stay_takes_no_answer_to_a_repair_away() {
    let law = Law::new();
    let mut world = published(&empty(&law));
    let start = world.case(0).term.start.unwrap();
    world.now = law.zone().end_of(start.plus_months(3));
    let apply = Command::ApplyRepair { conditions: conditions(), text: "Done.".into() };
    do_all(
        &mut world,
        &[
            (Actor::Subject, apply),
            (officer(1), stay(StayReason::Authority)),
            (decider(1), Command::GrantRepair),
        ],
    );
    assert_eq!(world.case(0).state(), State::Repaired);
}

#[test]
fn i06_a_term_that_is_over_before_publication_is_never_seen() {
    let law = Law::new();
    let (mut world, mut seen) = (empty(&law), Seen::default());
    let today = law.today(world.now);
    let mut submission = law.imported(1, today);
    submission.end = Some(End::On(today.plus_days(1)));
    world.submit(&submission, &law.facts(Some(Severity::General)), &decider(9), &mut seen).unwrap();
    let open = Command::OpenPrecheck { service: "portal".into() };
    must(&mut world, &Actor::Registry, &open, &mut seen);
    for days in 0..20 {
        let case = world.case(0).as_of(world.now.plus_hours(24 * days));
        assert_eq!(case.exposure(), Exposure::Nothing);
        assert!(!case.was_public);
    }
}

#[test]
fn t49_a_reviewers_stop_outlives_a_courts() {
    let law = Law::new();
    let mut world = published(&empty(&law));
    do_all(
        &mut world,
        &[
            (Actor::Court, stay(StayReason::Court)),
            (reviewer(1), stay(StayReason::Privacy)),
            (Actor::Court, lift(true)),
        ],
    );
    assert_eq!(world.case(0).state(), State::Stayed);
}

#[test]
fn t38_t47_what_was_repaired_and_comes_back_is_not_destroyed() {
    let law = Law::new();
    let mut world = repaired(&empty(&law));
    let (last, today) = (last_day(&world), law.today(world.now));
    let end = outcome(last, 0, today);
    do_all(
        &mut world,
        &[
            (officer(1), Command::ServeNotice(draft(Purpose::RepairRevocation, last, today))),
            (Actor::Subject, Command::Waive),
            (decider(1), Command::Uphold(end)),
        ],
    );
    assert_eq!(world.case(0).erasable_from(), None);
}
