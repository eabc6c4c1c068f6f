//! `case document`: what the parties of a case are given to read, here or from a registry
//! elsewhere.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use domain::civil::Instant;
use domain::refusal::{Problem, Refusal};
use serde_json::Value;

use super::Context;
use super::authority::{failed, read_key};
use super::case::Trust;
use crate::cases::Desk;
use crate::cases::document::{Documents, documents, to_text};
use crate::cases::file::CaseFile;
use crate::cases::remote::Party;
use crate::clock::SystemClock;
use crate::messages::{Catalogue, Messages};
use crate::output::{Exit, Failure};
use crate::server::document_page;
use crate::setup;

pub const EXAMPLES: &str = "Examples:\n  \
    goodstanding case document RECORD\n  \
    goodstanding case document RECORD --language zh --page notice.html\n  \
    goodstanding case document RECORD --token TOKEN --from https://NAME\n  \
    goodstanding case document RECORD --key officer-1.key --from https://NAME --page notice.html";

/// Arguments of `case document`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Id of the record
    record: String,
    /// Language of the document: en or zh
    #[arg(long, default_value = "en")]
    language: String,
    /// As it will stand on this instant if nobody does anything
    #[arg(long, value_name = "INSTANT")]
    on: Option<String>,
    /// Also write it as a page to be printed, sent or kept; the file must not exist
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Ask the registry at this address
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// With --from: the key of an account of its authority
    #[arg(long, value_name = "FILE", requires = "from")]
    key: Option<PathBuf>,
    /// The token that came with the notice: refused when it is not that of this case
    #[arg(long, conflicts_with = "key")]
    token: Option<String>,
    #[command(flatten)]
    trust: Box<Trust>,
}

fn refused(refusal: Refusal) -> Failure {
    Failure::refused(Problem::of_input(refusal))
}

/// Runs `case document`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let catalogue = Catalogue::load().map_err(Failure::could_not)?;
    let messages = catalogue.get(&arguments.language);
    let messages = messages.ok_or_else(|| refused(Refusal::QueryUnreadable))?;
    let on: Option<Instant> = match &arguments.on {
        Some(text) => Some(text.parse().map_err(|_| refused(Refusal::QueryUnreadable))?),
        None => None,
    };
    let written = match &arguments.from {
        Some(url) => from_elsewhere(url, arguments)?,
        None => from_here(arguments, on, messages, context)?,
    };
    if let Some(path) = &arguments.page {
        use std::io::Write as _;
        let page = document_page(messages, &written).map_err(Failure::could_not)?;
        let file = std::fs::File::create_new(path).and_then(|mut file| {
            file.write_all(page.as_bytes())?;
            file.sync_all()
        });
        file.map_err(|error| Failure::file(path, &error))?;
    }
    let value = serde_json::to_value(&written).map_err(Failure::could_not)?;
    context.format.result(&value, &to_text(messages, &written));
    Ok(Exit::Done)
}

fn from_here(
    arguments: &Arguments,
    on: Option<Instant>,
    messages: &Arc<Messages>,
    context: &Context,
) -> Result<Documents, Failure> {
    let record = arguments.record.parse().map_err(|_| refused(Refusal::CaseUnknown))?;
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    if let Some(token) = &arguments.token {
        desk.bearer(record, token).map_err(failed)?;
    }
    let on = match on {
        Some(on) => on,
        None => desk.now().map_err(failed)?,
    };
    let file = CaseFile::of(desk.view(), &packs, record, on).map_err(failed)?;
    let file = file.ok_or_else(|| refused(Refusal::CaseUnknown))?;
    Ok(documents(messages, &file))
}

fn from_elsewhere(url: &str, arguments: &Arguments) -> Result<Documents, Failure> {
    let key = arguments.key.as_ref().map(|path| read_key(path)).transpose()?;
    let party = match (&key, &arguments.token) {
        (Some(key), _) => Party::Key(key),
        (None, Some(token)) => Party::Token(token),
        (None, None) => Party::Anybody,
    };
    let on = arguments.on.as_deref();
    let remote = arguments.trust.place(url).open()?;
    let value: Value = remote.documents(&arguments.record, &arguments.language, on, &party)?;
    serde_json::from_value(value)
        .map_err(|_| Failure::could_not("the registry's answer is no document"))
}
