//! `search`: organisations by name or identifier.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;
use domain::organisation::Country;
use serde_json::{Value, json};

use super::Context;
use crate::clock::SystemClock;
use crate::output::{Exit, Failure, counted};
use crate::registry::{Hit, Registry, Why};

const EXAMPLES: &str = "\
Examples:
  goodstanding search \"acme construction\"
  goodstanding search 91110108551385082Q
  goodstanding search lei:5493001KJTIIGC8Y1R12 --json

Case, accents, width and legal forms (Ltd, S.A., 有限公司) do not matter. No result means only that
the lists imported here hold nothing under that name: it says nothing good or bad about anybody.
Queries are not written down anywhere. Exit 0, also when nothing was found; 2 could not.";

/// Arguments of `search`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A name, words of it, or an identifier
    #[arg(value_name = "QUERY", required = true, num_args = 1..)]
    query: Vec<String>,
    /// At most this many results
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

/// Runs `search`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let query = arguments.query.join(" ");
    if query.trim().is_empty() {
        return Err(Failure::could_not("the query is empty; give a name or an identifier"));
    }
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    let answer = registry.search(&query, usize::from(arguments.limit))?;
    let results: Vec<Value> = answer.hits.iter().map(describe).collect();
    let mut text = String::new();
    for hit in &answer.hits {
        text.push_str(&line_of(hit));
    }
    let found = counted(answer.hits.len() as u64, "organisation", "organisations");
    let more = if answer.truncated { ", there may be more" } else { "" };
    let _ = writeln!(text, "{found}{more}");
    context.format.result(&json!({ "results": results, "truncated": answer.truncated }), &text);
    Ok(Exit::Done)
}

fn describe(hit: &Hit) -> Value {
    let identifiers: Vec<String> = hit.identifiers.iter().map(ToString::to_string).collect();
    json!({
        "id": hit.id.to_string(),
        "name": hit.name.text,
        "identifiers": identifiers,
        "country": hit.country.as_ref().map(Country::as_str),
        "place": hit.place,
        "in_effect": hit.in_effect,
        "why": {"key": hit.why.key, "words": hit.why.words},
    })
}

fn line_of(hit: &Hit) -> String {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(hit.place.clone());
    facts.extend(hit.country.as_ref().map(|country| country.as_str().to_owned()));
    facts.extend(hit.identifiers.iter().map(ToString::to_string));
    if hit.in_effect > 0 {
        facts.push(format!("{} in effect", counted(hit.in_effect, "entry", "entries")));
    }
    format!(
        "{}\n    {}\n    {}\n    found by {}\n",
        hit.name.text,
        hit.id,
        facts.join(", "),
        reason(&hit.why)
    )
}

fn reason(why: &Why) -> String {
    let words = why.words.join(" ");
    match why.key {
        "identifier" => format!("identifier {words}"),
        "identifier_invalid_but_official" => {
            format!("identifier {words}, whose check digit is wrong at its source")
        }
        "identifier_unchecked" => format!("identifier {words}, which has no check digit"),
        "full_name" => "its full name".to_owned(),
        "name_without_legal_form" => "its name without the legal form".to_owned(),
        "beginning_of_word" => format!("the beginning of a word: {words}"),
        _ => format!("the words: {words}"),
    }
}
