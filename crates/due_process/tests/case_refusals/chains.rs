//! What no chain of notice, answer and decision allows.

use crate::bench::*;
use std::collections::BTreeSet;

use crate::support::Law;
use crate::support::law::{day, decider, instant, measure, officer};
use crate::support::world::{Seen, heard, interim, must, permitted, published, repaired};
use domain::case::{Actor, Purpose, Severity, WithdrawalReason};
use domain::civil::End;
use goodstanding_due_process::case::{Command, Outcome};

pub fn chains(law: &Law) -> BTreeSet<u16> {
    let (fresh, open, due) = (hosted(law), noticed(law), deciding(law));
    let heard = heard(&empty(law));
    let stands = published(&empty(law));
    let repaired = repaired(&empty(law));
    let permit = permitted(&empty(law));
    let interim = interim(&empty(law));
    let (subject, one) = (Actor::Subject, decider(1));
    let answer = |points: usize, point: &str| Command::Represent {
        points: vec![point.into(); points],
        text: "beside them".into(),
    };
    let reasons = |text: &str| Command::NotUphold { reasons: text.into() };
    let last = match stands.case(0).term.end {
        Some(End::On(last)) => last,
        _ => unreachable!(),
    };
    let record = |change: fn(&mut goodstanding_due_process::case::NoticeDraft)| {
        asked(&fresh, &officer(1), &changed(&fresh, Purpose::Record, change))
    };
    let decided = |change: fn(&mut Outcome)| asked(&due, &one, &upheld(&due, change));
    let mut never_extended = Law::new();
    never_extended.penalty.extension = None;
    let mut no_interim = Law::new();
    no_interim.penalty.interim = None;
    let mut no_hearing = Law::new();
    no_hearing.penalty.hearing.clear();
    let opposed_late = {
        let mut world = interim.clone();
        world.wait_until(instant("2026-04-02T01:00:00Z"), &mut Seen::default());
        world
    };
    let need = |need: &str, service: &str| Command::PublishInterim {
        need: need.into(),
        service: service.into(),
        served_days: 0,
    };
    let mut interim_only = Law::new();
    interim_only.penalty.interim.as_mut().unwrap().only = true;
    let only = hosted(&interim_only);
    let served = |days: u16| Command::PublishInterim {
        need: "risk".into(),
        service: "portal".into(),
        served_days: days,
    };
    all_fit(vec![
        ("t55 two months served of six", asked(&fresh, &one, &served(60)), vec![]),
        ("t55 i61 six months served of six", asked(&fresh, &one, &served(184)), vec![863]),
        ("t55 where nothing else is known", asked(&only, &one, &need("risk", "portal")), vec![]),
        (
            "t06 i61 no notice of a finding where none can be",
            asked(&only, &officer(1), &serve(&only, Purpose::Record, 7)),
            vec![864],
        ),
        (
            "t01 i61 no finding of others either",
            submitted(&interim_only, &imported(&interim_only, |_| {}), &interim_only.facts(SIMPLE)),
            vec![864],
        ),
        (
            "t06 by the subject",
            asked(&fresh, &subject, &serve(&fresh, Purpose::Record, 7)),
            vec![701],
        ),
        ("t06 twice", asked(&open, &officer(1), &serve(&open, Purpose::Record, 7)), vec![703]),
        (
            "t05 a penalty is never neutral",
            asked(&fresh, &Actor::Registry, &Command::PublishNeutral),
            vec![723],
        ),
        (
            "t06 nothing said of the evidence",
            record(|d| d.texts.evidence = "see file".into()),
            vec![724],
        ),
        ("t06 with blank facts", record(|d| d.facts = " ".into()), vec![724]),
        ("t06 service unproven", record(|d| d.service.clear()), vec![725]),
        ("t06 served tomorrow", record(|d| d.served_on = d.served_on.next()), vec![725]),
        (
            "i27 a telephone number in the facts",
            record(|d| d.facts = "Call 13912345678".into()),
            vec![102],
        ),
        ("t06 no severity", record(|d| d.severity = None), vec![719]),
        ("i04 longer than the law", record(|d| d.end_max = Some(day("2028-01-01"))), vec![720]),
        ("i04 without end", record(|d| d.end_max = None), vec![203]),
        ("i24 ends yesterday", record(|d| d.end_max = Some(day("2026-03-01"))), vec![205]),
        (
            "t42 no law for it",
            {
                let world = published(&empty(&never_extended));
                asked(&world, &officer(1), &serve(&world, Purpose::Extension, 9))
            },
            vec![742],
        ),
        (
            "t42 i04 a graver severity for a longer term",
            asked(
                &stands,
                &officer(1),
                &changed(&stands, Purpose::Extension, |d| {
                    d.severity = Some(Severity::Serious);
                    d.end_max = Some(day("2028-09-01"));
                }),
            ),
            vec![718],
        ),
        (
            "t38 i07 beyond the first end",
            asked(
                &repaired,
                &officer(1),
                &changed(&repaired, Purpose::RepairRevocation, |d| {
                    d.end_max = Some(last.next());
                }),
            ),
            vec![744],
        ),
        ("t08 after the window", asked(&due, &subject, &answer(1, "1. No.")), vec![726]),
        (
            "t55 opposed after its time",
            asked(&opposed_late, &subject, &answer(1, "1. No.")),
            vec![726],
        ),
        ("t08 nothing said", asked(&open, &subject, &answer(1, " ")), vec![728]),
        ("t08 without points", asked(&open, &subject, &answer(0, "No.")), vec![728]),
        ("t08 as many as can be answered", asked(&open, &subject, &answer(200, "No.")), vec![]),
        ("t08 one more", asked(&open, &subject, &answer(201, "No.")), vec![881]),
        (
            "t09 no right to it",
            asked(&noticed(&no_hearing), &subject, &Command::RequestHearing),
            vec![729],
        ),
        (
            "t12 before its day",
            asked(&heard, &officer(1), &Command::CloseHearing { protocol: "P-1".into() }),
            vec![730],
        ),
        (
            "t12 without a protocol",
            {
                let mut world = heard.clone();
                world.wait_until(instant("2026-03-12T01:00:00Z"), &mut Seen::default());
                asked(&world, &officer(1), &Command::CloseHearing { protocol: " ".into() })
            },
            vec![731],
        ),
        (
            "t14 i02 while the subject may answer",
            asked(&open, &one, &upheld(&open, |_| {})),
            vec![727],
        ),
        ("t14 by an officer", asked(&due, &officer(1), &upheld(&due, |_| {})), vec![701]),
        ("t14 i50 by the officer", asked(&due, &decider(9), &upheld(&due, |_| {})), vec![702]),
        ("t14 as noticed", decided(|_| {}), vec![]),
        ("t14 a point unanswered", decided(|o| assert!(o.answers.remove(&1).is_some())), vec![732]),
        (
            "t14 a point answered with nothing",
            decided(|o| assert!(o.answers.insert(2, " ".into()).is_some())),
            vec![732],
        ),
        (
            "t14 a point answered that nobody raised",
            decided(|o| assert!(o.answers.insert(3, "No.".into()).is_none())),
            vec![880],
        ),
        ("t14 no reasons", decided(|o| o.reasons = " ".into()), vec![733]),
        ("t14 no number", decided(|o| o.document.number.clear()), vec![731]),
        ("i24 graver than noticed", decided(|o| o.severity = Some(Severity::Serious)), vec![734]),
        (
            "i24 another measure than noticed",
            decided(|o| assert!(o.measures.insert(measure("zz.closure")))),
            vec![734],
        ),
        ("i24 longer than noticed", decided(|o| o.end = End::On(day("2026-10-03"))), vec![734]),
        (
            "i24 i04 without end",
            decided(|o| o.end = End::Indefinite { basis: "x".into() }),
            vec![734, 203],
        ),
        ("i24 i04 lighter than the law knows", decided(|o| o.severity = None), vec![719]),
        (
            "i02 decided before the window was over",
            decided(|o| o.document.date = o.document.date.plus_days(-1)),
            vec![711],
        ),
        (
            "t14 served tomorrow",
            decided(|o| o.document.served_on = o.document.served_on.next()),
            vec![711],
        ),
        (
            "i09 over before it begins",
            decided(|o| o.end = End::On(day("2026-03-16"))),
            vec![205, 722],
        ),
        ("t15 no reasons", asked(&due, &one, &reasons("")), vec![733]),
        (
            "t42 too late to take effect",
            {
                let (mut world, mut seen) = (stands.clone(), Seen::default());
                let (end, sooner) = (world.case(0).term.end_at.unwrap(), 24 * 5);
                world.wait_until(end.plus_hours(-sooner), &mut seen);
                let until = world.case(0).term.start.unwrap().plus_months(12);
                let command = changed(&world, Purpose::Extension, |d| d.end_max = Some(until));
                must(&mut world, &officer(1), &command, &mut seen);
                must(&mut world, &subject, &Command::Waive, &mut seen);
                let outcome = upheld(&world, |o| {
                    o.end = End::On(until);
                    // Nobody answered this notice.
                    o.answers.clear();
                });
                asked(&world, &one, &outcome)
            },
            vec![743],
        ),
        (
            "t55 no law for it",
            asked(&hosted(&no_interim), &one, &need("risk", "portal")),
            vec![736],
        ),
        ("t55 i50 by the officer", asked(&fresh, &decider(9), &need("risk", "portal")), vec![702]),
        ("t55 no need stated", asked(&fresh, &one, &need("", "portal")), vec![725]),
        (
            "t30 a good record without notice",
            asked(&permit, &one, &withdraw(WithdrawalReason::Revoked)),
            vec![723],
        ),
        (
            "t30 a good record without notice, whatever the reason is called",
            asked(&permit, &one, &withdraw(WithdrawalReason::WrongSubject)),
            vec![723],
        ),
    ])
}
