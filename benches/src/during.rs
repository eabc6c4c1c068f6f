//! Reading while an import runs: pages, searches, and how far the read tables are behind.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, ensure};

use crate::sampling::{Samples, sample};
use crate::{Bench, METRICS, generate, http, per_second, row};

impl Bench {
    /// Imports a fifth more while the server, on one core, answers.
    pub fn during_import(&self, records: u64) -> anyhow::Result<()> {
        let more = (records / 5).max(1);
        let csv = self.folder.join("more.csv");
        generate::ceis(&csv, records..records + more).context("generating the second file")?;
        let ids = self.organisations()?;
        let mut server = self.serve()?;
        let address = server.address.clone();
        let done = AtomicBool::new(false);
        let go_on = |_| !done.load(Ordering::Relaxed);
        let id = |number: u64| {
            let at = number.wrapping_mul(2_654_435_761) % ids.len() as u64;
            format!("/en/organisations/{}", ids.get(at as usize).map_or("", String::as_str))
        };
        let search = |number: u64| {
            let name = generate::name(number.wrapping_mul(2_654_435_761) % records);
            format!("/en/search?q={}", name.replace(' ', "+"))
        };
        let csv = csv.to_string_lossy().into_owned();
        let (imported, pages, searches, entries, seconds) = std::thread::scope(|scope| {
            let pages = scope.spawn(|| http::measure_while(&address, go_on, id));
            let searches = scope.spawn(|| http::measure_while(&address, go_on, search));
            let entries = scope.spawn(|| lag(&done, "goodstanding_projection_lag_entries "));
            let seconds = scope.spawn(|| lag(&done, "goodstanding_projection_lag_seconds "));
            let imported =
                self.run_watched(&["import", "--partial", "--profile", "ceis", &csv, "--json"]);
            done.store(true, Ordering::Relaxed);
            (imported, pages.join(), searches.join(), entries.join(), seconds.join())
        });
        server.child.kill()?;
        server.child.wait()?;
        let (took, answer, memory) = imported?;
        ensure!(answer["accepted"].as_u64() == Some(more), "not all accepted: {answer}");
        let figure =
            format!("{:.0} records/s ({:.1} s)", per_second(more, took), took.as_secs_f64());
        row("import of a fifth more while pages are read", figure, "".into(), "".into());
        memory.rows("that import");
        for (what, measured) in [("organisation page", pages), ("search by name", searches)] {
            let measured = measured.map_err(|_| anyhow::anyhow!("a client died"))??;
            let what = format!("{what} while importing, server on one core, two clients");
            row(&what, format!("{measured}"), "".into(), "".into());
        }
        for (what, samples) in [("entries", entries), ("seconds", seconds)] {
            let samples = samples.map_err(|_| anyhow::anyhow!("a sampler died"))?;
            row(
                &format!("read tables behind while importing, {what}"),
                format!(
                    "median {:.1}, p99 {:.1}, most {:.1}",
                    samples.quantile(0.5),
                    samples.quantile(0.99),
                    samples.most()
                ),
                "".into(),
                "".into(),
            );
        }
        Ok(())
    }
}

/// A figure of the server, again and again.
fn lag(done: &AtomicBool, figure: &str) -> Samples {
    sample(done, || {
        let text = http::body(METRICS, "/metrics").ok()?;
        text.lines().find_map(|line| line.strip_prefix(figure))?.parse().ok()
    })
}
