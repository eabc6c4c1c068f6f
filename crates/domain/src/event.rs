//! What happens. One event is one leaf of the log; state is what events add up to.

use crate::adoption::{AuthorityKeyRegistered, AuthorityKeyRevoked, MandateAdopted, PackAdopted};
use crate::authority::AuthorityKey;
use crate::case::CaseEvent;
use crate::civil::{Day, Instant};
use crate::feedback::MeasureFeedbackGiven;
use crate::identifiers::IdentifierClaim;
use crate::identity::{IdentityAnswer, IdentityDecision, IdentityProposed};
use crate::ids::{OrganisationId, RecordId, RowKey};
use crate::organisation::{Country, LegalForm, Name, OrganisationKind};
use crate::record::Record;
use crate::text::{ListId, ProfileName};

/// An event and when it was committed. `at` never decreases by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// max(clock, last committed time).
    pub at: Instant,
    /// What happened.
    pub body: EventBody,
}

/// Everything that can happen. Names are past tense and versioned on the wire
/// (`RecordSubmitted/1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventBody {
    /// An organisation got an id in this registry.
    OrganisationRegistered(OrganisationRegistered),
    /// A source says that an organisation bears an identifier.
    IdentifierClaimed(IdentifierClaimed),
    /// A source gives a further name.
    NameClaimed(NameClaimed),
    /// First revision of a record.
    RecordSubmitted(Box<Record>),
    /// A later revision; it carries the whole body.
    RecordRevised(Box<Record>),
    /// The row is no longer in a full snapshot of its list (I-65), or says itself that it is over.
    /// Not a delisting.
    QuotationVanished(QuotationVanished),
    /// A list was read from beginning to end.
    SnapshotTaken(SnapshotTaken),
    /// A profile came into force.
    ProfileAdopted(ProfileAdopted),
    /// A decision on identity is proposed; it changes nothing yet.
    IdentityProposed(Box<IdentityProposed>),
    /// A second reviewer agrees: it holds from here on.
    IdentityConfirmed(Box<IdentityAnswer>),
    /// A reviewer disagrees or takes it back: it will never hold.
    IdentityRefused(Box<IdentityAnswer>),
    /// A step of proceedings about a record that an authority submits itself.
    Case(Box<CaseEvent>),
    /// An account of an authority got the key it signs with.
    AuthorityKeyRegistered(AuthorityKeyRegistered),
    /// Nothing signed with that key counts from here on.
    AuthorityKeyRevoked(AuthorityKeyRevoked),
    /// A version of a pack was adopted.
    PackAdopted(PackAdopted),
    /// What an authority may submit was adopted.
    MandateAdopted(Box<MandateAdopted>),
    /// An addressee said what became of a measure.
    MeasureFeedbackGiven(MeasureFeedbackGiven),
}

/// An organisation got an id in this registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRegistered {
    /// The id it got.
    pub organisation: OrganisationId,
    /// The source that led to it.
    pub authority: AuthorityKey,
    /// Its kind, as far as the source tells.
    pub kind: OrganisationKind,
    /// Legal form, where known.
    pub legal_form: Option<LegalForm>,
    /// Country, where known.
    pub country: Option<Country>,
    /// Seat as written (a town, a state), an erasable disclosure.
    pub place: Option<String>,
    /// Its main name, an erasable disclosure.
    pub name: Name,
    /// The publisher's entry it stands for, when no checked identifier joined it (design 3).
    pub entry: Option<RowKey>,
}

/// A source says that an organisation bears an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierClaimed {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// Who says so.
    pub authority: AuthorityKey,
    /// Scheme, value and what the check digit says.
    pub claim: IdentifierClaim,
}

/// A source gives a further name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameClaimed {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// Who says so.
    pub authority: AuthorityKey,
    /// The name, an erasable disclosure.
    pub name: Name,
}

/// The row is no longer in a full snapshot of its list, or says itself that it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotationVanished {
    /// Which record.
    pub record: RecordId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Who publishes the list.
    pub authority: AuthorityKey,
    /// Which list.
    pub list: ListId,
    /// The day of the snapshot in which it was missing.
    pub read_on: Day,
}

/// A list was read from beginning to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotTaken {
    /// Who publishes the list.
    pub authority: AuthorityKey,
    /// Which list.
    pub list: ListId,
    /// Read by which profile.
    pub profile: ProfileName,
    /// Day of reading.
    pub read_on: Day,
    /// Whether the file was the whole list.
    pub extent: Extent,
    /// Rows in the file.
    pub rows: u64,
    /// Quotations that stand after it.
    pub standing: u64,
    /// Quotations that vanished with it.
    pub vanished: u64,
    /// Partial files only: the rows that were re-read, in this part.
    pub reread: Vec<RowKey>,
    /// This part, from 1, of `parts`: an event holds at most 60 KiB.
    pub part: u32,
    /// Number of parts.
    pub parts: u32,
}

/// Whether a file is the whole list or some of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// What is not in it has vanished.
    Full,
    /// What is not in it stays as it was.
    Partial,
}

impl Extent {
    /// The key in profiles and on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            Extent::Full => "full",
            Extent::Partial => "partial",
        }
    }

    /// The extent with this key.
    pub fn from_key(key: &str) -> Option<Extent> {
        [Extent::Full, Extent::Partial].into_iter().find(|extent| extent.key() == key)
    }
}

/// A profile came into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileAdopted {
    /// Its name.
    pub profile: ProfileName,
    /// SHA-256 of its text, as 64 hex digits.
    pub hash: String,
    /// The licence note it carries about its source.
    pub licence: String,
}

/// What is destroyed together: one key of the vault each (design 9.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErasureUnit {
    /// An organisation's own events.
    Organisation(OrganisationId),
    /// A record with its revisions.
    Record(RecordId),
    /// Events that hold nothing erasable.
    Registry,
}

impl EventBody {
    /// The name and version on the wire.
    pub fn wire_type(&self) -> &'static str {
        match self {
            EventBody::OrganisationRegistered(_) => "OrganisationRegistered/1",
            EventBody::IdentifierClaimed(_) => "IdentifierClaimed/1",
            EventBody::NameClaimed(_) => "NameClaimed/1",
            EventBody::RecordSubmitted(_) => "RecordSubmitted/1",
            EventBody::RecordRevised(_) => "RecordRevised/1",
            EventBody::QuotationVanished(_) => "QuotationVanished/1",
            EventBody::SnapshotTaken(_) => "SnapshotTaken/1",
            EventBody::ProfileAdopted(_) => "ProfileAdopted/1",
            EventBody::IdentityProposed(_) => "IdentityProposed/1",
            EventBody::IdentityConfirmed(_) => "IdentityConfirmed/1",
            EventBody::IdentityRefused(_) => "IdentityRefused/1",
            EventBody::Case(event) => event.step.wire_type(),
            EventBody::AuthorityKeyRegistered(_) => "AuthorityKeyRegistered/1",
            EventBody::AuthorityKeyRevoked(_) => "AuthorityKeyRevoked/1",
            EventBody::PackAdopted(_) => "PackAdopted/1",
            EventBody::MandateAdopted(_) => "MandateAdopted/1",
            EventBody::MeasureFeedbackGiven(_) => "MeasureFeedbackGiven/1",
        }
    }

    /// The decision on identity it is about, if any.
    pub fn identity(&self) -> Option<&IdentityDecision> {
        match self {
            EventBody::IdentityProposed(event) => Some(&event.decision),
            EventBody::IdentityConfirmed(event) | EventBody::IdentityRefused(event) => {
                Some(&event.decision)
            }
            _ => None,
        }
    }

    /// The organisation concerned, if any; of a decision on identity the one that keeps its file.
    pub fn organisation(&self) -> Option<OrganisationId> {
        match self {
            EventBody::OrganisationRegistered(event) => Some(event.organisation),
            EventBody::IdentifierClaimed(event) => Some(event.organisation),
            EventBody::NameClaimed(event) => Some(event.organisation),
            EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                Some(record.subject.organisation)
            }
            EventBody::QuotationVanished(event) => Some(event.organisation),
            EventBody::IdentityProposed(_)
            | EventBody::IdentityConfirmed(_)
            | EventBody::IdentityRefused(_) => {
                self.identity().map(|decision| decision.organisation)
            }
            EventBody::Case(event) => Some(event.organisation),
            EventBody::SnapshotTaken(_)
            | EventBody::ProfileAdopted(_)
            | EventBody::AuthorityKeyRegistered(_)
            | EventBody::AuthorityKeyRevoked(_)
            | EventBody::PackAdopted(_)
            | EventBody::MandateAdopted(_)
            | EventBody::MeasureFeedbackGiven(_) => None,
        }
    }

    /// The record concerned, if any.
    pub fn record(&self) -> Option<RecordId> {
        match self {
            EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                Some(record.id)
            }
            EventBody::QuotationVanished(event) => Some(event.record),
            EventBody::Case(event) => Some(event.record),
            _ => None,
        }
    }

    /// The authority or publisher it comes from, if any.
    pub fn authority(&self) -> Option<&AuthorityKey> {
        match self {
            EventBody::OrganisationRegistered(event) => Some(&event.authority),
            EventBody::IdentifierClaimed(event) => Some(&event.authority),
            EventBody::NameClaimed(event) => Some(&event.authority),
            EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                Some(&record.quotation.publisher)
            }
            EventBody::QuotationVanished(event) => Some(&event.authority),
            EventBody::SnapshotTaken(event) => Some(&event.authority),
            EventBody::Case(event) => Some(&event.authority),
            EventBody::AuthorityKeyRegistered(event) => Some(&event.authority),
            EventBody::AuthorityKeyRevoked(event) => Some(&event.authority),
            EventBody::MandateAdopted(event) => Some(&event.authority),
            EventBody::MeasureFeedbackGiven(event) => Some(&event.authority),
            EventBody::ProfileAdopted(_)
            | EventBody::PackAdopted(_)
            | EventBody::IdentityProposed(_)
            | EventBody::IdentityConfirmed(_)
            | EventBody::IdentityRefused(_) => None,
        }
    }

    /// What this event is destroyed with.
    pub fn erasure_unit(&self) -> ErasureUnit {
        // Ids, codes and handles: nothing erasable, and the other organisation's file rests on it.
        if self.identity().is_some() {
            return ErasureUnit::Registry;
        }
        match (self.record(), self.organisation()) {
            (Some(record), _) => ErasureUnit::Record(record),
            (None, Some(organisation)) => ErasureUnit::Organisation(organisation),
            (None, None) => ErasureUnit::Registry,
        }
    }
}
