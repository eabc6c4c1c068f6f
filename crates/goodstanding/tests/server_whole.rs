//! The registry as a whole: files for download, their catalogue, feeds, figures, authorities and
//! packs; and bad requests for each of these addresses.

mod server_support;
mod support;

use std::io::Read as _;

use axum::http::StatusCode;
use domain::civil::Instant;
use flate2::read::GzDecoder;
use goodstanding::bulk;
use goodstanding::clock::{FixedClock, SystemClock};
use serde_json::Value;
use server_support::{BANK, CHINESE, ENDING, Fixture, HOSTILE, LARGE, LIST, Server};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use support::{Place, ceis_file, ceis_row, today};

const FILES: [&str; 3] = ["records.csv.gz", "organisations.jsonl.gz", "records.own.jsonl.gz"];

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn files_for_download_hold_what_pages_show_and_their_catalogue_describes_them() {
    let server = Fixture::get().server();
    let answer = server.ok("/data/catalog.jsonld");
    assert_eq!(answer.header("content-type"), "application/ld+json");
    let catalogue = answer.json();
    assert_eq!(catalogue["@type"], "dcat:Catalog");
    let datasets = catalogue["dcat:dataset"].as_array().unwrap();
    let whole = &datasets[0];
    let size = server.registry.status().unwrap().size;
    assert_eq!(whole["dcat:version"], size.to_string(), "the version is the log position");
    let distributions = whole["dcat:distribution"].as_array().unwrap();
    assert_eq!(distributions.len(), FILES.len());
    for distribution in distributions {
        let name = distribution["dcat:downloadURL"]["@id"].as_str().unwrap();
        let file = server.ok(&format!("/data/{name}"));
        assert_eq!(file.header("content-type"), "application/gzip");
        assert_eq!(file.header("x-robots-tag"), "noindex, noarchive");
        assert_eq!(distribution["dcat:byteSize"]["@value"], file.bytes.len().to_string());
        let digest = Sha256::digest(&file.bytes);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(distribution["spdx:checksum"]["spdx:checksumValue"], digest);
        assert_eq!(file.header("etag"), format!("\"{digest}\""));
        let again = [("if-none-match", file.header("etag"))];
        let again = server.ask("GET", &format!("/data/{name}"), &again);
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        // Packed already: not packed again on its way.
        let packed = [("accept-encoding", "gzip")];
        let packed = server.ask("GET", &format!("/data/{name}"), &packed);
        assert_eq!(packed.header("content-encoding"), "");
        assert_eq!(packed.bytes, file.bytes);
    }
    let csv = unpacked(&server.ok("/data/records.csv.gz").bytes);
    assert!(csv.contains(CHINESE) && csv.contains(BANK) && csv.contains(ENDING));
    let lines = unpacked(&server.ok("/data/organisations.jsonl.gz").bytes);
    for line in lines.lines() {
        let file: Value = serde_json::from_str(line).unwrap();
        let live = server.ok(&format!("/api/v1/organisations/{}", file["id"].as_str().unwrap()));
        let mut live = live.json();
        live["as_of"] = file["as_of"].clone();
        assert_eq!(file, live);
    }
    assert_eq!(lines.lines().count(), 8);
}

#[test]
fn the_catalogue_names_publisher_and_terms_of_each_list() {
    let server = Fixture::get().server();
    let catalogue = server.ok("/data/catalog.jsonld").json();
    let lists = &catalogue["dcat:dataset"].as_array().unwrap()[1..];
    let of = |id: &str| lists.iter().find(|list| list["dct:identifier"] == id).unwrap();
    for list in lists {
        assert!(list["dct:publisher"]["foaf:name"][0]["@value"].is_string(), "{list}");
        assert!(list["dct:license"].is_object() != list["dct:rights"].is_string(), "{list}");
        assert_eq!(list["dct:modified"]["@value"], today().to_string());
    }
    let bank = of("us.occ-national-banks");
    assert!(bank["dct:license"]["dct:description"].as_str().unwrap().contains("105"), "{bank}");
    assert!(of(LIST)["dct:rights"].as_str().unwrap().contains("terms apply"));
    let page = server.ok("/en/data").page();
    assert!(page.text().contains("works of the federal government"), "{}", page.text());
    assert!(page.text().contains("No licence of this list was read"), "{}", page.text());
}

/// The instant from which the fixture's snapshot may not be served.
fn valid_until(server: &Server) -> Instant {
    let snapshot = bulk::last(server.registry.dir()).unwrap();
    snapshot.valid_until.unwrap().parse().unwrap()
}

#[test]
fn i_06_no_file_is_served_after_the_instant_something_in_it_may_end() {
    let fixture = Fixture::get();
    let (server, clock) = fixture.server_after(0);
    let until = valid_until(&server);
    clock.set(Instant::from_micros(until.micros() - 1));
    for name in FILES {
        let answer = server.ok(&format!("/data/{name}"));
        assert_eq!(answer.header("cache-control"), "no-cache", "no cache keeps it beyond");
    }
    clock.set(until);
    for name in FILES.iter().chain(&["catalog.jsonld"]) {
        let answer = server.get(&format!("/data/{name}"));
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{name}");
        assert_eq!(answer.header("retry-after"), "60");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    // The page says so and offers no file.
    let page = server.ok("/en/data").page();
    assert!(page.text().contains("being made anew"), "{}", page.text());
    assert!(!page.text().contains("records.csv.gz"));
    // Made anew after the end of one entry, it is not in the files. In a copy, as it writes.
    let copy = fixture.copy();
    let (later, _) = Server::open(copy.path(), fixture.now.plus_hours(3 * 24));
    let snapshot = bulk::keep_up(&later.registry).unwrap().expect("it is over, so it is made anew");
    let csv = unpacked(&later.ok("/data/records.csv.gz").bytes);
    assert!(!csv.contains(ENDING) && csv.contains(CHINESE), "{csv}");
    assert!(bulk::keep_up(&later.registry).unwrap().is_none(), "nothing to do any more");
    assert_eq!(bulk::last(copy.path()), Some(snapshot));
    let folders = std::fs::read_dir(copy.path().join("data")).unwrap().flatten();
    assert_eq!(folders.filter(|entry| entry.path().is_dir()).count(), 1, "the old ones are gone");
}

fn place_with_rows(rows: std::ops::RangeInclusive<u32>) -> Place {
    let place = Place::with_registry();
    import_rows(&place, rows);
    place.run(&["export", "--data"]).expect(0);
    place
}

fn import_rows(place: &Place, rows: std::ops::RangeInclusive<u32>) {
    let end = today().plus_days(300);
    let rows: Vec<_> = rows.map(|row| ceis_row(row, end)).collect();
    let file = place.write("list.csv", &ceis_file(&rows));
    place.import("small", &file, &[]);
}

fn now_server(place: &Place) -> Server {
    let (server, _) =
        Server::open(&place.registry(), goodstanding::clock::Clock::now(&SystemClock));
    server.registry.catch_up().unwrap();
    server
}

#[test]
fn a_withdrawn_record_takes_the_files_down_at_once_and_an_added_one_does_not() {
    let place = place_with_rows(1..=40);
    now_server(&place).ok("/data/records.csv.gz");
    // One more row: what was said still stands.
    import_rows(&place, 1..=41);
    let server = now_server(&place);
    let csv = unpacked(&server.ok("/data/records.csv.gz").bytes);
    assert_eq!(csv.lines().count(), 41, "the snapshot before, forty rows and a heading");
    // The first row vanishes from the list.
    import_rows(&place, 2..=41);
    let server = now_server(&place);
    for name in FILES.iter().chain(&["catalog.jsonld"]) {
        let status = server.get(&format!("/data/{name}")).status;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{name}");
    }
    assert!(bulk::keep_up(&server.registry).unwrap().is_some());
    let csv = unpacked(&server.ok("/data/records.csv.gz").bytes);
    assert_eq!(csv.lines().count(), 41);
    assert_eq!(server.ok("/api/v1/statistics").json()["records"], 40);
}

#[test]
fn erasing_content_leaves_no_file_that_holds_it() {
    let place = place_with_rows(1..=4);
    let server = now_server(&place);
    let csv = unpacked(&server.ok("/data/records.csv.gz").bytes);
    let record = csv.lines().nth(1).unwrap().split(',').nth(5).unwrap().to_owned();
    place.run(&["erase", "--record", &record, "--yes"]).expect(0);
    assert!(!place.registry().join("data").exists());
    let server = now_server(&place);
    assert_eq!(server.get("/data/records.csv.gz").status, StatusCode::SERVICE_UNAVAILABLE);
    place.run(&["export", "--data"]).expect(0);
    assert!(!unpacked(&server.ok("/data/records.csv.gz").bytes).contains(&record));
}

#[test]
fn single_owner_forms_stand_in_no_file_and_are_counted() {
    let place = Place::with_registry();
    let permit = support::own_permit("P1", "enterprise", &[("lei", &support::lei(1))]);
    let mut line: Value = serde_json::from_str(permit.trim()).unwrap();
    line["organisation"]["name"] = "Lone Star EIRELI".into();
    let file = place.write("own.jsonl", &format!("{line}\n"));
    place.import("own", &file, &[]);
    place.run(&["export", "--data"]).expect(0);
    let server = now_server(&place);
    for name in FILES {
        assert!(!unpacked(&server.ok(&format!("/data/{name}")).bytes).contains("Lone"), "{name}");
    }
    assert_eq!(server.ok("/api/v1/statistics").json()["organisations"], 1);
}

#[test]
fn a_damaged_or_foreign_snapshot_is_no_snapshot() {
    let place = place_with_rows(1..=3);
    let server = now_server(&place);
    let path = place.registry().join("data/snapshot.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let digest = serde_json::from_str::<Value>(&text).unwrap()["holding"]["digest"].to_string();
    for spoilt in [
        String::new(),
        "{}".to_owned(),
        text.replace("\"version\": 1", "\"version\": 2"),
        text.replace("\"folder\": \"", "\"folder\": \"../"),
        text.replace("\"valid_until\": \"", "\"valid_until\": \"x"),
        text.replace(&digest, "\"0\""),
        text.replace("\"records.csv.gz\"", "\"../snapshot.json\""),
    ] {
        std::fs::write(&path, spoilt).unwrap();
        let status = server.get("/data/records.csv.gz").status;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(server.get("/en/data").status, StatusCode::OK);
    }
    std::fs::remove_dir_all(place.registry().join("data")).unwrap();
    assert_eq!(server.get("/api/v1/statistics").status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(server.ok("/en/statistics").page().text().contains("being counted"));
}

#[test]
fn figures_add_up_and_pictures_say_what_tables_say() {
    let server = Fixture::get().server();
    let statistics = server.ok("/api/v1/statistics").json();
    let status = server.registry.status().unwrap();
    assert_eq!(statistics["organisations"], status.organisations);
    assert_eq!(statistics["records"], status.records);
    assert_eq!(statistics["position"], status.size);
    let sum = |group: &str, figure: &str| -> u64 {
        let of = statistics[group].as_array().unwrap().iter();
        of.map(|one| one[figure].as_u64().unwrap()).sum()
    };
    for group in ["lists", "types", "kinds", "countries", "fields", "sectors"] {
        assert_eq!(sum(group, "records"), status.records, "{group}");
    }
    assert_eq!(sum("days", "entries"), status.size, "all of it was written today");
    assert_eq!(sum("months", "entries"), status.size);
    let openings = &statistics["openings"];
    let part = |key: &str| openings[key].as_u64().unwrap_or(0);
    let parts = ["open", "withheld", "erased", "never_open"].map(part);
    assert_eq!(parts.iter().sum::<u64>(), status.size);
    let page = server.ok("/en/statistics").page();
    assert_eq!(page.all("svg").count(), 9, "seven groups, days and months");
    for text in page.all("text").filter(|text| text.attribute("class") == Some("figure")) {
        let is_in_table = page
            .elements
            .iter()
            .any(|cell| ["td", "th"].contains(&cell.name.as_str()) && cell.text == text.text);
        assert!(is_in_table, "{}", text.text);
    }
    // R002 and R214: the closed lists are there whole, so that a gap is seen.
    let rows = |caption: &str| {
        let table = page.all("table").find(|table| table.text.contains(caption)).unwrap();
        table.text.matches("Environment").count()
    };
    assert_eq!(rows("Coverage of the seventeen sectors"), 1);
    let csv = server.ok("/api/v1/statistics.csv");
    assert!(csv.text().contains(&format!("registry,,records,{}", status.records)));
}

#[test]
fn feeds_say_changed_and_ask_again_and_nothing_else() {
    let fixture = Fixture::get();
    let server = fixture.server();
    for (name, adverse) in [(LARGE, true), (BANK, false), (HOSTILE, true)] {
        let id = server.organisation(name);
        let answer = server.ok(&format!("/en/organisations/{id}/feed.json"));
        let noindex = answer.header("x-robots-tag") == "noindex, noarchive";
        assert_eq!(noindex, adverse, "{name}");
        let feed = answer.json();
        assert_eq!(feed["items"].as_array().unwrap().len(), 1);
        assert_eq!(feed["items"][0]["content_text"], "The file may have changed. Ask again.");
        let atom = server.ok(&format!("/en/organisations/{id}/feed.atom"));
        assert!(atom.header("content-type").starts_with("application/atom+xml"));
        assert!(atom.text().contains(feed["items"][0]["id"].as_str().unwrap()));
        for word in ["record", "fraud", "withdrawn", "ended", "list", "repair", "erased"] {
            let text = atom.text().replace(name, "").to_lowercase();
            assert!(!text.contains(word), "{name}: {word}");
        }
        assert!(!atom.text().contains("<script"));
    }
    let registry = server.ok("/en/feed.json").json();
    let items = registry["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "one day of changes");
    assert!(items[0]["title"].as_str().unwrap().ends_with("Ask again."));
    // Unknown and unsupported organisations answer alike, and an alias not at all.
    let (later, _) = fixture.server_after(3 * 24);
    let gone = server.organisation(ENDING);
    let unknown = "018f0000-0000-7000-8000-000000000000";
    let [one, two] = [gone.as_str(), unknown].map(|id| {
        let answer = later.get(&format!("/en/organisations/{id}/feed.atom"));
        (answer.status, answer.text().replace(id, "ID"))
    });
    assert_eq!(one, two);
    assert_eq!(one.0, StatusCode::NOT_FOUND);
}

#[test]
fn a_feed_tells_no_loss_from_an_addition() {
    let place = place_with_rows(1..=40);
    // Two entries about one organisation, one of which will vanish.
    let feed =
        |server: &Server, id: &str| server.ok(&format!("/en/organisations/{id}/feed.json")).json();
    let server = now_server(&place);
    let csv = unpacked(&server.ok("/data/records.csv.gz").bytes);
    let ids: Vec<String> =
        csv.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    let before: Vec<Value> = ids.iter().map(|id| feed(&server, id)).collect();
    // Time alone, to not current: the entry's id changes, and the date is that of everybody.
    let now = goodstanding::clock::Clock::now(&SystemClock);
    let (later, _) = Server::open(&place.registry(), now.plus_hours(10 * 24));
    let after: Vec<Value> = ids.iter().map(|id| feed(&later, id)).collect();
    let dates: std::collections::BTreeSet<&str> =
        after.iter().map(|feed| feed["items"][0]["date_modified"].as_str().unwrap()).collect();
    assert_eq!(dates.len(), 1, "dates are the same for every organisation");
    for (before, after) in before.iter().zip(&after) {
        assert_ne!(before["items"][0]["id"], after["items"][0]["id"]);
        let without = |feed: &Value| {
            let mut feed = feed.clone();
            for key in ["id", "date_modified"] {
                feed["items"][0][key] = Value::Null;
            }
            feed
        };
        assert_eq!(without(before), without(after), "nothing but id and common date differs");
    }
}

#[test]
fn packs_are_said_in_words_with_citation_and_place_on_the_log() {
    let server = Fixture::get().server();
    let generic = server.ok("/en/packs/generic").page();
    let text = generic.text();
    assert!(text.contains("7 calendar days; the first day is not counted."), "{text}");
    assert!(text.contains("5 per cent of the entries that stand"), "{text}");
    assert!(text.contains("14 calendar days"), "{text}");
    assert_eq!(text.matches("SCOPE.md#").count(), 4, "one citation for each period");
    let br = server.ok("/en/packs/br").page();
    assert!(br.text().contains("This list is published by Office of the Comptroller General"));
    assert!(br.text().contains("Law 12.846/2013") && br.text().contains("No end is set; basis"));
    let pack = server.registry.packs().pack("br").unwrap().clone();
    assert!(br.text().contains(&pack.hash));
    // The entry it names as the place is the one that names it.
    let link = br.all("a").find(|a| a.text.contains("In force since")).unwrap();
    let entry = server.ok(link.attribute("href").unwrap()).page();
    assert!(entry.text().contains(&pack.hash), "{}", entry.text());
    let zh = server.ok("/zh/packs/generic").page();
    assert!(zh.text().contains("7 个自然日；首日不计。"), "{}", zh.text());
    for page in [generic, br, zh] {
        for key in ["period.", "unit.", "counting.", "calendar_days"] {
            assert!(!page.text().contains(key), "{key}");
        }
    }
}

#[test]
fn an_authority_is_shown_with_law_remedy_and_last_reading() {
    let server = Fixture::get().server();
    let page = server.ok("/en/authorities/mdb.idb").page();
    let text = page.text();
    assert!(text.contains("Inter-American Development Bank") && text.contains("Where to apply"));
    assert!(page.all("time").any(|time| time.attribute("datetime") == Some(&today().to_string())));
    let api = server.ok("/api/v1/authorities/mdb.idb").json();
    assert_eq!(api["lists"][0]["list"]["id"], LIST);
    assert!(api["lists"][0]["standing"].as_u64().unwrap() >= 50);
    assert!(!api["lists"][0]["list"]["basis"].as_array().unwrap().is_empty());
    let all = server.ok("/api/v1/authorities").json();
    let named = server.registry.packs().authorities().count();
    assert_eq!(all.as_array().unwrap().len(), named);
}

/// Ten bad inputs for each new kind of address: none is answered by a failure of ours.
#[test]
fn bad_addresses_are_refused_and_never_fail() {
    let server = Fixture::get().server();
    let bad = [
        "..",
        "%2e%2e%2f%2e%2e%2fkeys%2flog.pem",
        "%00",
        "%FF%FE",
        "x%0d%0aset-cookie:a=b",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "018f0000-0000-7000-8000-000000000000",
        "MDB.IDB",
        "名单",
        "'%20OR%201=1--",
        "a.b.c.d.e",
        "snapshot.json",
    ];
    let long = "x".repeat(3_000);
    let places = [
        ("/en/authorities/", ""),
        ("/zh/packs/", ""),
        ("/data/", ""),
        ("/api/v1/authorities/", ""),
        ("/en/organisations/", "/feed.atom"),
        ("/zh/organisations/", "/feed.json"),
    ];
    for (before, after) in places {
        for input in bad.iter().copied().chain([long.as_str()]) {
            // What is no address at all cannot be asked: percent code stands for it.
            let input: String = input
                .chars()
                .map(|c| if c.is_ascii() { c.to_string() } else { "%E5%90%8D".to_owned() })
                .collect();
            let address = format!("{before}{input}{after}");
            let answer = server.get(&address);
            assert!(answer.status.is_client_error(), "{address}: {}", answer.status);
            assert!(answer.headers.get("set-cookie").is_none(), "{address}");
            assert!(!answer.text().contains("<script>"), "{address}");
        }
    }
    for address in [
        "/en/statistics",
        "/zh/statistics",
        "/en/data",
        "/en/packs",
        "/zh/calendars",
        "/zh/authorities",
        "/api/v1/statistics",
        "/api/v1/statistics.csv",
        "/data/catalog.jsonld",
        "/en/feed.atom",
        "/zh/feed.json",
    ] {
        for query in [
            "?x=1",
            "?at=99999999999999999999",
            "?%FF",
            "?=",
            "?a=%00",
            "?q=<script>",
            "?limit=-1",
            "?on=yesterday",
            "?after=x",
            "?%22%3E%3Cscript%3E",
            "?a&a&a",
        ] {
            let query = query.replace('<', "%3C").replace('>', "%3E");
            let answer = server.get(&format!("{address}{query}"));
            assert_eq!(answer.status, StatusCode::OK, "{address}{query}");
            assert!(!answer.text().contains("<script>"), "{address}{query}");
        }
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let status = server.ask(method, address, &[]).status;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {address}");
        }
    }
}

#[test]
fn the_same_clock_and_position_give_the_same_files() {
    let fixture = Fixture::get();
    let made = [fixture.copy(), fixture.copy()].map(|copy| {
        let clock = Arc::new(FixedClock::new(fixture.now.plus_hours(1)));
        let registry = goodstanding::registry::Registry::open(copy.path(), clock).unwrap();
        bulk::make(&registry, &mut |_, _| {}).unwrap()
    });
    assert_eq!(made[0], made[1]);
}
