//! What is looked at again and again while something runs: memory of a process, lag of the tables.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often is looked.
const EVERY: Duration = Duration::from_millis(250);

/// What was seen, in order of time.
#[derive(Debug, Default)]
pub struct Samples(Vec<(Duration, f64)>);

impl Samples {
    /// The largest.
    pub fn most(&self) -> f64 {
        self.0.iter().map(|(_, value)| *value).fold(0.0, f64::max)
    }

    /// The value below which `share` of the samples lie.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut values: Vec<f64> = self.0.iter().map(|(_, value)| *value).collect();
        values.sort_by(f64::total_cmp);
        let at = (values.len().saturating_sub(1) as f64 * share) as usize;
        values.get(at).copied().unwrap_or(f64::NAN)
    }

    /// The values after a quarter, half, three quarters and all of the time.
    pub fn quarters(&self) -> [f64; 4] {
        let end = self.0.last().map_or(Duration::ZERO, |(at, _)| *at);
        [0.25, 0.5, 0.75, 1.0].map(|share| {
            let until = end.mul_f64(share);
            let last = self.0.iter().take_while(|(at, _)| *at <= until).last();
            last.map_or(f64::NAN, |(_, value)| *value)
        })
    }
}

/// Looks with `look` until `done`.
pub fn sample(done: &AtomicBool, look: impl Fn() -> Option<f64>) -> Samples {
    let began = Instant::now();
    let mut samples = Samples::default();
    while !done.load(Ordering::Relaxed) {
        if let Some(value) = look() {
            samples.0.push((began.elapsed(), value));
        }
        std::thread::sleep(EVERY);
    }
    samples
}

/// Resident memory of a process in MiB, and of it what belongs to no file.
pub fn resident(process: u32) -> Option<(f64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? / 1024.0)
    };
    Some((field("VmRSS:")?, field("RssAnon:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_and_quantiles_are_of_time_and_of_values() {
        let samples = Samples((1..=8).map(|at| (Duration::from_secs(at), at as f64)).collect());
        assert_eq!(samples.quarters(), [2.0, 4.0, 6.0, 8.0]);
        assert_eq!((samples.most(), samples.quantile(0.5)), (8.0, 4.0));
        assert!(Samples::default().quantile(0.5).is_nan());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory() {
        let (all, own) = resident(std::process::id()).unwrap();
        assert!(all > 1.0 && own > 0.0 && own <= all);
    }
}
