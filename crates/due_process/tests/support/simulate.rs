//! Simulation from a seed: thousands of organisations with authorities that are late, silent, wrong
//! or malicious, roles that are forged, and a clock that jumps forward and back. After each step
//! the invariants hold and the oracle agrees, for now and for instants that are past.

use domain::case::{Actor, Severity};
use domain::civil::{End, Instant};
use goodstanding_due_process::case::{self, Case, Command, Phase};

use super::explore::{exposed, instants, track_problems};
use super::figures;
use super::law::{Law, decider, instant, micros, officer, reviewer};
use super::moves::moves;
use super::oracle::public_at;
use super::world::{Seen, World, imputed, mirrored, permitted, published, repaired};

/// SplitMix64: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// How an authority behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Acts in time, mostly.
    Diligent,
    /// Lets deadlines pass first.
    Late,
    /// Submits and is not heard of again.
    Silent,
    /// Everybody tries everything in any role.
    Malicious,
}

/// What a run found.
#[derive(Default)]
pub struct Simulated {
    pub operations: u64,
    pub organisations: u64,
    pub records: u64,
    pub events: u64,
    pub seen: Seen,
    pub breaches: Vec<String>,
}

/// Runs `operations` from `seed`, or until something breaks.
pub fn simulate(law: &Law, seed: u64, operations: u64) -> Simulated {
    let mut found = Simulated::default();
    let mut random = Random(seed);
    while found.operations < operations && found.breaches.is_empty() {
        found.organisations += 1;
        organisation(law, &mut random, &mut found);
    }
    found
}

fn organisation(law: &Law, random: &mut Random, found: &mut Simulated) {
    let manner = match random.below(10) {
        0..4 => Manner::Diligent,
        4..6 => Manner::Late,
        6..8 => Manner::Silent,
        _ => Manner::Malicious,
    };
    let began = micros(instant("2026-03-02T01:00:00Z"), (random.next() % (300 * DAY)) as i64);
    let mut world = World::new(law, began);
    match random.below(100) {
        0..8 => drop(mirrored(&mut world, &mut found.seen)),
        // Some have come far already, or few would come farther.
        8..20 => world = published(&world),
        20..30 => world = repaired(&world),
        30..35 => world = permitted(&world),
        35..38 => world = imputed(&world),
        _ => submit(&mut world, random, found),
    }
    let length = 10 + random.below(60);
    let mut way: Vec<String> = vec![format!("{manner:?}")];
    for _ in 0..length {
        if world.tracks.is_empty() {
            break;
        }
        let share = if manner == Manner::Late { 60 } else { 35 };
        if random.chance(share) {
            let now = jump(&world, random);
            found.operations += 1;
            way.push(format!("wait until {now}"));
            world.wait_until(now, &mut found.seen);
            check(&world, random, &way, found);
        } else {
            act(&mut world, manner, random, &mut way, found);
        }
        let stands = |case: &Case| matches!(case.phase, Phase::Published { .. } | Phase::Stayed(_));
        let fell =
            |case: &Case| matches!(case.phase, Phase::Rejected { .. } | Phase::NotUpheld { .. });
        if world.tracks.len() == 1 && random.chance(10) {
            let case = world.case(0);
            if stands(&case) || fell(&case) {
                way.push("submit another".into());
                submit(&mut world, random, found);
            }
        }
        if !found.breaches.is_empty() {
            return;
        }
    }
    found.records += world.tracks.len() as u64;
    found.events += world.tracks.iter().map(|track| track.history.len() as u64).sum::<u64>();
}

const DAY: u64 = 86_400_000_000;

/// Forward to what matters next, forward somewhere, or back.
fn jump(world: &World<'_>, random: &mut Random) -> Instant {
    let matters = instants(world);
    match random.below(10) {
        0..6 if !matters.is_empty() => matters[random.below(matters.len().min(4))],
        0..8 => micros(world.now, (random.next() % (40 * DAY)) as i64),
        8 => micros(world.now, (random.next() % (900 * DAY)) as i64),
        _ => micros(world.now, -((random.next() % (60 * DAY)) as i64)),
    }
}

/// A new record, or a successor of the one that stands.
fn submit(world: &mut World<'_>, random: &mut Random, found: &mut Simulated) {
    let today = world.law.today(world.now);
    let first = world.tracks.first().map(|_| world.case(0));
    let number = if first.is_some() { 2 } else { 1 };
    let is_neutral = first.as_ref().map_or(random.chance(20), |case| !case.is_adverse());
    let (mut submission, severity) = if is_neutral {
        (world.law.permitted(number, today), None)
    } else if random.chance(55) {
        (world.law.hosted(number), Some(Severity::General))
    } else if random.chance(10) {
        let mut minor = world.law.imported(number, today);
        minor.end = Some(End::On(today.plus_months(2)));
        (minor, Some(Severity::Minor))
    } else {
        (world.law.imported(number, today), Some(Severity::General))
    };
    let id = first.as_ref().map(|case| case.record);
    let mut facts = world.law.facts(severity);
    facts.above_rate = random.chance(8);
    if first
        .as_ref()
        .is_some_and(|case| matches!(case.phase, Phase::Rejected { .. } | Phase::NotUpheld { .. }))
    {
        submission.resubmission_of = id;
        facts.resubmission_of = first.as_ref();
    } else {
        submission.predecessor = id;
        facts.predecessor = first.as_ref();
    }
    found.operations += 1;
    let by = if random.chance(90) { decider(9) } else { anybody(random) };
    let _ = world.submit(&submission, &facts, &by, &mut found.seen);
}

fn anybody(random: &mut Random) -> Actor {
    match random.below(9) {
        0 => Actor::Subject,
        1 => Actor::ThirdParty,
        2 => Actor::Registry,
        3 => Actor::Court,
        4 => Actor::Peer,
        5 => reviewer(1 + random.below(2) as u8),
        6 => officer(1 + random.below(3) as u8),
        7 => decider(9),
        _ => decider(1 + random.below(3) as u8),
    }
}

/// A handful of commands from what is worth trying; the later ones may be stale already.
fn act(
    world: &mut World<'_>,
    manner: Manner,
    random: &mut Random,
    way: &mut Vec<String>,
    found: &mut Simulated,
) {
    let index = random.below(world.tracks.len());
    let offers = moves(world, index);
    for _ in 0..8 {
        let (mut actor, command) = offers[random.below(offers.len())].clone();
        let forges = if manner == Manner::Malicious { 40 } else { 5 };
        if random.chance(forges) {
            actor = anybody(random);
        }
        let is_authority = matches!(actor, Actor::Authority(_));
        if manner == Manner::Silent && is_authority && random.chance(90) {
            continue;
        }
        if rare(&command) && random.chance(75) {
            continue;
        }
        found.operations += 1;
        if world.act(index, &actor, &command, &mut found.seen).is_ok() {
            way.push(format!("{index} {} {}", actor.key(), command.name()));
            check(world, random, way, found);
            if !found.breaches.is_empty() {
                return;
            }
        }
    }
}

/// What ends a record would end most of them at once.
fn rare(command: &Command) -> bool {
    matches!(
        command,
        Command::Withdraw { .. }
            | Command::Correct { .. }
            | Command::Abandon
            | Command::NotUphold { .. }
            | Command::UpholdFlag
            | Command::CeaseSubject { .. }
            | Command::EndOrigin
            | Command::Stay { .. }
            | Command::ReleaseEarly { .. }
    )
}

fn check(world: &World<'_>, random: &mut Random, way: &[String], found: &mut Simulated) {
    let cases: Vec<Case> = (0..world.tracks.len()).map(|index| world.case(index)).collect();
    for (index, track) in world.tracks.iter().enumerate() {
        let other = cases.iter().enumerate().find(|(at, _)| *at != index).map(|(_, case)| case);
        let mut problems = track_problems(world, track, &cases[index], other);
        // The same question about an instant that is past, by what was known then.
        let began = track.history[0].0;
        let span = (world.now.micros() - began.micros()).max(1);
        let past = micros(began, (random.next() % span as u64) as i64);
        let known = track.history.iter().filter(|(at, _)| *at <= past);
        let then = case::fold(known.map(|(at, event)| (*at, &**event)))
            .map(|case| exposed(&case.as_of(past)));
        let knows = public_at(&track.history, past);
        if then != Some(knows) {
            problems.push(format!("oracle at {past}: rules {then:?}, intervals {knows:?}"));
        }
        problems.extend(figures::problems(&track.history, world.now, past));
        for problem in problems {
            found.breaches.push(format!("record {index}: {problem}\n  {}", way.join("\n  ")));
        }
    }
}
