//! `cargo xtask dist`: one archive with everything an operator needs, the same bytes from the same
//! files: sorted names, one time, owner 0, modes by kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

use crate::notices;

/// What is packed besides the program, from the root of the checkout.
const FOLDERS: [&str; 5] = ["deploy", "docs", "packs", "profiles", "spec"];
const FILES: [&str; 7] = [
    "CHANGELOG.md",
    "LICENSE",
    "NOTICE",
    "README.md",
    "SCOPE.md",
    "SECURITY.md",
    "ARCHITECTURE.md",
];
/// The notice of what is linked in.
const THIRD_PARTY: &str = "THIRD-PARTY.txt";
/// The time of every file unless `SOURCE_DATE_EPOCH` says otherwise: 2026-01-01, the year of the
/// licence.
const TIME: u64 = 1_767_225_600;

/// Files by their path in the archive.
pub type Entries = BTreeMap<String, Entry>;

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Whether it is a program.
    pub is_program: bool,
}

/// Builds the program unless one is given, packs, and writes the archive and its SHA-256 into
/// `out`.
pub fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let (out, program) = options(root, arguments)?;
    let program = match program {
        Some(program) => program,
        None => build(root)?,
    };
    let binary = fs::read(&program).with_context(|| format!("`{}`", program.display()))?;
    let name = format!("goodstanding-{}-{}", env!("CARGO_PKG_VERSION"), target()?);
    let entries = collect(root, binary, notices::text(root)?)?;
    let archive = pack(&name, &entries, time()?)?;
    fs::create_dir_all(&out)?;
    let path = out.join(format!("{name}.tar.gz"));
    let digest = hexadecimal(&Sha256::digest(&archive));
    fs::write(&path, &archive).with_context(|| format!("`{}`", path.display()))?;
    fs::write(out.join(format!("{name}.tar.gz.sha256")), format!("{digest}  {name}.tar.gz\n"))?;
    println!(
        "{}\n{} files, {} bytes, SHA-256 {digest}",
        path.display(),
        entries.len(),
        archive.len()
    );
    Ok(())
}

fn options(root: &Path, arguments: &[&str]) -> Result<(PathBuf, Option<PathBuf>)> {
    let (mut out, mut program) = (root.join("target/dist-archive"), None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let value = rest.next().filter(|value| !value.starts_with("--"));
        match (*argument, value) {
            ("--out", Some(value)) => out = PathBuf::from(value),
            ("--program", Some(value)) => program = Some(PathBuf::from(value)),
            _ => bail!("cargo xtask dist [--out FOLDER] [--program FILE]; not `{argument}`"),
        }
    }
    Ok((out, program))
}

fn build(root: &Path) -> Result<PathBuf> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--workspace", "--bin", "goodstanding", "--profile", "dist", "--locked"])
        .current_dir(root)
        .status()?;
    ensure!(status.success(), "the program was not built");
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    Ok(folder.join("dist/goodstanding"))
}

/// What the compiler builds for, such as `x86_64-unknown-linux-gnu`.
pub(crate) fn target() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}

fn time() -> Result<u64> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text.parse().context("SOURCE_DATE_EPOCH is seconds since 1970"),
        Err(_) => Ok(TIME),
    }
}

/// Everything that is packed.
pub fn collect(root: &Path, program: Vec<u8>, third_party: String) -> Result<Entries> {
    let mut entries = Entries::new();
    entries.insert("bin/goodstanding".to_owned(), Entry { bytes: program, is_program: true });
    let notice = Entry { bytes: third_party.into_bytes(), is_program: false };
    entries.insert(THIRD_PARTY.to_owned(), notice);
    for file in FILES {
        add(root, &root.join(file), &mut entries)?;
    }
    for folder in FOLDERS {
        add(root, &root.join(folder), &mut entries)?;
    }
    Ok(entries)
}

fn add(root: &Path, path: &Path, entries: &mut Entries) -> Result<()> {
    let data = fs::symlink_metadata(path).with_context(|| format!("`{}`", path.display()))?;
    if data.is_dir() {
        if path.file_name().is_some_and(|name| name == "__pycache__") {
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            add(root, &entry?.path(), entries)?;
        }
        return Ok(());
    }
    ensure!(data.is_file(), "`{}` is neither file nor folder; it is not packed", path.display());
    let name = path.strip_prefix(root)?.to_str().context("a name that is not UTF-8")?;
    let is_program = name.ends_with(".sh");
    entries.insert(name.replace('\\', "/"), Entry { bytes: fs::read(path)?, is_program });
    Ok(())
}

/// The archive: the same bytes for the same entries.
pub fn pack(name: &str, entries: &Entries, time: u64) -> Result<Vec<u8>> {
    // Neither name nor time in the head of gzip, which would tell one run from another.
    let gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(gzip);
    for (path, entry) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(if entry.is_program { 0o755 } else { 0o644 });
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        header.set_entry_type(tar::EntryType::Regular);
        let path = format!("{name}/{path}");
        archive.append_data(&mut header, &path, entry.bytes.as_slice()).context(path)?;
    }
    Ok(archive.into_inner()?.finish()?)
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
