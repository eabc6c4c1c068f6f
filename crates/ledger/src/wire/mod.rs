//! Which bytes are hashed. `spec/wire.md` says the same for strangers.
//!
//! Serialisation is a promise, so it is written out here field by field instead of being derived.

mod event_v1;
pub(crate) mod json;
mod leaf;
pub(crate) mod parse;
mod statement;

#[cfg(test)]
pub(crate) use event_v1::examples;
pub use event_v1::{is_step, item, published, seal, seal_signed, submission, unseal};
pub use json::canonical;
pub use leaf::{Leaf, Ranges, ranges};
pub use statement::{AUTHORITIES_PER_PART, Statement};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::RecordId;
use sha2::{Digest as _, Sha256};

/// Domain separation of commitments (spec/wire.md 3).
const COMMITMENT_PREFIX: &[u8] = b"goodstanding/leaf/v1\n";

/// Bytes that are not what the wire says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not JSON, or not in canonical form.
    #[error("not canonical JSON")]
    Canonical,
    /// A member is missing or has the wrong shape.
    #[error("the member `{0}` is missing or has the wrong shape")]
    Member(&'static str),
    /// A body of a version this program does not know; its record is hidden and flagged.
    #[error("unknown body `{kind}`")]
    UnknownType {
        /// Its name and version.
        kind: String,
        /// The record it says it is about, which it may end or correct.
        record: Option<RecordId>,
    },
    /// A disclosure no digest of the payload covers.
    #[error("a disclosure is not covered by the payload")]
    Disclosure,
    /// Larger than an event may be.
    #[error("the payload is larger than 60 KiB")]
    TooLarge,
}

/// What opens a commitment: salt, payload and the disclosures that travel beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// 256 random bits.
    pub salt: [u8; 32],
    /// Canonical JSON.
    pub payload: String,
    /// Disclosures, each `base64url(JCS [salt, field, value])`.
    pub disclosures: Vec<String>,
}

/// `SHA-256("goodstanding/leaf/v1\n" || salt || payload)`.
pub fn commitment(opening: &Opening) -> [u8; 32] {
    commitment_over(&opening.salt, &opening.payload)
}

/// The same for somebody who holds the parts, such as a line of a payload bundle.
pub fn commitment_over(salt: &[u8; 32], payload: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(COMMITMENT_PREFIX);
    hash.update(salt);
    hash.update(payload.as_bytes());
    hash.finalize().into()
}

/// The line of a payload bundle that opens `position` (design 9.1):
/// `<index> <salt> <payload>[TAB<disclosure>]...`, without what is not for the public.
pub fn payload_line(position: u64, opening: &Opening) -> String {
    let opening = published(opening);
    let mut line = format!("{position} {} {}", to_base64url(&opening.salt), opening.payload);
    for disclosure in &opening.disclosures {
        line.push('\t');
        line.push_str(disclosure);
    }
    line
}

/// Base64url without padding, as everywhere on the wire.
pub fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of base64url without padding; `None` for anything else.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

impl Opening {
    /// As sealed in the vault: salt, payload, disclosures separated by tabs (canonical JSON holds
    /// no raw tab).
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let length = self.disclosures.iter().map(|d| d.len() + 1).sum::<usize>();
        let mut bytes = Vec::with_capacity(32 + self.payload.len() + length);
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(self.payload.as_bytes());
        for disclosure in &self.disclosures {
            bytes.push(b'\t');
            bytes.extend_from_slice(disclosure.as_bytes());
        }
        bytes
    }

    /// The inverse of [`Opening::to_bytes`].
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Opening> {
        let (salt, rest) = bytes.split_first_chunk::<32>()?;
        let mut parts = std::str::from_utf8(rest).ok()?.split('\t');
        let payload = parts.next()?.to_owned();
        Some(Opening { salt: *salt, payload, disclosures: parts.map(str::to_owned).collect() })
    }
}
