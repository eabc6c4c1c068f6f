//! A small pack without a problem, and the shipped packs from the disk.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::fs;
use std::path::{Path, PathBuf};

use goodstanding_policy::{PackFile, PackProblem, Packs};

pub const PACK: &str = r#"[pack]
name = "demo"
version = "1"
title = { en = "Demonstration", zh = "演示" }
"#;

pub const AUTHORITIES: &str = r#"[[authority]]
key = "demo.board"
names = { en = "Board of Works" }
url = "https://board.example"
"#;

pub const LIST: &str = r#"[list]
id = "demo.barred"
title = { en = "Barred firms", zh = "禁入企业名单" }
authority = "demo.board"
record_type = "procurement.exclusion"
subjects = ["enterprise"]
url = "https://board.example/barred"
zone = "UTC"

[[basis]]
instrument = { en = "Works Act" }
article = "1"
url = "https://law.example/works"
evidence = "source seen"
seen_on = 2026-11-22
level = "law"

[remedy]
text = { en = "Appeal within a month.", zh = "一个月内申诉。" }
url = "https://board.example/appeal"

[[remedy.basis]]
instrument = { en = "Works Act" }
article = "9"
url = "https://law.example/works"
evidence = "source seen"
seen_on = 2026-11-22

[[entry]]
id = "fraud"
title = { en = "Fraud", zh = "欺诈" }
grounds = ["fraud"]
act = "administrative"

[[entry.basis]]
instrument = { en = "Works Act" }
article = "5"
url = "https://law.example/works"
evidence = "source seen"
seen_on = 2026-11-22
"#;

pub fn file(path: &str, text: &str) -> PackFile {
    PackFile { path: path.to_owned(), text: text.to_owned() }
}

/// The folder of packs of this repository.
pub fn packs_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")
}

/// Every TOML file of a folder of packs, with paths as the loader wants them.
pub fn read_packs(folder: &Path) -> Vec<PackFile> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let relative = path.strip_prefix(folder).unwrap().to_str().unwrap();
                files.push(file(&relative.replace('\\', "/"), &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The generic pack as shipped, and the demonstration pack above.
pub fn good() -> Vec<PackFile> {
    let mut files = read_packs(&packs_folder());
    files.retain(|file| file.path.starts_with("generic/"));
    files.push(file("demo/pack.toml", PACK));
    files.push(file("demo/authorities.toml", AUTHORITIES));
    files.push(file("demo/lists/barred.toml", LIST));
    files
}

/// The good files with `old` replaced by `new` in the file at `path`; `old` occurs.
pub fn with(path: &str, old: &str, new: &str) -> Vec<PackFile> {
    let mut files = good();
    let file = files.iter_mut().find(|file| file.path == path).unwrap();
    assert!(file.text.contains(old), "{path} does not contain {old:?}");
    file.text = file.text.replacen(old, new, 1);
    files
}

/// `file:line refusal key` of each problem.
pub fn places(result: Result<Packs, Vec<PackProblem>>) -> Vec<String> {
    let place = |found: &PackProblem| {
        let line = found.problem.row.map_or(String::new(), |line| format!(":{line}"));
        let key = found.problem.column.as_deref().map_or(String::new(), |key| format!(" {key}"));
        format!("{}{line} {}{key}", found.file, found.problem.refusal.number())
    };
    result.map_or_else(|problems| problems.iter().map(place).collect(), |_| Vec::new())
}
