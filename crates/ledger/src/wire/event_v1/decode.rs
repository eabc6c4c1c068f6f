//! JSON to event. Every member is checked: what we would not have written is refused.

use std::str::FromStr;

use super::super::parse::{Json, Members};
use super::{WireError, adoption, case, feedback};
use domain::authority::AuthorityKey;
use domain::civil::{Day, End, Period, Zone};
use domain::event::{
    Event, EventBody, Extent, IdentifierClaimed, NameClaimed, OrganisationRegistered,
    ProfileAdopted, QuotationVanished, SnapshotTaken,
};
use domain::identifiers::{self, IdentifierClaim};
use domain::identity::{
    IdentityAnswer, IdentityDecision, IdentityKind, IdentityProposed, IdentityReason,
    OfficialSource, ReviewerHandle,
};
use domain::limits::{Act, Ground};
use domain::organisation::{Country, LegalForm, Name, NameRole, OrganisationKind, Subject};
use domain::record::{Body, Quotation, Record, RecordType};
use domain::text::{EntryId, ListId, ProfileName};

pub(super) type Result<T> = std::result::Result<T, WireError>;

/// Puts an event together.
pub fn event(
    members: &Members<'_>,
    body: &Members<'_>,
    disclosed: Vec<(String, String)>,
) -> Result<Event> {
    let at = parsed(members, "at")?;
    let body = match text(members, "type")? {
        "OrganisationRegistered/1" => {
            EventBody::OrganisationRegistered(organisation(members, body, &disclosed)?)
        }
        "IdentifierClaimed/1" => EventBody::IdentifierClaimed(IdentifierClaimed {
            organisation: parsed(members, "subject")?,
            authority: authority(members)?,
            claim: IdentifierClaim::from_wire(
                text(body, "scheme")?,
                text(body, "value")?,
                text(body, "status")?,
            )
            .ok_or(WireError::Member("value"))?,
        }),
        "NameClaimed/1" => EventBody::NameClaimed(NameClaimed {
            organisation: parsed(members, "subject")?,
            authority: authority(members)?,
            name: name(body, &disclosed)?,
        }),
        "RecordSubmitted/1" => {
            EventBody::RecordSubmitted(Box::new(record(members, body, disclosed)?))
        }
        "RecordRevised/1" => EventBody::RecordRevised(Box::new(record(members, body, disclosed)?)),
        "QuotationVanished/1" => EventBody::QuotationVanished(QuotationVanished {
            record: parsed(members, "record")?,
            organisation: parsed(members, "subject")?,
            authority: authority(members)?,
            list: key(body, "list", ListId::new)?,
            read_on: parsed(body, "read_on")?,
        }),
        "SnapshotTaken/1" => EventBody::SnapshotTaken(snapshot(members, body)?),
        "ProfileAdopted/1" => EventBody::ProfileAdopted(ProfileAdopted {
            profile: key(body, "profile", ProfileName::new)?,
            hash: text(body, "hash")?.to_owned(),
            licence: text(body, "licence")?.to_owned(),
        }),
        "IdentityProposed/1" => EventBody::IdentityProposed(Box::new(IdentityProposed {
            decision: decision(members, body)?,
            reviewer: key(body, "reviewer", ReviewerHandle::new)?,
            reason: key(body, "reason", IdentityReason::from_key)?,
            source: source(body)?,
            answer_until: optional(body, "answer_until", |text| text.parse().ok())?,
        })),
        "IdentityConfirmed/1" => {
            EventBody::IdentityConfirmed(Box::new(identity_answer(members, body)?))
        }
        "IdentityRefused/1" => {
            EventBody::IdentityRefused(Box::new(identity_answer(members, body)?))
        }
        "AuthorityKeyRegistered/1" => {
            EventBody::AuthorityKeyRegistered(adoption::read_key(members, body)?)
        }
        "AuthorityKeyRevoked/1" => {
            EventBody::AuthorityKeyRevoked(adoption::read_revocation(members, body)?)
        }
        "PackAdopted/1" => EventBody::PackAdopted(adoption::read_pack(body)?),
        "MandateAdopted/1" => {
            EventBody::MandateAdopted(Box::new(adoption::read_mandate(members, body)?))
        }
        "MeasureFeedbackGiven/1" => EventBody::MeasureFeedbackGiven(feedback::read(members, body)?),
        step if case::is_step(step) => {
            EventBody::Case(Box::new(case::decode(step, members, body, disclosed)?))
        }
        other => {
            let record = members.get("record").and_then(Json::as_str);
            let record = record.and_then(|id| id.parse().ok());
            return Err(WireError::UnknownType { kind: other.to_owned(), record });
        }
    };
    Ok(Event { at, body })
}

fn decision(members: &Members<'_>, body: &Members<'_>) -> Result<IdentityDecision> {
    let kind = match text(body, "decision")? {
        "same" => IdentityKind::Same,
        "distinct" => IdentityKind::Distinct,
        "split" => IdentityKind::Split {
            records: keys(body, "records", |text| text.parse().ok())?,
            // Read with its check again; nothing that would be spelled otherwise passes.
            identifiers: keys(body, "identifiers", |text| {
                identifiers::recognise(text).filter(|claim| claim.to_string() == text)
            })?,
        },
        "reversal" => IdentityKind::Reversal { of: number(body, "of")? },
        _ => return Err(WireError::Member("decision")),
    };
    Ok(IdentityDecision {
        organisation: parsed(members, "subject")?,
        other: parsed(body, "other")?,
        kind,
    })
}

fn identity_answer(members: &Members<'_>, body: &Members<'_>) -> Result<IdentityAnswer> {
    Ok(IdentityAnswer {
        proposal: number(body, "proposal")?,
        decision: decision(members, body)?,
        reviewer: key(body, "reviewer", ReviewerHandle::new)?,
    })
}

fn source(body: &Members<'_>) -> Result<Option<OfficialSource>> {
    if !body.contains_key("source") {
        return Ok(None);
    }
    let read_on = parsed(body, "source_read_on")?;
    key(body, "source", |url| OfficialSource::new(url, read_on)).map(Some)
}

fn organisation(
    members: &Members<'_>,
    body: &Members<'_>,
    disclosed: &[(String, String)],
) -> Result<OrganisationRegistered> {
    Ok(OrganisationRegistered {
        organisation: parsed(members, "subject")?,
        authority: authority(members)?,
        kind: key(body, "kind", OrganisationKind::from_key)?,
        legal_form: optional(body, "legal_form", LegalForm::new)?,
        country: optional(body, "country", Country::new)?,
        place: disclosed_text(disclosed, "place"),
        name: name(body, disclosed)?,
        entry: optional(body, "entry", |text| text.parse().ok())?,
    })
}

fn name(body: &Members<'_>, disclosed: &[(String, String)]) -> Result<Name> {
    Ok(Name {
        // A name that was withheld or erased reads as empty: pages say "name withheld".
        text: disclosed_text(disclosed, "name").unwrap_or_default(),
        language: text(body, "name_language")?.to_owned(),
        script: text(body, "name_script")?.to_owned(),
        role: key(body, "name_role", NameRole::from_key)?,
    })
}

fn snapshot(members: &Members<'_>, body: &Members<'_>) -> Result<SnapshotTaken> {
    Ok(SnapshotTaken {
        authority: authority(members)?,
        list: key(body, "list", ListId::new)?,
        profile: key(body, "profile", ProfileName::new)?,
        read_on: parsed(body, "read_on")?,
        extent: key(body, "extent", Extent::from_key)?,
        rows: number(body, "rows")?,
        standing: number(body, "standing")?,
        vanished: number(body, "vanished")?,
        reread: keys(body, "reread", |text| text.parse().ok())?,
        part: number(body, "part")?,
        parts: number(body, "parts")?,
    })
}

fn record(
    members: &Members<'_>,
    body: &Members<'_>,
    disclosed: Vec<(String, String)>,
) -> Result<Record> {
    if text(body, "mode")? != "quoted" {
        return Err(WireError::Member("mode"));
    }
    let record_type = key(body, "type", RecordType::from_key)?;
    let name_as_written = disclosed_text(&disclosed, "name_as_written").unwrap_or_default();
    let fields = disclosed.into_iter().filter(|(field, _)| field != "name_as_written");
    let zone = text(body, "zone")?;
    Zone::from_str(zone).map_err(|_| WireError::Member("zone"))?;
    Ok(Record {
        id: parsed(members, "record")?,
        revision: number(body, "revision")?,
        subject: Subject { organisation: parsed(members, "subject")?, name_as_written },
        quotation: Quotation {
            publisher: authority(members)?,
            list: key(body, "list", ListId::new)?,
            entries: keys(body, "entries", EntryId::new)?,
            profile: key(body, "profile", ProfileName::new)?,
            row_key: parsed(body, "row")?,
            row_digest: parsed(body, "digest")?,
            read_on: parsed(body, "read_on")?,
            current_days_max: optional_number(body, "current_days_max")?,
            hidden_after_days: optional_number(body, "hidden_after_days")?,
        },
        grounds: match body.get("grounds") {
            None => Vec::new(),
            Some(_) => keys(body, "grounds", Ground::from_key)?,
        },
        act: optional(body, "act", Act::from_key)?,
        period: period(body.get("period").and_then(Json::as_object))?,
        end_at: optional(body, "end_at", |text| text.parse().ok())?,
        zone: zone.to_owned(),
        pack: text(members, "law")?.to_owned(),
        body: Body::from_fields(record_type, fields).map_err(|_| WireError::Disclosure)?,
    })
}

pub(super) fn period(members: Option<&Members<'_>>) -> Result<Period> {
    let members = members.ok_or(WireError::Member("period"))?;
    let day = |text: &str| text.parse::<Day>().ok();
    let end = match (optional(members, "end", day)?, members.get("indefinite")) {
        (Some(last), None) => Some(End::On(last)),
        (None, Some(_)) => Some(End::Indefinite { basis: text(members, "indefinite")?.to_owned() }),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(WireError::Member("period")),
    };
    Ok(Period { start: optional(members, "start", day)?, end })
}

pub(super) fn disclosed_text(disclosed: &[(String, String)], field: &str) -> Option<String> {
    disclosed.iter().find(|(key, _)| key == field).map(|(_, text)| text.clone())
}

pub(super) fn text<'a>(members: &'a Members<'_>, key: &'static str) -> Result<&'a str> {
    members.get(key).and_then(Json::as_str).ok_or(WireError::Member(key))
}

pub(super) fn authority(members: &Members<'_>) -> Result<AuthorityKey> {
    key(members, "authority", AuthorityKey::new)
}

pub(super) fn parsed<T: FromStr>(members: &Members<'_>, key: &'static str) -> Result<T> {
    text(members, key)?.parse().map_err(|_| WireError::Member(key))
}

pub(super) fn key<T>(
    members: &Members<'_>,
    key: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T> {
    read(text(members, key)?).ok_or(WireError::Member(key))
}

pub(super) fn optional<T>(
    members: &Members<'_>,
    name: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    if members.contains_key(name) { key(members, name, read).map(Some) } else { Ok(None) }
}

pub(super) fn keys<T>(
    members: &Members<'_>,
    key: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>> {
    let items = members.get(key).and_then(Json::as_array).ok_or(WireError::Member(key))?;
    items.iter().map(|item| item.as_str().and_then(&read).ok_or(WireError::Member(key))).collect()
}

pub(super) fn number<T: TryFrom<u64>>(members: &Members<'_>, key: &'static str) -> Result<T> {
    let number = members.get(key).and_then(Json::as_u64).ok_or(WireError::Member(key))?;
    T::try_from(number).map_err(|_| WireError::Member(key))
}

pub(super) fn optional_number<T: TryFrom<u64>>(
    members: &Members<'_>,
    key: &'static str,
) -> Result<Option<T>> {
    if members.contains_key(key) { number(members, key).map(Some) } else { Ok(None) }
}
