//! The checks the build machine runs, and the long run a maintainer starts by hand.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::licences;
use crate::tree::Tree;

/// Programs the long run needs beside Rust: what it is asked for by, the Debian package, what for.
const PROGRAMS: [(&str, &str, &str); 2] = [
    ("python3", "python3", "the second verifier"),
    ("git", "git", "the clean clone"),
];

/// Formatting, lints, tests, licences and the second verifier, in the order in which a mistake is
/// cheapest to find.
pub fn checks() -> Result<()> {
    step("cargo fmt", cargo(&["fmt", "--all", "--check"]))?;
    licences::check(&Tree::read()?)?;
    step(
        "cargo clippy",
        cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    step("cargo test", cargo(&["test", "--workspace", "--locked"]))?;
    verifier()
}

/// Everything, with the crash test at its full length.
pub fn everything() -> Result<()> {
    install()?;
    // The children inherit it: crates/goodstanding/tests read how often to crash an import.
    let mut tests = cargo(&["test", "--workspace", "--locked"]);
    tests.env("GOODSTANDING_CRASH_RUNS", "200");
    step("cargo fmt", cargo(&["fmt", "--all", "--check"]))?;
    licences::check(&Tree::read()?)?;
    step(
        "cargo clippy",
        cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    step("cargo test, 200 crashed imports", tests)?;
    verifier()
}

/// The Python verifier's own tests, on the same vectors as the Rust ones.
fn verifier() -> Result<()> {
    let mut tests = Command::new("python3");
    tests.args(["-m", "unittest", "discover", "-s", "spec/verifier", "-t", "spec/verifier"]);
    step("Python verifier", tests)
}

/// Installs by name what is missing.
fn install() -> Result<()> {
    let missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _, _)| !is_present(program, &["--version"]))
        .map(|(_, package, _)| *package)
        .collect();
    if !missing.is_empty() {
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes", "--no-install-recommends"]).args(missing);
        step("apt-get install", install)?;
    }
    if !is_present("python3", &["-c", "import cryptography"]) {
        let mut install = Command::new("python3");
        install.args(["-m", "pip", "install", "--quiet", "cryptography"]);
        step("pip install cryptography", install)?;
    }
    Ok(())
}

fn is_present(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments);
    cargo
}

fn step(name: &str, mut command: Command) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    println!("== {name}");
    let begun = Instant::now();
    let status = command
        .current_dir(root)
        .status()
        .with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{name} failed");
    }
    ensure!(status.success(), "{name} failed");
    println!("== {name}: {} s", begun.elapsed().as_secs());
    Ok(())
}
