//! What may not be submitted, and what is not recognised.

use crate::bench::*;
use std::collections::BTreeSet;

use crate::support::Law;
use crate::support::law::{day, instant, officer, organisation, reviewer};
use crate::support::moves::conditions;
use crate::support::world::{Seen, mirrored, published};
use domain::authority::AuthorityKey;
use domain::case::{Actor, Attestation, Conduct, DecisionDocument, Purpose, Severity};
use domain::civil::{End, Instant};
use domain::limits::Ground;
use domain::organisation::OrganisationKind;
use domain::record::{Body, Registration};
use goodstanding_due_process::case::{Case, Command, Submission, SubmissionFacts};

pub fn submissions(law: &Law) -> BTreeSet<u16> {
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
            vec![705, 803, 722],
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
            with(|s| s.predecessor = Some(crate::support::law::record(5))),
            vec![716],
        ),
        (
            "t04 repeats what was not returned",
            with(|s| s.resubmission_of = Some(crate::support::law::record(5))),
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
            "i05 beyond the ceiling, for what was no breach when it was done",
            with(|s| {
                s.conduct = Some(Conduct { from: day("2021-01-01"), to: day("2021-06-01") });
                s.end = Some(End::On(day("2026-06-02")));
            }),
            vec![802, 721],
        ),
        (
            "i05 no conduct, so that no ceiling is counted from its end",
            with(|s| s.conduct = None),
            vec![803],
        ),
        (
            "no conduct where no ceiling is counted either",
            submitted(
                without_ceiling(),
                &Submission { conduct: None, ..without_ceiling().hosted(1) },
                &without_ceiling().facts(SIMPLE),
            ),
            vec![803],
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

pub fn without_default() -> &'static Law {
    let mut law = Law::new();
    law.penalty.severity_default = None;
    Box::leak(Box::new(law))
}

pub fn without_ceiling() -> &'static Law {
    let mut law = Law::new();
    law.penalty.ceiling = None;
    Box::leak(Box::new(law))
}

/// What a peer's record is refused for.
pub fn mirrors(law: &Law) -> BTreeSet<u16> {
    let rule = crate::support::explore::recognition();
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
