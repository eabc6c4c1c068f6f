//! Steps of proceedings: sealed until an entry opens them, and public in part only.

mod support;

use domain::adoption::{PackAdopted, PackName, ReviewerPair};
use domain::case::{
    Actor, Attestation, Attested, CaseEvent, CatalogueKey, DecisionDocument, Mode, ObjectionGround,
    Procedure, Revision, Severity, Step, WithdrawalReason,
};
use domain::civil::{End, Instant};
use domain::event::EventBody;
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::limits::{Act, Ground};
use domain::organisation::OrganisationKind;
use domain::record::{AdminPenalty, Body};
use due_process::case::{Exposure, State};
use goodstanding_projections::answers::FileAnswer;
use goodstanding_projections::{Announcements, DeskReader};
use ledger::wire::Leaf;
use support::{Who, World, authority, day, instant};

const SERVICE: &str = "what only the subject and the registry may read";
const NAME: &str = "Moonwharf Lantern Works Ltd";

/// A case of an authority, as its events tell it.
struct Told {
    organisation: OrganisationId,
    record: RecordId,
    /// Position of the registration; the submission follows it.
    first: u64,
}

impl Told {
    fn step(&self, actor: Actor, step: Step) -> EventBody {
        EventBody::Case(Box::new(CaseEvent {
            record: self.record,
            organisation: self.organisation,
            authority: authority(),
            actor,
            step,
        }))
    }
}

/// What an authority attests to have decided: public until the end of May.
fn revision() -> Revision {
    let attested =
        |attestation: &Attestation| Attested { attestation: *attestation, reference: "A".into() };
    Revision {
        number: 1,
        mode: Mode::ImportedFinal,
        entry: CatalogueKey::new("zz.penalty").unwrap(),
        kind: OrganisationKind::Enterprise,
        name_as_written: NAME.into(),
        grounds: vec![Ground::Environment],
        act: Act::Administrative,
        severity: Some(Severity::General),
        procedure: Procedure::Ordinary,
        case_number: "17/2026".into(),
        decision: Some(DecisionDocument {
            number: "D-17".into(),
            date: day("2026-02-20"),
            served_on: day("2026-02-21"),
        }),
        conduct: None,
        start: Some(day("2026-02-20")),
        end: Some(End::On(day("2026-05-31"))),
        end_at: Some(instant(END)),
        zone: "UTC".into(),
        published: true,
        retention_days: 30,
        under_review: false,
        late: false,
        attestations: Attestation::ALL.iter().map(attested).collect(),
        predecessor: None,
        resubmission_of: None,
        pack: "0".repeat(64),
        body: Body::AdminPenalty(AdminPenalty {
            sanction: Some("a fine".into()),
            ..Default::default()
        }),
    }
}

/// When the standstill is over, and when the last day is.
const PUBLIC: &str = "2026-03-04T00:00:00Z";
const END: &str = "2026-06-01T00:00:00Z";

/// The organisation, the submission, the check and the standstill; all sealed.
fn told(world: &mut World) -> Told {
    let (organisation, registered) = world.registered(&Who::named(NAME), &authority());
    let record = world.ledger.mint_record(world.now);
    let mut told = Told { organisation, record, first: 0 };
    let next_by = instant("2026-03-04T00:00:00Z");
    let opened =
        Step::PrecheckOpened { service: SERVICE.into(), standstill_until: instant(PUBLIC) };
    let events = [
        registered,
        told.step(Actor::Registry, Step::Submitted(Box::new(revision()))),
        told.step(Actor::Registry, Step::ValidationPassed { next_by }),
        told.step(Actor::Registry, opened),
    ];
    let drafts = events.into_iter().map(|event| (event, false)).collect();
    told.first = world.append(drafts, Vec::new());
    world.follow(2);
    told
}

/// What is due in all; here it is all about one organisation.
fn due(world: &World, told: &Told, now: Instant) -> Announcements {
    let tables = world.tables();
    let due = tables.announcements(now).unwrap();
    assert_eq!(tables.announcements_about(&[told.organisation], now).unwrap(), due);
    due
}

fn file(world: &World, told: &Told, now: Instant) -> Option<FileAnswer> {
    world.public().file(&world.reader(), told.organisation, None, None, now).unwrap()
}

fn bundle(world: &World, now: Instant) -> Vec<String> {
    let size = world.follow(100);
    let width = u16::try_from(size).unwrap();
    let text = world.public().payload_bundle(&world.reader(), 0, width, now);
    text.unwrap().unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn i01_p3_nothing_of_a_record_shows_before_its_standstill_is_over() {
    let mut world = World::new(1);
    let told = told(&mut world);
    let before = instant("2026-03-03T23:59:59Z");
    assert_eq!(due(&world, &told, before), Announcements::default());
    assert!(file(&world, &told, before).is_none());
    assert!(world.public().case(&world.reader(), told.record, before).unwrap().is_none());
    let published = world.public().published(&world.reader(), told.organisation, before);
    assert!(published.unwrap().is_empty());
    assert!(bundle(&world, before).iter().skip(told.first as usize).all(|l| l.ends_with("sealed")));
    // The parties see it all the same.
    let key = world.reader().mac_key().unwrap();
    let desk = DeskReader::open(&world.path("read.db"), key).unwrap();
    let case = desk.case(&world.reader(), told.record).unwrap().unwrap();
    assert_eq!(case.case.as_of(before).state(), State::Standstill);
    assert_eq!(case.steps.len(), 3);
}

#[test]
fn i06_time_alone_makes_a_record_public_and_ends_it() {
    let mut world = World::new(2);
    let told = told(&mut world);
    let (public, end) = (instant(PUBLIC), instant(END));
    let answer = file(&world, &told, public).expect("public at the instant");
    assert_eq!(answer.file.name.text, NAME);
    assert_eq!(answer.next_boundary, Some(end));
    let [view] = answer.file.proceedings.as_slice() else { panic!("one record") };
    assert_eq!(view.content.as_ref().unwrap().severity, Some(Severity::General));
    let kinds: Vec<&str> = answer.file.timeline.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["organisation_registered", "case_submitted"]);
    let shown = world.public().case(&world.reader(), told.record, public).unwrap().unwrap();
    assert!(shown.proof.holds);
    let published = world.public().published(&world.reader(), told.organisation, public).unwrap();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].facts().grounds, [Ground::Environment]);
    let boundaries = world.public().boundaries(public).unwrap();
    assert!(boundaries.1.is_some_and(|next| next <= end));
    // At its end it is as if it never was, with no entry having been made.
    assert!(file(&world, &told, end).is_none());
    assert!(world.public().case(&world.reader(), told.record, end).unwrap().is_none());
    assert!(world.public().published(&world.reader(), told.organisation, end).unwrap().is_empty());
    assert_eq!(world.dump(), world.rebuilt_dump());
}

#[test]
fn upkeep_opens_what_is_for_everybody_and_withholds_it_at_the_end() {
    let mut world = World::new(3);
    let told = told(&mut world);
    let (public, end) = (instant(PUBLIC), instant(END));
    let announced = due(&world, &told, public);
    // Registration and submission; the checks and the standstill are for the parties.
    assert_eq!(announced.open, [(told.first, told.first + 1)]);
    world.now = public;
    world.append(Vec::new(), vec![Leaf::Open { ranges: announced.open }]);
    let lines = bundle(&world, public);
    assert!(lines[told.first as usize + 1].contains("CaseSubmitted/1"));
    for position in [told.first + 2, told.first + 3] {
        assert_eq!(lines[position as usize], format!("{position} - sealed"));
    }
    assert!(!lines.concat().contains("17/2026"), "the case number is on request");
    assert_eq!(due(&world, &told, public), Announcements::default());
    let announced = due(&world, &told, end);
    assert_eq!(announced.withhold, [(told.first, told.first + 1)]);
    assert!(announced.open.is_empty());
    // Before any entry says so, nothing is served any more.
    let lines = bundle(&world, end);
    let position = told.first + 1;
    assert_eq!(lines[position as usize], format!("{position} - withheld"));
    assert_eq!(world.dump(), world.rebuilt_dump());
}

#[test]
fn i15_a_snapshot_made_while_a_record_was_public_stands_no_longer_than_the_record() {
    let mut world = World::new(5);
    let told = told(&mut world);
    let (public, end) = (instant(PUBLIC), instant(END));
    let below = world.follow(100);
    let holding =
        |world: &World, now: Instant| world.public().holding(&world.reader(), below, now).unwrap();
    let made = holding(&world, public);
    assert_eq!(holding(&world, instant("2026-04-01T00:00:00Z")), made);
    assert_ne!(holding(&world, end), made, "it ended");
    world.now = instant("2026-04-01T08:00:00Z");
    let repaired = told.step(Actor::Registry, Step::RepairGranted);
    world.append(vec![(repaired, false)], Vec::new());
    world.follow(100);
    assert_ne!(holding(&world, world.now), made, "it was repaired");
}

#[test]
fn i20_i13_an_objection_marks_the_record_and_a_withdrawal_leaves_a_reason_only() {
    let mut world = World::new(4);
    let told = told(&mut world);
    // A second record supports the file, so that a tombstone has a place to stand.
    let other = told_again(&mut world, &told);
    world.now = instant("2026-03-05T08:00:00Z");
    let at = |text: &str| instant(text);
    let filed = told.step(
        Actor::Subject,
        Step::ObjectionFiled {
            ground: ObjectionGround::Error,
            mark_by: at("2026-03-07T00:00:00Z"),
            forward_by: at("2026-03-08T00:00:00Z"),
            decide_by: at("2026-03-13T00:00:00Z"),
            text: SERVICE.into(),
        },
    );
    world.append(vec![(filed, false)], Vec::new());
    world.follow(100);
    let exposure = |world: &World, now: Instant| {
        let file = file(world, &told, now).unwrap().file;
        let view = file.proceedings.iter().find(|view| view.record == told.record);
        view.map(|view| view.exposure)
    };
    let marked = Exposure::Shown { objected: true, interim: false };
    assert_eq!(exposure(&world, world.now), Some(marked));
    // Silence hides it (T27).
    assert_eq!(exposure(&world, at("2026-03-13T00:00:00Z")), None);
    let withdrawn = told.step(
        Actor::Court,
        Step::Withdrawn {
            reason: WithdrawalReason::Annulled,
            reference: SERVICE.into(),
            due_by: None,
            tombstone_until: at("2026-04-01T00:00:00Z"),
        },
    );
    world.now = at("2026-03-14T08:00:00Z");
    world.append(vec![(withdrawn, false)], Vec::new());
    world.follow(100);
    let tombstone = Exposure::WithdrawnTombstone(WithdrawalReason::Annulled);
    assert_eq!(exposure(&world, world.now), Some(tombstone));
    let answer = file(&world, &told, world.now).unwrap();
    let view = answer.file.proceedings.iter().find(|view| view.record == told.record).unwrap();
    assert!(view.content.is_none(), "a tombstone has no content");
    assert!(!format!("{:?}", answer.file).contains(SERVICE));
    // I-14: and then nothing.
    assert_eq!(exposure(&world, at("2026-04-01T00:00:00Z")), None);
    assert!(exposure_of(&world, &other, at("2026-04-01T00:00:00Z")).is_some());
    assert_eq!(world.dump(), world.rebuilt_dump());
}

#[test]
fn i15_what_is_left_of_a_corrected_record_goes_with_the_repair_of_its_successor() {
    let mut world = World::new(6);
    let told = told(&mut world);
    // Another record supports the file.
    let other = told_again(&mut world, &told);
    world.now = instant("2026-03-05T08:00:00Z");
    let record = world.ledger.mint_record(world.now);
    let successor = Told { organisation: told.organisation, record, first: 0 };
    let corrected =
        Step::Corrected { successor: record, tombstone_until: instant("2026-05-01T00:00:00Z") };
    let revised = Revision { predecessor: Some(told.record), ..revision() };
    let opened = Step::PrecheckOpened {
        service: SERVICE.into(),
        standstill_until: instant("2026-03-10T00:00:00Z"),
    };
    let next_by = instant("2026-03-10T00:00:00Z");
    let events = [
        successor.step(Actor::Registry, Step::Submitted(Box::new(revised))),
        successor.step(Actor::Registry, Step::ValidationPassed { next_by }),
        told.step(Actor::Registry, corrected),
        successor.step(Actor::Registry, opened),
    ];
    world.append(events.into_iter().map(|event| (event, false)).collect(), Vec::new());
    world.follow(1);
    let april = instant("2026-04-01T00:00:00Z");
    assert_eq!(exposure_of(&world, &told, april), Some(Exposure::CorrectedTombstone));
    assert!(exposure_of(&world, &successor, april).is_some());
    world.now = april;
    let repaired = successor.step(Actor::Registry, Step::RepairGranted);
    world.append(vec![(repaired, false)], Vec::new());
    world.follow(1);
    assert_eq!(exposure_of(&world, &successor, april), None);
    assert_eq!(exposure_of(&world, &told, april), None, "the tombstone would tell of the repair");
    assert!(exposure_of(&world, &other, april).is_some());
    assert_eq!(world.dump(), world.rebuilt_dump());
}

/// Another record about the same organisation, public at the same instant.
fn told_again(world: &mut World, told: &Told) -> Told {
    let record = world.ledger.mint_record(world.now);
    let other = Told { organisation: told.organisation, record, first: 0 };
    let next_by = instant("2026-03-04T00:00:00Z");
    let opened =
        Step::PrecheckOpened { service: SERVICE.into(), standstill_until: instant(PUBLIC) };
    let events = [
        other.step(Actor::Registry, Step::Submitted(Box::new(revision()))),
        other.step(Actor::Registry, Step::ValidationPassed { next_by }),
        other.step(Actor::Registry, opened),
    ];
    let drafts = events.into_iter().map(|event| (event, false)).collect();
    world.append(drafts, Vec::new());
    world.follow(100);
    other
}

fn exposure_of(world: &World, told: &Told, now: Instant) -> Option<Exposure> {
    let file = file(world, told, now)?.file;
    let view = file.proceedings.iter().find(|view| view.record == told.record);
    view.map(|view| view.exposure)
}

#[test]
fn what_was_adopted_is_served_while_it_is_open() {
    let mut world = World::new(3);
    let [one, two] = ["registrar-1", "officer-2"].map(|text| ReviewerHandle::new(text).unwrap());
    let adopted = EventBody::PackAdopted(PackAdopted {
        pack: PackName::new("cn").unwrap(),
        hash: "a".repeat(64),
        by: ReviewerPair::new(one, two).unwrap(),
        in_use_from: world.now,
    });
    let first = world.append(vec![(adopted, true)], Vec::new());
    assert!(bundle(&world, world.now)[first as usize].contains("PackAdopted/1"));
}
