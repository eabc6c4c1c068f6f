//! The registry as a plain list of rows: slow, obvious, and without a line of the real code's
//! rules. It compares instants where the real code compares days.

use std::collections::{BTreeMap, BTreeSet};

use domain::authority::AuthorityKey;
use domain::civil::{Day, Instant};
use domain::event::{EventBody, Extent, IdentifierClaimed, NameClaimed, QuotationVanished};
use domain::identifiers::{claim, scheme::Scheme};
use domain::ids::{OrganisationId, RecordId};
use domain::record::{Record, RecordType};
use ledger::wire::Leaf;
use proptest::prelude::*;

use super::{Source, What, Who, World, name, record, row_key, snapshot, sources};

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Op {
    Submit { organisation: usize, source: usize, start: i64, last: Option<i64>, age: i64 },
    SubmitNew { source: usize, start: i64, last: Option<i64>, age: i64 },
    Claim { organisation: usize, source: usize, is_name: bool },
    Revise { record: usize, last: Option<i64>, organisation: Option<usize> },
    Vanish { record: usize },
    Return { record: usize },
    ReadFull { source: usize, age: i64 },
    ReadPart { source: usize, rows: u64, age: i64 },
    Wait { hours: i64 },
    Announce,
}

pub fn any_ops() -> impl Strategy<Value = Vec<Op>> {
    let (source, age) = (0_usize..3, 0_i64..4);
    let (start, last) = (0_i64..40, prop::option::weighted(0.7, 0_i64..25));
    let submit = (any::<usize>(), source.clone(), start.clone(), last.clone(), age.clone());
    let op = prop_oneof![
        4 => (source.clone(), start, last.clone(), age.clone())
            .prop_map(|(source, start, last, age)| Op::SubmitNew { source, start, last, age }),
        3 => submit.prop_map(|(organisation, source, start, last, age)| {
            Op::Submit { organisation, source, start, last, age }
        }),
        2 => (any::<usize>(), source.clone(), any::<bool>()).prop_map(
            |(organisation, source, is_name)| Op::Claim { organisation, source, is_name },
        ),
        3 => (any::<usize>(), last, prop::option::weighted(0.3, any::<usize>()))
            .prop_map(|(record, last, organisation)| Op::Revise { record, last, organisation }),
        1 => any::<usize>().prop_map(|record| Op::Vanish { record }),
        1 => any::<usize>().prop_map(|record| Op::Return { record }),
        2 => (source.clone(), age.clone()).prop_map(|(source, age)| Op::ReadFull { source, age }),
        2 => (source, any::<u64>(), age)
            .prop_map(|(source, rows, age)| Op::ReadPart { source, rows, age }),
        4 => (1_i64..120).prop_map(|hours| Op::Wait { hours }),
        2 => Just(Op::Announce),
    ];
    prop::collection::vec(op, 4..40)
}

#[derive(Debug, Clone)]
pub struct Row {
    pub id: RecordId,
    pub organisation: usize,
    pub source: usize,
    pub record: Record,
    /// Positions of its revisions, the standing one last.
    pub positions: Vec<u64>,
    /// Whom each of them is about.
    pub abouts: Vec<usize>,
    pub reread: Option<Day>,
    pub vanished: bool,
}

#[derive(Debug, Clone)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub position: u64,
}

/// What an authority says about an organisation apart from records.
#[derive(Debug, Clone)]
pub struct Own {
    pub organisation: usize,
    pub authority: AuthorityKey,
    pub position: u64,
    pub said: Said,
}

#[derive(Debug, Clone)]
pub enum Said {
    Registered,
    Name(String),
    Identifier(String),
}

/// What a file says about who an organisation is.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
    pub kind: &'static str,
    pub name: String,
    pub other_names: Vec<String>,
    pub identifiers: Vec<String>,
    /// Entries of the timeline that are not about records.
    pub timeline: Vec<u64>,
}

pub struct Model {
    pub world: World,
    pub own: Vec<Own>,
    pub sources: [Source; 3],
    pub organisations: Vec<Organisation>,
    pub rows: Vec<Row>,
    pub full_reading: [Option<Day>; 3],
    /// Positions announced as open (true) or withheld (false).
    pub announced: BTreeMap<u64, bool>,
}

impl Model {
    pub fn new(seed: u64) -> Model {
        Model {
            world: World::new(seed),
            own: Vec::new(),
            sources: sources(),
            organisations: Vec::new(),
            rows: Vec::new(),
            full_reading: [None; 3],
            announced: BTreeMap::new(),
        }
    }

    fn today(&self, source: usize) -> Day {
        self.world.now.day_in(&self.sources[source].zone())
    }

    pub fn run(&mut self, op: &Op) {
        match op {
            Op::Submit { organisation, source, start, last, age } => {
                if !self.organisations.is_empty() {
                    let organisation = organisation % self.organisations.len();
                    self.submit(organisation, *source, (*start, *last, *age), Vec::new());
                }
            }
            Op::SubmitNew { source, start, last, age } => {
                let number = self.organisations.len();
                let name = format!("Firm{number} Trading {}", ["Alpha", "Beta"][number % 2]);
                let authority = self.sources[*source].authority.clone();
                let (id, registered) = self.world.registered(&Who::named(&name), &authority);
                let position = self.world.reader().size().unwrap();
                self.organisations.push(Organisation { id, name, position });
                let said = Said::Registered;
                self.own.push(Own { organisation: number, authority, position, said });
                self.announced.insert(position, true);
                self.submit(number, *source, (*start, *last, *age), vec![(registered, true)]);
            }
            Op::Claim { organisation, source, is_name } => {
                self.claim(*organisation, *source, *is_name);
            }
            Op::Revise { record, last, organisation } => self.revise(*record, *last, *organisation),
            Op::Vanish { record } => self.vanish(*record),
            Op::Return { record } => self.come_back(*record),
            Op::ReadFull { source, age } => {
                let read_on = self.today(*source).plus_days(-age);
                if self.full_reading[*source].is_none_or(|last| last <= read_on) {
                    self.full_reading[*source] = Some(read_on);
                    let event = snapshot(&self.sources[*source], Extent::Full, read_on, Vec::new());
                    self.world.append(vec![(event, true)], Vec::new());
                }
            }
            Op::ReadPart { source, rows, age } => self.read_part(*source, *rows, *age),
            Op::Wait { hours } => self.world.now = self.world.now.plus_hours(*hours),
            Op::Announce => self.announce(),
        }
    }

    fn submit(
        &mut self,
        organisation: usize,
        source: usize,
        (start, last, age): (i64, Option<i64>, i64),
        mut before: Vec<(EventBody, bool)>,
    ) {
        let read_on = self.today(source).plus_days(-age);
        let what = What {
            source: self.sources[source].clone(),
            row: self.rows.len() as u64,
            start: Some(read_on.plus_days(-start)),
            last: last.map(|last| read_on.plus_days(last)),
            read_on,
        };
        let id = self.world.ledger.mint_record(self.world.now);
        let about = &self.organisations[organisation];
        let record = record(id, 1, about.id, &about.name, &what);
        let mut row = Row {
            id,
            organisation,
            source,
            record: record.clone(),
            positions: Vec::new(),
            abouts: vec![organisation],
            reread: None,
            vanished: false,
        };
        let open = self.is_shown(&row, self.world.now);
        before.push((EventBody::RecordSubmitted(Box::new(record)), open));
        let ahead = before.len() as u64 - 1;
        let position = self.world.append(before, Vec::new()) + ahead;
        row.positions.push(position);
        if open {
            self.announced.insert(position, true);
        }
        self.rows.push(row);
    }

    fn claim(&mut self, organisation: usize, source: usize, is_name: bool) {
        let Some(organisation) = organisation.checked_rem(self.organisations.len()) else { return };
        let (number, id) = (self.own.len(), self.organisations[organisation].id);
        let authority = self.sources[source].authority.clone();
        let (event, said) = if is_name {
            let text = format!("Alias{number} Holding");
            let (authority, name) = (authority.clone(), name(&text));
            let claimed = NameClaimed { organisation: id, authority, name };
            (EventBody::NameClaimed(claimed), Said::Name(text))
        } else {
            let scheme = Scheme::new("us-npdes").unwrap();
            let claim = claim(&scheme, &format!("CT{number:07}")).unwrap();
            let (authority, text) = (authority.clone(), claim.to_string());
            let claimed = IdentifierClaimed { organisation: id, authority, claim };
            (EventBody::IdentifierClaimed(claimed), Said::Identifier(text))
        };
        let mut own = Own { organisation, authority, position: 0, said };
        let open = self.is_told(&own);
        own.position = self.world.append(vec![(event, open)], Vec::new());
        if open {
            self.announced.insert(own.position, true);
        }
        self.own.push(own);
    }

    fn standing(&self, at: usize) -> Option<usize> {
        let at = at.checked_rem(self.rows.len())?;
        (!self.rows[at].vanished).then_some(at)
    }

    fn revise(&mut self, at: usize, last: Option<i64>, organisation: Option<usize>) {
        let Some(at) = self.standing(at) else { return };
        let read_on = self.today(self.rows[at].source);
        let mut row = self.rows[at].clone();
        if let Some(organisation) = organisation {
            row.organisation = organisation % self.organisations.len();
        }
        let about = &self.organisations[row.organisation];
        let what = What {
            source: self.sources[row.source].clone(),
            row: u64::from_le_bytes(row.record.quotation.row_key.0[..8].try_into().unwrap()),
            start: row.record.period.start,
            last: last.map(|last| read_on.plus_days(last)),
            read_on,
        };
        let revision = row.record.revision + 1;
        row.record = record(row.id, revision, about.id, &about.name, &what);
        let open = self.is_shown(&row, self.world.now);
        let event = EventBody::RecordRevised(Box::new(row.record.clone()));
        let position = self.world.append(vec![(event, open)], Vec::new());
        row.positions.push(position);
        row.abouts.push(row.organisation);
        if open {
            self.announced.insert(position, true);
        }
        self.rows[at] = row;
    }

    fn vanish(&mut self, at: usize) {
        let Some(at) = self.standing(at) else { return };
        let row = &mut self.rows[at];
        row.vanished = true;
        let event = EventBody::QuotationVanished(QuotationVanished {
            record: row.id,
            organisation: self.organisations[row.organisation].id,
            authority: self.sources[row.source].authority.clone(),
            list: self.sources[row.source].list.clone(),
            read_on: row.record.quotation.read_on,
        });
        self.world.append(vec![(event, false)], Vec::new());
    }

    /// The same row key, a new record.
    fn come_back(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.rows.len()) else { return };
        if !self.rows[at].vanished {
            return;
        }
        let (organisation, source) = (self.rows[at].organisation, self.rows[at].source);
        self.submit(organisation, source, (1, Some(3), 0), Vec::new());
    }

    fn read_part(&mut self, source: usize, rows: u64, age: i64) {
        let read_on = self.today(source).plus_days(-age);
        let mut keys = Vec::new();
        for (at, row) in self.rows.iter_mut().enumerate() {
            let is_in_file = row.source == source && rows >> (at % 64) & 1 == 1;
            if is_in_file && !row.vanished {
                keys.push(row_key(at as u64));
                row.reread = row.reread.max(Some(read_on));
            }
        }
        let event = snapshot(&self.sources[source], Extent::Partial, read_on, keys);
        self.world.append(vec![(event, true)], Vec::new());
    }

    fn announce(&mut self) {
        self.world.follow(1_000);
        let due = self.world.tables().announcements(self.world.now).unwrap();
        let mut leaves = Vec::new();
        for (ranges, open) in [(due.open, true), (due.withhold, false)] {
            for (first, last) in &ranges {
                (*first..=*last).for_each(|position| {
                    self.announced.insert(position, open);
                });
            }
            if !ranges.is_empty() {
                let leaf = if open {
                    Leaf::Open { ranges }
                } else {
                    Leaf::Withhold { ranges, fields: Vec::new() }
                };
                leaves.push(leaf);
            }
        }
        if !leaves.is_empty() {
            self.world.append(Vec::new(), leaves);
        }
    }

    pub fn last_read(&self, row: &Row) -> Day {
        let own = row.record.quotation.read_on;
        let reread = row.reread.unwrap_or(own);
        own.max(reread).max(self.full_reading[row.source].unwrap_or(own))
    }

    /// How a row stands, as text; by instants.
    pub fn state(&self, row: &Row, on: Instant) -> &'static str {
        let zone = self.sources[row.source].zone();
        let over = |days: u16| zone.end_of(self.last_read(row).plus_days(days.into()));
        if row.vanished {
            "vanished"
        } else if row.record.end_at.is_some_and(|end| on >= end) {
            "ended"
        } else if row.record.period.start.is_some_and(|start| on < zone.start_of(start)) {
            "not_started"
        } else if row.record.quotation.hidden_after_days.is_some_and(|days| on >= over(days)) {
            "hidden"
        } else if row.record.quotation.current_days_max.is_some_and(|days| on >= over(days)) {
            "not_current"
        } else {
            "listed"
        }
    }

    pub fn is_shown(&self, row: &Row, on: Instant) -> bool {
        matches!(self.state(row, on), "listed" | "not_current")
    }

    pub fn supports(&self, organisation: usize) -> bool {
        let about = |row: &&Row| row.organisation == organisation;
        self.rows.iter().filter(about).any(|row| self.is_shown(row, self.world.now))
    }

    /// Whether what an authority says is told now: only while one of its rows is shown.
    pub fn is_told(&self, own: &Own) -> bool {
        self.rows.iter().any(|row| {
            row.organisation == own.organisation
                && self.sources[row.source].authority == own.authority
                && self.is_shown(row, self.world.now)
        })
    }

    fn told(&self, organisation: usize, at: u64) -> impl Iterator<Item = &Own> {
        let about = move |own: &&Own| own.organisation == organisation && own.position < at;
        self.own.iter().filter(about).filter(|own| self.is_told(own))
    }

    /// Whether anything that is told about the organisation is known at `at`.
    fn is_known(&self, organisation: usize, at: u64) -> bool {
        let is_row_known = |row: &Row| {
            let mut revisions = row.positions.iter().zip(&row.abouts);
            row.organisation == organisation
                && self.is_shown(row, self.world.now)
                && revisions.any(|(position, about)| *position < at && *about == organisation)
        };
        self.told(organisation, at).next().is_some() || self.rows.iter().any(is_row_known)
    }

    /// Who an organisation is, as known at `at`.
    pub fn identity(&self, organisation: usize, at: u64) -> Identity {
        let mut identity = Identity {
            kind: "unstated",
            name: self.organisations[organisation].name.clone(),
            other_names: Vec::new(),
            identifiers: Vec::new(),
            timeline: Vec::new(),
        };
        for own in self.told(organisation, at) {
            identity.timeline.push(own.position);
            match &own.said {
                Said::Registered => identity.kind = "enterprise",
                Said::Name(name) => identity.other_names.push(name.clone()),
                Said::Identifier(claim) => identity.identifiers.push(claim.clone()),
            }
        }
        if identity.kind == "unstated" && !identity.other_names.is_empty() {
            identity.name = identity.other_names.remove(0);
        }
        identity
    }

    /// What a file lists as known at `at` and in effect on `on`.
    pub fn file(
        &self,
        organisation: usize,
        at: u64,
        on: Instant,
    ) -> Option<Vec<(RecordId, &'static str)>> {
        let now = self.world.now;
        if !self.supports(organisation) || !self.is_known(organisation, at) {
            return None;
        }
        let place = |row: &Row| {
            let record_type = row.record.record_type();
            RecordType::ALL.iter().position(|other| *other == record_type)
        };
        let mut rows: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.organisation == organisation)
            .filter(|row| self.is_shown(row, now) && self.is_shown(row, on))
            .filter(|row| *row.positions.last().unwrap() < at)
            .collect();
        rows.sort_by(|one, other| {
            place(one)
                .cmp(&place(other))
                .then(other.record.period.start.cmp(&one.record.period.start))
                .then(one.id.cmp(&other.id))
        });
        let state = |row: &Row| match (self.state(row, now), self.state(row, on)) {
            ("listed", "listed") => "listed",
            _ => "not_current",
        };
        Some(rows.into_iter().map(|row| (row.id, state(row))).collect())
    }

    /// Positions that should be open now, and all positions of records and organisations.
    pub fn should_be_open(&self) -> (BTreeSet<u64>, BTreeSet<u64>) {
        let (mut open, mut all) = (BTreeSet::new(), BTreeSet::new());
        for own in &self.own {
            all.insert(own.position);
            if self.is_told(own) {
                open.insert(own.position);
            }
        }
        for row in &self.rows {
            all.extend(&row.positions);
            if self.is_shown(row, self.world.now) {
                open.extend(row.positions.last());
            }
        }
        (open, all)
    }
}
