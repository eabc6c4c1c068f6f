//! One at a time: servers, timers and hands may all read the same source.

use std::fs;
use std::path::Path;

use super::{FOLDER, SourcesError, io_error};

/// A source is ours as long as this lives. The system lets go of it when the process dies.
#[derive(Debug)]
pub struct Turn {
    _lock: fs::File,
}

impl Turn {
    /// Takes the source `name`; `None` while another process, or another thread of this one, has
    /// it.
    pub fn take(directory: &Path, name: &str) -> Result<Option<Turn>, SourcesError> {
        let lock = open(directory, name)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Turn { _lock: lock })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(io_error(directory)(error)),
        }
    }

    /// Takes the list of sources, which is written in a moment: waits for it.
    pub fn of_all(directory: &Path) -> Result<Turn, SourcesError> {
        let lock = open(directory, "")?;
        lock.lock().map_err(io_error(directory))?;
        Ok(Turn { _lock: lock })
    }
}

fn open(directory: &Path, name: &str) -> Result<fs::File, SourcesError> {
    let folder = directory.join(FOLDER);
    fs::create_dir_all(&folder).map_err(io_error(&folder))?;
    let path = folder.join(format!("{name}.lock"));
    let options = fs::File::options().create(true).truncate(false).write(true).open(&path);
    options.map_err(io_error(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_each_source_for_itself() {
        let directory = tempfile::tempdir().unwrap();
        let first = Turn::take(directory.path(), "a").unwrap();
        assert!(first.is_some());
        assert!(Turn::take(directory.path(), "a").unwrap().is_none());
        assert!(Turn::take(directory.path(), "b").unwrap().is_some());
        drop(first);
        assert!(Turn::take(directory.path(), "a").unwrap().is_some());
    }
}
