//! A registry of the invented jurisdiction with accounts, reviewers and a clock that tests move.

// Each test file compiles this module and uses its part of it.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command as Program;

use domain::adoption::{AuthorityKeyRegistered, ReviewerPair, key_name};
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::Instant;
use domain::event::EventBody;
use domain::identifiers::scheme::Scheme;
use domain::identifiers::{self, IdentifierClaim};
use domain::identity::ReviewerHandle;
use domain::ids::RecordId;
use due_process::case::{Phase, State};
use due_process::published::Published;
use goodstanding::cases::request::{self, Request};
use goodstanding::cases::{By, CaseError, Committed, Desk};
use goodstanding::clock::{Clock, FixedClock};
use goodstanding::registry::Registry;
use goodstanding::setup::{self, NewRegistry, Purpose};
use goodstanding::{reviewers, shipped};
use ledger::SystemEntropy;
use ledger::note::SignerKey;
use policy::{PackFile, Packs};
use serde_json::{Value, json};

pub const BUREAU: &str = "demo.environment-bureau";
pub const SUBJECT: &str = "lei:TEST00REGISTRYAAA197";

/// A registry of the invented jurisdiction, with a clock that stands still until it is moved.
pub struct Office {
    pub folder: tempfile::TempDir,
    pub packs: Packs,
    pub clock: FixedClock,
    pub keys: Vec<SignerKey>,
}

impl Office {
    pub fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let now: Instant = "2026-11-26T09:00:00Z".parse().unwrap();
        let packs = pack_files();
        let directory = folder.path().join("registry");
        let new = NewRegistry {
            directory: &directory,
            origin: "test.example/log",
            packs: &packs,
            profiles: &shipped::profiles(),
            purpose: Purpose::Demonstration("tests"),
        };
        setup::create(&new, now, Box::new(SystemEntropy)).unwrap();
        let handles = ["registrar-1", "registrar-2", "reviewer-3", "reviewer-4"];
        let handles: BTreeSet<_> =
            handles.iter().map(|text| ReviewerHandle::new(text).unwrap()).collect();
        reviewers::save(&directory, &handles).unwrap();
        let packs = setup::load_packs(&directory).unwrap();
        let clock = FixedClock::new(now);
        let mut office = Office { folder, packs, clock, keys: Vec::new() };
        for account in ["officer-1", "officer-2", "decider-1", "decider-2"] {
            office.register(account);
        }
        office
    }

    pub fn directory(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    pub fn desk(&self) -> Desk<'_> {
        Desk::open(&self.directory(), &self.packs, &self.clock).unwrap()
    }

    pub fn register(&mut self, account: &str) {
        self.register_for(BUREAU, account);
    }

    pub fn register_for(&mut self, authority: &str, account: &str) {
        let authority = AuthorityKey::new(authority).unwrap();
        let account = AccountHandle::new(account).unwrap();
        let name = key_name(&authority, &account);
        let key = SignerKey::generate(&mut SystemEntropy, &name).unwrap();
        let vkey = key.vkey().to_string();
        let by = ReviewerPair::new(reviewer("registrar-1"), reviewer("registrar-2")).unwrap();
        let event = AuthorityKeyRegistered { authority, account, vkey, by };
        self.desk().adopt(EventBody::AuthorityKeyRegistered(event)).unwrap();
        self.keys.push(key);
    }

    pub fn key(&self, account: &str) -> By {
        let key = self.keys.iter().find(|key| key.vkey().name().ends_with(account)).unwrap();
        By::Key(Box::new(SignerKey::from_text(key.to_text().trim_end()).unwrap()))
    }

    pub fn submit(&self, value: Value) -> Result<Committed, Vec<u16>> {
        let request = request::read(&value.to_string(), None).map_err(numbers)?;
        self.execute(&request, &self.key("officer-1"))
    }

    pub fn act(&self, record: RecordId, value: Value, by: &By) -> Result<Committed, Vec<u16>> {
        let request = request::read(&value.to_string(), Some(record)).map_err(numbers)?;
        self.execute(&request, by)
    }

    pub fn execute(&self, request: &Request, by: &By) -> Result<Committed, Vec<u16>> {
        self.desk().execute(request, by).map_err(|error| match error {
            CaseError::Refused(problems) => numbers(problems),
            other => panic!("{other}"),
        })
    }

    pub fn state(&self, record: RecordId) -> State {
        self.desk().case(record).unwrap().unwrap().case.as_of(self.clock.now()).state()
    }

    /// How many records the public file of the subject shows; `None` where there is no file.
    pub fn shown(&self) -> Option<usize> {
        let clock = std::sync::Arc::new(FixedClock::new(self.clock.now()));
        let registry = Registry::open(&self.directory(), clock).unwrap();
        let id = registry.redirect(&subject()).unwrap()?;
        let answer = registry.file(id, None, None).unwrap()?;
        Some(answer.file.proceedings.len())
    }

    /// What measures may be computed from.
    pub fn published(&self) -> Vec<Published> {
        let clock = std::sync::Arc::new(FixedClock::new(self.clock.now()));
        let registry = Registry::open(&self.directory(), clock).unwrap();
        let id = registry.redirect(&subject()).unwrap().unwrap();
        registry.published(id).unwrap()
    }

    /// To the instant at which the chain's window is over.
    pub fn window_over(&self, record: RecordId) {
        let case = self.desk().case(record).unwrap().unwrap().case;
        self.clock.set(case.chain.unwrap().window_ends_at);
    }

    pub fn standstill_over(&self, record: RecordId) {
        let case = self.desk().case(record).unwrap().unwrap().case;
        let Phase::Standstill { until } = case.phase else { panic!("{:?}", case.phase) };
        self.clock.set(until);
    }
}

pub fn subject() -> IdentifierClaim {
    let (scheme, value) = SUBJECT.split_once(':').unwrap();
    identifiers::claim(&Scheme::new(scheme).unwrap(), value).unwrap()
}

pub fn reviewer(handle: &str) -> ReviewerHandle {
    ReviewerHandle::new(handle).unwrap()
}

pub fn numbers(problems: Vec<domain::refusal::Problem>) -> Vec<u16> {
    problems.iter().map(|problem| problem.refusal.number()).collect()
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

pub fn verify(directory: &Path) {
    let ended = Program::new(env!("CARGO_BIN_EXE_goodstanding"))
        .args(["verify", directory.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

/// The shipped packs and that of the invented jurisdiction.
pub fn pack_files() -> Vec<PackFile> {
    let invented = shipped::demo().into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("packs/")?.to_owned();
        Some(PackFile { path, text: file.text })
    });
    shipped::packs().into_iter().chain(invented).collect()
}
