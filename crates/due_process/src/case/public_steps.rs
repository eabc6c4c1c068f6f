//! Which steps of a case the public may read, and while what of the record is public. Everything
//! else of a case is for its parties: notices, answers, hearings, flags, applications for repair.

use domain::case::Step;

use super::state::Exposure;

/// While what a step is for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepAudience {
    /// For the parties only.
    Parties,
    /// For everybody while the record is shown.
    WhileShown,
    /// For everybody while its tombstone is served.
    WhileTombstone,
}

impl StepAudience {
    /// Every audience, in order.
    pub const ALL: [StepAudience; 3] =
        [StepAudience::Parties, StepAudience::WhileShown, StepAudience::WhileTombstone];

    /// Whom `step` is for.
    pub const fn of(step: &Step) -> StepAudience {
        match step {
            Step::Submitted(_)
            | Step::Published
            | Step::DecisionUpheld(_)
            | Step::InterimPublished { .. }
            | Step::ObjectionFiled { .. }
            | Step::ObjectionRejected { .. }
            | Step::ObjectionEscalated { .. }
            | Step::StatementAdded { .. }
            | Step::Extended { .. }
            | Step::TermShortened { .. }
            | Step::Imputed { .. }
            | Step::Recognised { .. }
            | Step::MeasureOverridden { .. } => StepAudience::WhileShown,
            Step::Corrected { .. } | Step::Withdrawn { .. } => StepAudience::WhileTombstone,
            Step::ValidationPassed { .. }
            | Step::ValidationFailed { .. }
            | Step::NoticeServed(_)
            | Step::PrecheckOpened { .. }
            | Step::RepresentationMade { .. }
            | Step::HearingRequested { .. }
            | Step::WindowWaived
            | Step::WaiverRevoked
            | Step::HearingClosed { .. }
            | Step::HearingWithdrawn
            | Step::DecisionNotUpheld { .. }
            | Step::ErrorFlagged { .. }
            | Step::FlagCleared { .. }
            | Step::FlagUpheld
            | Step::Abandoned
            | Step::ObjectionForwarded
            | Step::ObjectionExtended { .. }
            | Step::Stayed { .. }
            | Step::StayLifted { .. }
            | Step::RepairApplied { .. }
            | Step::RepairExtended { .. }
            | Step::RepairGranted
            | Step::RepairRefused { .. }
            | Step::RepairRevoked { .. }
            | Step::ReleasedEarly { .. }
            | Step::SubjectCeased { .. }
            | Step::ImputationReviewed { .. }
            | Step::Erased
            | Step::HoldPlaced { .. }
            | Step::HoldReleased { .. }
            | Step::OriginSeen { .. }
            | Step::OriginEnded => StepAudience::Parties,
        }
    }

    /// Whether everybody may read it while the record is exposed so.
    pub const fn may_read(self, exposure: Exposure) -> bool {
        match exposure {
            Exposure::Nothing => false,
            Exposure::Shown { .. } => matches!(self, StepAudience::WhileShown),
            Exposure::CorrectedTombstone | Exposure::WithdrawnTombstone(_) => {
                matches!(self, StepAudience::WhileTombstone)
            }
        }
    }
}
