//! A log on disk: the `log` folder of a registry's directory or of an export.

use std::path::{Path, PathBuf};

use super::bundle::ServedPayloads;
use super::{FetchError, LogSource, PayloadSource};

/// Files below a folder that holds `checkpoint`, `vkey`, `tile/...` and, in an export,
/// `payload/...`.
#[derive(Debug, Clone)]
pub struct DirectoryLog {
    folder: PathBuf,
}

impl DirectoryLog {
    /// The log in `folder` (usually `DIR/log`).
    pub fn new(folder: &Path) -> DirectoryLog {
        DirectoryLog { folder: folder.to_owned() }
    }

    /// The payload bundles beside the tiles, as an export holds them; for [`super::verify`].
    pub fn payloads(&self) -> Result<Box<dyn PayloadSource + '_>, FetchError> {
        Ok(Box::new(ServedPayloads { source: self }))
    }
}

impl LogSource for DirectoryLog {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        match std::fs::read(self.folder.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FetchError(error.to_string())),
        }
    }
}
