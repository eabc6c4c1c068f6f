//! Proceedings, from what a party asks to what is committed. The rules are in `due_process::case`;
//! here are the directory, the clock, the keys and the log.

pub mod accounts;
pub mod points;
pub mod request;
pub mod signed_request;
pub mod templates;
pub mod ticket;

mod view;

mod decide;

mod guard;

pub mod document;
pub mod file;

mod desk;

pub mod clerk;
pub mod handed_in;
pub mod known_registries;
pub mod own_tokens;
pub mod receipt;
pub mod remote;
pub mod repeated;
pub mod signing;

pub use desk::{By, CaseError, Committed, Desk, Once, Order, Prepared, prepare};
pub use view::View;
