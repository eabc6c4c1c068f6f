//! Decisions of the rules a second on one core: whole proceedings under the packs of the
//! repository, from an intended penalty to its repair, each command decided on the case folded from
//! all its events, as the desk does it; and between them commands that the rules refuse.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant as Clocked};

use anyhow::{Context as _, anyhow};
use domain::authority::AuthorityKey;
use domain::case::{
    AccountHandle, Actor, CaseEvent, CatalogueKey, Conduct, DecisionDocument, Mode, NoticeTexts,
    ObjectionGround, Procedure, Purpose, Severity, Territory,
};
use domain::civil::{Day, End, Instant};
use domain::ids::{OrganisationId, RecordId};
use domain::limits::Ground;
use domain::organisation::OrganisationKind;
use domain::record::{AdminPenalty, Body};
use due_process::case::{
    self, Case, Command, NoticeDraft, Outcome, Phase, Refused, Setting, Submission, SubmissionFacts,
};
use policy::catalogue::{CatalogueEntry, Mandate};
use policy::procedure::ProcedureRules;
use policy::{PackFile, Packs};

/// What was decided, and how long it took.
pub struct Measured {
    pub decided: u64,
    pub refused: u64,
    pub events: u64,
    pub cases: u64,
    pub took: Duration,
}

/// Runs proceedings for `seconds` under the packs of the repository at `root`.
pub fn measure(root: &Path, seconds: u64) -> anyhow::Result<Measured> {
    let mut files = read(&root.join("packs"))?;
    files.extend(read(&root.join("demo/packs"))?);
    let packs = Packs::load(&files).map_err(|problems| anyhow!("{problems:?}"))?;
    let id = CatalogueKey::new("demo.penalty-environment").context("no key")?;
    let entry = packs.catalogue_entry(&id).context("the demo pack lacks the entry")?;
    let authority = AuthorityKey::new("demo.environment-bureau").context("no key")?;
    let mandates: Vec<Mandate> = packs.mandates_of(&authority).cloned().collect();
    let rules = packs.procedure(&entry.pack).context("the demo pack lacks periods")?;
    let territory = Territory::new("demo").context("no territory")?;
    let office = Office { entry, rules, authority, mandates, territory };
    let mut measured =
        Measured { decided: 0, refused: 0, events: 0, cases: 0, took: Duration::ZERO };
    let began = Clocked::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        let number = measured.cases;
        office.proceeding(number, &mut measured)?;
        measured.cases += 1;
    }
    measured.took = began.elapsed();
    Ok(measured)
}

fn read(folder: &Path) -> anyhow::Result<Vec<PackFile>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        let entries = fs::read_dir(&at)
            .with_context(|| format!("{}: run it in the root of the repository", at.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let relative = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.push(PackFile { path: relative, text: fs::read_to_string(&path)? });
            }
        }
    }
    Ok(files)
}

struct Office<'a> {
    entry: &'a CatalogueEntry,
    rules: &'a ProcedureRules,
    authority: AuthorityKey,
    mandates: Vec<Mandate>,
    territory: Territory,
}

/// One proceeding with what happened in it.
struct Proceeding<'a> {
    office: &'a Office<'a>,
    history: Vec<(Instant, CaseEvent)>,
    now: Instant,
}

impl Office<'_> {
    fn proceeding(&self, number: u64, measured: &mut Measured) -> anyhow::Result<()> {
        let now: Instant = "2026-11-26T09:00:00Z".parse()?;
        let now = now.plus_minutes(i64::try_from(number % 10_000)?);
        let account = |name: &str| AccountHandle::new(name).map(Actor::Authority);
        let officer = account("officer-1").context("no account")?;
        let decider = account("decider-1").context("no account")?;
        let second = account("decider-2").context("no account")?;
        let mut it = Proceeding { office: self, history: Vec::new(), now };
        it.submit(number, &officer, measured)?;
        let today = it.today();
        let notice = NoticeDraft {
            purpose: Purpose::Record,
            severity: Some(Severity::General),
            end_max: Some(today.plus_months(8)),
            successor: None,
            successor_kind: None,
            measures: Default::default(),
            service: "registered letter 1".into(),
            served_on: today,
            facts: "discharge at night".into(),
            texts: NoticeTexts {
                evidence: "readings of the gauge of two nights".into(),
                access: "at the office, on any working day".into(),
                office: "Legal desk, 4 Quay Street".into(),
            },
        };
        it.act(&officer, &Command::ServeNotice(notice), measured)?;
        let points = vec!["not us".to_owned(), "not then".to_owned()];
        let answer = Command::Represent { points, text: String::new() };
        it.act(&Actor::Subject, &answer, measured)?;
        // Before the window is over, and by who may not decide.
        it.refused(&decider, &it.uphold(), measured)?;
        it.now = it.case()?.chain.context("no chain")?.window_ends_at;
        it.refused(&officer, &it.uphold(), measured)?;
        it.act(&decider, &it.uphold(), measured)?;
        let Phase::Standstill { until } = it.case()?.phase else {
            return Err(anyhow!("no standstill"));
        };
        it.now = until;
        let text = "the river is another".to_owned();
        let object = Command::Object { ground: ObjectionGround::Error, text };
        it.act(&Actor::Subject, &object, measured)?;
        let reject = Command::RejectObjection { reasons: "the river was looked up".into() };
        it.refused(&decider, &reject, measured)?;
        it.act(&second, &reject, measured)?;
        let repair = self.entry.repair.as_ref().context("no repair")?;
        let repair = Command::ApplyRepair {
            conditions: repair.conditions.iter().map(|condition| condition.key.clone()).collect(),
            text: "receipts".into(),
        };
        it.refused(&Actor::Subject, &repair, measured)?;
        it.now = it.now.plus_hours(24 * 120);
        it.act(&Actor::Subject, &repair, measured)?;
        it.act(&decider, &Command::GrantRepair, measured)?;
        measured.events += it.history.len() as u64;
        Ok(())
    }

    fn setting<'s>(&'s self, actor: &'s Actor, now: Instant) -> Setting<'s> {
        Setting { actor, now, entry: self.entry, rules: self.rules, counterpart: None }
    }
}

impl Proceeding<'_> {
    fn today(&self) -> Day {
        self.now.day_in(self.office.rules.zone())
    }

    fn case(&self) -> anyhow::Result<Case> {
        let folded = case::fold(self.history.iter().map(|(at, event)| (*at, event)));
        Ok(folded.context("no case")?.as_of(self.now))
    }

    fn submit(
        &mut self,
        number: u64,
        officer: &Actor,
        measured: &mut Measured,
    ) -> anyhow::Result<()> {
        let mut seed = [0_u8; 10];
        for (place, byte) in seed.iter_mut().zip(number.to_be_bytes()) {
            *place = byte;
        }
        let submission = Submission {
            record: RecordId::mint(self.now, seed),
            organisation: OrganisationId::mint(self.now, seed),
            authority: self.office.authority.clone(),
            mode: Mode::Hosted,
            name_as_written: "Fictional Tannery Ltd".into(),
            grounds: vec![Ground::Environment],
            severity: None,
            procedure: Procedure::Ordinary,
            case_number: format!("EB {number}/2026"),
            decision: None,
            conduct: Some(Conduct { from: "2026-05-01".parse()?, to: "2026-06-30".parse()? }),
            start: None,
            end: None,
            under_review: false,
            attestations: Vec::new(),
            predecessor: None,
            resubmission_of: None,
            body: Body::AdminPenalty(AdminPenalty {
                sanction: Some("a fine".into()),
                ..Default::default()
            }),
        };
        let facts = SubmissionFacts {
            kind: OrganisationKind::Enterprise,
            is_identified: true,
            mandates: &self.office.mandates,
            territory: &self.office.territory,
            severity: Some(Severity::General),
            document_repeated: false,
            act_repeated: false,
            predecessor: None,
            resubmission_of: None,
            in_use_from: Instant::from_micros(0),
            pack_hash: "00",
            above_rate: false,
        };
        let steps = case::submit(&submission, &facts, &self.office.setting(officer, self.now));
        self.take(steps, measured)
    }

    fn uphold(&self) -> Command {
        let today = self.today();
        Command::Uphold(Outcome {
            document: DecisionDocument {
                number: "EB 17/2026-1".into(),
                date: today,
                served_on: today,
            },
            severity: Some(Severity::General),
            end: End::On(today.plus_months(7)),
            measures: Default::default(),
            answers: [(1, "it was".into()), (2, "it was then".into())].into(),
            reasons: "each point was looked at".into(),
        })
    }

    fn decide(&self, actor: &Actor, command: &Command) -> anyhow::Result<Decided> {
        let case = case::fold(self.history.iter().map(|(at, event)| (*at, event)));
        let case = case.context("no case")?;
        Ok(case::decide(&case, command, &self.office.setting(actor, self.now)))
    }

    fn act(
        &mut self,
        actor: &Actor,
        command: &Command,
        measured: &mut Measured,
    ) -> anyhow::Result<()> {
        let steps = self.decide(actor, command)?;
        self.take(steps, measured).with_context(|| command.name())
    }

    fn take(&mut self, steps: Decided, measured: &mut Measured) -> anyhow::Result<()> {
        let steps = steps.map_err(|problems| anyhow!("{problems:?}"))?;
        self.history.extend(steps.into_iter().map(|step| (self.now, step)));
        measured.decided += 1;
        Ok(())
    }

    fn refused(
        &self,
        actor: &Actor,
        command: &Command,
        measured: &mut Measured,
    ) -> anyhow::Result<()> {
        anyhow::ensure!(black_box(self.decide(actor, command)?).is_err(), "{}", command.name());
        measured.refused += 1;
        Ok(())
    }
}

type Decided = Result<Vec<CaseEvent>, Refused>;
