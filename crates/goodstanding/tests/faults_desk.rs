//! As `faults`: the commands of those who keep the registry and of authorities, and what is handed
//! out of it.

mod case_support;
mod support;

use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use case_support::BUREAU;
use goodstanding::clock::SystemClock;
use serde_json::{Value, json};
use support::faults::{self, Mode};
use support::scenario::{Scenario, path, points, words};
use support::{Ended, PROGRAM, Place, ceis_file, ceis_row, copy_folder, many_rows, run, workspace};

#[test]
fn adding_a_reviewer_with_each_write_going_wrong() {
    let command = |place: &Place| words(&["reviewer", "add", "officer-2"], place);
    Scenario {
        moved: 0,
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
        moved: 0,
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
        moved: 0,
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
        moved: 0,
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

/// One whose officer has handed in a record, which is named in a file beside it.
fn with_case() -> Place {
    let place = with_accounts();
    let (file, key) = (path(&place, "submit.json"), path(&place, "officer-1.key"));
    let submitted = place.run(&["case", "submit", &file, "--key", &key, "--json"]);
    let record = submitted.expect(0).json()["record"].as_str().unwrap().to_owned();
    place.write("record", &record);
    place
}

fn serve_notice(place: &Place) -> Vec<String> {
    let record = fs::read_to_string(place.path("record")).unwrap();
    let (notice, key) = (path(place, "notice.json"), path(place, "officer-1.key"));
    words(&["case", "act", &record, "serve_notice", &notice, "--key", &key], place)
}

#[test]
fn a_step_in_a_case_with_each_write_going_wrong() {
    Scenario {
        moved: 0,
        begun: with_case,
        command: serve_notice,
        again: serve_notice,
        registry: "registry",
        settled: cases,
    }
    .check();
}

/// Three years: nobody decided, so the case lapsed, and its time to be kept is over.
const LONG_AFTER: i64 = 3 * 366 * 86_400;

#[test]
fn erasing_what_is_due_with_each_write_going_wrong() {
    let command = |place: &Place| words(&["erase", "--due"], place);
    Scenario {
        moved: LONG_AFTER,
        begun: || {
            let place = with_case();
            run(&serve_notice(&place)).expect(0);
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let record = fs::read_to_string(place.path("record")).unwrap();
            let shown = words(&["case", "show", &record], place);
            let shown = faults::run_at(place, &shown, LONG_AFTER);
            for secret in ["Fictional Tannery", "discharge at night", "EB 17/2026"] {
                let left = support::files_with(&place.registry(), secret);
                assert!(left.is_empty(), "{secret}: {left:?}");
            }
            let verify = ["verify", "--json", &path(place, "registry")].map(str::to_owned);
            let verified = faults::run_at(place, &verify, LONG_AFTER).expect(0).json();
            assert_ne!(verified["counts"]["erased"], 0, "{verified}");
            json!([shown.code, verified["counts"]["erased"]])
        },
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
        moved: 0,
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
        moved: 0,
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
        moved: 0,
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

/// A week: what ended meanwhile is announced by whoever serves.
const LATER: i64 = 7 * 86_400;

/// Serves until the log went on from `before`, or long enough, and is told to stop.
fn served(place: &Place, before: &str, more: &[(&str, OsString)]) -> Ended {
    let mut serving = Command::new(PROGRAM)
        .args(words(&["serve", "--listen", "127.0.0.1:0"], place))
        .envs(faults::environment(place, Mode::Failed, 0))
        .env("FAULTS_CLOCK", LATER.to_string())
        .envs(more.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let checkpoint = place.registry().join("log/checkpoint");
    while begun.elapsed() < Duration::from_secs(3)
        && serving.try_wait().unwrap().is_none()
        && fs::read_to_string(&checkpoint).unwrap() == before
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    // What is announced after the first entries of it comes at once. It may be gone already.
    std::thread::sleep(Duration::from_millis(300));
    Command::new("kill").args(["-TERM", &serving.id().to_string()]).output().unwrap();
    Ended::of(serving.wait_with_output().unwrap())
}

/// How long the log is, which goes on from `since`.
fn entries(place: &Place, since: &str) -> Value {
    let since = place.write("since.checkpoint", since);
    let line = ["verify", &path(place, "registry"), "--json", "--since", since.to_str().unwrap()];
    let verified = faults::run_at(place, &line.map(str::to_owned), LATER).expect(0).json();
    verified["size"].clone()
}

#[test]
fn the_upkeep_of_a_server_with_writes_going_wrong() {
    if !faults::available() {
        return;
    }
    let begun = Place::with_registry();
    let rows: Vec<_> = (1..=8).map(|seed| ceis_row(seed, support::today().plus_days(3))).collect();
    let file = begun.write("first.csv", &ceis_file(&rows));
    assert_eq!(begun.import("small", &file, &[]).0, 0);
    let checkpoint =
        |place: &Place| fs::read_to_string(place.registry().join("log/checkpoint")).unwrap();
    let before = checkpoint(&begun);
    let whole = begun.copied();
    let counted = whole.path("counted");
    let ended = served(&whole, &before, &[("FAULTS_COUNT", counted.clone().into())]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let total: u64 = fs::read_to_string(counted).unwrap().trim().parse().unwrap();
    let settled = entries(&whole, &before);
    assert_ne!(checkpoint(&whole), before, "nothing was due: nothing was shown");
    for mode in [Mode::Failed, Mode::Full, Mode::Torn] {
        for at in points(total).into_iter().step_by(2) {
            let what = format!("write {at} of {total}, {mode:?}");
            let place = begun.copied();
            let ended = served(&place, &before, &faults::environment(&place, mode, at));
            assert!(!ended.stderr.contains("panicked"), "{what}: {}", ended.stderr);
            entries(&place, &before);
            served(&place, &before, &[]);
            assert_eq!(entries(&place, &before), settled, "{what}: {}", ended.stderr);
        }
    }
}
