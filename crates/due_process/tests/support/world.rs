//! Records that live through the real rules, with their histories, and what was seen on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::case::{Actor, CaseEvent, Purpose, Severity, Step};
use domain::civil::Instant;
use domain::record::RecordType;
use domain::refusal::{Problem, Refusal};
use goodstanding_due_process::case::transitions::{self, Cause};
use goodstanding_due_process::case::{
    self, Case, Command, MirrorFacts, Setting, State, Submission, SubmissionFacts,
};

use super::law::{Law, decider, officer};
use super::moves::{SUCCESSORS, conditions, draft, imputation, outcome};

/// One record: its events and what they add up to.
#[derive(Clone)]
pub struct Track {
    pub history: Vec<(Instant, Rc<CaseEvent>)>,
    pub case: Case,
}

/// Records under one law at one instant.
#[derive(Clone)]
pub struct World<'l> {
    pub law: &'l Law,
    pub now: Instant,
    pub tracks: Vec<Track>,
}

/// What was seen: transitions, states, refusals by command.
#[derive(Default)]
pub struct Seen {
    pub transitions: BTreeMap<&'static str, u64>,
    pub states: BTreeSet<State>,
    pub refusals: BTreeSet<(&'static str, Refusal)>,
    /// Steps that the table of transitions does not have.
    pub off_table: BTreeSet<String>,
}

impl<'l> World<'l> {
    pub fn new(law: &'l Law, now: Instant) -> World<'l> {
        World { law, now, tracks: Vec::new() }
    }

    /// The case evaluated for now.
    pub fn case(&self, index: usize) -> Case {
        self.tracks[index].case.as_of(self.now)
    }

    /// The other record of a correction, as the registry would look it up.
    fn counterpart(&self, index: usize, command: &Command) -> Option<&Case> {
        let wanted = match command {
            Command::Correct { successor } => Some(*successor),
            _ => self.tracks[index].case.revision.predecessor,
        }?;
        self.tracks.iter().map(|track| &track.case).find(|case| case.record == wanted)
    }

    /// What the rules say to a command now, without doing it.
    pub fn ask(
        &self,
        index: usize,
        actor: &Actor,
        command: &Command,
    ) -> Result<Vec<CaseEvent>, Vec<Problem>> {
        let case = &self.tracks[index].case;
        let setting = Setting {
            actor,
            now: self.now,
            entry: self.law.entry(&case.revision.entry),
            rules: &self.law.rules,
            counterpart: self.counterpart(index, command),
        };
        case::decide(case, command, &setting)
    }

    /// Does it; events are committed at now, which is never before the last of the case.
    pub fn act(
        &mut self,
        index: usize,
        actor: &Actor,
        command: &Command,
        seen: &mut Seen,
    ) -> Result<(), Vec<Problem>> {
        match self.ask(index, actor, command) {
            Ok(events) => {
                self.commit(index, events, seen);
                Ok(())
            }
            Err(problems) => {
                let name = command.name();
                seen.refusals.extend(problems.iter().map(|problem| (name, problem.refusal)));
                Err(problems)
            }
        }
    }

    /// A new record.
    pub fn submit(
        &mut self,
        submission: &Submission,
        facts: &SubmissionFacts<'_>,
        actor: &Actor,
        seen: &mut Seen,
    ) -> Result<usize, Vec<Problem>> {
        let setting = self.setting_for(submission, actor);
        let events = case::submit(submission, facts, &setting).inspect_err(|problems| {
            seen.refusals.extend(problems.iter().map(|problem| ("Submit", problem.refusal)));
            seen.note("T03", None, State::Rejected);
        })?;
        Ok(self.begin(events, seen))
    }

    /// A record of a peer.
    pub fn recognise(
        &mut self,
        submission: &Submission,
        facts: &MirrorFacts<'_>,
        actor: &Actor,
        seen: &mut Seen,
    ) -> Result<usize, Vec<Problem>> {
        let setting = self.setting_for(submission, actor);
        let events = case::recognise(submission, facts, &setting).inspect_err(|problems| {
            seen.refusals.extend(problems.iter().map(|problem| ("Recognise", problem.refusal)));
        })?;
        Ok(self.begin(events, seen))
    }

    pub fn setting_for<'a>(&'a self, submission: &Submission, actor: &'a Actor) -> Setting<'a> {
        let entry = match submission.body.record_type() {
            RecordType::AdminPermit => &self.law.permit,
            _ => &self.law.penalty,
        };
        Setting { actor, now: self.now, entry, rules: &self.law.rules, counterpart: None }
    }

    fn begin(&mut self, events: Vec<CaseEvent>, seen: &mut Seen) -> usize {
        let case = Case::begin(self.now, &events[0]).expect("the first event is a submission");
        seen.note(transitions::of_event(None, &events[0]), None, case.state());
        let first = Rc::new(events[0].clone());
        self.tracks.push(Track { history: vec![(self.now, first)], case });
        let index = self.tracks.len() - 1;
        self.commit(index, events.into_iter().skip(1).collect(), seen);
        index
    }

    fn commit(&mut self, index: usize, events: Vec<CaseEvent>, seen: &mut Seen) {
        let track = &mut self.tracks[index];
        let at = self.now.max(track.case.at);
        seen.note_time(&track.case, at);
        for event in events {
            let before = track.case.as_of(at);
            track.case.apply(at, &event);
            let number = transitions::of_event(Some(&before), &event);
            let from = Some(before.state());
            // A resubmission is judged by the record it repeats; that is in its own history.
            seen.note(number, from, track.case.state());
            seen.note_role(number, &event);
            track.history.push((at, Rc::new(event)));
        }
    }

    /// Lets time pass, noting what it does.
    pub fn wait_until(&mut self, now: Instant, seen: &mut Seen) {
        for track in &self.tracks {
            seen.note_time(&track.case, now);
        }
        self.now = now;
    }
}

impl Seen {
    /// One step; the table of transitions has to have it.
    pub fn note(&mut self, number: &'static str, from: Option<State>, to: State) {
        *self.transitions.entry(number).or_default() += 1;
        self.states.insert(to);
        let Some(row) = transitions::transition(number) else {
            self.off_table.insert(format!("{number}: no such row"));
            return;
        };
        // What begins a record has no state before it; a hold and its release change none.
        let from_fits = from.is_none_or(|from| row.from.contains(&from));
        let unchanged = from == Some(to);
        if !from_fits || !(row.to.contains(&to) || (number == "T48" && unchanged)) {
            self.off_table.insert(format!("{number}: {from:?} -> {to:?}"));
        }
    }

    fn note_role(&mut self, number: &'static str, event: &CaseEvent) {
        let row = transitions::transition(number).expect("noted before");
        let is_batch = matches!(event.step, Step::ValidationPassed { .. });
        let fits = row.roles.iter().any(|role| role.fits(&event.actor));
        if !fits && !is_batch && row.cause != Cause::Clock {
            self.off_table.insert(format!("{number}: by {}", event.actor.key()));
        }
    }

    fn note_time(&mut self, case: &Case, until: Instant) {
        let mut state = case.state();
        let passed = case.passed(until);
        for (at, step) in &passed {
            let (to, number) = (case.as_of(*at).state(), transitions::of_clock(*step));
            // Of several things at one instant only the outcome of all can be seen.
            if passed.iter().filter(|(other, _)| other == at).count() > 1 {
                *self.transitions.entry(number).or_default() += 1;
            } else {
                self.note(number, Some(state), to);
            }
            state = to;
        }
        let to = case.as_of(until).state();
        if to == State::Retired && state != State::Retired {
            self.note("T46", Some(state), to);
        }
    }

    /// Refusals that the table of transitions does not list for the command.
    pub fn unlisted_refusals(&self) -> Vec<String> {
        let listed = |name: &str, refusal: &Refusal| {
            case::TRANSITIONS.iter().any(|row| {
                matches!(row.cause, Cause::Commands(names) if names.contains(&name))
                    && row.refusals.contains(refusal)
            })
        };
        self.refusals
            .iter()
            .filter(|(name, refusal)| {
                !transitions::ALWAYS.contains(refusal) && !listed(name, refusal)
            })
            .map(|(name, refusal)| format!("{name}: {} {}", refusal.number(), refusal.name()))
            .collect()
    }

    /// Transitions of the table that were not seen.
    pub fn missing(&self) -> Vec<&'static str> {
        case::TRANSITIONS
            .iter()
            .filter(|row| row.cause != Cause::Elsewhere)
            .map(|row| row.number)
            .filter(|number| !self.transitions.contains_key(number))
            .collect()
    }
}

/// Does it, or the fixture is wrong.
pub fn must(world: &mut World<'_>, actor: &Actor, command: &Command, seen: &mut Seen) {
    if let Err(problems) = world.act(world.tracks.len() - 1, actor, command, seen) {
        panic!("{}: {problems:?}", command.name());
    }
}

/// A hosted penalty that was noticed, waived, decided for six months and is in effect.
pub fn published<'l>(empty: &World<'l>) -> World<'l> {
    let (mut world, mut seen) = (empty.clone(), Seen::default());
    let law = world.law;
    let facts = law.facts(Some(Severity::General));
    world.submit(&law.hosted(1), &facts, &decider(9), &mut seen).unwrap();
    let today = law.today(world.now);
    let notice = draft(Purpose::Record, today.plus_months(7), today);
    must(&mut world, &officer(1), &Command::ServeNotice(notice), &mut seen);
    must(&mut world, &Actor::Subject, &Command::Waive, &mut seen);
    let decision = outcome(today.plus_months(6), 0, today);
    must(&mut world, &decider(1), &Command::Uphold(decision), &mut seen);
    let until = world.case(0).next_boundary().unwrap();
    world.wait_until(until, &mut seen);
    world
}

/// A permit in effect.
pub fn permitted<'l>(empty: &World<'l>) -> World<'l> {
    let (mut world, mut seen) = (empty.clone(), Seen::default());
    let today = world.law.today(world.now);
    let submission = world.law.permitted(1, today);
    world.submit(&submission, &world.law.facts(None), &decider(9), &mut seen).unwrap();
    must(&mut world, &Actor::Registry, &Command::PublishNeutral, &mut seen);
    world
}

/// A penalty that was repaired after its shortest term.
pub fn repaired<'l>(empty: &World<'l>) -> World<'l> {
    let (mut world, mut seen) = (published(empty), Seen::default());
    let start = world.tracks[0].case.term.start.unwrap();
    world.wait_until(world.law.zone().end_of(start.plus_months(3)), &mut seen);
    let apply = Command::ApplyRepair { conditions: conditions(), text: "Done.".into() };
    must(&mut world, &Actor::Subject, &apply, &mut seen);
    must(&mut world, &decider(1), &Command::GrantRepair, &mut seen);
    world
}

/// A record of a peer, fresh for as long as the pack allows.
pub fn mirrored(world: &mut World<'_>, seen: &mut Seen) -> Result<usize, Vec<Problem>> {
    let law = world.law;
    let rule = super::explore::recognition();
    let submission = law.imported(1, law.today(world.now));
    let far = world.now.plus_hours(24 * 365);
    let facts = MirrorFacts {
        submission: law.facts(Some(Severity::General)),
        origin: "registry.example.org/log",
        position: 7,
        stands: true,
        is_original: true,
        rule: &rule,
        unmet: &[],
        fresh_until: far,
    };
    let mut submission = submission;
    submission.severity = Some(Severity::General);
    world.recognise(&submission, &facts, &Actor::Registry, seen)
}

/// A hosted penalty with a hearing that was asked for.
pub fn heard<'l>(empty: &World<'l>) -> World<'l> {
    let (mut world, mut seen) = (empty.clone(), Seen::default());
    let law = world.law;
    let facts = law.facts(Some(Severity::General));
    world.submit(&law.hosted(1), &facts, &decider(9), &mut seen).unwrap();
    let today = law.today(world.now);
    let notice = draft(Purpose::Record, today.plus_months(7), today);
    must(&mut world, &officer(1), &Command::ServeNotice(notice), &mut seen);
    must(&mut world, &Actor::Subject, &Command::RequestHearing, &mut seen);
    world
}

/// A penalty that was decided to belong to a successor, after its standstill.
pub fn imputed<'l>(empty: &World<'l>) -> World<'l> {
    let (mut world, mut seen) = (published(empty), Seen::default());
    let (case, today) = (world.case(0), world.law.today(world.now));
    let notice = imputation(&case, SUCCESSORS[0], today);
    must(&mut world, &officer(1), &Command::ServeNotice(notice), &mut seen);
    let until = world.case(0).chain.unwrap().window_ends_at;
    world.wait_until(until, &mut seen);
    let today = world.law.today(world.now);
    let decision = outcome(today, 0, today);
    must(&mut world, &decider(1), &Command::Uphold(decision), &mut seen);
    let until = world.case(0).imputation.unwrap().from;
    world.wait_until(until, &mut seen);
    world
}

/// A penalty that stands before it was decided.
pub fn interim<'l>(empty: &World<'l>) -> World<'l> {
    let (mut world, mut seen) = (empty.clone(), Seen::default());
    let facts = world.law.facts(Some(Severity::General));
    let submission = world.law.hosted(1);
    world.submit(&submission, &facts, &decider(9), &mut seen).unwrap();
    let publish = Command::PublishInterim {
        need: "risk to water".into(),
        service: "portal".into(),
        served_days: 0,
    };
    must(&mut world, &decider(1), &publish, &mut seen);
    world
}
