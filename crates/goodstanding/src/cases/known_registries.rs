//! Keys of registries elsewhere that were seen before: the first is kept, and another is an error,
//! so that nobody who gets between later is taken for the registry.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use ledger::note::Vkey;

/// What the file says of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It is the one that was kept.
    Same,
    /// There was none; it is kept now.
    First,
    /// Another one was kept.
    Other(String),
}

/// Compares `vkey` with what `file` keeps of the registry at `address`, and keeps it where there is
/// nothing. A line is an address, a space and a key.
///
/// # Errors
/// When the file cannot be read or written, or holds a line that is none.
pub fn check(file: &Path, address: &str, vkey: &Vkey) -> io::Result<Known> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let mut found = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        // A line that was cut off is not passed over: it may be the one that matters.
        let (of, key) = line.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
        if of == address {
            found = Some(key.trim().to_owned());
        }
    }
    match found {
        Some(kept) if kept == vkey.to_string() => Ok(Known::Same),
        Some(kept) => Ok(Known::Other(kept)),
        None => {
            let mut file = OpenOptions::new().create(true).append(true).open(file)?;
            let begins = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            file.write_all(format!("{begins}{address} {vkey}\n").as_bytes())?;
            file.sync_all()?;
            Ok(Known::First)
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger::SystemEntropy;
    use ledger::note::SignerKey;

    use super::*;

    #[test]
    fn the_first_key_is_kept_for_its_address_and_no_other_passes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known");
        let key = |name| SignerKey::generate(&mut SystemEntropy, name).unwrap().vkey().clone();
        let (one, two) = (key("one.example/log"), key("one.example/log"));
        let (here, there) = ("https://one.example", "https://two.example");
        assert_eq!(check(&file, here, &one).unwrap(), Known::First);
        assert_eq!(check(&file, here, &one).unwrap(), Known::Same);
        assert_eq!(check(&file, here, &two).unwrap(), Known::Other(one.to_string()));
        assert_eq!(check(&file, there, &two).unwrap(), Known::First);
        assert_eq!(check(&file, here, &one).unwrap(), Known::Same);
        std::fs::write(&file, "cut-off").unwrap();
        assert!(check(&file, here, &one).is_err());
    }
}
