//! Proceedings, from what a party asks to what is committed. The rules are in `due_process::case`;
//! here are the directory, the clock, the keys and the log.

pub mod accounts;
pub mod request;
pub mod templates;

mod desk;

pub use desk::{By, CaseError, Committed, Desk, Prepared};
