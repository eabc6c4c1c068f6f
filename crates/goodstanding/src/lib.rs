//! The one program of Goodstanding: command line, HTTP server, and the use cases both share.
//!
//! **Invariant:** this crate decides nothing. Rules are in `due_process`, law is in packs, truth is
//! written by `ledger`; here time and randomness enter, files are opened and answers are printed.
//!
//! Read the modules in this order.

pub mod clock;
pub mod setup;
pub mod shipped;

pub mod adoption;
pub mod consulting;
pub mod erasure;
pub mod identity;
pub mod import;
pub mod laws;
pub mod reviewers;
pub mod sources;
pub mod standing;
pub mod upkeep;

pub mod registry;
pub mod vitals;

pub mod backup;
pub mod bulk;
pub mod calendars;
pub mod cases;
mod digests;
pub mod disk;
pub mod doctor;
pub mod export;
pub mod performance;
pub mod recognising;
pub mod signed_answer;
pub mod simulation;
pub mod statistics;
pub mod synth;
pub mod verification;

pub mod configuration;
pub mod logging;
pub mod messages;
pub mod server;
pub mod serving;

pub mod demo;
pub mod failing;
pub mod output;
pub mod progress;

pub mod commands;
