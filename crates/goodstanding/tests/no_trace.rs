//! A case from notice to publication, repair and erasure, with a moving clock: afterwards nothing
//! in any file or answer tells of it, and everything that was ever signed still verifies.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use domain::adoption::{AuthorityKeyRegistered, ReviewerPair, key_name};
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::{Day, Instant};
use domain::event::EventBody;
use domain::identifiers;
use domain::identifiers::scheme::Scheme;
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use due_process::case::{Phase, State};
use goodstanding::cases::{By, CaseError, Committed, Desk, request};
use goodstanding::clock::{Clock as _, FixedClock};
use goodstanding::import::{self, Effect, Reading};
use goodstanding::registry::Registry;
use goodstanding::setup::{self, NewRegistry, Purpose};
use goodstanding::{bulk, reviewers, server, shipped, upkeep};
use ledger::SystemEntropy;
use ledger::note::SignerKey;
use policy::{PackFile, Packs};
use projections::ReadTables;
use serde_json::{Value, json};
use support::{files_with, run};
use tower::ServiceExt as _;

const BUREAU: &str = "demo.environment-bureau";
/// The one with a case, known from a register as well.
const MARKED: &str = "lei:TEST00DEMO0000000141";
/// Its neighbour in the register, never in any case.
const PLAIN: &str = "lei:TEST00DEMO0000000238";
/// Known from a case only.
const ALONE: &str = "lei:TEST00DEMO0000001305";
/// Words that are in the case of `MARKED` or `ALONE` and nowhere else.
const SECRETS: [&str; 13] = [
    "EB-SECRET-17",
    "discharge at midnight",
    "not-our-river",
    "each-point-answered",
    "gauge-readings-of-two-nights",
    "at-the-office-any-working-day",
    "legal-desk-quay-street",
    "the-river-was-yours",
    "receipt-of-the-fine",
    "Solitary Whisper Works",
    "a-secret-sanction",
    "letter-with-proof-9",
    "TEST00DEMO0000001305",
];

struct Office {
    folder: tempfile::TempDir,
    packs: Packs,
    clock: Arc<FixedClock>,
    keys: BTreeMap<&'static str, SignerKey>,
}

impl Office {
    fn new() -> Office {
        Office::with_rate(9_999)
    }

    /// A registry whose invented jurisdiction lets so many adverse records of an authority through.
    fn with_rate(records: u16) -> Office {
        let folder = tempfile::tempdir().unwrap();
        let now: Instant = "2026-11-26T03:00:00Z".parse().unwrap();
        let directory = folder.path().join("registry");
        let demo = shipped::demo();
        let invented = demo.iter().filter_map(|file| {
            let path = file.path.strip_prefix("packs/")?.to_owned();
            let text = file.text.replace("records = 9999", &format!("records = {records}"));
            Some(PackFile { path, text })
        });
        let packs: Vec<PackFile> = shipped::packs().into_iter().chain(invented).collect();
        let profiles: Vec<_> = demo
            .iter()
            .filter(|file| file.path == "profiles/demo-registrations.toml")
            .cloned()
            .collect();
        let new = NewRegistry {
            directory: &directory,
            origin: "test.example/log",
            packs: &packs,
            profiles: &profiles,
            purpose: Purpose::Demonstration("tests"),
        };
        setup::create(&new, now, Box::new(SystemEntropy)).unwrap();
        let handles = ["registrar-1", "registrar-2"];
        let handles = handles.iter().map(|text| ReviewerHandle::new(text).unwrap()).collect();
        reviewers::save(&directory, &handles).unwrap();
        let packs = setup::load_packs(&directory).unwrap();
        let clock = Arc::new(FixedClock::new(now));
        let mut office = Office { folder, packs, clock, keys: BTreeMap::new() };
        for account in ["officer-1", "decider-2"] {
            office.register(account);
        }
        office.read_register();
        office
    }

    fn directory(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn desk(&self) -> Desk<'_> {
        Desk::open(&self.directory(), &self.packs, &*self.clock).unwrap()
    }

    fn register(&mut self, account: &'static str) {
        let authority = AuthorityKey::new(BUREAU).unwrap();
        let handle = AccountHandle::new(account).unwrap();
        let name = key_name(&authority, &handle);
        let key = SignerKey::generate(&mut SystemEntropy, &name).unwrap();
        let reviewer = |text| ReviewerHandle::new(text).unwrap();
        let by = ReviewerPair::new(reviewer("registrar-1"), reviewer("registrar-2")).unwrap();
        let vkey = key.vkey().to_string();
        let event = AuthorityKeyRegistered { authority, account: handle, vkey, by };
        self.desk().adopt(EventBody::AuthorityKeyRegistered(event)).unwrap();
        self.keys.insert(account, key);
    }

    /// The register of the demonstration: neutral facts about both organisations.
    fn read_register(&self) {
        let text = shipped::demo()
            .into_iter()
            .find(|file| file.path == "records/demo-registrations.jsonl")
            .unwrap()
            .text;
        // The one that is to be known from its case only is not in it.
        let text: String = text
            .lines()
            .filter(|line| !line.contains("TEST00DEMO0000001305"))
            .map(|line| format!("{line}\n"))
            .collect();
        let file = self.path("register.jsonl");
        fs::write(&file, text).unwrap();
        let directory = self.directory();
        let profile = setup::load_profile(&directory, "demo-registrations", &self.packs).unwrap();
        let mut ledger = setup::open_writer(&directory).unwrap();
        let today: Day = "2026-11-26".parse().unwrap();
        let request = import::Request {
            directory: &directory,
            packs: &self.packs,
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
        import::run(&request, &mut ledger, &*self.clock).unwrap();
    }

    fn key(&self, account: &str) -> By {
        let text = self.keys[account].to_text();
        By::Key(Box::new(SignerKey::from_text(text.trim_end()).unwrap()))
    }

    fn act(&self, record: Option<RecordId>, value: Value, by: &By) -> Result<Committed, Vec<u16>> {
        let request = request::read(&value.to_string(), record).unwrap();
        self.desk().execute(&request, by).map_err(|error| match error {
            CaseError::Refused(problems) => {
                problems.iter().map(|problem| problem.refusal.number()).collect()
            }
            other => panic!("{other}"),
        })
    }

    fn state(&self, record: RecordId) -> Option<State> {
        let found = self.desk().case(record).unwrap()?;
        Some(found.case.as_of(self.clock.now()).state())
    }

    fn server(&self) -> Server {
        let registry = Registry::open(&self.directory(), self.clock.clone()).unwrap();
        Server { router: server::router(Arc::new(registry)).unwrap() }
    }

    fn organisation(&self, identifier: &str) -> Option<OrganisationId> {
        let (scheme, value) = identifier.split_once(':').unwrap();
        let claim = identifiers::claim(&Scheme::new(scheme).unwrap(), value).unwrap();
        let registry = Registry::open(&self.directory(), self.clock.clone()).unwrap();
        registry.redirect(&claim).unwrap()
    }

    /// From the intended decision to publication.
    fn published(&self, identifier: &str, name: &str) -> (RecordId, OrganisationId, By) {
        let submitted = self.act(None, penalty(identifier, name), &self.key("officer-1")).unwrap();
        let record = submitted.record;
        let subject = By::Subject(submitted.subject_token);
        self.act(Some(record), notice(), &self.key("officer-1")).unwrap();
        let answer = json!({"command": "represent", "points": 1, "text": "1. not-our-river"});
        self.act(Some(record), answer, &subject).unwrap();
        let case = self.desk().case(record).unwrap().unwrap().case;
        self.clock.set(case.chain.unwrap().window_ends_at);
        let today = self.clock.now().plus_hours(8).day_in(&domain::civil::Zone::UTC).to_string();
        self.act(Some(record), uphold(&today), &self.key("decider-2")).unwrap();
        let case = self.desk().case(record).unwrap().unwrap().case;
        let Phase::Standstill { until } = case.phase else { panic!("{:?}", case.phase) };
        self.clock.set(until);
        upkeep::run(&self.directory(), self.clock.now()).unwrap();
        assert_eq!(self.state(record), Some(State::Published));
        (record, submitted.organisation, subject)
    }

    fn repair(&self, record: RecordId, subject: &By) {
        let conditions = ["corrected", "duty-performed", "commitment-made"];
        let apply = json!({
            "command": "apply_repair", "conditions": conditions, "text": "receipt-of-the-fine",
        });
        self.act(Some(record), apply, subject).unwrap();
        self.act(Some(record), json!({"command": "grant_repair"}), &self.key("decider-2")).unwrap();
    }

    /// `verify` of the directory, from every checkpoint that was kept.
    fn verify(&self, kept: &[PathBuf]) {
        run(&["verify", &self.text("registry")]).expect(0);
        for since in kept {
            let since = since.to_str().unwrap();
            run(&["verify", &self.text("registry"), "--since", since]).expect(0);
        }
    }

    fn keep_checkpoint(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::copy(self.directory().join("log/checkpoint"), &path).unwrap();
        path
    }

    /// Every stored byte: files, and every opening that can still be unsealed with the keys of the
    /// vault at `keys` from the truth at `truth`.
    fn found(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for secret in SECRETS {
            found.extend(
                files_with(folder, secret).iter().map(|path| format!("{secret}: {path:?}")),
            );
        }
        found
    }
}

struct Server {
    router: Router,
}

/// What a client can tell two answers apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Server {
    fn get(&self, path: &str) -> Answer {
        let request = HttpRequest::builder().uri(path).body(Body::empty()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let headers = answer
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_owned()))
                .collect();
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
        })
    }

    /// The median time of an answer.
    fn time(&self, path: &str) -> Duration {
        let mut times: Vec<Duration> = (0..41)
            .map(|_| {
                let begun = Moment::now();
                self.get(path);
                begun.elapsed()
            })
            .collect();
        times.sort();
        times[times.len() / 2]
    }
}

/// Every public place that speaks of one organisation.
fn places(organisation: &OrganisationId, identifier: &str) -> Vec<String> {
    let value = identifier.split_once(':').unwrap().1;
    let mut places = Vec::new();
    for language in ["en", "zh"] {
        places.push(format!("/{language}/organisations/{organisation}"));
        places.push(format!("/{language}/organisations/{organisation}/feed.atom"));
        places.push(format!("/{language}/organisations/{organisation}/feed.json"));
        places.push(format!("/{language}/organisations/{identifier}"));
        places.push(format!("/{language}/search?q={value}"));
    }
    places.push(format!("/api/v1/organisations/{organisation}"));
    places.push(format!("/api/v1/organisations/{organisation}?on=2027-01-15T00:00:00Z"));
    places.push(format!("/api/v1/organisations?identifier={identifier}"));
    places.push(format!("/api/v1/search?q={value}"));
    places
}

/// Every public place that speaks of one record.
fn record_places(record: &RecordId) -> Vec<String> {
    vec![
        format!("/en/records/{record}"),
        format!("/zh/records/{record}"),
        format!("/api/v1/records/{record}"),
        format!("/api/v1/records/{record}/proof"),
        format!("/api/v1/records/{record}/opening"),
        format!("/api/v1/records/{record}/opening.txt"),
    ]
}

/// What is about everybody and might name anybody.
const WHOLE: [&str; 18] = [
    "/en/",
    "/en/log",
    "/en/lists",
    "/en/authorities",
    "/en/authorities/demo.environment-bureau",
    "/en/statistics",
    "/en/sources",
    "/en/data",
    "/en/feed.atom",
    "/en/feed.json",
    "/api/v1/authorities",
    "/api/v1/authorities/demo.environment-bureau",
    "/api/v1/statistics",
    "/api/v1/statistics.csv",
    "/api/v1/log",
    "/data/catalog.jsonld",
    "/log/payload/000",
    "/log/checkpoint",
];

/// An answer without what differs between any two organisations and any two logs: ids, numbers,
/// hashes. What is left has to be the same with a past and without.
fn levelled(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        if name != "etag" && name != "content-length" {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    text.push_str(&answer.body);
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || "-_+/=".contains(c) {
            word.push(c);
            continue;
        }
        // Ids, hashes and proofs are long words with digits in them; counts and days are numbers.
        let is_hash = word.len() >= 32 && word.chars().any(|c| c.is_ascii_digit());
        let digits = word.chars().filter(char::is_ascii_digit).count();
        out.push_str(if is_hash {
            "HASH"
        } else if digits > 0 && word.len() < 32 {
            "NUMBER"
        } else {
            &word
        });
        word.clear();
        out.push(c);
    }
    out
}

fn penalty(identifier: &str, name: &str) -> Value {
    json!({
        "subject": {"identifier": identifier, "name": name, "kind": "enterprise", "country": "ZZ"},
        "entry": "demo.penalty-environment", "territory": "demo", "mode": "hosted",
        "grounds": ["environment"], "procedure": "ordinary", "case_number": "EB-SECRET-17",
        "conduct": {"from": "2026-05-01", "to": "2026-06-30"},
        "fields": {"sanction": "a-secret-sanction"},
    })
}

fn notice() -> Value {
    json!({"command": "serve_notice", "notice": {
        "severity": "general", "end_max": "2027-10-30", "measures": [],
        "service": "letter-with-proof-9", "served_on": "2026-11-26",
        "facts": "discharge at midnight", "evidence": "gauge-readings-of-two-nights",
        "access": "at-the-office-any-working-day", "office": "legal-desk-quay-street",
    }})
}

fn uphold(date: &str) -> Value {
    json!({"command": "uphold", "outcome": {
        "document": {"number": "EB-SECRET-17", "date": date, "served_on": date},
        "severity": "general", "end": "2027-10-30", "reasons": "each-point-answered",
        "answers": [{"point": 1, "text": "the-river-was-yours"}],
    }})
}

fn is_among_bytes(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    support::files(folder)
        .into_iter()
        .filter(|(_, bytes)| bytes.windows(needle.len()).any(|window| window == needle))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn i15_a_repaired_record_leaves_no_trace_for_the_public_and_an_erased_one_none_at_all() {
    // The same register twice; in one of them an organisation has a case.
    let (office, other) = (Office::new(), Office::new());
    let before = office.keep_checkpoint("before");
    let (marked, plain) =
        (office.organisation(MARKED).unwrap(), office.organisation(PLAIN).unwrap());
    let (record, _, subject) = office.published(MARKED, "Moonwharf Lantern Works Ltd");
    let (alone_record, alone, alone_subject) = office.published(ALONE, "Solitary Whisper Works");
    let open = office.keep_checkpoint("open");
    let server = office.server();
    let page = server.get(&format!("/en/organisations/{marked}"));
    assert!(page.body.contains("EB-SECRET-17"), "it was public: {}", page.body);
    assert_eq!(server.get(&format!("/en/organisations/{alone}")).status, 200);
    assert_eq!(page.headers["x-robots-tag"], "noindex, noarchive");
    bulk::make(&registry(&office), &mut |_, _| {}).unwrap();
    let backup = (office.text("truth-then"), office.text("keys-then"));
    let taken =
        ["backup", "--dir", &office.text("registry"), "--out", &backup.0, "--keys-out", &backup.1];
    run(&taken).expect(0);

    office.clock.advance(24 * 120);
    office.repair(record, &subject);
    office.repair(alone_record, &alone_subject);
    bulk::make(&registry(&office), &mut |_, _| {}).unwrap();
    let repaired = office.keep_checkpoint("repaired");
    other.clock.set(office.clock.now());
    assert_same_as_never(&office, &other, (&marked, MARKED), &plain);
    assert_as_unknown(&office, &alone, &[record, alone_record]);
    office.verify(&[before.clone(), open.clone(), repaired.clone()]);

    // Kept for lawful proof for a year, then destroyed: not before, and by nobody's remembering.
    let early = office.act(Some(record), json!({"command": "erase"}), &By::Registry);
    assert_eq!(early.unwrap_err(), [746]);
    office.clock.advance(24 * 360);
    upkeep::run(&office.directory(), office.clock.now()).unwrap();
    assert!(office.state(record).is_some(), "still kept");
    // Late by weeks, and twice.
    office.clock.advance(24 * 40);
    let size = |office: &Office| registry(office).status().unwrap().size;
    upkeep::run_in_turn(&office.directory(), office.clock.now()).unwrap();
    let after = size(&office);
    upkeep::run(&office.directory(), office.clock.now()).unwrap();
    assert_eq!(size(&office), after, "once is enough");
    assert_eq!(office.state(record), None);
    assert_eq!(office.state(alone_record), None);
    bulk::make(&registry(&office), &mut |_, _| {}).unwrap();
    other.clock.set(office.clock.now());
    assert_same_as_never(&office, &other, (&marked, MARKED), &plain);
    assert_as_unknown(&office, &alone, &[record, alone_record]);
    office.verify(&[before, open, repaired]);

    // Every byte of the directory, the write-ahead logs too.
    assert_eq!(office.found(&office.directory()), Vec::<String>::new());
    for id in [record.bytes(), alone_record.bytes(), alone.bytes()] {
        assert_eq!(is_among_bytes(&office.directory(), &id), Vec::<PathBuf>::new());
    }
    for id in [record.to_string(), alone_record.to_string(), alone.to_string()] {
        assert_eq!(files_with(&office.directory(), &id), Vec::<PathBuf>::new());
    }
    // The backup made while it was public holds sealed openings, which the keys of today do not
    // open; and a restore of it, even with its own keys, does what the log says.
    assert_eq!(office.found(Path::new(&backup.0)), Vec::<String>::new(), "sealed");
    let now_keys = office.text("keys-now");
    let out = office.text("truth-now");
    let taken =
        ["backup", "--dir", &office.text("registry"), "--out", &out, "--keys-out", &now_keys];
    run(&taken).expect(0);
    for (keys, name) in [(&now_keys, "with-keys-of-today"), (&backup.1, "with-keys-of-then")] {
        let into = office.text(name);
        let log = office.text("registry/log");
        let restore =
            ["restore", "--from", &backup.0, "--keys", keys, "--log", &log, "--dir", &into];
        run(&restore).expect(0);
        assert_eq!(office.found(&office.path(name)), Vec::<String>::new(), "{name}");
        run(&["verify", &into]).expect(0);
        let reader = Registry::open(&office.path(name), office.clock.clone()).unwrap();
        assert!(reader.file(alone, None, None).unwrap().is_none());
        assert!(reader.file(marked, None, None).unwrap().unwrap().file.proceedings.is_empty());
    }
}

fn registry(office: &Office) -> Registry {
    Registry::open(&office.directory(), office.clock.clone()).unwrap()
}

/// Every answer about the organisation with a past is the one that it would be without: compared
/// with a registry in which nothing ever happened, and in time with its neighbour's.
fn assert_same_as_never(
    office: &Office,
    other: &Office,
    (marked, identifier): (&OrganisationId, &str),
    plain: &OrganisationId,
) {
    let (server, never) = (office.server(), other.server());
    let theirs = other.organisation(identifier).unwrap();
    for (ours, without) in places(marked, identifier).iter().zip(places(&theirs, identifier)) {
        let (ours, without) = (server.get(ours), never.get(&without));
        assert_eq!(levelled(&ours), levelled(&without));
    }
    for place in WHOLE {
        let answer = server.get(place);
        for secret in SECRETS {
            assert!(!answer.body.contains(secret), "{secret} at {place}");
        }
    }
    // Not law: far above what one request differs from another by, far below what a look into
    // destroyed or hidden content would have to take to matter.
    let tolerance = Duration::from_millis(10);
    let page = |id: &OrganisationId| format!("/en/organisations/{id}");
    let (with, without) = (server.time(&page(marked)), server.time(&page(plain)));
    println!("page with a past {with:?}, without {without:?}");
    assert!(with.abs_diff(without) < tolerance, "{with:?} {without:?}");
}

/// An organisation that nothing supports any more, and records that ended: as ids that never were.
fn assert_as_unknown(office: &Office, organisation: &OrganisationId, records: &[RecordId]) {
    let server = office.server();
    let unknown: OrganisationId = "01939a5e-0000-7000-8000-000000000001".parse().unwrap();
    let never = "lei:TEST00DEMO0000009938";
    let ours = places(organisation, ALONE);
    for (ours, unknown) in ours.iter().zip(places(&unknown, never)) {
        let (ours, unknown) = (server.get(ours), server.get(&unknown));
        assert_eq!(ours.status, unknown.status);
        assert_eq!(levelled(&ours), levelled(&unknown));
        assert_eq!(ours.body.len(), unknown.body.len(), "{}", ours.body);
    }
    let unknown: RecordId = "01939a5e-0000-7000-8000-000000000002".parse().unwrap();
    for record in records {
        for (ours, unknown) in record_places(record).iter().zip(record_places(&unknown)) {
            let (ours, unknown) = (server.get(ours), server.get(&unknown));
            assert_eq!(ours.status, 404);
            assert_eq!(levelled(&ours), levelled(&unknown));
        }
    }
}

#[test]
fn what_was_repaired_after_a_backup_does_not_come_back_with_it() {
    let office = Office::new();
    let (record, alone, subject) = office.published(ALONE, "Solitary Whisper Works");
    // One more, decided and in standstill when the backup is made, and abandoned after it.
    let stopped =
        office.act(None, penalty(MARKED, "Moonwharf Lantern Works Ltd"), &office.key("officer-1"));
    let stopped = stopped.unwrap().record;
    let mut notice = notice();
    notice["notice"]["served_on"] = "2026-12-01".into();
    office.act(Some(stopped), notice, &office.key("officer-1")).unwrap();
    let case = office.desk().case(stopped).unwrap().unwrap().case;
    office.clock.set(case.chain.unwrap().window_ends_at);
    let today = office.clock.now().plus_hours(8).day_in(&domain::civil::Zone::UTC).to_string();
    // Nobody answered, so there is no point to answer.
    let mut outcome = uphold(&today);
    outcome["outcome"].as_object_mut().unwrap().remove("answers");
    office.act(Some(stopped), outcome, &office.key("decider-2")).unwrap();
    let (out, keys) = (office.text("truth"), office.text("keys"));
    run(&["backup", "--dir", &office.text("registry"), "--out", &out, "--keys-out", &keys])
        .expect(0);
    office.act(Some(stopped), json!({"command": "abandon"}), &office.key("decider-2")).unwrap();
    office.clock.advance(24 * 120);
    office.repair(record, &subject);
    assert!(registry(&office).file(alone, None, None).unwrap().is_none());

    let (log, into) = (office.text("registry/log"), office.text("restored"));
    let restore = ["restore", "--from", &out, "--keys", &keys, "--log", &log, "--dir", &into];
    run(&restore).expect(0);
    let restored = Registry::open(&office.path("restored"), office.clock.clone()).unwrap();
    assert!(
        restored.file(alone, None, None).unwrap().is_none(),
        "the repair is lost, the record too"
    );
    let marked = office.organisation(MARKED).unwrap();
    let file = restored.file(marked, None, None).unwrap().unwrap().file;
    assert!(file.proceedings.is_empty(), "time alone does not publish what may have been stopped");
    upkeep::run(&office.path("restored"), office.clock.now()).unwrap();
    assert!(restored.file(alone, None, None).unwrap().is_none());
    run(&["verify", &into]).expect(0);
}

#[test]
fn what_a_court_holds_is_not_destroyed_and_an_authority_never_takes_others_records_along() {
    let mut office = Office::new();
    let (record, organisation, subject) = office.published(ALONE, "Solitary Whisper Works");
    office.clock.advance(24 * 120);
    office.repair(record, &subject);
    let reviewer = ReviewerHandle::new("registrar-1").unwrap();
    let hold = json!({"command": "place_hold", "reference": "order 4"});
    office.act(Some(record), hold, &By::Court(reviewer.clone())).unwrap();
    office.clock.advance(24 * 500);
    upkeep::run(&office.directory(), office.clock.now()).unwrap();
    assert_eq!(office.state(record), Some(State::Retired), "held");
    let held = office.act(Some(record), json!({"command": "erase"}), &By::Registry);
    assert_eq!(held.unwrap_err(), [745]);
    // Another record of the same organisation stands meanwhile, and it stays.
    office.keys.remove("nobody");
    let mut second = penalty(ALONE, "Solitary Whisper Works");
    second["case_number"] = "EB 2".into();
    second["conduct"] = json!({"from": "2027-05-01", "to": "2027-06-30"});
    let second = office.act(None, second, &office.key("officer-1")).unwrap();
    assert_eq!(second.organisation, organisation, "it is the same organisation");
    let release = json!({"command": "release_hold", "reference": "order 5"});
    office.act(Some(record), release, &By::Court(reviewer)).unwrap();
    office.act(Some(record), json!({"command": "erase"}), &By::Registry).unwrap();
    assert_eq!(office.state(record), None);
    assert_eq!(office.state(second.record), Some(State::Validated));
    office.verify(&[]);
    let repeated = office.act(Some(record), json!({"command": "erase"}), &By::Registry);
    assert_eq!(repeated.unwrap_err(), [753], "as a record that never was");
}

#[test]
fn t47_tables_that_follow_say_what_is_due_without_opening_a_case() {
    let office = Office::new();
    let (record, _, subject) = office.published(MARKED, "Moonwharf Lantern Works Ltd");
    let due = |office: &Office| {
        let reader = ledger::LedgerReader::open(&office.directory()).unwrap();
        let path = office.directory().join("read.db");
        let tables = ReadTables::open(&path, reader.mac_key().unwrap()).unwrap();
        tables.erasable(office.clock.now()).unwrap()
    };
    office.clock.advance(24 * 120);
    office.repair(record, &subject);
    office.clock.advance(24 * 363);
    assert_eq!(due(&office), []);
    office.clock.advance(24 * 5);
    assert_eq!(due(&office).first().map(|(record, _)| *record), Some(record));
}

#[test]
fn a_feed_changes_with_a_case_at_its_beginning_and_at_its_end_and_never_says_why() {
    let office = Office::new();
    let marked = office.organisation(MARKED).unwrap();
    let entry = || -> (String, String) {
        let path = format!("/en/organisations/{marked}/feed.json");
        let feed: Value = serde_json::from_str(&office.server().get(&path).body).unwrap();
        let items = feed["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "one entry, whatever happened");
        let text = |key: &str| items[0][key].as_str().unwrap().to_owned();
        (text("id"), text("title") + &text("content_text"))
    };
    let before = entry();
    let (record, _, subject) = office.published(MARKED, "Moonwharf Lantern Works Ltd");
    let shown = entry();
    assert_ne!(shown.0, before.0, "something changed");
    let objection = json!({"command": "object", "ground": "error", "text": "not-our-river"});
    office.act(Some(record), objection, &subject).unwrap();
    let objected = entry();
    assert_ne!(objected.0, shown.0);
    office.clock.advance(24 * 120);
    let hidden = entry();
    assert_ne!(hidden.0, objected.0, "an objection nobody answered hides it");
    assert_eq!(hidden.0, before.0, "and leaves nothing");
    for (_, words) in [&shown, &objected, &hidden] {
        assert_eq!(*words, before.1, "the words never differ");
    }
}

#[test]
fn what_comes_above_the_rate_waits_for_a_reviewer() {
    let office = Office::with_rate(3);
    let submit = |number: u32| {
        let mut request = penalty(&format!("lei:{}", support::lei(number)), "Harbour Works Ltd");
        request["case_number"] = format!("EB {number}").into();
        office.act(None, request, &office.key("officer-1")).unwrap()
    };
    let records: Vec<RecordId> = (1..=5).map(|number| submit(number).record).collect();
    for (at, record) in records.iter().enumerate() {
        let expected = if at < 3 { State::Validated } else { State::Submitted };
        assert_eq!(office.state(*record), Some(expected), "{at}");
    }
    let list = ["case", "list", "--waiting", "--json", "--dir", &office.text("registry")];
    let listed = run(&list).expect(0).json();
    let listed = listed["cases"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|it| it["waits_for_reviewer"] == true && it["public"] == false));
    // The authority can do nothing with it, nor let it in by itself.
    let waiting = Some(records[3]);
    let abandon = office.act(waiting, json!({"command": "abandon"}), &office.key("decider-2"));
    assert_eq!(abandon.unwrap_err(), [800]);
    let admit = json!({"command": "admit_submission"});
    let own = office.act(waiting, admit.clone(), &office.key("decider-2"));
    assert_eq!(own.unwrap_err(), [701]);
    let reviewer = By::Reviewer(ReviewerHandle::new("registrar-1").unwrap());
    office.act(waiting, admit.clone(), &reviewer).unwrap();
    assert_eq!(office.state(records[3]), Some(State::Validated));
    office.act(waiting, notice(), &office.key("officer-1")).unwrap();
    let again = office.act(waiting, admit, &reviewer);
    assert_eq!(again.unwrap_err(), [703]);
    let back = json!({"command": "return_submission"});
    office.act(Some(records[4]), back, &reviewer).unwrap();
    assert_eq!(office.state(records[4]), Some(State::Rejected));
    // A week later it goes on by itself.
    office.clock.advance(24 * 8);
    assert_eq!(office.state(submit(6).record), Some(State::Validated));
    office.verify(&[]);
}
