//! What time brings about, on an injected clock: nothing here waits.

mod support;

use std::path::Path;

use domain::civil::{Day, Instant, Zone};
use domain::event::EventBody;
use domain::refusal::Refusal;
use goodstanding::clock::{Clock, FixedClock};
use goodstanding::import::{self, Effect, Outcome, ROWS_PER_BATCH, Reading, Request};
use goodstanding::{registry::Registry, setup, upkeep};
use ledger::{LedgerReader, Opened};
use support::{Place, ceis_file, ceis_row};

/// Imports `text` at the time `clock` shows.
fn import_at(place: &Place, text: &str, clock: &FixedClock) -> Outcome {
    import_as(place, text, clock, Reading::AsProfiled)
}

fn import_as(place: &Place, text: &str, clock: &FixedClock, extent: Reading) -> Outcome {
    import_of(place, text, clock, extent, None)
}

/// The same of another day than today.
fn import_of(
    place: &Place,
    text: &str,
    clock: &FixedClock,
    extent: Reading,
    as_of: Option<Day>,
) -> Outcome {
    let directory = place.registry();
    let file = place.write("file.csv", text);
    let packs = setup::load_packs(&directory).unwrap();
    let profile = setup::load_profile(&directory, "small", &packs).unwrap();
    let today = import::today(&profile, &packs, clock.now());
    let request = Request {
        directory: &directory,
        packs: &packs,
        profile: &profile,
        file: &file,
        as_of: as_of.unwrap_or(today),
        today: as_of.unwrap_or(today).max(today),
        extent,
        effect: Effect::Commit,
        accept_vanished: None,
        rows_per_batch: ROWS_PER_BATCH,
        quarantine: None,
        receipts: None,
    };
    let mut ledger = setup::open_writer(&directory).unwrap();
    import::run(&request, &mut ledger, clock).unwrap()
}

fn noon(day: Day) -> Instant {
    Zone::UTC.start_of(day).plus_hours(12)
}

fn opened(directory: &Path) -> usize {
    let reader = LedgerReader::open(directory).unwrap();
    (0..reader.size().unwrap())
        .filter(|position| matches!(reader.event(*position).unwrap(), Some(Opened::Event(..))))
        .count()
}

#[test]
fn an_end_is_announced_once_and_holds_before_that() {
    let place = Place::with_registry();
    let directory = place.registry();
    // Later than the registry's first entries, whose time is the machine's.
    let start = support::today().plus_days(1);
    let clock = std::sync::Arc::new(FixedClock::new(noon(start)));
    let rows = [ceis_row(1, start.plus_days(2)), ceis_row(2, start.plus_days(400))];
    let outcome = import_at(&place, &ceis_file(&rows), &clock);
    assert_eq!(outcome.accepted, 2);
    assert_eq!(upkeep::run(&directory, clock.now()).unwrap(), None, "nothing is due yet");
    assert_eq!(upkeep::run_in_turn(&directory, clock.now()).unwrap(), None);
    let registry = Registry::open(&directory, clock.clone()).unwrap();
    let hits = |what: &str| registry.search(what, 10).unwrap().hits.len();
    assert_eq!(hits(&support::cnpj(1)), 1);
    // Expired: the answer changes at the instant, without any entry.
    clock.set(noon(start.plus_days(4)));
    assert_eq!((hits(&support::cnpj(1)), hits(&support::cnpj(2))), (0, 1));
    let before = opened(&directory);
    // What is found first and judged again in turn is all there is.
    let announced = upkeep::run_in_turn(&directory, clock.now()).unwrap();
    assert!(announced.is_some(), "a withhold entry follows");
    assert_eq!(upkeep::run_in_turn(&directory, clock.now()).unwrap(), None, "and only one");
    assert_eq!(upkeep::run(&directory, clock.now()).unwrap(), None);
    assert_eq!(opened(&directory), before, "withheld is not destroyed");
    // Not read again: not current, then hidden.
    clock.set(noon(start.plus_days(20)));
    assert_eq!(hits(&support::cnpj(2)), 0);
    // Read again: back, by announcement too.
    let outcome = import_at(&place, &ceis_file(&rows[1..]), &clock);
    assert_eq!(outcome.held, None);
    assert_eq!((outcome.unchanged, outcome.ended), (1, 0), "what ended by itself did not vanish");
    assert_eq!(hits(&support::cnpj(2)), 1);
    place.run(&["verify", directory.to_str().unwrap()]).expect(0);
}

/// A registry whose list keeps the key of a row when its last day changes.
fn with_lasting_keys() -> Place {
    let place = Place::with_registry();
    let text = std::fs::read_to_string(place.path("small.toml")).unwrap();
    let loose = place.write("small.toml", &text.replace("occurrence = [\"data_final\"]\n", ""));
    place.run(&["profile", "adopt", loose.to_str().unwrap()]).expect(0);
    place
}

/// What the last reading on the log says: rows, standing, vanished.
fn last_reading(directory: &Path) -> (u64, u64, u64) {
    let reader = LedgerReader::open(directory).unwrap();
    let snapshot = (0..reader.size().unwrap()).rev().find_map(|position| {
        let Some(Opened::Event(event, _)) = reader.event(position).unwrap() else { return None };
        match event.body {
            EventBody::SnapshotTaken(event) => Some((event.rows, event.standing, event.vanished)),
            _ => None,
        }
    });
    snapshot.unwrap()
}

#[test]
fn a_term_that_a_partial_file_shortens_does_not_go_on_here() {
    let place = with_lasting_keys();
    let start = support::today().plus_days(1);
    let clock = FixedClock::new(noon(start));
    let mut rows: Vec<_> = (1..=10).map(|seed| ceis_row(seed, start.plus_days(400))).collect();
    import_at(&place, &ceis_file(&rows), &clock);
    assert_eq!(last_reading(&place.registry()), (10, 10, 0));
    clock.set(noon(start.plus_days(3)));
    rows[4] = ceis_row(5, start.plus_days(1));
    // Two rows of ten: the one that is over ends, what is not in the file goes on.
    let outcome = import_as(&place, &ceis_file(&rows[4..6]), &clock, Reading::Partial);
    assert_eq!((outcome.rows, outcome.already_ended, outcome.unchanged), (2, 1, 1));
    assert_eq!(outcome.ended, 1);
    assert_eq!(last_reading(&place.registry()), (2, 9, 1));
    let again = import_as(&place, &ceis_file(&rows[4..6]), &clock, Reading::Partial);
    assert_eq!((again.already_ended, again.unchanged, again.ended), (1, 1, 0));
    assert_eq!(last_reading(&place.registry()), (2, 9, 0));
    let registry = Registry::open(&place.registry(), std::sync::Arc::new(clock)).unwrap();
    for (seed, hits) in [(5, 0), (6, 1), (7, 1)] {
        assert_eq!(registry.search(&support::cnpj(seed), 10).unwrap().hits.len(), hits, "{seed}");
    }
    place.run(&["verify", place.registry().to_str().unwrap()]).expect(0);
}

#[test]
fn a_term_that_the_publisher_shortened_does_not_go_on_here() {
    let place = with_lasting_keys();
    let start = support::today().plus_days(1);
    let clock = FixedClock::new(noon(start));
    let mut rows: Vec<_> = (1..=40).map(|seed| ceis_row(seed, start.plus_days(400))).collect();
    import_at(&place, &ceis_file(&rows), &clock);
    clock.set(noon(start.plus_days(3)));
    rows[4] = ceis_row(5, start.plus_days(1));
    let outcome = import_at(&place, &ceis_file(&rows), &clock);
    assert_eq!((outcome.held, outcome.already_ended, outcome.unchanged), (None, 1, 39));
    assert_eq!(outcome.ended, 1);
    let registry = Registry::open(&place.registry(), std::sync::Arc::new(clock)).unwrap();
    assert_eq!(registry.search(&support::cnpj(5), 10).unwrap().hits.len(), 0);
    assert_eq!(registry.search(&support::cnpj(6), 10).unwrap().hits.len(), 1);
}

#[test]
fn i65_terms_shortened_by_the_dozen_are_held_as_rows_that_vanish_are() {
    let place = with_lasting_keys();
    let start = support::today().plus_days(1);
    let clock = FixedClock::new(noon(start));
    let rows: Vec<_> = (1..=40).map(|seed| ceis_row(seed, start.plus_days(400))).collect();
    import_at(&place, &ceis_file(&rows), &clock);
    clock.set(noon(start.plus_days(3)));
    // A publisher whose export went wrong: one day that is past in every row but one.
    let mut wrong: Vec<_> = (1..=40).map(|seed| ceis_row(seed, start.plus_days(1))).collect();
    wrong[7] = rows[7].clone();
    let outcome = import_at(&place, &ceis_file(&wrong), &clock);
    assert_eq!(outcome.held, Some(Refusal::TooManyVanished));
    assert_eq!((outcome.ended, outcome.log), (0, None));
    assert_eq!(outcome.problems[0].detail.as_deref(), Some("39 would vanish"));
    let registry = Registry::open(&place.registry(), std::sync::Arc::new(clock)).unwrap();
    assert_eq!(registry.search(&support::cnpj(5), 10).unwrap().hits.len(), 1);
}

/// The list is kept in São Paulo, three hours behind: a last day goes on there until 03:00 UTC.
#[test]
fn a_last_day_is_over_where_the_list_is_kept_and_not_before() {
    let place = with_lasting_keys();
    let start = support::today().plus_days(1);
    let last = start.plus_days(3);
    let clock = std::sync::Arc::new(FixedClock::new(noon(start)));
    let mut rows: Vec<_> = (1..=40).map(|seed| ceis_row(seed, start.plus_days(400))).collect();
    rows[4] = ceis_row(5, last);
    let file = ceis_file(&rows);
    import_at(&place, &file, &clock);
    let registry = Registry::open(&place.registry(), clock.clone()).unwrap();
    let hits = || registry.search(&support::cnpj(5), 10).unwrap().hits.len();
    // 01:00 in UTC of the day after: the evening of the last day there.
    clock.set(Zone::UTC.start_of(last.next()).plus_hours(1));
    let outcome = import_at(&place, &file, &clock);
    assert_eq!((outcome.unchanged, outcome.already_ended, outcome.ended), (40, 0, 0));
    assert_eq!(hits(), 1);
    // Read as of the day that it is in UTC: the row is over by then, and nobody shortened its term.
    let outcome = import_of(&place, &file, &clock, Reading::AsProfiled, Some(last.next()));
    assert_eq!((outcome.unchanged, outcome.already_ended, outcome.ended), (39, 1, 0));
    assert_eq!(hits(), 1);
    // Past 03:00 it ends by itself.
    clock.set(Zone::UTC.start_of(last.next()).plus_hours(4));
    assert_eq!(hits(), 0);
}

#[test]
fn a_vanished_row_that_comes_back_is_a_new_record() {
    let place = Place::with_registry();
    let start = support::today().plus_days(1);
    let clock = FixedClock::new(noon(start));
    let rows: Vec<_> = (1..=40).map(|seed| ceis_row(seed, start.plus_days(400))).collect();
    import_at(&place, &ceis_file(&rows), &clock);
    let outcome = import_at(&place, &ceis_file(&rows[..39]), &clock);
    assert_eq!((outcome.ended, outcome.unchanged), (1, 39));
    let outcome = import_at(&place, &ceis_file(&rows), &clock);
    assert_eq!((outcome.accepted, outcome.unchanged, outcome.ended), (1, 39, 0));
    let outcome = import_at(&place, &ceis_file(&rows), &clock);
    assert_eq!((outcome.unchanged, outcome.ended), (40, 0));
}
