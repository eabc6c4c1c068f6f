//! What packs that are not adopted yet do to records that stand: which end earlier, because the
//! new version lets them stand shorter (I-11), and which rest on an entry or a ground that it
//! drops (T43).
//!
//! **Invariant:** no record ends later, or becomes heavier, by what is found here.

use domain::authority::AuthorityKey;
use domain::case::{Actor, CaseEvent, CatalogueKey, Step, WithdrawalReason};
use domain::civil::Instant;
use domain::ids::RecordId;
use due_process::case::{self, Case, Command, Refused, Setting};
use serde_json::{Value, json};

use crate::adoption::Candidate;
use crate::cases::{CaseError, View};
use crate::laws::Laws;

/// A record that a version concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub record: RecordId,
    /// Whose.
    pub authority: AuthorityKey,
    /// Of which entry.
    pub entry: CatalogueKey,
    /// When it would be over under the packs in force; `None` where no end is set.
    pub until: Option<Instant>,
    /// What becomes of it, as the log will say it.
    pub step: CaseEvent,
}

/// Records that a version concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concerned {
    /// They end earlier.
    pub shortened: Vec<Standing>,
    /// Nothing carries them any more.
    pub repealed: Vec<Standing>,
}

/// What `candidate` does to the records that stand at `now`; `laws` are those with it adopted.
pub fn concerned(
    view: &View,
    laws: &Laws,
    candidate: &Candidate,
    now: Instant,
) -> Result<Concerned, CaseError> {
    let mut concerned = Concerned::default();
    let mut failure = None;
    view.desk().each_case(view.ledger(), &mut |case| {
        match of_case(&case.as_of(now), laws, candidate, now) {
            Ok(Some(found)) => match found.step.step {
                Step::TermShortened { .. } => concerned.shortened.push(found),
                _ => concerned.repealed.push(found),
            },
            Ok(None) => {}
            Err(refused) => failure = Some(refused),
        }
        failure.is_none()
    })?;
    match failure {
        Some(refused) => Err(CaseError::Refused(refused)),
        None => Ok(concerned),
    }
}

fn of_case(
    case: &Case,
    laws: &Laws,
    candidate: &Candidate,
    now: Instant,
) -> Result<Option<Standing>, Refused> {
    let id = &case.revision.entry;
    let before = Instant::from_micros(now.micros().saturating_sub(1));
    let Some((own, _)) = laws.of_record(id, case.submitted_at, before) else { return Ok(None) };
    let Some((entry, rules)) = laws.of_record(id, case.submitted_at, now) else { return Ok(None) };
    let Some(changed) = candidate.changed.iter().find(|pack| pack.name == own.pack) else {
        return Ok(None);
    };
    let actor = &Actor::Registry;
    let setting = Setting { actor, now, entry: &entry, rules: &rules, counterpart: None };
    let covers = candidate.packs.catalogue_entry(id).is_some_and(|kept| {
        let grounds = &case.revision.grounds;
        grounds.is_empty() || grounds.iter().any(|ground| kept.grounds.contains(ground))
    });
    let step = if covers {
        case::shortened(case, &own, &changed.hash, &setting)?
    } else {
        let command = Command::Withdraw {
            reason: WithdrawalReason::LawRepealed,
            reference: format!("{} {}", changed.name, changed.version),
            ordered_on: None,
        };
        // What has ended already is not withdrawn as well.
        case::decide(case, &command, &setting).ok().and_then(|mut steps| steps.pop())
    };
    Ok(step.map(|step| Standing {
        record: case.record,
        authority: case.authority.clone(),
        entry: id.clone(),
        until: case.term.end_at,
        step,
    }))
}

impl Standing {
    /// For programs.
    fn to_json(&self) -> Value {
        json!({
            "record": self.record.to_string(),
            "authority": self.authority.as_str(),
            "entry": self.entry.as_str(),
            "until": self.until.map(|at| at.to_string()),
            "ends": match &self.step.step {
                Step::TermShortened { end_at, .. } => Some(end_at.to_string()),
                _ => None,
            },
        })
    }

    fn to_text(&self) -> String {
        let until = self.until.map_or_else(|| "no end".to_owned(), |at| format!("until {at}"));
        let becomes = match &self.step.step {
            Step::TermShortened { end_at, .. } => format!("ends {end_at}"),
            _ => "is withdrawn".to_owned(),
        };
        format!("  {}  {}, {} ({until}): {becomes}\n", self.record, self.authority, self.entry)
    }
}

impl Concerned {
    /// Each step, in the order of the log.
    pub fn steps(&self) -> impl Iterator<Item = &CaseEvent> {
        self.shortened.iter().chain(&self.repealed).map(|standing| &standing.step)
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let each = |of: &[Standing]| of.iter().map(Standing::to_json).collect::<Vec<_>>();
        json!({ "shortened": each(&self.shortened), "repealed": each(&self.repealed) })
    }

    /// In sentences, with what has to be done; empty where nothing is concerned.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if !self.shortened.is_empty() {
            text.push_str("Records that end earlier, from the adoption on:\n");
            text.extend(self.shortened.iter().map(Standing::to_text));
        }
        if !self.repealed.is_empty() {
            text.push_str(
                "Records whose entry or ground is dropped; adopting with --withdraw withdraws them, an entry \
                 that stays with `in_force_until` keeps them:\n",
            );
            text.extend(self.repealed.iter().map(Standing::to_text));
        }
        text
    }
}
