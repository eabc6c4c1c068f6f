//! What a pack lets authorities put on record, what follows from it, how long each step takes, and
//! what the pack leaves out: in sentences made from the pack as it was loaded.

use std::fmt::Display;

use domain::case::Severity;
use domain::civil::Day;
use domain::organisation::OrganisationKind;
use policy::catalogue::{CatalogueEntry, Mandate, Needs, TermRule};
use policy::measure::{Addressee, Measure, MeasureGround, MeasureTerm};
use policy::procedure::{LegalPeriod, PeriodKey, Unit};
use policy::{PackInfo, Packs};

use super::record::{CitationShown, RemedyShown, citations, remedy_of};
use super::shown::{self, Phrase};
use crate::messages::Messages;

/// Everything of a pack that is not a list.
pub struct LawInWords {
    /// Those that are not empty of what may be put on record and what follows.
    pub sections: Vec<SectionInWords>,
    pub mandates: Vec<MandateInWords>,
    pub steps: Vec<StepInWords>,
    pub missing: Vec<(Phrase, Phrase)>,
}

/// Entries of the catalogue, or measures.
pub struct SectionInWords {
    pub id: &'static str,
    pub heading: String,
    pub parts: Vec<PartInWords>,
}

/// An entry of the catalogue, or a measure.
pub struct PartInWords {
    pub anchor: String,
    pub title: Phrase,
    pub sentences: Vec<String>,
    pub phrases: Vec<(String, Phrase)>,
    pub basis: Vec<CitationShown>,
    pub remedy: Option<RemedyShown>,
}

/// Who may submit what, where.
pub struct MandateInWords {
    pub sentence: String,
    pub basis: Vec<CitationShown>,
}

/// A period of proceedings.
pub struct StepInWords {
    pub what: String,
    pub period: String,
    pub basis: Vec<CitationShown>,
}

impl LawInWords {
    /// What `pack` says.
    pub fn of(m: &Messages, packs: &Packs, pack: &PackInfo) -> LawInWords {
        let own = |name: &str| name == pack.name;
        let entries = packs.catalogue().filter(|it| own(&it.pack)).map(|it| entry(m, it));
        let measures = packs.measures().filter(|it| own(&it.pack)).map(|it| measure(m, it));
        let section = |id, heading, parts: Vec<PartInWords>| SectionInWords {
            id,
            heading: m.t(heading).to_owned(),
            parts,
        };
        let sections = [
            section("law-entries", "packs.law_entries_title", entries.collect()),
            section("law-measures", "packs.law_measures_title", measures.collect()),
        ];
        LawInWords {
            sections: sections.into_iter().filter(|it| !it.parts.is_empty()).collect(),
            mandates: mandates(m, packs, pack),
            steps: steps(m, packs, pack),
            missing: pack
                .missing
                .iter()
                .map(|it| (Phrase::of(m, &it.what), Phrase::of(m, &it.reason)))
                .collect(),
        }
    }

    /// Whether there is nothing of it.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.mandates.is_empty() && self.steps.is_empty()
    }
}

fn entry(m: &Messages, entry: &CatalogueEntry) -> PartInWords {
    let kind = word(m, "types", &shown::type_key(entry.record_type));
    let polarity = word(m, "polarity", entry.polarity().key());
    let act = word(m, "act", entry.act.key());
    let values: [(&str, &dyn Display); 3] =
        [("type", &kind), ("polarity", &polarity), ("act", &act)];
    let mut sentences = vec![m.fill("packs.law_becomes", &values)];
    if !entry.grounds.is_empty() {
        let grounds = named(m, "ground", entry.grounds.iter().map(|it| it.key()));
        sentences.push(m.fill("packs.law_grounds", &[("grounds", &grounds)]));
    }
    sentences.push(kinds(m, &entry.subjects));
    for (severity, rule) in &entry.terms {
        sentences.push(term(m, *severity, rule));
    }
    sentences.extend(law_days(m, entry.in_force_from, entry.text_of));
    if entry.indefinite.is_some() {
        sentences.push(m.t("packs.law_indefinite").to_owned());
    }
    if entry.interim.is_some() {
        sentences.push(m.t("packs.law_interim").to_owned());
    }
    let mut phrases = Vec::new();
    for rule in [&entry.repair, &entry.release].into_iter().flatten() {
        for condition in &rule.conditions {
            let label = match rule.needs {
                Needs::All => m.t("packs.law_condition"),
                Needs::Any => m.t("packs.law_condition_any"),
            };
            let label = label.to_owned();
            phrases.push((label, Phrase::of(m, &condition.text)));
        }
        phrases.push((m.t("packs.law_steps").to_owned(), Phrase::of(m, &rule.steps)));
    }
    PartInWords {
        anchor: anchor("entry", entry.id.as_str()),
        title: Phrase::of(m, &entry.title),
        sentences,
        phrases,
        basis: citations(m, &entry.basis),
        remedy: entry.remedy.as_ref().map(|it| remedy_of(m, it)),
    }
}

/// Since when the law holds, and of which day the wording is that was read.
fn law_days(m: &Messages, from: Day, text_of: Option<Day>) -> Vec<String> {
    let mut sentences = vec![m.fill("packs.law_since", &[("day", &m.day(from))])];
    sentences.extend(text_of.map(|of| m.fill("packs.law_text_of", &[("day", &m.day(of))])));
    sentences
}

/// For how long a record of `severity` is public.
fn term(m: &Messages, severity: Option<Severity>, rule: &TermRule) -> String {
    let severity = match severity {
        Some(severity) => word(m, "case", &format!("severity_{}", severity.key())),
        None => m.t("packs.law_every_severity").to_owned(),
    };
    let severity: (&str, &dyn Display) = ("severity", &severity);
    if !rule.published {
        return m.fill("packs.law_unpublished", &[severity]);
    }
    let most = rule.max.as_ref().map_or_else(
        || m.t("packs.law_no_most").to_owned(),
        |max| m.fill("packs.law_most", &[("period", &period(m, max))]),
    );
    match &rule.min {
        Some(min) => {
            let least = period(m, min);
            m.fill("packs.law_term_min", &[severity, ("most", &most), ("least", &least)])
        }
        None => m.fill("packs.law_term", &[severity, ("most", &most)]),
    }
}

fn measure(m: &Messages, measure: &Measure) -> PartInWords {
    let choice = if measure.mandatory { "consult.mandatory" } else { "consult.discretion" };
    let does = word(m, "consult", &format!("does.{}", measure.effect.key().to_lowercase()));
    let family = word(m, "consult", &format!("family.{}", measure.family.key()));
    let sentence = |addressee: &Addressee| {
        let role = word(m, "consult", &format!("function.{}", addressee.role.key()));
        let values: [(&str, &dyn Display); 5] = [
            ("role", &role),
            ("territory", &addressee.territory.as_str()),
            ("does", &does),
            ("family", &family),
            ("choice", &m.t(choice)),
        ];
        m.fill("packs.law_measure", &values)
    };
    let mut sentences: Vec<String> = measure.addressees.iter().map(sentence).collect();
    sentences.extend(measure.grounds.iter().map(|ground| follows(m, ground)));
    if measure.when.is_some() {
        sentences.push(m.t("packs.law_when").to_owned());
    }
    sentences.push(kinds(m, &measure.targets));
    sentences.push(match measure.term {
        MeasureTerm::Record => m.t("packs.law_as_record").to_owned(),
        MeasureTerm::MonthsAtMost(months) => {
            let months = m.number(months.into());
            m.fill("packs.law_months", &[("n", &months)])
        }
    });
    sentences.extend(law_days(m, measure.in_force_from, measure.text_of));
    sentences.push(m.fill("packs.law_first_use", &[("day", &m.day(measure.first_use))]));
    let optional =
        [("consult.lift", &measure.lift), ("consult.overridable_by", &measure.overridable_by)];
    let phrases = std::iter::once(("consult.nexus", &measure.nexus))
        .chain(optional.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))))
        .map(|(key, text)| (m.t(key).to_owned(), Phrase::of(m, text)))
        .collect();
    PartInWords {
        anchor: anchor("measure", measure.id.as_str()),
        title: Phrase::of(m, &measure.title),
        sentences,
        phrases,
        basis: citations(m, &measure.basis),
        remedy: measure.remedy.as_ref().map(|it| remedy_of(m, it)),
    }
}

/// From which records a measure follows.
fn follows(m: &Messages, ground: &MeasureGround) -> String {
    let kind = word(m, "types", &shown::type_key(ground.record_type));
    let severities = ground.severities.iter().map(|it| format!("severity_{}", it.key()));
    let limits: Vec<String> = [
        named(m, "ground", ground.grounds.iter().map(|it| it.key())),
        named(m, "case", severities),
    ]
    .into_iter()
    .filter(|it| !it.is_empty())
    .collect();
    if limits.is_empty() {
        return m.fill("packs.law_follows", &[("type", &kind)]);
    }
    let limits = limits.join(m.t("join.comma"));
    m.fill("packs.law_follows_if", &[("type", &kind), ("limits", &limits)])
}

/// Mandates have no pack of their own: they are those for entries of this one.
fn mandates(m: &Messages, packs: &Packs, pack: &PackInfo) -> Vec<MandateInWords> {
    let of_pack = |mandate: &Mandate| {
        mandate
            .entries
            .iter()
            .any(|entry| packs.catalogue_entry(entry).is_some_and(|entry| entry.pack == pack.name))
    };
    packs
        .mandates()
        .filter(|mandate| of_pack(mandate))
        .map(|mandate| {
            let entries: Vec<String> = mandate
                .entries
                .iter()
                .filter_map(|entry| packs.catalogue_entry(entry))
                .map(|entry| Phrase::of(m, &entry.title).text)
                .collect();
            let authority = shown::authority_name(m, packs, &mandate.authority).text;
            MandateInWords {
                sentence: m.fill(
                    "packs.law_mandate",
                    &[
                        ("authority", &authority),
                        ("entries", &m.join(&entries)),
                        ("territory", &mandate.territory.as_str()),
                    ],
                ),
                basis: citations(m, std::slice::from_ref(&mandate.basis)),
            }
        })
        .collect()
}

/// The periods that this pack sets itself; those of the pack below are on its page.
fn steps(m: &Messages, packs: &Packs, pack: &PackInfo) -> Vec<StepInWords> {
    let Some(rules) = packs.procedure(&pack.name) else { return Vec::new() };
    let below = pack.on.as_ref().and_then(|below| packs.procedure(below));
    PeriodKey::ALL
        .iter()
        .filter_map(|key| Some((key, rules.period(*key)?)))
        .filter(|(key, own)| below.and_then(|below| below.period(**key)) != Some(*own))
        .map(|(key, found)| StepInWords {
            what: word(m, "step", &key.key().replace('.', "_")),
            period: period(m, found),
            basis: citations(m, std::slice::from_ref(&found.citation)),
        })
        .collect()
}

/// "30 working days".
fn period(m: &Messages, period: &LegalPeriod) -> String {
    let unit = match period.unit {
        Unit::WorkingDays => "unit.working_days",
        Unit::CalendarDays => "unit.calendar_days",
        Unit::Months => "unit.months",
        Unit::Years => "unit.years",
    };
    m.fill(unit, &[("n", &m.number(period.value.into()))])
}

fn kinds(m: &Messages, kinds: &[OrganisationKind]) -> String {
    if kinds.len() == OrganisationKind::ALL.len() {
        return m.t("packs.every_kind").to_owned();
    }
    let kinds = named(m, "kind", kinds.iter().map(|it| it.key()));
    m.fill("packs.kinds", &[("kinds", &kinds)])
}

fn named<K: AsRef<str>>(m: &Messages, table: &str, keys: impl Iterator<Item = K>) -> String {
    let names: Vec<String> = keys.map(|key| word(m, table, key.as_ref())).collect();
    m.join(&names)
}

fn word(m: &Messages, table: &str, key: &str) -> String {
    m.t(&format!("{table}.{key}")).to_owned()
}

fn anchor(what: &str, id: &str) -> String {
    format!("{what}-{}", id.replace(['.', '_'], "-"))
}
