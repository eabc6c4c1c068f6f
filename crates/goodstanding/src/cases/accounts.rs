//! Who may act: accounts of authorities by their keys, subjects by the token that comes with a
//! notice. Reviewers are those of `reviewers`.

use domain::authority::AuthorityKey;
use domain::case::{AccountHandle, Actor, CaseEvent, Step};
use domain::civil::Instant;
use domain::event::{Event, EventBody};
use domain::ids::{OrganisationId, RecordId};
use due_process::case::Case;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ledger::note::Vkey;
use sha2::Sha256;

/// A key that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub authority: AuthorityKey,
    /// Which account.
    pub account: AccountHandle,
    /// The key as a C2SP verifier key.
    pub vkey: String,
    /// Since when.
    pub since: Instant,
    /// Until when, where it was revoked.
    pub revoked: Option<Instant>,
}

/// Every account that was ever registered, in that order.
pub fn accounts<'a>(adoptions: impl IntoIterator<Item = &'a Event>) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    for event in adoptions {
        match &event.body {
            EventBody::AuthorityKeyRegistered(registered) => accounts.push(Account {
                authority: registered.authority.clone(),
                account: registered.account.clone(),
                vkey: registered.vkey.clone(),
                since: event.at,
                revoked: None,
            }),
            EventBody::AuthorityKeyRevoked(revoked) => {
                let of_key = accounts.iter_mut().filter(|it| {
                    it.authority == revoked.authority
                        && it.vkey == revoked.vkey
                        && it.revoked.is_none()
                });
                of_key.for_each(|account| account.revoked = Some(event.at));
            }
            _ => {}
        }
    }
    accounts
}

/// The account that signs with this key, if it counts now.
pub fn by_key<'a>(accounts: &'a [Account], vkey: &Vkey) -> Option<&'a Account> {
    let vkey = vkey.to_string();
    accounts.iter().find(|account| account.vkey == vkey && account.revoked.is_none())
}

/// Bytes of a token: nobody guesses 128 bits.
const TOKEN_BYTES: usize = 16;

/// The token that lets the subject of `record` act in its case. It comes with the notice, on the
/// way the authority proved; it is derived, not stored, so that no table of tokens can leak.
pub fn subject_token(registry_key: &[u8; 32], record: RecordId) -> String {
    hex(&keyed_for(registry_key, record, None))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(TOKEN_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// The token of an organisation that a notice names as successor of `record` (T45): it hears and is
/// heard with it before the record is its own, and acts with it afterwards. It says whose it is, so
/// that it can be told from a forged one without a look at the case.
pub fn successor_token(
    registry_key: &[u8; 32],
    record: RecordId,
    successor: OrganisationId,
) -> String {
    let bytes = keyed_for(registry_key, record, Some(successor));
    format!("{}.{successor}", hex(&bytes))
}

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The one that the record was about when it was handed in.
    First,
    /// A successor.
    Successor(OrganisationId),
}

/// Whose token of `record` this is, compared in constant time; `None` for a forged one.
pub fn holder(registry_key: &[u8; 32], record: RecordId, token: &str) -> Option<Holder> {
    let token = token.trim();
    let (holder, expected) = match token.split_once('.') {
        None => (Holder::First, subject_token(registry_key, record)),
        Some((_, id)) => {
            let successor = id.parse().ok()?;
            (Holder::Successor(successor), successor_token(registry_key, record, successor))
        }
    };
    let (given, expected) = (token.as_bytes(), expected.as_bytes());
    let is_equal = given.len() == expected.len()
        && given.iter().zip(expected).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0;
    is_equal.then_some(holder)
}

/// Whether `token` was given out for `record`, to whomever.
pub fn is_party_token(registry_key: &[u8; 32], record: RecordId, token: &str) -> bool {
    holder(registry_key, record, token).is_some()
}

/// As whom the holder acts in `case`: a token that was given before a record came to a successor is
/// over, and one given to a successor that was not decided for is too.
pub fn standing_of(case: &Case, holder: Holder) -> Option<Actor> {
    match holder {
        Holder::First if !case.is_imputed => Some(Actor::Subject),
        Holder::Successor(id) if case.is_imputed && case.organisation == id => Some(Actor::Subject),
        // Heard, and nothing but that: the record is not about it.
        Holder::Successor(id) if case.named_successor() == Some(id) => Some(Actor::ThirdParty),
        _ => None,
    }
}

/// The token of whoever `record` is about, by its case before what is done now.
pub fn token_now(registry_key: &[u8; 32], record: RecordId, case: Option<&Case>) -> String {
    match case.filter(|case| case.is_imputed) {
        None => subject_token(registry_key, record),
        Some(case) => successor_token(registry_key, record, case.organisation),
    }
}

/// The token of the organisation that one of `steps` tells about a record that may come to it.
pub fn told_successor(registry_key: &[u8; 32], steps: &[CaseEvent]) -> Option<String> {
    steps.iter().find_map(|event| match &event.step {
        Step::NoticeServed(notice) => {
            let successor = notice.successor?;
            Some(successor_token(registry_key, event.record, successor))
        }
        _ => None,
    })
}

fn keyed_for(
    registry_key: &[u8; 32],
    record: RecordId,
    successor: Option<OrganisationId>,
) -> [u8; 32] {
    // HMAC takes a key of any length; the fallback cannot be reached and is as good a key as any.
    let mut mac = Hmac::<Sha256>::new_from_slice(registry_key)
        .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    mac.update(b"goodstanding/case-token/v1\n");
    mac.update(&record.bytes());
    if let Some(successor) = successor {
        mac.update(&successor.bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_record_and_registry_only() {
        let id = |n| RecordId::mint(Instant::from_micros(1_700_000_000_000_000), [n; 10]);
        let token = subject_token(&[1; 32], id(1));
        assert_eq!(token.len(), 2 * TOKEN_BYTES);
        assert_eq!(holder(&[1; 32], id(1), &token), Some(Holder::First));
        assert_eq!(holder(&[1; 32], id(2), &token), None);
        assert_eq!(holder(&[2; 32], id(1), &token), None);
        assert_eq!(holder(&[1; 32], id(1), ""), None);
        let of = |n| OrganisationId::mint(Instant::from_micros(1_700_000_000_000_000), [n; 10]);
        let token = successor_token(&[1; 32], id(1), of(1));
        assert_eq!(holder(&[1; 32], id(1), &token), Some(Holder::Successor(of(1))));
        let of_another = token.replace(&of(1).to_string(), &of(2).to_string());
        assert_eq!(holder(&[1; 32], id(1), &of_another), None);
        assert_eq!(holder(&[1; 32], id(2), &token), None);
    }
}
