//! Simulation with seeds (see `support/simulate.rs`). `GOODSTANDING_SIMULATE=10000000` runs as many
//! operations; `GOODSTANDING_SEED` repeats a run.

mod support;

use support::Law;
use support::simulate::simulate;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn i01_i61_no_authority_however_bad_breaks_an_invariant() {
    let law = Law::new();
    let operations = number("GOODSTANDING_SIMULATE").unwrap_or(200_000);
    let seed = number("GOODSTANDING_SEED").unwrap_or(20_260_302);
    let began = std::time::Instant::now();
    let found = simulate(&law, seed, operations);
    println!(
        "seed {seed}: {} operations, {} organisations, {} records, {} events, {:.1} s",
        found.operations,
        found.organisations,
        found.records,
        found.events,
        began.elapsed().as_secs_f64()
    );
    println!("not seen: {:?}", found.seen.missing());
    assert!(found.breaches.is_empty(), "{}", found.breaches.join("\n"));
    assert!(found.seen.off_table.is_empty(), "{:#?}", found.seen.off_table);
    assert_eq!(found.seen.unlisted_refusals(), Vec::<String>::new());
    assert!(found.organisations > 1_000);
}
