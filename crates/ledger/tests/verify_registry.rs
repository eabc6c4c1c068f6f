//! A log as the sequencer writes it, checked from outside: in Rust always, in Python where it is
//! installed with `cryptography`.

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::adoption::{AuthorityKeyRegistered, AuthorityKeyRevoked, ReviewerPair, key_name};
use domain::authority::AuthorityKey;
use domain::case::{AccountHandle, Actor, CaseEvent, Step};
use domain::civil::Instant;
use domain::event::{EventBody, NameClaimed};
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::organisation::{Name, NameRole};
use goodstanding_ledger::note::SignerKey;
use goodstanding_ledger::restore::{self, Backup};
use goodstanding_ledger::tiles::{bundles, payload_path};
use goodstanding_ledger::verify::{DirectoryLog, Options, Outcome, Report, verify};
use goodstanding_ledger::wire::{Leaf, item, payload_line};
use goodstanding_ledger::{
    Batch, Draft, Ledger, LedgerReader, SeededEntropy, Setup, backup, manifest,
};

fn now() -> Instant {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn drafts(count: usize) -> Vec<Draft> {
    let event = |number: usize| {
        EventBody::NameClaimed(NameClaimed {
            organisation: OrganisationId::mint(now(), [1; 10]),
            authority: AuthorityKey::new("demo").unwrap(),
            name: Name {
                text: format!("名称 \"{number}\"\t\\ é"),
                language: "zh".into(),
                script: "Hans".into(),
                role: NameRole::Other,
            },
        })
    };
    (0..count)
        .map(|number| Draft { event: event(number), open: number % 3 != 0, submission: None })
        .collect()
}

/// Writes the payload bundles an export would hold.
fn export_payloads(reader: &LedgerReader, size: u64, log: &Path) {
    let mut open = vec![false; size as usize];
    for position in 0..size {
        if let Some(Leaf::Open { ranges }) = reader.leaf(position).unwrap() {
            let named = ranges.into_iter().flat_map(|(first, last)| first..=last);
            named.for_each(|position| open[position as usize] = true);
        }
    }
    for (index, width) in bundles(size) {
        let mut text = String::new();
        for position in index * 256..index * 256 + u64::from(width) {
            text.push_str(&match reader.opening(position).unwrap() {
                Some(opening) if open[position as usize] => payload_line(position, &opening),
                Some(_) => format!("{position} - sealed"),
                None => format!("{position} - clear"),
            });
            text.push('\n');
        }
        let path = log.join(payload_path(index, width));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn check(log: &Path, since: Option<String>) -> Report {
    let source = DirectoryLog::new(log);
    let options = Options { since, ..Options::at(now().plus_hours(48)) };
    verify(&source, &|| source.payloads(), &options, &mut |_, _| {})
}

/// Exit code of the second verifier; `None` where it cannot run.
fn check_in_python(target: &Path) -> Option<i32> {
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/verifier/verify.py");
    let can = Command::new("python3").args(["-c", "import cryptography"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        println!("skipped: python3 with `cryptography` is not installed");
        return None;
    }
    let output = Command::new("python3").arg(program).arg(target).output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    output.status.code()
}

#[test]
fn a_log_of_the_sequencer_is_true_for_both_verifiers() {
    let folder = tempfile::tempdir().unwrap();
    let registry = folder.path().join("registry");
    let setup = Setup {
        origin: "registry.example/log".into(),
        packs: vec![("generic".into(), "0".repeat(64))],
        profiles: vec![],
    };
    let entropy = Box::new(SeededEntropy::new(1));
    let mut ledger = Ledger::create(&registry, &setup, now(), entropy).unwrap();
    let mut checkpoints = Vec::new();
    for count in [1, 250, 3, 300] {
        let batch = Batch { drafts: drafts(count), ..Batch::default() };
        checkpoints.push(ledger.append(batch, now()).unwrap().checkpoint);
    }
    let log = registry.join("log");
    let reader = ledger.reader().unwrap();
    export_payloads(&reader, reader.size().unwrap(), &log);
    for since in checkpoints {
        let report = check(&log, Some(since));
        assert_eq!(report.outcome, Outcome::True, "{report:?}");
        assert_eq!(report.counts.events, 554);
        assert_eq!(report.counts.open, report.counts.opened);
        assert!(report.counts.sealed > 100);
    }
    assert!(matches!(check_in_python(&registry), None | Some(0)));
    let path = log.join("payload/000");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[1_000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(check(&log, None).outcome.exit_code(), 1);
    assert!(matches!(check_in_python(&registry), None | Some(1)));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(check(&log, None).outcome.exit_code(), 2);
    assert!(matches!(check_in_python(&registry), None | Some(2)));
}

const ORIGIN: &str = "registry.example/log";

fn office() -> AuthorityKey {
    AuthorityKey::new("zz.office").unwrap()
}

fn officer() -> AccountHandle {
    AccountHandle::new("officer-7").unwrap()
}

fn reviewers() -> [ReviewerHandle; 2] {
    ["registrar-1", "registrar-2"].map(|text| ReviewerHandle::new(text).unwrap())
}

fn registration(key: &SignerKey) -> EventBody {
    let [one, two] = reviewers();
    EventBody::AuthorityKeyRegistered(AuthorityKeyRegistered {
        authority: office(),
        account: officer(),
        vkey: key.vkey().to_string(),
        by: ReviewerPair::new(one, two).unwrap(),
    })
}

fn revocation(key: &SignerKey) -> EventBody {
    let [by, _] = reviewers();
    let vkey = key.vkey().to_string();
    EventBody::AuthorityKeyRevoked(AuthorityKeyRevoked { authority: office(), vkey, by })
}

/// Two acts of an officer, signed as one batch.
fn signed_acts(key: &SignerKey) -> Vec<Draft> {
    let mut entropy = SeededEntropy::new(9);
    let steps = [
        Step::DecisionNotUpheld { reasons: "for the subject alone".into() },
        Step::StayLifted { reference: "7/26".into(), standstill_until: None, end_at: None },
    ];
    let acts = steps.map(|step| CaseEvent {
        record: RecordId::mint(now(), [3; 10]),
        organisation: OrganisationId::mint(now(), [1; 10]),
        authority: office(),
        actor: Actor::Authority(officer()),
        step,
    });
    let items = acts.iter().map(|act| item(act, &mut entropy).unwrap()).collect();
    let signed = manifest::build(ORIGIN, &office(), items, now(), key, &mut entropy);
    let drafts = acts.into_iter().zip(signed).map(|(act, given)| Draft {
        event: EventBody::Case(Box::new(act)),
        open: true,
        submission: Some(Box::new(given)),
    });
    drafts.collect()
}

/// A registry with these events after its first entries, its payload bundles beside the tiles.
fn registry_of(folder: &Path, drafts: Vec<Draft>) -> LedgerReader {
    let setup = Setup { origin: ORIGIN.into(), packs: vec![], profiles: vec![] };
    let entropy = Box::new(SeededEntropy::new(1));
    let mut ledger = Ledger::create(folder, &setup, now(), entropy).unwrap();
    ledger.append(Batch { drafts, ..Batch::default() }, now()).unwrap();
    let reader = ledger.reader().unwrap();
    export_payloads(&reader, reader.size().unwrap(), &folder.join("log"));
    reader
}

fn open(event: EventBody) -> Draft {
    Draft { event, open: true, submission: None }
}

fn officers_key() -> SignerKey {
    let name = key_name(&office(), &officer());
    SignerKey::generate(&mut SeededEntropy::new(4), &name).unwrap()
}

#[test]
fn i43_i49_acts_are_judged_by_the_keys_on_the_log_by_both_verifiers() {
    let (folder, key) = (tempfile::tempdir().unwrap(), officers_key());
    let mut good = vec![open(registration(&key))];
    good.extend(signed_acts(&key));
    good.push(open(revocation(&key)));
    let mut late = vec![open(registration(&key)), open(revocation(&key))];
    late.extend(signed_acts(&key));
    let mut unsigned = vec![open(registration(&key))];
    unsigned.extend(signed_acts(&key).into_iter().map(|draft| open(draft.event)));
    for (name, drafts, exit) in [("good", good, 0), ("late", late, 1), ("unsigned", unsigned, 1)] {
        let registry = folder.path().join(name);
        registry_of(&registry, drafts);
        let report = check(&registry.join("log"), None);
        assert_eq!(report.outcome.exit_code(), exit, "{name}: {report:?}");
        let python = check_in_python(&registry);
        assert!(python.is_none_or(|code| code == i32::from(exit)), "{name}: {python:?}");
    }
}

#[test]
fn a_registry_that_goes_on_under_another_name_keeps_what_was_signed() {
    let (folder, key) = (tempfile::tempdir().unwrap(), officers_key());
    let path = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    let old = folder.path().join("old");
    let mut drafts = vec![open(registration(&key))];
    drafts.extend(signed_acts(&key));
    registry_of(&old, drafts);
    let (truth, keys) = (path("truth"), path("keys"));
    backup::truth(&old, &truth, &mut |_, _| {}).unwrap();
    backup::keys(&old, &keys, &mut |_, _| {}).unwrap();
    let (scratch, into) = (path("scratch"), path("new"));
    let backup = Backup { truth: &truth, keys: &keys };
    let entropy = Box::new(SeededEntropy::new(2));
    let later = now().plus_hours(1);
    let folders = (&*scratch, &*into);
    let origin = "next.example/log";
    restore::new_log(backup, origin, None, folders, later, entropy, &mut |_, _| {}).unwrap();
    let reader = LedgerReader::open(&into).unwrap();
    export_payloads(&reader, reader.size().unwrap(), &into.join("log"));
    let report = check(&into.join("log"), None);
    assert_eq!(report.outcome, Outcome::True, "{report:?}");
    let said = format!("something was signed for `{ORIGIN}`, from which this log says it goes on");
    assert_eq!(report.warnings, [said]);
    assert!(matches!(check_in_python(&into), None | Some(0)));
}
