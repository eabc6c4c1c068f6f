//! Everything at once, as files: snapshots of what may be shown, made beside the registry by a job
//! and never while somebody waits.
//!
//! A snapshot is of one position and one instant. It is served until the next instant at which time
//! alone changes an answer, and only while every record in it still stands as it is in it: what was
//! ended, withdrawn, corrected or erased since makes the whole snapshot unavailable at once, until
//! the next one is made (I-06). What was merely added since does not.
//!
//! The files lie in `DIR/data/<position>-<instant>/`; `DIR/data/snapshot.json` names the folder
//! that counts and is replaced last, so that a crash leaves the snapshot before.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use domain::civil::Instant;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::export::{self, ExportError, Form};
use crate::registry::{AppError, Holding, Registry};
use crate::statistics::{Counting, Statistics};

/// The folder of snapshots in a registry's directory.
pub const FOLDER: &str = "data";
/// The file that names the one that counts.
const SNAPSHOT: &str = "snapshot.json";
/// The form of that file; another one is no snapshot.
const VERSION: u32 = 1;

/// The forms every snapshot holds.
const FORMS: [Form; 3] = [Form::Csv, Form::Jsonl, Form::Own];

/// The name of the file in `form`, as it is downloaded.
pub const fn file_name(form: Form) -> &'static str {
    match form {
        Form::Csv => "records.csv.gz",
        Form::Jsonl => "organisations.jsonl.gz",
        Form::Own => "records.own.jsonl.gz",
    }
}

/// A snapshot as its own file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    /// Its folder below [`FOLDER`].
    folder: String,
    /// Entries of the log at positions below this one are in it.
    pub position: u64,
    /// The instant it speaks about, RFC 3339.
    pub made_at: String,
    /// The instant from which it may not be served any more, RFC 3339.
    pub valid_until: Option<String>,
    holding: HoldingNoted,
    /// Its files.
    pub files: Vec<DataFile>,
    /// The registry in figures, counted in the same pass.
    pub statistics: Statistics,
}

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// Its name in addresses.
    pub name: String,
    /// `csv`, `jsonl` or `own`.
    pub form: String,
    /// What it is when unpacked.
    pub media_type: String,
    /// Its size, packed.
    pub bytes: u64,
    /// Its size, unpacked.
    pub bytes_unpacked: u64,
    /// SHA-256 of the packed file, hexadecimal.
    pub sha256: String,
    /// Organisations in it.
    pub organisations: u64,
    /// Records in it.
    pub records: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldingNoted {
    records: u64,
    digest: String,
    decisions: u64,
}

impl From<Holding> for HoldingNoted {
    fn from(holding: Holding) -> HoldingNoted {
        HoldingNoted {
            records: holding.records,
            digest: format!("{:032x}", holding.digest),
            decisions: holding.decisions,
        }
    }
}

/// How the snapshot stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It may be served.
    Served(Box<Snapshot>),
    /// There is none, or it says what may not be said any more.
    Stale,
}

/// Where one file of a snapshot lies.
pub fn path_of(registry: &Registry, snapshot: &Snapshot, file: &DataFile) -> PathBuf {
    registry.dir().join(FOLDER).join(&snapshot.folder).join(&file.name)
}

/// The last snapshot, served or not; `None` when there is none that this program reads.
pub fn last(directory: &Path) -> Option<Snapshot> {
    let text = fs::read_to_string(directory.join(FOLDER).join(SNAPSHOT)).ok()?;
    let snapshot: Snapshot = serde_json::from_str(&text).ok()?;
    let is_plain = snapshot.folder.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    (snapshot.version == VERSION && is_plain).then_some(snapshot)
}

/// The snapshot that may be served at this moment.
pub fn standing(registry: &Registry) -> Result<Standing, AppError> {
    let Some(snapshot) = last(registry.dir()) else { return Ok(Standing::Stale) };
    // A log that is shorter is another log.
    if is_over(&snapshot, registry.now()) || registry.position()? < snapshot.position {
        return Ok(Standing::Stale);
    }
    let holding = registry.holding_kept(snapshot.position)?;
    if HoldingNoted::from(holding) == snapshot.holding {
        Ok(Standing::Served(Box::new(snapshot)))
    } else {
        Ok(Standing::Stale)
    }
}

/// Makes a snapshot of what may be shown now and lets it count. `progress` hears of organisations
/// done and in all.
pub fn make(
    registry: &Registry,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Snapshot, ExportError> {
    let made_at = registry.now();
    let position = registry.position()?;
    // Before the files: what is taken back while they are written differs from this afterwards.
    let valid_until = registry.next_boundary()?;
    let holding = registry.holding(position)?;
    let root = registry.dir().join(FOLDER);
    let folder = format!("{position}-{}", made_at.millis());
    let beside = root.join(format!("{folder}.partial"));
    create_private(&root)?;
    // What a crash left behind.
    let _ = fs::remove_dir_all(&beside);
    create_private(&beside)?;
    let mut packed = Vec::new();
    for form in FORMS {
        let file = BufWriter::new(File::create(beside.join(file_name(form)))?);
        let mut out = Counter { out: GzEncoder::new(file, Compression::default()), bytes: 0 };
        export::begin(form, &mut out)?;
        packed.push((form, out));
    }
    let (mut organisations, mut records) = (0, 0);
    let mut counting = Counting::default();
    export::each_file(registry, Some(position), progress, &mut |answer, is_single_owner| {
        counting.add(registry, answer);
        if is_single_owner {
            return Ok(());
        }
        organisations += 1;
        records += answer.file.records.len() as u64;
        for (form, out) in &mut packed {
            export::put_file(registry, *form, out, answer)?;
        }
        Ok(())
    })?;
    let mut files = Vec::new();
    for (form, out) in packed {
        let bytes_unpacked = out.bytes;
        out.out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        let name = file_name(form).to_owned();
        let (bytes, sha256) = measure(&beside.join(&name))?;
        let (form, media_type) = (form.key().to_owned(), form.media_type().to_owned());
        files.push(DataFile {
            name,
            form,
            media_type,
            bytes,
            bytes_unpacked,
            sha256,
            organisations,
            records,
        });
    }
    let snapshot = Snapshot {
        version: VERSION,
        folder: folder.clone(),
        position,
        made_at: made_at.to_string(),
        valid_until: valid_until.map(|until| until.to_string()),
        holding: holding.into(),
        files,
        statistics: counting.finish(registry, position)?,
    };
    let _ = fs::remove_dir_all(root.join(&folder));
    fs::rename(&beside, root.join(&folder))?;
    let text = serde_json::to_string_pretty(&snapshot).map_err(io::Error::other)?;
    // Replaced in one step: a crash before it leaves the snapshot before.
    let named = root.join("snapshot.partial");
    fs::write(&named, text)?;
    fs::rename(&named, root.join(SNAPSHOT))?;
    sweep(&root, &folder);
    Ok(snapshot)
}

/// Destroys every snapshot: content that was erased must not stay in one.
pub fn discard(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory.join(FOLDER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Makes a snapshot if the log went on or time crossed a boundary since the last one; `None` when
/// there was nothing to do.
pub fn keep_up(registry: &Registry) -> Result<Option<Snapshot>, ExportError> {
    let position = registry.catch_up()?;
    let fits = last(registry.dir()).is_some_and(|snapshot| {
        snapshot.position == position && !is_over(&snapshot, registry.now())
    });
    if fits { Ok(None) } else { make(registry, &mut |_, _| {}).map(Some) }
}

fn is_over(snapshot: &Snapshot, now: Instant) -> bool {
    snapshot.valid_until.as_deref().is_some_and(|until| {
        // One that cannot be read is over.
        until.parse::<Instant>().map_or(true, |until| now >= until)
    })
}

/// Removes folders that no longer count. One that stays is removed next time.
fn sweep(root: &Path, keep: &str) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for entry in entries.flatten() {
        let is_kept = entry.file_name().to_str() == Some(keep);
        if !is_kept && entry.path().is_dir() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A folder only its owner may read, like everything of a registry that is not its log.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Size and SHA-256 of a file.
fn measure(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        bytes += read as u64;
    }
    let digest = hash.finalize();
    Ok((bytes, digest.iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// Counts what goes through it.
struct Counter<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        // The packer is flushed once, at its end: more would make files larger.
        Ok(())
    }
}
