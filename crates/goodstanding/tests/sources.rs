//! Official lists by address, from a server that lies: truncates, redirects, stalls, floods.
//! Whatever it does, what was read last stands.

mod support;
mod tls;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Ended, PROGRAM, Place, ceis_file, ceis_row, number, today};

/// What the server does with the next request.
#[derive(Clone)]
enum Deed {
    /// Sends these bytes as they are and closes.
    Send(Vec<u8>),
    /// Sends the head and then a byte now and then, for ever.
    Drip(Vec<u8>),
    /// Sends the head and then nothing.
    Stall(Vec<u8>),
    /// Sends the head and then the same piece for ever.
    Flood(Vec<u8>),
    /// Sends the first half and the rest when the gate is opened.
    Gated(Vec<u8>, Arc<Gate>),
}

/// Closed until somebody opens it.
#[derive(Default)]
struct Gate {
    is_reached: AtomicBool,
    is_open: AtomicBool,
}

impl Gate {
    fn pass(&self) {
        self.is_reached.store(true, Ordering::SeqCst);
        wait_until(|| self.is_open.load(Ordering::SeqCst));
    }

    fn reached(&self) {
        wait_until(|| self.is_reached.load(Ordering::SeqCst));
    }

    fn open(&self) {
        self.is_open.store(true, Ordering::SeqCst);
    }
}

fn wait_until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain");
        std::thread::sleep(Duration::from_millis(10));
    }
}

struct Server {
    port: u16,
    deed: Arc<Mutex<Deed>>,
    /// The last request, as it came.
    asked: Arc<Mutex<String>>,
}

impl Server {
    fn new() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let deed = Arc::new(Mutex::new(Deed::Send(Vec::new())));
        let asked = Arc::new(Mutex::new(String::new()));
        let (what, heard) = (Arc::clone(&deed), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (what, heard) = (Arc::clone(&what), Arc::clone(&heard));
                std::thread::spawn(move || answer(stream.unwrap(), &what, &heard));
            }
        });
        Server { port, deed, asked }
    }

    fn will(&self, deed: Deed) {
        *self.deed.lock().unwrap() = deed;
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/list.csv?token=secret", self.port)
    }
}

fn answer(mut stream: TcpStream, deed: &Mutex<Deed>, asked: &Mutex<String>) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
        request.push(byte[0]);
    }
    *asked.lock().unwrap() = String::from_utf8_lossy(&request).to_lowercase();
    let deed = deed.lock().unwrap().clone();
    // The client may hang up at any time: that is what is tested.
    let _ = match deed {
        Deed::Send(bytes) => stream.write_all(&bytes),
        Deed::Gated(bytes, gate) => {
            let (first, rest) = bytes.split_at(bytes.len() / 2);
            stream.write_all(first).and_then(|()| {
                gate.pass();
                stream.write_all(rest)
            })
        }
        Deed::Stall(head) => stream.write_all(&head).map(|()| {
            loop {
                std::thread::sleep(Duration::from_secs(1));
            }
        }),
        Deed::Drip(head) => stream.write_all(&head).and_then(|()| {
            loop {
                stream.write_all(b"x")?;
                stream.flush()?;
                std::thread::sleep(Duration::from_millis(200));
            }
        }),
        Deed::Flood(head) => stream.write_all(&head).and_then(|()| {
            loop {
                stream.write_all(b"10000\r\n")?;
                stream.write_all(&[b'x'; 0x10000])?;
                stream.write_all(b"\r\n")?;
            }
        }),
    };
}

fn ok(headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into()
}

fn list(rows: u32) -> String {
    let end = today().plus_days(300);
    ceis_file(&(1..=rows).map(|row| ceis_row(row, end)).collect::<Vec<_>>())
}

/// Names the server's list in the registry, or another of its addresses under the same name.
fn name_list(place: &Place, url: &str, profile: &str) {
    let add = ["source", "add", "list", "--url", url, "--profile", profile, "--allow-private"];
    let limits = ["--timeout", "3", "--stall", "1", "--max-bytes", "100000"];
    place.run(&[&add[..], &limits].concat()).expect(0);
}

/// A registry that knows the server's list, and has read 40 rows of it.
fn begun() -> (Place, Server) {
    let place = Place::with_registry();
    let server = Server::new();
    name_list(&place, &server.url(), "small");
    server.will(Deed::Send(ok("ETag: \"v1\"\r\n", &list(40))));
    let first = place.run(&["source", "refresh", "list", "--json"]).expect(0).json();
    assert_eq!(number(&first["sources"][0]["last"], "accepted"), 40, "{first}");
    (place, server)
}

fn refreshed(place: &Place) -> (i32, Value) {
    let ended = place.run(&["source", "refresh", "list", "--json"]);
    (ended.code, ended.json())
}

#[test]
fn every_lie_is_found_out_and_what_was_read_stands() {
    let (place, server) = begun();
    let head = |more: &str| format!("HTTP/1.1 200 OK\r\n{more}\r\n").into_bytes();
    let whole = list(40);
    let cut = |length: usize| {
        let mut bytes = head(&format!("Content-Length: {length}\r\n"));
        bytes.extend_from_slice(&whole.as_bytes()[..whole.len() / 2]);
        bytes
    };
    let redirect = |to: &str| {
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    };
    let own = server.url();
    let cases: Vec<(&str, Deed, &str)> = vec![
        ("cut at half", Deed::Send(cut(whole.len())), "cut"),
        (
            "cut in chunks",
            Deed::Send([head("Transfer-Encoding: chunked\r\n"), b"ffff\r\ncnpj".to_vec()].concat()),
            "cut",
        ),
        ("no length", Deed::Send([head(""), whole.clone().into()].concat()), "how long"),
        ("a length beyond the limit", Deed::Send(head("Content-Length: 999999999\r\n")), "larger"),
        ("a flood", Deed::Flood(head("Transfer-Encoding: chunked\r\n")), "larger"),
        ("a stall in the body", Deed::Stall(head("Content-Length: 100\r\n")), "stalled"),
        ("a stall before the head", Deed::Stall(Vec::new()), "stalled"),
        ("a drip", Deed::Drip(head("Content-Length: 90000\r\n")), "longer than 3 seconds"),
        ("redirects in a circle", Deed::Send(redirect(&own)), "on and on"),
        ("a redirect to a file", Deed::Send(redirect("file:///etc/passwd")), "https"),
        ("a redirect to nowhere", Deed::Send(redirect("http://[")), "on and on"),
        (
            "a redirect with a password",
            Deed::Send(redirect("http://a:b@127.0.0.1/")),
            "credentials",
        ),
        ("a page", Deed::Send(ok("", "\n<!DOCTYPE html><title>Sorry</title>")), "web page"),
        ("nothing", Deed::Send(ok("", "")), "empty"),
        ("packed", Deed::Send(ok("Content-Encoding: gzip\r\n", "\x1f")), "packed"),
        (
            "not found",
            Deed::Send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()),
            "404",
        ),
        (
            "too many",
            Deed::Send(b"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n".to_vec()),
            "429",
        ),
        ("no HTTP", Deed::Send(b"220 ready\r\n\r\n".to_vec()), "connection"),
        ("another list", Deed::Send(ok("", "a,b\n1,2\n")), "column"),
    ];
    for (what, deed, said) in cases {
        server.will(deed);
        let (code, report) = refreshed(&place);
        let error = report["sources"][0]["error"].as_str().unwrap_or_default();
        assert!(code == 1 && error.contains(said), "{what}: {code} {report}");
        assert!(!report.to_string().contains("secret"), "{what}: {report}");
        let found = place.run(&["search", "--json", &support::cnpj(40)]).json();
        assert_eq!(found["results"].as_array().unwrap().len(), 1, "{what}");
    }
    let status = place.run(&["source", "status", "--json"]);
    status.expect(0);
    assert!(!status.stdout.contains("secret"), "{}", status.stdout);
    let status = status.json();
    assert_eq!(status["sources"][0]["last"]["outcome"], "failed");
    assert!(status["sources"][0]["last_read"].is_string());
    // And when it tells the truth again, it is read again.
    server.will(Deed::Send(ok("", &list(41))));
    let (code, report) = refreshed(&place);
    assert_eq!((code, number(&report["sources"][0]["last"], "accepted")), (0, 1), "{report}");
    let leftovers = support::files(&place.registry().join("sources"));
    let names: Vec<_> =
        leftovers.keys().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, [".lock", "small.json", "list.body", "list.json", "list.lock"]);
}

#[test]
fn nothing_changed_is_a_reading_too() {
    let (place, server) = begun();
    server.will(Deed::Send(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()));
    let (code, report) = refreshed(&place);
    assert!(server.asked.lock().unwrap().contains("if-none-match: \"v1\""));
    assert_eq!(code, 0, "{report}");
    let last = &report["sources"][0]["last"];
    assert_eq!((number(last, "rows"), number(last, "bytes")), (40, 0), "{report}");
    // A 304 that nobody asked for is no answer.
    std::fs::remove_file(place.registry().join("sources/list.body")).unwrap();
    let (code, report) = refreshed(&place);
    assert!(!server.asked.lock().unwrap().contains("if-none-match"));
    assert_eq!(code, 1, "{report}");
}

#[test]
fn i65_what_vanished_is_held_until_somebody_looked() {
    let (place, server) = begun();
    server.will(Deed::Send(ok("ETag: \"v2\"\r\n", &list(30))));
    let (code, report) = refreshed(&place);
    assert_eq!(code, 1, "{report}");
    let last = &report["sources"][0]["last"];
    assert_eq!(last["outcome"], "held");
    assert!(last["message"].as_str().unwrap().contains("10 would vanish"), "{report}");
    // Whoever looks finds the file, and what it is known by.
    let status = place.run(&["source", "status", "--json"]).expect(0).json();
    let held = &status["sources"][0]["held"];
    let file = held["file"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), list(30));
    assert_eq!(number(held, "bytes"), list(30).len() as u64);
    let text = place.run(&["source", "status"]).stdout;
    assert!(text.contains(file) && text.contains(held["sha256"].as_str().unwrap()), "{text}");
    // It is not downloaded again while its publisher says that it is the one.
    server.will(Deed::Send(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()));
    let (_, again) = refreshed(&place);
    assert!(server.asked.lock().unwrap().contains("if-none-match: \"v2\""));
    let last = &again["sources"][0]["last"];
    assert_eq!((last["outcome"].as_str(), number(last, "bytes")), (Some("held"), 0), "{again}");
    let release = |number: &str| {
        let line = ["source", "refresh", "list", "--json", "--accept-vanished", number];
        place.run(&line)
    };
    let refused = release("9").expect(1).json();
    assert_eq!(refused["sources"][0]["last"]["outcome"], "held", "not the number that vanished");
    let released = release("10").expect(0).json();
    let last = &released["sources"][0]["last"];
    assert_eq!((last["outcome"].as_str(), number(last, "ended")), (Some("read"), 10), "{released}");
    let status = place.run(&["source", "status", "--json"]).expect(0).json();
    assert!(status["sources"][0]["held"].is_null(), "{status}");
    assert!(!std::path::Path::new(file).exists());
    // What was released is what is read from now on.
    let (code, report) = refreshed(&place);
    assert!(server.asked.lock().unwrap().contains("if-none-match: \"v2\""));
    assert_eq!((code, &report["sources"][0]["last"]["outcome"]), (0, &"read".into()), "{report}");
}

#[test]
fn i65_a_held_file_gives_way_to_a_better_one_and_import_releases_too() {
    let (place, server) = begun();
    server.will(Deed::Send(ok("ETag: \"v2\"\r\n", &list(30))));
    assert_eq!(refreshed(&place).0, 1);
    let held = place.registry().join("sources/list.held");
    // Somebody's editor saved over it: it is asked for anew.
    std::fs::write(&held, "changed").unwrap();
    let (_, report) = refreshed(&place);
    assert!(server.asked.lock().unwrap().contains("if-none-match: \"v1\""));
    assert_eq!(report["sources"][0]["last"]["outcome"], "held", "{report}");
    // The publisher puts its mistake right: nothing is left to look at.
    server.will(Deed::Send(ok("ETag: \"v3\"\r\n", &list(40))));
    assert_eq!(refreshed(&place).0, 0);
    assert!(!held.exists());
    // By hand it goes too, as it always did.
    let file = place.write("list.csv", &list(30));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!(code, 1);
    assert!(outcome.to_string().contains("10 would vanish"), "{outcome}");
    let (code, outcome) = place.import("small", &file, &["--accept-vanished", "10"]);
    assert_eq!((code, number(&outcome, "ended")), (0, 10), "{outcome}");
    // Every source at once, or none, has no one number.
    for line in [
        &["source", "refresh", "--accept-vanished", "1"][..],
        &["source", "refresh", "list", "list", "--accept-vanished", "1"],
    ] {
        place.run(line).expect(2);
    }
}

fn begin(place: &Place, line: &[&str]) -> std::process::Child {
    Command::new(PROGRAM)
        .args(line)
        .args(["--dir", place.registry().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn two_processes_never_read_one_source_at_once() {
    let place = Place::with_registry();
    let server = Server::new();
    let (url, profile) = (server.url(), "small");
    let add = ["source", "add", "list", "--url", &url, "--profile", profile, "--allow-private"];
    place.run(&add).expect(0);
    let gate = Arc::new(Gate::default());
    server.will(Deed::Gated(ok("", &list(40)), Arc::clone(&gate)));
    let first = begin(&place, &["source", "refresh", "list", "--json"]);
    gate.reached();
    // Half of it is there. Another hand, a timer and a second server leave it alone.
    server.will(Deed::Send(ok("", &list(3))));
    let ended = place.run(&["source", "refresh", "list"]);
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("another process is reading"), "{}", ended.stdout);
    let due = place.run(&["source", "refresh", "--due", "--json"]).expect(0).json();
    assert_eq!(due["sources"], serde_json::json!([]));
    gate.open();
    let ended = Ended::of(first.wait_with_output().unwrap());
    let report = ended.expect(0).json();
    assert_eq!(number(&report["sources"][0]["last"], "accepted"), 40, "{report}");
    let notes = std::fs::read_to_string(place.registry().join("sources/list.json")).unwrap();
    let notes: Value = serde_json::from_str(&notes).unwrap();
    assert_eq!(notes["tries"].as_array().unwrap().len(), 1, "{notes}");
}

#[test]
fn what_a_killed_reader_left_is_taken_away_and_the_source_is_free() {
    let (place, server) = begun();
    let gate = Arc::new(Gate::default());
    server.will(Deed::Gated(ok("", &list(41)), Arc::clone(&gate)));
    let mut killed = begin(&place, &["source", "refresh", "list"]);
    gate.reached();
    killed.kill().unwrap();
    killed.wait().unwrap();
    gate.open();
    let folder = place.registry().join("sources");
    let news = || {
        let names = support::files(&folder).into_keys();
        names.filter(|path| path.extension().is_some_and(|end| end == "new")).count()
    };
    std::fs::write(folder.join("list.new"), "of an earlier release").unwrap();
    assert!(news() >= 1);
    server.will(Deed::Send(ok("", &list(42))));
    let (code, report) = refreshed(&place);
    assert_eq!((code, number(&report["sources"][0]["last"], "accepted")), (0, 2), "{report}");
    assert_eq!(news(), 0);
}

#[test]
fn another_address_or_profile_of_the_same_name_is_read_as_new() {
    let (place, server) = begun();
    let other = server.url().replace("list.csv", "other.csv");
    let profile = std::fs::read_to_string(place.path("small.toml")).unwrap();
    let profile = place.write("wide.toml", &profile.replace("\"small\"", "\"wide\""));
    place.run(&["profile", "adopt", profile.to_str().unwrap()]).expect(0);
    // A server that says "unchanged" to whoever brings a mark: a new address brings none.
    for (url, profile) in [(&other, "small"), (&other, "wide")] {
        name_list(&place, url, profile);
        let status = place.run(&["source", "status", "--json"]).expect(0).json();
        assert_eq!(status["sources"][0]["due"], true, "{status}");
        server.will(Deed::Send(ok("ETag: \"v1\"\r\n", &list(40))));
        let (code, report) = refreshed(&place);
        assert_eq!(code, 0, "{report}");
        assert!(!server.asked.lock().unwrap().contains("if-none-match"), "{url} {profile}");
        assert!(number(&report["sources"][0]["last"], "bytes") > 0, "{report}");
    }
    // A hand in sources.toml is no other case.
    let file = place.registry().join("sources.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("other.csv", "third.csv");
    std::fs::write(&file, text).unwrap();
    server.will(Deed::Send(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()));
    assert_eq!(refreshed(&place).0, 1, "an old body is no answer of a new address");
    assert!(!server.asked.lock().unwrap().contains("if-none-match"));
    // What is removed leaves nothing to be taken for another's.
    place.run(&["source", "remove", "list"]).expect(0);
    let left = support::files(&place.registry().join("sources"));
    assert!(!left.keys().any(|path| path.ends_with("list.body") || path.ends_with("list.json")));
}

#[test]
fn a_damaged_body_is_not_read_because_nothing_changed() {
    let (place, server) = begun();
    let body = place.registry().join("sources/list.body");
    let cut = std::fs::read_to_string(&body).unwrap();
    std::fs::write(&body, &cut[..cut.len() / 2]).unwrap();
    server.will(Deed::Send(ok("ETag: \"v1\"\r\n", &list(40))));
    let (code, report) = refreshed(&place);
    assert_eq!(code, 0, "{report}");
    assert!(!server.asked.lock().unwrap().contains("if-none-match"));
    assert_eq!(std::fs::read_to_string(&body).unwrap(), list(40));
}

#[test]
fn a_server_reads_what_is_due_by_itself() {
    let (place, server) = begun();
    // Read long ago, as far as anybody knows.
    std::fs::remove_file(place.registry().join("sources/list.json")).unwrap();
    server.will(Deed::Send(ok("", &list(42))));
    let mut serving = begin(&place, &["serve", "--listen", "127.0.0.1:0"]);
    let is_read = || {
        let found = place.run(&["search", "--json", &support::cnpj(42)]).json();
        !found["results"].as_array().unwrap().is_empty()
    };
    let begun = Instant::now();
    while !is_read() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(200));
    }
    let is_there = is_read();
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(is_there, "the server did not read the source");
    let status = place.run(&["source", "status", "--json"]).expect(0).json();
    assert_eq!(status["sources"][0]["last"]["outcome"], "read", "{status}");
}

#[test]
fn only_a_server_that_is_vouched_for_is_read() {
    let authority = tls::Authority::new();
    let place = Place::with_registry();
    let trusted = place.write("authority.pem", &authority.pem);
    let refresh = |trusted: &std::path::Path| {
        let ended = Command::new(PROGRAM)
            .args(["source", "refresh", "list", "--json", "--dir"])
            .arg(place.registry())
            .env("SSL_CERT_FILE", trusted)
            .env_remove("SSL_CERT_DIR")
            .output();
        Ended::of(ended.unwrap())
    };
    let strangers = place.write("strangers.pem", &tls::Authority::new().pem);
    for (name, trusted, is_read) in [
        ("localhost", &trusted, true),
        ("elsewhere.example", &trusted, false),
        ("localhost", &strangers, false),
    ] {
        let port = tls::serve(authority.shown_for(name), ok("", &list(40)));
        name_list(&place, &format!("https://localhost:{port}/{name}.csv"), "small");
        let ended = refresh(trusted);
        let said = format!("{name}: {}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, i32::from(!is_read), "{said}");
        assert_eq!(said.contains("certificate"), !is_read, "{said}");
    }
}

#[test]
fn a_list_that_grew_beyond_its_ceiling_is_held() {
    let (place, _) = begun();
    let text = std::fs::read_to_string(support::workspace().join("profiles/ceis.toml")).unwrap();
    let text = text
        .replace("name = \"ceis\"", "name = \"narrow\"")
        .replace("row_floor = 4000", "row_floor = 1\nrow_ceiling = 50");
    let profile = place.write("narrow.toml", &text);
    place.run(&["profile", "adopt", profile.to_str().unwrap()]).expect(0);
    let file = place.write("list.csv", &list(51));
    let (code, outcome) = place.import("narrow", &file, &[]);
    assert_eq!((code, &outcome["problems"][0]["refusal"]), (1, &315.into()), "{outcome}");
}

#[test]
fn only_the_public_internet_by_tls_unless_it_is_allowed() {
    let place = Place::with_registry();
    let server = Server::new();
    let add = |url: &str, more: &[&str]| {
        let mut arguments = vec!["source", "add", "s", "--url", url, "--profile", "small"];
        arguments.extend(more);
        place.run(&arguments)
    };
    for url in [
        server.url().as_str(),
        "https://127.0.0.1/l.csv",
        "https://[::1]/l.csv",
        "https://10.1.2.3/l.csv",
        "ftp://example.org/l.csv",
        "l.csv",
        "https://a:b@example.org/l.csv",
    ] {
        add(url, &[]).expect(2);
    }
    add("https://example.org/l.csv", &["--profile", "small", "--every", "0"]).expect(2);
    place
        .run(&["source", "add", "s", "--url", "https://example.org/", "--profile", "no"])
        .expect(1);
    place.run(&["source", "refresh", "nobody"]).expect(2);
    place.run(&["source", "remove", "nobody"]).expect(2);
    // A name that leads to this machine is found out when it is asked.
    add("https://localhost/l.csv", &[]).expect(0);
    let ended = place.run(&["source", "refresh", "s"]);
    assert!(
        ended.code == 1 && ended.stdout.contains("private"),
        "{} {}",
        ended.stdout,
        ended.stderr
    );
    std::fs::write(place.registry().join("sources.toml"), "[[source]]\nnmae = 1\n").unwrap();
    let ended = place.run(&["source", "status"]);
    assert!(ended.code == 2 && ended.stderr.contains("nmae"), "{}", ended.stderr);
}

#[test]
fn what_is_due_is_read_by_a_timer_and_failures_wait() {
    let (place, server) = begun();
    let none = place.run(&["source", "refresh", "--due", "--json"]).expect(0).json();
    assert_eq!(none["sources"], serde_json::json!([]), "read a moment ago");
    std::fs::remove_file(place.registry().join("sources/list.json")).unwrap();
    server.will(Deed::Send(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec()));
    place.run(&["source", "refresh", "--due"]).expect(1);
    let none = place.run(&["source", "refresh", "--due", "--json"]).expect(0).json();
    assert_eq!(none["sources"], serde_json::json!([]), "a failure waits");
}
