//! The decision in full: what was decided, why, what is said to each point, what follows and what
//! can be done about it.

use domain::case::{DecisionDocument, Step, Upheld};
use domain::civil::{Day, End};
use policy::procedure::PeriodKey;

use super::super::file::CaseFile;
use super::Section;
use super::notice::last_before;
use super::parts::{self, Writer};
use crate::messages::Messages;

/// Title and sections of a decision; `None` for a step that decides nothing.
pub fn of(m: &Messages, file: &CaseFile, step: &Step) -> Option<(String, Vec<Section>)> {
    let (title, sections) = match step {
        Step::DecisionUpheld(decided) => ("document.decision_title", upheld(m, file, decided)),
        Step::DecisionNotUpheld { reasons } => {
            let mut outcome = Writer::new(m, "outcome", m.t("document.outcome"));
            outcome.say(m.t("document.outcome_favour"));
            outcome.quote(m.t("document.reasons"), reasons);
            ("document.decision_title_favour", around(m, file, vec![outcome.done()], None))
        }
        Step::Extended { end, effective_at, document, answered, .. } => {
            let mut outcome = Writer::new(m, "outcome", m.t("document.outcome"));
            outcome.say(m.t("document.outcome_extended"));
            numbered(m, document, &mut outcome);
            outcome.day(m.t("document.effective_from"), effective_at.day_in(&file.zone()));
            outcome.day(m.t("document.term_until"), *end);
            let mut sections = vec![outcome.done()];
            sections.extend(reasoned(m, file, answered.as_deref().map(parts_of)));
            sections.push(parts::repair(
                m,
                file,
                file.case.revision.severity,
                file.case.term.start,
            ));
            ("document.decision_title", around(m, file, sections, Some(document.served_on)))
        }
        Step::RepairRevoked { reference, end_at, answered } => {
            let mut outcome = Writer::new(m, "outcome", m.t("document.outcome"));
            outcome.say(m.t("document.outcome_repair_revoked"));
            outcome.quote(m.t("document.decision_number"), reference);
            if let Some(end_at) = end_at {
                outcome.day(m.t("document.term_until"), last_before(*end_at, file));
            }
            let mut sections = vec![outcome.done()];
            sections.extend(reasoned(m, file, answered.as_deref().map(parts_of)));
            ("document.decision_title", around(m, file, sections, None))
        }
        _ => return None,
    };
    Some((m.t(title).to_owned(), sections))
}

fn parts_of(answered: &domain::case::Answered) -> (&str, &[String]) {
    (&answered.reasons, &answered.answers)
}

fn upheld(m: &Messages, file: &CaseFile, decided: &Upheld) -> Vec<Section> {
    let mut outcome = Writer::new(m, "outcome", m.t("document.outcome"));
    outcome.say(m.t("document.outcome_upheld"));
    let title = file.entry.title.in_language(m.code());
    outcome.line(m.t("document.entry"), format!("{title} ({})", file.entry.id));
    numbered(m, &decided.document, &mut outcome);
    outcome.line(m.t("document.severity"), parts::severity(m, decided.severity));
    outcome.day(m.t("document.term_from"), decided.start);
    match &decided.end {
        End::On(day) => outcome.day(m.t("document.term_until"), *day),
        End::Indefinite { basis } => outcome.line(m.t("document.term_until"), basis.clone()),
    }
    let measures = decided.measures.iter().cloned().collect();
    let last = last_before(decided.standstill_until, file);
    let from = Some((last.next(), file.period(PeriodKey::Standstill)));
    let mut stop = Writer::new(m, "standstill", m.t("document.standstill"));
    stop.say(m.t("document.flag_how"));
    stop.dated(m.t("document.flag_until"), last, file.period(PeriodKey::Standstill));
    let mut sections = vec![outcome.done()];
    sections.extend(reasoned(
        m,
        file,
        Some((decided.reasons.as_str(), decided.answers.as_slice())),
    ));
    sections.extend([
        parts::grounds(m, file),
        parts::measures(m, file, &measures, decided.severity),
        parts::publication(m, file, decided.severity, from, Some(&decided.end)),
        stop.done(),
        parts::repair(m, file, decided.severity, Some(decided.start)),
    ]);
    around(m, file, sections, Some(decided.document.served_on))
}

fn numbered(m: &Messages, document: &DecisionDocument, section: &mut Writer<'_>) {
    section.quote(m.t("document.decision_number"), &document.number);
    section.day(m.t("document.decision_date"), document.date);
    section.day(m.t("document.served_on"), document.served_on);
}

/// Who and whom before it, remedies after it.
fn around(
    m: &Messages,
    file: &CaseFile,
    inner: Vec<Option<Section>>,
    served_on: Option<Day>,
) -> Vec<Section> {
    let mut sections = vec![parts::subject(m, file), parts::authority(m, file, None)];
    sections.extend(inner);
    sections.extend([parts::remedies(m, file, served_on), parts::language(m)]);
    sections.into_iter().flatten().collect()
}

/// The reasons, and what is said to each point beside the point itself.
fn reasoned(
    m: &Messages,
    file: &CaseFile,
    answered: Option<(&str, &[String])>,
) -> [Option<Section>; 2] {
    let Some((reasons, answers)) = answered else { return [None, None] };
    let mut why = Writer::new(m, "reasons", m.t("document.reasons"));
    why.quote(m.t("document.reasons"), reasons);
    let mut each = Writer::new(m, "answers", m.t("document.answers"));
    let points = file.points();
    for (number, answer) in (1_u64..).zip(answers) {
        let point = usize::try_from(number - 1).ok().and_then(|at| points.get(at));
        let label = |key| m.fill(key, &[("n", &m.number(number))]);
        each.quote(&label("document.point"), point.map_or("", String::as_str));
        each.quote(&label("document.point_answer"), answer);
    }
    [why.done(), each.done()]
}
