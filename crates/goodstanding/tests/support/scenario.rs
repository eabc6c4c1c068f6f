//! A command that writes, with each of its writes going wrong in every way.

use std::fs;

use serde_json::Value;

use super::faults::{self, Mode};
use super::{Ended, Place, mixed, run};

/// Writes tried of each command in each way, unless told otherwise.
const POINTS: u64 = 4;

/// A command that writes.
pub struct Scenario {
    /// The place it starts from.
    pub begun: fn() -> Place,
    /// The command.
    pub command: fn(&Place) -> Vec<String>,
    /// What is run after the fault: the same, unless the command says to do something else.
    pub again: fn(&Place) -> Vec<String>,
    /// Where the registry is that has to be whole.
    pub registry: &'static str,
    /// What counts of the end.
    pub settled: fn(&Place) -> Value,
    /// Seconds by which the clock of all of it is moved.
    pub moved: i64,
}

/// A command line about the registry of a place.
pub fn words(line: &[&str], place: &Place) -> Vec<String> {
    let mut words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
    words.extend(["--dir".to_owned(), path(place, "registry")]);
    words
}

/// A path of a place as text.
pub fn path(place: &Place, name: &str) -> String {
    place.path(name).to_str().unwrap().to_owned()
}

/// The writes tried of `total`: spread over all, and the same on every run.
pub fn points(total: u64) -> Vec<u64> {
    let asked = std::env::var("GOODSTANDING_FAULT_POINTS").ok();
    let wanted = match asked.as_deref() {
        Some("all") => total,
        Some(number) => number.parse().unwrap(),
        None => POINTS,
    };
    if wanted >= total {
        return (1..=total).collect();
    }
    let share = |part: u64| total * part / wanted;
    (0..wanted)
        .map(|part| share(part) + 1 + mixed(total + part) % (share(part + 1) - share(part)))
        .collect()
}

impl Scenario {
    /// Tries it.
    pub fn check(&self) {
        if !faults::available() {
            return;
        }
        let begun = (self.begun)();
        let undisturbed = begun.copied();
        let (total, ended) = faults::count(&undisturbed, &(self.command)(&undisturbed), self.moved);
        ended.expect(0);
        assert!(total > 3, "only {total} writes were seen");
        let settled = (self.settled)(&undisturbed);
        assert_ne!(settled, Value::Null);
        let mut reported = 0;
        for mode in Mode::ALL {
            for at in points(total) {
                let what = format!("write {at} of {total}, {mode:?}");
                reported += u32::from(self.try_one(&begun, mode, at, &what, &settled));
            }
        }
        assert!(reported > 0, "no fault was ever noticed");
    }

    /// Whether the program said that something went wrong.
    fn try_one(&self, begun: &Place, mode: Mode, at: u64, what: &str, settled: &Value) -> bool {
        let place = begun.copied();
        let before = checkpoint(&place, self.registry);
        let ended = faults::strike(&place, &(self.command)(&place), mode, at, self.moved);
        check_end(&ended, mode, what);
        self.verify(&place, before.as_deref(), what);
        if ended.code == 0 {
            assert_eq!((self.settled)(&place), *settled, "acknowledged and lost: {what}");
        }
        let signed = checkpoint(&place, self.registry);
        let again = self.run(&place, &(self.again)(&place));
        let was_done = ended.code != 0 && says_done(&again);
        assert!(
            again.code == 0 || was_done || ended.code == 0,
            "{what}: then {}\n{}",
            again.stderr,
            ended.stderr
        );
        self.verify(&place, signed.as_deref(), what);
        assert_eq!((self.settled)(&place), *settled, "{what}: {}", ended.stderr);
        let look = ["doctor", "--json", "--dir", &path(&place, self.registry)];
        let looked = self.run(&place, &look.map(str::to_owned));
        assert_eq!(looked.code, 0, "{what}: {}", looked.stdout);
        ended.code != 0
    }

    fn verify(&self, place: &Place, since: Option<&str>, what: &str) {
        let registry = place.path(self.registry);
        if !registry.join("truth.db").exists() {
            assert!(since.is_none(), "{what}: the registry is gone");
            return;
        }
        let mut arguments = vec!["verify".to_owned(), path(place, self.registry)];
        if let Some(note) = since {
            place.write("since.checkpoint", note);
            arguments.extend(["--since".to_owned(), path(place, "since.checkpoint")]);
        }
        let ended = self.run(place, &arguments);
        assert_eq!(ended.code, 0, "{what}: {}{}", ended.stdout, ended.stderr);
    }

    fn run(&self, place: &Place, arguments: &[String]) -> Ended {
        match self.moved {
            0 => run(arguments),
            seconds => faults::run_at(place, arguments, seconds),
        }
    }
}

/// The command had been done although it reported a failure, and says so.
fn says_done(again: &Ended) -> bool {
    let said = [
        "already holds a registry",
        "is not empty",
        "holds nothing of this id",
        "exists already",
        "[619]",
        // The step was taken, the key is registered, the packs are in force.
        "[703]",
        "[755]",
        "[790]",
    ];
    said.iter().any(|done| again.stderr.contains(done))
}

/// The program dies only if it is killed; else it says what happened and what to do.
fn check_end(ended: &Ended, mode: Mode, what: &str) {
    assert!(!ended.stderr.contains("panicked"), "{what}: {}", ended.stderr);
    match ended.code {
        0 => {}
        -1 => assert!(mode.kills(), "{what}: killed by itself"),
        2 => assert_advice(&ended.stderr, what),
        // A source that could not be read, whatever the reason; it is tried again.
        1 if ended.stdout.contains("not read") => assert_advice(&ended.stdout, what),
        code => panic!("{what}: exit {code}: {}{}", ended.stdout, ended.stderr),
    }
}

/// A failure of the disk names the state and the way out, in words.
fn assert_advice(said: &str, what: &str) {
    let advice = ["run the command again", "run `goodstanding doctor`", "give a new folder"];
    assert!(advice.iter().any(|advice| said.contains(advice)), "{what}: {said}");
}

fn checkpoint(place: &Place, registry: &str) -> Option<String> {
    fs::read_to_string(place.path(registry).join("log/checkpoint")).ok()
}
