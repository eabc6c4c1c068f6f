//! Periods: a number, its unit, how it is counted, and who says so. A bare number does not load.

use domain::refusal::Refusal;

use crate::citation::Citation;
use crate::strict::{Problems, Table};

/// How long quotations are current, when they are hidden, and when an import is held
/// (domain.md 5.8, I-65 and I-66).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotationRule {
    /// Days after the reading for which a quotation is current, where the profile sets none.
    pub current_days_default: u16,
    /// After this many times its current period a quotation is hidden.
    pub hidden_factor: u16,
    /// The largest share, in percent, of standing quotations that may vanish in one import.
    pub vanished_percent_max: u8,
}

/// One period as its file gives it: what a page needs to say it in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodDefinition {
    /// `table.parameter`, such as `quotation.current`.
    pub key: String,
    /// The number.
    pub value: u16,
    /// What it counts, such as `calendar_days`.
    pub unit: &'static str,
    /// How it is counted, such as `first_day_not_counted`.
    pub counting: &'static str,
    /// Who says so.
    pub citation: Citation,
}

/// A parameter the code uses, with the one unit and the one counting rule it implements. A pack
/// that means another must say so and is refused, rather than be read as something it does not say.
struct Parameter {
    key: &'static str,
    unit: &'static str,
    counting: &'static str,
    range: std::ops::RangeInclusive<u16>,
}

const CURRENT: Parameter = Parameter {
    key: "current",
    unit: "calendar_days",
    counting: "first_day_not_counted",
    range: 1..=366,
};
const HIDDEN: Parameter = Parameter {
    key: "hidden",
    unit: "times_the_current_period",
    counting: "first_day_not_counted",
    range: 1..=10,
};
const NOTICE: Parameter = Parameter {
    key: "notice",
    unit: "calendar_days",
    counting: "first_day_not_counted",
    range: 5..=366,
};
const VANISHED: Parameter = Parameter {
    key: "vanished",
    unit: "percent_of_standing_quotations",
    counting: "held_when_exceeded",
    range: 0..=100,
};

/// The periods of the generic pack.
pub(crate) struct Periods {
    pub quotation: QuotationRule,
    pub identity_notice_days: Option<u16>,
    pub all: Vec<PeriodDefinition>,
}

/// Reads `generic/periods.toml`.
pub(crate) fn read(root: &Table<'_>, problems: &mut Problems<'_>) -> Option<Periods> {
    root.only(&["quotation", "identity"], problems);
    let mut all = Vec::new();
    let quotation = read_quotation(root, &mut all, problems);
    // Packs from before there were decisions on identity have no such table, and go on to load.
    let identity_notice_days = if root.has("identity") {
        let table = root.table("identity", problems)?;
        table.only(&[NOTICE.key], problems);
        read_parameter(&table, &NOTICE, &mut all, problems)
    } else {
        None
    };
    Some(Periods { quotation: quotation?, identity_notice_days, all })
}

fn read_quotation(
    root: &Table<'_>,
    all: &mut Vec<PeriodDefinition>,
    problems: &mut Problems<'_>,
) -> Option<QuotationRule> {
    if !root.has("quotation") {
        root.missing("quotation", Refusal::PackKeyMissing, problems);
    }
    let table = root.table("quotation", problems)?;
    table.only(&[CURRENT.key, HIDDEN.key, VANISHED.key], problems);
    let current = read_parameter(&table, &CURRENT, all, problems);
    let hidden = read_parameter(&table, &HIDDEN, all, problems);
    let vanished = read_parameter(&table, &VANISHED, all, problems);
    Some(QuotationRule {
        current_days_default: current?,
        hidden_factor: hidden?,
        vanished_percent_max: u8::try_from(vanished?).ok()?,
    })
}

fn read_parameter(
    parent: &Table<'_>,
    parameter: &Parameter,
    all: &mut Vec<PeriodDefinition>,
    problems: &mut Problems<'_>,
) -> Option<u16> {
    if !parent.has(parameter.key) {
        parent.missing(parameter.key, Refusal::PackKeyMissing, problems);
    }
    let table = parent.table(parameter.key, problems)?;
    table.only(&["value", "unit", "counting", "citation"], problems);
    let value = table.number("value", parameter.range.clone(), problems);
    for (key, expected) in [("unit", parameter.unit), ("counting", parameter.counting)] {
        let Some(text) = table.text(key, Refusal::UnitMissing, problems) else { continue };
        if text.value != expected {
            let detail = format!("expected: {expected}");
            problems.add_with(text.at, &table.key(key), Refusal::UnitMissing, &detail);
        }
    }
    if !table.has("citation") {
        table.missing("citation", Refusal::CitationMissing, problems);
    }
    let citation = table.table("citation", problems)?;
    let citation = Citation::read(&citation, false, problems)?;
    if let Some(value) = value {
        let (unit, counting) = (parameter.unit, parameter.counting);
        all.push(PeriodDefinition {
            key: parent.key(parameter.key),
            value,
            unit,
            counting,
            citation,
        });
    }
    value
}
