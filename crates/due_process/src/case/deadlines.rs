//! Every day somebody waits for: who has until when to do what, on which period that rests, and
//! what follows when nobody does it. A party reads here what it has to know; what time does is
//! decided in `clock` alone, and a test holds the two together in every state.

use domain::case::Mode;
use domain::civil::{Day, Instant, Zone};
use policy::procedure::PeriodKey;

use super::clock::ClockStep;
use super::state::{Case, ChainStage, Ended, ObjectionLevel, Phase};
use super::transitions::Role;

macro_rules! deadlines {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)*) => {
        /// What is due.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DeadlineKey {
            $($(#[$doc])* $name,)*
        }

        impl DeadlineKey {
            /// Every one, in the order of a case.
            pub const ALL: &'static [DeadlineKey] = &[$(DeadlineKey::$name,)*];

            /// The key in answers and message files.
            pub const fn key(self) -> &'static str {
                match self { $(DeadlineKey::$name => $key,)* }
            }
        }
    };
}

deadlines! {
    /// Notice, precheck or publication of what was checked.
    NoticeBy = "notice_by",
    /// To answer a notice.
    AnswerUntil = "answer_until",
    /// To ask for a hearing.
    HearingUntil = "hearing_until",
    /// The hearing itself.
    HearingOn = "hearing_on",
    /// To close it.
    HearingCloseBy = "hearing_close_by",
    /// To take a waiver back.
    WaiverUntil = "waiver_until",
    /// To decide.
    DecideBy = "decide_by",
    /// To stop a decision before it is public.
    StandstillUntil = "standstill_until",
    /// To answer a flag.
    FlagAnswerBy = "flag_answer_by",
    /// To oppose an interim record.
    OpposeUntil = "oppose_until",
    /// The interim record stands no longer.
    InterimUntil = "interim_until",
    /// To forward an objection.
    ObjectionForwardBy = "objection_forward_by",
    /// To decide it.
    ObjectionDecideBy = "objection_decide_by",
    /// To appeal against its rejection.
    AppealUntil = "appeal_until",
    /// To decide the appeal.
    AppealDecideBy = "appeal_decide_by",
    /// To decide an application for repair.
    RepairDecideBy = "repair_decide_by",
    /// For the reviewer, where the authority did not.
    RepairReviewBy = "repair_review_by",
    /// An extension that was decided holds from then on.
    ExtensionFrom = "extension_from",
    /// A good record may be taken back from then on.
    WithdrawalFrom = "withdrawal_from",
    /// A decided move to a successor may be carried out from then on.
    ImputationFrom = "imputation_from",
    /// The record of a dissolved organisation is kept no longer.
    CeasedUntil = "ceased_until",
    /// The last day of the record.
    EndsOn = "ends_on",
    /// The peer of a mirrored record has to be heard again.
    OriginBy = "origin_by",
    /// The notice of its end is served no longer.
    TombstoneUntil = "tombstone_until",
    /// Content is kept for lawful proof until then.
    KeptUntil = "kept_until",
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The instant it is over.
    pub at: Instant,
    /// What is due.
    pub key: DeadlineKey,
    /// Who may or has to do it; `None` for what time does of itself.
    pub whose: Option<Role>,
    /// The period it was counted by; `None` where the decision or an order set it.
    pub period: Option<PeriodKey>,
    /// What follows of itself.
    pub then: Option<ClockStep>,
}

impl Deadline {
    /// The last day on which it can be met, in `zone`.
    pub fn last_day(&self, zone: &Zone) -> Day {
        let day = self.at.day_in(zone);
        if zone.start_of(day) == self.at { day.plus_days(-1) } else { day }
    }

    /// Whether it is over at `now`.
    pub fn is_over(&self, now: Instant) -> bool {
        self.at <= now
    }
}

/// Deadlines while they are collected.
struct Open {
    zone: Zone,
    found: Vec<Deadline>,
}

type By = (Option<Role>, Option<PeriodKey>, Option<ClockStep>);

impl Open {
    fn put(&mut self, key: DeadlineKey, at: Instant, (whose, period, then): By) {
        self.found.push(Deadline { at, key, whose, period, then });
    }

    fn day(&mut self, key: DeadlineKey, last: Day, by: By) {
        let at = self.zone.end_of(last);
        self.put(key, at, by);
    }
}

impl Case {
    /// What is open in this case at its own instant, the next first. What was missed stays among
    /// them for as long as it is owed.
    pub fn deadlines(&self) -> Vec<Deadline> {
        // A case on record has a zone that can be read; its days would be those of UTC otherwise.
        let zone = self.revision.zone.parse().unwrap_or(Zone::UTC);
        let mut open = Open { zone, found: Vec::new() };
        self.of_entry(&mut open);
        self.of_chain(&mut open);
        self.of_interim(&mut open);
        self.of_objection(&mut open);
        self.of_term(&mut open);
        self.of_end(&mut open);
        open.found.sort_by_key(|deadline| (deadline.at, deadline.key));
        open.found
    }

    /// Before it is public.
    fn of_entry(&self, open: &mut Open) {
        match &self.phase {
            Phase::Validated { next_by } => {
                let by = match (self.is_adverse(), self.revision.mode) {
                    (true, Mode::Hosted) => (Role::Officer, PeriodKey::NoticeMax),
                    (_, Mode::ImportedFinal) => (Role::Registry, PeriodKey::Precheck),
                    (false, Mode::Hosted) => (Role::Registry, PeriodKey::NoticeMax),
                };
                let then = self.awaits_notice().then_some(ClockStep::NoticeLapsed);
                open.put(DeadlineKey::NoticeBy, *next_by, (Some(by.0), Some(by.1), then));
            }
            Phase::Standstill { until } => match &self.flag {
                Some(flag) => {
                    let then = Some(ClockStep::FlagUnanswered);
                    let by = (Some(Role::Officer), Some(PeriodKey::FlagAnswer), then);
                    open.put(DeadlineKey::FlagAnswerBy, flag.answer_by, by);
                }
                None => {
                    let period = match self.revision.mode {
                        Mode::Hosted => PeriodKey::Standstill,
                        Mode::ImportedFinal => PeriodKey::Precheck,
                    };
                    let by = (Some(Role::Subject), Some(period), Some(ClockStep::StandstillEnded));
                    open.put(DeadlineKey::StandstillUntil, *until, by);
                }
            },
            _ => {}
        }
    }

    /// Notice, answer, hearing, decision.
    fn of_chain(&self, open: &mut Open) {
        let Some(chain) = &self.chain else { return };
        let of_subject = |period, then| (Some(Role::Subject), Some(period), then);
        match chain.stage {
            ChainStage::Noticed => {
                // Where there is longer to ask for a hearing, the window is as long as that.
                let by = of_subject(PeriodKey::Represent, Some(ClockStep::WindowEnded));
                open.put(DeadlineKey::AnswerUntil, chain.window_ends_at, by);
                if let Some(last) = chain.hearing_until.filter(|_| !chain.heard) {
                    let is_open = open.zone.end_of(last) > self.at;
                    if is_open {
                        let by = of_subject(PeriodKey::HearingRequest, None);
                        open.day(DeadlineKey::HearingUntil, last, by);
                    }
                }
            }
            ChainStage::Hearing { on, close_by } => {
                open.day(DeadlineKey::HearingOn, on, of_subject(PeriodKey::HearingNotice, None));
                let then = Some(ClockStep::HearingOverdue);
                let by = (Some(Role::Officer), Some(PeriodKey::HearingMax), then);
                open.put(DeadlineKey::HearingCloseBy, close_by, by);
            }
            ChainStage::Deciding { waived } => {
                if waived && chain.window_ends_at > self.at {
                    let by = of_subject(PeriodKey::Represent, None);
                    open.put(DeadlineKey::WaiverUntil, chain.window_ends_at, by);
                }
            }
        }
        let then = Some(ClockStep::DecisionLapsed);
        let by = (Some(Role::Decider), Some(PeriodKey::DecideMax), then);
        open.put(DeadlineKey::DecideBy, chain.decide_by, by);
    }

    fn of_interim(&self, open: &mut Open) {
        let Some(interim) = &self.interim else { return };
        if self.chain.is_none() && open.zone.end_of(interim.oppose_until) > self.at {
            let by = (Some(Role::Subject), Some(PeriodKey::InterimOppose), None);
            open.day(DeadlineKey::OpposeUntil, interim.oppose_until, by);
        }
        let by = (None, Some(PeriodKey::InterimMax), Some(ClockStep::InterimLapsed));
        open.put(DeadlineKey::InterimUntil, interim.lapses_at, by);
    }

    /// Objection, appeal, repair.
    fn of_objection(&self, open: &mut Open) {
        if let Some(objection) = &self.objection {
            let then = self.is_in_effect().then_some(ClockStep::ObjectionUnanswered);
            match objection.level {
                ObjectionLevel::Authority => {
                    if !objection.forwarded {
                        let by = (Some(Role::Registry), Some(PeriodKey::ObjectionForward), None);
                        open.put(DeadlineKey::ObjectionForwardBy, objection.forward_by, by);
                    }
                    let by = (Some(Role::Officer), Some(PeriodKey::ObjectionDecide), then);
                    open.put(DeadlineKey::ObjectionDecideBy, objection.decide_by, by);
                }
                ObjectionLevel::Reviewer => {
                    let by = (Some(Role::Reviewer), Some(PeriodKey::AppealDecide), then);
                    open.put(DeadlineKey::AppealDecideBy, objection.decide_by, by);
                }
                ObjectionLevel::Appealable { until } => {
                    if let Some(until) = until.filter(|_| self.may_appeal()) {
                        let by = (Some(Role::Subject), Some(PeriodKey::Appeal), None);
                        open.put(DeadlineKey::AppealUntil, until, by);
                    }
                }
            }
        }
        if let Some(repair) = &self.repair {
            let then = Some(ClockStep::RepairEscalated);
            let by = (Some(Role::Decider), Some(PeriodKey::RepairDecide), then);
            open.put(DeadlineKey::RepairDecideBy, repair.decide_by, by);
            let then = Some(ClockStep::RepairUnanswered);
            let by = (Some(Role::Reviewer), Some(PeriodKey::RepairReview), then);
            open.put(DeadlineKey::RepairReviewBy, repair.review_by, by);
        }
    }

    /// The term, and what comes with it.
    fn of_term(&self, open: &mut Open) {
        let is_public = matches!(self.phase, Phase::Published { .. });
        if let Some((from, ..)) = self.term.extension.filter(|_| is_public) {
            let then = Some(ClockStep::ExtensionEffective);
            open.put(DeadlineKey::ExtensionFrom, from, (None, Some(PeriodKey::Standstill), then));
        }
        if let Some(from) = self.withdrawal_from.filter(|_| is_public) {
            let by = (Some(Role::Decider), Some(PeriodKey::Standstill), None);
            open.put(DeadlineKey::WithdrawalFrom, from, by);
        }
        if let Some(imputation) = &self.imputation {
            let by = (Some(Role::Reviewer), Some(PeriodKey::Standstill), None);
            open.put(DeadlineKey::ImputationFrom, imputation.from, by);
        }
        if !self.term_runs() {
            return;
        }
        if let Some(end_at) = self.term.end_at {
            open.put(DeadlineKey::EndsOn, end_at, (None, None, Some(ClockStep::Expired)));
        }
        if let Some(until) = self.ceased_keep_until {
            let by = (None, Some(PeriodKey::CeasedKeep), Some(ClockStep::CeasedOver));
            open.put(DeadlineKey::CeasedUntil, until, by);
        }
        if let Some(mirror) = &self.mirror {
            let then = Some(ClockStep::OriginStale);
            let by = (Some(Role::Peer), Some(PeriodKey::PeerStale), then);
            open.put(DeadlineKey::OriginBy, mirror.fresh_until, by);
        }
    }

    /// After its end.
    fn of_end(&self, open: &mut Open) {
        if let Phase::Ended { how, .. } = &self.phase
            && let Ended::Corrected { tombstone_until, .. }
            | Ended::Withdrawn { tombstone_until, .. } = how
            && let Some(until) = tombstone_until.filter(|until| *until > self.at)
        {
            let by = (None, Some(PeriodKey::TombstoneKeep), Some(ClockStep::TombstoneOver));
            open.put(DeadlineKey::TombstoneUntil, until, by);
        }
        if let Some(from) = self.erasable_from().filter(|_| !self.hold) {
            let by = (Some(Role::Registry), Some(PeriodKey::RetainArchive), None);
            open.put(DeadlineKey::KeptUntil, from, by);
        }
    }
}
