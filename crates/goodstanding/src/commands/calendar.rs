//! `calendar`: which days are working days, by whose announcement, and when a period ends.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use domain::case::Territory;
use domain::civil::{Day, Zone};
use domain::refusal::{Problem, Refusal};
use policy::calendar::{Calendar, DayKind, Uncovered, weekday};
use policy::procedure::{LegalPeriod, PeriodKey, ProcedureRules, Unit};
use serde_json::{Value, json};

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::output::{Exit, Failure};
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding calendar cn
  goodstanding calendar cn --year 2026 --ics 2026.ics
  goodstanding calendar cn --from 2026-09-30
  goodstanding calendar cn --from 2026-09-30 --working-days 5
  goodstanding calendar cn --from 2026-09-30 --period objection.decide
  goodstanding calendar us --from 2026-11-25 --days 30

Working days are those that an official source announces: a day outside of the years it covers is
refused and never guessed. --period counts as the pack of the territory says, with its source;
--working-days and --days do not count the day they begin with.
Exit 0 told, 1 not covered or unknown, 2 could not.";

/// Arguments of `calendar`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Where: `cn`, `cn-sh`, `us`, or `generic` for the registry's own
    territory: String,
    /// This day: whether it counts and why, or where a period begins
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// When so many working days after --from are over
    #[arg(long, value_name = "N", requires = "from", conflicts_with_all = ["days", "period"])]
    working_days: Option<u16>,
    /// When so many days after --from are over
    #[arg(long, value_name = "N", requires = "from", conflicts_with = "period")]
    days: Option<u16>,
    /// When this period of the pack is over: `represent`, `objection.decide`, ...
    #[arg(long, value_name = "PERIOD", requires = "from")]
    period: Option<String>,
    /// Days off and make-up days of this year [default: the present one, where no day is given]
    #[arg(long, value_name = "YEAR", conflicts_with = "from")]
    year: Option<i16>,
    /// Write them to a file that calendar programs read
    #[arg(long, value_name = "OUT.ics", conflicts_with = "from")]
    ics: Option<PathBuf>,
}

/// Runs `calendar`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let packs = setup::load_packs(&context.registry_directory()?)?;
    let rules = Territory::new(&arguments.territory).and_then(|it| packs.procedure_of(&it));
    let Some(rules) = rules else {
        let known: Vec<&str> = packs.packs().map(|pack| pack.name.as_str()).collect();
        let problem = Problem::of_input(Refusal::CalendarUnknown);
        return Err(Failure::refused(problem.with_detail(known.join(", "))));
    };
    let calendar = &rules.calendar;
    let mut value = head_json(&arguments.territory, calendar);
    let mut text = head_text(&arguments.territory, calendar);
    let told = match arguments.from {
        Some(from) => about_day(arguments, rules, from)?,
        None => {
            let today = SystemClock.now().day_in(&Zone::UTC);
            let year = arguments.year.unwrap_or(today.parts().0);
            if let Some(path) = &arguments.ics {
                let days = days_of(calendar, year)?;
                std::fs::write(path, to_ics(calendar, &days))
                    .map_err(|error| Failure::file(path, &error))?;
            }
            about_year(calendar, year)?
        }
    };
    text.push_str(&told.0);
    if let (Some(members), Value::Object(more)) = (value.as_object_mut(), told.1) {
        members.extend(more);
    }
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

fn head_text(territory: &str, calendar: &Calendar) -> String {
    let mut text = format!(
        "Calendar {} for {territory}, in {}: {} to {}.\n",
        calendar.id,
        calendar.zone.name(),
        calendar.from,
        calendar.until
    );
    for basis in &calendar.basis {
        let _ = writeln!(text, "  source: {}, {}", basis.short("en"), basis.url);
    }
    text.push('\n');
    text
}

fn head_json(territory: &str, calendar: &Calendar) -> Value {
    json!({
        "territory": territory,
        "calendar": calendar.id,
        "zone": calendar.zone.name(),
        "covered": { "from": calendar.from.to_string(), "until": calendar.until.to_string() },
        "sources": calendar.basis.iter().map(|basis| json!({
            "instrument": basis.instrument.0,
            "article": basis.article,
            "url": basis.url,
            "seen_on": basis.seen_on.to_string(),
        })).collect::<Vec<_>>(),
    })
}

/// What is told about one day, for people and for programs.
type Told = (String, Value);

fn about_day(arguments: &Arguments, rules: &ProcedureRules, from: Day) -> Result<Told, Failure> {
    let calendar = &rules.calendar;
    let outside = |out| uncovered(calendar, out);
    if let Some(name) = &arguments.period {
        let (key, period) = named(rules, name)?;
        let last = period.last_day(from, calendar).map_err(outside)?;
        let counted = counted_days(period.unit, from, last, period.first_day_counts, calendar)?;
        let source = period.citation.short("en");
        let text = format!(
            "{}: {} {}, beginning with {from} ({}), end on {last}.\n{counted}  source: {source}\n",
            key.key(),
            period.value,
            period.unit.key().replace('_', " "),
            if period.first_day_counts { "counted" } else { "not counted" },
        );
        return Ok((
            text,
            json!({
                "from": from.to_string(),
                "period": key.key(),
                "value": period.value,
                "unit": period.unit.key(),
                "first_day_counts": period.first_day_counts,
                "ends_on_working_day": period.ends_on_working_day,
                "last_day": last.to_string(),
                "ends_at": calendar.zone.end_of(last).to_string(),
                "source": source,
            }),
        ));
    }
    let counted = match (arguments.working_days, arguments.days) {
        (Some(count), _) => {
            let last = calendar.plus_working_days(from, count, false).map_err(outside)?;
            Some((Unit::WorkingDays, count, last))
        }
        (None, Some(count)) => Some((Unit::CalendarDays, count, from.plus_days(i64::from(count)))),
        (None, None) => None,
    };
    if let Some((unit, count, last)) = counted {
        let days = counted_days(unit, from, last, false, calendar)?;
        let text =
            format!("{count} {} after {from} end on {last}.\n{days}", unit.key().replace('_', " "));
        return Ok((
            text,
            json!({
                "from": from.to_string(),
                "value": count,
                "unit": unit.key(),
                "first_day_counts": false,
                "last_day": last.to_string(),
                "ends_at": calendar.zone.end_of(last).to_string(),
            }),
        ));
    }
    let kind = calendar.kind(from).map_err(outside)?;
    let next = calendar.working_day_from(from).map_err(outside);
    let mut text = format!("{from}, a {}: {}.\n", weekday_name(from), words(kind));
    if let (false, Ok(next)) = (kind.counts(), &next) {
        let _ = writeln!(text, "The next working day is {next}, a {}.", weekday_name(*next));
    }
    Ok((
        text,
        json!({
            "from": from.to_string(),
            "kind": kind.key(),
            "counts": kind.counts(),
            "next_working_day": next.ok().map(|day| day.to_string()),
        }),
    ))
}

/// The period with this name in the territory's pack; the name of the pack may stand before it.
fn named<'a>(
    rules: &'a ProcedureRules,
    name: &str,
) -> Result<(PeriodKey, &'a LegalPeriod), Failure> {
    let own = name.strip_prefix(&rules.pack).and_then(|rest| rest.strip_prefix('.'));
    let name = own.unwrap_or(name);
    let found = PeriodKey::from_key(name).and_then(|key| Some((key, rules.period(key)?)));
    found.ok_or_else(|| {
        let all = rules.periods.keys().map(|key| key.key());
        let near: Vec<&str> = all.clone().filter(|key| key.starts_with(name)).collect();
        let known = if near.is_empty() { all.collect() } else { near };
        let problem = Problem::of_input(Refusal::PeriodUnknown);
        Failure::refused(problem.with_detail(known.join(", ")))
    })
}

/// What was skipped on the way, in words; for days without a calendar nothing is.
fn counted_days(
    unit: Unit,
    from: Day,
    last: Day,
    first_day_counts: bool,
    calendar: &Calendar,
) -> Result<String, Failure> {
    if unit != Unit::WorkingDays {
        return Ok(String::new());
    }
    let mut text = String::new();
    let mut day = if first_day_counts { from } else { from.next() };
    while day <= last {
        let kind = calendar.kind(day).map_err(|out| uncovered(calendar, out))?;
        if matches!(kind, DayKind::Off | DayKind::MakeUp) {
            let _ = writeln!(text, "  {day}, a {}: {}", weekday_name(day), words(kind));
        }
        day = day.next();
    }
    Ok(text)
}

fn about_year(calendar: &Calendar, year: i16) -> Result<Told, Failure> {
    let days = days_of(calendar, year)?;
    let mut text = format!("{year}: Monday to Friday are working days, except:\n");
    for (day, _) in days.iter().filter(|(_, kind)| *kind == DayKind::Off) {
        let _ = writeln!(text, "  {day}  {}", weekday_name(*day));
    }
    if days.iter().any(|(_, kind)| *kind == DayKind::MakeUp) {
        text.push_str("and work is done on:\n");
    }
    for (day, _) in days.iter().filter(|(_, kind)| *kind == DayKind::MakeUp) {
        let _ = writeln!(text, "  {day}  {}", weekday_name(*day));
    }
    let of = |kind: DayKind| -> Vec<String> {
        let of = days.iter().filter(|(_, it)| *it == kind);
        of.map(|(day, _)| day.to_string()).collect()
    };
    let value = json!({
        "year": year, "days_off": of(DayKind::Off), "make_up_days": of(DayKind::MakeUp),
    });
    Ok((text, value))
}

/// Days off and make-up days of a year; refused where it is not covered from its first day to its
/// last.
fn days_of(calendar: &Calendar, year: i16) -> Result<Vec<(Day, DayKind)>, Failure> {
    let ends = Day::new(year, 1, 1).zip(Day::new(year, 12, 31));
    let (first, last) =
        ends.ok_or_else(|| Failure::refused(Problem::of_input(Refusal::CalendarYearUncovered)))?;
    for day in [first, last] {
        calendar.kind(day).map_err(|out| uncovered(calendar, out))?;
    }
    let own = |days: &std::collections::BTreeSet<Day>, kind: DayKind| -> Vec<(Day, DayKind)> {
        days.range(first..=last).map(|day| (*day, kind)).collect()
    };
    let mut days = own(&calendar.holidays, DayKind::Off);
    days.extend(own(&calendar.make_up_days, DayKind::MakeUp));
    days.sort_unstable();
    Ok(days)
}

/// The refusal names what is covered, and the source whose next announcement is awaited.
fn uncovered(calendar: &Calendar, out: Uncovered) -> Failure {
    let source = calendar.basis.last().map_or_else(String::new, |basis| basis.short("en"));
    let detail = format!(
        "{} is outside {} to {} of {}; the last source is {source}",
        out.day, calendar.from, calendar.until, calendar.id
    );
    Failure::refused(Problem::of_input(Refusal::CalendarYearUncovered).with_detail(detail))
}

const fn words(kind: DayKind) -> &'static str {
    match kind {
        DayKind::Working => "a working day",
        DayKind::MakeUp => "a working day, made up for a day off",
        DayKind::Off => "a day off, as announced",
        DayKind::Weekend => "no working day, a weekend",
    }
}

fn weekday_name(day: Day) -> &'static str {
    match weekday(day) {
        0 => "Monday",
        1 => "Tuesday",
        2 => "Wednesday",
        3 => "Thursday",
        4 => "Friday",
        5 => "Saturday",
        _ => "Sunday",
    }
}

/// RFC 5545, one event a day. The stamp is the day its source was seen: the same days give the same
/// file.
fn to_ics(calendar: &Calendar, days: &[(Day, DayKind)]) -> String {
    let compact = |day: Day| day.to_string().replace('-', "");
    let seen = calendar.basis.last().map_or(calendar.from, |basis| basis.seen_on);
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Goodstanding//EN\r\n");
    for (day, kind) in days {
        let (day, next) = (compact(*day), compact(day.next()));
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{}-{day}@goodstanding\r\nDTSTAMP:{}T000000Z\r\n\
             DTSTART;VALUE=DATE:{day}\r\nDTEND;VALUE=DATE:{next}\r\nSUMMARY:{} ({})\r\n\
             TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n",
            calendar.id,
            compact(seen),
            if *kind == DayKind::Off { "Day off" } else { "Working day" },
            calendar.id,
        );
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}
