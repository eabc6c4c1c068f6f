//! What an operator sets and sees: configuration, log lines, figures, with the built program.

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use goodstanding::configuration::{Configuration, KEYS};
use serde_json::Value;
use support::{PROGRAM, Place, ceis_file, many_rows, workspace};

/// A server whose standard error is read line by line.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(place: &Place, arguments: &[&str]) -> Running {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--dir", place.registry().to_str().unwrap()])
            .args(arguments)
            .env_remove("GOODSTANDING_LOG")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let err = child.stderr.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                sender.send(line).ok();
            }
        });
        Running { child, lines }
    }

    /// Lines up to the first that contains `what`.
    fn until(&self, what: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60));
            lines.push(line.unwrap_or_else(|_| panic!("no `{what}` in {lines:#?}")));
            if lines.last().is_some_and(|line| line.contains(what)) {
                return lines;
            }
        }
    }

    /// Tells it to stop, and gives the lines that follow.
    fn stop(mut self) -> Vec<String> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let mut lines = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(10)) {
            lines.push(line);
        }
        lines
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed must not leave a server behind.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

#[test]
fn log_lines_are_json_and_name_no_request() {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(3)));
    place.import("small", &file, &[]);
    let arguments = ["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--log-format", "json"];
    let running = Running::start(&place, &arguments);
    let lines = running.until("\"serving\"");
    let start: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let address = start["address"].as_str().unwrap();
    let metrics = start["metrics"].as_str().unwrap();
    assert_eq!(start["origin"], "test.example/log");
    assert!(start["entries"].as_u64().unwrap() > 9, "{start}");
    let cnpj = support::cnpj(1);
    assert_eq!(get(address, "/en/search?q=secretname").0, 200);
    assert_eq!(get(address, &format!("/en/organisations/br-cnpj:{cnpj}")).0, 303);
    assert_eq!(get(address, "/metrics").0, 404, "figures are not on the public address");
    assert_eq!(get(metrics, "/en/").0, 404, "and nothing else is on theirs");
    let (status, text) = get(metrics, "/metrics");
    assert_eq!(status, 200);
    assert!(text.contains("goodstanding_requests_total{class=\"search\",status=\"200\"} 1"));
    assert!(!text.contains("secretname") && !text.contains(&cnpj), "{text}");
    let lines = running.stop();
    let values: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(line).expect(line)).collect();
    let stopped = values.iter().filter(|value| value["message"] == "stopped");
    assert_eq!(stopped.count(), 1, "{lines:#?}");
    let answered: BTreeMap<&str, u64> = values
        .iter()
        .filter(|value| value["message"] == "answered")
        .map(|value| (value["class"].as_str().unwrap(), value["requests"].as_u64().unwrap()))
        .collect();
    assert_eq!(answered, BTreeMap::from([("organisation", 1), ("search", 1), ("unknown", 1)]));
    let all = lines.join("\n");
    for secret in ["secretname", cnpj.as_str(), "127.0.0.1:", "/en/"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn an_import_is_told_with_its_positions() {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(3)));
    let arguments = ["import", "--profile", "small", file.to_str().unwrap()];
    let mut arguments = arguments.to_vec();
    arguments.extend(["--log-level", "info", "--log-format", "json", "--json"]);
    let ended = place.run(&arguments);
    ended.expect(0);
    let line = ended.stderr.lines().find(|line| line.contains("\"imported\"")).unwrap();
    let told: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&told["accepted"], &told["profile"]), (&3.into(), &"small".into()), "{told}");
    assert_eq!(told["from"], ended.json()["log"]["from"]);
    assert_eq!(told["to"], ended.json()["log"]["to"]);
    assert!(!ended.stderr.contains("FICTICIA"), "{}", ended.stderr);
    for bad in ["loud", "", "goodstanding=loud"] {
        place.run(&["doctor", "--log-level", bad]).expect(2);
    }
    place.run(&["doctor", "--log-format", "xml"]).expect(2);
}

#[test]
fn what_is_in_effect_says_where_it_comes_from() {
    let place = Place::with_registry();
    let check = |more: &[&str]| {
        let mut arguments = vec!["serve", "--check", "--json"];
        arguments.extend(more);
        place.run(&arguments).expect(0).json()["values"].clone()
    };
    assert_eq!(check(&[])["listen"]["from"], "default");
    let file = "listen = \"127.0.0.1:7\"\n[limits]\nrequests = 9\n[log]\nformat = \"json\"\n";
    std::fs::write(place.registry().join("goodstanding.toml"), file).unwrap();
    let values = check(&["--listen", "127.0.0.1:8", "--log-level", "debug"]);
    assert_eq!(values["limits.requests"], serde_json::json!({"value": 9, "from": "file"}));
    let listen = serde_json::json!({"value": "127.0.0.1:8", "from": "argument"});
    assert_eq!(values["listen"], listen);
    assert_eq!(values["log.filter"]["value"], "debug");
    assert_eq!(values["metrics.listen"]["value"], Value::Null);
    // The text is a file that gives the same.
    let text = place.run(&["serve", "--check"]).expect(0).stdout.clone();
    let other = place.write("other.toml", &text);
    let again = place.run(&["serve", "--check", "--config", other.to_str().unwrap()]);
    let without_origin = |text: &str| text.replace("# default", "").replace("# file", "");
    assert_eq!(without_origin(&again.expect(0).stdout), without_origin(&text));
}

#[test]
fn a_configuration_with_mistakes_is_refused_with_line_and_in_both_languages() {
    let place = Place::with_registry();
    let path = place.registry().join("goodstanding.toml");
    std::fs::write(&path, "[limits]\nrequest = 9\nreaders = 0\n").unwrap();
    let refused = place.run(&["serve", "--json"]);
    refused.expect(1);
    for part in [
        "goodstanding.toml:2: `limits.request`: 902",
        "没有这一配置项",
        ":3: `limits.readers`: 903",
    ] {
        assert!(refused.stderr.contains(part), "{part} in {}", refused.stderr);
    }
    let problems = refused.json()["error"]["problems"].clone();
    assert_eq!(problems.as_array().unwrap().len(), 2);
    assert_eq!((&problems[0]["row"], &problems[0]["refusal"]), (&2.into(), &902.into()));
    let doctor = place.run(&["doctor", "--json"]);
    assert!(doctor.stdout.contains("limits.request"), "{}", doctor.stdout);
    // Not UTF-8, a folder, nothing there: told, not ignored.
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(place.run(&["serve", "--check"]).expect(1).stderr.contains("901"));
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    place.run(&["serve", "--check"]).expect(1);
    std::fs::remove_dir(&path).unwrap();
    place.run(&["serve", "--check", "--config", "/nowhere/x.toml"]).expect(1);
    let one = ["serve", "--check", "--listen", "127.0.0.1:9", "--metrics", "127.0.0.1:9"];
    assert!(place.run(&one).expect(2).stderr.contains("one address"));
    place.run(&["serve", "--check", "--metrics", "here"]).expect(2);
}

#[test]
fn the_page_of_settings_names_every_key_with_its_default_and_no_other() {
    let page = std::fs::read_to_string(workspace().join("docs/operating/configuration.md"));
    let page = page.unwrap();
    let table = page.split("## What is logged").next().unwrap();
    let told: Vec<(String, String)> = table
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let key = cells.next()?.trim_end_matches('`').to_owned();
            Some((key, cells.next()?.trim_matches('`').to_owned()))
        })
        .collect();
    let defaults = Configuration::default();
    let known: Vec<(String, String)> = KEYS
        .iter()
        .map(|key| {
            let value = (key.show)(&defaults).unwrap_or_else(|| "not set".to_owned());
            (key.name.to_owned(), value)
        })
        .collect();
    assert_eq!(told, known);
}

#[test]
fn the_file_to_start_from_is_a_configuration_of_defaults() {
    let text = std::fs::read_to_string(workspace().join("deploy/goodstanding.toml")).unwrap();
    let uncommented = text.replace("\n# ", "\n").replace("#\n", "\n");
    let settings: Vec<&str> =
        uncommented.lines().filter(|line| line.contains('=') || line.starts_with('[')).collect();
    let place = Place::with_registry();
    let file = place.write("all.toml", &settings.join("\n"));
    let arguments = ["serve", "--check", "--json", "--config", file.to_str().unwrap()];
    let values = place.run(&arguments).expect(0).json()["values"].clone();
    let defaults = place.run(&["serve", "--check", "--json"]).expect(0).json()["values"].clone();
    for key in KEYS {
        let (given, usual) = (&values[key.name], &defaults[key.name]);
        assert_eq!(given["from"], "file", "{}: every key stands in it", key.name);
        let differs = ["public_address", "metrics.listen"].contains(&key.name);
        assert!(differs || given["value"] == usual["value"], "{}: {given} {usual}", key.name);
    }
}
