//! The file of an organisation, folded from its events: pure, no tables, no clock.
//!
//! Everything a person reads here comes from openings that were re-hashed against the log in the
//! same request. A view is narrowed twice (promise P5): by what was known at a position and in
//! effect on an instant, and by what may still be shown now. The second never gives way to the
//! first.

use std::collections::{BTreeMap, BTreeSet};

use domain::authority::AuthorityKey;
use domain::civil::{Day, Instant};
use domain::event::{Event, EventBody};
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId};
use domain::names;
use domain::organisation::{Country, LegalForm, Name, NameRole, OrganisationKind};
use domain::record::{Polarity, Record, RecordType};
use due_process::quotation::{self, State};

use crate::case_view::CaseView;

/// From where a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Only events at positions below this one are known.
    pub at: u64,
    /// Only what is in effect on this instant is listed.
    pub on: Instant,
    /// The instant of the request: what may not be shown now is not shown at all.
    pub now: Instant,
}

/// What the registry shows of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFile {
    /// Our id.
    pub id: OrganisationId,
    /// Its kind, as the source that registered it tells; unstated when that is not told any more.
    pub kind: OrganisationKind,
    /// Legal form, where known.
    pub legal_form: Option<LegalForm>,
    /// Country, where known.
    pub country: Option<Country>,
    /// Seat as written, where known.
    pub place: Option<String>,
    /// The name its first source gives, of the sources that have a record shown.
    pub name: Name,
    /// Further names, in the order in which they were claimed.
    pub other_names: Vec<NameClaim>,
    /// Identifiers, in the order in which they were claimed.
    pub identifiers: Vec<IdentifierShown>,
    /// What is shown: by type in the order of [`RecordType::ALL`], later start first, then by id.
    pub records: Vec<RecordView>,
    /// Records of authorities, and tombstones while they are served, by position.
    pub proceedings: Vec<CaseView>,
    /// What happened, by position; nothing about records that are not shown, and nothing from
    /// authorities that have no record shown.
    pub timeline: Vec<TimelineEntry>,
}

impl OrganisationFile {
    /// Takes in the file of an organisation that is an alias of this one: its names become further
    /// names, everything else is put beside what is there.
    pub(crate) fn take_in(&mut self, alias: OrganisationFile) {
        let names = alias.main_name_claim().into_iter().chain(alias.other_names);
        for claim in names {
            let is_known = claim.name.text == self.name.text
                || self.other_names.iter().any(|other| other.name.text == claim.name.text);
            if !is_known {
                self.other_names.push(claim);
            }
        }
        self.identifiers.extend(alias.identifiers);
        self.records.extend(alias.records);
        self.records.sort_by_key(order);
        self.proceedings.extend(alias.proceedings);
        self.proceedings.sort_by_key(|view| view.position);
        self.timeline.extend(alias.timeline);
        self.timeline.sort_by_key(|entry| entry.position);
    }

    /// Who gave the main name: the source that registered the organisation, else that of its first
    /// record.
    fn main_name_claim(&self) -> Option<NameClaim> {
        let registered = self.timeline.iter().find(|entry| entry.kind == "organisation_registered");
        let registered =
            registered.and_then(|entry| Some((entry.authority.clone()?, entry.position)));
        let first = self.records.iter().min_by_key(|view| view.position);
        let first = first.map(|view| (view.record.quotation.publisher.clone(), view.position));
        let (authority, position) = registered.or(first)?;
        let name = Name { role: NameRole::Other, ..self.name.clone() };
        Some(NameClaim { name, authority, position })
    }
}

/// A further name and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameClaim {
    /// The name as written.
    pub name: Name,
    /// Who gives it.
    pub authority: AuthorityKey,
    /// Position on the log.
    pub position: u64,
}

/// An identifier and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierShown {
    /// Scheme, value and what the check says.
    pub claim: IdentifierClaim,
    /// Who gives it.
    pub authority: AuthorityKey,
    /// Position on the log.
    pub position: u64,
}

/// The current revision of a record and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// The revision that stands.
    pub record: Record,
    /// Position of that revision on the log.
    pub position: u64,
    /// When that revision was committed.
    pub submitted_at: Instant,
    /// The last day on which the publisher's list was read and the row was in it.
    pub read_on: Day,
    /// How it stands on the view's instant; always one that is shown.
    pub state: State,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Position on the log.
    pub position: u64,
    /// When it was committed.
    pub at: Instant,
    /// `organisation_registered`, `identifier_claimed`, `name_claimed`, `record_submitted`,
    /// `record_revised`, or what happened to a record of an authority, such as `case_submitted`.
    pub kind: &'static str,
    /// The record concerned, if any.
    pub record: Option<RecordId>,
    /// Who it comes from, if anybody.
    pub authority: Option<AuthorityKey>,
}

/// A record as its events tell it so far.
struct Told<'a> {
    position: u64,
    at: Instant,
    record: &'a Record,
    vanished: bool,
}

/// Folds an organisation's events into its file.
///
/// `events` are all of them, by position, also those the view does not know yet: whether something
/// may be shown now depends on them. `last_read` says on which day a row was last read.
///
/// What an authority says about the organisation (that it exists, its names, its identifiers) is
/// told only while a record of the same authority is shown: it would tell of a record that is over.
///
/// `None` when no record supports the organisation now (design 9.10), or when the view does not
/// know it yet by anything that is told: the same as for an organisation that never was.
pub fn fold(
    events: &[(u64, Event)],
    last_read: &dyn Fn(&Record) -> Day,
    view: &View,
    proceedings: Vec<CaseView>,
) -> Option<OrganisationFile> {
    let id = events.iter().find_map(|(_, event)| match &event.body {
        EventBody::OrganisationRegistered(registered) => Some(registered.organisation),
        _ => None,
    })?;
    let told = tell(events);
    let shown: BTreeMap<RecordId, &Told<'_>> = told
        .iter()
        .filter(|(_, told)| told.record.subject.organisation == id)
        .filter(|(_, told)| quotation::is_shown(state_now(told, last_read, view)))
        .map(|(id, told)| (*id, told))
        .collect();
    let of_cases = proceedings.iter().filter(|view| view.is_shown()).map(|view| &view.authority);
    let supporters: BTreeSet<&AuthorityKey> =
        shown.values().map(|told| &told.record.quotation.publisher).chain(of_cases).collect();
    let seen: Vec<(u64, &'static str, &Event)> = events
        .iter()
        .filter(|(position, _)| *position < view.at)
        .filter_map(|(position, event)| {
            Some((*position, kind_seen(event, &shown, &supporters)?, event))
        })
        .collect();
    let is_told = seen.iter().any(|(_, _, event)| event.body.organisation() == Some(id));
    if !is_told && !proceedings.iter().any(CaseView::is_shown) {
        return None;
    }
    let registered = seen.iter().find_map(|(_, _, event)| match &event.body {
        EventBody::OrganisationRegistered(registered) => Some(registered),
        _ => None,
    });
    let mut other_names = further_names(&seen);
    let name = match registered {
        Some(registered) => registered.name.clone(),
        None => main_name(&mut other_names, &shown, &proceedings)?,
    };
    Some(OrganisationFile {
        id,
        kind: registered.map_or(OrganisationKind::Unstated, |registered| registered.kind),
        legal_form: registered.and_then(|registered| registered.legal_form),
        country: registered.and_then(|registered| registered.country),
        place: registered.and_then(|registered| registered.place.clone()),
        name,
        other_names,
        identifiers: identifiers(&seen),
        records: records(&shown, last_read, view),
        timeline: timeline(&seen, &proceedings),
        proceedings,
    })
}

/// The kind of an event on the timeline; `None` for what is not told.
fn kind_seen(
    event: &Event,
    shown: &BTreeMap<RecordId, &Told<'_>>,
    supporters: &BTreeSet<&AuthorityKey>,
) -> Option<&'static str> {
    let is_supported = || event.body.authority().is_some_and(|by| supporters.contains(by));
    match &event.body {
        EventBody::OrganisationRegistered(_) if is_supported() => Some("organisation_registered"),
        EventBody::IdentifierClaimed(_) if is_supported() => Some("identifier_claimed"),
        EventBody::NameClaimed(_) if is_supported() => Some("name_claimed"),
        EventBody::RecordSubmitted(record) if shown.contains_key(&record.id) => {
            Some("record_submitted")
        }
        EventBody::RecordRevised(record) if shown.contains_key(&record.id) => {
            Some("record_revised")
        }
        _ => None,
    }
}

fn further_names(seen: &[(u64, &'static str, &Event)]) -> Vec<NameClaim> {
    let claims = seen.iter().filter_map(|(position, _, event)| match &event.body {
        EventBody::NameClaimed(claimed) => Some(NameClaim {
            name: claimed.name.clone(),
            authority: claimed.authority.clone(),
            position: *position,
        }),
        _ => None,
    });
    claims.collect()
}

fn identifiers(seen: &[(u64, &'static str, &Event)]) -> Vec<IdentifierShown> {
    let claims = seen.iter().filter_map(|(position, _, event)| match &event.body {
        EventBody::IdentifierClaimed(claimed) => Some(IdentifierShown {
            claim: claimed.claim.clone(),
            authority: claimed.authority.clone(),
            position: *position,
        }),
        _ => None,
    });
    claims.collect()
}

/// The main name where the registration is not told: the first that was claimed as one, which then
/// is no further name; else what the first record calls the organisation.
fn main_name(
    other_names: &mut Vec<NameClaim>,
    shown: &BTreeMap<RecordId, &Told<'_>>,
    proceedings: &[CaseView],
) -> Option<Name> {
    if let Some(at) = other_names.iter().position(|claim| claim.name.role == NameRole::Main) {
        // Index safety: the place was found in this list.
        return Some(other_names.remove(at).name);
    }
    let quoted = shown.values().min_by_key(|told| told.position);
    let quoted = quoted.map(|told| told.record.subject.name_as_written.clone());
    let of_case = || {
        let first = proceedings.iter().find_map(|view| view.content.as_ref());
        first.map(|content| content.name_as_written.clone())
    };
    let text = quoted.or_else(of_case)?;
    let script = names::script_of(&text).to_owned();
    Some(Name { text, language: String::new(), script, role: NameRole::Main })
}

/// The revision that stands of each record.
fn tell(events: &[(u64, Event)]) -> BTreeMap<RecordId, Told<'_>> {
    let mut told: BTreeMap<RecordId, Told<'_>> = BTreeMap::new();
    for (position, event) in events {
        match &event.body {
            EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                let vanished = told.get(&record.id).is_some_and(|told| told.vanished);
                let now = Told { position: *position, at: event.at, record, vanished };
                told.insert(record.id, now);
            }
            EventBody::QuotationVanished(vanished) => {
                if let Some(told) = told.get_mut(&vanished.record) {
                    told.vanished = true;
                }
            }
            _ => {}
        }
    }
    told
}

fn state_now(told: &Told<'_>, last_read: &dyn Fn(&Record) -> Day, view: &View) -> State {
    quotation::state(told.record, last_read(told.record), told.vanished, view.now)
}

/// What the view lists, in the order of a file.
fn records(
    shown: &BTreeMap<RecordId, &Told<'_>>,
    last_read: &dyn Fn(&Record) -> Day,
    view: &View,
) -> Vec<RecordView> {
    let mut records: Vec<RecordView> = shown
        .values()
        // A revision the view does not know takes its predecessor with it: that one is withheld.
        .filter(|told| told.position < view.at)
        .filter_map(|told| {
            let read_on = last_read(told.record);
            let then = quotation::state(told.record, read_on, told.vanished, view.on);
            // What begins later is listed today, but was not in effect on a day before.
            let is_too_early = then == State::NotStarted && view.on < view.now;
            // Of two readings the one that says less counts: what is not current now was not
            // re-read.
            let state = then.max(state_now(told, last_read, view));
            (quotation::is_shown(state) && !is_too_early).then(|| RecordView {
                record: told.record.clone(),
                position: told.position,
                submitted_at: told.at,
                read_on,
                state,
            })
        })
        .collect();
    records.sort_by_key(order);
    records
}

/// By type in the fixed order, later start first (without start last), then by id.
fn order(view: &RecordView) -> (usize, std::cmp::Reverse<Option<Day>>, RecordId) {
    let record_type = view.record.record_type();
    let place = RecordType::ALL.iter().position(|other| *other == record_type);
    (
        place.unwrap_or(RecordType::ALL.len()),
        std::cmp::Reverse(view.record.period.start),
        view.record.id,
    )
}

/// What happened, by position: to the organisation, to its quotations, to records of authorities.
fn timeline(seen: &[(u64, &'static str, &Event)], proceedings: &[CaseView]) -> Vec<TimelineEntry> {
    let steps = proceedings.iter().flat_map(|view| view.history.iter().cloned());
    let mut timeline: Vec<TimelineEntry> = seen.iter().map(timeline_entry).chain(steps).collect();
    timeline.sort_by_key(|entry| entry.position);
    timeline
}

fn timeline_entry((position, kind, event): &(u64, &'static str, &Event)) -> TimelineEntry {
    TimelineEntry {
        position: *position,
        at: event.at,
        kind,
        record: event.body.record(),
        authority: event.body.authority().cloned(),
    }
}

/// The next instant after `view.now` at which time alone changes what `records` look like.
pub fn next_boundary(records: &[RecordView], now: Instant) -> Option<Instant> {
    records
        .iter()
        .filter_map(|view| quotation::next_boundary(&view.record, view.read_on, now))
        .min()
}

impl OrganisationFile {
    /// How many records of `record_type` are in effect: quotations that count, and records of
    /// authorities that are shown and no interim ones (I-61).
    pub fn in_effect(&self, record_type: RecordType) -> u64 {
        let quoted = self
            .records
            .iter()
            .filter(|view| view.record.record_type() == record_type)
            .filter(|view| quotation::counts(view.state));
        let decided = self
            .proceedings
            .iter()
            .filter(|view| view.counts())
            .filter(|view| view.record_type() == Some(record_type));
        (quoted.count() + decided.count()) as u64
    }

    /// Whether anything on it speaks against the organisation, in effect or not, or once did so.
    pub fn holds_adverse(&self) -> bool {
        let adverse = Polarity::Adverse;
        self.records.iter().any(|view| view.record.polarity() == adverse)
            || self.proceedings.iter().any(|view| {
                // A tombstone says that there was something.
                view.record_type().is_none_or(|record_type| record_type.polarity() == adverse)
            })
    }

    /// The next instant after `now` at which time alone changes what is listed.
    pub fn next_boundary(&self, now: Instant) -> Option<Instant> {
        let of_cases = self.proceedings.iter().filter_map(|view| view.next_boundary).min();
        [next_boundary(&self.records, now), of_cases].into_iter().flatten().min()
    }
}
