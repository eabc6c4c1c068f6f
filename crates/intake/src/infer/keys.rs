//! Columns that tell a row from every other.

use std::collections::HashSet;

/// Rows looked at.
pub(super) const ROWS_MAX: usize = 200_000;
/// Candidates that are named.
const NAMED_MAX: usize = 3;
/// Combinations that are tried.
const TRIED_MAX: usize = 120;

/// Places of columns whose cells are filled and together never come twice, fewest columns first;
/// `candidates` in the order of preference. Rows that repeat another as a whole do not count.
pub(super) fn candidates(rows: &[Vec<u64>], candidates: &[usize]) -> Vec<Vec<usize>> {
    let different: HashSet<&Vec<u64>> = rows.iter().collect();
    let different: Vec<&Vec<u64>> = different.into_iter().collect();
    let cell = |row: &Vec<u64>, column: usize| row.get(column).copied().unwrap_or(0);
    let is_filled = |column: &&usize| different.iter().all(|row| cell(row, **column) != 0);
    let filled: Vec<usize> = candidates.iter().filter(is_filled).copied().collect();
    let is_key = |columns: &[usize]| {
        let mut seen = HashSet::with_capacity(different.len());
        different.iter().all(|row| {
            let key: Vec<u64> = columns.iter().map(|column| cell(row, *column)).collect();
            seen.insert(key)
        })
    };
    for size in 1..=3 {
        let found: Vec<Vec<usize>> = combinations(&filled, size)
            .take(TRIED_MAX)
            .filter(|columns| is_key(columns))
            .take(NAMED_MAX)
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Combinations of `size` of `items`, those of the first ones first.
fn combinations(items: &[usize], size: usize) -> Box<dyn Iterator<Item = Vec<usize>> + '_> {
    if size == 0 {
        return Box::new(std::iter::once(Vec::new()));
    }
    Box::new(items.iter().enumerate().flat_map(move |(at, item)| {
        combinations(items.get(at + 1..).unwrap_or_default(), size - 1).map(move |rest| {
            let mut columns = vec![*item];
            columns.extend(rest);
            columns
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_filled_and_never_come_twice() {
        let rows = vec![vec![1, 1, 1, 9], vec![2, 1, 2, 0], vec![2, 2, 1, 8], vec![2, 2, 1, 8]];
        // The last two rows are one; each two of the first three columns tell the others apart.
        assert_eq!(candidates(&rows, &[0, 1, 2, 3]), [[0, 1], [0, 2], [1, 2]]);
        assert_eq!(candidates(&[vec![1, 5], vec![1, 6]], &[0, 1]), [[1]]);
        assert_eq!(candidates(&[vec![1], vec![0]], &[0]), Vec::<Vec<usize>>::new());
    }
}
