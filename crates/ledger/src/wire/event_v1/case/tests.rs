use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{published, seal, unseal};
use super::examples::{Dice, MARK};
use crate::SeededEntropy;
use crate::wire::{Opening, WireError, commitment, from_base64url};
use domain::case::{Attestation, CaseEvent, STATEMENT_CHARACTERS_MAX, Step};
use domain::event::{Event, EventBody};

fn sealed(event: &Event) -> Opening {
    seal(event, &mut SeededEntropy::new(1)).unwrap()
}

fn case_of(event: &mut Event) -> &mut CaseEvent {
    match &mut event.body {
        EventBody::Case(case) => case,
        _ => unreachable!("an example is a step"),
    }
}

fn with_step(step: Step) -> Event {
    let mut event = Dice::new(1).event("CasePublished");
    case_of(&mut event).step = step;
    event
}

/// The text of a disclosure.
fn shown(disclosure: &str) -> Vec<String> {
    serde_json::from_slice(&from_base64url(disclosure).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn every_step_round_trips(seed: u64) {
        for name in Step::NAMES {
            let event = Dice::new(seed).event(name);
            let opening = sealed(&event);
            prop_assert_eq!(event.body.wire_type(), format!("{name}/1"));
            prop_assert_eq!(unseal(&opening), Ok(event), "{}", opening.payload);
            prop_assert!(!opening.payload.contains(MARK), "a text in {}", opening.payload);
        }
        for name in Step::IN_TWO_VERSIONS {
            let event = Dice::new(seed).second(name);
            let opening = sealed(&event);
            prop_assert_eq!(event.body.wire_type(), format!("{name}/2"));
            prop_assert_eq!(unseal(&opening), Ok(event), "{}", opening.payload);
            prop_assert!(!opening.payload.contains(MARK), "a text in {}", opening.payload);
            // Whoever may not read the texts reads the rest all the same, in the same version.
            let public = published(&opening).into_owned();
            prop_assert_eq!(commitment(&public), commitment(&opening));
            prop_assert_eq!(unseal(&public).unwrap().body.wire_type(), format!("{name}/2"));
            let numbered = |text: &String| {
                let field = shown(text)[1].clone();
                ["point_", "answer_", "evidence", "access", "office"]
                    .iter()
                    .any(|kind| field.starts_with(kind))
            };
            prop_assert!(!public.disclosures.iter().any(numbered));
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic_and_what_it_reads_has_one_spelling(
        seed: u64, name in prop::sample::select(Step::NAMES), place: prop::sample::Index,
        with in prop_oneof![Just(String::new()), "[ -~]{1,3}", Just("\u{4e2d}".to_owned())],
        cut in 0_usize..4,
    ) {
        let opening = sealed(&Dice::new(seed).event(name));
        let at = place.index(opening.payload.len());
        let end = (at + cut).min(opening.payload.len());
        let mut payload = opening.payload.clone();
        payload.replace_range(at..end, &with);
        let changed = Opening { payload, ..opening.clone() };
        // Another event may come out, such as one of another day; it is spelled as we would.
        if let Ok(event) = unseal(&changed) {
            prop_assert!(event.body.record().is_some() || changed == opening);
        }
        if let Some(disclosure) = opening.disclosures.first() {
            let mut broken = opening.clone();
            let at = place.index(disclosure.len());
            broken.disclosures[0].replace_range(at..=at, &with);
            if broken.disclosures[0] != opening.disclosures[0] {
                prop_assert_eq!(unseal(&broken), Err(WireError::Disclosure));
            }
        }
    }

    #[test]
    fn the_public_part_opens_the_same_commitment_and_holds_public_texts_only(seed: u64) {
        for name in Step::NAMES {
            let opening = sealed(&Dice::new(seed).event(name));
            let public = published(&opening).into_owned();
            prop_assert_eq!(commitment(&public), commitment(&opening));
            let event = unseal(&public).unwrap();
            let fields: Vec<String> =
                public.disclosures.iter().map(|text| shown(text)[1].clone()).collect();
            for field in ["facts", "service", "protocol", "text", "need", "case_number"] {
                prop_assert!(!fields.contains(&field.to_owned()), "{}: {}", name, field);
            }
            prop_assert!(fields.iter().all(|field| Attestation::from_key(field).is_none()));
            prop_assert_eq!(published(&public).into_owned(), public.clone());
            prop_assert_eq!(event.body.wire_type(), format!("{name}/1"));
        }
    }
}

#[test]
fn classes_are_those_of_the_specification() {
    let of = |step: Step| {
        let payload: Value = serde_json::from_str(&sealed(&with_step(step)).payload).unwrap();
        let digests = payload["body"]["_sd"].as_array().cloned().unwrap_or_default();
        let pairs = digests.iter().map(|digest| format!("{} {}", digest["f"], digest["c"]));
        pairs.collect::<Vec<_>>().join(", ").replace('"', "")
    };
    let mut dice = Dice::new(3);
    for (name, expected) in [
        ("NoticeServed", "facts on_request, service on_request"),
        ("PrecheckOpened", "service on_request"),
        ("RepresentationMade", "text restricted"),
        ("HearingClosed", "protocol on_request"),
        ("DecisionUpheld", "decision_number public, reasons on_request"),
        ("DecisionNotUpheld", "reasons on_request"),
        ("ErrorFlagged", "text restricted"),
        ("ObjectionFiled", "text restricted"),
        ("ObjectionRejected", "reasons on_request"),
        ("RecordWithdrawn", "reference public"),
        ("RecordStayed", "reference on_request"),
        ("RepairApplied", "text restricted"),
        ("RepairRefused", "reasons on_request"),
        ("RecordImputed", "reference on_request"),
        ("HoldPlaced", "reference on_request"),
        ("InterimPublished", "need restricted, service on_request"),
        ("StatementAdded", "statement public"),
        ("MeasureOverridden", "reasons public"),
        ("CasePublished", ""),
    ] {
        assert_eq!(of(dice.step(name)), expected, "{name}");
    }
}

#[test]
fn a_version_2_has_what_it_counts_and_a_number_keeps_no_room() {
    for (name, count) in [("RepresentationMade", "points"), ("DecisionUpheld", "points_answered")] {
        let opening = sealed(&Dice::new(5).second(name));
        let payload: Value = serde_json::from_str(&opening.payload).unwrap();
        let number = payload["body"][count].as_u64().unwrap();
        for other in [0, number + 1, 501, u64::from(u32::MAX)] {
            let changed = opening
                .payload
                .replace(&format!("\"{count}\":{number}"), &format!("\"{count}\":{other}"));
            assert_ne!(changed, opening.payload);
            let changed = Opening { payload: changed, ..opening.clone() };
            assert!(unseal(&changed).is_err(), "{name}: {other} instead of {number}");
        }
        let first = Opening {
            payload: opening.payload.replace(&format!("{name}/2"), &format!("{name}/1")),
            ..opening.clone()
        };
        assert!(unseal(&first).is_err(), "{name}: what is counted and told is no version 1");
    }
    let published = sealed(&Dice::new(5).event("CasePublished"));
    let payload = published.payload.replace("CasePublished/1", "CasePublished/2");
    assert!(matches!(
        unseal(&Opening { payload, ..published }),
        Err(WireError::UnknownType { .. })
    ));
}

#[test]
fn a_field_of_another_class_or_of_no_class_is_refused() {
    let firsts = Step::NAMES.iter().map(|name| (name, Dice::new(5).event(name)));
    let seconds = Step::IN_TWO_VERSIONS.iter().map(|name| (name, Dice::new(5).second(name)));
    for (name, event) in firsts.chain(seconds) {
        let opening = sealed(&event);
        for (from, to) in [
            ("on_request", "public"),
            ("restricted", "public"),
            ("restricted", "on_request"),
            ("\"c\":\"public", "\"c\":\"restricted"),
            ("on_request", "everybody"),
        ] {
            let payload = opening.payload.replace(from, to);
            if payload != opening.payload {
                let changed = Opening { payload, ..opening.clone() };
                assert!(unseal(&changed).is_err(), "{name}: {from} to {to}");
            }
        }
    }
}

#[test]
fn members_nobody_writes_are_refused_wherever_they_stand() {
    for name in Step::NAMES {
        let opening = sealed(&Dice::new(5).event(name));
        let mut refused = 0;
        for (at, _) in opening.payload.match_indices('}') {
            let before = &opening.payload[..at];
            let comma = if before.ends_with('{') { "" } else { "," };
            let payload = format!("{before}{comma}\"zz\":1{}", &opening.payload[at..]);
            assert!(unseal(&Opening { payload, ..opening.clone() }).is_err(), "{name}");
            refused += 1;
        }
        assert!(refused >= 4, "{name}");
    }
}

#[test]
fn vocabularies_are_closed_and_lists_in_order() {
    let opening = sealed(&with_step(Step::ValidationFailed { refusals: vec![7, 715] }));
    let submitted = sealed(&Dice::new(2).event("CaseSubmitted"));
    let notice = sealed(&Dice::new(4).event("NoticeServed"));
    for (opening, from, to) in [
        (&opening, "[7,715]", "[715,7]"),
        (&opening, "[7,715]", "[7,7]"),
        (&opening, "[7,715]", "[7,65536]"),
        (&opening, "\"role\":\"", "\"role\":\"x"),
        (&opening, "CaseRejected/1", "CasePublished/1"),
        (&submitted, "\"mode\":\"", "\"mode\":\"x"),
        (&submitted, "\"procedure\":\"", "\"procedure\":\"x"),
        (&submitted, "\"kind\":\"", "\"kind\":\"person_or_"),
        (&submitted, "\"zone\":\"", "\"zone\":\"Nowhere/"),
        (&submitted, "\"late\":", "\"late\":null,\"later\":"),
        (&notice, "\"purpose\":\"", "\"purpose\":\"x"),
        (&notice, "\"items\":[", "\"items\":[\"verification\","),
    ] {
        let payload = opening.payload.replace(from, to);
        assert_ne!(payload, opening.payload, "{from}");
        assert!(unseal(&Opening { payload, ..opening.clone() }).is_err(), "{from} to {to}");
    }
}

#[test]
fn a_step_names_its_record_inside_what_is_signed() {
    let opening = sealed(&Dice::new(5).event("CasePublished"));
    let other = Dice::new(6).event("CasePublished").body.record().unwrap().to_string();
    let own = Dice::new(5).event("CasePublished").body.record().unwrap().to_string();
    let payload = opening.payload.replacen(&own, &other, 1);
    assert_ne!(payload, opening.payload);
    assert!(unseal(&Opening { payload, ..opening }).is_err());
}

#[test]
fn what_is_too_large_is_neither_written_nor_read() {
    let text = "x".repeat(61_440);
    let event = with_step(Step::DecisionNotUpheld { reasons: text });
    assert_eq!(seal(&event, &mut SeededEntropy::new(1)), Err(WireError::TooLarge));
    let mut opening = sealed(&Dice::new(5).event("CasePublished"));
    opening.payload = format!("{{\"a\":\"{}\"}}", "x".repeat(61_440));
    assert_eq!(unseal(&opening), Err(WireError::TooLarge));
    let text = "\u{4e2d}".repeat(STATEMENT_CHARACTERS_MAX);
    assert!(
        seal(&with_step(Step::StatementAdded { text: text.clone() }), &mut SeededEntropy::new(1))
            .is_ok()
    );
    let event = with_step(Step::StatementAdded { text: text + "." });
    assert!(seal(&event, &mut SeededEntropy::new(1)).is_err());
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
    let mut event = Dice::new(2).event("CaseSubmitted");
    if let Step::Submitted(revision) = &mut case_of(&mut event).step {
        revision.pack = "not a hash".into();
    }
    assert!(seal(&event, &mut SeededEntropy::new(1)).is_err());
    let unsorted = Step::ValidationFailed { refusals: vec![9, 8] };
    assert!(seal(&with_step(unsorted), &mut SeededEntropy::new(1)).is_err());
}

#[test]
fn one_payload_of_each_step_is_in_the_vectors() {
    let mut cases = Vec::new();
    let firsts = (100..).zip(Step::NAMES).map(|(seed, name)| (seed, Dice::new(seed).event(name)));
    let seconds = (200..).zip(Step::IN_TWO_VERSIONS);
    let seconds = seconds.map(|(seed, name)| (seed, Dice::new(seed).second(name)));
    for (seed, event) in firsts.chain(seconds) {
        let opening = seal(&event, &mut SeededEntropy::new(seed)).unwrap();
        let hex: String = commitment(&opening).iter().map(|byte| format!("{byte:02x}")).collect();
        cases.push(json!({
            "type": event.body.wire_type(),
            "salt": crate::wire::to_base64url(&opening.salt),
            "payload": opening.payload,
            "disclosures": opening.disclosures,
            "public": published(&opening).disclosures,
            "commitment": hex,
        }));
    }
    let value = json!({
        "about": "one opening of each step of proceedings in each of its versions; `disclosures` are all there are, `public` those that an opening served to the public holds",
        "steps": cases,
    });
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    let path = folder.join("cases.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&value).unwrap());
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == text, "cases.json differs");
}
