//! Who speaks: publishers of lists now, submitting authorities later.

use std::fmt;

use crate::text::{Texts, typed_key};

typed_key! {
    /// An authority of a pack, such as `br.cgu`.
    AuthorityKey
}

/// A publisher of official lists. For a quotation the publisher is the source, not a party to the
/// registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Key in the pack.
    pub key: AuthorityKey,
    /// Official names by language.
    pub names: Texts,
    /// Official site.
    pub url: String,
}
