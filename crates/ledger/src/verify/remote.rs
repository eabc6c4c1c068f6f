//! A log behind any means of transport: the caller gives the function that fetches one path.

use super::bundle::ServedPayloads;
use super::{FetchError, LogSource, PayloadSource};

/// A log whose files a function fetches, by HTTP for instance. This crate knows no network.
pub struct RemoteLog<F> {
    fetch: F,
}

impl<F> RemoteLog<F>
where
    F: Fn(&str) -> Result<Option<Vec<u8>>, FetchError> + Sync,
{
    /// A log read through `fetch`, which gets the path below `/log/` and answers `None` for a file
    /// that is not there (404, 410) and an error for everything else that is not the file.
    pub fn new(fetch: F) -> RemoteLog<F> {
        RemoteLog { fetch }
    }

    /// The payload bundles beside the tiles; for [`super::verify`].
    pub fn payloads(&self) -> Result<Box<dyn PayloadSource + '_>, FetchError> {
        Ok(Box::new(ServedPayloads { source: self }))
    }
}

impl<F> LogSource for RemoteLog<F>
where
    F: Fn(&str) -> Result<Option<Vec<u8>>, FetchError> + Sync,
{
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        (self.fetch)(path)
    }
}
