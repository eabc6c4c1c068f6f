//! How well authorities keep their own deadlines, as data for pages, API and spreadsheets. It is
//! counted and made safe to tell in `due_process`; here it is only put in words.
//!
//! There is no total, no rank and no order but that of keys: deadlines differ by law, and so do the
//! bodies that keep them.

use domain::performance::{Cell, Deadline, Duty, Figure, MonthFigures, SizeClass};
use intake::quarantine::neutralise;
use projections::answers::Performance;
use serde::Serialize;
use utoipa::ToSchema;

// Not law: months a page looks back over.
const MONTHS_SHOWN: usize = 12;

/// How well an authority keeps its own deadlines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PerformanceShape {
    /// Key in the packs.
    pub authority: String,
    /// Whether it submitted any record; if not, it is only quoted, and there is nothing to count.
    pub runs_cases: bool,
    /// What happened until this instant is counted: the beginning of a day of UTC.
    pub as_of: Option<String>,
    /// Months by calendar of UTC, ascending; the last one is not over.
    pub months: Vec<MonthShape>,
}

/// One month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MonthShape {
    /// Such as `2026-10`.
    pub month: String,
    /// Whether it is over; if not, what is not public is told by class only.
    pub is_over: bool,
    /// Position of the entry of the log that states it.
    pub stated_at: Option<u64>,
    /// Every figure.
    pub figures: Vec<FigureShape>,
    /// Cases at its end that only their parties know of, by class of size; null where withheld.
    pub sealed: Option<&'static str>,
    /// Records at its end that are hidden because somebody owes an answer, by class of size.
    pub hidden: &'static str,
}

/// One figure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FigureShape {
    /// What is counted.
    pub figure: &'static str,
    /// How often; null where it is not told.
    pub count: Option<u64>,
    /// `exact`; `few`: one or two organisations, and something about them is not public;
    /// `several`: three times or more; `withheld`: not told, and it may be nought.
    pub told: &'static str,
}

impl PerformanceShape {
    /// The shape for `authority`, of which there is nothing to count without a `performance`.
    pub fn of(authority: &str, performance: Option<&Performance>) -> PerformanceShape {
        let mut months = Vec::new();
        if let Some(performance) = performance {
            let over = performance.months.iter();
            months.extend(over.map(|month| month_shape(&month.figures, true, month.stated_at)));
            months.extend(performance.running.iter().map(|month| month_shape(month, false, None)));
        }
        PerformanceShape {
            authority: authority.to_owned(),
            runs_cases: performance.is_some(),
            as_of: performance.map(|performance| performance.as_of.to_string()),
            months,
        }
    }

    /// As rows of `authority, month, is_over, figure, told, count` for spreadsheets; a figure that
    /// is not told has no count.
    pub fn rows(&self) -> Vec<[String; 6]> {
        let mut rows = Vec::new();
        for month in &self.months {
            let mut put = |figure: &str, told: &str, count: Option<u64>| {
                let count = count.map(|count| count.to_string()).unwrap_or_default();
                let is_over = month.is_over.to_string();
                let row = [&self.authority, &month.month, &is_over, figure, told, &count];
                rows.push(row.map(|cell| neutralise(cell).into_owned()));
            };
            for figure in &month.figures {
                put(figure.figure, figure.told, figure.count);
            }
            put("sealed", month.sealed.unwrap_or(told_key(Cell::Withheld)), None);
            put("hidden_at_end", month.hidden, None);
        }
        rows
    }
}

/// The head of [`PerformanceShape::rows`].
pub const COLUMNS: [&str; 6] = ["authority", "month", "is_over", "figure", "told", "count"];

fn month_shape(figures: &MonthFigures, is_over: bool, stated_at: Option<u64>) -> MonthShape {
    let figure = |figure: &Figure| {
        let cell = figures.cell(*figure);
        FigureShape { figure: figure.key(), count: exact(cell), told: told_key(cell) }
    };
    MonthShape {
        month: figures.month.to_string(),
        is_over,
        stated_at,
        figures: Figure::ALL.iter().map(figure).collect(),
        sealed: figures.sealed.map(SizeClass::key),
        hidden: figures.hidden.key(),
    }
}

const fn exact(cell: Cell) -> Option<u64> {
    match cell {
        Cell::Shown(count) => Some(count),
        Cell::Few | Cell::Several | Cell::Withheld => None,
    }
}

/// How a number is told, as a key of answers and messages.
pub const fn told_key(cell: Cell) -> &'static str {
    match cell {
        Cell::Shown(_) => "exact",
        Cell::Few => "few",
        Cell::Several => "several",
        Cell::Withheld => "withheld",
    }
}

/// What is told of some cells together: made of told numbers only, so that it tells nothing they
/// do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Together {
    /// The least it can be.
    pub least: u64,
    /// Whether it is exactly that.
    pub is_exact: bool,
}

impl Together {
    /// Of these cells.
    pub fn of(cells: impl IntoIterator<Item = Cell>) -> Together {
        let mut together = Together { least: 0, is_exact: true };
        for cell in cells {
            together.least = together.least.saturating_add(cell.least());
            together.is_exact &= exact(cell).is_some();
        }
        together
    }
}

/// A deadline over the last months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub deadline: Deadline,
    /// How often it was kept.
    pub kept: Together,
    /// How often it was missed.
    pub missed: Together,
}

/// The last months of `performance`: those that are over, at most twelve, and the one that is not.
pub fn last_months(performance: &Performance) -> Vec<&MonthFigures> {
    let over = performance.months.iter().rev().take(MONTHS_SHOWN).rev();
    over.map(|month| &month.figures).chain(&performance.running).collect()
}

/// How each deadline of `duty` was kept in the last months.
pub fn kept(performance: &Performance, duty: Duty) -> Vec<Kept> {
    let months = last_months(performance);
    let deadlines = Deadline::ALL.iter().filter(|deadline| deadline.duty() == duty);
    deadlines
        .map(|deadline| {
            let cells = |figures: &[Figure]| {
                let cells = months.iter().flat_map(|it| figures.iter().map(|of| it.cell(*of)));
                Together::of(cells.collect::<Vec<Cell>>())
            };
            Kept {
                deadline: *deadline,
                kept: cells(deadline.kept()),
                missed: cells(&[deadline.missed()]),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_together_is_made_of_what_is_told() {
        let together = Together::of([Cell::Shown(4), Cell::Few, Cell::Withheld]);
        assert_eq!((together.least, together.is_exact), (5, false));
        let together = Together::of([Cell::Shown(4), Cell::Shown(0)]);
        assert_eq!((together.least, together.is_exact), (4, true));
    }

    #[test]
    fn an_authority_that_is_only_quoted_has_no_months_and_no_noughts() {
        let shape = PerformanceShape::of("us.occ", None);
        assert!(!shape.runs_cases && shape.months.is_empty() && shape.rows().is_empty());
    }

    #[test]
    fn a_key_that_a_spreadsheet_would_run_is_made_harmless() {
        let mut shape = PerformanceShape::of("-1.run", None);
        let empty = MonthFigures::empty("2026-10".parse().unwrap());
        shape.months.push(month_shape(&empty, true, None));
        assert!(shape.rows().iter().all(|row| !row[0].starts_with('-')), "{:?}", shape.rows()[0]);
    }
}
