//! What the registry adopts by an act of two of its people: keys and mandates of authorities, and
//! versions of packs. Replaying these events gives who could submit what at any position.

use std::fmt;

use crate::authority::AuthorityKey;
use crate::case::{AccountHandle, CatalogueKey, Territory};
use crate::civil::Instant;
use crate::identity::ReviewerHandle;
use crate::text::typed_key;

typed_key! {
    /// A pack, such as `generic` or `cn`.
    PackName
}

/// Two different people of the registry: nobody adopts alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReviewerPair {
    first: ReviewerHandle,
    second: ReviewerHandle,
}

impl ReviewerPair {
    /// The pair; `None` when both are the same.
    ///
    /// ```
    /// use goodstanding_domain::adoption::ReviewerPair;
    /// use goodstanding_domain::identity::ReviewerHandle;
    /// let [one, two] = ["registrar-1", "registrar-2"].map(|text| ReviewerHandle::new(text).unwrap());
    /// assert!(ReviewerPair::new(one.clone(), two).is_some());
    /// assert!(ReviewerPair::new(one.clone(), one).is_none());
    /// ```
    pub fn new(first: ReviewerHandle, second: ReviewerHandle) -> Option<ReviewerPair> {
        (first != second).then_some(ReviewerPair { first, second })
    }

    /// Both, the one who proposed first.
    pub fn handles(&self) -> [&ReviewerHandle; 2] {
        [&self.first, &self.second]
    }
}

/// An account of an authority got the key it signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityKeyRegistered {
    /// Whose account.
    pub authority: AuthorityKey,
    /// Which account; what is signed with the key counts as its act.
    pub account: AccountHandle,
    /// The key as a C2SP verifier key named [`key_name`].
    pub vkey: String,
    /// Who adopted it.
    pub by: ReviewerPair,
}

/// Nothing signed with that key counts from here on; what came before stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityKeyRevoked {
    /// Whose key.
    pub authority: AuthorityKey,
    /// The key as it was registered.
    pub vkey: String,
    /// Who revoked it. One is enough: a lost key cannot wait for a second person.
    pub by: ReviewerHandle,
}

/// A version of a pack was adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackAdopted {
    /// Which pack.
    pub pack: PackName,
    /// Its hash, as 64 hex digits.
    pub hash: String,
    /// Who adopted it.
    pub by: ReviewerPair,
    /// What is decided from then on is decided under it.
    pub in_use_from: Instant,
}

/// What an authority may submit was adopted. A later one takes the place of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateAdopted {
    /// Whose mandate.
    pub authority: AuthorityKey,
    /// Entries of the catalogue it may submit under, sorted; none takes the mandate away.
    pub entries: Vec<CatalogueKey>,
    /// Where.
    pub territory: Territory,
    /// Who adopted it.
    pub by: ReviewerPair,
    /// It counts from then on.
    pub in_use_from: Instant,
}

/// The name of the key of an account: `cn.mee/officer-7`. In the name, so that a key cannot be
/// passed off as that of another account.
pub fn key_name(authority: &AuthorityKey, account: &AccountHandle) -> String {
    format!("{authority}/{account}")
}
