//! Plots as SVG made here: bars with their names and figures in text. Each stands beside a table of
//! the same figures, so that nothing is said by a picture alone.

use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;

use super::shown::escaped;

/// A picture, all texts in it escaped.
pub struct Chart(String);

impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Chart {}

/// One bar.
pub struct Bar {
    /// Its name.
    pub label: String,
    /// Its length.
    pub value: u64,
    /// The figure as written.
    pub figure: String,
}

/// Width of the drawing in its own units; small, so that texts stay readable on a phone.
const WIDTH: usize = 400;
const ROW: usize = 40;
const BAR: usize = 14;
/// Letters of a name.
const LABEL: usize = 44;
const COLUMNS_HEIGHT: usize = 150;

/// Bars one below the other, each under its name. `id` is unique on the page.
pub fn bars(id: &str, title: &str, description: &str, bars: &[Bar]) -> Chart {
    let max = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let mut svg = begin(id, title, description, bars.len() * ROW + 6);
    for (n, bar) in bars.iter().enumerate() {
        let top = n * ROW;
        let length = scaled(bar.value, max, WIDTH);
        // Writing to a `String` does not fail.
        let _ = writeln!(
            svg,
            "<text x=\"0\" y=\"{}\">{}</text><text x=\"{WIDTH}\" y=\"{}\" class=\"figure\">{}</text>\
             <rect x=\"0\" y=\"{}\" width=\"{length}\" height=\"{BAR}\"></rect>",
            top + 14,
            escaped(&shortened(&bar.label)),
            top + 14,
            escaped(&bar.figure),
            top + 20
        );
    }
    svg.push_str("</svg>");
    Chart(svg)
}

/// Columns beside one another, the first and the last with their names.
pub fn columns(id: &str, title: &str, description: &str, bars: &[Bar]) -> Chart {
    let max = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let base = COLUMNS_HEIGHT + 20;
    let mut svg = begin(id, title, description, base + 24);
    let room = WIDTH / bars.len().max(1);
    for (n, bar) in bars.iter().enumerate() {
        let height = scaled(bar.value, max, COLUMNS_HEIGHT);
        let width = room.saturating_sub(2).clamp(1, 60);
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\"></rect>",
            n * room,
            base - height
        );
    }
    let highest = bars.iter().find(|bar| bar.value == max).map_or("", |bar| bar.figure.as_str());
    let _ = writeln!(svg, "<text x=\"0\" y=\"13\">{}</text>", escaped(highest));
    let _ = writeln!(
        svg,
        "<rect class=\"base\" x=\"0\" y=\"{base}\" width=\"{WIDTH}\" height=\"1\"></rect>"
    );
    if let Some(first) = bars.first() {
        let label = escaped(&first.label);
        let _ = writeln!(svg, "<text x=\"0\" y=\"{}\">{label}</text>", base + 18);
    }
    if let [_, .., last] = bars {
        let (y, label) = (base + 18, escaped(&last.label));
        let _ = writeln!(svg, "<text x=\"{WIDTH}\" y=\"{y}\" class=\"figure\">{label}</text>");
    }
    svg.push_str("</svg>");
    Chart(svg)
}

/// A name that leaves room for its figure; the table has it whole. Wide letters count twice.
fn shortened(label: &str) -> String {
    let mut room = LABEL;
    let mut short = String::new();
    for c in label.chars() {
        let width = if c < '\u{1100}' { 1 } else { 2 };
        if width > room {
            short.push('…');
            return short;
        }
        room -= width;
        short.push(c);
    }
    short
}

fn begin(id: &str, title: &str, description: &str, height: usize) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{}</title>\
         <desc id=\"{id}-desc\">{}</desc>\n",
        escaped(title),
        escaped(description)
    )
}

/// The part of `room` that `value` takes; what is not nothing is seen.
fn scaled(value: u64, max: u64, room: usize) -> usize {
    let part = u128::from(value) * room as u128 / u128::from(max);
    let part = usize::try_from(part).unwrap_or(room).min(room);
    if value > 0 { part.max(2) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: u64) -> Bar {
        Bar { label: label.to_owned(), value, figure: value.to_string() }
    }

    #[test]
    fn lengths_are_in_proportion_and_small_ones_are_seen() {
        assert_eq!(scaled(10, 10, 400), 400);
        assert_eq!(scaled(5, 10, 400), 200);
        assert_eq!(scaled(1, 1_000_000, 400), 2);
        assert_eq!(scaled(0, 1, 400), 0);
        assert_eq!(scaled(u64::MAX, u64::MAX, 400), 400);
    }

    #[test]
    fn markup_in_labels_is_text_and_an_empty_plot_is_one() {
        let chart = bars("a", "<t>", "d", &[bar("<b>", 1)]).to_string();
        assert!(!chart.contains("<b>") && !chart.contains("<t>"), "{chart}");
        assert_eq!(shortened("短名"), "短名");
        assert_eq!(shortened(&"长".repeat(30)), format!("{}…", "长".repeat(22)));
        assert!(columns("a", "t", "d", &[]).to_string().ends_with("</svg>"));
        assert!(columns("a", "t", "d", &[bar("x", 1), bar("y", 3)]).to_string().contains(">y<"));
    }
}
