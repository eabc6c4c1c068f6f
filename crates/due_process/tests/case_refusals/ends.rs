//! What no repair, release or erasure allows, and what a pack leaves out.

use crate::bench::*;
use std::collections::BTreeSet;

use crate::support::Law;
use crate::support::law::{condition, day, decider, officer, reviewer};
use crate::support::moves::conditions;
use crate::support::world::{Seen, World, must, published};
use domain::case::{Actor, ObjectionGround, Purpose};
use goodstanding_due_process::case::Command;
use policy::catalogue::{Condition, Needs};
use policy::procedure::PeriodKey;

pub fn ends(law: &Law) -> BTreeSet<u16> {
    let stands = published(&empty(law));
    let (subject, one) = (Actor::Subject, decider(1));
    let ripe = {
        let mut world = stands.clone();
        let start = world.case(0).term.start.unwrap();
        world.wait_until(law.zone().end_of(start.plus_months(3)), &mut Seen::default());
        world
    };
    let applied = {
        let mut world = ripe.clone();
        let apply = Command::ApplyRepair { conditions: conditions(), text: "Done.".into() };
        must(&mut world, &subject, &apply, &mut Seen::default());
        world
    };
    let mut any = Law::new();
    for rule in [&mut any.penalty.repair, &mut any.penalty.release].into_iter().flatten() {
        rule.needs = Needs::Any;
    }
    let release = any.penalty.release.as_mut().unwrap();
    let second = Condition { key: condition("causes-gone"), ..release.conditions[0].clone() };
    release.conditions.push(second);
    let choice = {
        let mut world = published(&empty(&any));
        let start = world.case(0).term.start.unwrap();
        world.wait_until(law.zone().end_of(start.plus_months(3)), &mut Seen::default());
        world
    };
    let chosen = {
        let mut world = choice.clone();
        let apply = Command::ApplyRepair { conditions: conditions(), text: "Done.".into() };
        must(&mut world, &subject, &apply, &mut Seen::default());
        world
    };
    let apply = |keys: &[&str]| Command::ApplyRepair {
        conditions: keys.iter().map(|key| condition(key)).collect(),
        text: "Done.".into(),
    };
    let refuse = |keys: &[&str], reasons: &str| Command::RefuseRepair {
        unmet: keys.iter().map(|key| condition(key)).collect(),
        reasons: reasons.into(),
    };
    let both = ["commitment-signed", "duty-performed"];
    let mut unrepairable = Law::new();
    unrepairable.penalty.repair = None;
    let never = published(&empty(&unrepairable));
    let over = {
        let mut world = stands.clone();
        let end = world.case(0).term.end_at.unwrap();
        world.wait_until(end, &mut Seen::default());
        world
    };
    let held = {
        let mut world = over.clone();
        let hold = Command::PlaceHold { reference: "H-1".into() };
        must(&mut world, &Actor::Court, &hold, &mut Seen::default());
        world
    };
    let release = |key: &str| Command::ReleaseEarly { conditions: [condition(key)].into() };
    all_fit(vec![
        (
            "t34 the day before",
            {
                let mut world = ripe.clone();
                world.now = world.now.plus_hours(-48);
                asked(&world, &subject, &apply(&both))
            },
            vec![739],
        ),
        ("t34 on the day", asked(&ripe, &subject, &apply(&both)), vec![]),
        ("t34 one condition short", asked(&ripe, &subject, &apply(&both[..1])), vec![740]),
        (
            "t34 a condition from elsewhere",
            asked(&ripe, &subject, &apply(&["commitment-signed", "duty-performed", "fee-paid"])),
            vec![741],
        ),
        ("t34 no repair in the law", asked(&never, &subject, &apply(&both)), vec![738]),
        (
            "t36 i16 a foreign reason",
            asked(&applied, &one, &refuse(&["press-report"], "Bad press.")),
            vec![741],
        ),
        ("t36 i16 no condition named", asked(&applied, &one, &refuse(&[], "Not yet.")), vec![741]),
        ("t36 no reasons", asked(&applied, &one, &refuse(&both[1..], "")), vec![733]),
        ("t35 i50 by the officer", asked(&applied, &decider(9), &Command::GrantRepair), vec![702]),
        (
            "t35 by a reviewer before the authority was silent",
            asked(&applied, &reviewer(1), &Command::GrantRepair),
            vec![701],
        ),
        ("t41 too early", asked(&stands, &one, &release("programme-audited")), vec![739]),
        ("t41 unmet", asked(&ripe, &one, &release("something")), vec![740, 741]),
        (
            "t41 none of the alternatives",
            asked(&choice, &one, &release("something")),
            vec![860, 860, 741],
        ),
        ("t41 one alternative", asked(&choice, &one, &release("causes-gone")), vec![]),
        ("t34 none of the alternatives", asked(&choice, &subject, &apply(&[])), vec![860, 860]),
        ("t34 one alternative", asked(&choice, &subject, &apply(&both[..1])), vec![]),
        (
            "t36 i16 one alternative is left open",
            asked(&chosen, &one, &refuse(&both[..1], "Not signed.")),
            vec![861],
        ),
        (
            "t36 i16 each alternative named",
            asked(&chosen, &one, &refuse(&both, "Neither.")),
            vec![],
        ),
        ("t47 i45 while it stands", asked(&stands, &Actor::Registry, &Command::Erase), vec![703]),
        ("t47 too early", asked(&over, &Actor::Registry, &Command::Erase), vec![746]),
        ("t48 held", asked(&held, &Actor::Registry, &Command::Erase), vec![745]),
        (
            "t48 without an order",
            asked(&over, &Actor::Court, &Command::PlaceHold { reference: "".into() }),
            vec![731],
        ),
    ])
}

pub fn packs(law: &Law) -> BTreeSet<u16> {
    let mut no_period = Law::new();
    no_period.rules.periods.remove(&PeriodKey::Standstill);
    let mut short_calendar = Law::new();
    short_calendar.rules.calendar.until = day("2026-03-20");
    let undecided = deciding(&no_period);
    // The calendar ends tomorrow: what the organisation may file it files, the authority waits.
    let mut ending = Law::new();
    let full = published(&empty(law));
    let today = law.today(full.now);
    ending.rules.calendar.until = today.plus_days(1);
    let on_the_last_day = World { law: &ending, ..full };
    let objection = Command::Object { ground: ObjectionGround::Error, text: "1. No.".into() };
    let mut objected = on_the_last_day.clone();
    must(&mut objected, &Actor::Subject, &objection, &mut Seen::default());
    assert!(objected.case(0).objection.unwrap().decide_by > objected.now);
    let reject = Command::RejectObjection { reasons: "It is right.".into() };
    all_fit(vec![
        (
            "i62 no pack sets the standstill",
            asked(&undecided, &decider(1), &upheld(&undecided, |_| {})),
            vec![748],
        ),
        (
            "a year without an official calendar",
            asked(&hosted(&short_calendar), &officer(1), &serve(&empty(law), Purpose::Record, 7)),
            vec![747],
        ),
        ("the calendar ends, an answer", asked(&objected, &decider(3), &reject), vec![747]),
    ])
}
