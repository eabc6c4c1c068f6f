//! `reviewer`: accounts of those who decide on identity.

use clap::{Args, Subcommand};
use domain::identity::ReviewerHandle;
use domain::refusal::{Problem, Refusal};
use serde_json::json;

use super::Context;
use crate::failing::explained;
use crate::output::{Exit, Failure};
use crate::reviewers;

const EXAMPLES: &str = "\
Examples:
  goodstanding reviewer add officer-7
  goodstanding reviewer list --json
  goodstanding reviewer remove officer-7

A handle is a role (officer, reviewer, registrar) and a number, never a name: handles are on the
public log. Keep the list of who stands behind them elsewhere. Exit 0 done, 1 refused, 2 could not.";

/// Arguments of `reviewer`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an account
    #[command(after_help = "Examples:\n  goodstanding reviewer add officer-7")]
    Add {
        /// Role and number
        handle: String,
    },
    /// Remove an account; what it decided stays
    #[command(after_help = "Examples:\n  goodstanding reviewer remove officer-7")]
    Remove {
        /// Role and number
        handle: String,
    },
    /// The accounts
    #[command(after_help = "Examples:\n  goodstanding reviewer list")]
    List,
}

/// Reads a handle; what was given is not repeated, for it may be a name.
pub fn handle(text: &str) -> Result<ReviewerHandle, Failure> {
    let unknown = || Failure::refused(Problem::of_input(Refusal::ReviewerUnknown));
    ReviewerHandle::new(text).ok_or_else(unknown)
}

/// Runs `reviewer`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let mut accounts =
        reviewers::load(&directory).map_err(|error| Failure::could_not(explained(&error)))?;
    let is_changed = match &arguments.action {
        Action::Add { handle } => accounts.insert(self::handle(handle)?),
        Action::Remove { handle } => accounts.remove(&self::handle(handle)?),
        Action::List => false,
    };
    if is_changed {
        reviewers::save(&directory, &accounts)
            .map_err(|error| Failure::could_not(explained(&error)))?;
    }
    let handles: Vec<&str> = accounts.iter().map(ReviewerHandle::as_str).collect();
    let text = match handles.as_slice() {
        [] => "No reviewers; a decision on identity needs two.\n".to_owned(),
        handles => handles.iter().map(|handle| format!("{handle}\n")).collect(),
    };
    context.format.result(&json!({ "reviewers": handles }), &text);
    Ok(Exit::Done)
}
