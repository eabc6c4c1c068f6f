//! JSON to step. What we would not have written is refused: members are read here, and the whole
//! is written again and compared by the caller.

use std::str::FromStr;

use super::super::super::parse::{Json, Members};
use super::super::WireError;
use super::super::adoption::hash;
use super::super::decode::{
    Result, authority, disclosed_text, key, keys, number, optional, parsed, period, text,
};
use crate::note::is_key_name;
use domain::case::{
    AccountHandle, Actor, Answered, Attestation, Attested, CaseEvent, CatalogueKey, ConditionKey,
    Conduct, DecisionDocument, FlagGround, MeasureId, Mode, Notice, NoticeItem, NoticeTexts,
    ObjectionGround, Procedure, Purpose, Revision, STATEMENT_CHARACTERS_MAX, Severity, StayReason,
    Step, Upheld, WithdrawalReason,
};
use domain::civil::Zone;
use domain::identity::ReviewerHandle;
use domain::limits::{Act, Ground};
use domain::organisation::OrganisationKind;
use domain::record::{Body, RecordType};

/// Fields a revision discloses beside those of its type.
const REVISION_FIELDS: [&str; 3] = ["case_number", "decision_number", "name_as_written"];

/// More than any proceeding has points, and as many as an entry can hold: a number alone makes
/// nobody keep room for more.
const NUMBERED_MAX: u32 = 500;

/// Whether `wire_type` is a step of a version this program knows.
pub fn is_step(wire_type: &str) -> bool {
    match wire_type.rsplit_once('/') {
        Some((name, "1")) => Step::NAMES.contains(&name),
        Some((name, "2")) => Step::IN_TWO_VERSIONS.contains(&name),
        _ => false,
    }
}

/// A step from its parts.
pub fn decode(
    wire_type: &str,
    members: &Members<'_>,
    body: &Members<'_>,
    disclosed: Vec<(String, String)>,
) -> Result<CaseEvent> {
    let (name, version) = wire_type.rsplit_once('/').unwrap_or_default();
    let from = From { members, body, disclosed: &disclosed, is_second: version == "2" };
    Ok(CaseEvent {
        record: parsed(members, "record")?,
        organisation: parsed(members, "subject")?,
        authority: authority(members)?,
        actor: actor(body)?,
        step: from.step(name)?,
    })
}

fn actor(body: &Members<'_>) -> Result<Actor> {
    let actor = body.get("actor").and_then(Json::as_object).ok_or(WireError::Member("actor"))?;
    Ok(match text(actor, "role")? {
        "authority" => Actor::Authority(key(actor, "account", AccountHandle::new)?),
        "subject" => Actor::Subject,
        "third_party" => Actor::ThirdParty,
        "registry" => Actor::Registry,
        "reviewer" => Actor::Reviewer(key(actor, "account", ReviewerHandle::new)?),
        "court" => Actor::Court,
        "peer" => Actor::Peer,
        _ => return Err(WireError::Member("role")),
    })
}

/// What a step is read from.
struct From<'a> {
    members: &'a Members<'a>,
    body: &'a Members<'a>,
    disclosed: &'a [(String, String)],
    /// Whether its body is of version 2.
    is_second: bool,
}

impl From<'_> {
    /// The texts of a version 2 that `count` numbers, each empty where it is not for this reader.
    fn numbered(&self, count: &'static str, field: &str) -> Result<Vec<String>> {
        if !self.is_second {
            return Ok(Vec::new());
        }
        let count: u32 = number(self.body, count)?;
        if count > NUMBERED_MAX {
            return Err(WireError::TooLarge);
        }
        Ok((1..=count).map(|number| self.shown(&format!("{field}_{number}"))).collect())
    }

    /// The same where there is at least one: without, it would be a version 1.
    fn numbered_some(&self, count: &'static str, field: &str) -> Result<Vec<String>> {
        let texts = self.numbered(count, field)?;
        let is_first = self.is_second && texts.is_empty();
        if is_first { Err(WireError::Member(count)) } else { Ok(texts) }
    }

    fn answered(&self) -> Result<Option<Box<Answered>>> {
        if !self.is_second {
            return Ok(None);
        }
        let answers = self.numbered("points_answered", "answer")?;
        Ok(Some(Box::new(Answered { reasons: self.shown("reasons"), answers })))
    }

    /// A text; empty where it is not for this reader or was destroyed.
    fn shown(&self, field: &str) -> String {
        disclosed_text(self.disclosed, field).unwrap_or_default()
    }

    fn at<T: FromStr>(&self, name: &'static str) -> Result<T> {
        parsed(self.body, name)
    }

    fn at_if<T: FromStr>(&self, name: &'static str) -> Result<Option<T>> {
        optional(self.body, name, |text| text.parse().ok())
    }

    fn key<T>(&self, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
        key(self.body, name, read)
    }

    fn keys<T>(&self, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
        keys(self.body, name, read)
    }

    /// In order and each once.
    fn ascending<T: Ord>(
        &self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>> {
        let items = self.keys(name, read)?;
        let is_sorted = items.is_sorted_by(|one, next| one < next);
        if is_sorted { Ok(items) } else { Err(WireError::Member(name)) }
    }

    fn truth(&self, name: &'static str) -> Result<bool> {
        self.body.get(name).and_then(Json::as_bool).ok_or(WireError::Member(name))
    }

    fn document(&self) -> Result<DecisionDocument> {
        let days = self.body.get("decision").and_then(Json::as_object);
        let days = days.ok_or(WireError::Member("decision"))?;
        Ok(DecisionDocument {
            number: self.shown("decision_number"),
            date: parsed(days, "date")?,
            served_on: parsed(days, "served_on")?,
        })
    }

    /// Steps of the submission and its checks, up to the decision.
    fn step(&self, name: &str) -> Result<Step> {
        Ok(match name {
            "CaseSubmitted" => Step::Submitted(Box::new(self.revision()?)),
            "CaseValidated" => Step::ValidationPassed { next_by: self.at("next_by")? },
            "CaseRejected" => Step::ValidationFailed { refusals: self.refusals()? },
            "CasePublished" => Step::Published,
            "NoticeServed" => Step::NoticeServed(Box::new(self.notice()?)),
            "PrecheckOpened" => Step::PrecheckOpened {
                service: self.shown("service"),
                standstill_until: self.at("standstill_until")?,
            },
            "RepresentationMade" => Step::RepresentationMade {
                points: number(self.body, "points")?,
                list: self.numbered_some("points", "point")?,
                text: self.shown("text"),
            },
            "HearingRequested" => Step::HearingRequested {
                hearing_on: self.at("hearing_on")?,
                close_by: self.at("close_by")?,
                decide_by: self.at("decide_by")?,
            },
            "WindowWaived" => Step::WindowWaived,
            "WaiverRevoked" => Step::WaiverRevoked,
            "HearingClosed" => Step::HearingClosed { protocol: self.shown("protocol") },
            "HearingWithdrawn" => Step::HearingWithdrawn,
            "DecisionUpheld" => Step::DecisionUpheld(Box::new(self.upheld()?)),
            "DecisionNotUpheld" => Step::DecisionNotUpheld { reasons: self.shown("reasons") },
            "FlagUpheld" => Step::FlagUpheld,
            "CaseAbandoned" => Step::Abandoned,
            "ObjectionForwarded" => Step::ObjectionForwarded,
            "RepairGranted" => Step::RepairGranted,
            "RecordErased" => Step::Erased,
            "OriginEnded" => Step::OriginEnded,
            _ => return self.contested(name),
        })
    }

    /// Flags, objections, what ends or stays a record.
    fn contested(&self, name: &str) -> Result<Step> {
        Ok(match name {
            "ErrorFlagged" => Step::ErrorFlagged {
                ground: self.key("ground", FlagGround::from_key)?,
                answer_by: self.at("answer_by")?,
                text: self.shown("text"),
            },
            "FlagCleared" => Step::FlagCleared {
                reasons: self.shown("reasons"),
                standstill_until: self.at("standstill_until")?,
            },
            "ObjectionFiled" => Step::ObjectionFiled {
                ground: self.key("ground", ObjectionGround::from_key)?,
                mark_by: self.at("mark_by")?,
                forward_by: self.at("forward_by")?,
                decide_by: self.at("decide_by")?,
                text: self.shown("text"),
            },
            "ObjectionExtended" => Step::ObjectionExtended { decide_by: self.at("decide_by")? },
            "ObjectionRejected" => Step::ObjectionRejected {
                appeal_until: self.at_if("appeal_until")?,
                reasons: self.shown("reasons"),
            },
            "ObjectionEscalated" => Step::ObjectionEscalated { decide_by: self.at("decide_by")? },
            "RecordCorrected" => Step::Corrected {
                successor: self.at("successor")?,
                tombstone_until: self.at("tombstone_until")?,
            },
            "RecordWithdrawn" => Step::Withdrawn {
                reason: self.key("reason", WithdrawalReason::from_key)?,
                reference: self.shown("reference"),
                due_by: self.at_if("due_by")?,
                tombstone_until: self.at("tombstone_until")?,
            },
            "RecordStayed" => Step::Stayed {
                reason: self.key("reason", StayReason::from_key)?,
                reference: self.shown("reference"),
            },
            "StayLifted" => Step::StayLifted {
                reference: self.shown("reference"),
                standstill_until: self.at_if("standstill_until")?,
                end_at: self.at_if("end_at")?,
            },
            "SubjectCeased" => Step::SubjectCeased { keep_until: self.at("keep_until")? },
            "ImputationReviewed" => Step::ImputationReviewed { successor: self.at("successor")? },
            "RecordImputed" => Step::Imputed {
                successor: self.at("successor")?,
                reference: self.shown("reference"),
            },
            "HoldPlaced" => Step::HoldPlaced { reference: self.shown("reference") },
            "HoldReleased" => Step::HoldReleased { reference: self.shown("reference") },
            _ => return self.repaired(name),
        })
    }

    /// Repair, terms, and what comes from elsewhere or is added.
    fn repaired(&self, name: &str) -> Result<Step> {
        Ok(match name {
            "RepairApplied" => Step::RepairApplied {
                conditions: self.ascending("conditions", ConditionKey::new)?,
                decide_by: self.at("decide_by")?,
                review_by: self.at("review_by")?,
                text: self.shown("text"),
            },
            "RepairExtended" => Step::RepairExtended {
                decide_by: self.at("decide_by")?,
                review_by: self.at("review_by")?,
            },
            "RepairRefused" => Step::RepairRefused {
                unmet: self.ascending("unmet", ConditionKey::new)?,
                reasons: self.shown("reasons"),
            },
            "RepairRevoked" => Step::RepairRevoked {
                reference: self.shown("reference"),
                end_at: self.at_if("end_at")?,
                answered: self.answered()?,
            },
            "ReleasedEarly" => {
                Step::ReleasedEarly { conditions: self.ascending("conditions", ConditionKey::new)? }
            }
            "TermExtended" => Step::Extended {
                end: self.at("end")?,
                end_at: self.at("end_at")?,
                effective_at: self.at("effective_at")?,
                document: self.document()?,
                answered: self.answered()?,
            },
            "TermShortened" => Step::TermShortened {
                end: self.at("end")?,
                end_at: self.at("end_at")?,
                pack: hash(self.body, "pack")?,
            },
            "RecordRecognised" => Step::Recognised {
                origin: self.key("origin", |name| is_key_name(name).then(|| name.to_owned()))?,
                position: number(self.body, "position")?,
                rule: self.key("rule", CatalogueKey::new)?,
                fresh_until: self.at("fresh_until")?,
            },
            "OriginSeen" => Step::OriginSeen { fresh_until: self.at("fresh_until")? },
            "InterimPublished" => Step::InterimPublished {
                need: self.shown("need"),
                service: self.shown("service"),
                oppose_until: self.at("oppose_until")?,
                lapses_at: self.at("lapses_at")?,
            },
            "StatementAdded" => Step::StatementAdded { text: self.statement()? },
            "MeasureOverridden" => Step::MeasureOverridden {
                measure: self.key("measure", MeasureId::new)?,
                from: self.at("from")?,
                until: self.at("until")?,
                reasons: self.shown("reasons"),
            },
            _ => return Err(WireError::Member("type")),
        })
    }

    fn refusals(&self) -> Result<Vec<u16>> {
        let malformed = WireError::Member("refusals");
        let items = self.body.get("refusals").and_then(Json::as_array);
        let items = items.ok_or_else(|| malformed.clone())?;
        let read = |item: &Json<'_>| item.as_u64().and_then(|number| u16::try_from(number).ok());
        let numbers: Option<Vec<u16>> = items.iter().map(read).collect();
        numbers.filter(|numbers| numbers.is_sorted_by(|one, next| one < next)).ok_or(malformed)
    }

    fn statement(&self) -> Result<String> {
        let text = self.shown("statement");
        if text.chars().count() > STATEMENT_CHARACTERS_MAX {
            return Err(WireError::Member("statement"));
        }
        Ok(text)
    }

    fn revision(&self) -> Result<Revision> {
        let zone = text(self.body, "zone")?;
        Zone::from_str(zone).map_err(|_| WireError::Member("zone"))?;
        let term = period(self.body.get("period").and_then(Json::as_object))?;
        Ok(Revision {
            number: number(self.body, "revision")?,
            mode: self.key("mode", Mode::from_key)?,
            entry: self.key("entry", CatalogueKey::new)?,
            kind: self.key("kind", OrganisationKind::from_key)?,
            name_as_written: self.shown("name_as_written"),
            grounds: self.keys("grounds", Ground::from_key)?,
            act: self.key("act", Act::from_key)?,
            severity: optional(self.body, "severity", Severity::from_key)?,
            procedure: self.key("procedure", Procedure::from_key)?,
            case_number: self.shown("case_number"),
            decision: match self.body.get("decision") {
                None => None,
                Some(_) => Some(self.document()?),
            },
            conduct: self.conduct()?,
            start: term.start,
            end: term.end,
            end_at: self.at_if("end_at")?,
            zone: zone.to_owned(),
            published: self.truth("published")?,
            retention_days: number(self.body, "retention_days")?,
            under_review: self.truth("under_review")?,
            late: self.truth("late")?,
            attestations: self.attestations()?,
            predecessor: self.at_if("predecessor")?,
            resubmission_of: self.at_if("resubmission_of")?,
            pack: hash(self.members, "law")?,
            body: self.record_body()?,
        })
    }

    fn conduct(&self) -> Result<Option<Conduct>> {
        let Some(days) = self.body.get("conduct") else { return Ok(None) };
        let days = days.as_object().ok_or(WireError::Member("conduct"))?;
        Ok(Some(Conduct { from: parsed(days, "from")?, to: parsed(days, "to")? }))
    }

    /// In their order, each at most once: each has a field of its own.
    fn attestations(&self) -> Result<Vec<Attested>> {
        let given = self.ascending("attestations", Attestation::from_key)?;
        let attested = given
            .into_iter()
            .map(|attestation| Attested { reference: self.shown(attestation.key()), attestation });
        Ok(attested.collect())
    }

    fn record_body(&self) -> Result<Body> {
        let record_type = self.key("type", RecordType::from_key)?;
        let is_body = |field: &str| {
            !REVISION_FIELDS.contains(&field) && Attestation::from_key(field).is_none()
        };
        let fields = self.disclosed.iter().filter(|(field, _)| is_body(field)).cloned();
        Body::from_fields(record_type, fields).map_err(|_| WireError::Disclosure)
    }

    fn notice(&self) -> Result<Notice> {
        Ok(Notice {
            purpose: self.key("purpose", Purpose::from_key)?,
            items: match self.is_second {
                true => Vec::new(),
                false => self.ascending("items", NoticeItem::from_key)?,
            },
            texts: self.is_second.then(|| NoticeTexts {
                evidence: self.shown("evidence"),
                access: self.shown("access"),
                office: self.shown("office"),
            }),
            severity: optional(self.body, "severity", Severity::from_key)?,
            end_max: self.at_if("end_max")?,
            measures: self.ascending("measures", MeasureId::new)?,
            successor: self.at_if("successor")?,
            service: self.shown("service"),
            served_on: self.at("served_on")?,
            represent_until: self.at("represent_until")?,
            hearing_until: self.at_if("hearing_until")?,
            window_ends_at: self.at("window_ends_at")?,
            decide_by: self.at("decide_by")?,
            facts: self.shown("facts"),
        })
    }

    fn upheld(&self) -> Result<Upheld> {
        let malformed = WireError::Member("period");
        let term = period(self.body.get("period").and_then(Json::as_object))?;
        Ok(Upheld {
            document: self.document()?,
            severity: optional(self.body, "severity", Severity::from_key)?,
            start: term.start.ok_or_else(|| malformed.clone())?,
            end: term.end.ok_or(malformed)?,
            end_at: self.at_if("end_at")?,
            measures: self.ascending("measures", MeasureId::new)?,
            points_answered: number(self.body, "points_answered")?,
            answers: self.numbered_some("points_answered", "answer")?,
            published: self.truth("published")?,
            standstill_until: self.at("standstill_until")?,
            reasons: self.shown("reasons"),
        })
    }
}
