//! A second, naive answer to "what does the public see at an instant": it goes through the events
//! and keeps lists of intervals, and shares no code with the rules.

use std::rc::Rc;

use domain::case::{Actor, CaseEvent, Purpose, StayReason, Step, WithdrawalReason};
use domain::civil::Instant;

/// What the public sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Public {
    Nothing,
    Content { objected: bool, interim: bool },
    Corrected,
    Withdrawn(WithdrawalReason),
}

/// A stretch of time, the end excluded; open where it has none.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Instant,
    until: Option<Instant>,
}

impl Stretch {
    fn holds(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// What `history` says of the instant `at`, by what was known then.
pub fn public_at(history: &[(Instant, Rc<CaseEvent>)], at: Instant) -> Public {
    let known: Vec<(Instant, &CaseEvent)> =
        history.iter().filter(|(when, _)| *when <= at).map(|(w, e)| (*w, &**e)).collect();
    let Some((_, first)) = known.first() else { return Public::Nothing };
    let Step::Submitted(revision) = &first.step else { return Public::Nothing };
    let mut published = revision.published;
    let mut finding: Vec<Stretch> = Vec::new();
    let mut interim: Vec<Stretch> = Vec::new();
    let mut hidden: Vec<Stretch> = Vec::new();
    let mut marked: Vec<Stretch> = Vec::new();
    let mut orders: Vec<(StayReason, Instant)> = Vec::new();
    let mut standstill: Option<Instant> = None;
    let mut flag: Option<Instant> = None;
    let mut paused: Option<Instant> = None;
    let mut end: Option<Instant> = revision.end_at;
    let mut keep: Option<Instant> = None;
    let mut later: Option<(Instant, Instant)> = None;
    let mut purpose = Purpose::Record;
    let mut objection: Option<Instant> = None;
    let mut repair: Option<Instant> = None;
    let mut fresh: Option<Instant> = None;
    let mut last: Option<Public> = None;
    let mut was_seen = false;

    let close = |list: &mut Vec<Stretch>, when: Instant| {
        for stretch in list.iter_mut() {
            if stretch.until.is_none_or(|until| until > when) {
                stretch.until = Some(when.max(stretch.from));
            }
        }
    };
    for (index, (when, event)) in known.iter().enumerate() {
        let (when, step) = (*when, &event.step);
        // A standstill that was over before this event.
        if let Some(until) = standstill.filter(|until| *until <= when && orders.is_empty())
            && flag.is_none()
        {
            close(&mut interim, until);
            finding.push(Stretch { from: until, until: None });
            standstill = None;
        }
        if let Some((from, new_end)) = later.filter(|(from, _)| *from <= when && orders.is_empty())
        {
            if end.is_some_and(|end| from < end) {
                end = end.max(Some(new_end));
            }
            later = None;
        }
        match step {
            Step::Published => finding.push(Stretch { from: when, until: None }),
            Step::Recognised { fresh_until, .. } => {
                finding.push(Stretch { from: when, until: None });
                fresh = Some(*fresh_until);
            }
            Step::OriginSeen { fresh_until } => {
                if let Some(stale) = fresh.filter(|stale| *stale < when) {
                    hidden.push(Stretch { from: stale, until: Some(when) });
                }
                fresh = Some(*fresh_until);
            }
            Step::InterimPublished { lapses_at, .. } => {
                interim.push(Stretch { from: when, until: Some(*lapses_at) });
            }
            Step::PrecheckOpened { standstill_until, .. } => standstill = Some(*standstill_until),
            Step::NoticeServed(notice) => purpose = notice.purpose,
            Step::DecisionUpheld(upheld) if purpose == Purpose::Record => {
                standstill = Some(upheld.standstill_until);
                published = upheld.published;
                end = upheld.end_at;
            }
            Step::DecisionNotUpheld { .. } if purpose == Purpose::Record => {
                close(&mut interim, when);
                last = Some(Public::Nothing);
            }
            Step::ErrorFlagged { answer_by, .. } => flag = Some(*answer_by),
            Step::FlagCleared { standstill_until, .. } => {
                flag = None;
                standstill = Some(*standstill_until);
            }
            Step::FlagUpheld | Step::Abandoned => {
                standstill = None;
                close(&mut interim, when);
                last = Some(Public::Nothing);
            }
            Step::Stayed { reason, .. } => {
                if orders.is_empty() {
                    paused = Some(when);
                }
                orders.push((*reason, when));
            }
            Step::StayLifted { standstill_until, end_at, .. } => {
                let lifts = |reason: StayReason| match event.actor {
                    Actor::Reviewer(_) => reason == StayReason::Privacy,
                    Actor::Authority(_) => reason == StayReason::Authority,
                    _ => !matches!(reason, StayReason::Privacy | StayReason::Authority),
                };
                let place = orders
                    .iter()
                    .rposition(|(reason, _)| lifts(*reason))
                    .or_else(|| orders.iter().rposition(|(r, _)| *r == StayReason::Authority));
                if let Some(place) = place {
                    let (_, from) = orders.remove(place);
                    hidden.push(Stretch { from, until: Some(when) });
                }
                if orders.is_empty() {
                    let took = when.micros() - paused.unwrap_or(when).micros();
                    flag = flag.map(|by| Instant::from_micros(by.micros() + took));
                    standstill = standstill_until.or(standstill);
                    end = end_at.or(end);
                    paused = None;
                }
            }
            Step::ObjectionFiled { decide_by, .. } => {
                close(&mut marked, when);
                marked.push(Stretch { from: when, until: None });
                if let Some(by) = objection.filter(|by| *by < when) {
                    hidden.push(Stretch { from: by, until: Some(when) });
                }
                objection = Some(*decide_by);
            }
            Step::ObjectionExtended { decide_by } => objection = Some(*decide_by),
            Step::ObjectionEscalated { decide_by } => {
                marked.push(Stretch { from: when, until: None });
                objection = Some(*decide_by);
            }
            Step::ObjectionRejected { .. } => {
                close(&mut marked, when);
                if let Some(by) = objection.take().filter(|by| *by < when) {
                    hidden.push(Stretch { from: by, until: Some(when) });
                }
            }
            Step::RepairApplied { review_by, .. } | Step::RepairExtended { review_by, .. } => {
                repair = Some(*review_by);
            }
            Step::RepairRefused { .. } => {
                if let Some(by) = repair.take().filter(|by| *by < when) {
                    hidden.push(Stretch { from: by, until: Some(when) });
                }
            }
            Step::RepairRevoked { end_at, .. } => {
                last = None;
                end = *end_at;
                finding.push(Stretch { from: when, until: None });
            }
            Step::Extended { effective_at, end_at, .. } => later = Some((*effective_at, *end_at)),
            Step::TermShortened { end_at, .. } => {
                end = Some(end.map_or(*end_at, |own| own.min(*end_at)));
            }
            Step::SubjectCeased { keep_until } => keep = Some(*keep_until),
            // Whoever has it now is not the one that was dissolved.
            Step::Imputed { .. } => keep = None,
            Step::RepairGranted | Step::ReleasedEarly { .. } | Step::OriginEnded | Step::Erased => {
                last = Some(Public::Nothing);
            }
            Step::Corrected { tombstone_until, .. } => {
                was_seen = seen_before(&known[..index], when, &finding, &interim, published);
                let stays = was_seen && at < *tombstone_until;
                last = Some(if stays { Public::Corrected } else { Public::Nothing });
            }
            Step::Withdrawn { reason, tombstone_until, .. } => {
                was_seen = seen_before(&known[..index], when, &finding, &interim, published);
                let stays = was_seen && at < *tombstone_until;
                last = Some(if stays { Public::Withdrawn(*reason) } else { Public::Nothing });
            }
            _ => {}
        }
        if last.is_some() {
            // What ran beside the record is over with it.
            for list in [&mut finding, &mut interim, &mut marked] {
                close(list, when);
            }
            (objection, repair, later, standstill, flag) = (None, None, None, None, None);
            orders.clear();
        }
    }
    let _ = was_seen;
    if let Some(answer) = last {
        return answer;
    }
    // What time did since the last event.
    if let Some((from, new_end)) = later.filter(|(from, _)| *from <= at && orders.is_empty())
        && end.is_some_and(|end| from < end)
    {
        end = end.max(Some(new_end));
    }
    if let Some(until) = standstill.filter(|until| *until <= at && orders.is_empty())
        && flag.is_none()
    {
        close(&mut interim, until);
        finding.push(Stretch { from: until, until: None });
    }
    let returned = flag.is_some_and(|by| by <= at) && orders.is_empty();
    hidden.extend(orders.iter().map(|(_, from)| Stretch { from: *from, until: None }));
    for by in [objection, repair, fresh].into_iter().flatten() {
        hidden.push(Stretch { from: by, until: None });
    }
    let is_over = [end, keep].into_iter().flatten().any(|end| end <= at);
    let is_hidden = hidden.iter().any(|stretch| stretch.holds(at));
    let is_finding = finding.iter().any(|stretch| stretch.holds(at));
    let is_interim = interim.iter().any(|stretch| stretch.holds(at)) && !lapsed(&known, at);
    if !published || is_over || is_hidden || returned || !(is_finding || is_interim) {
        return Public::Nothing;
    }
    let objected = marked.iter().any(|stretch| stretch.holds(at));
    Public::Content { objected, interim: !is_finding }
}

/// Whether content was ever there to be seen: a tombstone stands for something that was.
fn seen_before(
    known: &[(Instant, &CaseEvent)],
    when: Instant,
    finding: &[Stretch],
    interim: &[Stretch],
    published: bool,
) -> bool {
    let began = |list: &[Stretch]| list.iter().any(|stretch| stretch.from <= when);
    published && !known.is_empty() && (began(finding) || began(interim))
}

/// Whether proceedings about the record itself lapsed by silence before `at`: then an interim
/// record goes with them.
fn lapsed(known: &[(Instant, &CaseEvent)], at: Instant) -> bool {
    let mut due: Option<Instant> = None;
    let mut hearing: Option<Instant> = None;
    for (_, event) in known {
        match &event.step {
            Step::NoticeServed(notice) if notice.purpose == Purpose::Record => {
                (due, hearing) = (Some(notice.decide_by), None);
            }
            Step::HearingRequested { close_by, decide_by, .. } => {
                (due, hearing) = (Some(*decide_by), Some(*close_by));
            }
            Step::HearingClosed { .. } | Step::HearingWithdrawn => hearing = None,
            Step::DecisionUpheld(_) => (due, hearing) = (None, None),
            _ => {}
        }
    }
    [due, hearing].into_iter().flatten().any(|by| by <= at)
}
