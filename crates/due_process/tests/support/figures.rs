//! A second, naive count of what an authority did and missed: it goes through a plain list of
//! events, notes each deadline and looks what became of it. Of the rules it uses only what a case
//! is at an instant, none of what says which step of time came first or what counts.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::case::{Actor, CaseEvent, Mode, Purpose, Step};
use domain::civil::Instant;
use domain::performance::Figure;
use goodstanding_due_process::case::{self, Case, ChainStage, Ended, ObjectionLevel, Phase, State};
use goodstanding_due_process::performance::{Occurrence, What, extended};

type History = [(Instant, Rc<CaseEvent>)];

/// How often each figure was counted at which instant.
pub type Counted = BTreeMap<(Instant, Figure), u64>;

/// What the rules count, kept up step by step as the read tables do.
pub fn occurred(history: &History) -> Vec<Occurrence> {
    let (mut occurred, mut case) = (Vec::new(), None::<Case>);
    for (at, event) in history {
        let before = case.clone();
        match &mut case {
            Some(case) => case.apply(*at, event),
            None => case = Case::begin(*at, event),
        }
        if let Some(after) = &case {
            occurred = extended(occurred, before.as_ref(), *at, event, after);
        }
    }
    occurred
}

pub fn counted(occurred: &[Occurrence], until: Instant) -> Counted {
    let mut counted = Counted::new();
    for occurrence in occurred.iter().filter(|occurrence| occurrence.at <= until) {
        if let What::Counted(figure) = occurrence.what {
            *counted.entry((occurrence.at, figure)).or_default() += 1;
        }
    }
    counted
}

/// Where the rules and the naive count differ: for `now`, and for `past` by what was known then.
pub fn problems(history: &History, now: Instant, past: Instant) -> Vec<String> {
    let mut problems = Vec::new();
    // A clock that went back is held to the last event (I-48).
    let now = history.last().map_or(now, |(at, _)| now.max(*at));
    let all = occurred(history);
    let (rules, naive) = (counted(&all, now), naive(history, now));
    if rules != naive {
        problems.push(format!("figures: rules {rules:?}, naive {naive:?}"));
    }
    let known = history.iter().take_while(|(at, _)| *at <= past).count();
    if counted(&occurred(&history[..known]), past) != counted(&all, past) {
        problems.push(format!("figures until {past} changed afterwards"));
    }
    let sum = |began: What, ended: What| {
        let times = |what| all.iter().filter(|it| it.at <= now && it.what == what).count() as i64;
        times(began) - times(ended)
    };
    let last = fold(history).as_of(now);
    let sealed = sum(What::SealedBegan, What::SealedEnded);
    if sealed != i64::from(is_sealed(&last)) {
        problems.push(format!("sealed {sealed} times over"));
    }
    let hidden = sum(What::Counted(Figure::Hidden), What::HiddenEnded);
    if hidden != i64::from(is_hidden(&last)) {
        problems.push(format!("hidden {hidden} times over"));
    }
    problems
}

fn fold(history: &History) -> Case {
    case::fold(history.iter().map(|(at, event)| (*at, &**event))).expect("it begins")
}

fn is_sealed(case: &Case) -> bool {
    let state = case.state();
    state < State::Published && !matches!(state, State::Rejected | State::NotUpheld)
}

fn is_hidden(case: &Case) -> bool {
    case.mirror.is_none() && case.is_in_effect() && case.is_hidden()
}

fn just_before(at: Instant) -> Instant {
    Instant::from_micros(at.micros() - 1)
}

fn naive(history: &History, now: Instant) -> Counted {
    let mut counted = Counted::new();
    for index in 0..history.len() {
        let (at, event) = &history[index];
        if *at > now {
            break;
        }
        let until = history.get(index + 1).map_or(now, |(next, _)| (*next).min(now));
        let after = fold(&history[..=index]);
        let before = (index > 0).then(|| fold(&history[..index]).as_of(*at));
        let is_mirror = matches!(event.step, Step::Recognised { .. }) || after.mirror.is_some();
        let acted = if is_mirror { None } else { act(before.as_ref(), *at, event) };
        let hides = is_hidden(&after) && !before.as_ref().is_some_and(is_hidden);
        for figure in acted.into_iter().chain(hides.then_some(Figure::Hidden)) {
            *counted.entry((*at, figure)).or_default() += 1;
        }
        for (by, figure) in missed(&after, until) {
            *counted.entry((by, figure)).or_default() += 1;
        }
    }
    counted
}

fn act(before: Option<&Case>, at: Instant, event: &CaseEvent) -> Option<Figure> {
    let by_authority = matches!(event.actor, Actor::Authority(_));
    let Some(before) = before else {
        let Step::Submitted(revision) = &event.step else { return None };
        let figure = match (revision.decision.is_some(), revision.late) {
            (false, _) => Figure::Submitted,
            (true, false) => Figure::SubmittedInTime,
            (true, true) => Figure::SubmittedLate,
        };
        return by_authority.then_some(figure);
    };
    let objection = before.objection.as_ref();
    let late = objection.is_some_and(|objection| at >= objection.decide_by);
    let level = objection.map(|objection| objection.level.clone());
    let next_by = match before.phase {
        Phase::Validated { next_by } => Some(next_by),
        _ => None,
    };
    let pick = |late: bool, in_time: Figure, otherwise: Figure| {
        Some(if late { otherwise } else { in_time })
    };
    match &event.step {
        Step::NoticeServed(notice) => match next_by {
            Some(by) if notice.purpose == Purpose::Record => {
                pick(at >= by, Figure::NoticeInTime, Figure::NoticeLate)
            }
            _ => Some(Figure::NoticeFurther),
        },
        Step::PrecheckOpened { .. } | Step::Published => {
            next_by.filter(|by| at < *by).map(|_| Figure::EntryInTime)
        }
        Step::RepresentationMade { .. } => Some(Figure::Represented),
        Step::HearingRequested { .. } => Some(Figure::HearingRequested),
        Step::HearingClosed { .. } => Some(Figure::HearingInTime),
        Step::DecisionUpheld(_) | Step::Extended { .. } | Step::RepairRevoked { .. } => {
            Some(Figure::Upheld)
        }
        Step::DecisionNotUpheld { .. } => Some(Figure::NotUpheld),
        Step::ErrorFlagged { .. } => Some(Figure::Flagged),
        Step::FlagCleared { .. } => Some(Figure::FlagCleared),
        Step::FlagUpheld => Some(Figure::FlagUpheld),
        Step::ObjectionFiled { .. } => Some(Figure::Objected),
        Step::ObjectionEscalated { .. } => Some(Figure::Appealed),
        Step::ObjectionForwarded => {
            objection.filter(|objection| at < objection.forward_by).map(|_| Figure::ForwardInTime)
        }
        Step::ObjectionRejected { .. } if level == Some(ObjectionLevel::Reviewer) => {
            pick(late, Figure::AppealRejected, Figure::AppealRejectedLate)
        }
        Step::ObjectionRejected { .. } => {
            pick(late, Figure::ObjectionRejected, Figure::ObjectionRejectedLate)
        }
        Step::Withdrawn { due_by: Some(by), .. } if by_authority => {
            pick(at >= *by, Figure::OrderInTime, Figure::OrderMissed)
        }
        Step::Withdrawn { .. } | Step::Corrected { .. } => match (level, &event.actor) {
            (Some(ObjectionLevel::Authority), Actor::Authority(_)) => {
                pick(late, Figure::ObjectionUpheld, Figure::ObjectionUpheldLate)
            }
            (Some(ObjectionLevel::Reviewer), Actor::Reviewer(_)) => {
                pick(late, Figure::AppealUpheld, Figure::AppealUpheldLate)
            }
            _ if matches!(event.step, Step::Corrected { .. }) => Some(Figure::Corrected),
            _ => Some(Figure::Withdrawn),
        },
        Step::RepairApplied { .. } => Some(Figure::RepairApplied),
        Step::RepairGranted | Step::RepairRefused { .. } => {
            let repair = before.repair.as_ref()?;
            let granted = matches!(event.step, Step::RepairGranted);
            match (by_authority, granted) {
                (false, _) => (at < repair.review_by).then_some(Figure::ReviewInTime),
                (true, true) => {
                    pick(at >= repair.decide_by, Figure::RepairGranted, Figure::RepairGrantedLate)
                }
                (true, false) => {
                    pick(at >= repair.decide_by, Figure::RepairRefused, Figure::RepairRefusedLate)
                }
            }
        }
        Step::MeasureOverridden { .. } => Some(Figure::Overridden),
        _ => None,
    }
}

/// Deadlines of `case` that pass after its last event and not after `until`, with what was missed.
fn missed(case: &Case, until: Instant) -> Vec<(Instant, Figure)> {
    let mut missed = Vec::new();
    if case.mirror.is_some() {
        return missed;
    }
    let mut look = |by: Option<Instant>, judge: &dyn Fn(&Case, &Case) -> Option<Figure>| {
        if let Some(by) = by.filter(|by| case.at < *by && *by <= until) {
            let found = judge(&case.as_of(just_before(by)), &case.as_of(by));
            missed.extend(found.map(|figure| (by, figure)));
        }
    };
    let hosted = case.is_adverse() && case.revision.mode == Mode::Hosted;
    if let Phase::Validated { next_by } = case.phase {
        look(Some(next_by), &|was, then| {
            let figure = if hosted { Figure::NoticeMissed } else { Figure::EntryMissed };
            let waited = matches!(was.phase, Phase::Validated { .. });
            // Over for want of a notice, or waiting still.
            let is_missed = matches!(then.phase, Phase::Validated { .. } | Phase::NotUpheld { .. });
            (waited && is_missed).then_some(figure)
        });
    }
    let expired = |was: &Case, is: &Case| {
        let over = |case: &Case| matches!(case.phase, Phase::Ended { how: Ended::Expired, .. });
        over(is) && !over(was)
    };
    if let Some(chain) = &case.chain {
        let close_by = match chain.stage {
            ChainStage::Hearing { close_by, .. } => Some(close_by),
            _ => None,
        };
        look(close_by, &|was, is| {
            (was.chain.is_some() && !expired(was, is)).then_some(Figure::HearingMissed)
        });
        look(Some(chain.decide_by), &|was, is| {
            let waits = was
                .chain
                .as_ref()
                .is_some_and(|chain| matches!(chain.stage, ChainStage::Deciding { .. }));
            (waits && !expired(was, is)).then_some(Figure::DecisionMissed)
        });
    }
    look(case.flag.map(|flag| flag.answer_by), &|was, is| {
        let stands = matches!(was.phase, Phase::Standstill { .. }) && was.flag.is_some();
        (stands && !expired(was, is)).then_some(Figure::FlagMissed)
    });
    if let Some(objection) = &case.objection {
        let open = |case: &Case| case.is_objected() && case.is_in_effect();
        look(Some(objection.decide_by), &|_, is| {
            let figure = match objection.level {
                ObjectionLevel::Reviewer => Figure::AppealMissed,
                _ => Figure::ObjectionMissed,
            };
            open(is).then_some(figure)
        });
        look(Some(objection.forward_by), &|_, is| {
            let waits = is.objection.as_ref().is_some_and(|objection| {
                !objection.forwarded && objection.level == ObjectionLevel::Authority
            });
            waits.then_some(Figure::ForwardMissed)
        });
    }
    if let Some(repair) = &case.repair {
        look(Some(repair.decide_by), &|_, is| is.repair.as_ref().map(|_| Figure::RepairMissed));
        look(Some(repair.review_by), &|_, is| is.repair.as_ref().map(|_| Figure::ReviewMissed));
    }
    look(case.interim.map(|interim| interim.lapses_at), &|was, is| {
        let alone = matches!(was.phase, Phase::Validated { .. }) && was.interim.is_some();
        let by = is.at;
        let by_term = [case.term.end_at, case.ceased_keep_until].contains(&Some(by));
        (alone && expired(was, is) && !by_term).then_some(Figure::InterimLapsed)
    });
    // Nothing but one of these hides a record while no event happens.
    let silences = [
        case.objection.as_ref().map(|objection| objection.decide_by),
        case.repair.as_ref().map(|repair| repair.review_by),
    ];
    let mut silences: Vec<Instant> = silences.into_iter().flatten().collect();
    // One that fell silent while nobody saw the record shows when it comes into effect.
    silences.extend(case.passed(until).into_iter().map(|(at, _)| at));
    silences.sort();
    silences.dedup();
    for by in silences {
        look(Some(by), &|was, is| (!is_hidden(was) && is_hidden(is)).then_some(Figure::Hidden));
    }
    missed
}
