//! From events to tables people read: organisation file, lists, search, log, timeline.
//!
//! `read.db` is for finding the way only. What people read (names, dates, grounds) is decoded from
//! openings that are re-hashed against the log in the same request, and rows that lead somewhere
//! carry a keyed hash, so that a changed byte makes an answer fail instead of making it false.
//!
//! **Invariant:** read tables can be dropped: rebuilt from the log they are identical, and no row
//! holds the time of a wall clock (promise P5).
//!
//! **Invariant:** the rules are those of `due_process`; there is no second copy of them here.
//!
//! **Invariant:** [`PublicReader`] cannot name what is not public: it has no way to pass SQL.
//!
//! Read the modules in this order.

pub mod case_view;
pub mod file;

mod base;
mod error;
mod mac;
mod rows;

mod performance;
mod proceedings;
mod schema;
mod single_owner;

mod announced;
mod announcements;
mod decided;
mod follow;
mod pending;
mod rebuild;
mod standings;
mod tables;

pub mod answers;
mod public;

mod desk;

pub use announcements::{Announcements, DueAbout};
pub use decided::UnknownEntry;
pub use desk::{DeskCase, DeskReader};
pub use error::ProjectionError;
pub use public::PublicReader;
pub use rebuild::{Digest, TableDigest, build_until, digest, dump, faults, rebuild};
pub use standings::Standings;
pub use tables::{ReadTables, SnapshotInfo};
