//! Synthetic records in the layout of a shipped profile. Names are made of syllables and a number.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

const WORDS: [&str; 16] = [
    "ALBATROZ",
    "BAMBU",
    "CEDRO",
    "DELTA",
    "ESTRELA",
    "FAROL",
    "GAVIOTA",
    "HORIZONTE",
    "IPE",
    "JATOBA",
    "LAGOA",
    "MANGUE",
    "NORTE",
    "ONDA",
    "PINHAL",
    "RIACHO",
];
const TRADES: [&str; 8] = [
    "COMERCIO",
    "CONSTRUCOES",
    "ENGENHARIA",
    "TRANSPORTES",
    "SERVICOS",
    "ALIMENTOS",
    "TECNOLOGIA",
    "EMBALAGENS",
];

/// The name of an organisation.
pub fn name(number: u64) -> String {
    let word = WORDS[(number % 16) as usize];
    let other = WORDS[(number / 16 % 16) as usize];
    let trade = TRADES[(number / 256 % 8) as usize];
    format!("{word} {other} {number} {trade} LTDA")
}

/// Rows of these numbers in the layout of CEIS, all of them organisations with a checked
/// identifier, all in effect for years: none is a duplicate, none has ended.
pub fn ceis(path: &Path, numbers: std::ops::Range<u64>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf")?;
    for number in numbers {
        let name = name(number);
        let cnpj = cnpj(number);
        writeln!(
            out,
            "{cnpj},{name},Suspensão - Lei de Licitações,{:02}/{:02}/{},Prefeitura {},SP",
            number % 28 + 1,
            number % 12 + 1,
            2030 + number % 9,
            number % 4_000
        )?;
    }
    out.flush()?;
    Ok(())
}

/// A CNPJ with right check digits for each number below 10^8: twelve digits, then the two of
/// modulo 11 with weights 2 to 9 from the right.
fn cnpj(number: u64) -> String {
    let mut digits: Vec<u64> =
        format!("{number:08}0001").bytes().map(|digit| u64::from(digit - b'0')).collect();
    for _ in 0..2 {
        let weights = (2..=9).cycle();
        let sum: u64 = digits.iter().rev().zip(weights).map(|(digit, weight)| digit * weight).sum();
        digits.push(match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        });
    }
    digits.iter().map(u64::to_string).collect()
}
