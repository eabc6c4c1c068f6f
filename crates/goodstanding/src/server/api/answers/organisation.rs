//! Files of organisations, and what a search finds.

use domain::record::RecordType;
use policy::Packs;
use serde::Serialize;
use utoipa::ToSchema;

use super::case::CaseShape;
use super::record::{RecordShape, TimelineShape};
use super::shared::{Identifier, NameShape, Publisher};
use crate::registry::{
    FileAnswer, Hit, IdentifierShown, IdentityShown, NameClaim, OrganisationFile, SearchAnswer,
    Twin,
};

/// A further name and who gives it.
#[derive(Serialize, ToSchema)]
pub struct OtherName {
    name: NameShape,
    publisher: Publisher,
    /// Position on the log.
    position: u64,
}

/// An identifier and who gives it.
#[derive(Serialize, ToSchema)]
pub struct ClaimedIdentifier {
    identifier: Identifier,
    publisher: Publisher,
    /// Position on the log.
    position: u64,
}

/// An organisation that may be the same. A hint, not a finding.
#[derive(Serialize, ToSchema)]
pub struct TwinShape {
    id: String,
    name: NameShape,
    /// Why it is suggested.
    #[schema(example = "same_name")]
    reason: String,
}

impl From<&Twin> for TwinShape {
    fn from(twin: &Twin) -> TwinShape {
        TwinShape {
            id: twin.id.to_string(),
            name: NameShape::from(&twin.name),
            reason: twin.reason_key.to_owned(),
        }
    }
}

/// A decision on identity, by two reviewers. Nothing is joined without one.
#[derive(Serialize, ToSchema)]
pub struct IdentityShape {
    /// Its number: the position of the proposal on the log.
    number: u64,
    /// When it was proposed.
    at: String,
    /// `same`, `distinct`, `split` or `reversal`.
    #[schema(example = "same")]
    decision: String,
    /// The organisation that keeps its file.
    organisation: String,
    /// The alias, the distinct one, or the one that was split off.
    other: String,
    /// Why.
    #[schema(example = "same_identifier")]
    reason: String,
    /// The official document it rests on.
    source: Option<String>,
    /// The day that was read.
    source_read_on: Option<String>,
    /// Until when both may answer: adverse records move only after it.
    answer_until: Option<String>,
    /// `open`, `confirmed` or `reversed`.
    #[schema(example = "open")]
    stage: String,
}

impl From<&IdentityShown> for IdentityShape {
    fn from(shown: &IdentityShown) -> IdentityShape {
        IdentityShape {
            number: shown.number,
            at: shown.at.to_string(),
            decision: shown.decision.kind.key().to_owned(),
            organisation: shown.decision.organisation.to_string(),
            other: shown.decision.other.to_string(),
            reason: shown.reason.key().to_owned(),
            source: shown.source.as_ref().map(|source| source.url().to_owned()),
            source_read_on: shown.source.as_ref().map(|source| source.day().to_string()),
            answer_until: shown.answer_until.map(|until| until.to_string()),
            stage: shown.stage.key().to_owned(),
        }
    }
}

/// How many records of a type are in effect. Not a score: types are never added up.
#[derive(Serialize, ToSchema)]
pub struct InEffect {
    /// The type.
    #[serde(rename = "type")]
    kind: String,
    /// How many.
    count: u64,
}

/// The file of an organisation.
#[derive(Serialize, ToSchema)]
pub struct OrganisationFileShape {
    id: String,
    /// Events at positions below this one are in the file.
    position: u64,
    /// The instant the file speaks about.
    as_of: String,
    #[schema(example = "enterprise")]
    kind: String,
    /// ISO 20275.
    legal_form: Option<String>,
    /// ISO 3166-1.
    country: Option<String>,
    /// Seat as written.
    place: Option<String>,
    name: NameShape,
    other_names: Vec<OtherName>,
    identifiers: Vec<ClaimedIdentifier>,
    /// By type, in the fixed order of types; types without any are left out.
    in_effect: Vec<InEffect>,
    /// In the fixed order of types, later start first. Never ranked.
    records: Vec<RecordShape>,
    /// Records that authorities submitted themselves, and what is left of those that went, by
    /// position on the log.
    proceedings: Vec<CaseShape>,
    /// Records left out because their stored content does not match the log.
    broken: u64,
    may_be_the_same: Vec<TwinShape>,
    /// Decisions on identity that name it, proposed ones included.
    identity: Vec<IdentityShape>,
    timeline: Vec<TimelineShape>,
}

impl OrganisationFileShape {
    /// The shape of a file.
    pub fn of(packs: &Packs, answer: &FileAnswer) -> OrganisationFileShape {
        let file = &answer.file;
        OrganisationFileShape {
            id: file.id.to_string(),
            position: answer.position,
            as_of: answer.as_of.to_string(),
            kind: file.kind.key().to_owned(),
            legal_form: file.legal_form.map(|form| form.as_str().to_owned()),
            country: file.country.map(|country| country.as_str().to_owned()),
            place: file.place.clone(),
            name: NameShape::from(&file.name),
            other_names: file.other_names.iter().map(|claim| other_name(packs, claim)).collect(),
            identifiers: file.identifiers.iter().map(|shown| claimed(packs, shown)).collect(),
            in_effect: in_effect(file),
            records: file.records.iter().map(|view| RecordShape::of(packs, view)).collect(),
            proceedings: file.proceedings.iter().map(|it| CaseShape::of(packs, it)).collect(),
            broken: answer.broken,
            may_be_the_same: answer.twins.iter().map(TwinShape::from).collect(),
            identity: answer.identity.iter().map(IdentityShape::from).collect(),
            timeline: file.timeline.iter().map(TimelineShape::from).collect(),
        }
    }
}

fn other_name(packs: &Packs, claim: &NameClaim) -> OtherName {
    OtherName {
        name: NameShape::from(&claim.name),
        publisher: Publisher::of(packs, &claim.authority),
        position: claim.position,
    }
}

fn claimed(packs: &Packs, shown: &IdentifierShown) -> ClaimedIdentifier {
    ClaimedIdentifier {
        identifier: Identifier::from(&shown.claim),
        publisher: Publisher::of(packs, &shown.authority),
        position: shown.position,
    }
}

fn in_effect(file: &OrganisationFile) -> Vec<InEffect> {
    let counted = RecordType::ALL.into_iter().map(|record_type| InEffect {
        kind: record_type.key().to_owned(),
        count: file.in_effect(record_type),
    });
    counted.filter(|counted| counted.count > 0).collect()
}

/// What a search found. A likeness of names is not a finding.
#[derive(Serialize, ToSchema)]
pub struct SearchShape {
    results: Vec<HitShape>,
    /// The words looked for, as the index spells them.
    words: Vec<String>,
    /// Whether there may be more.
    truncated: bool,
}

/// One organisation found.
#[derive(Serialize, ToSchema)]
pub struct HitShape {
    id: String,
    name: NameShape,
    identifiers: Vec<Identifier>,
    why: WhyShape,
    /// ISO 3166-1.
    country: Option<String>,
    /// Seat as written.
    place: Option<String>,
    /// Records in effect now.
    in_effect: u64,
}

/// Why it was found.
#[derive(Serialize, ToSchema)]
pub struct WhyShape {
    #[schema(example = "all_words")]
    key: String,
    /// What matched.
    words: Vec<String>,
}

impl From<&SearchAnswer> for SearchShape {
    fn from(answer: &SearchAnswer) -> SearchShape {
        SearchShape {
            results: answer.hits.iter().map(HitShape::from).collect(),
            words: answer.tokens.clone(),
            truncated: answer.truncated,
        }
    }
}

impl From<&Hit> for HitShape {
    fn from(hit: &Hit) -> HitShape {
        HitShape {
            id: hit.id.to_string(),
            name: NameShape::from(&hit.name),
            identifiers: hit.identifiers.iter().map(Identifier::from).collect(),
            why: WhyShape { key: hit.why.key.to_owned(), words: hit.why.words.clone() },
            country: hit.country.map(|country| country.as_str().to_owned()),
            place: hit.place.clone(),
            in_effect: hit.in_effect,
        }
    }
}
