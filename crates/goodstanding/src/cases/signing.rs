//! The side of an authority: what a registry prepared is looked at before it is signed.

use std::collections::BTreeSet;

use domain::adoption::key_name;
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::Instant;
use ledger::Entropy;
use ledger::manifest::{self, Item};
use ledger::note::SignerKey;
use ledger::wire::{from_base64url, to_base64url};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::handed_in::{item_of, submission_json};

/// What came back is not what was asked for, and is not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the registry prepared something else than was asked for ({0}); nothing was signed")]
pub struct Unfit(&'static str);

/// Members of a request that are somebody's own words: they must come back word for word.
const OWN_WORDS: [&str; 7] =
    ["facts", "reasons", "text", "protocol", "need", "case_number", "reference"];

/// One item with its signature, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedItem {
    /// Which of the items that were asked for.
    pub index: usize,
    /// The record.
    pub record: String,
    /// As `/api/v1/cases` takes it: `ticket`, `signed`, and `submit` or `step`.
    pub body: Value,
}

/// Signs what was prepared for `asked` (the items sent) as one manifest; items that were refused
/// are left out.
pub fn sign(
    asked: &[Value],
    prepared: &Value,
    origin: &str,
    key: &SignerKey,
    entropy: &mut dyn Entropy,
) -> Result<Vec<SignedItem>, Unfit> {
    let text = |value: &Value, member: &str| -> Option<String> {
        value.get(member).and_then(Value::as_str).map(str::to_owned)
    };
    let authority = text(prepared, "authority").as_deref().and_then(AuthorityKey::new);
    let authority = authority.ok_or(Unfit("authority"))?;
    let account = text(prepared, "account").as_deref().and_then(AccountHandle::new);
    let account = account.ok_or(Unfit("account"))?;
    if key.vkey().name() != key_name(&authority, &account) {
        return Err(Unfit("account"));
    }
    if text(prepared, "origin").as_deref() != Some(origin) {
        return Err(Unfit("origin"));
    }
    let at: Option<Instant> = text(prepared, "at").and_then(|at| at.parse().ok());
    let at = at.ok_or(Unfit("at"))?;
    let answers = prepared.get("items").and_then(Value::as_array).ok_or(Unfit("items"))?;
    if answers.len() != asked.len() {
        return Err(Unfit("items"));
    }
    let mut items: Vec<Item> = Vec::new();
    let mut ready = Vec::new();
    for (index, (asked, answer)) in asked.iter().zip(answers).enumerate() {
        let Some(ticket) = text(answer, "ticket") else { continue };
        let record = text(answer, "record").ok_or(Unfit("record"))?;
        if asked.get("record").and_then(Value::as_str).is_some_and(|asked| asked != record) {
            return Err(Unfit("record"));
        }
        let steps = answer.get("steps").and_then(Value::as_array).ok_or(Unfit("steps"))?;
        let own: Option<Vec<Item>> = steps.iter().map(item_of).collect();
        let own = own.filter(|own| !own.is_empty()).ok_or(Unfit("steps"))?;
        check(asked, &own, &record, account.as_str())?;
        ready.push((index, ticket, record, own.len()));
        items.extend(own);
    }
    let mut submissions = manifest::build(origin, &authority, items, at, key, entropy).into_iter();
    let mut signed = Vec::with_capacity(ready.len());
    for (index, ticket, record, steps) in ready {
        let steps: Option<Vec<Value>> =
            submissions.by_ref().take(steps).map(|it| submission_json(&it)).collect();
        let mut body = Map::new();
        body.insert("ticket".to_owned(), ticket.into());
        body.insert("signed".to_owned(), steps.ok_or(Unfit("numbers"))?.into());
        for member in ["submit", "step"] {
            if let Some(value) = asked.get(index).and_then(|asked| asked.get(member)) {
                body.insert(member.to_owned(), value.clone());
            }
        }
        signed.push(SignedItem { index, record, body: Value::Object(body) });
    }
    Ok(signed)
}

/// Every step is of this record and account, discloses what its digests cover, and all of them
/// together hold every word that was asked for.
fn check(asked: &Value, items: &[Item], record: &str, account: &str) -> Result<(), Unfit> {
    let mut said = BTreeSet::new();
    for item in items {
        let body: Value = serde_json::from_str(&item.body).map_err(|_| Unfit("body"))?;
        if body.get("record").and_then(Value::as_str) != Some(record) {
            return Err(Unfit("record"));
        }
        let actor = |member: &str| body.pointer(member).and_then(Value::as_str);
        if actor("/actor/role") != Some("authority") || actor("/actor/account") != Some(account) {
            return Err(Unfit("account"));
        }
        let digests = body.get("_sd").and_then(Value::as_array).map(Vec::as_slice);
        let digests = digests.unwrap_or_default();
        if digests.len() != item.disclosures.len() {
            return Err(Unfit("disclosures"));
        }
        for disclosure in &item.disclosures {
            let digest = to_base64url(&Sha256::digest(disclosure.as_bytes()));
            let covers = |it: &Value| it.get("d").and_then(Value::as_str) == Some(&digest);
            let text = disclosed(disclosure).filter(|_| digests.iter().any(covers));
            said.insert(text.ok_or(Unfit("disclosures"))?);
        }
    }
    let mut wanted = Vec::new();
    own_words(asked, false, &mut wanted);
    if wanted.iter().all(|words| said.contains(*words)) { Ok(()) } else { Err(Unfit("texts")) }
}

fn disclosed(disclosure: &str) -> Option<String> {
    let array: Value = serde_json::from_slice(&from_base64url(disclosure)?).ok()?;
    array.get(2)?.as_str().map(str::to_owned)
}

fn own_words<'a>(value: &'a Value, is_own: bool, words: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if is_own && !text.is_empty() => words.push(text),
        Value::Array(items) => items.iter().for_each(|item| own_words(item, is_own, words)),
        Value::Object(members) => {
            for (key, member) in members {
                own_words(member, OWN_WORDS.contains(&key.as_str()), words);
            }
        }
        _ => {}
    }
}
