//! How a month is told. A number is told as it is when it is about three organisations or more, or
//! about nothing but what everybody could see. Of what is smaller it is told that it is not nothing
//! (I-54) and no more (I-60).
//!
//! Such a number must not follow from others either. What everybody knows about the figures without
//! being told is in [`RELATIONS`]: parts that come from wholes. Where all wholes so far are told,
//! a part that is not could be had by subtraction if there were no room for one more of it. Then
//! the wholes of the month are not told exactly. So for every number that is not told, one more of
//! it is always possible too: with room in a relation nothing else has to change, and without room
//! there is a whole that is not told and could be one more likewise, up to what comes from nothing.
//! Only numbers of the newest month give way, for what was told before is known.

use domain::performance::{Cell, Deadline, Figure, MonthFigures, SizeClass};

use super::relations::{BEGUN, NEVER_PUBLIC, RELATIONS, Relation};
use super::tally::{Count, MonthTally};

// Not law: I-60 of the frame, a cell about unpublished states below it is withheld.
const ORGANISATIONS_MIN: usize = 3;
// Not law: the least that `Cell::Several` stands for.
const SEVERAL_MIN: u64 = 3;

/// One relation over the months so far.
#[derive(Debug, Clone, Copy)]
struct Sums {
    /// Of the wholes; `None` once one of them was not told.
    wholes: Option<u64>,
    /// Of the parts as they are, told or not; `None` where that is not known any more.
    parts: Option<u64>,
    /// Whether one of the parts was not told.
    is_untold: bool,
}

impl Sums {
    const NOTHING: Sums = Sums { wholes: Some(0), parts: Some(0), is_untold: false };

    /// With another month: `truth` is how often each thing happened.
    fn with(
        self,
        relation: &Relation,
        told: &MonthFigures,
        truth: impl Fn(Figure) -> Option<u64>,
    ) -> Sums {
        let mut sums = self;
        for figure in relation.wholes {
            let count = exact(told.cell(*figure));
            sums.wholes = sums.wholes.zip(count).map(|(sum, count)| sum.saturating_add(count));
        }
        for figure in relation.parts {
            let count = exact(told.cell(*figure));
            sums.is_untold |= count.is_none();
            let count = count.or_else(|| truth(*figure));
            sums.parts = sums.parts.zip(count).map(|(sum, count)| sum.saturating_add(count));
        }
        sums
    }

    /// Whether a part that is not told could be had: there is no room for one more.
    fn gives_away(self) -> bool {
        let has_room =
            |wholes: u64| self.parts.is_some_and(|parts| parts.saturating_add(1) <= wholes);
        self.is_untold && self.wholes.is_some_and(|wholes| !has_room(wholes))
    }
}

const fn exact(cell: Cell) -> Option<u64> {
    match cell {
        Cell::Shown(count) => Some(count),
        Cell::Few | Cell::Several | Cell::Withheld => None,
    }
}

/// Tells the months of one authority, one after the other.
#[derive(Debug, Clone)]
pub struct Teller {
    sums: Vec<Sums>,
    stock: Sums,
}

impl Default for Teller {
    fn default() -> Teller {
        Teller { sums: vec![Sums::NOTHING; RELATIONS.len()], stock: Sums::NOTHING }
    }
}

/// What the size of the stock of sealed cases is compared with.
const STOCK: Relation = Relation { wholes: BEGUN, parts: NEVER_PUBLIC };

impl Teller {
    /// Takes in a month that was told before. `tally` is what it was told of, as long as nothing of
    /// that was destroyed.
    pub fn take(&mut self, told: &MonthFigures, tally: Option<&MonthTally>) {
        let truth = |figure: Figure| tally.map(|tally| times(tally, figure));
        for (sums, relation) in self.sums.iter_mut().zip(RELATIONS) {
            *sums = sums.with(relation, told, truth);
        }
        self.stock = self.stock.with(&STOCK, told, truth);
    }

    /// Tells the next month, which is over.
    pub fn tell(&mut self, month: &MonthTally) -> MonthFigures {
        let told = self.told(month, Cell::Shown);
        self.take(&told, Some(month));
        told
    }

    /// Tells the month that is not over yet: of what is not public no exact number, or two looks on
    /// two days would tell what happened in between.
    pub fn tell_running(&self, month: &MonthTally) -> MonthFigures {
        self.told(month, |_| Cell::Several)
    }

    fn told(&self, month: &MonthTally, many: impl Fn(u64) -> Cell) -> MonthFigures {
        let cells = month.counts.iter().map(|(figure, count)| (*figure, cell(count, &many)));
        let mut told = MonthFigures {
            month: month.month,
            cells: cells.collect(),
            sealed: Some(SizeClass::of(month.sealed)),
            hidden: SizeClass::of(month.hidden),
        };
        // A relation has given way once its wholes are not told, and then gives nothing away.
        while let Some(relation) = self.giving_away(&told, month) {
            for whole in relation.wholes {
                told.cells.insert(*whole, vaguer(*whole, told.cell(*whole)));
            }
        }
        let least = told.sealed.map_or(0, SizeClass::least);
        let stock = self.stock.with(&STOCK, &told, |figure| Some(times(month, figure)));
        let parts = stock.parts.map(|parts| parts.saturating_add(least));
        if (Sums { parts, ..stock }).gives_away() {
            told.sealed = None;
        }
        told
    }

    fn giving_away(&self, told: &MonthFigures, month: &MonthTally) -> Option<&'static Relation> {
        let truth = |figure: Figure| Some(times(month, figure));
        self.sums
            .iter()
            .zip(RELATIONS)
            .find(|(sums, relation)| sums.with(relation, told, truth).gives_away())
            .map(|(_, relation)| relation)
    }
}

fn times(month: &MonthTally, figure: Figure) -> u64 {
    month.counts.get(&figure).map_or(0, |count| count.times)
}

fn cell(count: &Count, many: &impl Fn(u64) -> Cell) -> Cell {
    match count.organisations.len() {
        _ if !count.is_sealed => Cell::Shown(count.times),
        0..ORGANISATIONS_MIN => Cell::Few,
        _ => many(count.times),
    }
}

/// The same, not exact. Nought is withheld too, for that there was none would tell as much; that a
/// deadline was missed is told in any case (I-54).
fn vaguer(figure: Figure, cell: Cell) -> Cell {
    match cell {
        Cell::Shown(SEVERAL_MIN..) => Cell::Several,
        Cell::Shown(1..) if Deadline::missed_as(figure).is_some() => Cell::Few,
        Cell::Shown(_) => Cell::Withheld,
        Cell::Few | Cell::Several | Cell::Withheld => cell,
    }
}
