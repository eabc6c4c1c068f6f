//! Many at once over HTTP: one of those who contradict each other wins, the same thing sent by
//! several is done once, and what does not concern each other is committed together.

mod case_support;

use std::collections::BTreeSet;
use std::sync::Arc;

use case_support::{Answer, Office, penalty, penalty_of, send, steps};
use domain::event::EventBody;
use ledger::{LedgerReader, Opened};
use serde_json::{Value, json};

/// A request that is ready to be sent.
struct Ready {
    address: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn signed(office: &Office, address: &str, body: &Value, account: &str) -> Ready {
    let body = body.to_string().into_bytes();
    let headers = office.headers("POST", address, &body, office.key(account));
    let mut headers: Vec<(String, String)> =
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    Ready { address: address.to_owned(), headers, body }
}

fn of_subject(record: &str, step: &Value, token: &str) -> Ready {
    let headers = [("authorization", format!("Bearer {token}")), ("content-type", JSON.to_owned())];
    Ready {
        address: steps(record),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        body: json!({ "step": step }).to_string().into_bytes(),
    }
}

const JSON: &str = "application/json";

/// Sends all of them at the same moment, on as many threads as there are.
fn at_once(office: &Office, requests: Vec<Ready>) -> Vec<Answer> {
    let threads = requests.len().min(16);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .unwrap();
    let start = Arc::new(tokio::sync::Barrier::new(requests.len()));
    runtime.block_on(async {
        let tasks: Vec<_> = requests
            .into_iter()
            .map(|ready| {
                let (router, start) = (office.router.clone(), Arc::clone(&start));
                tokio::spawn(async move {
                    let headers: Vec<(&str, &str)> = ready
                        .headers
                        .iter()
                        .map(|(name, value)| (name.as_str(), value.as_str()))
                        .collect();
                    start.wait().await;
                    send(&router, "POST", &ready.address, &headers, ready.body).await
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers
    })
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_two_deciders_who_decide_at_once_one_does() {
    let office = Office::new();
    for _ in 0..10 {
        let (record, token) = office.noticed();
        let end = json!({"command": "not_uphold", "reasons": "it was another river"});
        let item = [json!({ "record": record, "step": end })];
        let mut requests = Vec::new();
        for account in ["decider-1", "decider-2"] {
            let prepared = office.prepared(&item, office.key(account));
            requests.push(signed(&office, &steps(&record), &prepared[0].body, account));
        }
        let answer = json!({"command": "represent", "points": 1, "text": "1. not us"});
        requests.push(of_subject(&record, &answer, &token));
        let before = office.size();
        let answers = at_once(&office, requests);
        // The first of the three in; for the deciders the others came too late, and to a case that
        // is over nobody answers any more.
        let done = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
        assert!((1..=2).contains(&done), "{answers:?}");
        assert_eq!(office.size(), before + done as u64);
        let [first, second, subject] = &answers[..] else { panic!("{answers:?}") };
        let decided = [first, second].iter().filter(|it| it.status.as_u16() == 201).count();
        assert!(decided <= 1, "{answers:?}");
        for late in [first, second].iter().filter(|it| it.status.as_u16() != 201) {
            assert_eq!(late.refusal(), (409, 757));
        }
        assert!(decided == 1 || subject.status.as_u16() == 201, "{answers:?}");
        let case = office
            .signed(
                "GET",
                &format!("/api/v1/cases/{record}"),
                &Value::Null,
                office.key("officer-1"),
            )
            .expect(200);
        let state = if decided == 1 { "not_upheld" } else { "noticed" };
        assert_eq!(case["state"], state);
    }
}

#[test]
fn the_same_record_handed_in_by_many_at_once_is_one_record() {
    let office = Office::new();
    for round in 0..5 {
        let items = [json!({ "submit": penalty_of(round) })];
        let body = json!({ "items": [office.prepared(&items, office.key("officer-1"))[0].body] });
        let requests =
            (0..12).map(|_| signed(&office, "/api/v1/cases", &body, "officer-1")).collect();
        let before = office.size();
        let answers = at_once(&office, requests);
        let of = |answer: &Answer| answer.body["items"][0]["status"].as_u64().unwrap();
        assert_eq!(answers.iter().filter(|answer| of(answer) == 201).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| of(answer) == 200).count(), 11, "{answers:?}");
        let record = |answer: &Answer| answer.body["items"][0]["receipt"]["record"].clone();
        assert!(answers.iter().all(|answer| record(answer) == record(&answers[0])));
        // Organisation and identifier the first time; record and check each time.
        let entries = if round == 0 { 4 } else { 2 };
        assert_eq!(office.size(), before + entries);
    }
}

#[test]
fn what_does_not_concern_each_other_is_committed_together() {
    let office = Office::new();
    let mut requests = Vec::new();
    for number in 0..48 {
        let items = [json!({ "submit": penalty_of(number) })];
        let body = json!({ "items": [office.prepared(&items, office.key("officer-1"))[0].body] });
        requests.push(signed(&office, "/api/v1/cases", &body, "officer-1"));
    }
    let reader = LedgerReader::open(&office.directory()).unwrap();
    let before = reader.checkpoints().unwrap().len();
    let answers = at_once(&office, requests);
    assert_eq!(statuses(&answers), [201; 48]);
    let commits = reader.checkpoints().unwrap().len() - before;
    assert!(commits < 24, "48 requests in {commits} commits");
    let vkey = reader.vkey().clone();
    for answer in &answers {
        let (outcome, _) = goodstanding::cases::receipt::verify(&answer.body, Some(&vkey));
        assert_eq!(outcome, ledger::verify::Outcome::True);
    }
}

#[test]
fn steps_of_one_case_in_one_group_see_each_other() {
    let office = Office::new();
    let (record, token) = office.noticed();
    let answer =
        |n: u32| json!({"command": "represent", "points": 1, "text": format!("1. no {n}")});
    let requests = (0..12).map(|n| of_subject(&record, &answer(n), &token)).collect();
    let answers = at_once(&office, requests);
    assert_eq!(statuses(&answers), [201; 12]);
    // A hearing is asked for once: of two at the same moment the second is told so.
    let hearing = json!({"command": "request_hearing"});
    let requests = (0..2).map(|_| of_subject(&record, &hearing, &token)).collect();
    let answers = at_once(&office, requests);
    let done = statuses(&answers);
    assert_eq!(done[0], 201, "{answers:?}");
    assert!(done[1] >= 400, "{answers:?}");
}

/// Ids of organisations that the log registered.
fn registered(office: &Office) -> Vec<String> {
    let reader = LedgerReader::open(&office.directory()).unwrap();
    let events = (0..reader.size().unwrap()).filter_map(|at| match reader.event(at).unwrap() {
        Some(Opened::Event(event, _)) => match event.body {
            EventBody::OrganisationRegistered(event) => Some(event.organisation.to_string()),
            _ => None,
        },
        _ => None,
    });
    events.collect()
}

#[test]
fn an_organisation_nobody_knew_is_registered_once_whoever_asks_at_the_same_time() {
    let office = Office::new();
    let before = registered(&office).len();
    // Each prepared before any of them was handed in, two of them in one manifest.
    let mut requests = Vec::new();
    for number in 0..10 {
        let items = [penalty_of(2 * number), penalty_of(2 * number + 1)]
            .map(|submit| json!({ "submit": submit }));
        let signed = office.prepared(&items, office.key("officer-1"));
        let bodies: Vec<&Value> = signed.iter().map(|item| &item.body).collect();
        requests.push(signed_by(&office, &json!({ "items": bodies }), "officer-1"));
    }
    let answers = at_once(&office, requests);
    assert_eq!(statuses(&answers), [201; 10], "{answers:?}");
    let organisations: BTreeSet<String> = answers
        .iter()
        .flat_map(|answer| answer.body["items"].as_array().unwrap())
        .map(|item| item["receipt"]["organisation"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(organisations.len(), 1, "{organisations:?}");
    assert_eq!(registered(&office).len(), before + 1);
    // Prepared on another day, before the others were handed in: it is told to prepare again, and
    // then it is about the same organisation.
    let other = Office::new();
    let late = other.prepared(&[json!({ "submit": penalty_of(0) })], other.key("officer-1"));
    other.clock.set("2026-11-26T23:50:00Z".parse().unwrap());
    let early = other.prepared(&[json!({ "submit": penalty_of(1) })], other.key("officer-1"));
    other.clock.set("2026-11-27T00:05:00Z".parse().unwrap());
    let next = other.prepared(&[json!({ "submit": penalty_of(2) })], other.key("officer-1"));
    let hand_in = |item: &Value| {
        let body = json!({ "items": [item] });
        other.signed("POST", "/api/v1/cases", &body, other.key("officer-1")).body["items"][0]
            .clone()
    };
    assert_eq!(hand_in(&late[0].body)["problems"][0]["refusal"], 757, "half an hour is over");
    let first = hand_in(&early[0].body);
    assert_eq!(first["status"], 201);
    assert_eq!(hand_in(&next[0].body)["problems"][0]["refusal"], 757);
    let again = other.submit(&[penalty_of(2)], other.key("officer-1")).expect(201);
    assert_eq!(again["items"][0]["receipt"]["organisation"], first["receipt"]["organisation"]);
}

fn signed_by(office: &Office, body: &Value, account: &str) -> Ready {
    signed(office, "/api/v1/cases", body, account)
}

#[test]
fn of_two_who_accuse_one_organisation_of_one_act_at_once_one_is_refused() {
    let office = Office::new();
    let mut requests = Vec::new();
    for (account, number) in [("officer-1", "EB 1"), ("officer-2", "EB 2")] {
        let mut same = penalty();
        same["case_number"] = number.into();
        let prepared = office.prepared(&[json!({ "submit": same })], office.key(account));
        requests.push(signed_by(&office, &json!({ "items": [prepared[0].body] }), account));
    }
    let answers = at_once(&office, requests);
    let mut found: Vec<u64> =
        answers.iter().map(|it| it.body["items"][0]["status"].as_u64().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, [201, 422], "{answers:?}");
    // And within one manifest.
    let items = [penalty_of(7), penalty_of(7)].map(|submit| json!({ "submit": submit }));
    let body = json!({ "items": items });
    let key = office.key("officer-1");
    let prepared = office.signed("POST", "/api/v1/cases/prepare", &body, key).expect(200);
    assert!(prepared["items"][0]["ticket"].is_string(), "{prepared}");
    assert_eq!(prepared["items"][1]["problems"][0]["refusal"], 830);
}
