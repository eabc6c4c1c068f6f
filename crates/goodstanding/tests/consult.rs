//! What follows from a public file, asked by command line, API and page: one answer, explained from
//! record to article, of which nothing is kept.

mod server_support;
mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use axum::http::StatusCode;
use domain::civil::Instant;
use goodstanding::clock::{Clock, SystemClock};
use goodstanding::setup::{self, NewRegistry, Purpose};
use goodstanding::shipped;
use ledger::SystemEntropy;
use policy::PackFile;
use serde_json::{Value, json};
use server_support::Server;
use support::{Place, files, real_list, today};

const BUYER: &str = "purpose=public_procurement&role=procuring_entity&territory=demo";
const HARBOUR: &str = "demo.harbour-procurement";
const BANK: &str = "demo.archipelago-bank";

/// A registry of the invented jurisdiction with a handful of quotations.
struct Registry {
    place: Place,
    now: Instant,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::build);

impl Registry {
    fn build() -> Registry {
        let place = Place::new();
        let invented = shipped::demo().into_iter().filter_map(|file| {
            let path = file.path.strip_prefix("packs/")?.to_owned();
            Some(PackFile { path, text: file.text })
        });
        let packs: Vec<PackFile> = shipped::packs().into_iter().chain(invented).collect();
        let directory = place.registry();
        let new = NewRegistry {
            directory: &directory,
            origin: "test.example/log",
            packs: &packs,
            profiles: &shipped::profiles(),
            purpose: Purpose::Demonstration("tests"),
        };
        setup::create(&new, SystemClock.now(), Box::new(SystemEntropy)).unwrap();
        let file = place.write("own.jsonl", &rows());
        let (_, outcome) = place.import("own", &file, &[]);
        assert_eq!(outcome["accepted"], outcome["rows"], "{outcome}");
        Registry { place, now: SystemClock.now() }
    }

    fn server(&self) -> Server {
        Server::open(&self.place.registry(), self.now).0
    }
}

/// Name of the organisation, first and last day from today, what the list says of who decided.
const ROWS: [(&str, i64, i64, Option<&str>); 4] = [
    ("Long Exclusion Works Ltd", -120, 610, Some("Fictional Harbour Procurement Office")),
    ("Short Exclusion Works Ltd", -120, 100, Some("Fictional Harbour Procurement Office")),
    ("Unnamed Decider Works Ltd", -120, 610, Some("Somebody")),
    ("Silent List Works Ltd", -120, 610, None),
];

fn rows() -> String {
    let mut lines = String::new();
    for (name, start, end, imposed_by) in ROWS {
        let fields = imposed_by.map_or(json!({}), |text| json!({"imposed_by": text}));
        let row = json!({
            "key": name, "list": "demo.procurement-exclusions",
            "organisation": {"kind": "enterprise", "name": name, "country": "ZZ"},
            "entries": ["threats"], "fields": fields,
            "start": today().plus_days(start).to_string(),
            "end": today().plus_days(end).to_string(),
        });
        lines.push_str(&format!("{row}\n"));
    }
    let neutral = json!({
        "key": "neutral", "list": "demo.registrations",
        "organisation": {"kind": "enterprise", "name": "Nothing Adverse Works Ltd",
            "country": "ZZ"},
        "entries": ["registered"],
        "fields": {"category": "Company", "number": "R-1", "status": "Registered"},
    });
    lines + &format!("{neutral}\n")
}

fn ask(server: &Server, name: &str, more: &str) -> Value {
    let id = server.organisation(name);
    server.ok(&format!("/api/v1/consult?organisation={id}&{BUYER}{more}")).json()
}

fn why(answer: &Value) -> Vec<&str> {
    let considered = answer["considered"].as_array().unwrap().iter();
    let why = considered.map(|it| it["why_not"].as_str().unwrap());
    // Measures of other records are looked at too.
    why.filter(|why| !["other_type", "other_ground"].contains(why)).collect()
}

fn told(answer: &Value) -> BTreeMap<String, String> {
    let conditions = answer["recognition"][0]["conditions"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    conditions.map(|it| (text(&it["condition"]), text(&it["told"]))).collect()
}

fn parties(answer: &Value) -> BTreeMap<String, String> {
    let parties = answer["recognition"][0]["parties"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    parties.map(|it| (text(&it["party"]), text(&it["standing"]))).collect()
}

#[test]
fn i38_an_answer_is_a_basis_explained_from_record_to_article() {
    let server = REGISTRY.server();
    let answer = ask(&server, "Long Exclusion Works Ltd", "");
    assert_eq!(answer["nothing_applies"], false);
    let [measure] = answer["applicable"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!(measure["measure"], "demo.procurement-exclusion");
    assert_eq!(measure["version"], 1);
    assert_eq!(measure["effect"], "EXCLUDE");
    assert_eq!(measure["basis"][0]["article"], "40");
    assert_eq!(measure["from"], today().plus_days(-120).to_string());
    assert_eq!(measure["until"], today().plus_days(610).to_string());
    let reason = &measure["reason"];
    assert_eq!(reason["list"], "demo.procurement-exclusions");
    assert_eq!(reason["authority"]["key"], HARBOUR);
    assert_eq!(reason["grounds"], json!(["coercion"]));
    assert_eq!(reason["basis"][0]["article"], "2");
    // The record is there under its id, with its proof.
    server.ok(&format!("/api/v1/records/{}", measure["record"].as_str().unwrap()));
    // I-38
    assert_eq!(answer["basis_for_a_decision_by_the_addressee"], true);
    assert!(answer["packs"].as_array().unwrap().iter().any(|pack| pack["name"] == "demo"));
    // Dated, and it says until when: never beyond its day.
    let until: Instant = answer["usable_until"].as_str().unwrap().parse().unwrap();
    assert!(until > REGISTRY.now && until <= REGISTRY.now.plus_hours(24));
}

#[test]
fn i67_each_condition_of_recognition_is_shown_and_decides() {
    let server = REGISTRY.server();
    let long = ask(&server, "Long Exclusion Works Ltd", "");
    assert!(told(&long).values().all(|told| told == "met"), "{long}");
    assert_eq!(parties(&long)[HARBOUR], "decided");
    assert_eq!(parties(&long)[BANK], "would_enforce");

    let short = ask(&server, "Short Exclusion Works Ltd", "");
    assert_eq!(told(&short)["longer_than"], "not_met");
    assert_eq!(parties(&short)[BANK], "would_not");
    assert!(why(&short).contains(&"not_recognised"), "{short}");
    assert_eq!(short["nothing_applies"], true);
    // Whoever decided needs no agreement to hold to its own decision.
    let own = ask(&server, "Short Exclusion Works Ltd", &format!("&addressee={HARBOUR}"));
    assert_eq!(own["nothing_applies"], false);
    let other = ask(&server, "Short Exclusion Works Ltd", &format!("&addressee={BANK}"));
    assert_eq!(other["nothing_applies"], true);

    for name in ["Unnamed Decider Works Ltd", "Silent List Works Ltd"] {
        let answer = ask(&server, name, "");
        assert_eq!(told(&answer)["party"], "untold");
        assert_eq!(parties(&answer)[BANK], "open", "not known is not met");
        // Its own list names it, whoever decided.
        assert_eq!(parties(&answer)[HARBOUR], "enforces");
        assert_eq!(answer["nothing_applies"], true, "{name}");
        let no_party = ask(&server, name, "&addressee=demo.market-bureau");
        assert_eq!(no_party["nothing_applies"], true, "{name}");
    }
}

#[test]
fn the_day_asked_for_counts_and_what_is_no_longer_public_does_not() {
    let registry = &*REGISTRY;
    let server = registry.server();
    let name = "Long Exclusion Works Ltd";
    let on = |days: i64| format!("&on={}", today().plus_days(days));
    assert_eq!(why(&ask(&server, name, &on(-121))), ["not_begun"]);
    assert_eq!(ask(&server, name, &on(610))["nothing_applies"], false);
    assert_eq!(why(&ask(&server, name, &on(611))), ["over"]);
    // Not read again: not current, so that nothing follows; then hidden, so that nothing answers.
    let id = server.organisation(name);
    let path = format!("/api/v1/consult?organisation={id}&{BUYER}");
    let (later, _) = Server::open(&registry.place.registry(), registry.now.plus_hours(24 * 10));
    let stale = later.ok(&path).json();
    assert_eq!(stale["nothing_applies"], true);
    assert!(stale["recognition"].as_array().unwrap().is_empty(), "{stale}");
    let (hidden, _) = Server::open(&registry.place.registry(), registry.now.plus_hours(24 * 20));
    let gone = hidden.get(&path);
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let never = "01a2057c-4644-7200-b8df-55c0b72b53e2";
    let unknown = hidden.get(&path.replace(&id, never));
    assert_eq!(gone.text(), unknown.text(), "as if it never was");
}

/// Validators are made of the midnights of the lists' zones; an answer is about a day in UTC.
#[test]
fn yesterdays_answer_is_not_let_stand_by_its_validator() {
    let registry = &*REGISTRY;
    let id = registry.server().organisation("Long Exclusion Works Ltd");
    let noon: Instant = format!("{}T18:00:00Z", today()).parse().unwrap();
    let before = noon.plus_hours(24).max(registry.now);
    for path in ["/api/v1/consult", "/api/v1/consult/receipt", "/en/consult"] {
        let path = format!("{path}?organisation={id}&{BUYER}");
        let (evening, clock) = Server::open(&registry.place.registry(), before);
        let first = evening.ok(&path);
        // Past midnight in UTC; the lists' day began eight hours before and lasts.
        clock.advance(7);
        let headers = [("if-none-match", first.header("etag"))];
        let again = evening.ask("GET", &path, &headers);
        assert_eq!(again.status, StatusCode::OK, "{path}");
        assert_ne!(again.text(), first.text(), "{path}");
    }
}

#[test]
fn the_page_says_what_the_data_say_in_both_languages() {
    let server = REGISTRY.server();
    let id = server.organisation("Long Exclusion Works Ltd");
    for (code, title, article, would) in [
        ("en", "No part in public tenders", "Fictional Procurement Act, 40", "would enforce"),
        ("zh", "不得参加公共采购", "虚构《采购法》第40条", "将执行"),
    ] {
        let page = server.ok(&format!("/{code}/consult?organisation={id}&{BUYER}"));
        let text = page.page().text().to_owned();
        for expected in [title, would] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(text.contains(article) || text.contains("40"), "{article} in {text}");
        assert_eq!(page.header("x-robots-tag"), "noindex, noarchive");
    }
    let nothing = server.organisation("Nothing Adverse Works Ltd");
    for (code, words) in
        [("en", ["Nothing applies.", "no certificate"]), ("zh", ["不适用任何措施。", "不是证明"])]
    {
        let page = server.ok(&format!("/{code}/consult?organisation={nothing}&{BUYER}"));
        for expected in words {
            assert!(page.page().text().contains(expected), "{expected}");
        }
    }
    // The file links to the form with its organisation filled in.
    let file = server.ok(&format!("/en/organisations/{id}"));
    let link = format!("/en/consult?organisation={id}");
    assert!(file.text().contains(&link));
    let form = server.ok(&link).page();
    let field = form.with_id("organisation").unwrap();
    assert_eq!(field.attribute("value"), Some(id.as_str()));
    assert!(form.text().contains("Ask") && !form.text().contains("Nothing applies"));
}

#[test]
fn a_bad_question_is_told_by_its_part_and_answers_nothing() {
    let server = REGISTRY.server();
    let id = server.organisation("Long Exclusion Works Ltd");
    let good = format!("organisation={id}&{BUYER}");
    for (part, bad) in [
        ("organisation", good.replace("organisation=", "x=")),
        ("purpose", good.replace("public_procurement", "travel")),
        ("role", good.replace("procuring_entity", "employer")),
        ("territory", good.replace("territory=demo", "territory=%3Cb%3E")),
        ("on", format!("{good}&on=2026-02-30")),
        ("addressee", format!("{good}&addressee=demo.nobody")),
    ] {
        let answer = server.get(&format!("/api/v1/consult?{bad}"));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(answer.text().contains(part), "{part}: {}", answer.text());
        let page = server.ok(&format!("/en/consult?{bad}"));
        let text = page.page().text().to_owned();
        assert!(!text.contains("No part in public tenders"), "{bad}");
        assert!(page.text().contains(&format!("<a href=\"#{part}\">")), "{bad}: {}", page.text());
    }
    let unknown = server.get(&format!("/api/v1/consult?organisation=nobody&{BUYER}"));
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[test]
fn p9_a_private_consultation_leaves_every_byte_as_it_was() {
    let place = REGISTRY.place.copied();
    let (server, _) = Server::open(&place.registry(), REGISTRY.now);
    let id = server.organisation("Long Exclusion Works Ltd");
    let kept = |place: &Place| -> BTreeMap<PathBuf, Vec<u8>> {
        // Files beside a database come and go with the last connection to it.
        let is_beside = |path: &PathBuf| {
            let name = path.to_string_lossy();
            name.ends_with("-wal") || name.ends_with("-shm")
        };
        files(&place.registry()).into_iter().filter(|(path, _)| !is_beside(path)).collect()
    };
    let before = kept(&place);
    server.ok(&format!("/api/v1/consult?organisation={id}&{BUYER}"));
    server.ok(&format!("/zh/consult?organisation={id}&{BUYER}"));
    let words = ["--purpose", "public_procurement", "--role", "procuring_entity"];
    let mut arguments = vec!["consult", id.as_str(), "--territory", "demo", "--json"];
    arguments.extend(words);
    let ended = place.run(&arguments);
    ended.expect(0);
    assert_eq!(ended.json()["applicable"][0]["measure"], "demo.procurement-exclusion");
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
    assert_eq!(before, kept(&place));
}

#[test]
fn the_command_says_the_same_in_words() {
    let server = REGISTRY.server();
    let id = server.organisation("Short Exclusion Works Ltd");
    let words = ["--purpose", "public_procurement", "--role", "procuring_entity"];
    let mut arguments = vec!["consult", id.as_str(), "--territory", "demo"];
    arguments.extend(words);
    let ended = REGISTRY.place.run(&arguments);
    ended.expect(0);
    for expected in
        ["Nothing applies", "no certificate", "longer than", "not met", "would not enforce"]
    {
        assert!(ended.stdout.contains(expected), "{expected} in {}", ended.stdout);
    }
    arguments.extend(["--addressee", HARBOUR]);
    let own = REGISTRY.place.run(&arguments);
    own.expect(0);
    for expected in ["EXCLUDE (by law)", "Fictional Procurement Act", "decided itself"] {
        assert!(own.stdout.contains(expected), "{expected} in {}", own.stdout);
    }
    arguments.extend(["--on", "never"]);
    REGISTRY.place.run(&arguments).expect(1);
}

#[test]
fn the_rule_over_the_whole_registry_names_every_decision_of_a_party() {
    let out = REGISTRY.place.path("who.csv");
    let rule = "demo.mutual-enforcement";
    let arguments = ["policy", "recognition", rule, "--csv", out.to_str().unwrap(), "--json"];
    let ended = REGISTRY.place.run(&arguments);
    ended.expect(0);
    let answer = ended.json();
    // One is neutral: no decision.
    assert_eq!(answer["decisions"].as_array().unwrap().len(), 4, "{answer}");
    let table = std::fs::read_to_string(&out).unwrap();
    assert_eq!(table.lines().count(), 5);
    let long = table.lines().find(|line| line.contains("Long Exclusion")).unwrap();
    assert!(long.ends_with("would_enforce,decided") || long.contains("decided"), "{long}");
    REGISTRY.place.run(&["policy", "recognition", "demo.unknown"]).expect(1);
}

/// docs/mdb-recognition.md: the figures on that page.
#[test]
fn the_real_list_agrees_with_itself_as_the_page_says() {
    let Some(file) = real_list("idb-sanctioned-firms/idb-sanctioned-firms-2025-01.xlsx") else {
        return;
    };
    let place = Place::new();
    let ended = place.run(&[
        "policy",
        "recognition",
        "mdb.mutual-enforcement",
        "--file",
        file.to_str().unwrap(),
        "--profile",
        "idb",
        "--as-of",
        "2025-01-02",
        "--json",
    ]);
    ended.expect(0);
    let answer = ended.json();
    println!("{:#}\n{:#}", answer["file"], answer["measured"]);
    assert_eq!(answer["file"]["rows"], 846);
    let decisions = answer["decisions"].as_array().unwrap().len() as u64;
    let left_out = ["already_ended", "quarantined", "refused"];
    let left_out: u64 = left_out.iter().map(|key| answer["file"][key].as_u64().unwrap()).sum();
    assert_eq!(decisions + left_out, 846);
    // I-67: nobody is told to enforce what the list does not show to meet every condition.
    assert!(answer["measured"]["cross"].get("would_enforce").is_none());
    let page = std::fs::read_to_string(support::workspace().join("docs/mdb-recognition.md"));
    let page = page.unwrap();
    for row in answer["measured"]["in_the_way"].as_array().unwrap() {
        let decisions = row["decisions"].as_u64().unwrap();
        assert!(page.contains(&format!("| {decisions} |")), "{row} is not on the page");
    }
    for row in answer["measured"]["by_decider"].as_array().unwrap() {
        let (decider, decisions) = (row["decider"].as_str().unwrap(), &row["decisions"]);
        assert!(page.contains(&format!("| `{decider}` | {decisions} |")), "{row}");
    }
}

#[test]
fn a_signed_answer_holds_until_its_time_is_over_and_forged_ones_do_not() {
    let server = REGISTRY.server();
    let id = server.organisation("Long Exclusion Works Ltd");
    let place = &REGISTRY.place;
    let out = place.path("answer.txt");
    let words = ["--purpose", "public_procurement", "--role", "procuring_entity"];
    let mut arguments = vec!["consult", id.as_str(), "--territory", "demo"];
    arguments.extend(words);
    arguments.extend(["--receipt", out.to_str().unwrap()]);
    place.run(&arguments).expect(0);
    // Never over something that is there, never into the registry.
    place.run(&arguments).expect(2);
    let inside = place.registry().join("answer.txt");
    *arguments.last_mut().unwrap() = inside.to_str().unwrap();
    place.run(&arguments).expect(2);

    let key = place.run(&["key", "show", "--json"]).json();
    let vkey = key["answers_vkey"].as_str().unwrap().to_owned();
    let descriptor = server.ok("/.well-known/goodstanding.json").json();
    assert_eq!(descriptor["answers_vkey"], vkey.as_str());
    let check = |file: &std::path::Path, key: Option<&str>| {
        let mut arguments = vec!["verify", file.to_str().unwrap()];
        arguments.extend(key.iter().flat_map(|key| ["--vkey", key]));
        support::run(&arguments)
    };
    let said = check(&out, Some(&vkey));
    said.expect(0);
    assert!(said.stdout.contains("follows demo.procurement-exclusion 1 EXCLUDE mandatory"));
    check(&out, None).expect(2);
    check(&out, key["vkey"].as_str()).expect(2);

    let note = std::fs::read_to_string(&out).unwrap();
    let forged = place.write("forged.txt", &note.replace("mandatory", "discretionary"));
    check(&forged, Some(&vkey)).expect(1);
    // By HTTP it is the same text but for its instant and place on the log.
    let served =
        server.ok(&format!("/api/v1/consult/receipt?organisation={id}&{BUYER}")).text().to_owned();
    let kept = |note: &str| -> Vec<String> {
        let of_the_moment = ["as_of ", "log ", "known_below ", "\u{2014} "];
        let lines =
            note.lines().filter(|line| !of_the_moment.iter().any(|it| line.starts_with(it)));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(kept(&served), kept(&note));
    let file = place.write("served.txt", &served);
    check(&file, Some(&vkey)).expect(0);
    // The next day it cannot be told any more.
    let vkey = ledger::note::Vkey::parse(&vkey).unwrap();
    let tomorrow = REGISTRY.now.plus_hours(25);
    let (outcome, said) = goodstanding::signed_answer::verify(&served, Some(&vkey), tomorrow);
    assert!(matches!(outcome, ledger::verify::Outcome::CouldNotTell(_)), "{outcome:?}");
    assert!(said.is_some());
}

#[test]
fn a_registry_without_the_key_answers_and_signs_nothing() {
    let place = REGISTRY.place.copied();
    std::fs::remove_file(place.registry().join("keys/answers.key")).unwrap();
    let (server, _) = Server::open(&place.registry(), REGISTRY.now);
    let id = server.organisation("Long Exclusion Works Ltd");
    server.ok(&format!("/api/v1/consult?organisation={id}&{BUYER}"));
    let receipt = server.get(&format!("/api/v1/consult/receipt?organisation={id}&{BUYER}"));
    assert_eq!(receipt.status, StatusCode::NOT_FOUND);
    let shown = place.run(&["key", "show", "--json"]).json();
    assert!(shown["answers_vkey"].is_null());
    place.run(&["key", "answers"]).expect(0);
    place.run(&["key", "answers"]).expect(2);
    let shown = place.run(&["key", "show", "--json"]).json();
    assert!(shown["answers_vkey"].as_str().unwrap().starts_with("test.example/log/answers+"));
}
