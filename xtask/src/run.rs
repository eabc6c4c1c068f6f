//! The checks the build machine runs, and the long run a maintainer starts by hand.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::licences;
use crate::tree::Tree;

/// Programs the long run needs beside Rust: how it is started, and the Debian package that has it.
const PROGRAMS: [(&str, &str); 2] = [("python3", "python3"), ("git", "git")];

/// How often the crash test of the long run kills an import.
const CRASH_RUNS: &str = "200";

/// Of each command every write goes wrong in the long run, instead of a sample.
const FAULT_POINTS: &str = "all";

/// Bits flipped in each file in the long run.
const FLIPS: &str = "200";

/// Formatting, licences, lints, tests and the second verifier.
pub fn checks() -> Result<()> {
    check_with(cargo(&["test", "--workspace", "--locked"]))
}

/// The same with what it needs installed by name, and the crash test at its full length.
pub fn everything() -> Result<()> {
    install()?;
    let mut tests = cargo(&["test", "--workspace", "--locked"]);
    tests.env("GOODSTANDING_CRASH_RUNS", CRASH_RUNS);
    tests.env("GOODSTANDING_FAULT_POINTS", FAULT_POINTS);
    tests.env("GOODSTANDING_FLIPS", FLIPS);
    check_with(tests)
}

/// In the order in which a mistake is cheapest to find.
fn check_with(tests: Command) -> Result<()> {
    step("cargo fmt", cargo(&["fmt", "--all", "--check"]))?;
    licences::check(&Tree::read()?)?;
    step(
        "cargo clippy",
        cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    step("cargo test", tests)?;
    let mut verifier = Command::new("python3");
    verifier.args(["-m", "unittest", "discover", "-s", "spec/verifier", "-t", "spec/verifier"]);
    step("Python verifier", verifier)
}

/// Installs by name what is missing.
fn install() -> Result<()> {
    let missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_present(program, &["--version"]))
        .map(|(_, package)| *package)
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
    ensure!(status.success(), "{name} failed");
    println!("== {name}: {} s", begun.elapsed().as_secs());
    Ok(())
}
