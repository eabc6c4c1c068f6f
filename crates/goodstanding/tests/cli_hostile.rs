//! What a stranger's file does to the program on the command line: it ends with a code and a
//! message, nothing is lost, and what it writes out harms no spreadsheet.

mod support;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Place, ceis_file, ceis_row, check_sum, number, own_permit, today};

#[test]
fn what_is_no_file_is_not_waited_for() {
    let place = Place::with_registry();
    let pipe = place.path("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let begun = Instant::now();
    for source in [pipe.to_str().unwrap(), "/dev/zero", "/dev/stdin", "/proc/self/mem", "/"] {
        let ended = place.run(&["import", "--profile", "small", source]);
        assert!([1, 2].contains(&ended.code), "{source}: {ended:?}");
        assert!(!ended.stderr.is_empty() && !ended.stderr.contains("panicked"), "{source}");
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn a_file_that_is_refused_changes_nothing_and_the_next_one_is_read() {
    let place = Place::with_registry();
    let before = support::lasting_files(&place.registry());
    let mut open_mark = ceis_file(&[]).into_bytes();
    open_mark.extend(b"\"");
    open_mark.resize(3 << 20, b'x');
    let hostile: [(&str, Vec<u8>); 5] = [
        ("an open quotation mark", open_mark),
        ("zeros", vec![0; 4 << 20]),
        ("an archive", b"PK\x03\x04\x14\x00".repeat(1000)),
        ("nothing", Vec::new()),
        ("random", (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
    ];
    for (what, bytes) in hostile {
        let path = place.path("hostile.csv");
        fs::write(&path, bytes).unwrap();
        let ended = place.run(&["import", "--profile", "small", path.to_str().unwrap()]);
        assert_eq!(ended.code, 1, "{what}: {ended:?}");
        assert!(ended.stderr.contains("30"), "{what}: {ended:?}");
        assert!(!ended.stderr.contains("panicked") && ended.stderr.len() < 2_000, "{what}");
        assert_eq!(support::lasting_files(&place.registry()), before, "{what}");
    }
    let file = place.write("list.csv", &ceis_file(&[ceis_row(1, today().plus_days(30))]));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!((code, number(&outcome, "accepted")), (0, 1), "{outcome}");
}

/// Cells a spreadsheet would run, as a stranger writes them into a list.
const FORMULAS: [&str; 12] = [
    "=1+1",
    "=HYPERLINK(\"\"http://evil.example\"\")",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "a;=1+1",
    "'=1+1",
    "'",
    "a\r\n=1+1",
];

#[test]
fn no_cell_of_a_quarantine_file_is_a_formula_and_each_comes_back_as_it_was() {
    let place = Place::with_registry();
    let head = "cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf";
    // The end is no day, so that every row is written for correction with its other cells.
    let rows: String = FORMULAS
        .iter()
        .enumerate()
        .map(|(seed, formula)| {
            let number = support::cnpj(u32::try_from(seed).unwrap() + 1);
            let ground = support::GROUND;
            format!("{number},EMPRESA FICTICIA LTDA,{ground},31/31/2031,\"{formula}\",SP\n")
        })
        .collect();
    let file = place.write("list.csv", &format!("{head}\n{rows}"));
    let out = place.path("to-correct.csv");
    let (code, outcome) =
        place.import("small", &file, &["--partial", "--quarantine", out.to_str().unwrap()]);
    check_sum(&outcome);
    assert_eq!((code, number(&outcome, "quarantined")), (3, FORMULAS.len() as u64), "{outcome}");
    let text = fs::read_to_string(&out).unwrap();
    for delimiter in [b',', b';', b'\t'] {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '＝', '\t', '\r']), "{cell:?}");
            }
        }
    }
    // Read again and written again it is the same file: nothing was added and nothing was lost.
    let again = place.path("again.csv");
    let (_, outcome) =
        place.import("small", &out, &["--partial", "--quarantine", again.to_str().unwrap()]);
    assert_eq!(number(&outcome, "quarantined"), FORMULAS.len() as u64, "{outcome}");
    let cells = |text: &str| {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        // Without our own two columns: a row's number changes when rows before it are gone.
        reader
            .records()
            .map(|row| row.unwrap().iter().skip(2).map(str::to_owned).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    assert_eq!(cells(&fs::read_to_string(&again).unwrap()), cells(&text));
}

#[test]
fn no_cell_of_an_export_is_a_formula() {
    let place = Place::with_registry();
    let mut lines = String::new();
    for (at, formula) in FORMULAS.iter().enumerate() {
        let permit = own_permit(
            &format!("P{at}"),
            "enterprise",
            &[("lei", &support::lei(u32::try_from(at).unwrap()))],
        );
        let mut line: Value = serde_json::from_str(permit.trim()).unwrap();
        line["organisation"]["name"] = format!("{} Ltd", formula.replace("\"\"", "\"")).into();
        line["organisation"]["place"] = formula.replace("\"\"", "\"").into();
        lines.push_str(&format!("{line}\n"));
    }
    let file = place.write("own.jsonl", &lines);
    let (_, outcome) = place.import("own", &file, &[]);
    assert_eq!(number(&outcome, "accepted"), FORMULAS.len() as u64, "{outcome}");
    let out = place.path("r.csv");
    place.run(&["export", "--form", "csv", "--out", out.to_str().unwrap()]).expect(0);
    let text = fs::read_to_string(&out).unwrap();
    for delimiter in [b',', b';'] {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '＝', '\t', '\r']), "{cell:?}");
            }
        }
    }
}
