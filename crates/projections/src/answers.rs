//! What the public reader answers: plain data, ready for a page, the API or the command line.

use domain::authority::AuthorityKey;
use domain::civil::{Day, Instant};
use domain::identifiers::IdentifierClaim;
use domain::identity::{IdentityDecision, IdentityReason, OfficialSource};
use domain::ids::{OrganisationId, RecordId};
use domain::organisation::{Country, Name};
use domain::performance::MonthFigures;
use domain::text::{ListId, ProfileName};
use due_process::identity::Stage;
use ledger::wire::Opening;

use crate::case_view::CaseView;
use crate::file::{OrganisationFile, RecordView, TimelineEntry};

/// An organisation's file with what surrounds it.
#[derive(Debug, Clone)]
pub struct FileAnswer {
    /// The file.
    pub file: OrganisationFile,
    /// Events at positions below this one are in it.
    pub position: u64,
    /// The instant it speaks about: `on` where asked, else now.
    pub as_of: Instant,
    /// The next instant at which the passing of time alone changes what is listed. Names and twins
    /// may change at an earlier midnight: no answer may be kept beyond that.
    pub next_boundary: Option<Instant>,
    /// Organisations that may be the same.
    pub twins: Vec<Twin>,
    /// Decisions on identity that name it, proposed ones included, by number.
    pub identity: Vec<IdentityShown>,
    /// Entries not shown because the stored content does not match the log (refusal 506).
    pub broken: u64,
}

/// A decision on identity as its organisations' file shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityShown {
    /// Its number: the position of the proposal on the log.
    pub number: u64,
    /// When it was proposed.
    pub at: Instant,
    /// What it says of which two organisations.
    pub decision: IdentityDecision,
    /// Why.
    pub reason: IdentityReason,
    /// What it rests on.
    pub source: Option<OfficialSource>,
    /// Until when they may answer, where records may move.
    pub answer_until: Option<Instant>,
    /// Where it stands.
    pub stage: Stage,
}

/// Two organisations that may be one, for reviewers to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedTwins {
    /// The one registered first.
    pub one: (OrganisationId, Name),
    /// The other.
    pub other: Twin,
}

/// An organisation that may be the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Its id.
    pub id: OrganisationId,
    /// Its main name.
    pub name: Name,
    /// Why: `same_identifier`, `same_name`, `same_name_country_unknown` or
    /// `same_name_other_country`.
    pub reason_key: &'static str,
}

/// One record with its proof.
#[derive(Debug, Clone)]
pub struct RecordAnswer {
    /// The record as it stands.
    pub view: RecordView,
    /// Main name of the organisation it is about.
    pub organisation_name: Name,
    /// Events at positions below this one are in it.
    pub position: u64,
    /// Proof that the revision shown is on the log.
    pub proof: ProofAnswer,
    /// What the commitment was made of, public disclosures only.
    pub opening: Opening,
    /// What happened to the record, by position.
    pub history: Vec<TimelineEntry>,
    /// The next instant at which the passing of time alone changes the answer.
    pub next_boundary: Option<Instant>,
    /// Entries of its organisation not shown because the stored content does not match the log
    /// (refusal 506): the history may lack one.
    pub broken: u64,
}

/// A record of an authority, or its tombstone, with its proof.
#[derive(Debug, Clone)]
pub struct CaseAnswer {
    /// As everybody sees it.
    pub view: CaseView,
    /// Main name of the organisation it is about.
    pub organisation_name: Name,
    /// Events at positions below this one are in it.
    pub position: u64,
    /// Proof that its submission is on the log.
    pub proof: ProofAnswer,
}

/// A proof of inclusion, checked before it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofAnswer {
    /// `c2sp.org/tlog-proof@v1` text; empty where the entry is not below the published checkpoint
    /// yet.
    pub tlog_proof: String,
    /// Whether it holds against the published checkpoint.
    pub holds: bool,
    /// Hash of the leaf, in hex.
    pub leaf_hash: String,
    /// The commitment in the leaf, in hex; empty for entries in the clear.
    pub commitment: String,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchAnswer {
    /// Best first.
    pub hits: Vec<Hit>,
    /// The words that were looked for, as the index spells them.
    pub tokens: Vec<String>,
    /// Whether there may be more than was looked at.
    pub truncated: bool,
}

/// One organisation found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: OrganisationId,
    /// Its main name.
    pub name: Name,
    /// Its identifiers.
    pub identifiers: Vec<IdentifierClaim>,
    /// Why it was found.
    pub why: Why,
    /// Country, where known.
    pub country: Option<Country>,
    /// Seat as written, where known.
    pub place: Option<String>,
    /// Records in effect now.
    pub in_effect: u64,
}

/// Why an organisation was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// `identifier`, `identifier_invalid_but_official`, `identifier_unchecked`, `full_name`,
    /// `name_without_legal_form`, `all_words` or `beginning_of_word`.
    pub key: &'static str,
    /// What matched: the identifier, the name as written, or the words.
    pub words: Vec<String>,
}

/// A list in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSummary {
    /// Which list.
    pub id: ListId,
    /// Quotations shown now, current or not.
    pub shown: u64,
    /// Quotations that are current.
    pub current: u64,
    /// Day of the last reading, from beginning to end where there was one, else the last in part.
    pub last_read: Option<Day>,
    /// Rows of that file.
    pub rows: u64,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The list in figures.
    pub summary: ListSummary,
    /// Its quotations, by record id.
    pub entries: Vec<ListRow>,
    /// Ask for what comes after this record; `None` at the end.
    pub next: Option<RecordId>,
    /// Entries not shown because the stored content does not match the log (refusal 506).
    pub broken: u64,
}

/// One quotation on a page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// The record as it stands.
    pub record: RecordView,
    /// Main name of its organisation.
    pub name: Name,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Entries on the log.
    pub size: u64,
    /// The published checkpoint, a signed note.
    pub checkpoint: String,
    /// Entries, newest first.
    pub entries: Vec<LogEntry>,
    /// Ask from this position for the page after (older entries).
    pub older: Option<u64>,
}

/// One entry of the log as the public may see it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it is.
    pub position: u64,
    /// `event`, `open`, `withhold`, `erasure`, `key` or `policy`.
    pub kind: &'static str,
    /// The event's type when it is open; the ranges, key or pack of an entry in the clear.
    pub detail: String,
    /// `open`, `sealed`, `withheld`, `erased`, `clear` or `broken`.
    pub state: &'static str,
    /// The record concerned, when it is open.
    pub record: Option<RecordId>,
    /// The organisation concerned, when it is open.
    pub organisation: Option<OrganisationId>,
}

/// One entry of the log with its proof.
#[derive(Debug, Clone)]
pub struct LogEntryAnswer {
    /// The entry.
    pub entry: LogEntry,
    /// Its bytes on the log, in hex.
    pub leaf: String,
    /// Proof that it is on the log.
    pub proof: ProofAnswer,
    /// What the commitment was made of, public disclosures only, when it is open.
    pub opening: Option<Opening>,
}

/// How a source stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStatus {
    /// Which list.
    pub list: ListId,
    /// Who publishes it.
    pub authority: AuthorityKey,
    /// The profile that read it last.
    pub profile: ProfileName,
    /// Day of the last reading, from beginning to end where there was one, else the last in part.
    pub last_read: Option<Day>,
    /// Rows of that file.
    pub rows: u64,
    /// Quotations that stood after it.
    pub standing: u64,
    /// Quotations that vanished with it.
    pub vanished: u64,
    /// Whether it is current: read within the days its quotations allow.
    pub current: bool,
}

/// The registry in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Events at positions below this one are counted.
    pub position: u64,
    /// Organisations that answer.
    pub organisations: u64,
    /// Records shown now.
    pub records: u64,
}

/// What is shown of the records below a position, in a form to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// How many.
    pub records: u64,
    /// Sum of the hashes of record, revision that stands and organisation.
    pub digest: u128,
    /// Entries about identity: each may move records from file to file.
    pub decisions: u64,
}

/// What the log announces about its entries' openings, counted in entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Openings {
    /// Published.
    pub open: u64,
    /// Not served, for now or for good.
    pub withheld: u64,
    /// Destroyed.
    pub erased: u64,
    /// Not published yet, or in the clear and without an opening.
    pub never_open: u64,
}

/// How long the log was at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// The instant.
    pub until: Instant,
    /// Entries made before it.
    pub entries: u64,
}

/// What the figures of authorities follow from: equal ones mean equal figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerformanceBasis {
    /// The beginning of the day they are told for.
    pub(crate) stand: Instant,
    /// Position of the tables while something may still be committed before that.
    pub(crate) unsettled_at: Option<u64>,
    /// The last entries that change what happened long before them: of something destroyed, of a
    /// month that is stated, of a version nobody here knows.
    pub(crate) last: [Option<i64>; 3],
}

impl PerformanceBasis {
    /// The beginning of the day they are told for.
    pub fn stand(&self) -> Instant {
        self.stand
    }
}

/// How well an authority keeps its own deadlines, as far as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performance {
    /// Whose figures.
    pub authority: AuthorityKey,
    /// What happened until this instant is counted: the beginning of a day of UTC.
    pub as_of: Instant,
    /// Months that are over, from the first in which it did or missed anything.
    pub months: Vec<ToldMonth>,
    /// The month that is not over; none where nothing happened at all.
    pub running: Option<MonthFigures>,
}

/// A month that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldMonth {
    /// What is told of it.
    pub figures: MonthFigures,
    /// Position of the entry that states it; none until the next batch.
    pub stated_at: Option<u64>,
}
