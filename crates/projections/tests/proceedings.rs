//! Steps of proceedings: sealed until an entry opens them, and public in part only.

mod support;

use domain::adoption::{PackAdopted, PackName, ReviewerPair};
use domain::authority::AuthorityKey;
use domain::case::{Actor, CaseEvent, Notice, NoticeItem, Purpose, Step};
use domain::event::EventBody;
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use ledger::Opened;
use ledger::wire::Leaf;
use support::{World, day, instant};

const FACTS: &str = "what only the subject and the decider may read";
const REASON: &str = "what everybody may read";

fn step(world: &World, step: Step) -> EventBody {
    EventBody::Case(Box::new(CaseEvent {
        record: RecordId::mint(world.now, [1; 10]),
        organisation: OrganisationId::mint(world.now, [2; 10]),
        authority: AuthorityKey::new("zz.office").unwrap(),
        actor: Actor::Registry,
        step,
    }))
}

fn notice() -> Step {
    Step::NoticeServed(Box::new(Notice {
        purpose: Purpose::Record,
        items: NoticeItem::ALL.to_vec(),
        severity: None,
        end_max: None,
        measures: Vec::new(),
        service: "by letter".into(),
        served_on: day("2026-03-01"),
        represent_until: day("2026-03-15"),
        hearing_until: None,
        window_ends_at: instant("2026-03-16T00:00:00Z"),
        decide_by: instant("2026-06-01T00:00:00Z"),
        facts: FACTS.into(),
    }))
}

fn bundle(world: &World) -> Vec<String> {
    let size = world.follow(100);
    let width = u16::try_from(size).unwrap();
    let text = world.public().payload_bundle(&world.reader(), 0, width, world.now);
    text.unwrap().unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn p3_steps_are_sealed_until_an_entry_opens_them_and_upkeep_leaves_them_alone() {
    let mut world = World::new(1);
    let events = vec![(step(&world, notice()), false), (step(&world, Step::Published), false)];
    let first = world.append(events, Vec::new());
    let lines = bundle(&world);
    for position in [first, first + 1] {
        assert_eq!(lines[position as usize], format!("{position} - sealed"));
    }
    let due = world.tables().announcements(world.now).unwrap();
    assert_eq!((due.open, due.withhold), (Vec::new(), Vec::new()));
    // An entry opens one; upkeep does not take it back either.
    world.append(Vec::new(), vec![Leaf::Open { ranges: vec![(first + 1, first + 1)] }]);
    let lines = bundle(&world);
    assert_eq!(lines[first as usize], format!("{first} - sealed"));
    assert!(lines[first as usize + 1].contains("CasePublished/1"));
    let due = world.tables().announcements(world.now).unwrap();
    assert_eq!((due.open, due.withhold), (Vec::new(), Vec::new()));
    world.append(
        Vec::new(),
        vec![Leaf::Withhold { ranges: vec![(first + 1, first + 1)], fields: vec![] }],
    );
    assert_eq!(bundle(&world)[first as usize + 1], format!("{} - withheld", first + 1));
    assert_eq!(world.dump(), world.rebuilt_dump());
}

#[test]
fn an_open_step_is_served_without_what_is_not_for_the_public() {
    let mut world = World::new(2);
    let reasons = REASON.to_owned();
    let overridden = Step::MeasureOverridden {
        measure: domain::case::MeasureId::new("zz.measure").unwrap(),
        from: day("2026-03-01"),
        until: day("2026-03-02"),
        reasons,
    };
    let events = vec![(step(&world, notice()), true), (step(&world, overridden), true)];
    let first = world.append(events, Vec::new());
    let lines = bundle(&world);
    let (notice, overridden) = (&lines[first as usize], &lines[first as usize + 1]);
    assert!(notice.contains("NoticeServed/1") && !notice.contains('\t'), "{notice}");
    assert_eq!(overridden.matches('\t').count(), 1);
    let reader = world.reader();
    let public = world.public();
    for position in [first, first + 1] {
        let answer = public.log_entry(&reader, position, world.now).unwrap().unwrap();
        let opening = answer.opening.unwrap();
        assert_eq!(ledger::wire::payload_line(position, &opening), lines[position as usize]);
        let shown = format!("{:?}", ledger::wire::unseal(&opening).unwrap());
        assert!(!shown.contains(FACTS));
        assert_eq!(shown.contains(REASON), position > first);
    }
    // The registry itself still has all of it.
    let Some(Opened::Event(event, opening)) = reader.event(first).unwrap() else { unreachable!() };
    assert!(format!("{event:?}").contains(FACTS));
    assert_eq!(opening.disclosures.len(), 2);
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
    assert!(bundle(&world)[first as usize].contains("PackAdopted/1"));
}
