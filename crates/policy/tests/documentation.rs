//! The example in `docs/authorities/packs.md` is a pack, and what the page says about it is so.

mod common;

use std::fs;

use common::{file, good, packs_folder};
use domain::limits::Ground;
use domain::record::RecordType;
use domain::text::ListId;
use goodstanding_policy::{PackFile, Packs, hash_of};

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

fn with_generic(example: &[PackFile]) -> Vec<PackFile> {
    let mut files = good();
    files.retain(|file| file.path.starts_with("generic/"));
    files.extend_from_slice(example);
    files
}

#[test]
fn the_example_of_the_page_loads() {
    let example = example(&page());
    assert_eq!(example.len(), 3);
    let packs = Packs::load(&with_generic(&example)).unwrap();
    let list = packs.list(&ListId::new("demo.barred").unwrap()).unwrap();
    assert!(list.fictional && list.entries.len() == 1 && list.remedy.is_some());
    assert_eq!(packs.pack_of(&list.id).unwrap().hash, hash_of(&example));
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
