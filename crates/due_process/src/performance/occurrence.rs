//! What a case brought about, at which instant. The rules of proceedings say when something is in
//! time; here it is only noticed.

use domain::case::{Actor, CaseEvent, Mode, Purpose, Revision, Step};
use domain::civil::Instant;
use domain::performance::Figure;

use crate::case::{Case, ClockStep, Ended, ObjectionLevel, Phase, State, StepAudience};

/// Something that counts, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Occurrence {
    /// When: the commit of an act, the instant of a deadline.
    pub at: Instant,
    /// What.
    pub what: What,
    /// Whether everybody could read at that instant that it happened to this record.
    pub is_public: bool,
}

/// What can occur: something that is counted, or a case that enters or leaves what is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Once more.
    Counted(Figure),
    /// From now on the case is known to its parties only.
    SealedBegan,
    /// Not any more.
    SealedEnded,
    /// The record is not hidden by anybody's silence any more; that it began is counted.
    HiddenEnded,
}

impl What {
    /// Everything that can occur, in a fixed order.
    pub fn all() -> impl Iterator<Item = What> {
        let counted = Figure::ALL.iter().map(|figure| What::Counted(*figure));
        counted.chain([What::SealedBegan, What::SealedEnded, What::HiddenEnded])
    }
}

/// Time alone does a handful of things to a case; no input can make the list grow beyond this.
const STEPS_MAX: usize = 64;

/// What `event` brought about. `before` is the case just before it, `None` for a submission, and
/// `after` the case just after; what time did until then is not in it (see [`by_time`]).
fn by_event(
    before: Option<&Case>,
    at: Instant,
    event: &CaseEvent,
    after: &Case,
) -> Vec<Occurrence> {
    let is_public = StepAudience::of(&event.step).may_read(after.exposure());
    // A mirror says what its origin says: its deadlines are kept or missed there.
    let is_own = after.mirror.is_none() && !matches!(event.step, Step::Recognised { .. });
    let figure = match before {
        _ if !is_own => None,
        None => submitted(event),
        Some(before) => acted(before, at, event),
    };
    let counted = figure.map(|figure| Occurrence { at, what: What::Counted(figure), is_public });
    counted.into_iter().chain(moved(before, at, after)).collect()
}

/// What time alone brings about after the last event of `case`, until another event says otherwise;
/// by instant, to the end of its time.
fn by_time(case: &Case) -> Vec<Occurrence> {
    let mut occurred = overdue(case);
    let mut now = case.clone();
    for _ in 0..STEPS_MAX {
        let Some((at, step)) = now.due() else { break };
        let before = now.clone();
        // What was due while the record stood still is noticed when it goes on: what a month that
        // is over counts does not change.
        let at = at.max(now.at);
        now.take(at, step);
        if now.mirror.is_none() {
            occurred.extend(passed(&before, step).map(|figure| Occurrence {
                at,
                what: What::Counted(figure),
                is_public: false,
            }));
        }
        occurred.extend(moved(Some(&before), at, &now));
    }
    occurred.sort();
    occurred
}

/// The occurrences of a case after `event`: what there was up to its instant stays, what time alone
/// would have brought about later is told anew.
pub fn extended(
    mut occurred: Vec<Occurrence>,
    before: Option<&Case>,
    at: Instant,
    event: &CaseEvent,
    after: &Case,
) -> Vec<Occurrence> {
    occurred.retain(|occurrence| occurrence.at <= at);
    let before = before.map(|before| before.as_of(at));
    occurred.extend(by_event(before.as_ref(), at, event, after));
    occurred.extend(by_time(after));
    occurred
}

/// Deadlines that change nothing that is stored when they pass: each is missed if what it is about
/// is still open when it is over.
fn overdue(case: &Case) -> Vec<Occurrence> {
    let mut occurred = Vec::new();
    if case.mirror.is_some() {
        return occurred;
    }
    let mut look = |by: Instant, figure: Figure, is_open: &dyn Fn(&Case) -> bool| {
        if case.at < by && is_open(&case.as_of(by)) {
            let what = What::Counted(figure);
            occurred.push(Occurrence { at: by, what, is_public: false });
        }
    };
    // A notice that never came is seen when the case lapses for it.
    if let Phase::Validated { next_by } = case.phase
        && !case.awaits_notice()
    {
        let is_own = case.is_adverse() && case.revision.mode == Mode::Hosted;
        let figure = if is_own { Figure::NoticeMissed } else { Figure::EntryMissed };
        look(next_by, figure, &|case| matches!(case.phase, Phase::Validated { .. }));
    }
    if let Some(objection) = &case.objection {
        let figure =
            if is_in_appeal(case) { Figure::AppealMissed } else { Figure::ObjectionMissed };
        look(objection.decide_by, figure, &|case| case.is_objected() && case.is_in_effect());
        if !objection.forwarded {
            look(objection.forward_by, Figure::ForwardMissed, &is_with_authority);
        }
    }
    if let Some(repair) = &case.repair {
        look(repair.decide_by, Figure::RepairMissed, &|case| case.repair.is_some());
        look(repair.review_by, Figure::ReviewMissed, &|case| case.repair.is_some());
    }
    occurred
}

fn is_with_authority(case: &Case) -> bool {
    case.is_objected()
        && case.objection.as_ref().is_some_and(|it| it.level == ObjectionLevel::Authority)
}

fn is_in_appeal(case: &Case) -> bool {
    case.objection.as_ref().is_some_and(|it| it.level == ObjectionLevel::Reviewer)
}

fn submitted(event: &CaseEvent) -> Option<Figure> {
    let (Step::Submitted(revision), Actor::Authority(_)) = (&event.step, &event.actor) else {
        return None;
    };
    let Revision { decision, late, .. } = &**revision;
    Some(match (decision, late) {
        (None, _) => Figure::Submitted,
        (Some(_), false) => Figure::SubmittedInTime,
        (Some(_), true) => Figure::SubmittedLate,
    })
}

/// What an act counts as. `before` is not evaluated beyond the instant of the act.
fn acted(before: &Case, at: Instant, event: &CaseEvent) -> Option<Figure> {
    let is_authority = matches!(event.actor, Actor::Authority(_));
    Some(match &event.step {
        Step::NoticeServed(notice) => {
            match before.phase {
                Phase::Validated { next_by } if notice.purpose == Purpose::Record => {
                    if at < next_by { Figure::NoticeInTime } else { Figure::NoticeLate }
                }
                _ => Figure::NoticeFurther,
            }
        }
        Step::PrecheckOpened { .. } | Step::Published => match before.phase {
            Phase::Validated { next_by } if at < next_by => Figure::EntryInTime,
            _ => return None,
        },
        Step::RepresentationMade { .. } => Figure::Represented,
        Step::HearingRequested { .. } => Figure::HearingRequested,
        Step::HearingClosed { .. } => Figure::HearingInTime,
        Step::DecisionUpheld(_) | Step::Extended { .. } | Step::RepairRevoked { .. } => {
            Figure::Upheld
        }
        Step::DecisionNotUpheld { .. } => Figure::NotUpheld,
        Step::ErrorFlagged { .. } => Figure::Flagged,
        Step::FlagCleared { .. } => Figure::FlagCleared,
        Step::FlagUpheld => Figure::FlagUpheld,
        Step::ObjectionFiled { .. } => Figure::Objected,
        Step::ObjectionForwarded => match &before.objection {
            Some(objection) if at < objection.forward_by => Figure::ForwardInTime,
            _ => return None,
        },
        Step::ObjectionEscalated { .. } => Figure::Appealed,
        Step::ObjectionRejected { .. } => {
            match (is_in_appeal(before), is_answered_late(before, at)) {
                (false, false) => Figure::ObjectionRejected,
                (false, true) => Figure::ObjectionRejectedLate,
                (true, false) => Figure::AppealRejected,
                (true, true) => Figure::AppealRejectedLate,
            }
        }
        Step::Corrected { .. } | Step::Withdrawn { .. } => ended(before, at, event),
        Step::RepairApplied { .. } => Figure::RepairApplied,
        Step::RepairGranted => repaired(before, at, is_authority, true)?,
        Step::RepairRefused { .. } => repaired(before, at, is_authority, false)?,
        Step::MeasureOverridden { .. } => Figure::Overridden,
        _ => return None,
    })
}

fn is_answered_late(before: &Case, at: Instant) -> bool {
    before.objection.as_ref().is_some_and(|objection| objection.decide_by <= at)
}

/// A record corrected or withdrawn: upon an order with a time, upon an objection, upon an appeal,
/// or otherwise; as the first of these.
fn ended(before: &Case, at: Instant, event: &CaseEvent) -> Figure {
    let is_late = is_answered_late(before, at);
    match (&event.step, &event.actor) {
        (Step::Withdrawn { due_by: Some(due_by), .. }, Actor::Authority(_)) => {
            if at < *due_by {
                Figure::OrderInTime
            } else {
                Figure::OrderMissed
            }
        }
        (_, Actor::Authority(_)) if is_with_authority(before) => {
            if is_late {
                Figure::ObjectionUpheldLate
            } else {
                Figure::ObjectionUpheld
            }
        }
        (_, Actor::Reviewer(_)) if before.is_objected() && is_in_appeal(before) => {
            if is_late {
                Figure::AppealUpheldLate
            } else {
                Figure::AppealUpheld
            }
        }
        (Step::Corrected { .. }, _) => Figure::Corrected,
        _ => Figure::Withdrawn,
    }
}

fn repaired(before: &Case, at: Instant, is_authority: bool, is_granted: bool) -> Option<Figure> {
    let repair = before.repair.as_ref()?;
    if !is_authority {
        return (at < repair.review_by).then_some(Figure::ReviewInTime);
    }
    Some(match (is_granted, at < repair.decide_by) {
        (true, true) => Figure::RepairGranted,
        (true, false) => Figure::RepairGrantedLate,
        (false, true) => Figure::RepairRefused,
        (false, false) => Figure::RepairRefusedLate,
    })
}

/// What a step of time counts as.
fn passed(before: &Case, step: ClockStep) -> Option<Figure> {
    Some(match step {
        ClockStep::NoticeLapsed => Figure::NoticeMissed,
        ClockStep::HearingOverdue => Figure::HearingMissed,
        ClockStep::DecisionLapsed => Figure::DecisionMissed,
        ClockStep::FlagUnanswered => Figure::FlagMissed,
        ClockStep::InterimLapsed => match before.phase {
            Phase::Validated { .. } => Figure::InterimLapsed,
            _ => return None,
        },
        // Seen as overdue: another step at the same instant may come before them.
        ClockStep::ObjectionUnanswered
        | ClockStep::RepairEscalated
        | ClockStep::RepairUnanswered
        | ClockStep::WindowEnded
        | ClockStep::StandstillEnded
        | ClockStep::ExtensionEffective
        | ClockStep::Expired
        | ClockStep::CeasedOver
        | ClockStep::OriginStale
        | ClockStep::TombstoneOver => return None,
    })
}

/// Whether nobody but the parties knows of the case.
fn is_sealed(case: &Case) -> bool {
    matches!(
        case.state(),
        State::Submitted
            | State::Validated
            | State::Noticed
            | State::Hearing
            | State::Deciding
            | State::Standstill
    )
}

/// Whether somebody's silence hides a record that would be in effect; of a mirror it is the peer's.
fn is_hidden(case: &Case) -> bool {
    let is_over = matches!(case.phase, Phase::Ended { how: Ended::Expired, .. });
    case.mirror.is_none() && !is_over && case.is_in_effect() && case.is_hidden()
}

/// What the case entered or left.
fn moved(before: Option<&Case>, at: Instant, after: &Case) -> Vec<Occurrence> {
    let change = |is: fn(&Case) -> bool| (before.is_some_and(is), is(after));
    let mut moves = Vec::new();
    match change(is_sealed) {
        (false, true) => moves.push(What::SealedBegan),
        (true, false) => moves.push(What::SealedEnded),
        _ => {}
    }
    match change(is_hidden) {
        (false, true) => moves.push(What::Counted(Figure::Hidden)),
        (true, false) => moves.push(What::HiddenEnded),
        _ => {}
    }
    moves.into_iter().map(|what| Occurrence { at, what, is_public: false }).collect()
}
