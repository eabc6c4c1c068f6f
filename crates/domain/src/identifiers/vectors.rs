//! Reads `spec/vectors/*.json` for tests: one vector a line, texts without escapes.

use super::{IdentifierError, claim, scheme::Scheme};

/// Every vector of `file` holds under the scheme `key`, and there are at least `least` of them.
pub(super) fn hold(key: &str, file: &str, least: usize) {
    let scheme = Scheme::new(key).unwrap();
    let mut seen = 0;
    for line in file.lines().filter(|line| line.contains("\"input\"")) {
        let (input, expected) = (value_of(line, "input"), value_of(line, "expected"));
        let (found, value) = match claim(&scheme, &input) {
            Ok(claim) => (claim.status().key(), claim.value().to_owned()),
            Err(IdentifierError::Personal) => ("personal", String::new()),
            Err(IdentifierError::SoleTrader) => ("sole_trader", String::new()),
            Err(IdentifierError::Military) => ("military", String::new()),
            Err(IdentifierError::Shape(_)) => ("shape", String::new()),
        };
        assert_eq!(found, expected, "{line}");
        assert_eq!(value, value_of(line, "normalised"), "{line}");
        seen += 1;
    }
    assert!(seen >= least, "{seen} vectors");
}

fn value_of(line: &str, key: &str) -> String {
    let start =
        line.split_once(&format!("\"{key}\": \"")).unwrap_or_else(|| panic!("{key}: {line}")).1;
    start.split_once('"').unwrap().0.to_owned()
}
