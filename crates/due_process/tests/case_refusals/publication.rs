//! What is refused between decision and end.

use crate::bench::*;
use std::collections::BTreeSet;

use crate::support::Law;
use crate::support::law::{day, decider, measure, officer, reviewer};
use crate::support::world::{Seen, World, must, published};
use domain::case::{Actor, FlagGround, ObjectionGround, StayReason, WithdrawalReason};
use goodstanding_due_process::case::{Command, ObjectionLevel};

pub fn publication(law: &Law) -> BTreeSet<u16> {
    let checked = standstill(law);
    let stands = published(&empty(law));
    let (subject, one, court) = (Actor::Subject, decider(1), Actor::Court);
    let flag = |text: &str| Command::FlagError { ground: FlagGround::WrongFact, text: text.into() };
    let object = |text: &str| Command::Object { ground: ObjectionGround::Error, text: text.into() };
    let reject = Command::RejectObjection { reasons: "It is right.".into() };
    let then = |world: &World<'_>, acts: &[(Actor, Command)]| {
        let (mut world, mut seen) = (world.clone(), Seen::default());
        for (actor, command) in acts {
            must(&mut world, actor, command, &mut seen);
        }
        world.tracks[0].clone()
    };
    let after = |acts: &[(Actor, Command)]| {
        let mut world = stands.clone();
        world.tracks[0] = then(&stands, acts);
        world
    };
    let cleared = {
        let mut world = checked.clone();
        let clear = Command::ClearFlag { reasons: "It is.".into() };
        world.tracks[0] = then(&checked, &[(subject.clone(), flag("1.")), (officer(2), clear)]);
        world
    };
    let appealed = after(&[
        (subject.clone(), object("1.")),
        (decider(3), reject.clone()),
        (subject.clone(), Command::Escalate),
    ]);
    let statement = |length| Command::AddStatement { text: "x".repeat(length) };
    let lift = Command::LiftStay { reference: "O-2".into(), stayed_time_counts: true };
    let rejected_twice = {
        let mut world =
            after(&[(Actor::ThirdParty, object("1. Wrong.")), (decider(3), reject.clone())]);
        let over = world.case(0).objection.map(|objection| match objection.level {
            ObjectionLevel::Appealable { until: Some(until) } => until,
            level => panic!("{level:?}"),
        });
        world.wait_until(over.unwrap(), &mut Seen::default());
        world
    };
    all_fit(vec![
        (
            "t07 the subject was not told",
            {
                let mut world = empty(law);
                let submission = imported(law, |_| {});
                world
                    .submit(&submission, &law.facts(SIMPLE), &decider(9), &mut Seen::default())
                    .unwrap();
                asked(&world, &Actor::Registry, &Command::OpenPrecheck { service: " ".into() })
            },
            vec![725],
        ),
        ("t20 without a reason", asked(&checked, &subject, &flag(" ")), vec![728]),
        ("t20 the same ground again", asked(&cleared, &subject, &flag("1.")), vec![735]),
        ("t20 by another", asked(&checked, &court, &flag("1.")), vec![701]),
        ("t20 once public", asked(&stands, &subject, &flag("1.")), vec![703]),
        ("t22 nothing said", asked(&stands, &subject, &object("")), vec![728]),
        (
            "t24 no reasons",
            asked(
                &after(&[(subject.clone(), object("1."))]),
                &decider(3),
                &Command::RejectObjection { reasons: "".into() },
            ),
            vec![733],
        ),
        (
            "i23 by the decider of the record",
            asked(&after(&[(subject.clone(), object("1."))]), &one, &reject),
            vec![702],
        ),
        (
            "i23 by its officer",
            asked(&after(&[(subject.clone(), object("1."))]), &decider(9), &reject),
            vec![702],
        ),
        ("i23 an appeal by the authority", asked(&appealed, &decider(3), &reject), vec![701]),
        (
            "i23 an appeal by a reviewer with a part in it",
            {
                let mut world = stands.clone();
                world.tracks[0] = then(
                    &stands,
                    &[
                        (reviewer(1), stay(StayReason::Privacy)),
                        (reviewer(1), lift.clone()),
                        (subject.clone(), object("1.")),
                        (decider(3), reject.clone()),
                        (subject.clone(), Command::Escalate),
                    ],
                );
                asked(&world, &reviewer(1), &reject)
            },
            vec![702],
        ),
        (
            "i21 a third party over the subject's appeal",
            asked(
                &after(&[(subject.clone(), object("1.")), (decider(3), reject.clone())]),
                &Actor::ThirdParty,
                &object("1."),
            ),
            vec![703],
        ),
        (
            "i21 the subject beside a third party",
            asked(&after(&[(Actor::ThirdParty, object("1."))]), &subject, &object("1.")),
            vec![],
        ),
        ("t28 without a refusal", asked(&stands, &subject, &Command::Escalate), vec![726]),
        ("t24 a statement of 500 characters", asked(&stands, &subject, &statement(500)), vec![]),
        ("t24 a statement of 501", asked(&stands, &subject, &statement(501)), vec![737]),
        (
            "i27 a statement with an address",
            asked(
                &stands,
                &subject,
                &Command::AddStatement { text: "write to li@example.org".into() },
            ),
            vec![102],
        ),
        (
            "t31 without an order",
            asked(
                &stands,
                &court,
                &Command::Stay { reason: StayReason::Court, reference: "".into() },
            ),
            vec![731],
        ),
        (
            "t31 a court's stay by the authority",
            asked(&stands, &officer(1), &stay(StayReason::Court)),
            vec![701],
        ),
        (
            "t32 a court's stay lifted by the authority",
            asked(&after(&[(court.clone(), stay(StayReason::Court))]), &officer(1), &lift),
            vec![701],
        ),
        (
            "t30 i50 by the officer alone",
            asked(&stands, &decider(9), &withdraw(WithdrawalReason::Revoked)),
            vec![702],
        ),
        (
            "t30 by a reviewer of its own motion",
            asked(&stands, &reviewer(1), &withdraw(WithdrawalReason::Unlawful)),
            vec![701],
        ),
        (
            "t26 by a reviewer on appeal",
            asked(&appealed, &reviewer(1), &withdraw(WithdrawalReason::Unlawful)),
            vec![],
        ),
        (
            "t30 without a document",
            asked(
                &stands,
                &one,
                &Command::Withdraw {
                    reason: WithdrawalReason::Revoked,
                    reference: " ".into(),
                    ordered_on: None,
                },
            ),
            vec![731],
        ),
        (
            "t30 ordered tomorrow",
            asked(
                &stands,
                &court,
                &Command::Withdraw {
                    reason: WithdrawalReason::Annulled,
                    reference: "O".into(),
                    ordered_on: Some(day("2027-01-01")),
                },
            ),
            vec![711],
        ),
        (
            "t25 i12 by a record nobody knows",
            asked(&stands, &one, &Command::Correct { successor: crate::support::law::record(8) }),
            vec![716],
        ),
        (
            "t22 a third party once more on the same ground",
            asked(&rejected_twice, &Actor::ThirdParty, &object("1. Still wrong.")),
            vec![874],
        ),
        (
            "t54 no reasons",
            asked(&stands, &officer(4), &aside("2026-04-01", "2026-05-01", "")),
            vec![733],
        ),
        (
            "t54 backwards",
            asked(&stands, &officer(4), &aside("2026-05-01", "2026-04-01", "only supplier")),
            vec![205],
        ),
    ])
}

pub fn aside(from: &str, until: &str, reasons: &str) -> Command {
    Command::OverrideMeasure {
        measure: measure("zz.bid-ban"),
        from: day(from),
        until: day(until),
        reasons: reasons.into(),
    }
}
