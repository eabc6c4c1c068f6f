use super::*;
use proptest::prelude::*;

fn all(kind: Option<PersonalKind>, texts: &[&str]) {
    for text in texts {
        assert_eq!(scan(text), kind, "{text}");
    }
}

#[test]
fn citizen_ids_are_found_however_written() {
    let texts = [
        "110000199001010013",
        "身份证号110000199001010013。",
        "ID110000199001010013",
        "１１００００１９９００１０１００１３",
        "110000 19900101 0013",
        "110000-19900101-0013",
        "1100 0019 9001 0100 13",
        "110000 1990 0101 0013 and more",
        "11010519491231002X",
        "11010519491231002x",
        "110105 19491231 002 X",
        "110105\u{200b}19491231002X",
    ];
    all(Some(PersonalKind::CitizenId), &texts);
}

#[test]
fn p1_a_citizen_id_inside_a_longer_number_is_found() {
    let texts = ["00110000199001010013", "1100001990010100130000", "№7/110000199001010013/00001"];
    all(Some(PersonalKind::CitizenId), &texts);
    assert!(holds_citizen_id("AB110000-1990-0101-0013CD"));
    assert!(!holds_citizen_id("913100001000000080"));
}

#[test]
fn a_text_full_of_parentheses_is_read_in_linear_time() {
    // 1.2 million characters: by the square of that, hours.
    let text = "(11)".repeat(300_000);
    let started = std::time::Instant::now();
    assert_eq!(scan(&text), None);
    assert!(started.elapsed().as_secs() < 20);
    assert_eq!(scan(&format!("{text} 98765-4321")), Some(PersonalKind::Phone));
}

#[test]
fn cpfs_are_found_however_written() {
    let texts = [
        "529.982.247-25",
        "529.982.247-00",
        "000.000.000-00",
        "***.982.247-**",
        "FULANO 52998224725",
        "(529.982.247-25)",
        "529982247-25",
        "529 982 247 25",
        "529.982.247–25",
        "CPF:52998224725.",
    ];
    all(Some(PersonalKind::Cpf), &texts);
}

#[test]
fn addresses_of_electronic_mail_are_found() {
    let texts = ["a.b@example.org", "联系：a＠example.com。", "<x_y+z@mail.example.co.uk>"];
    all(Some(PersonalKind::Email), &texts);
    all(None, &["@home", "a @ b", "price@10", "x@y", "Inc @2.5", "@example.org"]);
}

#[test]
fn telephone_numbers_are_found() {
    let texts = [
        "13812345678",
        "电话13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "8613812345678",
        "+86 138 1234 5678",
        "+55 (11) 98765-4321",
        "(11) 98765-4321",
        "(011) 3456-7890",
        "(11)987654321",
        "+1-617-555-0123",
        "(617) 555-0123",
        "+44 20 7946 0000",
    ];
    all(Some(PersonalKind::Phone), &texts);
}

#[test]
fn bank_cards_are_found() {
    let texts = [
        "4111111111111111",
        "4111 1111 1111 1111",
        "5500-0000-0000-0004",
        "3782 822463 10005",
        "账号6222020000000000003 ok",
    ];
    for text in &texts[..4] {
        assert_eq!(scan(text), Some(PersonalKind::Card), "{text}");
    }
    all(None, &["4111111111111112", "4111 1111 1111 1112"]);
}

#[test]
fn what_organisations_bear_is_left_alone() {
    let texts = [
        // CNPJ, both forms, and one that a spreadsheet shortened
        "12.345.678/0001-95",
        "12345678000195",
        "00.000.000/0001-91",
        "12.ABC.345/01DE-35",
        "11222333000181",
        // USCC and LEI
        "91110108551385082Q",
        "913100001000000080",
        "91230500MA1B3N1N2M",
        "213800KUD8LAJWSQ9D15",
        "5493001KJTIIGC8Y1R12",
        // permits, decisions, proceedings
        "CT0002968",
        "MAR050001",
        "MA-13812345678",
        "Processo 00190.004155/2007-57",
        "0001234-55.2014.4.01.3400",
        "京环罚〔2014〕12345号",
        "沪税稽罚（2014）100123号",
        "ISBN 9783161484100",
        "Lei 8.666/1993, art. 87, IV",
        // days
        "2014-01-02",
        "20140102 20150103",
        "01/02/2014 - 31/12/2016",
        "2014-01-02T12:30:00+08:00",
        "20140102123000",
        // amounts
        "R$ 1.234.567,89",
        "USD 13,812,345,678.00",
        "13812345678.50 CNY",
        "10 000 000 000",
        "99999999999",
        // nothing
        "",
        "Company No. 1",
    ];
    all(None, &texts);
}

#[test]
fn a_date_that_is_none_is_no_birth_date() {
    assert!(!is_citizen_id("110000199002300010"));
    assert!(!looks_like_citizen_id("110000209013010010"));
    assert!(looks_like_citizen_id("110000199001010014"));
    assert!(!looks_like_citizen_id("990000199001010014"));
}

fn citizen_id() -> impl Strategy<Value = String> {
    ("[1-6][1-5][0-9]{4}", 1900i16..2030, 1i8..=12, 1i8..=28, "[0-9]{3}").prop_map(
        |(region, year, month, day, serial)| {
            let body = format!("{region}{year:04}{month:02}{day:02}{serial}");
            let check = "0123456789X".chars().find(|c| citizen_check_holds(&format!("{body}{c}")));
            format!("{body}{}", check.unwrap())
        },
    )
}

fn cpf() -> impl Strategy<Value = String> {
    "[0-9]{8}[1-9]".prop_filter_map("all digits equal", |body| {
        (0..100).map(|check| format!("{body}{check:02}")).find(|number| cpf_check_holds(number))
    })
}

proptest! {
    #[test]
    fn every_citizen_id_is_found(id in citizen_id(), around in "[ ,;:。（]{0,3}") {
        prop_assert!(is_citizen_id(&id));
        prop_assert_eq!(scan(&format!("号{around}{id}{around}")), Some(PersonalKind::CitizenId));
        let spaced = format!("{} {}-{}", &id[..6], &id[6..14], &id[14..]);
        prop_assert_eq!(scan(&spaced), Some(PersonalKind::CitizenId));
        prop_assert!(is_citizen_id(&spaced));
    }

    #[test]
    fn every_change_of_one_digit_of_a_citizen_id_fails_its_check(
        id in citizen_id(), at in 0usize..17, digit in b'0'..=b'9',
    ) {
        let mut bytes = id.clone().into_bytes();
        bytes[at] = digit;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(citizen_check_holds(&changed), changed == id);
    }

    #[test]
    fn every_cpf_is_found(number in cpf()) {
        let formatted =
            format!("{}.{}.{}-{}", &number[..3], &number[3..6], &number[6..9], &number[9..]);
        for text in [&number, &formatted] {
            prop_assert!(is_cpf(text));
            prop_assert_eq!(scan(&format!("Fulano, {text}.")), Some(PersonalKind::Cpf));
        }
    }

    #[test]
    fn every_chinese_mobile_is_found(number in "1[3-9][0-9]{9}") {
        let text = format!("电话：{number}");
        prop_assert!(scan(&text).is_some());
    }

    #[test]
    fn checked_company_numbers_are_never_a_person(body in "[0-9]{8}000[1-9]") {
        let number = (0..100).map(|check| format!("{body}{check:02}")).find(|number| {
            matches!(cnpj::check(number), Ok((_, crate::identifiers::ClaimStatus::Checked)))
        });
        if let Some(number) = number {
            prop_assert_eq!(scan(&number), None);
            prop_assert_eq!(scan(&cnpj::formatted(&number)), None);
        }
    }

    #[test]
    fn days_and_amounts_are_never_a_person(
        year in 1990u16..2040, month in 1u8..=12, day in 1u8..=31, amount in 0u64..1_000_000_000,
    ) {
        let text = format!("{year}-{month:02}-{day:02} {amount}.00 BRL {day:02}/{month:02}/{year}");
        // Once in some thousands the digits of a day and an amount carry together a region, a day
        // of birth and the right check digit: then the row is refused, which is the safe side.
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_by_chance =
            (18..=digits.len()).any(|end| is_citizen_id(&digits[end - 18..end]));
        prop_assume!(!is_by_chance);
        prop_assert_eq!(scan(&text), None, "{}", text);
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,60}") {
        scan(&text);
        is_cpf(&text);
        is_citizen_id(&text);
        looks_like_citizen_id(&text);
    }

    #[test]
    fn digits_and_signs_make_nothing_panic(text in "[0-9+(). Xx@*/-]{0,60}") {
        scan(&text);
    }
}

#[test]
fn p1_a_number_is_found_however_its_digits_are_disguised() {
    let citizen = [
        // Digits of other scripts, mathematical, circled, with marks, with what nobody sees.
        "١١٠٠٠٠١٩٩٠٠١٠١٠٠١٣",
        "११००००१९९००१०१००१३",
        "𝟏𝟏𝟎𝟎𝟎𝟎𝟏𝟗𝟗𝟎𝟎𝟏𝟎𝟏𝟎𝟎𝟏𝟑",
        "①①⓪⓪⓪⓪①⑨⑨⓪⓪①⓪①⓪⓪①③",
        "1\u{301}1\u{20e3}0000199001010013",
        "110000\u{202d}19900101\u{2066}0013",
        "110000\u{0}19900101\u{7}0013",
        "110000\u{3164}19900101\u{e0031}\u{fe0f}0013",
        // Chinese numerals, and letters that look like digits.
        "一一〇〇〇〇一九九〇〇一〇一〇〇一三",
        "身份证 一一零零零零 一九九零零一零一 零零一三",
        "11OOOO199OO1O1OO13",
        "llOOOO199OOlOlOO13",
        "11оооо199оо1о1оо13",
        "IIOOOO-I99OOIOI-OOI3",
        "11010519491231002Х",
        "110105 19491231 002×",
        // Other marks between.
        "110000·19900101·0013",
        "110000,19900101,0013",
        "110000|19900101|0013",
        "110000 / 1990.01.01 / 0013",
        "110000（19900101）0013",
        "1_1_0_0_0_0_1_9_9_0_0_1_0_1_0_0_1_3",
    ];
    all(Some(PersonalKind::CitizenId), &citizen);
    all(
        Some(PersonalKind::Cpf),
        &["٥٢٩.٩٨٢.٢٤٧-٢٥", "529·982·247·25", "529.982.247\u{ad}-25", "529.982.247/25"],
    );
    all(Some(PersonalKind::Phone), &["一三八一二三四五六七八", "電話 一三八 一二三四 五六七八"]);
}

#[test]
fn texts_of_organisations_are_not_taken_for_disguised_numbers() {
    let texts = [
        "三一重工股份有限公司",
        "一二三四五六七八九十商贸有限公司",
        "Oil Lion Olio Illinois 2019-2020 Loool Ltd",
        "O'Neill 1990, 2000, 2010 and 2020",
        "fines of 1,234,567.89 and 987,654,321.00",
        "123.456.789,00",
        "lei 529900T8BM49AURSDO55",
        "91110108551385082Q",
        "permits 135, 12345678; 4111,1111",
        "第一三八号 二〇一九年十二月三十一日",
    ];
    all(None, &texts);
}
