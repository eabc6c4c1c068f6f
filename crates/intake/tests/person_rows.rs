//! 2,000 generated rows about persons in the layout of each shipped profile: not one may become a
//! submission, and nothing of them may stand in anything intake gives out.

mod support;

use domain::refusal::Language;
use goodstanding_intake::{Outcome, Profile, Row, Source, quarantine};
use policy::Packs;
use support::{Dice, formatted_cnpj, formatted_cpf, with_check_digits, workbook};

const ROWS: usize = 2_000;

const GIVEN: &[&str] = &[
    "MARIA",
    "JOSÉ",
    "ANTONIO",
    "ANA LÚCIA",
    "Xiuying",
    "Wei",
    "Mohammed",
    "Olena",
    "JOÃO BATISTA",
    "Fatima",
    "SEBASTIÃO",
    "Nguyen Thi",
    "FRANCISCA",
    "Pedro",
];
const FAMILY: &[&str] = &[
    "DA SILVA",
    "DE SÁ",
    "SÁ",
    "OLIVEIRA SANTOS",
    "Zhang",
    "IGREJA",
    "MITRA",
    "Hernández",
    "SOUZA E SÁ",
    "Kovalenko",
    "PRADO JUNIOR",
    "DOS REIS",
    "S. A. COSTA",
    "PARTIDO",
];
const TRADES: &[&str] =
    &["", " COMERCIO", " TRANSPORTES", " CONSTRUCOES E SERVICOS", " COMUNICACAO"];
const MARKS: &[&str] = &[" - ME", " ME", " - EPP", " - MEI", "  - ME   **"];

/// A person: a name with a mark no other text has, so that any trace is found.
fn person(dice: &mut Dice, number: usize) -> String {
    format!("{} QX{number}XQ {}", dice.pick(GIVEN), dice.pick(FAMILY))
}

/// What the fate of a generated row may be: nobody can tell a person from a company by a name
/// without form, size mark or number, so those rows may stay undecided.
fn check(profile: &Profile, packs: &Packs, bytes: &[u8], undecided_max: usize) {
    let (rows, summary) =
        support::rows(profile, packs, "2026-11-22", Source::Bytes(bytes)).expect("reads");
    assert_eq!(summary.rows, ROWS as u64);
    let undecided = rows
        .iter()
        .filter(|row| matches!(row.outcome, Outcome::Quarantined { cells: None, .. }))
        .count();
    println!(
        "{}: of {} rows about persons {} refused, {undecided} undecided and kept without cells, {} let through",
        profile.name,
        summary.rows,
        summary.refused_persons,
        summary.rows - summary.refused_persons - undecided as u64,
    );
    assert_eq!(summary.refused_persons as usize + undecided, ROWS, "{:?}", first_through(&rows));
    assert!(undecided <= undecided_max, "{}: {undecided} undecided", profile.name);
    let mut writer = quarantine::Writer::new(Vec::new(), profile, Language::Zh).expect("memory");
    rows.iter().for_each(|row| writer.write(row).expect("memory"));
    let file = String::from_utf8(writer.finish().expect("memory")).expect("UTF-8");
    assert!(!file.contains("QX"), "a quarantine file names a person");
    assert!(!format!("{rows:?}").contains("QX"), "an outcome names a person");
    assert!(rows.iter().all(|row| row.row_key.is_none()), "a person's row has no key to hash");
}

fn first_through(rows: &[Row]) -> Option<&Row> {
    rows.iter().find(|row| {
        !matches!(row.outcome, Outcome::RefusedPerson(_) | Outcome::Quarantined { cells: None, .. })
    })
}

#[test]
fn no_person_passes_the_layout_of_ceis() {
    let packs = support::packs();
    let mut dice = Dice::new(1);
    let mut text = String::from("cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf\n");
    for number in 0..ROWS {
        let name = person(&mut dice, number);
        let cpf = with_check_digits(&dice.digits(9));
        let cnpj = with_check_digits(&format!("{}0001", dice.digits(8)));
        let mark = dice.pick(MARKS);
        let trade = dice.pick(TRADES);
        let (identifier, name) = match number % 8 {
            0 => (formatted_cpf(&cpf), name),
            1 => (cpf, name),
            2 => (format!("***.{}.{}-**", &cpf[3..6], &cpf[6..9]), name),
            // A CPF is a person's even when the name looks like a firm's.
            3 => (formatted_cpf(&cpf), format!("{name} LTDA")),
            4 => (formatted_cnpj(&cnpj), format!("{name}{trade}{mark}")),
            5 => (formatted_cnpj(&cnpj), format!("{name} {cpf}")),
            6 => {
                let root = format!("{}.{}.{}", &cnpj[..2], &cnpj[2..5], &cnpj[5..8]);
                (formatted_cnpj(&cnpj), format!("{root} {name}"))
            }
            _ => (formatted_cnpj(&cnpj), format!("{name}{trade}")),
        };
        text.push_str(&format!(
            "{identifier},{name},Suspensão - Lei de Licitações,15/08/2031,Prefeitura,SP\n"
        ));
    }
    check(&support::profile("ceis", &packs), &packs, text.as_bytes(), ROWS / 8);
}

#[test]
fn no_person_passes_the_layout_of_cnep() {
    let packs = support::packs();
    let mut dice = Dice::new(2);
    let mut text = String::from("cnpjcpf,nome,tipo,uf,nome_do_orgao,valor_multa\n");
    for number in 0..ROWS {
        let name = person(&mut dice, number);
        let mark = dice.pick(MARKS);
        let trade = dice.pick(TRADES);
        // A spreadsheet drops the leading zeros of both numbers.
        let zeros = number % 4;
        let body = format!("{}{}", "0".repeat(zeros), dice.digits(9 - zeros));
        let cpf = with_check_digits(&body).trim_start_matches('0').to_owned();
        let cnpj = with_check_digits(&format!("{}0001", dice.digits(8)));
        let (identifier, name) = match number % 3 {
            0 => (cpf, name),
            1 => (cpf, format!("{name} LTDA")),
            _ => (cnpj.trim_start_matches('0').to_owned(), format!("{name}{trade}{mark}")),
        };
        text.push_str(&format!(
            "{identifier},{name},Multa - Lei da Empresa Limpa,SP,Prefeitura,10.00\n"
        ));
    }
    check(&support::profile("cnep", &packs), &packs, text.as_bytes(), 0);
}

#[test]
fn no_person_passes_the_layout_of_the_idb() {
    let packs = support::packs();
    let mut dice = Dice::new(3);
    let headings = [
        "Title",
        "Entity",
        "Nationality",
        "Country",
        "From",
        "To",
        "Grounds",
        "Source",
        "IDB Sanction Type",
        "IDB Sanction Source",
        "Other Name",
    ];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for number in 0..ROWS {
        let name = person(&mut dice, number);
        let (entity, other) = match number % 4 {
            0 => ("Individual", ""),
            1 => ("individual ", "Known as QX"),
            // Not a value the profile knows: undecided.
            2 => ("Natural person QX", ""),
            _ => ("Firm", "write to qx@QX.example.org"),
        };
        rows.push(
            [
                name.as_str(),
                entity,
                "Kenya",
                "Kenya",
                "Jul 03, 2024",
                "Ongoing",
                " Fraud",
                "IDB",
                "Debarment",
                "",
                other,
            ]
            .map(str::to_owned)
            .to_vec(),
        );
    }
    check(&support::profile("idb", &packs), &packs, &workbook(&rows), ROWS / 4);
}

#[test]
fn no_person_passes_our_own_format() {
    let packs = support::packs();
    let mut dice = Dice::new(4);
    let mut text = String::new();
    for number in 0..ROWS {
        let name = person(&mut dice, number);
        let citizen = citizen_id(&mut dice);
        let (kind, name, identifiers, place) = match number % 7 {
            0 => ("person", name, String::new(), "QX"),
            1 => ("sole_trader", name, String::new(), "QX"),
            2 => ("enterprise", format!("{name} 个体工商户"), String::new(), "QX"),
            3 => {
                let value = format!("{{\"scheme\":\"cn-uscc\",\"value\":\"{citizen}\"}}");
                ("enterprise", name, value, "QX")
            }
            4 => {
                let value = format!("{{\"scheme\":\"x-register\",\"value\":\"{citizen}\"}}");
                ("unstated", name, value, "QX")
            }
            5 => ("enterprise", name, String::new(), "QX 13812345678"),
            // Not a kind: undecided.
            _ => ("human", name, String::new(), "QX"),
        };
        text.push_str(&format!(
            "{{\"key\":\"{number}\",\"list\":\"test.exclusions\",\"organisation\":{{\"kind\":\"{kind}\",\"name\":\"{name}\",\
             \"identifiers\":[{identifiers}],\"place\":\"{place}\"}},\"entries\":[\"convicted\"],\"end\":\"none\"}}\n"
        ));
    }
    check(&support::profile("own", &packs), &packs, text.as_bytes(), ROWS / 7 + 1);
}

/// A number of the shape and check digit of a Chinese citizen's, of no place that exists.
fn citizen_id(dice: &mut Dice) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!(
        "110000{}{:02}{:02}{}",
        1950 + dice.roll(50),
        1 + dice.roll(12),
        1 + dice.roll(28),
        dice.digits(3)
    );
    let sum: u32 =
        body.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    let check = char::from(b"10X98765432"[(sum % 11) as usize]);
    format!("{body}{check}")
}
