//! What of an opening the public may be served.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::super::parse::{Json, parse_canonical};
use super::super::{Opening, to_base64url};
use super::encode::Class;

/// `opening` with its public disclosures only: what may be written to payload bundles and answers.
/// The commitment stays as it is, for it covers digests and no disclosure. A payload that cannot be
/// read is served without any.
pub fn published(opening: &Opening) -> Cow<'_, Opening> {
    // In canonical JSON a quotation mark inside a string is escaped, so these bytes can only be
    // the member itself. Nearly every opening holds public fields only and is passed on whole.
    let classes = [r#""c":"on_request""#, r#""c":"restricted""#];
    if classes.iter().all(|class| !opening.payload.contains(class)) {
        return Cow::Borrowed(opening);
    }
    let public = public_digests(&opening.payload).unwrap_or_default();
    let mut shown = opening.clone();
    shown.disclosures.retain(|disclosure| {
        public.contains(&to_base64url(&Sha256::digest(disclosure.as_bytes())))
    });
    Cow::Owned(shown)
}

fn public_digests(payload: &str) -> Option<Vec<String>> {
    let value = parse_canonical(payload).ok()?;
    let body = value.as_object()?.get("body")?.as_object()?;
    let digests = body.get("_sd")?.as_array()?.iter().filter_map(Json::as_object);
    let public =
        digests.filter(|item| item.get("c").and_then(Json::as_str) == Some(Class::Public.key()));
    Some(public.filter_map(|item| item.get("d")?.as_str().map(str::to_owned)).collect())
}
