//! Whole logs for `spec/vectors/logs.json`, which the Python verifier checks too.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::*;

fn files(log: &Log) -> Map<String, Value> {
    let encoded =
        log.files.iter().map(|(path, bytes)| (path.clone(), json!(STANDARD.encode(bytes))));
    encoded.collect()
}

/// A log as its difference from `base`: `null` stands for a file that is not there.
fn changes(base: &Log, log: &Log) -> Value {
    let (old, mut new) = (files(base), files(log));
    for path in old.keys() {
        if !new.contains_key(path) {
            new.insert(path.clone(), Value::Null);
        }
    }
    new.retain(|path, bytes| old.get(path) != Some(bytes));
    Value::Object(new)
}

fn cases(base: &Log) -> Vec<Value> {
    let case = |why: &str, log: &Log| {
        let report = log.verify();
        json!({"why": why, "changes": changes(base, log), "exit": report.outcome.exit_code()})
    };
    let mut cases = vec![case("as it should be", base)];
    for path in base.files.keys() {
        let mut log = base.clone();
        log.files.remove(path);
        cases.push(case("a file is missing", &log));
        for place in [0, 10, 40] {
            let mut log = base.clone();
            if let Some(byte) = log.files.get_mut(path).unwrap().get_mut(place) {
                *byte ^= 1;
            }
            cases.push(case("a byte was changed", &log));
        }
        let mut log = base.clone();
        log.files.get_mut(path).unwrap().pop();
        cases.push(case("the last byte is missing", &log));
    }
    for (why, position, line) in [
        ("an opened event withheld without an entry", 6, "- withheld"),
        ("an opened event said to be sealed", 6, "- sealed"),
        ("erased by an entry that does not name it", 6, "- erased 10"),
        ("an event said to be clear", 6, "- clear"),
        ("an entry in the clear said to be withheld", 0, "- withheld"),
    ] {
        let mut log = base.clone();
        log.say(position, line);
        cases.push(case(why, log.publish()));
    }
    let mut log = base.clone();
    log.event("2026-11-22T07:59:59.999999Z");
    log.open(vec![(log.size() - 1, log.size() - 1)]);
    cases.push(case("time runs backwards", log.publish()));
    let mut log = base.clone();
    log.clear(Leaf::Open { ranges: vec![(5, 5)] });
    cases.push(case("what was erased is opened again", log.publish()));
    let mut log = base.clone();
    let shorter = log.rows[6].line.rsplit_once('\t').unwrap().0.to_owned();
    log.rows[6].line = shorter;
    cases.push(case("a public field is missing without an entry", log.publish()));
    log.clear(Leaf::Erasure { ranges: vec![], fields: vec![(6, "place".into())] });
    cases.push(case("a public field is missing and an entry names it", log.publish()));
    cases
}

#[test]
fn whole_logs_are_in_the_vectors() {
    let base = small();
    let large = large();
    let acts = super::acts::acts();
    let mut act_cases =
        vec![json!({"why": "acts signed with a registered key", "changes": {}, "exit": 0})];
    act_cases.extend(super::acts::spoiled().iter().map(|(why, log)| {
        let exit = log.verify().outcome.exit_code();
        json!({"why": why, "changes": changes(&acts, log), "exit": exit})
    }));
    let value = json!({
        "about": "files of a log by path below /log/, in base64; each case changes some of them (null: the file is missing); `exit` is the answer of verify at `now` without a key given",
        "now": "2026-11-24T08:00:00.000000Z",
        "small": {"files": files(&base), "cases": cases(&base)},
        "large": {"files": files(&large), "cases": [{"why": "300 entries", "changes": {}, "exit": 0}]},
        "acts": {"files": files(&acts), "cases": act_cases},
    });
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    let path = folder.join("logs.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&value).unwrap());
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == text, "logs.json differs");
}
