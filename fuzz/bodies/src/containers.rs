//! Files of lists in every container, and the profiles that say how to read them.

use std::convert::Infallible;
use std::io::{Cursor, Write};
use std::sync::LazyLock;

use domain::refusal::Language;
use intake::{Outcome, Profile, ReadError, ReadOptions, Row, Source, quarantine};
use policy::Packs;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::choice;
use crate::packs::FILES;

static PACKS: LazyLock<Packs> = LazyLock::new(|| {
    // The packs are the program's own; a test of the program loads them too.
    Packs::load(&FILES).unwrap_or_else(|problems| panic!("{problems:?}"))
});

/// One profile for each container and way of decoding.
static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let containers = [
        "kind = \"csv\"",
        "kind = \"csv\"\nencoding = \"gb18030\"\nheader = \"find\"\nheader_rows = 2\nfootnotes = [\"*\"]",
        "kind = \"csv\"\nencoding = \"utf-16le\"\ndelimiter = \";\"\nencoding_errors = \"replace\"",
        "kind = \"xlsx\"\nheader = \"find\"\ncaptions = true",
        "kind = \"json\"\nrows = \"data.items\"",
        "kind = \"xml\"\nrows = \"list/firm\"",
    ];
    let made = containers.map(|container| {
        let text = PROFILE.replace("CONTAINER", container);
        Profile::load("any.toml", &text, &PACKS).unwrap_or_else(|problems| panic!("{problems:?}"))
    });
    let shipped = goodstanding::shipped::profiles();
    let own = shipped.iter().filter(|file| file.path.ends_with("own.toml"));
    let own = own.flat_map(|file| Profile::load(&file.path, &file.text, &PACKS));
    made.into_iter().chain(own).collect()
});

const PROFILE: &str = r#"
name = "any"
list = "mdb.idb-sanctioned-firms"
extent = "full"
max_age = 7
row_floor = 0
licence = "none"
row_key = ["key"]
[container]
CONTAINER
[columns]
name = "name"
end = "end"
[country]
fixed = "RU"
[dates]
formats = ["%d.%m.%Y", "%Y年%m月%d日"]
[fields]
imposed_by = "by"
[entries]
column = "ground"
separator = ";"
map = { "fraud" = ["fraud"] }
[persons]
on_identifier = "strip"
[persons.words]
organisation = ["ltd", "ооо", "有限公司"]
[[kinds]]
kind = "enterprise"
words = ["ltd", "ооо", "有限公司"]
"#;

/// A file, read by the profile that its first byte chooses.
pub fn containers(data: &[u8]) {
    let Some((choice, file)) = choice(data) else { return };
    match PROFILES.get(choice % (PROFILES.len() + 1)) {
        Some(profile) => check_reading(profile, file),
        // A changed byte of an archive mostly gives no archive: here the parts are what is changed.
        None => {
            PROFILES.get(XLSX).into_iter().for_each(|xlsx| check_reading(xlsx, &workbook(file)))
        }
    }
}

/// Place of the profile of workbooks.
const XLSX: usize = 3;

/// A workbook whose sheet, shared texts, styles, list of sheets and relations stand in `data`, each
/// after a NUL; what is missing is as it should be.
fn workbook(data: &[u8]) -> Vec<u8> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |kind: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"r1\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let usual = [
        ("xl/worksheets/sheet1.xml", String::new()),
        ("xl/sharedStrings.xml", "<sst></sst>".to_owned()),
        ("xl/styles.xml", "<styleSheet></styleSheet>".to_owned()),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relations("worksheet", "worksheets/sheet1.xml")),
        ("_rels/.rels", relations("officeDocument", "xl/workbook.xml")),
    ];
    let mut given = data.split(|byte| *byte == 0);
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in &usual {
        let part = given.next().unwrap_or(text.as_bytes());
        archive.start_file(*name, stored).expect("memory");
        archive.write_all(part).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}

/// The text of a profile; if it loads, it reads a file.
pub fn profiles(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Profile::load("any.toml", text, &PACKS) {
        Ok(profile) => {
            let headings = profile.headings().join(",");
            let cells = vec!["Alpha Ltd"; profile.headings().len()].join(",");
            check_reading(&profile, format!("{headings}\n{cells}\n{cells}x\n").as_bytes());
        }
        Err(problems) => assert!(!problems.is_empty(), "a refusal says why"),
    }
}

fn check_reading(profile: &Profile, file: &[u8]) {
    let Some(rows) = read(profile, file) else { return };
    let once = written(profile, &rows);
    // What is given out for correction reads back, and what comes back was there before.
    if let Some(again) = read(profile, &once) {
        let before: Vec<_> = rows.iter().filter_map(cells).collect();
        assert!(again.iter().filter_map(cells).all(|cells| before.contains(&cells)));
    }
}

/// Reads, and checks what holds of any reading.
fn read(profile: &Profile, file: &[u8]) -> Option<Vec<Row>> {
    let as_of = "2020-01-01".parse().ok()?;
    let options = ReadOptions { as_of, partial: true };
    let mut rows: Vec<Row> = Vec::new();
    let result =
        intake::read::<Infallible>(profile, &PACKS, &options, Source::Bytes(file), &mut |row| {
            rows.push(row);
            Ok(())
        });
    let summary = match result {
        Ok(summary) => summary,
        Err(ReadError::Refused(problems)) => {
            assert!(!problems.is_empty(), "a refusal says why");
            return None;
        }
        Err(ReadError::Io(error)) => panic!("memory does not fail: {error}"),
        Err(ReadError::Seen(error)) => panic!("so few rows are held in memory: {error}"),
    };
    let sum = summary.refused_persons
        + summary.refused
        + summary.quarantined
        + summary.duplicate
        + summary.already_ended
        + summary.ready;
    assert_eq!(sum, summary.rows, "every row became something");
    assert_eq!(summary.rows, rows.len() as u64);
    assert!(rows.windows(2).all(|pair| pair[0].number < pair[1].number), "rows come in order");
    for row in &rows {
        let is_person = matches!(
            row.outcome,
            Outcome::RefusedPerson(_) | Outcome::Quarantined { cells: None, .. }
        );
        assert!(!is_person || row.row_key.is_none(), "a person's row has no key to hash");
        if let Outcome::Ready(submission) = &row.outcome {
            let text = format!("{submission:?}");
            assert!(!text.contains('\u{0}') && !text.contains('\u{202e}'));
        }
    }
    Some(rows)
}

fn cells(row: &Row) -> Option<&Vec<(String, String)>> {
    match &row.outcome {
        Outcome::Quarantined { cells, .. } => cells.as_ref(),
        _ => None,
    }
}

fn written(profile: &Profile, rows: &[Row]) -> Vec<u8> {
    let mut writer = quarantine::Writer::new(Vec::new(), profile, Language::En).expect("memory");
    rows.iter().for_each(|row| writer.write(row).expect("memory"));
    writer.finish().expect("memory")
}
