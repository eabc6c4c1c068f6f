//! Where things lie in a registry's directory, and how a file is written so that it survives a
//! crash.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::LedgerError;

/// Paths of one registry (design 9.7).
#[derive(Debug, Clone)]
pub struct Layout {
    directory: PathBuf,
}

impl Layout {
    /// The layout below `directory`.
    pub fn new(directory: &Path) -> Layout {
        Layout { directory: directory.to_owned() }
    }

    /// The directory itself.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Events, sealed openings, edge of the tree.
    pub fn truth(&self) -> PathBuf {
        self.directory.join("truth.db")
    }

    /// Keys of the erasure units.
    pub fn vault(&self) -> PathBuf {
        self.directory.join("vault-keys.db")
    }

    /// Read tables; may be deleted at any time.
    pub fn read_tables(&self) -> PathBuf {
        self.directory.join("read.db")
    }

    /// The static log: `checkpoint`, `vkey`, `tile/...`.
    pub fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// The published checkpoint.
    pub fn checkpoint(&self) -> PathBuf {
        self.log().join("checkpoint")
    }

    /// The log's verifier key.
    pub fn vkey(&self) -> PathBuf {
        self.log().join("vkey")
    }

    /// The copy of the last signed checkpoint, outside the database.
    pub fn checkpoint_last(&self) -> PathBuf {
        self.directory.join("checkpoint.last")
    }

    /// Private keys.
    pub fn keys(&self) -> PathBuf {
        self.directory.join("keys")
    }

    /// The key that signs checkpoints, and nothing else.
    pub fn log_key(&self) -> PathBuf {
        self.keys().join("log.key")
    }

    /// Held by the one writer.
    pub fn lock(&self) -> PathBuf {
        self.directory.join("lock")
    }
}

/// Files written at once, threads at most: they share the flushes of the disk.
const WRITERS: usize = 8;

/// Writes each file under a temporary name, flushes it and renames it; then flushes the folders.
/// A crash in between leaves old files, new files and stray `.new` files, never half a file.
pub fn write_durably(files: &[(PathBuf, Vec<u8>)]) -> Result<(), LedgerError> {
    let mut folders: Vec<&Path> = files.iter().filter_map(|(path, _)| path.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in &folders {
        make_folder(folder)?;
    }
    let share = files.len().div_ceil(WRITERS).max(1);
    std::thread::scope(|scope| {
        let writers: Vec<_> = files
            .chunks(share)
            .map(|some| {
                scope.spawn(|| some.iter().try_for_each(|(path, bytes)| write(path, bytes)))
            })
            .collect();
        writers.into_iter().try_for_each(|writer| {
            writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    folders.into_iter().try_for_each(flush_folder)
}

/// Makes `folder` with its ancestors, each entered durably in its parent: otherwise a power cut may
/// take a folder away below files that were flushed.
fn make_folder(folder: &Path) -> Result<(), LedgerError> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent() else { return Ok(()) };
    make_folder(parent)?;
    match fs::create_dir(folder) {
        Ok(()) => flush_folder(parent),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(LedgerError::io(folder)(error)),
    }
}

/// Writes one file durably.
pub fn write_one(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    write(path, bytes)?;
    path.parent().map_or(Ok(()), flush_folder)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file = File::create(&new).map_err(LedgerError::io(&new))?;
    file.write_all(bytes).map_err(LedgerError::io(&new))?;
    file.sync_data().map_err(LedgerError::io(&new))?;
    fs::rename(&new, path).map_err(LedgerError::io(path))
}

fn flush_folder(folder: &Path) -> Result<(), LedgerError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(LedgerError::io(folder))
}

/// Takes a folder away from everybody but its owner.
pub(crate) fn close_to_others(folder: &Path) -> Result<(), LedgerError> {
    #[cfg(unix)]
    {
        let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(folder, only_owner).map_err(LedgerError::io(folder))?;
    }
    Ok(())
}

/// A private key, readable by its owner only from the first byte on.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(LedgerError::io(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(LedgerError::io(path))
}
