//! Steps of proceedings and keys of authorities: what the fold has to see in order, because a key
//! counts from one position to another (spec/wire.md 9, "Acts").

use domain::event::Event;

use crate::manifest::Submission;
use crate::wire::{self, Opening, WireError};

/// An event whose authorisation is judged.
#[derive(Debug)]
pub(super) struct Act {
    pub event: Event,
    pub submission: Option<Submission>,
}

/// The act in an opening that matches its commitment: `None` for events of other types.
///
/// # Errors
/// When it is of a known type and not of the form of that type.
pub(super) fn read(
    salt: &[u8; 32],
    payload: &str,
    disclosures: &str,
) -> Result<Option<Act>, WireError> {
    // `type` is the last member of a payload in canonical form.
    let kind = payload.strip_suffix("\"}").and_then(|text| text.rsplit_once("\"type\":\""));
    let kind = kind.map_or("", |(_, kind)| kind);
    if !kind.starts_with("AuthorityKey") && !wire::is_step(kind) {
        return Ok(None);
    }
    let disclosures = disclosures.split('\t').filter(|text| !text.is_empty());
    let opening = Opening {
        salt: *salt,
        payload: payload.to_owned(),
        disclosures: disclosures.map(str::to_owned).collect(),
    };
    match wire::unseal(&opening) {
        Ok(event) => Ok(Some(Act { event, submission: wire::submission(&opening)? })),
        Err(WireError::UnknownType { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
