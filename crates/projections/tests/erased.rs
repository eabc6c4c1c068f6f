//! What was destroyed is taken out of the tables where it is: afterwards they are, row for row,
//! what a rebuild makes of what is left, and no byte of it is in their file.

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use support::World;
use support::history::{History, Op, any_ops};

fn assert_same(history: &History) {
    let (dump, rebuilt) = (history.world.dump(), history.world.rebuilt_dump());
    let one: BTreeSet<&str> = dump.lines().collect();
    let other: BTreeSet<&str> = rebuilt.lines().collect();
    let here: Vec<_> = one.difference(&other).collect();
    let there: Vec<_> = other.difference(&one).collect();
    assert!(here.is_empty() && there.is_empty(), "only here {here:#?}, only anew {there:#?}");
    assert_eq!(dump, rebuilt);
}

/// Follows, and gives how often the tables had to be made anew.
fn follow(history: &History) -> u64 {
    let reader = history.world.reader();
    let mut tables = history.world.tables();
    tables.follow(&reader, reader.size().unwrap(), &mut |_| {}).unwrap();
    tables.scrub().unwrap();
    tables.times_anew()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn tables_that_lost_something_are_what_a_rebuild_makes_of_what_is_left(
        ops in any_ops(),
        step in 1_usize..7,
        seed in any::<u64>(),
    ) {
        let mut history = History::new(seed);
        for (number, op) in ops.iter().enumerate() {
            let is_erasing = matches!(
                op,
                Op::EraseRecord { .. } | Op::EraseCase { .. } | Op::EraseOrganisation { .. }
            );
            // Read while it was there, or only after it was destroyed.
            if is_erasing && seed >> (number % 64) & 1 == 1 {
                prop_assert_eq!(follow(&history), 0);
            }
            history.run(op);
            if is_erasing || number % step == 0 {
                prop_assert_eq!(follow(&history), 0, "nothing was made anew");
                assert_same(&history);
            }
        }
    }
}

/// Where the bytes lie in any file of the tables.
fn found(world: &World, bytes: &[u8]) -> Vec<String> {
    ["read.db", "read.db-wal"]
        .into_iter()
        .filter(|file| {
            let stored = std::fs::read(world.path(file)).unwrap_or_default();
            stored.windows(bytes.len()).any(|window| window == bytes)
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_byte_of_what_was_destroyed_is_left_in_the_file() {
    let mut history = History::new(11);
    // Enough that pages are split and rows move between them.
    for number in 0..400 {
        history.run(&Op::Register { source: number % 3, entry: None, owner: false });
        history.run(&Op::Quote { organisation: number, source: number % 3, row: 5 });
        history.run(&Op::Submit { organisation: number });
        if number % 5 == 0 {
            follow(&history);
        }
    }
    for number in 0..400 {
        history.run(&Op::Open { case: number * 7 });
        history.run(&Op::Revise { record: number * 3, organisation: number });
    }
    follow(&history);
    let case = history.cases[200].0.record;
    let quoted = history.quoted[300].id;
    for id in [case, quoted] {
        assert_eq!(found(&history.world, &id.bytes()).len(), 1, "it was there");
    }
    history.run(&Op::EraseCase { case: 200 });
    history.run(&Op::EraseRecord { record: 300 });
    follow(&history);
    for id in [case, quoted] {
        assert!(found(&history.world, &id.bytes()[6..14]).is_empty(), "{id}");
    }
    let (organisation, name) = history.organisations[17].clone();
    let word = name.split(' ').next().unwrap().to_lowercase();
    assert!(!found(&history.world, word.as_bytes()).is_empty());
    history.run(&Op::EraseOrganisation { organisation: 17, alone: false });
    follow(&history);
    // A space after it: `firm37` begins `firm370` as well.
    assert!(found(&history.world, format!("{word} ").as_bytes()).is_empty());
    assert!(found(&history.world, &organisation.bytes()).is_empty());
    assert_same(&history);
}

#[test]
fn a_record_that_moved_on_outlives_the_file_it_came_from() {
    let mut history = History::new(3);
    for _ in 0..2 {
        history.run(&Op::Register { source: 0, entry: None, owner: false });
    }
    history.run(&Op::Quote { organisation: 0, source: 0, row: 1 });
    history.run(&Op::Revise { record: 0, organisation: 1 });
    follow(&history);
    let shown = |history: &History| {
        let (world, now) = (&history.world, history.world.now);
        let id = history.organisations[1].0;
        let file = world.public().file(&world.reader(), id, None, None, now).unwrap();
        file.map(|answer| answer.file.records.len())
    };
    assert_eq!(shown(&history), Some(1));
    history.run(&Op::EraseOrganisation { organisation: 0, alone: true });
    follow(&history);
    assert_eq!(shown(&history), Some(1), "it is about another one now");
    assert_same(&history);
}

#[test]
fn what_is_about_nobody_is_shown_to_nobody_and_can_still_be_destroyed() {
    let mut history = History::new(4);
    history.run(&Op::Register { source: 0, entry: None, owner: false });
    history.run(&Op::Quote { organisation: 0, source: 0, row: 1 });
    history.run(&Op::Submit { organisation: 0 });
    history.run(&Op::Open { case: 0 });
    history.run(&Op::EraseOrganisation { organisation: 0, alone: true });
    follow(&history);
    let (world, later) = (&history.world, history.world.now.plus_hours(72));
    for now in [world.now, later] {
        let (public, reader) = (world.public(), world.reader());
        assert!(public.record(&reader, history.quoted[0].id, now).unwrap().is_none());
        assert!(public.case(&reader, history.cases[0].0.record, now).unwrap().is_none());
        assert_eq!(public.figures(&reader, now).unwrap().records, 0);
        let lists = public.lists(&reader, now).unwrap();
        assert!(lists.iter().all(|list| list.shown == 0));
    }
    let case = history.cases[0].0.record;
    assert_eq!(world.tables().subject_of(case).unwrap(), Some(None));
    history.run(&Op::EraseCase { case: 0 });
    history.run(&Op::EraseRecord { record: 0 });
    follow(&history);
    assert_eq!(history.world.tables().subject_of(case).unwrap(), None);
    assert_same(&history);
}

#[test]
fn a_crash_before_the_file_is_written_anew_is_made_good_by_the_next_call() {
    let mut history = History::new(5);
    for _ in 0..200 {
        history.run(&Op::Register { source: 0, entry: None, owner: false });
    }
    follow(&history);
    let id = history.organisations[40].0;
    history.run(&Op::EraseOrganisation { organisation: 40, alone: true });
    let reader = history.world.reader();
    let mut tables = history.world.tables();
    tables.follow(&reader, reader.size().unwrap(), &mut |_| {}).unwrap();
    // Another handle, which knows nothing of what is to be looked for.
    drop(tables);
    history.world.tables().scrub().unwrap();
    assert!(found(&history.world, &id.bytes()).is_empty());
    let remnants: i64 = rusqlite::Connection::open(history.world.path("read.db"))
        .unwrap()
        .query_row("SELECT count(*) FROM remnant", [], |row| row.get(0))
        .unwrap();
    assert_eq!(remnants, 0);
}

#[test]
fn erasing_a_successor_leaves_the_tombstone_of_what_it_replaced_to_itself() {
    let mut history = History::new(6);
    history.run(&Op::Register { source: 0, entry: None, owner: false });
    history.run(&Op::Submit { organisation: 0 });
    history.run(&Op::Open { case: 0 });
    history.world.now = history.world.now.plus_hours(72);
    history.run(&Op::Correct { case: 0 });
    history.run(&Op::Repair { case: 1 });
    follow(&history);
    history.run(&Op::EraseCase { case: 1 });
    assert_eq!(follow(&history), 0);
    assert_same(&history);
}
