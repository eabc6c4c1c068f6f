//! Red team: what somebody in office would like this registry to do to a union, a newspaper, a
//! church, a small firm or a person, one file each in `red_team/`. Each goes in through the door
//! that everybody uses and meets exactly the refusals it names; nothing of it is kept.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::civil::Day;
use goodstanding::clock::SystemClock;
use goodstanding::demo::{self, PlayedCase, resolve_dates};
use ledger::LedgerReader;
use serde_json::{Value, json};
use support::{Ended, Place, lei, today, workspace};

/// A demonstration, whose cases stand in every state, with the keys of all parties.
struct Town {
    place: Place,
    played: Vec<PlayedCase>,
}

impl Town {
    fn new() -> Town {
        let place = Place::new();
        demo::build(&place.registry(), &SystemClock, &mut |_, _| {}).unwrap();
        let played = demo::played(&place.registry()).unwrap();
        Town { place, played }
    }

    fn case(&self, name: &str) -> &PlayedCase {
        self.played.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("{name}"))
    }

    /// Ids of cases and days in what an attack says.
    fn resolved(&self, value: &Value) -> String {
        let mut text = resolve_dates(&value.to_string(), today()).unwrap();
        for case in &self.played {
            text = text.replace(&format!("{{record:{}}}", case.name), &case.record);
            text = text.replace(&format!("{{organisation:{}}}", case.name), &case.organisation);
        }
        text
    }

    fn size(&self) -> u64 {
        LedgerReader::open(&self.place.registry()).unwrap().size().unwrap()
    }

    fn file(&self, name: &str, text: &str) -> String {
        self.place.write(name, text).to_str().unwrap().to_owned()
    }

    /// `case submit` or `case act`, by whom the attack says.
    fn ask(&self, by: &str, step: &str, case: Option<&str>, request: &str) -> Ended {
        let file = self.file("request.json", request);
        let key = self.place.registry().join("try").join(format!("{}.key", by.replace('/', ".")));
        let key = key.to_str().unwrap().to_owned();
        let mut arguments: Vec<String> = vec!["case".into()];
        match case {
            None => arguments.extend(["submit".into(), file]),
            Some(case) => {
                arguments.extend(["act".into(), self.case(case).record.clone(), step.into(), file])
            }
        }
        match by.split_once(':') {
            Some(("token", case)) => {
                arguments.extend(["--token".into(), self.case(case).token.clone()]);
            }
            Some(("reviewer", handle)) => arguments.extend(["--reviewer".into(), handle.into()]),
            _ if by == "registry" => arguments.push("--registry".into()),
            _ => arguments.extend(["--key".into(), key]),
        }
        arguments.push("--json".into());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.place.run(&arguments)
    }
}

/// The files of a folder of attacks, by name.
fn attacks(folder: &str, extension: &str) -> Vec<(String, String)> {
    let folder = workspace().join("crates/goodstanding/tests/red_team").join(folder);
    let mut attacks: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    attacks.sort();
    attacks
}

/// Numbers of refusals in what the program said.
fn numbers(ended: &Ended) -> BTreeSet<u64> {
    let mut numbers = BTreeSet::new();
    collect(&serde_json::from_str(&ended.stdout).unwrap_or(Value::Null), &mut numbers);
    numbers
}

fn collect(value: &Value, numbers: &mut BTreeSet<u64>) {
    match value {
        Value::Object(members) => {
            numbers.extend(members.get("refusal").and_then(Value::as_u64));
            members.values().for_each(|member| collect(member, numbers));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, numbers)),
        _ => {}
    }
}

fn named(value: &Value) -> BTreeSet<u64> {
    value["refused"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).collect()
}

#[test]
fn each_hostile_submission_meets_its_refusal() {
    let town = Town::new();
    let before = town.size();
    let attacks = attacks("submissions", "json");
    assert!(attacks.len() >= 60, "only {}", attacks.len());
    let mut wrong = Vec::new();
    for (name, text) in &attacks {
        let attack: Value = serde_json::from_str(text).unwrap();
        let (by, step) = (attack["by"].as_str().unwrap(), attack["do"].as_str().unwrap());
        let ended = town.ask(by, step, attack["case"].as_str(), &town.resolved(&attack["request"]));
        let found = numbers(&ended);
        if ended.code != 1 || found.is_empty() || found != named(&attack) {
            wrong.push(format!(
                "{name}: expected {:?}, found {found:?}, exit {}, {}{}",
                named(&attack),
                ended.code,
                ended.stdout,
                ended.stderr
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(town.size(), before, "nothing of them is on the log");
}

#[test]
fn each_hostile_row_meets_its_refusal() {
    let town = Town::new();
    let before = town.size();
    let attacks = attacks("rows", "json");
    assert!(attacks.len() >= 12, "only {}", attacks.len());
    let mut wrong = Vec::new();
    for (name, text) in &attacks {
        let attack: Value = serde_json::from_str(text).unwrap();
        let file = town.file("rows.jsonl", &format!("{}\n", town.resolved(&attack["row"])));
        let profile = attack["profile"].as_str().unwrap();
        let (_, told) = town.place.import(profile, Path::new(&file), &["--partial"]);
        let outcome = attack["outcome"].as_str().unwrap();
        let mut found = BTreeSet::new();
        collect(&told, &mut found);
        if told[outcome] != 1 || found != named(&attack) {
            wrong.push(format!("{name}: expected {outcome} {:?}, found {told}", named(&attack)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(town.size(), before, "nothing of them is on the log");
}

#[test]
fn each_hostile_profile_meets_its_refusal() {
    let town = Town::new();
    let attacks = attacks("profiles", "toml");
    assert!(attacks.len() >= 8, "only {}", attacks.len());
    let mut wrong = Vec::new();
    for (name, text) in &attacks {
        let named: BTreeSet<u64> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#! refused ")?.parse().ok())
            .collect();
        let file = town.file(&format!("{name}.toml"), text);
        for arguments in [["profile", "check", &file], ["profile", "adopt", &file]] {
            let mut arguments = arguments.to_vec();
            arguments.push("--json");
            let ended = town.place.run(&arguments);
            let mut found = numbers(&ended);
            // Those of a file are told with their place, in words.
            let words = format!("{} {}", ended.stdout, ended.stderr);
            let is_number = |number: &u64| (100..1000).contains(number);
            found.extend(
                words.split_whitespace().filter_map(|it| it.parse().ok()).filter(is_number),
            );
            if ended.code == 0 || named.is_empty() || !named.is_subset(&found) {
                wrong.push(format!(
                    "{name} {}: expected {named:?}, found {found:?}, exit {}: {}{}",
                    arguments[1], ended.code, ended.stdout, ended.stderr
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn penalty(number: u32, name: &str, kind: &str, identifier: &str) -> String {
    let day = |back: i64| -> Day { today().plus_days(-back) };
    json!({
        "subject": {"identifier": identifier, "name": name, "kind": kind, "country": "ZZ"},
        "entry": "demo.penalty-environment", "territory": "demo", "mode": "hosted",
        "grounds": ["environment"], "procedure": "ordinary", "case_number": format!("RT {number}"),
        "conduct": {"from": day(40).to_string(), "to": day(30).to_string()},
        "fields": {"sanction": "a fine"},
    })
    .to_string()
}

const OFFICER: &str = "demo.environment-bureau/officer-1";

#[test]
fn a_campaign_against_unions_is_refused_one_by_one() {
    let town = Town::new();
    let before = town.size();
    for number in 0..20 {
        // Each under another guise.
        let (name, kind) = match number % 4 {
            0 => (format!("Union of Dockers, branch {number}"), "union"),
            1 => (format!("Dockers' Union {number} Ltd"), "enterprise"),
            2 => (format!("雾口工会{number}有限公司"), "enterprise"),
            _ => (format!("Sindicato {number}"), "unstated"),
        };
        let identifier = format!("lei:{}", lei(7_000_000 + number));
        let ended = town.ask(OFFICER, "submit", None, &penalty(number, &name, kind, &identifier));
        let expected = if kind == "union" { vec![103, 709] } else { vec![801] };
        assert_eq!(ended.code, 1, "{name}: {}", ended.stdout);
        assert_eq!(numbers(&ended), expected.into_iter().collect(), "{name}");
    }
    assert_eq!(town.size(), before);
}

#[test]
fn a_firm_that_sounds_like_a_newspaper_is_on_record_once_a_register_knows_it() {
    let town = Town::new();
    let identifier = lei(7_100_001);
    let name = "Courier Parcels Ltd";
    let submit = || {
        let of = format!("lei:{identifier}");
        town.ask(OFFICER, "submit", None, &penalty(1, name, "enterprise", &of))
    };
    assert_eq!(numbers(&submit()), [801].into());
    let line = json!({
        "key": "R-9001", "list": "demo.registrations",
        "organisation": {
            "kind": "enterprise", "name": name, "language": "en", "country": "ZZ",
            "identifiers": [{"scheme": "lei", "value": identifier}],
        },
        "entries": ["registered"],
        "fields": {"category": "Company (fictional)", "number": "R-9001", "status": "Registered"},
    });
    let file = town.file("register.jsonl", &format!("{line}\n"));
    let (code, told) = town.place.import("own", Path::new(&file), &["--partial"]);
    assert_eq!((code, &told["accepted"]), (0, &json!(1)), "{told}");
    submit().expect(0);
}
