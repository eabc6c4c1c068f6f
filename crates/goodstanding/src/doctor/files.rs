//! Files, their protection, and whether the databases are whole.

use std::path::Path;

use ledger::health;

use super::{Finding, State};
use crate::journal;
use crate::setup::{READ_TABLES, TRUTH};

pub fn look(directory: &Path) -> Vec<Finding> {
    let mut findings = vec![present(directory)];
    findings.extend(protection(directory));
    let truth_advice = "stop everything that writes here, keep a copy of the folder, and restore \
                        the newest backup with `goodstanding restore`";
    for name in [TRUTH, "vault-keys.db"] {
        findings.extend(whole(name, health::database_faults(&directory.join(name)), truth_advice));
    }
    let tables = directory.join(READ_TABLES);
    if tables.exists() {
        let advice = "stop the server and run `goodstanding rebuild`";
        findings.extend(whole(READ_TABLES, projections::faults(&tables), advice));
    }
    let journal = directory.join(journal::FILE);
    if journal.exists() {
        let advice = "move it away: how often authorities asked is forgotten, nothing else";
        findings.extend(whole(journal::FILE, health::database_faults(&journal), advice));
    }
    findings
}

fn present(directory: &Path) -> Finding {
    let missing: Vec<String> = health::files(directory)
        .into_iter()
        .filter(|path| !path.is_file())
        .map(|path| path.strip_prefix(directory).unwrap_or(&path).display().to_string())
        .collect();
    if missing.is_empty() {
        return Finding::good("files", "every file that is needed is there");
    }
    Finding::of(
        "files",
        State::Wrong,
        format!("missing: {}", missing.join(", ")),
        "put them back from a backup; `keys/log.key` and `vault-keys.db` are in the backup of the \
         keys. Do not create a new registry over this one",
    )
}

/// Sealed content and keys are nobody else's business.
#[cfg(unix)]
fn protection(directory: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let open: Vec<String> = [directory.to_owned(), directory.join("keys/log.key")]
        .into_iter()
        .filter(|path| {
            std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
        })
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        return Some(Finding::good("protection", "only the owner can read the folder and the key"));
    }
    Some(Finding::of(
        "protection",
        State::Attention,
        format!("other users of this machine may read: {}", open.join(", ")),
        format!("chmod go-rwx {}", open.join(" ")),
    ))
}

#[cfg(not(unix))]
fn protection(_: &Path) -> Option<Finding> {
    None
}

fn whole<E: std::error::Error + 'static>(
    name: &'static str,
    faults: Result<Vec<String>, E>,
    advice: &str,
) -> Option<Finding> {
    let finding = match faults {
        Ok(faults) if faults.is_empty() => {
            return Some(Finding::good("databases", format!("{name} is whole")));
        }
        Ok(faults) => faults.join("; "),
        Err(error) => crate::output::chain(&error),
    };
    let what = format!("{name} is damaged: {finding}");
    Some(Finding::of("databases", State::Wrong, what, advice))
}
