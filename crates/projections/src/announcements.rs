//! What the log should announce about openings, compared with what it does announce. The public
//! answer changed at the instant itself; the batched entry follows within a day (design 3).

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::civil::{Day, Instant};
use domain::ids::RecordId;
use due_process::case::Exposure;
use due_process::quotation::is_shown;

use crate::announced::{Announced, AnnouncedMap};
use crate::base::Base;
use crate::rows::{EventKind, RecordRow};
use crate::{ProjectionError, ReadTables};

/// Positions whose announced state differs from what it should be, as inclusive ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcements {
    /// To be named by an `open` entry.
    pub open: Vec<(u64, u64)>,
    /// To be named by a `withhold` entry.
    pub withhold: Vec<(u64, u64)>,
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
        let mut clock = Clock::new(&self.base, now);
        // The standing revisions that are shown, each with the organisation it is about.
        let mut shown = HashMap::new();
        self.base.each_record(&mut |row| {
            if clock.is_shown(&row)? {
                shown.insert(row.current, row.organisation);
            }
            Ok(())
        })?;
        let announced = AnnouncedMap(self.base.announced_between(0, i64::MAX as u64)?);
        let (mut open, mut withhold) = (Vec::new(), Vec::new());
        self.base.each_proceeding(&mut |row| {
            let exposure = row.exposure(now);
            if row.is_shown(now) {
                shown.insert(row.position, row.organisation);
            }
            for (position, audience) in &row.steps {
                match (announced.at(*position)?, audience.may_read(exposure)) {
                    (Announced::Sealed | Announced::Withheld, true) => open.push(*position),
                    (Announced::Open, false) => withhold.push(*position),
                    _ => {}
                }
            }
            Ok(())
        })?;
        // Steps of decisions, with whether all organisations they name are shown.
        let mut steps: BTreeMap<u64, bool> = BTreeMap::new();
        self.base.each_organisation(&mut |row| {
            let supporters: HashSet<i64> = row
                .events
                .iter()
                .filter(|(position, _)| shown.get(position) == Some(&row.position))
                .map(|(_, event)| event.authority)
                .collect();
            for (position, event) in &row.events {
                let should_be_open = match event.kind {
                    EventKind::Identity => {
                        *steps.entry(*position).or_insert(true) &= !supporters.is_empty();
                        continue;
                    }
                    EventKind::Own => supporters.contains(&event.authority),
                    EventKind::Submitted | EventKind::Revised => shown.contains_key(position),
                    EventKind::Vanished => false,
                    // Its steps are judged above, by what of the record is public.
                    EventKind::Case => continue,
                };
                match (announced.at(*position)?, should_be_open) {
                    (Announced::Sealed | Announced::Withheld, true) => open.push(*position),
                    (Announced::Open, false) => withhold.push(*position),
                    _ => {}
                }
            }
            Ok(())
        })?;
        for (position, is_open) in steps {
            match (announced.at(position)?, is_open) {
                (Announced::Sealed | Announced::Withheld, true) => open.push(position),
                (Announced::Open, false) => withhold.push(position),
                _ => {}
            }
        }
        Ok(Announcements { open: ranges(open), withhold: ranges(withhold) })
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
