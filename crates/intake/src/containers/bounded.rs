//! A limit on how much may be read for one row, so that no file fills the memory.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use domain::refusal::{Problem, Refusal};

use super::ROW_BYTES_MAX;
use crate::read::ReadError;

/// What readers take in ahead of the row they are at.
const AHEAD: usize = 1 << 17;

/// What may be passed over between two rows: nothing of it is kept but a byte for each bracket that
/// is open.
const SKIPPED_BYTES_MAX: usize = 64 << 20;

/// How many bytes may still be read for the row at hand.
#[derive(Clone)]
pub(crate) struct Allowance(Rc<Cell<usize>>);

impl Allowance {
    pub(crate) fn new() -> Allowance {
        Allowance(Rc::new(Cell::new(ROW_BYTES_MAX + AHEAD)))
    }

    /// A row was read: the next one may be as long.
    pub(crate) fn renew(&self) {
        self.0.set(ROW_BYTES_MAX + AHEAD);
    }

    /// What comes next is no row and is passed over.
    pub(crate) fn skip(&self) {
        self.0.set(SKIPPED_BYTES_MAX);
    }
}

/// A reader that fails when more bytes are asked for one row than a row may have.
pub(crate) struct Bounded<R> {
    inner: R,
    allowance: Allowance,
}

#[derive(Debug, thiserror::Error)]
#[error("a row is too long")]
struct RowTooLong;

impl<R: Read> Bounded<R> {
    pub(crate) fn new(inner: R, allowance: &Allowance) -> Bounded<R> {
        Bounded { inner, allowance: allowance.clone() }
    }

    /// What it reads from.
    pub(crate) const fn inner(&self) -> &R {
        &self.inner
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.allowance.0.get().checked_sub(count) {
            Some(rest) => self.allowance.0.set(rest),
            None => return Err(io::Error::other(RowTooLong)),
        }
        Ok(count)
    }
}

/// Whether `error` says that a row is too long.
pub(crate) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<RowTooLong>())
}

/// What an error of reading means: the row after `last_row` is too long, or the disk failed.
pub(crate) fn failed<E>(error: io::Error, last_row: u64, detail: &str) -> ReadError<E> {
    if is_too_long(&error) {
        let row = last_row.saturating_add(1);
        let problem = Problem::of_row(row, None, Refusal::ContainerUnreadable);
        return ReadError::Refused(vec![problem.with_detail(detail)]);
    }
    ReadError::Io(error)
}
