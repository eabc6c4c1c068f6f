//! What the public may see behind a position at this instant. A record past its end is withheld
//! from that instant on, whether or not an entry says so yet, and with the last record of an
//! authority what that authority said about the organisation.

use std::borrow::Cow;

use domain::event::{Event, EventBody};
use due_process::case::StepAudience;
use ledger::Opened;
use ledger::wire::{self, Leaf, Opening};

use super::Request;
use super::file::opening_line;
use crate::ProjectionError;
use crate::announced::{Announced, AnnouncedMap};

/// What is behind a position.
pub(super) enum Visible {
    /// An entry in the clear.
    Clear,
    /// An event whose opening is published.
    Open(Box<Event>, Opening),
    /// Not published yet.
    Sealed,
    /// Not served, for now or for good.
    Withheld,
    /// Destroyed, as the entry at this position says.
    Erased(u64),
    /// Of a version this program does not know: nothing of it is served.
    Unknown(String),
    /// The stored content does not match the log: never shown.
    Broken,
}

impl Visible {
    /// The key in answers.
    pub(super) const fn key(&self) -> &'static str {
        match self {
            Visible::Clear => "clear",
            Visible::Open(..) => "open",
            Visible::Sealed => "sealed",
            Visible::Withheld => "withheld",
            Visible::Erased(_) => "erased",
            Visible::Unknown(_) => "unknown",
            Visible::Broken => "broken",
        }
    }

    /// The line of a payload bundle (design 9.1).
    pub(super) fn line(&self, position: u64) -> String {
        match self {
            Visible::Clear => format!("{position} - clear"),
            Visible::Open(_, opening) => opening_line(position, opening),
            Visible::Sealed => format!("{position} - sealed"),
            // What does not match may not be served, and the reader may not be told that it was
            // erased.
            Visible::Withheld | Visible::Unknown(_) | Visible::Broken => {
                format!("{position} - withheld")
            }
            Visible::Erased(leaf) => format!("{position} - erased {leaf}"),
        }
    }
}

/// An event and its opening without what is not for the public: no page, answer or file can hold
/// what never gets here.
pub(super) fn for_the_public(
    event: Box<Event>,
    opening: Opening,
) -> Result<(Box<Event>, Opening), ProjectionError> {
    match wire::published(&opening) {
        Cow::Borrowed(_) => Ok((event, opening)),
        Cow::Owned(public) => {
            let event = wire::unseal(&public).map_err(|_| ProjectionError::Broken("truth"))?;
            Ok((Box::new(event), public))
        }
    }
}

impl Request<'_> {
    /// Announcements for `from..=until`, to be asked position by position.
    pub(super) fn announced(&self, from: u64, until: u64) -> Result<AnnouncedMap, ProjectionError> {
        Ok(AnnouncedMap(self.base.announced_between(from, until)?))
    }

    /// What the public may see behind `position`, which is below the cursor.
    pub(super) fn visible(
        &self,
        position: u64,
        announced: &AnnouncedMap,
    ) -> Result<Visible, ProjectionError> {
        let opened = self.ledger.event(position)?;
        if matches!(opened, Some(Opened::Clear)) {
            return Ok(Visible::Clear);
        }
        match announced.at(position)? {
            Announced::Erased { leaf } => return Ok(Visible::Erased(leaf)),
            Announced::Sealed => return Ok(Visible::Sealed),
            Announced::Withheld => return Ok(Visible::Withheld),
            Announced::Open => {}
        }
        Ok(match opened {
            Some(Opened::Event(event, opening)) => {
                if self.may_be_seen(position, &event)? {
                    let (event, opening) = for_the_public(event, opening)?;
                    Visible::Open(event, opening)
                } else {
                    Visible::Withheld
                }
            }
            // Destroyed and not yet named by an entry.
            Some(Opened::Destroyed) => Visible::Withheld,
            Some(Opened::Unknown { kind, .. }) => Visible::Unknown(kind),
            Some(Opened::Broken | Opened::Clear) | None => Visible::Broken,
        })
    }

    fn may_be_seen(&self, position: u64, event: &Event) -> Result<bool, ProjectionError> {
        match &event.body {
            EventBody::OrganisationRegistered(_)
            | EventBody::IdentifierClaimed(_)
            | EventBody::NameClaimed(_) => {
                // It was read when the tables were made, and it is destroyed with its organisation
                // only.
                let id = event.body.organisation();
                let row = id.map(|id| self.base.organisation(id)).transpose()?.flatten();
                let row = row.ok_or(ProjectionError::Broken("organisation"))?;
                event.body.authority().map_or(Ok(false), |by| self.is_supported_by(&row, by))
            }
            EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                match self.base.record(record.id)? {
                    Some(row) => Ok(row.current == position && self.is_shown(&row)?),
                    None => Err(ProjectionError::Broken("record")),
                }
            }
            // What one addressee said is for the figures only.
            EventBody::QuotationVanished(_) | EventBody::MeasureFeedbackGiven(_) => Ok(false),
            EventBody::IdentityProposed(_)
            | EventBody::IdentityConfirmed(_)
            | EventBody::IdentityRefused(_) => {
                event.body.identity().map_or(Ok(false), |decision| self.are_supported(decision))
            }
            EventBody::Case(event) => {
                let row = self.base.proceeding(event.record)?;
                let exposure = row.map(|row| row.exposure(self.now));
                Ok(exposure.is_some_and(|it| StepAudience::of(&event.step).may_read(it)))
            }
            EventBody::AuthorityKeyRegistered(_)
            | EventBody::AuthorityKeyRevoked(_)
            | EventBody::PackAdopted(_)
            | EventBody::MandateAdopted(_)
            | EventBody::SnapshotTaken(_)
            | EventBody::ProfileAdopted(_) => Ok(true),
        }
    }

    /// The entry itself; `None` when its bytes are not what any entry is.
    pub(super) fn leaf(&self, position: u64) -> Result<Option<Leaf>, ProjectionError> {
        let bytes = self.ledger.entry(position)?.unwrap_or_default();
        Ok(Leaf::parse(&bytes).ok())
    }
}
