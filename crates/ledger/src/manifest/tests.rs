use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::SeededEntropy;
use crate::wire::{
    Opening, commitment, examples::Dice, published, seal, seal_signed, submission, unseal,
};
use domain::adoption::{AuthorityKeyRegistered, AuthorityKeyRevoked, ReviewerPair, key_name};
use domain::case::{AccountHandle, Actor, CaseEvent, Step};
use domain::event::{Event, EventBody};
use domain::identity::ReviewerHandle;

const ORIGIN: &str = "registry.example/log";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn now() -> Instant {
    at("2026-11-22T08:00:00Z")
}

fn authority() -> AuthorityKey {
    AuthorityKey::new("zz.office").unwrap()
}

fn officer() -> AccountHandle {
    AccountHandle::new("officer-7").unwrap()
}

fn key(seed: u64, account: &str) -> SignerKey {
    let name = key_name(&authority(), &AccountHandle::new(account).unwrap());
    SignerKey::generate(&mut SeededEntropy::new(seed), &name).unwrap()
}

fn event(body: EventBody) -> Event {
    Event { at: now(), body }
}

fn registered(key: &SignerKey, account: &str) -> Event {
    let [one, two] = ["registrar-1", "registrar-2"].map(|text| ReviewerHandle::new(text).unwrap());
    event(EventBody::AuthorityKeyRegistered(AuthorityKeyRegistered {
        authority: authority(),
        account: AccountHandle::new(account).unwrap(),
        vkey: key.vkey().to_string(),
        by: ReviewerPair::new(one, two).unwrap(),
    }))
}

fn revoked(key: &SignerKey) -> Event {
    event(EventBody::AuthorityKeyRevoked(AuthorityKeyRevoked {
        authority: authority(),
        vkey: key.vkey().to_string(),
        by: ReviewerHandle::new("registrar-1").unwrap(),
    }))
}

fn act(seed: u64, name: &str) -> CaseEvent {
    CaseEvent { actor: Actor::Authority(officer()), ..Dice::new(seed).case(name) }
}

/// A batch of `count` acts, each with what it was signed as.
fn batch(count: u64, origin: &str, key: &SignerKey) -> Vec<(Event, Submission)> {
    let mut entropy = SeededEntropy::new(count);
    let acts: Vec<CaseEvent> = (0..count).map(|seed| act(seed, "NoticeServed")).collect();
    let items = acts.iter().map(|act| crate::wire::item(act, &mut entropy).unwrap()).collect();
    let signed = build(origin, &authority(), items, now(), key, &mut entropy);
    acts.into_iter().map(|act| event(EventBody::Case(Box::new(act)))).zip(signed).collect()
}

fn replay(key: &SignerKey) -> Replay {
    let mut replay = Replay::new(ORIGIN);
    replay.apply(&registered(key, "officer-7"), None).unwrap();
    replay
}

#[test]
fn one_signature_covers_a_batch_of_any_size() {
    let key = key(1, "officer-7");
    for count in [1, 2, 3, 7, 8, 20] {
        let mut replay = replay(&key);
        let batch = batch(count, ORIGIN, &key);
        assert!(
            batch.iter().all(|(_, given)| given.signed.signature == batch[0].1.signed.signature)
        );
        for (event, given) in &batch {
            let opening = seal_signed(event, given, &mut SeededEntropy::new(9)).unwrap();
            assert_eq!(unseal(&opening).as_ref(), Ok(event));
            assert_eq!(submission(&opening).unwrap().as_ref(), Some(given));
            assert_eq!(replay.apply(event, Some(given)), Ok(()));
        }
        assert_eq!(replay.checked.len(), 1, "one check for the batch");
    }
}

#[test]
fn i43_an_act_of_an_authority_needs_its_own_signature() {
    let (own, other) = (key(1, "officer-7"), key(2, "officer-7"));
    let given = |key| batch(3, ORIGIN, key).swap_remove(1);
    let (event, submission) = given(&own);
    let check = |event: &Event, given: Option<&Submission>| replay(&own).apply(event, given);
    assert_eq!(check(&event, Some(&submission)), Ok(()));
    assert_eq!(check(&event, None), Err(ManifestError::Unsigned));
    assert_eq!(check(&event, Some(&given(&other).1)), Err(ManifestError::UnknownKey));
    let changed = |change: &dyn Fn(&mut Submission)| {
        let mut submission = submission.clone();
        change(&mut submission);
        check(&event, Some(&submission))
    };
    assert_eq!(changed(&|s| s.signed.signature[5] ^= 1), Err(ManifestError::Signature));
    assert_eq!(changed(&|s| s.signed.root[5] ^= 1), Err(ManifestError::Path));
    assert_eq!(changed(&|s| s.signed.nonce[5] ^= 1), Err(ManifestError::Path));
    assert_eq!(changed(&|s| s.signed.path[0][5] ^= 1), Err(ManifestError::Path));
    assert_eq!(changed(&|s| s.signed.index = 0), Err(ManifestError::Path));
    assert_eq!(changed(&|s| s.signed.items = 4), Err(ManifestError::Signature));
    assert_eq!(
        changed(&|s| s.signed.at = at("2026-11-22T07:00:00Z")),
        Err(ManifestError::Signature)
    );
    assert_eq!(changed(&|s| s.signed.at = at("2026-11-22T09:00:00Z")), Err(ManifestError::Later));
    assert_eq!(changed(&|s| s.item.body.push(' ')), Err(ManifestError::Path));
    // Nobody else is made to have signed, and another account's key is none of this one's.
    let mut foreign = act(1, "NoticeServed");
    foreign.actor = Actor::Subject;
    let foreign = self::event(EventBody::Case(Box::new(foreign)));
    assert_eq!(check(&foreign, Some(&submission)), Err(ManifestError::Foreign));
    assert_eq!(check(&foreign, None), Ok(()));
    let mut colleague = act(1, "NoticeServed");
    colleague.actor = Actor::Authority(AccountHandle::new("decider-1").unwrap());
    let colleague = self::event(EventBody::Case(Box::new(colleague)));
    assert_eq!(check(&colleague, Some(&submission)), Err(ManifestError::UnknownKey));
}

#[test]
fn i49_a_revoked_key_cannot_submit_and_what_came_before_stays() {
    let own = key(1, "officer-7");
    let mut replay = replay(&own);
    let batch = batch(2, ORIGIN, &own);
    assert_eq!(replay.apply(&batch[0].0, Some(&batch[0].1)), Ok(()));
    assert_eq!(replay.apply(&revoked(&own), None), Ok(()));
    assert_eq!(replay.apply(&batch[1].0, Some(&batch[1].1)), Err(ManifestError::Revoked));
    assert_eq!(replay.apply(&revoked(&own), None), Err(ManifestError::NoSuchKey));
    // It does not come back, and a new one takes its place.
    assert_eq!(replay.apply(&registered(&own, "officer-7"), None), Err(ManifestError::Key));
    let next = key(2, "officer-7");
    assert_eq!(replay.apply(&registered(&next, "officer-7"), None), Ok(()));
    let (event, submission) = self::batch(1, ORIGIN, &next).remove(0);
    assert_eq!(replay.apply(&event, Some(&submission)), Ok(()));
}

#[test]
fn a_manifest_counts_once_and_at_one_registry() {
    let own = key(1, "officer-7");
    let (event, submission) = batch(2, ORIGIN, &own).remove(0);
    let mut here = replay(&own);
    assert_eq!(here.apply(&event, Some(&submission)), Ok(()));
    assert_eq!(here.apply(&event, Some(&submission)), Err(ManifestError::Repeated));
    let mut there = Replay::new("other.example/log");
    there.apply(&registered(&own, "officer-7"), None).unwrap();
    assert_eq!(there.apply(&event, Some(&submission)), Err(ManifestError::Signature));
    // A log that goes on from the first one keeps what was signed for it, and says so.
    assert_eq!(there.elsewhere().count(), 0);
    there.continues(&format!("{ORIGIN}\n3\nAA==\n\n\u{2014} {ORIGIN} AA==\n"));
    assert_eq!(there.apply(&event, Some(&submission)), Ok(()));
    assert_eq!(there.elsewhere().collect::<Vec<_>>(), [ORIGIN]);
}

#[test]
fn a_key_has_the_name_of_its_account() {
    let decider = key(1, "decider-1");
    let mut replay = Replay::new(ORIGIN);
    assert_eq!(replay.apply(&registered(&decider, "officer-7"), None), Err(ManifestError::Key));
    assert!(seal(&registered(&decider, "officer-7"), &mut SeededEntropy::new(1)).is_err());
    assert!(seal(&registered(&decider, "decider-1"), &mut SeededEntropy::new(1)).is_ok());
}

#[test]
fn what_is_committed_is_what_was_signed() {
    let own = key(1, "officer-7");
    let (event, submission) = batch(2, ORIGIN, &own).remove(0);
    let seal = |event: &Event, given: &Submission| {
        seal_signed(event, given, &mut SeededEntropy::new(9)).is_ok()
    };
    assert!(seal(&event, &submission));
    let mut other = event.clone();
    other.body = EventBody::Case(Box::new(act(77, "NoticeServed")));
    assert!(!seal(&other, &submission), "another record");
    let mut without = submission.clone();
    without.item.disclosures.pop();
    assert!(!seal(&event, &without), "a text that was kept back");
    let mut unsorted = submission.clone();
    unsorted.item.body = format!("{{\"zz\":1,{}", &submission.item.body[1..]);
    assert!(!seal(&event, &unsorted), "not canonical");
    assert!(!seal(&registered(&own, "officer-7"), &submission), "no step");
}

fn described(opening: &Opening) -> Value {
    json!({"payload": opening.payload, "disclosures": published(opening).disclosures})
}

/// A case of the vectors: events in order, and whether the last of them counts.
fn case(why: &str, events: &[&(Event, Opening)], origin: &str) -> Value {
    let mut replay = Replay::new(origin);
    let mut last = Ok(());
    for (event, opening) in events {
        last = replay.apply(event, submission(opening).unwrap().as_ref());
    }
    let events: Vec<Value> = events.iter().map(|(_, opening)| described(opening)).collect();
    json!({"why": why, "origin": origin, "events": events, "holds": last.is_ok()})
}

#[test]
fn manifests_are_in_the_vectors() {
    let own = key(1, "officer-7");
    let mut entropy = SeededEntropy::new(5);
    let mut plain = |event: Event| {
        let opening = seal(&event, &mut entropy).unwrap();
        (event, opening)
    };
    let (register, revoke) = (plain(registered(&own, "officer-7")), plain(revoked(&own)));
    let batch = batch(3, ORIGIN, &own);
    let unsigned = plain(batch[0].0.clone());
    let signed: Vec<(Event, Opening)> = batch
        .iter()
        .map(|(event, given)| {
            (event.clone(), seal_signed(event, given, &mut SeededEntropy::new(9)).unwrap())
        })
        .collect();
    let altered = |change: &dyn Fn(&mut Submission)| {
        let (event, mut given) = batch[2].clone();
        change(&mut given);
        (event.clone(), seal_signed(&event, &given, &mut SeededEntropy::new(9)).unwrap())
    };
    let manifest = batch[0].1.signed.manifest(ORIGIN, &authority());
    let items: Vec<Value> = batch
        .iter()
        .map(|(_, given)| {
            let hash = item_hash(&given.signed.nonce, &given.item.body);
            json!({
                "body": given.item.body,
                "nonce": to_base64url(&given.signed.nonce),
                "item": to_base64url(&hash),
            })
        })
        .collect();
    let value = json!({
        "about": "a manifest over three items, and logs of few events (payloads and public disclosures, all opened): `holds` tells whether the last event counts",
        "vkey": own.vkey().to_string(),
        "private": *own.to_text(),
        "items": items,
        "text": manifest.text(),
        "sig": {
            "root": to_base64url(&manifest.root),
            "signature": to_base64url(&batch[0].1.signed.signature),
        },
        "commitments": signed.iter().map(|(_, opening)| to_base64url(&commitment(opening))).collect::<Vec<_>>(),
        "cases": [
            case("signed with a key that counts", &[&register, &signed[0]], ORIGIN),
            case("the last item of the batch", &[&register, &signed[0], &signed[2]], ORIGIN),
            case("no key is registered", &[&signed[0]], ORIGIN),
            case("the key was revoked before", &[&register, &revoke, &signed[0]], ORIGIN),
            case("the key was revoked afterwards", &[&register, &signed[0], &revoke], ORIGIN),
            case("a key is revoked twice", &[&register, &revoke, &revoke], ORIGIN),
            case("a revoked key is registered again", &[&register, &revoke, &register], ORIGIN),
            case("an act without signature", &[&register, &unsigned], ORIGIN),
            case("the same item twice", &[&register, &signed[1], &signed[1]], ORIGIN),
            case("signed for another registry", &[&register, &signed[0]], "other.example/log"),
            case("another signature", &[&register, &altered(&|s| s.signed.signature[9] ^= 1)], ORIGIN),
            case("another root", &[&register, &altered(&|s| s.signed.root[9] ^= 1)], ORIGIN),
            case("another nonce", &[&register, &altered(&|s| s.signed.nonce[9] ^= 1)], ORIGIN),
            case("another path", &[&register, &altered(&|s| s.signed.path[0][9] ^= 1)], ORIGIN),
            case("a hash more in the path", &[&register, &altered(&|s| s.signed.path.push([7; 32]))], ORIGIN),
            case("another place in the batch", &[&register, &altered(&|s| s.signed.index = 1)], ORIGIN),
            case("another number of items", &[&register, &altered(&|s| s.signed.items = 4)], ORIGIN),
            case("another instant", &[&register, &altered(&|s| s.signed.at = at("2026-11-22T07:59:59Z"))], ORIGIN),
            case("dated later than the entry", &[&register, &altered(&|s| s.signed.at = at("2026-11-22T08:00:01Z"))], ORIGIN),
            case("another key id", &[&register, &altered(&|s| s.signed.key[0] ^= 1)], ORIGIN),
        ],
    });
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    let path = folder.join("manifests.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&value).unwrap());
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == text, "manifests.json differs");
}

#[test]
fn steps_of_everybody_else_are_authorised_by_the_registry() {
    let mut replay = Replay::new(ORIGIN);
    for actor in [Actor::Subject, Actor::ThirdParty, Actor::Registry, Actor::Court, Actor::Peer] {
        let case = CaseEvent { actor, step: Step::Published, ..act(1, "CasePublished") };
        assert_eq!(replay.apply(&event(EventBody::Case(Box::new(case))), None), Ok(()));
    }
}
