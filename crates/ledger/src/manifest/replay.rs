//! Which key counted where: what authorises each act, found by replaying the log (I-43, I-49).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::adoption::{AuthorityKeyRegistered, AuthorityKeyRevoked, key_name};
use domain::authority::AuthorityKey;
use domain::case::{AccountHandle, Actor, CaseEvent};
use domain::event::{Event, EventBody};
use sha2::{Digest as _, Sha256};

use super::{Signed, Submission, item_hash};
use crate::merkle::Hash;
use crate::note::Vkey;

/// Why an act is not authorised, or a key not registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// An authority is said to have acted, and signed nothing.
    #[error("an act of an authority without its signature")]
    Unsigned,
    /// Somebody else acted, and an authority is said to have signed it.
    #[error("it is signed, though no authority acted")]
    Foreign,
    /// The path does not lead to the root.
    #[error("its body is not among the items of its manifest")]
    Path,
    /// The same item again.
    #[error("its item was entered before")]
    Repeated,
    /// No such key is registered, or not for this authority and account.
    #[error("it is signed with a key that is not registered for this account")]
    UnknownKey,
    /// The key does not count any more.
    #[error("it is signed with a key that was revoked before")]
    Revoked,
    /// The signature is over something else, such as a manifest for another registry.
    #[error("the signature over its manifest does not hold")]
    Signature,
    /// Signed after it was committed.
    #[error("its manifest is dated later than the entry")]
    Later,
    /// A key is registered whose id or name the authority has already, or that has another name.
    #[error("a key is registered that cannot be told from another, or is none")]
    Key,
    /// A key is revoked that does not count.
    #[error("a key is revoked that is not registered")]
    NoSuchKey,
}

/// A key and its account.
#[derive(Debug, Clone)]
struct Known {
    account: AccountHandle,
    vkey: Vkey,
    is_revoked: bool,
}

/// The keys that count after the events so far, and what was signed with them.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Name of the log, and of those it goes on from.
    origins: Vec<String>,
    keys: BTreeMap<AuthorityKey, Vec<Known>>,
    entered: HashSet<Hash>,
    /// Hash over key, text and signature of manifests, with whether they hold: one check for a
    /// batch.
    pub(super) checked: HashMap<Hash, bool>,
    /// Names of earlier logs for which something that counts here was signed.
    elsewhere: BTreeSet<String>,
}

impl Replay {
    /// Before the first event of the log `origin`.
    pub fn new(origin: &str) -> Replay {
        Replay {
            origins: vec![origin.to_owned()],
            keys: BTreeMap::new(),
            entered: HashSet::new(),
            checked: HashMap::new(),
            elsewhere: BTreeSet::new(),
        }
    }

    /// The log goes on from another one, whose last checkpoint a `predecessor` entry gives: what
    /// was signed for that one counts here too.
    pub fn continues(&mut self, checkpoint: &str) {
        if let Some(origin) = checkpoint.lines().next() {
            self.origins.push(origin.to_owned());
        }
    }

    /// Names of earlier logs for which something that counts here was signed. Whether this log
    /// goes on from them is its own word.
    pub fn elsewhere(&self) -> impl Iterator<Item = &str> {
        self.elsewhere.iter().map(String::as_str)
    }

    /// Takes the next event with what authorises it (`None`: the registry itself).
    ///
    /// # Errors
    /// Why it does not count. Keys stay as they were.
    pub fn apply(
        &mut self,
        event: &Event,
        submission: Option<&Submission>,
    ) -> Result<(), ManifestError> {
        match &event.body {
            EventBody::AuthorityKeyRegistered(registered) => self.register(registered),
            EventBody::AuthorityKeyRevoked(revoked) => self.revoke(revoked),
            EventBody::Case(case) => match (&case.actor, submission) {
                (Actor::Authority(account), Some(submission)) => {
                    self.authorise(event, case, account, submission)
                }
                (Actor::Authority(_), None) => Err(ManifestError::Unsigned),
                (_, Some(_)) => Err(ManifestError::Foreign),
                (_, None) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn register(&mut self, event: &AuthorityKeyRegistered) -> Result<(), ManifestError> {
        let vkey = Vkey::parse(&event.vkey).map_err(|_| ManifestError::Key)?;
        let known = self.keys.entry(event.authority.clone()).or_default();
        // Four bytes are not many: an id that is taken is taken for good.
        let is_taken = known.iter().any(|known| known.vkey.id() == vkey.id());
        if is_taken || vkey.name() != key_name(&event.authority, &event.account) {
            return Err(ManifestError::Key);
        }
        known.push(Known { account: event.account.clone(), vkey, is_revoked: false });
        Ok(())
    }

    fn revoke(&mut self, event: &AuthorityKeyRevoked) -> Result<(), ManifestError> {
        let known = self.keys.get_mut(&event.authority);
        let known = known.into_iter().flatten().find(|known| known.vkey.to_string() == event.vkey);
        match known.filter(|known| !known.is_revoked) {
            Some(known) => {
                known.is_revoked = true;
                Ok(())
            }
            None => Err(ManifestError::NoSuchKey),
        }
    }

    fn authorise(
        &mut self,
        event: &Event,
        case: &CaseEvent,
        account: &AccountHandle,
        Submission { item, signed }: &Submission,
    ) -> Result<(), ManifestError> {
        let of_authority = self.keys.get(&case.authority).into_iter().flatten();
        let known = of_authority
            .filter(|known| known.account == *account)
            .find(|known| known.vkey.id() == signed.key)
            .ok_or(ManifestError::UnknownKey)?;
        if known.is_revoked {
            return Err(ManifestError::Revoked);
        }
        if signed.at > event.at {
            return Err(ManifestError::Later);
        }
        if !signed.covers(&item.body) {
            return Err(ManifestError::Path);
        }
        let vkey = known.vkey.clone();
        if !self.is_signed(&vkey, &case.authority, signed) {
            return Err(ManifestError::Signature);
        }
        if self.entered.insert(item_hash(&signed.nonce, &item.body)) {
            Ok(())
        } else {
            Err(ManifestError::Repeated)
        }
    }

    fn is_signed(&mut self, vkey: &Vkey, authority: &AuthorityKey, signed: &Signed) -> bool {
        let holds = |origin: &&String| {
            let text = signed.manifest(origin, authority).text();
            let mut hash = Sha256::new();
            hash.update(vkey.to_string());
            hash.update(signed.signature);
            hash.update(&text);
            let checked = self.checked.entry(hash.finalize().into());
            *checked.or_insert_with(|| vkey.holds(text.as_bytes(), &signed.signature))
        };
        let Some(origin) = self.origins.iter().find(holds) else { return false };
        if self.origins.first() != Some(origin) {
            self.elsewhere.insert(origin.clone());
        }
        true
    }
}
