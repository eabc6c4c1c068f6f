//! Acts of authorities in whole logs: which key counted where.

use super::*;
use crate::manifest::{Submission, build};
use crate::wire::examples::Dice;
use crate::wire::{item, seal, seal_signed};
use domain::adoption::{AuthorityKeyRegistered, AuthorityKeyRevoked, ReviewerPair, key_name};
use domain::authority::AuthorityKey;
use domain::case::{AccountHandle, Actor, CaseEvent};
use domain::event::{Event, EventBody};
use domain::identity::ReviewerHandle;

impl Log {
    /// A real event, sealed.
    fn real(&mut self, body: EventBody, signed: Option<&Submission>) -> u64 {
        let position = self.size();
        let event = Event { at: at(TIME), body };
        let mut entropy = SeededEntropy::new(self.seed * 1_000 + position);
        let opening = match signed {
            None => seal(&event, &mut entropy).unwrap(),
            Some(signed) => seal_signed(&event, signed, &mut entropy).unwrap(),
        };
        let leaf = Leaf::Event { commitment: commitment(&opening) };
        let line = format!("{position} - sealed");
        self.rows.push(Row { leaf, opening: Some(opening), line });
        position
    }
}

fn office() -> AuthorityKey {
    AuthorityKey::new("zz.office").unwrap()
}

fn key() -> SignerKey {
    let name = key_name(&office(), &AccountHandle::new("officer-7").unwrap());
    SignerKey::generate(&mut SeededEntropy::new(31), &name).unwrap()
}

fn registration() -> EventBody {
    let [one, two] = ["registrar-1", "registrar-2"].map(|text| ReviewerHandle::new(text).unwrap());
    EventBody::AuthorityKeyRegistered(AuthorityKeyRegistered {
        authority: office(),
        account: AccountHandle::new("officer-7").unwrap(),
        vkey: key().vkey().to_string(),
        by: ReviewerPair::new(one, two).unwrap(),
    })
}

fn revocation() -> EventBody {
    EventBody::AuthorityKeyRevoked(AuthorityKeyRevoked {
        authority: office(),
        vkey: key().vkey().to_string(),
        by: ReviewerHandle::new("registrar-1").unwrap(),
    })
}

/// Two notices and the submission of each, signed for `origin`.
fn notices(origin: &str) -> Vec<(EventBody, Submission)> {
    let officer = || Actor::Authority(AccountHandle::new("officer-7").unwrap());
    let acts =
        [1, 2].map(|seed| CaseEvent { actor: officer(), ..Dice::new(seed).case("NoticeServed") });
    let mut entropy = SeededEntropy::new(8);
    let items = acts.iter().map(|act| item(act, &mut entropy).unwrap()).collect();
    let signed = build(origin, &office(), items, at(TIME), &key(), &mut entropy);
    acts.into_iter().map(|act| EventBody::Case(Box::new(act))).zip(signed).collect()
}

/// A registered key (position 2), two notices signed with it, and one event that is sealed.
pub(super) fn acts() -> Log {
    let mut log = Log::new(3);
    log.real(registration(), None);
    let notices = notices(ORIGIN);
    for (body, signed) in &notices {
        log.real(body.clone(), Some(signed));
    }
    log.open(vec![(2, 4)]);
    log.event(TIME);
    log.publish();
    log
}

/// Logs that are not true, or of which one cannot tell.
pub(super) fn spoiled() -> Vec<(&'static str, Log)> {
    let mut logs = Vec::new();
    let mut add = |why, events: &[(EventBody, Option<&Submission>)], sealed: &[u64]| {
        let mut log = Log::new(3);
        for (body, signed) in events {
            log.real(body.clone(), *signed);
        }
        let open = (2..log.size()).filter(|at| !sealed.contains(at)).map(|at| (at, at)).collect();
        log.open(open);
        log.publish();
        logs.push((why, log));
    };
    let (own, other) = (notices(ORIGIN), notices("other.example/log"));
    let (key, gone) = ((registration(), None), (revocation(), None));
    let signed = (own[0].0.clone(), Some(&own[0].1));
    add("an act without signature", &[key.clone(), (own[0].0.clone(), None)], &[]);
    add("an act before its key", &[signed.clone(), key.clone()], &[]);
    add("an act after the end of its key", &[key.clone(), gone.clone(), signed.clone()], &[]);
    add("an act before the end of its key", &[key.clone(), signed.clone(), gone], &[]);
    add("an act entered twice", &[key.clone(), signed.clone(), signed.clone()], &[]);
    add(
        "an act for another registry",
        &[key.clone(), (other[0].0.clone(), Some(&other[0].1))],
        &[],
    );
    add("a key that stays sealed", &[key.clone(), signed.clone()], &[2]);
    add("an act that stays sealed cannot be judged", &[key, (own[0].0.clone(), None)], &[3]);
    logs
}

#[test]
fn i43_acts_signed_with_a_registered_key_are_true() {
    let report = acts().verify();
    assert_eq!(report.outcome, Outcome::True, "{report:?}");
    assert!(report.warnings.is_empty(), "{report:?}");
    // Nothing that is not for the public was needed for it.
    let lines: String = acts().rows.iter().map(|row| format!("{}\n", row.line)).collect();
    let all: usize = acts()
        .rows
        .iter()
        .filter_map(|row| row.opening.as_ref())
        .map(|o| o.disclosures.len())
        .sum();
    assert_eq!(lines.matches('\t').count(), 0);
    assert!(all >= 4, "the notices have texts");
}

#[test]
fn i49_what_no_valid_key_signed_is_false() {
    for (why, log) in spoiled() {
        let expected = match why {
            "an act before the end of its key" | "an act that stays sealed cannot be judged" => 0,
            _ => 1,
        };
        let report = log.verify();
        assert_eq!(report.outcome.exit_code(), expected, "{why}: {report:?}");
    }
}

#[test]
fn a_private_field_that_is_served_is_worth_a_warning() {
    let mut log = acts();
    let opening = log.rows[3].opening.clone().unwrap();
    log.rows[3].line.push_str(&format!("\t{}", opening.disclosures[0]));
    let report = log.publish().verify();
    assert_eq!(report.outcome, Outcome::True);
    assert_eq!(report.warnings, ["position 3: a field that is not for the public is served"]);
}

#[test]
fn a_key_in_a_file_that_is_missing_leaves_it_open() {
    let mut log = acts();
    for _ in log.size()..260 {
        log.event(TIME);
    }
    let (body, signed) = notices("other.example/log").remove(0);
    let position = log.real(body, Some(&signed));
    log.open(vec![(position, position)]);
    log.publish();
    log.files.remove(&payload_path(0, 256));
    assert_eq!(log.verify().outcome.exit_code(), 2);
}
