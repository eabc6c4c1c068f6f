//! What time alone does. Nothing here is ever an event: it is evaluated for the instant asked
//! about, so that a late, double or missing job changes no answer (I-06, I-48).

use domain::case::Mode;
use domain::civil::{End, Instant};
use domain::record::Polarity;

use super::state::{Case, ChainStage, Ended, ObjectionLevel, Phase};

/// One thing that time did, and at which instant it took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockStep {
    /// T10: the time to answer is over.
    WindowEnded,
    /// A hearing was not held in time: nobody is decided against unheard, so the case lapses in
    /// favour of the subject as in T16.
    HearingOverdue,
    /// No notice in time: what nobody told the subject of lapses in its favour as in T16, and is
    /// kept no longer than the rest.
    NoticeLapsed,
    /// T16: no decision in time; the case lapses in favour of the subject.
    DecisionLapsed,
    /// T18: the standstill is over; the record is in effect.
    StandstillEnded,
    /// T20b: a flag was not answered; the record goes back.
    FlagUnanswered,
    /// T40, T42: an extension that was decided takes effect.
    ExtensionEffective,
    /// T40: the last day is over.
    Expired,
    /// T44: a dissolved organisation's record is not kept any longer.
    CeasedOver,
    /// T56: the interim record reached its own end.
    InterimLapsed,
    /// T27: an objection was not answered; the record is hidden until it is.
    ObjectionUnanswered,
    /// T37: the authority did not decide on a repair; the reviewer has to.
    RepairEscalated,
    /// Neither did the reviewer; the record is hidden until somebody does.
    RepairUnanswered,
    /// T52: the peer was not heard for too long.
    OriginStale,
    /// T46: from here on content is kept for lawful proof only.
    TombstoneOver,
}

impl Case {
    /// The case as it is on the instant `on`, by what is known now. Never goes back: an earlier
    /// instant than that of the last event gives the case of that event (I-48).
    #[must_use]
    pub fn as_of(&self, on: Instant) -> Case {
        let mut case = self.clone();
        case.advance(on);
        case
    }

    /// What time did between the last event and `on`, in order.
    pub fn passed(&self, on: Instant) -> Vec<(Instant, ClockStep)> {
        let mut case = self.clone();
        let mut passed = Vec::new();
        while let Some((at, step)) = case.due().filter(|(at, _)| *at <= on) {
            case.take(at, step);
            passed.push((at, step));
        }
        passed
    }

    /// The next instant after this case's own at which time alone changes it, or what the public
    /// sees of it; answers may be kept no longer than that.
    pub fn next_boundary(&self) -> Option<Instant> {
        self.due().map(|(at, _)| at)
    }

    pub(super) fn advance(&mut self, on: Instant) {
        while let Some((at, step)) = self.due().filter(|(at, _)| *at <= on) {
            self.take(at, step);
        }
        self.at = self.at.max(on);
    }

    /// The earliest thing that time has still to do. Of two at one instant the one that ends the
    /// record goes first: whoever is late does not revive it.
    pub(crate) fn due(&self) -> Option<(Instant, ClockStep)> {
        let mut due: Vec<(Instant, u8, ClockStep)> = Vec::new();
        let mut put = |at: Option<Instant>, rank: u8, step: ClockStep| {
            if let Some(at) = at {
                due.push((at, rank, step));
            }
        };
        let term_runs = self.term_runs();
        // What is stayed is not made longer meanwhile.
        if matches!(self.phase, Phase::Published { .. }) {
            put(self.term.extension.map(|(at, ..)| at), 1, ClockStep::ExtensionEffective);
        }
        if term_runs {
            let late = i64::from(planted!(ExpiryLate));
            let end_at =
                self.term.end_at.map(|at| Instant::from_micros(at.micros().saturating_add(late)));
            put(end_at, 0, ClockStep::Expired);
            put(self.ceased_keep_until, 0, ClockStep::CeasedOver);
        }
        let interim = self.interim.filter(|_| !planted!(InterimEndless));
        put(interim.map(|interim| interim.lapses_at), 0, ClockStep::InterimLapsed);
        if let Phase::Standstill { until } = self.phase {
            match self.flag {
                Some(flag) if !planted!(FlagIgnored) => {
                    put(Some(flag.answer_by), 2, ClockStep::FlagUnanswered)
                }
                _ => put(Some(until), 2, ClockStep::StandstillEnded),
            }
        }
        if let Phase::Validated { next_by } = self.phase
            && self.awaits_notice()
        {
            put(Some(next_by), 3, ClockStep::NoticeLapsed);
        }
        if let Some(chain) = &self.chain {
            match chain.stage {
                ChainStage::Noticed => put(Some(chain.window_ends_at), 3, ClockStep::WindowEnded),
                ChainStage::Hearing { close_by, .. } => {
                    put(Some(close_by), 3, ClockStep::HearingOverdue);
                }
                ChainStage::Deciding { .. } => {
                    put(Some(chain.decide_by), 3, ClockStep::DecisionLapsed);
                }
            }
        }
        // What follows changes nothing that is stored; only instants after this case's own count.
        let mut later = |at: Option<Instant>, step: ClockStep| {
            put(at.filter(|at| *at > self.at), 4, step);
        };
        // An objection outlives the interim record it was about: whoever did not answer it does not
        // get rid of it by letting the record lapse. It hides what becomes of the proceedings.
        if self.is_objected() && self.is_in_effect() {
            let by = self.objection.as_ref().map(|objection| objection.decide_by);
            later(by, ClockStep::ObjectionUnanswered);
        }
        later(self.repair.as_ref().map(|repair| repair.decide_by), ClockStep::RepairEscalated);
        later(self.repair.as_ref().map(|repair| repair.review_by), ClockStep::RepairUnanswered);
        // A mirror that has ended does not wait for its origin any more.
        let fresh = self.mirror.as_ref().filter(|_| term_runs).map(|mirror| mirror.fresh_until);
        later(fresh, ClockStep::OriginStale);
        if let Phase::Ended { how, .. } = &self.phase {
            let until = match how {
                Ended::Corrected { tombstone_until, .. }
                | Ended::Withdrawn { tombstone_until, .. } => *tombstone_until,
                Ended::Repaired | Ended::Expired => None,
            };
            later(until, ClockStep::TombstoneOver);
        }
        due.into_iter().min().map(|(at, _, step)| (at, step))
    }

    /// A term that is over before the record was ever public ends it all the same (I-06).
    pub(super) const fn term_runs(&self) -> bool {
        matches!(
            self.phase,
            Phase::Validated { .. }
                | Phase::InChain
                | Phase::Standstill { .. }
                | Phase::Published { .. }
                | Phase::Stayed(_)
        )
    }

    pub(crate) fn take(&mut self, at: Instant, step: ClockStep) {
        match step {
            ClockStep::WindowEnded => self.enter(at, ChainStage::Deciding { waived: false }),
            ClockStep::HearingOverdue if planted!(UnheardDecision) => {
                self.enter(at, ChainStage::Deciding { waived: false });
            }
            ClockStep::HearingOverdue | ClockStep::DecisionLapsed => self.chain_over(at),
            ClockStep::NoticeLapsed => {
                self.close();
                self.phase = Phase::NotUpheld { at };
            }
            ClockStep::StandstillEnded => self.publish(at),
            ClockStep::FlagUnanswered => {
                self.close();
                self.phase = Phase::Rejected { at };
            }
            ClockStep::ExtensionEffective => {
                // An order may have moved the end further already.
                if let Some((_, day, end_at)) = self.term.extension.take()
                    && self.term.end_at.is_some_and(|before| before < end_at)
                {
                    self.term.end = Some(End::On(day));
                    self.term.end_at = Some(end_at);
                    self.term.original_end_at = Some(end_at);
                }
            }
            ClockStep::Expired | ClockStep::CeasedOver => self.end(at, Ended::Expired),
            ClockStep::InterimLapsed => {
                self.interim = None;
                // Without a chain or a decision there is nothing left of it.
                let stood = match &self.phase {
                    Phase::Stayed(stayed) => &*stayed.before,
                    phase => phase,
                };
                if matches!(stood, Phase::Validated { .. }) {
                    self.end(at, Ended::Expired);
                }
            }
            ClockStep::ObjectionUnanswered
            | ClockStep::RepairEscalated
            | ClockStep::RepairUnanswered
            | ClockStep::OriginStale
            | ClockStep::TombstoneOver => {}
        }
        self.at = self.at.max(at);
    }

    /// Whether it is an accusation that its subject was not told of yet. An interim record was told
    /// of on its first day and has its own end.
    pub(crate) fn awaits_notice(&self) -> bool {
        matches!(self.phase, Phase::Validated { .. })
            && self.is_adverse()
            && self.revision.mode == Mode::Hosted
            && self.interim.is_none()
    }

    /// Whether the authority missed its deadline for the open repair, so that the reviewer decides.
    pub fn is_repair_escalated(&self) -> bool {
        self.repair.as_ref().is_some_and(|repair| repair.decide_by <= self.at)
    }

    /// Whether an appeal against the rejected objection is still open.
    pub fn may_appeal(&self) -> bool {
        self.objection.as_ref().is_some_and(|objection| match objection.level {
            ObjectionLevel::Appealable { until } => until.is_some_and(|until| self.at < until),
            ObjectionLevel::Authority | ObjectionLevel::Reviewer => false,
        })
    }

    /// The instant from which content may be destroyed: the retention period after the end, and not
    /// before its tombstone is gone; at once where it was taken down for a person in it (T49).
    /// `None` while it has not ended.
    pub fn erasable_from(&self) -> Option<Instant> {
        let retention = i64::from(self.revision.retention_days).saturating_mul(24);
        match &self.phase {
            // What tells about a person is kept for nobody: no proof and no tombstone is worth it.
            Phase::Ended { at, .. } | Phase::Rejected { at } | Phase::NotUpheld { at }
                if self.taken_down =>
            {
                Some(*at)
            }
            Phase::Ended { how, at } => {
                let kept = at.plus_hours(retention);
                match how {
                    Ended::Corrected { tombstone_until, .. }
                    | Ended::Withdrawn { tombstone_until, .. } => {
                        Some(tombstone_until.map_or(kept, |until| kept.max(until)))
                    }
                    Ended::Repaired | Ended::Expired => Some(kept),
                }
            }
            // What never was public is kept for review by a court only, as long as the rest.
            Phase::Rejected { at } | Phase::NotUpheld { at } => Some(at.plus_hours(retention)),
            // What no reviewer let in waits no longer than that either.
            Phase::Submitted => Some(self.submitted_at.plus_hours(retention)),
            // Nor does what was let in and taken no further.
            Phase::Validated { .. } if self.interim.is_none() && !self.awaits_notice() => {
                Some(self.submitted_at.plus_hours(retention))
            }
            _ => None,
        }
    }

    /// The instant from which content may be destroyed if nobody does anything more; `None` where
    /// time alone does not end it, and while a court or a reviewer holds it (T47, T48).
    pub fn erasable_by_time(&self) -> Option<Instant> {
        if self.hold {
            return None;
        }
        let mut case = self.clone();
        // Each step brings the case to a later instant or to its end; there is a handful of them.
        while case.erasable_from().is_none() {
            case = case.as_of(case.next_boundary()?);
        }
        case.erasable_from()
    }

    /// Whether its term may end by time at all: adverse records always have an end or a basis for
    /// having none (I-04).
    pub fn has_lawful_end(&self) -> bool {
        self.revision.polarity() != Polarity::Adverse
            || self.interim.is_some()
            || self.term.end_at.is_some()
            || matches!(self.term.end, Some(End::Indefinite { .. }))
    }
}
