//! A change in words, in the languages the program speaks.

use domain::case::Severity;
use domain::refusal::Language;

use super::{Change, LegalLength, Of, Toward, What};
use crate::in_use::Waiting;
use crate::procedure::Unit;

/// The text in `language`.
const fn pick(language: Language, en: &'static str, zh: &'static str) -> &'static str {
    match language {
        Language::En => en,
        Language::Zh => zh,
    }
}

impl Change {
    /// The change in one sentence: what, of what, and what it means for organisations.
    ///
    /// ```
    /// use domain::refusal::Language;
    /// use goodstanding_policy::diff::{Change, Of, Toward, What};
    /// let change = Change {
    ///     of: Of::Entry,
    ///     id: "us.far.debarment".into(),
    ///     what: What::Hearing,
    ///     toward: Toward::Lighter,
    ///     before: None,
    ///     after: None,
    ///     added: Vec::new(),
    ///     removed: Vec::new(),
    ///     whom: Vec::new(),
    /// };
    /// let text = change.text(Language::En);
    /// assert_eq!(
    ///     text,
    ///     "Entry us.far.debarment: the right to a hearing changed. Lighter for organisations."
    /// );
    /// ```
    pub fn text(&self, language: Language) -> String {
        let of = self.of.text(language);
        let what = self.what.text(language);
        let toward = self.toward.text(language);
        let lengths = match (self.before, self.after) {
            (None, None) => String::new(),
            (before, after) => {
                let before = length(before, language);
                let after = length(after, language);
                match language {
                    Language::En => format!(" ({after}, before: {before})"),
                    Language::Zh => format!("（{after}，此前为{before}）"),
                }
            }
        };
        let details = self.details(language);
        match language {
            Language::En => format!("{of} {}: {what}{lengths}{details}. {toward}", self.id),
            Language::Zh => format!("{of} {}：{what}{lengths}{details}。{toward}", self.id),
        }
    }

    /// What was added and taken away, and whom it concerns.
    fn details(&self, language: Language) -> String {
        let (comma, stop) = (pick(language, ", ", "、"), pick(language, "; ", "；"));
        let parts = [
            (&self.added, pick(language, "added: ", "增加：")),
            (&self.removed, pick(language, "taken away: ", "删除：")),
            (&self.whom, pick(language, "concerns: ", "涉及：")),
        ];
        let parts = parts.into_iter().filter(|(items, _)| !items.is_empty());
        let texts = parts.map(|(items, label)| {
            let names: Vec<&str> = items
                .iter()
                .map(|item| item.name(language).trim_end_matches(['.', '。']))
                .collect();
            format!("{stop}{label}{}", names.join(comma))
        });
        texts.collect()
    }
}

fn length(length: Option<LegalLength>, language: Language) -> String {
    let Some(LegalLength { value, unit }) = length else {
        return pick(language, "none set", "未设").to_owned();
    };
    let (one, many, zh) = match unit {
        Unit::WorkingDays => ("working day", "working days", "个工作日"),
        Unit::CalendarDays => ("day", "days", "日"),
        Unit::Months => ("month", "months", "个月"),
        Unit::Years => ("year", "years", "年"),
    };
    match language {
        Language::En => format!("{value} {}", if value == 1 { one } else { many }),
        Language::Zh => format!("{value}{zh}"),
    }
}

impl Waiting {
    /// In one sentence what waits until when, and what holds meanwhile.
    pub fn text(&self, language: Language) -> String {
        let (of, id, until) = (self.of.text(language), &self.id, self.until);
        match (language, self.is_new) {
            (Language::En, true) => format!("{of} {id}: new, used from {until} on."),
            (Language::En, false) => format!("{of} {id}: as before until {until}."),
            (Language::Zh, true) => format!("{of} {id}：新增，自{until}起适用。"),
            (Language::Zh, false) => format!("{of} {id}：在{until}之前仍按原规定。"),
        }
    }
}

impl Of {
    fn text(self, language: Language) -> &'static str {
        match self {
            Of::Pack => pick(language, "Pack", "规则包"),
            Of::Period => pick(language, "Period of", "期间"),
            Of::Calendar => pick(language, "Calendar", "日历"),
            Of::List => pick(language, "List", "名单"),
            Of::Entry => pick(language, "Entry", "目录条目"),
            Of::Measure => pick(language, "Measure", "措施"),
            Of::Mandate => pick(language, "Mandate of", "授权"),
            Of::Recognition => pick(language, "Recognition", "互认规则"),
        }
    }
}

fn of_severity(severity: Option<Severity>, language: Language) -> &'static str {
    match severity {
        Some(Severity::Minor) => pick(language, " for minor breaches", "轻微失信的"),
        Some(Severity::General) => pick(language, " for general breaches", "一般失信的"),
        Some(Severity::Serious) => pick(language, " for serious breaches", "严重失信的"),
        None => "",
    }
}

impl What {
    fn text(self, language: Language) -> String {
        let (severity, en, zh) = match self {
            What::ShortestTerm(severity) => {
                (severity, "the shortest period before repair", "申请修复前的最短期限有变化")
            }
            What::LongestTerm(severity) => {
                (severity, "the longest time on record", "最长公示期限有变化")
            }
            What::Publication(severity) => (severity, "whether it is public", "是否公示有变化"),
            other => return other.plain(language).to_owned(),
        };
        let of = of_severity(severity, language);
        match language {
            Language::En => format!("{en}{of} changed"),
            Language::Zh => format!("{of}{zh}"),
        }
    }

    const fn plain(self, language: Language) -> &'static str {
        let (en, zh) = match self {
            What::Added => ("new", "新增"),
            What::Removed => ("no longer there", "已删除"),
            What::Length => ("its length changed", "长度有变化"),
            What::Ceiling => {
                ("the ceiling after the end of the conduct changed", "自行为终了起的最长期限有变化")
            }
            What::Grounds => ("the grounds changed", "事由有变化"),
            What::Subjects => ("whom it concerns changed", "适用主体有变化"),
            What::Addressees => ("who is bound by it changed", "措施对象有变化"),
            What::Hearing => ("the right to a hearing changed", "听证权利有变化"),
            What::SeverityRules => ("how grave a breach is changed", "严重程度规则有变化"),
            What::Repair => ("repair or early release changed", "修复或提前解除有变化"),
            What::Interim => ("records before a decision changed", "决定前的临时记录有变化"),
            What::Extension => ("the extension of terms changed", "延期规则有变化"),
            What::Effect => ("what it does changed", "措施效果有变化"),
            What::Condition => ("its condition changed", "适用条件有变化"),
            What::InForce => ("from when to when it holds changed", "生效期间有变化"),
            What::Days => ("working days changed", "工作日有变化"),
            What::ShortestTerm(_) | What::LongestTerm(_) | What::Publication(_) | What::Rest => {
                ("law, remedy or wording changed", "法律依据、救济或文字有变化")
            }
        };
        pick(language, en, zh)
    }
}

impl Toward {
    fn text(self, language: Language) -> &'static str {
        match self {
            Toward::Lighter => pick(language, "Lighter for organisations.", "对组织更宽。"),
            Toward::Heavier => pick(
                language,
                "Heavier for organisations; a record that exists keeps what it had.",
                "对组织更严；已有记录仍适用原规定。",
            ),
            Toward::Unclear => pick(language, "To be read in full.", "须阅读全文。"),
        }
    }
}
