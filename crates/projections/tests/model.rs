//! Random histories, compared with a plain list of rows: file, lists, search, announcements and
//! payload bundles agree at every instant looked at (P5, I-06, I-65, I-66).

mod support;

use std::collections::BTreeSet;

use domain::ids::RecordId;
use goodstanding_projections::PublicReader;
use goodstanding_projections::file::OrganisationFile;
use ledger::LedgerReader;
use proptest::prelude::*;
use support::model::{Identity, Model, Said, any_ops};

fn identity(file: &OrganisationFile) -> Identity {
    Identity {
        kind: file.kind.key(),
        name: file.name.text.clone(),
        other_names: file.other_names.iter().map(|claim| claim.name.text.clone()).collect(),
        identifiers: file.identifiers.iter().map(|shown| shown.claim.to_string()).collect(),
        timeline: file
            .timeline
            .iter()
            .filter(|entry| entry.record.is_none())
            .map(|entry| entry.position)
            .collect(),
    }
}

fn check_files(model: &Model, public: &PublicReader, reader: &LedgerReader, salt: u64) {
    let (now, size) = (model.world.now, reader.size().unwrap());
    for (at, organisation) in model.organisations.iter().enumerate() {
        let mix = salt.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(at as u64 * 7_919);
        let views = [
            (None, None),
            (Some(mix % (size + 1)), None),
            (None, Some(now.plus_hours((mix % 1_600) as i64 - 800))),
            (Some(mix / 7 % (size + 1)), Some(now.plus_hours((mix / 3 % 1_600) as i64 - 800))),
        ];
        for (position, on) in views {
            let found = public.file(reader, organisation.id, position, on, now).unwrap();
            let expected = model.file(at, position.unwrap_or(size), on.unwrap_or(now));
            let listed = found.map(|answer| {
                assert_eq!(answer.broken, 0);
                let expected = model.identity(at, position.unwrap_or(size));
                assert_eq!(identity(&answer.file), expected, "{} at {position:?}", organisation.id);
                let records = answer.file.records.iter();
                let listed = records.map(|view| (view.record.id, view.state.key()));
                listed.collect::<Vec<_>>()
            });
            assert_eq!(listed, expected, "{} at {position:?} on {on:?}", organisation.name);
        }
    }
}

fn check_records(model: &Model, public: &PublicReader, reader: &LedgerReader) {
    for row in &model.rows {
        let found = public.record(reader, row.id, model.world.now).unwrap();
        assert_eq!(found.is_some(), model.is_shown(row, model.world.now));
        let Some(answer) = found else { continue };
        assert_eq!(answer.view.record, row.record);
        assert_eq!(answer.view.read_on, model.last_read(row));
        assert_eq!(Some(&answer.view.position), row.positions.last());
        assert!(answer.proof.holds);
    }
}

fn check_lists(model: &Model, public: &PublicReader, reader: &LedgerReader) {
    let now = model.world.now;
    for (at, source) in model.sources.iter().enumerate() {
        let rows = || model.rows.iter().filter(|row| row.source == at);
        let shown: BTreeSet<RecordId> =
            rows().filter(|row| model.is_shown(row, now)).map(|row| row.id).collect();
        let current = rows().filter(|row| model.state(row, now) == "listed").count();
        let (mut found, mut after) = (Vec::new(), None);
        while let Some(page) = public.list(reader, &source.list, after, 3, now).unwrap() {
            assert_eq!(page.summary.shown, shown.len() as u64);
            assert_eq!(page.summary.current, current as u64);
            for entry in &page.entries {
                let about = entry.record.record.subject.organisation;
                let at = model.organisations.iter().position(|other| other.id == about).unwrap();
                assert_eq!(entry.name.text, model.identity(at, u64::MAX).name);
                found.push(entry.record.record.id);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, shown.into_iter().collect::<Vec<_>>());
    }
    let figures = public.figures(reader, now).unwrap();
    let supported = (0..model.organisations.len()).filter(|at| model.supports(*at)).count();
    assert_eq!(figures.organisations, supported as u64);
}

fn check_search(model: &Model, public: &PublicReader, reader: &LedgerReader) {
    for (at, organisation) in model.organisations.iter().enumerate() {
        let unique = organisation.name.split(' ').next().unwrap();
        let identity = model.identity(at, u64::MAX);
        let is_named = model.supports(at) && identity.name == organisation.name;
        for query in [&organisation.name, unique] {
            let answer = public.search(reader, query, 100, model.world.now).unwrap();
            let hits: Vec<_> = answer.hits.iter().map(|hit| hit.id).collect();
            assert_eq!(hits.contains(&organisation.id), is_named, "{query}");
        }
    }
    for own in &model.own {
        let (Said::Name(query) | Said::Identifier(query)) = &own.said else { continue };
        let answer = public.search(reader, query, 100, model.world.now).unwrap();
        let id = model.organisations[own.organisation].id;
        let is_found = answer.hits.iter().any(|hit| hit.id == id);
        assert_eq!(is_found, model.is_told(own), "{query}");
    }
}

fn check_announcements(model: &Model) {
    let due = model.world.tables().announcements(model.world.now).unwrap();
    let spread = |ranges: &[(u64, u64)]| -> BTreeSet<u64> {
        ranges.iter().flat_map(|(first, last)| *first..=*last).collect()
    };
    let (open, all) = model.should_be_open();
    let is_announced = |position: &&u64| model.announced.get(position) == Some(&true);
    let to_open: BTreeSet<u64> =
        open.iter().filter(|position| !is_announced(position)).copied().collect();
    let to_withhold: BTreeSet<u64> = all.difference(&open).filter(is_announced).copied().collect();
    assert_eq!((spread(&due.open), spread(&due.withhold)), (to_open, to_withhold));
    check_announcements_about(model, &spread(&due.open), &spread(&due.withhold));
}

/// What is due about one organisation after the other is what is due in all.
fn check_announcements_about(model: &Model, open: &BTreeSet<u64>, withhold: &BTreeSet<u64>) {
    let tables = model.world.tables();
    let (mut to_open, mut to_withhold) = (BTreeSet::new(), BTreeSet::new());
    let spread = |ranges: &[(u64, u64)], into: &mut BTreeSet<u64>| {
        into.extend(ranges.iter().flat_map(|(first, last)| *first..=*last));
    };
    for organisation in &model.organisations {
        let due = tables.announcements_about(&[organisation.id], model.world.now).unwrap();
        spread(&due.open, &mut to_open);
        spread(&due.withhold, &mut to_withhold);
    }
    assert_eq!((&to_open, &to_withhold), (open, withhold));
}

fn check_payload(model: &Model, public: &PublicReader, reader: &LedgerReader) {
    let (open, all) = model.should_be_open();
    let size = reader.size().unwrap();
    let width = (size % 256) as u16;
    let Some(bundle) = public.payload_bundle(reader, size / 256, width, model.world.now).unwrap()
    else {
        assert_eq!(width, 0);
        return;
    };
    let first = size / 256 * 256;
    for (line, position) in bundle.lines().zip(first..) {
        if !all.contains(&position) {
            continue;
        }
        let expected = match (model.announced.get(&position), open.contains(&position)) {
            (Some(true), true) => format!("{position} "),
            (Some(_), _) => format!("{position} - withheld"),
            (None, _) => format!("{position} - sealed"),
        };
        assert!(line.starts_with(&expected), "{position}: {line}");
    }
    assert_eq!(bundle.lines().count(), usize::from(width));
}

fn check(model: &Model, salt: u64) {
    let (public, reader) = (model.world.public(), model.world.reader());
    check_files(model, &public, &reader, salt);
    check_records(model, &public, &reader);
    check_lists(model, &public, &reader);
    check_search(model, &public, &reader);
    check_announcements(model);
    check_payload(model, &public, &reader);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 8,
        max_shrink_iters: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn p05_i06_everything_shown_agrees_with_a_plain_list_of_rows(
        ops in any_ops(),
        step in 1_u64..9,
        salt in any::<u64>(),
    ) {
        let mut model = Model::new(salt);
        for (number, op) in ops.iter().enumerate() {
            model.run(op);
            if number % 5 == 4 {
                model.world.follow(step);
                check(&model, salt ^ number as u64);
            }
        }
        model.world.follow(step);
        check(&model, salt);
        // Time alone, with no job running: the answers follow at the instant.
        for hours in [1, 24, 24 * 7, 24 * 30] {
            model.world.now = model.world.now.plus_hours(hours);
            check(&model, salt ^ hours as u64);
        }
        prop_assert_eq!(model.world.dump(), model.world.rebuilt_dump());
    }
}
