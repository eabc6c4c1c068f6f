//! The rules of recognition over a whole list: for each decision, which party would enforce it and
//! why or why not, and how that agrees with what the list itself says of who enforces whose.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write;
use std::path::Path;

use domain::case::CatalogueKey;
use domain::civil::{Day, Instant, Zone};
use domain::ids::{OrganisationId, RecordId};
use domain::submission::Submission;
use due_process::published::PublishedFacts;
use due_process::recognition::{Assessment, Condition, Rules, Standing, Told};
use intake::quarantine::neutralise;
use intake::{FileSummary, Outcome, Profile, ReadError, ReadOptions, Source};
use policy::Packs;
use policy::recognition::Recognition;

use crate::export::{self, ExportError};
use crate::registry::Registry;

/// One decision and what a rule makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The record, or the row of the file.
    pub key: String,
    /// Name of the organisation, as the source writes it.
    pub name: String,
    /// What came of it.
    pub assessment: Assessment,
}

/// Every decision a rule speaks of that is public in the registry now; organisations whose legal
/// form has one owner are left out, as from every file.
pub fn of_registry(
    registry: &Registry,
    rule: &CatalogueKey,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Judged>, ExportError> {
    let packs = registry.packs();
    let rules = Rules::of(&packs);
    let mut judged = Vec::new();
    export::each_file(registry, None, progress, &mut |answer, is_single_owner| {
        if is_single_owner {
            return Ok(());
        }
        let on = answer.as_of.day_in(&Zone::UTC);
        for published in registry.published(answer.file.id)? {
            let assessments = rules.assessments(published.facts(), on);
            let found = assessments.into_iter().filter(|it| it.rule == *rule);
            judged.extend(found.map(|assessment| Judged {
                key: assessment.record.to_string(),
                name: answer.file.name.text.clone(),
                assessment,
            }));
        }
        Ok(())
    })?;
    Ok(judged)
}

/// The same for the rows of a file as read on `as_of`, without a registry. What intake refuses,
/// quarantines or finds ended is not judged; the summary counts it.
pub fn of_file(
    packs: &Packs,
    profile: &Profile,
    file: &Path,
    as_of: Day,
    rule: &CatalogueKey,
) -> Result<(Vec<Judged>, FileSummary), ReadError<Infallible>> {
    let rules = Rules::of(packs);
    let mut judged = Vec::new();
    let options = ReadOptions { as_of, partial: true };
    let summary = intake::read(profile, packs, &options, Source::Path(file), &mut |row| {
        if let Outcome::Ready(submission) = &row.outcome
            && let Some(facts) = facts_of(packs, submission)
        {
            let assessments = rules.assessments(&facts, as_of);
            let found = assessments.into_iter().filter(|it| it.rule == *rule);
            judged.extend(found.map(|assessment| Judged {
                key: row.number.to_string(),
                name: submission.organisation.name.text.clone(),
                assessment,
            }));
        }
        Ok::<(), Infallible>(())
    })?;
    Ok((judged, summary))
}

/// What a row would be judged by, were it a quotation. It has no id: it stands in no registry.
fn facts_of(packs: &Packs, row: &Submission) -> Option<PublishedFacts> {
    let nowhere = Instant::from_micros(0);
    let fields = row.body.fields();
    let imposed_by = fields.into_iter().find(|(key, _)| *key == "imposed_by");
    Some(PublishedFacts {
        record: RecordId::mint(nowhere, [0; 10]),
        organisation: OrganisationId::mint(nowhere, [0; 10]),
        authority: packs.list(&row.list)?.authority.clone(),
        record_type: row.body.record_type(),
        grounds: row.grounds.clone(),
        severity: None,
        act: row.act,
        procedure: None,
        decided_on: row.period.start,
        conduct: None,
        amount: None,
        start: row.period.start,
        end: row.period.end.clone(),
        measures: None,
        interim: false,
        objected: false,
        entry: None,
        list: Some(row.list.clone()),
        imposed_by: imposed_by.map(|(_, text)| text),
    })
}

/// Met, not met, cannot be told.
pub type Tally = [u64; 3];

/// All of it in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// By who decided (`?` where that cannot be told): decisions, and each condition.
    pub by_decider: BTreeMap<String, (u64, BTreeMap<Condition, Tally>)>,
    /// What the conditions alone come to for decisions that the publisher decided itself.
    pub own: BTreeMap<Standing, u64>,
    /// The same for decisions the publisher's list says it enforces for another.
    pub cross: BTreeMap<Standing, u64>,
    /// Which conditions stand in the way, among those cross debarments: those not met, those that
    /// cannot be told, and how often.
    pub in_the_way: BTreeMap<(Vec<Condition>, Vec<Condition>), u64>,
    /// How often each party stands how.
    pub parties: BTreeMap<String, BTreeMap<Standing, u64>>,
}

/// Counts `judged`.
pub fn measure(judged: &[Judged]) -> Measured {
    let mut measured = Measured::default();
    for Judged { assessment, .. } in judged {
        let decider = assessment.decider.as_ref();
        let by = decider.map_or_else(|| "?".to_owned(), ToString::to_string);
        let (decisions, conditions) = measured.by_decider.entry(by).or_default();
        *decisions += 1;
        for (condition, told) in &assessment.conditions {
            let [met, not_met, untold] = conditions.entry(*condition).or_default();
            *match told {
                Told::Met => met,
                Told::NotMet => not_met,
                Told::Untold => untold,
            } += 1;
        }
        let standing = assessment.by_conditions();
        let is_cross = decider.is_some_and(|decider| *decider != assessment.publisher);
        let side = if is_cross { &mut measured.cross } else { &mut measured.own };
        *side.entry(standing).or_default() += 1;
        if is_cross {
            let of = |wanted: Told| -> Vec<Condition> {
                let conditions = assessment.conditions.iter();
                conditions.filter(|(_, told)| *told == wanted).map(|(it, _)| *it).collect()
            };
            *measured.in_the_way.entry((of(Told::NotMet), of(Told::Untold))).or_default() += 1;
        }
        for (party, standing) in &assessment.parties {
            let of_party = measured.parties.entry(party.to_string()).or_default();
            *of_party.entry(*standing).or_default() += 1;
        }
    }
    measured
}

/// Writes one row for each decision: who decided, each condition, each party.
pub fn write_csv(rule: &Recognition, judged: &[Judged], out: &mut dyn Write) -> csv::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    let mut head: Vec<&str> = vec!["key", "organisation", "publisher", "decided_by"];
    head.extend(Condition::ALL.iter().map(|it| it.key()));
    head.extend(rule.parties.iter().map(|it| it.as_str()));
    rows.write_record(&head)?;
    for Judged { key, name, assessment } in judged {
        let decider = assessment.decider.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut row = vec![
            key.clone(),
            neutralise(name).into_owned(),
            assessment.publisher.to_string(),
            decider,
        ];
        row.extend(Condition::ALL.iter().map(|condition| {
            let told = assessment.conditions.iter().find(|(it, _)| it == condition);
            told.map_or("", |(_, told)| told.key()).to_owned()
        }));
        row.extend(assessment.parties.iter().map(|(_, standing)| standing.key().to_owned()));
        rows.write_record(&row)?;
    }
    rows.flush()?;
    Ok(())
}
