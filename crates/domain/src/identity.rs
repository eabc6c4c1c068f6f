//! Decisions on identity: whether two files are about one organisation (I-29 to I-31). Made by two
//! reviewers, never by a machine.

use std::fmt;

use crate::civil::{Day, Instant};
use crate::identifiers::{IdentifierClaim, personal};
use crate::ids::{OrganisationId, RecordId};

/// Longest address of an official source, in bytes.
const URL_BYTES_MAX: usize = 300;

/// Most records or identifiers that one split names: the event stays below 60 KiB.
pub const SPLIT_PARTS_MAX: usize = 500;

/// The account of a reviewer: `officer-7`, `reviewer-12`, `registrar-3`. A role and a number, so
/// that nobody's name can be one: who stands behind it is known outside the registry only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReviewerHandle(String);

impl ReviewerHandle {
    /// The handle; `None` for anything but a role, a hyphen and a number of up to six digits.
    ///
    /// ```
    /// use goodstanding_domain::identity::ReviewerHandle;
    /// assert!(ReviewerHandle::new("officer-7").is_some());
    /// assert!(ReviewerHandle::new("jane-smith").is_none());
    /// assert!(ReviewerHandle::new("jane@example.org").is_none());
    /// ```
    pub fn new(text: &str) -> Option<ReviewerHandle> {
        let (role, number) = text.split_once('-')?;
        let is_number = (1..=6).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.starts_with('0');
        (["officer", "reviewer", "registrar"].contains(&role) && is_number)
            .then(|| ReviewerHandle(text.to_owned()))
    }

    /// The handle as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReviewerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why reviewers decide. The list is closed: a free text would sooner or later name a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityReason {
    /// Both files bear one identifier.
    SameIdentifier,
    /// Both point to one entry of an official register, which is cited.
    SameRegisterEntry,
    /// A court or a registrar says so, and is cited.
    OfficialNotice,
    /// A source corrected a number it had mistyped, and is cited.
    CorrectedTypingError,
    /// Names and country are alike.
    NameAndPlaceAlike,
    /// The files bear different checked identifiers of one scheme.
    DifferentIdentifiers,
    /// They are different entries of one official register, which is cited.
    DifferentRegisterEntries,
    /// They sit in different places, whatever their names.
    DifferentPlaces,
    /// Records of another organisation were put on this file.
    MixedRecords,
    /// The decision was a mistake.
    DecidedInError,
}

impl IdentityReason {
    /// Every reason.
    pub const ALL: [IdentityReason; 10] = [
        IdentityReason::SameIdentifier,
        IdentityReason::SameRegisterEntry,
        IdentityReason::OfficialNotice,
        IdentityReason::CorrectedTypingError,
        IdentityReason::NameAndPlaceAlike,
        IdentityReason::DifferentIdentifiers,
        IdentityReason::DifferentRegisterEntries,
        IdentityReason::DifferentPlaces,
        IdentityReason::MixedRecords,
        IdentityReason::DecidedInError,
    ];

    /// The key on the wire and in message files.
    pub const fn key(self) -> &'static str {
        match self {
            IdentityReason::SameIdentifier => "same_identifier",
            IdentityReason::SameRegisterEntry => "same_register_entry",
            IdentityReason::OfficialNotice => "official_notice",
            IdentityReason::CorrectedTypingError => "corrected_typing_error",
            IdentityReason::NameAndPlaceAlike => "name_and_place_alike",
            IdentityReason::DifferentIdentifiers => "different_identifiers",
            IdentityReason::DifferentRegisterEntries => "different_register_entries",
            IdentityReason::DifferentPlaces => "different_places",
            IdentityReason::MixedRecords => "mixed_records",
            IdentityReason::DecidedInError => "decided_in_error",
        }
    }

    /// The reason with this key.
    pub fn from_key(key: &str) -> Option<IdentityReason> {
        IdentityReason::ALL.into_iter().find(|reason| reason.key() == key)
    }

    /// Whether the reason rests on a document that has to be cited.
    pub const fn needs_source(self) -> bool {
        matches!(
            self,
            IdentityReason::SameRegisterEntry
                | IdentityReason::OfficialNotice
                | IdentityReason::CorrectedTypingError
                | IdentityReason::DifferentRegisterEntries
        )
    }
}

/// An official document a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialSource {
    url: String,
    day: Day,
}

impl OfficialSource {
    /// The source; `None` unless `url` is a plain HTTPS address without account, query or personal
    /// identifier.
    pub fn new(url: &str, day: Day) -> Option<OfficialSource> {
        let rest = url.strip_prefix("https://")?;
        let is_plain = url.len() <= URL_BYTES_MAX
            && rest.contains('.')
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/%~:".contains(&b));
        let is_personal = personal::scan(url).is_some();
        (is_plain && !is_personal).then(|| OfficialSource { url: url.to_owned(), day })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The day it was read.
    pub const fn day(&self) -> Day {
        self.day
    }
}

/// What is decided about a pair of organisations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityKind {
    /// `other` is an alias of `organisation`, which keeps its id.
    Same,
    /// They are two; final for the pair.
    Distinct,
    /// `other` is new and takes what is named one by one.
    Split {
        /// Records that go.
        records: Vec<RecordId>,
        /// Identifiers that go.
        identifiers: Vec<IdentifierClaim>,
    },
    /// An earlier decision about the pair no longer holds.
    Reversal {
        /// Its number.
        of: u64,
    },
}

impl IdentityKind {
    /// The key on the wire and in message files.
    pub const fn key(&self) -> &'static str {
        match self {
            IdentityKind::Same => "same",
            IdentityKind::Distinct => "distinct",
            IdentityKind::Split { .. } => "split",
            IdentityKind::Reversal { .. } => "reversal",
        }
    }
}

/// A decision on the identity of two organisations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityDecision {
    /// The one that keeps its file.
    pub organisation: OrganisationId,
    /// The alias, the distinct one, or the one that is split off.
    pub other: OrganisationId,
    /// What is decided.
    pub kind: IdentityKind,
}

impl IdentityDecision {
    /// Both organisations.
    pub const fn pair(&self) -> [OrganisationId; 2] {
        [self.organisation, self.other]
    }
}

/// A reviewer proposes a decision. The position of this event on the log is its number, and the
/// event is the notice to both organisations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProposed {
    /// What is proposed.
    pub decision: IdentityDecision,
    /// By whom.
    pub reviewer: ReviewerHandle,
    /// Why.
    pub reason: IdentityReason,
    /// What it rests on.
    pub source: Option<OfficialSource>,
    /// Until when the organisations may answer; `None` where no pack sets a period.
    pub answer_until: Option<Instant>,
}

/// A reviewer confirms or refuses a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityAnswer {
    /// Number of the proposal.
    pub proposal: u64,
    /// What it proposed, so that the event can be read alone.
    pub decision: IdentityDecision,
    /// Who answers.
    pub reviewer: ReviewerHandle,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_cannot_be_a_name() {
        for text in ["officer-7", "reviewer-12", "registrar-999999"] {
            assert_eq!(
                ReviewerHandle::new(text).map(|handle| handle.to_string()),
                Some(text.into())
            );
        }
        for text in [
            "",
            "officer",
            "officer-",
            "officer-07",
            "officer-1234567",
            "smith-7",
            "officer-x1",
            "a@b.c",
        ] {
            assert_eq!(ReviewerHandle::new(text), None, "{text}");
        }
    }

    #[test]
    fn reasons_are_a_closed_list() {
        for reason in IdentityReason::ALL {
            assert_eq!(IdentityReason::from_key(reason.key()), Some(reason));
        }
        assert_eq!(IdentityReason::from_key("other"), None);
    }

    #[test]
    fn a_source_is_a_plain_address() {
        let day = Day::from_days_since_epoch(20_000);
        assert!(OfficialSource::new("https://register.example.org/notices/2026/17", day).is_some());
        for url in [
            "http://register.example.org/1",
            "https://a@register.example.org/1",
            "https://register.example.org/1?q=jane",
            "https://register.example.org/1 jane",
            "https://register.example.org/110000199001010013",
        ] {
            assert!(OfficialSource::new(url, day).is_none(), "{url}");
        }
    }
}
