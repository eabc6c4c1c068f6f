//! What can be told about the files of a registry without writing to any of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::civil::Instant;
use domain::event::EventBody;
use rusqlite::Connection;

use crate::error::LedgerError;
use crate::files::Layout;
use crate::note::{Checkpoint, SignerKey, Vkey};
use crate::reader::{LedgerReader, Opened};
use crate::store::TruthStore as _;
use crate::store::sqlite::SqliteStore;
use crate::wire::Leaf;

/// Lines of SQLite's own check that are reported at most.
const FAULTS_MAX: u32 = 20;

/// The files a registry cannot do without.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let layout = Layout::new(directory);
    vec![
        layout.truth(),
        layout.vault(),
        layout.checkpoint_last(),
        layout.checkpoint(),
        layout.vkey(),
        layout.log_key(),
    ]
}

/// What SQLite finds wrong with its own file: damaged pages, indexes that miss rows. Empty when it
/// is whole.
pub fn database_faults(path: &Path) -> Result<Vec<String>, LedgerError> {
    let connection = crate::store::open_read_only(path)?;
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({FAULTS_MAX})"))?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    let found: Vec<String> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

/// How the openings and the keys fit each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// Erasure units that have a key.
    pub units: u64,
    /// Keys that seal nothing: left by a crash, or by content that was destroyed.
    pub idle: u64,
    /// Units whose sealed openings are there and whose key is not. After an erasure that is as it
    /// should be; otherwise keys were lost.
    pub missing: u64,
}

/// Compares the vault with the openings of `truth.db`.
pub fn keys(directory: &Path) -> Result<Keys, LedgerError> {
    let layout = Layout::new(directory);
    let connection = crate::store::open_read_only(&layout.truth())?;
    let vault = layout.vault();
    if !vault.exists() {
        return Err(crate::sequencer::damaged(&vault, "it is missing"));
    }
    connection.execute("ATTACH DATABASE ?1 AS vault", [vault.to_string_lossy()])?;
    let count = |sql: &str| count(&connection, sql);
    Ok(Keys {
        units: count("SELECT COUNT(*) FROM vault.key")?,
        // The registry's own key derives others and is never idle.
        idle: count(
            "SELECT COUNT(*) FROM vault.key WHERE unit <> zeroblob(17) AND unit NOT IN
             (SELECT unit FROM main.leaf WHERE opening IS NOT NULL)",
        )?,
        missing: count(
            "SELECT COUNT(*) FROM (SELECT DISTINCT unit FROM main.leaf WHERE opening IS NOT NULL)
             WHERE unit NOT IN (SELECT unit FROM vault.key)",
        )?,
    })
}

fn count(connection: &Connection, sql: &str) -> Result<u64, LedgerError> {
    let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// What the entries say about what lies beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Rows of `truth.db` that are no entries and say something else than the entries do: no hash
    /// tells when these change. In words.
    pub faults: Vec<String>,
    /// The hash each pack was last put in force with.
    pub packs: BTreeMap<String, String>,
    /// Name and hash of every version of a pack that was ever in force.
    pub versions: BTreeSet<(String, String)>,
    /// The hash each profile was last adopted with.
    pub profiles: BTreeMap<String, String>,
}

/// Reads every entry and compares what was noted beside them: revisions of records, signed
/// checkpoints, the time of the last commit.
pub fn told(directory: &Path) -> Result<Told, LedgerError> {
    let reader = LedgerReader::open(directory)?;
    let mut told = Told::default();
    let mut revisions = BTreeMap::new();
    let mut last = Instant::from_micros(0);
    reader.scan::<LedgerError>(0, reader.size()?, &mut |_, leaf, opened| {
        if let Leaf::Policy { pack, hash } = leaf {
            told.packs.insert(pack.clone(), hash.clone());
            told.versions.insert((pack.clone(), hash.clone()));
        }
        if let Opened::Event(event, _) = opened {
            last = last.max(event.at);
            match event.body {
                EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                    revisions.insert(record.id.bytes().to_vec(), record.revision);
                }
                EventBody::ProfileAdopted(adopted) => {
                    told.profiles.insert(adopted.profile.to_string(), adopted.hash);
                }
                _ => {}
            }
        }
        Ok(())
    })?;
    let connection = crate::store::open_read_only(&Layout::new(directory).truth())?;
    let mut statement = connection.prepare("SELECT record, revision FROM revision")?;
    let noted = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let noted: BTreeMap<Vec<u8>, u32> = noted.collect::<Result<_, _>>()?;
    if noted != revisions {
        told.faults
            .push("the revisions noted of records are not those of their entries".to_owned());
    }
    if reader.last_at()? < last {
        told.faults.push("the time noted of the last commit is before the last entry".to_owned());
    }
    let unsigned = reader.checkpoints()?.into_iter().find(|(size, note)| {
        Checkpoint::open(note, reader.vkey()).map(|checkpoint| checkpoint.size) != Ok(*size)
    });
    if let Some((size, _)) = unsigned {
        told.faults.push(format!("the checkpoint noted over {size} entries is not signed"));
    }
    Ok(told)
}

/// Whether the private key is the one the log's checkpoints are signed with.
pub fn signing_key_fits(directory: &Path) -> Result<bool, LedgerError> {
    let layout = Layout::new(directory);
    let read = |path: &Path| std::fs::read_to_string(path).map_err(LedgerError::io(path));
    let key = SignerKey::from_text(&read(&layout.log_key())?)
        .map_err(|error| crate::sequencer::damaged(&layout.log_key(), error))?;
    let vkey = Vkey::parse(read(&layout.vkey())?.trim_end())
        .map_err(|error| crate::sequencer::damaged(&layout.vkey(), error))?;
    Ok(*key.vkey() == vkey)
}

/// Sizes of the tree as each place knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Committed to `truth.db`.
    pub committed: u64,
    /// Signed, by the copy outside the database.
    pub signed: u64,
    /// Published under `log/checkpoint`.
    pub published: u64,
}

/// Reads the three sizes; both signatures are checked.
pub fn sizes(directory: &Path) -> Result<Sizes, LedgerError> {
    let layout = Layout::new(directory);
    let read = |path: &Path| std::fs::read_to_string(path).map_err(LedgerError::io(path));
    let vkey = Vkey::parse(read(&layout.vkey())?.trim_end())
        .map_err(|error| crate::sequencer::damaged(&layout.vkey(), error))?;
    let size = |path: PathBuf| -> Result<u64, LedgerError> {
        Checkpoint::open(&read(&path)?, &vkey)
            .map(|checkpoint| checkpoint.size)
            .map_err(|error| crate::sequencer::damaged(&path, error))
    };
    // In this order: a writer at work makes the later ones larger, never the earlier ones.
    let published = size(layout.checkpoint())?;
    let signed = size(layout.checkpoint_last())?;
    let committed = SqliteStore::open_read_only(&layout.truth())?.head()?.size;
    Ok(Sizes { committed, signed, published })
}
