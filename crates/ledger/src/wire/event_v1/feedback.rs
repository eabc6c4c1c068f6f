//! What addressees say of measures. No organisation and no record is in it.

use super::super::WireError;
use super::super::json::{Members, Node};
use super::super::parse::{Json, Members as Read};
use super::decode::{Result, authority, key, number, parsed, text};
use domain::case::MeasureId;
use domain::feedback::{MeasureFeedbackGiven, Said};

pub fn members(given: &MeasureFeedbackGiven) -> Members<'_> {
    let mut members = vec![
        ("measure", Node::text(given.measure.as_str())),
        ("once", Node::printed(given.once)),
        ("said", Node::text(given.said.key())),
        ("version", Node::Integer(given.version.into())),
    ];
    if let Some(reason) = given.said.reason() {
        members.push(("reason", Node::text(reason.key())));
    }
    members
}

pub fn read(members: &Read<'_>, body: &Read<'_>) -> Result<MeasureFeedbackGiven> {
    let reason = body.get("reason").and_then(Json::as_str);
    Ok(MeasureFeedbackGiven {
        authority: authority(members)?,
        measure: key(body, "measure", MeasureId::new)?,
        version: number(body, "version")?,
        said: Said::from_keys(text(body, "said")?, reason).ok_or(WireError::Member("said"))?,
        once: parsed(body, "once")?,
    })
}

#[cfg(test)]
mod tests {
    use domain::authority::AuthorityKey;
    use domain::event::{ErasureUnit, Event, EventBody};
    use domain::feedback::WhyNotApplied;
    use domain::ids::RowKey;

    use super::*;
    use crate::SeededEntropy;
    use crate::wire::{Opening, seal, unseal};

    fn said() -> impl Iterator<Item = Said> {
        let reasons = WhyNotApplied::ALL.iter().copied().map(Said::NotApplied);
        reasons.chain([Said::Applied])
    }

    #[test]
    fn what_is_said_comes_back_in_its_one_spelling_and_names_no_organisation_and_no_record() {
        for said in said() {
            let body = EventBody::MeasureFeedbackGiven(MeasureFeedbackGiven {
                authority: AuthorityKey::new("demo.port").unwrap(),
                measure: MeasureId::new("demo.ban").unwrap(),
                version: 3,
                said,
                once: RowKey([0xab; 16]),
            });
            assert_eq!(body.erasure_unit(), ErasureUnit::Registry);
            assert_eq!((body.organisation(), body.record()), (None, None));
            let event = Event { at: "2026-11-25T09:30:00Z".parse().unwrap(), body };
            let opening = seal(&event, &mut SeededEntropy::new(1)).unwrap();
            assert_eq!(unseal(&opening).unwrap(), event);
            for absent in ["subject", "record", "_sd"] {
                assert!(!opening.payload.contains(absent), "{}", opening.payload);
            }
            for (from, to) in [
                (r#""said":"applied""#, r#""reason":"contested","said":"applied""#),
                (r#""said":"not_applied""#, r#""said":"applied""#),
                (r#""said":"#, r#""said":"perhaps","x":"#),
                (r#""reason":""#, r#""reason":"because"#),
                (r#""version":3"#, r#""version":70000"#),
                (r#""once":"ab"#, r#""once":"AB"#),
                (r#""body":{"#, r#""body":{"aa":"somebody","#),
            ] {
                let payload = opening.payload.replacen(from, to, 1);
                if payload != opening.payload {
                    let changed = Opening { payload, ..opening.clone() };
                    assert!(unseal(&changed).is_err(), "{to}");
                }
            }
        }
    }
}
