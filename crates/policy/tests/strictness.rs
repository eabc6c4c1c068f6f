//! Whatever key is put anywhere into a pack, the pack is refused and the key's line is named
//! (I-62).

mod common;

use common::{good, packs_folder, read_packs};
use domain::refusal::Refusal;
use goodstanding_policy::Packs;
use proptest::prelude::*;

/// Lines after which a key of the same table may stand: headers, and `key = value` lines that are
/// complete on their line.
fn places_for_a_key(text: &str) -> Vec<usize> {
    // A list over several lines goes on after its first one, and texts hold signs of their own.
    let is_place = |line: &str| {
        line.starts_with('[')
            || (line.contains(" = ") && !line.starts_with('#') && !line.trim_end().ends_with('['))
    };
    text.lines().enumerate().filter(|(_, line)| is_place(line)).map(|(at, _)| at).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_unknown_key_anywhere_is_refused(
        shipped in any::<bool>(),
        file in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        key in "[a-z]{1,8}_[a-z]{1,8}",
        value in prop_oneof![Just("1"), Just("true"), Just("\"x\""), Just("[]"), Just("{}")],
    ) {
        // Known keys with an underscore; every other key of the shape is unknown everywhere.
        prop_assume!(!["record_type", "seen_on", "term_start", "first_use", "severity_rule"].contains(&key.as_str()));
        let mut files = if shipped { read_packs(&packs_folder()) } else { good() };
        let at = file.index(files.len());
        let target = &mut files[at];
        let places = places_for_a_key(&target.text);
        let after = places[place.index(places.len())];
        let mut lines: Vec<String> = target.text.lines().map(str::to_owned).collect();
        lines.insert(after + 1, format!("{key} = {value}"));
        target.text = lines.join("\n");
        let path = target.path.clone();

        let problems = Packs::load(&files).unwrap_err();
        let line = u64::try_from(after + 2).unwrap();
        prop_assert!(
            problems.iter().any(|found| found.file == path
                && found.problem.row == Some(line)
                && found.problem.refusal == Refusal::PackKeyUnknown),
            "{path}:{line} not named in {problems:?}"
        );
    }

    #[test]
    fn any_text_is_refused_or_loaded_and_never_panics(text in "\\PC{0,200}", file in any::<prop::sample::Index>()) {
        let mut files = good();
        let at = file.index(files.len());
        files[at].text = text;
        if let Err(problems) = Packs::load(&files) {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn a_pack_cut_off_anywhere_never_panics(
        cut in any::<prop::sample::Index>(),
        file in any::<prop::sample::Index>(),
    ) {
        let mut files = good();
        let at = file.index(files.len());
        let mut end = cut.index(files[at].text.len());
        while !files[at].text.is_char_boundary(end) {
            end -= 1;
        }
        files[at].text.truncate(end);
        if let Err(problems) = Packs::load(&files) {
            prop_assert!(!problems.is_empty());
        }
    }
}
