//! `--receipts`: one line per acknowledged batch, written after the acknowledgement and before the
//! next batch, so that whoever submits can prove what was acknowledged even if the machine dies.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use ledger::Appended;
use serde_json::json;

use super::ImportError;

/// The file of receipts.
pub struct Receipts {
    path: PathBuf,
    file: File,
}

/// Where the record of an accepted or changed row is on the log.
pub struct RowIndex {
    /// Row of the file.
    pub row: u64,
    /// Index of its record's event.
    pub index: u64,
}

impl Receipts {
    /// Opens `path` for appending: a second run adds to the first one's receipts.
    pub fn open(path: &Path) -> Result<Receipts, ImportError> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(ImportError::file(path))?;
        Ok(Receipts { path: path.to_owned(), file })
    }

    /// Writes the receipt of one batch.
    pub fn write(&mut self, appended: &Appended, rows: &[RowIndex]) -> Result<(), ImportError> {
        let rows: Vec<_> = rows.iter().map(|row| json!([row.row, row.index])).collect();
        let mut line = json!({
            "from": appended.from,
            "to": appended.to,
            "checkpoint": appended.checkpoint,
            "rows": rows,
        })
        .to_string();
        line.push('\n');
        // One write call: a reader never sees half a line of a batch that was acknowledged.
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(ImportError::file(&self.path))
    }
}
