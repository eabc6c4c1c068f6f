//! Files made to fill the memory, to take for ever, to stop the program, or to be read as something
//! they are not. Each ends in a numbered refusal or in rows, soon.

mod support;

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use domain::refusal::Refusal;
use goodstanding_intake::{Outcome, Profile, ReadError, Row, Source};
use policy::Packs;

/// A file that is read or refused within this time even on a slow machine in a debug build; each
/// took minutes or all memory before it was looked for.
const SOON: Duration = Duration::from_secs(60);

fn profile(packs: &Packs, container: &str, key: &str) -> Profile {
    let text = format!(
        r#"
name = "any"
list = "test.exclusions"
extent = "full"
max_age = 7
row_floor = 0
licence = "none"
row_key = ["{key}"]
[container]
{container}
[columns]
name = "NAME"
end = "END"
[country]
fixed = "RU"
[dates]
formats = ["%d.%m.%Y"]
[fields]
imposed_by = "BY"
[entries]
fixed = ["barred"]
[persons]
on_identifier = "refuse"
[persons.words]
organisation = ["ltd"]
[[kinds]]
kind = "enterprise"
words = ["ltd"]
"#
    );
    Profile::load("any.toml", &text, packs).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// What became of `bytes`: rows, or the refusals of the file with their details.
fn read(container: &str, key: &str, bytes: &[u8]) -> Result<Vec<Row>, Vec<String>> {
    let packs = support::packs();
    let profile = profile(&packs, container, key);
    let begun = Instant::now();
    let result = support::rows(&profile, &packs, "2026-01-01", Source::Bytes(bytes));
    assert!(begun.elapsed() < SOON, "{container}: {:?}", begun.elapsed());
    match result {
        Ok((rows, _)) => Ok(rows),
        Err(ReadError::Refused(problems)) => {
            for problem in &problems {
                let number = problem.refusal.number();
                assert!((301..400).contains(&number), "{number}");
            }
            Err(problems.into_iter().map(|problem| problem.detail.unwrap_or_default()).collect())
        }
        Err(other) => panic!("{other}"),
    }
}

/// The refusal numbers of one row.
fn numbers(row: &Row) -> Vec<u16> {
    row.outcome.problems().iter().map(|problem| problem.refusal.number()).collect()
}

const XLSX: &str = "kind = \"xlsx\"\nheader = \"find\"";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of these parts beside the ones that name them; `folder` is where it says that they
/// lie.
fn workbook(folder: &str, sheet_target: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let relations = |inner: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>"
        )
    };
    let to_book = format!(
        "<Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"{folder}workbook.xml\"/>"
    );
    let to_sheet =
        format!("<Relationship Id=\"r1\" Type=\"{OFFICE}/worksheet\" Target=\"{sheet_target}\"/>");
    let book = format!(
        "<workbook xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: &[u8]| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    };
    put("_rels/.rels", relations(&to_book).as_bytes());
    put(&format!("{folder}_rels/workbook.xml.rels"), relations(&to_sheet).as_bytes());
    put(&format!("{folder}workbook.xml"), book.as_bytes());
    for (name, bytes) in parts {
        put(name, bytes);
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook of one sheet and these shared texts.
fn book(sheet: &str, shared: &str) -> Vec<u8> {
    let parts = [
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
    ];
    workbook("xl/", "worksheets/sheet1.xml", &parts)
}

const HEAD: &str = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>KEY</v></c><c r=\"B1\" t=\"str\"><v>NAME</v></c>\
    <c r=\"C1\" t=\"str\"><v>END</v></c><c r=\"D1\" t=\"str\"><v>BY</v></c></row>";

fn sheet(rows: &str) -> String {
    format!("<worksheet><sheetData>{HEAD}{rows}</sheetData></worksheet>")
}

fn good_row(name_cell: &str) -> String {
    format!(
        "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>1</v></c>{name_cell}<c r=\"C2\" t=\"str\"><v>31.12.2030</v></c>\
         <c r=\"D2\" t=\"str\"><v>Court</v></c></row>"
    )
}

#[test]
fn a_workbook_that_lies_about_its_size_stops_nothing() {
    let row = good_row("<c r=\"B2\" t=\"str\"><v>Alpha Ltd</v></c>");
    let fine = read(XLSX, "KEY", &book(&sheet(&row), "<sst></sst>")).unwrap();
    assert!(matches!(fine[0].outcome, Outcome::Ready(_)), "{fine:?}");
    // A dimension of the whole sheet is true of many files that hold little.
    let wide = format!(
        "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{HEAD}{row}</sheetData></worksheet>"
    );
    assert_eq!(read(XLSX, "KEY", &book(&wide, "<sst></sst>")).unwrap().len(), 1);
    let lies = [
        // 2.4 terabytes asked of the memory at once, and more than an address can count.
        (sheet(&row), "<sst uniqueCount=\"99999999999\"><si/></sst>".to_owned()),
        (sheet(&row), format!("<sst uniqueCount=\"{}\"></sst>", u64::MAX)),
        // Places that no number of the reader holds.
        (sheet("<row r=\"99999999999\"></row>"), String::new()),
        (sheet("<row r=\"4294967296\"/>"), String::new()),
        (sheet("<c r=\"ZZZZZZZZZZ1\"><v>1</v></c>"), String::new()),
        (sheet("<c r=\"A1048577\"><v>1</v></c>"), String::new()),
        (sheet("<c r=\"XFE1\"><v>1</v></c>"), String::new()),
        (sheet("<c r=\"\"><v>1</v></c>"), String::new()),
        // An end before the beginning: a subtraction below nothing.
        (
            sheet(&row).replace("<sheetData>", "<dimension ref=\"B9:A1\"/><sheetData>"),
            String::new(),
        ),
        (sheet(&row).replace("<sheetData>", "<dimension ref=\"9\"/><sheetData>"), String::new()),
    ];
    for (sheet, shared) in lies {
        let refused = read(XLSX, "KEY", &book(&sheet, &shared));
        assert!(refused.is_err(), "{sheet:.300} {shared:.60}: {refused:?}");
    }
}

#[test]
fn a_cell_is_bounded_however_its_text_is_cut() {
    let megabytes = |piece: &str| piece.repeat((2 << 20) / piece.len());
    let cells = [
        // Marks that are none: `>` stands in text and in attributes.
        format!("<c r=\"B2\" t=\"inlineStr\"><is><t>{}</t></is></c>", megabytes("x>")),
        format!("<c r=\"B2\" a=\"{}\"><v>1</v></c>", megabytes("x>")),
        // Runs of rich text are put together.
        format!("<c r=\"B2\" t=\"inlineStr\"><is>{}</is></c>", megabytes("<r><t>xxxx</t></r>")),
        // An end of something else is no end.
        format!("<c r=\"B2\" t=\"inlineStr\"><is>{}</is></c>", megabytes("<t>xxxx</t></c><c>")),
        format!("<c r=\"B2\" t=\"str\"><v>{}</v></c>", megabytes("<![CDATA[x]]>&amp;")),
        format!("<!-- {} -->", megabytes("<c>-</c>")),
        format!("<?x {} ?>", megabytes("<c>-</c>")),
    ];
    for cell in cells {
        let refused = read(XLSX, "KEY", &book(&sheet(&good_row(&cell)), "<sst></sst>"));
        let details = refused.expect_err("it is refused");
        assert_eq!(details, ["a cell is longer than 1 MiB"], "{cell:.80}");
    }
    // Many cells of usual length are as many as there are.
    let many: String = (2..2_000)
        .map(|n| format!("<row r=\"{n}\"><c r=\"A{n}\" t=\"str\"><v>{n}</v></c><c r=\"B{n}\" t=\"str\"><v>Firm {n} Ltd</v></c><c r=\"C{n}\" t=\"str\"><v>31.12.2030</v></c><c r=\"D{n}\" t=\"str\"><v>Court</v></c></row>"))
        .collect();
    assert_eq!(read(XLSX, "KEY", &book(&sheet(&many), "<sst></sst>")).unwrap().len(), 1_998);
}

#[test]
fn parts_are_bounded_together_and_wherever_they_lie() {
    let mut texts = b"<sst>".to_vec();
    while texts.len() < 300 << 20 {
        texts.extend_from_slice(&b"<si><t>x</t></si>".repeat(4096));
    }
    // Shared texts among the sheets, which may be larger.
    let hidden = workbook(
        "xl/worksheets/",
        "sheet1.xml",
        &[
            ("xl/worksheets/sheet1.xml", sheet("").as_bytes()),
            ("xl/worksheets/sharedStrings.xml", &texts),
        ],
    );
    assert!(hidden.len() < 2 << 20, "packed it is small");
    assert_eq!(read(XLSX, "KEY", &hidden).unwrap_err(), ["unpacked it is too large"]);
    // A sheet that calls itself a picture would not have been looked through.
    let picture = workbook("xl/", "media/a.png", &[("xl/media/a.png", sheet("").as_bytes())]);
    assert_eq!(read(XLSX, "KEY", &picture).unwrap_err(), ["a sheet lies in a part that is no XML"]);
    let names: Vec<String> = (0..10_001).map(|n| format!("p{n}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), b"".as_slice())).collect();
    let many = workbook("xl/", "worksheets/sheet1.xml", &parts);
    assert_eq!(read(XLSX, "KEY", &many).unwrap_err(), ["it has too many parts"]);
}

/// Where the central directory of `zip` begins, and its end record.
fn directory(zip: &[u8]) -> (usize, usize) {
    let end = zip.windows(4).rposition(|window| window == b"PK\x05\x06").unwrap();
    let start = u32::from_le_bytes(zip[end + 16..end + 20].try_into().unwrap());
    (start as usize, end)
}

#[test]
fn a_central_directory_that_lies_is_refused() {
    let row = good_row("<c r=\"B2\" t=\"str\"><v>Alpha Ltd</v></c>");
    let fine = book(&sheet(&row), "<sst></sst>");
    let (start, end) = directory(&fine);
    // Every entry of the directory leads to the same bytes of the archive (overlapping entries).
    let mut overlapping = fine.clone();
    let mut at = start;
    while overlapping[at..].starts_with(b"PK\x01\x02") {
        overlapping[at + 42..at + 46].copy_from_slice(&0u32.to_le_bytes());
        let length = |from: usize| u16::from_le_bytes(fine[from..from + 2].try_into().unwrap());
        at += 46
            + usize::from(length(at + 28))
            + usize::from(length(at + 30))
            + usize::from(length(at + 32));
    }
    let mut wrong_offset = fine.clone();
    wrong_offset[end + 16..end + 20].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut wrong_count = fine.clone();
    wrong_count[end + 8..end + 12].copy_from_slice(&[0xff; 4]);
    let cut = fine[..end].to_vec();
    for (what, bytes) in [
        ("overlapping", overlapping),
        ("offset", wrong_offset),
        ("count", wrong_count),
        ("cut", cut),
        ("empty", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec()),
    ] {
        assert!(read(XLSX, "KEY", &bytes).is_err(), "{what}");
    }
}

#[test]
fn full_objects_and_elements_are_read_in_time() {
    // One element of almost 1 MiB with as many keys as fit: compared each with each, minutes.
    let keys: String = (0..90_000).map(|n| format!("\"k{n}\":1,")).collect();
    let json = format!(
        "[{{{keys}\"KEY\":\"1\",\"NAME\":\"Alpha Ltd\",\"END\":\"2030-12-31\",\"BY\":\"Court\"}}]"
    );
    assert!(json.len() < 1 << 20);
    let rows = read("kind = \"json\"\nrows = \"\"", "KEY", json.as_bytes()).unwrap();
    assert!(matches!(rows[0].outcome, Outcome::Ready(_)), "{:?}", rows[0].outcome);
    let attributes: String = (0..80_000).map(|n| format!("a{n}=\"\" ")).collect();
    let xml = |attributes: &str| {
        format!(
            "<l><f {attributes}k=\"1\"><NAME>Alpha Ltd</NAME><END>2030-12-31</END><BY>Court</BY></f></l>"
        )
    };
    let rows = read("kind = \"xml\"\nrows = \"l/f\"", "@k", xml(&attributes).as_bytes()).unwrap();
    assert!(matches!(rows[0].outcome, Outcome::Ready(_)), "{:?}", rows[0].outcome);
    // Which of two would be the key?
    let twice = read("kind = \"xml\"\nrows = \"l/f\"", "@k", xml("k=\"2\" ").as_bytes());
    assert!(twice.unwrap_err()[0].contains("an attribute is there twice"));
}

#[test]
fn a_full_line_of_our_own_format_is_read_in_time() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let line = |inside: String| {
        format!(
            "{{\"key\":\"1\",\"list\":\"test.exclusions\",\"organisation\":{{\"kind\":\"enterprise\",\"name\":\"Acme Ltd\"{inside},\
             \"end\":\"2030-12-31\"}}\n"
        )
    };
    let fields: String = (0..80_000).map(|n| format!("\"f{n}\":\"\",")).collect();
    let names: Vec<String> = (0..45_000).map(|n| format!("{{\"text\":\"N{n}\"}}")).collect();
    let entries = vec!["\"barred\""; 90_000].join(",");
    let lines = [
        line(format!("}},\"entries\":[\"barred\"],\"fields\":{{{fields}\"x\":\"\"}}")),
        line(format!(",\"names\":[{}]}},\"entries\":[\"barred\"]", names.join(","))),
        line(format!("}},\"entries\":[{entries}]")),
        // Twice the same key, at every depth; depth; numbers that are none.
        line("},\"entries\":[\"barred\"],\"entries\":[\"barred\"]".to_owned()),
        line(",\"name\":\"Beta Ltd\"},\"entries\":[\"barred\"]".to_owned()),
        line(format!("}},\"entries\":{}{}", "[".repeat(100_000), "]".repeat(100_000))),
        line("},\"entries\":[1e999]".to_owned()),
        line("},\"entries\":[\"barred\"],\"start\":\"99999-01-01\"".to_owned()),
        line("},\"entries\":[\"barred\"],\"start\":\"2026-02-30\"".to_owned()),
        line("},\"entries\":[\"barred\"],\"start\":\"-0001-01-01\"".to_owned()),
        line("},\"entries\":[\"\\ud800\"]".to_owned()),
    ];
    let expected: [&[u16]; 11] =
        [&[216], &[214], &[], &[216], &[216], &[216], &[216], &[204], &[204], &[204], &[216]];
    for (line, expected) in lines.iter().zip(expected) {
        let begun = Instant::now();
        let source = Source::Bytes(line.as_bytes());
        let (rows, _) = support::rows(&own, &packs, "2026-11-22", source).expect("reads");
        assert!(begun.elapsed() < SOON, "{line:.100}");
        assert_eq!(numbers(&rows[0]), expected, "{line:.100} ... {:?}", rows[0].outcome);
    }
}

/// What no memory could hold: `head`, then `piece` until `length` bytes were given.
struct Endless {
    head: &'static [u8],
    piece: &'static [u8],
    left: u64,
    at: usize,
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        for byte in &mut buffer[..count] {
            let (head, piece) = (self.head, self.piece);
            *byte = head
                .get(self.at)
                .copied()
                .unwrap_or_else(|| piece[(self.at - head.len()) % piece.len()]);
            self.at += 1;
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// A file of the disk, sparse, so that its length costs nothing.
fn long_file(head: &'static [u8], piece: &'static [u8], length: u64) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut endless = Endless { head, piece, left: length.min(3 << 20), at: 0 };
    std::io::copy(&mut endless, &mut file).unwrap();
    // Beyond 3 MiB it is a hole, which reads as zeros.
    file.as_file().set_len(length).unwrap();
    file
}

/// Container, key, how the file begins, what is repeated, the row that is told.
type LongLine = (&'static str, &'static str, &'static [u8], &'static [u8], Option<u64>);

#[test]
fn a_line_of_ten_gigabytes_stops_at_the_limit() {
    let packs = support::packs();
    let ten = 10_u64 << 30;
    let cases: [LongLine; 6] = [
        ("kind = \"csv\"", "KEY", b"KEY,NAME,END,BY\n", b"x", Some(2)),
        ("kind = \"csv\"", "KEY", b"KEY,NAME,END,BY\n", b",", Some(2)),
        (
            "kind = \"csv\"\nencoding = \"gb18030\"",
            "KEY",
            b"KEY,NAME,END,BY\n",
            b"\xb0\xa1",
            Some(2),
        ),
        ("kind = \"json\"\nrows = \"\"", "KEY", b"[\"", b"x", Some(1)),
        ("kind = \"json\"\nrows = \"\"", "KEY", b"[", b" ", Some(1)),
        ("kind = \"xml\"\nrows = \"l/f\"", "KEY", b"<l><f>", b"x", Some(2)),
    ];
    for (container, key, head, piece, row) in cases {
        let profile = profile(&packs, container, key);
        let file = long_file(head, piece, ten);
        let begun = Instant::now();
        let result = support::rows(&profile, &packs, "2026-01-01", Source::Path(file.path()));
        assert!(begun.elapsed() < SOON, "{container}");
        let Err(ReadError::Refused(problems)) = result else { panic!("{container}: {result:?}") };
        assert_eq!(problems[0].refusal, Refusal::ContainerUnreadable, "{container}");
        assert_eq!(problems[0].row, row, "{container}");
    }
    let own = support::profile("own", &packs);
    let file = long_file(b"{\"key\":\"", b"x", ten);
    let result = support::rows(&own, &packs, "2026-01-01", Source::Path(file.path()));
    let Err(ReadError::Refused(problems)) = result else { panic!("{result:?}") };
    assert_eq!(problems[0].detail.as_deref(), Some("a line does not end within 64 MiB"));
}

#[test]
fn bytes_that_are_no_text_are_told_row_by_row() {
    let head = b"KEY,NAME,END,BY\n".to_vec();
    let row = |name: &[u8]| [head.as_slice(), b"1,", name, b",31.12.2030,Court\n"].concat();
    let cases: [(&[u8], &[u16]); 10] = [
        (b"Alpha Ltd", &[]),
        // Overlong forms of `/` and NUL, half a letter, a surrogate, beyond the last letter.
        (b"Alpha\xc0\xaf Ltd", &[213]),
        (b"Alpha\xe0\x80\x80 Ltd", &[213]),
        (b"Alpha\xc3 Ltd", &[213]),
        (b"Alpha\xed\xa0\x80 Ltd", &[213]),
        (b"Alpha\xf5\x80\x80\x80 Ltd", &[213]),
        // Another encoding in the middle of the file.
        ("甲 Ltd".as_bytes(), &[]),
        (b"\xbc\xd7 Ltd", &[213]),
        (b"Alpha\0 Ltd", &[215]),
        ("Alpha \u{202e}dtL Ltd".as_bytes(), &[215]),
    ];
    for (name, expected) in cases {
        let rows = read("kind = \"csv\"", "KEY", &row(name)).unwrap();
        assert_eq!(numbers(&rows[0]), expected, "{name:x?}");
    }
}

#[test]
fn entities_and_depth_of_xml_unfold_nothing() {
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let quadratic = format!(
        "<!DOCTYPE l [<!ENTITY a \"{}\">]><l><f>{}</f></l>",
        "x".repeat(50_000),
        "&a;".repeat(50_000)
    );
    let external = "<!DOCTYPE l [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><l><f>&a;</f></l>";
    let remote = "<!DOCTYPE l SYSTEM \"http://127.0.0.1:1/x.dtd\"><l><f>x</f></l>";
    let laughs = format!("<!DOCTYPE l [<!ENTITY l0 \"lol\">{laughs}]><l><f>&l9;</f></l>");
    let deep = "<a>".repeat(200_000);
    for text in [laughs.as_str(), &quadratic, external, remote, &deep] {
        assert!(
            read("kind = \"xml\"\nrows = \"l/f\"", "@k", text.as_bytes()).is_err(),
            "{text:.80}"
        );
    }
    let json = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let rows = read("kind = \"json\"\nrows = \"\"", "KEY", json.as_bytes());
    assert!(rows.is_err() || rows.is_ok_and(|rows| numbers(&rows[0]) == [216]));
}

#[test]
fn a_profile_that_nests_without_end_is_refused() {
    let packs = support::packs();
    let texts = [
        format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("a = {}{}", "{b=".repeat(100_000), "}".repeat(100_000)),
        format!("{} = 1", vec!["a"; 100_000].join(".")),
        format!("[{}]", vec!["a"; 100_000].join(".")),
        "name = \"a\"\nname = \"b\"".to_owned(),
        "max_age = 1e999".to_owned(),
        "max_age = 99999999999999999999999".to_owned(),
        "\u{0}".to_owned(),
        "name = \"\\uD800\"".to_owned(),
    ];
    for text in texts {
        let begun = Instant::now();
        assert!(Profile::load("any.toml", &text, &packs).is_err(), "{text:.40}");
        assert!(begun.elapsed() < SOON, "{text:.40}");
    }
}
