//! The points of a subject, as it writes them: listed, or numbered in one text. A decision answers
//! each by its number, so the registry has to know where one ends and the next begins.

/// The points that `text` numbers: `1. ... 2. ...`, with a full stop, a bracket or an enumeration
/// comma after the number. `None` unless there are exactly `count` of them with something in each;
/// a single one needs no number.
///
/// ```
/// use goodstanding::cases::points::numbered;
/// let points = numbered("1. It was another river. 2. Our permit allows 20 mg.", 2).unwrap();
/// assert_eq!(points, ["It was another river.", "Our permit allows 20 mg."]);
/// assert_eq!(numbered("一、不是本公司。二、", 2), None);
/// assert_eq!(numbered("1、不是本公司。2、时间有误。", 2).unwrap().len(), 2);
/// assert_eq!(numbered("It was another river.", 1).unwrap().len(), 1);
/// assert_eq!(numbered("It was another river.", 2), None);
/// ```
pub fn numbered(text: &str, count: u32) -> Option<Vec<String>> {
    let mut points = Vec::new();
    let mut rest = text.trim();
    if count == 0 {
        return None;
    }
    if count == 1 {
        let point = after_number(rest, 1).unwrap_or(rest).trim();
        return (!point.is_empty()).then(|| vec![point.to_owned()]);
    }
    rest = after_number(rest, 1)?;
    for number in 2..=count {
        let (point, later) = split_before(rest, number)?;
        points.push(point.trim().to_owned());
        rest = later;
    }
    // One number more is one point more than was named.
    if split_before(rest, count.saturating_add(1)).is_some() {
        return None;
    }
    points.push(rest.trim().to_owned());
    points.iter().all(|point| !point.is_empty()).then_some(points)
}

const MARKS: [char; 6] = ['.', ')', '、', '．', '）', '。'];

/// What follows `number` and its mark at the beginning of `text`.
fn after_number(text: &str, number: u32) -> Option<&str> {
    let rest = text.strip_prefix(&number.to_string())?;
    let rest = rest.strip_prefix(MARKS)?;
    // "1.5 mg" is no number of a point.
    (!rest.starts_with(|next: char| next.is_ascii_digit())).then_some(rest)
}

/// `text` before and after `number` and its mark, where that begins a word.
fn split_before(text: &str, number: u32) -> Option<(&str, &str)> {
    let digits = number.to_string();
    text.match_indices(&digits).find_map(|(at, _)| {
        let (before, from) = text.split_at_checked(at)?;
        let begins = before.ends_with(|last: char| !last.is_alphanumeric() && last != '.');
        let after_point = before.ends_with('.') && !before.ends_with("..");
        let is_word = begins || (after_point && !is_decimal(before));
        after_number(from, number).filter(|_| is_word).map(|rest| (before, rest))
    })
}

/// Whether the full stop at the end of `before` stands in a number.
fn is_decimal(before: &str) -> bool {
    before.strip_suffix('.').is_some_and(|it| it.ends_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_in_a_text_are_no_numbers_of_points() {
        let text = "1. We paid 2.5 million in 2. quarter of 2024. 2. The rest was due on 3.4.";
        // Whoever writes so lists the points instead: "in 2. quarter" reads like a second one.
        let points = numbered(text, 2).unwrap();
        assert_eq!(points[0], "We paid 2.5 million in");
        let text = "1. Limit 0.2. was kept.\n2) Not then.";
        assert_eq!(numbered(text, 2).unwrap(), ["Limit 0.2. was kept.", "Not then."]);
        assert_eq!(numbered("1. a 2. b 3. c", 2), None, "one more than named");
        assert_eq!(numbered("1. a 2.  ", 2), None, "nothing in it");
        assert_eq!(numbered("", 1), None);
        assert_eq!(numbered("no numbers", 3), None);
        assert_eq!(numbered("1. a", 0), None);
    }
}
