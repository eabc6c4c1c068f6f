//! Every write of every command that writes, going wrong in every way: reported as failed and not
//! done, reported as failed and done, the disk full from there on, killed before it, killed in the
//! middle of it.
//!
//! After each: nothing that was acknowledged is lost, the log verifies and goes on from what was
//! signed before, the same command run again ends as if nothing had happened, and so does what the
//! registry then shows.
//!
//! `GOODSTANDING_FAULT_POINTS` says how many writes of each command are tried in each way; `all`
//! tries every one, as `cargo xtask test --all` does.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use support::scenario::{Scenario, path, words};
use support::{Place, ceis_file, files_with, many_rows, own_permit, run};

/// What the registry shows of organisations `from..=to` of the made-up file.
fn shown(place: &Place, seeds: impl Iterator<Item = u32>) -> Value {
    seeds
        .map(|seed| {
            let ended = place.run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(seed))]);
            if ended.code != 0 {
                return json!(ended.code);
            }
            let file = ended.json();
            let records = file["records"].as_array().unwrap();
            let grounds: Vec<_> = records.iter().map(|record| &record["grounds"]).collect();
            json!([file["name"], file["identifiers"], grounds])
        })
        .collect()
}

/// Entries by what they are: equal for equal histories, whatever ids and instants.
fn counts(directory: &Path) -> Value {
    let verified = run(&["verify", "--json", directory.to_str().unwrap()]).json();
    json!([verified["counts"]["open"], verified["counts"]["erased"]])
}

fn dump_is_reproducible(directory: &Path) -> bool {
    let reader = ledger::LedgerReader::open(directory).unwrap();
    let anew = tempfile::tempdir().unwrap();
    let beside = anew.path().join("read.db");
    projections::build_until(&beside, &reader, reader.size().unwrap(), &mut |_| {}).unwrap();
    let live = projections::dump(&directory.join("read.db")).unwrap();
    projections::dump(&beside).unwrap() == live
}

fn with_rows(rows: u32) -> Place {
    let place = Place::with_registry();
    let file = place.write("first.csv", &ceis_file(&many_rows(rows)));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!(code, 0, "{outcome}");
    place
}

#[test]
fn init_with_each_write_going_wrong() {
    let command =
        |place: &Place| words(&["init", "--origin", "test.example/log", "--pack", "br"], place);
    Scenario {
        moved: 0,
        begun: Place::new,
        command,
        again: command,
        registry: "registry",
        settled: |place| counts(&place.registry()),
    }
    .check();
}

#[test]
fn an_import_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let (file, receipts) = (path(place, "more.csv"), path(place, "receipts.jsonl"));
        let line = ["import", "--profile", "small", &file, "--rows-per-batch", "6", "--receipts"];
        words(&[&line[..], &[&receipts]].concat(), place)
    };
    Scenario {
        moved: 0,
        begun: || {
            let place = with_rows(4);
            place.write("more.csv", &ceis_file(&many_rows(16)));
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            check_receipts(place);
            shown(place, [1, 4, 5, 9, 16].into_iter())
        },
    }
    .check();
}

/// What was acknowledged is on the log that is there now.
fn check_receipts(place: &Place) {
    let text = fs::read_to_string(place.path("receipts.jsonl")).unwrap_or_default();
    // A line without end was not handed out.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        // After a torn line the next receipt may follow on it.
        let Ok(receipt) = serde_json::from_str::<Value>(line) else { continue };
        let note = receipt["checkpoint"].as_str().unwrap();
        let since = place.write("receipt.checkpoint", note);
        let registry = path(place, "registry");
        run(&["verify", &registry, "--since", since.to_str().unwrap()]).expect(0);
    }
}

#[test]
fn a_decision_on_identity_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let number = fs::read_to_string(place.path("decision")).unwrap();
        words(&["identity", "confirm", &number, "--reviewer", "officer-2"], place)
    };
    Scenario {
        moved: 0,
        begun: || {
            let place = Place::with_registry();
            place.run(&["reviewer", "add", "officer-1"]).expect(0);
            place.run(&["reviewer", "add", "officer-2"]).expect(0);
            let lines = [1, 2].map(|seed| {
                own_permit(&format!("P{seed}"), "enterprise", &[("lei", &support::lei(seed))])
            });
            let file = place.write("own.jsonl", &lines.concat());
            place.import("own", &file, &[]);
            let ids = [1, 2].map(|seed| format!("lei:{}", support::lei(seed)));
            let what = ["identity", "propose", "same", &ids[0], &ids[1], "--json"];
            let grounds = ["--reviewer", "officer-1", "--reason", "official_notice"];
            let source = ["--source", "https://register.example.org/1", "--read-on", "2026-01-05"];
            let proposed = place.run(&[&what[..], &grounds, &source].concat());
            place.write("decision", &proposed.expect(0).json()["decision"].to_string());
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let id = format!("lei:{}", support::lei(1));
            let file = place.run(&["show", &id, "--json"]).expect(0).json();
            json!([file["records"].as_array().unwrap().len(), file["identifiers"]])
        },
    }
    .check();
}

#[test]
fn an_erasure_with_each_write_going_wrong() {
    Scenario {
        moved: 0,
        begun: || {
            let place = with_rows(6);
            let found = place.run(&["search", "--json", &support::cnpj(3)]).expect(0).json();
            place.write("id", found["results"][0]["id"].as_str().unwrap());
            place
        },
        command: |place| {
            let id = fs::read_to_string(place.path("id")).unwrap();
            words(&["erase", "--yes", "--organisation", &id], place)
        },
        again: |place| {
            let id = fs::read_to_string(place.path("id")).unwrap();
            words(&["erase", "--yes", "--organisation", &id], place)
        },
        registry: "registry",
        settled: |place| {
            let id = fs::read_to_string(place.path("id")).unwrap();
            let registry = place.registry();
            for needle in [support::cnpj(3), "FICTICIA 3 LTDA".to_owned(), id] {
                assert_eq!(files_with(&registry, &needle), Vec::<std::path::PathBuf>::new());
            }
            json!([shown(place, 1..=6), counts(&registry)])
        },
    }
    .check();
}

#[test]
fn a_backup_with_each_write_going_wrong() {
    fn to(place: &Place, name: &str) -> Vec<String> {
        let (out, keys) = (path(place, name), path(place, &format!("{name}-keys")));
        words(&["backup", "--out", &out, "--keys-out", &keys], place)
    }
    Scenario {
        moved: 0,
        begun: || with_rows(6),
        command: |place| to(place, "backup"),
        // Half a backup stays where it is until somebody removes it; it is never taken for a whole.
        again: |place| to(place, "second"),
        registry: "registry",
        settled: |place| {
            let taken = |name: &str| run(&["restore", "--check", &path(place, name)]).code;
            let half = |name: &str| place.path(name).exists() && taken(name) != 0;
            for name in ["backup", "second"] {
                let keys = format!("{name}-keys");
                assert!(half(name) || !place.path(name).exists() || taken(&keys) == 0, "{name}");
            }
            let is_whole = |name| taken(name) == 0 && taken(&format!("{name}-keys")) == 0;
            json!(is_whole("second") || is_whole("backup"))
        },
    }
    .check();
}

#[test]
fn a_restore_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let (from, keys) = (path(place, "backup"), path(place, "backup-keys"));
        let new = path(place, "new");
        ["restore", "--from", &from, "--keys", &keys, "--nothing-later", "--dir", &new]
            .map(str::to_owned)
            .to_vec()
    };
    Scenario {
        moved: 0,
        begun: || {
            let place = with_rows(6);
            let (out, keys) = (path(&place, "backup"), path(&place, "backup-keys"));
            place.run(&["backup", "--out", &out, "--keys-out", &keys]).expect(0);
            place
        },
        command,
        again: command,
        registry: "new",
        settled: |place| {
            let dir = path(place, "new");
            let id = format!("br-cnpj:{}", support::cnpj(5));
            let file = run(&["show", "--json", &id, "--dir", &dir]).expect(0).json();
            json!([file["records"].as_array().unwrap().len(), counts(&place.path("new"))])
        },
    }
    .check();
}

#[test]
fn a_rebuild_with_each_write_going_wrong() {
    let command = |place: &Place| words(&["rebuild"], place);
    Scenario {
        moved: 0,
        begun: || with_rows(6),
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            place.run(&["search", &support::cnpj(5)]).expect(0);
            assert!(dump_is_reproducible(&place.registry()));
            shown(place, 1..=6)
        },
    }
    .check();
}

/// The address of a server that answers every request with the list.
fn list_server() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let body = ceis_file(&many_rows(8));
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 4096];
                // The client may have been killed already.
                let _ = stream.read(&mut request).and_then(|_| {
                    let length = body.len();
                    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
                });
            }
        });
        format!("http://127.0.0.1:{port}/list.csv")
    })
}

#[test]
fn reading_a_source_with_each_write_going_wrong() {
    let command = |place: &Place| words(&["source", "refresh", "list"], place);
    Scenario {
        moved: 0,
        begun: || {
            let place = with_rows(4);
            let what = ["source", "add", "list", "--profile", "small", "--allow-private"];
            place.run(&[&what[..], &["--url", list_server()]].concat()).expect(0);
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| shown(place, 1..=8),
    }
    .check();
}

#[test]
fn adopting_a_profile_with_each_write_going_wrong() {
    let command = |place: &Place| {
        let file = path(place, "other.toml");
        words(&["profile", "adopt", &file], place)
    };
    Scenario {
        moved: 0,
        begun: || {
            let place = with_rows(2);
            let small = fs::read_to_string(place.path("small.toml")).unwrap();
            place.write("other.toml", &small.replace("name = \"small\"", "name = \"other\""));
            place
        },
        command,
        again: command,
        registry: "registry",
        settled: |place| {
            let listed = place.run(&["profile", "list", "--json"]);
            json!(listed.stdout.contains("other"))
        },
    }
    .check();
}
