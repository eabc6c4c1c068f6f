//! Date formats: `%Y`, `%y` (two digits), `%m`, `%d`, `%b` (English month name, short or long) and
//! literal characters.

use domain::civil::Day;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    Literal(char),
}

/// One format of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateFormat(Vec<Part>);

impl DateFormat {
    /// The format `text` describes; `None` unless it has one year, one month and one day.
    pub(crate) fn new(text: &str) -> Option<DateFormat> {
        let mut parts = Vec::new();
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            parts.push(match c {
                '%' => match characters.next()? {
                    'Y' => Part::Year,
                    'y' => Part::ShortYear,
                    'm' => Part::Month,
                    'b' => Part::MonthName,
                    'd' => Part::Day,
                    '%' => Part::Literal('%'),
                    _ => return None,
                },
                other => Part::Literal(other),
            });
        }
        let count = |wanted: &[Part]| parts.iter().filter(|part| wanted.contains(part)).count();
        let is_whole = count(&[Part::Year, Part::ShortYear]) == 1
            && count(&[Part::Month, Part::MonthName]) == 1
            && count(&[Part::Day]) == 1;
        is_whole.then_some(DateFormat(parts))
    }

    /// The day `text` says in this format.
    pub(crate) fn day(&self, text: &str) -> Option<Day> {
        let (mut year, mut month, mut day) = (0i16, 0i8, 0i8);
        let mut rest = text;
        for part in &self.0 {
            match part {
                Part::Literal(c) => rest = rest.strip_prefix(*c)?,
                Part::Year => {
                    let digits = rest.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
                    year = digits.parse().ok()?;
                    rest = rest.get(4..)?;
                }
                Part::ShortYear => {
                    let digits = rest.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
                    let short: i16 = digits.parse().ok()?;
                    // As POSIX reads it: 69 to 99 are of the last century.
                    year = if short < 69 { 2000 + short } else { 1900 + short };
                    rest = rest.get(2..)?;
                }
                Part::Month => (month, rest) = one_or_two_digits(rest)?,
                Part::Day => (day, rest) = one_or_two_digits(rest)?,
                Part::MonthName => {
                    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                    let (name, after) = rest.split_at_checked(end)?;
                    month = month_named(name)?;
                    rest = after;
                }
            }
        }
        if rest.is_empty() { Day::new(year, month, day) } else { None }
    }
}

fn one_or_two_digits(text: &str) -> Option<(i8, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let number = text.get(..length)?.parse().ok()?;
    Some((number, text.get(length..)?))
}

fn month_named(name: &str) -> Option<i8> {
    let name = name.to_ascii_lowercase();
    let place = MONTHS
        .iter()
        .position(|month| *month == name || (name.len() == 3 && month.starts_with(&name)))?;
    i8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, text: &str, expect: Option<&str>) {
        let day = DateFormat::new(format).unwrap().day(text).map(|day| day.to_string());
        assert_eq!(day.as_deref(), expect, "{format} {text}");
    }

    #[test]
    fn formats_read_what_they_say_and_nothing_else() {
        check("%b %d, %Y", "Jul 03, 2024", Some("2024-07-03"));
        check("%b %d, %Y", "July 3, 2024", Some("2024-07-03"));
        check("%b %d, %Y", "Juli 3, 2024", None);
        check("%b %d, %Y", "Jul 03, 2024 ", None);
        check("%d/%m/%Y", "27/04/2019", Some("2019-04-27"));
        check("%d/%m/%Y", "04/27/2019", None);
        check("%m/%d/%y", "1/2/68", Some("2068-01-02"));
        check("%m/%d/%y", "1/2/69", Some("1969-01-02"));
        check("%m/%d/%y", "1/2/2004", None);
        check("%d/%m/%Y", "29/02/2019", None);
        check("%d/%m/%Y", "1/1/19", None);
        check("%Y年%m月%d日", "2024年7月3日", Some("2024-07-03"));
        check("%Y%m%d", "20240703", Some("2024-07-03"));
    }

    #[test]
    fn formats_need_year_month_and_day_once() {
        for format in ["%Y-%m", "%d", "%Y-%m-%d %d", "%Y-%b-%m-%d", "%Y-%y-%m-%d", "%"] {
            assert_eq!(DateFormat::new(format), None, "{format}");
        }
    }
}
