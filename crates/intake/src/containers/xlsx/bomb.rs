//! Looks through a spreadsheet before it is opened: a few megabytes of ZIP can hold terabytes of
//! XML, and what the directory of the ZIP says of their size need not be true.

use std::io::{Read, Seek};

use domain::refusal::{Problem, Refusal};
use zip::ZipArchive;
use zip::result::ZipError;

use super::super::ROW_BYTES_MAX;
use crate::read::ReadError;

/// Parts that are held in memory as a whole: shared texts, styles, the list of sheets.
const HELD_BYTES_MAX: u64 = 256 << 20;
/// Parts that are streamed: sheets. Far beyond the 1,048,576 rows a sheet can have.
const STREAMED_BYTES_MAX: u64 = 16 << 30;
/// Parts of one file.
const PARTS_MAX: usize = 10_000;

/// Refuses a file that would fill the memory (302). Macros, pictures and everything else that is no
/// XML are not looked at, for they are never read; of formulas the value that was stored is.
pub(super) fn refuse<E>(bytes: &mut (impl Read + Seek)) -> Result<(), ReadError<E>> {
    let mut archive = ZipArchive::new(bytes).map_err(unreadable)?;
    if archive.len() > PARTS_MAX {
        return Err(too_large("it has too many parts"));
    }
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(unreadable)?;
        let name = part.name().map_err(unreadable)?.to_ascii_lowercase();
        if !(name.ends_with(".xml") || name.ends_with(".rels")) {
            continue;
        }
        let is_sheet = name.starts_with("xl/worksheets/");
        let limit = if is_sheet { STREAMED_BYTES_MAX } else { HELD_BYTES_MAX };
        look_through(part, limit)?;
    }
    Ok(())
}

/// Unpacks to nowhere: counts, and measures the longest piece without an end of a mark, which is
/// held in memory too.
fn look_through<E>(mut part: impl Read, limit: u64) -> Result<(), ReadError<E>> {
    let mut buffer = vec![0; 64 * 1024];
    let mut total: u64 = 0;
    let mut piece: usize = 0;
    loop {
        let count = match part.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            // What cannot be unpacked is for the reader of the sheet to tell, if it needs it.
            Err(_) => return Ok(()),
        };
        let chunk = buffer.get(..count).unwrap_or_default();
        total = total.saturating_add(count as u64);
        for (at, part) in chunk.split(|byte| *byte == b'>').enumerate() {
            piece = if at == 0 { piece + part.len() } else { part.len() };
            if piece > ROW_BYTES_MAX {
                return Err(too_large("a cell is longer than 1 MiB"));
            }
        }
        if total > limit {
            return Err(too_large("unpacked it is too large"));
        }
    }
}

fn unreadable<E>(error: ZipError) -> ReadError<E> {
    match error {
        ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            ReadError::Io(error)
        }
        _ => ReadError::Refused(vec![Problem::of_input(Refusal::ContainerUnreadable)]),
    }
}

fn too_large<E>(detail: &str) -> ReadError<E> {
    let problem = Problem::of_input(Refusal::ContainerUnreadable);
    ReadError::Refused(vec![problem.with_detail(detail)])
}
