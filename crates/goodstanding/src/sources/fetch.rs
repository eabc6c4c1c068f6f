//! One body from one address, within limits, or a reason why not. Nothing is believed: not the
//! length, not the type, not the redirect.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HeaderName, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION, TRANSFER_ENCODING,
};
use sha2::{Digest, Sha256};

use super::Source;
use super::addresses::{Address, AddressError, Network};
use super::notes::Kept;
use crate::digests::{hex, sha256};
use crate::output::chain;

/// Redirects that are followed.
const REDIRECTS_MAX: usize = 5;
/// Longest mark that is kept.
const MARK_BYTES_MAX: usize = 500;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// A body, complete, in the file that was asked for.
    Body(Kept),
    /// The publisher says that nothing changed since the body that is at hand.
    Unchanged,
}

/// Why there is no body.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address, or one it led to, is not asked.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The connection failed, was cut, or stalled.
    #[error("the connection failed, was cut or stalled: {0}")]
    Connection(String),
    /// It took too long.
    #[error("it took longer than {0} seconds")]
    TooSlow(u64),
    /// It is too large.
    #[error("the body is larger than {0} bytes; raise max_bytes if that is right")]
    TooLarge(u64),
    /// The answer is none.
    #[error("the server answered {0}")]
    Status(String),
    /// Too many redirects, or one to nowhere.
    #[error("the address leads on and on; give the one it ends at")]
    Redirects,
    /// Nobody can tell whether it is complete.
    #[error("the server does not say how long the body is, so a cut one could not be told")]
    Unframed,
    /// It came packed although we did not ask for that.
    #[error("the body is packed ({0}), which is not read")]
    Packed(String),
    /// It is a page, not a list.
    #[error("the body is a web page, not a list; the address may have moved")]
    Page,
    /// It is empty.
    #[error("the body is empty")]
    Empty,
    /// It could not be written.
    #[error("it cannot be written: {0}")]
    Write(#[source] std::io::Error),
}

/// Fetches `source` into `to`. With `at_hand` the publisher is asked whether that body still is the
/// one.
pub fn fetch(
    source: &Source,
    at_hand: Option<&Kept>,
    to: &Path,
    network: &dyn Network,
) -> Result<Fetched, FetchError> {
    let begun = Instant::now();
    let (response, answered_by) = match ask(source, at_hand, network)? {
        Answer::Unchanged => return Ok(Fetched::Unchanged),
        Answer::Other(response, by) => (response, by),
    };
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status().to_string()));
    }
    let header = |name: HeaderName| -> Option<String> {
        let value = response.headers().get(name)?.to_str().ok()?;
        (value.len() <= MARK_BYTES_MAX).then(|| value.to_owned())
    };
    if let Some(packed) = header(CONTENT_ENCODING).filter(|packed| packed != "identity") {
        return Err(FetchError::Packed(packed));
    }
    let (etag, last_modified) = (header(ETAG), header(LAST_MODIFIED));
    let length: Option<u64> = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if length.is_none() && header(TRANSFER_ENCODING).is_none() {
        return Err(FetchError::Unframed);
    }
    if length.is_some_and(|length| length > source.max_bytes) {
        return Err(FetchError::TooLarge(source.max_bytes));
    }
    let (bytes, digest) = keep(source, response, begun, to)?;
    Ok(Fetched::Body(Kept { digest, bytes, etag, last_modified, answered_by }))
}

/// What the last address that was asked said.
enum Answer {
    /// The body at hand still is the one.
    Unchanged,
    /// Anything else, and which address said it, as SHA-256.
    Other(Response, String),
}

/// Asks the address and those it leads to, each judged and each connected to by the very numbers
/// that were judged.
fn ask(
    source: &Source,
    at_hand: Option<&Kept>,
    network: &dyn Network,
) -> Result<Answer, FetchError> {
    let mut address = Address::parse(&source.url, source.allow_private)?;
    for _ in 0..=REDIRECTS_MAX {
        let numbers = address.resolve(network)?;
        let host = address.url.host_str().unwrap_or_default().to_owned();
        let client = network
            .client()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .gzip(false)
            .connect_timeout(Duration::from_secs(source.stall_seconds.max(1)))
            // For the blocking client this is the longest wait for the head and for each piece.
            .timeout(Duration::from_secs(source.stall_seconds.max(1)))
            .resolve_to_addrs(&host, &numbers)
            .user_agent(concat!("goodstanding/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| FetchError::Connection(chain(&error)))?;
        let asked = sha256(address.url.as_str().as_bytes());
        let request = client.get(address.url.clone()).header(ACCEPT_ENCODING, "identity");
        // Another address has marks of its own: alike by chance, they would mean another body.
        let marks = at_hand.filter(|kept| kept.answered_by == asked && kept.is_marked());
        let request = match marks {
            Some(kept) => kept.marking(request),
            None => request,
        };
        let response = request.send().map_err(|error| connection(&error))?;
        // Only an answer to a question: a 304 nobody asked for is no answer.
        if response.status() == StatusCode::NOT_MODIFIED && marks.is_some() {
            return Ok(Answer::Unchanged);
        }
        if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Answer::Other(response, asked));
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let next = location.and_then(|location| address.url.join(location).ok());
        address = Address::new(next.ok_or(FetchError::Redirects)?, source.allow_private)?;
    }
    Err(FetchError::Redirects)
}

impl Kept {
    fn is_marked(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    fn marking(&self, mut request: RequestBuilder) -> RequestBuilder {
        for (name, value) in [(IF_NONE_MATCH, &self.etag), (IF_MODIFIED_SINCE, &self.last_modified)]
        {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        request
    }
}

/// What failed, without the address: its query may hold a secret.
fn connection(error: &reqwest::Error) -> FetchError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    FetchError::Connection(cause.to_string())
}

/// Writes the body to `to` and hashes it on the way; complete and durable when it returns.
fn keep(
    source: &Source,
    mut response: Response,
    begun: Instant,
    to: &Path,
) -> Result<(u64, String), FetchError> {
    let limit = Duration::from_secs(source.timeout_seconds);
    let mut file = BufWriter::new(File::create(to).map_err(FetchError::Write)?);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes: u64 = 0;
    loop {
        if begun.elapsed() > limit {
            return Err(FetchError::TooSlow(source.timeout_seconds));
        }
        let count =
            response.read(&mut buffer).map_err(|error| FetchError::Connection(chain(&error)))?;
        let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
        if bytes == 0 && is_page(piece) {
            return Err(FetchError::Page);
        }
        bytes += count as u64;
        if bytes > source.max_bytes {
            return Err(FetchError::TooLarge(source.max_bytes));
        }
        hasher.update(piece);
        file.write_all(piece).map_err(FetchError::Write)?;
    }
    if bytes == 0 {
        return Err(FetchError::Empty);
    }
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(FetchError::Write)?;
    Ok((bytes, hex(&hasher.finalize())))
}

/// Whether a body begins as a web page does: what servers send instead of a file that has moved.
fn is_page(body: &[u8]) -> bool {
    let head: String = String::from_utf8_lossy(body.get(..200).unwrap_or(body)).to_lowercase();
    let head = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    head.starts_with("<!doctype html") || head.starts_with("<html")
}

#[cfg(test)]
mod tests;
