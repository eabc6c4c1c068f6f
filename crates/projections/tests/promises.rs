//! Promises, one test each, over a real ledger in a folder.

mod support;

use domain::event::{EventBody, Extent, IdentifierClaimed, NameClaimed, QuotationVanished};
use domain::identifiers::{IdentifierClaim, claim, scheme::Scheme};
use domain::ids::{OrganisationId, RecordId};
use goodstanding_projections::answers::SearchAnswer;
use ledger::wire::Leaf;
use support::{
    Source, What, Who, World, authority, day, instant, name, record, snapshot, sources, what,
};

fn claimed(organisation: OrganisationId, claim: IdentifierClaim) -> (EventBody, bool) {
    let authority = authority();
    (EventBody::IdentifierClaimed(IdentifierClaimed { organisation, authority, claim }), true)
}

fn identifier(scheme: &str, value: &str) -> IdentifierClaim {
    claim(&Scheme::new(scheme).unwrap(), value).unwrap()
}

fn search(world: &World, query: &str) -> SearchAnswer {
    world.public().search(&world.reader(), query, 20, world.now).unwrap()
}

/// Names found and why, in order.
fn found(world: &World, query: &str) -> Vec<(String, &'static str)> {
    search(world, query).hits.into_iter().map(|hit| (hit.name.text, hit.why.key)).collect()
}

fn excluded() -> Source {
    sources()[0].clone()
}

fn permit() -> Source {
    sources()[1].clone()
}

#[test]
fn i06_expiry_holds_at_the_instant() {
    let mut world = World::new(1);
    let what = What { last: Some(day("2026-03-03")), ..what(&excluded(), 1, "2026-03-01") };
    let (organisation, id) = world.quote(&Who::named("Acme Ltda"), &what);
    let size = world.follow(100);
    let end = instant("2026-03-04T03:00:00Z");
    let before = domain::civil::Instant::from_micros(end.micros() - 1);
    let (public, reader) = (world.public(), world.reader());

    let answer = public.file(&reader, organisation, None, None, before).unwrap().unwrap();
    assert_eq!(answer.file.records.len(), 1);
    assert_eq!(answer.next_boundary, Some(end));
    assert!(public.record(&reader, id, before).unwrap().is_some());
    assert_eq!(public.search(&reader, "acme", 9, before).unwrap().hits.len(), 1);
    let list = public.list(&reader, &what.source.list, None, 9, before).unwrap().unwrap();
    assert_eq!((list.summary.shown, list.entries.len()), (1, 1));

    // From the end on, by no way: not through a position, not through an instant in the past.
    for now in [end, end.plus_hours(1), end.plus_hours(100_000)] {
        for at in [None, Some(0), Some(size), Some(u64::MAX)] {
            for on in [None, Some(before), Some(instant("2026-03-02T00:00:00Z"))] {
                assert!(public.file(&reader, organisation, at, on, now).unwrap().is_none());
            }
        }
        assert!(public.record(&reader, id, now).unwrap().is_none());
        assert!(public.search(&reader, "acme", 9, now).unwrap().hits.is_empty());
        let list = public.list(&reader, &what.source.list, None, 9, now).unwrap().unwrap();
        assert_eq!((list.summary.shown, list.entries.len()), (0, 0));
        let width = size as u16;
        let bundle = public.payload_bundle(&reader, 0, width, now).unwrap().unwrap();
        assert!(!bundle.contains("Acme"), "{bundle}");
        assert!(!bundle.contains(&id.to_string()));
    }
    let bundle = public.payload_bundle(&reader, 0, size as u16, before).unwrap().unwrap();
    assert!(bundle.contains(&id.to_string()));
}

#[test]
fn p05_a_superseded_revision_does_not_come_back_through_the_past() {
    let mut world = World::new(2);
    let what = what(&excluded(), 1, "2026-03-01");
    let (organisation, id) = world.quote(&Who::named("Acme Ltda"), &what);
    let first = world.follow(100);
    let revised = record(id, 2, organisation, "Acme Ltda", &what);
    let event = EventBody::RecordRevised(Box::new(revised));
    let position = world.append(vec![(event, true)], Vec::new());
    let size = world.follow(100);
    let (public, reader) = (world.public(), world.reader());
    let file = |at| public.file(&reader, organisation, at, None, world.now).unwrap().unwrap().file;
    assert_eq!(file(None).records[0].record.revision, 2);
    assert_eq!(file(None).records[0].position, position);
    assert!(file(Some(first)).records.is_empty(), "the old revision is withheld now");
    let kinds: Vec<_> = file(None).timeline.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["organisation_registered", "record_submitted", "record_revised"]);
    let bundle = public.payload_bundle(&reader, 0, size as u16, world.now).unwrap().unwrap();
    let lines: Vec<&str> = bundle.lines().collect();
    let old = first as usize - 2;
    assert_eq!(lines[old], format!("{old} - withheld"));
    assert!(lines[position as usize].starts_with(&format!("{position} ")));
}

#[test]
fn s910_an_unsupported_organisation_answers_like_an_unknown_one() {
    let mut world = World::new(3);
    let what = what(&excluded(), 1, "2026-03-01");
    let (organisation, id) = world.quote(&Who::named("Acme Ltda"), &what);
    let lei = identifier("lei", "529900T8BM49AURSDO55");
    let mut drafts = vec![claimed(organisation, lei.clone())];
    drafts.push((
        EventBody::QuotationVanished(QuotationVanished {
            record: id,
            organisation,
            authority: authority(),
            list: what.source.list.clone(),
            read_on: day("2026-03-01"),
        }),
        false,
    ));
    world.append(drafts, Vec::new());
    let size = world.follow(100);
    let (public, reader) = (world.public(), world.reader());
    let unknown = world.ledger.mint_organisation(world.now);
    for asked in [organisation, unknown] {
        assert!(public.file(&reader, asked, None, None, world.now).unwrap().is_none());
        assert!(public.file(&reader, asked, Some(size), None, world.now).unwrap().is_none());
    }
    for asked in [id, RecordId::from_bytes(unknown.bytes())] {
        assert!(public.record(&reader, asked, world.now).unwrap().is_none());
    }
    assert_eq!(public.redirect(&reader, &lei, world.now).unwrap(), None);
    for query in ["529900T8BM49AURSDO55", "Acme Ltda", "acme"] {
        assert!(search(&world, query).hits.is_empty(), "{query}");
    }
    // An import still knows whose row it was.
    let standings = world.tables().standings(&what.source.list, world.now, world.now).unwrap();
    let standing = standings.get(support::row_key(1)).unwrap().unwrap();
    assert!(standing.vanished && standing.record == id);
}

#[test]
fn i66_a_reading_makes_current_what_it_read() {
    let mut world = World::new(4);
    let source = excluded();
    let (one, _) = world.quote(&Who::named("One"), &what(&source, 1, "2026-03-01"));
    let (two, _) = world.quote(&Who::named("Two"), &what(&source, 2, "2026-03-01"));
    world.now = world.now.plus_hours(24 * 9);
    let reread = vec![support::row_key(1)];
    world.append(
        vec![(snapshot(&source, Extent::Partial, day("2026-03-09"), reread), true)],
        vec![],
    );
    world.follow(100);
    let state = |world: &World, id| {
        let answer = world.public().file(&world.reader(), id, None, None, world.now).unwrap();
        answer.map(|answer| answer.file.records[0].state.key())
    };
    assert_eq!(state(&world, one), Some("listed"));
    assert_eq!(state(&world, two), Some("not_current"));
    let figures = world.public().lists(&world.reader(), world.now).unwrap();
    assert_eq!((figures[0].shown, figures[0].current), (2, 1));
    let sources = world.public().sources(&world.reader(), world.now).unwrap();
    assert!(!sources[0].current);
    world.now = world.now.plus_hours(24 * 6);
    assert_eq!(state(&world, two), None, "hidden after twice the time");
    world.append(vec![(snapshot(&source, Extent::Full, day("2026-03-16"), vec![]), true)], vec![]);
    world.follow(100);
    assert_eq!(state(&world, two), Some("listed"));
}

#[test]
fn search_finds_by_name_and_says_why() {
    let mut world = World::new(5);
    let source = permit();
    for (row, name) in
        ["Água Viva Ltda", "AGUA VIVA COMERCIO LTDA", "Agua Mineral S/A", "上海海风贸易有限公司"]
            .into_iter()
            .enumerate()
    {
        world.quote(&Who::named(name), &what(&source, row as u64, "2026-03-01"));
    }
    world.follow(100);
    let hit = |name: &str, why| (name.to_owned(), why);
    let expected =
        [hit("Água Viva Ltda", "full_name"), hit("AGUA VIVA COMERCIO LTDA", "all_words")];
    assert_eq!(found(&world, "agua viva ltda"), expected);
    let expected = [
        hit("Água Viva Ltda", "name_without_legal_form"),
        hit("AGUA VIVA COMERCIO LTDA", "all_words"),
    ];
    assert_eq!(found(&world, "ＡＧＵＡ viva"), expected);
    assert_eq!(found(&world, "agua min"), [hit("Agua Mineral S/A", "beginning_of_word")]);
    assert_eq!(found(&world, "agua mi"), [], "a beginning needs three letters");
    assert_eq!(found(&world, "mineral agua"), [hit("Agua Mineral S/A", "all_words")]);
    assert_eq!(found(&world, "海风贸易"), [hit("上海海风贸易有限公司", "all_words")]);
    assert_eq!(
        found(&world, "上海海风贸易"),
        [hit("上海海风贸易有限公司", "name_without_legal_form")]
    );
    for query in ["", "   ", "nothing like it", "%", "\u{0}"] {
        assert_eq!(found(&world, query), [], "{query}");
    }
}

#[test]
fn search_finds_by_identifier_also_an_invalid_official_one() {
    let mut world = World::new(6);
    let (one, _) = world.quote(&Who::named("One"), &what(&permit(), 1, "2026-03-01"));
    let (two, _) = world.quote(&Who::named("Two"), &what(&permit(), 2, "2026-03-01"));
    let (three, _) = world.quote(&Who::named("Three"), &what(&permit(), 3, "2026-03-01"));
    let lei = identifier("lei", "529900T8BM49AURSDO55");
    let wrong = identifier("lei", "529900T8BM49AURSDO56");
    let named = identifier("us-npdes", "CT0002968");
    let drafts =
        vec![claimed(one, lei.clone()), claimed(two, wrong.clone()), claimed(three, named)];
    world.append(drafts, Vec::new());
    world.follow(100);
    let hit = |name: &str, why| vec![(name.to_owned(), why)];
    assert_eq!(found(&world, "529900t8bm49aursdo55"), hit("One", "identifier"));
    assert_eq!(found(&world, "lei:529900T8BM49AURSDO55"), hit("One", "identifier"));
    let invalid = hit("Two", "identifier_invalid_but_official");
    assert_eq!(found(&world, "529900T8BM49AURSDO56"), invalid);
    assert_eq!(found(&world, "US-NPDES:CT0002968"), hit("Three", "identifier_unchecked"));
    let (public, reader) = (world.public(), world.reader());
    assert_eq!(public.redirect(&reader, &lei, world.now).unwrap(), Some(one));
    assert_eq!(
        public.redirect(&reader, &wrong, world.now).unwrap(),
        None,
        "I-29: it joins nothing"
    );
    let tables = world.tables();
    assert_eq!(tables.organisation_by_claim(&reader, &lei).unwrap(), Some(one));
    assert_eq!(tables.organisation_by_claim(&reader, &wrong).unwrap(), None);
}

#[test]
fn s7_single_owner_forms_are_found_by_identifier_or_full_name_only() {
    let mut world = World::new(7);
    let by_code = Who { legal_form: Some("OB5J"), ..Who::named("Maria Silva Obras") };
    let (one, _) = world.quote(&by_code, &what(&permit(), 1, "2026-03-01"));
    world.quote(&Who::named("Jose Lima Reformas EIRELI"), &what(&permit(), 2, "2026-03-01"));
    let lei = identifier("lei", "529900T8BM49AURSDO55");
    world.append(vec![claimed(one, lei)], Vec::new());
    world.follow(100);
    for query in
        ["Maria Silva", "Silva", "mari", "obras", "jose lima", "Jose Lima Reformas", "lima"]
    {
        assert_eq!(found(&world, query), [], "{query}");
    }
    assert_eq!(found(&world, "maria silva obras")[0].1, "full_name");
    assert_eq!(found(&world, "Jose Lima Reformas EIRELI")[0].1, "full_name");
    assert_eq!(found(&world, "529900T8BM49AURSDO55")[0].1, "identifier");
}

#[test]
fn twins_are_suggested_unless_checked_identifiers_tell_them_apart() {
    let mut world = World::new(8);
    let source = permit();
    let who = |name, country| Who { country: Some(country), ..Who::named(name) };
    let (one, _) = world.quote(&who("Acme Trading Ltd", "GB"), &what(&source, 1, "2026-03-01"));
    let (two, _) = world.quote(&who("ACME TRADING", "GB"), &what(&source, 2, "2026-03-01"));
    let (far, _) = world.quote(&who("Trading Acme Ltda", "BR"), &what(&source, 3, "2026-03-01"));
    let (other, _) = world.quote(&who("Acme Trade", "GB"), &what(&source, 4, "2026-03-01"));
    world.follow(100);
    let twins = |world: &World, id| -> Vec<(OrganisationId, &'static str)> {
        let answer = world.public().file(&world.reader(), id, None, None, world.now).unwrap();
        answer.unwrap().twins.into_iter().map(|twin| (twin.id, twin.reason_key)).collect()
    };
    let expected = [(two, "same_name"), (far, "same_name_other_country")];
    assert_eq!(twins(&world, one), expected);
    assert_eq!(twins(&world, other), []);
    let drafts = vec![
        claimed(one, identifier("lei", "529900T8BM49AURSDO55")),
        claimed(two, identifier("lei", "5493001KJTIIGC8Y1R12")),
    ];
    world.append(drafts, Vec::new());
    world.follow(100);
    assert_eq!(twins(&world, one), [(far, "same_name_other_country")]);
}

#[test]
fn further_names_and_identifiers_are_known_from_their_position_on() {
    let mut world = World::new(9);
    let (organisation, _) = world.quote(&Who::named("Acme"), &what(&permit(), 1, "2026-03-01"));
    let before = world.follow(100);
    let renamed = EventBody::NameClaimed(NameClaimed {
        organisation,
        authority: authority(),
        name: name("Apex Holdings"),
    });
    let lei = identifier("lei", "529900T8BM49AURSDO55");
    world.append(vec![(renamed, true), claimed(organisation, lei.clone())], Vec::new());
    world.follow(100);
    let (public, reader) = (world.public(), world.reader());
    let file = |at| public.file(&reader, organisation, at, None, world.now).unwrap().unwrap().file;
    assert_eq!((file(None).other_names.len(), file(None).identifiers.len()), (1, 1));
    let then = file(Some(before));
    assert_eq!((then.other_names.len(), then.identifiers.len(), then.records.len()), (0, 0, 1));
    assert_eq!(found(&world, "apex holdings"), [("Acme".to_owned(), "full_name")]);
    assert_eq!(world.tables().known_names(organisation).unwrap(), ["acme", "apex holdings"]);
    assert_eq!(world.tables().known_claims(organisation).unwrap(), [lei]);
}

#[test]
fn the_log_is_shown_entry_by_entry_with_its_proof() {
    let mut world = World::new(10);
    let (organisation, id) = world.quote(&Who::named("Acme"), &what(&permit(), 1, "2026-03-01"));
    let size = world.follow(100);
    let (public, reader) = (world.public(), world.reader());
    let page = public.log_page(&reader, None, 2, world.now).unwrap();
    assert_eq!(page.size, size);
    let shown: Vec<_> = page.entries.iter().map(|entry| (entry.kind, entry.state)).collect();
    assert_eq!(shown, [("open", "clear"), ("event", "open")]);
    assert_eq!(page.entries[1].record, Some(id));
    assert_eq!(page.older, Some(size - 3));
    let older = public.log_page(&reader, page.older, 2, world.now).unwrap();
    assert_eq!(older.entries[0].organisation, Some(organisation));
    let answer = public.log_entry(&reader, size - 2, world.now).unwrap().unwrap();
    assert!(answer.proof.holds && answer.opening.is_some());
    assert_eq!(answer.proof.leaf_hash.len(), 64);
    assert!(public.log_entry(&reader, size, world.now).unwrap().is_none());
    assert!(public.payload_bundle(&reader, 0, size as u16 + 1, world.now).unwrap().is_none());
    assert!(public.payload_bundle(&reader, u64::MAX, 256, world.now).unwrap().is_none());
    assert!(public.payload_bundle(&reader, 0, 0, world.now).unwrap().is_none());
}

#[test]
fn p05_tables_made_in_any_steps_are_the_tables_made_anew() {
    for step in [1, 2, 7, 1_000] {
        let mut world = World::new(11);
        for row in 0..5 {
            let name = format!("Firm {row}");
            world.quote(&Who::named(&name), &what(&excluded(), row, "2026-03-01"));
            world.follow(step);
        }
        assert_eq!(world.dump(), world.rebuilt_dump(), "{step}");
        assert!(!world.dump().contains("wall"));
    }
}

#[test]
fn a_file_of_another_registry_or_version_is_refused_and_can_be_made_anew() {
    let mut world = World::new(12);
    world.quote(&Who::named("Acme"), &what(&permit(), 1, "2026-03-01"));
    world.follow(100);
    let path = world.path("read.db");
    let (good, key) = (world.dump(), world.reader().mac_key().unwrap());
    let open = |key| goodstanding_projections::ReadTables::open(&path, key).map(|_| ());
    assert!(open([0; 32]).is_err());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(open(key).is_err());
    std::fs::write(&path, b"not a database, whatever its name says, but long enough").unwrap();
    assert!(open(key).is_err());
    goodstanding_projections::rebuild(&path, &world.reader(), &mut |_| {}).unwrap();
    assert_eq!(world.dump(), good);
}

#[test]
fn a_rebuild_does_not_pull_the_file_from_under_a_reader() {
    let mut world = World::new(13);
    world.quote(&Who::named("Acme"), &what(&permit(), 1, "2026-03-01"));
    world.follow(100);
    let path = world.path("read.db");
    let public = world.public();
    assert!(goodstanding_projections::rebuild(&path, &world.reader(), &mut |_| {}).is_err());
    assert_eq!(public.search(&world.reader(), "acme", 9, world.now).unwrap().hits.len(), 1);
    drop(public);
    goodstanding_projections::rebuild(&path, &world.reader(), &mut |_| {}).unwrap();
}

#[test]
fn p04_an_erasure_entry_makes_the_tables_anew_without_what_it_names() {
    let mut world = World::new(14);
    world.quote(&Who::named("Acme"), &what(&permit(), 1, "2026-03-01"));
    world.quote(&Who::named("Beta"), &what(&permit(), 2, "2026-03-01"));
    let size = world.follow(100);
    // Destroying the keys is the ledger's business: here the stored openings are simply gone.
    let (first, last) = (size - 3, size - 2);
    let truth = rusqlite::Connection::open(world.registry().join("truth.db")).unwrap();
    let sql = "UPDATE leaf SET opening = NULL, unit = NULL WHERE position BETWEEN ?1 AND ?2";
    truth.execute(sql, [first as i64, last as i64]).unwrap();
    let (public, reader) = (world.public(), world.reader());
    assert!(public.search(&reader, "beta", 9, world.now).unwrap().hits.is_empty());
    let bundle = public.payload_bundle(&reader, 0, size as u16, world.now).unwrap().unwrap();
    let withheld = format!("{last} - withheld");
    assert_eq!(bundle.lines().nth(last as usize), Some(withheld.as_str()), "not yet named");

    let leaf = Leaf::Erasure { ranges: vec![(first, last)], fields: Vec::new() };
    let position = world.append(Vec::new(), vec![leaf]);
    let size = world.follow(1);
    assert_eq!(world.dump(), world.rebuilt_dump());
    assert!(!world.dump().contains("beta"));
    let (public, reader) = (world.public(), world.reader());
    let bundle = public.payload_bundle(&reader, 0, size as u16, world.now).unwrap().unwrap();
    let erased = format!("{first} - erased {position}");
    assert_eq!(bundle.lines().nth(first as usize), Some(erased.as_str()));
    assert_eq!(found(&world, "acme"), [("Acme".to_owned(), "full_name")]);
    assert_eq!(found(&world, "beta"), []);
}

#[test]
fn answers_may_be_kept_until_the_next_midnight_of_a_publishers_zone() {
    let mut world = World::new(15);
    world.quote(&Who::named("Acme"), &what(&permit(), 1, "2026-03-01"));
    world.quote(&Who::named("Beta"), &what(&excluded(), 2, "2026-03-01"));
    world.follow(100);
    // São Paulo's midnight is 03:00 UTC, Shanghai's 16:00.
    let public = world.public();
    let (last, next) = public.boundaries(instant("2026-03-01T12:00:00Z")).unwrap();
    assert_eq!(last, Some(instant("2026-03-01T03:00:00Z")));
    assert_eq!(next, Some(instant("2026-03-01T16:00:00Z")));
    let (last, next) = public.boundaries(instant("2026-03-01T16:00:00Z")).unwrap();
    assert_eq!(last, Some(instant("2026-03-01T16:00:00Z")));
    assert_eq!(next, Some(instant("2026-03-02T03:00:00Z")));
}
