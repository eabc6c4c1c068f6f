//! The demonstration: a registry built from the data in the program, in the folder beside the user.
//!
//! Fictional dates are written `@today+1d` in the data, so that something always expires tomorrow;
//! they are resolved here, before intake, and nowhere else (design 9.18).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

mod cases;

pub use cases::{PlayedCase, TRY, WalkStep, played, walk};

use domain::civil::{Day, Instant, Zone};
use domain::identifiers;
use ledger::SystemEntropy;
use policy::PackFile;
use policy::measure::AddresseeRole;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::clock::{Clock, FixedClock};
use crate::import::{self, Effect, ImportError, Outcome, Reading, Request};
use crate::journal;
use crate::output::chain;
use crate::registry::Registry;
use crate::setup::{self, DEMO_MARK, NewRegistry, Purpose, SetupError, TRUTH};
use crate::shipped::{self, ShippedFile};

/// The file of the demonstration data that says what is imported in which order.
const PLAN: &str = "plan.toml";

/// Why the demonstration could not be built.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder holds something else.
    #[error("`{0}` is no demonstration; choose another folder with --dir")]
    Occupied(PathBuf),
    /// The data in the program are wrong: a fault of this release.
    #[error("the demonstration data are wrong: {0}")]
    Data(String),
    /// A file could not be written.
    #[error("`{path}`: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The registry could not be created.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// A file of the data was not imported.
    #[error("{file}: {source}")]
    Import {
        /// Which file.
        file: String,
        /// Why.
        source: ImportError,
    },
}

/// What is imported in which order, and what to look at first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    origin: String,
    /// The day on which the registry begins; what follows is played from then on.
    begins: String,
    #[serde(rename = "import")]
    imports: Vec<PlannedImport>,
    /// Organisations worth opening first.
    #[serde(rename = "try", default)]
    pub suggestions: Vec<Suggestion>,
    /// The commands that walk one case.
    pub walk: Option<cases::Walk>,
    /// How often fictional authorities asked about whom.
    #[serde(rename = "consult", default)]
    consults: Vec<PlannedConsults>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedConsults {
    /// An identifier.
    organisation: String,
    /// In which function.
    role: String,
    /// A day such as `@today-40d`.
    on: String,
    times: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedImport {
    file: String,
    profile: String,
    /// A day or `@today-9d`; today where it is missing.
    as_of: Option<String>,
    /// Read when the registry began, before its cases; otherwise today.
    #[serde(default)]
    first: bool,
    #[serde(default)]
    partial: bool,
}

/// An organisation worth opening first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    /// A search that finds it.
    pub query: String,
    /// What it shows.
    pub shows: String,
}

/// Whether `directory` holds a demonstration of today and of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It can be served as it is.
    Fresh,
    /// It was built on an earlier day or by another version: built anew.
    Stale,
    /// There is nothing.
    Nothing,
}

/// Looks at `directory`.
pub fn look(directory: &Path, today: Day) -> Result<Found, DemoError> {
    let mark = directory.join(DEMO_MARK);
    match fs::read_to_string(&mark) {
        Ok(text) if text == mark_text(today) && directory.join(TRUTH).exists() => Ok(Found::Fresh),
        Ok(_) => Ok(Found::Stale),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if setup::is_vacant(directory)? {
                Ok(Found::Nothing)
            } else {
                Err(occupied(directory))
            }
        }
        Err(source) => Err(file_error(directory, source)),
    }
}

fn occupied(directory: &Path) -> DemoError {
    DemoError::Occupied(directory.to_owned())
}

fn file_error(path: &Path, source: io::Error) -> DemoError {
    DemoError::File { path: path.to_owned(), source }
}

/// The day and the data a demonstration is built from.
fn mark_text(today: Day) -> String {
    let mut hasher = Sha256::new();
    let packs = shipped::packs().into_iter().map(|file| (file.path, file.text));
    let others = shipped::profiles().into_iter().chain(shipped::demo());
    for (path, text) in packs.chain(others.map(|file| (file.path, file.text))) {
        hasher.update(path.as_bytes());
        hasher.update([0]);
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    let hash: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("built on {today}\nfrom {hash}\n")
}

/// The plan in the program.
pub fn plan() -> Result<Plan, DemoError> {
    let files = shipped::demo();
    let text = find(&files, PLAN)?;
    toml::from_str(text).map_err(|error| DemoError::Data(format!("{PLAN}: {error}")))
}

fn find<'a>(files: &'a [ShippedFile], path: &str) -> Result<&'a str, DemoError> {
    files
        .iter()
        .find(|file| file.path == path)
        .map(|file| file.text.as_str())
        .ok_or_else(|| DemoError::Data(format!("there is no file `{path}`")))
}

/// Builds the demonstration in `directory`, which is vacant or an older one. It is built beside and
/// renamed at the end: a stopped build leaves nothing that would be served.
pub fn build(
    directory: &Path,
    clock: &dyn Clock,
    report: &mut dyn FnMut(&str, &Outcome),
) -> Result<(), DemoError> {
    let today = clock.now().day_in(&Zone::UTC);
    let plan = plan()?;
    let files = shipped::demo();
    let building = setup::folder_beside(directory)?;
    let registry = building.join("registry");
    let begins = begins(&plan, today)?;
    create(&registry, &plan.origin, &mark_text(today), &FixedClock::new(begins))?;
    let mut import = |planned: &PlannedImport, day: Day, clock: &dyn Clock| {
        let text = resolve_dates(find(&files, &planned.file)?, today)?;
        let path = building.join("file");
        fs::write(&path, text).map_err(|source| file_error(&path, source))?;
        let outcome = import_one(&registry, planned, &path, (today, day), clock)?;
        report(&planned.file, &outcome);
        Ok::<(), DemoError>(())
    };
    let (first, later): (Vec<_>, Vec<_>) = plan.imports.iter().partition(|planned| planned.first);
    for planned in first {
        import(planned, begins.day_in(&Zone::UTC), &FixedClock::new(begins))?;
    }
    let packs = setup::load_packs(&registry)?;
    let span = (begins, clock.now());
    cases::play(&registry, &files, &packs, span, today, plan.walk.as_ref())?;
    for planned in later {
        import(planned, today, clock)?;
    }
    // Opening brings the files of the log up to what was committed.
    drop(setup::open_writer(&registry)?);
    count_consults(&registry, &plan.consults, today, clock.now())?;
    replace(directory, &registry)?;
    fs::remove_dir_all(&building).map_err(|source| file_error(&building, source))
}

/// The instant at which the demonstration's registry begins.
fn begins(plan: &Plan, today: Day) -> Result<Instant, DemoError> {
    let day = resolve_dates(&plan.begins, today)?
        .parse()
        .map_err(|_| DemoError::Data(format!("{PLAN}: `{}` is no day", plan.begins)))?;
    Ok(Zone::UTC.start_of(day))
}

/// Fills the journal of consults, which no command could fill for months that are over.
fn count_consults(
    directory: &Path,
    planned: &[PlannedConsults],
    today: Day,
    now: Instant,
) -> Result<(), DemoError> {
    let failed = |what: String| DemoError::Data(format!("{PLAN}: consults: {what}"));
    let registry = Registry::open(directory, Arc::new(FixedClock::new(now)))
        .map_err(|error| failed(chain(&error)))?;
    for consults in planned {
        let on = resolve_dates(&consults.on, today)?;
        let on = on.parse().map_err(|_| failed(format!("`{on}` is no day")))?;
        let role = AddresseeRole::from_key(&consults.role);
        let role = role.ok_or_else(|| failed(format!("`{}` is no function", consults.role)))?;
        let claim = identifiers::recognise(&consults.organisation);
        let id = claim.and_then(|claim| registry.redirect(&claim).ok().flatten());
        let id = id.ok_or_else(|| failed(format!("`{}` is unknown", consults.organisation)))?;
        for _ in 0..consults.times {
            journal::count(directory, id, role, Zone::UTC.start_of(on))
                .map_err(|error| failed(chain(&error)))?;
        }
    }
    Ok(())
}

/// A registry with the packs and profiles of the demonstration and nothing in it. `mark` says what
/// it is.
pub(crate) fn create(
    directory: &Path,
    origin: &str,
    mark: &str,
    clock: &dyn Clock,
) -> Result<(), DemoError> {
    let files = shipped::demo();
    let packs: Vec<PackFile> = shipped::packs().into_iter().chain(demo_packs(&files)).collect();
    let profiles: Vec<ShippedFile> = shipped::profiles()
        .into_iter()
        .chain(files.iter().filter(|file| is_profile(&file.path)).cloned())
        .collect();
    let purpose = Purpose::Demonstration(mark);
    let new = NewRegistry { directory, origin, packs: &packs, profiles: &profiles, purpose };
    setup::create(&new, clock.now(), Box::new(SystemEntropy))?;
    Ok(())
}

fn import_one(
    registry: &Path,
    planned: &PlannedImport,
    file: &Path,
    (today, read_on): (Day, Day),
    clock: &dyn Clock,
) -> Result<Outcome, DemoError> {
    let packs = setup::load_packs(registry)?;
    let profile = setup::load_profile(registry, &planned.profile, &packs)?;
    let as_of = match &planned.as_of {
        None => read_on,
        Some(text) => resolve_dates(text, today)?
            .parse()
            .map_err(|_| DemoError::Data(format!("{PLAN}: `{text}` is no day")))?,
    };
    let mut ledger = setup::open_writer(registry)?;
    ledger.defer_files();
    let request = Request {
        directory: registry,
        packs: &packs,
        profile: &profile,
        file,
        as_of,
        today: read_on,
        extent: if planned.partial { Reading::Partial } else { Reading::AsProfiled },
        effect: Effect::Commit,
        accept_vanished: None,
        rows_per_batch: import::ROWS_PER_BATCH,
        quarantine: None,
        receipts: None,
    };
    import::run(&request, &mut ledger, clock)
        .map_err(|source| DemoError::Import { file: planned.file.clone(), source })
}

/// Puts the new registry where the old one was. Only a marked demonstration is ever removed.
fn replace(directory: &Path, registry: &Path) -> Result<(), DemoError> {
    if directory.exists() {
        if !setup::is_vacant(directory)? && !setup::is_demo(directory) {
            return Err(occupied(directory));
        }
        fs::remove_dir_all(directory).map_err(|source| file_error(directory, source))?;
    }
    fs::rename(registry, directory).map_err(|source| file_error(directory, source))
}

/// The packs of fictional publishers: `packs/<name>/...` of the demonstration data.
fn demo_packs(files: &[ShippedFile]) -> impl Iterator<Item = PackFile> {
    files.iter().filter(|file| file.path.ends_with(".toml")).filter_map(|file| {
        let path = file.path.strip_prefix("packs/")?;
        Some(PackFile { path: path.to_owned(), text: file.text.clone() })
    })
}

fn is_profile(path: &str) -> bool {
    path.starts_with("profiles/") && path.ends_with(".toml")
}

/// `@today`, `@today+3d` and `@today-3d` as days.
///
/// ```
/// use goodstanding::demo::resolve_dates;
/// let today = "2026-02-27".parse().unwrap();
/// assert_eq!(resolve_dates("until @today+2d, from @today-1d", today).unwrap(), "until 2026-03-01, from 2026-02-26");
/// assert!(resolve_dates("@today+d", today).is_err());
/// ```
pub fn resolve_dates(text: &str, today: Day) -> Result<String, DemoError> {
    let mut parts = text.split("@today");
    let mut resolved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (days, rest) = offset(part)?;
        resolved.push_str(&today.plus_days(days).to_string());
        resolved.push_str(rest);
    }
    Ok(resolved)
}

/// `+3d` or `-3d` at the beginning of `text`, and what follows; nothing is no days.
fn offset(text: &str) -> Result<(i64, &str), DemoError> {
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        (None, None) => return Ok((0, text)),
    };
    let number = rest.split_once('d').and_then(|(digits, rest)| {
        let days: u16 = digits.parse().ok()?;
        Some((sign * i64::from(days), rest))
    });
    number.ok_or_else(|| DemoError::Data("`@today` without a number of days".to_owned()))
}
