//! A changed byte never becomes a false answer: in any column of any row of `read.db`, anywhere in
//! the file itself, in an opening, in an entry, in a tile. What may happen is that an answer fails
//! (refusal 506) or that a thing is not found under its address.

mod support;

use domain::event::{EventBody, Extent, IdentifierClaimed, QuotationVanished};
use domain::identifiers::{claim, scheme::Scheme};
use domain::ids::{OrganisationId, RecordId};
use domain::text::ListId;
use goodstanding_projections::{ProjectionError, PublicReader};
use ledger::LedgerReader;
use proptest::prelude::*;
use rusqlite::{Connection, types::Value};
use support::{What, Who, World, authority, day, record, row_key, snapshot, sources, what};

/// Every kind of row: two lists, two zones, a revision, a vanished record, readings, an identifier.
struct Scene {
    world: World,
    organisations: Vec<OrganisationId>,
    records: Vec<RecordId>,
    lists: Vec<ListId>,
}

fn scene() -> Scene {
    let mut world = World::new(77);
    let [excluded, permits, _] = sources();
    let (mut organisations, mut records) = (Vec::new(), Vec::new());
    for (row, name) in ["Acme Ltda", "Beta Obras", "Gamma Corp"].into_iter().enumerate() {
        let source = if row == 2 { &permits } else { &excluded };
        let what = What { last: Some(day("2026-03-20")), ..what(source, row as u64, "2026-03-01") };
        let (organisation, record) = world.quote(&Who::named(name), &what);
        organisations.push(organisation);
        records.push(record);
    }
    let lei = claim(&Scheme::new("lei").unwrap(), "529900T8BM49AURSDO55").unwrap();
    let identified = EventBody::IdentifierClaimed(IdentifierClaimed {
        organisation: organisations[0],
        authority: authority(),
        claim: lei,
    });
    let changed = What { last: Some(day("2026-03-05")), ..what(&excluded, 0, "2026-03-01") };
    let revised = record(records[0], 2, organisations[0], "Acme Ltda", &changed);
    let vanished = EventBody::QuotationVanished(QuotationVanished {
        record: records[1],
        organisation: organisations[1],
        authority: authority(),
        list: excluded.list.clone(),
        read_on: day("2026-03-01"),
    });
    let drafts = vec![
        (identified, true),
        (EventBody::RecordRevised(Box::new(revised)), true),
        (vanished, false),
        (snapshot(&excluded, Extent::Full, day("2026-03-01"), Vec::new()), true),
        (snapshot(&permits, Extent::Partial, day("2026-03-01"), vec![row_key(2)]), true),
    ];
    world.append(drafts, Vec::new());
    world.follow(1_000);
    Scene { world, organisations, records, lists: vec![excluded.list, permits.list] }
}

/// What was asked, and the whole answer as text; `None` where nothing was found.
type Answers = Vec<(String, Result<Option<String>, ProjectionError>)>;

fn ask(scene: &Scene, public: &PublicReader, reader: &LedgerReader) -> Answers {
    let now = scene.world.now;
    let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
    let mut answers: Answers = Vec::new();
    for id in &scene.organisations {
        let found = public.file(reader, *id, None, None, now);
        answers.push((format!("file {id}"), found.map(|found| found.map(|found| text(&found)))));
    }
    for id in &scene.records {
        let found = public.record(reader, *id, now);
        answers.push((format!("record {id}"), found.map(|found| found.map(|found| text(&found)))));
    }
    for list in &scene.lists {
        let found = public.list(reader, list, None, 10, now);
        answers.push((format!("list {list}"), found.map(|found| found.map(|found| text(&found)))));
    }
    for query in ["Acme Ltda", "acme", "beta obras", "gamma", "529900T8BM49AURSDO55"] {
        let found = public
            .search(reader, query, 10, now)
            .map(|found| (!found.hits.is_empty()).then(|| text(&found.hits)));
        answers.push((format!("search {query}"), found));
    }
    let size = reader.size().unwrap() as u16;
    answers.push(("payload".into(), public.payload_bundle(reader, 0, size, now)));
    let found = public.log_page(reader, None, 100, now).map(|page| Some(text(&page)));
    answers.push(("log".into(), found));
    answers.push(("lists".into(), public.lists(reader, now).map(|lists| Some(text(&lists)))));
    let figures = public.figures(reader, now).map(|figures| Some(text(&figures)));
    answers.push(("figures".into(), figures));
    let boundaries = public.boundaries(now).map(|boundaries| Some(text(&boundaries)));
    answers.push(("boundaries".into(), boundaries));
    answers
}

/// Every answer is the true one, or fails; or there is none, where something was to be found.
fn none_is_false(changed: &str, truth: &Answers, answers: &Answers) {
    for ((question, truth), (_, answer)) in truth.iter().zip(answers) {
        let truth = truth.as_ref().unwrap();
        if let Ok(Some(answer)) = answer {
            assert_eq!(Some(answer), truth.as_ref(), "{question} after {changed}");
        }
    }
}

fn truth(scene: &Scene) -> Answers {
    ask(scene, &scene.world.public(), &scene.world.reader())
}

/// Tables that only lead to candidates, which are compared with openings, and so need no keyed
/// hash.
const INDEXES: [&str; 2] = ["token", "name"];

#[test]
fn p05_a_changed_column_of_read_db_is_never_served_as_true() {
    let scene = scene();
    let truth = truth(&scene);
    assert!(truth.iter().all(|(_, answer)| answer.is_ok()));
    assert_eq!(truth.iter().filter(|(_, answer)| matches!(answer, Ok(None))).count(), 3);
    let path = scene.world.path("read.db");
    let connection = Connection::open(&path).unwrap();
    let (reader, mut changes) = (scene.world.reader(), 0);
    let key = reader.mac_key().unwrap();
    for table in tables(&connection) {
        for column in columns(&connection, &table) {
            for row in 0..count(&connection, &table).min(8) {
                if !change(&connection, &table, &column, row) {
                    continue;
                }
                changes += 1;
                if let Ok(public) = PublicReader::open(&path, key) {
                    let what = format!("{table}.{column} {row}");
                    let answers = ask(&scene, &public, &reader);
                    none_is_false(&what, &truth, &answers);
                    // By a changed address nothing is found; anything else is noticed.
                    let is_address =
                        INDEXES.contains(&table.as_str()) || column == "id" || column == "key";
                    let is_noticed = answers.iter().any(|(_, answer)| answer.is_err());
                    assert!(is_noticed || is_address, "{what}");
                }
                restore(&scene);
            }
        }
    }
    assert!(changes > 150, "{changes}");
}

/// Puts the tables back as they were: they can always be made anew.
fn restore(scene: &Scene) {
    let good = scene.world.path("good.db");
    if !good.exists() {
        goodstanding_projections::rebuild(&good, &scene.world.reader(), &mut |_| {}).unwrap();
    }
    let from = Connection::open(&good).unwrap();
    let mut to = Connection::open(scene.world.path("read.db")).unwrap();
    let backup = rusqlite::backup::Backup::new(&from, &mut to).unwrap();
    backup.run_to_completion(10_000, std::time::Duration::ZERO, None).unwrap();
}

fn tables(connection: &Connection) -> Vec<String> {
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).filter(|name: &String| !name.starts_with("sqlite_")).collect()
}

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let mut statement =
        connection.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
    let columns = statement.query_map([], |row| row.get(0)).unwrap();
    columns.map(Result::unwrap).collect()
}

fn count(connection: &Connection, table: &str) -> u64 {
    connection
        .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
        .unwrap() as u64
}

/// Changes one bit of one column of one row; false where the table does not take the change.
fn change(connection: &Connection, table: &str, column: &str, row: u64) -> bool {
    let columns = columns(connection, table);
    let old: Vec<Value> = connection
        .query_row(&format!("SELECT * FROM {table} LIMIT 1 OFFSET {row}"), [], |row| {
            (0..columns.len()).map(|at| row.get(at)).collect()
        })
        .unwrap();
    let at = columns.iter().position(|name| name == column).unwrap();
    let Some(new) = changed(&old[at]) else { return false };
    let conditions: Vec<String> =
        columns.iter().enumerate().map(|(at, name)| format!("{name} IS ?{}", at + 2)).collect();
    let sql = format!("UPDATE {table} SET {column} = ?1 WHERE {}", conditions.join(" AND "));
    let parameters = std::iter::once(&new).chain(&old);
    matches!(connection.execute(&sql, rusqlite::params_from_iter(parameters)), Ok(1))
}

fn changed(old: &Value) -> Option<Value> {
    Some(match old {
        Value::Integer(number) => Value::Integer(number ^ 1),
        Value::Null => Value::Integer(20_600),
        Value::Text(text) if text.is_empty() => Value::Text("x".into()),
        Value::Text(text) => {
            let mut bytes = text.clone().into_bytes();
            let last = bytes.last_mut()?;
            *last = if *last == b'x' { b'y' } else { b'x' };
            Value::Text(String::from_utf8(bytes).ok()?)
        }
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            *bytes.last_mut()? ^= 1;
            Value::Blob(bytes)
        }
        Value::Real(_) => return None,
    })
}

#[test]
fn p04_a_changed_opening_is_never_served_as_true() {
    let scene = scene();
    let truth = truth(&scene);
    let path = scene.world.registry().join("truth.db");
    let connection = Connection::open(&path).unwrap();
    let size: u64 = count(&connection, "leaf");
    let mut noticed = 0;
    for position in 0..size {
        for column in ["opening", "entry"] {
            let read = format!("SELECT {column} FROM leaf WHERE position = ?1");
            let old: Option<Vec<u8>> =
                connection.query_row(&read, [position as i64], |row| row.get(0)).unwrap();
            let Some(old) = old else { continue };
            let mut new = old.clone();
            let middle = new.len() / 2;
            new[middle] ^= 1;
            let write = format!("UPDATE leaf SET {column} = ?1 WHERE position = ?2");
            connection.execute(&write, rusqlite::params![new, position as i64]).unwrap();
            let (public, reader) = (scene.world.public(), scene.world.reader());
            let answers = ask(&scene, &public, &reader);
            for ((question, truth), (_, answer)) in truth.iter().zip(&answers) {
                let truth = truth.as_ref().unwrap();
                match answer {
                    Err(error) => {
                        assert!(error.is_broken() || question == "log", "{question}: {error}");
                        noticed += 1;
                    }
                    Ok(Some(answer)) if Some(answer) != truth.as_ref() => {
                        // Less than the truth, and said to be: withheld, broken, counted as broken.
                        let says = ["withheld", "\"broken\"", "broken: 1", "tlog_proof: \"\""];
                        let is_said = says.iter().any(|word| answer.contains(word));
                        let is_less = question.starts_with("search") || is_said;
                        assert!(is_less, "{question} after {column} {position}: {answer}");
                        noticed += 1;
                    }
                    Ok(_) => {}
                }
            }
            connection.execute(&write, rusqlite::params![old, position as i64]).unwrap();
        }
    }
    assert!(noticed > 20, "{noticed}");
    none_is_false("restoring", &truth, &ask(&scene, &scene.world.public(), &scene.world.reader()));
}

#[test]
fn p04_a_broken_revision_does_not_bring_back_the_one_before() {
    let scene = scene();
    let connection = Connection::open(scene.world.registry().join("truth.db")).unwrap();
    let reader = scene.world.reader();
    let answer = scene.world.public().record(&reader, scene.records[0], scene.world.now);
    let position = answer.unwrap().unwrap().view.position;
    let sql = "UPDATE leaf SET opening = zeroblob(length(opening)) WHERE position = ?1";
    connection.execute(sql, [position as i64]).unwrap();
    let public = scene.world.public();
    let reader = scene.world.reader();
    for at in [None, Some(position), Some(position - 1)] {
        let found = public.file(&reader, scene.organisations[0], at, None, scene.world.now);
        assert!(found.is_err_and(|error| error.is_broken()), "its only record is broken");
    }
    let found = public.record(&reader, scene.records[0], scene.world.now);
    assert!(found.is_err_and(|error| error.is_broken()));
    // Nothing that comes after it can be trusted to be told in full, so making anew says what is
    // wrong.
    let made = goodstanding_projections::rebuild(&scene.world.path("b.db"), &reader, &mut |_| {});
    assert!(matches!(made, Err(ProjectionError::BrokenEntry(at)) if at == position));
}

#[test]
fn p04_a_changed_tile_gives_no_proof() {
    let scene = scene();
    let tiles = scene.world.registry().join("log/tile/0/000.p");
    for entry in std::fs::read_dir(tiles).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        for hash in bytes.chunks_mut(32) {
            hash[0] ^= 1;
        }
        std::fs::write(&path, bytes).unwrap();
    }
    let (public, reader) = (scene.world.public(), scene.world.reader());
    let answer = public.record(&reader, scene.records[0], scene.world.now).unwrap().unwrap();
    assert!(!answer.proof.holds && answer.proof.tlog_proof.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn p05_a_changed_byte_of_the_file_is_never_served_as_true(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 250),
    ) {
        let scene = scene();
        let truth = truth(&scene);
        let path = scene.world.path("flat.db");
        goodstanding_projections::rebuild(&path, &scene.world.reader(), &mut |_| {}).unwrap();
        // Without a write-ahead log the file is all there is.
        let connection = Connection::open(&path).unwrap();
        connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
        drop(connection);
        let good = std::fs::read(&path).unwrap();
        let (reader, changed) = (scene.world.reader(), scene.world.path("changed.db"));
        let key = reader.mac_key().unwrap();
        for (at, bit) in flips {
            let mut bytes = good.clone();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            std::fs::write(&changed, bytes).unwrap();
            let Ok(public) = PublicReader::open(&changed, key) else { continue };
            let answers = ask(&scene, &public, &reader);
            none_is_false(&format!("byte {at} bit {bit}"), &truth, &answers);
        }
    }
}
