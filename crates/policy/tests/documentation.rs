//! The example in `docs/authorities/packs.md` is a pack, and what the page says about it is so.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{file, good, packs_folder};
use domain::case::Severity;
use domain::limits::{AddresseeRole, Effect, Fact, Ground, MeasureFamily, MeasureKind};
use domain::record::RecordType;
use domain::text::ListId;
use goodstanding_policy::procedure::{PeriodKey, Unit};
use goodstanding_policy::{Level, PackFile, Packs, Scope, hash_of};

fn page() -> String {
    fs::read_to_string(packs_folder().join("../docs/authorities/packs.md")).unwrap()
}

/// The blocks that follow a line holding nothing but a path in backticks.
fn example(page: &str) -> Vec<PackFile> {
    let lines: Vec<&str> = page.lines().collect();
    let mut files = Vec::new();
    for (at, window) in lines.windows(3).enumerate() {
        let [path, "", "```toml"] = window else { continue };
        let path = path.trim_matches('`');
        let text: Vec<&str> =
            lines[at + 3..].iter().take_while(|line| **line != "```").copied().collect();
        files.push(file(path, &format!("{}\n", text.join("\n"))));
    }
    files
}

/// What the page lists as known, taken from the code: nothing of a pack is undocumented.
fn vocabulary() -> Vec<&'static str> {
    let mut keys: Vec<&str> = PeriodKey::ALL.iter().map(|key| key.key()).collect();
    keys.extend(Unit::ALL.map(Unit::key));
    keys.extend(Level::ALL.map(Level::key));
    keys.extend(Scope::NAMED.map(Scope::key));
    keys.extend(Fact::ALL.iter().map(|fact| fact.key()));
    keys.extend(MeasureKind::ALL.iter().map(|kind| kind.key()));
    keys.extend(MeasureFamily::ALL.iter().map(|family| family.key()));
    keys.extend(Effect::ALL.iter().map(|effect| effect.key()));
    keys.extend(AddresseeRole::ALL.iter().map(|role| role.key()));
    keys.extend(Severity::ALL.iter().map(|severity| severity.key()));
    keys
}

/// Every key that a reader of packs asks for: the texts in the lists given to `only`.
fn keys_of_readers() -> BTreeSet<String> {
    let source = packs_folder().join("../crates/policy/src");
    let files = [
        "calendar.rs",
        "citation.rs",
        "catalogue/read.rs",
        "list.rs",
        "load.rs",
        "measure/read.rs",
        "procedure.rs",
        "recognition.rs",
    ];
    let mut keys = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(source.join(file)).unwrap();
        let lists = ["only(&[", "let known = [", "let known =\n        [", "let parts = ["];
        for list in lists {
            for (at, _) in text.match_indices(list) {
                let rest = &text[at + list.len()..];
                let inside = &rest[..rest.find(']').unwrap()];
                keys.extend(inside.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }
    keys
}

#[test]
fn the_page_names_every_key_and_every_value_of_the_closed_lists() {
    let page = page();
    let is_named = |key: &str| {
        page.contains(&format!("`{key}`"))
            || page.contains(&format!("{key} ="))
            || page.contains(&format!("[{key}]"))
            || page.contains(&format!(".{key}]"))
    };
    let keys = keys_of_readers();
    assert!(keys.len() > 60, "only {} keys were found", keys.len());
    for key in &keys {
        assert!(is_named(key), "the key {key} is not on the page");
    }
    for key in vocabulary() {
        assert!(page.contains(&format!("`{key}`")), "{key} is not on the page");
    }
}

fn with_generic(example: &[PackFile]) -> Vec<PackFile> {
    let mut files = good();
    files.retain(|file| file.path.starts_with("generic/"));
    files.extend_from_slice(example);
    files
}

#[test]
fn the_example_of_the_page_loads() {
    let example = example(&page());
    assert_eq!(example.len(), 8);
    let packs = Packs::load(&with_generic(&example)).unwrap();
    let list = packs.list(&ListId::new("demo.barred").unwrap()).unwrap();
    assert!(list.fictional && list.entries.len() == 1 && list.remedy.is_some());
    assert_eq!(packs.pack_of(&list.id).unwrap().hash, hash_of(&example));
    assert_eq!((packs.catalogue().count(), packs.measures().count()), (1, 1));
    assert_eq!(packs.procedure("demo").unwrap().calendar.id, "demo.works");
}

#[test]
fn the_message_on_the_page_is_the_one_the_loader_gives() {
    let page = page();
    let mut example = example(&page);
    let list = example.iter_mut().find(|file| file.path.ends_with("barred.toml")).unwrap();
    let (start, end) =
        (list.text.find("[remedy]").unwrap(), list.text.find("# One entry").unwrap());
    list.text.replace_range(start..end, "");
    let problems = Packs::load(&with_generic(&example)).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(page.contains(&problems[0].to_string()), "{}", problems[0]);
}

#[test]
fn the_page_names_every_ground_and_record_type() {
    let page = page();
    for ground in Ground::ALL {
        assert!(page.contains(&format!("`{}`", ground.key())), "{}", ground.key());
    }
    for record_type in RecordType::ALL {
        assert!(page.contains(&format!("`{}`", record_type.key())), "{}", record_type.key());
    }
}
