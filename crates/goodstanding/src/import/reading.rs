//! The thread that reads, and what it needs of the request.

use std::path::Path;
use std::sync::mpsc::SyncSender;

use intake::{FileSummary, MaxAge, ReadError, ReadOptions, Row, Source};
use policy::ListDefinition;

use super::{ImportError, Reading, Request};

/// Rows handed over at once by the thread that reads.
const ROWS_PER_HANDOVER: usize = 256;

/// Days for which a row counts as current, and after which it is hidden (I-66).
pub fn freshness(request: &Request<'_>, list: &ListDefinition) -> (Option<u16>, Option<u16>) {
    match request.profile.max_age_of(list.record_type) {
        MaxAge::None => (None, None),
        MaxAge::Days(days) => {
            (Some(days), Some(days.saturating_mul(request.packs.quotation().hidden_factor)))
        }
    }
}

/// An error of writing the quarantine file.
pub fn csv_error<E: Into<std::io::Error>>(path: &Path) -> impl FnOnce(E) -> ImportError + '_ {
    move |error| ImportError::File { path: path.to_owned(), source: error.into() }
}

/// Hands every row of the file to `sink`.
pub fn read(
    request: &Request<'_>,
    sink: &mut dyn FnMut(Row) -> Result<(), ImportError>,
) -> Result<FileSummary, ImportError> {
    let options = ReadOptions { as_of: request.as_of, partial: request.extent == Reading::Partial };
    let source = Source::Path(request.file);
    intake::read(request.profile, request.packs, &options, source, sink).map_err(
        |error| match error {
            ReadError::Refused(problems) => ImportError::Refused(problems),
            ReadError::Io(source) => ImportError::File { path: request.file.to_owned(), source },
            ReadError::Seen(error) => ImportError::File {
                path: std::env::temp_dir(),
                source: std::io::Error::other(error),
            },
            ReadError::Sink(error) => error,
        },
    )
}

/// Reads the whole file and hands its rows over in groups.
pub fn read_ahead(
    request: &Request<'_>,
    sender: &SyncSender<Vec<Row>>,
) -> Result<FileSummary, ImportError> {
    let mut rows = Vec::with_capacity(ROWS_PER_HANDOVER);
    let gone = || ImportError::Stopped("deciding thread");
    let summary = read(request, &mut |row| {
        rows.push(row);
        if rows.len() == ROWS_PER_HANDOVER {
            let full = std::mem::replace(&mut rows, Vec::with_capacity(ROWS_PER_HANDOVER));
            sender.send(full).map_err(|_| gone())?;
        }
        Ok(())
    })?;
    sender.send(rows).map_err(|_| gone())?;
    Ok(summary)
}
