//! Packs that are not adopted, run over every public file: who would gain or lose what, from which
//! day. What is asked is what `consult` asks, for every purpose, function and territory that a
//! measure names.
//!
//! **Invariant:** nothing is kept of an organisation but what is written out; memory grows with
//! their number only by its id.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;

use domain::case::{MeasureId, Territory};
use domain::civil::{Day, Instant, Zone};
use domain::ids::OrganisationId;
use domain::organisation::OrganisationKind;
use domain::record::RecordType;
use due_process::consult::{self, Override, Question};
use due_process::published::Published;
use due_process::recognition::Rules;
use intake::quarantine::neutralise;
use policy::Packs;
use policy::measure::{AddresseeRole, MeasureFamily, MeasureKind};
use serde_json::{Value, json};

use crate::adoption::{self, Candidate};
use crate::laws::{Laws, asked_at};
use crate::output::Failure;
use crate::registry::{AppError, Registry};

/// Threads that read files; each has readers of its own.
const THREADS: usize = 2;
/// Organisations a thread takes at a time, and results that may wait to be written.
const CHUNK: usize = 256;
const WAITING_MAX: usize = 1_024;

/// Whether something would be there that is not, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// It would follow under the draft only.
    Gains,
    /// It follows under the packs in force only.
    Loses,
}

impl Direction {
    /// The key in answers.
    pub const fn key(self) -> &'static str {
        match self {
            Direction::Gains => "gains",
            Direction::Loses => "loses",
        }
    }
}

/// One gain or loss.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Its main name.
    pub name: String,
    /// Which of both.
    pub direction: Direction,
    /// Which measure or incentive.
    pub measure: MeasureId,
    /// What kind of consequence.
    pub kind: MeasureKind,
    /// For what.
    pub purpose: MeasureFamily,
    /// In which function.
    pub role: AddresseeRole,
    /// Where.
    pub territory: Territory,
    /// From which day on.
    pub from: Day,
}

impl Line {
    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "organisation": self.organisation.to_string(),
            "name": self.name,
            "direction": self.direction.key(),
            "measure": self.measure.as_str(),
            "kind": self.kind.key(),
            "purpose": self.purpose.key(),
            "role": self.role.key(),
            "territory": self.territory.as_str(),
            "from": self.from.to_string(),
        })
    }

    /// In a sentence.
    pub fn to_text(&self) -> String {
        format!(
            "{} ({}) {} {} ({}) from {} on: {} for {} in {}",
            self.name,
            self.organisation,
            self.direction.key(),
            self.measure,
            self.kind.key(),
            self.from,
            self.purpose.key().replace('_', " "),
            self.role.key().replace('_', " "),
            self.territory,
        )
    }

    fn cells(&self) -> [String; 9] {
        // A name that a spreadsheet would run as a formula is shown as text.
        let name = neutralise(&self.name).into_owned();
        [
            self.organisation.to_string(),
            name,
            self.direction.key().to_owned(),
            self.measure.to_string(),
            self.kind.key().to_owned(),
            self.purpose.key().to_owned(),
            self.role.key().to_owned(),
            self.territory.to_string(),
            self.from.to_string(),
        ]
    }
}

const HEADINGS: [&str; 9] = [
    "organisation",
    "name",
    "direction",
    "measure",
    "kind",
    "purpose",
    "role",
    "territory",
    "from",
];

/// Where lines go: the first are kept, all are written.
pub struct Sink {
    kept: Vec<Line>,
    kept_max: usize,
    csv: Option<(PathBuf, csv::Writer<BufWriter<File>>)>,
}

impl Sink {
    /// Keeps `kept_max` lines and writes all to the file `csv`.
    pub fn new(csv: Option<&Path>, kept_max: usize) -> Result<Sink, Failure> {
        let csv = match csv {
            None => None,
            Some(path) => {
                let file = File::create(path).map_err(|error| Failure::file(path, &error))?;
                let mut writer = csv::Writer::from_writer(BufWriter::new(file));
                writer
                    .write_record(HEADINGS)
                    .map_err(|error| Failure::file(path, &io::Error::from(error)))?;
                Some((path.to_owned(), writer))
            }
        };
        Ok(Sink { kept: Vec::new(), kept_max, csv })
    }

    fn put(&mut self, line: Line) -> Result<(), Failure> {
        if let Some((path, writer)) = &mut self.csv {
            writer
                .write_record(line.cells())
                .map_err(|error| Failure::file(path, &io::Error::from(error)))?;
        }
        if self.kept.len() < self.kept_max {
            self.kept.push(line);
        }
        Ok(())
    }

    /// Closes the file and gives the lines kept.
    pub fn finish(mut self) -> Result<Vec<Line>, Failure> {
        if let Some((path, writer)) = &mut self.csv {
            writer.flush().map_err(|error| Failure::file(path, &error))?;
        }
        Ok(self.kept)
    }
}

/// The whole in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// The instant for which the files were read.
    pub as_of: Instant,
    /// Entries below this position are in them.
    pub position: u64,
    /// What the draft makes heavier would be used from then on.
    pub in_use_from: Instant,
    /// Organisations with public records that were looked at.
    pub organisations: u64,
    /// Organisations that would gain or lose something.
    pub affected: u64,
    /// Those of them with one owner: counted, not listed.
    pub not_listed: u64,
    /// Gains and losses, a line each, those not listed left out.
    pub lines: u64,
    /// Organisations by direction and measure, those not listed included.
    pub totals: BTreeMap<(Direction, MeasureId), u64>,
}

/// Runs `candidate` over every public file; `progress` hears of organisations done and in all.
pub fn run(
    registry: &Registry,
    candidate: &Candidate,
    sink: &mut Sink,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Simulated, Failure> {
    let now = registry.now();
    let laws = registry.laws()?;
    let in_use_from =
        adoption::in_use_from(&candidate.changed, &laws.at(now), now).map_err(Failure::refused)?;
    let draft = laws.with(&candidate.packs, now, in_use_from);
    let plan = Plan::new(&laws, &draft, now, in_use_from);
    let mut simulated = Simulated {
        as_of: now,
        position: registry.position()?,
        in_use_from,
        organisations: 0,
        affected: 0,
        not_listed: 0,
        lines: 0,
        totals: BTreeMap::new(),
    };
    let organisations = registry.all_organisations()?;
    let all = organisations.len() as u64;
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel(WAITING_MAX);
        for _ in 0..THREADS {
            let (send, organisations, plan) = (send.clone(), &organisations, &plan);
            let (next, done) = (&next, &done);
            scope.spawn(move || {
                loop {
                    let from = next.fetch_add(CHUNK, Ordering::Relaxed);
                    let Some(rest) = organisations.get(from..).filter(|rest| !rest.is_empty())
                    else {
                        return;
                    };
                    for (id, has_one_owner) in rest.iter().take(CHUNK) {
                        let found = plan.of(registry, *id, *has_one_owner);
                        let is_over = found.is_err();
                        // Nobody listens any more: another thread has failed.
                        if send.send(found).is_err() || is_over {
                            return;
                        }
                    }
                    let taken = rest.len().min(CHUNK) as u64;
                    progress(done.fetch_add(taken, Ordering::Relaxed) + taken, all);
                }
            });
        }
        drop(send);
        for found in receive {
            let Some(found) = found? else { continue };
            simulated.organisations += 1;
            if found.lines.is_empty() {
                continue;
            }
            simulated.affected += 1;
            let each: BTreeSet<_> =
                found.lines.iter().map(|line| (line.direction, line.measure.clone())).collect();
            for key in each {
                *simulated.totals.entry(key).or_default() += 1;
            }
            if found.has_one_owner {
                simulated.not_listed += 1;
                continue;
            }
            for line in found.lines {
                simulated.lines += 1;
                sink.put(line)?;
            }
        }
        Ok(simulated)
    })
}

/// One organisation with public records.
struct Found {
    has_one_owner: bool,
    lines: Vec<Line>,
}

/// What is asked about each organisation: the same questions under both laws, for each day on which
/// the answer may become another one.
struct Plan {
    /// Types of record that a measure follows from, before or after.
    types: BTreeSet<RecordType>,
    asked: BTreeSet<(MeasureFamily, AddresseeRole, Territory)>,
    /// Days with the packs in use on them: before, after.
    days: Vec<(Day, Packs, Packs)>,
}

impl Plan {
    fn new(before: &Laws, after: &Laws, now: Instant, in_use_from: Instant) -> Plan {
        let today = now.day_in(&Zone::UTC);
        let mut days = BTreeSet::from([today]);
        // The first day that begins when the notice is over, in whatever zone.
        days.insert(Instant::from_micros(in_use_from.micros() - 1).day_in(&Zone::UTC).next());
        for laws in [before, after] {
            let at_last = laws.at(in_use_from);
            days.extend(at_last.packs.measures().map(|measure| measure.first_use));
        }
        let in_use = |laws: &Laws, day: Day| laws.at(asked_at(day, now)).packs.clone();
        let days: Vec<_> = days
            .into_iter()
            .filter(|day| *day >= today)
            .map(|day| (day, in_use(before, day), in_use(after, day)))
            .collect();
        let each =
            || days.iter().flat_map(|(_, before, after)| before.measures().chain(after.measures()));
        let asked = each()
            .flat_map(|measure| {
                let addressed = measure.addressees.iter();
                addressed.map(|one| (measure.family, one.role, one.territory.clone()))
            })
            .collect();
        let types =
            each().flat_map(|it| it.grounds.iter().map(|ground| ground.record_type)).collect();
        Plan { types, asked, days }
    }

    /// `None` for an organisation without public records.
    fn of(
        &self,
        registry: &Registry,
        id: OrganisationId,
        has_one_owner: bool,
    ) -> Result<Option<Found>, AppError> {
        let (published, overrides) = registry.published_with_overrides(id)?;
        if published.is_empty() {
            return Ok(None);
        }
        let of_type = |record: &Published| self.types.contains(&record.facts().record_type);
        if !published.iter().any(of_type) {
            return Ok(Some(Found { has_one_owner, lines: Vec::new() }));
        }
        let Some(answer) = registry.file(id, None, None)? else { return Ok(None) };
        let name = &answer.file.name.text;
        let lines = self.compare(id, name, answer.file.kind, &published, &overrides);
        Ok(Some(Found { has_one_owner, lines }))
    }

    fn compare(
        &self,
        id: OrganisationId,
        name: &str,
        kind: OrganisationKind,
        published: &[Published],
        overrides: &[Override],
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut told = BTreeSet::new();
        for (purpose, role, territory) in &self.asked {
            for (on, before, after) in &self.days {
                let question = Question {
                    kind,
                    purpose: *purpose,
                    role: *role,
                    territory: territory.clone(),
                    on: *on,
                    addressee: None,
                };
                let follow = |packs: &Packs| -> BTreeMap<MeasureId, MeasureKind> {
                    let (measures, rules) = (packs.measures(), Rules::of(packs));
                    let found = consult::consult(published, &question, measures, overrides, &rules);
                    found.applicable.into_iter().map(|it| (it.measure, it.kind)).collect()
                };
                let (old, new) = (follow(before), follow(after));
                let gained = new.iter().filter(|(it, _)| !old.contains_key(*it));
                let lost = old.iter().filter(|(it, _)| !new.contains_key(*it));
                let gained = gained.map(|it| (Direction::Gains, it));
                let lost = lost.map(|it| (Direction::Loses, it));
                for (direction, (measure, kind)) in gained.chain(lost) {
                    let key = (direction, measure.clone(), *role, territory.clone());
                    // Told once, with the first day on which it is so.
                    if !told.insert(key) {
                        continue;
                    }
                    lines.push(Line {
                        organisation: id,
                        name: name.to_owned(),
                        direction,
                        measure: measure.clone(),
                        kind: *kind,
                        purpose: *purpose,
                        role: *role,
                        territory: territory.clone(),
                        from: *on,
                    });
                }
            }
        }
        lines.sort_unstable();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_formula_in_a_spreadsheet() {
        let line = |name: &str| Line {
            organisation: OrganisationId::from_bytes([7; 16]),
            name: name.to_owned(),
            direction: Direction::Gains,
            measure: MeasureId::new("xx.test").unwrap(),
            kind: MeasureKind::ALL[0],
            purpose: MeasureFamily::ALL[0],
            role: AddresseeRole::ALL[0],
            territory: Territory::new("br").unwrap(),
            from: "2026-01-05".parse().unwrap(),
        };
        for (name, cell) in [
            ("=1+1 Ltd", "'=1+1 Ltd"),
            ("＝1+1 Ltd", "'＝1+1 Ltd"),
            ("Alpha;=1+1", "Alpha;'=1+1"),
            ("\n=1", "'\n'=1"),
            ("Alpha - Beta Ltd", "Alpha - Beta Ltd"),
        ] {
            assert_eq!(line(name).cells()[1], cell);
        }
    }
}
