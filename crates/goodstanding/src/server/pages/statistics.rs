//! The registry itself in figures, where people look rather than read: each plot beside its table.

use askama::Template;
use axum::response::Response;
use domain::coverage::{Field, Sector};
use domain::text::ListId;

use super::super::data;
use super::super::visit::{Freshness, Visit};
use super::authorities::cell;
use super::chart::{self, Bar, Chart};
use super::frame::Frame;
use super::sheet;
use super::shown::{self, Html, Phrase};
use crate::bulk;
use crate::messages::Messages;
use crate::statistics::{Counted, Grown, ImportCounted, Statistics};

/// Countries in the plot; the table has all of them.
const PLOTTED_MAX: usize = 12;

#[derive(Template)]
#[template(path = "statistics.html")]
struct StatisticsPage {
    f: Frame,
    shown: Option<Shown>,
}

struct Shown {
    as_of: Html,
    is_older: bool,
    position: String,
    totals: Vec<(String, String)>,
    groups: Vec<Group>,
    growth: Growth,
    openings: Vec<(String, String)>,
    imports: Vec<ImportRow>,
}

/// One question: a plot and its table.
struct Group {
    id: &'static str,
    title: String,
    note: Option<String>,
    chart: Option<Chart>,
    rows: Vec<GroupRow>,
}

struct GroupRow {
    label: Phrase,
    organisations: String,
    records: String,
    in_effect: String,
}

struct Growth {
    days: Option<Chart>,
    months: Option<Chart>,
    rows: Vec<(String, String)>,
}

struct ImportRow {
    href: String,
    title: Phrase,
    read_on: Option<Html>,
    rows: String,
    standing: String,
    quarantined: String,
    refused: String,
    refused_persons: String,
    held: &'static str,
}

pub async fn show(visit: Visit) -> Response {
    visit
        .without_validator()
        .answer(|visit| {
            let m = &visit.messages;
            let registry = visit.app.registry();
            // Figures are not content: the last ones stand, with their date, while new ones are
            // counted.
            let snapshot = bulk::last(registry.dir());
            let is_older = data::served(registry).is_err();
            let page = StatisticsPage {
                f: Frame::of(visit, m.t("statistics.title"), false),
                shown: snapshot.map(|snapshot| shown(visit, &snapshot.statistics, is_older)),
            };
            sheet(&page, Freshness::AskAgain, false)
        })
        .await
}

fn shown(visit: &Visit, statistics: &Statistics, is_older: bool) -> Shown {
    let m = &visit.messages;
    let as_of = match statistics.as_of.parse() {
        Ok(at) => shown::instant(m, at),
        Err(_) => Html::text(&statistics.as_of),
    };
    let total = |key: &str, n: u64| (m.t(key).to_owned(), m.number(n));
    Shown {
        as_of,
        is_older,
        position: m.number(statistics.position),
        totals: vec![
            total("home.organisations", statistics.organisations),
            total("home.records", statistics.records),
            total("statistics.in_effect", statistics.in_effect),
            total("home.entries", statistics.position),
        ],
        groups: groups(visit, statistics),
        growth: growth(m, statistics),
        openings: openings(m, statistics),
        imports: statistics.imports.iter().map(|import| import_row(visit, import)).collect(),
    }
}

fn groups(visit: &Visit, statistics: &Statistics) -> Vec<Group> {
    let m = &visit.messages;
    let message = |family: &str, key: &str| m.t(&format!("{family}.{key}")).to_owned();
    let country = |key: &str| match key {
        "unknown" => m.t("statistics.unknown").to_owned(),
        key => key.to_owned(),
    };
    let mut countries = statistics.countries.clone();
    countries.sort_by(|one, other| other.records.cmp(&one.records).then(one.key.cmp(&other.key)));
    let plain = |label: String| Phrase::plain(&label);
    vec![
        group(m, "types", &statistics.types, &|key| {
            plain(message("types", &key.replace('.', "_")))
        }),
        group(m, "lists", &statistics.lists, &|key| list_title(visit, key)),
        group(m, "grounds", &statistics.grounds, &|key| plain(message("ground", key))),
        group(m, "countries", &countries, &|key| plain(country(key))),
        group(m, "kinds", &statistics.kinds, &|key| plain(message("kind", key))),
        group(m, "fields", &complete(&statistics.fields, &Field::ALL.map(Field::key)), &|key| {
            plain(message("field_of", key))
        }),
        group(
            m,
            "sectors",
            &complete(&statistics.sectors, &Sector::ALL.map(Sector::key)),
            &|key| plain(message("sector", key)),
        ),
    ]
}

/// Every member of a closed list, those without a record too: what is missing is the point.
fn complete(counted: &[Counted], keys: &[&str]) -> Vec<Counted> {
    let of = |key: &str| counted.iter().find(|one| one.key == key).cloned();
    let none = |key: &str| Counted { key: key.to_owned(), ..Counted::default() };
    let known = keys.iter().map(|key| of(key).unwrap_or_else(|| none(key)));
    known.chain(of("unstated")).collect()
}

fn list_title(visit: &Visit, key: &str) -> Phrase {
    let packs = visit.app.registry().packs();
    let list = ListId::new(key).and_then(|id| packs.list(&id).cloned());
    list.map_or_else(|| Phrase::plain(key), |list| Phrase::of(&visit.messages, &list.title))
}

fn group(
    m: &Messages,
    id: &'static str,
    counted: &[Counted],
    label: &dyn Fn(&str) -> Phrase,
) -> Group {
    let title = m.t(&format!("statistics.{id}")).to_owned();
    let bars: Vec<Bar> = counted
        .iter()
        .take(if id == "countries" { PLOTTED_MAX } else { usize::MAX })
        .map(|one| Bar {
            label: label(&one.key).text,
            value: one.records,
            figure: m.number(one.records),
        })
        .collect();
    let description = m.fill("statistics.chart", &[("what", &title)]);
    Group {
        note: (id == "fields" || id == "sectors").then(|| m.t("statistics.coverage").to_owned()),
        chart: (!bars.is_empty()).then(|| chart::bars(id, &title, &description, &bars)),
        rows: counted
            .iter()
            .map(|one| GroupRow {
                label: label(&one.key),
                organisations: m.number(one.organisations),
                records: m.number(one.records),
                in_effect: m.number(one.in_effect),
            })
            .collect(),
        id,
        title,
    }
}

fn growth(m: &Messages, statistics: &Statistics) -> Growth {
    let bars = |grown: &[Grown]| -> Vec<Bar> {
        grown
            .iter()
            .map(|one| Bar {
                label: one.span.clone(),
                value: one.entries,
                figure: m.number(one.entries),
            })
            .collect()
    };
    let plot = |id: &str, title: &str, grown: &[Grown]| {
        let title = m.t(title);
        let description = m.fill("statistics.chart", &[("what", &title)]);
        (!grown.is_empty()).then(|| chart::columns(id, title, &description, &bars(grown)))
    };
    let spans = statistics.months.iter().rev().chain(statistics.days.iter().rev());
    Growth {
        days: plot("days", "statistics.days", &statistics.days),
        months: plot("months", "statistics.months", &statistics.months),
        rows: spans
            .filter(|one| one.entries > 0)
            .map(|one| (one.span.clone(), m.number(one.entries)))
            .collect(),
    }
}

fn openings(m: &Messages, statistics: &Statistics) -> Vec<(String, String)> {
    let openings = &statistics.openings;
    let few = |n: Option<u64>| match n {
        Some(n) => m.number(n),
        None => m.t("statistics.few").to_owned(),
    };
    vec![
        (m.t("statistics.open").to_owned(), m.number(openings.open)),
        (m.t("statistics.withheld").to_owned(), few(openings.withheld)),
        (m.t("statistics.erased").to_owned(), few(openings.erased)),
        (m.t("statistics.never_open").to_owned(), m.number(openings.never_open)),
    ]
}

fn import_row(visit: &Visit, import: &ImportCounted) -> ImportRow {
    let m = &visit.messages;
    let few =
        |n: Option<u64>| n.map_or_else(|| m.t("statistics.few_or_none").to_owned(), |n| cell(m, n));
    ImportRow {
        href: format!("/{}/lists/{}", m.code(), import.list),
        title: list_title(visit, &import.list),
        read_on: import
            .read_on
            .as_deref()
            .and_then(|day| day.parse().ok())
            .map(|read_on| shown::day(m, read_on)),
        rows: m.number(import.rows),
        standing: m.number(import.standing),
        quarantined: few(import.quarantined),
        refused: few(import.refused),
        refused_persons: few(import.refused_persons),
        held: if import.held { "statistics.yes" } else { "statistics.no" },
    }
}
