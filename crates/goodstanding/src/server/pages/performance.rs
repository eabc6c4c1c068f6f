//! How well an authority keeps its own deadlines: a section of its page, and a table that sets
//! authorities beside one another by key, without a total and without a rank.

use domain::performance::{Cell, Deadline, Duty, Figure, MonthFigures, SizeClass};

use super::super::problem::Fault;
use super::super::visit::Visit;
use super::chart::{self, Bar, Chart};
use super::shown::{self, Html, Phrase};
use crate::messages::Messages;
use crate::performance::{Kept, Together, kept, last_months, told_key};
use crate::registry::Performance;

/// The section of an authority that submitted records.
pub struct PerformanceSection {
    pub as_of: Html,
    pub facts: Vec<(String, String)>,
    pub chart: Option<Chart>,
    pub own: Vec<DeadlineRow>,
    pub registry: Vec<DeadlineRow>,
    pub months: Vec<FigureRow>,
    pub data: String,
}

/// One deadline.
pub struct DeadlineRow {
    pub label: String,
    pub kept: String,
    pub missed: String,
}

/// One figure of one month that is not nought.
pub struct FigureRow {
    pub month: String,
    pub figure: String,
    pub count: String,
}

/// One authority beside others.
pub struct ComparedRow {
    pub href: String,
    pub name: Phrase,
    pub cells: Vec<(String, String)>,
}

impl PerformanceSection {
    /// The section for `performance`.
    pub fn of(m: &Messages, performance: &Performance) -> PerformanceSection {
        let own = kept(performance, Duty::Authority);
        let months = last_months(performance);
        PerformanceSection {
            as_of: shown::instant(m, performance.as_of),
            facts: months.last().map(|month| stocks(m, month)).unwrap_or_default(),
            chart: plot(m, &own),
            own: rows(m, &own),
            registry: rows(m, &kept(performance, Duty::Registry)),
            months: months.iter().rev().flat_map(|month| figures(m, month)).collect(),
            data: format!("/api/v1/authorities/{}/performance", performance.authority),
        }
    }
}

fn stocks(m: &Messages, month: &MonthFigures) -> Vec<(String, String)> {
    let size = |class: Option<SizeClass>| match class {
        Some(class) => m.t(&format!("size_class.{}", class.key())).to_owned(),
        None => m.t("told.withheld").to_owned(),
    };
    vec![
        (m.t("performance.sealed").to_owned(), size(month.sealed)),
        (m.t("performance.hidden").to_owned(), size(Some(month.hidden))),
    ]
}

fn rows(m: &Messages, kept: &[Kept]) -> Vec<DeadlineRow> {
    let row = |one: &Kept| DeadlineRow {
        label: m.t(&format!("deadline.{}", one.deadline.key())).to_owned(),
        kept: together(m, one.kept),
        missed: together(m, one.missed),
    };
    kept.iter().map(row).collect()
}

/// A number, or the least it can be.
fn together(m: &Messages, together: Together) -> String {
    let least = m.number(together.least);
    if together.is_exact { least } else { m.fill("told.at_least", &[("n", &least)]) }
}

/// Two bars for each deadline there was, kept and missed, as long as the least they can stand for.
fn plot(m: &Messages, kept: &[Kept]) -> Option<Chart> {
    let bars: Vec<Bar> = kept
        .iter()
        .filter(|one| one.kept.least + one.missed.least > 0)
        .flat_map(|one| {
            let label = m.t(&format!("deadline.{}", one.deadline.key())).to_owned();
            let bar = |key: &str, sum: Together| Bar {
                label: m.fill(key, &[("what", &label)]),
                value: sum.least,
                figure: together(m, sum),
            };
            [bar("performance.bar_kept", one.kept), bar("performance.bar_missed", one.missed)]
        })
        .collect();
    let title = m.t("performance.own");
    let description = m.fill("statistics.chart", &[("what", &title)]);
    (!bars.is_empty()).then(|| chart::bars("performance", title, &description, &bars))
}

fn figures(m: &Messages, month: &MonthFigures) -> Vec<FigureRow> {
    Figure::ALL
        .iter()
        .map(|figure| (figure, month.cell(*figure)))
        .filter(|(_, cell)| *cell != Cell::Shown(0))
        .map(|(figure, cell)| FigureRow {
            month: month.month.to_string(),
            figure: m.t(&format!("figure.{}", figure.key())).to_owned(),
            count: match cell {
                Cell::Shown(count) => m.number(count),
                told => m.t(&format!("told.{}", told_key(told))).to_owned(),
            },
        })
        .collect()
}

/// Headings of the table that sets authorities beside one another.
pub fn compared_head(m: &Messages) -> Vec<String> {
    own_deadlines().map(|it| m.t(&format!("deadline.{}", it.key())).to_owned()).collect()
}

fn own_deadlines() -> impl Iterator<Item = Deadline> {
    Deadline::ALL.iter().copied().filter(|deadline| deadline.duty() == Duty::Authority)
}

/// Every authority that submitted records, by key.
pub fn compared(visit: &Visit) -> Result<Vec<ComparedRow>, Fault> {
    let m = &visit.messages;
    let registry = visit.app.registry();
    let rows = registry.performances(None)?.into_iter().map(|performance| ComparedRow {
        href: format!("/{}/authorities/{}#performance", m.code(), performance.authority),
        name: shown::authority_name(m, &registry.packs(), &performance.authority),
        cells: kept(&performance, Duty::Authority)
            .iter()
            .map(|one| {
                let (kept, missed) = (together(m, one.kept), together(m, one.missed));
                let label = m.t(&format!("deadline.{}", one.deadline.key())).to_owned();
                let text =
                    m.fill("performance.kept_and_missed", &[("kept", &kept), ("missed", &missed)]);
                (label, text)
            })
            .collect(),
    });
    Ok(rows.collect())
}
