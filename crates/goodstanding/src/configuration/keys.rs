//! Every key of the file, once.

use std::net::SocketAddr;

use toml::de::DeValue;

use super::Configuration;
use crate::logging::{self, LogFormat};

/// A key of `goodstanding.toml`.
pub struct Key {
    /// With its table: `limits.requests`.
    pub name: &'static str,
    /// What a value must be, for whoever gave another one.
    pub expected: &'static str,
    /// Takes a value; `false` when it is not what is expected.
    pub set: fn(&mut Configuration, &DeValue<'_>) -> bool,
    /// The value as TOML; `None` when it is not set.
    pub show: fn(&Configuration) -> Option<String>,
}

macro_rules! number {
    ($name:literal, $field:ident, $range:expr, $expected:literal) => {
        Key {
            name: $name,
            expected: $expected,
            set: |values, given| {
                let number = given
                    .as_integer()
                    .filter(|text| text.radix() == 10)
                    .and_then(|text| text.as_str().parse().ok());
                let Some(number) = number.filter(|number| $range.contains(number)) else {
                    return false;
                };
                values.$field = number;
                true
            },
            show: |values| Some(values.$field.to_string()),
        }
    };
}

/// Every key, in the order of the file.
pub const KEYS: &[Key] = &[
    Key {
        name: "listen",
        expected: "\"ADDRESS:PORT\", such as \"127.0.0.1:8080\"",
        set: |values, given| address(given).map(|found| values.listen = found).is_some(),
        show: |values| Some(quoted(&values.listen.to_string())),
    },
    Key {
        name: "public_address",
        expected: "\"https://NAME\" without a path",
        set: |values, given| {
            let found = given.as_str().filter(|text| is_public_address(text));
            values.public_address = found.map(str::to_owned);
            found.is_some()
        },
        show: |values| values.public_address.as_deref().map(quoted),
    },
    Key {
        name: "metrics.listen",
        expected: "\"ADDRESS:PORT\", such as \"127.0.0.1:9464\"",
        set: |values, given| {
            values.metrics = address(given);
            values.metrics.is_some()
        },
        show: |values| values.metrics.map(|found| quoted(&found.to_string())),
    },
    Key {
        name: "log.filter",
        expected: "\"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or such with modules",
        set: |values, given| {
            let found = given.as_str().filter(|text| logging::is_filter(text));
            found.map(|text| text.clone_into(&mut values.log_filter)).is_some()
        },
        show: |values| Some(quoted(&values.log_filter)),
    },
    Key {
        name: "log.format",
        expected: "\"text\" or \"json\"",
        set: |values, given| {
            let found = given.as_str().and_then(LogFormat::parse);
            found.map(|format| values.log_format = format).is_some()
        },
        show: |values| Some(quoted(values.log_format.key())),
    },
    number!("limits.threads", threads, (0..=1024), "0 to 1024; 0: one for each core"),
    number!("limits.connections", connections, (1..=65_536), "1 to 65536"),
    number!("limits.requests", requests, (1..=65_536), "1 to 65536"),
    number!("limits.readers", readers, (1..=1024), "1 to 1024"),
    number!("limits.answer_seconds", answer_seconds, (1..=600), "1 to 600"),
    number!("cache.readers", readers_kept, (0..=1024), "0 to 1024"),
    number!("cache.reader_mebibytes", reader_mebibytes, (1..=4096), "1 to 4096"),
    // At most four hours: what is due is announced within a day, and a try may fail.
    number!("upkeep.minutes", upkeep_minutes, (1..=240), "1 to 240"),
    Key {
        name: "upkeep.sources",
        expected: "true or false",
        set: |values, given| given.as_bool().map(|found| values.sources = found).is_some(),
        show: |values| Some(values.sources.to_string()),
    },
    number!("upkeep.sources_seconds", sources_seconds, (1..=86_400), "1 to 86400"),
    Key {
        name: "proceedings.serve",
        expected: "true or false",
        set: |values, given| given.as_bool().map(|found| values.proceedings = found).is_some(),
        show: |values| Some(values.proceedings.to_string()),
    },
];

fn address(given: &DeValue<'_>) -> Option<SocketAddr> {
    given.as_str()?.parse().ok()
}

/// An origin as browsers have it: nothing behind the port, no name of a user.
pub fn is_public_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    host.is_some_and(|host| !host.is_empty() && host.len() <= 253 && host.chars().all(allowed))
}

/// A text as TOML and JSON alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
