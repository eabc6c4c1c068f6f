//! Legal forms, as words at the end or beginning of a name and as suffixes glued to it.

/// Legal forms as folded words, removed at the end of a name. Single letters are abbreviations with
/// stops (`S.A.`, `L.L.C.`).
#[rustfmt::skip]
const TRAILING_FORMS: &[&str] = &[
    // English
    "ltd", "limited", "llc", "l l c", "llp", "l l p", "lp", "l p", "inc", "incorporated",
    "corp", "corporation", "co", "company", "plc", "p l c", "pllc", "pc", "p c", "pty", "pvt",
    "private", "pte", "na", "n a", "national association", "cic", "bhd", "sdn", "jsc", "ojsc",
    "cjsc", "pjsc", "fzc", "fze", "fz", "wll", "w l l", "unlimited", "ulc",
    // Spanish, Portuguese
    "sa", "s a", "sac", "s a c", "saa", "s a a", "sas", "s a s", "srl", "s r l", "sl", "s l",
    "slu", "s l u", "sau", "s a u", "cv", "c v", "de cv", "de c v", "sab", "s a b", "spa",
    "s p a", "eirl", "e i r l", "ltda", "limitada", "eireli", "me", "epp", "sociedad anonima",
    "sociedade anonima", "sociedad anonima cerrada", "sociedad limitada",
    "sociedad de responsabilidad limitada", "sociedade limitada", "cia", "companhia",
    "compania", "ca", "c a",
    // French, Italian
    "sarl", "s a r l", "sasu", "s a s u", "eurl", "e u r l", "snc", "s n c", "sca", "s c a",
    "scs", "societe anonyme", "societe par actions simplifiee",
    "societe a responsabilite limitee", "scrl", "societa per azioni",
    "societa a responsabilita limitata", "sapa", "srls", "s r l s", "scarl",
    // German, Dutch, Nordic
    "gmbh", "g m b h", "mbh", "ag", "a g", "kg", "k g", "kgaa", "ohg", "ug",
    "haftungsbeschrankt", "se", "ev", "e v", "eg", "e g", "aktiengesellschaft",
    "gesellschaft mit beschrankter haftung", "bv", "b v", "nv", "n v", "vof", "bvba", "cvba",
    "ab", "a b", "as", "a s", "asa", "aps", "oy", "oyj",
    // Central and eastern Europe, Russian in Latin and Cyrillic letters
    "sp z o o", "spolka z o o", "sp zoo", "spolka akcyjna", "sp k", "sp j", "s r o", "sro",
    "spol", "doo", "d o o", "dd", "d d", "ad", "a d", "ood", "eood", "kft", "zrt", "nyrt",
    "ooo", "o o o", "oao", "o a o", "zao", "z a o", "pao", "p a o", "ao", "ооо", "о о о", "оао",
    "о а о", "зао", "з а о", "пао", "п а о", "ао", "тоо", "ип ооо",
    // Turkish and others
    "anonim sirketi", "limited sirketi", "ltd sti", "sti", "tbk",
    // In parentheses in Chinese, Japanese and Korean names
    "有限合伙", "普通合伙", "特殊普通合伙", "株", "有", "주", "유", "주식회사", "유한회사",
];

/// Legal forms removed at the beginning.
#[rustfmt::skip]
const LEADING_FORMS: &[&str] = &[
    "ооо", "о о о", "оао", "о а о", "зао", "з а о", "пао", "п а о", "ао", "тоо", "ooo", "o o o",
    "oao", "o a o", "zao", "z a o", "pao", "p a o", "общество с ограниченной ответственностью",
    "закрытое акционерное общество", "открытое акционерное общество",
    "публичное акционерное общество", "акционерное общество", "pt", "societe anonyme", "株", "有",
    "주", "유", "주식회사", "유한회사",
];

/// Legal forms that are no word of any language, removed wherever they stand after the first word.
#[rustfmt::skip]
const INNER_FORMS: &[&str] = &[
    "ltd", "llc", "gmbh", "ltda", "eireli", "sarl", "plc", "pty",
];

/// Chinese, Japanese and Korean forms glued to the name, longer ones first.
#[rustfmt::skip]
const GLUED_SUFFIXES: &[&str] = &[
    "股份有限责任公司", "股份有限公司", "有限责任公司", "责任有限公司", "有限公司", "株式会社", "有限会社", "合同会社", "合資会社", "合名会社",
    "総合会社", "股份公司", "集团公司", "集團公司", "总公司", "總公司", "公司", "集团", "集團", "股份", "주식회사", "유한회사",
];
#[rustfmt::skip]
const GLUED_PREFIXES: &[&str] = &[
    "株式会社", "有限会社", "合同会社", "주식회사", "유한회사",
];

/// The folded name without words and suffixes that state a legal form; the folded name itself where
/// nothing else would be left.
///
/// ```
/// use goodstanding_domain::names::without_legal_form;
/// assert_eq!(without_legal_form("Acme Trading Co., Ltd."), "acme trading");
/// assert_eq!(without_legal_form("Construtora Exemplo LTDA - ME"), "construtora exemplo");
/// assert_eq!(without_legal_form("海风贸易集团股份有限公司"), "海风贸易");
/// assert_eq!(without_legal_form("ООО «Ромашка»"), "ромашка");
/// assert_eq!(without_legal_form("Limited"), "limited");
/// ```
pub fn without_legal_form(name: &str) -> String {
    let folded = super::fold(name);
    let mut words: Vec<&str> = folded.split(' ').collect();
    loop {
        let before: usize = words.iter().map(|word| word.len() + 1).sum();
        strip_trailing(&mut words);
        strip_leading(&mut words);
        strip_glued(&mut words);
        if words.iter().map(|word| word.len() + 1).sum::<usize>() == before {
            break;
        }
    }
    let mut is_first = true;
    words.retain(|word| std::mem::take(&mut is_first) || !INNER_FORMS.contains(word));
    words.join(" ")
}

fn strip_trailing(words: &mut Vec<&str>) {
    let longest = (1..=5.min(words.len().saturating_sub(1))).rev().find(|count| {
        words
            .len()
            .checked_sub(*count)
            .and_then(|from| words.get(from..))
            .is_some_and(|tail| TRAILING_FORMS.contains(&tail.join(" ").as_str()))
    });
    words.truncate(words.len() - longest.unwrap_or(0));
}

fn strip_leading(words: &mut Vec<&str>) {
    let longest = (1..=4.min(words.len().saturating_sub(1))).rev().find(|count| {
        words.get(..*count).is_some_and(|head| LEADING_FORMS.contains(&head.join(" ").as_str()))
    });
    // Index safety: no longer than the words that were looked at.
    words.drain(..longest.unwrap_or(0));
}

fn strip_glued(words: &mut Vec<&str>) {
    if words.len() > 1 && words.last().is_some_and(|last| GLUED_SUFFIXES.contains(last)) {
        words.pop();
    }
    if let Some(last) = words.last_mut() {
        let stem = GLUED_SUFFIXES.iter().find_map(|suffix| last.strip_suffix(suffix));
        if let Some(stem) = stem.filter(|stem| stem.chars().count() >= 2) {
            *last = stem;
        }
    }
    if let Some(first) = words.first_mut() {
        let stem = GLUED_PREFIXES.iter().find_map(|prefix| first.strip_prefix(prefix));
        if let Some(stem) = stem.filter(|stem| !stem.is_empty()) {
            *first = stem;
        }
    }
}
