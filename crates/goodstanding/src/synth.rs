//! Synthetic records: invented organisations on a fictional list, as many as one likes, the same
//! ones for the same seed. They fit the packs of the demonstration only, which no real registry
//! accepts, so that they cannot be mistaken for anything.

use std::io::{self, Write};

use domain::civil::Day;
use domain::identifiers::lei;

/// The profile of the demonstration that reads the file.
pub const PROFILE: &str = "demo-procurement-exclusions";

/// A layout of invented names: words, lines of business, legal forms, language.
struct Tongue {
    language: &'static str,
    words: [&'static str; 8],
    trades: [&'static str; 4],
    forms: [&'static str; 3],
    /// What stands between the parts.
    gap: &'static str,
}

const TONGUES: [Tongue; 3] = [
    Tongue {
        language: "en",
        words: [
            "Moonwharf",
            "Gullshadow",
            "Thistlegate",
            "Copperfen",
            "Larkhollow",
            "Saltmarrow",
            "Windmere",
            "Ashbarrow",
        ],
        trades: ["Lanterns", "Shipping", "Bridges", "Cordage"],
        forms: ["Ltd", "LLC", "Corporation"],
        gap: " ",
    },
    Tongue {
        language: "zh",
        words: ["灯塔湾", "云雀谷", "盐泽", "铜沼", "月埠", "风湖", "灰丘", "蓟门"],
        trades: ["灯具", "航运", "桥梁", "缆绳"],
        forms: ["有限公司", "股份有限公司", "有限责任公司"],
        gap: "",
    },
    Tongue {
        language: "ru",
        words: [
            "Лунная пристань",
            "Чайкина тень",
            "Медный брод",
            "Соляной берег",
            "Ветреное озеро",
            "Пепельный холм",
            "Жаворонок",
            "Чертополох",
        ],
        trades: ["Фонари", "Судоходство", "Мосты", "Канаты"],
        forms: ["ООО", "АО", "ПАО"],
        gap: " ",
    },
];

const ENTRIES: [&str; 3] = ["false-documents", "bid-rigging", "bribery"];

/// Writes `records` lines in the registry's own record format. All are in effect on `today` and for
/// months after it; none is a repetition of another. `progress` hears of lines written.
///
/// # Errors
/// What `out` says.
pub fn write(
    out: &mut dyn Write,
    records: u64,
    seed: u64,
    today: Day,
    progress: &mut dyn FnMut(u64),
) -> io::Result<()> {
    for number in 0..records {
        writeln!(out, "{}", line(number, Draw(seed ^ number), today))?;
        progress(number + 1);
    }
    out.flush()
}

fn line(number: u64, mut draw: Draw, today: Day) -> serde_json::Value {
    let tongue = draw.one(&TONGUES);
    // The number makes each organisation another one.
    let name = [
        *draw.one(&tongue.words),
        *draw.one(&tongue.trades),
        &number.to_string(),
        *draw.one(&tongue.forms),
    ]
    .join(tongue.gap);
    let start = today.plus_days(-draw.up_to(700));
    // Not law: any term that outlasts the tests.
    let end = today.plus_days(180 + draw.up_to(1_000));
    serde_json::json!({
        "key": format!("S-{number}"),
        "list": "demo.procurement-exclusions",
        "organisation": {
            "kind": "enterprise",
            "name": name,
            "language": tongue.language,
            "identifiers": [{"scheme": "lei", "value": lei_of(number)}],
            "country": "ZZ",
            "place": "Lantern City (fictional)",
        },
        "entries": [draw.one(&ENTRIES)],
        "start": start.to_string(),
        "end": end.to_string(),
        "fields": {
            "imposed_by": "Fictional Harbour Procurement Office",
            "sanction": "Excluded from tenders",
        },
    })
}

/// An LEI that no issuer gives out, with right check digits (ISO 17442).
fn lei_of(number: u64) -> String {
    // 36^9 numbers fit; a log never gets that far.
    let mut rest = number;
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev() {
        let value = u8::try_from(rest % 36).unwrap_or(0);
        *digit = if value < 10 { b'0' + value } else { b'A' + (value - 10) };
        rest /= 36;
    }
    let stem = format!("SYNTH0000{}", String::from_utf8_lossy(&digits));
    let check = lei::check_digits(&stem);
    format!("{stem}{check:02}")
}

/// SplitMix64: small, and the same on every machine.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn up_to(&mut self, bound: u64) -> i64 {
        i64::try_from(self.next() % bound.max(1)).unwrap_or(0)
    }

    fn one<'a, T, const N: usize>(&mut self, from: &'a [T; N]) -> &'a T {
        // Index safety: the remainder is below the length, and no list here is empty.
        &from[(self.next() % N as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(records: u64, seed: u64) -> String {
        let mut out = Vec::new();
        write(&mut out, records, seed, "2026-11-23".parse().unwrap(), &mut |_| {}).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_records() {
        assert_eq!(lines(50, 1), lines(50, 1));
        assert_ne!(lines(50, 1), lines(50, 2));
    }

    #[test]
    fn identifiers_are_right_and_differ() {
        let found: std::collections::BTreeSet<String> = (0..2_000).map(lei_of).collect();
        assert_eq!(found.len(), 2_000);
        for value in found {
            let (checked, status) = lei::check(&value).unwrap();
            assert_eq!((checked, status), (value, domain::identifiers::ClaimStatus::Checked));
        }
    }
}
