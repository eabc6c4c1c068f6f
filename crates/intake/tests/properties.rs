//! Whatever the bytes, reading ends in an outcome for each row or a refusal of the file, never in a
//! panic; the outcomes sum to the rows; and what is written for correction reads back as it was.

mod support;

use std::sync::LazyLock;

use domain::refusal::Language;
use goodstanding_intake::{Outcome, Profile, Row, Source, quarantine};
use policy::Packs;
use proptest::prelude::*;

static PACKS: LazyLock<Packs> = LazyLock::new(support::packs);
static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    ["ceis", "cnep", "idb", "own"].map(|name| support::profile(name, &PACKS)).into()
});

/// Reads, and checks what holds of any reading.
fn read(profile: &Profile, bytes: &[u8]) -> Option<Vec<Row>> {
    let (rows, summary) =
        support::rows(profile, &PACKS, "2020-01-01", Source::Bytes(bytes)).ok()?;
    let sum = summary.refused_persons
        + summary.refused
        + summary.quarantined
        + summary.duplicate
        + summary.already_ended
        + summary.ready;
    assert_eq!(sum, summary.rows);
    assert_eq!(summary.rows, rows.len() as u64);
    assert!(rows.windows(2).all(|pair| pair[0].number < pair[1].number), "rows come in order");
    for row in &rows {
        for problem in row.outcome.problems().iter().chain(&row.notes) {
            assert_eq!(problem.row, Some(row.number));
        }
        let is_person = matches!(
            row.outcome,
            Outcome::RefusedPerson(_) | Outcome::Quarantined { cells: None, .. }
        );
        assert!(!is_person || row.row_key.is_none());
    }
    Some(rows)
}

/// Texts that are likely to mean something to a profile, among texts that do not.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("Firm".to_owned()),
        Just("Individual".to_owned()),
        Just("Fraud".to_owned()),
        Just("Ongoing".to_owned()),
        Just("Suspensão - Lei de Licitações".to_owned()),
        Just("14/04/2021".to_owned()),
        Just("Jul 03, 2019".to_owned()),
        Just("00.305.942/0001-88".to_owned()),
        Just("5775314000180".to_owned()),
        Just("CONSTRUTORA X LTDA - ME".to_owned()),
        Just("=HYPERLINK(\"x\")".to_owned()),
        Just("'-1".to_owned()),
        "[ -~]{0,20}",
        "\\PC{0,12}",
        any::<String>(),
    ]
}

fn headings(profile: &Profile) -> Vec<String> {
    profile.headings().to_vec()
}

fn as_csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out.into_bytes()
}

fn written(profile: &Profile, rows: &[Row]) -> Vec<u8> {
    let mut writer = quarantine::Writer::new(Vec::new(), profile, Language::Zh).expect("memory");
    rows.iter().for_each(|row| writer.write(row).expect("memory"));
    writer.finish().expect("memory")
}

fn cells(rows: &[Row]) -> Vec<Vec<(String, String)>> {
    rows.iter()
        .filter_map(|row| match &row.outcome {
            Outcome::Quarantined { cells: Some(cells), .. } => Some(cells.clone()),
            _ => None,
        })
        .collect()
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        for profile in PROFILES.iter() {
            read(profile, &bytes);
        }
    }

    #[test]
    fn any_bytes_after_a_good_header(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        for profile in PROFILES.iter() {
            let mut file = format!("{}\n", headings(profile).join(",")).into_bytes();
            file.extend(&bytes);
            read(profile, &file);
        }
    }

    #[test]
    fn any_damage_to_a_workbook(place in 0usize..4_000, byte: u8, cut in 0usize..4_000) {
        let idb = &PROFILES[2];
        let mut book = support::workbook(&[headings(idb), vec!["Acme Ltd".to_owned(); 9]]);
        if let Some(target) = book.get_mut(place) {
            *target = byte;
        }
        read(idb, &book);
        book.truncate(cut);
        read(idb, &book);
    }

    #[test]
    fn any_sheet(
        kind in "(s|str|inlineStr|n|b|e|d|x)?", value in "[ -~]{0,12}", place in "[A-Z]{0,4}[0-9]{0,9}", style in "[0-9]{0,3}",
        tail in "[<>/a-z\" =]{0,20}",
    ) {
        let value = value.replace(['<', '&'], "");
        let sheet = format!(
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Title</t></is></c>\
             <c r=\"{place}\" t=\"{kind}\" s=\"{style}\"><v>{value}</v></c></row>{tail}</sheetData></worksheet>"
        );
        read(&PROFILES[2], &support::workbook_of(&sheet));
    }

    #[test]
    fn any_cells(rows in prop::collection::vec(prop::collection::vec(cell(), 9), 1..6)) {
        for profile in PROFILES.iter().take(2) {
            let mut file = vec![headings(profile)];
            let width = file[0].len();
            file.extend(rows.iter().map(|row| row[..width].to_vec()));
            if let Some(found) = read(profile, &as_csv(&file)) {
                let once = written(profile, &found);
                let Some(again) = read(profile, &once) else { continue };
                // A row that is only white space is no row, and contradictions are gone with what
                // they contradicted; the cells of all others come back unchanged.
                let before = cells(&found);
                prop_assert!(cells(&again).iter().all(|cells| before.contains(cells)));
                let twice = written(profile, &again);
                if let Some(third) = read(profile, &twice) {
                    prop_assert_eq!(cells(&again), cells(&third));
                }
            }
        }
    }

    #[test]
    fn any_cells_of_a_workbook(rows in prop::collection::vec(prop::collection::vec("[ -~À-ÿ一-龥]{0,20}", 9), 1..6)) {
        let idb = &PROFILES[2];
        let mut file = vec![headings(idb)];
        file.extend(rows);
        read(idb, &support::workbook(&file));
    }

    #[test]
    fn any_line_of_json(
        key in cell(), kind in "[a-z_]{0,12}", name in cell(), value in cell(), end in cell(), field in cell(),
    ) {
        let line = format!(
            "{{\"key\":{key:?},\"list\":\"test.exclusions\",\"organisation\":{{\"kind\":{kind:?},\"name\":{name:?},\
             \"identifiers\":[{{\"scheme\":\"br-cnpj\",\"value\":{value:?}}}]}},\"entries\":[\"barred\"],\"end\":{end:?},\
             \"fields\":{{\"imposed_by\":{field:?}}}}}"
        );
        read(&PROFILES[3], line.as_bytes());
    }
}
