//! What the registry said when it prepared a step: ids it gave and the state it saw, under its own
//! authentication code, so that it keeps nothing and yet nobody can choose an id for it.

use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::{Instant, Zone};
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ledger::wire::{canonical, from_base64url, to_base64url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What was prepared for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Whose account.
    pub authority: AuthorityKey,
    /// Which account.
    pub account: AccountHandle,
    /// The instant it was prepared for.
    pub at: Instant,
    /// The record, new for a submission.
    pub record: RecordId,
    /// Whom it is about, new where the registry did not know it.
    pub organisation: OrganisationId,
    /// Position of the last step that was seen; none for a submission.
    pub seen: Option<u64>,
    /// Hash of the request.
    pub request: [u8; 32],
}

impl Ticket {
    /// The hash of a request, whatever the order of its members.
    pub fn hash(request: &Value) -> [u8; 32] {
        // What has no canonical form is no request either, and refused where it is read.
        Sha256::digest(canonical(request).unwrap_or_default().as_bytes()).into()
    }

    /// The text that goes to the account and comes back.
    pub fn to_text(&self, registry_key: &[u8; 32]) -> String {
        let value = json!([
            self.authority.as_str(),
            self.account.as_str(),
            self.at.micros(),
            self.record.to_string(),
            self.organisation.to_string(),
            self.seen,
            to_base64url(&self.request),
        ]);
        let text = to_base64url(value.to_string().as_bytes());
        let code = to_base64url(&code(registry_key, &text));
        format!("{text}.{code}")
    }

    /// Reads a text of this registry; `None` for any other.
    pub fn from_text(text: &str, registry_key: &[u8; 32]) -> Option<Ticket> {
        let (text, given) = text.split_once('.')?;
        let given = from_base64url(given)?;
        let expected = code(registry_key, text);
        let differ = given.iter().zip(&expected).fold(0, |differ, (a, b)| differ | (a ^ b));
        if given.len() != expected.len() || differ != 0 {
            return None;
        }
        let value: Value = serde_json::from_slice(&from_base64url(text)?).ok()?;
        let member = |at: usize| value.get(at).and_then(Value::as_str);
        Some(Ticket {
            authority: AuthorityKey::new(member(0)?)?,
            account: AccountHandle::new(member(1)?)?,
            at: Instant::from_micros(value.get(2)?.as_i64()?),
            record: member(3)?.parse().ok()?,
            organisation: member(4)?.parse().ok()?,
            seen: value.get(5)?.as_u64(),
            request: from_base64url(member(6)?)?.try_into().ok()?,
        })
    }
}

/// The id of an organisation that the registry does not know yet: the same for everybody who
/// prepares a record about this identifier on this day, so that it is registered once. It is made
/// with the registry's secret, so that nobody can tell an identifier from it.
pub fn new_organisation(
    registry_key: &[u8; 32],
    claim: &IdentifierClaim,
    at: Instant,
) -> OrganisationId {
    let day = Zone::UTC.start_of(at.day_in(&Zone::UTC));
    let code = code(registry_key, &format!("organisation\n{}\n{claim}", day.micros()));
    let mut random = [0; 10];
    random.iter_mut().zip(code).for_each(|(to, from)| *to = from);
    OrganisationId::mint(day, random)
}

fn code(registry_key: &[u8; 32], text: &str) -> [u8; 32] {
    // HMAC takes a key of any length; the fallback cannot be reached and is as good a key as any.
    let mut mac = Hmac::<Sha256>::new_from_slice(registry_key)
        .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    mac.update(b"goodstanding/case-ticket/v1\n");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_by_its_registry_only_and_as_it_was_given() {
        let at = Instant::from_micros(1_800_000_000_000_000);
        let ticket = Ticket {
            authority: AuthorityKey::new("zz.office").unwrap(),
            account: AccountHandle::new("officer-1").unwrap(),
            at,
            record: RecordId::mint(at, [1; 10]),
            organisation: OrganisationId::mint(at, [2; 10]),
            seen: Some(7),
            request: Ticket::hash(&json!({"b": 1, "a": 2})),
        };
        let text = ticket.to_text(&[1; 32]);
        assert_eq!(Ticket::from_text(&text, &[1; 32]), Some(ticket.clone()));
        assert_eq!(Ticket::from_text(&text, &[2; 32]), None);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Ticket::from_text(&changed, &[1; 32]), None, "{at}");
        }
        assert_eq!(Ticket::from_text("", &[1; 32]), None);
        let new = Ticket { seen: None, ..ticket };
        assert_eq!(Ticket::from_text(&new.to_text(&[1; 32]), &[1; 32]), Some(new));
    }
}
