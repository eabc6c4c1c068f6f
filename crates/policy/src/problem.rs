//! What is wrong with a pack: file, line, key, refusal.

use std::fmt;

use domain::refusal::{Language, Problem};

/// One problem of one file of the packs; `problem.row` is the line, `problem.column` the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackProblem {
    /// Path of the file, relative to the folder of packs.
    pub file: String,
    /// What is wrong, and where in the file.
    pub problem: Problem,
}

impl PackProblem {
    /// `file:line: key: what to do`, in `language`.
    ///
    /// ```
    /// use domain::refusal::{Language, Problem, Refusal};
    /// use goodstanding_policy::PackProblem;
    /// let problem = Problem::of_row(7, Some("list.titel"), Refusal::PackKeyUnknown);
    /// let problem = PackProblem { file: "mdb/lists/idb.toml".into(), problem };
    /// assert!(problem.message(Language::En).starts_with("mdb/lists/idb.toml:7: list.titel: the key"));
    /// ```
    pub fn message(&self, language: Language) -> String {
        let mut place = self.file.clone();
        if let Some(line) = self.problem.row {
            place.push_str(&format!(":{line}"));
        }
        if let Some(key) = &self.problem.column {
            place.push_str(&format!(": {key}"));
        }
        format!("{place}: {}", self.problem.message(language))
    }
}

impl fmt::Display for PackProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}
