//! Proceedings through the desk, with a clock that tests move: from an intended decision to the
//! repair that leaves nothing behind.

mod office;

use domain::adoption::{AuthorityKeyRevoked, key_name};
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::Zone;
use domain::event::EventBody;
use due_process::case::{ChainStage, State};
use due_process::consult::WhyNot;
use goodstanding::cases::By;
use goodstanding::clock::{Clock, FixedClock};
use goodstanding::consulting::{self, Asking};
use goodstanding::registry::Registry;
use ledger::SystemEntropy;
use ledger::note::SignerKey;
use office::{BUREAU, Office, notice, penalty, reviewer, subject, uphold, verify};
use serde_json::{Value, json};

#[test]
fn a_case_goes_from_intended_decision_to_publication_and_its_repair_leaves_nothing() {
    let office = Office::new();
    let submitted = office.submit(penalty()).unwrap();
    let record = submitted.record;
    assert_eq!(office.state(record), State::Validated);
    assert_eq!(office.shown(), None, "nothing shows before it was heard");

    office.act(record, notice(), &office.key("officer-1")).unwrap();
    let subject = By::Subject(submitted.subject_token.clone());
    let answer = json!({"command": "represent", "points": 2, "text": "1. not us 2. not then"});
    office.act(record, answer, &subject).unwrap();
    // Not before the window is over, and not without an answer to each point.
    let early = office.act(record, uphold("2026-11-26", 2), &office.key("decider-1"));
    assert_eq!(early.unwrap_err(), [727]);
    office.window_over(record);
    let case = office.desk().case(record).unwrap().unwrap().case.as_of(office.clock.now());
    assert!(matches!(case.chain.unwrap().stage, ChainStage::Deciding { .. }), "T10 by itself");
    let zone: Zone = case.revision.zone.parse().unwrap();
    let today = office.clock.now().day_in(&zone).to_string();
    let half = office.act(record, uphold(&today, 1), &office.key("decider-1"));
    assert_eq!(half.unwrap_err(), [732]);
    let by_officer = office.act(record, uphold(&today, 2), &office.key("officer-1"));
    assert_eq!(by_officer.unwrap_err(), [701]);
    office.act(record, uphold(&today, 2), &office.key("decider-1")).unwrap();
    assert_eq!(office.shown(), None, "not during the standstill");

    office.standstill_over(record);
    assert_eq!(office.shown(), Some(1), "T18 by itself");
    verify(&office.directory());
    let published = office.published();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].facts().record, record);

    let objection = json!({"command": "object", "ground": "error", "text": "the river is another"});
    office.act(record, objection, &subject).unwrap();
    assert_eq!(office.state(record), State::Objected);
    // Whoever had a part in it does not decide about the objection (I-23).
    let reject = json!({"command": "reject_objection", "reasons": "the river was looked up"});
    for account in ["officer-1", "decider-1"] {
        let own = office.act(record, reject.clone(), &office.key(account));
        assert_eq!(own.unwrap_err(), [702], "{account}");
    }
    office.act(record, reject, &office.key("decider-2")).unwrap();

    let conditions = office
        .packs
        .catalogue_entry(&domain::case::CatalogueKey::new("demo.penalty-environment").unwrap());
    let conditions: Vec<String> = conditions
        .unwrap()
        .repair
        .as_ref()
        .unwrap()
        .conditions
        .iter()
        .map(|condition| condition.key.to_string())
        .collect();
    let repair = json!({"command": "apply_repair", "conditions": conditions, "text": "receipts"});
    let early = office.act(record, repair.clone(), &subject);
    assert_eq!(early.unwrap_err(), [739], "the shortest term is not over");
    office.clock.advance(24 * 120);
    office.act(record, repair, &subject).unwrap();
    office.act(record, json!({"command": "grant_repair"}), &office.key("decider-1")).unwrap();
    assert_eq!(office.shown(), None, "as if it never was");
    verify(&office.directory());
}

#[test]
fn silence_of_the_authority_lets_the_case_lapse() {
    let office = Office::new();
    let record = office.submit(penalty()).unwrap().record;
    office.act(record, notice(), &office.key("officer-1")).unwrap();
    office.clock.advance(24 * 365);
    assert_eq!(office.state(record), State::NotUpheld);
    assert_eq!(office.shown(), None);
    let late = office.act(record, uphold("2027-11-26", 0), &office.key("decider-1"));
    assert_eq!(late.unwrap_err(), [703]);
}

#[test]
fn nobody_acts_who_has_not_proved_who_they_are() {
    let mut office = Office::new();
    let submitted = office.submit(penalty()).unwrap();
    let record = submitted.record;
    office.act(record, notice(), &office.key("officer-1")).unwrap();
    let waive = json!({"command": "waive"});
    let forged = By::Subject("0".repeat(32));
    assert_eq!(office.act(record, waive.clone(), &forged).unwrap_err(), [758]);
    // Of another record, the token is worth nothing.
    let mut other = penalty();
    other["conduct"] = json!({"from": "2026-04-01", "to": "2026-04-02"});
    let other = office.submit(other).unwrap();
    let foreign = By::Subject(other.subject_token.clone());
    assert_eq!(office.act(record, waive.clone(), &foreign).unwrap_err(), [758]);
    let unknown = By::Reviewer(reviewer("reviewer-99"));
    assert_eq!(office.act(record, waive, &unknown).unwrap_err(), [611]);
    // A key nobody registered, and one that was revoked.
    let authority = AuthorityKey::new(BUREAU).unwrap();
    let name = key_name(&authority, &AccountHandle::new("decider-9").unwrap());
    let stranger = SignerKey::generate(&mut SystemEntropy, &name).unwrap();
    let by = By::Key(Box::new(stranger));
    let abandon = json!({"command": "abandon"});
    assert_eq!(office.act(record, abandon.clone(), &by).unwrap_err(), [755]);
    let revoked = office.keys.iter().find(|key| key.vkey().name().ends_with("decider-2")).unwrap();
    let event = AuthorityKeyRevoked {
        authority,
        vkey: revoked.vkey().to_string(),
        by: reviewer("registrar-1"),
    };
    office.desk().adopt(EventBody::AuthorityKeyRevoked(event)).unwrap();
    assert_eq!(office.act(record, abandon, &office.key("decider-2")).unwrap_err(), [755]);
    office.keys.clear();
    verify(&office.directory());
}

#[test]
fn bad_requests_are_told_with_numbers_and_leave_nothing() {
    let office = Office::new();
    let size = || ledger::LedgerReader::open(&office.directory()).unwrap().size().unwrap();
    let before = size();
    let with = |pointer: &str, value: Value| {
        let mut request = penalty();
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    let longer = |key: &str, value: Value| {
        let mut request = penalty();
        request[key] = value;
        request
    };
    for (what, request, expected) in [
        ("no such entry", with("/entry", "demo.speech".into()), vec![754]),
        ("another's entry", with("/entry", "demo.debarment".into()), vec![704, 710]),
        ("a ground outside", with("/grounds", json!(["speech"])), vec![211]),
        ("a person's number", with("/case_number", "110101199003078515".into()), vec![102]),
        ("an unknown member", longer("score", 7.into()), vec![752]),
        ("conduct turned round", with("/conduct/to", "2026-04-01".into()), vec![711]),
        ("another territory", with("/territory", "cn".into()), vec![704]),
        ("a severity of one's own", longer("severity", "serious".into()), vec![718]),
        ("a protected kind", with("/subject/kind", "union".into()), vec![709, 103]),
        ("a name alone", with("/subject/identifier", Value::Null), vec![708]),
        (
            "decided before",
            longer(
                "decision",
                json!({
                    "number": "1", "date": "2026-11-20", "served_on": "2026-11-21"
                }),
            ),
            vec![713],
        ),
        ("no array", with("/grounds", "environment".into()), vec![752]),
    ] {
        let found = office.submit(request).unwrap_err();
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(size(), before, "nothing was committed");
}

/// One act, one record: neither another case number nor another day makes another act of it.
#[test]
fn one_act_is_put_on_record_once_by_one_authority() {
    let office = Office::new();
    let with = |pointer: &str, value: Value| {
        let mut request = penalty();
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    let first = office.submit(penalty()).unwrap().record;
    let again = |request: Value| office.submit(request).unwrap_err();
    assert_eq!(again(penalty()), [830]);
    assert_eq!(again(with("/case_number", "EB 18/2026".into())), [830]);
    let shifted = json!({"from": "2026-06-30", "to": "2026-07-31"});
    assert_eq!(again(with("/conduct", shifted)), [830], "a day is shared");
    // Another act, and another organisation.
    let later = json!({"from": "2026-07-01", "to": "2026-07-31"});
    office.submit(with("/conduct", later)).unwrap();
    let other = with("/subject/identifier", "lei:TEST00DEMO0000000141".into());
    office.submit(other).unwrap();

    // What was dropped undecided is begun anew only by naming it, and the chain stays in sight.
    let resubmitted = |of: domain::ids::RecordId| {
        let mut request = penalty();
        request["resubmission_of"] = of.to_string().into();
        request
    };
    assert_eq!(again(resubmitted(first)), [717], "it was not dropped yet");
    let dropped = json!({"command": "not_uphold", "reasons": "it was another river"});
    office.act(first, notice(), &office.key("officer-1")).unwrap();
    office.act(first, dropped.clone(), &office.key("decider-1")).unwrap();
    assert_eq!(again(penalty()), [830], "it was an accusation all the same");
    let second = office.submit(resubmitted(first)).unwrap().record;
    assert_eq!(again(resubmitted(first)), [830], "it runs again already");
    office.act(second, notice(), &office.key("officer-1")).unwrap();
    office.act(second, dropped.clone(), &office.key("decider-1")).unwrap();
    let third = office.submit(resubmitted(second)).unwrap().record;

    // Decided: a decision with a document of its own is another one, an intended one is not.
    office.act(third, notice(), &office.key("officer-1")).unwrap();
    office.window_over(third);
    let zone: Zone = "Asia/Shanghai".parse().unwrap();
    let today = office.clock.now().day_in(&zone).to_string();
    office.act(third, uphold(&today, 0), &office.key("decider-1")).unwrap();
    office.standstill_over(third);
    assert_eq!(again(penalty()), [830]);
    let decided = |number: &str| {
        let mut request = penalty();
        request["mode"] = "imported_final".into();
        request["decision"] = json!({"number": number, "date": today, "served_on": today});
        request["end"] = "2027-06-30".into();
        let attested = domain::case::Attestation::ALL.iter();
        let attested = attested.map(|it| json!({"attestation": it.key(), "reference": "A 1"}));
        request["attestations"] = attested.collect::<Vec<_>>().into();
        request
    };
    assert_eq!(again(decided("EB 17/2026-1")), [712, 830]);
    assert_eq!(again(decided(" EB 17/2026-1 ")), [712, 830], "spaces make no other number");
    let licence = office.submit(decided("EB 17/2026-2")).unwrap().record;
    assert_eq!(again(decided("EB 17/2026-2")), [712, 830]);
    // A correction takes the place of what it corrects.
    let mut correction = decided("EB 17/2026-3");
    correction["predecessor"] = third.to_string().into();
    office.submit(correction).unwrap();
    assert_ne!(licence, third);
    verify(&office.directory());
}

/// T54: what one authority set aside for itself is told to everybody and counts for it alone.
#[test]
fn t54_an_override_on_the_log_is_taken_into_account() {
    let office = Office::new();
    let record = office.submit(penalty()).unwrap().record;
    let mut serving = notice();
    serving["notice"]["measures"] = json!(["demo.closer-inspection"]);
    office.act(record, serving, &office.key("officer-1")).unwrap();
    office.window_over(record);
    let case = office.desk().case(record).unwrap().unwrap().case;
    let zone: Zone = case.revision.zone.parse().unwrap();
    let today = office.clock.now().day_in(&zone);
    let mut upheld = uphold(&today.to_string(), 0);
    upheld["outcome"]["measures"] = json!(["demo.closer-inspection"]);
    office.act(record, upheld, &office.key("decider-1")).unwrap();
    office.standstill_over(record);
    let ask = |addressee: Option<&str>| {
        let clock = std::sync::Arc::new(FixedClock::new(office.clock.now()));
        let registry = Registry::open(&office.directory(), clock).unwrap();
        let id = registry.redirect(&subject()).unwrap().unwrap();
        let part = |name| match name {
            "purpose" => Some("inspection"),
            "role" => Some("inspection_authority"),
            "territory" => Some("demo"),
            "addressee" => addressee,
            _ => None,
        };
        let asking = Asking::read(&registry.packs(), part).unwrap();
        consulting::ask(&registry, id, &asking).unwrap().unwrap().found
    };
    let before = ask(Some(BUREAU));
    assert_eq!(before.applicable.len(), 1, "{before:?}");
    let today = office.clock.now().day_in(&zone);
    let aside = json!({
        "command": "override_measure", "measure": "demo.closer-inspection",
        "from": today.plus_days(-2).to_string(), "until": today.plus_days(5).to_string(),
        "reasons": "Inspected by the harbour master every week already.",
    });
    office.act(record, aside, &office.key("officer-1")).unwrap();
    let own = ask(Some(BUREAU));
    assert!(own.applicable.is_empty());
    assert!(own.considered.iter().any(|it| it.why == WhyNot::SetAside), "{own:?}");
    for addressee in [None, Some("demo.harbour-procurement")] {
        let others = ask(addressee);
        let by = &others.applicable.first().unwrap().set_aside_by;
        assert_eq!(by.iter().map(ToString::to_string).collect::<Vec<_>>(), [BUREAU]);
    }
    office.clock.advance(24 * 7);
    assert_eq!(ask(Some(BUREAU)).applicable.len(), 1, "its days are over");
}
