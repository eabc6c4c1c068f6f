//! The rules: (what stands, what comes in, policy, instant) to events or a refusal.
//!
//! **Invariant:** pure and deterministic. No file, clock, random source or network: ids and
//! instants come in as arguments, law comes in from packs.
//!
//! **Invariant:** the passing of time is evaluated when somebody reads ([`quotation::state`]), so
//! an expiry holds at its instant whether or not any job ran (I-06, promise P3).

#[cfg(test)]
extern crate self as goodstanding_due_process;

pub mod case;
pub mod consult;
pub mod identity;
pub mod performance;
pub mod published;
pub mod quotation;
pub mod recognition;

#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
