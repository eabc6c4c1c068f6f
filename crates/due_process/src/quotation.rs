//! Quotations (domain.md 5.8): "publisher P lists X from D until E, as read on R", and nothing
//! more.
//!
//! Life (design 9.11): listed, then ended, hidden or vanished. None of these is an event: the state
//! is a function of the revision that stands, of the last reading, and of the instant it is asked
//! for.

use domain::civil::{Day, Instant, Zone};
use domain::event::{EventBody, IdentifierClaimed, NameClaimed, OrganisationRegistered};
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId, RowKey};
use domain::limits::{self, Act};
use domain::names;
use domain::organisation::{Name, OrganisationKind, Subject};
use domain::record::{Polarity, Quotation, Record};
use domain::refusal::Refusal;
use domain::submission::Submission;
use domain::text::ProfileName;
use policy::{ListDefinition, QuotationRule};

/// The quotation that stands for a row key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its record.
    pub record: RecordId,
    /// Whom that is about.
    pub organisation: OrganisationId,
    /// The revision that stands.
    pub revision: u32,
    /// Keyed hash of the content of that revision.
    pub row_digest: RowKey,
    /// Whether the row was missing in a full snapshot: such a record is over for good.
    pub vanished: bool,
    /// The instant its last day is over: what ended by itself does not vanish any more.
    pub end_at: Option<Instant>,
}

/// The organisation a row is about, as far as the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Its id, a new one when `is_new`.
    pub organisation: OrganisationId,
    /// Whether it has to be registered first.
    pub is_new: bool,
    /// Its kind on record; `None` when it is new. What a row calls it does not lift the protection
    /// that this kind has.
    pub known_kind: Option<OrganisationKind>,
    /// Keyed hash of the publisher's own entry for it: of `OrganisationAsRead::entry` where the row
    /// has one, else the row key. Kept only when no checked identifier joins it.
    pub entry: RowKey,
    /// Identifiers already on record.
    pub known_claims: Vec<IdentifierClaim>,
    /// Names already on record, folded by [`names::fold`].
    pub known_names: Vec<String>,
}

/// What is the same for every row of one reading.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The list as the pack defines it.
    pub list: &'a ListDefinition,
    /// Hash of that pack (design 9.5).
    pub pack_hash: &'a str,
    /// The profile that read the file.
    pub profile: &'a ProfileName,
    /// The day the file was read.
    pub read_on: Day,
    /// Days a quotation counts as current; `None` for facts that need no re-reading.
    pub current_days_max: Option<u16>,
    /// Days after which it is hidden; `None` with `current_days_max`.
    pub hidden_after_days: Option<u16>,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It stands as it is: no event (I-65).
    Unchanged,
    /// A revision of the record that stands.
    Changed(Vec<EventBody>),
    /// A new record.
    Accepted(Vec<EventBody>),
    /// A limit says no.
    Refused(Refusal),
}

/// Decides what becomes of a row that intake found fit.
///
/// A key that vanished and comes back is a new record: what ended stays ended (design 9.11).
pub fn decide(
    row: &Submission,
    row_key: RowKey,
    row_digest: RowKey,
    standing: Option<&Standing>,
    subject: &Resolved,
    new_record: RecordId,
    reading: &Reading<'_>,
) -> Decision {
    let standing = standing.filter(|standing| !standing.vanished);
    if standing.is_some_and(|standing| standing.row_digest == row_digest) {
        return Decision::Unchanged;
    }
    if !may_stand(row, subject, reading) {
        return Decision::Refused(Refusal::ProtectedKind);
    }
    let mut events = subject_events(row, subject, reading);
    let (id, revision) = standing
        .map_or((new_record, 1), |standing| (standing.record, standing.revision.saturating_add(1)));
    let record = Box::new(Record {
        id,
        revision,
        subject: Subject {
            organisation: subject.organisation,
            name_as_written: row.organisation.name.text.clone(),
        },
        quotation: Quotation {
            publisher: reading.list.authority.clone(),
            list: reading.list.id.clone(),
            entries: row.entries.clone(),
            profile: reading.profile.clone(),
            row_key,
            row_digest,
            read_on: reading.read_on,
            current_days_max: reading.current_days_max,
            hidden_after_days: reading.hidden_after_days,
        },
        grounds: row.grounds.clone(),
        act: row.act,
        period: row.period.clone(),
        end_at: end_at(row, &reading.list.zone),
        zone: reading.list.zone.name().to_owned(),
        pack: reading.pack_hash.to_owned(),
        body: row.body.clone(),
    });
    if standing.is_some() {
        events.push(EventBody::RecordRevised(record));
        Decision::Changed(events)
    } else {
        events.push(EventBody::RecordSubmitted(record));
        Decision::Accepted(events)
    }
}

/// Whether the organisation may have this record, by the kind the row gives it and by the kind it
/// has on record (promise P6). An adverse row that does not say who decided counts as the weakest
/// act.
fn may_stand(row: &Submission, subject: &Resolved, reading: &Reading<'_>) -> bool {
    let act = row.act.unwrap_or(Act::Administrative);
    reading.list.record_type.polarity() != Polarity::Adverse
        || std::iter::once(row.organisation.kind)
            .chain(subject.known_kind)
            .all(|kind| limits::may_be_adverse(kind, act))
}

/// The instant the last day is over in the publisher's zone, computed once (design 9.14).
fn end_at(row: &Submission, zone: &Zone) -> Option<Instant> {
    match row.period.end {
        Some(domain::civil::End::On(last)) => Some(zone.end_of(last)),
        Some(domain::civil::End::Indefinite { .. }) | None => None,
    }
}

/// What the row adds to what is known of its organisation.
fn subject_events(row: &Submission, subject: &Resolved, reading: &Reading<'_>) -> Vec<EventBody> {
    let (organisation, authority) = (subject.organisation, &reading.list.authority);
    let as_read = &row.organisation;
    let mut events = Vec::new();
    if subject.is_new {
        let is_joined = as_read.claims.iter().any(IdentifierClaim::joins);
        events.push(EventBody::OrganisationRegistered(OrganisationRegistered {
            organisation,
            authority: authority.clone(),
            kind: as_read.kind,
            legal_form: as_read.legal_form,
            country: as_read.country,
            place: as_read.place.clone(),
            name: as_read.name.clone(),
            entry: (!is_joined).then_some(subject.entry),
        }));
    }
    let mut known_claims: Vec<&IdentifierClaim> = subject.known_claims.iter().collect();
    for claim in &as_read.claims {
        if !known_claims.contains(&claim) {
            known_claims.push(claim);
            events.push(EventBody::IdentifierClaimed(IdentifierClaimed {
                organisation,
                authority: authority.clone(),
                claim: claim.clone(),
            }));
        }
    }
    for name in new_names(row, subject) {
        events.push(EventBody::NameClaimed(NameClaimed {
            organisation,
            authority: authority.clone(),
            name: name.clone(),
        }));
    }
    events
}

/// Names of the row that are not on record; spellings that fold alike are one name.
fn new_names<'a>(row: &'a Submission, subject: &Resolved) -> Vec<&'a Name> {
    let mut known = subject.known_names.clone();
    if subject.is_new {
        known.push(names::fold(&row.organisation.name.text));
    }
    let mut new = Vec::new();
    for name in std::iter::once(&row.organisation.name).chain(&row.organisation.other_names) {
        let folded = names::fold(&name.text);
        if !known.contains(&folded) {
            known.push(folded);
            new.push(name);
        }
    }
    new
}

/// How a quotation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Its publisher lists it, its first day has not come on the instant asked about: counts
    /// nowhere.
    NotStarted,
    /// Listed, and read recently enough to count.
    Listed,
    /// Not re-read within its `max_age`: shown as not current, counts nowhere (I-66).
    NotCurrent,
    /// Not re-read for twice that: not shown (I-66).
    Hidden,
    /// Its last day is over.
    Ended,
    /// Missing in a full snapshot of its list, or read there as over before the end on record: not
    /// shown, and never called a delisting (I-65).
    Vanished,
}

impl State {
    /// Every state.
    pub const ALL: [State; 6] = [
        State::NotStarted,
        State::Listed,
        State::NotCurrent,
        State::Hidden,
        State::Ended,
        State::Vanished,
    ];

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            State::NotStarted => "not_started",
            State::Listed => "listed",
            State::NotCurrent => "not_current",
            State::Hidden => "hidden",
            State::Ended => "ended",
            State::Vanished => "vanished",
        }
    }
}

/// How old a reading may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Freshness {
    /// Days a quotation counts as current; `None` for facts that need no re-reading.
    pub current_days_max: Option<u16>,
    /// Days after which it is hidden.
    pub hidden_after_days: Option<u16>,
}

/// What time does to a quotation, without its content: read tables fold with this, not with a
/// second copy of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// First day, where given.
    pub start: Option<Day>,
    /// The instant the last day is over.
    pub end_at: Option<Instant>,
    /// How old a reading may be.
    pub freshness: Freshness,
    /// The last day on which the row was read.
    pub last_read: Day,
    /// Whether the row was missing in a full snapshot.
    pub vanished: bool,
}

impl Terms {
    /// The terms of `record`.
    pub fn of(record: &Record, last_read: Day, vanished: bool) -> Terms {
        Terms {
            start: record.period.start,
            end_at: record.end_at,
            freshness: Freshness {
                current_days_max: record.quotation.current_days_max,
                hidden_after_days: record.quotation.hidden_after_days,
            },
            last_read,
            vanished,
        }
    }

    /// How it stands on the instant `on`, which falls on `today` in the publisher's zone.
    ///
    /// A reading is current through the day `last_read + current_days_max` and shown through the
    /// day `last_read + hidden_after_days`, both counted in the publisher's zone like its end.
    pub fn state(&self, on: Instant, today: Day) -> State {
        if self.vanished {
            return State::Vanished;
        }
        if self.end_at.is_some_and(|end_at| end_at <= on) {
            return State::Ended;
        }
        if self.start.is_some_and(|start| today < start) {
            return State::NotStarted;
        }
        let age = today.days_since(self.last_read);
        let is_older = |days: Option<u16>| days.is_some_and(|days| age > i64::from(days));
        if is_older(self.freshness.hidden_after_days) {
            State::Hidden
        } else if is_older(self.freshness.current_days_max) {
            State::NotCurrent
        } else {
            State::Listed
        }
    }
}

/// How `record` stands on the instant `on`: pure, evaluated when read (I-06, I-66).
pub fn state(record: &Record, last_read: Day, vanished: bool, on: Instant) -> State {
    Terms::of(record, last_read, vanished).state(on, on.day_in(&zone_of(record)))
}

/// Whether a quotation in this state is shown at all.
pub const fn is_shown(state: State) -> bool {
    matches!(state, State::NotStarted | State::Listed | State::NotCurrent)
}

/// Whether it counts: in figures, and in what is in effect.
pub const fn counts(state: State) -> bool {
    matches!(state, State::Listed)
}

/// The next instant after `now` at which time alone changes the state of `record`.
pub fn next_boundary(record: &Record, last_read: Day, now: Instant) -> Option<Instant> {
    let zone = zone_of(record);
    let over = |days: Option<u16>| days.map(|days| zone.end_of(last_read.plus_days(days.into())));
    [
        record.period.start.map(|start| zone.start_of(start)),
        record.end_at,
        over(record.quotation.current_days_max),
        over(record.quotation.hidden_after_days),
    ]
    .into_iter()
    .flatten()
    .filter(|boundary| *boundary > now)
    .min()
}

/// The zone a record's days are meant in. `decide` writes names of the database only; anything else
/// would be a record of another version and is read as UTC.
fn zone_of(record: &Record) -> Zone {
    record.zone.parse().unwrap_or(Zone::UTC)
}

/// Whether a full snapshot has to be held (I-65): fewer `rows` than the profile's `row_floor`, or
/// too many of the `standing` quotations would have `vanished`. Asked only when a snapshot stands
/// (design 9.16); the first one has nothing to be compared with.
pub fn hold(
    standing: u64,
    vanished: u64,
    rows: u64,
    row_floor: u64,
    rule: &QuotationRule,
    has_snapshot: bool,
) -> Option<Refusal> {
    if !has_snapshot {
        return None;
    }
    if rows < row_floor {
        return Some(Refusal::RowFloorMissed);
    }
    let percent_max = u128::from(rule.vanished_percent_max);
    let is_too_many = u128::from(vanished) * 100 > u128::from(standing) * percent_max;
    is_too_many.then_some(Refusal::TooManyVanished)
}
