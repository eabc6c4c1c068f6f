//! The file of an organisation, folded from its events: pure, no tables, no clock.
//!
//! Everything a person reads here comes from openings that were re-hashed against the log in the
//! same request. A view is narrowed twice (promise P5): by what was known at a position and in effect
//! on an instant, and by what may still be shown now. The second never gives way to the first.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::civil::{Day, Instant};
use domain::event::{Event, EventBody};
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId};
use domain::organisation::{Country, LegalForm, Name, OrganisationKind};
use domain::record::{Record, RecordType};
use due_process::quotation::{self, State};

/// From where a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Only events at positions below this one are known.
    pub at: u64,
    /// Only what is in effect on this instant is listed.
    pub on: Instant,
    /// The instant of the request: what may not be shown now is not shown at all.
    pub now: Instant,
}

/// What the registry shows of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFile {
    /// Our id.
    pub id: OrganisationId,
    /// Its kind, as its first source tells.
    pub kind: OrganisationKind,
    /// Legal form, where known.
    pub legal_form: Option<LegalForm>,
    /// Country, where known.
    pub country: Option<Country>,
    /// Seat as written, where known.
    pub place: Option<String>,
    /// The name its first source gives.
    pub name: Name,
    /// Further names, in the order in which they were claimed.
    pub other_names: Vec<NameClaim>,
    /// Identifiers, in the order in which they were claimed.
    pub identifiers: Vec<IdentifierShown>,
    /// What is shown: by type in the order of [`RecordType::ALL`], later start first, then by id.
    pub records: Vec<RecordView>,
    /// What happened, by position; nothing about records that are not shown.
    pub timeline: Vec<TimelineEntry>,
    /// Position of the entry that registered the organisation.
    pub registered_position: u64,
}

/// A further name and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameClaim {
    /// The name as written.
    pub name: Name,
    /// Who gives it.
    pub authority: AuthorityKey,
    /// Position on the log.
    pub position: u64,
}

/// An identifier and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierShown {
    /// Scheme, value and what the check says.
    pub claim: IdentifierClaim,
    /// Who gives it.
    pub authority: AuthorityKey,
    /// Position on the log.
    pub position: u64,
}

/// The current revision of a record and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// The revision that stands.
    pub record: Record,
    /// Position of that revision on the log.
    pub position: u64,
    /// When that revision was committed.
    pub submitted_at: Instant,
    /// The last day on which the publisher's list was read and the row was in it.
    pub read_on: Day,
    /// How it stands on the view's instant; always one that is shown.
    pub state: State,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Position on the log.
    pub position: u64,
    /// When it was committed.
    pub at: Instant,
    /// `organisation_registered`, `identifier_claimed`, `name_claimed`, `record_submitted` or `record_revised`.
    pub kind: &'static str,
    /// The record concerned, if any.
    pub record: Option<RecordId>,
    /// Who it comes from, if anybody.
    pub authority: Option<AuthorityKey>,
}
