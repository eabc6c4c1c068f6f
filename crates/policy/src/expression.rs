//! Expressions of packs (CEL), over a closed set of facts and with a bounded cost.

/// A condition over the facts a rule may read: type, ground, severity, dates, amounts, procedure;
/// never a name, nationality, language or owner (promise P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
}

impl Expression {
    /// As the pack writes it.
    pub fn text(&self) -> &str {
        &self.text
    }
}
