//! Files of packs: law that a stranger wrote.

use std::sync::LazyLock;

use policy::{PackFile, Packs};

use crate::choice;

/// The shipped packs and those of the demonstration.
pub(crate) static FILES: LazyLock<Vec<PackFile>> = LazyLock::new(|| {
    let demo = goodstanding::shipped::demo().into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("packs/")?.to_owned();
        path.ends_with(".toml").then_some(PackFile { path, text: file.text })
    });
    goodstanding::shipped::packs().into_iter().chain(demo).collect()
});

/// A pack whose file this is, by the first byte; the generic pack beside it.
pub fn packs(data: &[u8]) {
    let Some((choice, rest)) = choice(data) else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let replaced = ["mdb/pack.toml", "mdb/authorities.toml", "generic/periods.toml"];
    let replaced = replaced.get(choice % 4).unwrap_or(&"mdb/lists/idb-sanctioned-firms.toml");
    let mut files: Vec<PackFile> = FILES
        .iter()
        .filter(|file| file.path.starts_with("mdb/") || file.path.starts_with("generic/"))
        .cloned()
        .collect();
    for file in files.iter_mut().filter(|file| file.path == *replaced) {
        text.clone_into(&mut file.text);
    }
    match Packs::load(&files) {
        Ok(packs) => {
            for list in packs.lists() {
                assert!(!list.subjects.is_empty(), "a list is about organisations of some kind");
                assert!(packs.authority(&list.authority).is_some(), "its publisher is known");
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal says why");
            for problem in problems {
                assert!(!problem.file.is_empty());
            }
        }
    }
}
