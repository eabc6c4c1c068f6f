//! What the tables share.

use std::collections::BTreeSet;

use crate::support::Law;
use crate::support::law::{day, decider, instant, officer};
use crate::support::moves::{draft, outcome, said};
use crate::support::world::{Seen, World, must};
use domain::case::{Actor, Purpose, Severity, StayReason, WithdrawalReason};
use domain::refusal::Problem;
use goodstanding_due_process::case::{Command, Outcome, Submission, SubmissionFacts};

pub const SIMPLE: Option<Severity> = Some(Severity::General);

pub fn empty(law: &Law) -> World<'_> {
    World::new(law, instant("2026-03-02T01:00:00Z"))
}

pub fn numbers(result: Result<impl Sized, Vec<Problem>>) -> Vec<u16> {
    match result {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| problem.refusal.number()).collect(),
    }
}

/// What a submission is refused for.
pub fn submitted(law: &Law, submission: &Submission, facts: &SubmissionFacts<'_>) -> Vec<u16> {
    submitted_by(law, submission, facts, &decider(9))
}

pub fn submitted_by(
    law: &Law,
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    actor: &Actor,
) -> Vec<u16> {
    let mut world = empty(law);
    let numbers = numbers(world.submit(submission, facts, actor, &mut Seen::default()));
    assert_eq!(numbers.is_empty(), world.tracks.len() == 1, "nothing of what is refused is kept");
    numbers
}

/// What a command is refused for.
pub fn asked(world: &World<'_>, actor: &Actor, command: &Command) -> Vec<u16> {
    numbers(world.ask(0, actor, command))
}

/// An imported penalty, changed.
pub fn imported(law: &Law, change: impl FnOnce(&mut Submission)) -> Submission {
    let mut submission = law.imported(1, day("2026-03-02"));
    change(&mut submission);
    submission
}

/// A row: what it is about, what is refused, what was to be.
pub type Row = (&'static str, Vec<u16>, Vec<u16>);

pub fn all_fit(rows: Vec<Row>) -> BTreeSet<u16> {
    let wrong: Vec<&Row> = rows.iter().filter(|(_, found, expected)| found != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    rows.iter().flat_map(|(_, found, _)| found.clone()).collect()
}

pub fn noticed(law: &Law) -> World<'_> {
    let (mut world, mut seen) = (empty(law), Seen::default());
    world.submit(&law.hosted(1), &law.facts(SIMPLE), &decider(9), &mut seen).unwrap();
    let notice = serve(&world, Purpose::Record, 7);
    must(&mut world, &officer(1), &notice, &mut seen);
    world
}

pub fn serve(world: &World<'_>, purpose: Purpose, months: i64) -> Command {
    let today = world.law.today(world.now);
    Command::ServeNotice(draft(purpose, today.plus_months(months), today))
}

/// A notice of an otherwise complete draft, changed.
pub fn changed(
    world: &World<'_>,
    purpose: Purpose,
    change: impl FnOnce(&mut goodstanding_due_process::case::NoticeDraft),
) -> Command {
    let today = world.law.today(world.now);
    let mut draft = draft(purpose, today.plus_months(7), today);
    change(&mut draft);
    Command::ServeNotice(draft)
}

pub fn deciding(law: &Law) -> World<'_> {
    let mut world = noticed(law);
    let mut seen = Seen::default();
    let answer = said(2);
    must(&mut world, &Actor::Subject, &answer, &mut seen);
    let until = world.case(0).next_boundary().unwrap();
    world.wait_until(until, &mut seen);
    world
}

pub fn upheld(world: &World<'_>, change: impl FnOnce(&mut Outcome)) -> Command {
    let today = world.law.today(world.now);
    let mut outcome = outcome(today.plus_months(6), 2, today);
    change(&mut outcome);
    Command::Uphold(outcome)
}

pub fn standstill(law: &Law) -> World<'_> {
    let (mut world, mut seen) = (empty(law), Seen::default());
    let submission = imported(law, |_| {});
    world.submit(&submission, &law.facts(SIMPLE), &decider(9), &mut seen).unwrap();
    let open = Command::OpenPrecheck { service: "portal".into() };
    must(&mut world, &Actor::Registry, &open, &mut seen);
    world
}

pub fn hosted(law: &Law) -> World<'_> {
    let (mut world, mut seen) = (empty(law), Seen::default());
    world.submit(&law.hosted(1), &law.facts(SIMPLE), &decider(9), &mut seen).unwrap();
    world
}

pub fn withdraw(reason: WithdrawalReason) -> Command {
    Command::Withdraw { reason, reference: "O-1".into(), ordered_on: None }
}

pub fn stay(reason: StayReason) -> Command {
    Command::Stay { reason, reference: "O-1".into() }
}
