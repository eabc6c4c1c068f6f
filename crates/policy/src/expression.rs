//! Expressions of packs (CEL), over a closed set of facts and with a bounded cost.
//!
//! The text is parsed by the `cel` crate and then compiled into a small typed tree. Only what the
//! tree can hold is an expression: comparisons of closed facts with closed values, of days with
//! days and of amounts with amounts, joined by and, or, not. There is no function, no loop, no
//! free text, so that no rule can depend on who the subject is (promise P6), and evaluation cannot
//! fail.

mod compile;
mod evaluate;

use std::collections::BTreeSet;
use std::fmt;

use domain::civil::Day;
use domain::limits::{Fact, Ground};
use rust_decimal::Decimal;

pub use compile::{Compiling, ExpressionProblem};
pub use evaluate::Facts;

/// A condition over the facts a rule may read: type, ground, severity, dates, amounts, procedure;
/// never a name, nationality, language or owner (promise P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
    test: Test,
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
    Same,
}

impl Comparison {
    /// The comparison with its sides changed.
    const fn flipped(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::More,
            Comparison::AtMost => Comparison::AtLeast,
            Comparison::More => Comparison::Less,
            Comparison::AtLeast => Comparison::AtMost,
            Comparison::Same => Comparison::Same,
        }
    }

    fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::More => left > right,
            Comparison::AtLeast => left >= right,
            Comparison::Same => left == right,
        }
    }
}

/// What an expression can be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// `true` or `false`.
    Constant(bool),
    Not(Box<Test>),
    Both(Box<Test>, Box<Test>),
    Either(Box<Test>, Box<Test>),
    /// A fact with a closed list of values is one of these.
    OneOf(Fact, Vec<String>),
    /// The record rests on this ground.
    HasGround(Ground),
    /// A day compares so with this day.
    Day(Fact, Comparison, Day),
    /// The amount in this currency compares so with this amount.
    Amount(String, Comparison, Decimal),
    /// There is an amount in this currency.
    HasAmount(String),
}

impl Test {
    /// Adds the facts that are read to `facts`.
    fn collect(&self, facts: &mut BTreeSet<Fact>) {
        match self {
            Test::Constant(_) => {}
            Test::Not(inner) => inner.collect(facts),
            Test::Both(left, right) | Test::Either(left, right) => {
                left.collect(facts);
                right.collect(facts);
            }
            Test::OneOf(fact, _) | Test::Day(fact, _, _) => {
                facts.insert(*fact);
            }
            Test::HasGround(_) => {
                facts.insert(Fact::Grounds);
            }
            Test::Amount(..) | Test::HasAmount(_) => {
                facts.insert(Fact::Amounts);
            }
        }
    }
}

impl Expression {
    /// As the pack writes it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The facts it reads: what an explanation of its outcome has to name.
    pub fn facts(&self) -> BTreeSet<Fact> {
        let mut facts = BTreeSet::new();
        self.test.collect(&mut facts);
        facts
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
