//! The house rules, as tests of the repository, and tests of the rules.

use xtask::licences::Rules;
use xtask::tidy::{self, code, crates, documents, failures, files};
use xtask::tree::Tree;

#[track_caller]
fn holds(name: &str) {
    let tree = Tree::read().unwrap();
    let (_, check) = tidy::CHECKS.iter().find(|(known, _)| *known == name).unwrap();
    let breaches = check(&tree);
    assert!(breaches.is_empty(), "{name}:\n{}", breaches.join("\n"));
}

macro_rules! rules {
    ($($test:ident $name:literal)*) => {
        $(#[test]
        fn $test() {
            holds($name);
        })*

        #[test]
        fn every_rule_has_a_test() {
            let named = [$($name),*];
            assert!(tidy::CHECKS.iter().map(|(name, _)| *name).eq(named));
        }
    };
}

rules! {
    crates_depend_in_one_direction "dependency direction"
    dependencies_are_used "dependencies used"
    architecture_describes_every_crate "crates in ARCHITECTURE.md"
    architecture_names_files_that_exist "paths in ARCHITECTURE.md"
    links_resolve "links"
    coverage_is_complete_and_its_tests_exist "coverage"
    each_failure_has_a_test_that_exists "failures"
    refusals_page_equals_the_table "refusals page"
    every_refusal_has_a_test "refusals tested"
    the_state_machine_on_paper_equals_the_code "due process page"
    every_invariant_has_a_test_or_a_reason "invariants page"
    dependencies_come_from_crates_io "sources of dependencies"
    files_can_be_held_in_the_head "file length"
    lines_keep_to_100_columns "line length"
    no_machine_paths "machine paths"
    panics_have_reasons "panics"
    indexes_have_reasons "indexing"
    nothing_has_a_score "the word for ratings of persons"
    periods_of_law_are_in_packs "law outside packs"
    clocks_are_injected "clock"
    nothing_is_unfinished "unfinished"
}

#[test]
fn a_panic_without_a_reason_is_found() {
    let text = "\
fn a() {
    let x = one.unwrap();
    // Unwrap safety: two is never empty.
    let y = two
        .first()
        .unwrap();
    let z = \".unwrap()\"; // .unwrap()
}

#[cfg(test)]
mod tests {
    fn b() {
        three.unwrap();
    }
}

fn c() {
    four.expect(\"never\");
}
";
    let tree = Tree::of(&[("crates/domain/src/a.rs", text)]);
    let places: Vec<String> =
        code::panics(&tree).iter().map(|b| b.split(": ").next().unwrap().to_owned()).collect();
    assert_eq!(places, ["crates/domain/src/a.rs:2", "crates/domain/src/a.rs:18"]);
}

#[test]
fn an_index_without_a_reason_is_found() {
    let text = "\
#[derive(Debug)]
fn a(bytes: &[u8; 4], all: Vec<[u8; 2]>) {
    let x = bytes[4];
    let [first, ..] = bytes;
    // Index safety: four bytes have a third.
    let y = bytes[2];
    let z = all.iter().map(|two| two.to_vec()).collect::<Vec<_>>()[..1].to_vec();
    let fine = (&bytes[..], vec![1, 2], [3, 4], \"bytes[9]\");
    let (a, b) = text.split_at(3);
}
";
    let tree = Tree::of(&[("crates/domain/src/a.rs", text)]);
    let places: Vec<String> =
        code::indexing(&tree).iter().map(|b| b.split(": ").next().unwrap().to_owned()).collect();
    assert_eq!(places, [3, 7, 9].map(|line| format!("crates/domain/src/a.rs:{line}")));
}

#[test]
fn a_failure_without_a_test_is_found() {
    let page = "\
# What can go wrong

| what happens | test |
|---|---|
| fire | `the_house_burns` |
| flood | `nobody_wrote_this` |
| wind | none yet |
";
    let test = "#[test]\nfn the_house_burns() {}\n";
    let tree = Tree::of(&[(failures::FILE, page), ("crates/domain/tests/a.rs", test)]);
    let breaches = failures::check(&tree);
    assert_eq!(breaches.len(), 4, "{breaches:?}");
    assert!(breaches[0].contains("nobody_wrote_this"), "{breaches:?}");
    assert!(breaches[1].contains(":7:"), "{breaches:?}");
    assert!(breaches[2].contains("rows"), "{breaches:?}");
    // The page of abuse is held to the same.
    assert!(breaches[3].contains("docs/misuse.md"), "{breaches:?}");
    let tree = Tree::of(&[("docs/misuse.md", page), ("crates/domain/tests/a.rs", test)]);
    assert!(failures::check(&tree).iter().any(|it| it.contains("docs/misuse.md:6:")));
}

#[test]
fn test_modules_in_files_of_their_own_are_no_production_code() {
    let tree = Tree::of(&[
        ("crates/domain/src/names.rs", "#[cfg(test)]\nmod tests;\n"),
        ("crates/domain/src/names/tests.rs", "fn a() { x.unwrap(); }\n"),
    ]);
    assert_eq!(code::panics(&tree), Vec::<String>::new());
}

#[test]
fn an_edge_that_is_not_in_the_table_is_found() {
    let found = |path: &str, section: &str, key: &str| {
        let text = format!("[{section}]\n{key}.workspace = true\n");
        crates::direction(&Tree::of(&[(path, text.as_str())])).len()
    };
    assert_eq!(found("crates/ledger/Cargo.toml", "dependencies", "domain"), 0);
    assert_eq!(found("crates/ledger/Cargo.toml", "dependencies", "policy"), 1);
    assert_eq!(found("crates/ledger/Cargo.toml", "dev-dependencies", "intake"), 1);
    assert_eq!(found("crates/domain/Cargo.toml", "dependencies", "serde"), 1);
    assert_eq!(found("crates/somebody/Cargo.toml", "dependencies", "domain"), 1);
}

#[test]
fn a_dependency_without_use_is_found() {
    let manifest = "[dependencies]\nserde-json.workspace = true\ncsv.workspace = true\n";
    let tree = Tree::of(&[
        ("Cargo.toml", "[workspace.dependencies]\ncsv = \"1\"\nserde-json = \"1\"\nuuid = \"1\"\n"),
        ("crates/a/Cargo.toml", manifest),
        ("crates/a/src/lib.rs", "use serde_json::Value;\n"),
    ]);
    assert_eq!(
        crates::unused(&tree),
        ["crates/a/Cargo.toml: `csv` is not used", "Cargo.toml: no member uses `uuid`"]
    );
}

#[test]
fn a_score_in_code_is_found_and_one_in_a_text_is_not() {
    let found = |line: &str| {
        !code::score(&Tree::of(&[("crates/projections/src/a.rs", format!("{line}\n").as_str())]))
            .is_empty()
    };
    assert!(found("let total_score = 1;"));
    assert!(!found("// there is no score"));
    assert!(!found("let text = \"there is no score\";"));
}

#[test]
fn a_period_of_law_in_code_is_found() {
    let found = |line: &str| {
        let text = format!("{line}\n");
        !code::law(&Tree::of(&[("crates/due_process/src/a.rs", text.as_str())])).is_empty()
    };
    assert!(found("const OBJECTION_DAYS_MAX: u16 = 30;"));
    assert!(found("let end = start.plus_days(7);"));
    assert!(!found("let end = start.plus_days(1);"));
    assert!(!found("let days = rule.current_days_default;"));
    assert!(!found("// Not law: a week has seven days.\nconst WEEK_DAYS: u16 = 7;"));
}

#[test]
fn machine_paths_are_told_from_others() {
    let found =
        |line: String| !files::machine_paths(&Tree::of(&[("a.md", line.as_str())])).is_empty();
    assert!(found(format!("see /{}/main", "work")));
    assert!(found(format!("see /{}/x", "tmp")));
    assert!(!found(format!("frame{}/x", "work/")));
}

#[test]
fn broken_links_are_found() {
    let tree = Tree::of(&[("docs/a.md", "[b](b-that-is-not-there.md)\n```\n[c](c.md)\n```\n")]);
    assert_eq!(documents::links(&tree).len(), 1);
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    let rules = Rules::parse(
        "[licenses]\nallow = [\"MIT\", \"ISC\", \"Apache-2.0\"]\n\
         exceptions = [{ crate = \"roots\", allow = [\"CDLA-Permissive-2.0\"] }]\n\
         [bans]\ndeny = [{ name = \"bad\" }]\n[sources]\nallow-registry = [\"https://r\"]\n",
    )
    .unwrap();
    for allowed in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/Apache-2.0",
        "Apache-2.0 AND ISC",
        "(GPL-3.0 OR MIT) AND ISC",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
    ] {
        assert!(rules.allows(allowed), "{allowed}");
    }
    for refused in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "", "MIT MIT"] {
        assert!(!rules.allows(refused), "{refused}");
    }
    assert!(rules.breaches("good", Some("registry+https://r"), Some("MIT")).is_empty());
    let data = Some("CDLA-Permissive-2.0");
    assert!(rules.breaches("roots", None, data).is_empty());
    assert_eq!(rules.breaches("good", None, data).len(), 1);
    assert_eq!(rules.breaches("bad", Some("git+https://r"), None).len(), 3);
}
