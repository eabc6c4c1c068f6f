//! What the tests of intake share: packs, profiles, the real lists, and reading to the end.

// Each test binary uses a part of it.
#![allow(dead_code)]

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use domain::civil::Day;
use goodstanding_intake::{
    self as intake, FileSummary, Profile, ReadError, ReadOptions, Row, Source,
};
use policy::{PackFile, Packs};

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The packs of the repository, and two lists of a fictional authority that this test owns.
pub fn packs() -> Packs {
    let root = workspace().join("packs");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    for (path, text) in FICTIONAL {
        files.push(PackFile { path: (*path).to_owned(), text: (*text).to_owned() });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Packs::load(&files).expect("the packs of the repository load")
}

pub fn collect(root: &Path, folder: &Path, files: &mut Vec<PackFile>) {
    for entry in std::fs::read_dir(folder).expect("packs/ is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.strip_prefix(root).expect("below packs/").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a pack file");
            files.push(PackFile { path: name.replace('\\', "/"), text });
        }
    }
}

const FICTIONAL: &[(&str, &str)] = &[
    (
        "test/pack.toml",
        "[pack]\nname = \"test\"\nversion = \"1\"\ntitle = { en = \"Test\", zh = \"测试\" }\n",
    ),
    (
        "test/authorities.toml",
        "[[authority]]\nkey = \"test.office\"\nnames = { en = \"Office\", zh = \"办公室\" }\nurl = \"https://office.example\"\n",
    ),
    (
        "test/lists/exclusions.toml",
        r#"
[list]
id = "test.exclusions"
title = { en = "Exclusions", zh = "排除名单" }
authority = "test.office"
record_type = "procurement.exclusion"
subjects = ["enterprise", "union", "unstated", "association"]
url = "https://office.example/exclusions"
zone = "UTC"

[[basis]]
instrument = { en = "Act", zh = "法" }
article = "1"
level = "law"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[remedy]
text = { en = "Appeal", zh = "申诉" }
url = "https://office.example/appeal"

[[remedy.basis]]
instrument = { en = "Act", zh = "法" }
article = "2"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[[entry]]
id = "barred"
title = { en = "Barred", zh = "禁止" }
grounds = ["fraud"]
act = "administrative"

[[entry.basis]]
instrument = { en = "Act", zh = "法" }
article = "3"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[[entry]]
id = "convicted"
title = { en = "Convicted", zh = "定罪" }
grounds = ["corruption"]
act = "final_court"

[[entry.basis]]
instrument = { en = "Act", zh = "法" }
article = "4"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22

[entry.indefinite]
instrument = { en = "Act", zh = "法" }
article = "5"
url = "https://office.example/act"
evidence = "source seen"
seen_on = 2026-11-22
"#,
    ),
];

pub fn profile(name: &str, packs: &Packs) -> Profile {
    let path = workspace().join("profiles").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).expect("the profile is there");
    Profile::load(&format!("{name}.toml"), &text, packs).expect("the shipped profile loads")
}

/// A file of the real lists, or `None` when they are not beside the repository.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = workspace().join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared/data/{name} is not there");
    None
}

pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

pub fn options(as_of: &str) -> ReadOptions {
    ReadOptions { as_of: day(as_of), partial: true }
}

/// Every row of `source`.
pub fn rows(
    profile: &Profile,
    packs: &Packs,
    as_of: &str,
    source: Source<'_>,
) -> Result<(Vec<Row>, FileSummary), ReadError<Infallible>> {
    let mut rows = Vec::new();
    let summary = intake::read(profile, packs, &options(as_of), source, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok((rows, summary))
}

/// A workbook of one sheet whose cells are all texts.
pub fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let mut sheet = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>",
    );
    for (number, row) in rows.iter().enumerate() {
        sheet.push_str(&format!("<row r=\"{}\">", number + 1));
        for (column, text) in row.iter().enumerate() {
            let letter = char::from(b'A' + u8::try_from(column).expect("few columns"));
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            sheet.push_str(&format!(
                "<c r=\"{letter}{}\" t=\"inlineStr\"><is><t>{text}</t></is></c>",
                number + 1
            ));
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    workbook_of(&sheet)
}

/// A workbook whose sheet is this XML.
pub fn workbook_of(sheet: &str) -> Vec<u8> {
    archive(&[
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", ROOT_RELATIONS),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const ROOT_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A ZIP archive without compression.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let size = |length: usize| u32::try_from(length).expect("small").to_le_bytes();
    for (name, text) in files {
        let offset = size(out.len());
        let name_length = u16::try_from(name.len()).expect("short").to_le_bytes();
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        head.extend(crc32(text.as_bytes()).to_le_bytes());
        head.extend(size(text.len()));
        head.extend(size(text.len()));
        head.extend(name_length);
        head.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.bytes());
        out.extend(text.bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.bytes());
    }
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let start = size(out.len());
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(size(directory.len()));
    out.extend(start);
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}

/// A small generator, so that generated rows are the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// Below `limit`.
    pub fn roll(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    pub fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[usize::try_from(self.roll(texts.len() as u64)).expect("small")]
    }

    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.roll(10) as u8)).collect()
    }
}

/// `body` with the check digits of a CPF (9 digits) or a CNPJ (12 digits).
pub fn with_check_digits(body: &str) -> String {
    let cycle = if body.len() == 12 { 8 } else { 10 };
    let mut digits = body.to_owned();
    for _ in 0..2 {
        let sum: usize = digits
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, b)| usize::from(b - b'0') * (2 + place % cycle))
            .sum();
        digits.push(match sum % 11 {
            0 | 1 => '0',
            rest => char::from(b'0' + u8::try_from(11 - rest).expect("a digit")),
        });
    }
    digits
}

pub fn formatted_cpf(digits: &str) -> String {
    format!("{}.{}.{}-{}", &digits[..3], &digits[3..6], &digits[6..9], &digits[9..])
}

pub fn formatted_cnpj(digits: &str) -> String {
    format!(
        "{}.{}.{}/{}-{}",
        &digits[..2],
        &digits[2..5],
        &digits[5..8],
        &digits[8..12],
        &digits[12..]
    )
}
