//! What the tests of proceedings share: a fictional law, actors, and a world in which records live
//! through the real rules.

// Every test binary uses its own part of this.
#![allow(dead_code)]

pub mod explore;
pub mod figures;
pub mod invariants;
pub mod law;
pub mod moves;
pub mod oracle;
pub mod simulate;
pub mod world;

pub use law::Law;
