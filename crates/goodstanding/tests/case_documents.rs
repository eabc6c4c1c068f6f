//! Notice and decision as their readers get them: complete, in each language, for the
//! parties alone.

mod case_support;

use std::collections::BTreeSet;

use axum::http::{StatusCode, header};
use case_support::{Answer, Office, notice, uphold};
use domain::case::NoticeItem;
use domain::civil::{Instant, Zone};
use goodstanding::clock::Clock as _;
use goodstanding::server::Options;
use serde_json::{Value, json};

fn office() -> Office {
    Office::new()
}

fn documents(office: &Office, record: &str, token: &str, query: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("/api/v1/cases/{record}/documents{query}");
    office.send("GET", &path, &headers, Vec::new())
}

fn section<'a>(document: &'a Value, key: &str) -> &'a Value {
    let sections = document["sections"].as_array().unwrap();
    sections.iter().find(|section| section["key"] == key).unwrap_or(&Value::Null)
}

/// The texts of a section, labels left out.
fn texts(section: &Value) -> String {
    let lines = section["lines"].as_array().unwrap();
    lines.iter().map(|line| line["text"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn days(section: &Value) -> Vec<&str> {
    let lines = section["lines"].as_array().unwrap();
    lines.iter().filter_map(|line| line["day"].as_str()).collect()
}

fn with_measure() -> Value {
    let mut notice = notice();
    notice["notice"]["measures"] = json!(["demo.closer-inspection"]);
    notice
}

#[test]
fn a_notice_is_written_out_with_everything_that_it_has_to_hold_in_each_language() {
    let office = office();
    let (record, _) = office.record();
    let served = office.act(&record, &with_measure(), "officer-1").expect(201);
    let token = served["subject_token"].as_str().unwrap();
    let mut all = Vec::new();
    for language in ["en", "zh"] {
        let answer = documents(&office, &record, token, &format!("?language={language}"));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        let written = answer.expect(200);
        assert_eq!(written["language"], language);
        let notice = written["documents"][0].clone();
        assert_eq!(notice["kind"], "notice");
        let keys: BTreeSet<&str> = notice["sections"]
            .as_array()
            .unwrap()
            .iter()
            .map(|section| section["key"].as_str().unwrap())
            .collect();
        let items: BTreeSet<&str> = NoticeItem::ALL.iter().map(|item| item.key()).collect();
        assert_eq!(keys, items, "{language}: every item of a notice, and nothing else");
        for section in notice["sections"].as_array().unwrap() {
            for line in section["lines"].as_array().unwrap() {
                let text = line["text"].as_str().unwrap();
                assert!(!text.trim().is_empty() && !text.contains('{'), "{language}: {text}");
                // A text that is missing shows as its key.
                assert!(!text.starts_with("document.") && !text.starts_with("due."), "{text}");
            }
        }
        all.push(notice);
    }
    let [en, zh] = all.as_slice() else { panic!() };
    for notice in [en, zh] {
        assert!(texts(section(notice, "facts")).contains("discharge at night"));
        assert!(texts(section(notice, "evidence")).contains("readings of the gauge"));
        assert!(texts(section(notice, "evidence")).contains("at the office, any working day"));
        assert!(texts(section(notice, "authority")).contains("Legal desk, 4 Quay Street"));
        assert!(texts(section(notice, "authority")).contains("EB 17/2026"));
        assert!(texts(section(notice, "subject")).contains("TEST00REGISTRY"));
        assert!(texts(section(notice, "remedies")).contains("example.org/fictional/remedy"));
    }
    assert!(texts(section(en, "grounds")).contains("Fictional Penalties Act, art. 1"));
    assert!(texts(section(zh, "grounds")).contains("虚构《处罚法》"));
    assert!(texts(section(en, "intention")).contains("general"));
    assert!(texts(section(zh, "no_worse")).contains("不会加重"));
    // The measure with its law and whom it addresses.
    let measures = texts(section(en, "measures"));
    assert!(measures.contains("inspects more") && measures.contains("inspection authority"));
    assert!(measures.contains("Fictional"), "{measures}");
}

#[test]
fn days_in_the_notice_are_those_that_the_case_keeps() {
    let office = office();
    let (record, token) = office.noticed();
    let written = documents(&office, &record, &token, "").expect(200);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let case =
        office.send("GET", &format!("/api/v1/cases/{record}"), &headers, Vec::new()).expect(200);
    let zone: Zone = "Asia/Shanghai".parse().unwrap();
    let last = |key: &str| {
        let at: Instant = case["dates"][key].as_str().unwrap().parse().unwrap();
        at.plus_minutes(-1).day_in(&zone).to_string()
    };
    let answer = section(&written["documents"][0], "answer");
    let told = days(answer);
    assert_eq!(told.first().copied(), Some(last("answer_until").as_str()), "{answer}");
    assert_eq!(told.last().copied(), Some(last("decide_by").as_str()), "{answer}");
    let due = written["deadlines"].as_array().unwrap();
    assert_eq!(&written["deadlines"], &case["deadlines"], "told in both places alike");
    assert!(due.is_sorted_by_key(|due| due["at"].as_str().unwrap().to_owned()));
    let one = due.iter().find(|due| due["key"] == "answer_until").unwrap();
    assert_eq!((&one["whose"], one["missed"].as_bool()), (&"subject".into(), Some(false)));
    assert_eq!(one["last_day"], last("answer_until"));
    assert!(one["law"].as_str().unwrap().contains("Fictional Penalties Act, art. 20"), "{one}");
    assert!(one["then"].as_str().unwrap().len() > 8, "{one}");
    // Public from the day after the standstill of a decision on the first possible day.
    let from = days(section(&written["documents"][0], "publication"))[0].to_owned();
    assert!(from > last("answer_until"), "{from}");
}

#[test]
fn a_decision_shows_each_point_with_its_answer_and_one_that_leaves_a_point_out_is_refused() {
    let office = office();
    let (record, token) = office.noticed();
    let say = |points: Value| json!({"command": "represent", "points": points});
    let first = json!(["Our permit allows 20 mg.", "It was another river."]);
    office.subject(&record, &say(first), &token).expect(201);
    // Numbered in the text is as good as listed, and numbers go on.
    let second = json!({"command": "represent", "points": 1, "text": "1. The gauge was broken."});
    office.subject(&record, &second, &token).expect(201);
    let unnumbered = json!({"command": "represent", "points": 2, "text": "1. Only this one."});
    let refused = office.subject(&record, &unnumbered, &token);
    assert_eq!(refused.body["refusal"], 882, "{}", refused.body);
    let case = documents(&office, &record, &token, "").expect(200);
    let due = case["deadlines"].as_array().unwrap();
    let window = due.iter().find(|due| due["key"] == "answer_until").unwrap();
    let until: Instant = window["at"].as_str().unwrap().parse().unwrap();
    office.clock.set(until.plus_hours(24));
    let today = office.clock.now().day_in(&Zone::UTC).to_string();

    let mut decision = uphold(&today, 3);
    decision["outcome"]["answers"][1] = json!({"point": 2, "text": "  "});
    assert_eq!(office.act(&record, &decision, "decider-1").body["refusal"], 732);
    decision["outcome"]["answers"][1] = json!({"point": 4, "text": "nobody asked"});
    assert_eq!(office.act(&record, &decision, "decider-1").body["refusal"], 732);
    let mut twice = uphold(&today, 3);
    twice["outcome"]["answers"][1] = json!({"point": 1, "text": "once more"});
    assert_eq!(office.act(&record, &twice, "decider-1").body["refusal"], 880);
    let mut more = uphold(&today, 4);
    assert_eq!(office.act(&record, &more, "decider-1").body["refusal"], 880);
    more["outcome"]["points_answered"] = 3.into();
    assert_eq!(office.act(&record, &more, "decider-1").body["refusal"], 732);
    office.act(&record, &uphold(&today, 3), "decider-1").expect(201);

    let written = documents(&office, &record, &token, "").expect(200);
    let decision = &written["documents"][1];
    assert_eq!(decision["kind"], "decision");
    let answers = section(decision, "answers")["lines"].as_array().unwrap().clone();
    let lines: Vec<&str> = answers.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "Our permit allows 20 mg.",
            "point 1 was looked at",
            "It was another river.",
            "point 2 was looked at",
            "The gauge was broken.",
            "point 3 was looked at",
        ]
    );
    assert!(answers.iter().all(|line| line["quoted"] == true), "in the parties' own words");
    assert!(texts(section(decision, "reasons")).contains("each point was looked at"));
    assert!(texts(section(decision, "outcome")).contains("EB 17/2026-1"));
    // The remedy of the law has a day now, and the article it is from.
    let remedy = section(decision, "remedies");
    let expected = office.clock.now().day_in(&Zone::UTC).plus_days(30).to_string();
    assert!(days(remedy).first().is_some_and(|day| **day >= *expected), "{remedy}");
    let keys: Vec<&str> = written["deadlines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|due| due["key"].as_str().unwrap())
        .collect();
    for key in ["standstill_until", "remedy_until", "repair_from", "ends_on"] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
}

#[test]
fn a_notice_without_words_for_what_only_the_authority_knows_is_refused() {
    let office = office();
    let (record, _) = office.record();
    for (field, text) in [
        ("facts", ""),
        ("evidence", "see file"),
        ("access", "-----------------"),
        ("office", "证据"),
    ] {
        let mut notice = notice();
        notice["notice"][field] = text.into();
        assert_eq!(office.act(&record, &notice, "officer-1").body["refusal"], 724, "{field}");
        let mut notice = case_support::notice();
        notice["notice"].as_object_mut().unwrap().remove(field);
        let status = office.act(&record, &notice, "officer-1").body["refusal"].clone();
        assert!(status == 724 || field == "facts", "{field}: {status}");
        // Nobody's telephone number stands in it either.
        let mut notice = case_support::notice();
        notice["notice"][field] = "ask for it at 13912345678 any day".into();
        assert_eq!(office.act(&record, &notice, "officer-1").body["refusal"], 102, "{field}");
    }
    let mut notice = notice();
    notice["notice"]["evidence"] = "现场检查笔录及照片".into();
    notice["notice"]["items"] = json!(["facts"]);
    assert_eq!(office.act(&record, &notice, "officer-1").body["refusal"], 724, "an open form");
    notice["notice"].as_object_mut().unwrap().remove("items");
    office.act(&record, &notice, "officer-1").expect(201);
}

#[test]
fn documents_are_for_the_parties_of_the_case_alone() {
    let office = office();
    let (record, token) = office.noticed();
    let path = format!("/api/v1/cases/{record}/documents");
    let unknown = "/api/v1/cases/018f0000-0000-7000-8000-000000000000/documents";
    let nobody = office.send("GET", &path, &[], Vec::new());
    let nothing = office.send("GET", unknown, &[], Vec::new());
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    assert_eq!(nobody.body, nothing.body, "whether there is a case or not");
    let wrong = documents(&office, &record, "00", "");
    assert_eq!((wrong.status, &wrong.body), (StatusCode::NOT_FOUND, &nobody.body));
    let own = office.signed("GET", &path, &Value::Null, office.key("decider-1")).expect(200);
    let of_subject = documents(&office, &record, &token, "").expect(200);
    assert_eq!(own, of_subject, "both parties read the same");
    assert_eq!(documents(&office, &record, &token, "?language=xx").status, 400);
}

/// A form as a browser sends it.
fn posted(office: &Office, language: &str, form: &str) -> (StatusCode, String, String) {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let path = format!("/{language}/case");
    let (status, headers, text) = office.text("POST", &path, &headers, form.as_bytes().to_vec());
    let kept = headers[header::CACHE_CONTROL].to_str().unwrap().to_owned();
    (status, kept, text)
}

#[test]
fn an_organisation_reads_its_case_on_a_page_without_its_token_in_any_address() {
    let office = office();
    let (record, token) = office.noticed();
    let (status, _, form) = office.text("GET", "/en/case", &[], Vec::new());
    assert_eq!(status, StatusCode::OK);
    assert!(form.contains("method=\"post\"") && !form.contains("<script"), "{form}");
    let (status, kept, page) = posted(&office, "en", &format!("record={record}&token={token}"));
    assert_eq!((status, kept.as_str()), (StatusCode::OK, "no-store"));
    for text in
        ["discharge at night", "Legal desk, 4 Quay Street", "answer to the notice", "noindex"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains(&token), "the token is nowhere on the page");
    let (_, _, zh) = posted(&office, "zh", &format!("record={record}&token={token}"));
    assert!(zh.contains("拟作记录告知书") && zh.contains("答复告知书"), "{zh}");
    // Whoever has no token that fits gets one answer.
    let wrong = posted(&office, "en", &format!("record={record}&token=00"));
    let none = posted(&office, "en", "record=018f0000-0000-7000-8000-000000000000&token=00");
    assert_eq!(wrong, none);
    assert_eq!((wrong.0, wrong.1.as_str()), (StatusCode::NOT_FOUND, "no-store"));
    assert!(!wrong.2.contains(&record), "what was typed is not repeated");
    let large = format!("record={record}&token={}", "a".repeat(2_000));
    assert_eq!(posted(&office, "en", &large).0, StatusCode::PAYLOAD_TOO_LARGE);
    let (status, ..) =
        office.text("POST", "/en/case", &[("content-type", "text/plain")], b"record=x".to_vec());
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[test]
fn where_no_cases_are_taken_the_page_says_so_and_takes_no_form() {
    let options = Options { proceedings: false, ..Options::default() };
    let office = Office::with(options);
    let (status, _, page) = office.text("GET", "/en/case", &[], Vec::new());
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("takes no cases over the web") && !page.contains("<form"), "{page}");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let (status, ..) = office.text("POST", "/en/case", &headers, b"record=x&token=y".to_vec());
    assert_ne!(status, StatusCode::OK);
}

/// What the page for organisations shows of the case `name` of the demonstration of one day, with
/// words for what differs from one building of it to the next.
fn example(directory: &std::path::Path, name: &str, now: Instant) -> String {
    let clock = goodstanding::clock::FixedClock::new(now);
    let packs = goodstanding::setup::load_packs(directory).unwrap();
    let desk = goodstanding::cases::Desk::open(directory, &packs, &clock).unwrap();
    let played = goodstanding::demo::played(directory).unwrap();
    let played = played.iter().find(|case| case.name == name).unwrap();
    let record = played.record.parse().unwrap();
    let file = goodstanding::cases::file::CaseFile::of(desk.view(), &packs, record, now);
    let catalogue = goodstanding::messages::Catalogue::load().unwrap();
    let m = catalogue.get("en").unwrap();
    let written = goodstanding::cases::document::documents(m, &file.unwrap().unwrap());
    let text = goodstanding::cases::document::to_text(m, &written);
    let mut text = text.replace(&played.record, "RECORD").replace(&played.organisation, "NUMBER");
    for document in &written.documents {
        text = text.replace(&m.number(document.position), "POSITION");
    }
    let as_of = text.rfind("\nAs of").unwrap();
    text.truncate(as_of);
    text.lines().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[test]
fn the_examples_of_the_page_for_organisations_are_what_the_program_writes() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("demo");
    let now: Instant = "2026-11-25T09:30:00Z".parse().unwrap();
    let clock = goodstanding::clock::FixedClock::new(now);
    goodstanding::demo::build(&directory, &clock, &mut |_, _| {}).unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/organisations/what-you-receive.md");
    let mut page = std::fs::read_to_string(&path).unwrap();
    for name in ["noticed", "standstill"] {
        let begins = format!("<!-- example:{name} -->\n```text\n");
        let (before, rest) = page.split_once(&begins).unwrap();
        let (shown, after) = rest.split_once("```").unwrap();
        let expected = example(&directory, name, now);
        if std::env::var_os("GOODSTANDING_WRITE_EXAMPLES").is_some() {
            page = format!("{before}{begins}{expected}\n```{after}");
            continue;
        }
        assert_eq!(shown.trim(), expected, "{name}: write it with GOODSTANDING_WRITE_EXAMPLES=1");
    }
    if std::env::var_os("GOODSTANDING_WRITE_EXAMPLES").is_some() {
        std::fs::write(&path, page).unwrap();
    }
}

#[test]
fn every_case_of_the_demonstration_can_be_read_by_its_parties_in_each_language() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("demo");
    let now: Instant = "2026-11-25T09:30:00Z".parse().unwrap();
    let clock = goodstanding::clock::FixedClock::new(now);
    goodstanding::demo::build(&directory, &clock, &mut |_, _| {}).unwrap();
    let packs = goodstanding::setup::load_packs(&directory).unwrap();
    let desk = goodstanding::cases::Desk::open(&directory, &packs, &clock).unwrap();
    let catalogue = goodstanding::messages::Catalogue::load().unwrap();
    let mut kinds = BTreeSet::new();
    let mut due = BTreeSet::new();
    for played in goodstanding::demo::played(&directory).unwrap() {
        let record = played.record.parse().unwrap();
        let file = goodstanding::cases::file::CaseFile::of(desk.view(), &packs, record, now);
        let Some(file) = file.unwrap() else { continue };
        for m in catalogue.languages() {
            let written = goodstanding::cases::document::documents(m, &file);
            let text = goodstanding::cases::document::to_text(m, &written);
            // A text that is missing shows as its key.
            let families = ["document.", "due.", "party.", "consult.", "unit.", "ground.", "type."];
            for key in m.keys().filter(|key| families.iter().any(|it| key.starts_with(it))) {
                assert!(!text.contains(key), "{}: {key} in {text}", played.name);
            }
            assert!(!text.contains("{n}") && !text.contains("{law}"), "{}: {text}", played.name);
            let page = goodstanding::server::document_page(m, &written).unwrap();
            assert!(page.contains("<style>") && !page.contains("<script"), "{}", played.name);
            kinds.extend(written.documents.iter().map(|document| document.kind.clone()));
            for one in &written.deadlines {
                // Every day has its article; the end of an interim or neutral record has its
                // decision.
                let is_set = one.law.is_some() || one.key == "ends_on";
                assert!(is_set, "{}: {one:?}", played.name);
                due.insert(one.key.clone());
            }
        }
        // Told are exactly the days that the rules keep, and those of the law beside them.
        let m = catalogue.get("en").unwrap();
        let told: BTreeSet<String> = goodstanding::cases::document::documents(m, &file)
            .deadlines
            .iter()
            .map(|one| one.key.clone())
            .filter(|key| key != "remedy_until" && key != "repair_from")
            .collect();
        let kept: BTreeSet<String> =
            file.case.deadlines().iter().map(|it| it.key.key().to_owned()).collect();
        assert_eq!(told, kept, "{}", played.name);
    }
    let expected = ["notice", "precheck", "interim", "decision"].map(str::to_owned);
    assert_eq!(kinds, BTreeSet::from(expected));
    for key in ["answer_until", "decide_by", "standstill_until", "notice_by", "hearing_on"] {
        assert!(due.contains(key), "{key} in {due:?}");
    }
    for key in ["objection_decide_by", "repair_review_by", "interim_until", "ends_on", "kept_until"]
    {
        assert!(due.contains(key), "{key} in {due:?}");
    }
}
