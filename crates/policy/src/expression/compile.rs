//! From text to a typed tree; everything that is not in the tree is refused here.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, ListExpr, LiteralValue, SelectExpr, operators};
use cel::parser::Parser;
use domain::case::{Procedure, Severity, Territory};
use domain::limits::{Act, AddresseeRole, Fact, Ground};
use domain::organisation::OrganisationKind;
use domain::record::RecordType;
use domain::refusal::Refusal;
use rust_decimal::Decimal;

use super::{Comparison, Expression, Test};
use crate::scope::is_within;

/// Longest text, in bytes: a condition is one line.
const TEXT_BYTES_MAX: usize = 1_000;
/// Most comparisons, values and joints an expression may have: its cost, since each is looked at
/// once.
const PARTS_MAX: usize = 64;
/// Deepest nesting of brackets. Checked before the parser sees the text, because it works through
/// brackets by recursion and would exhaust the stack.
const DEPTH_MAX: u16 = 8;
/// Most signs in a row that each take the parser one level deeper.
const SIGNS_MAX: usize = 4;

/// What an expression is compiled for.
#[derive(Debug, Clone, Copy)]
pub struct Compiling<'a> {
    /// The pack it stands in: the only territories it may name are of this pack.
    pub pack: &'a str,
    /// The facts that are known where it is used.
    pub readable: &'a [Fact],
}

/// Why a text is no expression. Holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpressionProblem {
    /// 429, 430 or 431.
    pub refusal: Refusal,
    /// What would be right.
    pub expected: &'static str,
}

const fn unreadable(expected: &'static str) -> ExpressionProblem {
    ExpressionProblem { refusal: Refusal::ExpressionUnreadable, expected }
}

const fn unknown_fact(expected: &'static str) -> ExpressionProblem {
    ExpressionProblem { refusal: Refusal::ExpressionFactRefused, expected }
}

const fn too_costly(expected: &'static str) -> ExpressionProblem {
    ExpressionProblem { refusal: Refusal::ExpressionTooCostly, expected }
}

const FACTS: &str = "known: record_type, grounds, severity, decision_date, conduct_from, \
                     conduct_to, amounts, procedure, act, kind, territory, addressee";
const VALUES: &str = "a fact is compared with a value of its own closed list";
const PLAIN: &str = "known: ==, !=, <, <=, >, >=, in, &&, ||, !, has(amounts.CNY)";
const SIDES: &str = "compare a fact with a value";

impl Expression {
    /// Compiles `text`.
    ///
    /// # Errors
    /// When it is not CEL, reads anything but the facts of `compiling`, names a value outside the
    /// closed lists, or uses what has no bounded cost.
    ///
    /// ```
    /// use domain::limits::Fact;
    /// use goodstanding_policy::expression::{Compiling, Expression};
    /// let compiling = Compiling { pack: "cn", readable: Fact::ALL };
    /// let compile = |text| Expression::compile(text, compiling);
    /// assert!(compile(r#"severity == "serious" && amounts.CNY >= 100000"#).is_ok());
    /// assert!(compile(r#"name == "Wang""#).is_err());
    /// ```
    pub fn compile(text: &str, compiling: Compiling<'_>) -> Result<Expression, ExpressionProblem> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(too_costly("at most 1,000 bytes"));
        }
        if is_deep(text) {
            return Err(too_costly("at most 8 brackets within one another"));
        }
        let parser = Parser::new();
        let parsed = parser.parse(text).map_err(|_| unreadable(PLAIN))?;
        let mut compiler = Compiler { compiling, parts: 0 };
        let test = compiler.test(&parsed)?;
        Ok(Expression { text: text.to_owned(), test })
    }
}

/// Whether `text` nests brackets deeper, or heaps more signs, than an expression needs. Brackets
/// within quotation marks count too: no value of a closed list has any.
fn is_deep(text: &str) -> bool {
    let (mut depth, mut signs) = (0_u16, 0);
    for character in text.chars() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match character {
            '!' | '-' => signs += 1,
            // A choice takes the parser deeper and is no part of an expression.
            '?' => return true,
            ' ' => {}
            _ => signs = 0,
        }
        if depth > DEPTH_MAX || signs > SIGNS_MAX {
            return true;
        }
    }
    false
}

/// Either side of a comparison.
enum Side {
    Fact(Fact),
    Amount(String),
    Text(String),
    Number(Decimal),
}

struct Compiler<'a> {
    compiling: Compiling<'a>,
    parts: usize,
}

impl Compiler<'_> {
    /// Counts one more part.
    fn spend(&mut self) -> Result<(), ExpressionProblem> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(too_costly("at most 64 comparisons, values and joints"));
        }
        Ok(())
    }

    fn test(&mut self, expression: &IdedExpr) -> Result<Test, ExpressionProblem> {
        self.spend()?;
        match &expression.expr {
            Expr::Literal(LiteralValue::Boolean(value)) => Ok(Test::Constant(*value.inner())),
            Expr::Call(call) => self.call(call),
            Expr::Select(select) if select.test => Ok(Test::HasAmount(self.currency_of(select)?)),
            Expr::Comprehension(_) => Err(too_costly("no all, exists, map or filter")),
            Expr::Ident(name) => {
                self.fact(name)?;
                Err(unreadable(SIDES))
            }
            Expr::Struct(_) | Expr::Map(_) => Err(unknown_fact(FACTS)),
            Expr::Select(select) => {
                self.currency_of(select)?;
                Err(unreadable(SIDES))
            }
            Expr::Literal(_) | Expr::List(_) | Expr::Unspecified => Err(unreadable(SIDES)),
        }
    }

    fn call(&mut self, call: &CallExpr) -> Result<Test, ExpressionProblem> {
        if call.target.is_some() {
            return Err(too_costly(PLAIN));
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => Ok(Test::Not(Box::new(self.test(inner)?))),
            (operators::LOGICAL_AND, [left, right]) => {
                Ok(Test::Both(Box::new(self.test(left)?), Box::new(self.test(right)?)))
            }
            (operators::LOGICAL_OR, [left, right]) => {
                Ok(Test::Either(Box::new(self.test(left)?), Box::new(self.test(right)?)))
            }
            (operators::IN, [value, list]) => self.membership(value, list),
            (operators::NOT_EQUALS, [left, right]) => {
                let same = self.comparison(Comparison::Same, left, right)?;
                Ok(Test::Not(Box::new(same)))
            }
            (name, [left, right]) => {
                let comparison = match name {
                    operators::EQUALS => Comparison::Same,
                    operators::LESS => Comparison::Less,
                    operators::LESS_EQUALS => Comparison::AtMost,
                    operators::GREATER => Comparison::More,
                    operators::GREATER_EQUALS => Comparison::AtLeast,
                    _ => return Err(too_costly(PLAIN)),
                };
                self.comparison(comparison, left, right)
            }
            _ => Err(too_costly(PLAIN)),
        }
    }

    /// `"fraud" in grounds`, `severity in ["general", "serious"]`, `"CNY" in amounts`.
    fn membership(&mut self, value: &IdedExpr, list: &IdedExpr) -> Result<Test, ExpressionProblem> {
        match (self.side(value)?, &list.expr) {
            (Side::Text(key), Expr::Ident(name)) => match self.fact(name)? {
                Fact::Grounds => {
                    let ground = Ground::from_key(&key).ok_or(unknown_fact(VALUES))?;
                    Ok(Test::HasGround(ground))
                }
                Fact::Amounts => Ok(Test::HasAmount(currency(&key)?)),
                _ => Err(unreadable("only grounds and amounts hold several values")),
            },
            (Side::Fact(fact), Expr::List(list)) => self.one_of(fact, list),
            _ => Err(unreadable("write `\"fraud\" in grounds` or `severity in [\"serious\"]`")),
        }
    }

    fn one_of(&mut self, fact: Fact, list: &ListExpr) -> Result<Test, ExpressionProblem> {
        if !list.optional_indices.is_empty() || list.elements.is_empty() {
            return Err(unreadable(VALUES));
        }
        let mut keys = Vec::new();
        for element in &list.elements {
            match self.side(element)? {
                Side::Text(key) => keys.push(self.value_of(fact, key)?),
                _ => return Err(unreadable(VALUES)),
            }
        }
        Ok(Test::OneOf(fact, keys))
    }

    fn comparison(
        &mut self,
        comparison: Comparison,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Result<Test, ExpressionProblem> {
        match (self.side(left)?, self.side(right)?) {
            (Side::Fact(fact), Side::Text(text)) => self.with_text(fact, comparison, text),
            (Side::Text(text), Side::Fact(fact)) => {
                self.with_text(fact, comparison.flipped(), text)
            }
            (Side::Amount(currency), Side::Number(amount)) => {
                Ok(Test::Amount(currency, comparison, amount))
            }
            (Side::Number(amount), Side::Amount(currency)) => {
                Ok(Test::Amount(currency, comparison.flipped(), amount))
            }
            _ => Err(unreadable(SIDES)),
        }
    }

    fn with_text(
        &self,
        fact: Fact,
        comparison: Comparison,
        text: String,
    ) -> Result<Test, ExpressionProblem> {
        match fact {
            Fact::DecisionDate | Fact::ConductFrom | Fact::ConductTo => {
                let day = text.parse().map_err(|_| unreadable("a day, \"YYYY-MM-DD\""))?;
                Ok(Test::Day(fact, comparison, day))
            }
            Fact::Grounds | Fact::Amounts => Err(unreadable("write `\"fraud\" in grounds`")),
            _ if comparison == Comparison::Same => {
                Ok(Test::OneOf(fact, vec![self.value_of(fact, text)?]))
            }
            _ => Err(unreadable("only days and amounts have an order")),
        }
    }

    fn side(&mut self, expression: &IdedExpr) -> Result<Side, ExpressionProblem> {
        self.spend()?;
        match &expression.expr {
            Expr::Ident(name) => match self.fact(name)? {
                Fact::Amounts => Err(unreadable("name the currency: amounts.CNY")),
                fact => Ok(Side::Fact(fact)),
            },
            Expr::Select(select) if !select.test => Ok(Side::Amount(self.currency_of(select)?)),
            Expr::Call(call) => self.side_of_call(call),
            Expr::Literal(literal) => side_of_literal(literal),
            Expr::Comprehension(_) => Err(too_costly("no all, exists, map or filter")),
            Expr::Struct(_) | Expr::Map(_) => Err(unknown_fact(FACTS)),
            Expr::Select(_) | Expr::List(_) | Expr::Unspecified => Err(unreadable(SIDES)),
        }
    }

    /// `amounts["CNY"]`; anything else that is called is no side.
    fn side_of_call(&mut self, call: &CallExpr) -> Result<Side, ExpressionProblem> {
        match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
            (operators::INDEX, None, [of, key]) => match (&of.expr, &key.expr) {
                (Expr::Ident(name), Expr::Literal(LiteralValue::String(key))) => {
                    match self.fact(name)? {
                        Fact::Amounts => Ok(Side::Amount(currency(key.inner())?)),
                        _ => Err(unreadable("only amounts have keys")),
                    }
                }
                _ => Err(unreadable("write amounts[\"CNY\"]")),
            },
            _ => Err(too_costly(PLAIN)),
        }
    }

    /// The currency of `amounts.CNY`.
    fn currency_of(&self, select: &SelectExpr) -> Result<String, ExpressionProblem> {
        match &select.operand.expr {
            Expr::Ident(name) if self.fact(name)? == Fact::Amounts => currency(&select.field),
            _ => Err(unknown_fact(FACTS)),
        }
    }

    fn fact(&self, name: &str) -> Result<Fact, ExpressionProblem> {
        let fact = Fact::from_key(name).ok_or(unknown_fact(FACTS))?;
        if !self.compiling.readable.contains(&fact) {
            return Err(unknown_fact("the fact is not known where this expression is used"));
        }
        Ok(fact)
    }

    /// `key` when it is a value of the closed list of `fact`.
    fn value_of(&self, fact: Fact, key: String) -> Result<String, ExpressionProblem> {
        let is_known = match fact {
            Fact::RecordType => RecordType::from_key(&key).is_some(),
            Fact::Severity => Severity::from_key(&key).is_some(),
            Fact::Procedure => Procedure::from_key(&key).is_some(),
            Fact::Act => Act::from_key(&key).is_some(),
            Fact::Kind => OrganisationKind::from_key(&key).is_some(),
            Fact::Addressee => AddresseeRole::from_key(&key).is_some(),
            Fact::Territory => {
                Territory::new(&key).is_some_and(|place| is_within(&place, self.compiling.pack))
            }
            Fact::Grounds
            | Fact::DecisionDate
            | Fact::ConductFrom
            | Fact::ConductTo
            | Fact::Amounts => return Err(unreadable(VALUES)),
        };
        if is_known { Ok(key) } else { Err(unknown_fact(VALUES)) }
    }
}

fn side_of_literal(literal: &LiteralValue) -> Result<Side, ExpressionProblem> {
    match literal {
        LiteralValue::String(text) => Ok(Side::Text(text.inner().to_owned())),
        LiteralValue::Int(number) => Ok(Side::Number(Decimal::from(*number.inner()))),
        LiteralValue::UInt(number) => Ok(Side::Number(Decimal::from(*number.inner()))),
        LiteralValue::Double(number) => {
            // The shortest text that reads back as the same number is the one that was written.
            let number = number.inner().to_string().parse();
            number.map(Side::Number).map_err(|_| unreadable("an amount in plain digits"))
        }
        LiteralValue::Boolean(_) | LiteralValue::Bytes(_) | LiteralValue::Null => {
            Err(unreadable(SIDES))
        }
    }
}

/// An ISO 4217 code.
fn currency(code: &str) -> Result<String, ExpressionProblem> {
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(code.to_owned()) } else { Err(unreadable("a currency, three capitals")) }
}
