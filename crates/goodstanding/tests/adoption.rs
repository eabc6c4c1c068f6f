//! Packs in the hands of an operator: adopted by two, in force at once, heavier things used after
//! the notice, nothing made longer that stands, and a crash that leaves nothing or all.

mod office;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant as Clocked};

use domain::adoption::{MandateAdopted, ReviewerPair};
use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, Territory};
use domain::civil::Instant;
use domain::event::EventBody;
use domain::refusal::Refusal;
use due_process::case::State;
use goodstanding::adoption::{self, CandidateError, Told};
use goodstanding::cases::{By, CaseError, Desk};
use goodstanding::clock::{Clock, FixedClock};
use goodstanding::laws;
use goodstanding::registry::Registry;
use goodstanding::setup::{self, SetupError};
use goodstanding::simulation::{self, Direction, Sink};
use ledger::LedgerReader;
use office::{Office, notice, pack_files, penalty, reviewer, uphold, verify};
use policy::PackFile;
use policy::diff::Of;
use serde_json::{Value, json};
use support::{PROGRAM, Place, mixed};

const PENALTY: &str = "demo/catalogue/penalty-environment.toml";

/// Writes the pack `name` with changes in its files beside the registry, under a version of its
/// own.
fn draft(folder: &Path, name: &str, version: &str, changes: &[(&str, &str, &str)]) -> PathBuf {
    let root = folder.join(format!("draft-{name}-{version}"));
    for file in pack_files().iter().filter(|file| file.path.starts_with(&format!("{name}/"))) {
        let mut text = file.text.clone();
        for (_, old, new) in changes.iter().filter(|(path, _, _)| *path == file.path) {
            assert!(text.contains(old), "{}: {old}", file.path);
            text = text.replace(old, new);
        }
        if file.path.ends_with("/pack.toml") {
            let line = text.lines().find(|line| line.starts_with("version")).unwrap().to_owned();
            text = text.replace(&line, &format!("version = \"{version}\""));
        }
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root.join(name)
}

/// What a general environment penalty may last: in the draft `years`, as shipped one.
fn with_years(folder: &Path, version: &str, years: u16) -> PathBuf {
    // The first `1 years` of the file is the longest general term.
    let change = format!("value = {years}\nunit = \"years\"");
    let text = pack_files().into_iter().find(|file| file.path == PENALTY).unwrap().text;
    let (head, tail) = text.split_once("[term.max]\nvalue = 1\nunit = \"years\"").unwrap();
    let text = format!("{head}[term.max]\n{change}{tail}");
    let pack = draft(folder, "demo", version, &[]);
    fs::write(pack.join("catalogue/penalty-environment.toml"), text).unwrap();
    pack
}

fn adopt(office: &mut Office, folder: &Path) -> Result<Told, Vec<u16>> {
    adopt_and(office, folder, false)
}

fn adopt_and(office: &mut Office, folder: &Path, withdraw: bool) -> Result<Told, Vec<u16>> {
    let by = ReviewerPair::new(reviewer("registrar-1"), reviewer("registrar-2")).unwrap();
    let told = {
        let mut desk = office.desk();
        let candidate =
            adoption::candidate(&office.directory(), folder, &office.packs, desk.laws());
        let candidate = candidate.map_err(|error| numbers(&error))?;
        adoption::adopt(&mut desk, &candidate, &by, withdraw).map_err(|error| match error {
            CaseError::Refused(problems) => office::numbers(problems),
            other => panic!("{other}"),
        })?
    };
    office.packs = setup::load_packs(&office.directory()).unwrap();
    Ok(told)
}

fn numbers(error: &CandidateError) -> Vec<u16> {
    match error {
        CandidateError::Refused(problem) => vec![problem.refusal.number()],
        CandidateError::Setup(SetupError::Refused(problems)) => {
            problems.iter().map(|found| found.problem.refusal.number()).collect()
        }
        CandidateError::Setup(other) => panic!("{other}"),
    }
}

fn penalty_until(end: &str) -> Value {
    let mut request = another();
    request["end"] = end.into();
    request
}

/// Another act than that of most records here.
fn another() -> Value {
    let mut request = penalty();
    request["conduct"] = json!({"from": "2026-04-01", "to": "2026-04-02"});
    request
}

fn publish(office: &Office) -> domain::ids::RecordId {
    publish_with(office, &[])
}

/// A record whose decision names these measures.
fn publish_with(office: &Office, measures: &[&str]) -> domain::ids::RecordId {
    let record = office.submit(penalty()).unwrap().record;
    let mut served = notice();
    let today = office.clock.now().day_in(&"Asia/Shanghai".parse().unwrap()).to_string();
    served["notice"]["served_on"] = today.into();
    served["notice"]["measures"] = json!(measures);
    office.act(record, served, &office.key("officer-1")).unwrap();
    office.window_over(record);
    let today = office.clock.now().day_in(&"Asia/Shanghai".parse().unwrap()).to_string();
    let mut decision = uphold(&today, 0);
    decision["outcome"]["measures"] = json!(measures);
    office.act(record, decision, &office.key("decider-1")).unwrap();
    office.standstill_over(record);
    assert_eq!(office.state(record), State::Published);
    record
}

#[test]
fn i11_adopting_longer_terms_leaves_every_record_its_end() {
    let mut office = Office::new();
    let record = publish(&office);
    let before = office.desk().case(record).unwrap().unwrap().case.term;
    let folder = office.folder.path().to_owned();
    adopt(&mut office, &with_years(&folder, "2026.2", 9)).unwrap();
    // Long after the notice, too: the record keeps the rules of its own day.
    office.clock.advance(24 * 60);
    let desk_case = office.desk().case(record).unwrap().unwrap();
    assert_eq!(desk_case.case.term, before);
    let end = before.end_at.unwrap();
    office.clock.set(Instant::from_micros(end.micros() - 1));
    assert_eq!(office.state(record), State::Published);
    office.clock.set(end);
    assert_eq!(office.state(record), State::Expired);
    assert_eq!(office.shown(), None);
    verify(&office.directory());
}

/// The pack with another longest and another shortest general term of the environment penalty.
fn with_term(folder: &Path, version: &str, max: &str, changes: &[(&str, &str)]) -> PathBuf {
    let mut text = pack_files().into_iter().find(|file| file.path == PENALTY).unwrap().text;
    let longest = "[term.max]\nvalue = 1\nunit = \"years\"";
    for (old, new) in [(longest, format!("[term.max]\n{max}").as_str())].iter().chain(changes) {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    let pack = draft(folder, "demo", version, &[]);
    fs::write(pack.join("catalogue/penalty-environment.toml"), text).unwrap();
    pack
}

const FOUR_MONTHS: &str = "value = 4\nunit = \"months\"";

#[test]
fn i11_adopting_a_shorter_term_ends_records_that_stand_earlier_and_nothing_makes_it_longer_again() {
    let mut office = Office::new();
    let record = publish(&office);
    let term = |office: &Office| office.desk().case(record).unwrap().unwrap().case.term;
    let before = term(&office);
    let folder = office.folder.path().to_owned();
    let told = adopt(&mut office, &with_term(&folder, "2026.2", FOUR_MONTHS, &[])).unwrap();
    let shorter = term(&office);
    let zone = "Asia/Shanghai".parse::<domain::civil::Zone>().unwrap();
    let last = before.start.unwrap().plus_months(4);
    assert_eq!(shorter.end_at, Some(zone.end_of(last)));
    assert!(shorter.end_at < before.end_at && shorter.original_end_at == shorter.end_at);
    assert_eq!(told.concerned.shortened.len(), 1);
    // The act stands in the log right behind the adoption, and everybody may read it.
    let steps = office.desk().case(record).unwrap().unwrap().steps;
    let (position, at, event) = steps.last().unwrap();
    assert_eq!((*position, *at), (told.position + 1, told.at));
    assert_eq!(event.step.name(), "TermShortened");
    // Longer again: the shorter one stays, also once every notice is over.
    adopt(&mut office, &with_years(&folder, "2026.3", 2)).unwrap();
    office.clock.advance(24 * 45);
    assert_eq!(term(&office), shorter);
    let end = shorter.end_at.unwrap();
    office.clock.set(Instant::from_micros(end.micros() - 1));
    assert_eq!(office.state(record), State::Published);
    assert!(office.shown().is_some());
    office.clock.set(end);
    assert_eq!(office.state(record), State::Expired);
    assert_eq!(office.shown(), None);
    verify(&office.directory());
}

#[test]
fn i11_a_term_that_is_over_under_the_shorter_law_ends_with_its_adoption() {
    let mut office = Office::new();
    let record = publish(&office);
    office.clock.advance(24 * 150);
    assert_eq!(office.state(record), State::Published);
    let folder = office.folder.path().to_owned();
    adopt(&mut office, &with_term(&folder, "2026.2", FOUR_MONTHS, &[])).unwrap();
    // Over since its day under the new law: already kept for lawful proof only.
    assert_eq!(office.state(record), State::Retired);
    assert_eq!(office.shown(), None);
    verify(&office.directory());
}

#[test]
fn i11_lighter_conditions_of_repair_hold_for_records_that_stand_and_heavier_ones_do_not() {
    let mut office = Office::new();
    let record = publish(&office);
    let folder = office.folder.path().to_owned();
    let max = "value = 1\nunit = \"years\"";
    let any = [("[repair]\n", "[repair]\nneeds = \"any\"\n")];
    adopt(&mut office, &with_term(&folder, "2026.2", max, &any)).unwrap();
    // And back to all of them: the record keeps what was lighter in between.
    adopt(&mut office, &with_term(&folder, "2026.3", max, &[])).unwrap();
    office.clock.advance(24 * 120);
    let apply = json!({
        "command": "apply_repair", "conditions": ["corrected"], "text": "Done."
    });
    let token = {
        let desk = office.desk();
        goodstanding::cases::accounts::subject_token(desk.view().registry_key(), record)
    };
    let applied = office.act(record, apply, &By::Subject(token));
    assert!(applied.is_ok(), "{applied:?}");
}

#[test]
fn t43_an_entry_that_is_dropped_takes_its_records_with_it_by_the_same_act_or_not_at_all() {
    let mut office = Office::new();
    let record = publish(&office);
    let folder = office.folder.path().to_owned();
    let path = "demo/mandates.toml";
    let entries = "[\"demo.penalty-environment\", \"demo.permit\", \"demo.commitment\"]";
    let pack = draft(&folder, "demo", "2026.2", &[(path, entries, "[\"demo.permit\"]")]);
    fs::remove_file(pack.join("catalogue/penalty-environment.toml")).unwrap();
    let size = LedgerReader::open(&office.directory()).unwrap().size().unwrap();
    let refused = adopt(&mut office, &pack).unwrap_err();
    assert_eq!(refused, [Refusal::RecordsWithoutEntry.number()]);
    assert_eq!(LedgerReader::open(&office.directory()).unwrap().size().unwrap(), size);
    let told = adopt_and(&mut office, &pack, true).unwrap();
    assert_eq!(told.concerned.repealed.len(), 1);
    assert_eq!(office.state(record), State::Withdrawn);
    verify(&office.directory());
    // Kept with an end instead, nobody's record goes.
    let mut other = Office::new();
    let record = publish(&other);
    let folder = other.folder.path().to_owned();
    let ends =
        [("in_force_from = 2020-01-01", "in_force_from = 2020-01-01\nin_force_until = 2025-01-01")];
    let max = "value = 1\nunit = \"years\"";
    adopt(&mut other, &with_term(&folder, "2026.2", max, &ends)).unwrap();
    assert_eq!(other.state(record), State::Published);
}

#[test]
fn a_case_that_runs_is_decided_by_the_law_it_began_under_or_a_lighter_one() {
    let mut office = Office::new();
    let record = office.submit(penalty()).unwrap().record;
    office.act(record, notice(), &office.key("officer-1")).unwrap();
    let folder = office.folder.path().to_owned();
    adopt(&mut office, &with_years(&folder, "2026.2", 2)).unwrap();
    office.clock.advance(24 * 45);
    let today =
        |office: &Office| office.clock.now().day_in(&"Asia/Shanghai".parse().unwrap()).to_string();
    let mut served = notice();
    served["notice"]["served_on"] = today(&office).into();
    served["notice"]["end_max"] = "2028-06-01".into();
    // Two years are in use now, and not for this case.
    let mut decision = uphold(&today(&office), 0);
    decision["outcome"]["end"] = "2028-06-01".into();
    let longer = office.act(record, decision, &office.key("decider-1"));
    let numbers = longer.unwrap_err();
    assert!(numbers.contains(&Refusal::TermTooLong.number()), "{numbers:?}");
    // A new case may, about another act.
    let new = office.submit(another()).unwrap().record;
    served["notice"]["served_on"] = today(&office).into();
    office.act(new, served, &office.key("officer-1")).unwrap();
    office.window_over(new);
    let mut decision = uphold(&today(&office), 0);
    decision["outcome"]["end"] = "2028-06-01".into();
    office.act(new, decision, &office.key("decider-1")).unwrap();
    verify(&office.directory());
}

#[test]
fn i36_what_is_new_and_adverse_waits_thirty_days_and_is_then_used_without_anything_running() {
    let mut office = Office::new();
    let folder = office.folder.path().to_owned();
    // The registry begins without the entry: its pack is the shipped one with an older version.
    let path = "demo/mandates.toml";
    let entries = "[\"demo.penalty-environment\", \"demo.permit\", \"demo.commitment\"]";
    let less = draft(&folder, "demo", "2026.2", &[(path, entries, "[\"demo.permit\"]")]);
    adopt(&mut office, &less).unwrap();
    assert_eq!(office.submit(penalty()).unwrap_err(), [704], "the mandate was taken away at once");
    let back = draft(&folder, "demo", "2026.3", &[]);
    let told = adopt(&mut office, &back).unwrap();
    let days = (told.in_use_from.micros() - told.at.micros()) / 86_400_000_000;
    assert!((29..=31).contains(&days), "{days}");
    assert_eq!(office.submit(penalty()).unwrap_err(), [Refusal::NotYetInUse.number()]);
    let waiting = office.desk().in_use(office.clock.now()).waiting.clone();
    assert!(waiting.iter().any(|it| it.of == Of::Mandate && it.until == told.in_use_from));
    office.clock.set(Instant::from_micros(told.in_use_from.micros() - 1));
    assert_eq!(office.submit(penalty()).unwrap_err(), [Refusal::NotYetInUse.number()]);
    office.clock.set(told.in_use_from);
    office.submit(penalty()).unwrap();
    verify(&office.directory());
}

#[test]
fn a_mandate_that_was_adopted_needs_none_in_a_pack_and_makes_no_other_wait() {
    let mut office = Office::new();
    let folder = office.folder.path().to_owned();
    let adopted = |office: &Office, territory: &str| {
        let in_use_from = office.clock.now().plus_hours(24 * 30);
        let mandate = MandateAdopted {
            authority: AuthorityKey::new("demo.environment-bureau").unwrap(),
            entries: vec![CatalogueKey::new("demo.penalty-environment").unwrap()],
            territory: Territory::new(territory).unwrap(),
            by: ReviewerPair::new(reviewer("registrar-1"), reviewer("registrar-2")).unwrap(),
            in_use_from,
        };
        office.desk().adopt(EventBody::MandateAdopted(Box::new(mandate))).unwrap();
        in_use_from
    };
    // Beside the mandate of the pack, which is in use, one that waits makes nothing wait.
    adopted(&office, "demo");
    office.submit(penalty()).unwrap();
    let pack = draft(&folder, "demo", "2026.2", &[]);
    fs::remove_file(pack.join("mandates.toml")).unwrap();
    adopt(&mut office, &pack).unwrap();
    assert_eq!(office.submit(another()).unwrap_err(), [Refusal::NotYetInUse.number()]);
    office.clock.advance(24 * 30);
    office.submit(another()).unwrap();
    // Elsewhere it says nothing.
    let mut elsewhere = Office::new();
    let folder = elsewhere.folder.path().to_owned();
    let pack = draft(&folder, "demo", "2026.2", &[]);
    fs::remove_file(pack.join("mandates.toml")).unwrap();
    adopt(&mut elsewhere, &pack).unwrap();
    adopted(&elsewhere, "demo-north");
    elsewhere.clock.advance(24 * 30);
    assert_eq!(elsewhere.submit(penalty()).unwrap_err(), [Refusal::MandateMissing.number()]);
    verify(&office.directory());
}

#[test]
fn a_measure_that_is_adopted_follows_from_nothing_before_its_day() {
    let mut office = Office::new();
    let folder = office.folder.path().to_owned();
    let pack = draft(&folder, "demo", "2026.2", &[]);
    fs::remove_file(pack.join("measures/closer-inspection.toml")).unwrap();
    adopt(&mut office, &pack).unwrap();
    office.clock.advance(24);
    let told = adopt(&mut office, &draft(&folder, "demo", "2026.3", &[])).unwrap();
    let first_use = |at: Instant| {
        let packs = laws::in_use_at(&office.directory(), at).unwrap().packs;
        let id = domain::case::MeasureId::new("demo.closer-inspection").unwrap();
        packs.measure(&id).map(|measure| measure.first_use.to_string())
    };
    let zone: domain::civil::Zone = "Asia/Shanghai".parse().unwrap();
    let waits = told.in_use_from.day_in(&zone).to_string();
    assert_eq!(first_use(told.at), Some(waits));
    assert_eq!(first_use(told.in_use_from).as_deref(), Some("2026-02-04"));
    assert_eq!(first_use(Instant::from_micros(told.at.micros() - 1)), None);
    // Nor does a notice or a decision name it before.
    let serve = |request: Value| {
        let record = office.submit(request).unwrap().record;
        let mut served = notice();
        let today = office.clock.now().day_in(&zone).to_string();
        served["notice"]["served_on"] = today.into();
        served["notice"]["measures"] = json!(["demo.closer-inspection"]);
        office.act(record, served, &office.key("officer-1")).map(|_| ())
    };
    assert_eq!(serve(penalty()), Err(vec![Refusal::NotYetInUse.number()]));
    office.clock.set(Instant::from_micros(told.in_use_from.micros() - 1));
    assert_eq!(serve(another()), Err(vec![Refusal::NotYetInUse.number()]));
    office.clock.set(told.in_use_from.plus_hours(24));
    let mut third = another();
    third["conduct"] = json!({"from": "2026-03-01", "to": "2026-03-02"});
    assert_eq!(serve(third), Ok(()));
}

#[test]
fn tables_made_anew_from_the_log_are_the_same_after_an_adoption() {
    let mut office = Office::new();
    let record = publish(&office);
    let folder = office.folder.path().to_owned();
    adopt(&mut office, &with_years(&folder, "2026.2", 2)).unwrap();
    office.submit(penalty_until("2027-01-31")).unwrap();
    let directory = office.directory();
    let findings = goodstanding::doctor::examine(&directory, &folder, office.clock.now());
    let wrong: Vec<_> = findings
        .iter()
        .filter(|finding| ["packs", "tables", "content"].contains(&finding.check))
        .filter(|finding| finding.state != goodstanding::doctor::State::Good)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    fs::remove_file(directory.join("read.db")).unwrap();
    assert_eq!(office.state(record), State::Published);
    // A version that was adopted and is not the last one any more is looked at too.
    let first = setup::load_packs(&directory).unwrap();
    let stored = fs::read_dir(directory.join("packs")).unwrap().flatten();
    let older = stored
        .map(|entry| entry.path())
        .find(|path| {
            path.join("demo").is_dir() && !path.ends_with(&first.pack("demo").unwrap().hash)
        })
        .unwrap();
    let text = older.join("demo/pack.toml");
    fs::write(&text, fs::read_to_string(&text).unwrap() + "\n# changed\n").unwrap();
    let findings = goodstanding::doctor::examine(&directory, &folder, office.clock.now());
    let packs = findings.iter().find(|finding| finding.check == "packs").unwrap();
    assert_eq!(packs.state, goodstanding::doctor::State::Wrong, "{packs:?}");
    assert!(Desk::open(&directory, &office.packs, &office.clock).is_err(), "never a guess");
}

#[test]
fn hostile_packs_are_refused_by_number_and_leave_nothing() {
    let office = Office::new();
    let directory = office.directory();
    let hostile = support::workspace().join("crates/policy/tests/hostile");
    let base: Vec<PackFile> = setup::pack_files_under(&hostile.join("base")).unwrap();
    let size = LedgerReader::open(&directory).unwrap().size().unwrap();
    let stored = support::files(&directory.join("packs"));
    let desk = office.desk();
    let (mut tried, mut adopted) = (0, Vec::new());
    for entry in fs::read_dir(&hostile).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let place = text.lines().find_map(|line| line.strip_prefix("#! path ")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let attack = PackFile { path: place.to_owned(), text: text.clone() };
        let files = base.iter().filter(|file| file.path != place).chain([&attack]);
        for file in files {
            let to = folder.path().join(&file.path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, &file.text).unwrap();
        }
        tried += 1;
        let found = adoption::candidate(&directory, folder.path(), &office.packs, desk.laws());
        match found {
            Err(CandidateError::Setup(SetupError::Refused(problems))) => {
                assert!(!problems.is_empty());
            }
            other => adopted.push(format!("{}: {other:?}", path.display())),
        }
    }
    assert!(tried >= 100, "{tried}");
    assert!(adopted.is_empty(), "{}", adopted.join("\n"));
    assert_eq!(LedgerReader::open(&directory).unwrap().size().unwrap(), size);
    assert_eq!(support::files(&directory.join("packs")), stored);
}

/// A registry of the program's own, with two reviewers.
fn place() -> Place {
    let place = Place::with_registry();
    for handle in ["registrar-1", "registrar-2"] {
        place.run(&["reviewer", "add", handle]).expect(0);
    }
    place
}

fn adopt_by(place: &Place, folder: &Path, by: &str, and: &str, more: &[&str]) -> support::Ended {
    let mut arguments =
        vec!["policy", "adopt", folder.to_str().unwrap(), "--by", by, "--and", and, "--json"];
    arguments.extend(more);
    place.run(&arguments)
}

fn refusal(ended: &support::Ended) -> u64 {
    ended.expect(1).json()["error"]["refusal"].as_u64().unwrap()
}

#[test]
fn an_adoption_takes_two_reviewers_and_what_they_read() {
    let place = place();
    let folder = draft(place.folder(), "us", "2099.1", &[("us/procedure.toml", "30", "40")]);
    let [one, two] = ["registrar-1", "registrar-2"];
    assert_eq!(refusal(&adopt_by(&place, &folder, one, one, &[])), 612);
    assert_eq!(refusal(&adopt_by(&place, &folder, one, "registrar-9", &[])), 611);
    let trial = adopt_by(&place, &folder, one, two, &["--dry-run"]).expect(0).json();
    assert_eq!(trial["adopted"], false);
    let hash = trial["packs"][0]["hash"].as_str().unwrap().to_owned();
    // The files change between reading and adopting.
    let file = folder.join("procedure.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n# later\n")).unwrap();
    assert_eq!(refusal(&adopt_by(&place, &folder, one, two, &["--hash", &hash])), 791);
    fs::write(&file, text).unwrap();
    let done = adopt_by(&place, &folder, one, two, &["--hash", &hash]).expect(0).json();
    assert_eq!((&done["adopted"], &done["by"]), (&json!(true), &json!([one, two])));
    let changes = done["changes"].to_string();
    assert!(changes.contains("us: represent") && changes.contains("更宽"), "{changes}");
    assert_eq!(refusal(&adopt_by(&place, &folder, one, two, &[])), 790);
    let same = draft(place.folder(), "us", "2099.1", &[("us/procedure.toml", "30", "50")]);
    assert_eq!(refusal(&adopt_by(&place, &same, one, two, &[])), 792);
    assert_eq!(
        refusal(&adopt_by(&place, place.folder().join("registry/log").as_path(), one, two, &[])),
        793
    );
    let invented = draft(place.folder(), "demo", "2099.1", &[]);
    adopt_by(&place, &invented, one, two, &[]).expect(1);

    let list = place.run(&["policy", "list", "--json"]).expect(0).json();
    let us = list["packs"].as_array().unwrap().iter().find(|pack| pack["name"] == "us").unwrap();
    assert_eq!(us["versions"].as_array().unwrap().len(), 2);
    assert_eq!(us["versions"][1]["by"], json!([one, two]));
    assert_eq!(us["hash"], hash.as_str());
    let text = place.run(&["policy", "list"]).expect(0).stdout.clone();
    assert!(text.contains("by registrar-1 and registrar-2, entry"), "{text}");
    place.run(&["verify", place.registry().to_str().unwrap()]).expect(0);
}

#[test]
fn a_city_adopts_nothing_that_is_longer_than_what_its_state_has() {
    let place = place();
    let ceiling = ("cn-sh/catalogue/procurement-ban.toml", "value = 5\n", "value = 6\n");
    let term = |years: u16| {
        let pack = draft(place.folder(), "cn-sh", &format!("2099.{years}"), &[ceiling]);
        let path = pack.join("catalogue/procurement-ban.toml");
        let citation = fs::read_to_string(&path).unwrap();
        let (_, citation) = citation.split_once("[ceiling.citation]\n").unwrap();
        let term = format!(
            "\n[[term]]\nseverity = \"serious\"\n\n[term.max]\nvalue = {years}\nunit = \
             \"years\"\ncounting = \"first_day_not_counted\"\nend = \"any_day\"\n\n\
             [term.max.citation]\n{citation}"
        );
        fs::write(&path, fs::read_to_string(&path).unwrap() + &term).unwrap();
        pack
    };
    let longer = adopt_by(&place, &term(9), "registrar-1", "registrar-2", &[]);
    longer.expect(1);
    let said = format!("{}{}", longer.stdout, longer.stderr);
    assert!(said.contains(&Refusal::LayerLengthens.number().to_string()), "{said}");
    adopt_by(&place, &term(2), "registrar-1", "registrar-2", &[]).expect(0);
}

#[test]
fn a_version_that_shortens_the_notice_shortens_it_for_nobody_before_its_own_is_over() {
    let place = place();
    let old = "key = \"adoption.notice\"\nvalue = 30\n";
    let new = "key = \"adoption.notice\"\nvalue = 1\n";
    let changes = [("generic/procedure.toml", old, new)];
    let folder = draft(place.folder(), "generic", "2099.1", &changes);
    adopt_by(&place, &folder, "registrar-1", "registrar-2", &[]).expect(0);
    // Neither a mandate nor another pack gets by with a day.
    let packs = setup::load_packs(&place.registry()).unwrap();
    let known = packs.mandates().next().unwrap();
    let mut arguments = vec!["authority", "mandate", known.authority.as_str(), "--entry"];
    arguments.extend([known.entries[0].as_str(), "--territory", known.territory.as_str()]);
    arguments.extend(["--by", "registrar-1", "--and", "registrar-2"]);
    place.run(&arguments).expect(0);
    let us = draft(place.folder(), "us", "2099.1", &[("us/procedure.toml", "30", "40")]);
    adopt_by(&place, &us, "registrar-1", "registrar-2", &[]).expect(0);
    let reader = LedgerReader::open(&place.registry()).unwrap();
    let tables = place.registry().join("read.db");
    let desk = projections::DeskReader::open(&tables, reader.mac_key().unwrap()).unwrap();
    let mut waits = Vec::new();
    for (_, event) in desk.adoptions(&reader).unwrap() {
        let in_use_from = match &event.body {
            EventBody::PackAdopted(adopted) => adopted.in_use_from,
            EventBody::MandateAdopted(adopted) => adopted.in_use_from,
            _ => continue,
        };
        waits.push((in_use_from.micros() - event.at.micros()) / 86_400_000_000);
    }
    assert_eq!(waits.len(), 3);
    assert!(waits.iter().all(|days| (29..=31).contains(days)), "{waits:?}");
}

#[test]
fn profiles_that_rest_on_a_list_keep_it() {
    let place = place();
    let folder = draft(place.folder(), "br", "2099.1", &[]);
    fs::remove_file(folder.join("lists/ceis.toml")).unwrap();
    let ended = adopt_by(&place, &folder, "registrar-1", "registrar-2", &[]);
    ended.expect(1);
    assert!(ended.stdout.contains("ceis") || ended.stderr.contains("ceis"), "{ended:?}");
}

#[test]
fn a_list_that_was_adopted_is_read_when_its_notice_is_over() {
    let place = Place::new();
    place.run(&["init", "--origin", "test.example/log", "--pack", "br"]).expect(0);
    for handle in ["registrar-1", "registrar-2"] {
        place.run(&["reviewer", "add", handle]).expect(0);
    }
    let whole = draft(place.folder(), "us", "2099.1", &[]);
    let done = adopt_by(&place, &whole, "registrar-1", "registrar-2", &[]).expect(0).json();
    let waiting = done["waiting"].as_array().unwrap();
    assert!(waiting.iter().any(|it| it["id"] == "us.ma-dep-enforcement"), "{done}");
    let profile = support::workspace().join("profiles/ma-dep.toml");
    let file = place.write("empty.csv", "a\n1\n");
    let ended = place.run(&[
        "import",
        "--json",
        "--profile",
        profile.to_str().unwrap(),
        file.to_str().unwrap(),
    ]);
    assert_eq!(refusal(&ended), u64::from(Refusal::NotYetInUse.number()));
}

fn runs() -> u64 {
    std::env::var("GOODSTANDING_CRASH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(12)
}

#[test]
fn an_adoption_that_is_killed_leaves_nothing_or_all() {
    let start = place();
    let folder = draft(start.folder(), "us", "2099.1", &[("us/procedure.toml", "30", "40")]);
    let arguments = |place: &Place| -> Vec<String> {
        let folder = place.folder().join(folder.strip_prefix(start.folder()).unwrap());
        let texts = ["policy", "adopt", folder.to_str().unwrap(), "--by", "registrar-1", "--and"];
        let mut all: Vec<String> = texts.map(str::to_owned).to_vec();
        let registry = place.registry();
        all.extend(["registrar-2", "--dir", registry.to_str().unwrap()].map(str::to_owned));
        all
    };
    let whole = {
        let place = start.copied();
        let began = Clocked::now();
        support::run(&arguments(&place)).expect(0);
        began.elapsed()
    };
    let mut seen = BTreeMap::new();
    for run in 0..runs() {
        let place = start.copied();
        let mut child = Command::new(PROGRAM)
            .args(arguments(&place))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let share = 300 + mixed(run) % 750;
        std::thread::sleep(Duration::from_micros(
            u64::try_from(whole.as_micros()).unwrap() * share / 1_000,
        ));
        child.kill().ok();
        child.wait().unwrap();
        let list = place.run(&["policy", "list", "--json"]).expect(0).json();
        let us = list["packs"].as_array().unwrap().iter().find(|it| it["name"] == "us").unwrap();
        let versions = us["versions"].as_array().unwrap();
        let is_done = versions.len() == 2;
        assert_eq!(us["version"] == "2099.1", is_done, "run {run}: {us}");
        assert_eq!(us["adopted"], true, "run {run}: {us}");
        *seen.entry(is_done).or_insert(0) += 1;
        place.run(&["verify", place.registry().to_str().unwrap()]).expect(0);
        // Again: what was left is finished or done anew.
        let again = support::run(&arguments(&place));
        assert_eq!(again.code, i32::from(is_done), "run {run}: {again:?}");
        let list = place.run(&["policy", "list", "--json"]).expect(0).json();
        let us = list["packs"].as_array().unwrap().iter().find(|it| it["name"] == "us").unwrap();
        assert_eq!(us["versions"].as_array().unwrap().len(), 2, "run {run}");
        assert!(!place.registry().join("packs/adopting").exists() || is_done, "run {run}");
        let doctor = place.run(&["doctor", "--json"]).json();
        let packs = doctor["findings"].as_array().unwrap().iter().find(|it| it["check"] == "packs");
        assert_eq!(packs.unwrap()["state"], "good", "run {run}: {doctor}");
    }
    println!("{seen:?}");
}

/// The note is there, and the log tells what it says, or does not.
#[test]
fn a_note_of_an_adoption_counts_exactly_when_the_log_tells_it() {
    let mut office = Office::new();
    let folder = office.folder.path().to_owned();
    let directory = office.directory();
    let old = office.packs.pack("demo").unwrap().hash.clone();
    let position = LedgerReader::open(&directory).unwrap().size().unwrap();
    adopt(&mut office, &with_years(&folder, "2026.2", 2)).unwrap();
    let new = office.packs.pack("demo").unwrap().hash.clone();
    let in_force = |hash: &str| setup::put_in_force(&directory, "demo", hash).unwrap();
    let note = |text: &str| fs::write(directory.join("packs/adopting"), text).unwrap();
    let now = || setup::load_packs(&directory).unwrap().pack("demo").unwrap().hash.clone();
    // Killed after the commit: told, and the file still names the old one.
    in_force(&old);
    note(&format!("{position}\ndemo {new}\n"));
    assert_eq!(now(), new);
    // Killed before it: the note says what never was told.
    note(&format!("{}\ndemo {new}\n", position + 5));
    assert_eq!(now(), old);
    note("nonsense");
    assert!(setup::load_packs(&directory).is_err());
}

#[test]
fn a_backup_of_a_registry_with_adopted_packs_is_restored_with_all_versions() {
    let place = place();
    let folder = draft(place.folder(), "us", "2099.1", &[("us/procedure.toml", "30", "40")]);
    adopt_by(&place, &folder, "registrar-1", "registrar-2", &[]).expect(0);
    let (out, keys) = (place.path("backup"), place.path("keys"));
    place
        .run(&["backup", "--out", out.to_str().unwrap(), "--keys-out", keys.to_str().unwrap()])
        .expect(0);
    let restored = place.path("restored");
    let ended = support::run(&[
        "restore",
        "--from",
        out.to_str().unwrap(),
        "--keys",
        keys.to_str().unwrap(),
        "--nothing-later",
        "--dir",
        restored.to_str().unwrap(),
    ]);
    ended.expect(0);
    let list = |directory: &Path| {
        support::run(&["policy", "list", "--json", "--dir", directory.to_str().unwrap()])
            .expect(0)
            .json()
    };
    assert_eq!(list(&restored), list(&place.registry()));
}

#[test]
fn a_server_shows_what_was_adopted_while_it_runs() {
    let mut office = Office::new();
    let clock = std::sync::Arc::new(FixedClock::new(office.clock.now()));
    let registry = Registry::open(&office.directory(), clock).unwrap();
    assert_eq!(registry.packs().pack("demo").unwrap().version, "2026.1");
    let folder = office.folder.path().to_owned();
    adopt(&mut office, &with_years(&folder, "2026.2", 2)).unwrap();
    assert_eq!(registry.packs().pack("demo").unwrap().version, "2026.2");
    assert_eq!(registry.laws().unwrap().adopted().last().unwrap().pack, "demo");
    assert_eq!(registry.in_use(office.clock.now()).unwrap().waiting.len(), 1);
}

#[test]
fn a_simulation_says_who_would_gain_or_lose_what_from_which_day() {
    let office = Office::new();
    publish_with(&office, &["demo.closer-inspection"]);
    let folder = office.folder.path().to_owned();
    let size = LedgerReader::open(&office.directory()).unwrap().size().unwrap();
    // One measure goes, and another comes that the registry did not have.
    let pack = draft(&folder, "demo", "2026.2", &[]);
    let measure = fs::read_to_string(pack.join("measures/closer-inspection.toml")).unwrap();
    fs::remove_file(pack.join("measures/closer-inspection.toml")).unwrap();
    let new = measure.replace("demo.closer-inspection", "demo.even-closer");
    let new = new.replace("mandatory = false", "mandatory = true");
    fs::write(pack.join("measures/even-closer.toml"), new).unwrap();
    let clock = std::sync::Arc::new(FixedClock::new(office.clock.now()));
    let registry = Registry::open(&office.directory(), clock).unwrap();
    let laws = registry.laws().unwrap();
    let candidate = adoption::candidate(&office.directory(), &pack, &office.packs, &laws).unwrap();
    let out = office.folder.path().join("out.csv");
    let mut sink = Sink::new(Some(&out), 10).unwrap();
    let simulated = simulation::run(&registry, &candidate, &mut sink, &|_, _| {}).unwrap();
    let lines = sink.finish().unwrap();
    let told: Vec<_> =
        lines.iter().map(|line| (line.direction, line.measure.as_str(), line.from)).collect();
    let today = office.clock.now().day_in(&domain::civil::Zone::UTC);
    let zone = "Asia/Shanghai".parse().unwrap();
    let from = simulated.in_use_from.day_in(&zone);
    assert_eq!(
        told,
        [
            (Direction::Gains, "demo.even-closer", from),
            (Direction::Loses, "demo.closer-inspection", today),
        ]
    );
    assert_eq!((simulated.organisations, simulated.affected, simulated.lines), (1, 1, 2));
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 3);
    assert_eq!(LedgerReader::open(&office.directory()).unwrap().size().unwrap(), size);
    assert_eq!(office.packs.pack("demo").unwrap().version, "2026.1");
}
