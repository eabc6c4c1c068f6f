//! What an addressee says of a measure it was told of: that it applied it, or why not. It is said
//! of a measure by an authority; no organisation and no record is in it.

use crate::authority::AuthorityKey;
use crate::case::MeasureId;
use crate::closed::closed;
use crate::ids::RowKey;

closed! {
    /// Why an addressee did not apply a measure. There is no other reason and no place for words.
    WhyNotApplied {
        /// The law leaves a choice, and breach and consequence did not belong together here.
        Disproportionate = "disproportionate",
        /// It was set aside publicly and with reasons.
        SetAside = "set_aside",
        /// An objection or a remedy against the record was open.
        Contested = "contested",
        /// It was not certain that the organisation is the one of the record.
        IdentityDoubted = "identity_doubted",
        /// The organisation took no part, or there was nothing to be decided.
        NothingToDecide = "nothing_to_decide",
        /// Another law of the addressee forbids it or goes before it.
        OtherLaw = "other_law",
    }
}

/// What became of a measure with its addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// It was applied.
    Applied,
    /// It was not.
    NotApplied(WhyNotApplied),
}

impl Said {
    /// `applied` or `not_applied`.
    pub const fn key(self) -> &'static str {
        match self {
            Said::Applied => "applied",
            Said::NotApplied(_) => "not_applied",
        }
    }

    /// Why not, where it was not.
    pub const fn reason(self) -> Option<WhyNotApplied> {
        match self {
            Said::Applied => None,
            Said::NotApplied(reason) => Some(reason),
        }
    }

    /// From both; `None` for anything outside the closed lists, for a reason of what was applied
    /// and for none of what was not.
    pub fn from_keys(said: &str, reason: Option<&str>) -> Option<Said> {
        match (said, reason) {
            ("applied", None) => Some(Said::Applied),
            ("not_applied", Some(reason)) => WhyNotApplied::from_key(reason).map(Said::NotApplied),
            _ => None,
        }
    }
}

/// An addressee said what became of a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureFeedbackGiven {
    /// Who says so.
    pub authority: AuthorityKey,
    /// Which measure.
    pub measure: MeasureId,
    /// Its version.
    pub version: u16,
    /// What became of it.
    pub said: Said,
    /// A keyed hash over authority, measure and record: what is said later of the same takes the
    /// place of this, and nobody outside can tell of which record it is.
    pub once: RowKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_closed_lists_can_be_said() {
        assert_eq!(Said::from_keys("applied", None), Some(Said::Applied));
        for reason in WhyNotApplied::ALL {
            let said = Said::from_keys("not_applied", Some(reason.key()));
            assert_eq!(said, Some(Said::NotApplied(*reason)));
        }
        for (said, reason) in [
            ("applied", Some("contested")),
            ("not_applied", None),
            ("not_applied", Some("other")),
            ("not_applied", Some("")),
            ("Applied", None),
            ("", None),
        ] {
            assert_eq!(Said::from_keys(said, reason), None, "{said} {reason:?}");
        }
    }
}
