//! How records end, come back and are kept, through the desk: after each step the log verifies, the
//! tables are those that a rebuild gives, and the page shows what the rules say.

mod office;

use std::process::Command as Program;

use domain::case::CatalogueKey;
use domain::civil::{Day, Zone};
use domain::ids::RecordId;
use domain::refusal::Refusal;
use due_process::case::{Exposure, Phase, State};
use goodstanding::cases::By;
use goodstanding::clock::{Clock, FixedClock};
use goodstanding::registry::Registry;
use office::{Office, SUBJECT, notice, penalty, reviewer, subject, uphold, verify};
use projections::{dump, rebuild};
use serde_json::{Value, json};

fn case(office: &Office, record: RecordId) -> due_process::case::Case {
    office.desk().case(record).unwrap().unwrap().case.as_of(office.clock.now())
}

fn today(office: &Office, record: RecordId) -> Day {
    let zone: Zone = case(office, record).revision.zone.parse().unwrap();
    office.clock.now().day_in(&zone)
}

fn court() -> By {
    By::Court(reviewer("reviewer-3"))
}

/// A penalty in effect, and the token of its subject.
fn published(office: &Office) -> (RecordId, By) {
    let submitted = office.submit(penalty()).unwrap();
    let record = submitted.record;
    office.act(record, notice(), &office.key("officer-1")).unwrap();
    office.window_over(record);
    let today = today(office, record).to_string();
    office.act(record, uphold(&today, 0), &office.key("decider-1")).unwrap();
    office.standstill_over(record);
    holds(office, record, State::Published, Some(1));
    (record, By::Subject(submitted.subject_token))
}

/// Log, tables and page agree that `record` is in `state` and the file shows so many.
fn holds(office: &Office, record: RecordId, state: State, shown: Option<usize>) {
    assert_eq!(office.state(record), state);
    assert_eq!(office.shown(), shown, "{state:?}");
    verify(&office.directory());
    let reader = ledger::LedgerReader::open(&office.directory()).unwrap();
    let path = office.directory().join(goodstanding::setup::READ_TABLES);
    let followed = dump(&path).unwrap();
    rebuild(&path, &reader, &mut |_| {}).unwrap();
    assert_eq!(dump(&path).unwrap(), followed, "tables made anew are the same");
    assert_eq!(office.shown(), shown);
}

fn conditions(office: &Office) -> Vec<String> {
    let entry = CatalogueKey::new("demo.penalty-environment").unwrap();
    let entry = office.packs.catalogue_entry(&entry).unwrap();
    entry.repair.as_ref().unwrap().conditions.iter().map(|it| it.key.to_string()).collect()
}

fn repaired(office: &Office) -> (RecordId, By) {
    let (record, subject) = published(office);
    office.clock.advance(24 * 120);
    let apply =
        json!({"command": "apply_repair", "conditions": conditions(office), "text": "done"});
    office.act(record, apply, &subject).unwrap();
    office.act(record, json!({"command": "grant_repair"}), &office.key("decider-1")).unwrap();
    (record, subject)
}

fn serve(office: &Office, record: RecordId, purpose: &str, end_max: &str) -> Value {
    json!({"command": "serve_notice", "notice": {
        "purpose": purpose, "severity": "general", "end_max": end_max,
        "measures": [], "service": "registered letter 9",
        "served_on": today(office, record).to_string(), "facts": "the receipts were forged",
        "evidence": "the receipts and what the bank says of them",
        "access": "at the office, any working day", "office": "Legal desk, 4 Quay Street",
    }})
}

fn decide(office: &Office, record: RecordId, end: &str) -> Value {
    let today = today(office, record).to_string();
    json!({"command": "uphold", "outcome": {
        "document": {"number": "EB 17/2026-9", "date": today, "served_on": today},
        "severity": "general", "end": end, "reasons": "they were forged",
    }})
}

#[test]
fn t38_a_repair_got_by_fraud_is_taken_back_for_the_rest_of_the_first_term() {
    let office = Office::new();
    let (record, _) = repaired(&office);
    // A repaired record has no tombstone: it is kept, and nothing tells of it.
    holds(&office, record, State::Repaired, None);
    let longer = serve(&office, record, "repair_revocation", "2027-07-01");
    let longer = office.act(record, longer, &office.key("officer-2"));
    assert!(
        longer.unwrap_err().contains(&Refusal::TermBeyondOriginal.number()),
        "beyond the first term"
    );
    let notice = serve(&office, record, "repair_revocation", "2027-06-30");
    office.act(record, notice, &office.key("officer-2")).unwrap();
    office.window_over(record);
    let outcome = decide(&office, record, "2027-06-30");
    office.act(record, outcome, &office.key("decider-2")).unwrap();
    holds(&office, record, State::Published, Some(1));
    office.clock.set(case(&office, record).term.end_at.unwrap());
    assert_eq!(office.shown(), None, "its first end holds");
}

#[test]
fn t39_a_plan_that_was_fulfilled_ends_the_record() {
    let office = Office::new();
    let (record, _) = published(&office);
    let stay = json!({"command": "stay", "reason": "insolvency", "reference": "ruling 5"});
    assert_eq!(office.act(record, stay.clone(), &office.key("decider-1")).unwrap_err(), [701]);
    office.act(record, stay, &court()).unwrap();
    holds(&office, record, State::Stayed, None);
    office.act(record, json!({"command": "grant_repair"}), &office.key("decider-1")).unwrap();
    holds(&office, record, State::Repaired, None);
}

#[test]
fn t42_an_extension_holds_from_its_own_standstill_on() {
    let office = Office::new();
    let (record, _) = published(&office);
    let before = case(&office, record).term.end_at.unwrap();
    let last = "2027-11-30";
    let notice = serve(&office, record, "extension", last);
    office.act(record, notice, &office.key("officer-2")).unwrap();
    office.window_over(record);
    let outcome = decide(&office, record, last);
    office.act(record, outcome, &office.key("decider-2")).unwrap();
    assert_eq!(case(&office, record).term.end_at, Some(before));
    let (from, ..) = case(&office, record).term.extension.unwrap();
    office.clock.set(from);
    holds(&office, record, State::Published, Some(1));
    office.clock.set(before);
    assert_eq!(office.shown(), Some(1));
    let after = case(&office, record).term.end_at.unwrap();
    assert!(before < after);
    office.clock.set(after);
    holds(&office, record, State::Expired, None);
}

#[test]
fn t43_a_repealed_law_leaves_a_tombstone_without_content() {
    let office = Office::new();
    let (record, _) = published(&office);
    // Something else keeps the file of the organisation where it is.
    office.submit(permit("P 9", None)).unwrap();
    let withdraw = json!({
        "command": "withdraw", "reason": "law_repealed", "reference": "Act 9 of 2027",
        "ordered_on": null,
    });
    assert_eq!(office.act(record, withdraw.clone(), &office.key("decider-1")).unwrap_err(), [701]);
    office.act(record, withdraw, &By::Registry).unwrap();
    let exposure = case(&office, record).exposure();
    assert!(matches!(exposure, Exposure::WithdrawnTombstone(_)), "{exposure:?}");
    holds(&office, record, State::Withdrawn, Some(2));
    assert_eq!(text_of_file(&office).matches("a fine").count(), 0);
}

#[test]
fn t44_the_record_of_a_dissolved_organisation_is_kept_for_a_while_and_gone() {
    let office = Office::new();
    let (record, _) = published(&office);
    let on = today(&office, record).to_string();
    let cease = json!({"command": "cease_subject", "on": on});
    assert_eq!(office.act(record, cease.clone(), &court()).unwrap_err(), [701]);
    office.act(record, cease, &By::Registry).unwrap();
    holds(&office, record, State::Published, Some(1));
    office.clock.set(case(&office, record).ceased_keep_until.unwrap());
    holds(&office, record, State::Expired, None);
}

#[test]
fn t49_a_person_found_in_a_record_stops_it_at_once_and_a_second_step_ends_it() {
    let office = Office::new();
    let (record, _) = published(&office);
    // Something else keeps the file of the organisation where it is.
    office.submit(permit("P 9", None)).unwrap();
    let stay = json!({"command": "stay", "reason": "privacy", "reference": "report 3"});
    assert_eq!(office.act(record, stay.clone(), &office.key("officer-1")).unwrap_err(), [701]);
    let by = By::Reviewer(reviewer("reviewer-3"));
    office.act(record, stay, &by).unwrap();
    holds(&office, record, State::Stayed, Some(1));
    let withdraw = json!({
        "command": "withdraw", "reason": "privacy", "reference": "report 3", "ordered_on": null,
    });
    office.act(record, withdraw, &by).unwrap();
    holds(&office, record, State::Withdrawn, Some(2));
    assert_eq!(text_of_file(&office).matches("a fine").count(), 0);
}

/// T41: only an entry of the procurement office knows early release.
#[test]
fn t41_a_debarment_is_released_early_once_its_conditions_are_met() {
    let mut office = Office::new();
    for account in ["officer-1", "decider-1"] {
        office.register_for("demo.harbour-procurement", account);
    }
    let officer = office.key("demo.harbour-procurement/officer-1");
    let decider = office.key("demo.harbour-procurement/decider-1");
    let mut debarment = penalty();
    debarment["entry"] = "demo.debarment".into();
    debarment["grounds"] = json!(["fraud"]);
    debarment["fields"] = json!({"scope": "all tenders of the harbour"});
    let request = goodstanding::cases::request::read(&debarment.to_string(), None).unwrap();
    let record = office.execute(&request, &officer).unwrap().record;
    let mut serving = notice();
    serving["notice"]["severity"] = "serious".into();
    serving["notice"]["end_max"] = "2028-11-30".into();
    office.act(record, serving, &officer).unwrap();
    office.window_over(record);
    let mut outcome = uphold(&today(&office, record).to_string(), 0);
    outcome["outcome"]["severity"] = "serious".into();
    outcome["outcome"]["end"] = "2028-11-30".into();
    office.act(record, outcome, &decider).unwrap();
    office.standstill_over(record);
    holds(&office, record, State::Published, Some(1));
    let entry = CatalogueKey::new("demo.debarment").unwrap();
    let rule = office.packs.catalogue_entry(&entry).unwrap().release.as_ref().unwrap();
    let keys: Vec<String> = rule.conditions.iter().map(|it| it.key.to_string()).collect();
    let release =
        |conditions: &[String]| json!({"command": "release_early", "conditions": conditions});
    assert_eq!(office.act(record, release(&keys), &decider).unwrap_err(), [739], "too early");
    office.clock.advance(24 * 370);
    let unmet = office.act(record, release(&keys[1..]), &decider).unwrap_err();
    assert_eq!(unmet, [740]);
    office.act(record, release(&keys), &decider).unwrap();
    holds(&office, record, State::Repaired, None);
}

/// What the file of the subject says, as it is answered.
fn text_of_file(office: &Office) -> String {
    let clock = std::sync::Arc::new(FixedClock::new(office.clock.now()));
    let registry = Registry::open(&office.directory(), clock).unwrap();
    let id = registry.redirect(&subject()).unwrap().unwrap();
    format!("{:?}", registry.file(id, None, None).unwrap().unwrap().file)
}

fn erase(office: &Office, arguments: &[&str]) -> (Option<i32>, String) {
    let ended = Program::new(env!("CARGO_BIN_EXE_goodstanding"))
        .args(["erase", "--yes", "--json", "--dir", office.directory().to_str().unwrap()])
        .args(arguments)
        .output()
        .unwrap();
    let told = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8(told).unwrap())
}

#[test]
fn t48_what_a_court_holds_is_destroyed_by_no_command() {
    let office = Office::new();
    let (record, _) = published(&office);
    let organisation = case(&office, record).organisation.to_string();
    let hold = json!({"command": "place_hold", "reference": "order 8"});
    office.act(record, hold, &court()).unwrap();
    let record_id = record.to_string();
    for what in [["--record", record_id.as_str()], ["--organisation", organisation.as_str()]] {
        let (code, told) = erase(&office, &what);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("745"), "{told}");
    }
    holds(&office, record, State::Published, Some(1));
    let release = json!({"command": "release_hold", "reference": "order 9"});
    office.act(record, release, &court()).unwrap();
    let (code, told) = erase(&office, &["--record", &record_id]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(office.shown(), None);
    verify(&office.directory());
}

/// A permit: neutral, public at once.
fn permit(number: &str, predecessor: Option<RecordId>) -> Value {
    json!({
        "subject": {"identifier": SUBJECT, "name": "Fictional Tannery Ltd", "kind": "enterprise",
                    "country": "ZZ"},
        "entry": "demo.permit", "territory": "demo", "mode": "hosted", "grounds": [],
        "procedure": "ordinary", "case_number": number,
        "decision": {"number": number, "date": "2026-11-24", "served_on": "2026-11-24"},
        "fields": {"category": "Discharge", "content": "Cooling water", "number": number},
        "predecessor": predecessor.map(|id| id.to_string()),
    })
}

#[test]
fn t25_a_corrected_permit_gives_way_to_its_successor_at_once() {
    let office = Office::new();
    let first = office.submit(permit("P 1", None)).unwrap().record;
    holds(&office, first, State::Published, Some(1));
    let second = office.submit(permit("P 2", Some(first))).unwrap().record;
    assert_eq!(office.state(second), State::Validated, "the first one stands");
    assert_eq!(office.shown(), Some(1));
    let correct = json!({"command": "correct", "successor": second.to_string()});
    office.act(first, correct, &office.key("decider-1")).unwrap();
    holds(&office, first, State::Corrected, Some(2));
    assert_eq!(office.state(second), State::Published);
    let stands = office.published();
    assert_eq!(stands.len(), 1, "of the two one counts");
    assert_eq!(stands[0].facts().record, second);
    let Phase::Ended { at, .. } = case(&office, first).phase else { panic!("it was corrected") };
    assert_eq!(case(&office, second).phase, Phase::Published { since: at });
}
