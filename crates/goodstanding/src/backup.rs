//! Backups as folders: the truth with its surroundings in one, the keys in another.
//!
//! A manifest is written last and names every file by its hash: a folder without one is half a
//! backup. Read tables are never in it; they follow from the truth.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::civil::Instant;
use ledger::LedgerError;
use ledger::backup::Copied;
use serde::{Deserialize, Serialize};

use crate::digests::hex;

/// The manifest in a folder of a backup.
pub const MANIFEST: &str = "manifest.json";
/// What half a backup is known by.
const TRUTH: &str = "truth.db";
const VAULT: &str = "vault-keys.db";
const LOG_KEY: &str = "log.key";
/// The form of the manifest.
const FORM: &str = "goodstanding-backup/1";

/// Of a registry's folder what a backup holds otherwise, or not at all.
const LEFT_OUT: [&str; 13] = [
    TRUTH,
    VAULT,
    "read.db",
    "log",
    "keys",
    "checkpoint.last",
    "lock",
    "cache",
    MANIFEST,
    "sources",
    // Snapshots for download: made anew, and they hold content that may have to be destroyed.
    crate::bulk::FOLDER,
    // In a backup's own folder.
    "checkpoint",
    "vkey",
];

/// What a folder of a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of this manifest.
    pub form: String,
    /// What the folder holds: `truth` or `keys`.
    pub part: String,
    /// The release that wrote it.
    pub program: String,
    /// When, RFC 3339.
    pub taken_at: String,
    /// Name of the log.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root over them, hexadecimal.
    pub root: String,
    /// Every file with its SHA-256, hexadecimal.
    pub files: BTreeMap<String, String>,
}

/// Why a backup could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder is not empty.
    #[error("`{0}` is not empty; nothing was changed, give a new folder")]
    Occupied(PathBuf),
    /// An earlier backup did not get to its end here.
    #[error(
        "`{0}` holds a backup that was interrupted (it has no `manifest.json`); delete it, or give a new folder"
    )]
    Half(PathBuf),
    /// It lies in the registry.
    #[error("`{0}` lies in the registry; a backup belongs on another disk")]
    Inside(PathBuf),
    /// There is no manifest, or it is not one.
    #[error(
        "`{0}` is no complete backup: its `manifest.json` is missing or unreadable; use another one"
    )]
    Incomplete(PathBuf),
    /// A file is not what it was.
    #[error("`{0}` was changed or is missing since the backup was made; use another backup")]
    Changed(PathBuf),
    /// A file could not be read or written.
    #[error("`{path}`: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |source| BackupError::File { path: path.to_owned(), source }
}

/// Copies the registry in `directory` into `out` and, if asked for, its keys into `keys_out`. Both
/// are new folders outside of it. `progress` hears of pages done and in all. A crash leaves folders
/// without manifest.
pub fn take(
    directory: &Path,
    out: &Path,
    keys_out: Option<&Path>,
    now: Instant,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Manifest, BackupError> {
    let registry = directory.canonicalize().map_err(file_error(directory))?;
    for folder in [Some(out), keys_out].into_iter().flatten() {
        if crate::setup::is_within(folder, &registry) {
            return Err(BackupError::Inside(folder.to_owned()));
        }
        if !crate::setup::is_vacant(folder).map_err(|error| BackupError::File {
            path: folder.to_owned(),
            source: io::Error::other(error.to_string()),
        })? {
            let is_half = [TRUTH, VAULT, LOG_KEY].iter().any(|name| folder.join(name).is_file())
                && !folder.join(MANIFEST).exists();
            let folder = folder.to_owned();
            return Err(if is_half {
                BackupError::Half(folder)
            } else {
                BackupError::Occupied(folder)
            });
        }
        fs::create_dir_all(folder).map_err(file_error(folder))?;
    }
    let copied = ledger::backup::truth(directory, out, progress)?;
    copy_surroundings(directory, out)?;
    if let Some(keys_out) = keys_out {
        ledger::backup::keys(directory, keys_out, progress)?;
        write_manifest(keys_out, "keys", &copied, now)?;
    }
    write_manifest(out, "truth", &copied, now)
}

/// Deletes backups of the keys of the same log beside `newest` until `number` are left, the newest
/// of them, and what interrupted ones left there before yesterday. Gives the folders that are gone.
///
/// Nothing else is touched: a folder is taken for a backup of keys only if it holds what such a
/// backup holds and no other file, and is of this log by its manifest, or by its key where it has
/// none. A crash in between leaves a folder without manifest, which is
/// refused by a restore and deleted a day later.
pub fn keep_keys(newest: &Path, number: u32, now: Instant) -> Result<Vec<PathBuf>, BackupError> {
    let newest = newest.canonicalize().map_err(file_error(newest))?;
    let origin = check(&newest, "keys")?.origin;
    let Some(beside) = newest.parent() else { return Ok(Vec::new()) };
    let mut complete = Vec::new();
    let mut gone = Vec::new();
    for entry in fs::read_dir(beside).map_err(file_error(beside))? {
        let folder = entry.map_err(file_error(beside))?.path();
        if folder == newest || !is_of_keys(&folder) {
            continue;
        }
        match manifest(&folder) {
            Some(it) if it.part == "keys" && it.origin == origin => {
                let taken_at: Option<Instant> = it.taken_at.parse().ok();
                complete.push((taken_at, folder));
            }
            Some(_) => {}
            None if is_old(&folder, now) && same_key(&folder, &newest) => gone.push(folder),
            None => {}
        }
    }
    complete.sort();
    let kept = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
    let surplus = complete.len().saturating_sub(kept);
    // Index safety: `surplus` is what is left of the length.
    gone.extend(complete.drain(..surplus).map(|(_, folder)| folder));
    for folder in &gone {
        delete_keys(folder)?;
    }
    fs::File::open(beside).and_then(|it| it.sync_all()).map_err(file_error(beside))?;
    Ok(gone)
}

/// What a backup of the keys may hold, the manifest first: it is deleted first, so that half of one
/// is never taken for a whole.
const OF_KEYS: [&str; 6] =
    [MANIFEST, LOG_KEY, VAULT, "vault-keys.db-journal", "vault-keys.db-wal", "vault-keys.db-shm"];

/// Whether a folder holds keys and nothing that no backup of keys holds. A registry has more.
fn is_of_keys(folder: &Path) -> bool {
    let is_known = |entry: &fs::DirEntry| {
        entry.file_name().to_str().is_some_and(|name| OF_KEYS.contains(&name))
            && entry.file_type().is_ok_and(|it| it.is_file())
    };
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|it| it.is_dir());
    let Ok(mut entries) = fs::read_dir(folder) else { return false };
    is_folder
        && folder.join(VAULT).exists()
        && entries.all(|entry| entry.is_ok_and(|entry| is_known(&entry)))
}

fn manifest(folder: &Path) -> Option<Manifest> {
    serde_json::from_str(&fs::read_to_string(folder.join(MANIFEST)).ok()?).ok()
}

/// Whether nothing in it changed for a day: one that is being made is left alone.
fn is_old(folder: &Path, now: Instant) -> bool {
    let changed = fs::metadata(folder.join(VAULT)).and_then(|it| it.modified());
    let since = changed.ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let at = since.and_then(|since| i64::try_from(since.as_micros()).ok());
    at.is_some_and(|at| Instant::from_micros(at).plus_hours(24) < now)
}

/// Whether both sign the same log: a copy that somebody else made by hand is left alone.
fn same_key(one: &Path, other: &Path) -> bool {
    let key = |folder: &Path| fs::read(folder.join(LOG_KEY)).ok();
    key(one).is_some_and(|known| key(other) == Some(known))
}

/// File by file: a folder into which somebody puts something meanwhile stays, without keys.
fn delete_keys(folder: &Path) -> Result<(), BackupError> {
    for name in OF_KEYS {
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(file_error(&path)(error));
            }
            _ => {}
        }
    }
    fs::remove_dir(folder).map_err(file_error(folder))
}

/// Packs, profiles and what the operator set: everything that is neither truth, keys, log nor
/// derived.
fn copy_surroundings(from: &Path, to: &Path) -> Result<(), BackupError> {
    for entry in fs::read_dir(from).map_err(file_error(from))? {
        let entry = entry.map_err(file_error(from))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_left_out = LEFT_OUT.contains(&name.as_str())
            || LEFT_OUT.iter().any(|known| name.starts_with(&format!("{known}-")))
            || name.starts_with('.')
            || name.ends_with(".new");
        if !is_left_out {
            copy_all(&entry.path(), &to.join(&name))?;
        }
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<(), BackupError> {
    if !from.is_dir() {
        fs::copy(from, to).map_err(file_error(from))?;
        return fs::File::open(to).and_then(|file| file.sync_all()).map_err(file_error(to));
    }
    fs::create_dir_all(to).map_err(file_error(to))?;
    for entry in fs::read_dir(from).map_err(file_error(from))? {
        let entry = entry.map_err(file_error(from))?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn write_manifest(
    folder: &Path,
    part: &str,
    copied: &Copied,
    now: Instant,
) -> Result<Manifest, BackupError> {
    let manifest = Manifest {
        form: FORM.to_owned(),
        part: part.to_owned(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: now.to_string(),
        origin: copied.origin.clone(),
        size: copied.size,
        root: hex(&copied.root),
        files: hashes(folder, folder)?,
    };
    let path = folder.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|error| file_error(&path)(io::Error::other(error)))?;
    fs::write(&path, text)
        .and_then(|()| fs::File::open(&path)?.sync_all())
        .and_then(|()| fs::File::open(folder)?.sync_all())
        .map_err(file_error(&path))?;
    Ok(manifest)
}

/// Reads the manifest of a folder and compares every file with it.
pub fn check(folder: &Path, part: &str) -> Result<Manifest, BackupError> {
    let incomplete = || BackupError::Incomplete(folder.to_owned());
    let text = fs::read_to_string(folder.join(MANIFEST)).map_err(|_| incomplete())?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| incomplete())?;
    if manifest.form != FORM || manifest.part != part {
        return Err(incomplete());
    }
    for (name, expected) in &manifest.files {
        let path = folder.join(name);
        let is_same = path.is_file() && hash(&path)? == *expected;
        if !is_same {
            return Err(BackupError::Changed(path));
        }
    }
    Ok(manifest)
}

/// Puts packs, profiles and settings of a backup into a registry.
pub fn put_surroundings(backup: &Path, directory: &Path) -> Result<(), BackupError> {
    copy_surroundings(backup, directory)
}

fn hashes(root: &Path, folder: &Path) -> Result<BTreeMap<String, String>, BackupError> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(file_error(folder))? {
        let path = entry.map_err(file_error(folder))?.path();
        if path.is_dir() {
            found.extend(hashes(root, &path)?);
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            found.insert(name.replace('\\', "/"), hash(&path)?);
        }
    }
    Ok(found)
}

fn hash(path: &Path) -> Result<String, BackupError> {
    crate::digests::sha256_of(path).map_err(file_error(path))
}
