//! A registry in a folder of its own, with seeded entropy and a clock that only tests move.

// Each test binary uses a part of this.
#![allow(dead_code)]

pub mod case;
pub mod history;
pub mod model;

use std::path::PathBuf;

use domain::authority::AuthorityKey;
use domain::civil::{Day, End, Instant, Period, Zone};
use domain::event::{EventBody, Extent, OrganisationRegistered, SnapshotTaken};
use domain::ids::{OrganisationId, RecordId, RowKey};
use domain::limits::{Act, Ground};
use domain::organisation::{Country, LegalForm, Name, NameRole, OrganisationKind, Subject};
use domain::record::{
    AdminPermit, Body, ListEntry, ProcurementExclusion, Quotation, Record, RecordType,
};
use domain::text::{EntryId, ListId, ProfileName};
use goodstanding_projections::{PublicReader, ReadTables, rebuild};
use ledger::wire::Leaf;
use ledger::{Batch, Draft, Ledger, LedgerReader, SeededEntropy, Setup};

pub struct World {
    folder: tempfile::TempDir,
    pub ledger: Ledger,
    pub now: Instant,
}

/// A source of quotations.
#[derive(Debug, Clone)]
pub struct Source {
    pub authority: AuthorityKey,
    pub list: ListId,
    pub zone: &'static str,
    pub record_type: RecordType,
    pub current_days: Option<u16>,
}

impl Source {
    pub fn zone(&self) -> Zone {
        self.zone.parse().unwrap()
    }
}

/// An adverse list of São Paulo with a week's `max_age`, and permits of Shanghai without one, both
/// of one authority; and a list of another.
pub fn sources() -> [Source; 3] {
    let source = |list: &str, zone, record_type, current_days| Source {
        authority: if list == "mdb.listed" { bank() } else { authority() },
        list: ListId::new(list).unwrap(),
        zone,
        record_type,
        current_days,
    };
    [
        source("br.excluded", "America/Sao_Paulo", RecordType::ProcurementExclusion, Some(7)),
        source("us.permits", "Asia/Shanghai", RecordType::AdminPermit, None),
        source("mdb.listed", "UTC", RecordType::ListEntry, Some(2)),
    ]
}

pub fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn authority() -> AuthorityKey {
    AuthorityKey::new("test.publisher").unwrap()
}

/// Another authority than the one of most sources.
pub fn bank() -> AuthorityKey {
    AuthorityKey::new("test.bank").unwrap()
}

pub fn name(text: &str) -> Name {
    let script = "Latn".to_owned();
    Name { text: text.to_owned(), language: String::new(), script, role: NameRole::Main }
}

/// What a test says about a new organisation.
pub struct Who<'a> {
    pub name: &'a str,
    pub country: Option<&'a str>,
    pub legal_form: Option<&'a str>,
}

impl<'a> Who<'a> {
    pub fn named(name: &'a str) -> Who<'a> {
        Who { name, country: None, legal_form: None }
    }
}

/// What a test says about a quotation.
#[derive(Clone)]
pub struct What {
    pub source: Source,
    pub row: u64,
    pub start: Option<Day>,
    pub last: Option<Day>,
    pub read_on: Day,
}

impl World {
    pub fn new(seed: u64) -> World {
        let folder = tempfile::tempdir().unwrap();
        let now = instant("2026-03-01T12:00:00Z");
        let setup =
            Setup { origin: "test.example/log".into(), packs: Vec::new(), profiles: Vec::new() };
        let entropy = Box::new(SeededEntropy::new(seed));
        let ledger = Ledger::create(&folder.path().join("registry"), &setup, now, entropy).unwrap();
        World { folder, ledger, now }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn registry(&self) -> PathBuf {
        self.path("registry")
    }

    pub fn reader(&self) -> LedgerReader {
        LedgerReader::open(&self.registry()).unwrap()
    }

    pub fn tables(&self) -> ReadTables {
        let key = self.reader().mac_key().unwrap();
        ReadTables::open(&self.path("read.db"), key).unwrap()
    }

    pub fn public(&self) -> PublicReader {
        let key = self.reader().mac_key().unwrap();
        PublicReader::open(&self.path("read.db"), key).unwrap()
    }

    /// Follows to the end in steps of `step` entries.
    pub fn follow(&self, step: u64) -> u64 {
        let reader = self.reader();
        let size = reader.size().unwrap();
        let mut tables = self.tables();
        let mut cursor = tables.cursor().unwrap();
        while cursor < size {
            cursor = size.min(cursor + step.max(1));
            tables.follow(&reader, cursor, &mut |_| {}).unwrap();
        }
        size
    }

    pub fn rebuilt_dump(&self) -> String {
        let path = self.path("rebuilt.db");
        rebuild(&path, &self.reader(), &mut |_| {}).unwrap();
        goodstanding_projections::dump(&path).unwrap()
    }

    pub fn dump(&self) -> String {
        goodstanding_projections::dump(&self.path("read.db")).unwrap()
    }

    /// Commits events, each with whether it is opened, and gives the position of the first.
    pub fn append(&mut self, drafts: Vec<(EventBody, bool)>, leaves: Vec<Leaf>) -> u64 {
        let drafts = drafts
            .into_iter()
            .map(|(event, open)| Draft { event, open, submission: None })
            .collect();
        let batch = Batch { drafts, leaves, expected: Vec::new() };
        self.ledger.append(batch, self.now).unwrap().from
    }

    pub fn registered(
        &mut self,
        who: &Who<'_>,
        authority: &AuthorityKey,
    ) -> (OrganisationId, EventBody) {
        let organisation = self.ledger.mint_organisation(self.now);
        let event = EventBody::OrganisationRegistered(OrganisationRegistered {
            organisation,
            authority: authority.clone(),
            kind: OrganisationKind::Enterprise,
            legal_form: who.legal_form.and_then(LegalForm::new),
            country: who.country.and_then(Country::new),
            place: None,
            name: name(who.name),
            entry: None,
        });
        (organisation, event)
    }

    /// A new organisation with one quotation, opened where it is shown; both ids.
    pub fn quote(&mut self, who: &Who<'_>, what: &What) -> (OrganisationId, RecordId) {
        let (organisation, registered) = self.registered(who, &what.source.authority);
        let id = self.ledger.mint_record(self.now);
        let record = record(id, 1, organisation, who.name, what);
        let submitted = EventBody::RecordSubmitted(Box::new(record));
        self.append(vec![(registered, true), (submitted, true)], Vec::new());
        (organisation, id)
    }
}

pub fn what(source: &Source, row: u64, read_on: &str) -> What {
    What { source: source.clone(), row, start: None, last: None, read_on: day(read_on) }
}

pub fn row_key(row: u64) -> RowKey {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&row.to_le_bytes());
    RowKey(key)
}

pub fn record(
    id: RecordId,
    revision: u32,
    organisation: OrganisationId,
    name: &str,
    what: &What,
) -> Record {
    let source = &what.source;
    let adverse = source.record_type != RecordType::AdminPermit;
    let body = match source.record_type {
        RecordType::AdminPermit => {
            Body::AdminPermit(AdminPermit { number: Some("P-1".into()), ..Default::default() })
        }
        RecordType::ListEntry => Body::ListEntry(ListEntry::default()),
        _ => Body::ProcurementExclusion(ProcurementExclusion::default()),
    };
    let end = match what.last {
        Some(last) => Some(End::On(last)),
        None if adverse => Some(End::Indefinite { basis: "art. 1".into() }),
        None => None,
    };
    Record {
        id,
        revision,
        subject: Subject { organisation, name_as_written: name.to_owned() },
        quotation: Quotation {
            publisher: source.authority.clone(),
            list: source.list.clone(),
            entries: if adverse { vec![EntryId::new("art-1").unwrap()] } else { Vec::new() },
            profile: ProfileName::new("test").unwrap(),
            row_key: row_key(what.row),
            row_digest: RowKey([revision as u8; 16]),
            read_on: what.read_on,
            current_days_max: source.current_days,
            hidden_after_days: source.current_days.map(|days| days * 2),
        },
        grounds: if adverse { vec![Ground::Fraud] } else { Vec::new() },
        act: adverse.then_some(Act::Administrative),
        period: Period { start: what.start, end },
        end_at: what.last.map(|last| source.zone().end_of(last)),
        zone: source.zone.to_owned(),
        pack: "0".repeat(64),
        body,
    }
}

pub fn snapshot(source: &Source, extent: Extent, read_on: Day, reread: Vec<RowKey>) -> EventBody {
    EventBody::SnapshotTaken(SnapshotTaken {
        authority: source.authority.clone(),
        list: source.list.clone(),
        profile: ProfileName::new("test").unwrap(),
        read_on,
        extent,
        rows: 10,
        standing: 10,
        vanished: 0,
        reread,
        part: 1,
        parts: 1,
    })
}
