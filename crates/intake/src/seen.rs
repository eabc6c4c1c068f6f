//! Which keys of a file were met, and with which content: in memory for files as they are, and in a
//! temporary file beyond, so that the memory an import needs does not grow with the list.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension as _, params};

/// Half of a SHA-256.
pub type Digest = [u8; 16];

/// Keys held in memory: with their map about 40 MB. Not law: most lists never leave memory, and
/// those that do cost no more of it.
const IN_MEMORY_MAX: usize = 500_000;

/// Pages of the temporary file held in memory, in KiB.
const CACHE_KIB: i64 = 32 * 1024;

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// Nothing: it is noted now.
    First,
    /// The same content came under it.
    Same,
    /// Another content came under it.
    Other,
}

/// The keys of one file.
pub struct Seen {
    memory: HashMap<Digest, Digest>,
    memory_max: usize,
    /// Made when it is needed. SQLite gives a database without a name a file without a name, which
    /// is gone with the process, however that ends. It holds digests and nothing else.
    file: Option<Connection>,
}

impl Default for Seen {
    fn default() -> Seen {
        Seen::with_memory(IN_MEMORY_MAX)
    }
}

impl Seen {
    /// With at most `memory_max` keys in memory.
    pub fn with_memory(memory_max: usize) -> Seen {
        Seen { memory: HashMap::new(), memory_max, file: None }
    }

    /// Notes that `key` came with `content`, and says what came under it before.
    pub fn meet(&mut self, key: Digest, content: Digest) -> rusqlite::Result<Met> {
        let compare = |known: &Digest| if *known == content { Met::Same } else { Met::Other };
        let is_full = self.memory.len() >= self.memory_max;
        match self.memory.entry(key) {
            Entry::Occupied(known) => return Ok(compare(known.get())),
            Entry::Vacant(place) if !is_full => {
                place.insert(content);
                return Ok(Met::First);
            }
            Entry::Vacant(_) => {}
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => temporary()?,
        };
        let met = meet_in(&file, key, content);
        self.file = Some(file);
        Ok(met?.as_ref().map_or(Met::First, compare))
    }
}

fn temporary() -> rusqlite::Result<Connection> {
    let file = Connection::open("")?;
    // Nobody reads it after a crash: no journal, no waiting for the disk, one open transaction.
    file.pragma_update(None, "journal_mode", "off")?;
    file.pragma_update(None, "synchronous", "off")?;
    file.pragma_update(None, "cache_size", -CACHE_KIB)?;
    file.execute_batch(
        "CREATE TABLE seen(key BLOB PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
         BEGIN",
    )?;
    Ok(file)
}

/// What is in the file under `key`; `content` is from now on, where nothing was.
fn meet_in(file: &Connection, key: Digest, content: Digest) -> rusqlite::Result<Option<Digest>> {
    let added = file
        .prepare_cached("INSERT INTO seen(key, content) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![&key[..], &content[..]])?;
    if added == 1 {
        return Ok(None);
    }
    file.prepare_cached("SELECT content FROM seen WHERE key = ?1")?
        .query_row([&key[..]], |row| row.get(0))
        .optional()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_file_answers_as_the_memory_does(
            rows in proptest::collection::vec((0_u8..40, 0_u8..3), 0..200),
            memory_max in 0_usize..20,
        ) {
            let mut small = Seen::with_memory(memory_max);
            let mut oracle: Vec<(u8, u8)> = Vec::new();
            for (key, content) in rows {
                let expected = match oracle.iter().find(|(known, _)| *known == key) {
                    Some((_, known)) if *known == content => Met::Same,
                    Some(_) => Met::Other,
                    None => Met::First,
                };
                if expected == Met::First {
                    oracle.push((key, content));
                }
                prop_assert_eq!(small.meet([key; 16], [content; 16]).unwrap(), expected);
                prop_assert!(small.memory.len() <= memory_max);
            }
        }
    }
}
