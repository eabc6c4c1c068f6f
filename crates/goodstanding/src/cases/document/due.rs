//! What is open in a case: who has until which day to do what, on which law, and what follows of
//! itself.

use domain::civil::{Day, Instant};
use due_process::case::transitions::Role;
use due_process::case::{Deadline, DeadlineKey, Phase};
use policy::Citation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::file::CaseFile;
use crate::messages::Messages;

/// One deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Due {
    /// What is due; the same in every language.
    #[schema(example = "answer_until")]
    pub key: String,
    /// The same in words.
    pub what: String,
    /// Whose it is: `subject`, `officer`, `decider`, `registry`, `reviewer`, `peer`; none for what
    /// time does of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whose: Option<String>,
    /// The same in words.
    pub who: String,
    /// The last day, in the zone of the authority.
    pub last_day: String,
    /// The instant it is over.
    pub at: String,
    /// Whether it was missed, and is still owed.
    pub missed: bool,
    /// The article of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// What follows of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
}

/// Every open deadline of a case, the next first.
pub fn due(m: &Messages, file: &CaseFile) -> Vec<Due> {
    let mut all: Vec<(Instant, Due)> = file
        .case
        .deadlines()
        .iter()
        .map(|deadline| (deadline.at, of_rules(m, file, deadline)))
        .collect();
    all.extend(of_law(m, file));
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, due)| due).collect()
}

fn of_rules(m: &Messages, file: &CaseFile, deadline: &Deadline) -> Due {
    let of_period = deadline.period.and_then(|key| file.period(key)).map(|it| &it.citation);
    let law = of_period.or_else(|| of_term(file, deadline.key));
    Due {
        key: deadline.key.key().to_owned(),
        what: m.t(&format!("due.{}", deadline.key.key())).to_owned(),
        whose: deadline.whose.map(|role| role_key(role).to_owned()),
        who: who(m, deadline.whose),
        last_day: deadline.last_day(&file.zone()).to_string(),
        at: deadline.at.to_string(),
        missed: deadline.is_over(file.case.at),
        law: law.map(|law| law.short(m.code())),
        then: deadline.then.map(|step| step.words(m.refusal_language()).to_owned()),
    }
}

/// The article that lets a record stand as long as it does.
fn of_term(file: &CaseFile, key: DeadlineKey) -> Option<&Citation> {
    if key != DeadlineKey::EndsOn {
        return None;
    }
    let term = file.entry.term(file.case.revision.severity)?;
    term.max.as_ref().map(|max| &max.citation)
}

/// What the law of the entry opens beside the steps of the case: review or court, and repair.
fn of_law(m: &Messages, file: &CaseFile) -> Vec<(Instant, Due)> {
    let stands = matches!(file.case.phase, Phase::Standstill { .. } | Phase::Published { .. });
    if !stands || !file.case.is_adverse() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut put = |key: &str, day: Day, law: &Citation| {
        let at = file.zone().end_of(day);
        found.push((
            at,
            Due {
                key: key.to_owned(),
                what: m.t(&format!("due.{key}")).to_owned(),
                whose: Some(role_key(Role::Subject).to_owned()),
                who: who(m, Some(Role::Subject)),
                last_day: day.to_string(),
                at: at.to_string(),
                missed: false,
                law: Some(law.short(m.code())),
                then: None,
            },
        ));
    };
    let today = file.case.at.day_in(&file.zone());
    let within = file.entry.remedy.as_ref().and_then(|remedy| remedy.within.as_ref());
    let served_on = file.case.revision.decision.as_ref().map(|decision| decision.served_on);
    if let (Some(within), Some(served_on)) = (within, served_on)
        && let Some(day) = file.last_day(within, served_on).filter(|day| *day >= today)
    {
        put("remedy_until", day, &within.citation);
    }
    let min = file.entry.term(file.case.revision.severity).and_then(|term| term.min.as_ref());
    let may_repair = file.entry.repair.is_some() && file.case.repair.is_none();
    if let (Some(min), Some(start), true) = (min, file.case.term.start, may_repair)
        && let Some(day) = file.last_day(min, start).filter(|day| *day > today)
    {
        put("repair_from", day, &min.citation);
    }
    found
}

/// The key in answers and message files.
pub const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Officer => "officer",
        Role::Decider => "decider",
        Role::Subject => "subject",
        Role::ThirdParty => "third_party",
        Role::Registry => "registry",
        Role::Reviewer => "reviewer",
        Role::Court => "court",
        Role::Peer => "peer",
    }
}

fn who(m: &Messages, role: Option<Role>) -> String {
    m.t(&format!("party.{}", role.map_or("time", role_key))).to_owned()
}
