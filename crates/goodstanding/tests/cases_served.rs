//! Cases at a server of its own process: killed, beside imports, asked by the command line from
//! elsewhere, by slow clients.

mod case_support;
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use case_support::{BUREAU, notice, penalty, penalty_about, steps};
use goodstanding::cases::remote::Remote;
use goodstanding::clock::SystemClock;
use ledger::note::SignerKey;
use serde_json::Value;
use support::{Ended, PROGRAM, ceis_file, many_rows, mixed, run};

/// A registry with the keys of its accounts in files.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let accounts = [(BUREAU, "officer-1"), (BUREAU, "decider-1")];
        let directory = folder.path().join("registry");
        let keys = case_support::registry(&directory, &SystemClock, &accounts);
        for (key, (_, account)) in keys.iter().zip(accounts) {
            let text = key.to_text();
            std::fs::write(folder.path().join(format!("{account}.key")), text.as_bytes()).unwrap();
        }
        Place { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn key(&self) -> SignerKey {
        let text = std::fs::read_to_string(self.path("officer-1.key")).unwrap();
        SignerKey::from_text(&text).unwrap()
    }

    fn directory(&self) -> String {
        self.path("registry").to_str().unwrap().to_owned()
    }

    fn serve(&self) -> Server {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--proceedings", "--listen", "127.0.0.1:0", "--dir"])
            .arg(self.path("registry"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let err = child.stderr.take().unwrap();
        let mut lines = BufReader::new(err).lines();
        let address = loop {
            let line = lines.next().expect("no address").unwrap();
            if let Some((_, rest)) = line.split_once("Serving http://") {
                break rest.split('/').next().unwrap().to_owned();
            }
        };
        // What else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || for _ in lines.map_while(Result::ok) {});
        Server { child, address }
    }

    /// The program as somebody elsewhere runs it: without `--dir`.
    fn elsewhere(&self, arguments: &[&str]) -> Ended {
        let output =
            Command::new(PROGRAM).args(arguments).current_dir(self.folder.path()).output().unwrap();
        Ended::of(output)
    }
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A number that no other call gets.
fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn verify(directory: &str, since: Option<&Path>) {
    let mut arguments = vec!["verify", directory];
    if let Some(since) = since {
        arguments.extend(["--since", since.to_str().unwrap()]);
    }
    run(&arguments).expect(0);
}

#[test]
fn every_receipt_that_was_given_holds_after_a_kill() {
    let runs = std::env::var("GOODSTANDING_CRASH_RUNS").ok().and_then(|runs| runs.parse().ok());
    let place = Place::new();
    let vkey = std::fs::read_to_string(place.path("registry/log/vkey")).unwrap();
    let receipts: Mutex<Vec<Value>> = Mutex::default();
    for turn in 0..runs.unwrap_or(4_u64) {
        let mut server = place.serve();
        let before = receipts.lock().unwrap().len();
        std::thread::scope(|scope| {
            for thread in 0..4_usize {
                let (url, key, receipts) = (server.url(), place.key(), &receipts);
                scope.spawn(move || {
                    let Ok(remote) = Remote::open(&url) else { return };
                    let remote = remote.with_tries(1);
                    let batch = || -> Vec<Value> {
                        (0..1 + thread * 3).map(|_| penalty_about(next())).collect()
                    };
                    // Until the server is gone.
                    while let Ok(outcomes) = remote.submit(&batch(), &key) {
                        let given = outcomes.into_iter().map(|outcome| outcome.unwrap());
                        receipts.lock().unwrap().extend(given);
                    }
                });
            }
            let begun = Instant::now();
            while receipts.lock().unwrap().len() < before + 8 {
                assert!(begun.elapsed() < Duration::from_secs(60), "nothing was committed");
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(Duration::from_millis(mixed(turn) % 400));
            server.kill();
        });
        // Straight after the kill, before anything mends it.
        let given = receipts.lock().unwrap();
        let last = place.write("last.json", &given.last().unwrap().to_string());
        run(&["verify", last.to_str().unwrap(), "--vkey", vkey.trim()]).expect(0);
    }
    let given = receipts.into_inner().unwrap();
    let mut records: Vec<&str> = Vec::new();
    for receipt in &given {
        records.push(receipt["record"].as_str().unwrap());
        let since = place.write("since", receipt["log"]["checkpoint"].as_str().unwrap());
        if records.len() % (given.len() / 12 + 1) == 1 {
            verify(&place.directory(), Some(&since));
        }
    }
    let all = place.write(
        "all.json",
        &serde_json::json!({ "items": given.iter().map(|it| {
        serde_json::json!({ "receipt": it })
    }).collect::<Vec<_>>() })
        .to_string(),
    );
    run(&["verify", all.to_str().unwrap(), "--vkey", vkey.trim()]).expect(0);
    // Each is there, once.
    let listed = run(&["case", "list", "--json", "--dir", &place.directory()]);
    let listed = listed.expect(0).json();
    let cases = listed["cases"].as_array().unwrap();
    for record in &records {
        assert_eq!(cases.iter().filter(|case| case["record"] == **record).count(), 1);
    }
    records.sort_unstable();
    records.dedup();
    assert_eq!(records.len(), given.len(), "a record was given twice");
}

#[test]
fn imports_go_on_beside_a_server_that_takes_cases_all_the_time() {
    let place = Place::new();
    let text = std::fs::read_to_string(support::workspace().join("profiles/ceis.toml")).unwrap();
    let small = text
        .replace("name = \"ceis\"", "name = \"small\"")
        .replace("row_floor = 4000", "row_floor = 1");
    let profile = place.write("small.toml", &small);
    let directory = place.directory();
    run(&["profile", "adopt", profile.to_str().unwrap(), "--dir", &directory]).expect(0);
    let server = place.serve();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::Relaxed;
    let committed = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..3)
            .map(|_| {
                let (url, key, stop) = (server.url(), place.key(), &stop);
                scope.spawn(move || {
                    let remote = Remote::open(&url).unwrap();
                    let mut committed = 0;
                    while !stop.load(order) {
                        let batch: Vec<Value> = (0..5).map(|_| penalty_about(next())).collect();
                        let outcomes = remote.submit(&batch, &key).unwrap();
                        committed += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
                    }
                    committed
                })
            })
            .collect();
        for number in 1..=4 {
            let file = place.write("ceis.csv", &ceis_file(&many_rows(number * 30)));
            let file = file.to_str().unwrap();
            let arguments = ["import", "--profile", "small", file, "--dir", &directory];
            run(&arguments).expect(0);
        }
        stop.store(true, order);
        clients.into_iter().map(|client| client.join().unwrap()).sum::<usize>()
    });
    assert!(committed > 0);
    verify(&directory, None);
}

#[test]
fn an_authority_and_an_organisation_work_from_elsewhere() {
    let place = Place::new();
    let server = place.serve();
    let url = server.url();
    let mut second = penalty();
    second["grounds"] = serde_json::json!(["speech"]);
    place.write("one.json", &penalty().to_string());
    place.write("two.json", &second.to_string());
    let vkey = std::fs::read_to_string(place.path("registry/log/vkey")).unwrap();
    // What this program can see itself does not travel.
    let refused =
        place.elsewhere(&["case", "submit", "two.json", "--key", "officer-1.key", "--to", &url]);
    refused.expect(1);
    assert!(refused.stderr.contains("[211]"), "{}", refused.stderr);
    let mut third = penalty();
    third["territory"] = "cn".into();
    place.write("three.json", &third.to_string());
    let both = place.elsewhere(&[
        "case",
        "submit",
        "one.json",
        "three.json",
        "--key",
        "officer-1.key",
        "--to",
        &url,
        "--receipt",
        "both.json",
        "--json",
    ]);
    both.expect(3);
    let value = both.json();
    assert_eq!(value["items"][1]["problems"][0]["refusal"], 704);
    let record = value["items"][0]["receipt"]["record"].as_str().unwrap().to_owned();
    place.elsewhere(&["verify", "both.json", "--vkey", vkey.trim()]).expect(0);
    let without = place.elsewhere(&["verify", "both.json"]);
    without.expect(2);

    place.write("notice.json", &today(notice()).to_string());
    let act = |arguments: &[&str]| {
        let mut all = vec!["case", "act", record.as_str()];
        all.extend(arguments);
        all.extend(["--to", url.as_str(), "--json"]);
        place.elsewhere(&all)
    };
    let served = act(&["serve_notice", "notice.json", "--key", "officer-1.key"]);
    let token = served.expect(0).json()["subject_token"].as_str().unwrap().to_owned();
    place.write("answer.json", r#"{"points": 1, "text": "1. It was another river."}"#);
    act(&["represent", "answer.json", "--token", &token]).expect(0);
    let wrong = act(&["waive", "--token", "00"]);
    wrong.expect(1);
    assert_eq!(wrong.json()["error"]["refusal"], 758);
    let early = act(&["uphold", "decision.json", "--key", "decider-1.key"]);
    early.expect(2);

    let show = |who: [&str; 2]| {
        place.elsewhere(&["case", "show", &record, "--from", &url, who[0], who[1]])
    };
    let seen = show(["--token", &token]);
    for text in [
        "noticed (S4), not public",
        "next ",
        "the organisation: answer to the notice",
        "discharge at night",
    ] {
        assert!(seen.expect(0).stdout.contains(text), "{text}: {}", seen.stdout);
    }
    let seen = show(["--key", "decider-1.key"]);
    assert!(seen.expect(0).stdout.contains("text: 1. It was another river."), "{}", seen.stdout);
    show(["--token", "00"]).expect(1);
    // Roles that prove themselves to the machine of the registry only.
    act(&["place_hold", "answer.json", "--reviewer", "registrar-1"]).expect(1);
    assert!(place.elsewhere(&["case", "show", &record, "--from", "ftp://x"]).code == 2);
}

#[test]
fn a_registry_elsewhere_is_trusted_by_its_key_and_another_key_stops_everything() {
    let place = Place::new();
    let server = place.serve();
    let vkey = std::fs::read_to_string(place.path("registry/log/vkey")).unwrap().trim().to_owned();
    let stranger =
        ledger::note::SignerKey::generate(&mut ledger::SystemEntropy, "test.example/log")
            .unwrap()
            .vkey()
            .to_string();
    place.write("one.json", &penalty().to_string());
    let size = || ledger::LedgerReader::open(&place.path("registry")).unwrap().size().unwrap();
    let before = size();
    let url = server.url();
    let submit = |more: &[&str]| {
        let mut all = vec!["case", "submit", "one.json", "--key", "officer-1.key", "--to", &url];
        all.extend(more);
        place.elsewhere(&all)
    };
    // Given, and another one.
    let other = submit(&["--vkey", &stranger]);
    other.expect(2);
    assert!(other.stderr.contains("another key than the one that is trusted"), "{}", other.stderr);
    submit(&["--vkey", "nonsense"]).expect(2);
    assert_eq!(size(), before, "nothing travelled");
    // Seen first, and changed later: it says what to do, and where.
    let known = place.path("goodstanding-known-registries");
    assert!(!known.exists());
    let list = || {
        let key = ["--key", "officer-1.key", "--to", url.as_str(), "--json"];
        place.elsewhere(&[["case", "list", "--owed"].as_slice(), key.as_slice()].concat())
    };
    let first = list();
    assert_eq!(first.expect(0).json()["cases"], serde_json::json!([]));
    assert!(first.stderr.contains(&vkey), "{}", first.stderr);
    assert_eq!(std::fs::read_to_string(&known).unwrap(), format!("{url} {vkey}\n"));
    let second = list();
    second.expect(0);
    assert!(!second.stderr.contains(&vkey), "only the first time: {}", second.stderr);
    std::fs::write(&known, format!("{url} {stranger}\n")).unwrap();
    let changed = submit(&[]);
    changed.expect(2);
    for part in [stranger.as_str(), "--vkey", "goodstanding-known-registries"] {
        assert!(changed.stderr.contains(part), "{part}: {}", changed.stderr);
    }
    assert_eq!(size(), before, "nothing travelled");
    // What the operator says counts before what was kept.
    submit(&["--vkey", &vkey]).expect(0);
    let owed = place.elsewhere(&[
        "case",
        "list",
        "--owed",
        "--key",
        "officer-1.key",
        "--to",
        &url,
        "--vkey",
        &vkey,
    ]);
    let text = &owed.expect(0).stdout;
    for part in ["demo.penalty-environment", "validated (S3), not public", "waits for: notice"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// The commands with `curl` of the page for authorities and organisations.
fn curls_of_the_page() -> Vec<String> {
    let page = support::workspace().join("docs/authorities/cases.md");
    let page = std::fs::read_to_string(page).unwrap().replace("\\\n", " ");
    page.lines().filter(|line| line.starts_with("curl ")).map(str::to_owned).collect()
}

#[test]
fn the_page_says_what_an_organisation_types_and_it_works() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: there is no curl");
        return;
    }
    let place = Place::new();
    let server = place.serve();
    let remote = Remote::open(&server.url()).unwrap();
    let key = place.key();
    let receipt = remote.submit(&[penalty()], &key).unwrap().remove(0).unwrap();
    let record = receipt["record"].as_str().unwrap();
    let party = goodstanding::cases::remote::Party::Key(&key);
    let served = remote.act(record, &today(notice()), &party).unwrap();
    let token = served["subject_token"].as_str().unwrap();
    let curls = curls_of_the_page();
    assert_eq!(curls.len(), 2);
    let answers = curls.iter().map(|line| {
        let line = line
            .replace("https://registry.example.org", &server.url())
            .replace("TOKEN", token)
            .replace("RECORD", record);
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert!(output.status.success(), "{line}");
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str::<Value>(&text).unwrap_or_else(|_| panic!("{line}: {text}"))
    });
    let answers: Vec<Value> = answers.collect();
    let [seen, answered] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(seen["state"], "noticed", "{seen}");
    assert_eq!(answered["steps"][0], "RepresentationMade", "{answered}");
}

/// With today for the day of the notice.
fn today(mut notice: Value) -> Value {
    notice["notice"]["served_on"] = support::today().to_string().into();
    notice["notice"]["end_max"] = support::today().plus_days(200).to_string().into();
    notice
}

#[test]
fn bodies_that_come_slowly_hold_nothing_for_long_and_nobody_else_up() {
    let place = Place::new();
    let server = place.serve();
    let address = server.address.clone();
    let path = steps("01a2057c-4747-7a7a-8ae8-c358ca03ca41");
    let slow: Vec<_> = (0..120)
        .map(|_| {
            let (address, path) = (address.clone(), path.clone());
            std::thread::spawn(move || {
                let begun = Instant::now();
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
                let head = format!(
                    "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                     content-length: 90000\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).unwrap();
                let mut answer = Vec::new();
                loop {
                    let mut piece = [0; 1024];
                    match stream.read(&mut piece) {
                        Ok(0) => break,
                        Ok(count) => answer.extend_from_slice(&piece[..count]),
                        Err(_) if begun.elapsed() > Duration::from_secs(30) => break,
                        Err(_) => {
                            if stream.write_all(b" ").is_err() {
                                break;
                            }
                        }
                    }
                }
                (begun.elapsed(), String::from_utf8_lossy(&answer).into_owned())
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("ok\n"), "{answer}");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    for thread in slow {
        let (elapsed, answer) = thread.join().unwrap();
        assert!(elapsed < Duration::from_secs(20), "{elapsed:?}");
        assert!(answer.starts_with("HTTP/1.1 5"), "{answer:.200}");
    }
}

#[test]
fn an_authority_elsewhere_asks_what_it_holds_and_is_refused_what_does_not_follow() {
    let place = Place::new();
    let server = place.serve();
    let url = server.url();
    let nobody = "01a2057c-4747-7a7a-8ae8-c358ca03ca41";
    let held = place.write("held.txt", &format!("{nobody}\n"));
    let held = held.to_str().unwrap();
    let by_key =
        place.elsewhere(&["consult", "held", held, "--key", "officer-1.key", "--from", &url]);
    by_key.expect(3);
    assert!(by_key.stdout.contains(&format!("over  {nobody}")), "{}", by_key.stdout);
    // The feed names nothing that was never there, and says where to go on.
    let by_feed = place.elsewhere(&["consult", "held", held, "--json", "--from", &url]);
    let told = by_feed.expect(0).json();
    assert!(told["next"].as_u64().unwrap() > 0, "{told}");
    assert_eq!(told["records"], serde_json::json!([]));
    let question = ["--purpose", "inspection", "--role", "inspection_authority"];
    let question = [&question[..], &["--territory", "demo", "--from", &url]].concat();
    let asked = ["consult", case_support::SUBJECT, "--key", "officer-1.key"];
    let unknown = place.elsewhere(&[&asked[..], &question].concat());
    unknown.expect(1);
    let said = ["consult", "feedback", case_support::SUBJECT, "--key", "officer-1.key"];
    let about = ["--record", nobody, "--measure", "demo.closer-inspection", "--said", "applied"];
    place.elsewhere(&[&said[..], &about, &question].concat()).expect(1);
    // A key that nobody registered is told so, and words never leave this machine.
    let key = SignerKey::generate(&mut ledger::SystemEntropy, "demo.nobody/officer-1").unwrap();
    place.write("foreign.key", &key.to_text());
    let foreign = ["consult", case_support::SUBJECT, "--key", "foreign.key"];
    let refused = place.elsewhere(&[&foreign[..], &question].concat());
    refused.expect(1);
    assert!(refused.stderr.contains("755"), "{}", refused.stderr);
    let because = ["--reason", "Jane Example asked for it"];
    let words = place.elsewhere(&[&said[..], &about, &because, &question].concat());
    words.expect(1);
    assert!(words.stderr.contains("821") && !words.stderr.contains("Jane"), "{}", words.stderr);
    let journal = ["consult", "journal", case_support::SUBJECT, "--dir", "registry"];
    place.elsewhere(&journal).expect(1);
}
