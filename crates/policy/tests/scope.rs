//! What `SCOPE.md` says cannot be done, cannot be done with a pack; and each test it names exists.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::{file, good, packs_folder, places, with};
use domain::limits::Ground;
use domain::organisation::OrganisationKind;
use domain::record::{Body, RecordType};
use domain::refusal::Refusal;
use goodstanding_policy::Packs;

const LIST: &str = "demo/lists/barred.toml";

/// The refusals a pack meets after `new` took the place of `old` in the list.
fn refused(old: &str, new: &str) -> Vec<u16> {
    let problems = Packs::load(&with(LIST, old, new)).map_or_else(|problems| problems, |_| vec![]);
    problems.iter().map(|found| found.problem.refusal.number()).collect()
}

/// A pack with `key` in the list's head, in an entry and as a table of its own is refused.
fn assert_no_such_key(key: &str) {
    let unknown = Refusal::PackKeyUnknown.number();
    assert_eq!(refused("zone =", &format!("{key} = \"x\"\nzone =")), [unknown], "{key}");
    assert_eq!(refused("act =", &format!("{key} = \"x\"\nact =")), [unknown], "{key}");
    assert_eq!(refused("[remedy]", &format!("[{key}]\n[remedy]")), [unknown], "{key}");
}

fn assert_no_such_subject(kind: &str) {
    let expected = [Refusal::SubjectKindRefused.number()];
    assert_eq!(refused("[\"enterprise\"]", &format!("[\"{kind}\"]")), expected, "{kind}");
    assert_eq!(OrganisationKind::from_key(kind), None);
}

fn assert_no_such_ground(ground: &str) {
    let expected = [Refusal::GroundUnknown.number()];
    assert_eq!(refused("[\"fraud\"]", &format!("[\"{ground}\"]")), expected, "{ground}");
    assert_eq!(Ground::from_key(ground), None);
}

#[test]
fn d1_no_pack_makes_a_person_a_subject() {
    for kind in ["person", "natural_person", "employee", "official", "civil_servant", "teacher"] {
        assert_no_such_subject(kind);
    }
    for kind in ["sole_trader", "judge", "lawyer", "doctor", "driver", "athlete", "director"] {
        assert_no_such_subject(kind);
    }
    for key in ["person", "legal_representative", "owner", "staff", "responsible_person"] {
        assert_no_such_key(key);
    }
}

#[test]
fn d2_no_pack_makes_speech_a_ground() {
    for ground in ["speech", "online_speech", "opinion", "publication", "rumour", "petition"] {
        assert_no_such_ground(ground);
    }
    assert_no_such_ground("belief");
    assert_no_such_subject("account");
    assert_no_such_subject("netizen");
}

#[test]
fn d3_no_pack_holds_family_or_body() {
    for ground in ["family", "birth_control", "marriage", "health", "divorce"] {
        assert_no_such_ground(ground);
    }
    assert_no_such_subject("family");
}

#[test]
fn d4_no_pack_shames() {
    for key in ["photo", "exposure", "slogan", "ringtone", "public_shaming", "appraisal"] {
        assert_no_such_key(key);
    }
    assert_no_such_ground("morality");
    assert_no_such_ground("bad_character");
}

#[test]
fn d5_no_pack_pays_informers() {
    for key in ["reward", "bounty", "informer", "payment_to_reporter"] {
        assert_no_such_key(key);
    }
}

#[test]
fn d6_no_pack_asks_for_identity_numbers() {
    for key in ["identity_number", "real_name", "phone", "device", "face"] {
        assert_no_such_key(key);
    }
}

#[test]
fn d7_no_pack_attaches_a_consequence_to_a_list() {
    // A measure stands in a file of its own, with its own law and a link to the ground: what a
    // hostile one meets is in `hostile.rs`.
    for key in ["measure", "measures", "sanction", "consequence", "restriction", "points"] {
        assert_no_such_key(key);
    }
    for path in ["demo/measures.toml", "generic/measures/travel.toml", "demo/ratings.toml"] {
        let mut files = good();
        files.push(file(path, "[measure]\n"));
        assert_eq!(places(Packs::load(&files)), [format!("{path} 413")]);
    }
}

#[test]
fn d8_no_pack_opens_a_file_on_a_household() {
    for kind in ["household", "peasant_household", "low_income_family", "tenant"] {
        assert_no_such_subject(kind);
    }
    for ground in ["arrears", "utility_arrears", "poverty", "benefit"] {
        assert_no_such_ground(ground);
    }
}

#[test]
fn d9_no_pack_names_minors_or_students() {
    for kind in ["minor", "child", "pupil", "student"] {
        assert_no_such_subject(kind);
    }
}

#[test]
fn there_is_no_score_grade_or_rank() {
    for key in ["score", "grade", "rank", "rating", "level", "colour", "weight"] {
        assert_no_such_key(key);
        for record_type in RecordType::ALL {
            assert!(!Body::field_keys(record_type).contains(&key), "{key}");
        }
    }
}

/// Everything in backticks of the page that looks like the path of a test.
fn tests_named_in(page: &str) -> BTreeSet<&str> {
    page.split('`').skip(1).step_by(2).filter(|text| text.contains("::")).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn each_test_named_in_scope_exists() {
    let root = packs_folder().join("..");
    let page = fs::read_to_string(root.join("SCOPE.md")).unwrap();
    let named = tests_named_in(&page);
    assert!(named.len() > 20, "only {} tests are named", named.len());
    for path in named {
        let parts: Vec<&str> = path.split("::").collect();
        let mut sources = Vec::new();
        rust_files(&root.join("crates").join(parts[0]), &mut sources);
        let name = parts[parts.len() - 1];
        let is_there = sources.iter().any(|source| source.contains(&format!("fn {name}(")));
        assert!(is_there, "SCOPE.md names {path}, which is not there");
    }
}

#[test]
fn scope_names_every_declined_row_and_reason() {
    let page = fs::read_to_string(packs_folder().join("../SCOPE.md")).unwrap();
    // The rows of the Outline that are declined as a whole.
    let declined = "022 039 064 085 090 094 118 122 131 138 142 144 145 148 155 157 159 162 165 \
        178 183 184 185 187 190 198 199 204 208 215 247 248 249 252 261 273 289 294 308";
    let rows: Vec<String> = declined.split_whitespace().map(|row| format!("R{row}")).collect();
    assert_eq!(rows.len(), 39);
    for row in rows {
        assert!(page.contains(&row), "{row}");
    }
    for reason in 1..=9 {
        assert!(page.contains(&format!("### D{reason}")), "D{reason}");
    }
}

#[test]
fn field_sector_and_licence_are_of_closed_lists_and_cited() {
    let with = |keys: &str, tables: &str| {
        let mut files = common::good();
        let list = files.iter_mut().find(|file| file.path.contains("/lists/")).unwrap();
        list.text = list.text.replace("zone = \"UTC\"\n", &format!("zone = \"UTC\"\n{keys}\n"));
        list.text.push_str(tables);
        Packs::load(&files)
    };
    let id = domain::text::ListId::new("demo.barred").unwrap();
    let plain = with("", "").unwrap();
    let list = plain.list(&id).unwrap();
    assert_eq!((list.field, list.sector, &list.licence), (None, None, &None));
    let licence = "\n[licence]\ninstrument = { en = \"Open licence\" }\narticle = \"whole\"\n\
                   url = \"https://board.example/licence\"\nevidence = \"source seen\"\n\
                   seen_on = 2026-11-22\n";
    let packs = with("field = \"commerce\"\nsector = \"tax\"", licence).unwrap();
    let list = packs.list(&id).unwrap();
    assert_eq!(list.field, Some(domain::coverage::Field::Commerce));
    assert_eq!(list.sector, Some(domain::coverage::Sector::Tax));
    assert_eq!(list.licence.as_ref().unwrap().short("en"), "Open licence, whole");
    for (keys, tables) in [
        ("field = \"belief\"", ""),
        ("sector = \"speech\"", ""),
        ("sector = 3", ""),
        ("", "\n[licence]\ninstrument = { en = \"Hearsay\" }\n"),
    ] {
        assert!(!with(keys, tables).unwrap_err().is_empty(), "{keys}{tables}");
    }
}
