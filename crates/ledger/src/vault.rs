//! The vault: one key per erasure unit, kept apart from what it seals. Destroying a key destroys
//! the content in every backup of `truth.db` too, so this file has a short backup life of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use domain::event::ErasureUnit;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::error::LedgerError;
use crate::sealing::{self, NONCE_BYTES};
use crate::wire::Opening;

/// Keys held in memory at most: 32 bytes each with their unit and the map, so about 8 MB.
const CACHE_MAX: usize = 65_536;

/// Most keys that are read with one that is looked for, while many entries are read in order. Ids
/// grow with time, so the keys of neighbours on the log are neighbours here.
const AHEAD_MAX: usize = 256;
/// Fewest: the second one shows whether the next is asked for at all.
const AHEAD_MIN: usize = 2;

/// Number of the layout of the file. A next one comes with a migration, as `truth.db` has them.
const SCHEMA: u32 = 1;

type Key = Zeroizing<[u8; 32]>;

/// A key in memory.
struct Kept {
    key: Key,
    /// Read ahead and not asked for yet.
    is_unasked: bool,
}

/// How far it pays to read ahead among the keys of one kind.
#[derive(Clone, Copy)]
struct Ahead {
    keys: usize,
    /// Of those read ahead last, how many were asked for.
    asked: usize,
}

impl Ahead {
    /// How many keys to read now: more while they are asked for, fewer while they are not.
    fn next(&mut self) -> usize {
        let paid = self.asked * 4 >= self.keys;
        self.keys = if paid { self.keys * 2 } else { self.keys / 4 };
        self.keys = self.keys.clamp(AHEAD_MIN, AHEAD_MAX);
        self.asked = 0;
        self.keys
    }
}

/// How a unit is named in the database: one byte of kind, sixteen of id.
pub fn unit_bytes(unit: ErasureUnit) -> [u8; 17] {
    let (kind, id) = match unit {
        ErasureUnit::Registry => (0, [0; 16]),
        ErasureUnit::Organisation(id) => (1, id.bytes()),
        ErasureUnit::Record(id) => (2, id.bytes()),
    };
    let mut bytes = [kind; 17];
    let [_, rest @ ..] = &mut bytes;
    *rest = id;
    bytes
}

/// The id in a unit's name.
pub(crate) fn id_in(unit: &[u8; 17]) -> &[u8; 16] {
    let [_, id @ ..] = unit;
    id
}

/// Keys of the erasure units.
pub struct Vault {
    path: PathBuf,
    connection: Connection,
    origin: String,
    cache: HashMap<[u8; 17], Kept>,
    /// By kind of unit.
    ahead: [Ahead; 3],
    /// What the database said of its state when the cache was last found to agree with it.
    version: Option<i64>,
    /// Whether the cache was compared in the view that is open.
    is_compared: bool,
    /// Made but not yet stored: stored before the leaves that need them are committed.
    pending: Vec<([u8; 17], Key)>,
}

impl Vault {
    /// Makes `vault-keys.db` with the registry's own key.
    pub fn create(
        path: &Path,
        origin: &str,
        entropy: &mut dyn Entropy,
    ) -> Result<Vault, LedgerError> {
        let connection = Connection::open(path)?;
        configure(&connection)?;
        connection.execute_batch(
            "CREATE TABLE key(unit BLOB PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID",
        )?;
        connection.pragma_update(None, "user_version", SCHEMA)?;
        let mut vault = Vault::over(path, origin, connection);
        vault.make(unit_bytes(ErasureUnit::Registry), entropy);
        vault.store_pending()?;
        Ok(vault)
    }

    /// Opens it for writing, or for reading only.
    pub fn open(path: &Path, origin: &str, access: Access) -> Result<Vault, LedgerError> {
        if !path.exists() {
            return Err(damaged(path, "it is missing; without it no content can be read"));
        }
        let connection = match access {
            Access::Write => Connection::open(path)?,
            Access::Read => crate::store::open_read_only(path)?,
        };
        if let Access::Write = access {
            configure(&connection)?;
        }
        let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > SCHEMA {
            return Err(LedgerError::Newer { path: path.to_owned(), found, known: SCHEMA });
        }
        let mut vault = Vault::over(path, origin, connection);
        vault.registry_key()?;
        Ok(vault)
    }

    fn over(path: &Path, origin: &str, connection: Connection) -> Vault {
        Vault {
            path: path.to_owned(),
            connection,
            origin: origin.to_owned(),
            cache: HashMap::new(),
            ahead: [Ahead { keys: AHEAD_MIN, asked: 0 }; 3],
            version: None,
            is_compared: false,
            pending: Vec::new(),
        }
    }

    /// Seals `opening` under the key of `unit`, which is made when there is none.
    /// Origin and position are bound in, so that a sealed opening cannot be moved.
    pub fn seal(
        &mut self,
        position: u64,
        unit: [u8; 17],
        opening: &Opening,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, LedgerError> {
        if self.key(unit)?.is_none() {
            self.make(unit, entropy);
        }
        let key = self.key(unit)?.ok_or_else(|| damaged(&self.path, "a key is missing"))?;
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let aad = associated(&self.origin, position);
        let plain = Zeroizing::new(opening.to_bytes());
        let sealed = sealing::seal(&key, &nonce, &aad, plain.as_slice())
            .ok_or_else(|| damaged(&self.path, "an opening cannot be sealed"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// Unseals; `Ok(None)` when the key was destroyed, `Err(Broken)` when the bytes were changed.
    pub fn unseal(
        &mut self,
        position: u64,
        unit: [u8; 17],
        sealed: &[u8],
    ) -> Result<Unsealed, LedgerError> {
        let Some(key) = self.key(unit)? else { return Ok(Unsealed::Destroyed) };
        let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE_BYTES>() else {
            return Ok(Unsealed::Broken);
        };
        let aad = associated(&self.origin, position);
        let mut bytes = Zeroizing::new(rest.to_vec());
        Ok(sealing::unseal(&key, nonce, &aad, &mut bytes)
            .and_then(Opening::from_bytes)
            .map_or(Unsealed::Broken, Unsealed::Opening))
    }

    /// Stores the keys made since; durable when it returns. A crash afterwards leaves keys that
    /// seal nothing, which harms nobody.
    pub fn store_pending(&mut self) -> Result<(), LedgerError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO key(unit, key) VALUES (?1, ?2)")?;
            for (unit, key) in &self.pending {
                insert.execute(params![&unit[..], &key[..]])?;
            }
        }
        transaction.commit()?;
        self.pending.clear();
        Ok(())
    }

    /// Destroys the keys of `units`; no byte of them is left in any file of the vault when it
    /// returns. The registry's own key is never among them.
    ///
    /// # Errors
    /// Also when somebody reads for longer than the database waits: the keys are deleted then, and
    /// a copy is in the journal until this is done again.
    pub fn destroy(&mut self, units: &[[u8; 17]]) -> Result<(), LedgerError> {
        let own = unit_bytes(ErasureUnit::Registry);
        let transaction = self.connection.transaction()?;
        {
            let mut delete = transaction.prepare("DELETE FROM key WHERE unit = ?1")?;
            for unit in units.iter().filter(|unit| **unit != own) {
                delete.execute([&unit[..]])?;
            }
        }
        transaction.commit()?;
        self.cache.retain(|unit, _| *unit == own || !units.contains(unit));
        if crate::store::sqlite::truncate_wal(&self.connection)? {
            return Ok(());
        }
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        let why = "the vault is being read: what was deleted is still in its journal; do it again";
        Err(rusqlite::Error::SqliteFailure(busy, Some(why.to_owned())).into())
    }

    /// Lets the reads until [`Vault::end_snapshot`] share one view: without, each takes and gives
    /// back the locks of the database. `false` when one is open already.
    ///
    /// The view begins with the first read after this, not here. Keys are stored before what they
    /// seal is committed, so whoever has begun to read the entries finds their keys in it.
    pub fn begin_snapshot(&mut self) -> Result<bool, LedgerError> {
        if !self.connection.is_autocommit() {
            return Ok(false);
        }
        self.connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        self.is_compared = false;
        Ok(true)
    }

    /// Ends what [`Vault::begin_snapshot`] began. Keys that were read ahead and not asked for wait
    /// for the next view, and are not believed outside of one: their units may be destroyed.
    pub fn end_snapshot(&mut self) -> Result<(), LedgerError> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// Forgets what was read before somebody else changed the keys. The first read of a view, so
    /// that the view and the answer are of one state.
    fn compare_with_view(&mut self) -> Result<(), LedgerError> {
        if self.is_compared {
            return Ok(());
        }
        let version: i64 = self
            .connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        if self.version != Some(version) {
            self.forget();
            self.version = Some(version);
        }
        self.is_compared = true;
        Ok(())
    }

    /// A key for `purpose`, derived from the registry's own: for row keys and for the rows of
    /// `read.db`. Stays the same as long as the vault does.
    pub fn derived(&mut self, purpose: &str) -> Result<[u8; 32], LedgerError> {
        let key = self.registry_key()?;
        Ok(keyed_hash(key.as_slice(), purpose.as_bytes()))
    }

    fn registry_key(&mut self) -> Result<Key, LedgerError> {
        self.key(unit_bytes(ErasureUnit::Registry))?
            .ok_or_else(|| damaged(&self.path, "the registry's own key is missing"))
    }

    fn make(&mut self, unit: [u8; 17], entropy: &mut dyn Entropy) {
        let mut key = Zeroizing::new([0; 32]);
        entropy.fill(&mut *key);
        self.pending.push((unit, key.clone()));
        self.remember(unit, key);
    }

    fn key(&mut self, unit: [u8; 17]) -> Result<Option<Key>, LedgerError> {
        let [kind, ..] = unit;
        let is_in_view = !self.connection.is_autocommit();
        if is_in_view {
            self.compare_with_view()?;
        }
        let kept = self.cache.get_mut(&unit).filter(|kept| is_in_view || !kept.is_unasked);
        if let Some(kept) = kept {
            let was_unasked = std::mem::take(&mut kept.is_unasked);
            if let (true, Some(ahead)) = (was_unasked, self.ahead.get_mut(usize::from(kind))) {
                ahead.asked += 1;
            }
            return Ok(Some(kept.key.clone()));
        }
        // In a view many entries are read in order, and no key goes meanwhile.
        if is_in_view {
            return self.key_and_next(unit);
        }
        let stored: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT key FROM key WHERE unit = ?1")?
            .query_row([&unit[..]], |row| row.get(0))
            .optional()?;
        let Some(stored) = stored else { return Ok(None) };
        let key = self.whole_key(&Zeroizing::new(stored))?;
        self.remember(unit, key.clone());
        Ok(Some(key))
    }

    /// The key of `unit`, and into memory those that follow it.
    fn key_and_next(&mut self, unit: [u8; 17]) -> Result<Option<Key>, LedgerError> {
        let [kind, ..] = unit;
        let keys = self.ahead.get_mut(usize::from(kind)).map_or(1, Ahead::next);
        let mut found: Vec<([u8; 17], Key)> = Vec::with_capacity(keys);
        {
            // Without a LIMIT: SQLite would prepare the statement anew for each other one.
            let mut statement = self
                .connection
                .prepare_cached("SELECT unit, key FROM key WHERE unit >= ?1 ORDER BY unit")?;
            let mut rows = statement.query([&unit[..]])?;
            while found.len() < keys
                && let Some(row) = rows.next()?
            {
                let of = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                let key = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                let of = of.try_into().map_err(|_| damaged(&self.path, "a unit has no name"))?;
                found.push((of, self.whole_key(key)?));
            }
        }
        let mut wanted = None;
        for (of, key) in found {
            if of == unit {
                wanted = Some(key.clone());
            }
            self.remember(of, key);
            if let Some(kept) = self.cache.get_mut(&of) {
                kept.is_unasked = of != unit;
            }
        }
        Ok(wanted)
    }

    fn whole_key(&self, stored: &[u8]) -> Result<Key, LedgerError> {
        let key: [u8; 32] =
            stored.try_into().map_err(|_| damaged(&self.path, "a key has the wrong length"))?;
        Ok(Zeroizing::new(key))
    }

    fn remember(&mut self, unit: [u8; 17], key: Key) {
        if self.cache.len() >= CACHE_MAX {
            self.forget();
        }
        self.cache.insert(unit, Kept { key, is_unasked: false });
    }

    /// Empties the memory of keys but for those made and not stored: the database does not have
    /// them yet.
    fn forget(&mut self) {
        self.cache.clear();
        let kept =
            |(unit, key): &([u8; 17], Key)| (*unit, Kept { key: key.clone(), is_unasked: false });
        self.cache.extend(self.pending.iter().map(kept));
    }
}

/// How a vault is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// By the one writer.
    Write,
    /// By readers.
    Read,
}

/// What came out of the vault.
#[derive(Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// The opening.
    Opening(Opening),
    /// Its key is gone, lawfully or not.
    Destroyed,
    /// The bytes are not what was sealed.
    Broken,
}

/// HMAC-SHA256.
pub fn keyed_hash(key: &[u8], message: &[u8]) -> [u8; 32] {
    // Unwrap safety: HMAC takes keys of any length (RFC 2104).
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn associated(origin: &str, position: u64) -> Vec<u8> {
    format!("goodstanding/opening/v1\n{origin}\n{position}\n").into_bytes()
}

fn configure(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 10000;",
    )?;
    Ok(())
}

fn damaged(path: &Path, what: &str) -> LedgerError {
    LedgerError::Damaged { path: path.to_owned(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    fn opening() -> Opening {
        Opening { salt: [1; 32], payload: "{}".into(), disclosures: vec!["YQ".into()] }
    }

    fn vault(folder: &Path) -> (Vault, SeededEntropy) {
        let mut entropy = SeededEntropy::new(7);
        let vault = Vault::create(&folder.join("vault-keys.db"), "o", &mut entropy).unwrap();
        (vault, entropy)
    }

    #[test]
    fn sealed_openings_come_back_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, mut entropy) = vault(folder.path());
        let sealed = vault.seal(3, [2; 17], &opening(), &mut entropy).unwrap();
        vault.store_pending().unwrap();
        drop(vault);
        let path = folder.path().join("vault-keys.db");
        let mut vault = Vault::open(&path, "o", Access::Read).unwrap();
        assert_eq!(vault.unseal(3, [2; 17], &sealed).unwrap(), Unsealed::Opening(opening()));
        assert_eq!(vault.unseal(3, [3; 17], &sealed).unwrap(), Unsealed::Destroyed);
    }

    #[test]
    fn a_moved_or_changed_opening_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, mut entropy) = vault(folder.path());
        let sealed = vault.seal(3, [2; 17], &opening(), &mut entropy).unwrap();
        assert_eq!(vault.unseal(4, [2; 17], &sealed).unwrap(), Unsealed::Broken);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(vault.unseal(3, [2; 17], &changed).unwrap(), Unsealed::Broken, "byte {at}");
        }
        assert_eq!(vault.unseal(3, [2; 17], &[]).unwrap(), Unsealed::Broken);
    }

    #[test]
    fn keys_read_ahead_are_those_of_their_units_and_a_destroyed_one_stays_away() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, mut entropy) = vault(folder.path());
        let unit = |number: u16| {
            let mut unit = [1; 17];
            unit[15..].copy_from_slice(&number.to_be_bytes());
            unit
        };
        let sealed: Vec<Vec<u8>> = (0..600)
            .map(|at| vault.seal(u64::from(at), unit(at), &opening(), &mut entropy).unwrap())
            .collect();
        vault.store_pending().unwrap();
        vault.destroy(&[unit(77), unit(78), unit(599)]).unwrap();
        let path = folder.path().join("vault-keys.db");
        // In order, backwards, and all over the place.
        let orders: [fn(u16) -> u16; 3] = [|at| at, |at| 599 - at, |at| at * 7 % 600];
        for order in orders {
            let mut vault = Vault::open(&path, "o", Access::Read).unwrap();
            assert!(vault.begin_snapshot().unwrap());
            for at in (0..600).map(order) {
                let expected = if [77, 78, 599].contains(&at) {
                    Unsealed::Destroyed
                } else {
                    Unsealed::Opening(opening())
                };
                let bytes = &sealed[usize::from(at)];
                assert_eq!(vault.unseal(u64::from(at), unit(at), bytes).unwrap(), expected, "{at}");
            }
            vault.end_snapshot().unwrap();
        }
    }

    #[test]
    fn a_key_read_ahead_is_believed_only_while_nobody_changed_the_keys() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, mut entropy) = vault(folder.path());
        let unit = |number: u8| {
            let mut unit = [1; 17];
            unit[16] = number;
            unit
        };
        let sealed: Vec<Vec<u8>> = (0..20)
            .map(|at| writer.seal(u64::from(at), unit(at), &opening(), &mut entropy).unwrap())
            .collect();
        writer.store_pending().unwrap();
        let path = folder.path().join("vault-keys.db");
        let mut reader = Vault::open(&path, "o", Access::Read).unwrap();
        let read = |reader: &mut Vault, at: u8| {
            reader.unseal(u64::from(at), unit(at), &sealed[usize::from(at)]).unwrap()
        };
        assert!(reader.begin_snapshot().unwrap());
        for at in 0..8 {
            read(&mut reader, at);
        }
        let ahead = (8..20).find(|at| reader.cache.get(&unit(*at)).is_some_and(|it| it.is_unasked));
        let ahead = ahead.expect("some are read ahead");
        reader.end_snapshot().unwrap();
        writer.destroy(&[unit(ahead)]).unwrap();
        // The change is seen in the next view, and outside of any.
        assert!(reader.begin_snapshot().unwrap());
        assert_eq!(read(&mut reader, ahead), Unsealed::Destroyed);
        for at in 0..8 {
            read(&mut reader, at);
        }
        reader.end_snapshot().unwrap();
        let ahead = (8..20).find(|at| reader.cache.get(&unit(*at)).is_some_and(|it| it.is_unasked));
        let ahead = ahead.expect("some are read ahead");
        writer.destroy(&[unit(ahead)]).unwrap();
        assert_eq!(read(&mut reader, ahead), Unsealed::Destroyed);
    }

    #[test]
    fn nobody_is_told_that_a_key_is_gone_while_the_journal_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, mut entropy) = vault(folder.path());
        writer.seal(0, [1; 17], &opening(), &mut entropy).unwrap();
        writer.store_pending().unwrap();
        let key = writer.key([1; 17]).unwrap().unwrap();
        let is_anywhere = || {
            std::fs::read_dir(folder.path()).unwrap().any(|file| {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                bytes.windows(32).any(|window| window == &key[..])
            })
        };
        let mut reader =
            Vault::open(&folder.path().join("vault-keys.db"), "o", Access::Read).unwrap();
        reader.begin_snapshot().unwrap();
        reader.key([1; 17]).unwrap();
        writer.connection.busy_timeout(std::time::Duration::from_millis(20)).unwrap();
        assert!(writer.destroy(&[[1; 17]]).is_err());
        assert!(is_anywhere(), "or this test shows nothing");
        reader.end_snapshot().unwrap();
        writer.destroy(&[[1; 17]]).unwrap();
        assert!(!is_anywhere());
    }

    #[test]
    fn keys_are_read_ahead_only_while_they_are_asked_for() {
        let mut ahead = Ahead { keys: AHEAD_MIN, asked: 0 };
        let grown: Vec<usize> = (0..9)
            .map(|_| {
                ahead.asked = ahead.keys - 1;
                ahead.next()
            })
            .collect();
        assert_eq!(grown, [4, 8, 16, 32, 64, 128, 256, 256, 256]);
        let shrunk: Vec<usize> = (0..5).map(|_| ahead.next()).collect();
        assert_eq!(shrunk, [64, 16, 4, 2, 2]);
    }

    #[test]
    fn keys_made_but_not_stored_survive_a_full_cache() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, mut entropy) = vault(folder.path());
        let sealed = vault.seal(0, [9; 17], &opening(), &mut entropy).unwrap();
        for at in 0..CACHE_MAX + 1 {
            let mut unit = [1; 17];
            unit[..8].copy_from_slice(&at.to_be_bytes());
            vault.remember(unit, Zeroizing::new([0; 32]));
        }
        assert_eq!(vault.unseal(0, [9; 17], &sealed).unwrap(), Unsealed::Opening(opening()));
    }
}
