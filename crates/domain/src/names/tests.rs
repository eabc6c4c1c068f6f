use super::*;
use proptest::prelude::*;

#[test]
fn folding_joins_ways_of_writing() {
    for (left, right) in [
        ("ＡＢＣ　Ｌｔｄ．", "ABC LTD"),
        ("Société Générale", "SOCIETE GENERALE"),
        ("Straße", "STRASSE"),
        ("Øresund A/S", "oresund a s"),
        ("Łódź", "lodz"),
        ("İstanbul Ticaret", "istanbul ticaret"),
        ("ΟΔΟΣ", "οδος"),
        ("Ёлка", "елка"),
        ("  a --  b  ", "A B"),
        ("O'Neil", "o’neil"),
    ] {
        assert_eq!(fold(left), fold(right), "{left}");
    }
    assert_eq!(fold("ガス"), "ガス");
    assert_ne!(fold("ガス"), fold("カス"));
    assert_eq!(fold("—"), "");
}

#[test]
fn legal_forms_go() {
    for (name, core) in [
        ("Acme L.L.C.", "acme"),
        ("Acme S.A. de C.V.", "acme"),
        ("Acme Sp. z o.o.", "acme"),
        ("Acme s.r.o.", "acme"),
        ("ACME EIRELI - EPP", "acme"),
        ("Acme GmbH & Co. KG", "acme"),
        ("Acme Pty Ltd", "acme"),
        ("Acme Ltd (UK)", "acme uk"),
        ("Acme Bank, National Association", "acme bank"),
        ("ООО Пример", "пример"),
        ("OOO Primer", "primer"),
        ("PT Contoh Tbk", "contoh"),
        ("株式会社サンプル", "サンプル"),
        ("サンプル株式会社", "サンプル"),
        ("㈱サンプル", "サンプル"),
        ("(주)예시", "예시"),
        ("예시 주식회사", "예시"),
        ("示例科技（集团）有限公司", "示例科技"),
        ("示例科技有限责任公司", "示例科技"),
        ("示例投资中心（有限合伙）", "示例投资中心"),
        ("SA", "sa"),
        ("Company", "company"),
        ("有限公司", "有限公司"),
    ] {
        assert_eq!(without_legal_form(name), core, "{name}");
    }
}

#[test]
fn ordinary_words_stay() {
    for name in ["Limited Brands Store", "Company of Heroes Museum", "SA Recycling", "ME Bank West"]
    {
        assert_eq!(without_legal_form(name), fold(name), "{name}");
    }
}

#[test]
fn scripts_are_read_off_the_letters() {
    for (name, script) in [
        ("", "Zyyy"),
        ("Ação", "Latn"),
        ("Ромашка", "Cyrl"),
        ("海风贸易有限公司", "Hans"),
        ("海風貿易有限公司", "Hant"),
        ("大同有限公司", "Hani"),
        ("サンプル", "Jpan"),
        ("예시 주식회사", "Kore"),
        ("شركة", "Arab"),
        ("Ελλάς", "Grek"),
    ] {
        assert_eq!(script_of(name), script, "{name}");
    }
}

proptest! {
    #[test]
    fn ascii_folds_as_the_general_way_does(name in "[ -~\t]{0,40}") {
        // A letter with an accent takes the general way; its own fold is one more word.
        let general = fold(&format!("{name} é"));
        let expected = general.strip_suffix('e').unwrap().trim_end();
        prop_assert_eq!(fold(&name), expected);
    }

    #[test]
    fn folding_twice_changes_nothing(name in "\\PC{0,40}") {
        let folded = fold(&name);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert!(!folded.contains("  ") && folded.trim() == folded);
    }

    #[test]
    fn nothing_is_stripped_to_nothing(name in "\\PC{0,40}") {
        prop_assert_eq!(without_legal_form(&name).is_empty(), fold(&name).is_empty());
        prop_assert_eq!(twin_key(&name).is_empty(), fold(&name).is_empty());
        script_of(&name);
    }

    #[test]
    fn every_folded_character_is_in_a_token(name in "\\PC{0,40}") {
        let joined: String = tokens(&name).concat();
        prop_assert!(fold(&name).chars().filter(|c| *c != ' ').all(|c| joined.contains(c)));
    }
}
