//! The restore drill that operators run, at small size, with the built program.

#![cfg(unix)]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use support::{PROGRAM, Place, workspace};

fn drill(arguments: &[&str]) -> (i32, String) {
    let output: Output = Command::new("sh")
        .arg(workspace().join("deploy/drill.sh"))
        .args(arguments)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

#[test]
fn a_lost_registry_comes_back_with_its_history_and_its_tables() {
    let place = Place::new();
    let folder = place.path("drill");
    let arguments = ["--records", "400", "--program", PROGRAM, folder.to_str().unwrap()];
    let (code, said) = drill(&arguments);
    assert_eq!(code, 0, "{said}");
    assert_eq!(said.matches("== equal: ").count(), 3, "{said}");
    assert!(said.ends_with("== passed\n"), "{said}");
    // The folder is not used twice.
    let (code, said) = drill(&arguments);
    assert_eq!((code, said.contains("not empty")), (2, true), "{said}");
}

#[test]
fn a_drill_that_finds_other_tables_fails() {
    let place = Place::new();
    // Tables built anew get a row that was never there.
    let text = format!(
        "#!/bin/sh\n\"{PROGRAM}\" \"$@\" || exit $?\n\
         case \"$*\" in *--at*--dump*) echo x >>\"$5\" ;; esac\n"
    );
    let program = place.write("program", &text);
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder = place.path("drill");
    let arguments =
        ["--records", "200", "--program", program.to_str().unwrap(), folder.to_str().unwrap()];
    let (code, said) = drill(&arguments);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("FAILED"), "{said}");
}

#[test]
fn a_drill_that_cannot_be_held_says_why() {
    for arguments in [
        &["--records"][..],
        &["--records", "x"],
        &["--records", "-5"],
        &["--records", "0"],
        &["--records", ""],
        &["--record", "500"],
        &["--program", "/nowhere/goodstanding"],
        &["--program"],
        &["a", "b"],
        &["--program", PROGRAM, "/proc/nowhere"],
    ] {
        let (code, said) = drill(arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.starts_with("drill: ") || said.contains("\ndrill: "), "{said}");
    }
}

#[test]
fn tables_as_text_are_refused_where_they_cannot_be() {
    let place = Place::with_registry();
    let there = place.write("there.txt", "mine");
    let there = there.to_str().unwrap();
    for arguments in [
        &["rebuild", "--dump", there][..],
        &["rebuild", "--out", there],
        &["rebuild", "--at", "5"],
        &["rebuild", "--at", "-1", "--dump", "new.txt"],
        &["rebuild", "--at", "x", "--dump", "new.txt"],
        &["rebuild", "--at", "999999", "--dump", "new.txt"],
        &["rebuild", "--at", "999999", "--out", "new.db"],
        &["rebuild", "--dump", "/nowhere/new.txt"],
        &["rebuild", "--at", "1", "--dump", "/nowhere/new.txt"],
        &["rebuild", "--dump", "a.txt", "--out", "b.db"],
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(std::fs::read_to_string(there).unwrap(), "mine");
    let now = place.path("now.txt");
    let told = place.run(&["rebuild", "--json", "--dump", now.to_str().unwrap()]).expect(0).json();
    let own = projections::dump(&place.registry().join("read.db")).unwrap();
    assert_eq!(std::fs::read_to_string(&now).unwrap(), own);
    assert_eq!(told["rows"], own.lines().count());
}
