//! Every container and layout through a whole profile: the same three firms come out of each, a
//! person goes nowhere, and what is broken or too large is refused with a number.

mod support;

use std::io::{Cursor, Write};

use domain::refusal::Refusal;
use goodstanding_intake::{self as intake, Outcome, Profile, ReadError, ReadOptions, Row, Source};
use support::packs;

/// A profile over `container` whose columns bear these headings.
fn profile(container: &str, headings: &[(&str, &str)]) -> Profile {
    let mut text = format!(
        r#"
name = "any"
list = "test.exclusions"
extent = "full"
max_age = 7
row_floor = 0
licence = "none"
row_key = ["KEY"]
[container]
{container}
[columns]
name = "NAME"
end = "END"
[country]
fixed = "RU"
[dates]
formats = ["%d.%m.%Y", "%Y年%m月%d日"]
[fields]
imposed_by = "BY"
[entries]
column = "GROUND"
separator = ";"
map = {{ "fraud" = ["barred"], "мошенничество" = ["barred"], "欺诈" = ["barred"] }}
[persons]
on_identifier = "refuse"
[persons.words]
organisation = ["ltd", "ооо", "有限公司"]
[[kinds]]
kind = "enterprise"
words = ["ltd", "ооо", "有限公司"]
"#
    );
    for (place, heading) in headings {
        text = text.replace(&format!("\"{place}\""), &format!("\"{heading}\""));
    }
    Profile::load("any.toml", &text, &packs()).unwrap()
}

fn read(profile: &Profile, bytes: &[u8]) -> Result<Vec<Row>, Vec<Refusal>> {
    let options = ReadOptions { as_of: "2026-01-01".parse().unwrap(), partial: false };
    let mut rows = Vec::new();
    let result = intake::read::<std::convert::Infallible>(
        profile,
        &packs(),
        &options,
        Source::Bytes(bytes),
        &mut |row| {
            rows.push(row);
            Ok(())
        },
    );
    match result {
        Ok(_) => Ok(rows),
        Err(ReadError::Refused(problems)) => Err(problems.iter().map(|p| p.refusal).collect()),
        Err(other) => panic!("{other}"),
    }
}

/// Names of the rows that came through, with their row numbers.
fn names(profile: &Profile, bytes: &[u8]) -> Vec<(u64, String)> {
    let rows = read(profile, bytes).unwrap();
    rows.iter()
        .map(|row| match &row.outcome {
            Outcome::Ready(submission) => (row.number, submission.organisation.name.text.clone()),
            other => panic!("row {}: {other:?}", row.number),
        })
        .collect()
}

const PLAIN: [(&str, &str); 5] = [
    ("NAME", "Наименование"),
    ("KEY", "Номер"),
    ("END", "До"),
    ("BY", "Кем"),
    ("GROUND", "Основание"),
];

const CYRILLIC: &str = "Наименование;Номер;До;Кем;Основание\n\
    ООО Ромашка;1;31.12.2030;Суд;мошенничество\nООО «Заря»;2;31.12.2030;Суд;\"мошенничество; fraud\"\n";

fn cyrillic_names() -> Vec<(u64, String)> {
    vec![(2, "ООО Ромашка".to_owned()), (3, "ООО «Заря»".to_owned())]
}

#[test]
fn cyrillic_csv_in_four_encodings() {
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(CYRILLIC.encode_utf16()).flat_map(order).collect()
    };
    let single =
        |encoding: &'static encoding_rs::Encoding| encoding.encode(CYRILLIC).0.into_owned();
    for (label, bytes) in [
        ("utf-8", format!("\u{feff}{CYRILLIC}").into_bytes()),
        ("windows-1251", single(encoding_rs::WINDOWS_1251)),
        ("utf-16le", wide(u16::to_le_bytes)),
        ("utf-16be", wide(u16::to_be_bytes)),
    ] {
        let container = format!("kind = \"csv\"\ndelimiter = \";\"\nencoding = \"{label}\"");
        assert_eq!(names(&profile(&container, &PLAIN), &bytes), cyrillic_names(), "{label}");
    }
}

#[test]
fn a_wrong_encoding_is_quarantined_not_guessed() {
    let container = "kind = \"csv\"\ndelimiter = \";\"\nencoding = \"utf-16le\"";
    let mut bytes: Vec<u8> = CYRILLIC.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let lone = CYRILLIC.encode_utf16().position(|unit| unit == u16::from(b'1')).unwrap();
    bytes[2 * lone..2 * lone + 2].copy_from_slice(&0xd800_u16.to_le_bytes());
    let rows = read(&profile(container, &PLAIN), &bytes).unwrap();
    let Outcome::Quarantined { problems, .. } = &rows[0].outcome else { panic!("{rows:?}") };
    assert_eq!(problems[0].refusal, Refusal::EncodingBroken);
    assert!(matches!(rows[1].outcome, Outcome::Ready(_)));
}

const CHINESE: [(&str, &str); 5] = [
    ("NAME", "企业 名称"),
    ("KEY", "企业 编号"),
    ("END", "处罚 截止"),
    ("BY", "处罚 机关"),
    ("GROUND", "处罚 事由"),
];

#[test]
fn chinese_csv_with_preamble_two_header_rows_and_footnotes() {
    let text = "失信名单（2026年1月）,,,,\n,,,,\n企业,,处罚,,\n名称,编号*,截止,机关,事由\n\
        甲有限公司*,1,2030年12月31日,市场监管局,欺诈\n乙有限公司,2,2030年12月31日,市场监管局,欺诈\n";
    let container = "kind = \"csv\"\nencoding = \"gb18030\"\nheader = \"find\"\nheader_rows = 2\n\
        footnotes = [\"*\"]";
    let (bytes, ..) = encoding_rs::GB18030.encode(text);
    let found = names(&profile(container, &CHINESE), &bytes);
    assert_eq!(found, [(5, "甲有限公司".to_owned()), (6, "乙有限公司".to_owned())]);
}

#[test]
fn xml_in_the_encoding_it_is_written_in() {
    let headings = [
        ("NAME", "имя"),
        ("KEY", "@номер"),
        ("END", "срок/до"),
        ("BY", "кем"),
        ("GROUND", "основание"),
    ];
    let text = "<реестр><фирма номер=\"1\"><имя>ООО Ромашка</имя><срок><до>31.12.2030</до></срок>\
        <кем>Суд</кем><основание>мошенничество</основание></фирма>\
        <фирма номер=\"2\"><имя>ООО «Заря»</имя><срок><до>31.12.2030</до></срок><кем>Суд</кем>\
        <основание>мошенничество</основание><основание>fraud</основание></фирма></реестр>";
    let container =
        "kind = \"xml\"\nrows = \"реестр/фирма\"\nencoding = \"windows-1251\"\njoin = \";\"";
    let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(text);
    let expected = [(1, "ООО Ромашка".to_owned()), (2, "ООО «Заря»".to_owned())];
    assert_eq!(names(&profile(container, &headings), &bytes), expected);
}

#[test]
fn json_in_an_envelope() {
    let headings = [
        ("NAME", "firm.name"),
        ("KEY", "id"),
        ("END", "term.until"),
        ("BY", "by"),
        ("GROUND", "grounds"),
    ];
    let text = r#"{"count": 2, "data": {"items": [
        {"id": 1, "firm": {"name": "Alpha Ltd"}, "term": {"until": "2030-12-31"}, "by": "Court", "grounds": ["fraud"]},
        {"id": 2, "firm": {"name": "Beta Ltd"}, "term": {"until": "31.12.2030"}, "by": "Court", "grounds": ["fraud", "fraud"]}]}}"#;
    let container = "kind = \"json\"\nrows = \"data.items\"\njoin = \";\"";
    let expected = [(1, "Alpha Ltd".to_owned()), (2, "Beta Ltd".to_owned())];
    assert_eq!(names(&profile(container, &headings), text.as_bytes()), expected);
}

/// A schema before the rows and a history behind them, each longer than a row may be.
#[test]
fn json_with_long_values_beside_the_rows() {
    let headings =
        [("NAME", "n"), ("KEY", "id"), ("END", "end"), ("BY", "by"), ("GROUND", "grounds")];
    let long = format!("[{}\"x\"]", "{\"column\": \"text\"}, ".repeat(200_000));
    let row =
        r#"{"id": 1, "n": "Alpha Ltd", "end": "2030-12-31", "by": "Court", "grounds": "fraud"}"#;
    let text = format!(r#"{{"schema": {long}, "rows": [{row}], "history": {long}}}"#);
    let container = "kind = \"json\"\nrows = \"rows\"";
    let expected = [(1, "Alpha Ltd".to_owned())];
    assert_eq!(names(&profile(container, &headings), text.as_bytes()), expected);
}

#[test]
fn a_person_in_any_container_is_refused() {
    let container = "kind = \"json\"\nrows = \"\"";
    let text = r#"[{"NAME": "Alpha Ltd", "KEY": "1", "END": "2030-12-31", "BY": "a@example.org", "GROUND": "fraud"}]"#;
    let rows = read(&profile(container, &[]), text.as_bytes()).unwrap();
    assert!(matches!(rows[0].outcome, Outcome::RefusedPerson(_)), "{rows:?}");
    assert_eq!(rows[0].row_key, None);
}

/// A workbook of one sheet, made by hand so that it may lie.
fn workbook(sheet: &[u8], shared: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/>"
        )
    };
    let relations = |inner: String| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>"
        )
    };
    let parts: [(&str, Vec<u8>); 6] = [
        ("_rels/.rels", relations(relation("r1", "officeDocument", "xl/workbook.xml")).into()),
        (
            "xl/_rels/workbook.xml.rels",
            relations(
                relation("r1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("r2", "sharedStrings", "sharedStrings.xml"),
            )
            .into(),
        ),
        (
            "xl/workbook.xml",
            b"<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_vec(),
        ),
        ("xl/worksheets/sheet1.xml", sheet.to_vec()),
        ("xl/sharedStrings.xml", shared.to_vec()),
        ("xl/vbaProject.bin", b"a macro that nobody runs".to_vec()),
    ];
    for (name, bytes) in parts {
        archive.start_file(name, options).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn sheet(rows: &[&[&str]]) -> Vec<u8> {
    let mut text = "<worksheet><sheetData>".to_owned();
    for (number, row) in (1..).zip(rows) {
        text += &format!("<row r=\"{number}\">");
        for (column, cell) in ('A'..).zip(*row) {
            text += &match cell.strip_prefix('=') {
                // A formula with the value that was stored beside it.
                Some(value) => format!(
                    "<c r=\"{column}{number}\" t=\"str\"><f>HYPERLINK(\"evil\")</f><v>{value}</v></c>"
                ),
                None => {
                    format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>")
                }
            };
        }
        text += "</row>";
    }
    (text + "</sheetData></worksheet>").into_bytes()
}

const XLSX: &str = "kind = \"xlsx\"\nheader = \"find\"\ncaptions = true";
const NO_TEXTS: &[u8] = b"<sst></sst>";

#[test]
fn xlsx_with_macro_and_formulas_gives_stored_values() {
    let rows = sheet(&[
        &["Excluded firms"],
        &["NAME", "KEY", "END", "BY", "GROUND"],
        &["=Alpha Ltd", "1", "2030-12-31", "Court", "fraud"],
    ]);
    let bytes = workbook(&rows, NO_TEXTS);
    assert_eq!(names(&profile(XLSX, &[]), &bytes), [(3, "Alpha Ltd".to_owned())]);
}

#[test]
fn xlsx_bombs_are_refused_before_they_unfold() {
    let mut long = b"<sst><si><t>".to_vec();
    long.resize(3 << 20, b'x');
    let mut many = b"<sst>".to_vec();
    while many.len() < 300 << 20 {
        many.extend_from_slice(b"<si><t></t></si><si><t></t></si><si><t></t></si><si><t></t></si>");
    }
    for shared in [long, many] {
        let bytes = workbook(&sheet(&[&["NAME"]]), &shared);
        assert!(bytes.len() < 2 << 20, "packed it is small");
        let refused = read(&profile(XLSX, &[]), &bytes).unwrap_err();
        assert_eq!(refused, [Refusal::ContainerUnreadable]);
    }
    for broken in [b"PK\x03\x04".to_vec(), b"no workbook".to_vec()] {
        assert_eq!(read(&profile(XLSX, &[]), &broken).unwrap_err(), [Refusal::ContainerUnreadable]);
    }
}
