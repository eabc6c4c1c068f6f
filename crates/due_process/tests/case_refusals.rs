//! Decision tables: every refusal of the rules of proceedings, by number, with what brings it about.
//! The last test sees that none is left out.

mod support;

use std::collections::BTreeSet;

use domain::authority::AuthorityKey;
use domain::case::{
    Actor, Attestation, Conduct, DecisionDocument, FlagGround, NoticeItem, ObjectionGround,
    Purpose, Severity, StayReason, WithdrawalReason,
};
use domain::civil::{End, Instant};
use domain::limits::Ground;
use domain::organisation::OrganisationKind;
use domain::record::{Body, Registration};
use domain::refusal::{Problem, Refusal};
use goodstanding_due_process::case::{Case, Command, Outcome, Submission, SubmissionFacts};
use policy::procedure::PeriodKey;
use support::Law;
use support::law::{condition, day, decider, instant, measure, officer, organisation, reviewer};
use support::moves::{conditions, draft, outcome};
use support::world::{Seen, World, heard, interim, mirrored, must, permitted, published, repaired};

const SIMPLE: Option<Severity> = Some(Severity::General);

fn empty(law: &Law) -> World<'_> {
    World::new(law, instant("2026-03-02T01:00:00Z"))
}

fn numbers(result: Result<impl Sized, Vec<Problem>>) -> Vec<u16> {
    match result {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| problem.refusal.number()).collect(),
    }
}

/// What a submission is refused for.
fn submitted(law: &Law, submission: &Submission, facts: &SubmissionFacts<'_>) -> Vec<u16> {
    submitted_by(law, submission, facts, &decider(9))
}

fn submitted_by(
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
fn asked(world: &World<'_>, actor: &Actor, command: &Command) -> Vec<u16> {
    numbers(world.ask(0, actor, command))
}

/// An imported penalty, changed.
fn imported(law: &Law, change: impl FnOnce(&mut Submission)) -> Submission {
    let mut submission = law.imported(1, day("2026-03-02"));
    change(&mut submission);
    submission
}

/// A row: what it is about, what is refused, what was to be.
type Row = (&'static str, Vec<u16>, Vec<u16>);

fn all_fit(rows: Vec<Row>) -> BTreeSet<u16> {
    let wrong: Vec<&Row> = rows.iter().filter(|(_, found, expected)| found != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    rows.iter().flat_map(|(_, found, _)| found.clone()).collect()
}

fn submissions(law: &Law) -> BTreeSet<u16> {
    let facts = || law.facts(SIMPLE);
    let with = |change: fn(&mut Submission)| submitted(law, &imported(law, change), &facts());
    let told = |change: &dyn Fn(&mut SubmissionFacts<'_>)| {
        let mut facts = facts();
        change(&mut facts);
        submitted(law, &imported(law, |_| {}), &facts)
    };
    let stands = published(&empty(law)).case(0);
    let correcting = |change: &dyn Fn(&mut Case)| {
        let mut case = stands.clone();
        change(&mut case);
        let mut facts = facts();
        facts.predecessor = Some(&case);
        let mut submission = law.imported(2, day("2026-03-02"));
        submission.predecessor = Some(stands.record);
        submitted(law, &submission, &facts)
    };
    all_fit(vec![
        ("t01 an ordinary one is accepted", with(|_| {}), vec![]),
        ("t01 hosted", submitted(law, &law.hosted(1), &facts()), vec![]),
        (
            "t01 i50 by the subject",
            submitted_by(law, &law.hosted(1), &facts(), &Actor::Subject),
            vec![701],
        ),
        (
            "t01 i50 by a reviewer",
            submitted_by(law, &law.hosted(1), &facts(), &reviewer(1)),
            vec![701],
        ),
        (
            "i27 an identity number in a text",
            with(|s| s.case_number = "C-1 of 11010519491231002X".into()),
            vec![102],
        ),
        (
            "i27 an e-mail address in a field",
            with(|s| s.attestations[0].reference = "li@example.org".into()),
            vec![102],
        ),
        (
            "i49 another authority",
            with(|s| s.authority = AuthorityKey::new("zz.other-office").unwrap()),
            vec![704],
        ),
        (
            "i49 another territory",
            told(&|facts| {
                facts.territory =
                    Box::leak(Box::new(domain::case::Territory::new("zy-lantern").unwrap()));
            }),
            vec![704],
        ),
        (
            "i32 decided before the entry was in force",
            with(|s| {
                let date = day("2023-12-31");
                s.decision = Some(DecisionDocument { number: "D".into(), date, served_on: date });
                s.conduct = None;
                s.end = Some(End::On(day("2024-10-01")));
            }),
            vec![705, 722],
        ),
        (
            "i36 under a pack adopted yesterday",
            told(&|facts| facts.in_use_from = instant("2026-03-30T00:00:00Z")),
            vec![706],
        ),
        (
            "fields of another type",
            submitted(
                law,
                &imported(law, |s| s.body = Body::Registration(Registration::default())),
                &facts(),
            ),
            vec![707],
        ),
        ("i29 by name alone", told(&|facts| facts.is_identified = false), vec![708]),
        (
            "i25 a kind the entry does not cover",
            told(&|facts| facts.kind = OrganisationKind::Foundation),
            vec![709],
        ),
        (
            "a protected kind without a court",
            told(&|facts| facts.kind = OrganisationKind::Union),
            vec![103],
        ),
        ("i33 no ground", with(|s| s.grounds.clear()), vec![710]),
        ("i33 a ground of another entry", with(|s| s.grounds.push(Ground::Tax)), vec![710]),
        (
            "v05 conduct after the decision",
            with(|s| {
                s.conduct = Some(Conduct { from: day("2026-03-01"), to: day("2026-03-03") });
            }),
            vec![711],
        ),
        (
            "v05 served tomorrow",
            with(|s| s.decision.as_mut().unwrap().served_on = day("2026-03-03")),
            vec![711],
        ),
        ("v06 a document twice", told(&|facts| facts.document_repeated = true), vec![712]),
        (
            "i03 hosted, but decided",
            submitted(
                law,
                &Submission { decision: imported(law, |_| {}).decision, ..law.hosted(1) },
                &facts(),
            ),
            vec![713],
        ),
        ("i03 imported, not decided", with(|s| s.decision = None), vec![714]),
        (
            "i03 decided without a number",
            with(|s| s.decision.as_mut().unwrap().number = " ".into()),
            vec![714],
        ),
        (
            "i03 a5 missing",
            with(|s| s.attestations.retain(|a| a.attestation != Attestation::Remedies)),
            vec![715],
        ),
        (
            "i03 a3 without a reference",
            with(|s| s.attestations[2].reference = "  ".into()),
            vec![715],
        ),
        ("i12 corrects what stands", correcting(&|_| {}), vec![]),
        (
            "i12 corrects another authority's",
            correcting(&|case| case.authority = AuthorityKey::new("zz.other").unwrap()),
            vec![716],
        ),
        (
            "i12 corrects another organisation's",
            correcting(&|case| case.organisation = organisation(7)),
            vec![716],
        ),
        (
            "i12 corrects what it was not told of",
            with(|s| s.predecessor = Some(support::law::record(5))),
            vec![716],
        ),
        (
            "t04 repeats what was not returned",
            with(|s| s.resubmission_of = Some(support::law::record(5))),
            vec![717],
        ),
        (
            "v07 graver than the rules give",
            with(|s| s.severity = Some(Severity::Serious)),
            vec![718],
        ),
        (
            "v07 no severity",
            submitted(
                without_default(),
                &without_default().hosted(1),
                &without_default().facts(None),
            ),
            vec![719],
        ),
        ("i04 too long", with(|s| s.end = Some(End::On(day("2027-03-03")))), vec![720]),
        ("i04 as long as may be", with(|s| s.end = Some(End::On(day("2027-03-02")))), vec![]),
        (
            "i05 beyond the ceiling",
            with(|s| {
                s.conduct = Some(Conduct { from: day("2021-01-01"), to: day("2021-06-01") });
                s.end = Some(End::On(day("2026-06-02")));
            }),
            vec![721],
        ),
        ("i04 without an end", with(|s| s.end = None), vec![203]),
        (
            "i04 without an end, no law says so",
            with(|s| s.end = Some(End::Indefinite { basis: "art. 1".into() })),
            vec![203],
        ),
        (
            "i09 over already",
            with(|s| {
                let date = day("2025-12-01");
                s.decision = Some(DecisionDocument { number: "D".into(), date, served_on: date });
                s.end = Some(End::On(day("2026-03-01")));
            }),
            vec![722],
        ),
        (
            "i09 over tonight",
            with(|s| {
                let date = day("2025-12-01");
                s.decision = Some(DecisionDocument { number: "D".into(), date, served_on: date });
                s.end = Some(End::On(day("2026-03-02")));
            }),
            vec![],
        ),
        (
            "ends before it begins",
            with(|s| s.end = Some(End::On(day("2026-03-01")))),
            vec![205, 722],
        ),
    ])
}

fn without_default() -> &'static Law {
    let mut law = Law::new();
    law.penalty.severity_default = None;
    Box::leak(Box::new(law))
}

fn noticed(law: &Law) -> World<'_> {
    let (mut world, mut seen) = (empty(law), Seen::default());
    world.submit(&law.hosted(1), &law.facts(SIMPLE), &decider(9), &mut seen).unwrap();
    let notice = serve(&world, Purpose::Record, 7);
    must(&mut world, &officer(1), &notice, &mut seen);
    world
}

fn serve(world: &World<'_>, purpose: Purpose, months: i64) -> Command {
    let today = world.law.today(world.now);
    Command::ServeNotice(draft(purpose, today.plus_months(months), today))
}

/// A notice of an otherwise complete draft, changed.
fn changed(
    world: &World<'_>,
    purpose: Purpose,
    change: impl FnOnce(&mut goodstanding_due_process::case::NoticeDraft),
) -> Command {
    let today = world.law.today(world.now);
    let mut draft = draft(purpose, today.plus_months(7), today);
    change(&mut draft);
    Command::ServeNotice(draft)
}

fn deciding(law: &Law) -> World<'_> {
    let mut world = noticed(law);
    let mut seen = Seen::default();
    let answer = Command::Represent { points: 2, text: "1. No. 2. No.".into() };
    must(&mut world, &Actor::Subject, &answer, &mut seen);
    let until = world.case(0).next_boundary().unwrap();
    world.wait_until(until, &mut seen);
    world
}

fn upheld(world: &World<'_>, change: impl FnOnce(&mut Outcome)) -> Command {
    let today = world.law.today(world.now);
    let mut outcome = outcome(today.plus_months(6), 2, today);
    change(&mut outcome);
    Command::Uphold(outcome)
}

fn standstill(law: &Law) -> World<'_> {
    let (mut world, mut seen) = (empty(law), Seen::default());
    let submission = imported(law, |_| {});
    world.submit(&submission, &law.facts(SIMPLE), &decider(9), &mut seen).unwrap();
    let open = Command::OpenPrecheck { service: "portal".into() };
    must(&mut world, &Actor::Registry, &open, &mut seen);
    world
}

fn hosted(law: &Law) -> World<'_> {
    let (mut world, mut seen) = (empty(law), Seen::default());
    world.submit(&law.hosted(1), &law.facts(SIMPLE), &decider(9), &mut seen).unwrap();
    world
}

fn chains(law: &Law) -> BTreeSet<u16> {
    let (fresh, open, due) = (hosted(law), noticed(law), deciding(law));
    let heard = heard(&empty(law));
    let stands = published(&empty(law));
    let repaired = repaired(&empty(law));
    let permit = permitted(&empty(law));
    let interim = interim(&empty(law));
    let (subject, one) = (Actor::Subject, decider(1));
    let answer = |points, text: &str| Command::Represent { points, text: text.into() };
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
    };
    all_fit(vec![
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
            "t06 without measures",
            record(|d| assert!(d.items.remove(&NoticeItem::Measures))),
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
        ("t14 a point unanswered", decided(|o| o.points_answered = 1), vec![732]),
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
                asked(&world, &one, &upheld(&world, |o| o.end = End::On(until)))
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

fn withdraw(reason: WithdrawalReason) -> Command {
    Command::Withdraw { reason, reference: "O-1".into(), ordered_on: None }
}

fn stay(reason: StayReason) -> Command {
    Command::Stay { reason, reference: "O-1".into() }
}

fn publication(law: &Law) -> BTreeSet<u16> {
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
            asked(&stands, &one, &Command::Correct { successor: support::law::record(8) }),
            vec![716],
        ),
        (
            "t45 no decision named",
            asked(
                &stands,
                &one,
                &Command::Impute { successor: organisation(2), reference: "".into() },
            ),
            vec![731],
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

fn aside(from: &str, until: &str, reasons: &str) -> Command {
    Command::OverrideMeasure {
        measure: measure("zz.bid-ban"),
        from: day(from),
        until: day(until),
        reasons: reasons.into(),
    }
}

fn ends(law: &Law) -> BTreeSet<u16> {
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
        ("t41 unmet", asked(&ripe, &one, &release("something")), vec![740]),
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

fn packs(law: &Law) -> BTreeSet<u16> {
    let mut no_period = Law::new();
    no_period.rules.periods.remove(&PeriodKey::Standstill);
    let mut short_calendar = Law::new();
    short_calendar.rules.calendar.until = day("2026-03-20");
    let undecided = deciding(&no_period);
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
    ])
}

/// What a peer's record is refused for.
fn mirrors(law: &Law) -> BTreeSet<u16> {
    let rule = support::explore::recognition();
    let unmet = ["list-published".to_owned()];
    let by = |actor: &Actor,
              change: &dyn Fn(&mut Submission),
              tell: &dyn Fn(&mut goodstanding_due_process::case::MirrorFacts<'_>)| {
        let mut world = empty(law);
        let mut submission = imported(law, |s| s.severity = SIMPLE);
        change(&mut submission);
        let mut facts = goodstanding_due_process::case::MirrorFacts {
            submission: law.facts(SIMPLE),
            origin: "registry.example.org/log",
            position: 7,
            stands: true,
            is_original: true,
            rule: &rule,
            unmet: &[],
            fresh_until: world.now.plus_hours(24),
        };
        tell(&mut facts);
        numbers(world.recognise(&submission, &facts, actor, &mut Seen::default()))
    };
    let told = |tell: &dyn Fn(&mut goodstanding_due_process::case::MirrorFacts<'_>)| {
        by(&Actor::Registry, &|_| {}, tell)
    };
    let with = |change: &dyn Fn(&mut Submission)| by(&Actor::Registry, change, &|_| {});
    let live = {
        let mut world = empty(law);
        mirrored(&mut world, &mut Seen::default()).unwrap();
        world
    };
    let stale = Command::SeeOrigin { fresh_until: Instant::from_micros(0) };
    all_fit(vec![
        ("t50 every condition holds", told(&|_| {}), vec![]),
        ("t50 by the peer itself", by(&Actor::Peer, &|_| {}, &|_| {}), vec![701]),
        (
            "i53 a condition does not hold",
            {
                let mut world = empty(law);
                let submission = imported(law, |s| s.severity = SIMPLE);
                let facts = goodstanding_due_process::case::MirrorFacts {
                    submission: law.facts(SIMPLE),
                    origin: "registry.example.org/log",
                    position: 7,
                    stands: true,
                    is_original: true,
                    rule: &rule,
                    unmet: &unmet,
                    fresh_until: world.now.plus_hours(24),
                };
                numbers(world.recognise(
                    &submission,
                    &facts,
                    &Actor::Registry,
                    &mut Seen::default(),
                ))
            },
            vec![749],
        ),
        ("i52 a mirror of a mirror", told(&|facts| facts.is_original = false), vec![750]),
        ("i51 does not stand there", told(&|facts| facts.stands = false), vec![751]),
        (
            "i51 not heard since",
            told(&|facts| facts.fresh_until = Instant::from_micros(0)),
            vec![751],
        ),
        ("i51 heard of the past only", asked(&live, &Actor::Peer, &stale), vec![751]),
        ("i29 by name alone", told(&|facts| facts.submission.is_identified = false), vec![708]),
        (
            "a protected kind",
            told(&|facts| facts.submission.kind = OrganisationKind::Union),
            vec![103],
        ),
        (
            "i25 another kind",
            told(&|facts| facts.submission.kind = OrganisationKind::Foundation),
            vec![709],
        ),
        ("i04 without an end", with(&|s| s.end = None), vec![203]),
        ("i09 over already", with(&|s| s.end = Some(End::On(day("2026-03-01")))), vec![722]),
        ("a ground of another entry", with(&|s| s.grounds.push(Ground::Tax)), vec![710]),
        (
            "another type",
            with(&|s| s.body = Body::Registration(Registration::default())),
            vec![707],
        ),
        ("i27 a person in it", with(&|s| s.case_number = "li@example.org".into()), vec![102]),
        (
            "i52 no repair here",
            asked(
                &live,
                &Actor::Subject,
                &Command::ApplyRepair { conditions: conditions(), text: "x".into() },
            ),
            vec![703],
        ),
        (
            "i52 no extension here",
            asked(&live, &officer(1), &serve(&live, Purpose::Extension, 7)),
            vec![703],
        ),
    ])
}

#[test]
fn t01_t04_i03_i09_i29_i32_i49_what_may_not_be_submitted() {
    submissions(&Law::new());
}

#[test]
fn t05_t17_i02_i24_i50_what_no_chain_allows() {
    chains(&Law::new());
}

#[test]
fn t19_t33_i21_i23_what_no_publication_allows() {
    publication(&Law::new());
}

#[test]
fn t34_t48_i16_what_no_end_allows() {
    ends(&Law::new());
}

#[test]
fn i62_what_a_pack_leaves_out_is_no_guess() {
    packs(&Law::new());
}

#[test]
fn t50_t52_i51_i52_i53_what_is_not_recognised() {
    mirrors(&Law::new());
}

#[test]
fn every_refusal_of_proceedings_is_in_a_table() {
    let law = Law::new();
    let tables = [submissions, chains, publication, ends, packs, mirrors];
    let met: BTreeSet<u16> = tables.iter().flat_map(|table| table(&law)).collect();
    let expected: Vec<u16> = Refusal::ALL
        .iter()
        .map(|refusal| refusal.number())
        .filter(|number| (701..=751).contains(number))
        .collect();
    let missing: Vec<u16> = expected.into_iter().filter(|number| !met.contains(number)).collect();
    assert_eq!(missing, Vec::<u16>::new());
}
