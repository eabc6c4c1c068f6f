//! `key`: what signs the log.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger::LedgerReader;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Context;
use crate::answer_keys;
use crate::output::{Exit, Failure};
use crate::signed_answer;

const EXAMPLES: &str = "\
Examples:
  goodstanding key show
  goodstanding key show --json

The verification key is public: print it, put it on your site, give it to those who check the log
(`goodstanding verify URL --vkey KEY`). The signing key never leaves the keys folder.";

/// Arguments of `key`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The verification key, its fingerprint, and where the signing key is
    #[command(after_help = "Examples:\n  goodstanding key show")]
    Show,
    /// Make the key that signs answers, for a registry that has none
    #[command(after_help = "Examples:\n  goodstanding key answers")]
    Answers,
}

/// Runs `key`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let reader = LedgerReader::open(&directory)?;
    if matches!(arguments.action, Action::Answers) {
        signed_answer::make_key(&directory, reader.origin())
            .map_err(|error| Failure::file(&signed_answer::key_path(&directory), &error))?;
    }
    let answers = signed_answer::read_key(&directory, reader.origin());
    let former = answer_keys::former(&directory, answers.as_ref());
    let answers = answers.map(|key| key.vkey().to_string());
    let signed_before: String =
        former.iter().map(|key| format!("signed answers    {key}\n")).collect();
    let vkey = reader.vkey().to_string();
    let fingerprint = fingerprint(&vkey);
    let keys = directory.join("keys");
    let files = key_files(&keys)?;
    let listed: Vec<String> = files.iter().map(|file| format!("  {}\n", file.display())).collect();
    let text = format!(
        "verification key  {vkey}\nfingerprint       {fingerprint}\nlog               {}\n\
         signs answers     {}\n{signed_before}\
         private keys, readable by the owner only:\n{}\
         Back up this folder encrypted, apart from the databases, in two places: without the signing key\n\
         the log cannot grow, and whoever has it can sign in your name. Back up `vault-keys.db` apart from\n\
         both and keep its copies for a short time only: an erasure is final when the last copy is gone.\n",
        reader.origin(),
        answers.as_deref().unwrap_or("no key yet: `goodstanding key answers`"),
        listed.concat(),
    );
    let value = json!({
        "vkey": vkey,
        "fingerprint": fingerprint,
        "origin": reader.origin(),
        "answers_vkey": answers,
        "answers_vkeys_former": former,
        "private_keys": files,
    });
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

/// SHA-256 of the key's text in groups of four, to be read aloud.
fn fingerprint(vkey: &str) -> String {
    let digest = Sha256::digest(vkey.as_bytes());
    let groups: Vec<String> = digest
        .chunks(2)
        .map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    groups.join(" ")
}

fn key_files(folder: &PathBuf) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| {
        Failure::could_not(format_args!(
            "`{}`: {error}; restore the folder from its backup",
            folder.display()
        ))
    })?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}
