//! The one spelling of steps and of what is adopted: an event that was read is written again and
//! has to give the same payload, so that no unknown member, no other order and no field of another
//! class can hide in one.

use super::super::WireError;
use super::super::from_base64url;
use super::super::json::Node;
use super::super::parse::{Json, Members, parse_canonical};
use super::encode::{self, Class, Disclosed, Encoded};
use super::{body_of, written};
use crate::manifest::Signed;
use domain::case::Step;
use domain::event::{Event, EventBody};
use domain::record::Body;

/// Whether an event has one spelling only. Those of quotations were written before this check.
pub fn is_strict(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::Case(_)
            | EventBody::AuthorityKeyRegistered(_)
            | EventBody::AuthorityKeyRevoked(_)
            | EventBody::PackAdopted(_)
            | EventBody::MandateAdopted(_)
            | EventBody::MeasureFeedbackGiven(_)
    )
}

/// How many digests the body of `payload` holds.
pub fn digests(payload: &str) -> Result<usize, WireError> {
    let value = parse_canonical(payload)?;
    let body = body_of(value.as_object().ok_or(WireError::Member("body"))?)?;
    Ok(read_digests(body)?.len())
}

/// One element of `_sd`.
struct Digest<'a> {
    class: Class,
    digest: &'a str,
    field: &'a str,
}

/// Refuses `payload` unless it is how `event` is written.
pub fn check(
    event: &Event,
    payload: &str,
    members: &Members<'_>,
    disclosed: &[(String, String)],
) -> Result<(), WireError> {
    let digests = read_digests(body_of(members)?)?;
    let Encoded { members: mut ours, mut body, disclosed: fields } = encode::event(event);
    check_fields(event, &digests, &fields, disclosed)?;
    if !digests.is_empty() {
        body.push(("_sd", Node::Array(digests.iter().map(Digest::node).collect())));
    }
    ours.push(("body", Node::Object(body)));
    let signed = Signed::parse(members)?;
    ours.push((
        "sig",
        match &signed {
            Some(signed) if matches!(event.body, EventBody::Case(_)) => signed.node(),
            Some(_) => return Err(WireError::Member("sig")),
            None => Node::Object(vec![("job", Node::text("registry"))]),
        },
    ));
    if written(Node::Object(ours))? == payload { Ok(()) } else { Err(WireError::Canonical) }
}

/// Every field of the event has its digest, in the class of its readers; a digest without text is
/// allowed where the type of record has such a field and this reader was not shown it.
fn check_fields(
    event: &Event,
    digests: &[Digest<'_>],
    fields: &[Disclosed<'_>],
    disclosed: &[(String, String)],
) -> Result<(), WireError> {
    for field in fields {
        let digest = digests.iter().find(|digest| digest.field == field.field);
        if digest.is_none_or(|digest| digest.class != field.class) {
            return Err(WireError::Disclosure);
        }
        let shown = disclosed.iter().find(|(name, _)| *name == field.field);
        if shown.is_some_and(|(_, text)| *text != field.text) {
            return Err(WireError::Disclosure);
        }
    }
    let optional: &[&str] = match &event.body {
        EventBody::Case(event) => match &event.step {
            Step::Submitted(revision) => Body::field_keys(revision.record_type()),
            _ => &[],
        },
        _ => &[],
    };
    for digest in digests {
        let is_known = fields.iter().any(|field| field.field == digest.field);
        let may_be = optional.contains(&digest.field) && digest.class == Class::Public;
        // A text that was shown and gave no field is one that nobody writes: an empty one.
        let is_shown = disclosed.iter().any(|(name, _)| name == digest.field);
        if !is_known && (!may_be || is_shown) {
            return Err(WireError::Disclosure);
        }
    }
    Ok(())
}

fn read_digests<'a>(body: &'a Members<'a>) -> Result<Vec<Digest<'a>>, WireError> {
    let Some(list) = body.get("_sd") else { return Ok(Vec::new()) };
    let malformed = || WireError::Member("_sd");
    let list = list.as_array().filter(|list| !list.is_empty()).ok_or_else(malformed)?;
    let digests: Option<Vec<Digest<'a>>> = list.iter().map(Digest::read).collect();
    let digests = digests.ok_or_else(malformed)?;
    let is_sorted = digests.is_sorted_by(|one, next| one.field < next.field);
    if is_sorted { Ok(digests) } else { Err(malformed()) }
}

impl<'a> Digest<'a> {
    fn read(item: &'a Json<'a>) -> Option<Digest<'a>> {
        let item = item.as_object().filter(|item| item.len() == 3)?;
        let digest = item.get("d")?.as_str()?;
        let is_hash = from_base64url(digest).is_some_and(|bytes| bytes.len() == 32);
        let class = Class::from_key(item.get("c")?.as_str()?)?;
        is_hash.then_some(Digest { class, digest, field: item.get("f")?.as_str()? })
    }

    fn node(&self) -> Node<'_> {
        Node::Object(vec![
            ("c", Node::text(self.class.key())),
            ("d", Node::text(self.digest)),
            ("f", Node::text(self.field)),
        ])
    }
}
