//! What a verification found.

use domain::civil::Instant;

use crate::merkle::Hash;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every hash and signature holds.
    True,
    /// Something does not fit; each reason names the file or position.
    False(Vec<String>),
    /// Something needed was not there, or it is too early to say.
    CouldNotTell(Vec<String>),
}

impl Outcome {
    /// The exit code of `verify`: 0 true, 1 false, 2 could not tell.
    pub fn exit_code(&self) -> u8 {
        match self {
            Outcome::True => 0,
            Outcome::False(_) => 1,
            Outcome::CouldNotTell(_) => 2,
        }
    }

    /// Why it is not true.
    pub fn reasons(&self) -> &[String] {
        match self {
            Outcome::True => &[],
            Outcome::False(reasons) | Outcome::CouldNotTell(reasons) => reasons,
        }
    }
}

/// Where the key came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The caller gave it.
    Given,
    /// It was taken from the log itself, so it proves only that the log agrees with itself.
    FromLog,
}

/// What was counted. `open + withheld + sealed + erased == events`, `events + clear == leaves`
/// when every entry could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries whose hash was checked.
    pub leaves: u64,
    /// Of these, commitments to events.
    pub events: u64,
    /// Events announced as open.
    pub open: u64,
    /// Events announced as withheld.
    pub withheld: u64,
    /// Events not announced yet.
    pub sealed: u64,
    /// Events announced as erased.
    pub erased: u64,
    /// Entries in the clear.
    pub clear: u64,
    /// Openings that were hashed and fit, whatever was announced.
    pub opened: u64,
    /// Tiles compared with the entries.
    pub checked_tiles: u64,
}

/// What an earlier run found missing without an entry, and when it looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierLook {
    /// When it looked.
    pub at: Instant,
    /// [`Report::gaps`] of that run.
    pub gaps: Vec<(u64, u64)>,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The answer.
    pub outcome: Outcome,
    /// The log's name, once its checkpoint was checked.
    pub origin: Option<String>,
    /// Size of the tree in the checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Option<Hash>,
    /// Where the key came from.
    pub key: KeySource,
    /// What was counted.
    pub counts: Counts,
    /// Positions announced as open whose opening is not there and that no entry names, as
    /// inclusive ranges. Give them to a later run as [`EarlierLook`].
    pub gaps: Vec<(u64, u64)>,
    /// What is odd without making anything false.
    pub warnings: Vec<String>,
}

impl Report {
    pub(super) fn new() -> Report {
        Report {
            outcome: Outcome::True,
            origin: None,
            size: 0,
            root: None,
            key: KeySource::FromLog,
            counts: Counts::default(),
            gaps: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn conclude(&mut self, findings: Findings) {
        self.warnings = findings.warnings.listed();
        self.outcome = if !findings.refuted.is_empty() {
            Outcome::False(findings.refuted.listed())
        } else if !findings.doubted.is_empty() {
            Outcome::CouldNotTell(findings.doubted.listed())
        } else {
            Outcome::True
        };
    }
}

/// Reasons listed one by one; the rest is only counted, for a broken log can have millions.
const LISTED_MAX: usize = 20;

/// Reasons of one kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Reasons {
    first: Vec<String>,
    more: u64,
}

impl Reasons {
    fn add(&mut self, reason: String) {
        if self.first.len() < LISTED_MAX {
            self.first.push(reason);
        } else {
            self.more += 1;
        }
    }

    fn absorb(&mut self, other: Reasons) {
        self.more += other.more;
        other.first.into_iter().for_each(|reason| self.add(reason));
    }

    fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    fn listed(self) -> Vec<String> {
        let mut reasons = self.first;
        if self.more > 0 {
            reasons.push(format!("and {} more of this kind", self.more));
        }
        reasons
    }
}

/// What was found so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    refuted: Reasons,
    doubted: Reasons,
    warnings: Reasons,
}

impl Findings {
    /// Something does not fit.
    pub fn refute(&mut self, reason: impl Into<String>) {
        self.refuted.add(reason.into());
    }

    /// Something cannot be checked.
    pub fn doubt(&mut self, reason: impl Into<String>) {
        self.doubted.add(reason.into());
    }

    /// Something is odd.
    pub fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.add(warning.into());
    }

    /// Adds what was found elsewhere.
    pub fn absorb(&mut self, other: Findings) {
        self.refuted.absorb(other.refuted);
        self.doubted.absorb(other.doubted);
        self.warnings.absorb(other.warnings);
    }
}
