//! Refusals that nothing else meets: each is told by its own number, and leaves nothing.

mod office;
mod support;

use office::{Office, pack_files, penalty};
use policy::Packs;
use support::Place;

/// What the program says when it refuses `arguments`.
fn refused(place: &Place, arguments: &[&str]) -> String {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let ended = place.run(&arguments);
    ended.expect(1);
    format!("{} {}", ended.stdout, ended.stderr)
}

#[test]
fn an_authority_that_no_pack_has_is_told_by_760() {
    let place = Place::with_registry();
    let by = ["--by", "registrar-1", "--and", "registrar-2"];
    for unknown in ["zz.nobody", "no key of an authority"] {
        let mut arguments = vec!["authority", "mandate", unknown, "--entry", "demo.permit"];
        arguments.extend(["--territory", "demo"]);
        arguments.extend(by);
        let told = refused(&place, &arguments);
        assert!(told.contains("760"), "{unknown}: {told}");
    }
}

#[test]
fn an_account_with_a_name_in_it_is_told_by_761() {
    let place = Place::new();
    let out = place.path("key");
    for account in ["officer-li", "clerk-1", "officer-01"] {
        let arguments = [
            "authority",
            "key",
            "new",
            "demo.environment-bureau",
            account,
            "--out",
            out.to_str().unwrap(),
        ];
        let told = refused(&place, &arguments);
        assert!(told.contains("761"), "{account}: {told}");
    }
    assert!(!out.exists());
}

#[test]
fn a_pack_that_nobody_adopted_carries_no_record_and_is_told_by_759() {
    let mut office = Office::new();
    let mut files = pack_files();
    let pack = files.iter_mut().find(|file| file.path == "demo/pack.toml").unwrap();
    pack.text.push_str("\n# Put there by hand.\n");
    office.packs = Packs::load(&files).unwrap();
    assert_eq!(office.submit(penalty()).unwrap_err(), [759]);
}
