//! `calendar`: what it says of days and periods, whose announcement it rests on, and that it does
//! not guess.

mod support;

use serde_json::{Value, json};
use support::{Ended, Place};

fn place() -> Place {
    let place = Place::new();
    place.run(&["init", "--origin", "test.example/log"]).expect(0);
    place
}

fn refusal(ended: &Ended) -> (u64, String) {
    let value = ended.expect(1).json();
    let problem = &value["error"]["problems"][0];
    (problem["refusal"].as_u64().unwrap(), problem["message"].as_str().unwrap().to_owned())
}

#[test]
fn days_and_periods_are_told_with_their_source() {
    let place = place();
    let ask = |arguments: &[&str]| -> Value {
        let mut all = vec!["calendar", "--json"];
        all.extend(arguments);
        place.run(&all).expect(0).json()
    };
    let off = ask(&["cn", "--from", "2026-10-01"]);
    assert_eq!((&off["kind"], &off["counts"]), (&json!("off"), &json!(false)));
    assert_eq!(off["next_working_day"], "2026-10-08");
    assert!(off["sources"].as_array().unwrap().len() >= 2);
    assert_eq!(ask(&["cn", "--from", "2026-10-10"])["kind"], "make_up");
    assert_eq!(ask(&["cn", "--from", "2026-10-11"])["kind"], "weekend");
    let five = ask(&["cn", "--from", "2026-09-30", "--working-days", "5"]);
    assert_eq!(five["last_day"], "2026-10-13");
    // The day is over in Shanghai eight hours before it is in UTC.
    assert_eq!(five["ends_at"], "2026-10-13T16:00:00.000000Z");
    assert_eq!(ask(&["us", "--from", "2026-11-25", "--days", "30"])["last_day"], "2026-12-25");
    let by_name = ask(&["cn-sh", "--from", "2026-09-30", "--period", "cn-sh.objection.decide"]);
    assert_eq!(by_name["period"], "objection.decide");
    assert!(by_name["source"].as_str().unwrap().len() > 3);
    let year = ask(&["cn", "--year", "2026"]);
    assert!(year["days_off"].as_array().unwrap().contains(&json!("2026-02-16")));
    assert!(year["make_up_days"].as_array().unwrap().contains(&json!("2026-10-10")));
    let text = place.run(&["calendar", "cn", "--from", "2026-09-30", "--working-days", "5"]);
    let text = &text.expect(0).stdout;
    assert!(text.contains("2026-10-10, a Saturday: a working day, made up"), "{text}");
    assert!(text.contains("source: "), "{text}");
}

#[test]
fn what_no_source_covers_is_refused_and_never_guessed() {
    let place = place();
    for arguments in [
        &["cn", "--from", "2027-01-04"][..],
        &["cn", "--from", "2026-12-30", "--working-days", "5"],
        &["cn", "--from", "2026-12-30", "--period", "represent"],
        &["cn", "--year", "2027"],
    ] {
        let mut all = vec!["calendar", "--json"];
        all.extend(arguments);
        let (number, message) = refusal(&place.run(&all));
        assert_eq!(number, 442, "{arguments:?}");
        assert!(message.contains("2025-01-01 to 2026-12-31"), "{message}");
        assert!(message.contains("State Council"), "{message}");
    }
    let (number, message) = refusal(&place.run(&["calendar", "--json", "zz"]));
    assert_eq!(number, 441);
    assert!(message.contains("cn-sh"), "{message}");
    let period =
        place.run(&["calendar", "--json", "cn", "--from", "2026-06-01", "--period", "objection"]);
    let (number, message) = refusal(&period);
    assert_eq!(number, 443);
    assert!(message.contains("objection.decide") && !message.contains("standstill"), "{message}");
}

#[test]
fn a_year_is_written_for_calendar_programs() {
    let place = place();
    let out = place.path("2026.ics");
    place.run(&["calendar", "cn", "--year", "2026", "--ics", out.to_str().unwrap()]).expect(0);
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert!(text.contains("DTSTART;VALUE=DATE:20261001\r\nDTEND;VALUE=DATE:20261002\r\n"));
    assert!(text.lines().all(|line| line.len() <= 75), "folding is not needed");
    assert_eq!(text.matches("BEGIN:VEVENT").count(), text.matches("END:VEVENT").count());
    let first = text.clone();
    place.run(&["calendar", "cn", "--year", "2026", "--ics", out.to_str().unwrap()]).expect(0);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), first, "the same days, the same file");
}
