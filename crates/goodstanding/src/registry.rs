//! The application layer of reading: one registry directory, asked by many threads. Used by the
//! command line and the server alike; knows no HTTP and prints nothing.
//!
//! The answers are plain data of `projections`, re-exported here:

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;

use domain::authority::AuthorityKey;
use domain::civil::Instant;
use domain::identifiers::IdentifierClaim;
use domain::identity::IdentityKind;
use domain::ids::{OrganisationId, RecordId};
use domain::performance::Month;
use domain::text::{ListId, ProfileName};
use due_process::consult::Override;
use due_process::identity::{Identities, Stage};
use due_process::published::Published;
use ledger::LedgerReader;
use ledger::note::{Checkpoint, SignerKey};
use policy::measure::AddresseeRole;
use policy::{InUse, Packs};
use projections::answers::Figures;
use projections::{ProjectionError, PublicReader, ReadTables};

use crate::answer_keys;
use crate::clock::Clock;
use crate::journal::{self, JournalError};
use crate::laws::{Laws, LawsError};
use crate::setup::{self, READ_TABLES};
use crate::signed_answer;
use crate::sources::{self, Try};
use crate::vitals::{self, Vitals};

pub use projections::{Feedback, Since, Told, Withdrawal, Withdrawals};

pub use projections::answers::{
    FileAnswer, Growth, Hit, Holding, IdentityShown, ListPage, ListRow, ListSummary, LogEntry,
    LogEntryAnswer, LogPage, Openings, Performance, PerformanceBasis, ProofAnswer, RecordAnswer,
    SearchAnswer, SourceStatus, SuggestedTwins, Twin, Why,
};
pub use projections::case_view::{CaseContent, CaseView};
pub use projections::file::{
    IdentifierShown, NameClaim, OrganisationFile, RecordView, TimelineEntry,
};

/// Why the registry could not answer. Not a refusal: we failed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The truth could not be read.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The read tables could not be read.
    #[error(transparent)]
    Projection(#[from] projections::ProjectionError),
    /// The journal of consults could not be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The directory does not hold what it should: missing packs, an unreadable file.
    #[error(transparent)]
    Setup(#[from] setup::SetupError),
}

impl From<LawsError> for AppError {
    fn from(error: LawsError) -> AppError {
        match error {
            LawsError::Ledger(error) => AppError::Ledger(error),
            LawsError::Setup(error) => AppError::Setup(error),
        }
    }
}

/// The registry in a sentence.
#[derive(Debug, Clone)]
pub struct Status {
    /// Entries on the log.
    pub size: u64,
    /// Organisations that answer.
    pub organisations: u64,
    /// Records shown now.
    pub records: u64,
    /// Time of the last entry, which the published checkpoint covers.
    pub checkpoint_at: Instant,
    /// Name of the log.
    pub origin: String,
    /// Its verification key.
    pub vkey: String,
}

/// What is kept in memory for the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caching {
    /// Readers kept open; more are opened when more threads ask at once.
    pub readers: usize,
    /// Page cache of each reader of the read tables, in MiB; `None`: as they are made.
    pub reader_mebibytes: Option<u32>,
}

impl Default for Caching {
    fn default() -> Caching {
        Caching { readers: 16, reader_mebibytes: None }
    }
}

/// One registry directory, open for reading; shared by many threads.
///
/// **Invariant:** asking leaves no trace: nothing here writes, counts or logs a question (promise
/// P9). [`Registry::journal`] is called for what an authority asks as such, and by nothing else.
pub struct Registry {
    directory: PathBuf,
    clock: Arc<dyn Clock>,
    packs: RwLock<PacksKept>,
    origin: String,
    vkey: String,
    is_demo: bool,
    caching: Caching,
    /// Signs answers, where the registry has the key for it.
    answers: Option<SignerKey>,
    /// Verification keys of answers that were signed before by others.
    answers_former: Vec<String>,
    /// Readers nobody uses right now, and the file they have open.
    pool: Mutex<Pool>,
    /// Figures of the whole registry as they were counted last.
    figures: Mutex<Option<Counted>>,
    /// The versions that the log names, with the packs in force that they were put together for.
    laws: Mutex<Option<(Arc<Packs>, Arc<Laws>)>>,
    /// What is shown of the records below a position, as it was counted last.
    holding: Mutex<Option<HoldingKept>>,
    /// What addressees said, as it was counted last.
    feedback: Mutex<Option<FeedbackKept>>,
    /// Figures of authorities as they were counted last, each with what they follow from.
    told: Mutex<Vec<CountedOn>>,
}

/// Position of the read tables and the month that runs; the answer.
type FeedbackKept = ((u64, Month), Arc<Feedback>);

/// Figures of every authority at the beginning of a day.
type CountedOn = (PerformanceBasis, Arc<[Performance]>);

/// Days whose figures are kept: today, and what was asked about lately.
// Not law: answers in memory.
const DAYS_KEPT: usize = 8;

/// Position asked about, position of the read tables and last boundary of time; the answer.
type HoldingKept = ((u64, u64, Option<Instant>), Holding);

/// Figures, when they were counted, and the last boundary of time before that.
struct Counted {
    at: Instant,
    boundary: Option<Instant>,
    figures: Figures,
}

/// Above this many records counting takes long enough (a second for a million) to be done at most
/// every [`COUNT_SECONDS`] while the log grows.
const COUNT_OFTEN_MAX: u64 = 100_000;
const COUNT_SECONDS: i64 = 10;

/// The packs in force, and when their folder had last changed before they were read.
struct PacksKept {
    packs: Arc<Packs>,
    folder: Option<SystemTime>,
}

impl PacksKept {
    fn load(directory: &Path) -> Result<PacksKept, setup::SetupError> {
        // Looked at first: what changes in between is read again with the next question.
        let folder = PacksKept::changed(directory);
        Ok(PacksKept { packs: Arc::new(setup::load_packs(directory)?), folder })
    }

    fn changed(directory: &Path) -> Option<SystemTime> {
        std::fs::metadata(directory.join(setup::PACKS)).ok()?.modified().ok()
    }
}

#[derive(Default)]
struct Pool {
    file: Option<FileIdentity>,
    readers: Vec<Readers>,
}

/// What one thread needs for one request.
struct Readers {
    public: PublicReader,
    ledger: LedgerReader,
}

impl Registry {
    /// Opens the registry at `directory`. Read tables that are missing or of another version are
    /// made anew, and those that are behind follow, unless another process is doing so.
    pub fn open(directory: &Path, clock: Arc<dyn Clock>) -> Result<Registry, AppError> {
        let packs = PacksKept::load(directory)?;
        let ledger = LedgerReader::open(directory)?;
        prepare(&directory.join(READ_TABLES), &ledger)?;
        let answers = signed_answer::read_key(directory, ledger.origin());
        Ok(Registry {
            directory: directory.to_owned(),
            clock,
            packs: RwLock::new(packs),
            origin: ledger.origin().to_owned(),
            vkey: ledger.vkey().to_string(),
            is_demo: setup::is_demo(directory),
            answers_former: answer_keys::former(directory, answers.as_ref()),
            answers,
            caching: Caching::default(),
            pool: Mutex::default(),
            figures: Mutex::default(),
            laws: Mutex::default(),
            holding: Mutex::default(),
            feedback: Mutex::default(),
            told: Mutex::default(),
        })
    }

    /// The same, keeping in memory what `caching` says.
    pub fn with_caching(mut self, caching: Caching) -> Registry {
        self.caching = caching;
        self
    }

    /// The directory, as given by `--dir`.
    pub fn dir(&self) -> &Path {
        &self.directory
    }

    /// The present instant, as the registry's clock shows it.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Its clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The packs in force; read anew when others were adopted. Where the new ones cannot be read,
    /// the old ones go on to be shown and `doctor` says what is wrong.
    pub fn packs(&self) -> Arc<Packs> {
        let kept = self.packs.read().unwrap_or_else(PoisonError::into_inner);
        if kept.folder == PacksKept::changed(&self.directory) {
            return Arc::clone(&kept.packs);
        }
        drop(kept);
        let read = PacksKept::load(&self.directory);
        let mut kept = self.packs.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(read) => *kept = read,
            Err(error) => {
                tracing::error!("packs: {error}");
                kept.folder = PacksKept::changed(&self.directory);
            }
        }
        Arc::clone(&kept.packs)
    }

    /// Every version of the packs that the log names.
    pub fn laws(&self) -> Result<Arc<Laws>, AppError> {
        let packs = self.packs();
        if let Some((of, laws)) = held(&self.laws).as_ref()
            && Arc::ptr_eq(of, &packs)
        {
            return Ok(Arc::clone(laws));
        }
        let now = self.now();
        let laws = self.ask(|readers| {
            let adoptions = readers.public.adoptions(&readers.ledger, now)?;
            let laws = Laws::load(&self.directory, &readers.ledger, &adoptions, &packs);
            Ok(Arc::new(laws?))
        })?;
        // Read tables that are behind do not know the last act yet.
        if laws.is_complete() {
            *held(&self.laws) = Some((packs, Arc::clone(&laws)));
        }
        Ok(laws)
    }

    /// What of the packs may be used at `at`.
    pub fn in_use(&self, at: Instant) -> Result<Arc<InUse>, AppError> {
        Ok(self.laws()?.at(at))
    }

    /// Name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its verification key.
    pub fn vkey(&self) -> &str {
        &self.vkey
    }

    /// The key that signs answers (spec/answer.md); `None` where the registry has none.
    pub fn answers_key(&self) -> Option<&SignerKey> {
        self.answers.as_ref()
    }

    /// The verification keys of answers that were signed under others before.
    pub fn answers_keys_former(&self) -> &[String] {
        &self.answers_former
    }

    /// The published head of the log.
    pub fn head(&self) -> Result<Checkpoint, AppError> {
        let note = self.log_page(None, 1)?.checkpoint;
        let text = note.split_once("\n\n").map(|(text, _)| format!("{text}\n"));
        let head = text.and_then(|text| Checkpoint::parse(&text).ok());
        Ok(head.ok_or(ProjectionError::Broken("checkpoint"))?)
    }

    /// Whether it is a demonstration: every page says so.
    pub fn is_demo(&self) -> bool {
        self.is_demo
    }

    /// Lets the read tables follow the log to its end, and gives the position they reached.
    pub fn catch_up(&self) -> Result<u64, AppError> {
        let ledger = LedgerReader::open(&self.directory)?;
        prepare(&self.directory.join(READ_TABLES), &ledger)
    }

    /// How the registry is, in numbers that cost nothing to read.
    pub fn vitals(&self) -> Result<Vitals, AppError> {
        self.ask(|readers| Ok(vitals::read(&readers.ledger, readers.public.cursor()?)?))
    }

    /// The registry in a sentence.
    pub fn status(&self) -> Result<Status, AppError> {
        let now = self.now();
        self.ask(|readers| {
            let figures = self.figures(readers, now)?;
            Ok(Status {
                size: readers.ledger.size()?,
                organisations: figures.organisations,
                records: figures.records,
                checkpoint_at: readers.ledger.last_at()?,
                origin: self.origin.clone(),
                vkey: self.vkey.clone(),
            })
        })
    }

    /// Counted once for each position and each boundary of time; large registries less often.
    fn figures(&self, readers: &Readers, now: Instant) -> Result<Figures, AppError> {
        let position = readers.public.cursor()?;
        let (boundary, _) = readers.public.boundaries(now)?;
        let mut kept = held(&self.figures);
        if let Some(counted) = kept.as_ref().filter(|counted| counted.boundary == boundary) {
            let is_recent = now.micros() - counted.at.micros() < COUNT_SECONDS * 1_000_000;
            let is_large = counted.figures.records > COUNT_OFTEN_MAX;
            if counted.figures.position == position || (is_recent && is_large) {
                return Ok(counted.figures.clone());
            }
        }
        let figures = readers.public.figures(&readers.ledger, now)?;
        *kept = Some(Counted { at: now, boundary, figures: figures.clone() });
        Ok(figures)
    }

    /// The file of an organisation, as known at `at`, in effect on `on`, and only what may be shown
    /// now. `None` for an unknown id as for one that nothing supports any more.
    pub fn file(
        &self,
        id: OrganisationId,
        at: Option<u64>,
        on: Option<Instant>,
    ) -> Result<Option<FileAnswer>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.file(&readers.ledger, id, at, on, now)?))
    }

    /// Every organisation by id, and whether its legal form has one owner.
    pub fn all_organisations(&self) -> Result<Vec<(OrganisationId, bool)>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.all_organisations(&readers.ledger, now)?))
    }

    /// Entries below this position are answered from.
    pub fn position(&self) -> Result<u64, AppError> {
        self.ask(|readers| Ok(readers.public.cursor()?))
    }

    /// What is shown of the records below `position`. Looks at every record.
    pub fn holding(&self, position: u64) -> Result<Holding, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.holding(&readers.ledger, position, now)?))
    }

    /// The same, counted once for each position and each boundary of time.
    pub fn holding_kept(&self, position: u64) -> Result<Holding, AppError> {
        let (cursor, boundary) = self.etag_boundary()?;
        let asked = (position, cursor, boundary);
        if let Some((_, holding)) = held(&self.holding).filter(|(kept, _)| *kept == asked) {
            return Ok(holding);
        }
        let holding = self.holding(position)?;
        // Counted on a later state than asked about, it is counted again next time.
        if self.etag_boundary()? == (cursor, boundary) {
            *held(&self.holding) = Some((asked, holding));
        }
        Ok(holding)
    }

    /// What the log announces about its openings.
    pub fn openings(&self) -> Result<Openings, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.openings(&readers.ledger, now)?))
    }

    /// How long the log was at each of `instants`.
    pub fn growth(&self, instants: &[Instant]) -> Result<Vec<Growth>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.growth(&readers.ledger, instants, now)?))
    }

    /// Every decision on identity, proposed ones included.
    pub fn identities(&self) -> Result<Identities, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.identities(&readers.ledger, now)?))
    }

    /// Pairs that may be one organisation, at most `limit`; nothing is decided by it.
    pub fn suggested_twins(
        &self,
        limit: usize,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<SuggestedTwins>, AppError> {
        let now = self.now();
        self.ask(|readers| {
            Ok(readers.public.suggested_twins(&readers.ledger, limit, now, progress)?)
        })
    }

    /// Every record that is public about `id` and what is one with it: all that measures may be
    /// computed from.
    pub fn published(&self, id: OrganisationId) -> Result<Vec<Published>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.published(&readers.ledger, id, now)?))
    }

    /// How well `authority` keeps its own deadlines, at the beginning of today or of an earlier
    /// day; `None` while it submitted nothing.
    pub fn performance(
        &self,
        authority: &AuthorityKey,
        on: Option<Instant>,
    ) -> Result<Option<Performance>, AppError> {
        let told = self.told(on)?;
        Ok(told.iter().find(|told| told.authority == *authority).cloned())
    }

    /// The same of every authority that submitted records, by key.
    pub fn performances(&self, on: Option<Instant>) -> Result<Vec<Performance>, AppError> {
        Ok(self.told(on)?.to_vec())
    }

    /// Counted once for each day that is asked about, and again when what the figures follow from
    /// changed: it takes a second for a million cases.
    fn told(&self, on: Option<Instant>) -> Result<Arc<[Performance]>, AppError> {
        let now = self.now();
        self.ask(|readers| {
            let basis = readers.public.performance_basis(&readers.ledger, on, now)?;
            let mut kept = held(&self.told);
            if let Some((_, told)) = kept.iter().find(|(of, _)| *of == basis) {
                return Ok(Arc::clone(told));
            }
            let (basis, told) = readers.public.performances(&readers.ledger, on, now)?;
            let told: Arc<[Performance]> = told.into();
            kept.retain(|(of, _)| of.stand() != basis.stand());
            kept.truncate(DAYS_KEPT - 1);
            // Index safety: the first place is there in any list.
            kept.insert(0, (basis, Arc::clone(&told)));
            Ok(told)
        })
    }

    /// The same, and what authorities set aside of it for themselves.
    pub fn published_with_overrides(
        &self,
        id: OrganisationId,
    ) -> Result<(Vec<Published>, Vec<Override>), AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.published_with_overrides(&readers.ledger, id, now)?))
    }

    /// One record with its proof; `None` when it is unknown or not shown now.
    pub fn record(&self, id: RecordId) -> Result<Option<RecordAnswer>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.record(&readers.ledger, id, now)?))
    }

    /// What was withdrawn since an entry of the log.
    pub fn withdrawals(&self, since: Since) -> Result<Withdrawals, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.withdrawals(&readers.ledger, since, now)?))
    }

    /// Which of `records` are public now, and below which position entries are known.
    pub fn standing_of(&self, records: &[RecordId]) -> Result<(u64, Vec<bool>), AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.standing_of(&readers.ledger, records, now)?))
    }

    /// What addressees said of measures, in numbers that tell of no organisation.
    pub fn feedback(&self) -> Result<Arc<Feedback>, AppError> {
        let now = self.now();
        self.ask(|readers| {
            let asked = (readers.public.cursor()?, Month::of(now));
            if let Some((_, told)) = held(&self.feedback).as_ref().filter(|it| it.0 == asked) {
                return Ok(Arc::clone(told));
            }
            let told = Arc::new(readers.public.feedback(&readers.ledger, now)?);
            *held(&self.feedback) = Some((asked, Arc::clone(&told)));
            Ok(told)
        })
    }

    /// Counts one consult of an authority; the month it was counted in.
    pub fn journal(
        &self,
        organisation: OrganisationId,
        class: AddresseeRole,
    ) -> Result<Month, AppError> {
        Ok(journal::count(&self.directory, organisation, class, self.now())?)
    }

    /// How often authorities asked about the organisation of `answer`, in months that are over.
    pub fn journal_of(&self, answer: &FileAnswer) -> Result<Vec<journal::Told>, AppError> {
        let joined = answer.identity.iter().filter(|it| {
            matches!(it.decision.kind, IdentityKind::Same)
                && matches!(it.stage, Stage::Confirmed(_))
        });
        let mut ids: Vec<OrganisationId> = joined.map(|it| it.decision.other).collect();
        ids.push(answer.file.id);
        ids.sort_unstable();
        ids.dedup();
        Ok(journal::told(&self.directory, &ids, self.now())?)
    }

    /// Organisations that `query` may mean, best first.
    pub fn search(&self, query: &str, limit: usize) -> Result<SearchAnswer, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.search(&readers.ledger, query, limit, now)?))
    }

    /// The organisation that bears a checked identifier.
    pub fn redirect(&self, claim: &IdentifierClaim) -> Result<Option<OrganisationId>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.redirect(&readers.ledger, claim, now)?))
    }

    /// Every list that was ever read, in figures.
    pub fn lists(&self) -> Result<Vec<ListSummary>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.lists(&readers.ledger, now)?))
    }

    /// A page of a list; `None` for a list that neither a pack defines nor a file was read for.
    pub fn list(
        &self,
        id: &ListId,
        after: Option<RecordId>,
        limit: usize,
    ) -> Result<Option<ListPage>, AppError> {
        let now = self.now();
        let page =
            self.ask(|readers| Ok(readers.public.list(&readers.ledger, id, after, limit, now)?))?;
        let unread = || ListPage {
            summary: ListSummary { id: id.clone(), shown: 0, current: 0, last_read: None, rows: 0 },
            entries: Vec::new(),
            next: None,
            broken: 0,
        };
        Ok(page.or_else(|| self.packs().list(id).map(|_| unread())))
    }

    /// Entries of the log from `from` downwards, newest first.
    pub fn log_page(&self, from: Option<u64>, limit: usize) -> Result<LogPage, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.log_page(&readers.ledger, from, limit, now)?))
    }

    /// One entry of the log with its proof; `None` beyond the end.
    pub fn log_entry(&self, position: u64) -> Result<Option<LogEntryAnswer>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.log_entry(&readers.ledger, position, now)?))
    }

    /// How each source stands.
    pub fn sources(&self) -> Result<Vec<SourceStatus>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.sources(&readers.ledger, now)?))
    }

    /// What the last import by `profile` did, where it was noted, and how often its source is read.
    pub fn last_import(&self, profile: &ProfileName) -> (Option<Try>, Option<u32>) {
        let every = sources::load(&self.directory).ok().and_then(|known| {
            let source = known.into_iter().find(|source| source.profile == profile.as_str())?;
            Some(source.every_hours)
        });
        (sources::last_import(&self.directory, profile), every)
    }

    /// A payload bundle as of this instant (design 9.1); `None` where there is none yet.
    pub fn payload_bundle(&self, index: u64, width: u16) -> Result<Option<String>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.payload_bundle(&readers.ledger, index, width, now)?))
    }

    /// What an ETag is made of: the position of the read tables and the last instant at which time
    /// alone may have changed an answer.
    pub fn etag_boundary(&self) -> Result<(u64, Option<Instant>), AppError> {
        let now = self.now();
        self.ask(|readers| Ok((readers.public.cursor()?, readers.public.boundaries(now)?.0)))
    }

    /// The next instant at which time alone may change an answer: nothing may be cached beyond it.
    pub fn next_boundary(&self) -> Result<Option<Instant>, AppError> {
        let now = self.now();
        self.ask(|readers| Ok(readers.public.boundaries(now)?.1))
    }

    /// Runs `question` with readers of the pool, opened anew when the read tables were replaced.
    fn ask<T>(
        &self,
        question: impl FnOnce(&Readers) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let path = self.directory.join(READ_TABLES);
        let file = FileIdentity::of(&path);
        let taken = {
            let mut pool = held(&self.pool);
            if pool.file != file {
                pool.readers.clear();
                pool.file = file;
            }
            pool.readers.pop()
        };
        let readers = match taken {
            Some(readers) => readers,
            None => {
                let ledger = LedgerReader::open(&self.directory)?;
                let public = PublicReader::open(&path, ledger.mac_key()?)?;
                if let Some(mebibytes) = self.caching.reader_mebibytes {
                    public.keep_pages(mebibytes)?;
                }
                Readers { public, ledger }
            }
        };
        let answer = question(&readers);
        let mut pool = held(&self.pool);
        if answer.is_ok() && pool.file == file && pool.readers.len() < self.caching.readers {
            pool.readers.push(readers);
        }
        answer
    }
}

/// Nothing is left half-changed under these locks, so a thread that died with one is no obstacle.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the read tables anew when they do not fit, lets them follow when they are behind.
fn prepare(path: &Path, ledger: &LedgerReader) -> Result<u64, AppError> {
    let opened = ReadTables::open(path, ledger.mac_key()?);
    let mut tables = match opened {
        Err(ProjectionError::Outdated(_)) => {
            projections::rebuild(path, ledger, &mut |_| {})?;
            ReadTables::open(path, ledger.mac_key()?)?
        }
        opened => opened?,
    };
    tables.follow(ledger, ledger.size()?, &mut |_| {})?;
    Ok(tables.cursor()?)
}

/// Tells a file from the one that replaced it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity(u64, u64);

impl FileIdentity {
    #[cfg(unix)]
    pub(crate) fn of(path: &Path) -> Option<FileIdentity> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(path).ok()?;
        Some(FileIdentity(metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(crate) fn of(path: &Path) -> Option<FileIdentity> {
        let created = std::fs::metadata(path).ok()?.created().ok()?;
        let since = created.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(FileIdentity(since.as_secs(), since.subsec_nanos().into()))
    }
}
