//! What exactly a change adds or takes away, each thing with its name in both languages.

use std::collections::BTreeSet;

use domain::case::Severity;
use domain::civil::Day;
use domain::limits::{AddresseeRole, Ground};
use domain::organisation::OrganisationKind;
use domain::refusal::Language;
use domain::text::Texts;

use crate::catalogue::{CatalogueEntry, RepairRule};
use crate::citation::Citation;
use crate::list::Remedy;
use crate::measure::{Addressee, Measure, MeasureTerm};

/// One thing of a set that changed, or one of two values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// As packs write it.
    pub key: String,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl Item {
    fn of(key: &str, zh: &str) -> Item {
        Item { key: key.to_owned(), en: key.replace('_', " "), zh: zh.to_owned() }
    }

    /// The same words in every language: a day, a key, an expression.
    pub(crate) fn plain(text: impl ToString) -> Item {
        let text = text.to_string();
        Item { key: text.clone(), en: text.clone(), zh: text }
    }

    fn texts(texts: &Texts) -> Item {
        let (en, zh) = (texts.in_language("en").to_owned(), texts.in_language("zh").to_owned());
        Item { key: en.clone(), en, zh }
    }

    /// The name in `language`.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }

    pub(crate) fn ground(ground: Ground) -> Item {
        let zh = match ground {
            Ground::Fraud => "欺诈",
            Ground::Corruption => "腐败",
            Ground::Collusion => "串通",
            Ground::Coercion => "胁迫",
            Ground::Obstruction => "妨碍调查",
            Ground::Tax => "税收和关税",
            Ground::Labour => "工资和劳动",
            Ground::Environment => "环境",
            Ground::Safety => "安全",
            Ground::Product => "产品质量",
            Ground::Competition => "竞争",
            Ground::Contract => "违约",
            Ground::Licence => "许可",
            Ground::Disclosure => "信息披露义务",
            Ground::Procurement => "采购规则",
            Ground::CourtDefault => "不履行法院裁判",
        };
        Item::of(ground.key(), zh)
    }

    pub(crate) fn kind(kind: OrganisationKind) -> Item {
        let zh = match kind {
            OrganisationKind::Enterprise => "企业",
            OrganisationKind::PublicBody => "公共机关",
            OrganisationKind::PublicInstitution => "事业单位",
            OrganisationKind::Cooperative => "合作社",
            OrganisationKind::Foundation => "基金会",
            OrganisationKind::Association => "社会团体",
            OrganisationKind::Union => "工会",
            OrganisationKind::Media => "媒体",
            OrganisationKind::Party => "政党",
            OrganisationKind::FaithBody => "宗教组织",
            OrganisationKind::Unstated => "来源未注明",
        };
        Item::of(kind.key(), zh)
    }

    pub(crate) fn severity(severity: Severity) -> Item {
        let zh = match severity {
            Severity::Minor => "轻微",
            Severity::General => "一般",
            Severity::Serious => "严重",
        };
        Item::of(severity.key(), zh)
    }

    pub(crate) fn addressee(addressee: &Addressee) -> Item {
        let zh = match addressee.role {
            AddresseeRole::ProcuringEntity => "采购单位",
            AddresseeRole::GrantingBody => "资金发放机关",
            AddresseeRole::LicensingAuthority => "许可机关",
            AddresseeRole::InspectionAuthority => "检查机关",
            AddresseeRole::AwardingBody => "表彰机关",
            AddresseeRole::DevelopmentBank => "开发银行",
        };
        let role = Item::of(addressee.role.key(), zh);
        let place = addressee.territory.as_str();
        Item {
            key: format!("{} {place}", role.key),
            en: format!("{} ({place})", role.en),
            zh: format!("{}（{place}）", role.zh),
        }
    }

    /// Several as one: "fraud, serious".
    pub(crate) fn joined(items: &[Item]) -> Item {
        let join = |part: fn(&Item) -> &str, with: &str| {
            items.iter().map(part).collect::<Vec<_>>().join(with)
        };
        Item {
            key: join(|item| &item.key, " "),
            en: join(|item| &item.en, ", "),
            zh: join(|item| &item.zh, "、"),
        }
    }

    /// What is said of a value that is not there.
    fn flag(holds: bool, key: &str, zh: &str) -> Option<Item> {
        holds.then(|| Item::of(key, zh))
    }
}

/// What is only in `new`, and what is only in `old`.
pub(crate) fn told(old: &[Item], new: &[Item]) -> (Vec<Item>, Vec<Item>) {
    let only = |these: &[Item], those: &[Item]| -> Vec<Item> {
        let these: BTreeSet<&Item> = these.iter().filter(|item| !those.contains(item)).collect();
        these.into_iter().cloned().collect()
    };
    (only(new, old), only(old, new))
}

/// Each record a measure may follow from, taken apart.
pub(crate) fn grounds_of(measure: &Measure) -> Vec<Item> {
    let mut items = Vec::new();
    for ground in &measure.grounds {
        let record_type = || Item::plain(ground.record_type.key());
        let any = |list: Vec<Item>| {
            if list.is_empty() { vec![None] } else { list.into_iter().map(Some).collect() }
        };
        let of_ground = any(ground.grounds.iter().map(|it| Item::ground(*it)).collect());
        let of_severity = any(ground.severities.iter().map(|it| Item::severity(*it)).collect());
        for one in &of_ground {
            for other in &of_severity {
                let parts: Vec<Item> = [Some(record_type()), one.clone(), other.clone()]
                    .into_iter()
                    .flatten()
                    .collect();
                items.push(Item::joined(&parts));
            }
        }
    }
    items
}

/// Which severity follows when.
pub(crate) fn severity_rules_of(entry: &CatalogueEntry) -> Vec<Item> {
    let rule = |severity: Severity, when: &str| {
        let severity = Item::severity(severity);
        Item {
            key: format!("{} {when}", severity.key),
            en: format!("{} if {when}", severity.en),
            zh: format!("{when} 时为{}", severity.zh),
        }
    };
    let rules = entry.severity_rules.iter().map(|it| rule(it.severity, it.when.text()));
    let default = entry.severity_default.map(|severity| {
        let severity = Item::severity(severity);
        Item {
            key: format!("{} else", severity.key),
            en: format!("else {}", severity.en),
            zh: format!("否则为{}", severity.zh),
        }
    });
    rules.chain(default).collect()
}

/// The conditions of repair and release, and how many are needed.
pub(crate) fn conditions_of(entry: &CatalogueEntry) -> Vec<Item> {
    let of = |rule: &Option<RepairRule>, en: &'static str, zh: &'static str| -> Vec<Item> {
        let Some(rule) = rule else { return Vec::new() };
        let needs = match rule.needs {
            crate::catalogue::Needs::All => Item::of("all", "全部"),
            crate::catalogue::Needs::Any => Item::of("any", "任一"),
        };
        let head = |item: Item| Item {
            key: format!("{en} {}", item.key),
            en: format!("{en}: {}", item.en),
            zh: format!("{zh}：{}", item.zh),
        };
        let conditions = rule.conditions.iter().map(|condition| {
            let words = Item::texts(&condition.text);
            Item {
                key: condition.key.to_string(),
                en: format!("{} ({})", condition.key, words.en),
                zh: format!("{}（{}）", condition.key, words.zh),
            }
        });
        conditions.chain([needs]).map(head).collect()
    };
    let mut items = of(&entry.repair, "repair", "修复");
    items.extend(of(&entry.release, "release", "提前解除"));
    items
}

/// What an addressee does, for how long, and whether it has a choice.
pub(crate) fn effect_of(measure: &Measure) -> Vec<Item> {
    let term = match measure.term {
        MeasureTerm::Record => Item::of("as long as the record", "与记录同期"),
        MeasureTerm::MonthsAtMost(months) => Item {
            key: format!("{months} months"),
            en: format!("{months} months at most"),
            zh: format!("最长{months}个月"),
        },
    };
    let plain = [measure.kind.key(), measure.family.key(), measure.effect.key()];
    let mut items: Vec<Item> = plain.into_iter().map(|key| Item::of(key, key)).collect();
    items.push(term);
    items.extend(Item::flag(measure.mandatory, "mandatory", "必须执行"));
    items.extend(Item::flag(!measure.mandatory, "at the addressee's discretion", "可裁量"));
    items.extend(Item::flag(measure.interim, "also before a decision", "决定前亦适用"));
    items
}

/// Titles, articles and remedy.
pub(crate) fn words_of<'a>(
    texts: impl IntoIterator<Item = &'a Texts>,
    basis: &[Citation],
    remedy: Option<&Remedy>,
) -> Vec<Item> {
    let mut items: Vec<Item> = texts.into_iter().map(Item::texts).collect();
    let remedy_basis = remedy.iter().flat_map(|remedy| &remedy.basis);
    items.extend(basis.iter().chain(remedy_basis).map(|citation| Item {
        key: citation.short("en"),
        en: citation.short("en"),
        zh: citation.short("zh"),
    }));
    items.extend(remedy.map(|remedy| Item::texts(&remedy.text)));
    items
}

/// From when to when.
pub(crate) fn days_of(days: &[(&str, &str, Option<Day>)]) -> Vec<Item> {
    let each = days.iter().filter_map(|(en, zh, day)| {
        let day = (*day)?.to_string();
        Some(Item {
            key: format!("{en} {day}"),
            en: format!("{en} {day}"),
            zh: format!("{zh}{day}"),
        })
    });
    each.collect()
}
