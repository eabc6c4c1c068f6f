//! Every transition of the specification, one script each; together they leave none out.

mod support;

use std::collections::BTreeSet;

use domain::case::{
    Actor, FlagGround, ObjectionGround, Purpose, Severity, StayReason, WithdrawalReason,
};
use domain::civil::{End, Instant};
use goodstanding_due_process::case::{Command, Exposure, Phase, State, TRANSITIONS};
use support::Law;
use support::law::{
    condition, decider, instant, measure, micros, officer, organisation, record, reviewer,
};
use support::moves::{SUCCESSORS, conditions, draft, imputation, outcome, said};
use support::world::{Seen, World, heard, interim, mirrored, must, permitted, published, repaired};

/// A world at its beginning.
fn empty(law: &Law) -> World<'_> {
    World::new(law, instant("2026-03-02T01:00:00Z"))
}

fn hosted<'l>(law: &'l Law, seen: &mut Seen) -> World<'l> {
    let mut world = empty(law);
    let facts = law.facts(Some(Severity::General));
    world.submit(&law.hosted(1), &facts, &decider(9), seen).unwrap();
    world
}

fn noticed<'l>(law: &'l Law, seen: &mut Seen) -> World<'l> {
    let mut world = hosted(law, seen);
    let today = law.today(world.now);
    let notice = Command::ServeNotice(draft(Purpose::Record, today.plus_months(7), today));
    must(&mut world, &officer(1), &notice, seen);
    world
}

fn imported<'l>(law: &'l Law, seen: &mut Seen) -> World<'l> {
    let mut world = empty(law);
    let facts = law.facts(Some(Severity::General));
    let submission = law.imported(1, law.today(world.now));
    world.submit(&submission, &facts, &decider(9), seen).unwrap();
    must(&mut world, &Actor::Registry, &Command::OpenPrecheck { service: "portal".into() }, seen);
    world
}

/// Time passes until the next thing that time does; just before it nothing has happened yet.
fn next(world: &mut World<'_>, seen: &mut Seen) {
    let boundary = world.case(0).next_boundary().expect("something is due");
    let before = world.case(0).state();
    world.wait_until(micros(boundary, -1), seen);
    assert_eq!(world.case(0).state(), before, "nothing happens a microsecond before");
    world.wait_until(boundary, seen);
}

fn stands(world: &World<'_>, state: State) {
    assert_eq!(world.case(0).state(), state);
}

fn stay(reason: StayReason) -> Command {
    Command::Stay { reason, reference: "O-1".into() }
}

fn lift(stayed_time_counts: bool) -> Command {
    Command::LiftStay { reference: "O-2".into(), stayed_time_counts }
}

fn withdraw(reason: WithdrawalReason) -> Command {
    Command::Withdraw { reason, reference: "O-1".into(), ordered_on: None }
}

fn object() -> Command {
    Command::Object { ground: ObjectionGround::Error, text: "1. Wrong.".into() }
}

fn reject() -> Command {
    Command::RejectObjection { reasons: "It is right.".into() }
}

fn flag(ground: FlagGround) -> Command {
    Command::FlagError { ground, text: "1. Not ours.".into() }
}

fn answer() -> Command {
    said(2)
}

fn not_uphold() -> Command {
    Command::NotUphold { reasons: "Not shown.".into() }
}

fn apply() -> Command {
    Command::ApplyRepair { conditions: conditions(), text: "Done.".into() }
}

fn refuse_repair() -> Command {
    let unmet = [condition("duty-performed")].into();
    Command::RefuseRepair { unmet, reasons: "Not yet.".into() }
}

fn uphold(world: &World<'_>, months: i64, points: u32) -> Command {
    let today = world.law.today(world.now);
    Command::Uphold(outcome(today.plus_months(months), points, today))
}

/// A record in effect on the first day on which repair may be applied for.
fn repairable<'l>(law: &'l Law, seen: &mut Seen) -> World<'l> {
    let mut world = published(&empty(law));
    let start = world.tracks[0].case.term.start.unwrap();
    world.wait_until(law.zone().end_of(start.plus_months(3)), seen);
    world
}

macro_rules! scripts {
    ($($name:ident($law:ident, $seen:ident) $body:block)*) => {
        /// Every script, for the test that compares them with the list.
        const SCRIPTS: &[fn(&Law, &mut Seen)] = &[$($name,)*];

        $(fn $name($law: &Law, $seen: &mut Seen) $body)*

        mod each {
            $(#[test] fn $name() {
                let (law, mut seen) = (super::Law::new(), super::Seen::default());
                super::$name(&law, &mut seen);
                assert!(seen.off_table.is_empty(), "{:#?}", seen.off_table);
            })*
        }
    };
}

scripts! {
    t01_t02_a_submission_that_passes_is_validated(law, seen) {
        stands(&hosted(law, seen), State::Validated);
    }

    t03_a_submission_that_fails_is_not_stored(law, seen) {
        let mut world = empty(law);
        let facts = law.facts(None);
        let mut submission = law.hosted(1);
        submission.grounds.clear();
        assert!(world.submit(&submission, &facts, &decider(9), seen).is_err());
        assert!(world.tracks.is_empty());
    }

    t04_what_was_returned_is_submitted_again(law, seen) {
        let mut world = imported(law, seen);
        must(&mut world, &Actor::Subject, &flag(FlagGround::WrongFact), seen);
        must(&mut world, &officer(2), &Command::UpholdFlag, seen);
        let first = world.case(0);
        let mut facts = law.facts(Some(Severity::General));
        facts.resubmission_of = Some(&first);
        let mut again = law.imported(2, law.today(world.now));
        again.resubmission_of = Some(record(1));
        world.submit(&again, &facts, &decider(9), seen).unwrap();
    }

    t05_a_permit_is_published_without_notice(law, seen) {
        let mut world = empty(law);
        let submission = law.permitted(1, law.today(world.now));
        world.submit(&submission, &law.facts(None), &decider(9), seen).unwrap();
        must(&mut world, &Actor::Registry, &Command::PublishNeutral, seen);
        stands(&world, State::Published);
    }

    t06_t08_t10_t14_t18_i02_heard_before_seen(law, seen) {
        let mut world = noticed(law, seen);
        must(&mut world, &Actor::Subject, &answer(), seen);
        stands(&world, State::Noticed);
        next(&mut world, seen);
        stands(&world, State::Deciding);
        let decision = uphold(&world, 6, 2);
        must(&mut world, &decider(1), &decision, seen);
        stands(&world, State::Standstill);
        assert_eq!(world.case(0).exposure(), Exposure::Nothing);
        next(&mut world, seen);
        stands(&world, State::Published);
        assert_eq!(world.case(0).measures_in_force().count(), 1);
    }

    t07_t18_i03_an_imported_decision_waits_for_its_check(law, seen) {
        let mut world = imported(law, seen);
        stands(&world, State::Standstill);
        next(&mut world, seen);
        stands(&world, State::Published);
    }

    t09_t12_a_hearing_is_held_and_the_window_stays_open(law, seen) {
        let mut world = noticed(law, seen);
        must(&mut world, &Actor::Subject, &Command::RequestHearing, seen);
        stands(&world, State::Hearing);
        world.wait_until(instant("2026-03-11T04:00:00Z"), seen);
        must(&mut world, &officer(1), &Command::CloseHearing { protocol: "P-1".into() }, seen);
        stands(&world, State::Noticed);
        assert!(world.act(0, &Actor::Subject, &Command::RequestHearing, seen).is_err());
        must(&mut world, &Actor::Subject, &answer(), seen);
        next(&mut world, seen);
        stands(&world, State::Deciding);
    }

    t11_a_waiver_can_be_taken_back(law, seen) {
        let mut world = noticed(law, seen);
        must(&mut world, &Actor::Subject, &Command::Waive, seen);
        stands(&world, State::Deciding);
        must(&mut world, &Actor::Subject, &Command::RevokeWaiver, seen);
        stands(&world, State::Noticed);
    }

    t13_i02_a_hearing_given_up_does_not_shorten_the_window(law, seen) {
        let mut world = heard(&empty(law));
        must(&mut world, &Actor::Subject, &Command::WithdrawHearing, seen);
        stands(&world, State::Noticed);
        let decision = uphold(&world, 6, 0);
        assert!(world.act(0, &decider(1), &decision, seen).is_err());
    }

    t15_decided_in_favour_of_the_subject(law, seen) {
        let mut world = noticed(law, seen);
        must(&mut world, &decider(1), &not_uphold(), seen);
        stands(&world, State::NotUpheld);
    }

    t16_silence_decides_in_favour_of_the_subject(law, seen) {
        let mut world = noticed(law, seen);
        next(&mut world, seen);
        next(&mut world, seen);
        stands(&world, State::NotUpheld);
    }

    t16_a_hearing_not_held_is_silence_too(law, seen) {
        let mut world = heard(&empty(law));
        next(&mut world, seen);
        stands(&world, State::NotUpheld);
    }

    t17_new_facts_need_the_full_time_again(law, seen) {
        let mut world = noticed(law, seen);
        must(&mut world, &Actor::Subject, &answer(), seen);
        next(&mut world, seen);
        let today = law.today(world.now);
        let mut again = draft(Purpose::Record, today.plus_months(6), today);
        let same = Command::RenewNotice(again.clone());
        assert!(world.act(0, &decider(1), &same, seen).is_err(), "nothing new, no new notice");
        again.facts = "A second discharge.".into();
        must(&mut world, &decider(1), &Command::RenewNotice(again), seen);
        stands(&world, State::Noticed);
        assert_eq!(world.case(0).chain.unwrap().points, 2, "what was raised is still to answer");
    }

    t19_t32_relief_stops_the_clock_before_publication(law, seen) {
        let mut world = imported(law, seen);
        must(&mut world, &Actor::Subject, &stay(StayReason::Relief), seen);
        world.wait_until(world.now.plus_hours(24 * 60), seen);
        stands(&world, State::Stayed);
        must(&mut world, &Actor::Court, &lift(true), seen);
        stands(&world, State::Standstill);
        next(&mut world, seen);
        stands(&world, State::Published);
    }

    t20_t20a_a_flag_stops_the_clock_once_for_each_ground(law, seen) {
        let mut world = imported(law, seen);
        let Phase::Standstill { until } = world.case(0).phase else { unreachable!() };
        let left = until.micros() - world.now.micros();
        must(&mut world, &Actor::Subject, &flag(FlagGround::WrongFact), seen);
        world.wait_until(world.now.plus_hours(24), seen);
        must(&mut world, &officer(2), &Command::ClearFlag { reasons: "It is.".into() }, seen);
        let until = Instant::from_micros(world.now.micros() + left);
        assert_eq!(world.case(0).phase, Phase::Standstill { until });
        assert!(world.act(0, &Actor::Subject, &flag(FlagGround::WrongFact), seen).is_err());
    }

    t20b_an_unanswered_flag_returns_the_record(law, seen) {
        let mut world = imported(law, seen);
        must(&mut world, &Actor::Subject, &flag(FlagGround::WrongFact), seen);
        next(&mut world, seen);
        stands(&world, State::Rejected);
    }

    t20_t32_a_stay_does_not_answer_a_flag(law, seen) {
        let mut world = imported(law, seen);
        must(&mut world, &Actor::Subject, &flag(FlagGround::WrongFact), seen);
        must(&mut world, &officer(1), &stay(StayReason::Authority), seen);
        world.wait_until(world.now.plus_hours(24 * 9), seen);
        must(&mut world, &officer(1), &lift(true), seen);
        stands(&world, State::Standstill);
        assert!(world.case(0).flag.is_some());
        next(&mut world, seen);
        stands(&world, State::Rejected);
    }

    t21_abandoned_before_publication(law, seen) {
        let mut world = imported(law, seen);
        must(&mut world, &decider(1), &Command::Abandon, seen);
        stands(&world, State::NotUpheld);
    }

    t22_t23_t24_i20_an_objection_is_marked_and_rejected(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Subject, &object(), seen);
        let marked = Exposure::Shown { objected: true, interim: false };
        assert_eq!(world.case(0).exposure(), marked);
        must(&mut world, &Actor::Registry, &Command::ForwardObjection, seen);
        must(&mut world, &officer(3), &Command::ExtendObjection, seen);
        must(&mut world, &decider(3), &reject(), seen);
        stands(&world, State::Published);
        let text = "We disagree.".to_owned();
        must(&mut world, &Actor::Subject, &Command::AddStatement { text }, seen);
    }

    t25_t29_i12_a_successor_takes_its_place(law, seen) {
        for objected in [true, false] {
            let mut world = published(&empty(law));
            if objected {
                must(&mut world, &Actor::Subject, &object(), seen);
            }
            let first = world.case(0);
            let mut facts = law.facts(Some(Severity::General));
            facts.predecessor = Some(&first);
            let mut submission = law.imported(2, law.today(world.now));
            submission.predecessor = Some(record(1));
            world.submit(&submission, &facts, &decider(9), seen).unwrap();
            let open = Command::OpenPrecheck { service: "portal".into() };
            assert!(world.act(1, &Actor::Registry, &open, seen).is_err(), "the old one stands");
            let correct = Command::Correct { successor: record(2) };
            world.act(0, &decider(1), &correct, seen).unwrap();
            stands(&world, State::Corrected);
            world.act(1, &Actor::Registry, &open, seen).unwrap();
            next(&mut world, seen);
            assert_eq!(world.case(0).state(), State::Retired, "its tombstone ended");
        }
    }

    t26_withdrawn_upon_an_objection(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Subject, &object(), seen);
        must(&mut world, &decider(1), &withdraw(WithdrawalReason::WrongSubject), seen);
        let tombstone = Exposure::WithdrawnTombstone(WithdrawalReason::WrongSubject);
        assert_eq!(world.case(0).exposure(), tombstone);
    }

    t27_i22_an_unanswered_objection_hides(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Subject, &object(), seen);
        next(&mut world, seen);
        stands(&world, State::Stayed);
        assert!(!world.case(0).counts());
        must(&mut world, &decider(3), &reject(), seen);
        stands(&world, State::Published);
    }

    t28_i23_an_appeal_is_decided_by_a_third_person(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Subject, &object(), seen);
        must(&mut world, &decider(3), &reject(), seen);
        must(&mut world, &Actor::Subject, &Command::Escalate, seen);
        stands(&world, State::Objected);
        assert!(world.act(0, &decider(2), &reject(), seen).is_err());
        must(&mut world, &reviewer(1), &reject(), seen);
        stands(&world, State::Published);
        assert!(world.act(0, &Actor::Subject, &Command::Escalate, seen).is_err());
    }

    t30_i13_i14_revoked_with_a_tombstone_that_ends(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Court, &withdraw(WithdrawalReason::Annulled), seen);
        stands(&world, State::Withdrawn);
        next(&mut world, seen);
        stands(&world, State::Retired);
        assert_eq!(world.case(0).exposure(), Exposure::Nothing);
    }

    t31_t32_i37_a_stay_pauses_measures(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Court, &stay(StayReason::Court), seen);
        stands(&world, State::Stayed);
        assert_eq!(world.case(0).measures_in_force().count(), 0);
        must(&mut world, &Actor::Court, &lift(true), seen);
        assert_eq!(world.case(0).measures_in_force().count(), 1);
    }

    t32_every_order_has_to_be_lifted(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &officer(1), &stay(StayReason::Authority), seen);
        must(&mut world, &Actor::Court, &stay(StayReason::Court), seen);
        must(&mut world, &officer(1), &lift(true), seen);
        stands(&world, State::Stayed);
        assert!(world.act(0, &officer(1), &lift(true), seen).is_err(), "a court's order");
        must(&mut world, &Actor::Court, &lift(true), seen);
        stands(&world, State::Published);
    }

    t33_annulled_while_stayed(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Court, &stay(StayReason::Court), seen);
        must(&mut world, &Actor::Court, &withdraw(WithdrawalReason::Annulled), seen);
        stands(&world, State::Withdrawn);
    }

    t34_t35_i15_i18_repair_ends_everything_at_once(law, seen) {
        let mut world = repairable(law, seen);
        must(&mut world, &Actor::Subject, &apply(), seen);
        must(&mut world, &officer(1), &Command::ExtendRepair, seen);
        must(&mut world, &decider(1), &Command::GrantRepair, seen);
        stands(&world, State::Repaired);
        assert_eq!(world.case(0).exposure(), Exposure::Nothing);
        assert_eq!(world.case(0).measures_in_force().count(), 0);
    }

    t36_i16_a_refusal_names_what_is_not_met(law, seen) {
        let mut world = repairable(law, seen);
        must(&mut world, &Actor::Subject, &apply(), seen);
        must(&mut world, &decider(1), &refuse_repair(), seen);
        stands(&world, State::Published);
        must(&mut world, &Actor::Subject, &apply(), seen);
    }

    t37_silence_on_a_repair_escalates_then_hides(law, seen) {
        let mut world = repairable(law, seen);
        must(&mut world, &Actor::Subject, &apply(), seen);
        next(&mut world, seen);
        assert!(world.act(0, &decider(1), &Command::GrantRepair, seen).is_err());
        next(&mut world, seen);
        stands(&world, State::Stayed);
        must(&mut world, &reviewer(1), &refuse_repair(), seen);
        stands(&world, State::Published);
    }

    t38_i07_a_repair_got_by_fraud_is_taken_back_within_the_first_end(law, seen) {
        let mut world = repaired(&empty(law));
        let original = world.case(0).term.end_at;
        let today = law.today(world.now);
        let Some(End::On(last)) = world.case(0).term.end else { unreachable!() };
        let notice = Command::ServeNotice(draft(Purpose::RepairRevocation, last, today));
        must(&mut world, &officer(1), &notice, seen);
        must(&mut world, &Actor::Subject, &Command::Waive, seen);
        let decision = Command::Uphold(outcome(last.plus_days(-9), 0, today));
        must(&mut world, &decider(1), &decision, seen);
        stands(&world, State::Published);
        let case = world.case(0);
        assert!(case.term.end_at < original);
        assert_eq!(case.term.end, Some(End::On(last.plus_days(-9))));
    }

    t39_t35_a_plan_that_is_fulfilled_ends_the_record(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Court, &stay(StayReason::Insolvency), seen);
        stands(&world, State::Stayed);
        must(&mut world, &decider(1), &Command::GrantRepair, seen);
        stands(&world, State::Repaired);
    }

    t40_t46_t47_t48_i06_over_at_the_instant_then_destroyed_unless_held(law, seen) {
        let mut world = published(&empty(law));
        next(&mut world, seen);
        stands(&world, State::Expired);
        assert_eq!(world.case(0).exposure(), Exposure::Nothing);
        world.wait_until(micros(world.now, 1), seen);
        stands(&world, State::Retired);
        let hold = Command::PlaceHold { reference: "H-1".into() };
        must(&mut world, &Actor::Court, &hold, seen);
        world.wait_until(world.case(0).erasable_from().unwrap(), seen);
        assert!(world.act(0, &Actor::Registry, &Command::Erase, seen).is_err());
        let release = Command::ReleaseHold { reference: "H-2".into() };
        must(&mut world, &Actor::Court, &release, seen);
        must(&mut world, &Actor::Registry, &Command::Erase, seen);
        stands(&world, State::Erased);
    }

    t41_released_early_after_the_shortest_term(law, seen) {
        let mut world = repairable(law, seen);
        let conditions = [condition("programme-audited")].into();
        must(&mut world, &decider(1), &Command::ReleaseEarly { conditions }, seen);
        stands(&world, State::Repaired);
    }

    t42_i07_extended_after_a_whole_new_proceeding(law, seen) {
        let mut world = published(&empty(law));
        let case = world.case(0);
        let last = case.term.start.unwrap().plus_months(12);
        let today = law.today(world.now);
        let notice = Command::ServeNotice(draft(Purpose::Extension, last, today));
        must(&mut world, &officer(1), &notice, seen);
        must(&mut world, &Actor::Subject, &Command::Waive, seen);
        must(&mut world, &decider(1), &Command::Uphold(outcome(last, 0, today)), seen);
        assert_eq!(world.case(0).term.end_at, case.term.end_at, "its standstill runs");
        next(&mut world, seen);
        assert_eq!(world.case(0).term.end_at, Some(law.zone().end_of(last)));
    }

    t43_a_repealed_law_takes_its_records_along(law, seen) {
        let mut world = published(&empty(law));
        must(&mut world, &Actor::Registry, &withdraw(WithdrawalReason::LawRepealed), seen);
        stands(&world, State::Withdrawn);
    }

    t44_the_record_of_a_dissolved_organisation_ends(law, seen) {
        let mut world = published(&empty(law));
        let on = law.today(world.now);
        must(&mut world, &Actor::Registry, &Command::CeaseSubject { on }, seen);
        next(&mut world, seen);
        stands(&world, State::Expired);
    }

    t02_t03_t47_t48_what_waits_is_let_in_or_returned_or_kept_no_longer(law, seen) {
        let mut world = empty(law);
        let mut facts = law.facts(Some(Severity::General));
        facts.above_rate = true;
        world.submit(&law.hosted(1), &facts, &decider(9), seen).unwrap();
        stands(&world, State::Submitted);
        let mut admitted = world.clone();
        must(&mut admitted, &reviewer(1), &Command::AdmitSubmission, seen);
        stands(&admitted, State::Validated);
        let mut returned = world.clone();
        must(&mut returned, &reviewer(1), &Command::ReturnSubmission, seen);
        stands(&returned, State::Rejected);
        let held = Command::PlaceHold { reference: "O-1".into() };
        must(&mut world, &Actor::Court, &held, seen);
        let from = world.case(0).erasable_from().unwrap();
        world.wait_until(from, seen);
        world.act(0, &Actor::Registry, &Command::Erase, seen).unwrap_err();
        let release = Command::ReleaseHold { reference: "O-2".into() };
        must(&mut world, &Actor::Court, &release, seen);
        must(&mut world, &Actor::Registry, &Command::Erase, seen);
        stands(&world, State::Erased);
    }

    t45_i31_a_record_moves_by_decision_only(law, seen) {
        let mut world = published(&empty(law));
        let notice = imputation(&world.case(0), SUCCESSORS[0], law.today(world.now));
        must(&mut world, &officer(1), &Command::ServeNotice(notice), seen);
        // Both are heard.
        for party in [Actor::Subject, Actor::ThirdParty] {
            let answer = said(1);
            must(&mut world, &party, &answer, seen);
        }
        next(&mut world, seen);
        let today = law.today(world.now);
        must(&mut world, &decider(1), &Command::Uphold(outcome(today, 2, today)), seen);
        let before = world.case(0);
        assert_eq!(before.organisation, organisation(1), "its standstill runs");
        world.wait_until(before.imputation.as_ref().unwrap().from, seen);
        let statement = Command::AddStatement { text: "We never worked there.".into() };
        must(&mut world, &Actor::Subject, &statement, seen);
        let on = law.today(world.now);
        must(&mut world, &Actor::Registry, &Command::CeaseSubject { on }, seen);
        let (successor, kind) = (organisation(2), SUCCESSORS[0].1);
        let impute = Command::Impute { successor, kind, reference: "I-1".into() };
        must(&mut world, &reviewer(1), &impute, seen);
        assert_eq!(world.case(0).organisation, organisation(1), "one reviewer is not enough");
        must(&mut world, &reviewer(2), &impute, seen);
        let after = world.case(0);
        assert_eq!(after.organisation, organisation(2));
        assert_eq!((after.state(), &after.term), (before.state(), &before.term));
        assert_eq!((after.statement, after.ceased_keep_until), (None, None), "not the successor's");
    }

    t16_t47_an_accusation_that_nobody_was_told_of_lapses_and_is_destroyed(law, seen) {
        let mut world = hosted(law, seen);
        let erasable = world.case(0).erasable_by_time();
        next(&mut world, seen);
        stands(&world, State::NotUpheld);
        assert_eq!(world.case(0).exposure(), Exposure::Nothing);
        assert!(erasable.is_some() && erasable == world.case(0).erasable_from());
        let today = law.today(world.now);
        let late = Command::ServeNotice(draft(Purpose::Record, today.plus_months(7), today));
        world.act(0, &officer(1), &late, seen).unwrap_err();
        world.wait_until(erasable.unwrap(), seen);
        must(&mut world, &Actor::Registry, &Command::Erase, seen);
        // Stopped meanwhile, nobody could give notice: the rest of the time is given back.
        let mut world = hosted(law, seen);
        must(&mut world, &reviewer(1), &stay(StayReason::Privacy), seen);
        world.wait_until(micros(world.now, 30 * 86_400_000_000), seen);
        must(&mut world, &reviewer(1), &lift(true), seen);
        stands(&world, State::Validated);
        next(&mut world, seen);
        stands(&world, State::NotUpheld);
    }

    t45_t16_without_a_decision_the_record_stays_where_it_is(law, seen) {
        let mut world = published(&empty(law));
        let notice = imputation(&world.case(0), SUCCESSORS[0], law.today(world.now));
        must(&mut world, &officer(1), &Command::ServeNotice(notice), seen);
        let decide_by = world.case(0).chain.unwrap().decide_by;
        world.wait_until(decide_by, seen);
        assert_eq!(world.case(0).chain, None);
        assert_eq!(world.case(0).organisation, organisation(1));
        stands(&world, State::Published);
    }

    t49_something_about_a_person_stops_a_record_in_any_state(law, seen) {
        let mut worlds =
            vec![hosted(law, seen), noticed(law, seen), imported(law, seen), interim(&empty(law))];
        worlds.extend([published(&empty(law)), permitted(&empty(law))]);
        for mut world in worlds {
            let before = world.case(0).state();
            must(&mut world, &reviewer(1), &stay(StayReason::Privacy), seen);
            stands(&world, State::Stayed);
            assert_eq!(world.case(0).exposure(), Exposure::Nothing);
            let mut lifted = world.clone();
            must(&mut lifted, &reviewer(1), &lift(true), seen);
            assert_eq!(lifted.case(0).state(), before);
            must(&mut world, &reviewer(1), &withdraw(WithdrawalReason::Privacy), seen);
            // Nothing of it is kept, not even for lawful proof.
            assert_eq!(world.case(0).erasable_from(), Some(world.now));
            must(&mut world, &Actor::Registry, &Command::Erase, seen);
        }
    }

    t50_t51_t52_i51_a_mirror_lives_as_long_as_its_origin(law, seen) {
        let mut world = empty(law);
        mirrored(&mut world, seen).unwrap();
        stands(&world, State::Published);
        next(&mut world, seen);
        stands(&world, State::Stayed);
        let fresh_until = world.now.plus_hours(24 * 900);
        must(&mut world, &Actor::Peer, &Command::SeeOrigin { fresh_until }, seen);
        stands(&world, State::Published);
        let stale = world.case(0).next_boundary().unwrap();
        assert!(stale < world.now.plus_hours(24 * 5), "a peer cannot vouch for years");
        must(&mut world, &Actor::Peer, &Command::EndOrigin, seen);
        stands(&world, State::Expired);
    }

    t54_a_measure_is_set_aside_publicly(law, seen) {
        let mut world = published(&empty(law));
        let from = law.today(world.now);
        let until = from.plus_days(10);
        let measure = measure("zz.bid-ban");
        let reasons = "The only supplier.".to_owned();
        let aside = Command::OverrideMeasure { measure, from, until, reasons };
        must(&mut world, &officer(4), &aside, seen);
    }

    t55_t56_i61_an_interim_record_lapses_and_never_counts(law, seen) {
        let mut world = interim(&empty(law));
        let shown = Exposure::Shown { objected: false, interim: true };
        assert_eq!(world.case(0).exposure(), shown);
        assert!(!world.case(0).counts());
        next(&mut world, seen);
        stands(&world, State::Expired);
        // Again, by the seen one: published in this script itself.
        let mut again = hosted(law, seen);
        let publish =
            Command::PublishInterim { need: "risk".into(), service: "portal".into(), served_days: 0 };
        must(&mut again, &decider(1), &publish, seen);
    }

    t55_t08_an_interim_record_is_opposed_before_any_notice(law, seen) {
        let mut world = interim(&empty(law));
        must(&mut world, &Actor::Subject, &answer(), seen);
        let today = law.today(world.now);
        let notice = Command::ServeNotice(draft(Purpose::Record, today.plus_months(5), today));
        must(&mut world, &officer(1), &notice, seen);
        assert_eq!(world.case(0).chain.unwrap().points, 2);
    }

    t55_t22_t30_t31_an_interim_record_is_objected_to_stayed_and_withdrawn(law, seen) {
        let mut world = interim(&empty(law));
        must(&mut world, &Actor::Subject, &object(), seen);
        stands(&world, State::Objected);
        must(&mut world, &Actor::Court, &stay(StayReason::Court), seen);
        stands(&world, State::Stayed);
        must(&mut world, &Actor::Court, &lift(true), seen);
        must(&mut world, &decider(1), &withdraw(WithdrawalReason::Revoked), seen);
        stands(&world, State::Withdrawn);
    }

    t56_time_served_counts_also_after_the_lapse(law, seen) {
        let mut world = interim(&empty(law));
        let began = law.today(world.now);
        world.wait_until(world.now.plus_hours(24 * 150), seen);
        let today = law.today(world.now);
        let notice = Command::ServeNotice(draft(Purpose::Record, began.plus_months(11), today));
        must(&mut world, &officer(1), &notice, seen);
        world.wait_until(instant("2026-09-04T01:00:00Z"), seen);
        assert!(world.case(0).interim.is_none());
        let today = law.today(world.now);
        let decision = Command::Uphold(outcome(began.plus_months(11), 0, today));
        must(&mut world, &decider(1), &decision, seen);
        assert_eq!(world.case(0).term.start, Some(began));
    }

    t30_a_good_record_goes_after_notice_decision_and_standstill(law, seen) {
        let mut world = permitted(&empty(law));
        let revoke = withdraw(WithdrawalReason::Revoked);
        for reason in [WithdrawalReason::Revoked, WithdrawalReason::Unlawful] {
            assert!(world.act(0, &decider(1), &withdraw(reason), seen).is_err());
        }
        let today = law.today(world.now);
        let notice = Command::ServeNotice(draft(Purpose::WithdrawalOfGood, today, today));
        must(&mut world, &officer(1), &notice, seen);
        must(&mut world, &Actor::Subject, &Command::Waive, seen);
        let decision = Command::Uphold(outcome(today, 0, today));
        must(&mut world, &decider(1), &decision, seen);
        stands(&world, State::Published);
        assert!(world.act(0, &decider(1), &revoke, seen).is_err(), "the standstill runs");
        world.wait_until(world.case(0).withdrawal_from.unwrap(), seen);
        must(&mut world, &decider(1), &revoke, seen);
        stands(&world, State::Withdrawn);
    }
}

#[test]
fn t01_t56_every_transition_is_exercised() {
    let law = Law::new();
    let mut seen = Seen::default();
    for script in SCRIPTS {
        script(&law, &mut seen);
    }
    assert_eq!(seen.missing(), Vec::<&str>::new());
    assert!(seen.off_table.is_empty(), "{:#?}", seen.off_table);
    assert_eq!(seen.unlisted_refusals(), Vec::<String>::new());
}

#[test]
fn the_table_has_every_number_of_the_specification_once() {
    let numbers: BTreeSet<&str> = TRANSITIONS.iter().map(|row| row.number).collect();
    let mut expected: BTreeSet<String> = (1..=56).map(|number| format!("T{number:02}")).collect();
    expected.extend(["T20a", "T20b", "T43a"].map(str::to_owned));
    assert_eq!(numbers.len(), TRANSITIONS.len());
    assert_eq!(numbers.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
}

#[test]
fn every_state_of_the_table_can_be_reached() {
    let law = Law::new();
    let mut seen = Seen::default();
    for script in SCRIPTS {
        script(&law, &mut seen);
    }
    let reached: Vec<State> = State::ALL.into_iter().filter(|s| seen.states.contains(s)).collect();
    assert_eq!(reached, State::ALL);
}
