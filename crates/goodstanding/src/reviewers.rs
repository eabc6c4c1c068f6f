//! Accounts of reviewers: `DIR/reviewers.toml`, a list of handles. Who stands behind one is written
//! down outside the registry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use domain::identity::ReviewerHandle;
use serde::{Deserialize, Serialize};

const FILE: &str = "reviewers.toml";

/// Why the accounts could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ReviewersError {
    /// The file is not a list of handles. What it holds is not repeated: it may be a name.
    #[error(
        "`{0}` is not a list of handles such as officer-7; mend it by hand or make it anew with `goodstanding reviewer add`"
    )]
    Unreadable(PathBuf),
    /// The file system failed.
    #[error("`{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    reviewers: Vec<String>,
}

/// The accounts of the registry at `directory`; none when nobody was added.
pub fn load(directory: &Path) -> Result<BTreeSet<ReviewerHandle>, ReviewersError> {
    let path = directory.join(FILE);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        read => read.map_err(|source| ReviewersError::Io { path: path.clone(), source })?,
    };
    let unreadable = || ReviewersError::Unreadable(path.clone());
    let file: File = toml::from_str(&text).map_err(|_| unreadable())?;
    let handles = file.reviewers.iter().map(|handle| ReviewerHandle::new(handle));
    handles.collect::<Option<_>>().ok_or_else(unreadable)
}

/// Writes the accounts, beside the old file and then in its place: a crash leaves one of the two.
pub fn save(directory: &Path, reviewers: &BTreeSet<ReviewerHandle>) -> Result<(), ReviewersError> {
    let path = directory.join(FILE);
    let failed = |source| ReviewersError::Io { path: path.clone(), source };
    let file = File { reviewers: reviewers.iter().map(ToString::to_string).collect() };
    let text = toml::to_string(&file).map_err(|error| failed(io::Error::other(error)))?;
    let beside = path.with_extension("partial");
    fs::write(&beside, text).map_err(failed)?;
    fs::File::open(&beside).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&beside, &path).map_err(failed)
}
