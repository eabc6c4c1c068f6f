use super::super::{Leaf, Opening, WireError, commitment};
use super::{seal, unseal};
use crate::SeededEntropy;
use crate::note::SignerKey;

use domain::adoption::{
    AuthorityKeyRegistered, AuthorityKeyRevoked, MandateAdopted, PackAdopted, PackName,
    ReviewerPair, key_name,
};
use domain::authority::AuthorityKey;
use domain::case::{AccountHandle, CatalogueKey, Territory};
use domain::civil::{End, Instant, Period};
use domain::event::*;
use domain::identifiers::{claim, scheme::Scheme};
use domain::identity::*;
use domain::ids::{OrganisationId, RecordId, RowKey};
use domain::limits::{Act, Ground};
use domain::organisation::{Country, LegalForm, Name, NameRole, OrganisationKind, Subject};
use domain::record::{AdminPenalty, Body, Quotation, Record, parse_money};
use domain::text::{EntryId, ListId, ProfileName};

fn at() -> Instant {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn name(text: &str) -> Name {
    Name { text: text.into(), language: "pt".into(), script: "Latn".into(), role: NameRole::Main }
}

fn record() -> Record {
    Record {
        id: RecordId::mint(at(), [1; 10]),
        revision: 2,
        subject: Subject {
            organisation: OrganisationId::mint(at(), [2; 10]),
            name_as_written: "ACME \"LTDA\"\t测试".into(),
        },
        quotation: Quotation {
            publisher: AuthorityKey::new("br.cgu").unwrap(),
            list: ListId::new("br.cnep").unwrap(),
            entries: vec![EntryId::new("fine").unwrap()],
            profile: ProfileName::new("cnep").unwrap(),
            row_key: RowKey([3; 16]),
            row_digest: RowKey([4; 16]),
            read_on: "2020-01-01".parse().unwrap(),
            current_days_max: Some(7),
            hidden_after_days: Some(14),
        },
        grounds: vec![Ground::Corruption],
        act: Some(Act::Administrative),
        period: Period {
            start: Some("2019-01-01".parse().unwrap()),
            end: Some(End::Indefinite { basis: "Lei 12.846/2013, art. 6".into() }),
        },
        end_at: None,
        zone: "America/Sao_Paulo".into(),
        pack: "a".repeat(64),
        body: Body::AdminPenalty(AdminPenalty {
            fine: parse_money("77556.77 BRL"),
            imposed_by: Some("órgão".into()),
            sanction: None,
        }),
    }
}

fn every_event() -> Vec<EventBody> {
    let organisation = OrganisationId::mint(at(), [2; 10]);
    let authority = AuthorityKey::new("br.cgu").unwrap();
    let list = ListId::new("br.cnep").unwrap();
    let uscc = claim(&Scheme::new("cn-uscc").unwrap(), "91110108551385082Q").unwrap();
    vec![
        EventBody::OrganisationRegistered(OrganisationRegistered {
            organisation,
            authority: authority.clone(),
            kind: OrganisationKind::Enterprise,
            legal_form: LegalForm::new("XTIQ"),
            country: Country::new("BR"),
            place: Some("SP".into()),
            name: name("ACME LTDA"),
            entry: Some(RowKey([5; 16])),
        }),
        EventBody::OrganisationRegistered(OrganisationRegistered {
            organisation,
            authority: authority.clone(),
            kind: OrganisationKind::Unstated,
            legal_form: None,
            country: None,
            place: None,
            name: name(""),
            entry: None,
        }),
        EventBody::IdentifierClaimed(IdentifierClaimed {
            organisation,
            authority: authority.clone(),
            claim: uscc,
        }),
        EventBody::NameClaimed(NameClaimed {
            organisation,
            authority: authority.clone(),
            name: name("ACME"),
        }),
        EventBody::RecordSubmitted(Box::new(record())),
        EventBody::RecordRevised(Box::new(record())),
        EventBody::QuotationVanished(QuotationVanished {
            record: RecordId::mint(at(), [1; 10]),
            organisation,
            authority: authority.clone(),
            list: list.clone(),
            read_on: "2020-01-02".parse().unwrap(),
        }),
        EventBody::SnapshotTaken(SnapshotTaken {
            authority,
            list,
            profile: ProfileName::new("cnep").unwrap(),
            read_on: "2020-01-02".parse().unwrap(),
            extent: Extent::Partial,
            rows: 22,
            standing: 20,
            vanished: 1,
            reread: vec![RowKey([6; 16])],
            part: 1,
            parts: 1,
        }),
        EventBody::ProfileAdopted(ProfileAdopted {
            profile: ProfileName::new("cnep").unwrap(),
            hash: "b".repeat(64),
            licence: "open data".into(),
        }),
    ]
    .into_iter()
    .chain(identity_events(organisation))
    .chain(adopted())
    .collect()
}

fn adopted() -> Vec<EventBody> {
    let authority = AuthorityKey::new("zz.office").unwrap();
    let handle = |text| ReviewerHandle::new(text).unwrap();
    let by = ReviewerPair::new(handle("registrar-1"), handle("officer-2")).unwrap();
    let account = AccountHandle::new("decider-3").unwrap();
    let name = key_name(&authority, &account);
    let key = SignerKey::generate(&mut SeededEntropy::new(4), &name).unwrap();
    let vkey = key.vkey().to_string();
    let (hash, in_use_from) = ("c".repeat(64), at());
    let entries = ["cn.penalty.environment", "cn.penalty.tax"];
    let entries = entries.map(|entry| CatalogueKey::new(entry).unwrap()).to_vec();
    let territory = Territory::new("cn-sh").unwrap();
    let pack = PackName::new("cn").unwrap();
    vec![
        EventBody::AuthorityKeyRegistered(AuthorityKeyRegistered {
            authority: authority.clone(),
            account,
            vkey: vkey.clone(),
            by: by.clone(),
        }),
        EventBody::AuthorityKeyRevoked(AuthorityKeyRevoked {
            authority: authority.clone(),
            vkey,
            by: handle("reviewer-1"),
        }),
        EventBody::PackAdopted(PackAdopted { pack, hash, by: by.clone(), in_use_from }),
        EventBody::MandateAdopted(Box::new(MandateAdopted {
            authority,
            entries,
            territory,
            by,
            in_use_from,
        })),
    ]
}

#[test]
fn what_is_adopted_is_adopted_by_two_and_spelled_in_one_way() {
    for body in adopted() {
        let event = Event { at: at(), body };
        let opening = seal(&event, &mut SeededEntropy::new(1)).unwrap();
        assert_eq!(event.body.erasure_unit(), ErasureUnit::Registry);
        for (from, to) in [
            (r#"["registrar-1","officer-2"]"#, r#"["registrar-1","registrar-1"]"#),
            (r#"["registrar-1","officer-2"]"#, r#"["registrar-1"]"#),
            (r#""by":"reviewer-1""#, r#""by":"jane""#),
            (r#""body":{"#, r#""body":{"aa":1,"#),
            ("decider-3+", "decider-4+"),
            (r#""decider-3""#, r#""decider-4""#),
            (r#""hash":"cc"#, r#""hash":"CC"#),
            ("penalty.tax", "penalty.aaa"),
            (r#""job":"registry""#, r#""job":"office""#),
        ] {
            let payload = opening.payload.replacen(from, to, 1);
            if payload != opening.payload {
                let changed = Opening { payload, ..opening.clone() };
                assert!(unseal(&changed).is_err(), "{to}");
            }
        }
    }
}

fn identity_events(organisation: OrganisationId) -> Vec<EventBody> {
    let other = OrganisationId::mint(at(), [8; 10]);
    let uscc = claim(&Scheme::new("cn-uscc").unwrap(), "91110108551385082Q").unwrap();
    let kinds = [
        IdentityKind::Same,
        IdentityKind::Distinct,
        IdentityKind::Split {
            records: vec![RecordId::mint(at(), [1; 10])],
            identifiers: vec![uscc],
        },
        IdentityKind::Reversal { of: 41 },
    ];
    let mut events = Vec::new();
    for kind in kinds {
        let decision = IdentityDecision { organisation, other, kind };
        let reviewer = ReviewerHandle::new("officer-7").unwrap();
        let day = "2020-01-02".parse().unwrap();
        let has_source = decision.kind == IdentityKind::Same;
        events.push(EventBody::IdentityProposed(Box::new(IdentityProposed {
            decision: decision.clone(),
            reviewer: reviewer.clone(),
            reason: IdentityReason::OfficialNotice,
            source: OfficialSource::new("https://register.example.org/17", day)
                .filter(|_| has_source),
            answer_until: has_source.then(at),
        })));
        let answer = IdentityAnswer { proposal: 40, decision, reviewer };
        events.push(EventBody::IdentityConfirmed(Box::new(answer.clone())));
        events.push(EventBody::IdentityRefused(Box::new(answer)));
    }
    events
}

#[test]
fn every_event_round_trips() {
    let mut entropy = SeededEntropy::new(1);
    for body in every_event() {
        let event = Event { at: at(), body };
        let opening = seal(&event, &mut entropy).unwrap();
        assert_eq!(unseal(&opening), Ok(event));
        assert_eq!(Opening::from_bytes(&opening.to_bytes()), Some(opening));
    }
}

#[test]
fn texts_of_a_source_are_disclosures_and_not_in_the_payload() {
    let mut entropy = SeededEntropy::new(1);
    for body in every_event() {
        let opening = seal(&Event { at: at(), body }, &mut entropy).unwrap();
        for text in ["ACME", "órgão", "77556", "测试"] {
            assert!(!opening.payload.contains(text), "{text} in {}", opening.payload);
        }
    }
}

#[test]
fn a_destroyed_disclosure_leaves_the_rest_readable_and_the_commitment_intact() {
    let event = Event { at: at(), body: EventBody::RecordSubmitted(Box::new(record())) };
    let whole = seal(&event, &mut SeededEntropy::new(1)).unwrap();
    let mut partial = whole.clone();
    partial.disclosures.clear();
    assert_eq!(commitment(&partial), commitment(&whole));
    let EventBody::RecordSubmitted(read) = unseal(&partial).unwrap().body else {
        unreachable!("the type is in the payload")
    };
    assert_eq!(read.subject.name_as_written, "");
    assert_eq!(read.body.fields(), []);
    assert_eq!(read.grounds, record().grounds);
}

#[test]
fn a_foreign_disclosure_is_refused() {
    let mut entropy = SeededEntropy::new(1);
    let event = Event { at: at(), body: EventBody::RecordSubmitted(Box::new(record())) };
    let other = seal(&event, &mut entropy).unwrap();
    let mut opening = seal(&event, &mut entropy).unwrap();
    opening.disclosures.push(other.disclosures[0].clone());
    assert_eq!(unseal(&opening), Err(WireError::Disclosure));
}

#[test]
fn i45_salts_differ_for_equal_content() {
    let mut entropy = SeededEntropy::new(1);
    let event = Event { at: at(), body: EventBody::RecordSubmitted(Box::new(record())) };
    let one = seal(&event, &mut entropy).unwrap();
    let two = seal(&event, &mut entropy).unwrap();
    assert_ne!(commitment(&one), commitment(&two));
    assert_ne!(Leaf::Event { commitment: commitment(&one) }.to_bytes(), one.payload.as_bytes());
}

#[test]
fn an_unknown_body_says_so() {
    let event = Event { at: at(), body: every_event().swap_remove(2) };
    let mut opening = seal(&event, &mut SeededEntropy::new(1)).unwrap();
    opening.payload = opening.payload.replace("IdentifierClaimed/1", "IdentifierClaimed/9");
    assert_eq!(
        unseal(&opening),
        Err(WireError::UnknownType { kind: "IdentifierClaimed/9".into(), record: None })
    );
}
