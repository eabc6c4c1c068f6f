//! Decisions on identity: a table of every refusal, and properties that hold for any order of
//! decisions.

use std::collections::BTreeSet;

use domain::civil::Instant;
use domain::event::Event;
use domain::identity::{
    IdentityDecision, IdentityKind, IdentityReason, OfficialSource, ReviewerHandle,
};
use domain::ids::{OrganisationId, RecordId};
use domain::organisation::OrganisationKind;
use domain::refusal::Refusal;
use goodstanding_due_process::identity::{
    Agreement, Command, Facts, Identities, Setting, Stage, decide,
};
use proptest::prelude::*;

const DAY: i64 = 86_400_000_000;
/// Days to answer, as the pack for every jurisdiction has it.
const NOTICE: u16 = 14;

fn at(days: i64) -> Instant {
    Instant::from_micros(1_780_000_000_000_000 + days * DAY)
}

fn organisation(number: u8) -> OrganisationId {
    OrganisationId::mint(at(0), [number; 10])
}

fn reviewer(number: u8) -> ReviewerHandle {
    ReviewerHandle::new(&format!("officer-{number}")).unwrap()
}

fn source() -> Option<OfficialSource> {
    OfficialSource::new("https://register.example.org/notices/1", "2026-01-02".parse().unwrap())
}

/// Two files that stand, share a number, and have nothing against them.
fn facts() -> Facts {
    Facts {
        have_files: true,
        agreement: Agreement::Share,
        names_alike: true,
        has_adverse: false,
        breaks_protection: false,
        kind: OrganisationKind::Enterprise,
        identifiers: Vec::new(),
        records: Vec::new(),
    }
}

/// A log of decisions, and who decides on it.
struct World {
    state: Identities,
    size: u64,
    reviewers: BTreeSet<ReviewerHandle>,
}

impl World {
    fn new() -> World {
        let reviewers = [1, 2, 3].map(reviewer).into();
        World { state: Identities::default(), size: 0, reviewers }
    }

    /// Decides as `by` after `days`, and applies what was decided; gives the number.
    fn act(&mut self, command: &Command, facts: &Facts, by: u8, days: i64) -> Result<u64, Refusal> {
        let setting = Setting {
            reviewer: &reviewer(by),
            reviewers: &self.reviewers,
            notice_days: Some(NOTICE),
            now: at(days),
        };
        let bodies = decide(&self.state, command, facts, &setting)?;
        let number = self.size;
        for body in bodies {
            self.state.apply(self.size, &Event { at: at(days), body });
            self.size += 1;
        }
        Ok(match command {
            Command::Propose { .. } => number,
            Command::Confirm { proposal } | Command::Refuse { proposal } => *proposal,
        })
    }

    /// Proposes and confirms.
    fn settle(&mut self, command: &Command, facts: &Facts) -> Result<u64, Refusal> {
        let proposal = self.act(command, facts, 1, 0)?;
        self.act(&Command::Confirm { proposal }, facts, 2, 0)
    }
}

fn propose(one: u8, other: u8, kind: IdentityKind, reason: IdentityReason) -> Command {
    let (organisation, other) = (organisation(one), organisation(other));
    let decision = IdentityDecision { organisation, other, kind };
    Command::Propose { decision, reason, source: source() }
}

fn same(one: u8, other: u8) -> Command {
    propose(one, other, IdentityKind::Same, IdentityReason::SameIdentifier)
}

fn distinct(one: u8, other: u8) -> Command {
    propose(one, other, IdentityKind::Distinct, IdentityReason::DifferentPlaces)
}

fn reversal(one: u8, other: u8, of: u64) -> Command {
    propose(one, other, IdentityKind::Reversal { of }, IdentityReason::DecidedInError)
}

#[test]
fn four_eyes_decide() {
    let mut world = World::new();
    assert_eq!(world.act(&same(1, 2), &facts(), 9, 0), Err(Refusal::ReviewerUnknown));
    let proposal = world.act(&same(1, 2), &facts(), 1, 0).unwrap();
    let confirm = Command::Confirm { proposal };
    assert_eq!(world.act(&confirm, &facts(), 1, 0), Err(Refusal::ReviewersSame));
    assert_eq!(world.act(&confirm, &facts(), 9, 0), Err(Refusal::ReviewerUnknown));
    assert_eq!(world.state.root(organisation(2)), organisation(2), "a proposal moves nothing");
    world.act(&confirm, &facts(), 2, 0).unwrap();
    assert_eq!(world.state.root(organisation(2)), organisation(1));
    assert_eq!(world.act(&confirm, &facts(), 3, 0), Err(Refusal::DecisionSettled));
    let unknown = Command::Confirm { proposal: 99 };
    assert_eq!(world.act(&unknown, &facts(), 2, 0), Err(Refusal::DecisionUnknown));
}

#[test]
fn a_refused_proposal_never_holds() {
    let mut world = World::new();
    let proposal = world.act(&same(1, 2), &facts(), 1, 0).unwrap();
    world.act(&Command::Refuse { proposal }, &facts(), 1, 0).unwrap();
    let confirm = Command::Confirm { proposal };
    assert_eq!(world.act(&confirm, &facts(), 2, 0), Err(Refusal::DecisionSettled));
    assert_eq!(world.state.proposal(proposal).unwrap().stage, Stage::Refused);
}

#[test]
fn i29_a_likeness_of_names_never_joins_against_numbers() {
    let alike = propose(1, 2, IdentityKind::Same, IdentityReason::NameAndPlaceAlike);
    let table = [
        (Agreement::Silent, true, true),
        (Agreement::Share, true, true),
        (Agreement::Disagree, true, false),
        (Agreement::Silent, false, false),
    ];
    for (agreement, names_alike, is_taken) in table {
        let facts = Facts { agreement, names_alike, ..facts() };
        let decided = World::new().act(&alike, &facts, 1, 0);
        assert_eq!(decided.is_ok(), is_taken, "{agreement:?} {names_alike}");
        if !is_taken {
            assert_eq!(decided, Err(Refusal::ReasonUnfit));
        }
    }
    // An identifier said to be shared has to be.
    let silent = Facts { agreement: Agreement::Silent, ..facts() };
    assert_eq!(World::new().act(&same(1, 2), &silent, 1, 0), Err(Refusal::ReasonUnfit));
    // What rests on a document cites it.
    let Command::Propose { decision, .. } = same(1, 2) else { panic!() };
    let reason = IdentityReason::OfficialNotice;
    let uncited = Command::Propose { decision, reason, source: None };
    assert_eq!(World::new().act(&uncited, &facts(), 1, 0), Err(Refusal::ReasonUnfit));
}

#[test]
fn adverse_records_move_after_the_notice_only() {
    let adverse = Facts { has_adverse: true, ..facts() };
    let mut world = World::new();
    let proposal = world.act(&same(1, 2), &adverse, 1, 0).unwrap();
    let confirm = Command::Confirm { proposal };
    for days in [0, 1, i64::from(NOTICE) - 1, i64::from(NOTICE)] {
        assert_eq!(world.act(&confirm, &adverse, 2, days), Err(Refusal::NoticeRunning), "{days}");
    }
    // An earlier clock is none: the caller takes the later of clock and last entry.
    assert_eq!(world.act(&confirm, &adverse, 2, -400), Err(Refusal::NoticeRunning));
    world.act(&confirm, &adverse, 2, i64::from(NOTICE) + 1).unwrap();
    // A mistake does not go on for the time of a notice.
    let undo = world.act(&reversal(1, 2, proposal), &adverse, 1, 16).unwrap();
    world.act(&Command::Confirm { proposal: undo }, &adverse, 2, 16).unwrap();
    assert_eq!(world.state.root(organisation(2)), organisation(2));
}

#[test]
fn without_a_period_in_a_pack_adverse_records_never_move() {
    let adverse = Facts { has_adverse: true, ..facts() };
    let reviewers: BTreeSet<ReviewerHandle> = [1, 2].map(reviewer).into();
    let mut state = Identities::default();
    let setting = |by: &'static ReviewerHandle, reviewers| Setting {
        reviewer: by,
        reviewers,
        notice_days: None,
        now: at(4_000),
    };
    let (one, two): (&'static _, &'static _) =
        (Box::leak(Box::new(reviewer(1))), Box::leak(Box::new(reviewer(2))));
    let bodies = decide(&state, &same(1, 2), &adverse, &setting(one, &reviewers)).unwrap();
    for body in bodies {
        state.apply(0, &Event { at: at(0), body });
    }
    let confirm = Command::Confirm { proposal: 0 };
    let decided = decide(&state, &confirm, &adverse, &setting(two, &reviewers));
    assert_eq!(decided, Err(Refusal::NoticeRunning));
}

#[test]
fn distinct_is_final_through_aliases() {
    let mut world = World::new();
    world.settle(&same(1, 2), &facts()).unwrap();
    let number = world.settle(&distinct(2, 3), &facts()).unwrap();
    for (one, other) in [(1, 3), (3, 1)] {
        assert_eq!(world.act(&same(one, other), &facts(), 1, 0), Err(Refusal::PairDistinct));
    }
    assert_eq!(world.act(&distinct(3, 2), &facts(), 1, 0), Err(Refusal::PairDistinct));
    let undo = reversal(2, 3, number);
    assert_eq!(world.act(&undo, &facts(), 1, 0), Err(Refusal::DecisionSettled), "final");
}

#[test]
fn what_cannot_stand_is_refused() {
    let mut world = World::new();
    assert_eq!(world.act(&same(1, 1), &facts(), 1, 0), Err(Refusal::IdentityUnfit));
    let gone = Facts { have_files: false, ..facts() };
    assert_eq!(world.act(&same(1, 2), &gone, 1, 0), Err(Refusal::IdentityUnfit));
    let protected = Facts { breaks_protection: true, ..facts() };
    assert_eq!(world.act(&same(1, 2), &protected, 1, 0), Err(Refusal::ProtectedKind));
    world.settle(&same(1, 2), &facts()).unwrap();
    for pair in [same(2, 1), same(1, 2), same(3, 2), same(2, 3), distinct(1, 2)] {
        assert_eq!(world.act(&pair, &facts(), 1, 0), Err(Refusal::IdentityUnfit), "{pair:?}");
    }
    // A split names what is on the file, and leaves something there.
    let record = RecordId::mint(at(0), [7; 10]);
    for records in [vec![], vec![record]] {
        let kind = IdentityKind::Split { records, identifiers: Vec::new() };
        let split = propose(1, 9, kind, IdentityReason::MixedRecords);
        assert_eq!(world.act(&split, &facts(), 1, 0), Err(Refusal::SplitUnfit));
    }
    assert_eq!(world.act(&reversal(1, 2, 77), &facts(), 1, 0), Err(Refusal::DecisionUnknown));
}

#[derive(Debug, Clone)]
enum Step {
    Same(u8, u8),
    Distinct(u8, u8),
    ReverseLast,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u8..6, 0_u8..6).prop_map(|(one, other)| Step::Same(one, other)),
        (0_u8..6, 0_u8..6).prop_map(|(one, other)| Step::Distinct(one, other)),
        Just(Step::ReverseLast),
    ]
}

proptest! {
    #[test]
    fn any_order_keeps_pairs_apart_and_chains_without_a_circle(
        steps in prop::collection::vec(step(), 0..24)
    ) {
        let mut world = World::new();
        let mut merges: Vec<(u64, u8, u8, Vec<OrganisationId>)> = Vec::new();
        let mut apart: Vec<(u8, u8)> = Vec::new();
        let roots = |world: &World| (0..6).map(|of| world.state.root(organisation(of))).collect();
        for step in steps {
            match step {
                Step::Same(one, other) => {
                    let before: Vec<OrganisationId> = roots(&world);
                    if let Ok(number) = world.settle(&same(one, other), &facts()) {
                        merges.push((number, one, other, before));
                    }
                }
                Step::Distinct(one, other) => {
                    if world.settle(&distinct(one, other), &facts()).is_ok() {
                        apart.push((one, other));
                    }
                }
                Step::ReverseLast => {
                    if let Some((number, one, other, before)) = merges.pop() {
                        world.settle(&reversal(one, other, number), &facts()).unwrap();
                        // The last merge undone, everything stands where it stood before it.
                        prop_assert_eq!(roots(&world), before);
                    }
                }
            }
            for (one, other) in &apart {
                let (one, other) = (organisation(*one), organisation(*other));
                prop_assert!(world.state.is_distinct(one, other));
                prop_assert_ne!(world.state.root(one), world.state.root(other));
            }
            for of in 0..6 {
                let root = world.state.root(organisation(of));
                prop_assert_eq!(world.state.root(root), root, "a root is no alias");
                prop_assert!(world.state.members(root).contains(&organisation(of)));
            }
        }
    }
}
