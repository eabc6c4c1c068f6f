//! The table with documented headings, and blanks of a draft.

mod support;

use goodstanding_intake::{Outcome, Profile, Row, Source};

fn read(text: &str) -> Vec<Row> {
    let packs = support::packs();
    let profile = support::profile("generic-csv", &packs);
    support::rows(&profile, &packs, "2026-11-22", Source::Bytes(text.as_bytes())).expect("reads").0
}

fn page() -> String {
    let page = support::workspace().join("docs/authorities/generic-csv.md");
    std::fs::read_to_string(page).expect("the page")
}

#[test]
fn a_table_with_some_of_the_headings_is_read() {
    let rows = read(
        "name,kind,key,list,lei,eu_vat,gb_coh,entries,end,imposed_by,remarks,country\n\
         Example Bridges Ltd,enterprise,1,br.ceis,213800KUD8LAJWSQ9D15,DE136695976,1234567,\
         impedimento-10520,2027-01-01,Example Office,not kept,GB\n",
    );
    let Outcome::Ready(submission) = &rows[0].outcome else { panic!("{:?}", rows[0]) };
    let claims: Vec<String> =
        submission.organisation.claims.iter().map(ToString::to_string).collect();
    assert_eq!(claims, ["lei:213800KUD8LAJWSQ9D15", "eu-vat:DE136695976", "GB-COH:01234567"]);
    assert_eq!(submission.organisation.kind.key(), "enterprise");
    assert_eq!(submission.organisation.country.as_ref().map(|c| c.as_str()), Some("GB"));
    assert_eq!(submission.entries[0].as_str(), "impedimento-10520");
    assert!(!format!("{:?}", rows[0]).contains("not kept"));
}

#[test]
fn persons_and_slips_do_not_pass() {
    let head = "key,list,kind,name,entries,end,ru_inn,us_ein\n";
    for (row, number) in [
        ("1,br.ceis,person,Jo Doe,impedimento-10520,2027-01-01,,", 101),
        ("1,br.ceis,sole trader,Jo Doe,impedimento-10520,2027-01-01,,", 101),
        ("1,br.ceis,enterprise,Example Ltd,impedimento-10520,2027-01-01,500100732259,", 102),
        ("1,br.ceis,enterprise,Example Ltd,impedimento-10520,2027-01-01,,123-45-6789", 102),
        ("1,br.ceis,,Jo Doe,impedimento-10520,2027-01-01,,", 201),
        ("1,br.ceis,unstated,Jo Doe,impedimento-10520,2027-01-01,,", 201),
        ("1,br.ceis,enterprise,Example Ltd,Impedimento,2027-01-01,,", 202),
        ("1,br.ceis,enterprise,Example Ltd,surprise,2027-01-01,,", 202),
        ("1,br.ceis,enterprise,Example Ltd,,2027-01-01,,", 202),
        ("1,br.ceis,enterprise,Example Ltd,impedimento-10520,,,", 203),
        ("1,br.ceis,enterprise,Example Ltd,impedimento-10520,2027-01-01,123,", 210),
        ("1,atlantis,enterprise,Example Ltd,impedimento-10520,2027-01-01,,", 217),
        ("1,br.ceis,enterprise,Fictional Trade Union Ltd,impedimento-10520,2027-01-01,,", 103),
        (",br.ceis,enterprise,Example Ltd,impedimento-10520,2027-01-01,,", 208),
    ] {
        let rows = read(&format!("{head}{row}\n"));
        let numbers: Vec<u16> =
            rows[0].outcome.problems().iter().map(|problem| problem.refusal.number()).collect();
        assert!(numbers.contains(&number), "{row}: {:?}", rows[0].outcome);
    }
}

#[test]
fn a_heading_that_is_needed_is_missed() {
    let packs = support::packs();
    let profile = support::profile("generic-csv", &packs);
    let text = b"key,list,name\n1,br.ceis,Example Ltd\n";
    let found = support::rows(&profile, &packs, "2026-11-22", Source::Bytes(text));
    let message = format!("{:?}", found.unwrap_err());
    assert!(message.contains("ColumnMissing") && message.contains("kind"), "{message}");
}

#[test]
fn the_page_names_every_heading_and_its_example_reads() {
    let page = page();
    let packs = support::packs();
    for heading in support::profile("generic-csv", &packs).headings() {
        assert!(page.contains(&format!("`{heading}`")), "{heading}");
    }
    let example = page.split("```csv\n").nth(1).and_then(|rest| rest.split("```").next());
    let rows = read(&example.expect("an example").replace("example.exclusions", "br.ceis"));
    // The list and its entries are invented; all else has to be right.
    let numbers: Vec<u16> =
        rows[0].outcome.problems().iter().map(|problem| problem.refusal.number()).collect();
    assert_eq!(numbers, [202], "{:?}", rows[0].outcome);
}

#[test]
fn the_page_of_identifiers_names_every_scheme() {
    let page = support::workspace().join("docs/authorities/identifiers.md");
    let page = std::fs::read_to_string(page).expect("the page");
    for scheme in domain::identifiers::scheme::Scheme::known() {
        assert!(page.contains(&format!("| `{}` |", scheme.key())), "{}", scheme.key());
    }
}

#[test]
fn blanks_of_a_draft_are_told_line_by_line_and_never_taken() {
    let packs = support::packs();
    let folder = support::workspace().join("profiles");
    let text = std::fs::read_to_string(folder.join("idb.toml")).expect("a profile");
    let draft = text
        .replace("max_age = 7", "max_age = \"FILL-IN: days, or none\"")
        .replace("\"Fraud\" = [\"fraud\"]", "\"Fraud\" = [\"FILL-IN\"]")
        .replace("extent = \"full\"", "extent = \"FILL-IN\"");
    let problems = Profile::load("draft.toml", &draft, &packs).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|found| (found.problem.refusal.number(), found.problem.column.clone().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (440, "extent".to_owned()),
            (440, "max_age".to_owned()),
            (440, "entries.map.Fraud".to_owned())
        ]
    );
    assert!(problems[1].problem.message(domain::refusal::Language::En).contains("days, or none"));
}
