//! Working days as official sources announce them: in words, with a table for each month.

use askama::Template;
use axum::response::Response;
use domain::civil::{Day, Zone};
use policy::calendar::{Calendar, DayKind, weekday};

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::record::{CitationShown, citations};
use super::shown::{self, Html};
use super::{Key, sheet};
use crate::messages::Messages;

#[derive(Template)]
#[template(path = "calendars.html")]
struct CalendarsPage {
    f: Frame,
    rows: Vec<CalendarRow>,
}

struct CalendarRow {
    href: String,
    id: String,
    packs: Vec<PackLink>,
    from: Html,
    until: Html,
    zone: String,
}

struct PackLink {
    href: String,
    name: String,
}

/// The page of all calendars.
pub async fn all(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let packs = visit.app.registry().packs();
            let rows = packs.calendars().map(|calendar| CalendarRow {
                href: format!("/{}/calendars/{}", m.code(), calendar.id),
                id: calendar.id.clone(),
                packs: used_by(visit, calendar),
                from: shown::day(m, calendar.from),
                until: shown::day(m, calendar.until),
                zone: calendar.zone.name().to_owned(),
            });
            let rows = rows.collect();
            let f = Frame::of(visit, m.t("calendars.title"), false);
            sheet(&CalendarsPage { f, rows }, Freshness::Boundary, false)
        })
        .await
}

/// The packs that count by it.
fn used_by(visit: &Visit, calendar: &Calendar) -> Vec<PackLink> {
    let packs = visit.app.registry().packs();
    let counts_by =
        |name: &str| packs.procedure(name).is_some_and(|rules| rules.calendar.id == calendar.id);
    let used = packs.packs().filter(|pack| counts_by(&pack.name));
    used.map(|pack| PackLink {
        href: format!("/{}/packs/{}", visit.messages.code(), pack.name),
        name: pack.name.clone(),
    })
    .collect()
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    f: Frame,
    heading: String,
    id: String,
    packs: Vec<PackLink>,
    from: Html,
    until: Html,
    zone: String,
    sources: Vec<CitationShown>,
    /// Every year of which a day is covered.
    years: Vec<YearLink>,
    /// `None` where no day of the year asked for is covered.
    year: Option<YearShown>,
}

struct YearLink {
    href: String,
    year: i16,
    is_shown: bool,
}

/// A year in words and as tables.
struct YearShown {
    title: String,
    working_days: String,
    off: Vec<Html>,
    made_up: Vec<Html>,
    weekdays: Vec<(String, String)>,
    months: Vec<MonthShown>,
}

struct MonthShown {
    name: String,
    weeks: Vec<WeekShown>,
}

/// A row of a month: the number of the week (ISO 8601), and those of its days that are in it.
struct WeekShown {
    number: i64,
    days: Vec<CellShown>,
}

/// A place in a week, with the name of its weekday.
struct CellShown {
    label: String,
    day: Option<DayShown>,
}

/// A day in its table: its number, and a word where it is not what its weekday says.
struct DayShown {
    number: i8,
    class: &'static str,
    word: Option<String>,
}

/// The page of one calendar.
pub async fn one(visit: Visit, id: Key) -> Response {
    let Ok(id) = id else { return visit.fault(Fault::not_found()) };
    visit.answer(move |visit| render(visit, &id)).await
}

fn render(visit: &Visit, id: &str) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let packs = visit.app.registry().packs();
    let calendar = packs.calendar(id).ok_or_else(Fault::not_found)?;
    let (first, last) = (calendar.from.parts().0, calendar.until.parts().0);
    let present = visit.app.registry().now().day_in(&Zone::UTC).parts().0;
    let year = visit.parsed("year")?.unwrap_or(present.clamp(first, last));
    let heading = m.fill("calendars.heading", &[("id", &id)]);
    let page = CalendarPage {
        f: Frame::of(visit, &heading, false),
        heading,
        id: calendar.id.clone(),
        packs: used_by(visit, calendar),
        from: shown::day(m, calendar.from),
        until: shown::day(m, calendar.until),
        zone: calendar.zone.name().to_owned(),
        sources: citations(m, &calendar.basis),
        years: (first..=last)
            .map(|each| YearLink {
                href: format!("/{}/calendars/{id}?year={each}", m.code()),
                year: each,
                is_shown: each == year,
            })
            .collect(),
        year: (first..=last).contains(&year).then(|| year_shown(m, calendar, year)),
    };
    sheet(&page, Freshness::Boundary, false)
}

fn year_shown(m: &Messages, calendar: &Calendar, year: i16) -> YearShown {
    let months: Vec<Vec<(Day, Option<DayKind>)>> =
        (1..=12).map(|month| days_of_month(calendar, year, month)).collect();
    let of = |kind: DayKind| -> Vec<Day> {
        let of = months.iter().flatten().filter(|(_, it)| *it == Some(kind));
        of.map(|(day, _)| *day).collect()
    };
    let working = of(DayKind::Working).len() + of(DayKind::MakeUp).len();
    let in_words = |days: Vec<Day>| days.into_iter().map(|day| shown::day(m, day)).collect();
    YearShown {
        title: m.fill("calendars.year", &[("year", &year)]),
        working_days: m.number(working as u64),
        off: in_words(of(DayKind::Off)),
        made_up: in_words(of(DayKind::MakeUp)),
        weekdays: (1..=7)
            .map(|day| {
                let full = m.t(&format!("weekday.d{day}")).to_owned();
                (m.t(&format!("weekday.s{day}")).to_owned(), full)
            })
            .collect(),
        months: months.iter().zip(1..).map(|(days, month)| month_shown(m, days, month)).collect(),
    }
}

/// The days of a month, each with what it is; `None` where the calendar does not cover it.
fn days_of_month(calendar: &Calendar, year: i16, month: i8) -> Vec<(Day, Option<DayKind>)> {
    let days = (1..=31).filter_map(|day| Day::new(year, month, day));
    days.map(|day| (day, calendar.kind(day).ok())).collect()
}

/// The number of the week that begins with `monday`: its Thursday says to which year it belongs.
fn week_of(monday: Day) -> i64 {
    // Not law: Thursday is the third day after Monday.
    let thursday = monday.plus_days(3);
    let first = Day::new(thursday.parts().0, 1, 1);
    first.map_or(0, |first| thursday.days_since(first) / 7 + 1)
}

fn month_shown(m: &Messages, days: &[(Day, Option<DayKind>)], month: i8) -> MonthShown {
    // Monday first, as ISO 8601 has it.
    let before = days.first().map_or(0, |(day, _)| weekday(*day));
    let mut cells: Vec<Option<DayShown>> = (0..before).map(|_| None).collect();
    cells.extend(days.iter().map(|(day, kind)| {
        let key = kind.map_or("uncovered", DayKind::key);
        let says_nothing = matches!(kind, Some(DayKind::Working | DayKind::Weekend));
        let word = (!says_nothing).then(|| m.t(&format!("calendars.short_{key}")).to_owned());
        let class = match kind {
            Some(DayKind::Working) => "",
            Some(DayKind::MakeUp) => "made-up",
            Some(DayKind::Off) => "day-off",
            Some(DayKind::Weekend) | None => "quiet",
        };
        Some(DayShown { number: day.parts().2, class, word })
    }));
    let mut weeks: Vec<WeekShown> = Vec::new();
    let mut monday = days.first().map(|(day, _)| day.plus_days(-before));
    let missing = (7 - cells.len() % 7) % 7;
    cells.extend((0..missing).map(|_| None));
    for (day, place) in cells.into_iter().zip((1..=7).cycle()) {
        if place == 1 {
            weeks.push(WeekShown { number: monday.map_or(0, week_of), days: Vec::new() });
            // Not law: a week.
            monday = monday.map(|monday| monday.plus_days(7));
        }
        let label = m.t(&format!("weekday.d{place}")).to_owned();
        if let Some(week) = weeks.last_mut() {
            week.days.push(CellShown { label, day });
        }
    }
    let month = m.t(&format!("month.m{month}")).to_owned();
    let name = m.fill("calendars.month", &[("month", &month)]);
    MonthShown { name, weeks }
}
