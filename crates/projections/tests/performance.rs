//! Figures of authorities: from the log alone, a day after the deadline at the latest, and after
//! what they were counted from is gone.

mod support;

use domain::case::{
    AccountHandle, Actor, Attestation, Attested, CaseEvent, CatalogueKey, DecisionDocument, Mode,
    Procedure, Revision, Severity, Step,
};
use domain::civil::{End, Instant};
use domain::event::{ErasureUnit, EventBody};
use domain::ids::{OrganisationId, RecordId};
use domain::limits::{Act, Ground};
use domain::organisation::OrganisationKind;
use domain::performance::{Cell, Figure, SizeClass};
use domain::record::{AdminPenalty, Body};
use goodstanding_projections::answers::Performance;
use ledger::wire::{Leaf, Statement};
use support::{Who, World, authority, day, instant};

fn revision() -> Revision {
    let attested =
        |attestation: &Attestation| Attested { attestation: *attestation, reference: "A".into() };
    Revision {
        number: 1,
        mode: Mode::ImportedFinal,
        entry: CatalogueKey::new("zz.penalty").unwrap(),
        kind: OrganisationKind::Enterprise,
        name_as_written: "Moonwharf".into(),
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
        end: Some(End::On(day("2027-05-31"))),
        end_at: Some(instant("2027-06-01T00:00:00Z")),
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

struct Told {
    organisation: OrganisationId,
    record: RecordId,
}

impl Told {
    fn step(&self, actor: Actor, step: Step) -> (EventBody, bool) {
        let event = EventBody::Case(Box::new(CaseEvent {
            record: self.record,
            organisation: self.organisation,
            authority: authority(),
            actor,
            step,
        }));
        (event, false)
    }
}

fn officer() -> Actor {
    Actor::Authority(AccountHandle::new("officer-1").unwrap())
}

/// An imported record whose check the registry has to open by March 4.
fn submitted(world: &mut World, name: &str) -> Told {
    let (organisation, registered) = world.registered(&Who::named(name), &authority());
    let told = Told { organisation, record: world.ledger.mint_record(world.now) };
    let next_by = instant("2026-03-04T00:00:00Z");
    let steps = vec![
        (registered, false),
        told.step(officer(), Step::Submitted(Box::new(revision()))),
        told.step(Actor::Registry, Step::ValidationPassed { next_by }),
    ];
    world.append(steps, Vec::new());
    world.follow(2);
    told
}

fn performance(world: &World, now: &str) -> Option<Performance> {
    world.public().performance(&world.reader(), &authority(), None, instant(now)).unwrap()
}

fn running(world: &World, now: &str, figure: Figure) -> Cell {
    performance(world, now).unwrap().running.unwrap().cell(figure)
}

fn due(world: &World, now: &str) -> Vec<Statement> {
    world.tables().statements_due(&world.reader(), instant(now)).unwrap()
}

fn state(world: &mut World, now: &str) -> u64 {
    let leaves = due(world, now).into_iter().map(|it| Leaf::Statistics(Box::new(it))).collect();
    world.now = instant(now);
    let from = world.append(Vec::new(), leaves);
    world.follow(1);
    from
}

/// Months told, with whether the log states them.
fn months(performance: &Performance) -> Vec<(String, bool)> {
    let month = |told: &goodstanding_projections::answers::ToldMonth| {
        (told.figures.month.to_string(), told.stated_at.is_some())
    };
    performance.months.iter().map(month).collect()
}

#[test]
fn i54_a_missed_deadline_shows_the_next_day_without_any_job() {
    let mut world = World::new(1);
    submitted(&mut world, "A");
    let missed = |now: &str| running(&world, now, Figure::EntryMissed);
    assert_eq!(performance(&world, "2026-03-01T13:00:00Z"), None, "a day is told the next day");
    assert_eq!(running(&world, "2026-03-02T00:00:00Z", Figure::SubmittedInTime), Cell::Few);
    assert_eq!(missed("2026-03-03T23:59:59.999999Z"), Cell::Shown(0));
    assert_eq!(missed("2026-03-04T00:00:00Z"), Cell::Few);
    // Asked about an earlier day, only what had passed then.
    let on = Some(instant("2026-03-03T10:00:00Z"));
    let now = instant("2026-03-20T00:00:00Z");
    let then = world.public().performance(&world.reader(), &authority(), on, now).unwrap();
    assert_eq!(then.unwrap().running.unwrap().cell(Figure::EntryMissed), Cell::Shown(0));
    // What was to be missed is not missed if something happens before.
    let mut world = World::new(1);
    let told = submitted(&mut world, "A");
    world.now = instant("2026-03-03T20:00:00Z");
    let until = instant("2026-03-09T00:00:00Z");
    let opened = Step::PrecheckOpened { service: "portal".into(), standstill_until: until };
    world.append(vec![told.step(Actor::Registry, opened)], Vec::new());
    world.follow(1);
    assert_eq!(running(&world, "2026-03-05T00:00:00Z", Figure::EntryMissed), Cell::Shown(0));
    assert_eq!(running(&world, "2026-03-05T00:00:00Z", Figure::EntryInTime), Cell::Few);
}

#[test]
fn boundaries_of_answers_include_the_day_of_the_figures() {
    let mut world = World::new(1);
    submitted(&mut world, "A");
    let (last, next) = world.public().boundaries(instant("2026-03-02T09:00:00Z")).unwrap();
    assert_eq!(last, Some(instant("2026-03-02T00:00:00Z")));
    assert_eq!(next, Some(instant("2026-03-03T00:00:00Z")));
}

#[test]
fn a_month_is_stated_once_when_it_is_over_and_tells_what_was_told_before() {
    let mut world = World::new(1);
    for name in ["A", "B", "C"] {
        submitted(&mut world, name);
    }
    assert_eq!(due(&world, "2026-03-31T23:59:59.999999Z"), []);
    let before = performance(&world, "2026-04-02T00:00:00Z").unwrap();
    assert_eq!(months(&before), [("2026-03".into(), false)]);
    let march = &before.months[0].figures;
    assert_eq!(march.cell(Figure::SubmittedInTime), Cell::Shown(3));
    // Nobody else than the three: the one way from the one to the other leaves no room, and needs
    // none, for both are told.
    assert_eq!(march.cell(Figure::EntryMissed), Cell::Shown(3));
    assert_eq!((march.sealed, march.hidden), (Some(SizeClass::Three), SizeClass::UnderThree));
    state(&mut world, "2026-04-02T00:00:00Z");
    let after = performance(&world, "2026-04-02T00:00:00Z").unwrap();
    assert_eq!(months(&after), [("2026-03".into(), true)]);
    assert_eq!(after.months[0].figures, before.months[0].figures);
    assert_eq!(due(&world, "2026-04-30T00:00:00Z"), []);
    // Late: two months at once, the one without any act included.
    let late = due(&world, "2026-06-02T00:00:00Z");
    let stated: Vec<String> = late.iter().map(|it| it.month.to_string()).collect();
    assert_eq!(stated, ["2026-04", "2026-05"]);
    state(&mut world, "2026-06-02T00:00:00Z");
    assert_eq!(due(&world, "2026-06-02T00:00:00Z"), []);
    assert_eq!(world.dump(), world.rebuilt_dump());
}

#[test]
fn p4_statements_stand_after_everything_they_were_counted_from_is_destroyed() {
    let mut world = World::new(1);
    let told = [submitted(&mut world, "A"), submitted(&mut world, "B"), submitted(&mut world, "C")];
    let position = state(&mut world, "2026-04-02T00:00:00Z");
    let before = performance(&world, "2026-05-02T00:00:00Z").unwrap();
    let units: Vec<ErasureUnit> = told.iter().map(|it| ErasureUnit::Record(it.record)).collect();
    world.ledger.erase(&units, world.now).unwrap().unwrap();
    world.follow(100);
    let after = performance(&world, "2026-05-02T00:00:00Z").unwrap();
    assert_eq!(after.months[0], before.months[0]);
    assert_eq!(after.months[0].stated_at, Some(position));
    assert_eq!(after.months[0].figures.cell(Figure::SubmittedInTime), Cell::Shown(3));
    // April is told of what is left.
    assert_eq!(after.months[1].figures.sealed, Some(SizeClass::UnderThree));
    assert_eq!(world.dump(), world.rebuilt_dump());
    // The entry holds keys of authorities and figures, and nothing of any organisation.
    let entry = String::from_utf8(world.reader().entry(position).unwrap().unwrap()).unwrap();
    assert!(entry.contains(r#""submitted_in_time":3"#), "{entry}");
    for told in &told {
        assert!(!entry.contains(&told.record.to_string()));
        assert!(!entry.contains(&told.organisation.to_string()));
    }
}

#[test]
fn an_authority_that_submitted_nothing_has_no_figures_and_a_registry_without_cases_states_none() {
    let world = World::new(1);
    world.follow(10);
    assert_eq!(performance(&world, "2027-01-01T00:00:00Z"), None);
    assert_eq!(due(&world, "2027-01-01T00:00:00Z"), []);
}

#[test]
fn tables_are_equal_whatever_the_steps_they_were_followed_in() {
    let mut world = World::new(1);
    let told = submitted(&mut world, "A");
    world.now = instant("2026-03-10T00:00:00Z");
    let until: Instant = instant("2026-03-12T00:00:00Z");
    let opened = Step::PrecheckOpened { service: "portal".into(), standstill_until: until };
    world.append(vec![told.step(Actor::Registry, opened)], Vec::new());
    world.follow(1);
    state(&mut world, "2026-04-03T00:00:00Z");
    assert_eq!(world.dump(), world.rebuilt_dump());
}
