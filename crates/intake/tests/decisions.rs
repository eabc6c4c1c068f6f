//! One file per line: what a row becomes, and under which number.

mod support;

use goodstanding_intake::{Outcome, Profile, ReadError, ReadOptions, Row, Source};
use policy::Packs;

const PROFILE: &str = r#"
name = "decisions"
list = "test.exclusions"
extent = "full"
max_age = 7
row_floor = 0
licence = "none"
row_key = ["key"]
occurrence = ["end"]

[container]
kind = "csv"

[columns]
name = "name"
place = "place"
start = "start"
end = "end"

[dates]
formats = ["%d/%m/%Y"]
no_end = ["open"]

[country]
column = "country"
map = { "China" = "CN" }

[fields]
imposed_by = "by"

[[identifiers]]
column = "uscc"
scheme = "cn-uscc"
separator = "/"

[entries]
column = "ground"
separator = ";"
map = { "Barred" = ["barred"], "Convicted" = ["convicted"] }

[persons]
on_identifier = "ON_IDENTIFIER"
sole_trader = ["个体工商户"]
type = { column = "type", organisation = ["Firm"], person = ["Individual"] }

[[kinds]]
kind = "union"
words = ["工会"]

[[kinds]]
kind = "media"
words = ["newspaper"]

[[ignore]]
column = "name"
starts_with = "Total:"
"#;

const HEADER: &str = "key,type,name,uscc,country,place,start,end,ground,by,remark\n";

/// A row, and what becomes of it: an outcome, with the numbers of its problems.
const ROWS: &[(&str, &str)] = &[
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Barred,,", "ready"),
    (
        "1,Firm,Acme Ltd,91110108551385082Q,China,Beijing,01/02/2020,2030-12-31,Barred;Convicted,Court,",
        "ready",
    ),
    ("1,Firm,Acme Ltd,,,,,open,Convicted,,", "ready"),
    ("1,Firm,上海某某工会,,,,,31/12/2030,Convicted,,", "ready"),
    // An official source's wrong check digit is kept and flagged.
    ("1,Firm,Acme Ltd,91110108551385082R,,,,31/12/2030,Barred,,", "ready"),
    // Each of several in one cell is looked at.
    ("1,Firm,Acme Ltd,91110108551385082Q / 91110108551385082R/,,,,31/12/2030,Barred,,", "ready"),
    ("1,Firm,Acme Ltd,91110108551385082Q/12,,,,31/12/2030,Barred,,", "quarantined 210"),
    (
        "1,Firm,Acme Ltd,91110108551385082Q/110000199001010013,,,,31/12/2030,Barred,,",
        "refused_person 102",
    ),
    // What no profile maps is not looked at.
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Barred,,write to someone@example.org", "ready"),
    ("1,Firm,Acme Ltd,,,,,21/11/2026,Barred,,", "already_ended"),
    ("1,Firm,Acme Ltd,,,,,22/11/2026,Barred,,", "ready"),
    ("1,Individual,Acme Ltd,,,,,31/12/2030,Barred,,", "refused_person 101"),
    ("1,Firm,某某 个体工商户,,,,,31/12/2030,Barred,,", "refused_person 101"),
    ("1,Firm,Acme Ltd,110000199001010013,,,,31/12/2030,Barred,,", "refused_person 102"),
    ("1,Firm,Acme Ltd 529.982.247-25,,,,,31/12/2030,Barred,,", "refused_person 102"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Barred,someone@example.org,", "refused_person 102"),
    ("1,Firm,Acme Ltd,,,13812345678,,31/12/2030,Barred,,", "refused_person 102"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,someone@example.org,,", "refused_person 102"),
    ("1,Firm,Acme Ltd,529.982.247-25,,,,31/12/2030,Barred,,", "refused_person 102"),
    ("1,Firm,上海某某工会,,,,,31/12/2030,Barred,,", "refused 103"),
    // The weakest act of a row's entries counts.
    ("1,Firm,上海某某工会,,,,,31/12/2030,Barred;Convicted,,", "refused 103"),
    ("1,Firm,Acme Ltd,A1110000MB0A00001X,,,,31/12/2030,Barred,,", "refused 104"),
    // A limit comes before what could be corrected.
    ("1,Firm,上海某某工会,,,,,soon,Barred,,", "refused 103"),
    ("1,Ship,Acme Ltd,,,,,31/12/2030,Barred,,", "undecided 201"),
    ("1,,Acme Ltd,,,,,31/12/2030,Barred,,", "undecided 201"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Rude,,", "quarantined 202"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,,,", "quarantined 202"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Barred;Rude,,", "quarantined 202"),
    ("1,Firm,Acme Ltd,,,,,,Barred,,", "quarantined 203"),
    ("1,Firm,Acme Ltd,,,,,open,Barred,,", "quarantined 203"),
    ("1,Firm,Acme Ltd,,,,,open,Barred;Convicted,,", "quarantined 203"),
    ("1,Firm,Acme Ltd,,,,,,Convicted,,", "quarantined 203"),
    ("1,Firm,Acme Ltd,,,,,31/02/2030,Barred,,", "quarantined 204"),
    ("1,Firm,Acme Ltd,,,,2020,31/12/2030,Barred,,", "quarantined 204"),
    ("1,Firm,Acme Ltd,,,,02/01/2020,01/01/2020,Barred,,", "quarantined 205"),
    ("1,Firm,Acme Ltd,,,,23/11/2026,31/12/2030,Barred,,", "quarantined 206"),
    ("1,Firm,Acme Ltd,,,,22/11/2026,31/12/2030,Barred,,", "ready"),
    ("1,Firm,,,,,,31/12/2030,Barred,,", "quarantined 207"),
    (",Firm,Acme Ltd,,,,,31/12/2030,Barred,,", "quarantined 208"),
    ("1,Firm,Acme Ltd,12,,,,31/12/2030,Barred,,", "quarantined 210"),
    ("1,Firm,Acme Ltd,,Atlantis,,,31/12/2030,Barred,,", "quarantined 211"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Barred,", "undecided 212"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Barred,,,", "undecided 212"),
    ("1,Firm,Acme \u{202e}Ltd,,,,,31/12/2030,Barred,,", "quarantined 215"),
    ("1,Firm,Acme Ltd,,,,,31/12/2030,Barred,\u{7}Court,", "quarantined 215"),
    // A kind the list is not about.
    ("1,Firm,Daily Newspaper,,,,,31/12/2030,Convicted,,", "quarantined 218"),
    // All problems at once.
    (",Firm,,12,Atlantis,,,soon,Rude,,", "quarantined 202 204 207 208 210 211"),
];

fn test_profile(on_identifier: &str, packs: &Packs) -> Profile {
    let text = PROFILE.replace("ON_IDENTIFIER", on_identifier);
    Profile::load("decisions.toml", &text, packs).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn several_identifiers_of_one_cell_are_several_claims() {
    let packs = support::packs();
    let row = "1,Firm,Acme Ltd,91110108551385082Q / 91110108551385082R,,,,31/12/2030,Barred,,\n";
    let rows = read(&test_profile("refuse", &packs), &packs, format!("{HEADER}{row}").as_bytes());
    let [Row { outcome: Outcome::Ready(submission), .. }] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    let claims: Vec<String> =
        submission.organisation.claims.iter().map(ToString::to_string).collect();
    assert_eq!(claims, ["cn-uscc:91110108551385082Q", "cn-uscc:91110108551385082R"]);
}

fn read(profile: &Profile, packs: &Packs, bytes: &[u8]) -> Vec<Row> {
    support::rows(profile, packs, "2026-11-22", Source::Bytes(bytes)).expect("the file reads").0
}

fn described(row: &Row) -> String {
    let kind = match &row.outcome {
        Outcome::RefusedPerson(_) => "refused_person",
        Outcome::Refused(_) => "refused",
        Outcome::Quarantined { cells: None, .. } => "undecided",
        Outcome::Quarantined { .. } => "quarantined",
        Outcome::Duplicate => "duplicate",
        Outcome::AlreadyEnded => "already_ended",
        Outcome::Ready(_) => "ready",
    };
    let mut numbers: Vec<u16> =
        row.outcome.problems().iter().map(|problem| problem.refusal.number()).collect();
    numbers.sort_unstable();
    numbers.iter().fold(kind.to_owned(), |text, number| format!("{text} {number}"))
}

#[test]
fn each_row_becomes_what_the_table_says() {
    let packs = support::packs();
    let profile = test_profile("refuse", &packs);
    for (row, expect) in ROWS {
        let rows = read(&profile, &packs, format!("{HEADER}{row}\n").as_bytes());
        assert_eq!(rows.iter().map(described).collect::<Vec<_>>(), [*expect], "{row}");
        assert!(
            rows.iter().flat_map(|row| row.outcome.problems()).all(|p| p.row == Some(2)),
            "{row}"
        );
    }
}

#[test]
fn rows_are_compared_within_a_file() {
    let packs = support::packs();
    let profile = test_profile("refuse", &packs);
    let text = format!(
        "{HEADER}1,Firm,Acme Ltd,,,,,31/12/2030,Barred,,\n\
         1,Firm,ACME  Ltd,,,,,31/12/2030,Barred,,\n\
         1,Firm,Acme  Ltd ,,,,,2030-12-31,barred,,other remark\n\
         1,Firm,Acme Ltd,,,,,31/12/2031,Barred,,\n\
         \n\
         2,Firm,Ended Ltd,,,,,31/12/2019,Barred,,\n\
         2,Firm,Ended Ltd,,,,,31/12/2019,Barred,,\n\
         ,,Total: 6,,,,,,,,\n"
    );
    let rows = read(&profile, &packs, text.as_bytes());
    let found: Vec<(u64, String)> = rows.iter().map(|row| (row.number, described(row))).collect();
    let expect = [
        (2, "ready"),
        (3, "quarantined 209"),
        (4, "duplicate"),
        (5, "ready"),
        (7, "already_ended"),
        (8, "duplicate"),
    ];
    assert_eq!(found, expect.map(|(number, text)| (number, text.to_owned())));
    assert_eq!(rows[0].row_key, rows[2].row_key, "the way a day is written is not part of the key");
    assert_ne!(rows[0].row_key, rows[3].row_key, "the occurrence is");
}

#[test]
fn stripping_empties_cells_and_says_so() {
    let packs = support::packs();
    let profile = test_profile("strip", &packs);
    let text = format!(
        "{HEADER}1,Firm,Acme Ltd,,,,,31/12/2030,Barred,Judge someone@example.org,\n\
         2,Firm,Acme Ltd,,,13812345678,,31/12/2030,Rude,,\n\
         3,Firm,Acme Ltd someone@example.org,,,,,31/12/2030,Barred,,\n"
    );
    let rows = read(&profile, &packs, text.as_bytes());
    assert_eq!(
        rows.iter().map(described).collect::<Vec<_>>(),
        ["ready", "quarantined 202", "refused_person 102"]
    );
    assert_eq!(rows[0].notes[0].column.as_deref(), Some("by"));
    assert_eq!(rows[1].notes[0].column.as_deref(), Some("place"));
    let printed = format!("{rows:?}");
    assert!(!printed.contains("example.org") && !printed.contains("138"));
}

#[test]
fn a_row_that_is_not_utf_8_is_quarantined() {
    let packs = support::packs();
    let profile = test_profile("refuse", &packs);
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend(b"1,Firm,Acme \xff Ltd,,,,,31/12/2030,Barred,,\n");
    assert_eq!(described(&read(&profile, &packs, &bytes)[0]), "quarantined 213");
    let long = format!("{HEADER}1,Firm,{} Ltd,,,,,31/12/2030,Barred,,\n", "a".repeat(500));
    assert_eq!(described(&read(&profile, &packs, long.as_bytes())[0]), "quarantined 214");
}

#[test]
fn lines_of_our_own_format() {
    let packs = support::packs();
    let profile = support::profile("own", &packs);
    let line = |head: &str, tail: &str| {
        format!(
            "{{{head}\"organisation\":{{\"kind\":\"enterprise\",\"name\":\"Acme Ltd\"}},\"entries\":[\"convicted\"],\"end\":\"none\"{tail}}}"
        )
    };
    let key = "\"key\":\"1\",\"list\":\"test.exclusions\",";
    let good = line(key, "");
    let table = [
        (good.clone(), "ready"),
        (
            line(key, ",\"source\":{\"url\":\"https://example.org\",\"read_on\":\"2026-11-01\"}"),
            "ready",
        ),
        (line(key, ",\"fields\":{\"imposed_by\":\"Court\"}"), "ready"),
        (good.replace("\"end\":\"none\"", "\"end\":\"2020-01-01\""), "already_ended"),
        (good.replace("enterprise", "person"), "refused_person 101"),
        (good.replace("Acme Ltd", "529.982.247-25"), "refused_person 102"),
        (good.replace("enterprise", "union").replace("convicted", "barred"), "refused 103"),
        (good.replace("convicted", "rude"), "quarantined 202"),
        (good.replace("\"end\":\"none\"", "\"end\":\"31/12/2030\""), "quarantined 204"),
        (line("\"key\":\"\",\"list\":\"test.exclusions\",", ""), "quarantined 208"),
        (line(key, ",\"fields\":{\"owner\":\"x\"}"), "quarantined 211"),
        (good.replace("\"kind\"", "\"country\":\"China\",\"kind\""), "quarantined 211"),
        (good.replace("\"kind\"", "\"legal_form\":\"Ltd\",\"kind\""), "quarantined 211"),
        (
            good.replace(
                "\"kind\"",
                "\"identifiers\":[{\"scheme\":\"passport no\",\"value\":\"1\"}],\"kind\"",
            ),
            "quarantined 210",
        ),
        (good.replace("\"kind\"", "\"owner\":\"Someone\",\"kind\""), "undecided 216"),
        (line(&format!("{key}\"key\":\"2\","), ""), "undecided 216"),
        (line(key, ",\"fields\":{\"imposed_by\":\"A\",\"imposed_by\":\"B\"}"), "undecided 216"),
        (line(key, ",\"source\":{\"read_on\":\"yesterday\"}"), "undecided 216"),
        ("[1]".to_owned(), "undecided 216"),
        ("{".to_owned(), "undecided 216"),
        (line("\"key\":\"1\",\"list\":\"test.nothing\",", ""), "quarantined 217"),
        (line("\"key\":\"1\",", ""), "quarantined 217"),
        (good.replace("enterprise", "club"), "undecided 218"),
    ];
    for (line, expect) in table {
        let rows = read(&profile, &packs, line.as_bytes());
        assert_eq!(rows.iter().map(described).collect::<Vec<_>>(), [expect], "{line}");
    }
}

#[test]
fn faults_of_a_file_are_refused_as_a_whole() {
    let packs = support::packs();
    let csv = test_profile("refuse", &packs);
    let idb = support::profile("idb", &packs);
    let sheet = PROFILE
        .replace("ON_IDENTIFIER", "refuse")
        .replace("kind = \"csv\"", "kind = \"xlsx\"\nsheet = \"Other\"");
    let other_sheet = Profile::load("sheet.toml", &sheet, &packs).expect("loads");
    let book = support::workbook(&[vec!["Title".to_owned()]]);
    let table: [(&Profile, &[u8], &[u16]); 7] = [
        (&csv, b"key,name\n1,Acme\n", &[301; 8]),
        (&idb, &book, &[301; 8]),
        (&idb, b"not a workbook", &[302]),
        (&other_sheet, &book, &[303]),
        (&csv, b"", &[304]),
        (&csv, HEADER.as_bytes(), &[304]),
        (&csv, b"\n\n\n", &[304]),
    ];
    for (profile, bytes, expect) in table {
        let found = support::rows(profile, &packs, "2026-11-22", Source::Bytes(bytes));
        let Err(ReadError::Refused(problems)) = found else { panic!("{bytes:?} was read") };
        let numbers: Vec<u16> = problems.iter().map(|problem| problem.refusal.number()).collect();
        assert_eq!(numbers, expect);
    }
    let missing =
        support::rows(&csv, &packs, "2026-11-22", Source::Path("no-such-file.csv".as_ref()));
    assert!(matches!(missing, Err(ReadError::Io(_))));
}

#[test]
fn a_workbook_whose_rows_stand_out_of_order_is_refused() {
    let packs = support::packs();
    let idb = support::profile("idb", &packs);
    let row = |number: u32| {
        let cells = idb.headings().iter().enumerate().map(|(column, heading)| {
            let letter = char::from(b'A' + u8::try_from(column).expect("few columns"));
            format!("<c r=\"{letter}{number}\" t=\"inlineStr\"><is><t>{heading}</t></is></c>")
        });
        format!("<row r=\"{number}\">{}</row>", cells.collect::<String>())
    };
    for numbers in [[1, 3, 2], [1, 2, 1]] {
        let rows: String = numbers.into_iter().map(row).collect();
        let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let sheet =
            format!("<worksheet xmlns=\"{space}\"><sheetData>{rows}</sheetData></worksheet>");
        let book = support::workbook_of(&sheet);
        let found = support::rows(&idb, &packs, "2026-11-22", Source::Bytes(&book));
        let Err(ReadError::Refused(problems)) = found else { panic!("{numbers:?} was read") };
        assert_eq!(problems[0].refusal.number(), 302);
    }
}

#[test]
fn faults_of_a_profile_are_all_named_with_their_lines() {
    let packs = support::packs();
    let good = PROFILE.replace("ON_IDENTIFIER", "refuse");
    let table: &[(&str, &str, &[u16])] = &[
        ("max_age = 7", "max_age = \"none\"", &[411]),
        ("max_age = 7", "max_age = 0", &[401]),
        ("max_age = 7\n", "", &[403]),
        ("max_age = 7", "max_age = 7\nmax_agee = 8", &[402]),
        ("row_floor = 0", "row_floor = \"x\"", &[401]),
        ("list = \"test.exclusions\"", "list = \"test.nothing\"", &[409]),
        ("list = \"test.exclusions\"\n", "", &[403]),
        ("[\"barred\"]", "[\"rude\"]", &[409]),
        ("imposed_by = \"by\"", "owner = \"by\"", &[409]),
        ("kind = \"union\"", "kind = \"person\"", &[408]),
        ("kind = \"csv\"", "kind = \"ods\"", &[401]),
        ("kind = \"csv\"", "kind = \"csv\"\nencoding = \"utf-99\"", &[401]),
        ("kind = \"csv\"", "kind = \"csv\"\nheader_row = 0", &[401]),
        ("kind = \"csv\"", "kind = \"csv\"\nheader_row = 2\nheader = \"find\"", &[401]),
        ("kind = \"csv\"", "kind = \"csv\"\nheader = \"seek\"", &[401]),
        ("kind = \"csv\"", "kind = \"csv\"\nheader_rows = 9", &[401]),
        ("kind = \"csv\"", "kind = \"csv\"\nrows = \"a\"", &[402]),
        ("kind = \"csv\"", "kind = \"json\"", &[403]),
        ("kind = \"csv\"", "kind = \"xml\"\nrows = \"/\"", &[401]),
        ("kind = \"csv\"", "kind = \"xml\"\nrows = \"a/b\"\ncaptions = true", &[402]),
        ("kind = \"csv\"", "kind = \"json\"\nrows = \"a\"\nencoding = \"utf-8\"", &[402]),
        ("kind = \"csv\"", "kind = \"csv\"\nsheet = 1", &[402]),
        ("\"%d/%m/%Y\"", "\"%d/%m\"", &[401]),
        ("scheme = \"cn-uscc\"", "scheme = \"passport number\"", &[401]),
        ("\"CN\"", "\"China\"", &[401]),
        ("\"refuse\"", "\"keep\"", &[401]),
        ("row_key = [\"key\"]\n", "", &[403]),
    ];
    for (from, to, expect) in table {
        let text = good.replacen(from, to, 1);
        let problems = Profile::load("p.toml", &text, &packs).expect_err(to);
        let numbers: Vec<u16> = problems.iter().map(|p| p.problem.refusal.number()).collect();
        assert_eq!(&numbers, expect, "{to}: {problems:?}");
        assert!(problems.iter().all(|problem| problem.file == "p.toml"));
    }
    let two =
        good.replace("\"refuse\"", "\"keep\"").replace("kind = \"union\"", "kind = \"person\"");
    let problems = Profile::load("p.toml", &two, &packs).expect_err("two problems");
    let lines: Vec<Option<u64>> = problems.iter().map(|problem| problem.problem.row).collect();
    let line_of = |text: &str| {
        let at = two.find(text).expect("there");
        Some(two[..at].matches('\n').count() as u64 + 1)
    };
    assert_eq!(lines, [line_of("\"keep\""), line_of("\"person\"\nwords")]);
}

#[test]
fn a_quarantine_file_is_never_taken_for_the_whole_list() {
    let packs = support::packs();
    let profile = test_profile("refuse", &packs);
    let columns = profile.headings().to_vec();
    let cells: Vec<&str> = columns
        .iter()
        .map(|heading| match heading.as_str() {
            "key" => "'-1",
            "type" => "Firm",
            "name" => "'=Acme Ltd",
            "end" => "31/12/2030",
            "ground" => "Barred",
            _ => "",
        })
        .collect();
    for (start, delimiter) in [("", ","), ("\u{feff}", ";"), ("\u{feff}", "\t")] {
        let header =
            [&["goodstanding_row".to_owned(), "goodstanding_problems".to_owned()], &columns[..]]
                .concat();
        let row = [&["7", "202"], &cells[..]].concat();
        let text = format!("{start}{}\n{}\n8,201\n", header.join(delimiter), row.join(delimiter));
        let text =
            text.replace("8,201", &format!("8{delimiter}201{}", delimiter.repeat(cells.len())));
        let rows = read(&profile, &packs, text.as_bytes());
        assert_eq!(rows.iter().map(described).collect::<Vec<_>>(), ["ready"], "{delimiter:?}");
        let Outcome::Ready(submission) = &rows[0].outcome else { panic!("not ready") };
        assert_eq!(submission.organisation.name.text, "=Acme Ltd", "the apostrophe is taken off");
        assert!(submission.row_key.starts_with("-1\u{1f}"));
        let whole = ReadOptions { partial: false, ..support::options("2026-11-22") };
        let refused = goodstanding_intake::read::<()>(
            &profile,
            &packs,
            &whole,
            Source::Bytes(text.as_bytes()),
            &mut |_| Ok(()),
        );
        let Err(ReadError::Refused(problems)) = refused else { panic!("taken for the whole list") };
        assert_eq!(problems[0].refusal.number(), 305);
    }
}
