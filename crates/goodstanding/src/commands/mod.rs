//! The command line: one module per command, each with help that teaches and numbered exits.

mod authority;
mod backup;
mod calendar;
mod case;
mod case_document;
mod case_remote;
mod consult;
mod consult_as;
mod demo;
mod doctor;
mod erase;
mod export;
mod identity;
mod import;
mod init;
mod key;
mod policy;
mod profile;
mod rebuild;
mod restore;
mod reviewer;
mod search;
mod serve;
mod show;
mod source;
mod synth;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::logging::{self, LogFormat};
use crate::output::{Exit, Failure, Format};
use crate::setup::DEFAULT_DIRECTORY;

/// An open registry of organisations' good standing that anyone can verify.
///
/// Official lists go in, one public file per organisation comes out, and every entry is on a log
/// whose every byte can be checked. Start with `goodstanding demo`.
#[derive(Debug, Parser)]
#[command(name = "goodstanding", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct CommandLine {
    #[command(flatten)]
    global: GlobalArguments,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  goodstanding demo
  goodstanding init --origin registry.example.org/log
  goodstanding import --profile idb sanctioned-firms.xlsx
  goodstanding search \"acme ltd\"
  goodstanding serve

Every command: --dir DIR chooses the registry, --json prints the result for programs on standard
output; progress and messages go to standard error. Exit 0 done, 1 refused,
2 could not; `import` also 3, done with problems; `verify` 0 true, 1 false, 2 could not tell.";

#[derive(Debug, Args)]
struct GlobalArguments {
    /// Directory of the registry [default: ./goodstanding-data; demo: ./goodstanding-demo]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print the result as JSON on standard output
    #[arg(long, global = true)]
    json: bool,
    /// What to log: off, error, warn, info, debug, trace, or levels of modules [default: warn;
    /// serve: warn,goodstanding=info; also: GOODSTANDING_LOG]
    #[arg(long, global = true, value_name = "LEVELS")]
    log_level: Option<String>,
    /// How log lines are written [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build a small registry to try, serve it and print the address
    Demo(demo::Arguments),
    /// Create a new registry: keys, databases, log
    Init(init::Arguments),
    /// Import a file of an official list
    Import(import::Arguments),
    /// List, check and adopt profiles: how the file of a list is spelled
    Profile(profile::Arguments),
    /// Read official lists from their addresses
    Source(source::Arguments),
    /// Find organisations by name or identifier
    Search(search::Arguments),
    /// Proceedings: notice, answer, decision, objection, repair, each step on the log
    Case(Box<case::Arguments>),
    /// Accounts and keys of authorities, and what they may submit
    Authority(Box<authority::Arguments>),
    /// Which measures and incentives follow from the public file of an organisation
    Consult(Box<consult::Arguments>),
    /// Check, simulate and adopt packs, and say what changes with them
    Policy(Box<policy::Arguments>),
    /// Working days by official announcement, and when a period ends
    Calendar(calendar::Arguments),
    /// Propose, confirm and reverse decisions on which files are about one organisation
    Identity(Box<identity::Arguments>),
    /// Accounts of those who decide on identity
    Reviewer(reviewer::Arguments),
    /// Print the file of one organisation
    Show(show::Arguments),
    /// Check a log, a registry or one record's proof: exit 0 true, 1 false, 2 could not tell
    Verify(Box<verify::Arguments>),
    /// Build the read tables anew from the log
    Rebuild(rebuild::Arguments),
    /// Copy a registry that is at work, its keys apart
    Backup(backup::Arguments),
    /// Make a registry from a backup, without ever telling two histories
    Restore(Box<restore::Arguments>),
    /// Write what may be shown now to a file, or the log with its openings to a folder
    Export(export::Arguments),
    /// Destroy the content of a record or an organisation for good
    Erase(erase::Arguments),
    /// Look at a registry from every side and say what is wrong and what to do
    Doctor(doctor::Arguments),
    /// Make a registry, or a file, of synthetic records to try sizes with
    Synth(synth::Arguments),
    /// Serve pages, API and log
    Serve(serve::Arguments),
    /// Show the key that signs the log
    Key(key::Arguments),
}

/// What every command gets.
pub struct Context {
    directory: Option<PathBuf>,
    /// Where the result goes.
    pub format: Format,
    /// What to log, as an argument said.
    log_level: Option<String>,
    /// How, as an argument said.
    log_format: Option<LogFormat>,
}

impl Context {
    /// The directory asked for, else `default`.
    pub fn directory_or(&self, default: &str) -> PathBuf {
        self.directory.clone().unwrap_or_else(|| PathBuf::from(default))
    }

    /// Begins to log, for commands that have no other settings.
    fn begin_to_log(&self) -> Result<(), Failure> {
        let by_environment = logging::from_environment()?;
        let filter = self.log_level.clone().or(by_environment).unwrap_or_else(|| "warn".to_owned());
        if !logging::is_filter(&filter) {
            return Err(logging::unfit("--log-level"));
        }
        logging::install(&filter, self.log_format.unwrap_or_default());
        Ok(())
    }

    /// The directory of an existing registry.
    pub fn registry_directory(&self) -> Result<PathBuf, Failure> {
        let directory = self.directory_or(DEFAULT_DIRECTORY);
        crate::setup::check_present(&directory)?;
        Ok(directory)
    }
}

/// Runs one command and reports how it failed, if it did.
pub fn run(command_line: CommandLine) -> Exit {
    let format = if command_line.global.json { Format::Json } else { Format::Text };
    let global = command_line.global;
    let context = Context {
        directory: global.dir,
        format,
        log_level: global.log_level,
        log_format: global.log_format,
    };
    let result = answer(command_line.command, &context);
    result.unwrap_or_else(|failure| {
        format.failure(&failure);
        failure.exit()
    })
}

fn answer(command: Command, context: &Context) -> Result<Exit, Failure> {
    // `serve` reads its configuration first, which may say what to log.
    if !matches!(command, Command::Serve(_)) {
        context.begin_to_log()?;
    }
    match command {
        Command::Demo(arguments) => demo::run(&arguments, context),
        Command::Init(arguments) => init::run(&arguments, context),
        Command::Import(arguments) => import::run(&arguments, context),
        Command::Profile(arguments) => profile::run(&arguments, context),
        Command::Source(arguments) => source::run(&arguments, context),
        Command::Search(arguments) => search::run(&arguments, context),
        Command::Case(arguments) => case::run(&arguments, context),
        Command::Consult(arguments) => consult::run(&arguments, context),
        Command::Policy(arguments) => policy::run(&arguments, context),
        Command::Calendar(arguments) => calendar::run(&arguments, context),
        Command::Authority(arguments) => authority::run(&arguments, context),
        Command::Identity(arguments) => identity::run(&arguments, context),
        Command::Reviewer(arguments) => reviewer::run(&arguments, context),
        Command::Show(arguments) => show::run(&arguments, context),
        Command::Verify(arguments) => verify::run(&arguments, context),
        Command::Rebuild(arguments) => rebuild::run(&arguments, context),
        Command::Backup(arguments) => backup::run(&arguments, context),
        Command::Restore(arguments) => restore::run(&arguments, context),
        Command::Export(arguments) => export::run(&arguments, context),
        Command::Erase(arguments) => erase::run(&arguments, context),
        Command::Doctor(arguments) => doctor::run(&arguments, context),
        Command::Synth(arguments) => synth::run(&arguments, context),
        Command::Serve(arguments) => serve::run(&arguments, context),
        Command::Key(arguments) => key::run(&arguments, context),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::CommandLine;

    #[test]
    fn every_command_teaches_by_example() {
        let mut command = CommandLine::command();
        command.build();
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            let help = inner.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:\n"), "{} has no examples", inner.get_name());
            assert!(help.contains("goodstanding "), "{}", inner.get_name());
        }
    }

    #[test]
    fn no_command_has_an_argument_of_the_name_of_one_of_all_commands() {
        let command = CommandLine::command();
        let global: Vec<String> =
            command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
        let mut waiting: Vec<_> = command.get_subcommands().collect();
        assert!(!waiting.is_empty() && global.contains(&"log_level".to_owned()));
        while let Some(inner) = waiting.pop() {
            for argument in inner.get_arguments() {
                let id = argument.get_id().to_string();
                assert!(!global.contains(&id), "`{id}` of `{}`", inner.get_name());
            }
            waiting.extend(inner.get_subcommands());
        }
    }

    #[test]
    fn the_arguments_are_consistent() {
        CommandLine::command().debug_assert();
    }
}
