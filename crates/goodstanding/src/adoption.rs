//! Adopting versions of packs: read and checked with what is in force, stored by content, told on
//! the log by two people, then in force.
//!
//! A crash leaves nothing or all. The texts are stored first; a note (`packs/adopting`) says which
//! hashes are about to be told and at which position of the log. Whoever reads the packs looks
//! there: if the log tells them, they are in force, else they are not. The note is taken away once
//! the files `*.in_force` say the same, or by the next adoption.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::adoption::{PackAdopted, PackName, ReviewerPair};
use domain::case::CaseEvent;
use domain::civil::Instant;
use domain::event::EventBody;
use domain::refusal::{Problem, Refusal};
use ledger::LedgerReader;
use ledger::wire::Leaf;
use policy::procedure::PeriodKey;
use policy::{Change, InUse, PackFile, Packs, hash_of};

use crate::cases::{CaseError, Desk};
use crate::laws::Laws;
use crate::setup::{self, PACKS, SetupError};
use crate::standing::{self, Concerned};

const ADOPTING: &str = "adopting";
/// The pack whose periods hold where a new pack has none of its own yet.
const GENERIC: &str = "generic";

/// Packs that are not adopted yet, together with those that stay.
#[derive(Debug)]
pub struct Candidate {
    /// All packs as they would be.
    pub packs: Packs,
    /// Those that would be other ones, by name.
    pub changed: Vec<Changed>,
    /// What would change, in the order of things.
    pub changes: Vec<Change>,
    files: Vec<PackFile>,
}

/// A pack that would be another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// Its version, as its authors count.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// Version and hash in force now; `None` for a pack that is new here.
    pub before: Option<(String, String)>,
}

/// Why packs are no candidate.
#[derive(Debug, thiserror::Error)]
pub enum CandidateError {
    /// They are refused.
    #[error("{}", .0.refusal)]
    Refused(Problem),
    /// They could not be read, or have problems of their own.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

fn refused(refusal: Refusal) -> CandidateError {
    CandidateError::Refused(Problem::of_input(refusal))
}

/// Reads the packs in `folder`, which is one pack or holds several, and checks them strictly with
/// the packs in force that it does not replace, and with the profiles that rest on them.
pub fn candidate(
    directory: &Path,
    folder: &Path,
    current: &Packs,
    laws: &Laws,
) -> Result<Candidate, CandidateError> {
    let given = given(folder)?;
    let names: Vec<&str> =
        given.iter().filter_map(|file| Some(file.path.split_once('/')?.0)).collect();
    let kept: BTreeMap<String, String> = current
        .packs()
        .filter(|pack| !names.contains(&pack.name.as_str()))
        .map(|pack| (pack.name.clone(), pack.hash.clone()))
        .collect();
    let mut all = setup::pack_files_of(directory, &kept)?;
    all.extend(given.iter().cloned());
    let packs = setup::load_pack_files(&all)?;
    if !setup::is_demo(directory) {
        setup::refuse_fictional(&packs)?;
    }
    let mut changed = Vec::new();
    for pack in packs.packs() {
        let before = current.pack(&pack.name);
        let is_same = before.is_some_and(|before| before.hash == pack.hash);
        // What lies there without an act on the log, as after a restore, is still to be adopted.
        if is_same && laws.check_adopted(&pack.name).is_ok() {
            continue;
        }
        if !is_same && before.is_some_and(|before| before.version == pack.version) {
            let problem = Problem::of_input(Refusal::PackVersionKept);
            let detail = format!("{} {}", pack.name, pack.version);
            return Err(CandidateError::Refused(problem.with_detail(detail)));
        }
        changed.push(Changed {
            name: pack.name.clone(),
            version: pack.version.clone(),
            hash: pack.hash.clone(),
            before: before.map(|before| (before.version.clone(), before.hash.clone())),
        });
    }
    if changed.is_empty() {
        return Err(refused(Refusal::PackUnchanged));
    }
    // A list that a profile rests on must not go away under it.
    setup::load_profiles(directory, &packs)?;
    let changes = policy::diff(current, &packs);
    Ok(Candidate { packs, changed, changes, files: given })
}

/// The files of `folder`, with paths that begin with the name of their pack.
fn given(folder: &Path) -> Result<Vec<PackFile>, CandidateError> {
    let mut files = setup::pack_files_under(folder)?;
    if folder.join("pack.toml").is_file() {
        let absolute = fs::canonicalize(folder)
            .map_err(|source| SetupError::File { path: folder.to_owned(), source })?;
        let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| refused(Refusal::PackForeign))?;
        for file in &mut files {
            file.path = format!("{name}/{}", file.path);
        }
    }
    if !files.iter().any(|file| file.path.ends_with("/pack.toml")) {
        return Err(refused(Refusal::PackForeign));
    }
    Ok(files)
}

/// What was told on the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Position of the first act.
    pub position: u64,
    /// When.
    pub at: Instant,
    /// What is heavier may be used from then on.
    pub in_use_from: Instant,
    /// What it did to records.
    pub concerned: Concerned,
}

/// From when on what is adopted at `now` may be used against organisations: the period of notice
/// of each pack as it is in use, the longest of them. A version that shortens it waits for it.
pub fn in_use_from(changed: &[Changed], in_use: &InUse, now: Instant) -> Result<Instant, Problem> {
    let mut latest = now;
    for pack in changed {
        let rules = in_use.packs.procedure(&pack.name).or_else(|| in_use.packs.procedure(GENERIC));
        let missing = || Problem::of_input(Refusal::PeriodMissing).with_detail("adoption.notice");
        let rules = rules.ok_or_else(missing)?;
        let notice = rules.period(PeriodKey::AdoptionNotice).ok_or_else(missing)?;
        let until = notice.ends_at(now.day_in(rules.zone()), &rules.calendar).map_err(|out| {
            Problem::of_input(Refusal::CalendarUncovered).with_detail(out.day.to_string())
        })?;
        latest = latest.max(until);
    }
    Ok(latest)
}

/// Stores `candidate`, tells it on the log and puts it in force. The desk's lock is held, so the
/// packs it was compared with are still those in force. In the same batch records end earlier that
/// the new version lets stand shorter (I-11), and those are withdrawn whose entry it drops (T43),
/// where `withdraw` says so.
///
/// # Errors
/// Where records rest on what it drops and `withdraw` does not say so.
pub fn adopt(
    desk: &mut Desk<'_>,
    candidate: &Candidate,
    by: &ReviewerPair,
    withdraw: bool,
) -> Result<Told, CaseError> {
    let directory = desk.directory().to_owned();
    settle(&directory)?;
    let in_force = setup::packs_in_force(&directory)?;
    let is_same = |pack: &Changed| in_force.get(&pack.name) == pack.before.as_ref().map(|it| &it.1);
    if !candidate.changed.iter().all(is_same) {
        return Err(Refusal::PackHashOther.into());
    }
    let now = desk.now()?;
    let in_use_from = in_use_from(&candidate.changed, &desk.in_use(now), now)
        .map_err(|problem| CaseError::Refused(vec![problem]))?;
    let laws = desk.laws().with(&candidate.packs, now, in_use_from);
    let concerned = standing::concerned(desk.view(), &laws, candidate, now)?;
    if !concerned.repealed.is_empty() && !withdraw {
        let problem = Problem::of_input(Refusal::RecordsWithoutEntry);
        let detail = concerned.repealed.len().to_string();
        return Err(CaseError::Refused(vec![problem.with_detail(detail)]));
    }
    let (mut events, mut leaves) = (Vec::new(), Vec::new());
    for pack in &candidate.changed {
        store(&directory, pack, &candidate.files)?;
        let name = PackName::new(&pack.name).ok_or(Refusal::PackForeign)?;
        events.push(EventBody::PackAdopted(PackAdopted {
            pack: name,
            hash: pack.hash.clone(),
            by: by.clone(),
            in_use_from,
        }));
        leaves.push(Leaf::Policy { pack: pack.name.clone(), hash: pack.hash.clone() });
    }
    let steps: Vec<CaseEvent> = concerned.steps().cloned().collect();
    let entries = events.len() + steps.len() + leaves.len();
    note(&directory, desk.position()?, entries, &candidate.changed)?;
    let (position, at) = desk.adopt_all(events, steps, leaves)?;
    settle(&directory)?;
    // What ended is not shown any more; its openings are withheld now or by the next upkeep.
    desk.announce_all()?;
    Ok(Told { position, at, in_use_from, concerned })
}

/// Writes the texts of a pack under its hash, and reads them back: what the log names must be what
/// is there.
fn store(directory: &Path, pack: &Changed, files: &[PackFile]) -> Result<(), CaseError> {
    let folder = setup::pack_folder(directory, &pack.hash);
    let prefix = format!("{}/", pack.name);
    for file in files.iter().filter(|file| file.path.starts_with(&prefix)) {
        setup::write_file(&folder.join(&file.path), &file.text)?;
    }
    if hash_of(&setup::pack_files_under(&folder)?) != pack.hash {
        return Err(Refusal::PackHashOther.into());
    }
    Ok(())
}

fn note(
    directory: &Path,
    position: u64,
    entries: usize,
    changed: &[Changed],
) -> Result<(), SetupError> {
    let lines = changed.iter().map(|pack| format!("{} {}\n", pack.name, pack.hash));
    let text = format!("{position} {entries}\n{}", lines.collect::<String>());
    setup::write_file(&note_path(directory), &text)
}

fn note_path(directory: &Path) -> PathBuf {
    directory.join(PACKS).join(ADOPTING)
}

/// What was about to be told: each pack with its hash, the position of the first entry, and how
/// many there are of the batch.
struct Note {
    position: u64,
    entries: u64,
    hashes: BTreeMap<String, String>,
}

/// What the note says; `None` where there is none.
fn noted(directory: &Path) -> Result<Option<Note>, SetupError> {
    let path = note_path(directory);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SetupError::File { path, source }),
    };
    let mut lines = text.lines();
    let first: Vec<Option<u64>> = lines
        .next()
        .map(|line| line.split(' ').map(|number| number.parse().ok()).collect())
        .unwrap_or_default();
    let hashes = lines
        .map(|line| line.split_once(' ').map(|(name, hash)| (name.to_owned(), hash.to_owned())))
        .collect::<Option<BTreeMap<_, _>>>();
    match (first.as_slice(), hashes) {
        ([Some(position), Some(entries)], Some(hashes)) => {
            Ok(Some(Note { position: *position, entries: *entries, hashes }))
        }
        // As an older release wrote it: an act and an entry in the clear for each pack.
        ([Some(position)], Some(hashes)) => {
            let entries = 2 * hashes.len() as u64;
            Ok(Some(Note { position: *position, entries, hashes }))
        }
        _ => Err(SetupError::Changed(path)),
    }
}

/// Packs that an adoption which did not come to its end has told on the log: they are in force.
pub fn committed(directory: &Path) -> Result<BTreeMap<String, String>, SetupError> {
    let Some(Note { position, entries, hashes }) = noted(directory)? else {
        return Ok(BTreeMap::new());
    };
    let reader = LedgerReader::open(directory)?;
    let mut told = BTreeMap::new();
    // One batch: an act for each pack, what it does to records, an entry in the clear for each
    // pack.
    for position in position..position.saturating_add(entries) {
        if let Some(Leaf::Policy { pack, hash }) = reader.leaf(position)? {
            told.insert(pack, hash);
        }
    }
    Ok(if told == hashes { told } else { BTreeMap::new() })
}

/// Brings an adoption that was interrupted to its end, and takes the note away.
fn settle(directory: &Path) -> Result<(), SetupError> {
    let path = note_path(directory);
    if !path.exists() {
        return Ok(());
    }
    for (name, hash) in committed(directory)? {
        setup::put_in_force(directory, &name, &hash)?;
    }
    fs::remove_file(&path).map_err(|source| SetupError::File { path: path.clone(), source })?;
    path.parent().map_or(Ok(()), setup::flush_folder)
}
