//! Keys, tree and openings.

use std::path::Path;

use domain::civil::Instant;
use ledger::health::{self, Keys, Sizes};
use ledger::verify::{Options, Outcome};

use super::{Finding, State};
use crate::output::thousands;
use crate::verification;

/// Tiles follow from the entries of `truth.db`, and are compared with the signed root.
const TILES: &str = "tiles are made anew from truth.db: move `log/tile` and `log/checkpoint` away, keep \
                     them, and start `goodstanding serve`; if it refuses, restore the newest backup";

pub fn look(directory: &Path, now: Instant) -> Vec<Finding> {
    vec![signing_key(directory), sizes(directory), keys(directory), log(directory, now)]
}

fn signing_key(directory: &Path) -> Finding {
    match health::signing_key_fits(directory) {
        Ok(true) => Finding::good("keys", "keys/log.key is the key of this log"),
        Ok(false) => Finding::of(
            "keys",
            State::Wrong,
            "keys/log.key is not the key the log is signed with",
            "put the right key back from the backup of the keys; with another one nothing is signed",
        ),
        Err(error) => Finding::unknown("keys", &error),
    }
}

fn sizes(directory: &Path) -> Finding {
    let Sizes { committed, signed, published } = match health::sizes(directory) {
        Ok(sizes) => sizes,
        Err(error) => return Finding::unknown("checkpoints", &error),
    };
    let what = format!(
        "{} entries committed, {} signed, {} published",
        thousands(committed),
        thousands(signed),
        thousands(published)
    );
    if signed.max(published) > committed {
        return Finding::of(
            "checkpoints",
            State::Wrong,
            format!("{what}: truth.db is older than what was signed"),
            "do not append anything; restore the newest backup, or let `goodstanding restore` \
             replay the missing entries from the published log",
        );
    }
    if published < committed {
        return Finding::of(
            "checkpoints",
            State::Attention,
            format!("{what}: a writer is at work, or was stopped half-way"),
            "if nothing is running, start `goodstanding serve`: it publishes what is committed",
        );
    }
    Finding::good("checkpoints", what)
}

fn keys(directory: &Path) -> Finding {
    match health::keys(directory) {
        Ok(Keys { units, idle, missing: 0 }) => Finding::good(
            "vault",
            format!("{} keys, {} of them seal nothing any more", thousands(units), thousands(idle)),
        ),
        Ok(Keys { missing, .. }) => Finding::of(
            "vault",
            State::Attention,
            format!("the keys of {} records or organisations are gone", thousands(missing)),
            "if these were erased, run `goodstanding erase --resume` to clear away what can no \
             longer be read; if not, put the newest backup of vault-keys.db back",
        ),
        Err(error) => Finding::unknown("vault", &error),
    }
}

fn log(directory: &Path, now: Instant) -> Finding {
    let report = verification::registry(directory, &Options::at(now));
    let counts = &report.counts;
    let what = format!(
        "{} entries hashed against the signed root, {} openings against their commitments",
        thousands(counts.leaves),
        thousands(counts.opened)
    );
    match report.outcome {
        Outcome::True => Finding::good("log", what),
        Outcome::False(reasons) if reasons.iter().all(|reason| reason.starts_with("`tile/")) => {
            let what = format!("{what}; does not fit: {}", reasons.join("; "));
            Finding::of("log", State::Wrong, what, TILES)
        }
        Outcome::False(reasons) => Finding::of(
            "log",
            State::Wrong,
            format!("{what}; does not fit: {}", reasons.join("; ")),
            "nothing false is shown: what does not fit is hidden. Keep a copy of the folder, find \
             out who changed it, and restore the newest backup",
        ),
        Outcome::CouldNotTell(reasons) => Finding::of(
            "log",
            State::Unknown,
            format!("{what}; could not tell: {}", reasons.join("; ")),
            format!("put the missing files back from a backup or a mirror; {TILES}"),
        ),
    }
}
