//! Hostile packs: what an authority, an operator or an attacker with a text editor would like a
//! pack to do, one file each in `hostile/`, laid over the small good packs in `hostile/base`. Each
//! meets exactly the refusals that it names in its head (promise P6; I-28, I-32 to I-36, I-61,
//! I-62).

mod common;

use std::fs;
use std::path::PathBuf;

use common::{file, packs_folder, read_packs};
use domain::refusal::Refusal;
use goodstanding_policy::{PackFile, Packs};

fn folder() -> PathBuf {
    packs_folder().join("../crates/policy/tests/hostile")
}

/// The generic pack as shipped, and the invented state and city that the attacks are made on.
fn base() -> Vec<PackFile> {
    let mut files = read_packs(&packs_folder());
    files.retain(|file| file.path.starts_with("generic/"));
    files.extend(read_packs(&folder().join("base")));
    files
}

/// One attack: its name, where its file lies in the packs, and the refusals with keys it names.
struct Attack {
    name: String,
    path: String,
    refused: Vec<String>,
    text: String,
}

fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let head = |key: &str| -> Vec<String> {
            let prefix = format!("#! {key} ");
            text.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
        };
        attacks.push(Attack {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            path: head("path").concat(),
            refused: head("refused"),
            text,
        });
    }
    attacks.sort_by(|a, b| a.name.cmp(&b.name));
    attacks
}

#[test]
fn the_packs_that_are_attacked_are_good() {
    let packs = Packs::load(&base()).unwrap();
    assert_eq!((packs.catalogue().count(), packs.measures().count()), (3, 2));
}

#[test]
fn each_hostile_pack_meets_the_refusal_it_names() {
    let attacks = attacks();
    assert!(attacks.len() >= 100, "only {} attacks", attacks.len());
    let mut wrong = Vec::new();
    for attack in &attacks {
        let mut files = base();
        files.retain(|file| file.path != attack.path);
        files.push(file(&attack.path, &attack.text));
        let found = Packs::load(&files).map_or_else(|problems| problems, |_| Vec::new());
        // What another file can no longer refer to is told there; it is a consequence.
        let mut told: Vec<String> = found
            .iter()
            .filter(|found| found.file == attack.path && found.problem.row.is_some())
            .map(|found| {
                let key = found.problem.column.as_deref().unwrap_or_default();
                format!("{} {key}", found.problem.refusal.number())
            })
            .collect();
        told.sort();
        if told.is_empty() || told != attack.refused {
            wrong.push(format!("{}: expected {:?}, found {told:?}", attack.name, attack.refused));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_refusal_of_catalogue_and_measures_is_met() {
    let attacks = attacks();
    for refusal in Refusal::ALL.iter().filter(|refusal| (414..440).contains(&refusal.number())) {
        let number = refusal.number().to_string();
        let is_met = attacks
            .iter()
            .flat_map(|attack| &attack.refused)
            .any(|refused| refused.starts_with(&number));
        assert!(is_met, "no attack meets {refusal}");
    }
}

#[test]
fn no_message_repeats_what_an_attack_says() {
    for attack in attacks() {
        let mut files = base();
        files.retain(|file| file.path != attack.path);
        files.push(file(&attack.path, &attack.text));
        for problem in Packs::load(&files).unwrap_err() {
            let message = problem.to_string();
            assert!(!message.contains("Wang") && !message.contains("wang"), "{message}");
        }
    }
}
