//! What each step needs, to be filled in: printed by `case template`, read by a test.

use domain::case::Step;
use domain::refusal::{Problem, Refusal};
use serde_json::Value;

/// One step with what it needs.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// Its name in a request.
    pub command: &'static str,
    /// Who may take it.
    pub who: &'static str,
    /// An example to be filled in.
    pub json: &'static str,
}

const TEMPLATES: &[Template] = &[
    Template {
        command: "submit",
        who: "an officer of the authority",
        json: r#"{"subject": {"identifier": "lei:TEST00DEMO0000000141", "name": "NAME AS THE AUTHORITY WRITES IT", "kind": "enterprise", "country": "ZZ"},
 "entry": "PACK.ENTRY", "territory": "zz", "mode": "hosted", "grounds": ["tax"], "procedure": "ordinary",
 "case_number": "NUMBER AT THE AUTHORITY", "conduct": {"from": "2026-01-01", "to": "2026-06-30"}, "fields": {}}"#,
    },
    Template {
        command: "admit_submission",
        who: "a reviewer, of what waits because there are so many",
        json: "{}",
    },
    Template {
        command: "return_submission",
        who: "a reviewer, of what waits because there are so many",
        json: "{}",
    },
    Template { command: "publish_neutral", who: "the registry", json: "{}" },
    Template {
        command: "serve_notice",
        who: "an officer, or the registry on its behalf",
        json: r#"{"notice": {"purpose": "record", "severity": "general", "end_max": "2027-11-25", "measures": [],
 "service": "HOW, WITH PROOF", "served_on": "2026-11-25", "facts": "WHAT HAPPENED, WHEN, WHERE",
 "evidence": "EACH PIECE OF EVIDENCE", "access": "HOW, WHERE AND UNTIL WHEN IT CAN BE SEEN", "office": "THE OFFICE TO WRITE TO, WITH ITS ADDRESS"}}"#,
    },
    Template {
        command: "renew_notice",
        who: "a decider",
        json: r#"{"notice": {"purpose": "record", "severity": "serious", "end_max": "2029-11-25", "measures": [],
 "service": "HOW, WITH PROOF", "served_on": "2026-11-25", "facts": "NEW FACTS: WHAT, WHEN, WHERE",
 "evidence": "EACH PIECE OF EVIDENCE", "access": "HOW, WHERE AND UNTIL WHEN IT CAN BE SEEN", "office": "THE OFFICE TO WRITE TO, WITH ITS ADDRESS"}}"#,
    },
    Template {
        command: "open_precheck",
        who: "the registry",
        json: r#"{"service": "HOW AND WHEN THE SUBJECT WAS TOLD"}"#,
    },
    Template {
        command: "represent",
        who: "the subject",
        json: r#"{"points": ["WHAT IS WRONG", "WHAT ELSE IS WRONG"], "text": "WHAT ELSE YOU WANT TO SAY"}"#,
    },
    Template { command: "request_hearing", who: "the subject", json: "{}" },
    Template { command: "waive", who: "the subject", json: "{}" },
    Template { command: "revoke_waiver", who: "the subject", json: "{}" },
    Template {
        command: "close_hearing",
        who: "an officer",
        json: r#"{"protocol": "REFERENCE OF THE RECORD OF THE HEARING"}"#,
    },
    Template { command: "withdraw_hearing", who: "the subject", json: "{}" },
    Template {
        command: "uphold",
        who: "a decider, not the officer who submitted",
        json: r#"{"outcome": {"document": {"number": "NUMBER", "date": "2026-12-20", "served_on": "2026-12-20"}, "severity": "general",
 "end": "2027-12-20", "measures": [], "reasons": "REASONS", "answers": [{"point": 1, "text": "ANSWER TO POINT 1"}, {"point": 2, "text": "ANSWER TO POINT 2"}]}}"#,
    },
    Template { command: "not_uphold", who: "a decider", json: r#"{"reasons": "REASONS"}"# },
    Template { command: "abandon", who: "a decider", json: "{}" },
    Template {
        command: "flag_error",
        who: "the subject",
        json: r#"{"ground": "wrong_fact", "text": "WHAT IS WRONG"}"#,
    },
    Template { command: "clear_flag", who: "an officer", json: r#"{"reasons": "REASONS"}"# },
    Template { command: "uphold_flag", who: "an officer", json: "{}" },
    Template {
        command: "publish_interim",
        who: "a decider, where the law allows it",
        json: r#"{"need": "WHY AT ONCE", "service": "HOW THE SUBJECT WAS TOLD TODAY"}"#,
    },
    Template {
        command: "object",
        who: "the subject, or a third party",
        json: r#"{"ground": "error", "text": "WHAT IS WRONG"}"#,
    },
    Template { command: "forward_objection", who: "the registry", json: "{}" },
    Template { command: "extend_objection", who: "an officer, once", json: "{}" },
    Template {
        command: "reject_objection",
        who: "an account that had no part; on appeal a reviewer",
        json: r#"{"reasons": "REASONS"}"#,
    },
    Template { command: "escalate", who: "the subject", json: "{}" },
    Template {
        command: "correct",
        who: "a decider who did not submit it; a reviewer in an appeal, or where it stopped it for privacy",
        json: r#"{"successor": "ID OF THE RECORD THAT TAKES ITS PLACE"}"#,
    },
    Template {
        command: "withdraw",
        who: "a decider who did not submit it, a reviewer, a court or the registry, by reason",
        json: r#"{"reason": "revoked", "reference": "DOCUMENT", "ordered_on": null}"#,
    },
    Template {
        command: "stay",
        who: "a court, an officer, a reviewer or the subject, by reason",
        json: r#"{"reason": "court", "reference": "ORDER"}"#,
    },
    Template {
        command: "lift_stay",
        who: "who ordered it",
        json: r#"{"reference": "ORDER", "stayed_time_counts": true}"#,
    },
    Template {
        command: "apply_repair",
        who: "the subject",
        json: r#"{"conditions": ["CONDITION"], "text": "EVIDENCE"}"#,
    },
    Template { command: "extend_repair", who: "an officer, once", json: "{}" },
    Template {
        command: "grant_repair",
        who: "a decider; a reviewer once the authority was silent",
        json: "{}",
    },
    Template {
        command: "refuse_repair",
        who: "a decider; a reviewer once the authority was silent",
        json: r#"{"unmet": ["CONDITION"], "reasons": "WHAT IS MISSING"}"#,
    },
    Template {
        command: "release_early",
        who: "a decider",
        json: r#"{"conditions": ["CONDITION"]}"#,
    },
    Template {
        command: "cease_subject",
        who: "the registry, or a decider",
        json: r#"{"on": "2026-11-01"}"#,
    },
    Template {
        command: "impute",
        who: "two reviewers, one after the other, of what a decider decided after notice to both",
        json: r#"{"successor": "ID OF THE ORGANISATION", "reference": "DECISION"}"#,
    },
    Template {
        command: "add_statement",
        who: "the subject",
        json: r#"{"text": "AT MOST 500 CHARACTERS"}"#,
    },
    Template {
        command: "override_measure",
        who: "an officer of the addressee",
        json: r#"{"measure": "PACK.MEASURE", "from": "2026-12-01", "until": "2026-12-31", "reasons": "PUBLIC REASONS"}"#,
    },
    Template {
        command: "place_hold",
        who: "a court or a reviewer",
        json: r#"{"reference": "ORDER"}"#,
    },
    Template {
        command: "release_hold",
        who: "a court or a reviewer",
        json: r#"{"reference": "ORDER"}"#,
    },
    Template { command: "erase", who: "the registry", json: "{}" },
];

/// Every step, in the order of a case.
pub fn all() -> impl Iterator<Item = &'static Template> {
    TEMPLATES.iter()
}

/// The step with this name.
pub fn of(command: &str) -> Option<&'static Template> {
    all().find(|template| template.command == command)
}

/// `text` with the step's name put in.
///
/// # Errors
/// When the text is no JSON object, or there is no such step.
pub fn with_command(text: &str, command: &str) -> Result<String, Vec<Problem>> {
    let unreadable = || Problem::of_input(Refusal::RequestUnreadable);
    if of(command).is_none_or(|template| template.command == "submit") {
        let known: Vec<&str> = all().map(|template| template.command).skip(1).collect();
        return Err(vec![unreadable().with_detail(format!("one of: {}", known.join(", ")))]);
    }
    let value: Value = serde_json::from_str(text).map_err(|_| vec![unreadable()])?;
    let Value::Object(mut members) = value else { return Err(vec![unreadable()]) };
    members.insert("command".to_owned(), Value::String(command.to_owned()));
    Ok(Value::Object(members).to_string())
}

/// Whether a step tells the subject something for the first time, so that the token goes with it.
pub const fn tells_subject(step: &Step) -> bool {
    matches!(
        step,
        Step::NoticeServed(_) | Step::PrecheckOpened { .. } | Step::InterimPublished { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::request;

    #[test]
    fn every_template_is_read_as_a_request_of_its_step() {
        let id: domain::ids::RecordId =
            domain::ids::RecordId::mint(domain::civil::Instant::from_micros(1), [1; 10]);
        for template in all() {
            let unfilled = |text: &str| {
                text.replace("ID OF THE RECORD THAT TAKES ITS PLACE", &id.to_string())
                    .replace("ID OF THE ORGANISATION", &id.to_string())
                    .replace("\"CONDITION\"", "\"duty-performed\"")
                    .replace("PACK.MEASURE", "zz.measure")
                    .replace("PACK.ENTRY", "zz.entry")
            };
            let text = unfilled(template.json);
            let read = if template.command == "submit" {
                request::read(&text, None)
            } else {
                request::read(&with_command(&text, template.command).unwrap(), Some(id))
            };
            assert!(read.is_ok(), "{}: {read:?}", template.command);
        }
    }

    #[test]
    fn a_step_that_does_not_exist_is_told_with_those_that_do() {
        let problems = with_command("{}", "pardon").unwrap_err();
        assert!(problems[0].detail.as_deref().unwrap_or_default().contains("uphold"));
        assert!(with_command("[]", "waive").is_err());
    }
}
