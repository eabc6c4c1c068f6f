//! What is logged, how, and where: one line an event on standard error.
//!
//! **Invariant:** a line never holds a query, an id of a path or the address of a reader (promise
//! P9): requests are counted and told in sum, once a minute.

use tracing_subscriber::EnvFilter;

use crate::output::Failure;

/// The variable that says what is logged.
pub const VARIABLE: &str = "GOODSTANDING_LOG";

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// `text` or `json`.
    pub const fn key(self) -> &'static str {
        match self {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        }
    }

    /// The format of this name.
    pub fn parse(name: &str) -> Option<LogFormat> {
        [LogFormat::Text, LogFormat::Json].into_iter().find(|format| format.key() == name)
    }
}

/// Whether `text` says what is logged.
pub fn is_filter(text: &str) -> bool {
    // A bare word that is no level would be taken for the name of a module, and nothing be logged.
    let is_level = |word: &str| {
        ["off", "error", "warn", "info", "debug", "trace"].contains(&word.to_lowercase().as_str())
    };
    let is_known =
        |part: &str| part.contains(['=', '[']) || part.contains("::") || is_level(part.trim());
    !text.trim().is_empty() && text.split(',').all(is_known) && EnvFilter::try_new(text).is_ok()
}

/// What the environment says is logged; nothing when the variable is absent or empty.
pub fn from_environment() -> Result<Option<String>, Failure> {
    match std::env::var(VARIABLE) {
        Err(std::env::VarError::NotPresent) => Ok(None),
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) if is_filter(&text) => Ok(Some(text)),
        _ => Err(unfit(VARIABLE)),
    }
}

/// The failure of a filter that is none.
pub fn unfit(given_by: &str) -> Failure {
    Failure::could_not(format_args!(
        "{given_by} does not say what to log; write a level (off, error, warn, info, debug, \
         trace), or levels of modules such as warn,goodstanding=info"
    ))
}

/// Begins to log; a second call changes nothing.
pub fn install(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("warn"));
    // Standard error only: standard output belongs to the result.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    // Fails only when somebody logs already.
    let _ = match format {
        LogFormat::Text => {
            use std::io::IsTerminal as _;
            builder.with_ansi(std::io::stderr().is_terminal()).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_levels_and_modules() {
        for good in ["info", "off", "warn,goodstanding=debug", "goodstanding::server=trace", "WARN"]
        {
            assert!(is_filter(good), "{good}");
        }
        for bad in ["", " ", "loud", "info,loud", "goodstanding=loud", "warn,,"] {
            assert!(!is_filter(bad), "{bad}");
        }
    }
}
