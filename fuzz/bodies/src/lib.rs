//! What is fuzzed: one function for each place where bytes from outside are read. Each panics when
//! something does not hold that has to hold of every input.
//!
//! They live in a library so that the stable test suite runs them over the inputs that are kept
//! (`fuzz/kept`), and a mutation of each; the fuzzer's own programs in `fuzz/fuzz_targets` only
//! call them.

mod containers;
mod http;
mod identifiers;
mod notes;
mod packs;
mod requests;
mod wire;

pub use containers::{containers, profiles};
pub use http::http;
pub use identifiers::identifiers;
pub use notes::notes;
pub use packs::packs;
pub use requests::requests;
pub use wire::wire;

/// A body: takes any bytes and must come back.
pub type Body = fn(&[u8]);

/// Every target by name.
pub const TARGETS: &[(&str, Body)] = &[
    ("containers", containers),
    ("profiles", profiles),
    ("identifiers", identifiers),
    ("notes", notes),
    ("wire", wire),
    ("http", http),
    ("packs", packs),
    ("requests", requests),
];

/// The first byte as a choice, and what follows.
fn choice(data: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((usize::from(*first), rest))
}
