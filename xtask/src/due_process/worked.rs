//! One case from notice to repair, played through the rules themselves: every day on the page was
//! computed by them, under the invented law of the demonstration.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, anyhow};
use domain::authority::AuthorityKey;
use domain::case::{
    AccountHandle, Actor, CaseEvent, CatalogueKey, Conduct, DecisionDocument, MeasureId, Mode,
    NoticeTexts, ObjectionGround, Procedure, Purpose, Severity, Territory,
};
use domain::civil::{Day, End, Instant};
use domain::ids::{OrganisationId, RecordId};
use domain::limits::Ground;
use domain::organisation::OrganisationKind;
use domain::record::{AdminPenalty, Body};
use due_process::case::{
    self, Case, Command, Deadline, NoticeDraft, Outcome, Phase, Setting, Submission,
    SubmissionFacts,
};
use policy::Packs;
use policy::catalogue::{CatalogueEntry, Mandate};
use policy::procedure::ProcedureRules;

use super::readers::{length, words};

const ENTRY: &str = "demo.penalty-environment";
const AUTHORITY: &str = "demo.environment-bureau";
/// A Monday; any day would do.
const BEGIN: &str = "2026-03-02T02:00:00Z";
/// The latest last day that the notice names, and the one that is decided.
const LATEST: &str = "2026-12-31";
const END: &str = "2026-11-30";
/// Ids of the example: which they are does not matter.
const SEED: [u8; 10] = [7; 10];

struct Played<'a> {
    entry: &'a CatalogueEntry,
    rules: &'a ProcedureRules,
    mandates: Vec<Mandate>,
    territory: Territory,
    history: Vec<(Instant, CaseEvent)>,
    now: Instant,
    page: String,
}

/// The section; nothing where the packs cannot be read, which other checks say.
pub fn section(packs: Option<&Packs>) -> String {
    let Some(packs) = packs else { return String::new() };
    match play(packs) {
        Ok(text) => text,
        Err(error) => format!("## A case from notice to repair\n\nNot played: {error:#}\n\n"),
    }
}

fn play(packs: &Packs) -> Result<String> {
    let id = CatalogueKey::new(ENTRY).context("no key")?;
    let entry = packs.catalogue_entry(&id).context("no such entry")?;
    let authority = AuthorityKey::new(AUTHORITY).context("no key")?;
    let mut it = Played {
        entry,
        rules: packs.procedure(&entry.pack).context("no periods")?,
        mandates: packs.mandates_of(&authority).cloned().collect(),
        territory: Territory::new("demo").context("no territory")?,
        history: Vec::new(),
        now: BEGIN.parse()?,
        page: String::new(),
    };
    let account = |name: &str| AccountHandle::new(name).map(Actor::Authority).context("no account");
    let (officer, decider, second) =
        (account("officer-1")?, account("decider-1")?, account("decider-2")?);
    it.submit(&authority, &officer)?;
    let notice = it.notice();
    it.act(
        &officer,
        &Command::ServeNotice(notice),
        "An officer of the bureau serves the notice; the \
        token goes with it.",
    )?;
    it.wait(4);
    let points = ["The third sample was taken above the inlet.", "Our permit allows 20 mg."];
    let points = points.map(str::to_owned).to_vec();
    it.act(
        &Actor::Subject,
        &Command::Represent { points, text: String::new() },
        "The organisation \
        answers in two points.",
    )?;
    it.until(
        "The time to answer is over. Before, nothing can be decided against the organisation.",
        |case| Some(case.chain.as_ref()?.window_ends_at),
    )?;
    it.wait(3);
    let decision = it.decision()?;
    it.act(
        &decider,
        &Command::Uphold(decision),
        "Somebody else of the bureau decides, with reasons \
        and an answer to each point. Nothing is public yet.",
    )?;
    it.until("The standstill is over and nobody stopped it: the record is public.", |case| {
        match case.phase {
            Phase::Standstill { until } => Some(until),
            _ => None,
        }
    })?;
    it.wait(2);
    let text = "It was another river.".to_owned();
    it.act(
        &Actor::Subject,
        &Command::Object { ground: ObjectionGround::Error, text },
        "The \
        organisation objects. From this instant every view of the record is marked.",
    )?;
    it.wait(1);
    let reject = Command::RejectObjection { reasons: "The river was looked up again.".into() };
    it.act(
        &second,
        &reject,
        "A third account of the bureau, which had no part in it, rejects the \
        objection with reasons.",
    )?;
    let from = it.repair_from()?;
    it.now = it.rules.zone().start_of(from).plus_hours(10);
    let repair = it.entry.repair.as_ref().context("no repair")?;
    let conditions = repair.conditions.iter().map(|condition| condition.key.clone()).collect();
    it.act(
        &Actor::Subject,
        &Command::ApplyRepair { conditions, text: "Receipts.".into() },
        "The \
        shortest time is over. The organisation applies for repair: it says that each listed \
        condition is met. It costs nothing.",
    )?;
    it.wait(2);
    it.act(
        &decider,
        &Command::GrantRepair,
        "The bureau grants the repair. Publication and measures \
        end at this instant, and nothing here says any more that there was a record.",
    )?;
    Ok(it.whole())
}

impl Played<'_> {
    fn today(&self) -> Day {
        self.now.day_in(self.rules.zone())
    }

    /// So many days later.
    fn wait(&mut self, count: i64) {
        self.now = self.now.plus_hours(24 * count);
    }

    fn setting<'s>(&'s self, actor: &'s Actor) -> Setting<'s> {
        Setting { actor, now: self.now, entry: self.entry, rules: self.rules, counterpart: None }
    }

    fn case(&self) -> Result<Case> {
        let folded = case::fold(self.history.iter().map(|(at, event)| (*at, event)));
        Ok(folded.context("no case")?.as_of(self.now))
    }

    fn submit(&mut self, authority: &AuthorityKey, officer: &Actor) -> Result<()> {
        let submission = Submission {
            record: RecordId::mint(self.now, SEED),
            organisation: OrganisationId::mint(self.now, SEED),
            authority: authority.clone(),
            mode: Mode::Hosted,
            name_as_written: "Fictional Tannery Ltd".into(),
            grounds: vec![Ground::Environment],
            severity: None,
            procedure: Procedure::Ordinary,
            case_number: "EB 17/2026".into(),
            decision: None,
            conduct: Some(Conduct { from: "2026-01-05".parse()?, to: "2026-01-30".parse()? }),
            start: None,
            end: None,
            under_review: false,
            attestations: Vec::new(),
            predecessor: None,
            resubmission_of: None,
            body: Body::AdminPenalty(AdminPenalty {
                sanction: Some("a fine".into()),
                ..AdminPenalty::default()
            }),
        };
        let facts = SubmissionFacts {
            kind: OrganisationKind::Enterprise,
            is_identified: true,
            mandates: &self.mandates,
            territory: &self.territory,
            severity: Some(Severity::General),
            document_repeated: false,
            act_repeated: false,
            predecessor: None,
            resubmission_of: None,
            in_use_from: Instant::from_micros(0),
            pack_hash: "00",
            above_rate: false,
        };
        let steps = case::submit(&submission, &facts, &self.setting(officer));
        self.take(steps)?;
        self.row(
            "officer of the authority",
            "Submit",
            "An officer of the bureau hands in the \
            intended penalty; every rule that can be checked by a program is checked.",
        )
    }

    fn notice(&self) -> NoticeDraft {
        NoticeDraft {
            purpose: Purpose::Record,
            successor: None,
            successor_kind: None,
            severity: Some(Severity::General),
            end_max: LATEST.parse().ok(),
            measures: MeasureId::new("demo.closer-inspection").into_iter().collect(),
            service: "registered letter, receipt kept with the file".into(),
            served_on: self.today(),
            facts: "Discharge above the permit in three samples.".into(),
            texts: NoticeTexts {
                evidence: "The readings of three samples, with the laboratory's record.".into(),
                access: "At the legal desk, on working days from 9 to 16.".into(),
                office: "Legal desk of the bureau, 4 Quay Street.".into(),
            },
        }
    }

    fn decision(&self) -> Result<Outcome> {
        let today = self.today();
        let document =
            DecisionDocument { number: "EB 17/2026-1".into(), date: today, served_on: today };
        Ok(Outcome {
            document,
            severity: Some(Severity::General),
            end: End::On(END.parse()?),
            measures: MeasureId::new("demo.closer-inspection").into_iter().collect(),
            answers: [
                (1, "The third sample is left out; the two others stand.".into()),
                (2, "The permit allows 15 mg.".into()),
            ]
            .into(),
            reasons: "Two samples are above the permit.".into(),
        })
    }

    fn repair_from(&self) -> Result<Day> {
        let actor = Actor::Subject;
        let case = self.case()?;
        let steps = self.history.iter().map(|(at, event)| (*at, &event.step));
        let prospect = case::repair::prospect(&case, steps, &self.setting(&actor));
        let prospect = prospect.map_err(|problems| anyhow!("{problems:?}"))?;
        prospect.and_then(|prospect| prospect.from).context("no day for repair")
    }

    fn act(&mut self, actor: &Actor, command: &Command, what: &str) -> Result<()> {
        let steps = case::decide(&self.case()?, command, &self.setting(actor));
        self.take(steps).with_context(|| command.name())?;
        let who = match actor {
            Actor::Authority(account) if account.is_decider() => "decider of the authority",
            Actor::Authority(_) => "officer of the authority",
            _ => "subject",
        };
        self.row(who, command.name(), what)
    }

    fn take(&mut self, steps: Result<Vec<CaseEvent>, case::Refused>) -> Result<()> {
        let steps = steps.map_err(|problems| anyhow!("{problems:?}"))?;
        self.history.extend(steps.into_iter().map(|step| (self.now, step)));
        Ok(())
    }

    /// Lets time pass to the instant that `at` finds.
    fn until(&mut self, what: &str, at: impl Fn(&Case) -> Option<Instant>) -> Result<()> {
        self.now = at(&self.case()?).context("nothing to wait for")?;
        self.row("*time*", "", what)
    }

    fn row(&mut self, who: &str, command: &str, what: &str) -> Result<()> {
        let case = self.case()?;
        let open: Vec<String> = case
            .deadlines()
            .iter()
            .filter(|deadline| deadline.at > self.now)
            .map(|deadline| self.told(deadline))
            .collect();
        let how = if command.is_empty() {
            String::new()
        } else {
            format!(": {} (`{command}`)", words(command))
        };
        let open = if open.is_empty() { "–".to_owned() } else { open.join("<br>") };
        let (state, today) = (case.state(), self.today());
        let _ = writeln!(
            self.page,
            "| {} | {who}{how} | {what} | S{} {} | {open} |",
            today,
            state.number(),
            state.key().replace('_', " "),
        );
        Ok(())
    }

    /// "2026-03-16 answer until (10 working days: ...)".
    fn told(&self, deadline: &Deadline) -> String {
        let day = deadline.last_day(self.rules.zone());
        let what = deadline.key.key().replace('_', " ");
        let period = deadline.period.and_then(|key| self.rules.period(key));
        match period {
            Some(period) => {
                format!("{day} {what} ({}: {})", length(period), period.citation.short("en"))
            }
            None => format!("{day} {what}"),
        }
    }

    fn whole(&self) -> String {
        format!(
            "## A case from notice to repair\n\n\
             Played through these rules by the program that writes this page, under the invented law \
             of the demonstration\n(`demo/packs/`): every day below was computed. Days are the last \
             on which something can be done.\n\n\
             | day | who | what happens | then it is | open, until and including |\n\
             |---|---|---|---|---|\n{}\n",
            self.page
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::readers;
    use super::*;
    use crate::tree::Tree;

    #[test]
    fn the_example_is_played_to_its_end_by_the_rules() {
        let packs = readers::packs(&Tree::read().unwrap()).unwrap();
        let page = play(&packs).unwrap();
        for state in ["S3 validated", "S4 noticed", "S6 deciding", "S8 standstill", "S9 published"]
        {
            assert!(page.contains(state), "{state}: {page}");
        }
        assert!(page.contains("S10 objected") && page.contains("S14 repaired"), "{page}");
        assert!(page.contains("answer until (10 working days: Fictional Penalties Act, art. 20)"));
    }
}
