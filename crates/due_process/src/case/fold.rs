//! How events add up to a case. Everything computed stands in the events, so that folding reads
//! neither packs nor calendars nor zones.

use std::collections::BTreeSet;

use domain::case::{Actor, CaseEvent, Notice, Purpose, StayReason, Step, Upheld, WithdrawalReason};
use domain::civil::{Day, End, Instant};

use super::state::{
    Case, Chain, ChainStage, Ended, Flag, Imputation, Interim, MirrorOf, Objection, ObjectionLevel,
    Phase, Repair, Stayed, Term,
};
use super::stay;

impl Case {
    /// The case that `event` begins; `None` when it is no submission.
    pub fn begin(at: Instant, event: &CaseEvent) -> Option<Case> {
        let Step::Submitted(revision) = &event.step else { return None };
        let officer = match &event.actor {
            Actor::Authority(account) => Some(account.clone()),
            _ => None,
        };
        Some(Case {
            record: event.record,
            organisation: event.organisation,
            is_imputed: false,
            authority: event.authority.clone(),
            term: Term {
                start: revision.start,
                end: revision.end.clone(),
                end_at: revision.end_at,
                original_end_at: revision.end_at,
                extension: None,
            },
            revision: (**revision).clone(),
            phase: Phase::Submitted,
            chain: None,
            flag: None,
            interim: None,
            interim_since: None,
            opposed: 0,
            objection: None,
            third_party_grounds: BTreeSet::new(),
            taken_down: false,
            repair: None,
            measures: BTreeSet::new(),
            officer,
            deciders: BTreeSet::new(),
            reviewers: BTreeSet::new(),
            flags_raised: BTreeSet::new(),
            statement: None,
            withdrawal_from: None,
            imputation: None,
            ceased_keep_until: None,
            hold: false,
            mirror: None,
            was_public: false,
            submitted_at: at,
            at,
        })
    }

    /// Takes in the next event, committed at `at`. What time did before is taken in first.
    pub fn apply(&mut self, at: Instant, event: &CaseEvent) {
        self.advance(at);
        self.note_actor(event);
        match &event.step {
            // A case begins once; a measure set aside is the measure's business.
            Step::Submitted(_) | Step::MeasureOverridden { .. } => {}
            Step::ValidationPassed { .. }
            | Step::ValidationFailed { .. }
            | Step::Published
            | Step::PrecheckOpened { .. }
            | Step::ErrorFlagged { .. }
            | Step::FlagCleared { .. }
            | Step::FlagUpheld
            | Step::InterimPublished { .. }
            | Step::Recognised { .. }
            | Step::OriginSeen { .. } => self.apply_entry(at, &event.step),
            Step::NoticeServed(_)
            | Step::RepresentationMade { .. }
            | Step::HearingRequested { .. }
            | Step::WindowWaived
            | Step::WaiverRevoked
            | Step::HearingClosed { .. }
            | Step::HearingWithdrawn
            | Step::DecisionUpheld(_)
            | Step::DecisionNotUpheld { .. } => self.apply_chain(at, &event.step),
            Step::ObjectionFiled { .. }
            | Step::ObjectionForwarded
            | Step::ObjectionExtended { .. }
            | Step::ObjectionRejected { .. }
            | Step::ObjectionEscalated { .. }
            | Step::StatementAdded { .. } => self.apply_objection(at, event),
            Step::Stayed { .. } | Step::StayLifted { .. } => self.apply_stay(at, event),
            Step::RepairApplied { .. }
            | Step::RepairExtended { .. }
            | Step::RepairRefused { .. }
            | Step::RepairRevoked { .. } => self.apply_repair(at, &event.step),
            Step::Extended { end, end_at, effective_at, .. } => {
                self.chain = None;
                self.term.extension = Some((*effective_at, *end, *end_at));
            }
            Step::TermShortened { end, end_at, .. } => self.shorten(*end, *end_at),
            Step::SubjectCeased { keep_until } => self.ceased_keep_until = Some(*keep_until),
            Step::ImputationReviewed { .. } | Step::Imputed { .. } => self.apply_imputation(event),
            Step::HoldPlaced { .. } => self.hold = true,
            Step::HoldReleased { .. } => self.hold = false,
            Step::Abandoned
            | Step::Corrected { .. }
            | Step::Withdrawn { .. }
            | Step::RepairGranted
            | Step::ReleasedEarly { .. }
            | Step::OriginEnded
            | Step::Erased => self.apply_end(at, &event.step),
        }
        self.at = self.at.max(at);
    }

    /// From submission to publication.
    fn apply_entry(&mut self, at: Instant, step: &Step) {
        match step {
            Step::ValidationPassed { next_by } => {
                self.phase = Phase::Validated { next_by: *next_by };
            }
            Step::ValidationFailed { .. } | Step::FlagUpheld => {
                self.close();
                self.phase = Phase::Rejected { at };
            }
            Step::Published => self.publish(at),
            Step::PrecheckOpened { standstill_until, .. } => {
                self.phase = Phase::Standstill { until: *standstill_until };
            }
            Step::ErrorFlagged { ground, answer_by, .. } => {
                self.flags_raised.insert(*ground);
                self.flag = Some(Flag { ground: *ground, at, answer_by: *answer_by });
            }
            Step::FlagCleared { standstill_until, .. } => {
                self.flag = None;
                self.phase = Phase::Standstill { until: *standstill_until };
            }
            Step::InterimPublished { lapses_at, oppose_until, .. } => {
                self.interim =
                    Some(Interim { since: at, oppose_until: *oppose_until, lapses_at: *lapses_at });
                self.interim_since = Some(at);
                self.was_public |= self.revision.published;
            }
            Step::Recognised { origin, fresh_until, .. } => {
                self.mirror = Some(MirrorOf { origin: origin.clone(), fresh_until: *fresh_until });
                self.publish(at);
            }
            Step::OriginSeen { fresh_until } => {
                if let Some(mirror) = &mut self.mirror {
                    mirror.fresh_until = *fresh_until;
                }
            }
            _ => {}
        }
    }

    /// Notice, answer, hearing, decision.
    fn apply_chain(&mut self, at: Instant, step: &Step) {
        match step {
            Step::NoticeServed(notice) => self.noticed(at, notice),
            Step::RepresentationMade { points, .. } => match &mut self.chain {
                Some(chain) => chain.points = chain.points.saturating_add(*points),
                None => self.opposed = self.opposed.saturating_add(*points),
            },
            Step::HearingRequested { hearing_on, close_by, decide_by } => {
                if let Some(chain) = &mut self.chain {
                    chain.decide_by = *decide_by;
                }
                self.enter(at, ChainStage::Hearing { on: *hearing_on, close_by: *close_by });
            }
            Step::WindowWaived => self.enter(at, ChainStage::Deciding { waived: true }),
            Step::WaiverRevoked => self.enter(at, ChainStage::Noticed),
            Step::HearingClosed { .. } | Step::HearingWithdrawn => self.heard(at),
            Step::DecisionUpheld(upheld) => self.upheld(upheld),
            Step::DecisionNotUpheld { .. } => self.chain_over(at),
            _ => {}
        }
    }

    fn apply_objection(&mut self, at: Instant, event: &CaseEvent) {
        if let Step::ObjectionFiled { ground, forward_by, decide_by, .. } = &event.step {
            if event.actor != Actor::Subject {
                self.third_party_grounds.insert(*ground);
            }
            self.objection = Some(Objection {
                ground: *ground,
                by_subject: event.actor == Actor::Subject,
                at,
                level: ObjectionLevel::Authority,
                decide_by: *decide_by,
                extended: false,
                forwarded: false,
                forward_by: *forward_by,
            });
        }
        if let Step::StatementAdded { text } = &event.step {
            self.statement = Some(text.clone());
        }
        let Some(objection) = &mut self.objection else { return };
        match &event.step {
            Step::ObjectionForwarded => objection.forwarded = true,
            Step::ObjectionExtended { decide_by } => {
                objection.decide_by = *decide_by;
                objection.extended = true;
            }
            Step::ObjectionRejected { appeal_until, .. } => {
                objection.level = ObjectionLevel::Appealable { until: *appeal_until };
            }
            Step::ObjectionEscalated { decide_by } => {
                objection.level = ObjectionLevel::Reviewer;
                objection.decide_by = *decide_by;
            }
            _ => {}
        }
    }

    fn apply_repair(&mut self, at: Instant, step: &Step) {
        match step {
            Step::RepairApplied { conditions, decide_by, review_by, .. } => {
                self.repair = Some(Repair {
                    conditions: conditions.iter().cloned().collect(),
                    at,
                    decide_by: *decide_by,
                    review_by: *review_by,
                    extended: false,
                });
            }
            Step::RepairExtended { decide_by, review_by } => {
                if let Some(repair) = &mut self.repair {
                    (repair.decide_by, repair.review_by) = (*decide_by, *review_by);
                    repair.extended = true;
                }
            }
            Step::RepairRefused { .. } => self.repair = None,
            Step::RepairRevoked { end_at, .. } => {
                if let (Some(end_at), Some(chain)) = (*end_at, &self.chain) {
                    let last = day_before(end_at, chain.window_last_day, chain.window_ends_at);
                    self.term.end = Some(End::On(last));
                }
                self.chain = None;
                self.phase = Phase::Published { since: at };
                self.term.end_at = *end_at;
            }
            _ => {}
        }
    }

    fn apply_stay(&mut self, at: Instant, event: &CaseEvent) {
        match (&event.step, &mut self.phase) {
            (Step::Stayed { reason, .. }, Phase::Stayed(stayed)) => stayed.reasons.push(*reason),
            (Step::Stayed { reason, .. }, _) => self.stayed(at, *reason),
            (Step::StayLifted { standstill_until, end_at, .. }, Phase::Stayed(stayed)) => {
                let Some(place) = stay::lifted_by(&event.actor, &stayed.reasons) else { return };
                // Index safety: the place was found in this list.
                stayed.reasons.remove(place);
                if !stayed.reasons.is_empty() && !planted!(OneOrderEnough) {
                    return;
                }
                let stayed = stayed.clone();
                self.unstayed(at, &stayed, *standstill_until, *end_at);
            }
            _ => {}
        }
    }

    /// The last order is gone: the record goes on where it stood.
    fn unstayed(
        &mut self,
        at: Instant,
        stayed: &Stayed,
        standstill_until: Option<Instant>,
        end_at: Option<Instant>,
    ) {
        let took = at.micros().saturating_sub(stayed.since.micros());
        let later = |at: Instant| Instant::from_micros(at.micros().saturating_add(took));
        self.phase = match (standstill_until, &*stayed.before) {
            (Some(until), _) => Phase::Standstill { until },
            (None, Phase::Published { .. }) => Phase::Published { since: at },
            // Nobody could give notice while it was stopped.
            (None, Phase::Validated { next_by }) => Phase::Validated { next_by: later(*next_by) },
            (None, before) => before.clone(),
        };
        // A flag waited with the standstill; the authority still owes its answer.
        if let Some(flag) = &mut self.flag {
            (flag.at, flag.answer_by) = (later(flag.at), later(flag.answer_by));
        }
        if let (Some(later), Some(before), Some(End::On(last))) =
            (end_at, self.term.end_at, &self.term.end)
        {
            self.term.end = Some(End::On(day_before(later, *last, before)));
            self.term.end_at = Some(later);
        }
    }

    /// The events that end a record.
    fn apply_end(&mut self, at: Instant, step: &Step) {
        let was_public = self.was_public;
        match step {
            Step::Abandoned => {
                self.close();
                self.phase = Phase::NotUpheld { at };
            }
            Step::Corrected { successor, tombstone_until } => {
                let tombstone_until = was_public.then_some(*tombstone_until);
                self.end(at, Ended::Corrected { successor: *successor, tombstone_until });
            }
            Step::Withdrawn { reason, tombstone_until, .. } => {
                self.withdrawn(at, *reason, was_public.then_some(*tombstone_until));
            }
            Step::RepairGranted | Step::ReleasedEarly { .. } => self.end(at, Ended::Repaired),
            Step::OriginEnded => self.end(at, Ended::Expired),
            Step::Erased => {
                self.close();
                self.phase = Phase::Erased;
                self.statement = None;
            }
            _ => {}
        }
    }

    fn withdrawn(
        &mut self,
        at: Instant,
        reason: WithdrawalReason,
        tombstone_until: Option<Instant>,
    ) {
        self.end(at, Ended::Withdrawn { reason, tombstone_until });
    }

    /// Never later, whatever the event says: neither the end nor what a repair taken back can
    /// reach.
    fn shorten(&mut self, end: Day, end_at: Instant) {
        if self.term.end_at.is_none_or(|own| end_at < own) {
            self.term.end = Some(End::On(end));
            self.term.end_at = Some(end_at);
        }
        let original = self.term.original_end_at;
        self.term.original_end_at = Some(original.map_or(end_at, |own| own.min(end_at)));
    }

    fn note_actor(&mut self, event: &CaseEvent) {
        let decides = matches!(
            event.step,
            Step::DecisionUpheld(_)
                | Step::DecisionNotUpheld { .. }
                | Step::InterimPublished { .. }
                | Step::Extended { .. }
                | Step::RepairRevoked { .. }
        );
        match &event.actor {
            Actor::Authority(account) if decides => {
                self.deciders.insert(account.clone());
            }
            Actor::Reviewer(handle) => {
                self.reviewers.insert(handle.clone());
            }
            _ => {}
        }
    }

    /// T45: what was the former subject's own does not speak for the successor. An open objection
    /// goes on as that of a third party, so that the successor can join it.
    fn apply_imputation(&mut self, event: &CaseEvent) {
        match (&event.step, &event.actor) {
            (Step::ImputationReviewed { .. }, Actor::Reviewer(handle)) => {
                if let Some(imputation) = &mut self.imputation {
                    imputation.reviewed_by = Some(handle.clone());
                }
            }
            (Step::Imputed { successor, .. }, _) => {
                self.organisation = *successor;
                self.is_imputed = true;
                self.imputation = None;
                self.statement = None;
                // The former subject may be gone; the successor is not.
                self.ceased_keep_until = None;
                if let Some(objection) = &mut self.objection {
                    objection.by_subject = false;
                }
            }
            _ => {}
        }
    }

    fn noticed(&mut self, at: Instant, notice: &Notice) {
        // Points raised before are not lost by a new notice, nor those against an interim record.
        let points = match &self.chain {
            Some(chain) => chain.points,
            None if notice.purpose == Purpose::Record => self.opposed,
            None => 0,
        };
        self.chain = Some(Chain {
            purpose: notice.purpose,
            stage: ChainStage::Noticed,
            severity_max: notice.severity,
            end_max: notice.end_max,
            measures: notice.measures.iter().cloned().collect(),
            window_ends_at: notice.window_ends_at,
            hearing_until: notice.hearing_until,
            decide_by: notice.decide_by,
            window_last_day: notice
                .hearing_until
                .map_or(notice.represent_until, |day| day.max(notice.represent_until)),
            points,
            heard: false,
            since: at,
            facts: notice.facts.clone(),
            successor: notice.successor,
        });
        if notice.purpose == Purpose::Imputation {
            // A new notice begins anew: what was decided before is not carried out beside it.
            self.imputation = None;
        }
        if notice.purpose == Purpose::Record {
            self.phase = Phase::InChain;
        }
    }

    /// The hearing is over, held or given up. The time to answer that the notice promised is not
    /// shortened by it (I-02).
    fn heard(&mut self, at: Instant) {
        let Some(chain) = &mut self.chain else { return };
        chain.heard = true;
        let stage = if at < chain.window_ends_at {
            ChainStage::Noticed
        } else {
            ChainStage::Deciding { waived: false }
        };
        self.enter(at, stage);
    }

    fn upheld(&mut self, upheld: &Upheld) {
        let chain = self.chain.take();
        let purpose = chain.as_ref().map(|chain| chain.purpose);
        if purpose == Some(Purpose::WithdrawalOfGood) {
            self.withdrawal_from = Some(upheld.standstill_until);
            return;
        }
        if purpose == Some(Purpose::Imputation) {
            let successor = chain.and_then(|chain| chain.successor);
            self.imputation = successor.map(|successor| Imputation {
                successor,
                from: upheld.standstill_until,
                reviewed_by: None,
            });
            return;
        }
        self.revision.decision = Some(upheld.document.clone());
        self.revision.severity = upheld.severity;
        self.revision.published = upheld.published;
        self.term = Term {
            start: Some(upheld.start),
            end: Some(upheld.end.clone()),
            end_at: upheld.end_at,
            original_end_at: upheld.end_at,
            extension: None,
        };
        self.measures = upheld.measures.iter().cloned().collect();
        self.phase = Phase::Standstill { until: upheld.standstill_until };
    }

    pub(super) fn enter(&mut self, at: Instant, stage: ChainStage) {
        if let Some(chain) = &mut self.chain {
            chain.stage = stage;
            chain.since = at;
        }
    }

    /// A chain that ends in the subject's favour: the record does not come into being, or stays as
    /// it was before the chain.
    pub(super) fn chain_over(&mut self, at: Instant) {
        let Some(chain) = self.chain.take() else { return };
        if chain.purpose == Purpose::Record {
            self.close();
            self.phase = Phase::NotUpheld { at };
        }
    }

    pub(super) fn publish(&mut self, at: Instant) {
        self.flag = None;
        self.interim = None;
        self.phase = Phase::Published { since: at };
        self.was_public |= self.revision.published;
    }

    fn stayed(&mut self, at: Instant, reason: StayReason) {
        let before = Box::new(self.phase.clone());
        self.phase = Phase::Stayed(Stayed { reasons: vec![reason], since: at, before });
    }

    pub(super) fn end(&mut self, at: Instant, how: Ended) {
        self.close();
        self.phase = Phase::Ended { how, at };
    }

    /// What runs beside the record ends with it; an extension decided does not outlive it either,
    /// so that a repair taken back brings no later end (I-07).
    pub(super) fn close(&mut self) {
        // Whatever ends it while a reviewer stops it for a person in it: there is nothing to keep.
        self.taken_down |= matches!(&self.phase, Phase::Stayed(stayed)
            if stayed.reasons.contains(&StayReason::Privacy));
        self.chain = None;
        self.flag = None;
        self.interim = None;
        self.objection = None;
        self.repair = None;
        self.withdrawal_from = None;
        self.imputation = None;
        self.term.extension = None;
    }
}

/// Microseconds of a day without a change of clocks.
pub(super) const DAY_MICROS: i64 = 86_400_000_000;

/// The last day before `end_at`, where `known_last` is the last day before `known_end_at` of the
/// same zone. Counted in whole days, to the nearest, so that a change of clocks in between moves no
/// day and folding needs no zone.
fn day_before(end_at: Instant, known_last: Day, known_end_at: Instant) -> Day {
    let apart = end_at.micros().saturating_sub(known_end_at.micros());
    known_last.plus_days(apart.saturating_add(DAY_MICROS / 2).div_euclid(DAY_MICROS))
}
