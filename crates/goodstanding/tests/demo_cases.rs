//! The cases of the demonstration: played through the desk, standing in every state that can be
//! shown on whatever day it is built, and walked by the commands that `demo` prints.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use domain::civil::{Instant, Zone};
use domain::ids::{OrganisationId, RecordId};
use due_process::case::{Case, ClockStep};
use goodstanding::cases::Desk;
use goodstanding::clock::FixedClock;
use goodstanding::demo;
use goodstanding::registry::Registry;
use goodstanding::setup;
use support::{PROGRAM, Place, files_with, run};

fn build(at: &str) -> (Place, PathBuf, Instant) {
    let place = Place::new();
    let directory = place.path("demo");
    let now: Instant = at.parse().unwrap();
    demo::build(&directory, &FixedClock::new(now), &mut |_, _| {}).unwrap();
    (place, directory, now)
}

/// Each case that is there, as it stands on `now`.
fn cases(directory: &Path, now: Instant) -> BTreeMap<String, Case> {
    let packs = setup::load_packs(directory).unwrap();
    let clock = FixedClock::new(now);
    let desk = Desk::open(directory, &packs, &clock).unwrap();
    let mut cases = BTreeMap::new();
    for played in demo::played(directory).unwrap() {
        let record: RecordId = played.record.parse().unwrap();
        if let Some(found) = desk.case(record).unwrap() {
            cases.insert(played.name, found.case.as_of(now));
        }
    }
    cases
}

/// Every state but those that nothing is left in between two steps, or nothing at all.
const STATES: [&str; 13] = [
    "rejected",
    "noticed",
    "hearing",
    "deciding",
    "not_upheld",
    "standstill",
    "published",
    "objected",
    "stayed",
    "corrected",
    "withdrawn",
    "retired",
    "validated",
];

#[test]
fn cases_stand_in_every_state_that_can_be_shown_on_whatever_day_it_is() {
    let mut first: Option<BTreeMap<String, &str>> = None;
    // A Wednesday, a Friday night that is Saturday at the bureaux, the first of January, a leap
    // day, and the long holiday of the invented calendar.
    let days = [
        "2026-11-25T09:30:00Z",
        "2026-11-27T23:30:00Z",
        "2027-01-01T00:10:00Z",
        "2028-02-29T12:00:00Z",
        "2026-10-01T06:00:00Z",
    ];
    for day in days {
        let (_place, directory, now) = build(day);
        let cases = cases(&directory, now);
        let states: BTreeMap<String, &str> =
            cases.iter().map(|(name, case)| (name.clone(), case.state().key())).collect();
        if first.is_none() {
            let there: BTreeSet<&str> = states.values().copied().collect();
            assert_eq!(there, STATES.into_iter().collect(), "{states:#?}");
        }
        assert_eq!(*first.get_or_insert_with(|| states.clone()), states, "{day}");
        check_tomorrow(&cases, now, day);
    }
}

/// What is due tomorrow, or on the next working day where only those count.
fn check_tomorrow(cases: &BTreeMap<String, Case>, now: Instant, day: &str) {
    let due = [
        ("noticed", ClockStep::WindowEnded),
        ("deciding", ClockStep::DecisionLapsed),
        ("standstill", ClockStep::StandstillEnded),
        ("precheck", ClockStep::StandstillEnded),
        ("objected", ClockStep::ObjectionUnanswered),
        ("expires-tomorrow", ClockStep::Expired),
    ];
    for (name, step) in due {
        let (at, next) = cases[name].next_clock_step().unwrap();
        assert_eq!(next, step, "{name} on {day}");
        let zone: Zone = cases[name].revision.zone.parse().unwrap();
        let last = at.plus_minutes(-1).day_in(&zone);
        let today = now.day_in(&Zone::UTC);
        let days = last.days_since(today);
        // A long holiday with its weekend is five days.
        let most = if name == "expires-tomorrow" { 1 } else { 5 };
        assert!((1..=most).contains(&days), "{name} on {day}: {last}");
    }
}

#[test]
fn what_was_repaired_left_no_trace_and_two_authorities_are_late() {
    let (_place, directory, now) = build("2026-11-25T09:30:00Z");
    let registry = Registry::open(&directory, std::sync::Arc::new(FixedClock::new(now))).unwrap();
    let played = demo::played(&directory).unwrap();
    let shown = |name: &str| {
        let case = played.iter().find(|case| case.name == name).unwrap();
        let id: OrganisationId = case.organisation.parse().unwrap();
        registry.file(id, None, None).unwrap().unwrap().file.proceedings.len()
    };
    for name in ["repaired", "expired", "stayed", "lapsed", "noticed", "objection-unanswered"] {
        assert_eq!(shown(name), 0, "{name}");
    }
    for name in ["in-effect", "objected", "expires-tomorrow", "withdrawn", "interim", "honour"] {
        assert_eq!(shown(name), 1, "{name}");
    }
    // The register still says that it exists, and nothing else is said of it.
    assert_eq!(files_with(&directory.join("log"), "Kettles"), Vec::<PathBuf>::new());
    let cases = cases(&directory, now);
    let late: BTreeSet<&str> = cases
        .iter()
        .filter(|(_, case)| {
            case.is_repair_escalated()
                || case.objection.as_ref().is_some_and(|it| it.decide_by <= now)
        })
        .map(|(_, case)| case.authority.as_str())
        .chain(std::iter::once(cases["lapsed"].authority.as_str()))
        .collect();
    assert_eq!(late, ["demo.harbour-procurement", "demo.market-bureau"].into());
}

/// The demonstration at work; stopped when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_commands_that_demo_prints_walk_a_case_from_notice_to_repair() {
    let place = Place::new();
    let directory = place.path("a demo");
    let dir = directory.to_str().unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["demo", "--port", "0", "--dir", dir])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let _running = Running(child);
    let lines: Vec<String> = out
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.starts_with("Stop with"))
        .skip_while(|line| !line.starts_with("Walk one case"))
        .filter(|line| line.contains(" case "))
        .skip(1)
        .collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    // Pasted as they are, while the demonstration is being served.
    let paste = |line: &str| {
        let ended = Command::new("sh").args(["-c", line]).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(ended.status.success(), "{line}: {said}{ended:?}");
        said
    };
    let shown = paste(&lines[0]);
    assert!(shown.contains("NoticeServed") && shown.contains("S9"), "{shown}");
    let case = demo::played(&directory).unwrap();
    let case = case.iter().find(|case| case.name == "ready-for-repair").unwrap();
    let file =
        || run(&["show", &case.organisation, "--json", "--dir", dir]).expect(0).stdout.clone();
    assert!(file().contains(&case.record));
    paste(&lines[1]);
    let granted = paste(&lines[2]);
    assert!(granted.contains("S14"), "{granted}");
    assert!(!file().contains(&case.record), "no trace");
    run(&["verify", dir]).expect(0);
}

#[test]
fn i16_case_show_tells_the_subject_which_conditions_are_met_and_since_when() {
    let place = Place::new();
    let directory = place.registry();
    demo::build(&directory, &goodstanding::clock::SystemClock, &mut |_, _| {}).unwrap();
    let played = demo::played(&directory).unwrap();
    let case = played.iter().find(|case| case.name == "ready-for-repair").unwrap();
    let show = |token: &str| place.run(&["case", "show", &case.record, "--token", token, "--json"]);
    let standing = || -> Vec<(String, String)> {
        let shown = show(&case.token).expect(0).json();
        assert_eq!(shown["repair"]["fee"], 0);
        assert_eq!(shown["repair"]["open_now"], true);
        let conditions = shown["repair"]["conditions"].as_array().unwrap().clone();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        conditions
            .iter()
            .map(|it| {
                assert_eq!(it["since"].is_null(), it["standing"] == "open", "{it}");
                (text(&it["condition"]), text(&it["standing"]))
            })
            .collect()
    };
    let all = |states: [&str; 3]| -> Vec<(String, String)> {
        let keys = ["corrected", "duty-performed", "commitment-made"];
        keys.iter().zip(states).map(|(key, state)| ((*key).into(), state.into())).collect()
    };
    assert_eq!(standing(), all(["open"; 3]));
    // The token of another case opens nothing.
    let other = played.iter().find(|case| case.name == "noticed").unwrap();
    show(&other.token).expect(1);
    let tries = directory.join("try");
    let application = tries.join("apply-repair.json");
    let act = |step: &str, file: &std::path::Path, who: &str, proof: &str| {
        let file = file.to_str().unwrap();
        place.run(&["case", "act", &case.record, step, file, who, proof]).expect(0);
    };
    act("apply_repair", &application, "--token", &case.token);
    assert_eq!(standing(), all(["claimed"; 3]));
    let refusal = r#"{"unmet": ["corrected"], "reasons": "The press still prints them."}"#;
    let refusal = place.write("refusal.json", refusal);
    let key = tries.join("demo.market-bureau.decider-1.key");
    act("refuse_repair", &refusal, "--key", key.to_str().unwrap());
    assert_eq!(standing(), all(["unmet", "met", "met"]));
    // Once that changed, again at once.
    act("apply_repair", &application, "--token", &case.token);
    act("grant_repair", &place.write("none.json", "{}"), "--key", key.to_str().unwrap());
    assert_eq!(standing(), all(["met"; 3]));
}
