//! What parties of a case see and do beside its steps: their own list of cases, a token that no
//! authority has seen, and a step that is sent twice and done once.

mod case_support;

use case_support::{Answer, Office, notice, penalty_of, reviewer, steps, uphold};
use domain::civil::{Instant, Zone};
use goodstanding::cases::Desk;
use goodstanding::clock::Clock;
use goodstanding::server::{self, Options};
use goodstanding::setup;
use ledger::note::SignerKey;
use serde_json::{Value, json};

const LIST: &str = "/api/v1/cases";

fn listed(office: &Office, query: &str, key: &SignerKey) -> Value {
    let address = if query.is_empty() { LIST.to_owned() } else { format!("{LIST}?{query}") };
    office.signed("GET", &address, &Value::Null, key).expect(200)
}

fn records(page: &Value) -> Vec<String> {
    let cases = page["cases"].as_array().unwrap().iter();
    cases.map(|case| case["record"].as_str().unwrap().to_owned()).collect()
}

/// Through all pages of `limit`.
fn all(office: &Office, query: &str, limit: usize, key: &SignerKey) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), String::new());
    for _ in 0..100 {
        let page = listed(office, &format!("{query}limit={limit}{after}"), key);
        found.extend(records(&page));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
    panic!("it never ends")
}

fn with_token(office: &Office, address: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    office.send("GET", address, &[("authorization", &bearer)], Vec::new())
}

#[test]
fn an_authority_lists_its_own_cases_page_by_page_with_what_it_owes_and_until_when() {
    let office = Office::new();
    let submits: Vec<Value> = (0..7).map(penalty_of).collect();
    let answer = office.submit(&submits, office.key("officer-1")).expect(201);
    let items = answer["items"].as_array().unwrap().iter();
    let own: Vec<String> =
        items.map(|it| it["receipt"]["record"].as_str().unwrap().to_owned()).collect();
    let served = office.act(&own[2], &notice(), "officer-1").expect(201);

    let key = office.key("decider-1");
    for limit in [1, 2, 3, 7, 100] {
        assert_eq!(all(&office, "", limit, key), own, "{limit}");
    }
    let first = &listed(&office, "limit=1", key)["cases"][0];
    assert_eq!(first["waiting"], json!(["notice"]));
    assert_eq!(
        (&first["state"], &first["case_number"]),
        (&json!("validated"), &json!("EB 0/2024"))
    );
    assert_eq!(all(&office, "state=noticed&", 2, key), [own[2].clone()]);
    assert_eq!(all(&office, "state=published&", 2, key), Vec::<String>::new());
    assert_eq!(all(&office, "waiting=true&", 4, key).len(), 6);

    // Time does its part in the list, too; deadlines are days in the zone of the case.
    let window: Instant =
        served["case"]["dates"]["answer_until"].as_str().unwrap().parse().unwrap();
    let zone: Zone = "Asia/Shanghai".parse().unwrap();
    let noticed = &listed(&office, "state=noticed", key)["cases"][0];
    let last = Instant::from_micros(window.micros() - 1).day_in(&zone);
    assert_eq!(noticed["due_on"], last.to_string());
    let due = |day: &str| all(&office, &format!("state=noticed&due_until={day}&"), 5, key);
    assert_eq!(due(&last.to_string()), [own[2].clone()]);
    assert_eq!(due(&last.plus_days(-1).to_string()), Vec::<String>::new());
    office.clock.set(window);
    let deciding = listed(&office, "state=deciding", key);
    assert_eq!(records(&deciding), [own[2].clone()]);
    assert_eq!(deciding["cases"][0]["waiting"], json!(["decision"]));

    // What cannot be read is said, and where to go on is one of its own.
    for query in ["state=guilty", "limit=0", "limit=101", "after=x", "due_until=soon", "waiting=x"]
    {
        let answer = office.signed("GET", &format!("{LIST}?{query}"), &Value::Null, key);
        assert_eq!(answer.refusal().0, 400, "{query}: {}", answer.body);
    }
}

#[test]
fn nobody_lists_the_cases_of_somebody_else() {
    let office = Office::new();
    let (record, token) = office.noticed();
    let (other, _) = office.noticed();
    let foreign = office.named("demo.revenue-office/officer-1");
    assert_eq!(listed(&office, "", foreign)["cases"], json!([]));
    // Where to go on after somebody else's case, or after one that is not, is one answer.
    for after in [record.as_str(), "01a2057c-4747-7a7a-8ae8-c358ca03ca41"] {
        let address = format!("{LIST}?after={after}");
        let answer = office.signed("GET", &address, &Value::Null, foreign);
        assert_eq!(answer.refusal(), (404, 753), "{after}");
    }
    // The subject sees the case of its token and no other of its own.
    let address = format!("{LIST}?record={record}");
    let own = with_token(&office, &address, &token).expect(200);
    assert_eq!(records(&own), [record.as_str()]);
    for address in [LIST.to_owned(), format!("{LIST}?record={other}")] {
        assert_eq!(with_token(&office, &address, &token).refusal(), (404, 753), "{address}");
    }
    assert_eq!(with_token(&office, &address, "00").refusal(), (404, 753));
    assert_eq!(office.send("GET", LIST, &[], Vec::new()).refusal(), (401, 771));
    // A signature over one query is none over another.
    let headers = office.headers("GET", LIST, &[], office.key("officer-1"));
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(office.send("GET", &address, &headers, Vec::new()).refusal(), (401, 771));
    office.revoke("officer-2");
    let revoked = office.signed("GET", LIST, &Value::Null, office.key("officer-2"));
    assert_eq!(revoked.refusal(), (401, 755));
}

/// A token of its own for the subject of `record`.
fn give(office: &Office, record: &str, by: &str) -> String {
    let packs = setup::load_packs(&office.directory()).unwrap();
    let desk = Desk::open(&office.directory(), &packs, office.clock.as_ref()).unwrap();
    desk.give_token(record.parse().unwrap(), &reviewer(by)).unwrap()
}

#[test]
fn whoever_served_the_notice_gives_up_no_right_of_the_subject_and_is_locked_out_by_it() {
    let office = Office::new();
    let (record, relayed) = office.noticed();
    let (other, _) = office.noticed();
    // The authority, with the token it was to send along.
    let waive = json!({"command": "waive"});
    assert_eq!(office.subject(&record, &waive, &relayed).refusal(), (403, 832));
    let answer = json!({"command": "represent", "points": 1, "text": "1. not us"});
    office.subject(&record, &answer, &relayed).expect(201);
    let give_up = json!({"command": "withdraw_hearing"});
    assert_eq!(office.subject(&record, &give_up, &relayed).refusal(), (403, 832));
    // The subject sees what was done in its name, and shows the registry who it is.
    let address = format!("/api/v1/cases/{record}");
    let seen = with_token(&office, &address, &relayed).expect(200);
    assert_eq!(seen["history"][3]["step"], "RepresentationMade", "{seen}");
    let own = give(&office, &record, "registrar-1");
    assert_ne!(own, relayed);
    let late = office.subject(&record, &answer, &relayed);
    assert_eq!(late.refusal(), (403, 831));
    assert_eq!(with_token(&office, &address, &relayed).refusal(), (404, 753));
    // With its own it does everything, in its own case only.
    office.subject(&record, &answer, &own).expect(201);
    with_token(&office, &address, &own).expect(200);
    assert_eq!(office.subject(&other, &waive, &own).refusal(), (403, 758));
    // One that is lost is replaced by another.
    let next = give(&office, &record, "registrar-2");
    assert_eq!(office.subject(&record, &answer, &own).refusal(), (403, 758));
    office.subject(&record, &answer, &next).expect(201);
    office.subject(&record, &waive, &next).expect(201);
    // What is served from now on brings the authority no token.
    let mut again = notice();
    again["command"] = "renew_notice".into();
    again["notice"]["facts"] = "discharge at noon".into();
    let renewed = office.act(&record, &again, "decider-1");
    assert_eq!(renewed.status.as_u16(), 201, "{}", renewed.body);
    assert_eq!(renewed.body["subject_token"], Value::Null);
}

#[test]
fn a_token_of_its_own_is_given_by_a_reviewer_for_a_case_there_is() {
    let office = Office::new();
    let (record, _) = office.noticed();
    let packs = setup::load_packs(&office.directory()).unwrap();
    let desk = Desk::open(&office.directory(), &packs, office.clock.as_ref()).unwrap();
    let give = |record: &str, by: &str| {
        desk.give_token(record.parse().unwrap(), &reviewer(by)).map_err(|error| error.to_string())
    };
    assert!(give(&record, "reviewer-77").unwrap_err().starts_with("611"));
    let unknown = "01a2057c-4747-7a7a-8ae8-c358ca03ca41";
    assert!(give(unknown, "registrar-1").unwrap_err().starts_with("753"));
    assert!(!office.directory().join("subjects").exists(), "nothing was kept");
}

fn sent(office: &Office, record: &str, step: &Value, token: &str, id: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", id)];
    office.post(&steps(record), &headers, &json!({ "step": step }))
}

#[test]
fn a_step_of_the_subject_that_is_sent_twice_is_done_once_also_over_a_restart() {
    let mut office = Office::new();
    let (record, token) = office.noticed();
    let (other, other_token) = office.noticed();
    let answer = json!({"command": "represent", "points": 1, "text": "1. not us"});
    let id = "0c0a7f0e-1b7e-4b0e-9d46";
    let one = sent(&office, &record, &answer, &token, id).expect(201);
    let size = office.size();
    let two = sent(&office, &record, &answer, &token, id).expect(200);
    assert_eq!(one["log"]["from"], two["log"]["from"]);
    assert_eq!(office.size(), size);
    // Another step under the same id is refused, in another case it is another id.
    let more = json!({"command": "represent", "points": 1, "text": "1. nor then"});
    assert_eq!(sent(&office, &record, &more, &token, id).refusal(), (409, 833));
    sent(&office, &other, &answer, &other_token, id).expect(201);
    // Without an id, or with another, it is another step.
    office.subject(&record, &answer, &token).expect(201);
    sent(&office, &record, &answer, &token, "another-id").expect(201);
    assert_eq!(office.size(), size + 3);
    // A refusal is no answer to keep.
    let early = json!({"command": "revoke_waiver"});
    let refused = sent(&office, &record, &early, &token, "a-third-id").refusal();
    assert!(refused.0 >= 400 && refused.1 != 833, "{refused:?}");
    for bad in ["short", "with space here", "ümlaut-in-it"] {
        assert_eq!(sent(&office, &record, &answer, &token, bad).refusal().0, 400, "{bad}");
    }
    // The answer got lost, and the server was started anew: the log tells.
    let last = json!({"command": "represent", "points": 1, "text": "1. and not there"});
    let before = sent(&office, &record, &last, &token, "lost-answer").expect(201);
    office.clock.set(office.clock.now().plus_minutes(1));
    let clock = office.clock.clone();
    let registry = goodstanding::registry::Registry::open(&office.directory(), clock).unwrap();
    let options = Options { proceedings: true, ..Options::default() };
    office.router = server::router_with(std::sync::Arc::new(registry), options).unwrap();
    let size = office.size();
    let again = sent(&office, &record, &last, &token, "lost-answer").expect(200);
    assert_eq!(again["log"]["from"], before["log"]["from"]);
    assert_eq!(office.size(), size);
    sent(&office, &record, &more, &token, "something-new").expect(201);
}

/// What became public is announced without looking through everything, and what else is due stays
/// for upkeep.
#[test]
fn what_became_public_by_a_step_is_opened_with_it() {
    let office = Office::new();
    let (record, _) = office.noticed();
    let seen = office
        .signed("GET", &format!("/api/v1/cases/{record}"), &Value::Null, office.key("decider-1"))
        .expect(200);
    let window: Instant = seen["dates"]["answer_until"].as_str().unwrap().parse().unwrap();
    office.clock.set(window.plus_hours(24));
    let today = office.clock.now().day_in(&Zone::UTC).to_string();
    let decided = office.act(&record, &uphold(&today, 0), "decider-1").expect(201);
    let until = decided["case"]["dates"]["standstill_until"].as_str().unwrap();
    office.clock.set(until.parse().unwrap());
    let lines = |office: &Office| {
        let reader = ledger::LedgerReader::open(&office.directory()).unwrap();
        let size = reader.size().unwrap();
        let leaves = (0..size).filter_map(|at| reader.leaf(at).unwrap());
        leaves.filter(|leaf| matches!(leaf, ledger::wire::Leaf::Open { .. })).count()
    };
    let before = lines(&office);
    let object = json!({"command": "object", "ground": "error", "text": "another river"});
    office.post(&steps(&record), &[], &json!({ "step": object })).expect(201);
    // The commit is answered first, and announced then.
    let begun = std::time::Instant::now();
    while lines(&office) == before {
        assert!(begun.elapsed().as_secs() < 10, "nothing was announced");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
