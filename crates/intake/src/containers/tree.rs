//! What JSON arrays and XML have in common: rows are nodes, cells lie on paths within them.

use domain::refusal::{Problem, Refusal};

use super::{RawRow, RowSink};
use crate::profile::TreeRules;
use crate::read::ReadError;

/// Rows looked at before a path that none of them has is taken for a slip of the profile.
const ROWS_LOOKED_AT: usize = 1_000;
/// Bytes of cells held meanwhile.
const BYTES_LOOKED_AT: usize = 4 << 20;

/// Collects rows until every path that is not optional was met, and hands them on from then on. A
/// path with a slip in it would otherwise be an empty column of every row, and nobody would know.
pub(crate) struct Paths<'a> {
    wanted: &'a [String],
    rules: &'a TreeRules,
    met: Vec<bool>,
    waiting: Vec<RawRow>,
    bytes: usize,
    is_open: bool,
}

impl<'a> Paths<'a> {
    pub(crate) fn new(wanted: &'a [String], rules: &'a TreeRules) -> Paths<'a> {
        let met = wanted.iter().map(|path| rules.optional.contains(path)).collect();
        Paths { wanted, rules, met, waiting: Vec::new(), bytes: 0, is_open: false }
    }

    /// A row whose cells are what was found on each path; several are joined.
    pub(crate) fn row<E>(
        &mut self,
        number: u64,
        found: Vec<Vec<String>>,
        sink: RowSink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        for (met, texts) in self.met.iter_mut().zip(&found) {
            *met |= !texts.is_empty();
        }
        let cells: Vec<String> =
            found.into_iter().map(|texts| texts.join(&self.rules.join)).collect();
        if cells.iter().all(|cell| crate::text::tidy(cell).is_empty()) {
            return Ok(());
        }
        self.put(RawRow { number, cells, fault: None }, sink)
    }

    /// A row that cannot be read.
    pub(crate) fn fault<E>(
        &mut self,
        number: u64,
        fault: Refusal,
        sink: RowSink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        self.put(RawRow { number, cells: Vec::new(), fault: Some(fault) }, sink)
    }

    fn put<E>(&mut self, row: RawRow, sink: RowSink<'_, E>) -> Result<(), ReadError<E>> {
        if self.is_open {
            return sink(row);
        }
        self.bytes += row.cells.iter().map(String::len).sum::<usize>();
        self.waiting.push(row);
        let is_enough = self.waiting.len() >= ROWS_LOOKED_AT || self.bytes >= BYTES_LOOKED_AT;
        if is_enough || self.met.iter().all(|met| *met) { self.open(sink) } else { Ok(()) }
    }

    /// The file is at its end.
    pub(crate) fn finish<E>(mut self, sink: RowSink<'_, E>) -> Result<(), ReadError<E>> {
        if self.is_open || self.waiting.is_empty() { Ok(()) } else { self.open(sink) }
    }

    fn open<E>(&mut self, sink: RowSink<'_, E>) -> Result<(), ReadError<E>> {
        let looked_at = self.waiting.len();
        let missing: Vec<Problem> = self
            .wanted
            .iter()
            .zip(&self.met)
            .filter(|(_, met)| !**met)
            .map(|(path, _)| {
                Problem { column: Some(path.clone()), ..Problem::of_input(Refusal::ColumnMissing) }
                    .with_detail(format!(
                        "none of the first {looked_at} rows has it; if that may be, name it under \
                         container.optional"
                    ))
            })
            .collect();
        if !missing.is_empty() {
            return Err(ReadError::Refused(missing));
        }
        self.is_open = true;
        self.waiting.drain(..).try_for_each(sink)
    }
}
