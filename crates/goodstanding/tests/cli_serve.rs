//! `serve`, `demo` and checking over HTTP, with the built program.

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::faults::{self, Mode};
use support::{PROGRAM, Place, ceis_file, many_rows, run};

/// A running server; told to stop at the end.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    /// Starts the program and waits until it says its address, on standard error or output.
    fn start(arguments: &[&str], says: &str) -> Running {
        Running::begin(Command::new(PROGRAM).args(arguments), says)
    }

    fn begin(command: &mut Command, says: &str) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let mut running = Running { child, address: String::new() };
        let (sender, receiver) = std::sync::mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] = [Box::new(out), Box::new(err)];
        for stream in streams {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    sender.send(line).ok();
                }
            });
        }
        loop {
            let line = receiver.recv_timeout(Duration::from_secs(90)).expect("no address");
            if let Some((_, rest)) = line.split_once("http://")
                && line.contains(says)
            {
                running.address = rest.split('/').next().unwrap().to_owned();
                return running;
            }
        }
    }

    /// The body of a GET, its status checked.
    fn get(&self, path: &str, status: u16) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let split = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..split]).into_owned();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
        assert!(!head.to_lowercase().contains("transfer-encoding: chunked"), "{path}: {head}");
        answer[split + 4..].to_vec()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed must not leave a server behind.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Sends SIGTERM and gives the exit code.
fn exit_code(mut running: Running) -> Option<i32> {
    let id = running.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    running.child.wait().unwrap().code()
}

fn place_with_rows() -> Place {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(40)));
    place.import("small", &file, &[]);
    place
}

fn vkey(place: &Place) -> String {
    place.run(&["key", "show", "--json"]).expect(0).json()["vkey"].as_str().unwrap().to_owned()
}

#[test]
fn a_served_registry_verifies_from_outside_and_stops_when_told() {
    let place = place_with_rows();
    let registry = place.registry();
    let directory = registry.to_str().unwrap();
    let running =
        Running::start(&["serve", "--listen", "127.0.0.1:0", "--dir", directory], "Serving");
    running.get("/healthz", 200);
    let page = String::from_utf8(running.get("/en/", 200)).unwrap();
    assert!(page.contains("<html"), "{page}");
    let url = format!("http://{}", running.address);
    let key = vkey(&place);
    let told = run(&["verify", &url, "--vkey", &key, "--json"]).expect(0).json();
    assert_eq!(told["outcome"], "true");
    assert_eq!(told["counts"]["opened"], told["counts"]["open"]);
    // An import beside the running server, and then it still verifies.
    let more = place.write("more.csv", &ceis_file(&many_rows(45)));
    place.import("small", &more, &[]);
    run(&["verify", &url, "--vkey", &key]).expect(0);
    check_one_record(&place, &running, &key);
    assert_eq!(exit_code(running), Some(0));
}

/// Proof and opening of one record, checked offline; a changed opening is false.
fn check_one_record(place: &Place, running: &Running, key: &str) {
    let shown = place.run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(3))]);
    let file = shown.expect(0).json();
    let record = file["records"][0]["id"].as_str().unwrap().to_owned();
    let proof = running.get(&format!("/api/v1/records/{record}/proof"), 200);
    let opening = running.get(&format!("/api/v1/records/{record}/opening.txt"), 200);
    let position = file["records"][0]["position"].as_u64().unwrap();
    let entry = entry_at(running, position);
    let (proof_path, entry_path) = (place.path("r.tlog-proof"), place.path("entry"));
    let opening_path = place.path("opening");
    for (path, bytes) in [(&proof_path, &proof), (&entry_path, &entry), (&opening_path, &opening)] {
        std::fs::write(path, bytes).unwrap();
    }
    let verify = |opening: &Path| {
        run(&[
            "verify",
            proof_path.to_str().unwrap(),
            "--entry",
            entry_path.to_str().unwrap(),
            "--opening",
            opening.to_str().unwrap(),
            "--vkey",
            key,
        ])
    };
    verify(&opening_path).expect(0);
    let changed = String::from_utf8(opening).unwrap().replace("procurement", "procuremenT");
    verify(&place.write("changed", &changed)).expect(1);
}

/// The bytes of an entry, out of its bundle: each is preceded by its length in two bytes.
fn entry_at(running: &Running, position: u64) -> Vec<u8> {
    let checkpoint = String::from_utf8(running.get("/log/checkpoint", 200)).unwrap();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let (bundle, at) = (position / 256, usize::try_from(position % 256).unwrap());
    let width = (size - bundle * 256).min(256);
    let path = if width == 256 {
        format!("/log/tile/entries/{bundle:03}")
    } else {
        format!("/log/tile/entries/{bundle:03}.p/{width}")
    };
    let bytes = running.get(&path, 200);
    let mut rest = bytes.as_slice();
    for _ in 0..at {
        let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
        rest = &rest[2 + length..];
    }
    let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
    rest[2..2 + length].to_vec()
}

#[test]
fn two_servers_on_one_registry_answer_alike_and_a_taken_port_is_named() {
    let place = place_with_rows();
    let registry = place.registry();
    let directory = registry.to_str().unwrap();
    let start =
        || Running::start(&["serve", "--listen", "127.0.0.1:0", "--dir", directory], "Serving");
    let (one, two) = (start(), start());
    let path = format!("/api/v1/search?q={}", support::cnpj(3));
    assert_eq!(one.get(&path, 200), two.get(&path, 200));
    let more = place.write("more.csv", &ceis_file(&many_rows(45)));
    assert_eq!(place.import("small", &more, &[]).0, 0);
    let path = format!("/api/v1/search?q={}", support::cnpj(44));
    let found = one.get(&path, 200);
    assert!(String::from_utf8_lossy(&found).contains(&support::cnpj(44)));
    assert_eq!(found, two.get(&path, 200));
    let third = run(&["serve", "--listen", &one.address, "--dir", directory]);
    third.expect(2);
    assert!(third.stderr.contains(&one.address) && third.stderr.contains("--listen"));
    assert_eq!((exit_code(one), exit_code(two)), (Some(0), Some(0)));
    run(&["verify", directory]).expect(0);
}

#[test]
fn a_server_answers_while_the_disk_is_full() {
    if !faults::available() {
        return;
    }
    let place = place_with_rows();
    let registry = place.registry();
    let full = place.path("full");
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--listen", "127.0.0.1:0", "--dir", registry.to_str().unwrap()]);
    command.envs(faults::environment(&place, Mode::Full, 1)).env("FAULTS_WHEN", &full);
    let running = Running::begin(&mut command, "Serving");
    let path = format!("/api/v1/search?q={}", support::cnpj(3));
    let before = running.get(&path, 200);
    std::fs::write(&full, "").unwrap();
    assert_eq!(running.get(&path, 200), before);
    running.get("/en/lists", 200);
    running.get("/log/checkpoint", 200);
    assert_eq!(exit_code(running), Some(0));
}

#[test]
fn a_server_out_of_files_answers_again_when_clients_are_gone() {
    let place = place_with_rows();
    let registry = place.registry();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\"", PROGRAM, "serve"]);
    command.args(["--listen", "127.0.0.1:0", "--dir", registry.to_str().unwrap()]);
    let running = Running::begin(&mut command, "Serving");
    let clients: Vec<TcpStream> =
        (0..100).map_while(|_| TcpStream::connect(&running.address).ok()).collect();
    assert!(clients.len() > 64, "{}", clients.len());
    std::thread::sleep(Duration::from_millis(200));
    drop(clients);
    running.get("/healthz", 200);
    let path = format!("/api/v1/search?q={}", support::cnpj(3));
    running.get(&path, 200);
    assert_eq!(exit_code(running), Some(0));
}

#[test]
fn a_demonstration_is_built_once_a_day_and_verifies() {
    let place = Place::new();
    let folder = place.path("demo");
    let directory = folder.to_str().unwrap().to_owned();
    let running =
        Running::start(&["demo", "--port", "0", "--dir", &directory], "Goodstanding is at");
    let page = String::from_utf8(running.get("/en/", 200)).unwrap();
    assert!(page.contains("emonstration"), "every page of a demonstration says so");
    let url = format!("http://{}", running.address);
    run(&["verify", &url]).expect(0);
    assert_eq!(exit_code(running), Some(0));
    // Started again at once: nothing is appended.
    let checkpoint = std::fs::read(folder.join("log/checkpoint")).unwrap();
    let running =
        Running::start(&["demo", "--port", "0", "--dir", &directory], "Goodstanding is at");
    assert_eq!(exit_code(running), Some(0));
    assert_eq!(std::fs::read(folder.join("log/checkpoint")).unwrap(), checkpoint);
    // Built on another day: built anew.
    std::fs::write(folder.join("demo"), "built on 2020-01-01\n").unwrap();
    let running =
        Running::start(&["demo", "--port", "0", "--dir", &directory], "Goodstanding is at");
    assert_eq!(exit_code(running), Some(0));
    assert_ne!(std::fs::read(folder.join("log/checkpoint")).unwrap(), checkpoint);
}
