//! What notices and decisions have in common: who, by which law, what follows, until when.

use std::collections::BTreeSet;

use domain::case::{MeasureId, Severity};
use domain::civil::{Day, End};
use domain::text::Texts;
use due_process::case::Exposure;
use due_process::case::repair::FEE;
use policy::Citation;
use policy::catalogue::RepairRule;
use policy::measure::{Measure, MeasureTerm};
use policy::procedure::{LegalPeriod, PeriodKey, Unit};

use super::super::file::CaseFile;
use super::{Line, Section};
use crate::messages::Messages;

/// A section while it is written.
pub struct Writer<'a> {
    m: &'a Messages,
    section: Section,
}

impl<'a> Writer<'a> {
    /// A section under this key, with its heading.
    pub fn new(m: &'a Messages, key: &str, heading: &str) -> Writer<'a> {
        let section =
            Section { key: key.to_owned(), heading: heading.to_owned(), lines: Vec::new() };
        Writer { m, section }
    }

    fn put(&mut self, label: Option<&str>, text: String) -> &mut Line {
        self.section.lines.push(Line {
            label: label.map(str::to_owned),
            text,
            quoted: false,
            url: None,
            day: None,
        });
        let last = self.section.lines.len() - 1;
        // Index safety: a line was pushed just now.
        &mut self.section.lines[last]
    }

    /// A sentence.
    pub fn say(&mut self, text: impl Into<String>) {
        self.put(None, text.into());
    }

    /// A statement under a label.
    pub fn line(&mut self, label: &str, text: impl Into<String>) {
        self.put(Some(label), text.into());
    }

    /// What a party wrote. Nothing where nothing was written.
    pub fn quote(&mut self, label: &str, text: &str) {
        if !text.trim().is_empty() {
            self.put(Some(label), text.trim().to_owned()).quoted = true;
        }
    }

    /// A day.
    pub fn day(&mut self, label: &str, day: Day) {
        self.put(Some(label), self.m.day(day)).day = Some(day.to_string());
    }

    /// A place in the law.
    pub fn law(&mut self, label: &str, citation: &Citation) {
        let text = citation.short(self.m.code());
        let line = self.put(Some(label), text);
        if citation.url.starts_with("http") {
            line.url = Some(citation.url.clone());
        }
    }

    /// A day with the period it was counted by and the place in the law.
    pub fn dated(&mut self, label: &str, day: Day, period: Option<&LegalPeriod>) {
        let text = match period {
            Some(period) => self.m.fill(
                "document.dated",
                &[
                    ("day", &self.m.day(day)),
                    ("period", &length(self.m, period)),
                    ("law", &period.citation.short(self.m.code())),
                ],
            ),
            None => self.m.day(day),
        };
        self.put(Some(label), text).day = Some(day.to_string());
    }

    /// The section; `None` where it says nothing.
    pub fn done(self) -> Option<Section> {
        (!self.section.lines.is_empty()).then_some(self.section)
    }
}

/// "10 working days".
pub fn length(m: &Messages, period: &LegalPeriod) -> String {
    let unit = match period.unit {
        Unit::WorkingDays => "unit.working_days",
        Unit::CalendarDays => "unit.calendar_days",
        Unit::Months => "unit.months",
        Unit::Years => "unit.years",
    };
    m.fill(unit, &[("n", &m.number(period.value.into()))])
}

fn own<'t>(m: &Messages, texts: &'t Texts) -> &'t str {
    texts.in_language(m.code())
}

/// Who may read it.
pub fn private(m: &Messages, file: &CaseFile) -> String {
    let key = match file.case.exposure() {
        Exposure::Shown { .. } => "document.private_public",
        _ => "document.private",
    };
    m.t(key).to_owned()
}

/// Whom it is about.
pub fn subject(m: &Messages, file: &CaseFile) -> Option<Section> {
    let mut section = Writer::new(m, "subject", m.t("document.subject"));
    section.quote(m.t("document.name"), &file.case.revision.name_as_written);
    for claim in &file.identifiers {
        section.line(m.t("document.identifier"), claim.to_string());
    }
    section.line(m.t("document.organisation_id"), file.case.organisation.to_string());
    section.done()
}

/// Who says it, and where to write.
pub fn authority(
    m: &Messages,
    file: &CaseFile,
    service: Option<(&str, Option<Day>)>,
) -> Option<Section> {
    let mut section = Writer::new(m, "authority", m.t("document.authority"));
    let known = file.in_use.packs.authority(&file.case.authority);
    let name = known.map_or(file.case.authority.as_str(), |known| own(m, &known.names));
    section.line(m.t("document.name"), name);
    section.quote(m.t("document.case_number"), &file.case.revision.case_number);
    match file.texts() {
        Some(texts) => section.quote(m.t("document.office"), &texts.office),
        None => section.line(m.t("document.office"), m.t("document.office_untold")),
    }
    if let Some((how, on)) = service {
        section.quote(m.t("document.service"), how);
        if let Some(on) = on {
            section.day(m.t("document.served_on"), on);
        }
    }
    section.done()
}

/// The grounds, and the articles they are from.
pub fn grounds(m: &Messages, file: &CaseFile) -> Option<Section> {
    let mut section = Writer::new(m, "grounds", m.t("document.grounds"));
    let grounds = file.case.revision.grounds.iter();
    let grounds: Vec<String> =
        grounds.map(|ground| m.t(&format!("ground.{}", ground.key())).to_owned()).collect();
    if !grounds.is_empty() {
        section.line(m.t("document.ground"), m.join(&grounds));
    }
    for citation in &file.entry.basis {
        section.law(m.t("document.law"), citation);
    }
    section.done()
}

/// "general", or a dash where a record has none.
pub fn severity(m: &Messages, severity: Option<Severity>) -> String {
    severity.map_or("–".to_owned(), |it| m.t(&format!("case.severity_{}", it.key())).to_owned())
}

/// What follows, for whom, on which law: the measures named, and those that the law leaves no
/// choice about.
pub fn measures(
    m: &Messages,
    file: &CaseFile,
    named: &BTreeSet<MeasureId>,
    of_severity: Option<Severity>,
) -> Option<Section> {
    let revision = &file.case.revision;
    let follows = |measure: &&Measure| {
        let by_law = measure.mandatory
            && measure.follows_from(revision.record_type(), &revision.grounds, of_severity);
        named.contains(&measure.id) || by_law
    };
    let mut section = Writer::new(m, "measures", m.t("document.measures"));
    let mut is_any = false;
    for measure in file.in_use.packs.measures().filter(follows) {
        is_any = true;
        section.line(m.t("document.measure"), own(m, &measure.title));
        let effect =
            m.t(&format!("consult.does.{}", measure.effect.key().to_lowercase())).to_owned();
        section.line(m.t("consult.effect"), effect);
        let addressees = measure.addressees.iter().map(|addressee| {
            let role = m.t(&format!("consult.function.{}", addressee.role.key())).to_owned();
            format!("{role} ({})", addressee.territory)
        });
        section.line(m.t("document.addressees"), m.join(&addressees.collect::<Vec<_>>()));
        for citation in &measure.basis {
            section.law(m.t("document.law"), citation);
        }
        let term = match measure.term {
            MeasureTerm::Record => m.t("document.measure_as_record").to_owned(),
            MeasureTerm::MonthsAtMost(months) => m.fill(
                "document.measure_months",
                &[("n", &m.fill("unit.months", &[("n", &m.number(months.into()))]))],
            ),
        };
        section.line(m.t("consult.term"), term);
        let choice = match measure.mandatory {
            true => "document.measure_mandatory",
            false => "document.measure_choice",
        };
        section.line(m.t("document.choice"), m.t(choice));
        if let Some(lift) = &measure.lift {
            section.line(m.t("consult.lift"), own(m, lift));
        }
    }
    if !is_any {
        section.say(m.t("document.measures_none"));
    }
    section.say(m.t("document.measures_no_other"));
    section.done()
}

/// What becomes public, where, from when, until when.
pub fn publication(
    m: &Messages,
    file: &CaseFile,
    of_severity: Option<Severity>,
    from: Option<(Day, Option<&LegalPeriod>)>,
    end: Option<&End>,
) -> Option<Section> {
    let mut section = Writer::new(m, "publication", m.t("document.publication"));
    let term = file.entry.term(of_severity);
    if term.is_none_or(|term| !term.published) {
        section.say(m.t("document.unpublished"));
        return section.done();
    }
    section.line(m.t("document.what"), m.t("document.published_what"));
    let path = format!("/{}/organisations/{}", m.code(), file.case.organisation);
    section.line(
        m.t("document.where"),
        m.fill("document.published_where", &[("origin", &file.origin), ("path", &path)]),
    );
    if let Some((day, period)) = from {
        section.dated(m.t("document.published_from"), day, period);
    }
    match end {
        Some(End::On(day)) => {
            section.day(m.t("document.published_until"), *day);
            section.say(m.t("document.published_after"));
        }
        Some(End::Indefinite { .. }) | None => {
            section.line(m.t("document.published_until"), m.t("document.no_end"));
            if let Some(citation) = &file.entry.indefinite {
                section.law(m.t("document.law"), citation);
            }
        }
    }
    section.done()
}

/// Shortest and longest period, and what ends it early.
pub fn repair(
    m: &Messages,
    file: &CaseFile,
    of_severity: Option<Severity>,
    start: Option<Day>,
) -> Option<Section> {
    let mut section = Writer::new(m, "repair", m.t("document.repair"));
    let term = file.entry.term(of_severity);
    if let Some(max) = term.and_then(|term| term.max.as_ref()) {
        section.line(
            m.t("document.longest"),
            m.fill(
                "document.period_by",
                &[("period", &length(m, max)), ("law", &max.citation.short(m.code()))],
            ),
        );
    }
    if let Some(ceiling) = &file.entry.ceiling {
        section.line(
            m.t("document.ceiling"),
            m.fill(
                "document.period_by",
                &[("period", &length(m, ceiling)), ("law", &ceiling.citation.short(m.code()))],
            ),
        );
    }
    let Some(rule) = &file.entry.repair else {
        section.say(m.t("document.repair_none"));
        return section.done();
    };
    match term.and_then(|term| term.min.as_ref()) {
        None => section.line(m.t("document.repair_from"), m.t("document.repair_at_once")),
        Some(min) => match start.and_then(|start| file.last_day(min, start)) {
            Some(day) => section.dated(m.t("document.repair_from"), day, Some(min)),
            None => section.line(
                m.t("document.repair_from"),
                m.fill(
                    "document.after_decision",
                    &[("period", &length(m, min)), ("law", &min.citation.short(m.code()))],
                ),
            ),
        },
    }
    conditions(m, rule, &mut section);
    section.line(m.t("document.steps"), own(m, &rule.steps));
    section.line(m.t("document.fee"), m.fill("document.fee_is", &[("fee", &FEE)]));
    section.done()
}

fn conditions(m: &Messages, rule: &RepairRule, section: &mut Writer<'_>) {
    for condition in &rule.conditions {
        let text = m.fill(
            "document.period_by",
            &[("period", &own(m, &condition.text)), ("law", &condition.basis.short(m.code()))],
        );
        section.line(m.t("document.condition"), text);
    }
}

/// Review, court, and what this registry itself offers. `served_on` is the day from which time to
/// seek them runs, once there is a decision.
pub fn remedies(m: &Messages, file: &CaseFile, served_on: Option<Day>) -> Option<Section> {
    let mut section = Writer::new(m, "remedies", m.t("document.remedies"));
    if let Some(remedy) = &file.entry.remedy {
        section.line(m.t("document.remedy"), own(m, &remedy.text));
        if let Some(within) = &remedy.within {
            match served_on.and_then(|day| file.last_day(within, day)) {
                Some(day) => section.dated(m.t("document.remedy_until"), day, Some(within)),
                None => section.line(
                    m.t("document.remedy_until"),
                    m.fill(
                        "document.after_service",
                        &[
                            ("period", &length(m, within)),
                            ("law", &within.citation.short(m.code())),
                        ],
                    ),
                ),
            }
        }
        let address = m.t("document.remedy_address");
        section.line(address, remedy.url.clone());
        for citation in &remedy.basis {
            section.law(m.t("document.law"), citation);
        }
    }
    let (decide, appeal) =
        (file.period(PeriodKey::ObjectionDecide), file.period(PeriodKey::Appeal));
    if let (Some(decide), Some(appeal)) = (decide, appeal) {
        section.line(
            m.t("document.objection"),
            m.fill(
                "document.objection_how",
                &[
                    ("decide", &length(m, decide)),
                    ("decide_law", &decide.citation.short(m.code())),
                    ("appeal", &length(m, appeal)),
                    ("appeal_law", &appeal.citation.short(m.code())),
                ],
            ),
        );
    }
    section.done()
}

/// How to see that this is what the registry holds.
pub fn verification(m: &Messages, file: &CaseFile, position: u64) -> Section {
    let mut section = Writer::new(m, "verification", m.t("document.verification"));
    section.line(m.t("document.record"), file.case.record.to_string());
    section.line(m.t("document.log"), file.origin.clone());
    section.line(m.t("document.position"), m.number(position));
    section.say(m.t("document.verify_how"));
    section.section
}

/// In which languages, and who helps with another form.
pub fn language(m: &Messages) -> Option<Section> {
    let mut section = Writer::new(m, "language", m.t("document.language"));
    section.say(m.t("document.language_how"));
    section.done()
}
