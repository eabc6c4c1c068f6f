//! The inputs that are kept, on the stable compiler: each through its target as it is, cut short,
//! and with one byte changed.

use std::fs;
use std::path::Path;

use goodstanding_fuzz::TARGETS;

#[test]
fn every_kept_input_holds_and_so_do_its_neighbours() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kept");
    for (name, target) in TARGETS {
        let mut count = 0;
        for entry in fs::read_dir(kept.join(name)).unwrap() {
            let path = entry.unwrap().path();
            let input = fs::read(&path).unwrap();
            // Shown only when it fails.
            println!("{}", path.display());
            target(&input);
            let mut changed = input.clone();
            let place = changed.len() / 3;
            if let Some(byte) = changed.get_mut(place) {
                *byte ^= 0x15;
            }
            target(&changed);
            target(&input[..input.len() / 2]);
            count += 1;
        }
        assert!(count >= 5, "{name}: {count} inputs");
    }
}

#[test]
fn the_kept_inputs_stay_small() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kept");
    let mut bytes = 0;
    for (name, _) in TARGETS {
        for entry in fs::read_dir(kept.join(name)).unwrap() {
            bytes += entry.unwrap().metadata().unwrap().len();
        }
    }
    assert!(bytes < 300 << 10, "{bytes} bytes");
}
