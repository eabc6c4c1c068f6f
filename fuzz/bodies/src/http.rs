//! Requests: method, address, query and headers, answered by the whole server without a socket.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use goodstanding::clock::{Clock, SystemClock};
use goodstanding::import::{self, Effect, Reading};
use goodstanding::registry::Registry;
use goodstanding::setup::{self, NewRegistry, Purpose};
use goodstanding::{server, shipped};
use ledger::SeededEntropy;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// What the one record says: markup in every text.
const LINE: &str = r#"{"key":"1","list":"mdb.idb-sanctioned-firms","organisation":{"kind":"enterprise","name":"Evil \"><script>alert(1)</script> Ltd","country":"GB","place":"<i>Nowhere</i>","identifiers":[{"scheme":"lei","value":"TEST00GOODSTANDING58"}]},"entries":["fraud"],"start":"2020-01-01","end":"2099-12-31","fields":{"imposed_by":"<img src=x onerror=alert(2)>"}}"#;

struct Place {
    router: Router,
    runtime: Runtime,
    _folder: tempfile::TempDir,
}

static PLACE: LazyLock<Place> = LazyLock::new(place);

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder for a registry");
    let directory = folder.path().join("registry");
    let (packs, profiles) = (shipped::packs(), shipped::profiles());
    let new = NewRegistry {
        directory: &directory,
        origin: "example.org/log",
        packs: &packs,
        profiles: &profiles,
        purpose: Purpose::Records,
    };
    let clock = SystemClock;
    setup::create(&new, clock.now(), Box::new(SeededEntropy::new(3))).expect("a registry");
    let packs = setup::load_packs(&directory).expect("its packs");
    let profile = setup::load_profile(&directory, "own", &packs).expect("its profile");
    let file = folder.path().join("file");
    std::fs::write(&file, LINE).expect("a file");
    let today = clock.now().day_in(&domain::civil::Zone::UTC);
    let mut ledger = setup::open_writer(&directory).expect("its writer");
    let request = import::Request {
        directory: &directory,
        packs: &packs,
        profile: &profile,
        file: &file,
        as_of: today,
        today,
        extent: Reading::AsProfiled,
        effect: Effect::Commit,
        accept_vanished: None,
        rows_per_batch: import::ROWS_PER_BATCH,
        quarantine: None,
        receipts: None,
    };
    let outcome = import::run(&request, &mut ledger, &clock).expect("an import");
    assert_eq!(outcome.to_json()["accepted"], 1, "{}", outcome.to_json());
    drop(ledger);
    let registry = Registry::open(&directory, Arc::new(clock)).expect("it opens");
    let router = server::router(Arc::new(registry)).expect("its server");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime");
    Place { router, runtime, _folder: folder }
}

/// `METHOD address`, then a header a line.
pub fn http(data: &[u8]) {
    let Some(request) = request(data) else { return };
    let place = &*PLACE;
    let is_head = request.method() == "HEAD";
    let path = request.uri().path().to_owned();
    let (status, headers, body) = place.runtime.block_on(async {
        let answer = place.router.clone().oneshot(request).await;
        let (parts, body) = answer.expect("infallible").into_parts();
        let body = to_bytes(body, 1 << 24).await.expect("an answer of ours ends");
        (parts.status, parts.headers, body)
    });
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    check_headers(&headers);
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default();
    let is_packed = headers.contains_key(header::CONTENT_ENCODING);
    if is_head || is_packed || status == StatusCode::NOT_MODIFIED {
        return;
    }
    if kind.ends_with("json") {
        let read: Result<serde_json::Value, _> = serde_json::from_slice(&body);
        assert!(read.is_ok(), "{path}: not JSON");
    } else if kind.starts_with("text/html") {
        let text = std::str::from_utf8(&body).expect("pages are UTF-8");
        assert!(
            !text.contains("<script") && !text.contains("<img"),
            "{path}: markup of a stranger"
        );
    }
    if status.is_client_error() && kind == "application/problem+json" {
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        assert_eq!(problem["status"], status.as_u16(), "{path}");
    }
}

fn check_headers(headers: &HeaderMap) {
    assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
    assert!(!headers.contains_key(header::SET_COOKIE), "reading leaves no trace");
    if let Some(to) = headers.get(header::LOCATION) {
        // Nobody is sent to another place than this one.
        let to = to.to_str().expect("an address");
        assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'), "{to}");
    }
}

fn request(data: &[u8]) -> Option<Request<Body>> {
    let mut lines = data.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, address) = first.split_once(' ')?;
    if !address.starts_with('/') {
        return None;
    }
    let mut request = Request::builder().method(method).uri(address);
    for line in lines.take(8) {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(at);
        request = request.header(name, value.get(1..).unwrap_or_default());
    }
    request.body(Body::empty()).ok()
}
