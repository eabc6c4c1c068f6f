//! Tests of the tests: a bug is planted in one rule after another, and the explorer or the
//! simulation has to find it. Nothing of this is compiled into anything but this crate's own tests.

use std::cell::Cell;

use crate::support::Law;
use crate::support::explore::{Bounds, beginnings, explore};
use crate::support::simulate::simulate;

/// What can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bug {
    /// I-24: an outcome is not compared with the notice.
    OutcomeUnbounded,
    /// T20: a flag does not stop the clock.
    FlagIgnored,
    /// I-06: the end comes a microsecond late.
    ExpiryLate,
    /// I-50: the officer decides.
    SameAccount,
    /// I-04: an extension goes beyond the legal maximum.
    ExtensionUnbounded,
    /// I-16: repair is refused for a reason that no law lists.
    ForeignReason,
    /// I-02: the time to answer begins before the registry knew of the notice.
    WindowBeforeKnown,
    /// I-22: an objection that nobody answers hides nothing.
    HiddenShown,
    /// I-61: an interim record has no end.
    InterimEndless,
    /// T48: content under a hold is destroyed.
    ErasedUnderHold,
    /// T32: to lift one of two orders is enough.
    OneOrderEnough,
    /// T16: a hearing that was not held is no obstacle to a decision.
    UnheardDecision,
    /// I-12: a successor goes on while its predecessor stands.
    TwoHeads,
    /// P6: a record is imputed to whoever is named.
    ImputedToAnybody,
}

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Whether `bug` is planted on this thread.
pub(super) fn is_planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// What finds `bug`, with the first breach; `None` when nothing does.
fn found(bug: Option<Bug>) -> Option<String> {
    PLANTED.set(bug);
    let law = Law::new();
    let simulated = |seeds: std::ops::RangeInclusive<u64>| {
        seeds.into_iter().find_map(|seed| {
            let run = simulate(&law, seed, 15_000);
            let breach = run.breaches.first()?;
            Some(format!("simulation, {} operations: {breach}", run.operations))
        })
    };
    let explored = || {
        beginnings(&law).into_iter().find_map(|(name, world)| {
            let depth = if name == "nothing on record" { 4 } else { 3 };
            let run = explore(&world, Bounds { depth, states_max: Some(20_000), is_hunt: true });
            run.breaches.first().map(|breach| format!("explorer, {name}: {breach}"))
        })
    };
    simulated(1..=1).or_else(explored).or_else(|| simulated(2..=3))
}

/// Found, and by the invariant that the bug breaks; or, before that, by what the parties are told
/// of their days (5.6), which a bug in the clock makes untrue at once.
fn must_find(bug: Bug, invariants: &[&str]) {
    let how = found(Some(bug));
    PLANTED.set(None);
    let how = how.unwrap_or_else(|| panic!("{bug:?} was found by nothing"));
    println!("{bug:?}: {}", how.lines().next().unwrap_or_default());
    let named = invariants.iter().any(|invariant| how.contains(invariant));
    assert!(named, "{bug:?} was found, but not as {invariants:?}: {how}");
}

#[test]
fn i24_a_decision_heavier_than_noticed_is_found() {
    must_find(Bug::OutcomeUnbounded, &["I-24", "I-34"]);
}

#[test]
fn t20_a_flag_that_does_not_stop_the_clock_is_found() {
    must_find(Bug::FlagIgnored, &["T20", "oracle", "5.6"]);
}

#[test]
fn i06_an_end_off_by_one_is_found() {
    must_find(Bug::ExpiryLate, &["I-06", "5.6"]);
}

#[test]
fn i50_one_account_in_two_roles_is_found() {
    must_find(Bug::SameAccount, &["I-50"]);
}

#[test]
fn i04_an_extension_beyond_the_maximum_is_found() {
    must_find(Bug::ExtensionUnbounded, &["I-04"]);
}

#[test]
fn i16_a_foreign_reason_against_repair_is_found() {
    must_find(Bug::ForeignReason, &["I-16"]);
}

#[test]
fn i02_a_window_that_began_before_anybody_knew_is_found() {
    must_find(Bug::WindowBeforeKnown, &["I-02"]);
}

#[test]
fn i22_an_unanswered_objection_that_hides_nothing_is_found() {
    must_find(Bug::HiddenShown, &["I-22", "oracle"]);
}

#[test]
fn i61_an_interim_record_without_end_is_found() {
    must_find(Bug::InterimEndless, &["I-61", "oracle", "5.6"]);
}

#[test]
fn t48_erasure_under_a_hold_is_found() {
    must_find(Bug::ErasedUnderHold, &["T48"]);
}

#[test]
fn t32_one_lifted_order_of_two_is_found() {
    must_find(Bug::OneOrderEnough, &["T32", "oracle"]);
}

#[test]
fn i02_a_decision_without_the_hearing_asked_for_is_found() {
    must_find(Bug::UnheardDecision, &["I-02", "oracle"]);
}

#[test]
fn i12_two_live_heads_are_found() {
    must_find(Bug::TwoHeads, &["I-12"]);
}

#[test]
fn i31_a_record_imputed_to_a_union_is_found() {
    must_find(Bug::ImputedToAnybody, &["I-31"]);
}

#[test]
fn without_a_planted_bug_nothing_is_found() {
    assert_eq!(found(None), None);
}
