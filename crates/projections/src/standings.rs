//! What stands of one list while a file of it is read: in memory for lists as they are, and in a
//! temporary file beyond, so that the memory an import needs does not grow with the list.

use std::collections::HashMap;

use domain::civil::Instant;
use domain::event::Extent;
use domain::ids::{OrganisationId, RecordId, RowKey};
use due_process::quotation::Standing;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::ProjectionError;

/// Quotations held in memory: about 70 MB. Not law: most lists never leave memory, and those that
/// do cost no more of it.
const IN_MEMORY_MAX: usize = 500_000;

/// Pages of the temporary file held in memory, in KiB.
const CACHE_KIB: i64 = 32 * 1024;

/// A quotation that stands, and whether the file has it.
#[derive(Clone)]
struct Known {
    standing: Standing,
    is_missing: bool,
    /// The file has it, as over.
    is_over: bool,
}

/// The quotations of one list by row key.
pub struct Standings {
    memory: HashMap<RowKey, Known>,
    memory_max: usize,
    /// What `memory` has no room for. A database without a name is a file without a name, gone with
    /// the process, however that ends; it holds keyed hashes and ids and nothing of a row.
    file: Option<Connection>,
    missing: u64,
    over: u64,
    now: Instant,
    read_at: Instant,
}

impl Standings {
    /// None yet. What ended by itself before `now` cannot vanish any more; what ends before
    /// `read_at`, where the day of reading begins in the zone of the list, is over by itself too
    /// when the file says so: nobody shortened its term.
    pub(crate) fn new(now: Instant, read_at: Instant) -> Standings {
        Standings::with_memory(now, read_at, IN_MEMORY_MAX)
    }

    fn with_memory(now: Instant, read_at: Instant, memory_max: usize) -> Standings {
        let memory = HashMap::new();
        Standings { memory, memory_max, file: None, missing: 0, over: 0, now, read_at }
    }

    /// Adds what stands under `key`; those of one key in the order of the log: a later one replaces
    /// an earlier one, unless only the earlier one still stands.
    pub(crate) fn add(&mut self, key: RowKey, standing: Standing) -> Result<(), ProjectionError> {
        let old = self.known(key)?;
        let keep = old.as_ref().is_some_and(|old| !old.standing.vanished);
        if keep && standing.vanished {
            return Ok(());
        }
        let is_missing = can_vanish(&standing, self.now);
        self.missing += u64::from(is_missing);
        self.missing -= u64::from(old.is_some_and(|old| old.is_missing));
        self.keep(key, Known { standing, is_missing, is_over: false })
    }

    /// What stands under `key`, vanished ones included.
    pub fn get(&self, key: RowKey) -> Result<Option<Standing>, ProjectionError> {
        Ok(self.known(key)?.map(|known| known.standing))
    }

    /// Notes that a row with this key is in the file, and whether its last day lies before the day
    /// of reading. That counts also when another row met the key before: one that could not be read
    /// may have the same.
    pub fn meet(&mut self, key: RowKey, is_over: bool) -> Result<(), ProjectionError> {
        let Some(known) = self.known(key)? else { return Ok(()) };
        let goes_on = |standing| can_vanish(standing, self.now.max(self.read_at));
        let is_over = known.is_over || (is_over && goes_on(&known.standing));
        if !known.is_missing && is_over == known.is_over {
            return Ok(());
        }
        self.missing -= u64::from(known.is_missing);
        self.over += u64::from(is_over && !known.is_over);
        self.keep(key, Known { standing: known.standing, is_missing: false, is_over })
    }

    /// How many stand and were not met.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// How many stand although the file says that their last day is over.
    pub fn over(&self) -> u64 {
        self.over
    }

    /// What a file of this extent ends, in the order of record ids: the same file gives the same
    /// events whatever the order of a hash table.
    pub fn vanished(&self, extent: Extent) -> Result<Vec<Standing>, ProjectionError> {
        let is_ended =
            |is_missing: bool, is_over: bool| is_over || (is_missing && extent == Extent::Full);
        let mut vanished: Vec<Standing> = self
            .memory
            .values()
            .filter(|known| is_ended(known.is_missing, known.is_over))
            .map(|known| known.standing)
            .collect();
        if let Some(file) = &self.file {
            let mut select = file.prepare_cached(
                "SELECT record, organisation, revision, row_digest, vanished, end_at, missing, over
                 FROM standing WHERE missing OR over",
            )?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let known = read(row)?;
                if is_ended(known.is_missing, known.is_over) {
                    vanished.push(known.standing);
                }
            }
        }
        vanished.sort_by_key(|standing| standing.record);
        Ok(vanished)
    }

    fn known(&self, key: RowKey) -> Result<Option<Known>, ProjectionError> {
        if let Some(known) = self.memory.get(&key) {
            return Ok(Some(known.clone()));
        }
        let Some(file) = &self.file else { return Ok(None) };
        file.prepare_cached(
            "SELECT record, organisation, revision, row_digest, vanished, end_at, missing, over
             FROM standing WHERE key = ?1",
        )?
        .query_row([&key.0[..]], read)
        .optional()
        .map_err(ProjectionError::from)
    }

    fn keep(&mut self, key: RowKey, known: Known) -> Result<(), ProjectionError> {
        if self.memory.len() < self.memory_max || self.memory.contains_key(&key) {
            self.memory.insert(key, known);
            return Ok(());
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => temporary()?,
        };
        let kept = store(&file, key, &known);
        self.file = Some(file);
        kept
    }
}

/// What vanished before is over for good, and what ended by itself cannot vanish any more.
fn can_vanish(standing: &Standing, now: Instant) -> bool {
    !standing.vanished && standing.end_at.is_none_or(|end_at| end_at > now)
}

fn temporary() -> Result<Connection, ProjectionError> {
    let file = Connection::open("")?;
    // Nobody reads it after a crash: no journal, no waiting for the disk, one open transaction.
    file.pragma_update(None, "journal_mode", "off")?;
    file.pragma_update(None, "synchronous", "off")?;
    file.pragma_update(None, "cache_size", -CACHE_KIB)?;
    file.execute_batch(
        "CREATE TABLE standing(key BLOB PRIMARY KEY, record BLOB NOT NULL,
             organisation BLOB NOT NULL, revision INTEGER NOT NULL, row_digest BLOB NOT NULL,
             vanished INTEGER NOT NULL, end_at INTEGER, missing INTEGER NOT NULL,
             over INTEGER NOT NULL) STRICT, WITHOUT ROWID;
         BEGIN",
    )?;
    Ok(file)
}

fn store(file: &Connection, key: RowKey, known: &Known) -> Result<(), ProjectionError> {
    let Known { standing, is_missing, is_over } = known;
    file.prepare_cached(
        "INSERT OR REPLACE INTO standing VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        &key.0[..],
        &standing.record.bytes()[..],
        &standing.organisation.bytes()[..],
        standing.revision,
        &standing.row_digest.0[..],
        standing.vanished,
        standing.end_at.map(Instant::micros),
        is_missing,
        is_over,
    ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        standing: Standing {
            record: RecordId::from_bytes(row.get(0)?),
            organisation: OrganisationId::from_bytes(row.get(1)?),
            revision: row.get(2)?,
            row_digest: RowKey(row.get(3)?),
            vanished: row.get(4)?,
            end_at: row.get::<_, Option<i64>>(5)?.map(Instant::from_micros),
        },
        is_missing: row.get(6)?,
        is_over: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_000;
    const READ_AT: i64 = 1_001;

    fn standing(number: u8, vanished: bool, end: Option<i64>) -> Standing {
        Standing {
            record: RecordId::from_bytes([number; 16]),
            organisation: OrganisationId::from_bytes([number ^ 0x55; 16]),
            revision: u32::from(number),
            row_digest: RowKey([number ^ 0xaa; 16]),
            vanished,
            end_at: end.map(Instant::from_micros),
        }
    }

    proptest! {
        /// The memory is the oracle of the file, and lists of pairs that of both.
        #[test]
        fn the_file_answers_as_the_memory_does(
            stood in proptest::collection::vec(
                (0_u8..12, any::<bool>(), proptest::option::of(NOW - 1..NOW + 4)), 0..40),
            met in proptest::collection::vec((0_u8..14, any::<bool>()), 0..40),
            memory_max in 0_usize..6,
        ) {
            let (now, read_at) = (Instant::from_micros(NOW), Instant::from_micros(READ_AT));
            let mut large = Standings::new(now, read_at);
            let mut small = Standings::with_memory(now, read_at, memory_max);
            let mut oracle: HashMap<RowKey, Standing> = HashMap::new();
            for (at, (key, vanished, end)) in stood.into_iter().enumerate() {
                let key = RowKey([key; 16]);
                let found = standing(at as u8, vanished, end);
                large.add(key, found).unwrap();
                small.add(key, found).unwrap();
                if !(vanished && oracle.get(&key).is_some_and(|old| !old.vanished)) {
                    oracle.insert(key, found);
                }
            }
            let can = |found: &Standing, at: Instant| {
                !found.vanished && found.end_at.is_none_or(|end| end > at)
            };
            let mut missing: Vec<RowKey> =
                oracle.iter().filter(|(_, found)| can(found, now)).map(|(key, _)| *key).collect();
            let mut over: Vec<RowKey> = Vec::new();
            for (key, is_over) in met {
                let key = RowKey([key; 16]);
                large.meet(key, is_over).unwrap();
                small.meet(key, is_over).unwrap();
                missing.retain(|one| *one != key);
                if is_over
                    && oracle.get(&key).is_some_and(|found| can(found, read_at))
                    && !over.contains(&key)
                {
                    over.push(key);
                }
            }
            for standings in [&large, &small] {
                prop_assert_eq!(standings.missing(), missing.len() as u64);
                prop_assert_eq!(standings.over(), over.len() as u64);
                for key in (0..14).map(|key| RowKey([key; 16])) {
                    prop_assert_eq!(standings.get(key).unwrap(), oracle.get(&key).copied());
                }
                for (extent, keys) in [
                    (Extent::Partial, over.clone()),
                    (Extent::Full, [missing.clone(), over.clone()].concat()),
                ] {
                    let mut expected: Vec<Standing> = keys.iter().map(|key| oracle[key]).collect();
                    expected.sort_by_key(|found| found.record);
                    prop_assert_eq!(standings.vanished(extent).unwrap(), expected);
                }
            }
        }
    }
}
