//! Tokens of subjects that no authority has seen.
//!
//! The token that goes with a notice passes through the hands of whoever serves it: with it the
//! authority could act as the subject. So it counts for what adds to a case only, never for what
//! gives up a right, and it counts no more once the subject has shown a reviewer of the registry
//! who it is, by whatever way the authority has no part in, and got a token of its own.
//!
//! What is kept is `DIR/subjects/RECORD`: a random part of the token, who gave it and when. It is
//! no state of the case: without it the same steps give the same answers.

use std::path::{Path, PathBuf};
use std::{fs, io};

use domain::case::Actor;
use domain::civil::Instant;
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::refusal::Refusal;
use due_process::case::{Case, Command};
use ledger::Entropy;
use serde::{Deserialize, Serialize};

use super::accounts;

/// Folder of the records whose subject has a token of its own.
const FOLDER: &str = "subjects";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    nonce: String,
    by: String,
    at: String,
}

/// With which token somebody acts as the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// The one that went with the notice: whoever served it has seen it.
    Notice,
    /// One that the registry gave to the subject itself.
    Own,
    /// The one that went with a notice that names this organisation as successor (T45).
    Successor(OrganisationId),
}

impl Bearer {
    /// Whether a step may be taken with it: what gives up a right needs a token that nobody else
    /// has seen.
    pub fn check(self, command: &Command) -> Result<(), Refusal> {
        let gives_up = matches!(command, Command::Waive | Command::WithdrawHearing);
        match self {
            Bearer::Notice | Bearer::Successor(_) if gives_up => Err(Refusal::StepNeedsOwnToken),
            Bearer::Notice | Bearer::Own | Bearer::Successor(_) => Ok(()),
        }
    }

    /// As whom its holder acts in `case`. What came with a notice before the record came to a
    /// successor is over; what the registry gave before then was forgotten with that step.
    pub fn acts_as(self, case: &Case) -> Option<Actor> {
        let is_current = |id| case.is_imputed && case.organisation == id;
        match self {
            Bearer::Notice if case.is_imputed => None,
            Bearer::Notice | Bearer::Own => Some(Actor::Subject),
            Bearer::Successor(id) if is_current(id) => Some(Actor::Subject),
            // Heard, and nothing but that: the record is not about it.
            Bearer::Successor(id) if case.named_successor() == Some(id) => Some(Actor::ThirdParty),
            Bearer::Successor(_) => None,
        }
    }
}

/// Which token of `record` this is.
///
/// # Errors
/// 758 when it is none; 831 when it went with the notice and the subject has one of its own.
pub fn bearer(
    directory: &Path,
    registry_key: &[u8; 32],
    record: RecordId,
    token: &str,
) -> Result<Bearer, Refusal> {
    if let Some(successor) = accounts::successor_of(registry_key, record, token) {
        return Ok(Bearer::Successor(successor));
    }
    let of_notice = accounts::is_subject_token(registry_key, record, token);
    match nonce(directory, record) {
        Ok(None) if of_notice => Ok(Bearer::Notice),
        Ok(Some(nonce)) if accounts::is_own_token(registry_key, record, &nonce, token) => {
            Ok(Bearer::Own)
        }
        Ok(Some(_)) if of_notice => Err(Refusal::TokenReplaced),
        // What cannot be read lets nobody in.
        Ok(_) | Err(_) => Err(Refusal::TokenUnfit),
    }
}

/// The same for a case that may have come to a successor: whoever it is about now.
pub fn of_case(
    directory: &Path,
    registry_key: &[u8; 32],
    record: RecordId,
    case: Option<&Case>,
) -> String {
    match case.filter(|case| case.is_imputed) {
        None => of_notice(directory, registry_key, record),
        Some(case) => accounts::successor_token(registry_key, record, case.organisation),
    }
}

/// What the receipt of a step that tells the subject something gives to be sent along: nothing once
/// the subject has a token of its own.
pub fn of_notice(directory: &Path, registry_key: &[u8; 32], record: RecordId) -> String {
    match nonce(directory, record) {
        Ok(None) => accounts::subject_token(registry_key, record),
        Ok(Some(_)) | Err(_) => String::new(),
    }
}

/// Gives the subject of `record` a token of its own: one it had before counts no more either.
///
/// # Errors
/// When the file cannot be written; the token before then counts on.
pub fn give(
    directory: &Path,
    registry_key: &[u8; 32],
    record: RecordId,
    (by, at): (&ReviewerHandle, Instant),
    entropy: &mut dyn Entropy,
) -> io::Result<String> {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    let nonce: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = File { nonce: nonce.clone(), by: by.to_string(), at: at.to_string() };
    let text = toml::to_string(&file).map_err(io::Error::other)?;
    let path = path(directory, record);
    fs::create_dir_all(directory.join(FOLDER))?;
    // Beside the old one and then in its place: a crash leaves one of the two.
    let beside = path.with_extension("partial");
    fs::write(&beside, text)?;
    fs::File::open(&beside)?.sync_all()?;
    fs::rename(&beside, &path)?;
    fs::File::open(directory.join(FOLDER))?.sync_all()?;
    Ok(accounts::own_token(registry_key, record, &nonce))
}

/// Forgets what was kept for a record whose content is destroyed.
///
/// # Errors
/// When the file is there and cannot be removed.
pub fn forget(directory: &Path, record: RecordId) -> io::Result<()> {
    match fs::remove_file(path(directory, record)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn path(directory: &Path, record: RecordId) -> PathBuf {
    directory.join(FOLDER).join(record.to_string())
}

fn nonce(directory: &Path, record: RecordId) -> io::Result<Option<String>> {
    match fs::read_to_string(path(directory, record)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(text) => match toml::from_str::<File>(&text) {
            Ok(file) => Ok(Some(file.nonce)),
            Err(_) => Err(io::ErrorKind::InvalidData.into()),
        },
    }
}
