//! What the tests of the command line share: a registry in a folder of its own and the built
//! program.

// Each test file compiles this module and uses its part of it.
#![allow(dead_code)]

pub mod faults;
pub mod scenario;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use domain::civil::{Day, Instant, Zone};
use serde_json::Value;
use tempfile::TempDir;

/// The built program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_goodstanding");

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; -1 when it was killed.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ended {
    /// How a finished process ended.
    pub fn of(output: Output) -> Ended {
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The JSON on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    /// The same, after checking the exit code.
    pub fn expect(&self, code: i32) -> &Ended {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// Runs the program.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Ended {
    Ended::of(Command::new(PROGRAM).args(arguments).output().unwrap())
}

/// A folder with room for a registry and for files to import.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty one.
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    /// One with a registry in it.
    pub fn with_registry() -> Place {
        let place = Place::new();
        place.run(&["init", "--origin", "test.example/log"]).expect(0);
        place.adopt_small();
        place
    }

    /// Adopts `small`: the profile of the CEIS list for files of a few rows.
    fn adopt_small(&self) {
        let text = fs::read_to_string(workspace().join("profiles/ceis.toml")).unwrap();
        let small = text
            .replace("name = \"ceis\"", "name = \"small\"")
            .replace("row_floor = 4000", "row_floor = 1");
        let file = self.write("small.toml", &small);
        self.run(&["profile", "adopt", file.to_str().unwrap()]).expect(0);
    }

    /// The folder with everything of this place.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same files at another place.
    pub fn copied(&self) -> Place {
        let copy = Place::new();
        copy_folder(self.folder(), copy.folder());
        copy
    }

    /// The registry's directory.
    pub fn registry(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    /// A path beside the registry.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the registry.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs the program in the registry.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let registry = self.registry();
        let mut all: Vec<&str> = arguments.to_vec();
        let directory = registry.to_str().unwrap();
        all.extend(["--dir", directory]);
        run(&all)
    }

    /// Imports `file` with `--json` and gives the result, whatever the exit code.
    pub fn import(&self, profile: &str, file: &Path, more: &[&str]) -> (i32, Value) {
        let mut arguments = vec!["import", "--json", "--profile", profile, file.to_str().unwrap()];
        arguments.extend(more);
        let ended = self.run(&arguments);
        (ended.code, ended.json())
    }
}

/// A number that looks random and is the same on every run (splitmix64).
pub fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number of a result.
pub fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("no number `{key}` in {value}"))
}

/// Checks that the outcomes of an import are disjoint and sum to its rows.
pub fn check_sum(value: &Value) {
    let parts = [
        "accepted",
        "changed",
        "unchanged",
        "duplicate",
        "already_ended",
        "quarantined",
        "refused_persons",
        "refused",
    ];
    let sum: u64 = parts.iter().map(|part| number(value, part)).sum();
    assert_eq!(sum, number(value, "rows"), "{value}");
}

/// The real lists, or `None` with a line that says so.
pub fn real_list(path: &str) -> Option<PathBuf> {
    let found = workspace().join("../shared/data").join(path);
    if found.is_file() {
        return Some(found);
    }
    println!("skipped: ../shared/data/{path} is not there");
    None
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file under `folder` with its content.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(inner) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&inner) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What must not change under `folder`, each file with a hash: log, checkpoints, keys, packs,
/// profiles. The databases are left out: opening them for writing notes who writes. That nothing
/// was appended follows from the checkpoint. Notes on imports are no truth.
pub fn lasting_files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = files(folder);
    found.retain(|path, _| {
        let is_note = path.components().any(|part| part.as_os_str() == "sources");
        !is_note && !path.file_name().unwrap().to_string_lossy().contains(".db")
    });
    found
        .into_iter()
        .map(|(path, bytes)| {
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            (path, hasher.finish())
        })
        .collect()
}

/// The files under `folder` that contain `needle` as bytes.
pub fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    files(folder)
        .into_iter()
        .filter(|(_, bytes)| bytes.windows(needle.len()).any(|window| window == needle.as_bytes()))
        .map(|(path, _)| path)
        .collect()
}

/// Today in UTC, by the machine's clock as the program sees it.
pub fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap()).day_in(&Zone::UTC)
}

/// A day as the CEIS list writes it.
pub fn brazilian(day: Day) -> String {
    let (year, month, day) = day.parts();
    format!("{day:02}/{month:02}/{year}")
}

/// A CNPJ with right check digits, made from a number.
pub fn cnpj(seed: u32) -> String {
    let mut digits: Vec<u32> = format!("{:08}0001", 99_000_000 + seed % 1_000_000)
        .chars()
        .filter_map(|c| c.to_digit(10))
        .collect();
    for _ in 0..2 {
        let sum: u32 =
            digits.iter().rev().zip((2..=9).cycle()).map(|(digit, weight)| digit * weight).sum();
        let rest = sum % 11;
        digits.push(if rest < 2 { 0 } else { 11 - rest });
    }
    digits.iter().map(|digit| char::from_digit(*digit, 10).unwrap()).collect()
}

/// A legal entity identifier with right check digits, made from a number.
pub fn lei(seed: u32) -> String {
    let base = format!("TEST00DEMO9{:07}", seed % 10_000_000);
    let digits = base.chars().filter_map(|c| c.to_digit(36)).fold(0_u64, |rest, digit| {
        let digit = u64::from(digit);
        (rest * if digit < 10 { 10 } else { 100 } + digit) % 97
    });
    format!("{base}{:02}", 98 - digits * 100 % 97)
}

/// A line of our own format: a barring on the CEIS list until `end`, of an organisation whose kind
/// the line does not state.
pub fn own_barring(key: &str, identifiers: &[(&str, &str)], end: Day) -> String {
    own_line(
        key,
        ("br.ceis", "unstated"),
        identifiers,
        &serde_json::json!({
            "entries": ["impedimento-10520"],
            "end": end.to_string(),
            "fields": {"imposed_by": "Prefeitura Ficticia", "sanction": "Impedimento"},
        }),
    )
}

/// A line of our own format: a permit, which is neutral, of an organisation of `kind`.
pub fn own_permit(key: &str, kind: &str, identifiers: &[(&str, &str)]) -> String {
    let more = serde_json::json!({"fields": {"category": "Fictional", "number": key}});
    own_line(key, ("us.epa-npdes-permits", kind), identifiers, &more)
}

fn own_line(
    key: &str,
    (list, kind): (&str, &str),
    identifiers: &[(&str, &str)],
    more: &Value,
) -> String {
    let identifiers: Vec<Value> = identifiers
        .iter()
        .map(|(scheme, value)| serde_json::json!({"scheme": scheme, "value": value}))
        .collect();
    let mut line = serde_json::json!({
        "key": key,
        "list": list,
        "organisation": {"kind": kind, "name": "Fictional Dockside", "identifiers": identifiers},
    });
    let more = more.as_object().unwrap().clone();
    line.as_object_mut().unwrap().extend(more);
    format!("{line}\n")
}

/// One row of a made-up file in the layout of the CEIS list.
#[derive(Debug, Clone)]
pub struct CeisRow {
    /// Number the CNPJ is made from.
    pub seed: u32,
    /// Legal ground as the publisher spells it.
    pub ground: &'static str,
    /// Last day, `dd/mm/yyyy` or empty.
    pub end: String,
}

/// The spelling of the most common ground of the list.
pub const GROUND: &str = "Impedimento - Lei do Pregão";

/// A row that lasts until `end`.
pub fn ceis_row(seed: u32, end: Day) -> CeisRow {
    CeisRow { seed, ground: GROUND, end: brazilian(end) }
}

/// A made-up file in the layout of the CEIS list.
pub fn ceis_file(rows: &[CeisRow]) -> String {
    let mut text = "cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf\r\n".to_owned();
    for row in rows {
        let _ = write!(
            text,
            "{},EMPRESA FICTICIA {} LTDA,{},{},Prefeitura Ficticia,SP\r\n",
            cnpj(row.seed),
            row.seed,
            row.ground,
            row.end
        );
    }
    text
}

/// `count` rows that last for a year from today.
pub fn many_rows(count: u32) -> Vec<CeisRow> {
    let end = today().plus_days(365);
    (1..=count).map(|seed| ceis_row(seed, end)).collect()
}

/// A workbook of a few kilobytes one cell of which unfolds to many megabytes.
pub fn bomb() -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    archive.write_all(&vec![b'x'; 32 << 20]).unwrap();
    archive.finish().unwrap().into_inner()
}
