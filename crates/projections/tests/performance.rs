//! Figures of authorities: from the log alone, a day after the deadline at the latest, and after
//! what they were counted from is gone.

mod support;

use domain::case::{AccountHandle, Actor, Revision, Step};
use domain::civil::Instant;
use domain::event::ErasureUnit;
use domain::performance::{Cell, Figure, SizeClass};
use goodstanding_projections::answers::{Performance, PerformanceBasis};
use ledger::wire::{Leaf, Statement};
use proptest::prelude::*;
use support::case::{self, Told};
use support::history::{History, any_ops};
use support::{Who, World, authority, day, instant};

fn revision() -> Revision {
    case::revision("Moonwharf", day("2027-05-31"))
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
        (told.step(officer(), Step::Submitted(Box::new(revision()))), false),
        (told.step(Actor::Registry, Step::ValidationPassed { next_by }), false),
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
    world.append(vec![(told.step(Actor::Registry, opened), false)], Vec::new());
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
    world.append(vec![(told.step(Actor::Registry, opened), false)], Vec::new());
    world.follow(1);
    state(&mut world, "2026-04-03T00:00:00Z");
    assert_eq!(world.dump(), world.rebuilt_dump());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Callers keep the answer while what it follows from is the same: so that must always tell.
    #[test]
    fn figures_that_follow_from_the_same_are_the_same(ops in any_ops(), seed in any::<u64>()) {
        let mut history = History::new(seed);
        let mut kept: Vec<(PerformanceBasis, Vec<Performance>)> = Vec::new();
        history.world.follow(1_000);
        for op in &ops {
            history.run(op);
            // A reader that is behind keeps answers too.
            if seed >> (kept.len() % 64) & 1 == 0 {
                history.world.follow(1_000);
            }
            let (public, reader) = (history.world.public(), history.world.reader());
            let now = history.world.now;
            let earlier = [None, Some(now.plus_hours(-30)), Some(now.plus_hours(-24 * 40))];
            for (on, now) in earlier.into_iter().map(|on| (on, now)).chain([
                (None, now.plus_hours(24)),
                (None, now.plus_hours(24 * 35)),
            ]) {
                let (basis, told) = public.performances(&reader, on, now).unwrap();
                prop_assert_eq!(&basis, &public.performance_basis(&reader, on, now).unwrap());
                for (of, before) in &kept {
                    if *of == basis {
                        prop_assert_eq!(before, &told);
                    }
                }
                kept.push((basis, told));
            }
        }
    }
}

#[test]
fn a_day_that_is_settled_is_counted_once_whatever_is_committed() {
    let mut world = World::new(8);
    submitted(&mut world, "A");
    let basis = |world: &World, now: &str| {
        world.public().performance_basis(&world.reader(), None, instant(now)).unwrap()
    };
    // Nothing was committed on the fifth yet: something of the fourth may still come.
    let open = basis(&world, "2026-03-05T00:00:01Z");
    world.now = instant("2026-03-05T07:00:00Z");
    submitted(&mut world, "B");
    let settled = basis(&world, "2026-03-05T08:00:00Z");
    assert_ne!(open, settled);
    world.now = instant("2026-03-05T09:00:00Z");
    let third = submitted(&mut world, "C");
    assert_eq!(basis(&world, "2026-03-05T23:00:00Z"), settled);
    world.ledger.erase(&[ErasureUnit::Record(third.record)], world.now).unwrap();
    world.follow(100);
    assert_ne!(basis(&world, "2026-03-05T23:00:00Z"), settled, "something was destroyed");
    assert_ne!(basis(&world, "2026-03-06T00:00:00Z"), settled, "another day");
}
