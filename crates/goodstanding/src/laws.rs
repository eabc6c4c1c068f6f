//! The versions of the packs that the log says were adopted, and what of them may be used when. The
//! log is the witness: a pack on disk that it does not name is used against nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use domain::case::CatalogueKey;
use domain::civil::{Day, Instant, Zone};
use domain::event::{Event, EventBody};
use domain::refusal::{Problem, Refusal};
use ledger::{LedgerReader, wire};
use policy::catalogue::CatalogueEntry;
use policy::procedure::ProcedureRules;
use policy::{InUse, PackInfo, Packs, Version, in_use};
use projections::PublicReader;

use crate::clock::FixedClock;
use crate::registry::{AppError, Registry};
use crate::setup::{self, READ_TABLES, SetupError};

/// One version of one pack, as the log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// Which pack.
    pub pack: String,
    /// Its hash.
    pub hash: String,
    /// Where the log names it.
    pub position: u64,
    /// By whom and from when on; `None` for what the registry began with.
    pub act: Option<Act>,
}

/// The act of two reviewers that adopted a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Instant,
    /// What it made heavier may be used from then on.
    pub in_use_from: Instant,
    /// Who proposed it, and who agreed.
    pub by: [String; 2],
}

/// All versions of all packs of a registry.
#[derive(Debug, Clone)]
pub struct Laws {
    first: Arc<Packs>,
    later: Vec<Later>,
    adopted: Vec<Adopted>,
    not_adopted: BTreeSet<String>,
    /// What may be used from an instant on until the next, as far as somebody asked.
    known: Arc<Mutex<BTreeMap<Option<Instant>, Arc<InUse>>>>,
}

#[derive(Debug, Clone)]
struct Later {
    packs: Arc<Packs>,
    adopted_at: Instant,
    in_use_from: Instant,
}

/// Why the versions of the packs could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum LawsError {
    /// The log could not be read.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// A version that was adopted is not there any more, or was changed.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl Laws {
    /// Puts them together from what the log adopted; `current` are the packs in force.
    pub fn load(
        directory: &Path,
        reader: &LedgerReader,
        adoptions: &[(u64, Event)],
        current: &Packs,
    ) -> Result<Laws, LawsError> {
        let mut adopted = at_the_start(reader)?;
        let mut hashes: BTreeMap<String, String> =
            adopted.iter().map(|one| (one.pack.clone(), one.hash.clone())).collect();
        let mut first = None;
        let mut later: Vec<Later> = Vec::new();
        let mut acts = adoptions
            .iter()
            .filter_map(|(position, event)| match &event.body {
                EventBody::PackAdopted(adopted) => Some((*position, event.at, adopted)),
                _ => None,
            })
            .peekable();
        while let Some((position, at, act)) = acts.next() {
            if first.is_none() {
                first = Some(Arc::new(setup::load_packs_of(directory, &hashes)?));
            }
            hashes.insert(act.pack.to_string(), act.hash.clone());
            adopted.push(Adopted {
                pack: act.pack.to_string(),
                hash: act.hash.clone(),
                position,
                act: Some(Act {
                    at,
                    in_use_from: act.in_use_from,
                    by: act.by.handles().map(ToString::to_string),
                }),
            });
            // Packs adopted by one act are one version: they were read together.
            let goes_on = acts
                .peek()
                .is_some_and(|(next, next_at, _)| *next_at == at && *next == position + 1);
            if !goes_on {
                let packs = Arc::new(setup::load_packs_of(directory, &hashes)?);
                later.push(Later { packs, adopted_at: at, in_use_from: act.in_use_from });
            }
        }
        let differs = |pack: &&PackInfo| hashes.get(&pack.name) != Some(&pack.hash);
        Ok(Laws {
            first: first.unwrap_or_else(|| Arc::new(current.clone())),
            later,
            adopted,
            known: Arc::default(),
            not_adopted: current.packs().filter(differs).map(|pack| pack.name.clone()).collect(),
        })
    }

    /// Whether nothing was adopted since the registry began.
    pub fn is_single(&self) -> bool {
        self.later.is_empty()
    }

    /// What may be used at `at`; the same until something is adopted or a notice is over.
    pub fn at(&self, at: Instant) -> Arc<InUse> {
        let changes = self.later.iter().flat_map(|later| [later.adopted_at, later.in_use_from]);
        let since = changes.filter(|change| *change <= at).max();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(since).or_insert_with(|| Arc::new(self.put_together(at))))
    }

    fn put_together(&self, at: Instant) -> InUse {
        let later: Vec<Version<'_>> = self
            .later
            .iter()
            .map(|later| Version {
                packs: &later.packs,
                adopted_at: later.adopted_at,
                in_use_from: later.in_use_from,
            })
            .collect();
        in_use(&self.first, &later, at)
    }

    /// The law of a record of the entry `id` that was submitted at `began`, as it is at `at`: that
    /// of its beginning, in nothing heavier than any version in force since, the longest calendar
    /// included (I-11). Lighter parts of a version hold from its adoption on: nobody needs notice
    /// of them. `None` where the entry was not there at the beginning.
    pub fn of_record(
        &self,
        id: &CatalogueKey,
        began: Instant,
        at: Instant,
    ) -> Option<(CatalogueEntry, ProcedureRules)> {
        let law = |packs: &Packs| {
            let entry = packs.catalogue_entry(id)?;
            Some((entry.clone(), packs.procedure(&entry.pack)?.clone()))
        };
        let (mut entry, mut rules) = law(&self.at(began).packs)?;
        let begun = self.later.iter().rposition(|later| later.adopted_at <= began).unwrap_or(0);
        for later in self.later.iter().skip(begun).filter(|later| later.adopted_at <= at) {
            if let Some((newer, newer_rules)) = law(&later.packs) {
                entry = entry.lenient(&newer);
                rules = rules.counting_by(&newer_rules.calendar);
            }
        }
        Some((entry, rules))
    }

    /// The same with `packs` adopted at `at`, to say what would be.
    pub fn with(&self, packs: &Packs, at: Instant, in_use_from: Instant) -> Laws {
        let mut laws = Laws { known: Arc::default(), ..self.clone() };
        laws.later.push(Later { packs: Arc::new(packs.clone()), adopted_at: at, in_use_from });
        laws
    }

    /// What the version of `pack` with this hash says of itself.
    pub fn info(&self, pack: &str, hash: &str) -> Option<&PackInfo> {
        let versions = self.later.iter().map(|later| &later.packs);
        let mut found = std::iter::once(&self.first).chain(versions);
        found.find_map(|packs| packs.pack(pack).filter(|info| info.hash == hash))
    }

    /// Whether every pack in force is one that the log names.
    pub fn is_complete(&self) -> bool {
        self.not_adopted.is_empty()
    }

    /// Every version that the log names, oldest first.
    pub fn adopted(&self) -> &[Adopted] {
        &self.adopted
    }

    /// The last version of the pack `name` that the log names.
    pub fn last(&self, name: &str) -> Option<&Adopted> {
        self.adopted.iter().rev().find(|adopted| adopted.pack == name)
    }

    /// Refuses a pack that is on disk in a form that nobody adopted.
    pub fn check_adopted(&self, pack: &str) -> Result<(), Problem> {
        if self.not_adopted.contains(pack) {
            return Err(Problem::of_input(Refusal::PackNotAdopted).with_detail(pack));
        }
        Ok(())
    }
}

/// What was committed first is what the first checkpoint covers.
fn at_the_start(reader: &LedgerReader) -> Result<Vec<Adopted>, LawsError> {
    let mut adopted = Vec::new();
    for position in 0..reader.first_size()? {
        if let Some(wire::Leaf::Policy { pack, hash }) = reader.leaf(position)? {
            adopted.push(Adopted { pack, hash, position, act: None });
        }
    }
    Ok(adopted)
}

/// The instant at which the law of `day` is asked for: now for today, the last of a day that is
/// over, the first of one that comes.
pub fn asked_at(day: Day, now: Instant) -> Instant {
    let last = Instant::from_micros(Zone::UTC.end_of(day).micros() - 1);
    Zone::UTC.start_of(day).max(now.min(last))
}

/// What may be used at `at` in the registry at `directory`, for whoever writes to it next.
pub fn in_use_at(directory: &Path, at: Instant) -> Result<InUse, AppError> {
    let packs = setup::load_packs(directory)?;
    let reader = LedgerReader::open(directory)?;
    // Read tables that are behind are brought up to date first: they tell what was adopted.
    let tables = PublicReader::open(&directory.join(READ_TABLES), reader.mac_key()?);
    let is_current = |tables: &PublicReader| tables.cursor().ok() == reader.size().ok();
    if let Some(tables) = tables.ok().filter(is_current) {
        let adoptions = tables.adoptions(&reader, at)?;
        return Ok(Laws::load(directory, &reader, &adoptions, &packs)?.put_together(at));
    }
    let clock = Arc::new(FixedClock::new(at));
    Ok(InUse::clone(&*Registry::open(directory, clock)?.in_use(at)?))
}
