//! Events as bytes, version 1. Bodies are versioned by name; an old one is read for ever and
//! never rewritten. Texts that a source wrote are disclosures, so that one can be destroyed alone.

mod decode;
mod encode;

use sha2::{Digest as _, Sha256};

use super::json::Node;
use super::parse::{Json, Members, parse_canonical};
use super::{Opening, WireError, from_base64url, to_base64url};
use crate::entropy::Entropy;
use domain::event::Event;

/// The class of every disclosure so far: what sources published, an opening may hold.
const CLASS_PUBLIC: &str = "public";

/// Puts `event` on the wire with fresh salts.
///
/// # Errors
/// [`WireError::TooLarge`] when the payload exceeds 60 KiB.
pub fn seal(event: &Event, entropy: &mut dyn Entropy) -> Result<Opening, WireError> {
    let mut encoded = encode::event(event);
    let mut digests = Vec::with_capacity(encoded.disclosed.len());
    let mut disclosures = Vec::with_capacity(encoded.disclosed.len());
    // Sorted by field, so that the order says nothing (design 9.2).
    encoded.disclosed.sort();
    for (field, text) in encoded.disclosed {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let disclosure = disclose(&salt, field, &text)?;
        let digest = to_base64url(&Sha256::digest(disclosure.as_bytes()));
        digests.push(Node::Object(vec![
            ("c", Node::text(CLASS_PUBLIC)),
            ("d", Node::printed(digest)),
            ("f", Node::text(field)),
        ]));
        disclosures.push(disclosure);
    }
    if !digests.is_empty() {
        encoded.body.push(("_sd", Node::Array(digests)));
    }
    encoded.members.push(("body", Node::Object(encoded.body)));
    let mut payload = String::with_capacity(1024);
    Node::Object(encoded.members).write(&mut payload).ok_or(WireError::Canonical)?;
    if payload.len() > domain::limits::PAYLOAD_BYTES_MAX {
        return Err(WireError::TooLarge);
    }
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    Ok(Opening { salt, payload, disclosures })
}

/// Reads an opening back. Disclosures that are missing leave their field empty; one that no digest
/// covers is an error, for somebody slipped it in.
pub fn unseal(opening: &Opening) -> Result<Event, WireError> {
    let value = parse_canonical(&opening.payload)?;
    let members = value.as_object().ok_or(WireError::Member("type"))?;
    let body = members.get("body").and_then(Json::as_object).ok_or(WireError::Member("body"))?;
    let disclosed = disclosed_fields(body, &opening.disclosures)?;
    decode::event(members, body, disclosed)
}

/// `base64url(JCS [salt, field, value])`, after RFC 9901 4.2.1.
fn disclose(salt: &[u8; 16], field: &str, text: &str) -> Result<String, WireError> {
    let mut array = String::with_capacity(64 + text.len());
    Node::Array(vec![Node::printed(to_base64url(salt)), Node::text(field), Node::text(text)])
        .write(&mut array)
        .ok_or(WireError::Canonical)?;
    Ok(to_base64url(array.as_bytes()))
}

/// Field and text of each disclosure, checked against `_sd`.
fn disclosed_fields(
    body: &Members<'_>,
    disclosures: &[String],
) -> Result<Vec<(String, String)>, WireError> {
    let digests = match body.get("_sd") {
        None => &[][..],
        Some(value) => value.as_array().ok_or(WireError::Member("_sd"))?,
    };
    let mut fields = Vec::with_capacity(disclosures.len());
    for disclosure in disclosures {
        let digest = to_base64url(&Sha256::digest(disclosure.as_bytes()));
        let covered = digests
            .iter()
            .filter_map(Json::as_object)
            .find(|item| item.get("d").and_then(Json::as_str) == Some(digest.as_str()))
            .ok_or(WireError::Disclosure)?;
        let (field, text) = parse_disclosure(disclosure).ok_or(WireError::Disclosure)?;
        if covered.get("f").and_then(Json::as_str) != Some(field.as_str()) {
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
