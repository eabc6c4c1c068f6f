//! A log as the sequencer writes it, checked from outside: in Rust always, in Python where it is
//! installed with `cryptography`.

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::authority::AuthorityKey;
use domain::civil::Instant;
use domain::event::{EventBody, NameClaimed};
use domain::ids::OrganisationId;
use domain::organisation::{Name, NameRole};
use goodstanding_ledger::tiles::{bundles, payload_path};
use goodstanding_ledger::verify::{DirectoryLog, Options, Outcome, Report, verify};
use goodstanding_ledger::wire::{Leaf, payload_line};
use goodstanding_ledger::{Batch, Draft, Ledger, LedgerReader, SeededEntropy, Setup};

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
