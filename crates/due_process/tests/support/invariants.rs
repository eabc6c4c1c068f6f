//! The invariants of the specification that can be said of one record (or of a record and its
//! successor), as predicates over what happened, what the rules make of it, and an instant. They
//! read the history themselves wherever they can, so that a wrong rule does not prove itself right.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::case::{
    Actor, Attestation, CaseEvent, Mode, Notice, Purpose, Revision, Severity, Step, Upheld,
};
use domain::civil::{End, Instant};
use domain::record::Polarity;
use goodstanding_due_process::case::{self, Case, Exposure, Phase, State};
use policy::catalogue::CatalogueEntry;
use policy::procedure::PeriodKey;

use super::law::{Law, micros};

type History = [(Instant, Rc<CaseEvent>)];

/// A record at an instant.
pub struct View<'a> {
    pub law: &'a Law,
    pub history: &'a History,
    /// Evaluated for `now`.
    pub case: &'a Case,
    pub now: Instant,
    /// The record that corrects it or that it corrects, evaluated for `now`.
    pub other: Option<&'a Case>,
}

/// Whether it holds.
pub type Invariant = fn(&View<'_>) -> bool;

/// Every invariant by its number in the specification.
pub const ALL: &[(&str, Invariant)] = &[
    ("I-01", i01_public_in_two_states_only),
    ("I-02", i02_hosted_is_heard_before_it_is_seen),
    ("I-03", i03_imported_is_attested_and_checked),
    ("I-04", i04_ends_lawfully),
    ("I-05", i05_ceiling),
    ("I-06", i06_absent_from_its_end_on),
    ("I-07", i07_nothing_makes_an_end_later),
    ("I-08", i08_term_begins_with_the_decision),
    ("I-09", i09_never_accepted_after_its_end),
    ("I-10", i10_minor_is_unpublished),
    ("I-12", i12_one_successor_one_live_head),
    ("I-13", i13_withdrawn_is_gone),
    ("I-14", i14_tombstones_end),
    ("I-15", i15_repair_and_expiry_leave_nothing),
    ("I-16", i16_refusals_of_repair_name_listed_conditions),
    ("I-17", i17_repair_is_free),
    ("I-18", i18_measures_end_with_repair),
    ("I-20", i20_marked_from_the_objection_on),
    ("I-21", i21_nobody_takes_an_appeal_away),
    ("I-22", i22_an_unanswered_objection_hides),
    ("I-23", i23_objections_are_decided_by_others),
    ("I-24", i24_no_outcome_worse_than_noticed),
    ("I-31", i31_moved_by_decision_only),
    ("I-32", i32_entry_in_force_on_the_day),
    ("I-34", i34_measures_only_as_noticed),
    ("I-37", i37_measures_stop_with_the_record),
    ("I-43", i43_replay_gives_the_same),
    ("I-48", i48_a_clock_that_goes_back_revives_nothing),
    ("I-50", i50_four_eyes),
    ("I-51", i51_no_mirror_outlives_its_origin),
    ("I-52", i52_a_mirror_is_no_original),
    ("I-61", i61_interim_is_lawful_bounded_and_no_finding),
    ("T20", t20_an_open_flag_stops_publication),
    ("T32", t32_every_order_has_to_be_lifted),
    ("T48", t48_nothing_held_is_destroyed),
    ("5.6", deadlines_told_are_those_that_time_keeps),
];

/// The numbers of those that do not hold.
pub fn broken(view: &View<'_>) -> Vec<&'static str> {
    ALL.iter().filter(|(_, holds)| !holds(view)).map(|(number, _)| *number).collect()
}

impl View<'_> {
    fn revision(&self) -> &Revision {
        match &self.history[0].1.step {
            Step::Submitted(revision) => revision,
            _ => unreachable!("a history begins with a submission"),
        }
    }

    fn entry(&self) -> &CatalogueEntry {
        self.law.entry(&self.revision().entry)
    }

    fn steps(&self) -> impl DoubleEndedIterator<Item = (usize, Instant, &Step)> {
        self.history.iter().enumerate().map(|(place, (at, event))| (place, *at, &event.step))
    }

    fn is_adverse(&self) -> bool {
        self.revision().polarity() == Polarity::Adverse
    }

    fn is_mirror(&self) -> bool {
        self.steps().any(|(_, _, step)| matches!(step, Step::Recognised { .. }))
    }

    fn shown(&self) -> bool {
        matches!(self.case.exposure(), Exposure::Shown { .. })
    }

    fn shown_as_finding(&self) -> bool {
        matches!(self.case.exposure(), Exposure::Shown { interim: false, .. })
    }

    /// The decisions with the notice each rests on: place, instant, notice.
    fn notice_before(&self, place: usize) -> Option<(usize, Instant, &Notice)> {
        self.steps().rev().skip_while(|(at, ..)| *at >= place).find_map(|(place, at, step)| {
            match step {
                Step::NoticeServed(notice) => Some((place, at, &**notice)),
                _ => None,
            }
        })
    }

    fn record_decision(&self) -> Option<(usize, Instant, &Upheld)> {
        self.steps().find_map(|(place, at, step)| match step {
            Step::DecisionUpheld(upheld)
                if self
                    .notice_before(place)
                    .is_some_and(|(_, _, notice)| notice.purpose == Purpose::Record) =>
            {
                Some((place, at, &**upheld))
            }
            _ => None,
        })
    }

    /// The last instant until which a standstill had to last.
    fn standstill_until(&self) -> Option<Instant> {
        self.steps().rev().find_map(|(place, _, step)| match step {
            Step::PrecheckOpened { standstill_until, .. }
            | Step::FlagCleared { standstill_until, .. }
            | Step::StayLifted { standstill_until: Some(standstill_until), .. } => {
                Some(*standstill_until)
            }
            Step::DecisionUpheld(upheld)
                if self
                    .notice_before(place)
                    .is_some_and(|(_, _, notice)| notice.purpose == Purpose::Record) =>
            {
                Some(upheld.standstill_until)
            }
            _ => None,
        })
    }
}

fn i01_public_in_two_states_only(view: &View<'_>) -> bool {
    match view.case.exposure() {
        Exposure::Nothing => true,
        Exposure::Shown { .. } => {
            matches!(view.case.state(), State::Published | State::Objected)
        }
        Exposure::CorrectedTombstone => view.case.state() == State::Corrected,
        Exposure::WithdrawnTombstone(_) => view.case.state() == State::Withdrawn,
    }
}

/// Notice, the whole time to answer (or its waiver, or nothing left of it), decision, standstill.
fn i02_hosted_is_heard_before_it_is_seen(view: &View<'_>) -> bool {
    let is_hosted = view.revision().mode == Mode::Hosted && view.is_adverse() && !view.is_mirror();
    for (place, at, step) in view.steps() {
        if let Step::NoticeServed(notice) = step {
            // Time to answer never runs before the registry knows of the notice.
            let full = view.law.last_day(PeriodKey::Represent, view.law.today(at));
            if notice.window_ends_at < view.law.zone().end_of(full) {
                return false;
            }
        }
        let decides = matches!(
            step,
            Step::DecisionUpheld(_) | Step::Extended { .. } | Step::RepairRevoked { .. }
        );
        if decides && !was_heard(view, place, at) {
            return false;
        }
    }
    if !is_hosted || !view.shown_as_finding() {
        return true;
    }
    view.record_decision().is_some()
        && view.standstill_until().is_some_and(|until| until <= view.now)
}

fn was_heard(view: &View<'_>, place: usize, at: Instant) -> bool {
    let Some((noticed, _, notice)) = view.notice_before(place) else { return false };
    let between: Vec<&Step> =
        view.steps().filter(|(at, ..)| noticed < *at && *at < place).map(|(_, _, s)| s).collect();
    let waived = between.iter().rev().find_map(|step| match step {
        Step::WindowWaived => Some(true),
        Step::WaiverRevoked => Some(false),
        _ => None,
    });
    let hearing = between.iter().rev().find_map(|step| match step {
        Step::HearingRequested { .. } => Some(false),
        Step::HearingClosed { .. } | Step::HearingWithdrawn => Some(true),
        _ => None,
    });
    let was_answerable = at >= notice.window_ends_at || waived == Some(true);
    was_answerable && hearing.unwrap_or(true)
}

fn i03_imported_is_attested_and_checked(view: &View<'_>) -> bool {
    let revision = view.revision();
    let applies = revision.mode == Mode::ImportedFinal && view.is_adverse() && !view.is_mirror();
    if !applies || !view.shown() {
        return true;
    }
    let given: BTreeSet<Attestation> = revision
        .attestations
        .iter()
        .filter(|given| !given.reference.is_empty())
        .map(|given| given.attestation)
        .collect();
    let was_told = view.steps().any(|(_, _, step)| matches!(step, Step::PrecheckOpened { .. }));
    given.len() == 6 && was_told && view.standstill_until().is_some_and(|until| until <= view.now)
}

fn i04_ends_lawfully(view: &View<'_>) -> bool {
    if !view.is_adverse() || !matches!(view.case.phase, Phase::Published { .. }) {
        return true;
    }
    let extensions = view.steps().filter_map(|(_, _, step)| match step {
        Step::Extended { end, .. } => Some(*end),
        _ => None,
    });
    let conduct_to = view.revision().conduct.map(|conduct| conduct.to);
    let severity = view.case.revision.severity;
    let is_beyond = |end| {
        let latest = |start| view.law.latest_end(view.entry(), severity, start, conduct_to);
        view.case.term.start.is_none_or(|start| end > latest(start))
    };
    if extensions.into_iter().any(is_beyond) {
        return false;
    }
    let (Some(end_at), Some(start)) = (view.case.term.end_at, view.case.term.start) else {
        return view.is_mirror() && view.case.term.end_at.is_some()
            || matches!(view.case.term.end, Some(End::Indefinite { .. }))
                && view.entry().indefinite.is_some();
    };
    if view.is_mirror() {
        return true;
    }
    let to = view.revision().conduct.map(|conduct| conduct.to);
    let latest = view.law.latest_end(view.entry(), view.case.revision.severity, start, to);
    let says = match &view.case.term.end {
        Some(End::On(last)) => view.law.zone().end_of(*last) == end_at,
        _ => false,
    };
    end_at <= view.law.zone().end_of(latest) && says && view.case.has_lawful_end()
}

fn i05_ceiling(view: &View<'_>) -> bool {
    let (Some(ceiling), Some(conduct), Some(end_at)) =
        (&view.entry().ceiling, view.revision().conduct, view.case.term.end_at)
    else {
        return true;
    };
    let latest = ceiling.last_day(conduct.to, &view.law.rules.calendar).unwrap();
    view.is_mirror() || end_at <= view.law.zone().end_of(latest)
}

fn i06_absent_from_its_end_on(view: &View<'_>) -> bool {
    let Some(end_at) = view.case.term.end_at else { return true };
    let is_over = |at: Instant| at >= end_at;
    let seen_at = |at: Instant| matches!(view.case.as_of(at).exposure(), Exposure::Shown { .. });
    // An extension that was decided holds from its own instant on.
    let extended = view.case.term.extension.is_some();
    let late = !extended && seen_at(end_at.max(view.now));
    let early = is_over(view.now) && view.shown();
    !(early || late)
}

/// The end only moves by an extension after a whole chain, by a repair taken back within the first
/// decision, or by a court's order about stayed time within the law (which I-04 bounds).
fn i07_nothing_makes_an_end_later(view: &View<'_>) -> bool {
    let mut end: Option<Instant> = None;
    let mut original: Option<Instant> = None;
    let mut case: Option<Case> = None;
    let mut extended: Option<Instant> = None;
    for (place, (at, event)) in view.history.iter().enumerate() {
        match &mut case {
            None => case = Case::begin(*at, event),
            Some(case) => case.apply(*at, event),
        }
        let now = case.as_ref().and_then(|case| case.term.end_at);
        let noticed = view.notice_before(place).map(|(_, _, notice)| notice.purpose);
        let may_be = match &event.step {
            Step::Submitted(_) => true,
            Step::DecisionUpheld(_) if noticed == Some(Purpose::Record) => {
                original = now;
                true
            }
            Step::Extended { end_at, .. } => {
                extended = Some(*end_at);
                noticed == Some(Purpose::Extension)
            }
            Step::RepairRevoked { .. } => now <= original.max(extended),
            Step::StayLifted { .. } => event.actor == Actor::Court || now == end,
            _ => now <= end || now == extended,
        };
        if original.is_none() {
            original = now;
        }
        if !may_be && now > end {
            return false;
        }
        end = now;
    }
    view.case.term.end_at <= end || view.case.term.end_at == extended
}

fn i08_term_begins_with_the_decision(view: &View<'_>) -> bool {
    let is_imported = view.revision().mode == Mode::ImportedFinal && view.is_adverse();
    let decided = view.revision().decision.as_ref().map(|decision| decision.date);
    !is_imported || view.is_mirror() || view.case.term.start == decided
}

fn i09_never_accepted_after_its_end(view: &View<'_>) -> bool {
    let (submitted, _) = view.history[0];
    view.revision().end_at.is_none_or(|end_at| submitted < end_at)
}

fn i10_minor_is_unpublished(view: &View<'_>) -> bool {
    let is_minor = view.case.revision.severity == Some(Severity::Minor);
    let may = view.entry().term(Some(Severity::Minor)).is_some_and(|term| term.published);
    !is_minor || may || view.case.exposure() == Exposure::Nothing
}

fn i12_one_successor_one_live_head(view: &View<'_>) -> bool {
    let successors: Vec<_> = view
        .steps()
        .filter_map(|(_, _, step)| match step {
            Step::Corrected { successor, .. } => Some(*successor),
            _ => None,
        })
        .collect();
    let Some(other) = view.other else { return successors.len() <= 1 };
    let is_pair = other.revision.predecessor == Some(view.case.record);
    let is_named = successors.iter().all(|successor| *successor == other.record || !is_pair);
    // The successor goes on only once it has taken the place of this one.
    let is_on_its_way =
        other.is_in_effect() || matches!(other.phase, Phase::InChain | Phase::Standstill { .. });
    let both = is_pair && view.case.is_in_effect() && is_on_its_way;
    successors.len() <= 1 && is_named && !both && other.revision.predecessor != Some(other.record)
}

fn i13_withdrawn_is_gone(view: &View<'_>) -> bool {
    let withdrawn = view.steps().any(|(_, _, step)| matches!(step, Step::Withdrawn { .. }));
    !withdrawn || (!view.shown() && !view.case.counts())
}

fn i14_tombstones_end(view: &View<'_>) -> bool {
    let until = view.steps().rev().find_map(|(_, at, step)| match step {
        Step::Withdrawn { tombstone_until, .. } | Step::Corrected { tombstone_until, .. } => {
            Some((at, *tombstone_until))
        }
        _ => None,
    });
    let is_tombstone = matches!(
        view.case.exposure(),
        Exposure::CorrectedTombstone | Exposure::WithdrawnTombstone(_)
    );
    match until {
        None => !is_tombstone,
        Some((at, until)) => {
            let kept = view.law.last_day(PeriodKey::TombstoneKeep, view.law.today(at));
            until <= view.law.zone().end_of(kept) && !(is_tombstone && view.now >= until)
        }
    }
}

fn i15_repair_and_expiry_leave_nothing(view: &View<'_>) -> bool {
    let repaired = view.steps().rev().find_map(|(_, _, step)| match step {
        Step::RepairGranted | Step::ReleasedEarly { .. } => Some(true),
        Step::RepairRevoked { .. } => Some(false),
        _ => None,
    });
    let is_over = repaired == Some(true) || matches!(view.case.state(), State::Expired);
    let beside = view.case.exposure_beside(view.other);
    let successor_over = view.other.is_some_and(|other| {
        other.revision.predecessor == Some(view.case.record)
            && matches!(other.state(), State::Repaired | State::Expired | State::Erased)
    });
    let tells = is_over && view.case.exposure() != Exposure::Nothing;
    let successor_tells = successor_over && beside == Exposure::CorrectedTombstone;
    !(tells || successor_tells)
}

fn i16_refusals_of_repair_name_listed_conditions(view: &View<'_>) -> bool {
    view.steps().all(|(_, _, step)| match step {
        Step::RepairRefused { unmet, .. } => {
            let listed = view.entry().repair.as_ref().map_or(&[][..], |rule| &rule.conditions[..]);
            !unmet.is_empty()
                && unmet.iter().all(|key| listed.iter().any(|condition| condition.key == *key))
        }
        _ => true,
    })
}

fn i17_repair_is_free(_: &View<'_>) -> bool {
    case::repair::FEE == 0
}

fn i18_measures_end_with_repair(view: &View<'_>) -> bool {
    let repaired = view.history.last().is_some_and(|(_, event)| {
        matches!(event.step, Step::RepairGranted | Step::ReleasedEarly { .. })
    });
    !repaired || view.case.measures_in_force().next().is_none()
}

/// The last objection that was filed and not answered by a rejection: filed at, to answer by.
fn open_objection(view: &View<'_>) -> Option<Instant> {
    let mut open = None;
    for (_, _, step) in view.steps() {
        match step {
            Step::ObjectionFiled { decide_by, .. }
            | Step::ObjectionExtended { decide_by }
            | Step::ObjectionEscalated { decide_by } => open = Some(*decide_by),
            Step::ObjectionRejected { .. } => open = None,
            // What ended in the subject's favour left nothing to object to.
            Step::RepairGranted | Step::ReleasedEarly { .. } => open = None,
            _ => {}
        }
    }
    open
}

fn i20_marked_from_the_objection_on(view: &View<'_>) -> bool {
    match view.case.exposure() {
        Exposure::Shown { objected, .. } => objected == open_objection(view).is_some(),
        _ => true,
    }
}

fn i21_nobody_takes_an_appeal_away(view: &View<'_>) -> bool {
    let mut appeal: Option<Instant> = None;
    let mut open_by_subject = false;
    for (at, event) in view.history {
        match &event.step {
            Step::ObjectionRejected { appeal_until, .. } => {
                (appeal, open_by_subject) = (*appeal_until, false);
            }
            Step::ObjectionFiled { .. } if event.actor == Actor::ThirdParty => {
                if open_by_subject || appeal.is_some_and(|until| *at < until) {
                    return false;
                }
                appeal = None;
            }
            Step::ObjectionFiled { .. } => (appeal, open_by_subject) = (None, true),
            Step::ObjectionEscalated { .. } => (appeal, open_by_subject) = (None, true),
            Step::RepairGranted | Step::ReleasedEarly { .. } => {
                (appeal, open_by_subject) = (None, false);
            }
            _ => {}
        }
    }
    true
}

fn i22_an_unanswered_objection_hides(view: &View<'_>) -> bool {
    let is_late = open_objection(view).is_some_and(|decide_by| decide_by <= view.now);
    !is_late || (!view.shown() && !view.case.counts())
}

fn i23_objections_are_decided_by_others(view: &View<'_>) -> bool {
    let mut before: BTreeSet<&str> = BTreeSet::new();
    let mut level = 0;
    for (_, event) in view.history {
        let account = event.actor.account();
        match &event.step {
            Step::ObjectionFiled { .. } => level = 1,
            Step::ObjectionEscalated { .. } => level = 2,
            Step::ObjectionRejected { .. } => {
                let role = if level == 2 { "reviewer" } else { "authority" };
                if event.actor.key() != role || account.is_some_and(|who| before.contains(who)) {
                    return false;
                }
            }
            _ => {}
        }
        let decides = matches!(
            event.step,
            Step::Submitted(_)
                | Step::DecisionUpheld(_)
                | Step::DecisionNotUpheld { .. }
                | Step::InterimPublished { .. }
                | Step::Extended { .. }
                | Step::RepairRevoked { .. }
        );
        if decides || event.actor.key() == "reviewer" {
            before.extend(account);
        }
    }
    true
}

fn i24_no_outcome_worse_than_noticed(view: &View<'_>) -> bool {
    view.steps().all(|(place, _, step)| {
        let Some((_, _, notice)) = view.notice_before(place) else { return true };
        let fits = |last: Option<domain::civil::Day>| {
            notice.end_max.is_none_or(|max| last.is_some_and(|last| last <= max))
        };
        match step {
            Step::DecisionUpheld(upheld) if notice.purpose == Purpose::Record => {
                let last = match &upheld.end {
                    End::On(last) => Some(*last),
                    End::Indefinite { .. } => None,
                };
                let is_noticed = |measure| notice.measures.contains(measure);
                upheld.severity <= notice.severity
                    && fits(last)
                    && upheld.measures.iter().all(is_noticed)
            }
            Step::Extended { end, .. } => fits(Some(*end)),
            Step::RepairRevoked { end_at, .. } => notice.end_max.is_none_or(|max| {
                end_at.is_some_and(|end_at| end_at <= view.law.zone().end_of(max))
            }),
            _ => true,
        }
    })
}

/// Noticed with the successor's name, decided after that, its standstill over, by two reviewers;
/// and only to the one of the fixture that may have such a record.
fn i31_moved_by_decision_only(view: &View<'_>) -> bool {
    let mut organisation = view.history[0].1.organisation;
    let (mut noticed, mut decided, mut first) = (None, None, None);
    for (place, (at, event)) in view.history.iter().enumerate() {
        match &event.step {
            Step::NoticeServed(notice) if notice.purpose == Purpose::Imputation => {
                (noticed, decided, first) = (notice.successor, None, None);
                // A union may have a permit, and nothing that speaks against it.
                let fits = |number| noticed == Some(super::law::organisation(number));
                if !fits(2) && (view.is_adverse() || !fits(3)) {
                    return false;
                }
            }
            Step::DecisionUpheld(upheld) => {
                let about = view.notice_before(place).map(|(_, _, notice)| notice.purpose);
                if about == Some(Purpose::Imputation) {
                    decided = Some(upheld.standstill_until);
                }
            }
            Step::ImputationReviewed { successor } => {
                if noticed != Some(*successor) || decided.is_none_or(|from| *at < from) {
                    return false;
                }
                first = event.actor.account();
            }
            Step::Imputed { successor, reference } => {
                let second = event.actor.account();
                let is_by_two = first.is_some() && second.is_some() && first != second;
                if reference.is_empty() || noticed != Some(*successor) || !is_by_two {
                    return false;
                }
                (organisation, decided, first) = (*successor, None, None);
            }
            _ => {}
        }
    }
    view.case.organisation == organisation
}

fn i32_entry_in_force_on_the_day(view: &View<'_>) -> bool {
    let decision = view.case.revision.decision.as_ref();
    decision.is_none_or(|decision| view.entry().is_in_force(decision.date))
}

fn i34_measures_only_as_noticed(view: &View<'_>) -> bool {
    let noticed = view.record_decision().and_then(|(place, ..)| view.notice_before(place));
    view.case
        .measures_in_force()
        .all(|measure| noticed.is_some_and(|(_, _, notice)| notice.measures.contains(measure)))
}

fn i37_measures_stop_with_the_record(view: &View<'_>) -> bool {
    let is_live = matches!(view.case.state(), State::Published | State::Objected);
    is_live || view.case.measures_in_force().next().is_none()
}

fn i43_replay_gives_the_same(view: &View<'_>) -> bool {
    let events = view.history.iter().map(|(at, event)| (*at, &**event));
    case::fold(events).is_some_and(|case| case.as_of(view.now) == *view.case)
}

fn i48_a_clock_that_goes_back_revives_nothing(view: &View<'_>) -> bool {
    let back = view.case.as_of(micros(view.now, -86_400_000_000));
    back == *view.case && back.exposure() == view.case.exposure()
}

fn i50_four_eyes(view: &View<'_>) -> bool {
    let officer = view.history[0].1.actor.account();
    view.history.iter().all(|(_, event)| {
        let takes_two = matches!(
            event.step,
            Step::DecisionUpheld(_)
                | Step::DecisionNotUpheld { .. }
                | Step::Extended { .. }
                | Step::RepairRevoked { .. }
                | Step::RepairGranted
                | Step::RepairRefused { .. }
                | Step::InterimPublished { .. }
                | Step::ReleasedEarly { .. }
                | Step::Corrected { .. }
                | Step::Withdrawn { .. }
                | Step::Abandoned
        );
        let is_authority = event.actor.key() == "authority";
        !(takes_two && is_authority && event.actor.account() == officer)
    })
}

fn i51_no_mirror_outlives_its_origin(view: &View<'_>) -> bool {
    let mut fresh = None;
    let mut ended = false;
    for (_, at, step) in view.steps() {
        match step {
            Step::Recognised { fresh_until, .. } | Step::OriginSeen { fresh_until } => {
                let longest = view.law.last_day(PeriodKey::PeerStale, view.law.today(at));
                if *fresh_until > view.law.zone().end_of(longest) {
                    return false;
                }
                fresh = Some(*fresh_until);
            }
            Step::OriginEnded => ended = true,
            _ => {}
        }
    }
    let is_silent = fresh.is_some_and(|until| until <= view.now);
    !(view.is_mirror() && (is_silent || ended) && view.shown())
}

fn i52_a_mirror_is_no_original(view: &View<'_>) -> bool {
    let acts_as_original = view.steps().any(|(_, _, step)| {
        matches!(
            step,
            Step::NoticeServed(_)
                | Step::Extended { .. }
                | Step::RepairApplied { .. }
                | Step::ReleasedEarly { .. }
                | Step::Imputed { .. }
        )
    });
    !(view.is_mirror() && acts_as_original) && view.case.mirror.is_some() == view.is_mirror()
}

fn i61_interim_is_lawful_bounded_and_no_finding(view: &View<'_>) -> bool {
    let Some((at, lapses_at)) = view.steps().find_map(|(_, at, step)| match step {
        Step::InterimPublished { lapses_at, .. } => Some((at, *lapses_at)),
        _ => None,
    }) else {
        return !matches!(view.case.exposure(), Exposure::Shown { interim: true, .. });
    };
    let Some(rule) = &view.entry().interim else { return false };
    let max = rule.max.last_day(view.law.today(at), &view.law.rules.calendar).unwrap();
    let is_bounded = lapses_at <= view.law.zone().end_of(max);
    let decided = view.record_decision().is_some();
    let fits = match view.case.exposure() {
        Exposure::Shown { interim: true, .. } => view.now < lapses_at && !view.case.counts(),
        // Shown as a finding only when it was decided.
        Exposure::Shown { interim: false, .. } => decided,
        _ => true,
    };
    is_bounded && fits
}

/// A flag without an answer, and no standstill ends over it.
fn t20_an_open_flag_stops_publication(view: &View<'_>) -> bool {
    let open = view.steps().rev().find_map(|(_, _, step)| match step {
        Step::ErrorFlagged { .. } => Some(true),
        Step::FlagCleared { .. } | Step::FlagUpheld => Some(false),
        _ => None,
    });
    !(open == Some(true) && view.shown_as_finding())
}

/// As many orders as were given have to be lifted before anything shows.
fn t32_every_order_has_to_be_lifted(view: &View<'_>) -> bool {
    let mut standing = 0_i32;
    for (_, _, step) in view.steps() {
        match step {
            Step::Stayed { .. } => standing += 1,
            Step::StayLifted { .. } => standing -= 1,
            // What ended and came back by T38 begins anew.
            Step::RepairRevoked { .. } => standing = 0,
            _ => {}
        }
    }
    standing >= 0 && !(standing > 0 && view.shown())
}

fn t48_nothing_held_is_destroyed(view: &View<'_>) -> bool {
    let mut held = false;
    for (_, _, step) in view.steps() {
        match step {
            Step::HoldPlaced { .. } => held = true,
            Step::HoldReleased { .. } => held = false,
            Step::Erased if held => return false,
            _ => {}
        }
    }
    true
}

/// What a party is told to come, the next first, is what time does next: no more, no less, and at
/// the same instant.
fn deadlines_told_are_those_that_time_keeps(view: &View<'_>) -> bool {
    let deadlines = view.case.deadlines();
    let is_sorted = deadlines.is_sorted_by_key(|deadline| (deadline.at, deadline.key));
    let told = deadlines.iter().filter(|deadline| deadline.at > view.case.at);
    let told: Vec<_> = told.filter_map(|deadline| Some((deadline.at, deadline.then?))).collect();
    let is_told = match view.case.next_clock_step() {
        None => told.is_empty(),
        Some(next) => told.contains(&next) && told.iter().all(|(at, _)| *at >= next.0),
    };
    is_sorted && is_told
}
