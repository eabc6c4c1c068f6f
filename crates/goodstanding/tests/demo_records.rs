//! The demonstration data: every row can be read, and nothing adverse is said about a real
//! organisation.

use std::collections::BTreeSet;

use domain::civil::Day;
use domain::identifiers::ClaimStatus;
use domain::limits::Ground;
use domain::names;
use domain::record::Polarity;
use domain::submission::Submission;
use goodstanding::demo::resolve_dates;
use goodstanding::shipped;
use intake::{Outcome, Profile, ReadOptions, Source};
use policy::{PackFile, Packs};

const TODAY: &str = "2026-11-22";

fn packs() -> Packs {
    let demo = shipped::demo().into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("packs/")?.to_owned();
        Some(PackFile { path, text: file.text })
    });
    Packs::load(&shipped::packs().into_iter().chain(demo).collect::<Vec<_>>()).unwrap()
}

/// What became of one planned file.
struct Read {
    file: String,
    ready: Vec<Submission>,
    already_ended: u64,
}

/// Every planned file, read as the demonstration reads it; any other outcome fails.
fn read_all(packs: &Packs) -> Vec<Read> {
    let files = shipped::demo();
    let text_of = |path: &str| files.iter().find(|file| file.path == path).unwrap().text.clone();
    let today: Day = TODAY.parse().unwrap();
    let plan: toml::Table = text_of("plan.toml").parse().unwrap();
    let mut all = Vec::new();
    // The register is read twice: once when the demonstration begins, and today.
    let is_later = |planned: &&toml::Value| planned.get("first").is_none();
    for planned in plan["import"].as_array().unwrap().iter().filter(is_later) {
        let (file, profile) =
            (planned["file"].as_str().unwrap(), planned["profile"].as_str().unwrap());
        let profile_path = format!("profiles/{profile}.toml");
        let profile = Profile::load(&profile_path, &text_of(&profile_path), packs).unwrap();
        let as_of = resolve_dates(planned["as_of"].as_str().unwrap(), today).unwrap();
        let options = ReadOptions { as_of: as_of.parse().unwrap(), partial: false };
        let text = resolve_dates(&text_of(file), today).unwrap();
        let mut read = Read { file: file.to_owned(), ready: Vec::new(), already_ended: 0 };
        intake::read(&profile, packs, &options, Source::Bytes(text.as_bytes()), &mut |row| {
            match row.outcome {
                Outcome::Ready(submission) => read.ready.push(*submission),
                Outcome::AlreadyEnded => read.already_ended += 1,
                other => panic!("{file} row {}: {:?}", row.number, other.problems()),
            }
            Ok::<(), String>(())
        })
        .unwrap();
        all.push(read);
    }
    all
}

#[test]
fn real_organisations_have_neutral_facts_only() {
    let packs = packs();
    let mut real = 0;
    for read in read_all(&packs) {
        for submission in &read.ready {
            let list = packs.list(&submission.list).unwrap();
            if list.fictional {
                let authority = packs.authority(&list.authority).unwrap();
                assert!(authority.names.in_language("en").contains("Fictional"));
                assert!(authority.names.in_language("zh").contains("虚构"));
                assert_eq!(
                    submission.organisation.country.map(|c| c.as_str().to_owned()),
                    Some("ZZ".into())
                );
            } else {
                real += 1;
                assert_eq!(list.polarity(), Polarity::Neutral, "{}", read.file);
            }
        }
    }
    assert!((950..1100).contains(&real), "{real}");
}

#[test]
fn no_fictional_organisation_has_a_real_one_as_its_twin() {
    let packs = packs();
    let (mut real, mut fictional) = (BTreeSet::new(), BTreeSet::new());
    for submission in read_all(&packs).iter().flat_map(|read| &read.ready) {
        let is_fictional = packs.list(&submission.list).unwrap().fictional;
        let keys = if is_fictional { &mut fictional } else { &mut real };
        keys.insert(names::twin_key(&submission.organisation.name.text));
    }
    assert!(fictional.len() >= 40, "{}", fictional.len());
    assert_eq!(real.intersection(&fictional).count(), 0);
}

#[test]
fn the_demonstration_shows_what_its_page_promises() {
    let packs = packs();
    let all = read_all(&packs);
    let rows: Vec<&Submission> = all.iter().flat_map(|read| &read.ready).collect();
    let grounds: BTreeSet<Ground> = rows.iter().flat_map(|row| row.grounds.clone()).collect();
    assert_eq!(grounds.len(), Ground::ALL.len(), "every ground has a case");
    assert_eq!(all.iter().map(|read| read.already_ended).sum::<u64>(), 1);
    let flagged = |row: &&&Submission| {
        let mut claims = row.organisation.claims.iter();
        claims.any(|claim| claim.status() == ClaimStatus::InvalidButOfficial)
    };
    assert_eq!(rows.iter().filter(flagged).count(), 4, "two names, a registration and a case each");
    let tomorrow = TODAY.parse::<Day>().unwrap().next();
    let ends_tomorrow = domain::civil::End::On(tomorrow);
    assert!(rows.iter().any(|row| row.period.end.as_ref() == Some(&ends_tomorrow)));
}
