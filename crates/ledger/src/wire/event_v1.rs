//! Events as bytes, version 1. Bodies are versioned by name; an old one is read for ever and
//! never rewritten. Texts that somebody wrote are disclosures, so that one can be destroyed alone.

mod adoption;
mod case;
mod decode;
mod encode;
mod feedback;
mod public;
mod strict;

use sha2::{Digest as _, Sha256};

use super::json::{Members, Node};
use super::parse::{Json, Members as Read, parse_canonical};
use super::{Opening, WireError, from_base64url, to_base64url};
use crate::entropy::Entropy;
use crate::manifest::{Item, Signed, Submission};
use domain::case::CaseEvent;
use domain::event::{Event, EventBody};
use domain::limits::PAYLOAD_BYTES_MAX;
use encode::{Disclosed, Encoded};

#[cfg(test)]
pub(crate) use case::examples;
pub use case::is_step;
pub use public::published;

/// Puts `event` on the wire with fresh salts, authorised by the registry's own job identity.
///
/// # Errors
/// [`WireError::TooLarge`] when the payload or one of its texts exceeds 60 KiB, another when it is
/// a step that would not be read back as it is.
pub fn seal(event: &Event, entropy: &mut dyn Entropy) -> Result<Opening, WireError> {
    let Encoded { mut members, mut body, disclosed } = encode::event(event);
    let disclosures = disclose_all(&mut body, disclosed, entropy)?;
    // System and quotation events are authorised by the registry's job identity (design 9.3).
    members.push(("sig", Node::Object(vec![("job", Node::text("registry"))])));
    members.push(("body", Node::Object(body)));
    finish(event, members, disclosures, entropy)
}

/// Puts a step on the wire as an authority signed it: its body and salts are the submitter's.
///
/// # Errors
/// When `submission` is not what `event` says, word for word. Whether the signature counts is
/// judged by [`crate::manifest::Replay`].
pub fn seal_signed(
    event: &Event,
    submission: &Submission,
    entropy: &mut dyn Entropy,
) -> Result<Opening, WireError> {
    if !matches!(event.body, EventBody::Case(_)) {
        return Err(WireError::Member("sig"));
    }
    let mut members = encode::event(event).members;
    members.push(("sig", submission.signed.node()));
    members.push(("body", Node::Raw(&submission.item.body)));
    finish(event, members, submission.item.disclosures.clone(), entropy)
}

/// The body of a step with fresh salts, for its submitter to sign.
///
/// # Errors
/// [`WireError::TooLarge`] when the body or one of its texts exceeds 60 KiB.
pub fn item(event: &CaseEvent, entropy: &mut dyn Entropy) -> Result<Item, WireError> {
    let (mut body, disclosed) = case::encode(event);
    let disclosures = disclose_all(&mut body, disclosed, entropy)?;
    let body = written(Node::Object(body))?;
    Ok(Item { body, disclosures })
}

/// Adds the digests of `disclosed` to `body` and gives the disclosures, sorted by field, so that
/// the order says nothing (design 9.2).
fn disclose_all(
    body: &mut Members<'_>,
    mut disclosed: Vec<Disclosed<'_>>,
    entropy: &mut dyn Entropy,
) -> Result<Vec<String>, WireError> {
    let mut digests = Vec::with_capacity(disclosed.len());
    let mut disclosures = Vec::with_capacity(disclosed.len());
    disclosed.sort();
    for Disclosed { field, class, text } in disclosed {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let disclosure = disclose(&salt, &field, &text)?;
        let digest = to_base64url(&Sha256::digest(disclosure.as_bytes()));
        digests.push(Node::Object(vec![
            ("c", Node::text(class.key())),
            ("d", Node::printed(digest)),
            ("f", Node::printed(field)),
        ]));
        disclosures.push(disclosure);
    }
    if !digests.is_empty() {
        body.push(("_sd", Node::Array(digests)));
    }
    Ok(disclosures)
}

fn finish(
    event: &Event,
    members: Members<'_>,
    disclosures: Vec<String>,
    entropy: &mut dyn Entropy,
) -> Result<Opening, WireError> {
    let payload = written(Node::Object(members))?;
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    let opening = Opening { salt, payload, disclosures };
    // What could not be read again, in full, must not be committed to.
    if strict::is_strict(&event.body) {
        let is_whole = strict::digests(&opening.payload)? == opening.disclosures.len();
        if !is_whole || unseal(&opening)? != *event {
            return Err(WireError::Member("body"));
        }
    }
    Ok(opening)
}

fn written(mut node: Node<'_>) -> Result<String, WireError> {
    let mut text = String::with_capacity(1024);
    node.write(&mut text).ok_or(WireError::Canonical)?;
    if text.len() > PAYLOAD_BYTES_MAX { Err(WireError::TooLarge) } else { Ok(text) }
}

/// Reads an opening back. Disclosures that are missing leave their field empty; one that no digest
/// covers is an error, for somebody slipped it in.
pub fn unseal(opening: &Opening) -> Result<Event, WireError> {
    if opening.payload.len() > PAYLOAD_BYTES_MAX {
        return Err(WireError::TooLarge);
    }
    let value = parse_canonical(&opening.payload)?;
    let members = value.as_object().ok_or(WireError::Member("type"))?;
    let body = body_of(members)?;
    let disclosed = disclosed_fields(body, &opening.disclosures)?;
    let event = decode::event(members, body, disclosed.clone())?;
    if strict::is_strict(&event.body) {
        strict::check(&event, &opening.payload, members, &disclosed)?;
    }
    Ok(event)
}

/// What an authority submitted and signed, out of an opening; `None` where the registry itself
/// authorised the event.
pub fn submission(opening: &Opening) -> Result<Option<Submission>, WireError> {
    let value = parse_canonical(&opening.payload)?;
    let members = value.as_object().ok_or(WireError::Member("sig"))?;
    let Some(signed) = Signed::parse(members)? else { return Ok(None) };
    // The text of the body stands in the payload as it was signed.
    let payload: serde_json::Value =
        serde_json::from_str(&opening.payload).map_err(|_| WireError::Canonical)?;
    let body = payload.get("body").and_then(super::canonical).ok_or(WireError::Canonical)?;
    let item = Item { body, disclosures: opening.disclosures.clone() };
    Ok(Some(Submission { item, signed }))
}

fn body_of<'a>(members: &'a Read<'a>) -> Result<&'a Read<'a>, WireError> {
    members.get("body").and_then(Json::as_object).ok_or(WireError::Member("body"))
}

/// `base64url(JCS [salt, field, value])`, after RFC 9901 4.2.1.
fn disclose(salt: &[u8; 16], field: &str, text: &str) -> Result<String, WireError> {
    let mut array = String::with_capacity(64 + text.len());
    Node::Array(vec![Node::printed(to_base64url(salt)), Node::text(field), Node::text(text)])
        .write(&mut array)
        .ok_or(WireError::Canonical)?;
    let disclosure = to_base64url(array.as_bytes());
    if disclosure.len() > PAYLOAD_BYTES_MAX { Err(WireError::TooLarge) } else { Ok(disclosure) }
}

/// Field and text of each disclosure, checked against `_sd`.
fn disclosed_fields(
    body: &Read<'_>,
    disclosures: &[String],
) -> Result<Vec<(String, String)>, WireError> {
    let digests = match body.get("_sd") {
        None => &[][..],
        Some(value) => value.as_array().ok_or(WireError::Member("_sd"))?,
    };
    let mut fields: Vec<(String, String)> = Vec::with_capacity(disclosures.len());
    for disclosure in disclosures {
        let digest = to_base64url(&Sha256::digest(disclosure.as_bytes()));
        let covered = digests
            .iter()
            .filter_map(Json::as_object)
            .find(|item| item.get("d").and_then(Json::as_str) == Some(digest.as_str()))
            .ok_or(WireError::Disclosure)?;
        let (field, text) = parse_disclosure(disclosure).ok_or(WireError::Disclosure)?;
        let is_twice = fields.iter().any(|(known, _)| *known == field);
        if is_twice || covered.get("f").and_then(Json::as_str) != Some(field.as_str()) {
            return Err(WireError::Disclosure);
        }
        fields.push((field, text));
    }
    Ok(fields)
}

fn parse_disclosure(disclosure: &str) -> Option<(String, String)> {
    let text = String::from_utf8(from_base64url(disclosure)?).ok()?;
    match parse_canonical(&text).ok()?.as_array()? {
        [_salt, field, value] => Some((field.as_str()?.to_owned(), value.as_str()?.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
