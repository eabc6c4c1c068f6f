//! What a column holds, judged by all of its cells. Of cells only counts and hashes are kept, and
//! of short closed lists their spellings.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use domain::civil::Day;
use domain::identifiers::{ClaimStatus, IdentifierError, personal, scheme::Scheme};

use super::vocabulary::{Topic, says_no_end, scheme_named, topics};
use crate::person_guard;
use crate::profile::DateFormat;

/// Formats that are tried, ISO 8601 apart.
const FORMATS: [&str; 18] = [
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d %b %Y",
    "%d %b, %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%Y年%m月%d日",
];
/// Schemes that a value alone may show.
const SCHEMES: [&str; 6] = ["cn-uscc", "lei", "br-cnpj", "eu-vat", "ru-inn", "cn-orgcode"];
/// Spellings of a closed list at most, and their length.
const SPELLINGS_MAX: usize = 60;
/// There are more countries than grounds.
const COUNTRIES_MAX: usize = 260;
const SPELLING_CHARACTERS_MAX: usize = 100;
/// Cells that count as different at most.
const DISTINCT_MAX: usize = 200_000;

/// One column while the file is read.
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) topics: Vec<Topic>,
    pub(super) filled: u64,
    distinct: HashSet<u64>,
    personal: u64,
    forms: u64,
    days: u64,
    iso_days: u64,
    formats: Vec<(&'static str, DateFormat, u64)>,
    no_end: BTreeMap<String, u64>,
    decimals: u64,
    integers: u64,
    capitals: u64,
    schemes: Vec<SchemeCount>,
    spellings: Option<BTreeMap<String, u64>>,
    separator: Option<char>,
}

struct SchemeCount {
    scheme: Scheme,
    checked: u64,
    wrong: u64,
    unchecked: u64,
    person: u64,
    /// Whether the heading names it.
    is_named: bool,
}

/// What a column is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    /// Persons, or it cannot be excluded: why.
    Persons(&'static str),
    /// Days in one of these formats; more than one when several fit every cell.
    Days {
        formats: Vec<&'static str>,
        is_ambiguous: bool,
    },
    Identifier {
        scheme: String,
        checked: u64,
        wrong: u64,
        persons: u64,
    },
    Amounts,
    Countries,
    Names,
    /// A few spellings that come again and again.
    ClosedList,
    Numbers,
    Text,
}

impl Holds {
    pub(super) const fn key(&self) -> &'static str {
        match self {
            Holds::Nothing => "empty",
            Holds::Persons(_) => "persons?",
            Holds::Days { .. } => "days",
            Holds::Identifier { .. } => "identifier",
            Holds::Amounts => "amounts",
            Holds::Countries => "countries",
            Holds::Names => "names",
            Holds::ClosedList => "closed list",
            Holds::Numbers => "numbers",
            Holds::Text => "text",
        }
    }
}

impl Column {
    pub(super) fn new(heading: &str) -> Column {
        let formats = FORMATS.iter().filter_map(|text| Some((*text, DateFormat::new(text)?, 0)));
        let count = |scheme, is_named| SchemeCount {
            scheme,
            checked: 0,
            wrong: 0,
            unchecked: 0,
            person: 0,
            is_named,
        };
        let by_value = SCHEMES.iter().filter_map(|key| Scheme::new(key));
        let by_heading = scheme_named(heading).and_then(Scheme::new);
        let schemes = by_value
            .map(|scheme| count(scheme, false))
            .chain(by_heading.map(|scheme| count(scheme, true)));
        Column {
            heading: heading.to_owned(),
            topics: topics(heading),
            filled: 0,
            distinct: HashSet::new(),
            personal: 0,
            forms: 0,
            days: 0,
            iso_days: 0,
            formats: formats.collect(),
            no_end: BTreeMap::new(),
            decimals: 0,
            integers: 0,
            capitals: 0,
            schemes: schemes.collect(),
            spellings: Some(BTreeMap::new()),
            separator: None,
        }
    }

    /// Takes a tidied cell and gives its hash, 0 for an empty one.
    pub(super) fn take(&mut self, text: &str) -> u64 {
        if text.is_empty() {
            return 0;
        }
        self.filled += 1;
        let hash = hash_of(text);
        if self.distinct.len() < DISTINCT_MAX {
            self.distinct.insert(hash);
        }
        self.count_days(text);
        let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
        let digits = text.trim_start_matches(['+', '-']);
        let is_number = has_digit
            && digits.bytes().all(|b| b.is_ascii_digit() || b".,".contains(&b))
            && ['.', ','].into_iter().all(|mark| is_grouped(digits, mark));
        self.integers += u64::from(digits.bytes().all(|byte| byte.is_ascii_digit()));
        self.decimals += u64::from(is_number && digits.contains(['.', ',']));
        self.capitals +=
            u64::from(text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()));
        if has_digit || !text.is_ascii() {
            self.count_identifiers(text);
        }
        self.personal += u64::from(personal::scan(text).is_some());
        self.forms += u64::from(person_guard::has_legal_form(text));
        self.note_spelling(text);
        hash
    }

    fn count_days(&mut self, text: &str) {
        if says_no_end(text) {
            *self.no_end.entry(text.to_owned()).or_default() += 1;
            return;
        }
        let mut is_day = text.parse::<Day>().is_ok();
        self.iso_days += u64::from(is_day);
        // More characters than any format gives.
        if text.len() <= 32 {
            for (_, format, count) in &mut self.formats {
                if format.day(text).is_some() {
                    *count += 1;
                    is_day = true;
                }
            }
        }
        self.days += u64::from(is_day);
    }

    fn count_identifiers(&mut self, text: &str) {
        for count in &mut self.schemes {
            match count.scheme.check(text.strip_prefix('\'').unwrap_or(text)) {
                Ok((_, ClaimStatus::Checked)) => count.checked += 1,
                Ok((_, ClaimStatus::Unchecked)) => count.unchecked += 1,
                Ok(_) => count.wrong += 1,
                Err(IdentifierError::Personal | IdentifierError::SoleTrader) => count.person += 1,
                Err(_) => {}
            }
        }
    }

    /// Notes the spellings of a cell; a cell of several is cut at what never stands within one.
    fn note_spelling(&mut self, text: &str) {
        let Some(spellings) = &mut self.spellings else { return };
        let separator = ['|', ';'].into_iter().find(|separator| text.contains(*separator));
        self.separator = self.separator.or(separator);
        let pieces = text.split(|c| Some(c) == separator).map(str::trim);
        let is_country = self.topics.contains(&Topic::Country);
        let most = if is_country { COUNTRIES_MAX } else { SPELLINGS_MAX };
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            let is_new = !spellings.contains_key(piece);
            let is_long = piece.chars().count() > SPELLING_CHARACTERS_MAX;
            if is_long || is_new && spellings.len() >= most || self.personal > 0 {
                self.spellings = None;
                return;
            }
            *spellings.entry(piece.to_owned()).or_default() += 1;
        }
    }

    /// What stands between several spellings of one cell. A comma may be part of one: it counts
    /// only
    /// where cutting at it leaves fewer spellings than there were.
    pub(super) fn separator(&self) -> Option<char> {
        let spellings = self.spellings.as_ref()?;
        if self.separator.is_some() {
            return self.separator;
        }
        let pieces: HashSet<&str> =
            spellings.keys().flat_map(|text| text.split(',')).map(str::trim).collect();
        let has_comma = spellings.keys().any(|text| text.contains(','));
        (has_comma && pieces.len() < spellings.len()).then_some(',')
    }

    pub(super) fn distinct(&self) -> u64 {
        self.distinct.len() as u64
    }

    pub(super) fn is_about(&self, topic: Topic) -> bool {
        self.topics.contains(&topic)
    }

    /// Spellings of "no last day" that stand in it.
    pub(super) fn no_end(&self) -> Vec<&str> {
        self.no_end.keys().map(String::as_str).collect()
    }

    /// How many names carry a legal form.
    pub(super) const fn legal_forms(&self) -> u64 {
        self.forms
    }

    /// The spellings of a column that may be shown: a short closed list that comes again and again
    /// under a heading that says so, or that `is_asked_for`, and nothing of persons anywhere in it.
    pub(super) fn spellings(&self, is_asked_for: bool) -> Option<&BTreeMap<String, u64>> {
        const CLOSED: [Topic; 6] = [
            Topic::Ground,
            Topic::SubjectType,
            Topic::Country,
            Topic::Sanction,
            Topic::Category,
            Topic::Status,
        ];
        let says_so = CLOSED.iter().any(|topic| self.is_about(*topic));
        let may_be_persons = self.is_about(Topic::Person)
            || self.personal > 0
            || self.is_about(Topic::Name)
            || self.is_about(Topic::OtherName);
        let spellings = self.spellings.as_ref()?;
        let is_closed = spellings.len() as u64 * 2 <= self.filled;
        ((says_so && is_closed || is_asked_for) && !may_be_persons).then_some(spellings)
    }

    /// What it holds.
    pub(super) fn holds(&self) -> Holds {
        if self.filled == 0 {
            return Holds::Nothing;
        }
        if let Some(identifier) = self.identifier() {
            return identifier;
        }
        if self.is_about(Topic::Person) {
            return Holds::Persons("its heading says so");
        }
        if let Some(days) = self.as_days() {
            return days;
        }
        if self.personal > 0 {
            return Holds::Persons("it holds numbers or addresses of persons");
        }
        if self.decimals + self.integers == self.filled {
            let is_amount = self.decimals > 0 || self.is_about(Topic::Amount);
            let is_number = self.is_about(Topic::Number) && !self.is_about(Topic::Amount);
            return if is_amount && !is_number { Holds::Amounts } else { Holds::Numbers };
        }
        let is_code = self.capitals == self.filled && !self.is_about(Topic::Place);
        if self.is_about(Topic::Country) || is_code {
            return Holds::Countries;
        }
        if self.is_about(Topic::Name) || self.forms * 2 > self.filled {
            return Holds::Names;
        }
        let is_closed = self.spellings.is_some() && self.distinct() * 2 <= self.filled;
        if is_closed { Holds::ClosedList } else { Holds::Text }
    }

    /// One check digit in ten holds by chance, so that nine cells in ten have to carry one. Fewer
    /// do
    /// where the scheme's checks hardly ever hold by chance, and where the rest are persons'
    /// numbers, which check as well. A scheme without a check digit has to stand in the heading.
    fn identifier(&self) -> Option<Holds> {
        let fits = |count: &&SchemeCount| {
            let is_strong = ["cn-uscc", "lei", "br-cnpj"].contains(&count.scheme.key());
            let of_shape = count.checked + count.wrong + count.unchecked;
            let is_most = count.checked * 10 >= self.filled * 9;
            let is_shaped = of_shape * 10 >= self.filled * 9;
            let is_mixed = (of_shape + count.person) * 20 >= self.filled * 19
                && count.checked * 10 >= self.filled * 3
                && count.wrong * 20 <= self.filled;
            let is_strong = is_strong && is_shaped && count.checked * 2 >= self.filled;
            let is_named = count.is_named && is_shaped && count.unchecked > 0;
            count.checked > 0 && (is_most || is_strong || is_mixed) || is_named
        };
        let best = self
            .schemes
            .iter()
            .filter(fits)
            .max_by_key(|count| (count.checked, count.unchecked))?;
        Some(Holds::Identifier {
            scheme: best.scheme.key().to_owned(),
            checked: best.checked,
            wrong: best.wrong,
            persons: best.person,
        })
    }

    /// Days, when nearly every cell is one or says that there is none.
    fn as_days(&self) -> Option<Holds> {
        let said: u64 = self.no_end.values().sum();
        // A few cells may be slips; an import quarantines them.
        if self.days == 0 || (self.days + said) * 50 < self.filled * 49 {
            return None;
        }
        if self.iso_days == self.days {
            return Some(Holds::Days { formats: Vec::new(), is_ambiguous: false });
        }
        let wanted = self.days - self.iso_days;
        let fitting: Vec<&'static str> = self
            .formats
            .iter()
            .filter(|(_, _, count)| *count * 50 >= wanted * 49)
            .map(|(text, ..)| *text)
            .collect();
        // No single one fits: each that fits any, the most frequent first, for a person to see.
        let mut any: Vec<&(&'static str, DateFormat, u64)> =
            self.formats.iter().filter(|(_, _, count)| *count > 0).collect();
        any.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        match fitting.as_slice() {
            [] => Some(Holds::Days {
                formats: any.iter().map(|(text, ..)| *text).collect(),
                is_ambiguous: true,
            }),
            several => {
                Some(Holds::Days { formats: fitting.clone(), is_ambiguous: several.len() > 1 })
            }
        }
    }
}

/// Differs from run to run of another program version at most: kept nowhere.
pub(super) fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    // 0 stands for the empty cell.
    hasher.finish().max(1)
}

/// Whether a mark that stands more than once in a number stands between thousands; otherwise it is
/// a day, as `31.13.2026` is, or a code.
fn is_grouped(number: &str, mark: char) -> bool {
    let is_three = |group: &str| group.bytes().take_while(u8::is_ascii_digit).count() == 3;
    number.matches(mark).count() < 2 || number.split(mark).skip(1).all(is_three)
}
