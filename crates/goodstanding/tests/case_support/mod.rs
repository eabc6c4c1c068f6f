//! A registry of the invented jurisdiction that takes cases, with a clock that stands still until
//! it is moved, and parties that ask it without a socket.

// Each test file compiles this module and uses its part of it.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use domain::adoption::{AuthorityKeyRegistered, AuthorityKeyRevoked, ReviewerPair, key_name};
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::Instant;
use domain::event::EventBody;
use domain::identity::ReviewerHandle;
use goodstanding::cases::signed_request::{self, Signable};
use goodstanding::cases::{Desk, signing};
use goodstanding::clock::{Clock, FixedClock};
use goodstanding::registry::Registry;
use goodstanding::server::{self, Options};
use goodstanding::setup::{self, NewRegistry, Purpose};
use goodstanding::{reviewers, shipped};
use ledger::SystemEntropy;
use ledger::note::SignerKey;
use policy::PackFile;
use serde_json::{Value, json};
use tower::ServiceExt;

/// Authorities of the invented packs.
pub const BUREAU: &str = "demo.environment-bureau";
pub const ORIGIN: &str = "test.example/log";
pub const SUBJECT: &str = "lei:TEST00REGISTRYAAA197";

/// Makes a registry with accounts in `directory`; the keys of `accounts`, each `(authority,
/// account)`.
pub fn registry(directory: &Path, clock: &dyn Clock, accounts: &[(&str, &str)]) -> Vec<SignerKey> {
    let invented = shipped::demo().into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("packs/")?.to_owned();
        Some(PackFile { path, text: file.text })
    });
    let packs: Vec<PackFile> = shipped::packs().into_iter().chain(invented).collect();
    let new = NewRegistry {
        directory,
        origin: ORIGIN,
        packs: &packs,
        profiles: &shipped::profiles(),
        purpose: Purpose::Demonstration("tests"),
    };
    setup::create(&new, clock.now(), Box::new(SystemEntropy)).unwrap();
    let handles = ["registrar-1", "registrar-2"].map(reviewer);
    reviewers::save(directory, &BTreeSet::from(handles)).unwrap();
    let packs = setup::load_packs(directory).unwrap();
    let mut desk = Desk::open(directory, &packs, clock).unwrap();
    let keys = accounts.iter().map(|(authority, account)| {
        let authority = AuthorityKey::new(authority).unwrap();
        let account = AccountHandle::new(account).unwrap();
        let name = key_name(&authority, &account);
        let key = SignerKey::generate(&mut SystemEntropy, &name).unwrap();
        let by = ReviewerPair::new(reviewer("registrar-1"), reviewer("registrar-2")).unwrap();
        let vkey = key.vkey().to_string();
        let event = AuthorityKeyRegistered { authority, account, vkey, by };
        desk.adopt(EventBody::AuthorityKeyRegistered(event)).unwrap();
        key
    });
    keys.collect()
}

pub fn reviewer(handle: &str) -> ReviewerHandle {
    ReviewerHandle::new(handle).unwrap()
}

/// The registry, its clock and its server.
pub struct Office {
    pub folder: tempfile::TempDir,
    pub clock: Arc<FixedClock>,
    pub keys: Vec<SignerKey>,
    pub router: Router,
    acts: AtomicU32,
}

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// Status and number of the refusal.
    pub fn refusal(&self) -> (u16, u64) {
        (self.status.as_u16(), self.body["refusal"].as_u64().unwrap_or_default())
    }
}

impl Office {
    pub fn new() -> Office {
        Office::with(Options { proceedings: true, ..Options::default() })
    }

    pub fn with(options: Options) -> Office {
        let folder = tempfile::tempdir().unwrap();
        let now: Instant = "2026-11-26T09:00:00Z".parse().unwrap();
        let clock = Arc::new(FixedClock::new(now));
        let directory = folder.path().join("registry");
        let accounts = [
            (BUREAU, "officer-1"),
            (BUREAU, "officer-2"),
            (BUREAU, "decider-1"),
            (BUREAU, "decider-2"),
            ("demo.revenue-office", "officer-1"),
        ];
        let keys = registry(&directory, clock.as_ref(), &accounts);
        let shown = Arc::new(Registry::open(&directory, clock.clone()).unwrap());
        let router = server::router_with(shown, options).unwrap();
        Office { folder, clock, keys, router, acts: AtomicU32::new(500) }
    }

    pub fn directory(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    /// The key of an account of the bureau.
    pub fn key(&self, account: &str) -> &SignerKey {
        let name = format!("{BUREAU}/{account}");
        self.named(&name)
    }

    pub fn named(&self, name: &str) -> &SignerKey {
        self.keys.iter().find(|key| key.vkey().name() == name).unwrap()
    }

    pub fn revoke(&self, account: &str) {
        let packs = setup::load_packs(&self.directory()).unwrap();
        let event = AuthorityKeyRevoked {
            authority: AuthorityKey::new(BUREAU).unwrap(),
            vkey: self.key(account).vkey().to_string(),
            by: reviewer("registrar-1"),
        };
        let mut desk = Desk::open(&self.directory(), &packs, self.clock.as_ref()).unwrap();
        desk.adopt(EventBody::AuthorityKeyRevoked(event)).unwrap();
    }

    /// Entries on the log.
    pub fn size(&self) -> u64 {
        ledger::LedgerReader::open(&self.directory()).unwrap().size().unwrap()
    }

    /// Sends these very bytes.
    pub fn send(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(send(&self.router, method, address, headers, body))
    }

    /// The same where a page comes back.
    pub fn text(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (StatusCode, HeaderMap, String) {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (status, headers, String::from_utf8(bytes.to_vec()).unwrap())
        })
    }

    /// Sends JSON, with these headers beside its type.
    pub fn post(&self, address: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.send("POST", address, &all, body.to_string().into_bytes())
    }

    /// Signs the request with `key` now.
    pub fn signed(&self, method: &str, address: &str, body: &Value, key: &SignerKey) -> Answer {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let headers = self.headers(method, address, &bytes, key);
        let mut all: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if method == "POST" {
            all.push(("content-type", "application/json"));
        }
        self.send(method, address, &all, bytes)
    }

    /// The headers that say who asks.
    pub fn headers(
        &self,
        method: &str,
        address: &str,
        bytes: &[u8],
        key: &SignerKey,
    ) -> [(&'static str, String); 3] {
        let (path, query) = match address.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (address, None),
        };
        let signable = Signable { method, path, query };
        let now = self.clock.now().micros() / 1_000_000;
        let signed = signed_request::sign(&signable, bytes, ORIGIN, now, key, &mut SystemEntropy);
        [
            ("content-digest", signed.digest),
            ("signature-input", signed.input),
            ("signature", signed.signature),
        ]
    }

    /// Prepares and signs.
    pub fn prepared(&self, items: &[Value], key: &SignerKey) -> Vec<signing::SignedItem> {
        let body = json!({ "items": items });
        let prepared = self.signed("POST", "/api/v1/cases/prepare", &body, key).expect(200);
        signing::sign(items, &prepared, ORIGIN, key, &mut SystemEntropy).unwrap()
    }

    /// Prepares, signs and hands in new records.
    pub fn submit(&self, submits: &[Value], key: &SignerKey) -> Answer {
        let items: Vec<Value> = submits.iter().map(|it| json!({ "submit": it })).collect();
        let signed = self.prepared(&items, key);
        let bodies: Vec<Value> = signed.into_iter().map(|item| item.body).collect();
        self.signed("POST", "/api/v1/cases", &json!({ "items": bodies }), key)
    }

    /// Prepares, signs and takes a step; what was refused while it was prepared is given as such.
    pub fn act(&self, record: &str, step: &Value, account: &str) -> Answer {
        let key = self.key(account);
        let items = [json!({ "record": record, "step": step })];
        let body = json!({ "items": items });
        let prepared = self.signed("POST", "/api/v1/cases/prepare", &body, key);
        let problems = prepared.body["items"][0]["problems"].clone();
        if prepared.status != StatusCode::OK || problems.is_array() {
            let refusal = problems[0]["refusal"].clone();
            return Answer { body: json!({ "refusal": refusal }), ..prepared };
        }
        let signed =
            signing::sign(&items, &prepared.body, ORIGIN, key, &mut SystemEntropy).unwrap();
        self.signed("POST", &steps(record), &signed[0].body, key)
    }

    /// A step of the subject.
    pub fn subject(&self, record: &str, step: &Value, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        self.post(&steps(record), &headers, &json!({ "step": step }))
    }

    /// One new record of the bureau, about an act of its own, and the receipt.
    pub fn record(&self) -> (String, Value) {
        let act = match self.acts.fetch_add(1, Ordering::Relaxed) {
            500 => penalty(),
            number => penalty_of(number),
        };
        let answer = self.submit(&[act], self.key("officer-1")).expect(201);
        let receipt = answer["items"][0]["receipt"].clone();
        (receipt["record"].as_str().unwrap().to_owned(), receipt)
    }

    /// The same, noticed, and the token that goes with the notice.
    pub fn noticed(&self) -> (String, String) {
        let (record, _) = self.record();
        let receipt = self.act(&record, &notice(), "officer-1").expect(201);
        (record, receipt["subject_token"].as_str().unwrap().to_owned())
    }
}

pub async fn send(
    router: &Router,
    method: &str,
    address: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status, headers, body }
}

pub fn steps(record: &str) -> String {
    format!("/api/v1/cases/{record}/steps")
}

pub fn penalty() -> Value {
    json!({
        "subject": {
            "identifier": SUBJECT, "name": "Fictional Tannery Ltd", "kind": "enterprise",
            "country": "ZZ",
        },
        "entry": "demo.penalty-environment", "territory": "demo", "mode": "hosted",
        "grounds": ["environment"], "procedure": "ordinary", "case_number": "EB 17/2026",
        "conduct": {"from": "2026-05-01", "to": "2026-06-30"},
        "fields": {"sanction": "a fine"},
    })
}

/// The same about another act: each number has a day of its own.
pub fn penalty_of(number: u32) -> Value {
    let first: domain::civil::Day = "2024-01-01".parse().unwrap();
    let day = first.plus_days(i64::from(number)).to_string();
    let mut other = penalty();
    other["conduct"] = json!({ "from": day, "to": day });
    other["case_number"] = format!("EB {number}/2024").into();
    other
}

/// The same about another organisation: each number is one of its own.
pub fn penalty_about(number: u64) -> Value {
    let base = format!("TEST00CASES{number:07}");
    let rest = base.chars().filter_map(|c| c.to_digit(36)).fold(0_u64, |rest, digit| {
        let digit = u64::from(digit);
        (rest * if digit < 10 { 10 } else { 100 } + digit) % 97
    });
    let mut other = penalty();
    other["subject"]["identifier"] = format!("lei:{base}{:02}", 98 - rest * 100 % 97).into();
    other
}

pub fn notice() -> Value {
    json!({"command": "serve_notice", "notice": {
        "severity": "general", "end_max": "2027-06-30", "measures": [],
        "service": "registered letter 1", "served_on": "2026-11-26", "facts": "discharge at night",
        "evidence": "readings of the gauge of two nights", "access": "at the office, any working day",
        "office": "Legal desk, 4 Quay Street",
    }})
}

/// Something to each point.
pub fn answers(points: u32) -> Value {
    let answer = |point| json!({"point": point, "text": format!("point {point} was looked at")});
    (1..=points).map(answer).collect::<Vec<_>>().into()
}

pub fn uphold(date: &str, points: u32) -> Value {
    json!({"command": "uphold", "outcome": {
        "document": {"number": "EB 17/2026-1", "date": date, "served_on": date},
        "severity": "general", "end": "2027-06-30", "reasons": "each point was looked at",
        "answers": answers(points),
    }})
}
