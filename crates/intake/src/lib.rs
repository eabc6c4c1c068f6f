//! Bytes from outside become submissions, and every problem found on the way.
//!
//! **Invariant:** nothing a row says about a person leaves this crate: not in a submission, not in
//! a problem, not in a quarantine file, not as a hash (promise P1). A row that cannot be told to be
//! about an organisation leaves as its number and a reason.
//!
//! **Invariant:** intake appends nothing and decides nothing about what is already on record; it
//! knows no clock: the day a file was read comes in as an argument.
//!
//! **Invariant:** columns that a profile does not map are not kept, not even in memory beyond the
//! row being read.
//!
//! Read the modules in this order.

mod text;
mod words;

pub mod profile;

mod containers;

mod candidate;
mod person_guard;
mod row;

mod seen;

mod read;

pub mod infer;

pub mod quarantine;

pub use person_guard::is_sole_trader_name;
pub use profile::{Extent, ListSource, Mapped, MaxAge, Profile, ProfileProblem, given};
pub use read::{FileSummary, Outcome, ReadError, ReadOptions, Row, Source, read};
