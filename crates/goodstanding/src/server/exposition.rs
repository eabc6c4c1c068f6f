//! The text format in which figures are scraped (Prometheus text exposition, version 0.0.4).

use std::fmt::Write as _;

/// What a scraper may do with a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, and starts anew with the process.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Buckets, sum and count.
    Histogram,
}

/// Figures as text; families come one after the other, each once.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// Begins the family `name`.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One sample of the family begun last.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let open = if at == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{open}{label}=\"{text}\"");
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {}", number(value));
    }

    /// A family of one sample.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// A number as the format has it.
pub fn number(value: f64) -> String {
    if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        // `NaN` is written so by Rust as well.
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_as_the_format_says() {
        let mut text = Exposition::default();
        text.family("a_total", Kind::Counter, "Line one\nand \\ two");
        text.sample("a_total", &[("x", "q\"u\\o\nte"), ("y", "")], 3.0);
        text.single("b", Kind::Gauge, "B", 0.5);
        text.sample("b_bucket", &[("le", &number(f64::INFINITY))], 1e12);
        assert_eq!(
            text.into_text(),
            "# HELP a_total Line one\\nand \\\\ two\n# TYPE a_total counter\n\
             a_total{x=\"q\\\"u\\\\o\\nte\",y=\"\"} 3\n# HELP b B\n# TYPE b gauge\nb 0.5\n\
             b_bucket{le=\"+Inf\"} 1000000000000\n"
        );
    }
}
