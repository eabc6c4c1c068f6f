//! Decision tables and properties of quotations. The instants are written out, so that the tables
//! are a second statement of the rules and not a copy of the code.

use domain::civil::{Day, End, Instant, Period, Zone};
use domain::event::EventBody;
use domain::identifiers::{IdentifierClaim, claim, scheme::Scheme};
use domain::ids::{OrganisationId, RecordId, RowKey};
use domain::limits::{Act, Ground};
use domain::organisation::{Name, NameRole, OrganisationKind};
use domain::record::{Body, ListEntry, Record, RecordType};
use domain::refusal::Refusal;
use domain::submission::{OrganisationAsRead, Submission};
use domain::text::{EntryId, ListId, ProfileName, Texts};
use goodstanding_due_process::quotation::{
    Decision, Reading, Resolved, Standing, State, counts, decide, hold, is_shown, next_boundary,
    state,
};
use policy::{ListDefinition, QuotationRule};
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn list() -> ListDefinition {
    ListDefinition {
        field: None,
        sector: None,
        licence: None,
        id: ListId::new("br.test").unwrap(),
        title: Texts::from_pairs([("en", "Test")]),
        pack: "br".to_owned(),
        authority: domain::authority::AuthorityKey::new("br.cgu").unwrap(),
        record_type: RecordType::ListEntry,
        subjects: Vec::new(),
        url: "https://example.org".to_owned(),
        zone: "America/Sao_Paulo".parse().unwrap(),
        basis: Vec::new(),
        remedy: None,
        deciders: Vec::new(),
        entries: Vec::new(),
        fictional: true,
    }
}

fn name(text: &str, role: NameRole) -> Name {
    Name { text: text.to_owned(), language: String::new(), script: "Latn".to_owned(), role }
}

fn lei(value: &str) -> IdentifierClaim {
    claim(&Scheme::new("lei").unwrap(), value).unwrap()
}

/// Checked, and the same with a wrong check digit.
const LEI: &str = "529900T8BM49AURSDO55";
const LEI_WRONG: &str = "529900T8BM49AURSDO56";

fn row(end: Option<End>, claims: Vec<IdentifierClaim>) -> Submission {
    Submission {
        row: 2,
        row_key: "7".to_owned(),
        list: ListId::new("br.test").unwrap(),
        organisation: OrganisationAsRead {
            name: name("Acme Ltda", NameRole::Main),
            other_names: vec![name("ACME LTDA.", NameRole::Other), name("Apex", NameRole::Former)],
            kind: OrganisationKind::Enterprise,
            legal_form: None,
            country: None,
            place: None,
            claims,
            entry: None,
        },
        entries: vec![EntryId::new("art-87").unwrap()],
        grounds: vec![Ground::Contract],
        act: Some(Act::Administrative),
        period: Period { start: Some(day("2026-01-10")), end },
        body: Body::ListEntry(ListEntry::default()),
    }
}

fn resolved(is_new: bool) -> Resolved {
    Resolved {
        organisation: OrganisationId::from_bytes([1; 16]),
        is_new,
        known_kind: None,
        entry: RowKey([9; 16]),
        known_claims: Vec::new(),
        known_names: Vec::new(),
    }
}

fn decided(row: &Submission, standing: Option<&Standing>, subject: &Resolved) -> Decision {
    decided_on(&list(), row, standing, subject)
}

fn decided_on(
    list: &ListDefinition,
    row: &Submission,
    standing: Option<&Standing>,
    subject: &Resolved,
) -> Decision {
    let profile = ProfileName::new("test").unwrap();
    let reading = Reading {
        list,
        pack_hash: "00",
        profile: &profile,
        read_on: day("2026-01-20"),
        current_days_max: Some(7),
        hidden_after_days: Some(14),
    };
    let new_record = RecordId::from_bytes([2; 16]);
    decide(row, RowKey([7; 16]), RowKey([8; 16]), standing, subject, new_record, &reading)
}

fn standing(digest: u8, vanished: bool) -> Standing {
    Standing {
        record: RecordId::from_bytes([3; 16]),
        organisation: OrganisationId::from_bytes([1; 16]),
        revision: 4,
        row_digest: RowKey([digest; 16]),
        vanished,
        end_at: None,
    }
}

fn kinds(events: &[EventBody]) -> Vec<&'static str> {
    events.iter().map(EventBody::wire_type).collect()
}

fn record_of(decision: &Decision) -> &Record {
    let (Decision::Accepted(events) | Decision::Changed(events)) = decision else {
        panic!("no events");
    };
    match events.last().unwrap() {
        EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => record.as_ref(),
        other => panic!("{}", other.wire_type()),
    }
}

/// A record that ends on 2026-03-31 in São Paulo (UTC-3), current for 7 days and shown for 14.
fn record(end: Option<End>) -> Record {
    record_of(&decided(&row(end, Vec::new()), None, &resolved(true))).clone()
}

#[test]
fn what_becomes_of_a_row() {
    let row = row(None, Vec::new());
    // standing digest, vanished, expected outcome, expected revision
    let table = [
        (None, "accepted", 1),
        (Some(standing(8, false)), "unchanged", 0),
        (Some(standing(5, false)), "changed", 5),
        // A vanished key that comes back is a new record, equal or not (design 9.11).
        (Some(standing(8, true)), "accepted", 1),
        (Some(standing(5, true)), "accepted", 1),
    ];
    for (standing, outcome, revision) in table {
        let decision = decided(&row, standing.as_ref(), &resolved(false));
        let found = match &decision {
            Decision::Unchanged => "unchanged",
            Decision::Changed(_) => "changed",
            Decision::Accepted(_) => "accepted",
            Decision::Refused(_) => "refused",
        };
        assert_eq!(found, outcome);
        if outcome != "unchanged" {
            let record = record_of(&decision);
            assert_eq!(record.revision, revision);
            let expected = if outcome == "changed" { 3 } else { 2 };
            assert_eq!(record.id, RecordId::from_bytes([expected; 16]));
        }
    }
}

#[test]
fn a_new_organisation_is_registered_with_what_the_row_says() {
    let joined = row(None, vec![lei(LEI)]);
    let Decision::Accepted(events) = decided(&joined, None, &resolved(true)) else { panic!() };
    // `ACME LTDA.` folds to the main name, `Apex` does not.
    let expected =
        ["OrganisationRegistered/1", "IdentifierClaimed/1", "NameClaimed/1", "RecordSubmitted/1"];
    assert_eq!(kinds(&events), expected);
    let EventBody::OrganisationRegistered(registered) = &events[0] else { panic!() };
    assert_eq!(registered.entry, None, "a checked identifier joins it");
}

#[test]
fn without_a_checked_identifier_the_organisation_is_its_publishers_entry() {
    // I-29: an invalid identifier is kept and joins nothing.
    for claims in [vec![], vec![lei(LEI_WRONG)]] {
        let row = row(None, claims);
        let Decision::Accepted(events) = decided(&row, None, &resolved(true)) else { panic!() };
        let EventBody::OrganisationRegistered(registered) = &events[0] else { panic!() };
        assert_eq!(registered.entry, Some(RowKey([9; 16])));
    }
}

#[test]
fn what_is_known_of_an_organisation_is_not_said_again() {
    let row = row(None, vec![lei(LEI)]);
    let known = Resolved {
        known_claims: vec![lei(LEI)],
        known_names: vec!["acme ltda".to_owned(), "apex".to_owned()],
        ..resolved(false)
    };
    let Decision::Accepted(events) = decided(&row, None, &known) else { panic!() };
    assert_eq!(kinds(&events), ["RecordSubmitted/1"]);
    let Decision::Accepted(events) = decided(&row, None, &resolved(false)) else { panic!() };
    let expected = ["IdentifierClaimed/1", "NameClaimed/1", "NameClaimed/1", "RecordSubmitted/1"];
    assert_eq!(kinds(&events), expected);
}

#[test]
fn p6_the_kind_on_record_protects_whatever_the_row_calls_it() {
    let exclusion = ListDefinition { record_type: RecordType::ProcurementExclusion, ..list() };
    let (union, unstated) = (OrganisationKind::Union, OrganisationKind::Unstated);
    // list, kind of the row, kind on record, act, whether it may stand
    let table = [
        (&exclusion, unstated, Some(union), Some(Act::Administrative), false),
        (&exclusion, union, Some(unstated), Some(Act::Administrative), false),
        (&exclusion, union, None, Some(Act::Administrative), false),
        (&exclusion, unstated, Some(union), None, false),
        (&exclusion, unstated, Some(union), Some(Act::FinalCourt), true),
        (&exclusion, unstated, Some(union), Some(Act::Registrar), true),
        (&exclusion, unstated, Some(unstated), Some(Act::Administrative), true),
        (&exclusion, unstated, None, None, true),
    ];
    for (list, kind, known_kind, act, may_stand) in table {
        let mut row = row(None, vec![lei(LEI)]);
        row.organisation.kind = kind;
        row.act = act;
        let subject = Resolved { known_kind, ..resolved(false) };
        for standing in [None, Some(standing(5, false))] {
            let decision = decided_on(list, &row, standing.as_ref(), &subject);
            let is_refused = decision == Decision::Refused(Refusal::ProtectedKind);
            assert_eq!(is_refused, !may_stand, "{kind:?} {known_kind:?} {act:?}");
        }
    }
    let neutral = ListDefinition { record_type: RecordType::AdminPermit, ..list() };
    let permit = row(None, vec![lei(LEI)]);
    let subject = Resolved { known_kind: Some(union), ..resolved(false) };
    assert!(matches!(decided_on(&neutral, &permit, None, &subject), Decision::Accepted(_)));
}

#[test]
fn an_end_is_computed_once_in_the_publishers_zone() {
    let with_end = record(Some(End::On(day("2026-03-31"))));
    assert_eq!(with_end.end_at, Some(instant("2026-04-01T03:00:00Z")));
    assert_eq!(with_end.zone, "America/Sao_Paulo");
    let indefinite = record(Some(End::Indefinite { basis: "art. 1".to_owned() }));
    assert_eq!(indefinite.end_at, None);
}

#[test]
fn i06_i66_states_change_at_the_instant() {
    let ends = record(Some(End::On(day("2026-01-25"))));
    let open = record(None);
    // Read on 20 January: current through the 27th, shown through 3 February; midnight is 03:00
    // UTC.
    let table = [
        (&ends, false, "2026-01-20T12:00:00Z", State::Listed),
        (&ends, false, "2026-01-26T02:59:59.999999Z", State::Listed),
        (&ends, false, "2026-01-26T03:00:00Z", State::Ended),
        (&ends, false, "2030-01-01T00:00:00Z", State::Ended),
        (&ends, true, "2026-01-20T12:00:00Z", State::Vanished),
        (&open, false, "2026-01-10T02:59:59.999999Z", State::NotStarted),
        (&open, false, "2026-01-10T03:00:00Z", State::Listed),
        (&open, false, "2026-01-28T02:59:59.999999Z", State::Listed),
        (&open, false, "2026-01-28T03:00:00Z", State::NotCurrent),
        (&open, false, "2026-02-04T02:59:59.999999Z", State::NotCurrent),
        (&open, false, "2026-02-04T03:00:00Z", State::Hidden),
        (&open, true, "2026-02-04T03:00:00Z", State::Vanished),
    ];
    for (record, vanished, on, expected) in table {
        assert_eq!(state(record, day("2026-01-20"), vanished, instant(on)), expected, "{on}");
    }
    // Re-reading makes it current again; an end is not moved by it.
    let later = instant("2026-02-04T03:00:00Z");
    assert_eq!(state(&open, day("2026-02-01"), false, later), State::Listed);
    assert_eq!(state(&ends, day("2026-02-01"), false, later), State::Ended);
}

#[test]
fn what_counts_is_shown_and_what_is_not_current_counts_nowhere() {
    for state in State::ALL {
        assert!(is_shown(state) || !counts(state), "{}", state.key());
    }
    for state in [State::NotStarted, State::NotCurrent] {
        assert!(is_shown(state) && !counts(state));
    }
    assert_eq!(State::ALL.into_iter().filter(|state| is_shown(*state)).count(), 3);
}

#[test]
fn i65_a_snapshot_that_would_end_too_much_is_held() {
    let rule = QuotationRule { current_days_default: 7, hidden_factor: 2, vanished_percent_max: 5 };
    // standing, vanished, rows, floor, has snapshot
    let table = [
        (100, 5, 95, 90, true, None),
        (100, 6, 94, 90, true, Some(Refusal::TooManyVanished)),
        (100, 6, 94, 90, false, None),
        (100, 0, 89, 90, true, Some(Refusal::RowFloorMissed)),
        (100, 50, 50, 90, true, Some(Refusal::RowFloorMissed)),
        (0, 0, 1, 0, true, None),
        (19, 1, 18, 0, true, Some(Refusal::TooManyVanished)),
        (20, 1, 19, 0, true, None),
        (u64::MAX, u64::MAX, 1, 0, true, Some(Refusal::TooManyVanished)),
    ];
    for (standing, vanished, rows, floor, has_snapshot, expected) in table {
        let found = hold(standing, vanished, rows, floor, &rule, has_snapshot);
        assert_eq!(found, expected, "{standing} {vanished} {rows} {floor} {has_snapshot}");
    }
}

fn any_record() -> impl Strategy<Value = (Record, Day, bool)> {
    let zones =
        prop::sample::select(vec!["UTC", "America/Sao_Paulo", "Asia/Shanghai", "Pacific/Apia"]);
    (
        zones,
        0_i64..400,
        prop::option::of(0_i64..400),
        0_i64..400,
        prop::option::of(0_u16..40),
        any::<bool>(),
    )
        .prop_map(|(zone, start, end, read, current, vanished)| {
            let base = day("2018-09-01");
            let mut record = record(None);
            let at: Zone = zone.parse().unwrap();
            record.zone = zone.to_owned();
            record.period.start = Some(base.plus_days(start));
            record.end_at = end.map(|end| at.end_of(base.plus_days(start + end)));
            record.quotation.current_days_max = current;
            record.quotation.hidden_after_days = current.map(|days| days * 2);
            (record, base.plus_days(read), vanished)
        })
}

proptest! {
    #[test]
    fn i06_nothing_comes_back_as_time_passes(
        (record, read, vanished) in any_record(),
        one in 0_i64..600 * 24,
        later in 0_i64..600 * 24,
    ) {
        let begin = instant("2018-08-01T00:00:00Z").plus_hours(one);
        let (before, after) = (
            state(&record, read, vanished, begin),
            state(&record, read, vanished, begin.plus_hours(later)),
        );
        prop_assert!(before <= after || before == State::Hidden && after == State::Ended);
        if record.end_at.is_some_and(|end| end <= begin) {
            prop_assert!(!is_shown(before));
        }
    }

    #[test]
    fn the_next_boundary_is_where_the_state_changes(
        (record, read, vanished) in any_record(),
        at in 0_i64..600 * 24,
    ) {
        let now = instant("2018-08-01T00:00:00Z").plus_hours(at);
        let first = state(&record, read, vanished, now);
        match next_boundary(&record, read, now) {
            Some(next) => {
                prop_assert!(next > now);
                let just_before = Instant::from_micros(next.micros() - 1);
                prop_assert_eq!(state(&record, read, vanished, just_before), first);
            }
            None => {
                prop_assert_eq!(state(&record, read, vanished, now.plus_hours(1_000_000)), first);
            }
        }
    }

    #[test]
    fn deciding_twice_changes_nothing(digest in any::<[u8; 16]>(), revision in 1_u32..9) {
        let row = row(None, Vec::new());
        let standing = Standing { revision, row_digest: RowKey(digest), ..standing(0, false) };
        let first = decided(&row, Some(&standing), &resolved(false));
        prop_assert_eq!(&first, &decided(&row, Some(&standing), &resolved(false)));
        if let Decision::Changed(_) = first {
            let record = record_of(&first);
            let after = Standing {
                revision: record.revision,
                row_digest: record.quotation.row_digest,
                ..standing
            };
            prop_assert_eq!(decided(&row, Some(&after), &resolved(false)), Decision::Unchanged);
        }
    }
}
