//! What is left in the file of rows that are gone.
//!
//! SQLite overwrites what is deleted (`secure_delete`), but when it moves rows between pages it
//! leaves copies in the unused part of the old page, which it knows nothing of any more. So after
//! rows are gone the whole file is looked through for their ids and keyed hashes, and written anew
//! where one is found. Names and identifiers may be part of others, so where an organisation is
//! gone the file is always written anew.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::params;

use crate::ProjectionError;
use crate::base::Base;
use crate::rows::RecordRow;

/// Bytes of a piece: a copy that was overwritten in part still has one of them.
const PIECE: usize = 8;
/// An id begins with the time it was made, which it shares with others: 6 of its 16 bytes.
const ID_TIME: usize = 6;
/// Bytes read at once.
const BUFFER: usize = 1 << 20;

/// Pieces of what is gone, to be looked for.
#[derive(Default)]
pub(crate) struct Remnants {
    pieces: HashSet<[u8; PIECE]>,
    /// Whether something is gone that cannot be looked for.
    is_more: bool,
}

impl Remnants {
    pub(crate) fn is_nothing(&self) -> bool {
        self.pieces.is_empty() && !self.is_more
    }

    /// An organisation is gone: names, words, identifiers.
    pub(crate) fn organisation(&mut self) {
        self.is_more = true;
    }

    /// Everything was made anew.
    pub(crate) fn everything(&mut self) {
        self.is_more = true;
    }

    pub(crate) fn id(&mut self, bytes: [u8; 16]) {
        self.pieces.extend(pieces(&bytes, ID_TIME));
    }

    /// A record: its id, and the hashes of its row unless another record of the same row stands.
    pub(crate) fn record(&mut self, base: &Base, row: &RecordRow) -> Result<(), ProjectionError> {
        self.id(row.id.bytes());
        let mut others = base.statement(
            "SELECT 1 FROM record WHERE list = ?1 AND row_key = ?2 AND position <> ?3 LIMIT 1",
        )?;
        if !others.exists(params![row.list, row.row_key.0, row.position as i64])? {
            self.pieces.extend(pieces(&row.row_key.0, 0));
            self.pieces.extend(pieces(&row.row_digest.0, 0));
        }
        Ok(())
    }

    /// Whether none of it is in the file at `path`.
    pub(crate) fn are_gone(&self, path: &Path) -> Result<bool, ProjectionError> {
        if self.is_more {
            return Ok(false);
        }
        let io = |source| ProjectionError::Io { path: path.to_owned(), source };
        let finder = Finder::new(&self.pieces);
        let mut file = File::open(path).map_err(io)?;
        let mut buffer = vec![0; BUFFER];
        let mut kept = 0;
        loop {
            // Index safety: `kept` is below the length of a piece.
            let read = file.read(&mut buffer[kept..]).map_err(io)?;
            let filled = kept + read;
            // Index safety: no more is read than there is room for.
            if read == 0 || finder.is_in(&buffer[..filled]) {
                return Ok(read == 0);
            }
            // What may begin at the end of one part and go on in the next.
            kept = filled.min(PIECE - 1);
            buffer.copy_within(filled - kept..filled, 0);
        }
    }
}

fn pieces(bytes: &[u8; 16], from: usize) -> impl Iterator<Item = [u8; PIECE]> {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(PIECE).filter_map(|window| window.try_into().ok())
}

/// Looks for many pieces at once: two bytes tell nearly always that none begins here.
struct Finder<'a> {
    pieces: &'a HashSet<[u8; PIECE]>,
    begins: Vec<bool>,
}

impl Finder<'_> {
    fn new(pieces: &HashSet<[u8; PIECE]>) -> Finder<'_> {
        let mut begins = vec![false; 1 << 16];
        for [first, second, ..] in pieces {
            if let Some(begins) = begins.get_mut(place(*first, *second)) {
                *begins = true;
            }
        }
        Finder { pieces, begins }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        bytes.windows(PIECE).any(|window| {
            let [first, second, ..] = window else { return false };
            self.begins.get(place(*first, *second)).is_some_and(|begins| *begins)
                && self.pieces.contains(window)
        })
    }
}

fn place(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_found_wherever_it_lies_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let id: [u8; 16] = std::array::from_fn(|at| at as u8 + 100);
        let mut remnants = Remnants::default();
        assert!(remnants.is_nothing());
        remnants.id(id);
        for begin in [0, 1, BUFFER - 20, BUFFER - 9, BUFFER - 3, BUFFER, 2 * BUFFER - 8] {
            let mut bytes = vec![7; 2 * BUFFER + 40];
            std::fs::write(&path, &bytes).unwrap();
            assert!(remnants.are_gone(&path).unwrap());
            // The last ten bytes of it, as a copy that was overwritten in part.
            bytes[begin..begin + 10].copy_from_slice(&id[6..]);
            std::fs::write(&path, &bytes).unwrap();
            assert!(!remnants.are_gone(&path).unwrap(), "{begin}");
            // What it shares with ids of the same instant is none of it.
            bytes[begin..begin + 10].copy_from_slice(&[&id[..6], &[7; 4]].concat());
            std::fs::write(&path, &bytes).unwrap();
            assert!(remnants.are_gone(&path).unwrap(), "{begin}");
        }
        remnants.organisation();
        assert!(!remnants.are_gone(&path).unwrap(), "nobody can look for a name");
    }
}
