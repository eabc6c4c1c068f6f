//! Rows of `read.db` as values, and the keyed hash over each.

use std::collections::BTreeMap;

use domain::civil::{Day, Instant};
use domain::identifiers::{IdentifierClaim, claim, scheme::Scheme};
use domain::ids::{OrganisationId, RecordId, RowKey};
use due_process::quotation::{Freshness, Terms};
use sha2::{Digest as _, Sha256};

use crate::mac::{Column, RowMac, Tag};

/// Key of no organisation: what a record or case is about whose organisation was destroyed. Such a
/// row is shown to nobody; it is there so that the same steps, read again without what was
/// destroyed, leave the same row.
pub(crate) const NOBODY: u64 = u64::MAX;

/// What an event in an organisation's list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// The organisation's own: registered, identifier, name.
    Own,
    /// First revision of a record.
    Submitted,
    /// A later revision.
    Revised,
    /// A quotation vanished.
    Vanished,
    /// A step of a decision on identity that names the organisation.
    Identity,
    /// The first event of a case that is or was about it.
    Case,
}

impl EventKind {
    const ALL: [EventKind; 6] = [
        EventKind::Own,
        EventKind::Submitted,
        EventKind::Revised,
        EventKind::Vanished,
        EventKind::Identity,
        EventKind::Case,
    ];
}

/// An event in an organisation's list: what it is, and whose. What an authority says about an
/// organisation is shown only while a record of the same authority is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListedEvent {
    pub kind: EventKind,
    /// Number of the authority's key; zero, which no key has, for a step of the registry's own.
    pub authority: i64,
}

/// An organisation: its first event's position is its key in every table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrganisationRow {
    pub position: u64,
    pub id: OrganisationId,
    pub is_single_owner: bool,
    /// Its events by position.
    pub events: BTreeMap<u64, ListedEvent>,
    pub claims: Vec<IdentifierClaim>,
    /// Folded names, in the order of their events.
    pub names: Vec<String>,
}

impl OrganisationRow {
    /// Whether a decision on identity, proposed or made, names it.
    pub(crate) fn is_decided_about(&self) -> bool {
        self.events.values().any(|event| event.kind == EventKind::Identity)
    }

    pub(crate) fn encoded_events(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.events.len() * 4);
        let mut last = 0;
        for (position, event) in &self.events {
            put_number(&mut bytes, (position - last) << 3 | event.kind as u64);
            put_number(&mut bytes, event.authority as u64);
            last = *position;
        }
        bytes
    }

    pub(crate) fn decoded_events(bytes: &[u8]) -> Option<BTreeMap<u64, ListedEvent>> {
        let (mut events, mut last) = (BTreeMap::new(), 0_u64);
        let numbers = numbers(bytes)?;
        let (pairs, rest) = numbers.as_chunks::<2>();
        for [place, authority] in pairs {
            last = last.checked_add(place >> 3)?;
            let kind = *EventKind::ALL.get((place & 7) as usize)?;
            events.insert(last, ListedEvent { kind, authority: *authority as i64 });
        }
        rest.is_empty().then_some(events)
    }

    pub(crate) fn encoded_claims(&self) -> String {
        let claims: Vec<String> = self.claims.iter().map(ToString::to_string).collect();
        claims.join("\n")
    }

    pub(crate) fn decoded_claims(text: &str) -> Option<Vec<IdentifierClaim>> {
        text.lines()
            .map(|line| {
                let (scheme, value) = line.split_once(':')?;
                claim(&Scheme::new(scheme)?, value).ok()
            })
            .collect()
    }

    pub(crate) fn tag(&self, mac: &RowMac) -> Tag {
        mac.tag(
            "organisation",
            &[
                Column::Integer(self.position as i64),
                Column::Bytes(&self.id.bytes()),
                Column::Integer(i64::from(self.is_single_owner)),
                Column::Bytes(&self.encoded_events()),
                Column::Bytes(self.encoded_claims().as_bytes()),
                Column::Bytes(self.names.join("\n").as_bytes()),
            ],
        )
    }
}

/// Seven bits a byte, the lowest first; the high bit says that more follow.
pub(crate) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub(crate) fn numbers(bytes: &[u8]) -> Option<Vec<u64>> {
    let (mut numbers, mut number, mut shift) = (Vec::new(), 0_u64, 0_u32);
    for byte in bytes {
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 != 0 {
            shift += 7;
            continue;
        }
        numbers.push(number);
        (number, shift) = (0, 0);
    }
    (shift == 0).then_some(numbers)
}

/// A record: the position of its first revision is its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordRow {
    pub position: u64,
    pub id: RecordId,
    /// Key of the organisation the current revision is about.
    pub organisation: u64,
    pub list: i64,
    /// Position of the revision that stands.
    pub current: u64,
    pub revision: u32,
    pub row_key: RowKey,
    pub row_digest: RowKey,
    pub start: Option<Day>,
    pub end_at: Option<Instant>,
    pub zone: i64,
    pub read_on: Day,
    /// Last day a partial file had the row.
    pub reread_on: Option<Day>,
    pub freshness: Freshness,
    pub vanished: bool,
}

impl RecordRow {
    /// The day the row itself was last read, apart from full snapshots.
    pub(crate) fn own_read(&self) -> Day {
        self.reread_on.map_or(self.read_on, |day| day.max(self.read_on))
    }

    /// What time does to it, given the day of its list's last full snapshot.
    pub(crate) fn terms(&self, full_read_on: Option<Day>) -> Terms {
        Terms {
            start: self.start,
            end_at: self.end_at,
            freshness: self.freshness,
            last_read: full_read_on.map_or(self.own_read(), |day| day.max(self.own_read())),
            vanished: !self.is_counted(),
        }
    }

    /// Whether it is one of what stands of its list: it did not vanish, and it is about somebody.
    pub(crate) const fn is_counted(&self) -> bool {
        !self.vanished && self.organisation != NOBODY
    }

    pub(crate) fn tally(&self) -> TallyKey {
        TallyKey {
            list: self.list,
            zone: self.zone,
            end_at: self.end_at.map_or(NO_END, Instant::micros),
            own_read: self.own_read().days_since_epoch(),
            current_days: self.freshness.current_days_max.map_or(-1, i64::from),
            hidden_days: self.freshness.hidden_after_days.map_or(-1, i64::from),
        }
    }

    pub(crate) fn tag(&self, mac: &RowMac) -> Tag {
        let day = |day: Option<Day>| Column::optional(day.map(Day::days_since_epoch));
        let days = |days: Option<u16>| Column::optional(days.map(i64::from));
        mac.tag(
            "record",
            &[
                Column::Integer(self.position as i64),
                Column::Bytes(&self.id.bytes()),
                Column::Integer(self.organisation as i64),
                Column::Integer(self.list),
                Column::Integer(self.current as i64),
                Column::Integer(i64::from(self.revision)),
                Column::Bytes(&self.row_key.0),
                Column::Bytes(&self.row_digest.0),
                day(self.start),
                Column::optional(self.end_at.map(Instant::micros)),
                Column::Integer(self.zone),
                day(Some(self.read_on)),
                day(self.reread_on),
                days(self.freshness.current_days_max),
                days(self.freshness.hidden_after_days),
                Column::Integer(i64::from(self.vanished)),
            ],
        )
    }
}

/// Key of a count for a record without end; the law's "no end" lives in the record, not here.
pub(crate) const NO_END: i64 = i64::MAX;

/// Records that time treats alike are counted together, so that a list's figures need no scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TallyKey {
    pub list: i64,
    pub zone: i64,
    pub end_at: i64,
    pub own_read: i64,
    pub current_days: i64,
    pub hidden_days: i64,
}

impl TallyKey {
    /// What time does to the records counted here.
    pub(crate) fn terms(&self, full_read_on: Option<Day>) -> Terms {
        let own = Day::from_days_since_epoch(self.own_read);
        Terms {
            start: None,
            end_at: (self.end_at != NO_END).then_some(Instant::from_micros(self.end_at)),
            freshness: Freshness {
                current_days_max: u16::try_from(self.current_days).ok(),
                hidden_after_days: u16::try_from(self.hidden_days).ok(),
            },
            last_read: full_read_on.map_or(own, |day| day.max(own)),
            vanished: false,
        }
    }

    pub(crate) fn tag(&self, mac: &RowMac, records: i64) -> Tag {
        mac.tag(
            "tally",
            &[
                Column::Integer(self.list),
                Column::Integer(self.zone),
                Column::Integer(self.end_at),
                Column::Integer(self.own_read),
                Column::Integer(self.current_days),
                Column::Integer(self.hidden_days),
                Column::Integer(records),
            ],
        )
    }
}

/// A key (a list, a zone, an authority) that rows name by its number, and how many do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub number: i64,
    pub text: String,
    pub uses: i64,
}

impl Term {
    /// The number `text` has unless another key took it: part of its hash, so that it does not
    /// depend on what came before, which may be destroyed. Small, for it stands in every row; never
    /// zero, which no key has.
    pub(crate) fn home(text: &str) -> i64 {
        let hash = Sha256::digest(text.as_bytes());
        let first = hash.iter().take(4).fold(0, |number, byte| number << 8 | i64::from(*byte));
        (first & 0xfff_ffff) + 1
    }
}

/// The last readings of a list. Every list that occurs has a row, so that a missing one is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadingRow {
    pub list: i64,
    /// From beginning to end: position of the event, and the day.
    pub full: Option<(u64, Day)>,
    /// In part.
    pub part: Option<(u64, Day)>,
    /// Records that did not vanish: what the counts of the list add up to.
    pub standing: i64,
}

impl ReadingRow {
    /// A list that was not read yet.
    pub(crate) const fn unread(list: i64) -> ReadingRow {
        ReadingRow { list, full: None, part: None, standing: 0 }
    }

    pub(crate) fn columns(&self) -> [Option<i64>; 5] {
        let position = |reading: Option<(u64, Day)>| reading.map(|(position, _)| position as i64);
        let day = |reading: Option<(u64, Day)>| reading.map(|(_, day)| day.days_since_epoch());
        let standing = Some(self.standing);
        [position(self.full), day(self.full), position(self.part), day(self.part), standing]
    }

    pub(crate) fn from_columns(list: i64, columns: [Option<i64>; 5]) -> ReadingRow {
        let [full_position, full_day, part_position, part_day, standing] = columns;
        let reading = |position: Option<i64>, day: Option<i64>| {
            Some((position? as u64, Day::from_days_since_epoch(day?)))
        };
        ReadingRow {
            list,
            full: reading(full_position, full_day),
            part: reading(part_position, part_day),
            standing: standing.unwrap_or(0),
        }
    }

    pub(crate) fn tag(mac: &RowMac, list: i64, columns: [Option<i64>; 5]) -> Tag {
        let [one, two, three, four, five] = columns.map(Column::optional);
        mac.tag("reading", &[Column::Integer(list), one, two, three, four, five])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_lists_round_trip() {
        let event = |kind, authority| ListedEvent { kind, authority };
        let row = OrganisationRow {
            position: 3,
            id: OrganisationId::from_bytes([1; 16]),
            is_single_owner: false,
            events: [
                (0, event(EventKind::Own, 1)),
                (3, event(EventKind::Submitted, 200)),
                (1 << 40, event(EventKind::Vanished, 1 << 40)),
                (1 << 41, event(EventKind::Identity, 0)),
            ]
            .into(),
            claims: Vec::new(),
            names: Vec::new(),
        };
        assert_eq!(OrganisationRow::decoded_events(&row.encoded_events()), Some(row.events));
        assert_eq!(OrganisationRow::decoded_events(&[0x80]), None);
        assert_eq!(OrganisationRow::decoded_events(&[8]), None, "whose it is is missing");
        assert_eq!(OrganisationRow::decoded_events(&[0xff; 20]), None);
    }
}
