//! What a case is, and how events add up to it.

use std::collections::BTreeSet;

use domain::authority::AuthorityKey;
use domain::case::{
    AccountHandle, Actor, CaseEvent, ConditionKey, FlagGround, MeasureId, Notice, ObjectionGround,
    Purpose, Revision, Severity, StayReason, Step, Upheld, WithdrawalReason,
};
use domain::civil::{Day, End, Instant};
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::record::Polarity;

/// Where a case stands, by the states of domain.md 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// S1
    Submitted,
    /// S2
    Rejected,
    /// S3
    Validated,
    /// S4
    Noticed,
    /// S5
    Hearing,
    /// S6
    Deciding,
    /// S7
    NotUpheld,
    /// S8
    Standstill,
    /// S9
    Published,
    /// S10
    Objected,
    /// S11
    Stayed,
    /// S12
    Corrected,
    /// S13
    Withdrawn,
    /// S14
    Repaired,
    /// S15
    Expired,
    /// S16
    Retired,
    /// S17
    Erased,
}

impl State {
    /// Every state. S0 `draft` is on the authority's side and never here.
    pub const ALL: [State; 17] = [
        State::Submitted,
        State::Rejected,
        State::Validated,
        State::Noticed,
        State::Hearing,
        State::Deciding,
        State::NotUpheld,
        State::Standstill,
        State::Published,
        State::Objected,
        State::Stayed,
        State::Corrected,
        State::Withdrawn,
        State::Repaired,
        State::Expired,
        State::Retired,
        State::Erased,
    ];

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            State::Submitted => "submitted",
            State::Rejected => "rejected",
            State::Validated => "validated",
            State::Noticed => "noticed",
            State::Hearing => "hearing",
            State::Deciding => "deciding",
            State::NotUpheld => "not_upheld",
            State::Standstill => "standstill",
            State::Published => "published",
            State::Objected => "objected",
            State::Stayed => "stayed",
            State::Corrected => "corrected",
            State::Withdrawn => "withdrawn",
            State::Repaired => "repaired",
            State::Expired => "expired",
            State::Retired => "retired",
            State::Erased => "erased",
        }
    }

    /// The number in the specification, 1 to 17.
    pub fn number(self) -> usize {
        State::ALL.iter().position(|state| *state == self).map_or(0, |place| place + 1)
    }
}

/// How far the record itself has come. Chains, objections and repair cases run beside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Handed in, not yet checked: exists between two events of one batch only.
    Submitted,
    /// Refused or returned; nothing was public.
    Rejected {
        /// Since when.
        at: Instant,
    },
    /// Checked; the next step is due by then.
    Validated {
        /// Notice, precheck or publication.
        next_by: Instant,
    },
    /// A chain about the record runs: noticed, hearing, deciding.
    InChain,
    /// Ended in the subject's favour.
    NotUpheld {
        /// Since when.
        at: Instant,
    },
    /// Decided, or attested and being checked; public from then on unless something stops it.
    Standstill {
        /// The instant.
        until: Instant,
    },
    /// In effect.
    Published {
        /// Since when.
        since: Instant,
    },
    /// Stopped by an order; not shown, counts nowhere.
    Stayed(Stayed),
    /// Over, for this reason; content is kept for lawful proof until it is destroyed.
    Ended {
        /// How.
        how: Ended,
        /// Since when.
        at: Instant,
    },
    /// Content and salt destroyed.
    Erased,
}

/// An order that stops a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stayed {
    /// By whose order.
    pub reason: StayReason,
    /// Since when.
    pub since: Instant,
    /// What was left of the standstill, in microseconds; `None` when it was public before.
    pub standstill_left: Option<i64>,
}

/// How a record ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ended {
    /// A successor took its place (S12).
    Corrected {
        /// Which.
        successor: RecordId,
        /// Its tombstone is served until then.
        tombstone_until: Option<Instant>,
    },
    /// Taken back (S13).
    Withdrawn {
        /// The category the tombstone shows.
        reason: WithdrawalReason,
        /// Its tombstone is served until then; `None` when it never was public.
        tombstone_until: Option<Instant>,
    },
    /// Repaired or released (S14).
    Repaired,
    /// Over by time (S15).
    Expired,
}

/// A chain of notice, answer and decision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chain {
    /// What it is about.
    pub purpose: Purpose,
    /// How far it has come.
    pub stage: ChainStage,
    /// The heaviest outcome noticed.
    pub severity_max: Option<Severity>,
    /// The latest end noticed; `None` for a term without end.
    pub end_max: Option<Day>,
    /// Measures noticed.
    pub measures: BTreeSet<MeasureId>,
    /// Last instant to answer.
    pub window_ends_at: Instant,
    /// Last day to ask for a hearing.
    pub hearing_until: Option<Day>,
    /// The instant at which silence decides in favour of the subject.
    pub decide_by: Instant,
    /// Points raised by the subject.
    pub points: u32,
    /// The decider who served or renewed it, if one did.
    pub served_by: Option<AccountHandle>,
}

/// How far a chain has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainStage {
    /// S4
    Noticed,
    /// S5
    Hearing {
        /// The day of the hearing.
        on: Day,
        /// To be closed by then.
        close_by: Instant,
    },
    /// S6
    Deciding {
        /// Whether by waiver, which can be taken back.
        waived: bool,
    },
}

/// A flag that stops a standstill (T20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flag {
    /// What is said to be wrong.
    pub ground: FlagGround,
    /// When it was raised.
    pub at: Instant,
    /// Unanswered by then, the record goes back (T20b).
    pub answer_by: Instant,
}

/// An objection against a record in effect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Objection {
    /// What is said to be wrong.
    pub ground: ObjectionGround,
    /// When it was filed; the marker is in every view from this instant on.
    pub at: Instant,
    /// With whom it is.
    pub level: ObjectionLevel,
    /// Unanswered by then, the record is hidden (T27).
    pub decide_by: Instant,
    /// Whether it was extended.
    pub extended: bool,
    /// Whether it was forwarded to the source.
    pub forwarded: bool,
    /// To be forwarded by then.
    pub forward_by: Instant,
}

/// With whom an objection is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ObjectionLevel {
    /// The source authority.
    Authority,
    /// A reviewer of the registry, after a refusal.
    Reviewer,
    /// Rejected; the subject may appeal until then.
    Appealable {
        /// Last instant; `None` after an appeal.
        until: Option<Instant>,
    },
}

/// An open application for repair.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repair {
    /// Conditions the subject says are met.
    pub conditions: BTreeSet<ConditionKey>,
    /// When.
    pub at: Instant,
    /// The authority decides until then.
    pub decide_by: Instant,
    /// The reviewer decides until then, should the authority not (T37).
    pub review_by: Instant,
    /// Whether it was extended.
    pub extended: bool,
}

/// An interim record (T55): public before it was decided, labelled "not a finding".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interim {
    /// Since when.
    pub since: Instant,
    /// Its own end.
    pub lapses_at: Instant,
}

/// From when to when a record holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// First day.
    pub start: Option<Day>,
    /// Last day, or the basis for having none.
    pub end: Option<End>,
    /// The instant the last day is over.
    pub end_at: Option<Instant>,
    /// The end first decided: no repair revoked brings a later one (T38).
    pub original_end_at: Option<Instant>,
    /// An extension that was decided and holds from its instant on: (effective, day, end).
    pub extension: Option<(Instant, Day, Instant)>,
}

/// A mirrored record of a peer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MirrorOf {
    /// Origin of the peer's log.
    pub origin: String,
    /// Stale from then on (T52).
    pub fresh_until: Instant,
}

/// What the public sees of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// Nothing: as if it never was.
    Nothing,
    /// Content, with these labels.
    Shown {
        /// "An objection is open."
        objected: bool,
        /// "Interim, not a finding."
        interim: bool,
    },
    /// "Corrected by ...": no content.
    CorrectedTombstone,
    /// "Withdrawn: reason": no content.
    WithdrawnTombstone(WithdrawalReason),
}

/// A case: the fold of its events up to an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The record.
    pub record: RecordId,
    /// Whose it is now.
    pub organisation: OrganisationId,
    /// Whose record it is.
    pub authority: AuthorityKey,
    /// What it says.
    pub revision: Revision,
    /// How far it has come.
    pub phase: Phase,
    /// The chain that runs, if any.
    pub chain: Option<Chain>,
    /// A flag that stops the standstill.
    pub flag: Option<Flag>,
    /// The interim record, while it stands.
    pub interim: Option<Interim>,
    /// The last objection, while it matters.
    pub objection: Option<Objection>,
    /// The open application for repair.
    pub repair: Option<Repair>,
    /// From when to when.
    pub term: Term,
    /// Measures decided.
    pub measures: BTreeSet<MeasureId>,
    /// Who submitted it.
    pub officer: Option<AccountHandle>,
    /// Who decided it.
    pub deciders: BTreeSet<AccountHandle>,
    /// Reviewers who decided about it.
    pub reviewers: BTreeSet<ReviewerHandle>,
    /// Whether a flag of this standstill was cleared: each ground once.
    pub flags_raised: BTreeSet<FlagGround>,
    /// The subject's statement.
    pub statement: Option<String>,
    /// Not shown from then on, because the organisation was dissolved (T44).
    pub ceased_keep_until: Option<Instant>,
    /// Whether destruction is forbidden (T48).
    pub hold: bool,
    /// The peer it mirrors.
    pub mirror: Option<MirrorOf>,
    /// Whether it was ever public in full.
    pub was_public: bool,
    /// When it was last told anything: nothing is evaluated before.
    pub at: Instant,
}

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
            objection: None,
            repair: None,
            measures: BTreeSet::new(),
            officer,
            deciders: BTreeSet::new(),
            reviewers: BTreeSet::new(),
            flags_raised: BTreeSet::new(),
            statement: None,
            ceased_keep_until: None,
            hold: false,
            mirror: None,
            was_public: false,
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
            Step::ObjectionForwarded => {
                if let Some(objection) = &mut self.objection {
                    objection.forwarded = true;
                }
            }
            Step::ValidationPassed { next_by } => {
                self.phase = Phase::Validated { next_by: *next_by }
            }
            Step::ValidationFailed { .. } | Step::FlagUpheld => {
                self.close();
                self.phase = Phase::Rejected { at };
            }
            Step::Published => self.publish(at),
            Step::NoticeServed(notice) => self.noticed(notice, &event.actor),
            Step::RepresentationMade { points, .. } => {
                if let Some(chain) = &mut self.chain {
                    chain.points = chain.points.saturating_add(*points);
                }
            }
            Step::HearingRequested { hearing_on, close_by, decide_by } => {
                if let Some(chain) = &mut self.chain {
                    chain.stage = ChainStage::Hearing { on: *hearing_on, close_by: *close_by };
                    chain.decide_by = *decide_by;
                }
            }
            Step::WindowWaived => self.to_stage(ChainStage::Deciding { waived: true }),
            Step::WaiverRevoked => self.to_stage(ChainStage::Noticed),
            Step::HearingClosed { .. } | Step::HearingWithdrawn => {
                self.to_stage(ChainStage::Deciding { waived: false });
            }
            Step::PrecheckOpened { standstill_until, .. } => {
                self.phase = Phase::Standstill { until: *standstill_until };
            }
            Step::DecisionUpheld(upheld) => self.upheld(upheld),
            Step::DecisionNotUpheld { .. } => self.chain_over(at),
            Step::Abandoned => {
                self.close();
                self.phase = Phase::NotUpheld { at };
            }
            Step::ErrorFlagged { ground, answer_by, .. } => {
                self.flags_raised.insert(*ground);
                self.flag = Some(Flag { ground: *ground, at, answer_by: *answer_by });
            }
            Step::FlagCleared { standstill_until, .. } => {
                self.flag = None;
                self.phase = Phase::Standstill { until: *standstill_until };
            }
            Step::ObjectionFiled { ground, forward_by, decide_by, .. } => {
                self.objection = Some(Objection {
                    ground: *ground,
                    at,
                    level: ObjectionLevel::Authority,
                    decide_by: *decide_by,
                    extended: false,
                    forwarded: false,
                    forward_by: *forward_by,
                });
            }
            Step::ObjectionExtended { decide_by } => {
                if let Some(objection) = &mut self.objection {
                    objection.decide_by = *decide_by;
                    objection.extended = true;
                }
            }
            Step::ObjectionRejected { appeal_until, .. } => {
                if let Some(objection) = &mut self.objection {
                    objection.level = ObjectionLevel::Appealable { until: *appeal_until };
                }
            }
            Step::ObjectionEscalated { decide_by } => {
                if let Some(objection) = &mut self.objection {
                    objection.level = ObjectionLevel::Reviewer;
                    objection.decide_by = *decide_by;
                }
            }
            Step::Stayed { reason, .. } => self.stayed(at, *reason),
            Step::StayLifted { standstill_until, end_at, .. } => {
                self.phase = match standstill_until {
                    Some(until) => Phase::Standstill { until: *until },
                    None => Phase::Published { since: at },
                };
                if end_at.is_some() {
                    self.term.end_at = *end_at;
                }
            }
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
                self.chain = None;
                self.phase = Phase::Published { since: at };
                self.term.end_at = *end_at;
            }
            Step::Extended { end, end_at, effective_at, .. } => {
                self.chain = None;
                self.term.extension = Some((*effective_at, *end, *end_at));
            }
            Step::SubjectCeased { keep_until } => self.ceased_keep_until = Some(*keep_until),
            Step::Imputed { successor, .. } => self.organisation = *successor,
            Step::HoldPlaced { .. } => self.hold = true,
            Step::HoldReleased { .. } => self.hold = false,
            Step::Recognised { origin, fresh_until, .. } => {
                self.mirror = Some(MirrorOf { origin: origin.clone(), fresh_until: *fresh_until });
                self.publish(at);
            }
            Step::OriginSeen { fresh_until } => {
                if let Some(mirror) = &mut self.mirror {
                    mirror.fresh_until = *fresh_until;
                }
            }
            Step::InterimPublished { lapses_at, .. } => {
                self.interim = Some(Interim { since: at, lapses_at: *lapses_at });
                self.was_public = true;
            }
            Step::StatementAdded { text } => self.statement = Some(text.clone()),
            Step::Corrected { .. }
            | Step::Withdrawn { .. }
            | Step::RepairGranted
            | Step::ReleasedEarly { .. }
            | Step::OriginEnded
            | Step::Erased => self.end_by(at, &event.step),
        }
        self.at = self.at.max(at);
    }

    /// The events that end a record.
    fn end_by(&mut self, at: Instant, step: &Step) {
        let was_public = self.was_public;
        match step {
            Step::Corrected { successor, tombstone_until } => {
                let tombstone_until = was_public.then_some(*tombstone_until);
                self.end(at, Ended::Corrected { successor: *successor, tombstone_until });
            }
            Step::Withdrawn { reason, tombstone_until, .. } => {
                let tombstone_until = was_public.then_some(*tombstone_until);
                self.end(at, Ended::Withdrawn { reason: *reason, tombstone_until });
            }
            Step::RepairGranted | Step::ReleasedEarly { .. } => self.end(at, Ended::Repaired),
            Step::OriginEnded => self.end(at, Ended::Expired),
            _ => {
                self.close();
                self.phase = Phase::Erased;
                self.statement = None;
            }
        }
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

    fn noticed(&mut self, notice: &Notice, by: &Actor) {
        self.chain = Some(Chain {
            purpose: notice.purpose,
            stage: ChainStage::Noticed,
            severity_max: notice.severity,
            end_max: notice.end_max,
            measures: notice.measures.iter().cloned().collect(),
            window_ends_at: notice.window_ends_at,
            hearing_until: notice.hearing_until,
            decide_by: notice.decide_by,
            points: 0,
            served_by: match by {
                Actor::Authority(account) => Some(account.clone()),
                _ => None,
            },
        });
        if notice.purpose == Purpose::Record {
            self.phase = Phase::InChain;
        }
    }

    fn upheld(&mut self, upheld: &Upheld) {
        self.chain = None;
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

    fn to_stage(&mut self, stage: ChainStage) {
        if let Some(chain) = &mut self.chain {
            chain.stage = stage;
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
        let standstill_left = match self.phase {
            Phase::Standstill { until } => Some(until.micros().saturating_sub(at.micros()).max(0)),
            _ => None,
        };
        self.flag = None;
        self.phase = Phase::Stayed(Stayed { reason, since: at, standstill_left });
    }

    pub(super) fn end(&mut self, at: Instant, how: Ended) {
        self.close();
        self.phase = Phase::Ended { how, at };
    }

    /// What runs beside the record ends with it.
    pub(super) fn close(&mut self) {
        self.chain = None;
        self.flag = None;
        self.interim = None;
        self.objection = None;
        self.repair = None;
    }

    /// The state of domain.md 5.2. Call it on a case evaluated for an instant ([`Case::as_of`]).
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Submitted => State::Submitted,
            Phase::Rejected { .. } => State::Rejected,
            Phase::Validated { .. } if self.interim.is_some() => State::Published,
            Phase::Validated { .. } => State::Validated,
            Phase::InChain if self.interim.is_some() => State::Published,
            Phase::InChain => match self.chain.as_ref().map(|chain| chain.stage) {
                Some(ChainStage::Hearing { .. }) => State::Hearing,
                Some(ChainStage::Deciding { .. }) => State::Deciding,
                Some(ChainStage::Noticed) | None => State::Noticed,
            },
            Phase::NotUpheld { .. } => State::NotUpheld,
            Phase::Standstill { .. } if self.interim.is_some() => State::Published,
            Phase::Standstill { .. } => State::Standstill,
            Phase::Published { .. } if self.is_hidden() => State::Stayed,
            Phase::Published { .. } if self.is_objected() => State::Objected,
            Phase::Published { .. } => State::Published,
            Phase::Stayed(_) => State::Stayed,
            Phase::Ended { how, .. } => match how {
                _ if self.is_retired() => State::Retired,
                Ended::Corrected { .. } => State::Corrected,
                Ended::Withdrawn { .. } => State::Withdrawn,
                Ended::Repaired => State::Repaired,
                Ended::Expired => State::Expired,
            },
            Phase::Erased => State::Erased,
        }
    }

    /// T46: the retention clock runs from the end on; a tombstone is still served beside it.
    fn is_retired(&self) -> bool {
        match &self.phase {
            Phase::Ended { how, at } => match how {
                Ended::Corrected { tombstone_until, .. }
                | Ended::Withdrawn { tombstone_until, .. } => {
                    tombstone_until.is_none_or(|until| until <= self.at)
                }
                Ended::Repaired | Ended::Expired => *at < self.at,
            },
            _ => false,
        }
    }

    /// Whether an objection is open with the authority or the reviewer.
    pub fn is_objected(&self) -> bool {
        self.objection.as_ref().is_some_and(|objection| {
            matches!(objection.level, ObjectionLevel::Authority | ObjectionLevel::Reviewer)
        })
    }

    /// Whether silence hides it: an objection (T27) or an application for repair past its last
    /// deadline, or a peer that is not heard (T52).
    pub fn is_hidden(&self) -> bool {
        let objection = self.is_objected()
            && self.objection.as_ref().is_some_and(|objection| objection.decide_by <= self.at);
        let repair = self.repair.as_ref().is_some_and(|repair| repair.review_by <= self.at);
        let mirror = self.mirror.as_ref().is_some_and(|mirror| mirror.fresh_until <= self.at);
        objection || repair || mirror
    }

    /// What the public sees. Only a published, unhidden record shows content (I-01), and a minor one
    /// only where its pack says so (I-10).
    pub fn exposure(&self) -> Exposure {
        match (self.state(), &self.phase) {
            (State::Published | State::Objected, _) if self.revision.published => {
                Exposure::Shown { objected: self.is_objected(), interim: self.interim.is_some() }
            }
            (State::Corrected, _) => Exposure::CorrectedTombstone,
            (State::Withdrawn, Phase::Ended { how: Ended::Withdrawn { reason, .. }, .. }) => {
                Exposure::WithdrawnTombstone(*reason)
            }
            _ => Exposure::Nothing,
        }
    }

    /// Whether it counts in measures, ratings and figures of what is in effect. An interim record
    /// is no finding and counts in measures that name it only.
    pub fn counts(&self) -> bool {
        matches!(self.exposure(), Exposure::Shown { .. })
    }

    /// Whether it speaks against its subject.
    pub fn is_adverse(&self) -> bool {
        self.revision.polarity() == Polarity::Adverse
    }
}
