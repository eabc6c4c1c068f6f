//! Clients that mean harm: slow ones, many of them, requests that two servers could read in two
//! ways, addresses that lead out, texts that want to be markup. Each gets a status and an end.

mod server_support;
mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use server_support::socket::{send, with_socket};
use server_support::{BANK, CHINESE, Fixture, HOSTILE, LIST, Server};

/// The statuses of every answer on a connection.
fn statuses(answer: &str) -> Vec<&str> {
    answer
        .split("HTTP/1.1 ")
        .skip(1)
        .filter_map(|rest| rest.get(..3))
        .filter(|status| status.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

#[test]
fn no_request_is_smuggled_in_the_body_of_another() {
    const SECOND: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let cases = [
        // Two lengths, two ways to frame, spellings of them, a body where none is expected.
        format!(
            "POST /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{SECOND}"
        ),
        format!("GET /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{SECOND}", SECOND.len()),
        format!(
            "GET /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n{SECOND}"
        ),
        format!("GET /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: +0\r\n\r\n{SECOND}"),
        format!("GET /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: 0, 0\r\n\r\n{SECOND}"),
        format!(
            "GET /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: 18446744073709551616\r\n\r\n{SECOND}"
        ),
        format!(
            "GET /en/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{SECOND}"
        ),
        format!("GET /en/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n{SECOND}"),
        format!(
            "GET /en/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n{SECOND}"
        ),
        format!(
            "GET /en/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{SECOND}"
        ),
        format!("GET /en/ HTTP/1.1\r\nhost: x\r\n content-length: 5\r\n\r\n{SECOND}"),
        format!("GET /en/ HTTP/1.1\r\nhost: x\rcontent-length: 5\r\n\r\n{SECOND}"),
        format!("GET /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: 5\0\r\n\r\n{SECOND}"),
        format!("GET /en/ HTTP/1.1 \r\nhost: x\r\n\r\n{SECOND}"),
        format!("GET /en/ HTTP/0.9\r\n\r\n{SECOND}"),
        format!("GET\t/en/\tHTTP/1.1\r\nhost: x\r\n\r\n{SECOND}"),
        format!("GET /en/\r\n x HTTP/1.1\r\nhost: x\r\n\r\n{SECOND}"),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{SECOND}"),
    ];
    let answers = with_socket(move |address| {
        cases.map(|case| {
            let begun = Instant::now();
            let answer = send(address, case.as_bytes());
            (case, answer, begun.elapsed())
        })
    });
    for (case, answer, elapsed) in answers {
        // One answer; to what is another protocol none.
        assert!(statuses(&answer).len() <= 1, "{case:?}\n{answer:.600}");
        assert!(!answer.ends_with("ok\n"), "{case:?}: the second request was answered");
        // Closed with the answer, not by a time limit.
        assert!(elapsed < Duration::from_secs(5), "{case:?}: {elapsed:?}");
    }
}

/// Sends one byte of `rest` a quarter of a second until the server closes; the time until then.
fn drip(address: SocketAddr, head: &[u8], rest: &[u8]) -> Duration {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(250))).unwrap();
    stream.write_all(head).unwrap();
    for byte in rest.iter().cycle() {
        if stream.write_all(&[*byte]).is_err() || begun.elapsed() > Duration::from_secs(40) {
            break;
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    begun.elapsed()
}

#[test]
fn slow_clients_lose_their_connection_and_others_are_served_meanwhile() {
    let (times, served) = with_socket(|address| {
        let heads: [(&'static [u8], &'static [u8]); 4] = [
            (b"", b"GET /en/ HTTP/1.1\r\na: "),
            (b"GET /en/ HTTP/1.1\r\nhost: x\r\na: ", b"x"),
            (b"GET /en/ HTTP/1.1\r\nhost: x\r\ncontent-length: 10000\r\n\r\n", b"x"),
            (b"POST /en/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        ];
        let slow = heads.map(|(head, rest)| std::thread::spawn(move || drip(address, head, rest)));
        // Two hundred that only connect.
        let idle: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
        let begun = Instant::now();
        let fine = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let served: Vec<bool> = (0..50).map(|_| send(address, fine).ends_with("ok\n")).collect();
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        drop(idle);
        (slow.map(|thread| thread.join().unwrap()), served)
    });
    assert!(served.iter().all(|served| *served));
    let [nothing, head, length, chunks] = times;
    for time in [nothing, head] {
        assert!(time < Duration::from_secs(20), "{times:?}");
    }
    // A body is not waited for at all.
    for time in [length, chunks] {
        assert!(time < Duration::from_secs(5), "{times:?}");
    }
}

#[test]
fn large_heads_and_addresses_are_refused() {
    let lengths = with_socket(|address| {
        let many: String = (0..100).map(|n| format!("h{n}: x\r\n")).collect();
        [
            format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
            format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(100_000)),
            format!("GET / HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", "x".repeat(100_000)),
            format!("{} / HTTP/1.1\r\nhost: x\r\n\r\n", "X".repeat(100_000)),
            format!("GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "x".repeat(6_000)),
        ]
        .map(|request| send(address, request.as_bytes()))
    });
    for answer in lengths {
        let status = statuses(&answer);
        let allowed = ["400", "413", "414", "431"];
        assert!(status.len() == 1 && allowed.contains(&status[0]), "{answer:.200}");
    }
}

/// Addresses that try to lead out of the log, out of the site or into a header.
const ADDRESSES: &[&str] = &[
    "/log/tile/../../keys/log.pem",
    "/log/tile/0/..%2f..%2f..%2fkeys/log.key",
    "/log/tile/%2e%2e/%2e%2e/truth.db",
    "/log/tile/0/%00",
    "/log/tile/0/000%00.p/1",
    "/log/tile/0/000.p%2f1/../../../x",
    "/log/tile/0/..%5c..%5ctruth.db",
    "/log/tile/%2fetc%2fpasswd",
    "/log/tile//etc/passwd",
    "/log/payload/..%2f..%2ftruth.db",
    "/log/..%2ftruth.db",
    "/log/checkpoint/../../truth.db",
    "/assets/..%2f..%2fCargo.toml",
    "/assets/style.css/..%2f..%2f",
    "/..%2f..%2fetc/passwd",
    "//evil.example/",
    "//evil.example/%2e%2e",
    "/%5cevil.example",
    "/en//evil.example",
    "/en/%0d%0alocation:%20http://evil.example",
    "/%0d%0aset-cookie:%20a=b",
    "/en/search?q=%0d%0aset-cookie:%20a=b",
    "/api/v1/organisations?identifier=%0d%0alocation:%20http://evil.example",
    "/api/v1/organisations?identifier=//evil.example",
    "/en/organisations/%2f%2fevil.example",
    "/en/organisations/%ff%fe",
    "/api/v1/records/%ff",
    "/api/v1/lists/..%2f..%2fpacks",
    "/api/v1/lists/%00",
    "/en/lists/mdb.idb-sanctioned-firms?after=%ff",
    "/en/log/18446744073709551615",
    "/en/log/99999999999999999999999",
    "/en/log?from=-1",
    "/en/log?from=18446744073709551615",
    "/api/v1/search?q=%ff&limit=1e999",
    "/api/v1/search?q=a&limit=-1",
    "/api/v1/search?q=%00",
    "/api/v1/search?q=%22%20OR%20*%20NEAR(a%20b)%20--",
    "/api/v1/search?q=%27%3b+drop+table+organisations%3b--",
    "/api/v1/search?q=%25_%25",
    "/en/search?q=%f0%9f%92%a9&q=%3cscript%3e&lang=%3cscript%3e",
    "/en/search?%3cscript%3ealert(1)%3c/script%3e",
    "/en/nothing/%3cscript%3ealert(1)%3c/script%3e?%22%3e%3cscript%3e",
    "/en/organisations/%22%3e%3cimg%20src=x%20onerror=alert(1)%3e",
    "/.well-known/../log/checkpoint",
];

#[test]
fn no_address_leads_out() {
    let server = Fixture::get().server();
    for address in ADDRESSES {
        for method in ["GET", "HEAD"] {
            let answer =
                server.ask(method, address, &[("accept-language", "zh\t;q=1e999,,en;q=-1")]);
            let allowed = [200, 303, 400, 404];
            assert!(allowed.contains(&answer.status.as_u16()), "{address}: {}", answer.status);
            assert!(answer.headers.get("set-cookie").is_none(), "{address}");
            let to = answer.header("location");
            assert!(
                to.is_empty() || (to.starts_with('/') && !to.starts_with("//")),
                "{address}: {to}"
            );
            let text = String::from_utf8_lossy(&answer.bytes);
            for secret in ["root:", "SQLite format", "PRIVATE+KEY", "[workspace]"] {
                assert!(!text.contains(secret), "{address}");
            }
            for markup in ["<script", "<img src=x", "<svg", "onerror=alert(1)>"] {
                assert!(!text.contains(markup), "{address}: {markup}");
            }
        }
    }
}

#[test]
fn what_a_stranger_wrote_stays_text_wherever_it_is_shown() {
    let server = Fixture::get().server();
    let id = server.organisation(HOSTILE);
    let record = server.record(HOSTILE);
    for language in ["en", "zh"] {
        for path in [
            format!("organisations/{id}"),
            format!("records/{record}"),
            format!("lists/{LIST}"),
            "search?q=evil".to_owned(),
            "search?q=%22%3e%3cscript%3ealert(1)%3c/script%3e".to_owned(),
            format!("lists/{LIST}?after=%3cscript%3e"),
            format!("organisations/{id}?at=%3cscript%3e&on=%22onload=%22"),
        ] {
            let answer = server.get(&format!("/{language}/{path}"));
            let text = answer.text();
            for markup in ["<script", "<img", "<i>Nowhere", "onclick='x'", "{{7*7}}<"] {
                assert!(!text.contains(markup), "{path}: {markup}");
            }
        }
    }
    // As data it is what it is, and says that it is data.
    let answer = server.ok(&format!("/api/v1/organisations/{id}"));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.json()["name"].to_string().contains("<script>"));
}

#[test]
fn odd_methods_ranges_and_validators_change_nothing() {
    let server = Fixture::get().server();
    let page = format!("/en/organisations/{}", server.organisation(CHINESE));
    for method in
        ["OPTIONS", "TRACE", "CONNECT", "PUT", "PATCH", "PROPFIND", "get", "SEARCH", "M-SEARCH"]
    {
        for address in [page.as_str(), "/api/v1/lists", "/log/checkpoint", "/healthz"] {
            let answer = server.ask(method, address, &[]);
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {address}");
            assert!(answer.header("allow").contains("GET"), "{method} {address}");
        }
    }
    let whole = server.ok(&page).bytes;
    // Ranges are not served: a part of a page could be taken for the whole of it.
    let ranges = ["bytes=0-5", "bytes=-1", "bytes=5-0", "bytes=0-,0-,0-,0-", "lines=1"];
    for range in ranges {
        let answer = server.ask("GET", &page, &[("range", range), ("if-range", "\"x\"")]);
        assert_eq!((answer.status, &answer.bytes), (StatusCode::OK, &whole), "{range}");
    }
    let etag = server.ok(&page).header("etag").to_owned();
    let fine = [
        etag.clone(),
        "*".to_owned(),
        format!("\"a\",,, {etag}"),
        format!("{},{etag}", "\"x\",".repeat(3000)),
    ];
    for given in &fine {
        let answer = server.ask("GET", &page, &[("if-none-match", given)]);
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{given:.60}");
    }
    for given in ["", "\"", "W/", ",", "W/W/W/\"\"", "\u{ff}", etag.trim_end_matches('"')] {
        let answer = server.ask("GET", &page, &[("if-none-match", given)]);
        assert_eq!((answer.status, &answer.bytes), (StatusCode::OK, &whole), "{given:?}");
    }
    // Nobody's date and nobody's host decides anything.
    let others = [
        ("if-modified-since", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("if-match", "\"nothing\""),
        ("x-forwarded-host", "evil.example"),
        ("host", "evil.example"),
        ("x-original-url", "/en/log"),
        ("x-http-method-override", "DELETE"),
        ("accept", "application/x-nothing"),
        ("content-type", "text/html"),
        ("accept-encoding", "gzip;q=0, br;q=1e999, *;q=-1"),
        ("expect", "100-continue"),
        ("upgrade", "websocket"),
    ];
    for (name, value) in others {
        let answer = server.ask("GET", &page, &[(name, value)]);
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("evil.example"), "{name}");
    }
}

fn read_all(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn five_hundred_connections_at_once_are_all_answered() {
    let server: Server = Fixture::get().server();
    let address = format!("/api/v1/organisations/{}", server.organisation(BANK));
    let answers = with_socket(move |socket| {
        let request = format!("GET {address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let open: Vec<TcpStream> = (0..500)
            .map(|_| {
                let mut stream = TcpStream::connect(socket).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                stream
            })
            .collect();
        open.into_iter().map(read_all).collect::<Vec<_>>()
    });
    for answer in &answers {
        let status = statuses(answer);
        assert!(status == ["200"] || status == ["503"], "{answer:.200}");
    }
    assert!(answers.iter().any(|answer| statuses(answer) == ["200"]));
}
