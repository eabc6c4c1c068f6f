//! Every order of events to a depth, with the invariants checked in each state (see
//! `support/explore.rs`). `GOODSTANDING_EXPLORE_DEPTH=8` looks at all of it.

mod support;

use support::Law;
use support::explore::{Bounds, beginnings, explore};
use support::world::Seen;

/// As far as a minute allows.
const DEPTH: u8 = 5;

#[test]
fn i01_i61_no_order_of_events_breaks_an_invariant() {
    let law = Law::new();
    let full: Option<u8> =
        std::env::var("GOODSTANDING_EXPLORE_DEPTH").ok().and_then(|depth| depth.parse().ok());
    let mut all = Seen::default();
    let (mut states, mut steps) = (0, 0);
    for (name, world) in beginnings(&law) {
        // What has come far already needs fewer steps to come everywhere from there.
        let depth = full.unwrap_or(DEPTH) - if name == "nothing on record" { 0 } else { 2 };
        let found = explore(&world, Bounds { depth, states_max: None, is_hunt: false });
        println!("{name}: depth {depth}, {} states, {} steps", found.states, found.steps);
        assert!(found.breaches.is_empty(), "{name}:\n{}", found.breaches.join("\n"));
        all.off_table.extend(found.seen.off_table);
        all.refusals.extend(found.seen.refusals);
        states += found.states;
        steps += found.steps;
        all.states.extend(found.seen.states);
    }
    println!("{states} states, {steps} steps");
    assert!(all.off_table.is_empty(), "{:#?}", all.off_table);
    assert_eq!(all.unlisted_refusals(), Vec::<String>::new());
    assert!(states > 1_000, "{states}");
}
