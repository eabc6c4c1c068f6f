//! Proceedings over HTTP: a whole case, batches, and everybody who tries what is not theirs.

mod case_support;

use axum::http::StatusCode;
use case_support::{
    Answer, BUREAU, ORIGIN, Office, SUBJECT, notice, penalty, penalty_of, steps, uphold,
};
use domain::adoption::key_name;
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::Instant;
use goodstanding::cases::{receipt, signing};
use goodstanding::clock::Clock;
use goodstanding::server::Options;
use ledger::note::{SignerKey, Vkey};
use ledger::verify::Outcome;
use ledger::{LedgerReader, SystemEntropy};
use serde_json::{Value, json};

/// Statuses, named because the same digits are refusals.
const MEDIA: u16 = StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16();
const RULES: u16 = StatusCode::UNPROCESSABLE_ENTITY.as_u16();

fn not_upheld() -> Value {
    json!({"command": "not_uphold", "reasons": "it was another river"})
}

fn vkey(office: &Office) -> Vkey {
    LedgerReader::open(&office.directory()).unwrap().vkey().clone()
}

fn bearer(office: &Office, record: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    office.send("GET", &format!("/api/v1/cases/{record}"), &headers, Vec::new())
}

fn of_authority(office: &Office, record: &str, key: &SignerKey) -> Answer {
    office.signed("GET", &format!("/api/v1/cases/{record}"), &Value::Null, key)
}

#[test]
fn a_case_goes_from_intended_decision_to_publication_over_http() {
    let office = Office::new();
    let (record, receipt) = office.record();
    assert_eq!(receipt["case"]["state"], "validated");
    assert_eq!(receipt["subject_token"], Value::Null, "nobody was told anything yet");
    let served = office.act(&record, &notice(), "officer-1").expect(201);
    let token = served["subject_token"].as_str().unwrap().to_owned();

    let seen = bearer(&office, &record, &token).expect(200);
    assert_eq!(seen["state"], "noticed");
    assert_eq!(seen["public"], false);
    let facts = &seen["history"][2]["texts"]["facts"];
    assert_eq!(facts, "discharge at night", "{seen}");
    assert!(seen["next"]["words"].as_str().unwrap().len() > 10, "{seen}");
    let window: Instant = seen["dates"]["answer_until"].as_str().unwrap().parse().unwrap();

    let answer = json!({"command": "represent", "points": 2, "text": "1. not us 2. not then"});
    let answered = office.subject(&record, &answer, &token).expect(201);
    assert_eq!(answered["subject_token"], Value::Null);
    // The decider reads what was answered; nobody else learns that there is a case.
    let read = of_authority(&office, &record, office.key("decider-1")).expect(200);
    assert_eq!(read["history"][3]["texts"]["text"], "1. not us 2. not then");
    let early = office.act(&record, &uphold("2026-11-26", 2), "decider-1");
    assert_eq!(early.body["refusal"], 727, "not before the window is over");

    // Over in every zone.
    office.clock.set(window.plus_hours(24));
    let today = office.clock.now().day_in(&domain::civil::Zone::UTC).to_string();
    let half = office.act(&record, &uphold(&today, 1), "decider-1");
    assert_eq!(half.body["refusal"], 732);
    // Four eyes: whoever submitted does not decide, with whichever key.
    let own = office.act(&record, &uphold(&today, 2), "officer-1");
    assert_eq!(own.body["refusal"], 701);
    let decided = office.act(&record, &uphold(&today, 2), "decider-1").expect(201);
    assert_eq!(decided["case"]["public"], false, "not during the standstill");

    let until = decided["case"]["dates"]["standstill_until"].as_str().unwrap();
    let organisation = decided["organisation"].as_str().unwrap();
    let page = format!("/api/v1/organisations/{organisation}");
    assert_eq!(office.send("GET", &page, &[], Vec::new()).status, StatusCode::NOT_FOUND);
    office.clock.set(until.parse().unwrap());
    let shown = office.send("GET", &page, &[], Vec::new()).expect(200);
    assert_eq!(shown["proceedings"][0]["id"], record, "{shown}");

    // Now that it is public, a third party may object, and is told nothing else.
    let object = json!({"command": "object", "ground": "error", "text": "another river"});
    let objected = office.post(&steps(&record), &[], &json!({ "step": object })).expect(201);
    assert_eq!(objected["case"], Value::Null);
    // Whoever had a part in it does not decide about the objection.
    let reject = json!({"command": "reject_objection", "reasons": "the river was looked up"});
    assert_eq!(office.act(&record, &reject, "decider-1").body["refusal"], 702);
    office.act(&record, &reject, "decider-2").expect(201);
}

#[test]
fn every_receipt_is_proved_offline_and_a_changed_one_is_not() {
    let office = Office::new();
    let (record, first) = office.record();
    let served = office.act(&record, &notice(), "officer-1").expect(201);
    let vkey = vkey(&office);
    for value in [&first, &served] {
        assert_eq!(receipt::verify(value, Some(&vkey)).0, Outcome::True);
        let positions =
            value["log"]["from"].as_u64().unwrap()..value["log"]["to"].as_u64().unwrap();
        assert_eq!(positions.count(), value["entries"].as_array().unwrap().len());
    }
    let changes: [(&str, Value); 4] = [
        ("/log/from", 1.into()),
        ("/log/checkpoint", "".into()),
        ("/entries/0/proof", first["entries"][1]["proof"].clone()),
        ("/entries", json!([])),
    ];
    for (pointer, value) in changes {
        let mut changed = first.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        let (outcome, _) = receipt::verify(&changed, Some(&vkey));
        assert!(matches!(outcome, Outcome::False(_)), "{pointer}: {outcome:?}");
    }
    let other = SignerKey::generate(&mut SystemEntropy, ORIGIN).unwrap();
    let (outcome, _) = receipt::verify(&first, Some(other.vkey()));
    assert!(matches!(outcome, Outcome::CouldNotTell(_)), "{outcome:?}");
}

#[test]
fn a_batch_tells_every_problem_of_every_item_and_commits_the_rest_once() {
    let office = Office::new();
    let key = office.key("officer-1");
    let with = |key: &str, value: Value| {
        let mut request = penalty();
        request[key] = value;
        request
    };
    let submits = [
        penalty(),
        with("grounds", json!(["speech"])),
        with("case_number", "110101199003078515".into()),
        with("conduct", json!({"from": "2026-06-01", "to": "2026-05-01"})),
        penalty_of(1),
    ];
    let items: Vec<Value> = submits.iter().map(|it| json!({ "submit": it })).collect();
    let body = json!({ "items": items });
    let before = office.size();
    let prepared = office.signed("POST", "/api/v1/cases/prepare", &body, key).expect(200);
    assert_eq!(office.size(), before, "preparing commits nothing");
    let number = |at: usize| prepared["items"][at]["problems"][0]["refusal"].clone();
    assert_eq!([number(1), number(2), number(3)], [211, 102, 711].map(Value::from));
    let problem = &prepared["items"][2]["problems"][0];
    assert_eq!(problem["field"], "case_number");
    assert!(!prepared.to_string().contains("110101199003078515"), "no value comes back");
    // Both are about one organisation that the registry did not know.
    let organisation = |at: usize| prepared["items"][at]["organisation"].clone();
    assert_eq!(organisation(0), organisation(4));

    let signed = signing::sign(&items, &prepared, ORIGIN, key, &mut SystemEntropy).unwrap();
    let mut bodies: Vec<Value> = signed.iter().map(|item| item.body.clone()).collect();
    // Between them one that says something else than was signed.
    let mut tampered = bodies[0].clone();
    tampered["submit"]["case_number"] = "EB 18/2026".into();
    bodies.insert(1, tampered);
    let request = json!({ "items": bodies });
    let answer = office.signed("POST", "/api/v1/cases", &request, key).expect(207);
    let statuses: Vec<u64> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 403, 201]);
    // Two records of two entries each, and one organisation with its identifier.
    assert_eq!(office.size(), before + 6);
    assert_eq!(receipt::verify(&answer, Some(&vkey(&office))).0, Outcome::True);

    // The same handed in again: the same records, nothing new.
    let again = office.signed("POST", "/api/v1/cases", &request, key).expect(207);
    assert_eq!(office.size(), before + 6);
    assert_eq!(again["items"][0]["status"], 200);
    let record = |answer: &Value, at: usize| answer["items"][at]["receipt"]["record"].clone();
    assert_eq!([record(&again, 0), record(&again, 2)], [record(&answer, 0), record(&answer, 2)]);
    assert_eq!(receipt::verify(&again, Some(&vkey(&office))).0, Outcome::True);
    // And within one request.
    let twice = json!({ "items": [bodies[0], bodies[0]] });
    let twice = office.signed("POST", "/api/v1/cases", &twice, key).expect(207);
    assert_eq!([&twice["items"][0]["status"], &twice["items"][1]["status"]], [200, 200]);
    assert_eq!(office.size(), before + 6);
}

#[test]
fn a_step_that_was_prepared_before_another_is_refused_and_one_sent_twice_is_one() {
    let office = Office::new();
    let (record, token) = office.noticed();
    let end = [json!({"record": record, "step": not_upheld()})];
    let early = office.prepared(&end, office.key("decider-1"));
    let waive = json!({"command": "represent", "points": 1, "text": "not us"});
    office.subject(&record, &waive, &token).expect(201);
    let late = office.signed("POST", &steps(&record), &early[0].body, office.key("decider-1"));
    assert_eq!(late.refusal(), (409, 757));

    let fresh = office.prepared(&end, office.key("decider-1"));
    let one = office.signed("POST", &steps(&record), &fresh[0].body, office.key("decider-1"));
    let one = one.expect(201);
    let size = office.size();
    let two = office.signed("POST", &steps(&record), &fresh[0].body, office.key("decider-1"));
    let two = two.expect(200);
    assert_eq!((&one["log"]["from"], office.size()), (&two["log"]["from"], size));
    // Somebody else's request with it is nobody's.
    let other = office.signed("POST", &steps(&record), &fresh[0].body, office.key("decider-2"));
    assert_eq!(other.refusal(), (401, 755));
}

#[test]
fn what_was_prepared_is_not_used_after_its_time_or_after_time_did_something() {
    let office = Office::new();
    let items = [json!({ "submit": penalty() })];
    let old = office.prepared(&items, office.key("officer-1"));
    office.clock.advance(1);
    let body = json!({ "items": [old[0].body] });
    let late = office.signed("POST", "/api/v1/cases", &body, office.key("officer-1")).expect(207);
    assert_eq!(late["items"][0]["problems"][0]["refusal"], 757);

    // A decision prepared in the last minute and sent after it: silence has decided already.
    let (record, _) = office.noticed();
    let seen = of_authority(&office, &record, office.key("decider-1")).expect(200);
    let decide_by: Instant = seen["dates"]["decide_by"].as_str().unwrap().parse().unwrap();
    office.clock.set(decide_by.plus_minutes(-5));
    let end = [json!({"record": record, "step": not_upheld()})];
    let prepared = office.prepared(&end, office.key("decider-1"));
    office.clock.set(decide_by.plus_minutes(5));
    let late = office.signed("POST", &steps(&record), &prepared[0].body, office.key("decider-1"));
    assert_eq!(late.refusal(), (409, 757));
    let seen = of_authority(&office, &record, office.key("decider-1")).expect(200);
    assert_eq!(seen["state"], "not_upheld");
}

#[test]
fn whoever_is_no_party_gets_one_answer_whether_there_is_a_case_or_not() {
    let office = Office::new();
    let (record, token) = office.noticed();
    let (other, _) = office.record();
    let unknown = "01a2057c-4747-7a7a-8ae8-c358ca03ca41";
    let foreign = office.named("demo.revenue-office/officer-1");
    let plain = |record: &str| {
        let answer = office.send("GET", &format!("/api/v1/cases/{record}"), &[], Vec::new());
        (answer.refusal(), answer.body["detail"].clone())
    };
    let expected = plain(unknown);
    assert_eq!(expected.0, (404, 753));
    assert_eq!(plain(&record), expected);
    assert_eq!(plain("nonsense"), expected);
    for record in [record.as_str(), unknown] {
        let by_other = of_authority(&office, record, foreign);
        assert_eq!((by_other.refusal(), by_other.body["detail"].clone()), expected);
        let by_token = bearer(&office, record, &"0".repeat(32));
        assert_eq!((by_token.refusal(), by_token.body["detail"].clone()), expected);
        // The token of one case opens no other.
        let token = if record == unknown { token.as_str() } else { "" };
        assert_eq!(bearer(&office, record, token).refusal(), (404, 753));
        // To act is not to learn either.
        let object = json!({"step": {"command": "object", "ground": "error", "text": "x"}});
        assert_eq!(office.post(&steps(record), &[], &object).refusal(), (404, 753));
        let waive = json!({"command": "waive"});
        assert_eq!(office.subject(record, &waive, "00").refusal(), (403, 758));
        let body = json!({"items": [{"record": record, "step": {"command": "abandon"}}]});
        let prepared = office.signed("POST", "/api/v1/cases/prepare", &body, foreign).expect(200);
        assert_eq!(prepared["items"][0]["problems"][0]["refusal"], 753);
    }
    assert_eq!(bearer(&office, &other, &token).refusal(), (404, 753));
    assert_eq!(office.subject(&other, &json!({"command": "waive"}), &token).refusal(), (403, 758));
}

#[test]
fn a_request_counts_with_the_key_of_an_account_over_itself_and_once() {
    let office = Office::new();
    let body = json!({ "items": [{ "submit": penalty() }] });
    let bytes = body.to_string().into_bytes();
    let address = "/api/v1/cases/prepare";
    let send = |headers: &[(&'static str, String); 3], bytes: &[u8], address: &str| {
        let mut all: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.push(("content-type", "application/json"));
        office.send("POST", address, &all, bytes.to_vec())
    };
    let fresh = || office.headers("POST", address, &bytes, office.key("officer-1"));
    let headers = fresh();
    send(&headers, &bytes, address).expect(200);
    assert_eq!(send(&headers, &bytes, address).refusal(), (401, 772), "sent twice");
    // Another body, another address, a digest of its own over another body.
    assert_eq!(send(&fresh(), b"{\"items\":[]}", address).refusal(), (401, 771));
    assert_eq!(send(&fresh(), &bytes, "/api/v1/cases").refusal(), (401, 771));
    let mut digest = fresh();
    digest[0].1 = office.headers("POST", address, b"{}", office.key("officer-1"))[0].1.clone();
    assert_eq!(send(&digest, &bytes, address).refusal(), (401, 771));
    for (at, value) in [(1, ""), (1, "sig=()"), (2, ""), (2, "sig=:AAAA:"), (0, "sha-256=::")] {
        let mut headers = fresh();
        headers[at].1 = value.to_owned();
        assert_eq!(send(&headers, &bytes, address).refusal(), (401, 771), "{at} {value}");
    }
    // Signed a while ago, and before the server was started.
    let old = fresh();
    office.clock.set(office.clock.now().plus_minutes(6));
    assert_eq!(send(&old, &bytes, address).refusal(), (401, 772));
    // A key nobody registered, and one that was revoked.
    let authority = AuthorityKey::new(BUREAU).unwrap();
    let name = key_name(&authority, &AccountHandle::new("officer-1").unwrap());
    let stranger = SignerKey::generate(&mut SystemEntropy, &name).unwrap();
    assert_eq!(office.signed("POST", address, &body, &stranger).refusal(), (401, 755));
    office.signed("POST", address, &body, office.key("officer-2")).expect(200);
    office.revoke("officer-2");
    let revoked = office.signed("POST", address, &body, office.key("officer-2"));
    assert_eq!(revoked.refusal(), (401, 755));
    // Nobody at all.
    assert_eq!(office.post(address, &[], &body).refusal(), (401, 771));
    let token = [("authorization", "Bearer 00000000000000000000000000000000")];
    assert_eq!(office.post("/api/v1/cases", &token, &body).refusal(), (401, 771));
}

#[test]
fn what_was_signed_for_something_else_is_refused_and_the_log_stays_true() {
    let office = Office::new();
    let key = office.key("officer-1");
    let items = [json!({ "submit": penalty() }), json!({ "submit": penalty_of(1) })];
    let signed = office.prepared(&items, key);
    let [first, second] = [&signed[0].body, &signed[1].body];
    let size = office.size();
    let send = |body: Value, key: &SignerKey| {
        let body = json!({ "items": [body] });
        let answer = office.signed("POST", "/api/v1/cases", &body, key).expect(207);
        let item = &answer["items"][0];
        (item["status"].as_u64().unwrap(), item["problems"][0]["refusal"].as_u64().unwrap())
    };
    let with = |pointer: &str, value: Value| {
        let mut body = first.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    // The signature of one record under the ticket of another.
    assert_eq!(send(with("/signed", second["signed"].clone()), key), (403, 756));
    let other = second["signed"][0]["disclosures"].clone();
    assert_eq!(send(with("/signed/0/disclosures", other), key), (403, 756));
    let nonce = second["signed"][0]["sig"]["nonce"].clone();
    assert_eq!(send(with("/signed/0/sig/nonce", nonce), key), (403, 756));
    assert_eq!(send(with("/signed/0/sig/path", json!([])), key), (403, 756));
    assert_eq!(send(with("/signed", json!([])), key), (400, 752));
    assert_eq!(send(with("/signed/0/sig/items", (-1).into()), key), (400, 752));
    let twice = json!([first["signed"][0], first["signed"][0]]);
    assert_eq!(send(with("/signed", twice), key), (403, 756));
    // A ticket that was never given, and one of another account.
    assert_eq!(send(with("/ticket", "e30.e30".into()), key), (409, 757));
    assert_eq!(send(first.clone(), office.key("officer-2")), (401, 755));
    let foreign = office.named("demo.revenue-office/officer-1");
    assert_eq!(send(first.clone(), foreign), (401, 755));
    // Texts with somebody's number, put in after it was prepared.
    let number = with("/submit/case_number", "110101199003078515".into());
    assert_eq!(send(number, key), (403, 756));
    assert_eq!(office.size(), size, "nothing was committed");
    // Somebody else's part of a batch does not suffer.
    let spoilt = with("/signed/0/disclosures", second["signed"][0]["disclosures"].clone());
    let body = json!({ "items": [spoilt, second] });
    let answer = office.signed("POST", "/api/v1/cases", &body, key).expect(207);
    assert_eq!(answer["items"][0]["status"], 403);
    assert_eq!(answer["items"][1]["status"], 201);
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_goodstanding"))
        .args(["verify", office.directory().to_str().unwrap()])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn bodies_are_bounded_and_of_one_kind() {
    let office = Office::new();
    let (record, token) = office.noticed();
    let bearer = format!("Bearer {token}");
    let send = |kind: &str, body: Vec<u8>| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        office.send("POST", &steps(&record), &headers, body).refusal()
    };
    let json = "application/json";
    assert_eq!(send("text/plain", b"{}".to_vec()), (MEDIA, 774));
    assert_eq!(send("application/x-www-form-urlencoded", b"a=b".to_vec()), (MEDIA, 774));
    assert_eq!(send(json, b"{".to_vec()), (400, 752));
    assert_eq!(send(json, vec![0xff; 10]), (400, 752));
    assert_eq!(send(json, b"[1]".to_vec()), (400, 752));
    assert_eq!(send(json, "[".repeat(50_000).into_bytes()), (400, 752));
    assert_eq!(send(json, vec![b' '; 200 * 1024]).0, 413);
    let step = |step: Value| send(json, json!({ "step": step }).to_string().into_bytes());
    assert_eq!(step(json!({"command": "pardon"})), (400, 752));
    let long = "x".repeat(8_001);
    assert_eq!(step(json!({"command": "represent", "points": 1, "text": long})), (RULES, 214));
    let named = "my number is 110101199003078515";
    assert_eq!(step(json!({"command": "represent", "points": 1, "text": named})), (RULES, 102));
    let turned = "a \u{202e} b";
    assert_eq!(step(json!({"command": "represent", "points": 1, "text": turned})), (RULES, 215));
    // An act of the authority with the token of the subject.
    assert_eq!(step(json!({"command": "abandon"})), (403, 701));
    let many: Vec<Value> = (0..101).map(|_| json!({ "submit": penalty() })).collect();
    for items in [Vec::new(), many] {
        let body = json!({ "items": items });
        let answer = office.signed("POST", "/api/v1/cases/prepare", &body, office.key("officer-1"));
        assert_eq!(answer.refusal(), (RULES, 773));
    }
    for (address, allowed) in
        [("/api/v1/cases", "GET, HEAD, POST"), ("/api/v1/cases/prepare", "POST")]
    {
        let answer = office.send("DELETE", address, &[], Vec::new());
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.headers["allow"], allowed);
    }
}

#[test]
fn answers_about_cases_are_kept_by_nobody() {
    let office = Office::new();
    let (record, token) = office.noticed();
    for answer in [bearer(&office, &record, &token), bearer(&office, &record, "")] {
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
        assert!(!answer.headers.contains_key("set-cookie"));
    }
}

#[test]
fn a_server_takes_cases_only_where_its_operator_says_so() {
    let office = Office::with(Options::default());
    let body = json!({ "items": [{ "submit": penalty() }] });
    let key = office.key("officer-1");
    let answer = office.signed("POST", "/api/v1/cases/prepare", &body, key);
    assert_eq!(answer.refusal(), (403, 770));
    let address = "/api/v1/cases/01a2057c-4747-7a7a-8ae8-c358ca03ca41";
    assert_eq!(office.send("GET", address, &[], Vec::new()).refusal(), (403, 770));
}

#[test]
fn another_organisations_identity_cannot_be_taken() {
    let office = Office::new();
    let (_, receipt) = office.record();
    let known = receipt["organisation"].as_str().unwrap();
    // Ids come from the registry: there is no member to give one, and none is taken from another
    // ticket.
    let mut named = penalty();
    named["subject"] = json!({"organisation": known, "name": "Fictional Tannery Ltd"});
    let body = json!({ "items": [{ "submit": named }] });
    let key = office.key("officer-1");
    let sealed = office.signed("POST", "/api/v1/cases/prepare", &body, key).expect(200);
    assert_eq!(sealed["items"][0]["problems"][0]["refusal"], 501, "as if it did not exist");
    let mut other = penalty();
    other["subject"]["identifier"] = "lei:TEST00DEMO0000000141".into();
    let items = [json!({ "submit": penalty_of(1) }), json!({ "submit": other })];
    let signed = office.prepared(&items, key);
    let mut crossed = signed[1].body.clone();
    crossed["ticket"] = signed[0].body["ticket"].clone();
    let answer = office.signed("POST", "/api/v1/cases", &json!({ "items": [crossed] }), key);
    assert_eq!(answer.expect(207)["items"][0]["problems"][0]["refusal"], 756);
    assert!(SUBJECT.starts_with("lei:"));
}
