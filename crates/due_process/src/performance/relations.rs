//! What everybody knows about the figures without being told: of what one of them counts there is
//! never more than another counted before. A number that is withheld must not follow from that.

use domain::performance::Figure::{self, *};

/// Over all months up to any one, the parts together are never more than the wholes together: each
/// part needs a whole of its own that came first.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// Where the parts come from.
    pub wholes: &'static [Figure],
    /// What becomes of some of them, one thing each.
    pub parts: &'static [Figure],
}

/// Every relation that holds whatever happens.
pub const RELATIONS: &[Relation] = &[
    Relation {
        wholes: &[Submitted, SubmittedInTime, SubmittedLate],
        parts: &[NoticeInTime, NoticeMissed, EntryInTime, EntryMissed],
    },
    Relation {
        wholes: &[Submitted, SubmittedInTime, SubmittedLate],
        parts: &[NoticeInTime, NoticeLate, EntryInTime],
    },
    Relation { wholes: &[NoticeMissed], parts: &[NoticeLate] },
    Relation {
        wholes: &[NoticeInTime, NoticeLate, NoticeFurther],
        parts: &[Upheld, NotUpheld, DecisionMissed, HearingMissed],
    },
    Relation { wholes: &[NoticeInTime, NoticeLate, NoticeFurther], parts: &[HearingRequested] },
    Relation {
        wholes: &[NoticeInTime, NoticeLate, NoticeFurther],
        parts: &[HearingInTime, HearingMissed],
    },
    Relation { wholes: &[HearingRequested], parts: &[HearingInTime, HearingMissed] },
    Relation { wholes: &[Flagged], parts: &[FlagCleared, FlagUpheld, FlagMissed] },
    Relation { wholes: &[Objected], parts: &[ObjectionRejected, ObjectionUpheld, ObjectionMissed] },
    Relation {
        wholes: &[Objected],
        parts: &[ObjectionRejected, ObjectionUpheld, ObjectionRejectedLate, ObjectionUpheldLate],
    },
    Relation { wholes: &[Objected], parts: &[ForwardInTime, ForwardMissed] },
    Relation { wholes: &[ObjectionMissed], parts: &[ObjectionRejectedLate, ObjectionUpheldLate] },
    Relation { wholes: &[ObjectionRejected, ObjectionRejectedLate], parts: &[Appealed] },
    Relation { wholes: &[Appealed], parts: &[AppealRejected, AppealUpheld, AppealMissed] },
    Relation {
        wholes: &[Appealed],
        parts: &[AppealRejected, AppealUpheld, AppealRejectedLate, AppealUpheldLate],
    },
    Relation { wholes: &[AppealMissed], parts: &[AppealRejectedLate, AppealUpheldLate] },
    Relation { wholes: &[RepairApplied], parts: &[RepairGranted, RepairRefused, RepairMissed] },
    Relation {
        wholes: &[RepairApplied],
        parts: &[RepairGranted, RepairRefused, RepairGrantedLate, RepairRefusedLate, ReviewInTime],
    },
    Relation {
        wholes: &[RepairMissed],
        parts: &[RepairGrantedLate, RepairRefusedLate, ReviewInTime],
    },
    Relation { wholes: &[RepairMissed], parts: &[ReviewMissed] },
];

/// Ways a case that was handed in may go before it is public; beside these it may still be sealed.
pub(super) const NEVER_PUBLIC: &[Figure] =
    &[NotUpheld, DecisionMissed, HearingMissed, FlagUpheld, FlagMissed];

/// What brings a case into being.
pub(super) const BEGUN: &[Figure] = &[Submitted, SubmittedInTime, SubmittedLate];
