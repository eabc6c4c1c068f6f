//! Why bytes of the log could not be read.

/// Bytes of a bundle, tile, note, checkpoint or proof that do not have the form they must have.
/// The messages say what is wrong and never hold the bytes themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// An entry does not fit the two-byte length of a bundle.
    #[error("an entry of {0} bytes is too long for the log: at most 65535 bytes fit")]
    EntryTooLong(usize),
    /// More than 256 entries were to be put into one bundle.
    #[error("a bundle holds at most 256 entries, not {0}")]
    TooManyEntries(usize),
    /// A bundle ends inside an entry or has the wrong number of entries.
    #[error("the entry bundle is cut short or has bytes that belong to no entry")]
    Bundle,
    /// A tile is not a whole number of hashes or has the wrong number of them.
    #[error("the tile does not have the length its path says")]
    Tile,
    /// A key in text form is malformed.
    #[error("the key is not a C2SP key of the form {0}")]
    Key(&'static str),
    /// A key name has a space or a plus sign or is empty.
    #[error("a key name must not be empty and must hold neither spaces nor `+`")]
    KeyName,
    /// A key of a kind this program does not know.
    #[error("the key is of type {0:#04x}; only Ed25519 (0x01) is supported")]
    KeyType(u8),
    /// A note is malformed.
    #[error("the signed note is malformed: {0}")]
    Note(&'static str),
    /// A known key's signature does not fit the text.
    #[error("the signature of {0} does not fit the text of the note")]
    Signature(String),
    /// No signature in the note is by a known key.
    #[error("the note carries no signature by the key of {0}")]
    Unsigned(String),
    /// A checkpoint is malformed.
    #[error("the checkpoint is malformed: {0}")]
    Checkpoint(&'static str),
    /// A checkpoint belongs to another log.
    #[error("the checkpoint is of the log {found}, not of {expected}")]
    Origin {
        /// What it says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// A proof file is malformed.
    #[error("the proof is malformed: {0}")]
    Proof(&'static str),
    /// A proof is well formed and does not lead to the root that was signed.
    #[error("the proof does not lead from the entry to the root in the checkpoint")]
    ProofFails,
}
