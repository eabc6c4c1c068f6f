//! Progress on standard error, on a terminal only: piped into a file or another program there is
//! nothing to clean up.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar or a counter that is drawn only where somebody looks.
pub struct Progress(ProgressBar);

impl Progress {
    /// Counts up to `total` with an estimate of the time left.
    pub fn bar(what: &str, total: u64) -> Progress {
        Progress::styled(
            ProgressBar::new(total),
            what,
            "{msg} {wide_bar} {human_pos}/{human_len} {eta}",
        )
    }

    /// Counts without knowing the end.
    pub fn counter(what: &str) -> Progress {
        let progress = Progress::styled(
            ProgressBar::no_length(),
            what,
            "{spinner} {msg} {human_pos} {per_sec}",
        );
        progress.0.enable_steady_tick(Duration::from_millis(120));
        progress
    }

    fn styled(bar: ProgressBar, what: &str, template: &str) -> Progress {
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        Progress(bar)
    }

    /// Moves to `position` of `total`.
    pub fn of(&self, position: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(position);
    }

    /// Moves to `position`.
    pub fn at(&self, position: u64) {
        self.0.set_position(position);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
