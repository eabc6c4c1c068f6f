//! The append-only truth: what was committed, in which order, and the proof of it.
//!
//! The log is a public Merkle log exactly as C2SP tlog-tiles has it. Its entries hold salted
//! commitments; the content lies beside it, sealed under one key per erasure unit, and can be
//! destroyed without breaking a proof (design promise P4, `spec/wire.md`).
//!
//! **Invariant:** only this crate writes truth, and it knows nothing of packs, profiles or pages.
//!
//! **Invariant:** nothing is acknowledged before it is durable, and `log/checkpoint` never runs
//! ahead of the tiles it covers.

pub mod entropy;

pub mod format;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod tiles;

pub mod manifest;
pub mod wire;

mod sealing;
pub mod store;
pub mod vault;

mod files;
mod sequencer;
mod static_log;

pub mod reader;

pub mod error;

pub mod backup;
pub mod health;
pub mod restore;
pub mod verify;

pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use error::{Cause, LedgerError};
pub use files::Layout;
pub use reader::{LedgerReader, Opened};
pub use sequencer::{Appended, Batch, Draft, Ledger, Setup};
