//! The registry in figures, counted in the same pass that makes the bulk files: what is on record
//! by list, type, ground, kind and country, how the log grew, how imports went.
//!
//! Only what may be shown is counted. Figures about what is not public (rows that wait, rows that
//! were refused, openings that were withheld or destroyed) are withheld where they are small
//! (I-60).

use std::collections::BTreeMap;

use domain::civil::{Day, Instant, Zone};
use domain::record::RecordType;
use due_process::quotation::counts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::registry::{AppError, FileAnswer, Registry};

// Not law: I-60 of the frame, a cell about unpublished states below it is withheld.
const CELL_MIN: u64 = 3;

/// Days whose growth is shown.
// Not law: the width of a plot.
const DAYS: i64 = 30;
/// Months whose growth is shown.
// Not law: the width of a plot.
const MONTHS: usize = 24;

/// `n`, unless it is so small that it may tell of a single case (I-60). Nothing is no case.
pub fn unless_small(n: u64) -> Option<u64> {
    (n == 0 || n >= CELL_MIN).then_some(n)
}

/// The registry in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Statistics {
    /// Entries of the log at positions below this one are counted.
    pub position: u64,
    /// When they were counted.
    pub as_of: String,
    /// Organisations that answer.
    pub organisations: u64,
    /// Records shown.
    pub records: u64,
    /// Records in effect.
    pub in_effect: u64,
    /// By list.
    pub lists: Vec<Counted>,
    /// By type of record, in the fixed order of types.
    pub types: Vec<Counted>,
    /// By ground; a record with two grounds is counted under both.
    pub grounds: Vec<Counted>,
    /// By kind of organisation.
    pub kinds: Vec<Counted>,
    /// By country (ISO 3166-1); `unknown` where no source tells.
    pub countries: Vec<Counted>,
    /// By field of the outline (R002), as the lists name it; `unstated` where they do not.
    pub fields: Vec<Counted>,
    /// By sector of the outline (R214), as the lists name it; `unstated` where they do not.
    pub sectors: Vec<Counted>,
    /// Entries of the log by the state of their openings.
    pub openings: OpeningsCounted,
    /// Entries added to the log, by month (`2026-11`), the last 24.
    pub months: Vec<Grown>,
    /// Entries added to the log, by day of UTC, the last 30.
    pub days: Vec<Grown>,
    /// The last import of each list.
    pub imports: Vec<ImportCounted>,
}

/// How many organisations and records of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// Of what.
    pub key: String,
    /// Organisations with such a record.
    pub organisations: u64,
    /// Such records shown.
    pub records: u64,
    /// Those in effect.
    pub in_effect: u64,
}

/// Openings by state, in entries of the log; null where fewer than 3 and not none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpeningsCounted {
    /// Published.
    pub open: u64,
    /// Withheld.
    pub withheld: Option<u64>,
    /// Destroyed.
    pub erased: Option<u64>,
    /// Not published, or entries in the clear, which have none.
    pub never_open: u64,
}

/// Growth of the log in a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Grown {
    /// Which span.
    pub span: String,
    /// Entries added in it.
    pub entries: u64,
}

/// The last import of a list; null where fewer than 3 and not none, or where nobody noted it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportCounted {
    /// Which list.
    pub list: String,
    /// The day it was read.
    pub read_on: Option<String>,
    /// Rows of the file.
    pub rows: u64,
    /// Records that stood after it.
    pub standing: u64,
    /// Rows that wait for a correction.
    pub quarantined: Option<u64>,
    /// Rows refused.
    pub refused: Option<u64>,
    /// Rows refused because they are about persons: a count and nothing else is kept.
    pub refused_persons: Option<u64>,
    /// Whether the last file was held.
    pub held: bool,
}

/// Counts file by file.
#[derive(Debug, Default)]
pub struct Counting {
    statistics: Statistics,
    groups: BTreeMap<(Group, String), Counted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    List,
    Type,
    Ground,
    Kind,
    Country,
    Field,
    Sector,
}

impl Counting {
    /// Takes in one organisation's file.
    pub fn add(&mut self, registry: &Registry, answer: &FileAnswer) {
        let file = &answer.file;
        self.statistics.organisations += 1;
        let mut met = std::collections::BTreeSet::new();
        let kind = file.kind.key().to_owned();
        let country =
            file.country.as_ref().map_or("unknown", |country| country.as_str()).to_owned();
        for view in &file.records {
            let record = &view.record;
            let is_in_effect = counts(view.state);
            self.statistics.records += 1;
            self.statistics.in_effect += u64::from(is_in_effect);
            let packs = registry.packs();
            let list = packs.list(&record.quotation.list);
            let (field, sector) = list.map_or((None, None), |list| (list.field, list.sector));
            let mut keys = vec![
                (Group::List, record.quotation.list.to_string()),
                (Group::Type, record.record_type().key().to_owned()),
                (Group::Kind, kind.clone()),
                (Group::Country, country.clone()),
                (Group::Field, field.map_or("unstated", |field| field.key()).to_owned()),
                (Group::Sector, sector.map_or("unstated", |sector| sector.key()).to_owned()),
            ];
            let grounds = record.grounds.iter();
            keys.extend(grounds.map(|ground| (Group::Ground, ground.key().to_owned())));
            for key in keys {
                let counted = self.groups.entry(key.clone()).or_default();
                counted.records += 1;
                counted.in_effect += u64::from(is_in_effect);
                counted.organisations += u64::from(met.insert(key));
            }
        }
    }

    /// The figures, with those of the log and of imports.
    pub fn finish(self, registry: &Registry, position: u64) -> Result<Statistics, AppError> {
        let now = registry.now();
        let groups = self.groups;
        let group = |wanted: Group| -> Vec<Counted> {
            let of = groups.iter().filter(|((group, _), _)| *group == wanted);
            of.map(|((_, key), counted)| Counted { key: key.clone(), ..counted.clone() }).collect()
        };
        let mut types = group(Group::Type);
        let place = |counted: &Counted| {
            RecordType::ALL.iter().position(|record_type| record_type.key() == counted.key)
        };
        types.sort_by_key(place);
        let openings = registry.openings()?;
        Ok(Statistics {
            position,
            as_of: now.to_string(),
            lists: group(Group::List),
            types,
            grounds: group(Group::Ground),
            kinds: group(Group::Kind),
            countries: group(Group::Country),
            fields: group(Group::Field),
            sectors: group(Group::Sector),
            openings: OpeningsCounted {
                open: openings.open,
                withheld: unless_small(openings.withheld),
                erased: unless_small(openings.erased),
                never_open: openings.never_open,
            },
            months: grown(registry, &months(now))?,
            days: grown(registry, &days(now))?,
            imports: imports(registry)?,
            ..self.statistics
        })
    }
}

/// The first days of the last months, the next one included, with their names.
fn months(now: Instant) -> Vec<(String, Instant)> {
    let (mut year, mut month, _) = now.day_in(&Zone::UTC).parts();
    let mut begins = Vec::new();
    let mut next = (year, month);
    next = if next.1 == 12 { (next.0 + 1, 1) } else { (next.0, next.1 + 1) };
    for (year, month) in std::iter::once(next).chain(std::iter::from_fn(|| {
        let this = (year, month);
        (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
        Some(this)
    })) {
        if begins.len() > MONTHS {
            break;
        }
        let Some(first) = Day::new(year, month, 1) else { break };
        begins.push((format!("{year:04}-{month:02}"), Zone::UTC.start_of(first)));
    }
    begins.reverse();
    begins
}

fn days(now: Instant) -> Vec<(String, Instant)> {
    let today = now.day_in(&Zone::UTC);
    let begins = (1 - DAYS..=1).map(|days| today.plus_days(days));
    begins.map(|day| (day.to_string(), Zone::UTC.start_of(day))).collect()
}

/// Entries added between one instant and the next; spans before the first entry are left out.
fn grown(registry: &Registry, begins: &[(String, Instant)]) -> Result<Vec<Grown>, AppError> {
    let instants: Vec<Instant> = begins.iter().map(|(_, at)| *at).collect();
    let sizes = registry.growth(&instants)?;
    let spans = sizes.windows(2).zip(begins);
    Ok(spans
        .filter_map(|(pair, (span, _))| match pair {
            [before, after] if after.entries > 0 => {
                Some(Grown { span: span.clone(), entries: after.entries - before.entries })
            }
            _ => None,
        })
        .collect())
}

fn imports(registry: &Registry) -> Result<Vec<ImportCounted>, AppError> {
    let sources = registry.sources()?;
    Ok(sources
        .iter()
        .map(|source| {
            let import = registry.last_import(&source.profile).0;
            let noted = |figure: fn(&crate::sources::Try) -> u64| {
                import.as_ref().and_then(|import| unless_small(figure(import)))
            };
            ImportCounted {
                list: source.list.to_string(),
                read_on: source.last_read.map(|day| day.to_string()),
                rows: source.rows,
                standing: source.standing,
                quarantined: noted(|import| import.quarantined),
                refused: noted(|import| import.refused),
                refused_persons: noted(|import| import.refused_persons),
                held: import.as_ref().is_some_and(|import| import.message.is_some()),
            }
        })
        .collect())
}

impl Statistics {
    /// As rows of `group, key, figure, value` for spreadsheets; a withheld figure has no value.
    pub fn rows(&self) -> Vec<[String; 4]> {
        let mut rows = Vec::new();
        let mut put = |group: &str, key: &str, figure: &str, value: Option<u64>| {
            let value = value.map(|value| value.to_string()).unwrap_or_default();
            rows.push([group, key, figure, &value].map(str::to_owned));
        };
        for (figure, value) in [
            ("position", self.position),
            ("organisations", self.organisations),
            ("records", self.records),
            ("in_effect", self.in_effect),
        ] {
            put("registry", "", figure, Some(value));
        }
        for (group, counted) in [
            ("list", &self.lists),
            ("type", &self.types),
            ("ground", &self.grounds),
            ("kind", &self.kinds),
            ("country", &self.countries),
            ("field", &self.fields),
            ("sector", &self.sectors),
        ] {
            for one in counted {
                put(group, &one.key, "organisations", Some(one.organisations));
                put(group, &one.key, "records", Some(one.records));
                put(group, &one.key, "in_effect", Some(one.in_effect));
            }
        }
        put("openings", "open", "entries", Some(self.openings.open));
        put("openings", "withheld", "entries", self.openings.withheld);
        put("openings", "erased", "entries", self.openings.erased);
        put("openings", "never_open", "entries", Some(self.openings.never_open));
        for (group, grown) in [("month", &self.months), ("day", &self.days)] {
            for one in grown {
                put(group, &one.span, "entries", Some(one.entries));
            }
        }
        for import in &self.imports {
            put("import", &import.list, "rows", Some(import.rows));
            put("import", &import.list, "standing", Some(import.standing));
            put("import", &import.list, "quarantined", import.quarantined);
            put("import", &import.list, "refused", import.refused);
            put("import", &import.list, "refused_persons", import.refused_persons);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i_60_small_cells_about_what_is_not_public_are_withheld() {
        let cells = [0, 1, 2, 3, 4].map(unless_small);
        assert_eq!(cells, [Some(0), None, None, Some(3), Some(4)]);
    }

    #[test]
    fn spans_are_whole_months_and_days_in_order() {
        let now: Instant = "2026-02-11T10:00:00Z".parse().unwrap();
        let months = months(now);
        assert_eq!(months.len(), MONTHS + 1);
        let names: Vec<&str> = months.iter().rev().take(4).map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["2026-03", "2026-02", "2026-01", "2025-12"]);
        let days = days(now);
        assert_eq!(days.last().map(|(name, _)| name.as_str()), Some("2026-02-12"));
        assert_eq!(days.len() as i64, DAYS + 1);
        assert!(months.windows(2).all(|pair| pair[0].1 < pair[1].1));
    }
}
