//! Decisions on identity through the command line: two reviewers, one file, and everything back in
//! its place.

mod support;

use serde_json::Value;
use support::{Place, number, own_barring, own_permit, run, today};

/// Two organisations with nothing but facts, one with an exclusion, on three files.
fn registry() -> (Place, [String; 3]) {
    let place = Place::with_registry();
    place.run(&["reviewer", "add", "officer-1"]).expect(0);
    place.run(&["reviewer", "add", "officer-2"]).expect(0);
    let mut lines = vec![
        own_permit("P1", "enterprise", &[("lei", &support::lei(1))]),
        own_permit("P2", "enterprise", &[("lei", &support::lei(2))]),
    ];
    lines.push(own_barring("B1", &[("lei", &support::lei(3))], today().plus_days(200)));
    let text: String = lines.iter().map(|line| format!("{}\n", line.trim())).collect();
    let file = place.write("own.jsonl", &text);
    let (_, outcome) = place.import("own", &file, &[]);
    assert_eq!(number(&outcome, "accepted"), 3, "{outcome}");
    let ids = [1, 2, 3].map(|seed| {
        let found = place.run(&["search", "--json", &support::lei(seed)]).expect(0).json();
        found["results"][0]["id"].as_str().unwrap().to_owned()
    });
    (place, ids)
}

const CITED: [&str; 6] = [
    "--reason",
    "official_notice",
    "--source",
    "https://register.example.org/notices/1",
    "--read-on",
    "2026-01-05",
];

fn propose(place: &Place, what: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["identity", "propose"];
    arguments.extend(what);
    arguments.extend(["--reviewer", "officer-1", "--json"]);
    arguments.extend(CITED);
    let ended = place.run(&arguments);
    (ended.code, ended.json())
}

fn answer(place: &Place, what: &str, of: &Value, by: &str) -> (i32, Value) {
    let number = of["decision"].to_string();
    let ended = place.run(&["identity", what, &number, "--reviewer", by, "--json"]);
    (ended.code, ended.json())
}

fn records(place: &Place, id: &str) -> usize {
    let ended = place.run(&["show", id, "--json"]);
    if ended.code != 0 { 0 } else { ended.json()["records"].as_array().unwrap().len() }
}

#[test]
fn same_shows_one_file_and_a_reversal_two() {
    let (place, [one, two, _]) = registry();
    let (code, proposal) = propose(&place, &["same", &one, &two]);
    assert_eq!(code, 0, "{proposal}");
    assert_eq!((records(&place, &one), records(&place, &two)), (1, 1), "a proposal moves nothing");
    assert_eq!(answer(&place, "confirm", &proposal, "officer-1").0, 1);
    let (code, confirmed) = answer(&place, "confirm", &proposal, "officer-2");
    assert_eq!(code, 0, "{confirmed}");
    assert_eq!(records(&place, &one), 2);
    for seed in [1, 2] {
        let found = place.run(&["search", "--json", &support::lei(seed)]).expect(0).json();
        assert_eq!(found["results"][0]["id"], one.as_str(), "{found}");
    }
    let out = place.path("all.csv");
    place.run(&["export", "--out", out.to_str().unwrap()]).expect(0);
    let csv = std::fs::read_to_string(out).unwrap();
    assert_eq!((csv.matches(&one).count(), csv.matches(&two).count()), (2, 0), "{csv}");
    // As it was known before, they are two.
    let at = proposal["decision"].to_string();
    let past = place.run(&["show", &one, "--at", &at, "--json"]).expect(0).json();
    assert_eq!(past["records"].as_array().unwrap().len(), 1, "{past}");
    // Made anew the read tables are the same, and the log verifies.
    let followed = projections::dump(&place.registry().join("read.db")).unwrap();
    place.run(&["rebuild"]).expect(0);
    assert_eq!(projections::dump(&place.registry().join("read.db")).unwrap(), followed);
    run(&["verify", place.registry().to_str().unwrap()]).expect(0);
    place.run(&["doctor"]).expect(0);
    let arguments = ["identity", "reverse", &at, "--reviewer", "officer-2", "--reason"];
    let undo = place.run(&[arguments.as_slice(), &["decided_in_error", "--json"]].concat());
    let (code, _) = answer(&place, "confirm", &undo.expect(0).json(), "officer-1");
    assert_eq!(code, 0);
    assert_eq!((records(&place, &one), records(&place, &two)), (1, 1));
}

#[test]
fn distinct_is_never_joined_again() {
    let (place, [one, two, _]) = registry();
    let (_, proposal) = propose(&place, &["distinct", &one, &two]);
    assert_eq!(answer(&place, "confirm", &proposal, "officer-2").0, 0);
    let (code, refused) = propose(&place, &["same", &two, &one]);
    assert_eq!((code, &refused["error"]["refusal"]), (1, &614.into()), "{refused}");
    let suggested = place.run(&["identity", "suggest", "--json"]).expect(0).json();
    assert!(!suggested.to_string().contains(&two), "{suggested}");
}

#[test]
fn adverse_records_wait_for_the_notice() {
    let (place, [one, _, three]) = registry();
    let (_, proposal) = propose(&place, &["same", &one, &three]);
    assert!(proposal["answer_until"].is_string(), "{proposal}");
    let (code, refused) = answer(&place, "confirm", &proposal, "officer-2");
    assert_eq!((code, &refused["error"]["refusal"]), (1, &616.into()), "{refused}");
    // Both files say that a decision is proposed.
    for id in [&one, &three] {
        let shown = place.run(&["show", id, "--json"]).expect(0).stdout.clone();
        assert!(shown.contains("\"open\""), "{shown}");
    }
    let (code, _) = answer(&place, "refuse", &proposal, "officer-2");
    assert_eq!(code, 0);
    let (code, refused) = answer(&place, "confirm", &proposal, "officer-2");
    assert_eq!((code, &refused["error"]["refusal"]), (1, &619.into()), "{refused}");
}

#[test]
fn an_import_respects_what_was_decided() {
    let (place, [one, two, _]) = registry();
    let (_, proposal) = propose(&place, &["same", &one, &two]);
    assert_eq!(answer(&place, "confirm", &proposal, "officer-2").0, 0);
    let both = [("lei", support::lei(2))];
    let both: Vec<(&str, &str)> = both.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let file = place.write("more.jsonl", &own_permit("P9", "enterprise", &both));
    let (_, outcome) = place.import("own", &file, &[]);
    assert_eq!(number(&outcome, "accepted"), 1, "{outcome}");
    assert_eq!(records(&place, &one), 3, "shown on the file that was kept");
}

#[test]
fn who_is_no_reviewer_and_what_is_no_decision_is_refused() {
    let (place, [one, two, _]) = registry();
    for (arguments, code) in [
        (vec!["reviewer", "add", "jane-smith"], 1),
        (vec!["identity", "confirm", "3", "--reviewer", "officer-2"], 1),
        (vec!["identity", "confirm", "99999", "--reviewer", "officer-2"], 1),
        (vec!["identity", "confirm", "x", "--reviewer", "officer-2"], 2),
        (
            vec![
                "identity",
                "propose",
                "same",
                &one,
                &two,
                "--reviewer",
                "officer-9",
                "--reason",
                "same_identifier",
            ],
            1,
        ),
        (
            vec![
                "identity",
                "propose",
                "same",
                &one,
                &two,
                "--reviewer",
                "officer-1",
                "--reason",
                "same_identifier",
            ],
            1,
        ),
        (
            vec![
                "identity",
                "propose",
                "same",
                &one,
                &two,
                "--reviewer",
                "officer-1",
                "--reason",
                "because",
            ],
            1,
        ),
        (
            vec![
                "identity",
                "propose",
                "split",
                &one,
                "--record",
                &two,
                "--reviewer",
                "officer-1",
                "--reason",
                "mixed_records",
            ],
            1,
        ),
    ] {
        let ended = place.run(&arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {} {}", ended.stdout, ended.stderr);
    }
    let none = place.run(&["identity", "list", "--json"]).expect(0).json();
    assert_eq!(none["decisions"], serde_json::json!([]));
}

#[test]
fn a_split_gives_records_back_to_their_own() {
    let (place, [one, ..]) = registry();
    let lei = support::lei(1);
    let file = place.write("more.jsonl", &own_permit("P7", "enterprise", &[("lei", &lei)]));
    place.import("own", &file, &[]);
    let shown = place.run(&["show", &one, "--json"]).expect(0).json();
    let goes = shown["records"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(records(&place, &one), 2);
    let (code, proposal) = propose(&place, &["split", &one, "--record", &goes]);
    assert_eq!(code, 0, "{proposal}");
    assert_eq!(answer(&place, "confirm", &proposal, "officer-2").0, 0);
    let other = proposal["other"].as_str().unwrap();
    assert_eq!((records(&place, &one), records(&place, other)), (1, 1));
    place.run(&["rebuild"]).expect(0);
    assert_eq!((records(&place, &one), records(&place, other)), (1, 1));
    run(&["verify", place.registry().to_str().unwrap()]).expect(0);
    // Reading the row again does not undo it.
    place.import("own", &file, &[]);
    assert_eq!((records(&place, &one), records(&place, other)), (1, 1));
}
