//! Drafts of profiles from files nobody has described.

mod support;

use std::io::Write as _;
use std::path::Path;

use domain::text::ListId;
use goodstanding_intake::infer::{ColumnReport, Draft, Options, infer};
use goodstanding_intake::{Outcome, Profile, ReadError, Source};
use policy::Packs;

fn draft_of(bytes: &[u8], options: &Options<'_>) -> Result<Draft, Vec<u16>> {
    let folder = std::env::temp_dir();
    let mut file = tempfile_in(&folder);
    file.1.write_all(bytes).expect("a file");
    let found = infer(&file.0, "drafted", options);
    let _ = std::fs::remove_file(&file.0);
    found.map_err(|error| match error {
        ReadError::Refused(problems) => {
            problems.iter().map(|problem| problem.refusal.number()).collect()
        }
        ReadError::Io(error) => panic!("{error}"),
        ReadError::Seen(error) => panic!("{error}"),
        ReadError::Sink(never) => match never {},
    })
}

/// A new file of this process.
fn tempfile_in(folder: &Path) -> (std::path::PathBuf, std::fs::File) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("goodstanding-infer-{}-{number}", std::process::id()));
    let file = std::fs::File::create(&path).expect("a file");
    (path, file)
}

fn draft(text: &str) -> Draft {
    draft_of(text.as_bytes(), &Options::default()).expect("a draft")
}

fn column<'a>(draft: &'a Draft, heading: &str) -> &'a ColumnReport {
    draft.columns.iter().find(|column| column.heading == heading).expect(heading)
}

/// The draft with each blank decided as a person would.
fn filled(draft: &Draft, decisions: &[(&str, &str)]) -> String {
    let mut text = draft.toml.clone();
    for (key, value) in decisions {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let line = lines
            .iter_mut()
            .find(|line| line.starts_with(&format!("{key} = ")) && line.contains("FILL-IN"))
            .unwrap_or_else(|| panic!("{key}: {text}"));
        *line = format!("{key} = {value}");
        text = lines.join("\n");
    }
    assert!(!text.lines().any(|line| line.contains("\"FILL-IN")), "{text}");
    text
}

const USUAL: [(&str, &str); 5] = [
    ("licence", "\"Free.\""),
    ("extent", "\"full\""),
    ("max_age", "7"),
    ("organisation", "[\"ltd\"]"),
    ("words", "[\"ltd\"]"),
];

fn ceis(packs: &Packs) -> Options<'_> {
    let list = packs.list(&ListId::new("br.ceis").expect("an id"));
    Options { list, ..Options::default() }
}

const ROWS: &str = "Ref,Firm,Reason,Listed,Until,LEI,Fine,Contact person\n\
    A1,Alpha Ltd,Late,2024-01-31,31/12/2027,213800KUD8LAJWSQ9D15,\"1,000.50\",Jo Doe\n\
    A2,Beta Ltd,False,2024-02-29,30/06/2027,5493001KJTIIGC8Y1R12,20.00,Jo Doe\n\
    A3,Gamma Ltd,Late,2024-03-01,Ongoing,,7.25,Jane Roe\n\
    A4,Delta Ltd,False,2024-03-02,01/01/2028,,1.00,Jane Roe\n";

#[test]
fn a_slip_does_not_turn_days_into_amounts() {
    let packs = support::packs();
    let rows = "Firm;Since;Fine\n\
        Alpha Ltd;01.02.2026;1.234.567,50\n\
        Beta Ltd;05.03.2026;7,25\n\
        Gamma Ltd;05.13.2026;1,00\n";
    let draft = draft_of(rows.as_bytes(), &ceis(&packs)).expect("a draft");
    assert_eq!(column(&draft, "Since").holds, "text");
    assert_eq!(column(&draft, "Fine").holds, "amounts");
}

#[test]
fn a_draft_loads_after_its_blanks_are_filled_and_reads_the_file() {
    let packs = support::packs();
    let draft = draft_of(ROWS.as_bytes(), &ceis(&packs)).expect("a draft");
    assert_eq!((draft.container, draft.rows, draft.header_row), ("csv", 4, Some(1)));
    assert_eq!(draft.row_keys[0], ["Ref"]);
    assert_eq!(column(&draft, "Listed").detail, "%Y-%m-%d");
    assert_eq!(column(&draft, "Until").detail, "%d/%m/%Y");
    assert_eq!(column(&draft, "LEI").holds, "identifier");
    assert_eq!(column(&draft, "Fine").holds, "amounts");
    assert!(draft.toml.contains("no_end = [\"Ongoing\"]"), "{}", draft.toml);
    let problems = Profile::load("x.toml", &draft.toml, &packs).unwrap_err();
    assert!(problems.iter().all(|found| found.problem.refusal.number() == 440), "{problems:?}");
    assert_eq!(problems.len() as u64, draft.blanks);
    let mut decisions = USUAL.to_vec();
    decisions.push(("\"False\"", "[\"impedimento-10520\"]"));
    decisions.push(("\"Late\"", "[]"));
    let text = filled(&draft, &decisions);
    let profile = Profile::load("x.toml", &text, &packs).expect("a profile");
    let (rows, summary) =
        support::rows(&profile, &packs, "2026-11-22", Source::Bytes(ROWS.as_bytes())).unwrap();
    assert_eq!((summary.rows, summary.ready), (4, 2), "{rows:?}");
    assert!(matches!(rows[1].outcome, Outcome::Ready(_)));
}

#[test]
fn no_cell_of_a_column_that_may_hold_persons_is_given_out() {
    let text = "Ref,Firm,Owner,Note,Kind,Officer in charge\n\
        1,Alpha Ltd,Jo Doe,call 13812345678,Firm,Jo Doe\n2,Beta Ltd,Jo Doe,write,Firm,Jo Doe\n\
        3,Gamma Ltd,Jane Roe,write,Individual,Jane Roe\n4,Delta Ltd,Jane Roe,write,Firm,Jo Doe\n";
    let options = Options { entries: Some("Owner"), ..Options::default() };
    for options in [options, Options::default()] {
        let draft = draft_of(text.as_bytes(), &options).expect("a draft");
        let printed = format!("{draft:?}");
        for secret in ["Doe", "Roe", "Alpha", "13812345678", "call"] {
            assert!(!printed.contains(secret), "{secret}: {printed}");
        }
        for heading in ["Owner", "Note", "Officer in charge"] {
            assert_eq!(column(&draft, heading).holds, "persons?", "{heading}");
            assert!(column(&draft, heading).mapped_to.is_empty(), "{heading}");
            assert!(draft.toml.contains(&format!("\"{heading}\": not mapped, holds persons?")));
        }
        assert!(draft.toml.contains("# Spellings: \"Firm\", \"Individual\"."), "{}", draft.toml);
    }
}

#[test]
fn a_file_without_headings_does_not_show_its_first_row() {
    for text in
        ["Jo Doe,Ulm,Alpha\nJane Roe,Bonn,Beta\n", "1,Jo Doe,individual\n2,Jane Roe,individual\n"]
    {
        assert_eq!(draft_of(text.as_bytes(), &Options::default()).unwrap_err(), [301], "{text}");
    }
}

#[test]
fn days_that_fit_two_formats_are_said_to_be_ambiguous() {
    let found = draft("No,Name,Date\n1,A Ltd,03/04/2026\n2,B Ltd,05/06/2026\n");
    assert_eq!(column(&found, "Date").detail, "ambiguous: %d/%m/%Y or %m/%d/%Y");
    assert!(found.toml.contains("formats = [\"FILL-IN: %d/%m/%Y or %m/%d/%Y, several fit\"]"));
    let found = draft("No,Name,Date\n1,A Ltd,03/04/2026\n2,B Ltd,25/06/2026\n");
    assert_eq!(column(&found, "Date").detail, "%d/%m/%Y");
    assert!(found.toml.contains("formats = [\"%d/%m/%Y\"]"));
}

#[test]
fn keys_of_two_columns_and_repeated_rows_are_found() {
    let found =
        draft("No,Name,Date\n1,A,2026-01-01\n1,A,2026-01-02\n2,A,2026-01-01\n1,A,2026-01-01\n");
    assert_eq!(found.row_keys[0], ["No", "Date"]);
}

#[test]
fn encodings_and_delimiters_are_found() {
    let russian =
        "№;Название;Город\n1;ООО «Ромашка»;Москва\n2;АО «Мост»;Самара\n3;ООО «Берег»;Тверь\n"
            .repeat(4);
    let (bytes, ..) = encoding_rs_1251(&russian);
    let found = draft_of(&bytes, &Options::default()).expect("a draft");
    assert_eq!(found.encoding, Some("windows-1251"));
    assert!(found.toml.contains("delimiter = \";\""), "{}", found.toml);
    assert!(found.notes.iter().any(|note| note.contains("a guess")), "{:?}", found.notes);
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("Name\tTown\nA Ltd\tUlm\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let found = draft_of(&wide, &Options::default()).expect("a draft");
    assert_eq!((found.encoding, found.rows), (Some("UTF-16LE"), 1));
    assert!(found.toml.contains("delimiter = \"\\t\""), "{}", found.toml);
}

/// Cyrillic letters in one byte each.
fn encoding_rs_1251(text: &str) -> (Vec<u8>, ()) {
    let bytes = text.chars().map(|c| match c {
        '\u{410}'..='\u{44f}' => u8::try_from(u32::from(c) - 0x410 + 0xc0).expect("in range"),
        '«' => 0xab,
        '»' => 0xbb,
        '№' => 0xb9,
        c => u8::try_from(u32::from(c)).expect("ASCII"),
    });
    (bytes.collect(), ())
}

#[test]
fn rows_of_json_and_xml_are_found_with_their_columns() {
    let packs = support::packs();
    let json = r#"{"at": "2026", "data": {"items": [
        {"id": "1", "firm": {"name": "Alpha Ltd"}, "reason": "Late", "until": "2027-01-01"},
        {"id": "2", "firm": {"name": "Beta Ltd"}, "reason": "Late", "until": "2027-01-01", "contact": "Jo Doe"},
        {"id": "3", "firm": {"name": "Gamma Ltd"}, "reason": "Late", "until": "2027-01-01"}]}}"#;
    let xml = "<list><at>2026</at><entry id='1'><firm><name>Alpha Ltd</name></firm><reason>Late</reason>\
        <until>2027-01-01</until></entry><entry id='2'><firm><name>Beta Ltd</name></firm>\
        <reason>Late</reason><until>2027-01-01</until><contact>Jo Doe</contact></entry>\
        <entry id='3'><firm><name>Gamma Ltd</name></firm><reason>Late</reason><until>2027-01-01</until>\
        </entry></list>";
    for (text, kind, rows) in [(json, "json", "data.items"), (xml, "xml", "list/entry")] {
        let draft = draft_of(text.as_bytes(), &ceis(&packs)).expect("a draft");
        assert_eq!((draft.container, draft.rows), (kind, 3), "{:?}", draft.columns);
        assert!(draft.toml.contains(&format!("rows = \"{rows}\"")), "{}", draft.toml);
        assert!(!format!("{draft:?}").contains("Doe"));
        let mut decisions = USUAL.to_vec();
        decisions.push(("\"Late\"", "[\"impedimento-10520\"]"));
        let profile = Profile::load("x.toml", &filled(&draft, &decisions), &packs);
        let profile = profile.unwrap_or_else(|problems| panic!("{problems:?}\n{}", draft.toml));
        let (_, summary) =
            support::rows(&profile, &packs, "2026-11-22", Source::Bytes(text.as_bytes())).unwrap();
        assert_eq!((summary.rows, summary.ready), (3, 3), "{kind}");
    }
}

#[test]
fn workbooks_and_tables_in_sections_are_found() {
    let rows = |rows: &[&[&str]]| -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    let book = support::workbook(&rows(&[
        &["Firms of the harbour", "", ""],
        &["Number", "Firm", "Town"],
        &["1", "Alpha Ltd", "Ulm"],
        &["2", "Beta Ltd", "Ulm"],
    ]));
    let found = draft_of(&book, &Options::default()).expect("a draft");
    assert_eq!((found.container, found.header_row, found.rows), ("xlsx", Some(2), 2));
    let text = "Incorporated here,,\nFirm Name,FRN,Town\nAlpha Ltd,123456,Ulm\nBranches,,\n\
        FRN,Firm Name,Town\n234567,Beta Ltd,Bonn\n";
    let found = draft(text);
    assert_eq!(found.rows, 2);
    assert_eq!(column(&found, "FRN").detail, "GB-FRN, by its heading and shape");
    for line in ["header = \"find\"", "captions = true"] {
        assert!(found.toml.contains(line), "{}", found.toml);
    }
}

#[test]
fn what_no_profile_can_describe_is_refused() {
    for (bytes, number) in [
        (b"".as_slice(), 304),
        (b" \n\n", 304),
        (b"\0\0\0\0", 304),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\x02\x03\x04\x05\x06\x07\x08", 302),
        (b"\x1f\x8b\x08\0\0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10\x11\x12", 302),
        (b"PK\x03\x04 this is no workbook", 302),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 302),
        (b"{\"a\": ", 302),
        (b"[1, 2, 3]", 302),
        (b"<a><b></a>", 302),
        (b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", 302),
        (b"<a/>", 302),
        (b"Name,Town\n", 304),
        (b"goodstanding_row,goodstanding_problems,Name\n", 302),
    ] {
        let found = draft_of(bytes, &Options::default());
        assert_eq!(found.map(|draft| draft.toml).unwrap_err(), [number], "{bytes:?}");
    }
}

#[test]
fn real_lists_are_described_as_their_profiles_do() {
    for (file, rows, key, columns) in [
        (
            "idb-sanctioned-firms/idb-sanctioned-firms-2025-01.xlsx",
            846,
            "Title",
            vec![
                ("From", "days", "%b %d, %Y"),
                ("To", "days", "%b %d, %Y"),
                ("Grounds", "closed list", ""),
            ],
        ),
        (
            "bank-licence-registers/boe-pra-banks-2026-02.csv",
            284,
            "FRN",
            vec![("FRN", "identifier", "GB-FRN, by its heading and shape")],
        ),
        ("bank-licence-registers/occ-national-banks-2026-01.xlsx", 728, "CHARTER NO", vec![]),
        ("brazil-ceis-cnep/ceis.csv", 5_844, "", vec![("data_final", "days", "%d/%m/%Y")]),
    ] {
        let Some(path) = support::shared(file) else { continue };
        let draft = infer(&path, "drafted", &Options::default()).expect("a draft");
        assert_eq!(draft.rows, rows, "{file}");
        assert_eq!(draft.row_keys.first().map_or("", |key| key[0].as_str()), key, "{file}");
        for (heading, holds, detail) in columns {
            let found = column(&draft, heading);
            assert_eq!((found.holds, found.detail.as_str()), (holds, detail), "{file} {heading}");
        }
    }
}
