//! Failures of the machine in words: what happened, what is lost, what to do (texts in
//! `messages/`, section `failing`; the whole table in `docs/operating/failures.md`).

use std::error::Error;
use std::sync::OnceLock;

use ledger::Cause;

use crate::messages::Catalogue;
use crate::output::chain;

/// `error` for an operator: where the machine is at fault what to do comes first, and what the
/// system said follows in brackets; anything else speaks for itself.
pub fn explained(error: &(dyn Error + 'static)) -> String {
    match Cause::of(error) {
        Some(cause) => format!("{} ({})", advice(cause), detail(error)),
        None => chain(error),
    }
}

/// What to do about `cause`, in the language the operator's terminal is set to.
pub fn advice(cause: Cause) -> String {
    let key = match cause {
        Cause::DiskFull => "failing.disk_full",
        Cause::DiskFault => "failing.disk_fault",
        Cause::NotAllowed => "failing.not_allowed",
        Cause::TooManyFiles => "failing.too_many_files",
        Cause::Busy => "failing.busy",
        Cause::CannotOpen => "failing.cannot_open",
        Cause::Missing => "failing.missing",
        Cause::Damaged => "failing.damaged",
    };
    static CATALOGUE: OnceLock<Option<Catalogue>> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(|| Catalogue::load().ok());
    let language = terminal_language();
    catalogue.as_ref().map_or_else(
        || key.to_owned(),
        |texts| texts.preferred(language.as_deref()).t(key).to_owned(),
    )
}

/// What the system said. SQLite's own sentences help nobody, its number helps who looks it up.
fn detail(error: &(dyn Error + 'static)) -> String {
    match ledger::error::sqlite_number(error) {
        Some(number) => format!("SQLite {number}"),
        None => chain(error),
    }
}

/// `zh_CN.UTF-8` as `zh-CN`, by the order in which POSIX looks at the variables.
fn terminal_language() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .and_then(|value| Some(value.split('.').next()?.replace('_', "-")))
}
