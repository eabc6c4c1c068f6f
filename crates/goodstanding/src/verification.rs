//! Verification with a progress bar, of a registry's own directory too.

use std::path::Path;

use ledger::vault::Unsealed;
use ledger::verify::{
    Content, DirectoryLog, FetchError, LogSource, OpenPayloads, Options, PayloadItem,
    PayloadSource, Report, verify,
};
use ledger::wire::Leaf;
use ledger::{LedgerError, LedgerReader};

use crate::failing::explained;
use crate::progress::Progress;

/// Verifies `source` with the openings of `payloads`.
pub fn watched(source: &dyn LogSource, payloads: &OpenPayloads<'_>, options: &Options) -> Report {
    let mut progress = None;
    verify(source, payloads, options, &mut |done, total| {
        progress.get_or_insert_with(|| Progress::bar("verifying, entries", total)).at(done);
    })
}

/// Verifies the registry in `directory`, sealed openings included.
pub fn registry(directory: &Path, options: &Options) -> Report {
    let log = DirectoryLog::new(&directory.join("log"));
    let open = || -> Result<Box<dyn PayloadSource>, FetchError> {
        let reader =
            LedgerReader::open(directory).map_err(|error| FetchError(explained(&error)))?;
        Ok(Box::new(StoredPayloads { reader }))
    };
    watched(&log, &open, options)
}

/// The openings of a registry's own database, sealed ones included: the operator may check them.
struct StoredPayloads {
    reader: LedgerReader,
}

impl PayloadSource for StoredPayloads {
    fn items(
        &mut self,
        first: u64,
        count: u16,
        each: &mut dyn FnMut(PayloadItem<'_>),
    ) -> Result<bool, FetchError> {
        let to = first + u64::from(count);
        let mut met = 0;
        let scanned =
            self.reader.scan_raw::<LedgerError>(first, to, &mut |position, entry, sealed| {
                met += 1;
                let mut put = |content| each(PayloadItem { position, entry: Some(entry), content });
                match sealed {
                    Some(Unsealed::Opening(opening)) => put(Content::Opening {
                        salt: opening.salt,
                        payload: &opening.payload,
                        disclosures: &opening.disclosures.join("\t"),
                    }),
                    Some(Unsealed::Destroyed) => put(Content::Destroyed),
                    Some(Unsealed::Broken) => put(Content::Broken),
                    None => match Leaf::parse(entry) {
                        Ok(Leaf::Event { .. }) => put(Content::Destroyed),
                        _ => put(Content::Clear),
                    },
                }
                Ok(())
            });
        scanned.map_err(|error| FetchError(explained(&error)))?;
        Ok(met == u64::from(count))
    }
}
