//! The notice in full: everything that an organisation has to know before it answers.

use domain::case::{Attested, Conduct, Notice, Purpose};
use domain::civil::{Day, End, Instant};
use policy::procedure::PeriodKey;

use super::super::file::CaseFile;
use super::Section;
use super::parts::{self, Writer};
use crate::messages::Messages;

/// What a notice is called.
pub fn title(m: &Messages, purpose: Purpose) -> String {
    let key = match purpose {
        Purpose::Record => "document.notice_title",
        Purpose::Extension => "document.notice_title_extension",
        Purpose::RepairRevocation => "document.notice_title_repair_revocation",
        Purpose::WithdrawalOfGood => "document.notice_title_withdrawal",
        Purpose::Imputation => "document.notice_title_imputation",
    };
    m.t(key).to_owned()
}

/// Everything of domain.md 5.6, in its order.
pub fn sections(m: &Messages, file: &CaseFile, notice: &Notice) -> Vec<Section> {
    let named = notice.measures.iter().cloned().collect();
    let window_last =
        notice.hearing_until.map_or(notice.represent_until, |day| day.max(notice.represent_until));
    // A decision comes after the window at the earliest, and waits.
    let standstill = file.period(PeriodKey::Standstill);
    let earliest = standstill.and_then(|period| file.last_day(period, window_last.next()));
    let earliest = earliest.map(|last| (last.next(), standstill));
    let start = file.case.term.start;
    let end = notice.end_max.map(End::On);
    let mut sections = vec![
        parts::subject(m, file),
        parts::authority(m, file, Some((notice.service.as_str(), Some(notice.served_on)))),
        intention(m, file, notice),
        facts(m, file, &notice.facts),
        evidence(m, notice),
        parts::grounds(m, file),
    ];
    if matches!(notice.purpose, Purpose::WithdrawalOfGood | Purpose::Imputation) {
        sections.push(answer(m, file, notice, window_last));
    } else {
        sections.extend([
            parts::measures(m, file, &named, notice.severity),
            parts::publication(m, file, notice.severity, earliest, end.as_ref()),
            parts::repair(m, file, notice.severity, start),
            answer(m, file, notice, window_last),
        ]);
    }
    sections.extend([parts::remedies(m, file, None), no_worse(m), parts::language(m)]);
    sections.into_iter().flatten().collect()
}

fn intention(m: &Messages, file: &CaseFile, notice: &Notice) -> Option<Section> {
    let mut section = Writer::new(m, "intention", m.t("document.intention"));
    let key = match notice.purpose {
        Purpose::Record => "document.intends_record",
        Purpose::Extension => "document.intends_extension",
        Purpose::RepairRevocation => "document.intends_repair_revocation",
        Purpose::WithdrawalOfGood => "document.intends_withdrawal",
        Purpose::Imputation => "document.intends_imputation",
    };
    section.say(m.t(key));
    record(m, file, &mut section);
    if let Some(successor) = notice.successor {
        section.line(m.t("document.successor"), successor.to_string());
    }
    if !matches!(notice.purpose, Purpose::WithdrawalOfGood | Purpose::Imputation) {
        section.line(m.t("document.severity_most"), parts::severity(m, notice.severity));
        match notice.end_max {
            Some(day) => section.day(m.t("document.end_most"), day),
            None => section.line(m.t("document.end_most"), m.t("document.no_end")),
        }
    }
    section.done()
}

/// What kind of record it is.
fn record(m: &Messages, file: &CaseFile, section: &mut Writer<'_>) {
    let title = file.entry.title.in_language(m.code());
    section.line(m.t("document.entry"), format!("{title} ({})", file.entry.id));
    let kind = file.case.revision.record_type().key().replace('.', "_");
    section.line(m.t("document.kind"), m.t(&format!("type.{kind}")).to_owned());
}

fn facts(m: &Messages, file: &CaseFile, text: &str) -> Option<Section> {
    let mut section = Writer::new(m, "facts", m.t("document.facts"));
    section.quote(m.t("document.alleged"), text);
    if let Some(Conduct { from, to }) = file.case.revision.conduct {
        section.day(m.t("document.conduct_from"), from);
        section.day(m.t("document.conduct_to"), to);
    }
    section.done()
}

fn evidence(m: &Messages, notice: &Notice) -> Option<Section> {
    let mut section = Writer::new(m, "evidence", m.t("document.evidence"));
    match &notice.texts {
        Some(texts) => {
            section.quote(m.t("document.evidence_list"), &texts.evidence);
            section.quote(m.t("document.access"), &texts.access);
        }
        // Notices of an earlier version ticked it off.
        None => section.say(m.t("document.evidence_untold")),
    }
    section.done()
}

fn answer(m: &Messages, file: &CaseFile, notice: &Notice, window_last: Day) -> Option<Section> {
    let mut section = Writer::new(m, "answer", m.t("document.answer"));
    section.say(m.t("document.answer_how"));
    let by_hearing = window_last > notice.represent_until;
    let key = if by_hearing { PeriodKey::HearingRequest } else { PeriodKey::Represent };
    section.dated(m.t("document.answer_until"), window_last, file.period(key));
    match notice.hearing_until {
        Some(day) => {
            let period = file.period(PeriodKey::HearingRequest);
            section.dated(m.t("document.hearing_until"), day, period);
            section.say(m.t("document.hearing_how"));
        }
        None => section.say(m.t("document.hearing_none")),
    }
    let last = last_before(notice.decide_by, file);
    section.dated(m.t("document.decide_by"), last, file.period(PeriodKey::DecideMax));
    section.say(m.t("document.silence_favours"));
    section.done()
}

/// The last day before an instant at which something is over.
pub fn last_before(at: Instant, file: &CaseFile) -> Day {
    let zone = file.zone();
    let day = at.day_in(&zone);
    if zone.start_of(day) == at { day.plus_days(-1) } else { day }
}

fn no_worse(m: &Messages) -> Option<Section> {
    let mut section = Writer::new(m, "no_worse", m.t("document.no_worse"));
    section.say(m.t("document.no_worse_how"));
    section.done()
}

/// What the subject of an imported decision is told before it is public.
pub fn precheck(m: &Messages, file: &CaseFile, service: &str, until: Instant) -> Vec<Section> {
    let revision = &file.case.revision;
    let last = last_before(until, file);
    let period = file.period(PeriodKey::Precheck);
    let served_on = revision.decision.as_ref().map(|decision| decision.served_on);
    let mut intention = Writer::new(m, "intention", m.t("document.decided_elsewhere"));
    intention.say(m.t("document.precheck_intends"));
    record(m, file, &mut intention);
    intention.line(m.t("document.severity"), parts::severity(m, revision.severity));
    if let Some(decision) = &revision.decision {
        intention.quote(m.t("document.decision_number"), &decision.number);
        intention.day(m.t("document.decision_date"), decision.date);
        intention.day(m.t("document.served_on"), decision.served_on);
    }
    let mut attested = Writer::new(m, "attested", m.t("document.attested"));
    for Attested { attestation, reference } in &revision.attestations {
        attested.quote(m.t(&format!("document.{}", attestation.key())), reference);
    }
    let mut answer = Writer::new(m, "answer", m.t("document.answer"));
    answer.say(m.t("document.flag_how"));
    answer.dated(m.t("document.flag_until"), last, period);
    let from = Some((last.next(), period));
    let sections = [
        parts::subject(m, file),
        parts::authority(m, file, Some((service, None))),
        intention.done(),
        facts(m, file, ""),
        attested.done(),
        parts::grounds(m, file),
        parts::measures(m, file, &file.case.measures, revision.severity),
        parts::publication(m, file, revision.severity, from, revision.end.as_ref()),
        parts::repair(m, file, revision.severity, file.case.term.start),
        answer.done(),
        parts::remedies(m, file, served_on),
        parts::language(m),
    ];
    sections.into_iter().flatten().collect()
}

/// What the subject of an interim record is told.
pub fn interim(
    m: &Messages,
    file: &CaseFile,
    (need, service): (&str, &str),
    oppose_until: Day,
    lapses_at: Instant,
) -> Vec<Section> {
    let revision = &file.case.revision;
    let mut intention = Writer::new(m, "intention", m.t("document.intention"));
    intention.say(m.t("document.interim_intends"));
    record(m, file, &mut intention);
    intention.quote(m.t("document.need"), need);
    if let Some(interim) = &file.entry.interim {
        intention.law(m.t("document.law"), &interim.basis);
    }
    let mut answer = Writer::new(m, "answer", m.t("document.answer"));
    answer.say(m.t("document.answer_how"));
    let period = file.period(PeriodKey::InterimOppose);
    answer.dated(m.t("document.oppose_until"), oppose_until, period);
    let end = End::On(last_before(lapses_at, file));
    let sections = [
        parts::subject(m, file),
        parts::authority(m, file, Some((service, None))),
        intention.done(),
        facts(m, file, ""),
        parts::grounds(m, file),
        parts::publication(m, file, revision.severity, None, Some(&end)),
        answer.done(),
        parts::remedies(m, file, None),
        no_worse(m),
        parts::language(m),
    ];
    sections.into_iter().flatten().collect()
}
