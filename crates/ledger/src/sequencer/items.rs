//! Bodies for authorities to sign, and signing for those who hold a key here: both need the
//! randomness of the writer.

use domain::authority::AuthorityKey;
use domain::case::CaseEvent;
use domain::civil::Instant;

use super::Ledger;
use crate::error::LedgerError;
use crate::manifest::{self, Item, Submission};
use crate::note::SignerKey;
use crate::wire;

impl Ledger {
    /// The body of a step with fresh salts, as it has to be signed.
    pub fn item(&mut self, step: &CaseEvent) -> Result<Item, LedgerError> {
        Ok(wire::item(step, &mut self.entropy)?)
    }

    /// Signs `items` of `authority` for this log.
    pub fn sign_items(
        &mut self,
        authority: &AuthorityKey,
        items: Vec<Item>,
        at: Instant,
        key: &SignerKey,
    ) -> Vec<Submission> {
        manifest::build(&self.origin, authority, items, at, key, &mut self.entropy)
    }
}
