//! As `faults`: the commands of those who keep the registry and of authorities, and what is handed
//! out of it.

mod case_support;
mod support;

use std::fs;

use case_support::BUREAU;
use goodstanding::clock::SystemClock;
use serde_json::{Value, json};
use support::scenario::{Scenario, path, words};
use support::{Place, ceis_file, copy_folder, many_rows, run, workspace};

#[test]
fn adding_a_reviewer_with_each_write_going_wrong() {
    let command = |place: &Place| words(&["reviewer", "add", "officer-2"], place);
    Scenario {
        begun: || {
            let place = Place::with_registry();
            place.run(&["reviewer", "add", "officer-1"]).expect(0);
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let listed = place.run(&["reviewer", "list", "--json"]).expect(0).json();
            let all = listed["reviewers"].as_array().unwrap().clone();
            // The new one or not yet: never without the old one.
            assert!(all.contains(&json!("officer-1")), "{listed}");
            json!(all)
        },
    }
    .check();
}

#[test]
fn adding_a_source_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let url = ["--url", "https://two.example/l.csv", "--profile", "small"];
        words(&[&["source", "add", "two"][..], &url].concat(), place)
    };
    Scenario {
        begun: || {
            let place = Place::with_registry();
            let url = ["--url", "https://one.example/l.csv", "--profile", "small"];
            place.run(&[&["source", "add", "one"][..], &url].concat()).expect(0);
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let status = place.run(&["source", "status", "--json"]).expect(0).json();
            let sources = status["sources"].as_array().unwrap();
            assert_eq!(sources[0]["source"], "one", "{status}");
            sources.iter().map(|source| source["from"].clone()).collect()
        },
    }
    .check();
}

#[test]
fn adopting_a_pack_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let draft = path(place, "draft/us");
        words(&["policy", "adopt", &draft, "--by", "registrar-1", "--and", "registrar-2"], place)
    };
    Scenario {
        begun: || {
            let place = Place::with_registry();
            place.run(&["reviewer", "add", "registrar-1"]).expect(0);
            place.run(&["reviewer", "add", "registrar-2"]).expect(0);
            let draft = place.path("draft/us");
            copy_folder(&workspace().join("packs/us"), &draft);
            let change = |name: &str, change: &dyn Fn(String) -> String| {
                let text = fs::read_to_string(draft.join(name)).unwrap();
                fs::write(draft.join(name), change(text)).unwrap();
            };
            change("pack.toml", &|text| {
                let line = text.lines().find(|line| line.starts_with("version")).unwrap();
                text.replace(line, "version = \"2099.1\"")
            });
            change("procedure.toml", &|text| text.replace("30", "40"));
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let list = place.run(&["policy", "list", "--json"]).expect(0).json();
            let packs = list["packs"].as_array().unwrap();
            let us = packs.iter().find(|pack| pack["name"] == "us").unwrap();
            assert_eq!(us["adopted"], true, "{us}");
            json!([us["version"], us["versions"].as_array().unwrap().len()])
        },
    }
    .check();
}

/// A registry of the invented jurisdiction whose bureau has two accounts, with their keys beside
/// it.
fn with_accounts() -> Place {
    let place = Place::new();
    let accounts = [(BUREAU, "officer-1"), (BUREAU, "decider-2")];
    let keys = case_support::registry(&place.registry(), &SystemClock, &accounts);
    for ((_, account), key) in accounts.iter().zip(&keys) {
        place.write(&format!("{account}.key"), &key.to_text());
    }
    place.write("submit.json", &case_support::penalty().to_string());
    let mut notice = case_support::notice();
    notice.as_object_mut().unwrap().remove("command");
    notice["notice"]["served_on"] = json!(support::today().to_string());
    place.write("notice.json", &notice.to_string());
    place
}

#[test]
fn registering_a_key_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let vkey = fs::read_to_string(place.path("vkey")).unwrap();
        let what = ["authority", "key", "register", BUREAU, "officer-3", "--vkey", &vkey];
        let by = ["--by", "registrar-1", "--and", "registrar-2"];
        words(&[&what[..], &by].concat(), place)
    };
    Scenario {
        begun: || {
            let place = with_accounts();
            let out = path(&place, "officer-3.key");
            let what = ["authority", "key", "new", BUREAU, "officer-3", "--out", &out, "--json"];
            let made = run(&what).expect(0).json();
            place.write("vkey", made["vkey"].as_str().unwrap());
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let listed = place.run(&["authority", "list", "--json"]).expect(0).stdout.clone();
            let vkey = fs::read_to_string(place.path("vkey")).unwrap();
            json!([listed.contains(&vkey), listed.matches("officer-1").count() > 0])
        },
    }
    .check();
}

/// Cases by their states.
fn cases(place: &Place) -> Value {
    let listed = place.run(&["case", "list", "--json"]).expect(0).json();
    let cases = listed["cases"].as_array().unwrap();
    cases.iter().map(|case| case["state"].clone()).collect()
}

#[test]
fn a_step_in_a_case_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let record = fs::read_to_string(place.path("record")).unwrap();
        let (notice, key) = (path(place, "notice.json"), path(place, "officer-1.key"));
        words(&["case", "act", &record, "serve_notice", &notice, "--key", &key], place)
    };
    Scenario {
        begun: || {
            let place = with_accounts();
            let (file, key) = (path(&place, "submit.json"), path(&place, "officer-1.key"));
            let submitted = place.run(&["case", "submit", &file, "--key", &key, "--json"]);
            let record = submitted.expect(0).json()["record"].as_str().unwrap().to_owned();
            place.write("record", &record);
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: cases,
    }
    .check();
}

#[test]
fn handing_in_a_record_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let (file, key) = (path(place, "submit.json"), path(place, "officer-1.key"));
        words(&["case", "submit", &file, "--key", &key], place)
    };
    Scenario {
        begun: with_accounts,
        command,
        again: command,
        registry: "registry",
        // Handed in again it is a second record or none: never half of one.
        settled: |place| json!(cases(place).as_array().is_some_and(|cases| !cases.is_empty())),
    }
    .check();
}

fn with_rows(rows: u32) -> Place {
    let place = Place::with_registry();
    let file = place.write("first.csv", &ceis_file(&many_rows(rows)));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!(code, 0, "{outcome}");
    place
}

#[test]
fn an_export_with_each_write_going_wrong() {
    let command = |place: &Place| words(&["export", "--out", &path(place, "all.csv")], place);
    Scenario {
        begun: || with_rows(8),
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let text = fs::read_to_string(place.path("all.csv")).unwrap();
            json!((1..=8).map(|seed| text.contains(&support::cnpj(seed))).collect::<Vec<_>>())
        },
    }
    .check();
}

#[test]
fn the_files_for_download_with_each_write_going_wrong() {
    let command = |place: &Place| words(&["export", "--data"], place);
    Scenario {
        begun: || with_rows(8),
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let data = place.registry().join("data");
            let text = fs::read_to_string(data.join("snapshot.json")).unwrap();
            let snapshot: Value = serde_json::from_str(&text).unwrap();
            let folder = data.join(snapshot["folder"].as_str().unwrap());
            // What is named is there, as it is named.
            let files = snapshot["files"].as_array().unwrap().iter().map(|file| {
                let found = fs::metadata(folder.join(file["name"].as_str().unwrap())).unwrap();
                assert_eq!(found.len(), support::number(file, "bytes"), "{file}");
                json!([file["name"], file["records"]])
            });
            files.collect()
        },
    }
    .check();
}
