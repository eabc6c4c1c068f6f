//! `cargo xtask`: what a contributor and the build machine run beside cargo itself.

use std::process::ExitCode;

use anyhow::{Result, bail};
use xtask::{coverage, dist, due_process, licences, refusals, run, tidy, tree::Tree};

const HELP: &str = "\
cargo xtask COMMAND

  tidy           check the house rules (also part of `cargo test`)
  refusals       write spec/refusals.md from the table in crates/domain/src/refusal.rs
  due-process    write spec/due-process.md from the rules of proceedings, and docs/invariants.md
                 from the names of the tests
  coverage       print how many requirements work, by class
  licences       check licences, bans and sources of all dependencies against deny.toml
  dist           pack program, packs, profiles, documents and notices into one archive with its
                 SHA-256, the same bytes each time [--out FOLDER] [--program FILE]
  ci             everything .ci/run checks before it tries the README in a clean clone
  test --all     everything, with what it needs installed by name and 200 crashed imports
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["tidy"] => {
            let tree = Tree::read()?;
            for note in tidy::notes(&tree) {
                println!("note: {note}");
            }
            tidy::report(&tidy::all(&tree))
        }
        ["refusals"] => refusals::write(&Tree::read()?),
        ["due-process"] => due_process::write(&Tree::read()?),
        ["coverage"] => {
            print!("{}", coverage::Coverage::load(&Tree::read()?)?.summary());
            Ok(())
        }
        ["licences"] => licences::check(&Tree::read()?),
        ["dist", rest @ ..] => dist::run(&Tree::read()?.root, rest),
        ["ci"] => run::checks(),
        ["test", "--all"] => run::everything(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("`{}` is not a command of xtask\n\n{HELP}", arguments.join(" ")),
    }
}
