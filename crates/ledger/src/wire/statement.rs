//! What the log says in the clear about a month that is over (spec/wire.md 2.1): figures of
//! authorities, of which no organisation can be told.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::performance::{Cell, Figure, MonthFigures, MonthStatement, SizeClass};
use serde_json::{Map, Value, json};

use super::WireError;
use super::parse::{Json, Members};

/// Authorities of one entry: each takes 2 KiB at most, an entry holds 64.
pub const AUTHORITIES_PER_PART: usize = 25;

/// One part of what is said about a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Which month.
    pub month: domain::performance::Month,
    /// This part, from 1.
    pub part: u64,
    /// Of how many.
    pub parts: u64,
    /// Authorities that have something to tell.
    pub told: MonthStatement,
}

impl Statement {
    /// Everything about a month, in as many parts as it takes; a month in which nothing happened
    /// takes one.
    pub fn parts(month: domain::performance::Month, told: MonthStatement) -> Vec<Statement> {
        let mut chunks: Vec<MonthStatement> = vec![MonthStatement::new()];
        for (authority, figures) in told.into_iter().filter(|(_, figures)| !figures.is_empty()) {
            match chunks.last_mut() {
                Some(chunk) if chunk.len() < AUTHORITIES_PER_PART => {
                    chunk.insert(authority, figures);
                }
                _ => chunks.push([(authority, figures)].into()),
            }
        }
        let parts = chunks.len() as u64;
        let numbered = (1..).zip(chunks);
        numbered.map(|(part, told)| Statement { month, part, parts, told }).collect()
    }

    pub(super) fn to_json(&self) -> Value {
        let told: Vec<Value> =
            self.told.iter().map(|(authority, told)| told_json(authority, told)).collect();
        json!({
            "k": "statistics", "month": self.month.to_string(), "part": self.part,
            "parts": self.parts, "told": told, "v": 1,
        })
    }

    pub(super) fn of(members: &Members<'_>) -> Result<Statement, WireError> {
        let text = |key: &'static str| {
            members.get(key).and_then(Json::as_str).ok_or(WireError::Member(key))
        };
        let number = |key: &'static str| {
            members.get(key).and_then(Json::as_u64).ok_or(WireError::Member(key))
        };
        let month = text("month")?.parse().map_err(|()| WireError::Member("month"))?;
        let (part, parts) = (number("part")?, number("parts")?);
        if !(1..=parts).contains(&part) {
            return Err(WireError::Member("part"));
        }
        let told = members.get("told").and_then(Json::as_array).ok_or(WireError::Member("told"))?;
        let told = told.iter().map(|told| told_of(month, told));
        // An authority named twice is lost here, and seen when the bytes are compared.
        let told = told.collect::<Option<MonthStatement>>().ok_or(WireError::Member("told"))?;
        Ok(Statement { month, part, parts, told })
    }
}

fn told_json(authority: &AuthorityKey, told: &MonthFigures) -> Value {
    let figures: Map<String, Value> = told
        .cells
        .iter()
        .filter(|(_, cell)| **cell != Cell::Shown(0))
        .map(|(figure, cell)| (figure.key().to_owned(), cell_json(*cell)))
        .collect();
    json!({
        "authority": authority.as_str(), "figures": figures, "hidden": told.hidden.key(),
        "sealed": told.sealed.map_or(WITHHELD, SizeClass::key),
    })
}

const FEW: &str = "few";
const SEVERAL: &str = "several";
const WITHHELD: &str = "withheld";

fn cell_json(cell: Cell) -> Value {
    match cell {
        Cell::Shown(count) => json!(count),
        Cell::Few => json!(FEW),
        Cell::Several => json!(SEVERAL),
        Cell::Withheld => json!(WITHHELD),
    }
}

fn told_of(
    month: domain::performance::Month,
    told: &Json<'_>,
) -> Option<(AuthorityKey, MonthFigures)> {
    let members = told.as_object().filter(|members| members.len() == 4)?;
    let text = |key: &str| members.get(key).and_then(Json::as_str);
    let authority = AuthorityKey::new(text("authority")?)?;
    let figures = members.get("figures")?.as_object()?;
    let mut cells = BTreeMap::new();
    for figure in Figure::ALL {
        if let Some(cell) = figures.get(figure.key()) {
            cells.insert(*figure, cell_of(cell)?);
        }
    }
    if cells.len() != figures.len() {
        return None;
    }
    let sealed = match text("sealed")? {
        WITHHELD => None,
        class => Some(SizeClass::from_key(class)?),
    };
    let hidden = SizeClass::from_key(text("hidden")?)?;
    Some((authority, MonthFigures { month, cells, sealed, hidden }))
}

fn cell_of(cell: &Json<'_>) -> Option<Cell> {
    match (cell.as_u64(), cell.as_str()) {
        (Some(count), _) => (count > 0).then_some(Cell::Shown(count)),
        (None, Some(FEW)) => Some(Cell::Few),
        (None, Some(SEVERAL)) => Some(Cell::Several),
        (None, Some(WITHHELD)) => Some(Cell::Withheld),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Leaf;

    const SAID: &str = concat!(
        r#"{"k":"statistics","month":"2026-10","part":1,"parts":1,"told":[{"authority":"demo.port","#,
        r#""figures":{"decision_missed":"few","notice_in_time":"several","objected":7,"upheld":"withheld"},"#,
        r#""hidden":"under_3","sealed":"3_to_9"}],"v":1}"#
    );

    #[test]
    fn a_statement_has_one_spelling() {
        let leaf = Leaf::parse(SAID.as_bytes()).unwrap();
        assert_eq!(leaf.to_bytes(), SAID.as_bytes());
        for (part, instead) in [
            ("7", "0"),
            ("7", "\"many\""),
            ("objected", "shame"),
            ("\"few\"", "-1"),
            ("demo.port", "Demo Port"),
            ("2026-10", "2026-13"),
            (r#""part":1"#, r#""part":2"#),
            ("under_3", "two"),
            ("3_to_9", "7"),
            (r#""v":1}"#, r#""v":1,"x":1}"#),
            (r#""sealed":"3_to_9""#, r#""sealed":"3_to_9","subject":"x""#),
        ] {
            assert!(SAID.contains(part));
            let text = SAID.replacen(part, instead, 1);
            assert!(Leaf::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_fullest_part_fits_an_entry() {
        let month = "2026-10".parse().unwrap();
        let cells: BTreeMap<Figure, Cell> = Figure::ALL
            .iter()
            .map(|figure| (*figure, Cell::Shown(9_007_199_254_740_991)))
            .collect();
        let told = MonthFigures { month, cells, sealed: None, hidden: SizeClass::Thousand };
        let long = "k".repeat(60);
        let authorities = (10..70).map(|n| AuthorityKey::new(&format!("{long}{n}")).unwrap());
        let told: MonthStatement = authorities.map(|key| (key, told.clone())).collect();
        let parts = Statement::parts(month, told);
        assert_eq!(parts.len(), 3);
        for part in parts {
            assert!(Leaf::Statistics(Box::new(part)).to_bytes().len() <= 65_535);
        }
        let nothing = Statement::parts(month, MonthStatement::new());
        assert_eq!((nothing.len(), nothing[0].parts), (1, 1));
    }
}
