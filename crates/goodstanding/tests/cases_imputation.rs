//! T45 through the desk: a record comes to a successor that was heard, and to nobody else; then
//! log, tables, pages and tokens agree about whose it is.

mod office;

use domain::civil::Zone;
use domain::identifiers::scheme::Scheme;
use domain::identifiers::{self, IdentifierClaim};
use domain::ids::{OrganisationId, RecordId};
use due_process::case::State;
use goodstanding::cases::By;
use goodstanding::clock::{Clock, FixedClock};
use goodstanding::registry::Registry;
use office::{Office, notice, penalty, reviewer, subject, uphold, verify};
use projections::rebuild;
use serde_json::{Value, json};

const SUCCESSOR: &str = "cn-uscc:91990000TE5T00155M";

fn claim(text: &str) -> IdentifierClaim {
    let (scheme, value) = text.split_once(':').unwrap();
    identifiers::claim(&Scheme::new(scheme).unwrap(), value).unwrap()
}

/// A permit: how the registry comes to know an organisation.
fn permit(identifier: &str, name: &str, kind: &str, number: &str) -> Value {
    json!({
        "subject": {"identifier": identifier, "name": name, "kind": kind, "country": "ZZ"},
        "entry": "demo.permit", "territory": "demo", "mode": "hosted", "grounds": [],
        "procedure": "ordinary", "case_number": number,
        "decision": {"number": number, "date": "2026-11-24", "served_on": "2026-11-24"},
        "fields": {"category": "Discharge", "content": "Cooling water", "number": number},
    })
}

fn imputation(successor: &str, served_on: &str) -> Value {
    json!({"command": "serve_notice", "notice": {
        "purpose": "imputation", "severity": "general", "measures": [],
        "successor": successor, "service": "registered letters 7 and 8", "served_on": served_on,
        "facts": "The works were taken over; contract of sale 12, deposited at the register.",
        "evidence": "the contract of sale", "access": "at the office, any working day",
        "office": "Legal desk, 4 Quay Street",
    }})
}

fn today(office: &Office, record: RecordId) -> String {
    let case = office.desk().case(record).unwrap().unwrap().case;
    let zone: Zone = case.revision.zone.parse().unwrap();
    office.clock.now().day_in(&zone).to_string()
}

fn published(office: &Office) -> (RecordId, String) {
    let submitted = office.submit(penalty()).unwrap();
    let record = submitted.record;
    office.act(record, notice(), &office.key("officer-1")).unwrap();
    office.window_over(record);
    let today = today(office, record);
    office.act(record, uphold(&today, 0), &office.key("decider-1")).unwrap();
    office.standstill_over(record);
    assert_eq!(office.state(record), State::Published);
    (record, submitted.subject_token)
}

/// How many records of proceedings each file shows.
fn shown(office: &Office, of: &IdentifierClaim) -> usize {
    let clock = std::sync::Arc::new(FixedClock::new(office.clock.now()));
    let registry = Registry::open(&office.directory(), clock).unwrap();
    let Some(id) = registry.redirect(of).unwrap() else { return 0 };
    registry.file(id, None, None).unwrap().map_or(0, |answer| answer.file.proceedings.len())
}

fn impute(successor: OrganisationId) -> Value {
    json!({"command": "impute", "successor": successor.to_string(), "reference": "EB 17/2026-2"})
}

#[test]
fn a_record_comes_to_a_successor_that_was_heard_and_to_nobody_else() {
    let office = Office::new();
    let (record, token) = published(&office);
    let firm = office.submit(permit(SUCCESSOR, "Fictional Leather Ltd", "enterprise", "P 1"));
    let successor = firm.unwrap().organisation;
    let union = permit("cn-uscc:81990000TE5T00286J", "Union of Tanners", "union", "P 2");
    let union = office.submit(union).unwrap().organisation;
    let (officer, subject_by) = (office.key("officer-2"), By::Subject(token.clone()));
    let day = today(&office, record);
    let serve = |to: &str| office.act(record, imputation(to, &day), &officer);

    // To nobody, to itself, to a union.
    let nobody = "01939a5e-0000-7000-8000-000000000009";
    assert_eq!(serve(nobody).unwrap_err(), [870]);
    let own = office.desk().case(record).unwrap().unwrap().case.organisation;
    assert_eq!(serve(&own.to_string()).unwrap_err(), [870]);
    assert_eq!(serve(&union.to_string()).unwrap_err(), [709, 103]);
    // Not on anybody's word, however real the reference looks.
    let (first, second) =
        (By::Reviewer(reviewer("reviewer-3")), By::Reviewer(reviewer("reviewer-4")));
    assert_eq!(office.act(record, impute(successor), &first).unwrap_err(), [871]);
    let decider = office.key("decider-2");
    assert_eq!(office.act(record, impute(successor), &decider).unwrap_err(), [701]);
    assert_eq!(office.act(record, impute(successor), &By::Registry).unwrap_err(), [701]);

    // Both are told, both answer, neither for the other, and nobody who proved nothing.
    let told = serve(&successor.to_string()).unwrap();
    assert_eq!(told.subject_token, token, "the one it is about keeps its token until then");
    let successor_by = By::Subject(told.successor_token.unwrap());
    let answer = json!({"command": "represent", "points": 1, "text": "1. we bought machines"});
    assert_eq!(office.act(record, answer.clone(), &By::ThirdParty).unwrap_err(), [701]);
    office.act(record, answer.clone(), &successor_by).unwrap();
    office.act(record, answer, &subject_by).unwrap();
    for by in [&subject_by, &successor_by] {
        let waived = office.act(record, json!({"command": "waive"}), by).unwrap_err();
        assert!([[873], [701], [832]].iter().any(|it| waived == *it), "{waived:?}");
    }
    let repair = json!({"command": "apply_repair", "conditions": [], "text": "not mine yet"});
    assert_eq!(office.act(record, repair, &successor_by).unwrap_err(), [701]);

    office.window_over(record);
    let day = today(&office, record);
    let by_officer = office.act(record, uphold(&day, 2), &office.key("officer-1"));
    assert_eq!(by_officer.unwrap_err(), [701]);
    assert_eq!(office.act(record, uphold(&day, 1), &decider).unwrap_err(), [732]);
    office.act(record, uphold(&day, 2), &decider).unwrap();
    assert_eq!(office.act(record, impute(successor), &first).unwrap_err(), [871], "standstill");
    let case = office.desk().case(record).unwrap().unwrap().case;
    office.clock.set(case.imputation.unwrap().from);
    assert_eq!(office.act(record, impute(union), &first).unwrap_err(), [872]);
    office.act(record, impute(successor), &first).unwrap();
    assert_eq!(office.act(record, impute(successor), &first).unwrap_err(), [702]);
    assert_eq!((shown(&office, &subject()), shown(&office, &claim(SUCCESSOR))), (1, 1));
    office.act(record, impute(successor), &second).unwrap();

    // Log, tables, pages and tokens agree.
    assert_eq!((shown(&office, &subject()), shown(&office, &claim(SUCCESSOR))), (0, 2));
    let object = json!({"command": "object", "ground": "error", "text": "other machines"});
    assert_eq!(office.act(record, object.clone(), &subject_by).unwrap_err(), [758]);
    office.act(record, object, &successor_by).unwrap();
    assert_eq!(office.state(record), State::Objected);
    verify(&office.directory());
    agree_after_a_rebuild(&office);
}

/// Tables made anew from the log are those that followed it.
fn agree_after_a_rebuild(office: &Office) {
    let before = (shown(office, &subject()), shown(office, &claim(SUCCESSOR)));
    let reader = ledger::LedgerReader::open(&office.directory()).unwrap();
    let path = office.directory().join(goodstanding::setup::READ_TABLES);
    rebuild(&path, &reader, &mut |_| {}).unwrap();
    assert_eq!((shown(office, &subject()), shown(office, &claim(SUCCESSOR))), before);
}

#[test]
fn an_authority_that_falls_silent_leaves_the_record_where_it_is() {
    let office = Office::new();
    let (record, token) = published(&office);
    let firm = office.submit(permit(SUCCESSOR, "Fictional Leather Ltd", "enterprise", "P 1"));
    let successor = firm.unwrap().organisation;
    let day = today(&office, record);
    let told =
        office.act(record, imputation(&successor.to_string(), &day), &office.key("officer-2"));
    let successor_by = By::Subject(told.unwrap().successor_token.unwrap());
    let decide_by = office.desk().case(record).unwrap().unwrap().case.chain.unwrap().decide_by;
    office.clock.set(decide_by);
    let first = By::Reviewer(reviewer("reviewer-3"));
    assert_eq!(office.act(record, impute(successor), &first).unwrap_err(), [871]);
    let object = json!({"command": "object", "ground": "error", "text": "not ours"});
    assert_eq!(office.act(record, object.clone(), &successor_by).unwrap_err(), [758]);
    office.act(record, object, &By::Subject(token)).unwrap();
    assert_eq!((shown(&office, &subject()), shown(&office, &claim(SUCCESSOR))), (1, 1));
    verify(&office.directory());
}

#[test]
fn i30_a_record_is_on_the_file_of_the_one_it_is_about_whoever_owns_it() {
    let office = Office::new();
    // The same name and one word more: what people call a subsidiary.
    let name = "Fictional Tannery (Coast) Ltd";
    office.submit(permit(SUCCESSOR, name, "enterprise", "P 1")).unwrap();
    let (_, _) = published(&office);
    assert_eq!((shown(&office, &subject()), shown(&office, &claim(SUCCESSOR))), (1, 1));
    office.submit(permit(office::SUBJECT, "Fictional Tannery Ltd", "enterprise", "P 2")).unwrap();
    assert_eq!((shown(&office, &subject()), shown(&office, &claim(SUCCESSOR))), (2, 1));
}
