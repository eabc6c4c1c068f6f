//! Where files and openings come from: functions, folders, databases, receipts.

use std::sync::Mutex;

use super::*;
use crate::merkle::inclusion_proof;
use crate::proof::TlogProof;

/// A source that keeps openings itself, as a registry's database does.
struct Kept<'a> {
    log: &'a Log,
    destroyed: Vec<u64>,
}

impl PayloadSource for Kept<'_> {
    fn items(
        &mut self,
        first: u64,
        count: u16,
        each: &mut dyn FnMut(PayloadItem<'_>),
    ) -> Result<bool, FetchError> {
        for position in first..first + u64::from(count) {
            let row = &self.log.rows[position as usize];
            let entry = row.leaf.to_bytes();
            let disclosures = row.opening.as_ref().map(|o| o.disclosures.join("\t"));
            let content = match (&row.opening, &disclosures) {
                (None, _) => Content::Clear,
                _ if self.destroyed.contains(&position) => Content::Destroyed,
                (Some(opening), disclosures) => Content::Opening {
                    salt: opening.salt,
                    payload: &opening.payload,
                    disclosures: disclosures.as_deref().unwrap_or_default(),
                },
            };
            each(PayloadItem { position, entry: Some(&entry), content });
        }
        Ok(true)
    }
}

fn verify_kept(log: &Log, database: &Log, destroyed: &[u64], now: Instant) -> Report {
    let source = RemoteLog::new(|path: &str| Ok(log.files.get(path).cloned()));
    let open = || -> Result<Box<dyn PayloadSource + '_>, FetchError> {
        Ok(Box::new(Kept { log: database, destroyed: destroyed.to_vec() }))
    };
    verify(&source, &open, &Options::at(now), &mut |_, _| {})
}

#[test]
fn a_registrys_own_directory_is_checked_with_its_sealed_openings() {
    let log = small();
    let report = verify_kept(&log, &log, &[5], later());
    assert_eq!(report.outcome, Outcome::True, "{report:?}");
    assert_eq!((report.counts.opened, report.counts.sealed), (5, 1));
    // Erased, but still there: said, not judged.
    let report = verify_kept(&log, &log, &[], later());
    assert_eq!((report.outcome.exit_code(), report.warnings.len()), (0, 1));
    // Lost without an entry.
    assert_eq!(verify_kept(&log, &log, &[5, 6], later()).outcome.exit_code(), 1);
    let soon = at(TIME).plus_hours(1);
    assert_eq!(verify_kept(&log, &log, &[5, 6], soon).outcome.exit_code(), 2);
    // The database holds another entry than the files.
    let mut other = log.clone();
    other.rows[1].leaf = Leaf::Policy { pack: "other".into(), hash: "0".repeat(64) };
    assert_eq!(verify_kept(&log, &other, &[5], later()).outcome.exit_code(), 1);
}

#[test]
fn a_source_that_fails_is_could_not_tell() {
    let log = small();
    for failing in log.files.keys() {
        let source = RemoteLog::new(|path: &str| {
            let failure = FetchError("connection refused".into());
            if path == failing { Err(failure) } else { Ok(log.files.get(path).cloned()) }
        });
        let options = Options::at(later());
        let report = verify(&source, &|| source.payloads(), &options, &mut |_, _| {});
        assert_eq!(report.outcome.exit_code(), 2, "{failing}: {report:?}");
    }
}

#[test]
fn progress_is_told_in_order_and_ends_at_the_size() {
    let log = large();
    let seen = Mutex::new(Vec::new());
    let source = RemoteLog::new(|path: &str| Ok(log.files.get(path).cloned()));
    verify(&source, &|| source.payloads(), &Options::at(later()), &mut |done, size| {
        seen.lock().unwrap().push((done, size));
    });
    assert_eq!(*seen.lock().unwrap(), [(256, 300), (300, 300)]);
}

#[test]
fn a_directory_is_read_like_any_source() {
    let log = small();
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in &log.files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let source = DirectoryLog::new(folder.path());
    let options = Options::at(later());
    let report = verify(&source, &|| source.payloads(), &options, &mut |_, _| {});
    assert_eq!(report, log.verify());
    let nowhere = DirectoryLog::new(&folder.path().join("nowhere"));
    let report = verify(&nowhere, &|| nowhere.payloads(), &options, &mut |_, _| {});
    assert_eq!(report.outcome.exit_code(), 2);
}

#[test]
fn receipts_are_checked_with_entry_and_opening() {
    let log = small();
    let leaves = log.rows.iter().map(|row| leaf_hash(&row.leaf.to_bytes())).collect();
    let hashes = inclusion_proof(6, 11, &MemoryTree::new(leaves)).unwrap();
    let checkpoint = String::from_utf8(log.files["checkpoint"].clone()).unwrap();
    let entry = log.rows[6].leaf.to_bytes();
    let mut proof = TlogProof { index: 6, hashes, checkpoint, extra: None };
    let key = log.key().vkey().clone();
    let text = proof.to_text();
    let good = ReceiptCheck {
        proof: &text,
        entry: Some(&entry),
        opening: Some(&log.rows[6].line),
        vkey: Some(&key),
    };
    let (outcome, head) = verify_receipt(&good);
    assert_eq!((outcome, head.map(|head| head.size)), (Outcome::True, Some(11)));
    let code = |receipt: ReceiptCheck<'_>| verify_receipt(&receipt).0.exit_code();
    assert_eq!(code(ReceiptCheck { opening: None, ..good }), 0);
    assert_eq!(code(ReceiptCheck { entry: None, ..good }), 2);
    assert_eq!(code(ReceiptCheck { vkey: None, ..good }), 2);
    assert_eq!(code(ReceiptCheck { entry: Some(b"other"), ..good }), 1);
    assert_eq!(code(ReceiptCheck { opening: Some(&log.rows[2].line), ..good }), 1);
    assert_eq!(code(ReceiptCheck { opening: Some("6 - withheld"), ..good }), 2);
    assert_eq!(code(ReceiptCheck { proof: "no proof", ..good }), 1);
    let stranger = Log::new(9).key().vkey().clone();
    assert_eq!(code(ReceiptCheck { vkey: Some(&stranger), ..good }), 2);
    proof.extra = Some(entry.clone());
    let with_entry = proof.to_text();
    assert_eq!(code(ReceiptCheck { proof: &with_entry, entry: None, ..good }), 0);
}
