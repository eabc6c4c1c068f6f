//! Consults of public authorities: what is journalled and what is not, how recipients learn that a
//! record is over, and everybody who tries to make a trace of it.

mod case_support;

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::StatusCode;
use case_support::{Answer, BUREAU, Office, SUBJECT, notice, penalty, uphold};
use domain::civil::Instant;
use domain::ids::RecordId;
use goodstanding::clock::Clock as _;
use goodstanding::upkeep;
use ledger::SystemEntropy;
use ledger::note::SignerKey;
use projections::mark;
use serde_json::{Value, json};

const MEASURE: &str = "demo.closer-inspection";
const OFFICE: &str = "demo.revenue-office/officer-1";

fn question() -> Value {
    json!({
        "organisation": SUBJECT, "purpose": "inspection", "role": "inspection_authority",
        "territory": "demo",
    })
}

fn ask(office: &Office, body: &Value, key: &SignerKey) -> Answer {
    office.signed("POST", "/api/v1/consults", body, key)
}

/// A record of the bureau that is public and carries a measure; its id, organisation and token.
fn published(office: &Office, mut request: Value) -> (String, String, String) {
    request["grounds"] = json!(["environment"]);
    let answer = office.submit(&[request], office.key("officer-1")).expect(201);
    let receipt = &answer["items"][0]["receipt"];
    let record = receipt["record"].as_str().unwrap().to_owned();
    let organisation = receipt["organisation"].as_str().unwrap().to_owned();
    let mut served = notice();
    served["notice"]["measures"] = json!([MEASURE]);
    served["notice"]["served_on"] = today(office).into();
    let noticed = office.act(&record, &served, "officer-1").expect(201);
    let token = noticed["subject_token"].as_str().unwrap().to_owned();
    let answer = json!({"command": "represent", "points": 1, "text": "1. another river"});
    let answered = office.subject(&record, &answer, &token).expect(201);
    let window: Instant =
        answered["case"]["dates"]["answer_until"].as_str().unwrap().parse().unwrap();
    office.clock.set(window.plus_hours(24));
    let mut decision = uphold(&today(office), 1);
    decision["outcome"]["measures"] = json!([MEASURE]);
    let decided = office.act(&record, &decision, "decider-1").expect(201);
    let until = decided["case"]["dates"]["standstill_until"].as_str().unwrap();
    office.clock.set(until.parse().unwrap());
    keep_up(office);
    (record, organisation, token)
}

fn today(office: &Office) -> String {
    office.clock.now().day_in(&domain::civil::Zone::UTC).to_string()
}

fn keep_up(office: &Office) {
    // Whoever takes cases holds the lock for a moment after each.
    upkeep::run_in_turn(&office.directory(), office.clock.now()).unwrap();
}

fn repair(office: &Office, record: &str, token: &str) {
    office.clock.advance(24 * 120);
    let conditions = ["corrected", "duty-performed", "commitment-made"];
    let apply = json!({"command": "apply_repair", "conditions": conditions, "text": "receipt"});
    office.subject(record, &apply, token).expect(201);
    office.act(record, &json!({"command": "grant_repair"}), "decider-2").expect(201);
}

fn get(office: &Office, address: &str) -> Answer {
    office.send("GET", address, &[], Vec::new())
}

fn journal(office: &Office, organisation: &str) -> Value {
    get(office, &format!("/api/v1/organisations/{organisation}/consults")).expect(200)["consults"]
        .clone()
}

fn next_month(office: &Office) {
    office.clock.set(domain::performance::Month::of(office.clock.now()).end());
}

/// Every file with its bytes.
fn bytes_of(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(bytes_of(&path));
        } else {
            // The index of a write-ahead log holds locks of readers.
            let name = path.to_str().unwrap().to_owned();
            if !name.ends_with("-shm") {
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn t53_an_authority_is_counted_by_function_and_month_and_nothing_else_is_kept() {
    let office = Office::new();
    let (record, organisation, _) = published(&office, penalty());
    let size = office.size();
    let answer = ask(&office, &question(), office.named(OFFICE));
    assert_eq!(answer.headers["cache-control"], "no-store", "no cache keeps what one asked");
    let answer = answer.expect(200);
    assert_eq!(answer["answer"]["applicable"][0]["record"], record, "{answer}");
    assert_eq!(answer["answer"]["question"]["addressee"], "demo.revenue-office");
    let month = domain::performance::Month::of(office.clock.now()).to_string();
    let journalled = json!({
        "organisation": organisation, "class": "inspection_authority", "month": month,
    });
    assert_eq!(answer["journalled"], journalled);
    assert!(answer["receipt"].as_str().unwrap().starts_with("goodstanding/answer/v1\n"));
    assert_eq!(office.size(), size, "a question is nothing that happened");
    // Another authority in the same function and one in another.
    ask(&office, &question(), office.key("officer-1")).expect(200);
    let mut other = question();
    other["role"] = "licensing_authority".into();
    ask(&office, &other, office.named(OFFICE)).expect(200);
    assert_eq!(journal(&office, &organisation), json!([]), "not while the month runs");
    next_month(&office);
    let told = json!([
        {"month": month, "class": "inspection_authority", "times": 2},
        {"month": month, "class": "licensing_authority", "times": 1},
    ]);
    assert_eq!(journal(&office, &organisation), told);

    // Neither who asked, nor for what, nor about which record, nor on which day.
    let kept = std::fs::read(office.directory().join("consults.db")).unwrap();
    let has = |bytes: &[u8]| kept.windows(bytes.len()).any(|it| it == bytes);
    let id: RecordId = record.parse().unwrap();
    assert!(!has(&id.bytes()) && !has(record.as_bytes()));
    for secret in ["revenue", BUREAU, "officer", "purpose", "\"inspection\"", "demo", MEASURE] {
        assert!(!has(secret.as_bytes()), "{secret}");
    }
    for page in ["en", "zh"] {
        let page = get(&office, &format!("/{page}/organisations/{organisation}/consults"));
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.headers["x-robots-tag"], "noindex, noarchive");
    }
}

#[test]
fn p9_whoever_asks_without_a_key_is_counted_nowhere() {
    let office = Office::new();
    let (_, organisation, _) = published(&office, penalty());
    ask(&office, &question(), office.named(OFFICE)).expect(200);
    let before = bytes_of(&office.directory());
    let query = format!(
        "organisation={organisation}&purpose=inspection&role=inspection_authority&territory=demo"
    );
    // A header that looks like a signature changes nothing where none is asked for.
    let key = office.key("officer-1");
    let address = format!("/api/v1/consult?{query}");
    let headers = office.headers("GET", &address, &[], key);
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(office.send("GET", &address, &headers, Vec::new()).status, StatusCode::OK);
    for address in [
        format!("/api/v1/consult?{query}"),
        format!("/api/v1/consult/receipt?{query}"),
        format!("/en/consult?{query}"),
        format!("/zh/consult?{query}&addressee=demo.revenue-office"),
        format!("/en/organisations/{organisation}/consults"),
        format!("/api/v1/organisations/{organisation}/consults"),
        "/api/v1/withdrawals?since=0".to_owned(),
    ] {
        assert_eq!(get(&office, &address).status, StatusCode::OK, "{address}");
    }
    // What an authority holds is its own business.
    let body = json!({"records": [SOMETHING]});
    office.signed("POST", "/api/v1/consults/held", &body, key).expect(200);
    assert_eq!(bytes_of(&office.directory()), before);
}

const SOMETHING: &str = "01a2057c-4747-7a7a-8ae8-c358ca03ca41";

#[test]
fn whoever_is_no_authority_is_neither_answered_nor_counted() {
    let office = Office::new();
    let (_, organisation, _) = published(&office, penalty());
    let key = office.key("officer-1");
    // Without a signature, with a key nobody registered, with one of that name, revoked, for
    // another
    // path, sent twice, and with another body than was signed.
    let bare = office.post("/api/v1/consults", &[], &question());
    assert_eq!(bare.refusal(), (401, 771));
    let bearer = [("authorization", "Bearer 0123456789abcdef")];
    assert_eq!(office.post("/api/v1/consults", &bearer, &question()).refusal(), (401, 771));
    let foreign = SignerKey::generate(&mut SystemEntropy, "demo.nobody/officer-1").unwrap();
    assert_eq!(ask(&office, &question(), &foreign).refusal(), (401, 755));
    let namesake = SignerKey::generate(&mut SystemEntropy, key.vkey().name()).unwrap();
    assert_eq!(ask(&office, &question(), &namesake).refusal(), (401, 755));
    office.revoke("decider-2");
    assert_eq!(ask(&office, &question(), office.key("decider-2")).refusal(), (401, 755));
    let bytes = question().to_string().into_bytes();
    let send = |headers: &[(&'static str, String); 3], body: &[u8]| {
        let mut all: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.push(("content-type", "application/json"));
        office.send("POST", "/api/v1/consults", &all, body.to_vec())
    };
    let elsewhere = office.headers("POST", "/api/v1/consults/held", &bytes, key);
    assert_eq!(send(&elsewhere, &bytes).refusal(), (401, 771));
    let once = office.headers("POST", "/api/v1/consults", &bytes, key);
    let mut changed = question();
    changed["role"] = "licensing_authority".into();
    assert_eq!(send(&once, changed.to_string().as_bytes()).refusal(), (401, 771));
    let once = office.headers("POST", "/api/v1/consults", &bytes, key);
    assert_eq!(send(&once, &bytes).status, StatusCode::OK);
    assert_eq!(send(&once, &bytes).refusal(), (401, 772), "replayed");
    // An authority that asks what cannot be answered is not counted either.
    for (member, value, status) in [
        ("organisation", SOMETHING, 404),
        ("purpose", "travel", 400),
        ("role", "employer", 400),
        ("addressee", "demo.port", 400),
    ] {
        let mut body = question();
        body[member] = value.into();
        assert_eq!(ask(&office, &body, key).status.as_u16(), status, "{member}");
    }
    next_month(&office);
    assert_eq!(journal(&office, &organisation)[0]["times"], 1, "the one that was answered");
}

#[test]
fn an_authority_that_asks_about_everybody_traces_nobody() {
    let office = Office::new();
    let (_, one, _) = published(&office, penalty());
    let mut second = penalty();
    second["subject"]["identifier"] = "lei:TEST00DEMO0000000141".into();
    second["subject"]["name"] = "Another Tannery Ltd".into();
    let (_, two, _) = published(&office, second);
    let month = domain::performance::Month::of(office.clock.now());
    for turn in 0..40 {
        let mut body = question();
        body["organisation"] = if turn % 2 == 0 { one.clone() } else { two.clone() }.into();
        ask(&office, &body, office.named(OFFICE)).expect(200);
    }
    next_month(&office);
    let told = json!([
        {"month": month.to_string(), "class": "inspection_authority", "times": 20},
    ]);
    assert_eq!(journal(&office, &one), told);
    assert_eq!(journal(&office, &two), told);
    // The asker sees no more than everybody, and no address lists organisations by it.
    let document = get(&office, "/api/v1/openapi.json").expect(200);
    let paths = document["paths"].as_object().unwrap();
    let mut about: Vec<&String> = paths.keys().filter(|path| path.contains("consults")).collect();
    about.sort();
    assert_eq!(
        about,
        [
            "/api/v1/consults",
            "/api/v1/consults/feedback",
            "/api/v1/consults/held",
            "/api/v1/organisations/{id}/consults",
        ]
    );
    // An organisation's file says nothing of it: it cannot be sorted or searched by it.
    let file = get(&office, &format!("/api/v1/organisations/{one}")).expect(200).to_string();
    assert!(!file.contains("consult"), "{file}");
}

#[test]
fn i15_the_journal_goes_with_the_file_and_tells_no_repair() {
    let office = Office::new();
    let (record, organisation, token) = published(&office, penalty());
    ask(&office, &question(), office.named(OFFICE)).expect(200);
    repair(&office, &record, &token);
    let address = format!("/api/v1/organisations/{organisation}/consults");
    let gone = get(&office, &address);
    let never = get(&office, &format!("/api/v1/organisations/{SOMETHING}/consults"));
    assert_eq!((gone.status, &gone.body), (never.status, &never.body));
    assert_eq!(ask(&office, &question(), office.named(OFFICE)).status, StatusCode::NOT_FOUND);
    // The next upkeep forgets it: there is no list of organisations that were asked about.
    keep_up(&office);
    let kept = std::fs::read(office.directory().join("consults.db")).unwrap();
    let id: domain::ids::OrganisationId = organisation.parse().unwrap();
    assert!(!kept.windows(16).any(|it| it == id.bytes()));
}

#[test]
fn i19_whoever_received_a_record_is_told_when_it_is_over_and_nobody_else_learns_of_it() {
    let office = Office::new();
    let (record, organisation, token) = published(&office, penalty());
    let mut second = penalty();
    second["subject"]["identifier"] = "lei:TEST00DEMO0000000141".into();
    second["subject"]["name"] = "Another Tannery Ltd".into();
    let (stands, other, _) = published(&office, second);
    let since = office.size();
    let key = office.named(OFFICE);
    let received = ask(&office, &question(), key).expect(200);
    assert_eq!(received["answer"]["applicable"][0]["record"], record);
    let held = |records: Value| {
        let body = json!({ "records": records });
        office.signed("POST", "/api/v1/consults/held", &body, key)
    };
    let before = held(json!([record, stands])).expect(200);
    assert_eq!(before["standing"], json!([record, stands]));
    let feed = |address: &str| get(&office, address).expect(200);
    let address = format!("/api/v1/withdrawals?since={since}");
    assert_eq!(feed(&address)["withdrawals"], json!([]));

    repair(&office, &record, &token);
    // With its key at once, and without it from the next upkeep on.
    let after = held(json!([record, stands, SOMETHING])).expect(200);
    assert_eq!(after["standing"], json!([stands]));
    assert_eq!(after["gone"], json!([record, SOMETHING]), "as one that never was");
    keep_up(&office);
    let told = feed(&address);
    let marks: Vec<&Value> = told["withdrawals"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|it| it["marks"].as_array().unwrap())
        .collect();
    let mark_of = |record: &str| Value::from(mark(record.parse().unwrap()));
    assert_eq!(marks, [&mark_of(&record)], "{told}");
    assert_eq!(told["withdrawals"][0]["has_all_marks"], true);
    assert!(!marks.contains(&&mark_of(&stands)));
    // It names nobody and gives no reason.
    let text = told.to_string();
    for secret in [&record, &organisation, &other, "repair", "Tannery", "demo", "at\""] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    // Whoever goes on from there is told nothing twice.
    let next = told["next"]["since"].as_u64().unwrap();
    assert_eq!(next, office.size());
    assert_eq!(feed(&format!("/api/v1/withdrawals?since={next}"))["withdrawals"], json!([]));
    // One at the end of time is answered too.
    let last = format!("/api/v1/withdrawals?since={}&after={}", u64::MAX, u64::MAX);
    assert_eq!(feed(&last)["withdrawals"], json!([]));
    // Past the time it is kept its content goes, and the feed says that it cannot name it.
    office.clock.advance(24 * 400);
    keep_up(&office);
    let erased = feed(&format!("/api/v1/withdrawals?since={next}"));
    let last = erased["withdrawals"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["has_all_marks"], &last["marks"]), (&json!(false), &json!([])));
    assert_eq!(held(json!([record])).expect(200)["gone"], json!([record]));
}

#[test]
fn marks_are_those_of_the_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/marks.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for vector in vectors.as_array().unwrap() {
        let record: RecordId = vector["record"].as_str().unwrap().parse().unwrap();
        assert_eq!(vector["mark"], mark(record));
    }
}

#[test]
fn a_question_about_what_is_held_is_bounded_and_says_nothing_of_the_asker() {
    let office = Office::new();
    let key = office.key("officer-1");
    let held = |records: Value| {
        let body = json!({ "records": records });
        office.signed("POST", "/api/v1/consults/held", &body, key)
    };
    assert_eq!(held(json!([])).refusal(), (422, 823));
    assert_eq!(held(json!(vec![SOMETHING; 1_001])).refusal(), (422, 823));
    assert_eq!(held(json!(["Somebody Ltd"])).status, StatusCode::BAD_REQUEST);
    assert_eq!(held(json!(vec![SOMETHING; 1_000])).status, StatusCode::OK);
    let bare = office.post("/api/v1/consults/held", &[], &json!({"records": [SOMETHING]}));
    assert_eq!(bare.refusal(), (401, 771));
    // Sealed cases are as unknown as anything.
    let (record, _) = office.noticed();
    let sealed = held(json!([record, SOMETHING])).expect(200);
    assert_eq!(sealed["gone"], json!([record, SOMETHING]));
}

fn feedback(record: &str, said: &str, reason: Option<&str>) -> Value {
    let mut body = question();
    body["record"] = record.into();
    body["measure"] = MEASURE.into();
    body["said"] = said.into();
    if let Some(reason) = reason {
        body["reason"] = reason.into();
    }
    body
}

fn give(office: &Office, body: &Value, key: &SignerKey) -> Answer {
    office.signed("POST", "/api/v1/consults/feedback", body, key)
}

#[test]
fn what_an_addressee_says_of_a_measure_is_on_the_log_and_names_no_organisation_and_no_record() {
    let office = Office::new();
    let (record, organisation, _) = published(&office, penalty());
    let key = office.named(OFFICE);
    let said = feedback(&record, "not_applied", Some("contested"));
    let given = give(&office, &said, key).expect(201);
    let position = given["position"].as_u64().unwrap();
    assert_eq!(position, office.size() - 1);
    // Twice is once; another word takes the place of the first.
    assert_eq!(give(&office, &said, key).refusal(), (422, 822));
    assert_eq!(office.size(), position + 1);
    give(&office, &feedback(&record, "applied", None), key).expect(201);
    give(&office, &said, office.key("officer-1")).expect(201);

    let ledger = ledger::LedgerReader::open(&office.directory()).unwrap();
    let opening = ledger.opening(position).unwrap().unwrap();
    for secret in [record.as_str(), &organisation, SUBJECT, "inspection_authority", "officer-1"] {
        assert!(!opening.payload.contains(secret), "{}", opening.payload);
    }
    assert!(opening.payload.contains(r#""authority":"demo.revenue-office""#));
    // Nobody is shown what one addressee said: it stays sealed, and everything verifies.
    keep_up(&office);
    let entry = page_text(&office, &format!("/en/log/{position}"));
    assert!(!entry.contains("revenue-office") && !entry.contains("MeasureFeedback"), "{entry}");
    support_verify(&office.directory());
    let path = office.directory().join("read.db");
    let before = projections::dump(&path).unwrap();
    let reader = ledger::LedgerReader::open(&office.directory()).unwrap();
    // Beside the tables, which the server has open.
    let anew = office.folder.path().join("rebuilt.db");
    projections::rebuild(&anew, &reader, &mut |_| {}).unwrap();
    assert_eq!(projections::dump(&anew).unwrap(), before);
}

fn support_verify(directory: &Path) {
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_goodstanding"))
        .args(["verify", directory.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn what_does_not_follow_and_what_has_words_in_it_is_refused_and_leaves_nothing() {
    let office = Office::new();
    let (record, _, token) = published(&office, penalty());
    let (sealed, _) = {
        let answer =
            office.submit(&[case_support::penalty_of(1)], office.key("officer-1")).expect(201);
        (answer["items"][0]["receipt"]["record"].as_str().unwrap().to_owned(), ())
    };
    let key = office.named(OFFICE);
    let before = office.size();
    let with = |member: &str, value: &str| {
        let mut body = feedback(&record, "applied", None);
        body[member] = value.into();
        give(&office, &body, key)
    };
    // Another function, place or measure, a record that is sealed, another's, or none.
    assert_eq!(with("role", "granting_body").refusal(), (422, 820));
    assert_eq!(with("purpose", "award").status.as_u16(), 422);
    assert_eq!(with("territory", "cn").refusal(), (422, 820));
    assert_eq!(with("measure", "demo.procurement-exclusion").refusal(), (422, 820));
    assert_eq!(with("measure", "no measure").refusal(), (422, 820));
    let (sealed, none) = (with("record", &sealed), with("record", SOMETHING));
    assert_eq!((sealed.refusal(), &sealed.body), ((422, 820), &none.body), "alike");
    assert_eq!(with("organisation", SOMETHING).status, StatusCode::NOT_FOUND);
    // Words about somebody have no place.
    assert_eq!(with("reason", "Jane Example, 110101199003078515").refusal(), (422, 821));
    assert_eq!(with("said", "applied to Jane Example").refusal(), (422, 821));
    assert_eq!(with("note", "Jane Example asked for it").status, StatusCode::BAD_REQUEST);
    // That it set aside what it did not.
    let set_aside = feedback(&record, "not_applied", Some("set_aside"));
    assert_eq!(give(&office, &set_aside, key).refusal(), (422, 820));
    let lawful = feedback(&record, "not_applied", Some("disproportionate"));
    give(&office, &lawful, key).expect(201);
    let unsigned =
        office.post("/api/v1/consults/feedback", &[], &feedback(&record, "applied", None));
    assert_eq!(unsigned.refusal(), (401, 771));
    let foreign = SignerKey::generate(&mut SystemEntropy, "demo.nobody/officer-1").unwrap();
    let applied = feedback(&record, "applied", None);
    assert_eq!(give(&office, &applied, &foreign).refusal(), (401, 755));
    assert_eq!(office.size(), before + 1, "the one that was lawful");
    // Repaired, there is nothing left to say anything about.
    repair(&office, &record, &token);
    assert_eq!(give(&office, &applied, key).status, StatusCode::NOT_FOUND);
}

#[test]
fn i60_what_became_of_a_measure_is_told_by_class_when_the_month_is_over() {
    let office = Office::new();
    let identifiers = [SUBJECT, "lei:TEST00DEMO0000000141", "lei:TEST00DEMO0000000238"];
    let records = identifiers.map(|identifier| {
        let mut request = penalty();
        request["subject"]["identifier"] = identifier.into();
        request["subject"]["name"] = format!("Tannery {identifier}").into();
        (identifier, published(&office, request).0)
    });
    let key = office.named(OFFICE);
    let figures = || get(&office, "/api/v1/feedback").expect(200);
    let nothing = figures()["measures"].clone();
    for (index, (identifier, record)) in records.iter().enumerate() {
        let mut body = feedback(record, "applied", None);
        body["organisation"] = (*identifier).into();
        give(&office, &body, key).expect(201);
        assert_eq!(figures()["measures"], nothing, "the month runs");
        if index == 1 {
            // Two are like none, a month later too: told on a copy of the clock.
            let now = office.clock.now();
            office.clock.set(domain::performance::Month::of(now).end());
            assert_eq!(figures()["measures"], nothing);
            office.clock.set(now);
        }
    }
    next_month(&office);
    let told = figures();
    assert_eq!(told["measures"][MEASURE]["applied"], "3_to_9", "{told}");
    assert_eq!(told["measures"][MEASURE]["not_applied"], "under_3");
    assert_eq!(told["authorities"]["demo.revenue-office"]["applied"], "3_to_9");
    let text = told.to_string();
    for (identifier, record) in &records {
        assert!(!text.contains(*identifier) && !text.contains(record.as_str()));
    }
    for (page, words) in [
        ("/en/packs/demo", "applied 3 to 9, not applied fewer than 3"),
        ("/zh/packs/demo", "已适用"),
        ("/en/authorities/demo.revenue-office", "it said: applied 3 to 9"),
        ("/zh/authorities/demo.revenue-office", "该机关表示"),
    ] {
        let text = page_text(&office, page);
        assert!(text.contains(words), "{page}: {words}");
    }
    // Of an authority that said little its page says nothing.
    let quiet = page_text(&office, &format!("/en/authorities/{BUREAU}"));
    assert!(!quiet.contains("id=\"feedback\""));
}

fn page_text(office: &Office, address: &str) -> String {
    use tower::ServiceExt as _;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let request =
            axum::http::Request::builder().uri(address).body(axum::body::Body::empty()).unwrap();
        let response = office.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    })
}
