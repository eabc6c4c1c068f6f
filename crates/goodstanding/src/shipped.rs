//! The packs, profiles and demonstration data compiled into the program, so that it needs no file
//! beside itself and what `init` adopts is what the release was tested with.

use include_dir::{Dir, DirEntry, include_dir};
use policy::PackFile;

static PACKS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../packs");
static PROFILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../profiles");
static DEMO: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../demo");

/// A text file compiled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippedFile {
    /// Path relative to its folder, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The TOML files of every pack, by path.
pub fn packs() -> Vec<PackFile> {
    files(&PACKS)
        .into_iter()
        .filter(|file| file.path.ends_with(".toml"))
        .map(|file| PackFile { path: file.path, text: file.text })
        .collect()
}

/// The profiles, by path.
pub fn profiles() -> Vec<ShippedFile> {
    files(&PROFILES).into_iter().filter(|file| file.path.ends_with(".toml")).collect()
}

/// The demonstration data, by path.
pub fn demo() -> Vec<ShippedFile> {
    files(&DEMO)
}

fn files(folder: &Dir<'static>) -> Vec<ShippedFile> {
    let mut found = Vec::new();
    let mut waiting = vec![folder];
    while let Some(folder) = waiting.pop() {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(inner) => waiting.push(inner),
                DirEntry::File(file) => {
                    // A file that is not text is not ours (an editor's leftover): left out.
                    if let Some(text) = file.contents_utf8() {
                        let path = file.path().to_string_lossy().replace('\\', "/");
                        found.push(ShippedFile { path, text: text.to_owned() });
                    }
                }
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_carries_packs_profiles_and_a_demo() {
        assert!(packs().iter().any(|file| file.path.starts_with("generic/")));
        assert!(profiles().iter().any(|file| file.path == "idb.toml"));
        assert!(!demo().is_empty());
    }
}
