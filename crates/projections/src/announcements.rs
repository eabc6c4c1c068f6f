//! What the log should announce about openings, compared with what it does announce. The public
//! answer changed at the instant itself; the batched entry follows within a day (design 3).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::civil::{Day, Instant};
use domain::ids::{OrganisationId, RecordId};
use due_process::case::Exposure;
use due_process::quotation::is_shown;

use crate::announced::{Announced, AnnouncedMap};
use crate::base::Base;
use crate::proceedings::ProceedingRow;
use crate::rows::{EventKind, OrganisationRow, RecordRow};
use crate::{ProjectionError, ReadTables};

/// Positions whose announced state differs from what it should be, as inclusive ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcements {
    /// To be named by an `open` entry.
    pub open: Vec<(u64, u64)>,
    /// To be named by a `withhold` entry.
    pub withhold: Vec<(u64, u64)>,
}

/// Whom announcements that are due are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueAbout {
    /// Organisations, in the order of their registration.
    pub organisations: Vec<OrganisationId>,
    /// Whether steps of decisions on identity are among them, which name several.
    pub has_steps: bool,
}

impl ReadTables {
    /// What `open` and `withhold` entries are due at `now`.
    ///
    /// Open should be: the standing revision of a record that is shown, and the events of an
    /// organisation that a shown record of the same authority supports. Everything else about
    /// records and organisations should not, nor steps of decisions that name an organisation
    /// without a record shown: superseded revisions, what ended, vanished or was not re-read, and
    /// what else its source said about the organisation.
    pub fn announcements(&self, now: Instant) -> Result<Announcements, ProjectionError> {
        self.judge_all(now)?.finish()
    }

    /// About whom something is due at `now`: found without holding up whoever writes, to be judged
    /// again by [`ReadTables::announcements_about`] when it is one's turn.
    pub fn due_about(&self, now: Instant) -> Result<DueAbout, ProjectionError> {
        let mut judging = self.judge_all(now)?;
        let positions = std::mem::take(&mut judging.concerned);
        let before = judging.open.len() + judging.withhold.len();
        let all = judging.judge_steps()?;
        let mut organisations = Vec::with_capacity(positions.len());
        for position in positions {
            organisations.extend(self.base.organisation_at(position)?.map(|row| row.id));
        }
        Ok(DueAbout { organisations, has_steps: all > before })
    }

    fn judge_all(&self, now: Instant) -> Result<Judging<'_>, ProjectionError> {
        let ranges = self.base.announced_between(0, i64::MAX as u64)?;
        let mut judging = Judging::new(&self.base, now, Known::All(AnnouncedMap(ranges)));
        self.base.each_record(&mut |row| judging.record(&row))?;
        self.base.each_proceeding(&mut |row| judging.proceeding(&row))?;
        self.base.each_organisation(&mut |row| judging.organisation(&row))?;
        Ok(judging)
    }

    /// The same for what is about `organisations` alone, without looking at anything else: for what
    /// was just committed. Steps of decisions on identity are left out, since they name others too.
    pub fn announcements_about(
        &self,
        organisations: &[OrganisationId],
        now: Instant,
    ) -> Result<Announcements, ProjectionError> {
        let mut judging = Judging::new(&self.base, now, Known::Asked);
        let mut rows = Vec::with_capacity(organisations.len());
        for id in organisations {
            rows.extend(self.base.organisation(*id)?);
        }
        for row in &rows {
            let submitted = row.events.iter().filter(|(_, it)| it.kind == EventKind::Submitted);
            for (position, _) in submitted {
                if let Some(record) = self.base.record_at(*position)? {
                    judging.record(&record)?;
                }
            }
            for proceeding in self.base.proceedings_of(row.position)? {
                judging.proceeding(&proceeding)?;
            }
        }
        for row in &rows {
            judging.organisation(row)?;
        }
        judging.steps.clear();
        judging.finish()
    }
}

/// What the log announces.
enum Known {
    /// Read once, for looking at everything.
    All(AnnouncedMap),
    /// Asked for position by position.
    Asked,
}

/// Judges openings: first records and proceedings, then the organisations they are about.
struct Judging<'a> {
    base: &'a Base,
    clock: Clock<'a>,
    known: Known,
    /// The standing revisions that are shown, each with the organisation it is about.
    shown: HashMap<u64, u64>,
    /// Steps of decisions, with whether all organisations they name are shown.
    steps: BTreeMap<u64, bool>,
    open: Vec<u64>,
    withhold: Vec<u64>,
    /// Positions of the organisations these are about.
    concerned: BTreeSet<u64>,
}

impl<'a> Judging<'a> {
    fn new(base: &'a Base, now: Instant, known: Known) -> Judging<'a> {
        Judging {
            base,
            clock: Clock::new(base, now),
            known,
            shown: HashMap::new(),
            steps: BTreeMap::new(),
            open: Vec::new(),
            withhold: Vec::new(),
            concerned: BTreeSet::new(),
        }
    }

    /// `organisation` is whom the event at `position` is about.
    fn judge_of(
        &mut self,
        organisation: u64,
        position: u64,
        should_be_open: bool,
    ) -> Result<(), ProjectionError> {
        if self.judge(position, should_be_open)? {
            self.concerned.insert(organisation);
        }
        Ok(())
    }

    /// Whether something is due at `position`.
    fn judge(&mut self, position: u64, should_be_open: bool) -> Result<bool, ProjectionError> {
        let announced = match &self.known {
            Known::All(map) => map.at(position)?,
            Known::Asked => {
                AnnouncedMap(self.base.announced_between(position, position)?).at(position)?
            }
        };
        match (announced, should_be_open) {
            (Announced::Sealed | Announced::Withheld, true) => self.open.push(position),
            (Announced::Open, false) => self.withhold.push(position),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn record(&mut self, row: &RecordRow) -> Result<(), ProjectionError> {
        if self.clock.is_shown(row)? {
            self.shown.insert(row.current, row.organisation);
        }
        Ok(())
    }

    fn proceeding(&mut self, row: &ProceedingRow) -> Result<(), ProjectionError> {
        let now = self.clock.now;
        let exposure = row.exposure(now);
        if row.is_shown(now) {
            self.shown.insert(row.position, row.organisation);
        }
        for (position, audience) in &row.steps {
            self.judge_of(row.organisation, *position, audience.may_read(exposure))?;
        }
        Ok(())
    }

    fn organisation(&mut self, row: &OrganisationRow) -> Result<(), ProjectionError> {
        let supporters: HashSet<i64> = row
            .events
            .iter()
            .filter(|(position, _)| self.shown.get(position) == Some(&row.position))
            .map(|(_, event)| event.authority)
            .collect();
        for (position, event) in &row.events {
            let should_be_open = match event.kind {
                EventKind::Identity => {
                    *self.steps.entry(*position).or_insert(true) &= !supporters.is_empty();
                    continue;
                }
                EventKind::Own => supporters.contains(&event.authority),
                EventKind::Submitted | EventKind::Revised => self.shown.contains_key(position),
                EventKind::Vanished => false,
                // Its steps are judged above, by what of the record is public.
                EventKind::Case => continue,
            };
            self.judge_of(row.position, *position, should_be_open)?;
        }
        Ok(())
    }

    /// Judges the steps of decisions; how many positions are due in all, an event of two
    /// organisations twice.
    fn judge_steps(&mut self) -> Result<usize, ProjectionError> {
        for (position, is_open) in std::mem::take(&mut self.steps) {
            self.judge(position, is_open)?;
        }
        Ok(self.open.len() + self.withhold.len())
    }

    fn finish(mut self) -> Result<Announcements, ProjectionError> {
        self.judge_steps()?;
        Ok(Announcements { open: ranges(self.open), withhold: ranges(self.withhold) })
    }
}

impl ReadTables {
    /// Records that the tables would show on `now` or later by time alone, although the log says
    /// otherwise or may have gone on without them. Asked after entries were lost: what stopped or
    /// ended such a record may be among them, and a restore must not bring back what was repaired.
    pub fn uncertain(&self, now: Instant) -> Result<Vec<RecordId>, ProjectionError> {
        let mut clock = Clock::new(&self.base, now);
        let announced = AnnouncedMap(self.base.announced_between(0, i64::MAX as u64)?);
        let mut uncertain = Vec::new();
        self.base.each_record(&mut |row| {
            let is_withheld = announced.at(row.current)? == Announced::Withheld;
            if is_withheld && clock.is_shown(&row)? {
                uncertain.push(row.id);
            }
            Ok(())
        })?;
        self.base.each_proceeding(&mut |row| {
            let is_withheld = announced.at(row.position)? == Announced::Withheld;
            let will_show = row
                .schedule
                .iter()
                .any(|(at, exposure)| *at > now && matches!(exposure, Exposure::Shown { .. }));
            let was_sealed = announced.at(row.position)? == Announced::Sealed;
            if (row.is_shown(now) && is_withheld)
                || (was_sealed && (row.is_shown(now) || will_show))
            {
                uncertain.push(row.id);
            }
            Ok(())
        })?;
        Ok(uncertain)
    }
}

/// Sorted positions as inclusive ranges; an event that two organisations list counts once.
fn ranges(mut positions: Vec<u64>) -> Vec<(u64, u64)> {
    positions.sort_unstable();
    positions.dedup();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for position in positions {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == position => *last = position,
            _ => ranges.push((position, position)),
        }
    }
    ranges
}

/// One instant, with the day it falls on in each zone and the last reading of each list.
pub(crate) struct Clock<'a> {
    base: &'a Base,
    pub now: Instant,
    days: HashMap<i64, Day>,
    full_readings: HashMap<i64, Option<Day>>,
}

impl<'a> Clock<'a> {
    pub(crate) fn new(base: &'a Base, now: Instant) -> Clock<'a> {
        Clock { base, now, days: HashMap::new(), full_readings: HashMap::new() }
    }

    pub(crate) fn today(&mut self, zone: i64) -> Result<Day, ProjectionError> {
        if let Some(day) = self.days.get(&zone) {
            return Ok(*day);
        }
        let day = self.now.day_in(&self.base.zone(zone)?);
        self.days.insert(zone, day);
        Ok(day)
    }

    /// The day of the list's last reading from beginning to end.
    pub(crate) fn full_reading(&mut self, list: i64) -> Result<Option<Day>, ProjectionError> {
        if let Some(day) = self.full_readings.get(&list) {
            return Ok(*day);
        }
        let row = self.base.reading(list)?.ok_or(ProjectionError::Broken("reading"))?;
        let day = row.full.map(|(_, day)| day);
        self.full_readings.insert(list, day);
        Ok(day)
    }

    pub(crate) fn is_shown(&mut self, row: &RecordRow) -> Result<bool, ProjectionError> {
        let terms = row.terms(self.full_reading(row.list)?);
        Ok(is_shown(terms.state(self.now, self.today(row.zone)?)))
    }
}
