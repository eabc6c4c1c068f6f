//! What time does, in words: for people who wait for it.

use domain::civil::Instant;
use domain::refusal::Language;

use super::clock::ClockStep;
use super::state::Case;

impl ClockStep {
    /// The key in answers.
    pub const fn key(self) -> &'static str {
        match self {
            ClockStep::WindowEnded => "window_ended",
            ClockStep::HearingOverdue => "hearing_overdue",
            ClockStep::NoticeLapsed => "notice_lapsed",
            ClockStep::DecisionLapsed => "decision_lapsed",
            ClockStep::StandstillEnded => "standstill_ended",
            ClockStep::FlagUnanswered => "flag_unanswered",
            ClockStep::ExtensionEffective => "extension_effective",
            ClockStep::Expired => "expired",
            ClockStep::CeasedOver => "ceased_over",
            ClockStep::InterimLapsed => "interim_lapsed",
            ClockStep::ObjectionUnanswered => "objection_unanswered",
            ClockStep::RepairEscalated => "repair_escalated",
            ClockStep::RepairUnanswered => "repair_unanswered",
            ClockStep::OriginStale => "origin_stale",
            ClockStep::TombstoneOver => "tombstone_over",
        }
    }

    /// What it does, in `language`.
    pub const fn words(self, language: Language) -> &'static str {
        let (en, zh) = match self {
            ClockStep::WindowEnded => ("the time to answer ends", "答复期限届满"),
            ClockStep::HearingOverdue => ("the hearing counts as closed", "听证视为结束"),
            ClockStep::NoticeLapsed => (
                "the case lapses in favour of the subject, who was not told of it",
                "案件因逾期未告知以有利于当事人的方式终结",
            ),
            ClockStep::DecisionLapsed => (
                "the case lapses in favour of the subject",
                "案件因逾期未决以有利于当事人的方式终结",
            ),
            ClockStep::StandstillEnded => ("the record becomes public", "记录公开"),
            ClockStep::FlagUnanswered => {
                ("the record goes back to the authority unanswered", "机关未答复，记录退回")
            }
            ClockStep::ExtensionEffective => ("the extension takes effect", "延长生效"),
            ClockStep::Expired => ("the term ends", "期限届满"),
            ClockStep::CeasedOver => {
                ("the record of the dissolved organisation ends", "已解散组织的记录终止")
            }
            ClockStep::InterimLapsed => ("the interim record lapses", "临时记录失效"),
            ClockStep::ObjectionUnanswered => {
                ("the record is hidden until the objection is answered", "记录在异议得到答复前隐藏")
            }
            ClockStep::RepairEscalated => {
                ("the application for repair goes to a reviewer", "修复申请转由复核人决定")
            }
            ClockStep::RepairUnanswered => (
                "the record is hidden until somebody decides on its repair",
                "记录在修复申请得到决定前隐藏",
            ),
            ClockStep::OriginStale => {
                ("the mirrored record is not current any more", "转引记录不再为最新")
            }
            ClockStep::TombstoneOver => ("the notice of its end is removed", "终止告示撤下"),
        };
        match language {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}

impl Case {
    /// The next thing that time does if nobody acts, and when.
    pub fn next_clock_step(&self) -> Option<(Instant, ClockStep)> {
        let at = self.next_boundary()?;
        self.passed(at).into_iter().find(|(when, _)| *when == at)
    }
}
