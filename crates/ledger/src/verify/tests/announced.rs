//! What is said of openings against what the entries announced.

use super::*;

#[test]
fn what_is_withheld_without_an_entry_is_a_gap() {
    let mut log = small();
    log.say(6, "- withheld");
    let report = log.publish().verify();
    assert_eq!((report.outcome.exit_code(), &report.gaps[..]), (2, &[(6, 6)][..]));
    let look = |at| Some(EarlierLook { at, gaps: report.gaps.clone() });
    let young = Options { earlier: look(later().plus_hours(-24)), ..Options::at(later()) };
    assert_eq!(log.verify_with(&young).outcome.exit_code(), 2, "24 hours are still in time");
    let old = Options { earlier: look(later().plus_hours(-25)), ..Options::at(later()) };
    assert_eq!(log.verify_with(&old).outcome.exit_code(), 1);
    // The entry comes: true again.
    log.clear(Leaf::Withhold { ranges: vec![(6, 6)], fields: vec![] });
    assert_eq!(log.publish().verify_with(&old).outcome, Outcome::True);
}

#[test]
fn lines_that_contradict_the_entries_are_false() {
    for (position, line) in [
        (6, "- sealed"),
        (6, "- erased 10"),
        (6, "- clear"),
        (5, "- erased 9"),
        (5, "- erased 8"),
        (0, "- withheld"),
        (6, "- lost"),
        (6, ""),
    ] {
        let mut log = small();
        log.say(position, line);
        let report = log.publish().verify();
        assert_eq!(report.outcome.exit_code(), 1, "{position} {line}: {report:?}");
    }
}

#[test]
fn a_missing_field_must_be_named_within_a_day() {
    let mut log = small();
    let shorter = log.rows[6].line.rsplit_once('\t').unwrap().0.to_owned();
    log.rows[6].line = shorter;
    assert_eq!(log.publish().verify().outcome.exit_code(), 1);
    let soon = Options::at(at(TIME).plus_hours(24));
    assert_eq!(log.verify_with(&soon).outcome.exit_code(), 2);
    log.clear(Leaf::Erasure { ranges: vec![], fields: vec![(6, "place".into())] });
    assert_eq!(log.publish().verify().outcome, Outcome::True);
}

#[test]
fn disclosures_that_nothing_covers_are_false() {
    for extra in ["\tAAAA", "\t", "\t\t"] {
        let mut log = small();
        log.rows[6].line.push_str(extra);
        assert_eq!(log.publish().verify().outcome.exit_code(), 1, "{extra:?}");
    }
    // The same disclosure twice.
    let mut log = small();
    let last = log.rows[6].line.rsplit_once('\t').unwrap().1.to_owned();
    log.rows[6].line.push_str(&format!("\t{last}"));
    assert_eq!(log.publish().verify().outcome.exit_code(), 1);
}

#[test]
fn entries_may_not_name_the_future_nor_revive_the_erased() {
    let mut log = small();
    log.clear(Leaf::Open { ranges: vec![(11, 11)] });
    assert_eq!(log.publish().verify().outcome.exit_code(), 1);
    let mut log = small();
    log.clear(Leaf::Open { ranges: vec![(5, 5)] });
    assert_eq!(log.publish().verify().outcome.exit_code(), 1);
    let mut log = small();
    log.clear(Leaf::Open { ranges: vec![(0, u64::MAX >> 12)] });
    assert_eq!(log.publish().verify().outcome.exit_code(), 1);
}

#[test]
fn time_does_not_run_backwards() {
    let mut log = small();
    let position = log.event("2026-11-22T07:59:59.999999Z");
    log.open(vec![(position, position)]);
    assert_eq!(log.publish().verify().outcome.exit_code(), 1);
}

#[test]
fn what_is_no_entry_is_false_and_an_unknown_kind_could_not_be_told() {
    for (entry, code) in [(&b"{}"[..], 1), (br#"{"k":"state","v":1}"#, 2)] {
        let log = small();
        let mut entries: Vec<Vec<u8>> = log.rows.iter().map(|row| row.leaf.to_bytes()).collect();
        entries[1] = entry.to_vec();
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let mut spoiled = log.clone();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 11, root: root(&leaves) };
        let note = checkpoint.sign(&log.key());
        spoiled.files.insert("checkpoint".into(), note.into_bytes());
        spoiled.files.insert(entries_path(0, 11), encode_bundle(&entries).unwrap());
        spoiled.files.insert("tile/0/000.p/11".into(), leaves.concat());
        assert_eq!(spoiled.verify().outcome.exit_code(), code);
    }
}
