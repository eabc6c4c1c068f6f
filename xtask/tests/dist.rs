//! The packer: equal bytes from equal files, and everything in it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use xtask::dist::{Entries, Entry, collect, pack};
use xtask::notices::{self, Package, render};
use xtask::tree::Tree;

fn root() -> std::path::PathBuf {
    Tree::read().unwrap().root
}

fn archive() -> Vec<u8> {
    let entries = collect(&root(), b"program".to_vec(), "notice".to_owned()).unwrap();
    pack("goodstanding-x", &entries, 5).unwrap()
}

#[test]
fn packing_twice_gives_equal_bytes() {
    assert_eq!(archive(), archive());
}

#[test]
fn neither_order_nor_times_nor_modes_of_the_checkout_change_a_byte() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let names = ["packs/b", "packs/a", "docs/z.md"];
    let packed: Vec<Vec<u8>> = folders
        .iter()
        .enumerate()
        .map(|(which, folder)| {
            let mut names = names.to_vec();
            if which == 1 {
                names.reverse();
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            for folder_name in ["deploy", "docs", "packs", "profiles", "spec"] {
                fs::create_dir_all(folder.path().join(folder_name)).unwrap();
            }
            for name in names {
                fs::write(folder.path().join(name), name).unwrap();
            }
            for name in
                ["CHANGELOG", "README", "SCOPE", "SECURITY", "ARCHITECTURE", "LICENSE", "NOTICE"]
            {
                let name = if name.starts_with('L') || name.starts_with('N') {
                    name.to_owned()
                } else {
                    format!("{name}.md")
                };
                fs::write(folder.path().join(name), "x").unwrap();
            }
            let entries = collect(folder.path(), vec![1], String::new()).unwrap();
            pack("n", &entries, 5).unwrap()
        })
        .collect();
    assert_eq!(packed[0], packed[1]);
    let mut changed = Entries::new();
    changed.insert("a".to_owned(), Entry { bytes: vec![1], is_program: false });
    let one = pack("n", &changed, 5).unwrap();
    changed.insert("a".to_owned(), Entry { bytes: vec![2], is_program: false });
    assert_ne!(one, pack("n", &changed, 5).unwrap(), "a byte of a file is a byte of the archive");
}

#[test]
fn the_archive_holds_what_an_operator_needs_in_order_and_of_nobody() {
    let bytes = archive();
    let mut text = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
    let mut archive = tar::Archive::new(text.as_slice());
    let mut names = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        let owner = (header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap());
        assert_eq!(owner, (0, 0, 5));
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mode = if name.ends_with("/bin/goodstanding") || name.ends_with(".sh") {
            0o755
        } else {
            0o644
        };
        assert_eq!(header.mode().unwrap(), mode, "{name}");
        names.push(name);
    }
    assert!(names.is_sorted());
    for wanted in [
        "bin/goodstanding",
        "THIRD-PARTY.txt",
        "LICENSE",
        "deploy/goodstanding.service",
        "deploy/goodstanding.toml",
        "deploy/drill.sh",
        "docs/operating/install.md",
        "packs/generic/pack.toml",
        "profiles/ceis.toml",
        "spec/wire.md",
    ] {
        assert!(names.contains(&format!("goodstanding-x/{wanted}")), "{wanted}");
    }
}

#[test]
fn a_link_is_not_packed() {
    let folder = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    {
        fs::create_dir(folder.path().join("deploy")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("LICENSE")).unwrap();
        fs::write(folder.path().join("CHANGELOG.md"), "x").unwrap();
        let error = collect(folder.path(), vec![], String::new()).unwrap_err();
        assert!(error.to_string().contains("neither file nor folder"), "{error}");
    }
}

#[test]
fn the_notice_names_what_is_linked_with_its_texts() {
    let text = notices::text(&root()).unwrap();
    for name in ["rusqlite ", "ed25519-dalek ", "axum ", "tokio "] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{name}");
    }
    for name in ["proptest ", "goodstanding-domain ", "tempfile-nothing "] {
        assert!(!text.lines().any(|line| line.starts_with(name)), "{name}");
    }
    assert!(text.contains("Permission is hereby granted"), "texts of licences are in it");
    let home = std::env::var("HOME").unwrap_or_else(|_| "/nowhere".to_owned());
    assert!(home == "/" || !text.contains(&format!("{home}/.cargo")), "no paths of this machine");
    assert!(Path::new(&home).is_absolute());
}

#[test]
fn equal_texts_stand_once() {
    let package = |name: &str| Package {
        name: name.to_owned(),
        version: "1".to_owned(),
        licence: "MIT".to_owned(),
        repository: String::new(),
        texts: vec!["one and the same".to_owned()],
    };
    let notice = render(&BTreeSet::from([package("a"), package("b")]));
    assert_eq!(notice.matches("one and the same").count(), 1);
    assert!(notice.contains("a 1, b 1"));
}
