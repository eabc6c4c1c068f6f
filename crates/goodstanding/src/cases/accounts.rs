//! Who may act: accounts of authorities by their keys, subjects by the token that comes with a
//! notice. Reviewers are those of `reviewers`.

use domain::authority::AuthorityKey;
use domain::case::{AccountHandle, CaseEvent, Step};
use domain::civil::Instant;
use domain::event::{Event, EventBody};
use domain::ids::{OrganisationId, RecordId};
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
    token(keyed(registry_key, record, ""))
}

/// The token that the registry gave to the subject of `record` itself (`own_tokens`).
pub fn own_token(registry_key: &[u8; 32], record: RecordId, nonce: &str) -> String {
    token(keyed(registry_key, record, nonce))
}

/// Whether `token` is the one that went with the notice of `record`, compared in constant time.
pub fn is_subject_token(registry_key: &[u8; 32], record: RecordId, token: &str) -> bool {
    is_same(&subject_token(registry_key, record), token)
}

/// Whether `token` is the subject's own.
pub fn is_own_token(registry_key: &[u8; 32], record: RecordId, nonce: &str, token: &str) -> bool {
    is_same(&own_token(registry_key, record, nonce), token)
}

fn token(bytes: [u8; 32]) -> String {
    bytes.iter().take(TOKEN_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn is_same(expected: &str, given: &str) -> bool {
    let given = given.trim().as_bytes();
    given.len() == expected.len()
        && given.iter().zip(expected.as_bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// The token of an organisation that a notice names as successor of `record` (T45): it is heard
/// with
/// it before the record is its own, and acts with it afterwards. It says whose it is, so that it
/// can
/// be told from a forged one without a look at the case.
pub fn successor_token(
    registry_key: &[u8; 32],
    record: RecordId,
    successor: OrganisationId,
) -> String {
    let id = successor.to_string();
    format!("{}.{id}", token(keyed(registry_key, record, &id)))
}

/// The successor whose token of `record` this is; `None` for a forged one and for any other.
pub fn successor_of(
    registry_key: &[u8; 32],
    record: RecordId,
    token: &str,
) -> Option<OrganisationId> {
    let (_, id) = token.trim().split_once('.')?;
    let successor = id.parse().ok()?;
    is_same(&successor_token(registry_key, record, successor), token).then_some(successor)
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

fn keyed(registry_key: &[u8; 32], record: RecordId, nonce: &str) -> [u8; 32] {
    // HMAC takes a key of any length; the fallback cannot be reached and is as good a key as any.
    let mut mac = Hmac::<Sha256>::new_from_slice(registry_key)
        .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    mac.update(b"goodstanding/case-token/v1\n");
    mac.update(&record.bytes());
    mac.update(nonce.as_bytes());
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
        assert!(is_subject_token(&[1; 32], id(1), &token));
        assert!(!is_subject_token(&[1; 32], id(2), &token));
        assert!(!is_subject_token(&[2; 32], id(1), &token));
        assert!(!is_subject_token(&[1; 32], id(1), ""));
        let of = |n| OrganisationId::mint(Instant::from_micros(1_700_000_000_000_000), [n; 10]);
        let token = successor_token(&[1; 32], id(1), of(1));
        assert_eq!(successor_of(&[1; 32], id(1), &token), Some(of(1)));
        let of_another = token.replace(&of(1).to_string(), &of(2).to_string());
        assert_eq!(successor_of(&[1; 32], id(1), &of_another), None);
        assert_eq!(successor_of(&[1; 32], id(2), &token), None);
    }
}
