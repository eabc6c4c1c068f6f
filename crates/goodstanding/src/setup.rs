//! The directory of a registry: what lies where, how it is created, and how its packs and profiles
//! are read back.
//!
//! ```text
//! DIR/truth.db, vault-keys.db, read.db    databases (ledger, ledger, projections)
//! DIR/log/, checkpoint.last, keys/, lock  static log, outside copy, signing key, writer's lock
//! DIR/lock.wanted                         held by whoever waits for the writer's lock
//! DIR/packs/<hash>/<pack>/...             packs by content; <pack>.in_force names the hash
//! DIR/packs/adopting                      only while packs are adopted, and after a crash therein
//! DIR/profiles/<hash>/<name>.toml         profiles by content; <name>.in_force likewise
//! DIR/demo                                only in a demonstration: the day and data it is from
//! ```
//!
//! The log is the witness: a `policy` leaf and a `ProfileAdopted` event name each hash, and a file
//! whose content no longer has the hash in its path is refused here.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use domain::civil::Instant;
use domain::event::{EventBody, ProfileAdopted};
use domain::refusal::{Language, Problem};
use domain::text::ProfileName;
use intake::Profile;
use ledger::{Batch, Draft, Entropy, Ledger, LedgerError, Setup, SystemEntropy};
use policy::{PackFile, Packs};

use crate::adoption;
use crate::shipped::ShippedFile;
use crate::signed_answer;

/// Where `--dir` points unless told otherwise.
pub const DEFAULT_DIRECTORY: &str = "./goodstanding-data";
/// Where `demo` builds unless told otherwise.
pub const DEMO_DIRECTORY: &str = "./goodstanding-demo";
/// The read tables in a registry's directory.
pub const READ_TABLES: &str = "read.db";
/// The truth in a registry's directory; its presence makes a directory a registry.
pub const TRUTH: &str = "truth.db";
/// The keys that open the content.
pub const VAULT: &str = "vault-keys.db";
/// What is left of a registry whose truth is not there.
const PARTS: [&str; 4] = ["vault-keys.db", "checkpoint.last", "keys/log.key", "log/checkpoint"];
/// The mark of a demonstration.
pub const DEMO_MARK: &str = "demo";

/// How often and in which steps another writer is waited for: five seconds in all.
const WRITER_ATTEMPTS: u32 = 20;
const WRITER_PAUSE: Duration = Duration::from_millis(250);

/// The folder of packs in a registry's directory.
pub const PACKS: &str = "packs";
const PROFILES: &str = "profiles";
const IN_FORCE: &str = "in_force";

/// Why a registry could not be created or its packs and profiles not be read.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is one already.
    #[error("`{0}` already holds a registry; choose another --dir, or use this one")]
    Exists(PathBuf),
    /// Something else is there.
    #[error("`{0}` is not empty and holds no registry; choose an empty or a new folder with --dir")]
    Occupied(PathBuf),
    /// There is none.
    #[error(
        "there is no registry in `{0}`; create one with `goodstanding init --origin NAME --dir {0}`, or try `goodstanding demo`"
    )]
    Absent(PathBuf),
    /// The name of the log.
    #[error(
        "`{0}` cannot name a log; give 1 to 200 visible characters without spaces and `+`, such as registry.example.org/log"
    )]
    Origin(String),
    /// A pack or a profile was refused; every problem with its file.
    #[error("{}", refused_text(.0))]
    Refused(Vec<FileProblem>),
    /// A shipped pack that does not exist was asked for.
    #[error("there is no pack `{0}`; shipped are {1}; or give a folder that holds one")]
    PackUnknown(String, String),
    /// A pack of an invented jurisdiction for a registry that does not say it is a demonstration.
    #[error(
        "the pack `{0}` is fictional: its publishers and laws do not exist, and a registry with it would look like a real one; leave it out, or run `goodstanding demo`"
    )]
    Fictional(String),
    /// Parts of a registry without its truth.
    #[error(
        "`{0}` holds parts of a registry, but not its `truth.db`: it was copied or restored by half; copy it again with nothing running, or use `goodstanding restore`, and do not create a new registry over it"
    )]
    Half(PathBuf),
    /// A folder without a pack.
    #[error("`{0}` holds no pack; a pack is a folder with `pack.toml` in it")]
    NoPack(PathBuf),
    /// Refusal 309.
    #[error("{}", Problem::of_input(domain::refusal::Refusal::ProfileUnknown).message(Language::En))]
    ProfileUnknown,
    /// A pack or profile was changed after it was adopted.
    #[error(
        "`{0}` was changed after it was adopted (its hash is on the log); restore it from a backup or adopt the new text under --profile FILE"
    )]
    Changed(PathBuf),
    /// A file could not be read or written.
    #[error("`{path}`: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A problem of a pack or a profile with the file it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// Path as given.
    pub file: String,
    /// What is wrong; `row` is the line.
    pub problem: Problem,
}

impl std::fmt::Display for FileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.problem.row {
            write!(f, ":{line}")?;
        }
        if let Some(key) = &self.problem.column {
            write!(f, ": `{key}`")?;
        }
        write!(f, ": {} {}", self.problem.refusal.number(), self.problem.message(Language::En))
    }
}

fn refused_text(problems: &[FileProblem]) -> String {
    problems.iter().map(FileProblem::to_string).collect::<Vec<_>>().join("\n")
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, SetupError> {
    result.map_err(|source| SetupError::File { path: path.to_owned(), source })
}

/// What a new registry starts with.
pub struct NewRegistry<'a> {
    /// Its directory.
    pub directory: &'a Path,
    /// The name of its log.
    pub origin: &'a str,
    /// The files of the packs in force at once.
    pub packs: &'a [PackFile],
    /// The profiles in force at once.
    pub profiles: &'a [ShippedFile],
    /// What it is for.
    pub purpose: Purpose<'a>,
}

/// What a registry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// Records: packs of invented jurisdictions are refused.
    Records,
    /// A demonstration, whose directory gets [`DEMO_MARK`] with this text: every page of it says
    /// so.
    Demonstration(&'a str),
}

/// What was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Packs in force, with their hashes.
    pub packs: Vec<(String, String)>,
    /// Profiles in force.
    pub profiles: Vec<String>,
}

/// Creates a registry. It is built in a folder beside and renamed at the end, so that a crash
/// leaves nothing under the name asked for, and `init` can simply be run again.
pub fn create(
    new: &NewRegistry<'_>,
    now: Instant,
    entropy: Box<dyn Entropy>,
) -> Result<Created, SetupError> {
    check_origin(new.origin)?;
    check_vacant(new.directory)?;
    let packs = load_pack_files(new.packs)?;
    if new.purpose == Purpose::Records {
        refuse_fictional(&packs)?;
    }
    let mut adopted = Vec::new();
    for file in new.profiles {
        let profile = parse_profile(&file.path, &file.text, &packs)?;
        adopted.push((profile_adopted(&profile), file));
    }
    let mut hashes: Vec<(String, String)> =
        packs.packs().map(|pack| (pack.name.clone(), pack.hash.clone())).collect();
    hashes.sort();
    let building = folder_beside(new.directory)?;
    for (name, hash) in &hashes {
        write_pack(&building, name, hash, new.packs)?;
    }
    for (profile, file) in &adopted {
        write_profile(&building, profile, &file.text)?;
    }
    let profiles: Vec<ProfileAdopted> = adopted.into_iter().map(|(profile, _)| profile).collect();
    let names = profiles.iter().map(|profile| profile.profile.to_string()).collect();
    let setup = Setup { origin: new.origin.to_owned(), packs: hashes.clone(), profiles };
    // Closed before the rename: its databases must not be open under the old name.
    drop(Ledger::create(&building, &setup, now, entropy)?);
    let answers = signed_answer::make_key(&building, new.origin);
    drop(at(&signed_answer::key_path(&building), answers)?);
    if let Purpose::Demonstration(mark) = new.purpose {
        write_file(&building.join(DEMO_MARK), mark)?;
    }
    // Replaces an empty folder; anything else was refused above.
    at(new.directory, fs::rename(&building, new.directory))?;
    building.parent().map_or(Ok(()), flush_folder)?;
    Ok(Created { packs: hashes, profiles: names })
}

/// Whether `origin` can name a log: C2SP keys and checkpoints allow neither spaces nor `+`.
pub fn check_origin(origin: &str) -> Result<(), SetupError> {
    let fits = (1..=200).contains(&origin.len())
        && origin.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '+');
    if fits { Ok(()) } else { Err(SetupError::Origin(origin.to_owned())) }
}

fn check_vacant(directory: &Path) -> Result<(), SetupError> {
    if directory.join(TRUTH).exists() {
        return Err(SetupError::Exists(directory.to_owned()));
    }
    if is_vacant(directory)? { Ok(()) } else { Err(SetupError::Occupied(directory.to_owned())) }
}

/// Whether nothing is in `directory`, or no such thing exists.
pub fn is_vacant(directory: &Path) -> Result<bool, SetupError> {
    match fs::read_dir(directory) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(SetupError::File { path: directory.to_owned(), source }),
    }
}

/// Whether `file`, which need not exist, would lie in `folder`.
pub fn is_within(file: &Path, folder: &Path) -> bool {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let place = file.canonicalize().or_else(|_| parent.unwrap_or(Path::new(".")).canonicalize());
    place.is_ok_and(|place| place.starts_with(folder))
}

/// An empty folder beside `directory`, without what an interrupted run left there.
pub fn folder_beside(directory: &Path) -> Result<PathBuf, SetupError> {
    let absolute = at(directory, std::path::absolute(directory))?;
    let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(SetupError::Occupied(directory.to_owned()));
    };
    let beside = parent.join(format!(".{}.building", name.to_string_lossy()));
    match fs::remove_dir_all(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(SetupError::File { path: beside, source: error });
        }
        _ => {}
    }
    at(&beside, fs::create_dir_all(&beside))?;
    Ok(beside)
}

/// Refuses a directory that holds no registry, with what to do about it.
pub fn check_present(directory: &Path) -> Result<(), SetupError> {
    if directory.join(TRUTH).is_file() {
        return Ok(());
    }
    let is_half = PARTS.iter().any(|part| directory.join(part).exists());
    let directory = directory.to_owned();
    Err(if is_half { SetupError::Half(directory) } else { SetupError::Absent(directory) })
}

/// Whether `directory` is a demonstration: every page of one carries a banner.
pub fn is_demo(directory: &Path) -> bool {
    directory.join(DEMO_MARK).is_file()
}

/// Refuses packs of invented jurisdictions: only a demonstration says on every page that nothing in
/// it is real.
pub fn refuse_fictional(packs: &Packs) -> Result<(), SetupError> {
    match packs.packs().find(|pack| pack.fictional) {
        Some(pack) => Err(SetupError::Fictional(pack.name.clone())),
        None => Ok(()),
    }
}

/// Checks `files` as packs.
pub fn load_pack_files(files: &[PackFile]) -> Result<Packs, SetupError> {
    Packs::load(files).map_err(|problems| {
        SetupError::Refused(
            problems
                .into_iter()
                .map(|found| FileProblem {
                    file: format!("{PACKS}/{}", found.file),
                    problem: found.problem,
                })
                .collect(),
        )
    })
}

/// The packs in force in the registry at `directory`; refused when a file no longer has its hash.
pub fn load_packs(directory: &Path) -> Result<Packs, SetupError> {
    check_present(directory)?;
    load_packs_of(directory, &packs_in_force(directory)?)
}

/// The packs with these hashes, by name; every version that was ever adopted stays there.
pub fn load_packs_of(
    directory: &Path,
    wanted: &BTreeMap<String, String>,
) -> Result<Packs, SetupError> {
    let packs = load_pack_files(&pack_files_of(directory, wanted)?)?;
    for pack in packs.packs() {
        if wanted.get(&pack.name) != Some(&pack.hash) {
            return Err(SetupError::Changed(directory.join(PACKS).join(&pack.name)));
        }
    }
    if !is_demo(directory) {
        refuse_fictional(&packs)?;
    }
    Ok(packs)
}

/// Their files.
pub fn pack_files_of(
    directory: &Path,
    wanted: &BTreeMap<String, String>,
) -> Result<Vec<PackFile>, SetupError> {
    let mut files = Vec::new();
    for hash in wanted.values() {
        files.extend(pack_files_under(&pack_folder(directory, hash))?);
    }
    Ok(files)
}

/// Where the text of the pack with this hash lies.
pub fn pack_folder(directory: &Path, hash: &str) -> PathBuf {
    directory.join(PACKS).join(hash)
}

/// Name and hash of each pack in force: what was put in force, and what the log has adopted since.
pub fn packs_in_force(directory: &Path) -> Result<BTreeMap<String, String>, SetupError> {
    let mut in_force = read_in_force(&directory.join(PACKS))?;
    in_force.extend(adoption::committed(directory)?);
    Ok(in_force)
}

/// The TOML files under `folder`, with paths relative to it.
pub fn pack_files_under(folder: &Path) -> Result<Vec<PackFile>, SetupError> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(inner) = waiting.pop() {
        for entry in at(&inner, fs::read_dir(&inner))? {
            let path = at(&inner, entry)?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let relative = path.strip_prefix(folder).unwrap_or(&path);
                let parts: Vec<_> =
                    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                let text = at(&path, fs::read_to_string(&path))?;
                files.push(PackFile { path: parts.join("/"), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn write_pack(
    directory: &Path,
    name: &str,
    hash: &str,
    files: &[PackFile],
) -> Result<(), SetupError> {
    let folder = directory.join(PACKS);
    let prefix = format!("{name}/");
    for file in files.iter().filter(|file| file.path.starts_with(&prefix)) {
        write_file(&folder.join(hash).join(&file.path), &file.text)?;
    }
    put_in_force(directory, name, hash)
}

/// From now on the pack `name` is the one with this hash.
pub fn put_in_force(directory: &Path, name: &str, hash: &str) -> Result<(), SetupError> {
    write_in_force(&directory.join(PACKS), name, hash)
}

/// `name -> hash` of everything in force in a folder of packs or profiles.
fn read_in_force(folder: &Path) -> Result<BTreeMap<String, String>, SetupError> {
    let mut in_force = BTreeMap::new();
    for entry in at(folder, fs::read_dir(folder))? {
        let path = at(folder, entry)?.path();
        if path.extension().is_none_or(|extension| extension != IN_FORCE) {
            continue;
        }
        let hash = at(&path, fs::read_to_string(&path))?.trim().to_owned();
        if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(SetupError::Changed(path));
        }
        if let Some(name) = path.file_stem() {
            in_force.insert(name.to_string_lossy().into_owned(), hash);
        }
    }
    Ok(in_force)
}

fn write_in_force(folder: &Path, name: &str, hash: &str) -> Result<(), SetupError> {
    write_file(&folder.join(format!("{name}.{IN_FORCE}")), &format!("{hash}\n"))
}

/// Writes beside and renames, so that a crash leaves the old text or the new one; what it is named
/// by on the log must not be less durable than the log.
pub fn write_file(path: &Path, text: &str) -> Result<(), SetupError> {
    if let Some(folder) = path.parent() {
        at(folder, fs::create_dir_all(folder))?;
    }
    let beside = path.with_extension("partial");
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_data()
    });
    at(&beside, written)?;
    at(path, fs::rename(&beside, path))?;
    path.parent().map_or(Ok(()), flush_folder)
}

/// What was made, renamed or removed in a folder is so for good once the folder is flushed.
pub fn flush_folder(folder: &Path) -> Result<(), SetupError> {
    at(folder, fs::File::open(folder).and_then(|folder| folder.sync_all()))
}

/// Checks `text` as a profile; `file` is the path it is reported under.
pub fn parse_profile(file: &str, text: &str, packs: &Packs) -> Result<Profile, SetupError> {
    let file_name = Path::new(file)
        .file_name()
        .map_or_else(|| file.to_owned(), |name| name.to_string_lossy().into_owned());
    Profile::load(&file_name, text, packs).map_err(|problems| {
        SetupError::Refused(
            problems
                .into_iter()
                .map(|found| FileProblem { file: file.to_owned(), problem: found.problem })
                .collect(),
        )
    })
}

/// What is in force in a registry, by name, with the hash of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Packs.
    pub packs: BTreeMap<String, String>,
    /// Profiles.
    pub profiles: BTreeMap<String, String>,
}

/// What the folders of the registry at `directory` say is in force; nothing of it is opened.
pub fn in_force(directory: &Path) -> Result<InForce, SetupError> {
    let packs = packs_in_force(directory)?;
    let profiles = read_in_force(&directory.join(PROFILES))?;
    Ok(InForce { packs, profiles })
}

/// The profiles in force in the registry at `directory`, by name.
pub fn load_profiles(directory: &Path, packs: &Packs) -> Result<Vec<Profile>, SetupError> {
    let in_force = read_in_force(&directory.join(PROFILES))?;
    in_force.iter().map(|(name, hash)| read_profile(directory, name, hash, packs)).collect()
}

/// The profile in force under `name`.
pub fn load_profile(directory: &Path, name: &str, packs: &Packs) -> Result<Profile, SetupError> {
    let in_force = read_in_force(&directory.join(PROFILES))?;
    let hash = in_force.get(name).ok_or(SetupError::ProfileUnknown)?;
    read_profile(directory, name, hash, packs)
}

fn read_profile(
    directory: &Path,
    name: &str,
    hash: &str,
    packs: &Packs,
) -> Result<Profile, SetupError> {
    let path = directory.join(PROFILES).join(hash).join(format!("{name}.toml"));
    let text = at(&path, fs::read_to_string(&path))?;
    let profile = parse_profile(&path.to_string_lossy(), &text, packs)?;
    if profile.hash == hash { Ok(profile) } else { Err(SetupError::Changed(path)) }
}

/// Opens the registry at `directory` for writing. Another writer is waited for, as long as upkeep
/// of a server takes; an import that runs longer is named in the failure.
pub fn open_writer(directory: &Path) -> Result<Ledger, LedgerError> {
    let wanted = match Ledger::open(directory, Box::new(SystemEntropy)) {
        Err(LedgerError::Locked(_)) => want(directory),
        opened => return opened,
    };
    for _ in 0..WRITER_ATTEMPTS {
        std::thread::sleep(WRITER_PAUSE);
        match Ledger::open(directory, Box::new(SystemEntropy)) {
            Err(LedgerError::Locked(_)) => {}
            opened => return opened,
        }
    }
    drop(wanted);
    Ledger::open(directory, Box::new(SystemEntropy))
}

/// The file by which a waiting writer is noticed, in a registry's directory.
const WANTED: &str = "lock.wanted";

/// Says that somebody waits for the writer's lock, for as long as what it gives is held. Where it
/// cannot be said, waiting goes on without.
fn want(directory: &Path) -> Option<fs::File> {
    let file = fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join(WANTED))
        .ok()?;
    file.lock_shared().ok()?;
    Some(file)
}

/// Whether another process, or another thread of this one, waits for the writer's lock.
pub fn is_wanted(directory: &Path) -> bool {
    let Ok(file) = fs::File::options().write(true).open(directory.join(WANTED)) else {
        return false;
    };
    matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock))
}

/// Whether the profile is the one in force under its name.
pub fn is_in_force(directory: &Path, profile: &Profile) -> Result<bool, SetupError> {
    let in_force = read_in_force(&directory.join(PROFILES))?;
    Ok(in_force.get(profile.name.as_str()) == Some(&profile.hash))
}

/// Adopts `profile`: text beside the log, `ProfileAdopted` on it, then in force. A crash in between
/// leaves the old one in force, and adopting again is safe.
pub fn adopt_profile(
    directory: &Path,
    ledger: &mut Ledger,
    profile: &Profile,
    text: &str,
    now: Instant,
) -> Result<(), SetupError> {
    let adopted = profile_adopted(profile);
    let folder = directory.join(PROFILES);
    let path = folder.join(&adopted.hash).join(format!("{}.toml", adopted.profile));
    write_file(&path, text)?;
    let draft =
        Draft { event: EventBody::ProfileAdopted(adopted.clone()), open: true, submission: None };
    ledger.append(Batch { drafts: vec![draft], leaves: vec![], expected: vec![] }, now)?;
    write_in_force(&folder, adopted.profile.as_str(), &adopted.hash)
}

fn write_profile(directory: &Path, adopted: &ProfileAdopted, text: &str) -> Result<(), SetupError> {
    let folder = directory.join(PROFILES);
    write_file(&folder.join(&adopted.hash).join(format!("{}.toml", adopted.profile)), text)?;
    write_in_force(&folder, adopted.profile.as_str(), &adopted.hash)
}

fn profile_adopted(profile: &Profile) -> ProfileAdopted {
    ProfileAdopted {
        profile: ProfileName::clone(&profile.name),
        hash: profile.hash.clone(),
        licence: profile.licence.clone(),
    }
}
