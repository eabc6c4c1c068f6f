//! What the tests of the server share: one small registry, a clock that stands where it is put,
//! and requests without a socket.

// Each test file compiles this module and uses its part of it.
#![allow(dead_code)]

pub mod html;
pub mod socket;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use domain::civil::{Day, Instant};
use goodstanding::clock::{Clock, FixedClock, SystemClock};
use goodstanding::registry::Registry;
use goodstanding::server;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{Place, today};

/// A name that is markup in every place it could be put into.
pub const HOSTILE: &str = "Evil \"><script>alert(1)</script><b onclick='x'> & Sons {{7*7}} Ltd";
/// A Chinese organisation with a list entry that ends tomorrow.
pub const CHINESE: &str = "虚构海风贸易有限公司";
/// An organisation with fifty records.
pub const LARGE: &str = "Fifty Records Example Ltd";
/// Its identifier.
pub const LARGE_LEI: &str = "TEST00GOODSTANDING58";
/// A bank: a fact, nothing adverse.
pub const BANK: &str = "Example National Bank";
/// The list the adverse records are on.
pub const LIST: &str = "mdb.idb-sanctioned-firms";
/// An organisation whose only entry ends tomorrow.
pub const ENDING: &str = "Ending Tomorrow Works Ltd";

/// One registry for all tests of a file.
pub struct Fixture {
    place: Place,
    /// The instant at which its tests are played.
    pub now: Instant,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::build);

impl Fixture {
    /// The one registry.
    pub fn get() -> &'static Fixture {
        &FIXTURE
    }

    fn build() -> Fixture {
        let place = Place::with_registry();
        let file = place.write("own.jsonl", &records(today()));
        let (_, outcome) = place.import("own", &file, &[]);
        assert_eq!(outcome["accepted"], outcome["rows"], "{outcome}");
        place.run(&["export", "--data"]).expect(0);
        Fixture { place, now: SystemClock.now() }
    }

    /// Its directory.
    pub fn directory(&self) -> PathBuf {
        self.place.registry()
    }

    /// A server at the fixture's instant.
    pub fn server(&self) -> Server {
        self.server_after(0).0
    }

    /// A server some hours later, and its clock.
    pub fn server_after(&self, hours: i64) -> (Server, Arc<FixedClock>) {
        Server::open(&self.directory(), self.now.plus_hours(hours))
    }

    /// A copy of the directory that can be spoilt.
    pub fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_tree(&self.directory(), copy.path());
        copy
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            match fs::copy(entry.path(), target) {
                // Files beside a database come and go with the last connection to it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                copied => drop(copied.unwrap()),
            }
        }
    }
}

/// Rows in the registry's own format.
fn records(today: Day) -> String {
    let mut lines = String::new();
    let mut adverse = |key: &str, organisation: Value, end: Day, fields: Value| {
        let line = serde_json::json!({
            "key": key, "list": LIST, "organisation": organisation, "entries": ["fraud"],
            "start": today.plus_days(-400).to_string(), "end": end.to_string(), "fields": fields,
        });
        let _ = writeln!(lines, "{line}");
    };
    let far = today.plus_days(400);
    let none = serde_json::json!({});
    let hostile_field = serde_json::json!({ "imposed_by": "<img src=x onerror=alert(2)> & co" });
    adverse(
        "hostile",
        serde_json::json!({ "kind": "enterprise", "name": HOSTILE, "country": "GB",
            "place": "<i>Nowhere</i>" }),
        far,
        hostile_field,
    );
    adverse(
        "chinese",
        serde_json::json!({ "kind": "enterprise", "name": CHINESE, "language": "zh",
            "country": "CN",
            "names": [{ "text": "Fictional Sea Breeze Trading Co., Ltd.", "language": "en",
                "role": "other" }],
            "identifiers": [{ "scheme": "cn-uscc", "value": "91440300MA5TE5T66G" }] }),
        far,
        none.clone(),
    );
    adverse(
        "arabic",
        serde_json::json!({ "kind": "enterprise", "name": "شركة المثال (Example) للتجارة",
            "language": "ar", "country": "EG" }),
        far,
        none.clone(),
    );
    adverse(
        "ending",
        serde_json::json!({ "kind": "enterprise", "name": ENDING, "country": "GB" }),
        today.plus_days(1),
        none.clone(),
    );
    for (key, country) in [("twin-1", "GB"), ("twin-2", "IE")] {
        adverse(
            key,
            serde_json::json!({ "kind": "enterprise", "name": "Twin Example Bridges Ltd",
                "country": country }),
            far,
            none.clone(),
        );
    }
    for n in 1..=50 {
        adverse(
            &format!("large-{n}"),
            serde_json::json!({ "kind": "enterprise", "name": LARGE, "language": "en",
                "identifiers": [{ "scheme": "lei", "value": LARGE_LEI }] }),
            far.plus_days(n),
            serde_json::json!({ "imposed_by": format!("Office {n}") }),
        );
    }
    let bank = serde_json::json!({
        "key": "bank", "list": "us.occ-national-banks",
        "organisation": { "kind": "enterprise", "name": BANK, "language": "en", "country": "US",
            "identifiers": [{ "scheme": "lei", "value": "TEST00GS000000000497" }] },
        "entries": ["charter"],
        "fields": { "category": "National bank", "number": "9999999", "status": "Active" },
    });
    let _ = writeln!(lines, "{bank}");
    lines
}

/// The server, asked without a socket.
#[derive(Clone)]
pub struct Server {
    router: Router,
    pub registry: Arc<Registry>,
}

/// What it answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn page(&self) -> html::Page {
        html::read(self.text())
    }
}

impl Server {
    /// The registry in `directory` at `now`.
    pub fn open(directory: &Path, now: Instant) -> (Server, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::new(now));
        let registry = Arc::new(Registry::open(directory, clock.clone()).unwrap());
        let router = server::router(registry.clone()).unwrap();
        (Server { router, registry }, clock)
    }

    /// The same registry, served with other options.
    pub fn with_options(self, options: server::Options) -> Server {
        let router = server::router_with(self.registry.clone(), options).unwrap();
        Server { router, ..self }
    }

    /// The routes, for tests that bring a socket of their own.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// Asks and checks that there is an answer.
    pub fn ok(&self, path: &str) -> Answer {
        let answer = self.get(path);
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        // One thread, so that a test can listen to what is logged on it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
            Answer { status, headers, bytes }
        })
    }

    /// The id of the organisation with this name.
    pub fn organisation(&self, name: &str) -> String {
        let found = self.registry.search(name, 10).unwrap();
        let hit = found.hits.iter().find(|hit| hit.name.text == name);
        hit.unwrap_or_else(|| panic!("{name} was not found: {found:?}")).id.to_string()
    }

    /// The first record of the organisation with this name.
    pub fn record(&self, name: &str) -> String {
        let id = self.organisation(name).parse().unwrap();
        let file = self.registry.file(id, None, None).unwrap().unwrap().file;
        file.records[0].record.id.to_string()
    }

    /// Every kind of page, below the language prefix.
    pub fn pages(&self) -> Vec<String> {
        let mut pages: Vec<String> = [
            "/",
            "/search",
            "/search?q=example",
            "/search?q=zzzz",
            "/lists",
            "/log",
            "/log?from=60",
            "/log/0",
            "/log/20",
            "/sources",
            "/authorities",
            "/authorities/us.occ",
            "/authorities/mdb.idb",
            "/packs",
            "/packs/generic",
            "/packs/br",
            "/packs/us",
            "/calendars",
            "/calendars/cn.state-council?year=2026",
            "/data",
            "/statistics",
            "/case",
            "/scope",
            "/api",
            "/refusals",
            "/consult",
            "/consult?purpose=nothing",
        ]
        .map(str::to_owned)
        .to_vec();
        pages.push(format!("/search?q={}", "x".repeat(201)));
        pages.push(format!("/lists/{LIST}"));
        let bank_asks = "purpose=development_finance&role=development_bank&territory=mdb";
        for name in [CHINESE, HOSTILE, BANK] {
            let id = self.organisation(name);
            pages.push(format!("/consult?organisation={id}&{bank_asks}"));
        }
        pages.push("/lists/us.occ-national-banks".to_owned());
        for name in [HOSTILE, CHINESE, LARGE, BANK, ENDING, "Twin Example Bridges Ltd"] {
            pages.push(format!("/organisations/{}", self.organisation(name)));
            pages.push(format!("/records/{}", self.record(name)));
        }
        let large = self.organisation(LARGE);
        pages.push(format!("/organisations/{large}?at={}", self.registry.status().unwrap().size));
        pages
    }
}
