//! What the tests of intake share: packs, profiles, the real lists, and reading to the end.

// Each test binary uses a part of it.
#![allow(dead_code)]

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use domain::civil::Day;
use goodstanding_intake::{self as intake, FileSummary, Profile, ReadError, ReadOptions, Row, Source};
use policy::{PackFile, Packs};

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The packs of the repository, and two lists of a fictional authority that this test owns.
pub fn packs() -> Packs {
    let root = workspace().join("packs");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    for (path, text) in FICTIONAL {
        files.push(PackFile { path: (*path).to_owned(), text: (*text).to_owned() });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Packs::load(&files).expect("the packs of the repository load")
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<PackFile>) {
    for entry in std::fs::read_dir(folder).expect("packs/ is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.strip_prefix(root).expect("below packs/").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a pack file");
            files.push(PackFile { path: name.replace('\\', "/"), text });
        }
    }
}

const FICTIONAL: &[(&str, &str)] = &[
    ("test/pack.toml", "[pack]\nname = \"test\"\nversion = \"1\"\ntitle = { en = \"Test\", zh = \"测试\" }\n"),
    (
        "test/authorities.toml",
        "[[authority]]\nkey = \"test.office\"\nnames = { en = \"Office\", zh = \"办公室\" }\nurl = \"https://office.example\"\n",
    ),
    (
        "test/lists/exclusions.toml",
        r#"
[list]
id = "test.exclusions"
title = { en = "Exclusions", zh = "排除名单" }
authority = "test.office"
record_type = "procurement.exclusion"
subjects = ["enterprise", "union", "unstated", "association"]
url = "https://office.example/exclusions"
zone = "UTC"

[[basis]]
instrument = { en = "Act", zh = "法" }
article = "1"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[remedy]
text = { en = "Appeal", zh = "申诉" }
url = "https://office.example/appeal"

[[remedy.basis]]
instrument = { en = "Act", zh = "法" }
article = "2"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[[entry]]
id = "barred"
title = { en = "Barred", zh = "禁止" }
grounds = ["fraud"]
act = "administrative"

[[entry.basis]]
instrument = { en = "Act", zh = "法" }
article = "3"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[[entry]]
id = "convicted"
title = { en = "Convicted", zh = "定罪" }
grounds = ["corruption"]
act = "final_court"

[[entry.basis]]
instrument = { en = "Act", zh = "法" }
article = "4"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[entry.indefinite]
instrument = { en = "Act", zh = "法" }
article = "5"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22
"#,
    ),
];

pub fn profile(name: &str, packs: &Packs) -> Profile {
    let path = workspace().join("profiles").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).expect("the profile is there");
    Profile::load(&format!("{name}.toml"), &text, packs).expect("the shipped profile loads")
}

/// A file of the real lists, or `None` when they are not beside the repository.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = workspace().join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared/data/{name} is not there");
    None
}

pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

pub fn options(as_of: &str) -> ReadOptions {
    ReadOptions { as_of: day(as_of), partial: false }
}

/// Every row of `source`.
pub fn rows(
    profile: &Profile,
    packs: &Packs,
    as_of: &str,
    source: Source<'_>,
) -> Result<(Vec<Row>, FileSummary), ReadError<Infallible>> {
    let mut rows = Vec::new();
    let summary = intake::read(profile, packs, &options(as_of), source, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok((rows, summary))
}
