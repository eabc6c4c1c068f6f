//! The text of the file: every problem of it, each with its line.

use domain::refusal::{Problem, Refusal};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Configuration;
use super::keys::{KEYS, Key};

/// Longer texts are no configuration.
const BYTES_MAX: usize = 256 * 1024;

/// The values, and the keys that were given.
pub fn parse(text: &str) -> Result<(Configuration, Vec<&'static str>), Vec<Problem>> {
    let syntax = |at: Option<usize>, what: &str| {
        let mut problem = Problem::of_input(Refusal::ConfigurationUnreadable).with_detail(what);
        problem.row = at.map(|at| line_of(text, at));
        vec![problem]
    };
    if text.len() > BYTES_MAX {
        return Err(syntax(None, "longer than 256 KiB"));
    }
    let table = DeTable::parse(text)
        .map_err(|error| syntax(error.span().map(|span| span.start), error.message()))?;
    let mut reading =
        Reading { text, values: Configuration::default(), given: vec![], problems: vec![] };
    reading.table("", table.get_ref());
    reading.problems.sort();
    if reading.problems.is_empty() {
        Ok((reading.values, reading.given))
    } else {
        Err(reading.problems)
    }
}

struct Reading<'t> {
    text: &'t str,
    values: Configuration,
    given: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = if prefix.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{prefix}.{}", key.get_ref())
            };
            self.value(&name, key.span().start, value);
        }
    }

    fn value(&mut self, name: &str, at: usize, value: &Spanned<DeValue<'_>>) {
        let below = format!("{name}.");
        if let Some(key) = KEYS.iter().find(|key| key.name == name) {
            self.set(key, at, value.get_ref());
        } else if KEYS.iter().any(|key| key.name.starts_with(&below)) {
            match value.get_ref().as_table() {
                Some(table) => self.table(name, table),
                None => self.add(at, name, Refusal::ConfigurationValueUnfit, "a table"),
            }
        } else {
            let prefix = name.rsplit_once('.').map_or("", |(table, _)| table);
            let detail = format!("known here: {}", known(prefix).join(", "));
            self.add(at, name, Refusal::ConfigurationKeyUnknown, &detail);
        }
    }

    fn set(&mut self, key: &'static Key, at: usize, value: &DeValue<'_>) {
        if (key.set)(&mut self.values, value) {
            self.given.push(key.name);
        } else {
            self.add(at, key.name, Refusal::ConfigurationValueUnfit, key.expected);
        }
    }

    fn add(&mut self, at: usize, key: &str, refusal: Refusal, detail: &str) {
        let line = line_of(self.text, at);
        self.problems.push(Problem::of_row(line, Some(key), refusal).with_detail(detail));
    }
}

/// Keys and tables below `prefix`.
fn known(prefix: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = KEYS
        .iter()
        .filter_map(|key| {
            let rest = match prefix {
                "" => key.name,
                _ => key.name.strip_prefix(prefix)?.strip_prefix('.')?,
            };
            rest.split('.').next()
        })
        .collect();
    names.dedup();
    names
}

fn line_of(text: &str, at: usize) -> u64 {
    let breaks = text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_it_was() {
        let (values, given) = parse("").unwrap();
        assert_eq!((values, given), (Configuration::default(), vec![]));
        let text = "listen = \"[::1]:9000\"\nlimits.requests = 7\n[upkeep]\nsources = false\n";
        let (values, mut given) = parse(text).unwrap();
        given.sort_unstable();
        assert_eq!(given, ["limits.requests", "listen", "upkeep.sources"]);
        assert_eq!((values.listen.port(), values.requests, values.sources), (9000, 7, false));
        assert_eq!(values.readers, Configuration::default().readers);
    }

    #[test]
    fn every_bad_input_is_refused_with_its_line() {
        let cases = [
            ("lisen = \"x\"", 1, Refusal::ConfigurationKeyUnknown),
            ("\n[limits]\n\nrequest = 1", 4, Refusal::ConfigurationKeyUnknown),
            ("[limit]\nrequests = 1", 1, Refusal::ConfigurationKeyUnknown),
            ("[listen]\nx = 1", 1, Refusal::ConfigurationValueUnfit),
            ("limits = 3", 1, Refusal::ConfigurationValueUnfit),
            ("listen = \"localhost\"", 1, Refusal::ConfigurationValueUnfit),
            ("listen = 8080", 1, Refusal::ConfigurationValueUnfit),
            ("[limits]\nrequests = 0", 2, Refusal::ConfigurationValueUnfit),
            ("[limits]\nrequests = -1", 2, Refusal::ConfigurationValueUnfit),
            ("[limits]\nrequests = 99999999999999999999", 2, Refusal::ConfigurationValueUnfit),
            ("[upkeep]\nminutes = 1441", 2, Refusal::ConfigurationValueUnfit),
            ("[upkeep]\nsources = \"yes\"", 2, Refusal::ConfigurationValueUnfit),
            ("[log]\nformat = \"xml\"", 2, Refusal::ConfigurationValueUnfit),
            ("[log]\nfilter = \"loud\"", 2, Refusal::ConfigurationValueUnfit),
            ("public_address = \"https://a.example/x?y\"", 1, Refusal::ConfigurationValueUnfit),
            ("public_address = \"https://u@a.example\"", 1, Refusal::ConfigurationValueUnfit),
            ("listen = \"127.0.0.1:1\"\nlisten = \"x\"", 2, Refusal::ConfigurationUnreadable),
            ("listen = ", 1, Refusal::ConfigurationUnreadable),
            ("a\n= b", 1, Refusal::ConfigurationUnreadable),
        ];
        for (text, line, refusal) in cases {
            let problems = parse(text).unwrap_err();
            let found: Vec<_> = problems.iter().map(|p| (p.row, p.refusal)).collect();
            assert_eq!(found, [(Some(line), refusal)], "{text}");
        }
        let long = "#".repeat(BYTES_MAX + 1);
        assert_eq!(parse(&long).unwrap_err()[0].refusal, Refusal::ConfigurationUnreadable);
    }

    #[test]
    fn all_problems_are_told_at_once_by_line() {
        let problems = parse("listen = 1\nfoo = 2\n[cache]\nreaders = -3\nbar = 4").unwrap_err();
        let lines: Vec<_> = problems.iter().filter_map(|problem| problem.row).collect();
        assert_eq!(lines, [1, 2, 4, 5]);
        let unknown = &problems[3];
        assert_eq!(unknown.detail.as_deref(), Some("known here: readers, reader_mebibytes"));
    }
}
