//! Bounded model check over the real rules: every order of everything worth trying, with a clock
//! that moves to the instants that matter, to a depth, with every invariant checked on arrival.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use domain::case::{CatalogueKey, Severity};
use domain::civil::Instant;
use goodstanding_due_process::case::{Case, ChainStage, ObjectionLevel, Phase};

use super::invariants::{View, broken};
use super::law::{Law, decider, instant, micros};
use super::moves::moves;
use super::oracle::{Public, public_at};
use super::world::{Seen, Track, World};

/// What an exploration found.
#[derive(Default)]
pub struct Explored {
    pub states: u64,
    pub steps: u64,
    pub seen: Seen,
    /// The first breaches, with the way to them.
    pub breaches: Vec<String>,
}

/// How far to look.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub depth: u8,
    /// Stop after this many distinct states; none for all.
    pub states_max: Option<u64>,
    /// Stop at the first breach.
    pub is_hunt: bool,
}

/// Explores from `world`.
pub fn explore(world: &World<'_>, bounds: Bounds) -> Explored {
    let mut search =
        Search { bounds, known: HashMap::new(), found: Explored::default(), path: Vec::new() };
    search.arrive(world, bounds.depth);
    search.found.states = search.known.len() as u64;
    search.found
}

/// Where the explorations begin: an empty registry, and registries in which a record has come far.
pub fn beginnings(law: &Law) -> Vec<(&'static str, World<'_>)> {
    let now = instant("2026-03-02T01:00:00Z");
    let empty = World::new(law, now);
    let mut beginnings = vec![("nothing on record", empty.clone())];
    let published = super::world::published(&empty);
    beginnings.push(("a decided record in effect", published));
    beginnings.push(("a record in effect whose shortest term is over", {
        let mut world = super::world::published(&empty);
        let start = world.tracks[0].case.term.start.unwrap();
        let mut seen = Seen::default();
        world.wait_until(law.zone().end_of(start.plus_months(3)), &mut seen);
        world
    }));
    beginnings.push(("a hearing that was asked for", super::world::heard(&empty)));
    beginnings.push(("an imputation that was decided", super::world::imputed(&empty)));
    beginnings.push(("an interim record", super::world::interim(&empty)));
    beginnings.push(("a permit in effect", super::world::permitted(&empty)));
    beginnings.push(("a repaired record", super::world::repaired(&empty)));
    beginnings
}

struct Search {
    bounds: Bounds,
    /// Fingerprint of a state: the depth still to go when it was looked at.
    known: HashMap<u128, u8>,
    found: Explored,
    path: Vec<String>,
}

impl Search {
    fn is_done(&self) -> bool {
        let is_full = self.bounds.states_max.is_some_and(|max| self.known.len() as u64 >= max);
        is_full
            || (self.bounds.is_hunt && !self.found.breaches.is_empty())
            || self.found.breaches.len() >= 5
    }

    fn arrive(&mut self, world: &World<'_>, depth: u8) {
        self.found.steps += 1;
        self.check(world);
        let fingerprint = fingerprint(world);
        match self.known.get(&fingerprint) {
            Some(looked) if *looked >= depth => return,
            _ => self.known.insert(fingerprint, depth),
        };
        if depth == 0 || self.is_done() {
            return;
        }
        self.submissions(world, depth);
        for index in 0..world.tracks.len() {
            for (actor, command) in moves(world, index) {
                if self.is_done() {
                    return;
                }
                let mut next = world.clone();
                if next.act(index, &actor, &command, &mut self.found.seen).is_ok() {
                    self.path.push(format!("{index} {} {}", actor.key(), command.name()));
                    self.arrive(&next, depth - 1);
                    self.path.pop();
                }
            }
        }
        for now in instants(world) {
            let mut next = world.clone();
            next.wait_until(now, &mut self.found.seen);
            self.path.push(format!("wait until {now}"));
            self.arrive(&next, depth - 1);
            self.path.pop();
        }
    }

    fn submissions(&mut self, world: &World<'_>, depth: u8) {
        let today = world.law.today(world.now);
        let mut offers = Vec::new();
        if world.tracks.is_empty() {
            offers.extend([
                ("hosted", world.law.hosted(1), Some(Severity::General)),
                ("imported", world.law.imported(1, today), Some(Severity::General)),
                ("minor", world.law.imported(1, today), Some(Severity::Minor)),
                ("permit", world.law.permitted(1, today), None),
                ("one too many", world.law.hosted(1), Some(Severity::General)),
            ]);
            offers[2].1.end = Some(domain::civil::End::On(today.plus_months(2)));
            let mut mirror = world.clone();
            if super::world::mirrored(&mut mirror, &mut self.found.seen).is_ok() {
                self.path.push("recognise".into());
                self.arrive(&mirror, depth - 1);
                self.path.pop();
            }
        } else if world.tracks.len() == 1 {
            let predecessor = Some(world.tracks[0].case.record);
            let mut next = match world.tracks[0].case.is_adverse() {
                true => world.law.imported(2, today),
                false => world.law.permitted(2, today),
            };
            next.predecessor = predecessor;
            let severity = world.tracks[0].case.is_adverse().then_some(Severity::General);
            offers.push(("successor", next, severity));
            let failed = world.case(0);
            if matches!(failed.phase, Phase::Rejected { .. } | Phase::NotUpheld { .. }) {
                let mut again = world.law.hosted(2);
                again.resubmission_of = predecessor;
                offers.push(("again", again, Some(Severity::General)));
            }
        }
        for (name, submission, severity) in offers {
            let first = world.tracks.first().map(|track| track.case.clone());
            let mut facts = world.law.facts(severity);
            facts.above_rate = name == "one too many";
            facts.predecessor = first.as_ref();
            facts.resubmission_of = first.as_ref();
            let mut next = world.clone();
            let by = decider(9);
            if next.submit(&submission, &facts, &by, &mut self.found.seen).is_ok() {
                self.path.push(format!("submit {name}"));
                self.arrive(&next, depth - 1);
                self.path.pop();
            }
        }
    }

    fn check(&mut self, world: &World<'_>) {
        for problem in problems(world) {
            self.found.breaches.push(format!("{problem} after {}", self.path.join("; ")));
        }
    }
}

/// Everything that is wrong with a world: invariants, and what the oracle says of what is public.
pub fn problems(world: &World<'_>) -> Vec<String> {
    let cases: Vec<Case> = (0..world.tracks.len()).map(|index| world.case(index)).collect();
    let mut problems = Vec::new();
    for (index, track) in world.tracks.iter().enumerate() {
        let other = cases.iter().enumerate().find(|(at, _)| *at != index).map(|(_, case)| case);
        problems.extend(track_problems(world, track, &cases[index], other));
    }
    problems
}

pub fn track_problems(
    world: &World<'_>,
    track: &Track,
    case: &Case,
    other: Option<&Case>,
) -> Vec<String> {
    let now = world.now.max(track.case.at);
    let view = View { law: world.law, history: &track.history, case, now, other };
    let mut problems: Vec<String> = broken(&view).into_iter().map(str::to_owned).collect();
    let (says, knows) = (exposed(case), public_at(&track.history, now));
    if says != knows {
        problems.push(format!("oracle: rules say {says:?}, intervals say {knows:?}"));
    }
    problems
}

/// What the rules say, in the oracle's words.
pub fn exposed(case: &Case) -> Public {
    use goodstanding_due_process::case::Exposure;
    match case.exposure() {
        Exposure::Nothing => Public::Nothing,
        Exposure::Shown { objected, interim } => Public::Content { objected, interim },
        Exposure::CorrectedTombstone => Public::Corrected,
        Exposure::WithdrawnTombstone(reason) => Public::Withdrawn(reason),
    }
}

/// The instants that matter next: just before, at and just after the next one of each record, and
/// the days on which something else becomes possible or is over.
pub fn instants(world: &World<'_>) -> Vec<Instant> {
    let mut instants = Vec::new();
    for index in 0..world.tracks.len() {
        let case = world.case(index);
        if let Some(next) = case.next_boundary() {
            instants.extend([micros(next, -1), next, micros(next, 1)]);
        }
        let zone = world.law.zone();
        if let Some(chain) = &case.chain {
            instants.extend(chain.hearing_until.map(|day| zone.end_of(day)));
            if let ChainStage::Hearing { on, .. } = chain.stage {
                instants.push(zone.start_of(on));
            }
        }
        if let Some(objection) = &case.objection
            && let ObjectionLevel::Appealable { until: Some(until) } = objection.level
        {
            instants.push(until);
        }
        instants.extend(case.interim.map(|interim| zone.end_of(interim.oppose_until)));
        instants.extend(case.term.start.map(|start| zone.start_of(start.plus_months(3))));
        instants.extend(case.withdrawal_from);
        instants.extend(case.imputation.as_ref().map(|imputation| imputation.from));
        instants.extend(case.erasable_from());
    }
    instants.retain(|at| *at > world.now);
    instants.sort_unstable();
    instants.dedup();
    instants
}

/// Two hashes with different beginnings, of everything a state consists of but its history.
pub fn fingerprint(world: &World<'_>) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        world.now.hash(&mut hasher);
        for index in 0..world.tracks.len() {
            hash_case(&world.case(index), &mut hasher);
        }
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}

fn hash_case(case: &Case, hasher: &mut DefaultHasher) {
    (case.is_imputed, &case.imputation, case.taken_down).hash(hasher);
    case.third_party_grounds.hash(hasher);
    (case.record, case.organisation, &case.phase, &case.chain, case.flag).hash(hasher);
    (case.interim, case.interim_since, case.opposed, &case.objection, &case.repair).hash(hasher);
    (&case.term, &case.measures, &case.officer, &case.deciders, &case.reviewers).hash(hasher);
    (&case.flags_raised, &case.statement, case.withdrawal_from).hash(hasher);
    (case.ceased_keep_until, case.hold, &case.mirror, case.was_public, case.at).hash(hasher);
    (case.revision.mode, case.revision.severity, case.revision.published).hash(hasher);
    case.revision.decision.as_ref().map(|decision| decision.date).hash(hasher);
}

/// A rule of recognition, for mirrored records.
pub fn recognition() -> CatalogueKey {
    CatalogueKey::new("zz.recognition").unwrap()
}
