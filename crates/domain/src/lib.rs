//! The vocabulary of Goodstanding: what an organisation, an identifier, a record and an event are.
//!
//! **Invariant:** this crate is pure. It knows no clock, no file, no network, no random source and
//! no serialisation format: time and random bytes come in as arguments, and the bytes that are
//! hashed are the business of `ledger::wire`.
//!
//! **Invariant:** no type here can hold a person as the subject of a record.
//! [`organisation::OrganisationKind`] is closed and has no person, [`limits`] is compiled, and no
//! pack can widen either (promise P1, P6).
//!
//! Read the modules in this order.

pub mod coverage;
pub mod limits;

pub mod civil;
mod closed;
pub mod ids;
pub mod text;

pub mod identifiers;
pub mod names;
pub mod organisation;

pub mod authority;
pub mod record;
pub mod submission;

pub mod identity;

pub mod adoption;
pub mod case;

pub mod event;
pub mod feedback;

pub mod performance;

pub mod refusal;
