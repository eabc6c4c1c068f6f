//! Signed answers: what holds, what does not, what cannot be told; and the vectors a stranger
//! checks a reader of their own with. `UPDATE_VECTORS=1` writes them anew.

mod support;

use std::path::PathBuf;
use std::process::Command;

use domain::civil::Instant;
use goodstanding::signed_answer::{read, sign, verify};
use ledger::SeededEntropy;
use ledger::note::{Checkpoint, SignerKey};
use ledger::verify::Outcome;
use serde_json::{Value, json};
use support::{Place, workspace};

const ORIGIN: &str = "registry.example/log";
const NOW: &str = "2026-11-25T12:00:00.000000Z";

fn key(seed: u64, name: &str) -> SignerKey {
    SignerKey::generate(&mut SeededEntropy::new(seed), name).unwrap()
}

fn answers() -> SignerKey {
    key(7, "registry.example/log/answers")
}

fn text() -> String {
    [
        "goodstanding/answer/v1",
        ORIGIN,
        "organisation 01a2057c-4644-7200-b8df-55c0b72b53e2",
        "as_of 2026-11-25T09:30:00.000000Z",
        "usable_until 2026-11-26T00:00:00.000000Z",
        "log 4633 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "known_below 4633",
        "question public_procurement procuring_entity zz 2026-11-25 -",
        "program 0.1.0",
        "pack generic 1111111111111111111111111111111111111111111111111111111111111111 2026.1",
        "pack zz 2222222222222222222222222222222222222222222222222222222222222222 2026.1 draft",
        "follows zz.ban 3 EXCLUDE mandatory 01a2057c-4747-7a7a-8ae8-c358ca03ca41 2026-01-10 - objected",
        "not zz.closer-inspection 1 01a2057c-4747-7a7a-8ae8-c358ca03ca41 other_type",
        "verdict follows",
        "This is a basis for a decision by whoever asked, for a time. It is no certificate.",
        "",
    ]
    .join("\n")
}

/// Name, note, now, what it comes to.
fn cases() -> Vec<(&'static str, String, &'static str, &'static str)> {
    let of = |text: &str| sign(text, &answers());
    let good = text();
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    let mut cases = vec![
        ("good", of(&good), NOW, "true"),
        (
            "good, nothing applies",
            of(&good
                .lines()
                .filter(|line| !line.starts_with("follows "))
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .replace("verdict follows", "verdict nothing_applies")),
            NOW,
            "true",
        ),
        ("its last instant", of(&good), "2026-11-25T23:59:59.999999Z", "true"),
        ("over", of(&good), "2026-11-26T00:00:00.000000Z", "could_not_tell"),
        ("not yet", of(&good), "2026-11-25T09:29:59.999999Z", "could_not_tell"),
        (
            "another key of that name",
            sign(&good, &key(8, "registry.example/log/answers")),
            NOW,
            "could_not_tell",
        ),
        ("signed by the log", sign(&good, &key(9, ORIGIN)), NOW, "could_not_tell"),
        ("changed after it was signed", of(&good).replace("EXCLUDE", "REVIEW"), NOW, "false"),
        ("cut short", of(&good).split_at(200).0.to_owned(), NOW, "false"),
    ];
    for (name, from, to) in [
        ("usable for ten years", "usable_until 2026", "usable_until 2036"),
        ("usable for longer than a day", "until 2026-11-26T00", "until 2026-11-26T10"),
        ("over before it began", "until 2026-11-26T00", "until 2026-11-25T09"),
        ("a verdict its lines do not bear", "verdict follows", "verdict nothing_applies"),
        ("a certificate", "It is no certificate.", "It is a certificate."),
        ("a checkpoint", "goodstanding/answer/v1", "goodstanding/answer/v2"),
        ("of another registry", "registry.example/log\n", "other.example/log\n"),
        ("it knows what was not there", "known_below 4633", "known_below 4634"),
        ("a purpose there is not", "public_procurement", "travel"),
        ("an addressee there cannot be", "procuring_entity", "employer"),
        ("an effect in small letters", "EXCLUDE", "exclude"),
        (
            "lines in another order",
            "follows zz.ban",
            "not zz.b 1 01a2057c-4747-7a7a-8ae8-c358ca03ca41 over\nfollows zz.ban",
        ),
        ("a line of its own", "verdict follows", "grade A\nverdict follows"),
    ] {
        cases.push((name, of(&with(from, to)), NOW, "false"));
    }
    cases
}

const fn key_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::True => "true",
        Outcome::False(_) => "false",
        Outcome::CouldNotTell(_) => "could_not_tell",
    }
}

#[test]
fn every_answer_comes_to_what_the_vectors_say() {
    let vkey = answers().vkey().clone();
    for (name, note, now, expected) in cases() {
        let now: Instant = now.parse().unwrap();
        let (outcome, _) = verify(&note, Some(&vkey), now);
        assert_eq!(key_of(&outcome), expected, "{name}: {outcome:?}");
        assert_eq!(key_of(&verify(&note, None, now).0), "could_not_tell", "{name}, no key");
    }
    let listed: Vec<Value> = cases()
        .iter()
        .map(|(name, note, now, outcome)| {
            json!({"name": name, "note": note, "now": now, "outcome": outcome})
        })
        .collect();
    let vectors = json!({"vkey": vkey.to_string(), "answers": listed});
    let path: PathBuf = workspace().join("spec/vectors/answers.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&vectors).unwrap());
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == text, "answers.json differs");
}

#[test]
fn no_answer_passes_for_a_checkpoint_nor_the_other_way_round() {
    let (log, now) = (key(9, ORIGIN), NOW.parse().unwrap());
    let note = sign(&text(), &log);
    assert!(Checkpoint::open(&note, log.vkey()).is_err(), "even signed by the key of the log");
    let head = Checkpoint { origin: ORIGIN.to_owned(), size: 1, root: [7; 32] };
    let (outcome, said) = verify(&head.sign(&log), Some(log.vkey()), now);
    assert_eq!((key_of(&outcome), said), ("false", None));
    // Trusting the key of the log for answers does not make it one of theirs.
    assert_eq!(key_of(&verify(&note, Some(log.vkey()), now).0), "false");
}

#[test]
fn any_line_left_out_twice_or_cut_is_noticed() {
    let text = text();
    let lines: Vec<&str> = text.lines().collect();
    for left_out in 0..lines.len() {
        let rest: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != left_out)
            .map(|(_, line)| *line)
            .collect();
        // A pack or a measure that was looked at may be missing: the signature holds the rest.
        let may_be = ["pack ", "not "].iter().any(|it| lines[left_out].starts_with(it));
        let read = read(&format!("{}\n", rest.join("\n")));
        assert_eq!(read.is_ok(), may_be, "without `{}`: {read:?}", lines[left_out]);
    }
    for end in 0..text.len() {
        assert!(text.get(..end).is_none_or(|cut| read(cut).is_err()), "cut at {end}");
    }
}

#[test]
fn the_second_verifier_agrees() {
    let folder = Place::new();
    let script = workspace().join("spec/verifier/verify.py");
    let vkey = answers().vkey().to_string();
    for (name, note, now, expected) in cases() {
        let file = folder.write("answer.txt", &note);
        let ended = Command::new("python3")
            .arg(&script)
            .arg(&file)
            .args(["--vkey", &vkey, "--now", now])
            .output();
        let Ok(ended) = ended else {
            println!("skipped: there is no python3");
            return;
        };
        // A note that does not begin like an answer is a proof of a record to it, and none.
        let codes: &[i32] = match expected {
            "true" => &[0],
            "false" if !note.starts_with("goodstanding/answer/v1") => &[1, 2],
            "false" => &[1],
            _ => &[2],
        };
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(codes.contains(&ended.status.code().unwrap()), "{name}: {said}");
    }
}
