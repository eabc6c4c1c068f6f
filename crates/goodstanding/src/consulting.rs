//! A consultation of this registry: who asks what for which day, and what follows from the public
//! file. The rules are in `due_process::consult` and `due_process::recognition`; command line, API
//! and page ask here, so that they give one answer.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::case::Territory;
use domain::civil::{Day, Instant, Zone};
use domain::ids::{OrganisationId, RecordId};
use domain::organisation::Name;
use domain::performance::Month;
use due_process::consult::{self, Consultation, Question};
use due_process::published::PublishedFacts;
use due_process::recognition::{Assessment, Rules};
use policy::Packs;
use policy::measure::{AddresseeRole, MeasureFamily};

use crate::laws::asked_at;
use crate::registry::{AppError, Registry};
use crate::signed_answer;

/// What is asked, before it is known about whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// For what.
    pub purpose: MeasureFamily,
    /// In which function.
    pub role: AddresseeRole,
    /// Where.
    pub territory: Territory,
    /// For which day; today (UTC) when none is named.
    pub on: Option<Day>,
    /// Who asks, where an agreement or an override depends on it.
    pub addressee: Option<AuthorityKey>,
}

/// A part of a question that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Its name.
    pub parameter: &'static str,
    /// What it can be.
    pub known: Vec<String>,
}

impl Asking {
    /// Reads a question from its parts by name: `purpose`, `role`, `territory`, and where given
    /// `on` and `addressee`.
    ///
    /// # Errors
    /// The first part that is missing or cannot be read.
    pub fn read<'a>(
        packs: &Packs,
        part: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Result<Asking, Unfit> {
        let unfit = |parameter, known: Vec<&str>| Unfit {
            parameter,
            known: known.into_iter().map(str::to_owned).collect(),
        };
        let purpose = part("purpose").and_then(MeasureFamily::from_key);
        let purpose = purpose.ok_or_else(|| {
            unfit("purpose", MeasureFamily::ALL.iter().map(|it| it.key()).collect())
        })?;
        let role = part("role").and_then(AddresseeRole::from_key);
        let role = role
            .ok_or_else(|| unfit("role", AddresseeRole::ALL.iter().map(|it| it.key()).collect()))?;
        let territory = part("territory").and_then(Territory::new);
        let territory =
            territory.ok_or_else(|| Unfit { parameter: "territory", known: territories(packs) })?;
        let on = match part("on") {
            Some(text) => Some(text.parse().map_err(|_| unfit("on", vec!["a day, YYYY-MM-DD"]))?),
            None => None,
        };
        let addressee = match part("addressee") {
            Some(text) => {
                let known = AuthorityKey::new(text).filter(|key| packs.authority(key).is_some());
                let unknown = || unfit("addressee", vec!["the key of an authority of the packs"]);
                Some(known.ok_or_else(unknown)?)
            }
            None => None,
        };
        Ok(Asking { purpose, role, territory, on, addressee })
    }
}

/// The places that measures of the packs in force speak of.
pub fn territories(packs: &Packs) -> Vec<String> {
    let addressees = packs.measures().flat_map(|measure| &measure.addressees);
    let mut found: Vec<String> =
        addressees.map(|addressee| addressee.territory.as_str().to_owned()).collect();
    found.sort();
    found.dedup();
    found
}

/// An answer, with all that explains it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Whom it is about.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: Name,
    /// What was asked.
    pub question: Question,
    /// The instant the answer is for.
    pub as_of: Instant,
    /// Entries of the log below this position are known.
    pub position: u64,
    /// From this instant on it may be another answer: ask again.
    pub usable_until: Instant,
    /// What follows and what does not.
    pub found: Consultation,
    /// What agreements make of the decisions of their parties.
    pub assessments: Vec<Assessment>,
    /// The facts each record was judged by.
    pub facts: BTreeMap<RecordId, PublishedFacts>,
}

/// Readings of a registry that changes while it is read, at most.
const ATTEMPTS: u32 = 4;

/// Answers `asking` about the organisation `id`; `None` where nothing answers under that id.
pub fn ask(
    registry: &Registry,
    id: OrganisationId,
    asking: &Asking,
) -> Result<Option<Answered>, AppError> {
    let mut state = registry.etag_boundary()?;
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let answered = ask_once(registry, id, asking)?;
        let after = registry.etag_boundary()?;
        // File and records are read one after the other: both have to be of one state.
        if after == state || left == 0 {
            return Ok(answered);
        }
        state = after;
    }
}

/// The same for a public authority that asks as such: counted in the journal before it is answered.
/// What answers nobody is not counted.
pub fn ask_as(
    registry: &Registry,
    id: OrganisationId,
    asking: &Asking,
) -> Result<Option<(Answered, Month)>, AppError> {
    let Some(answered) = ask(registry, id, asking)? else { return Ok(None) };
    let month = registry.journal(answered.organisation, asking.role)?;
    Ok(Some((answered, month)))
}

/// The same, signed and dated (spec/answer.md); `None` where the registry has no key for it.
pub fn signed(registry: &Registry, answered: &Answered) -> Result<Option<String>, AppError> {
    let Some(key) = registry.answers_key() else { return Ok(None) };
    // Read after the answer: the head covers every entry that is in it.
    let head = registry.head()?;
    let text = signed_answer::text(&registry.packs(), registry.origin(), &head, answered);
    Ok(Some(signed_answer::sign(&text, key)))
}

fn ask_once(
    registry: &Registry,
    id: OrganisationId,
    asking: &Asking,
) -> Result<Option<Answered>, AppError> {
    let Some(answer) = registry.file(id, None, None)? else { return Ok(None) };
    let next = registry.next_boundary()?;
    let (published, overrides) = registry.published_with_overrides(answer.file.id)?;
    let today = answer.as_of.day_in(&Zone::UTC);
    let in_use = registry.in_use(asked_at(asking.on.unwrap_or(today), answer.as_of))?;
    let packs = &in_use.packs;
    let question = Question {
        kind: answer.file.kind,
        purpose: asking.purpose,
        role: asking.role,
        territory: asking.territory.clone(),
        on: asking.on.unwrap_or(today),
        addressee: asking.addressee.clone(),
    };
    let rules = Rules::of(packs);
    let found = consult::consult(&published, &question, packs.measures(), &overrides, &rules);
    let facts = published.iter().map(|it| (it.facts().record, it.facts().clone())).collect();
    let is_asked = |assessment: &Assessment| {
        packs.recognition(&assessment.rule).is_some_and(|rule| {
            let mut measures = packs.measures();
            measures.any(|it| it.pack == rule.pack && it.family == question.purpose)
        })
    };
    let assessments = published
        .iter()
        .flat_map(|it| rules.assessments(it.facts(), question.on))
        .filter(is_asked)
        .collect();
    // A dated answer is for its day, whatever else happens.
    let midnight = Zone::UTC.end_of(today);
    // What waits may be used from then on.
    let waits = in_use.waiting.iter().map(|waiting| waiting.until);
    let next = next.into_iter().chain(waits.filter(|until| *until > answer.as_of)).min();
    Ok(Some(Answered {
        organisation: answer.file.id,
        name: answer.file.name,
        question,
        as_of: answer.as_of,
        position: answer.position,
        usable_until: next.map_or(midnight, |next| next.min(midnight)),
        found,
        assessments,
        facts,
    }))
}
