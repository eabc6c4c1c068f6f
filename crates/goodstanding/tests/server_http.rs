//! What surrounds the answers: headers, caching, limits, the log's files, the socket, the log line.

mod server_support;
mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use axum::http::StatusCode;
use goodstanding::clock::{Clock, SystemClock};
use server_support::socket::{many_threads, send, with_socket};
use server_support::{Answer, BANK, CHINESE, ENDING, Fixture, LIST, Server};
use support::{Place, ceis_file, many_rows};

fn addresses(server: &Server) -> Vec<String> {
    let mut all: Vec<String> = server.pages().iter().map(|path| format!("/en{path}")).collect();
    all.extend(
        [
            "/",
            "/en",
            "/nonsense",
            "/en/nonsense",
            "/api/v1/log",
            "/api/v1/nonsense",
            "/api/v1/openapi.json",
            "/log/checkpoint",
            "/log/vkey",
            "/log/tile/0/000.p/7",
            "/log/payload/000.p/5",
            "/data/catalog.jsonld",
            "/data/records.csv.gz",
            "/data/nonsense",
            "/en/feed.atom",
            "/zh/feed.json",
            "/api/v1/statistics.csv",
            "/.well-known/goodstanding.json",
            "/healthz",
            "/readyz",
            "/assets/style.css",
            "/assets/icon.svg",
        ]
        .map(str::to_owned),
    );
    all
}

#[test]
fn every_answer_has_the_security_headers_and_sets_nothing() {
    let server = Fixture::get().server();
    for address in addresses(&server) {
        for method in ["GET", "HEAD", "POST", "DELETE"] {
            let answer = server.ask(method, &address, &[]);
            let expected = "default-src 'none'; style-src 'self'; img-src 'self'; form-action \
                            'self'; frame-ancestors 'none'; base-uri 'none'";
            assert_eq!(answer.header("content-security-policy"), expected, "{address}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{address}");
            assert!(answer.headers.get("set-cookie").is_none(), "{address}");
            if method == "POST" || method == "DELETE" {
                let refused = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_FOUND];
                assert!(refused.contains(&answer.status), "{method} {address}");
            }
            if method == "HEAD" {
                assert!(answer.bytes.is_empty(), "{address}");
            }
        }
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let server = Fixture::get().server();
    for path in server.pages() {
        let page = server.ok(&format!("/en{path}")).page();
        for link in page.all("link") {
            assert!(link.attribute("href").unwrap().starts_with('/'), "{path}");
        }
        for element in &page.elements {
            assert!(element.attribute("src").is_none(), "{path}");
        }
    }
    let style = server.ok("/assets/style.css");
    assert!(!style.text().contains("url(") && !style.text().contains("@import"));
}

#[test]
fn an_unchanged_answer_is_not_sent_twice() {
    let server = Fixture::get().server();
    let organisation = server.organisation(CHINESE);
    let pages = [
        format!("/en/organisations/{organisation}"),
        format!("/api/v1/organisations/{organisation}"),
        "/en/".to_owned(),
        "/api/v1/lists".to_owned(),
        "/log/payload/000.p/5".to_owned(),
    ];
    for address in pages {
        let first = server.ok(&address);
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with("W/\""), "{address}: {etag}");
        let again = server.ask("GET", &address, &[("if-none-match", &etag)]);
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{address}");
        assert!(again.bytes.is_empty());
        assert_eq!(again.header("etag"), etag);
        let other = server.ask("GET", &address, &[("if-none-match", "W/\"other\"")]);
        assert_eq!(other.status, StatusCode::OK, "{address}");
    }
    let [en, zh] =
        ["en", "zh"].map(|code| server.ok(&format!("/{code}/")).header("etag").to_owned());
    assert_ne!(en, zh);
}

#[test]
fn a_cache_keeps_nothing_beyond_the_next_boundary() {
    let fixture = Fixture::get();
    let server = fixture.server();
    let address = format!("/en/organisations/{}", server.organisation(ENDING));
    let id = server.organisation(ENDING).parse().unwrap();
    let boundary = server.registry.file(id, None, None).unwrap().unwrap().next_boundary.unwrap();
    let (later, clock) = fixture.server_after(0);
    let max_age = |seconds_before: i64| {
        let now =
            domain::civil::Instant::from_micros(boundary.micros() - seconds_before * 1_000_000);
        clock.set(now);
        later.ok(&address).header("cache-control").to_owned()
    };
    assert_eq!(max_age(3600), "public, max-age=30, must-revalidate");
    assert_eq!(max_age(7), "public, max-age=7, must-revalidate");
    clock.set(domain::civil::Instant::from_micros(boundary.micros() - 400_000));
    assert_eq!(later.ok(&address).header("cache-control"), "no-cache");
    // Once it is crossed, the validator differs on every page.
    let list = format!("/en/lists/{LIST}");
    let before = later.ok(&list).header("etag").to_owned();
    clock.set(domain::civil::Instant::from_micros(boundary.micros()));
    assert_ne!(later.ok(&list).header("etag"), before);
    let again = later.ask("GET", &list, &[("if-none-match", &before)]);
    assert_eq!(again.status, StatusCode::OK);
}

#[test]
fn the_language_is_asked_for_only_where_the_address_names_none() {
    let server = Fixture::get().server();
    let chinese = [("accept-language", "zh-TW,zh;q=0.9,en;q=0.8")];
    let root = server.ask("GET", "/", &chinese);
    assert_eq!(root.status, StatusCode::SEE_OTHER);
    assert_eq!(root.header("location"), "/zh/");
    assert_eq!(root.header("vary"), "accept-language");
    assert_eq!(server.get("/").header("location"), "/en/");
    let english = server.ask("GET", "/en/", &chinese);
    assert_eq!(english.page().one("html").attribute("lang"), Some("en"));
    let missing = server.ask("GET", "/nonsense", &chinese);
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.page().one("html").attribute("lang"), Some("zh-Hans"));
}

#[test]
fn what_is_too_large_is_refused_with_a_number() {
    let server = Fixture::get().server();
    let long = format!("/api/v1/search?q={}", "x".repeat(5000));
    let answer = server.get(&long);
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.json()["refusal"], 505);
    let body = [("content-length", "1000000")];
    assert_eq!(server.ask("GET", "/en/", &body).status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = server.ask("GET", "/api/v1/search?q=a", &body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["refusal"], 505);
    let answer = server.ask("POST", "/en/", &[]);
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.header("allow").contains("GET"));
    assert_eq!(answer.page().one("html").attribute("lang"), Some("en"));
}

#[test]
fn the_log_is_served_as_its_files_are() {
    let fixture = Fixture::get();
    let server = fixture.server();
    let log = fixture.directory().join("log");
    let mut tiles = 0;
    for (path, bytes) in support::files(&log) {
        let address = path.strip_prefix(&log).unwrap().to_str().unwrap().to_owned();
        let served = server.get(&format!("/log/{address}"));
        if !(address == "checkpoint" || address == "vkey" || address.starts_with("tile/")) {
            assert_eq!(served.status, StatusCode::NOT_FOUND, "{address}");
            continue;
        }
        assert_eq!(served.bytes, bytes, "{address}");
        if address.starts_with("tile/") {
            assert_eq!(served.header("content-type"), "application/octet-stream");
            assert!(served.header("cache-control").contains("immutable"), "{address}");
            tiles += 1;
        } else {
            assert!(served.header("content-type").starts_with("text/plain"));
            assert!(!served.header("cache-control").contains("immutable"), "{address}");
        }
    }
    assert!(tiles >= 2);
    for address in [
        "tile/0/999",
        "tile/9/000",
        "tile/0/..%2F..%2Fcheckpoint",
        "tile/%2e%2e/checkpoint",
        "tile/0/0",
        "tile/entries/x000/000",
        "payload/999",
        "payload/0",
        "keys/log.pem",
    ] {
        let status = server.get(&format!("/log/{address}")).status;
        assert_eq!(status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[test]
fn payload_bundles_follow_what_may_be_shown() {
    let fixture = Fixture::get();
    let size = fixture.server().registry.status().unwrap().size;
    let width = size.min(255);
    let address = format!("/log/payload/000.p/{width}");
    let bundle = fixture.server().ok(&address);
    assert_eq!(bundle.header("cache-control"), "no-cache");
    assert_eq!(bundle.text().lines().count() as u64, width);
    for (position, line) in bundle.text().lines().enumerate() {
        assert!(line.starts_with(&format!("{position} ")), "{line}");
    }
    let shown = |server: &Server| {
        server
            .ok(&address)
            .text()
            .lines()
            .filter(|line| line.split(' ').nth(1) != Some("-"))
            .count()
    };
    let (later, _) = fixture.server_after(60 * 24);
    assert!(shown(&later) < shown(&fixture.server()), "what is not shown is not served either");
}

#[test]
fn a_registry_whose_tables_are_gone_is_alive_and_not_ready() {
    let fixture = Fixture::get();
    let copy = fixture.copy();
    let (server, _) = Server::open(copy.path(), fixture.now);
    assert_eq!(server.get("/readyz").status, StatusCode::OK);
    for name in
        ["truth.db", "truth.db-wal", "truth.db-shm", "read.db", "read.db-wal", "read.db-shm"]
    {
        // Some of these exist only while somebody writes.
        let _ = std::fs::write(copy.path().join(name), "not a database");
    }
    assert_eq!(server.get("/healthz").status, StatusCode::OK);
    assert_eq!(server.get("/readyz").status, StatusCode::SERVICE_UNAVAILABLE);
    let page = server.get("/en/lists");
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let text = page.page().text().to_owned();
    assert!(text.contains("Something failed here"), "{text}");
    assert!(!text.contains("database") && !text.contains("sqlite"), "internals leak: {text}");
    let problem = server.get("/api/v1/lists").json();
    assert_eq!(problem["type"], "about:blank");
    assert!(problem["refusal"].is_null());
}

#[test]
fn the_socket_serves_and_refuses_large_heads() {
    let (fine, large, nonsense) = with_socket(|address| {
        let fine = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let large = format!("GET / HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "x".repeat(64 * 1024));
        (
            send(address, fine),
            send(address, large.as_bytes()),
            send(address, b"\x16\x03\x01\r\n\r\n"),
        )
    });
    assert!(fine.starts_with("HTTP/1.1 200 OK\r\n") && fine.ends_with("ok\n"), "{fine}");
    assert!(large.starts_with("HTTP/1.1 431 "), "{large}");
    assert!(nonsense.starts_with("HTTP/1.1 400 "), "{nonsense}");
}

#[test]
fn a_request_that_runs_is_answered_after_the_server_was_told_to_stop() {
    // The connection is open before the stop; its request comes with it and is answered.
    let answer = with_socket(|address| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut first = [0; 512];
        let read = stream.read(&mut first).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        (String::from_utf8_lossy(&first[..read]).into_owned(), stream)
    });
    let (text, mut stream) = answer;
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    // An idle connection is closed by the stop.
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).unwrap(), 0);
}

#[test]
fn too_many_requests_are_shed_and_never_queued_without_end() {
    let server = Fixture::get().server();
    let address = format!("/en/organisations/{}", server.organisation(BANK));
    let router = server.router();
    let statuses = many_threads().block_on(async move {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..400 {
            let request = axum::http::Request::builder()
                .uri(address.as_str())
                .body(axum::body::Body::empty())
                .unwrap();
            tasks.spawn(tower::ServiceExt::oneshot(router.clone(), request));
        }
        let mut statuses = Vec::new();
        while let Some(answer) = tasks.join_next().await {
            let answer = answer.unwrap().unwrap();
            if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                assert_eq!(answer.headers()["retry-after"], "2");
            }
            statuses.push(answer.status());
        }
        statuses
    });
    assert!(statuses.contains(&StatusCode::OK));
    let allowed = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE];
    assert!(statuses.iter().all(|status| allowed.contains(status)), "{statuses:?}");
}

#[test]
fn what_no_entry_of_the_log_tells_is_not_let_stand_by_a_validator() {
    let place = Place::with_registry();
    let rows = |count: u32| ceis_file(&many_rows(count));
    let file = place.write("list.csv", &rows(40));
    assert_eq!(place.import("small", &file, &[]).0, 0);
    place.run(&["export", "--data"]).expect(0);
    let (server, _) = Server::open(&place.registry(), SystemClock.now());
    let list = domain::text::ListId::new("br.ceis").unwrap();
    let publisher = server.registry.packs().list(&list).unwrap().authority.to_string();
    let paths = [
        "/en/sources".to_owned(),
        format!("/en/authorities/{publisher}"),
        format!("/api/v1/authorities/{publisher}"),
        "/en/statistics".to_owned(),
        "/api/v1/statistics".to_owned(),
        "/api/v1/statistics.csv".to_owned(),
        "/en/data".to_owned(),
        "/data/catalog.jsonld".to_owned(),
    ];
    let before = paths.each_ref().map(|path| server.ok(path));
    // What every page that is only about the log has as its validator.
    let validator = server.ok("/en/lists").header("etag").to_owned();
    assert!(!validator.is_empty());
    // Twelve vanish and twelve cannot be read: the file is held, and nothing is written of it.
    let mut rows: Vec<_> = many_rows(28);
    for row in rows.iter_mut().take(12) {
        row.end = "32/13/2099".to_owned();
    }
    let file = place.write("worse.csv", &ceis_file(&rows));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!((code, support::number(&outcome, "quarantined")), (1, 12), "{outcome}");
    assert_eq!(server.ok("/en/lists").header("etag"), validator, "the log is as it was");
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(before.header("etag"), "", "{path}");
        assert_eq!(before.header("cache-control"), "no-cache", "{path}");
        let again = server.ask("GET", path, &[("if-none-match", &validator)]);
        assert_eq!(again.status, StatusCode::OK, "{path}");
    }
    let again = |at: usize| server.ask("GET", &paths[at], &[("if-none-match", &validator)]);
    let held = "the reading before it stands";
    assert!(!before[0].text().contains(held) && again(0).text().contains(held));
    let listed = |answer: &Answer| {
        let lists = answer.json()["lists"].as_array().unwrap().clone();
        let one = lists.into_iter().find(|one| one.to_string().contains("br.ceis")).unwrap();
        (one["held"].clone(), one["quarantined"].clone())
    };
    assert_eq!(listed(&before[2]), (false.into(), 0.into()));
    assert_eq!(listed(&again(2)), (true.into(), 12.into()));
}
