//! Keys of signed answers beyond one machine: the private one goes where the key of the log goes,
//! among the keys of a backup; the public ones, former ones too, lie beside the truth, so that a
//! registry that was restored still publishes by which keys its answers can be checked.

use std::io;
use std::path::{Path, PathBuf};

use ledger::note::{SignerKey, Vkey};

use crate::signed_answer::{key_name, key_path, make_key, read_key, write_private};

/// Every verification key answers were ever signed under, one a line, oldest first.
const PUBLISHED: &str = "answers.vkeys";
/// The private key in the folder of `backup --keys-out`.
pub const IN_BACKUP: &str = "answers.key";

/// The verification keys noted in `directory`. A line that is none is left out.
pub fn noted(directory: &Path) -> Vec<Vkey> {
    let text = std::fs::read_to_string(directory.join(PUBLISHED)).unwrap_or_default();
    text.lines().filter_map(|line| Vkey::parse(line.trim()).ok()).collect()
}

/// Notes that answers are signed under `vkey`. A crash leaves the list as it was, or with it.
///
/// # Errors
/// When the list cannot be written.
pub fn note(directory: &Path, vkey: &Vkey) -> io::Result<()> {
    let mut keys = noted(directory);
    if keys.contains(vkey) {
        return Ok(());
    }
    keys.push(vkey.clone());
    let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.as_file().sync_all()?;
    // Public, while temporary files are made for their owner alone.
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.persist(directory.join(PUBLISHED)).map_err(|error| error.error)?;
    Ok(())
}

/// The keys that signed answers before the one that does now.
pub fn former(directory: &Path, now: Option<&SignerKey>) -> Vec<String> {
    let keys = noted(directory).into_iter();
    let keys = keys.filter(|key| now.is_none_or(|now| now.vkey() != key));
    keys.map(|key| key.to_string()).collect()
}

/// Notes the public key of the registry `origin` in its backup `out`, also of a registry that was
/// made before they were noted.
///
/// # Errors
/// When `out` cannot be written.
pub fn back_up_public(directory: &Path, origin: &str, out: &Path) -> io::Result<()> {
    read_key(directory, origin).map_or(Ok(()), |key| note(out, key.vkey()))
}

/// Copies the private key into the keys of a backup; whether there was one.
///
/// # Errors
/// When it cannot be written.
pub fn back_up_private(directory: &Path, origin: &str, keys_out: &Path) -> io::Result<bool> {
    let Some(key) = read_key(directory, origin) else { return Ok(false) };
    write_private(&keys_out.join(IN_BACKUP), &key.to_text())?;
    Ok(true)
}

/// Puts the private key of a backup into the registry `origin` that is being restored, with its
/// public one among those noted; whether there is one now. A log of another name gets a key of its
/// own: nothing is signed any more in the name of one that ended.
///
/// # Errors
/// When it cannot be written.
pub fn put_back(keys: &Path, directory: &Path, origin: &str) -> io::Result<bool> {
    let text = std::fs::read_to_string(keys.join(IN_BACKUP)).ok();
    let Some(key) = text.and_then(|text| SignerKey::from_text(text.trim_end()).ok()) else {
        return Ok(false);
    };
    note(directory, key.vkey())?;
    if key.vkey().name() != key_name(origin) {
        make_key(directory, origin)?;
        return Ok(true);
    }
    let path: PathBuf = key_path(directory);
    write_private(&path, &key.to_text())?;
    Ok(true)
}
