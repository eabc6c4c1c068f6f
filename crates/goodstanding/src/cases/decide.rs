//! What follows from a request: the state is read, the rules of `due_process` decide, nothing is
//! written. The same for who prepares, for who submits and for the command line.

use std::collections::{BTreeMap, BTreeSet};

use domain::authority::AuthorityKey;
use domain::case::{Actor, CaseEvent, CatalogueKey, Severity, Territory};
use domain::civil::{End, Instant};
use domain::event::{EventBody, IdentifierClaimed, OrganisationRegistered};
use domain::ids::{OrganisationId, RecordId};
use domain::names;
use domain::organisation::{Name, NameRole, OrganisationKind};
use domain::record::{Money, Polarity};
use domain::refusal::{Problem, Refusal};
use due_process::case::{self, Case, Command, Exposure, Setting, Submission, SubmissionFacts};
use ledger::Entropy;
use policy::catalogue::{CatalogueEntry, Mandate};
use policy::diff::Of;
use policy::expression::Facts;
use policy::procedure::ProcedureRules;
use policy::{InUse, Packs};

use super::CaseError;
use super::request::{EndAsked, Request, SubmissionDraft, SubmitRequest};
use super::ticket::{self, Ticket};
use super::view::View;

/// What was decided and is not committed yet: those who come after it are decided on it too.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) cases: BTreeMap<RecordId, Case>,
    /// Ids given in this batch to organisations the registry did not know, by identifier, and what
    /// whoever came first said that they are.
    minted: BTreeMap<String, (OrganisationId, OrganisationKind)>,
    documents: BTreeMap<Document, RecordId>,
    /// Records by whose they are and whom they are about.
    about: BTreeMap<(AuthorityKey, OrganisationId), BTreeSet<RecordId>>,
    /// New adverse records by authority.
    pub(super) adverse: BTreeMap<AuthorityKey, u16>,
}

/// A decision document: whose, under which entry, its number.
type Document = (AuthorityKey, CatalogueKey, String);

fn document(authority: &AuthorityKey, entry: &CatalogueKey, number: &str) -> Document {
    (authority.clone(), entry.clone(), number.trim().to_owned())
}

impl Pending {
    /// Takes in what will be committed at `at`.
    pub(super) fn add(&mut self, decided: &Decided, before: Option<Case>, at: Instant) {
        let mut kind = OrganisationKind::Unstated;
        for event in &decided.registrations {
            match event {
                EventBody::OrganisationRegistered(event) => kind = event.kind,
                EventBody::IdentifierClaimed(event) => {
                    self.minted.insert(event.claim.to_string(), (event.organisation, kind));
                }
                _ => {}
            }
        }
        if let Some((mut beside, steps)) = decided.beside.clone() {
            steps.iter().for_each(|step| beside.apply(at, step));
            self.cases.insert(beside.record, beside);
        }
        let is_new = before.is_none();
        let mut case = before;
        for step in &decided.steps {
            match &mut case {
                Some(case) => case.apply(at, step),
                None => case = Case::begin(at, step),
            }
        }
        let Some(case) = case else { return };
        if let Some(decision) = &case.revision.decision {
            let document = document(&case.authority, &case.revision.entry, &decision.number);
            self.documents.insert(document, case.record);
        }
        if is_new && case.is_adverse() {
            let count = self.adverse.entry(case.authority.clone()).or_default();
            *count = count.saturating_add(1);
        }
        let about = (case.authority.clone(), case.organisation);
        self.about.entry(about).or_default().insert(case.record);
        self.cases.insert(decided.record, case);
    }
}

/// What follows from one request.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    pub record: RecordId,
    pub organisation: OrganisationId,
    pub registrations: Vec<EventBody>,
    pub steps: Vec<CaseEvent>,
    /// What happens to another record with it, and its case before that.
    pub beside: Option<(Case, Vec<CaseEvent>)>,
    /// The case as it stood, where there was one.
    pub before: Option<Case>,
    /// Position of its last step.
    pub seen: Option<u64>,
}

/// Who asks, as the log will say it.
#[derive(Debug, Clone)]
pub(super) struct Asking<'a> {
    pub actor: Actor,
    /// For whose authority, where an account of one asks.
    pub authority: Option<AuthorityKey>,
    /// For which instant it is decided.
    pub at: Instant,
    /// When it will be committed: now.
    pub now: Instant,
    /// Whether a token proved that the case concerns whoever asks.
    pub is_party: bool,
    /// What was prepared for the asking.
    pub ticket: Option<&'a Ticket>,
}

/// The law of a case of this registry, for whoever only reads it.
pub(super) fn law_of(
    view: &View,
    packs: &Packs,
    case: &Case,
    at: Instant,
) -> Result<(CatalogueEntry, ProcedureRules), CaseError> {
    Deciding { view, packs, pending: &Pending::default() }.law_of(case, at)
}

/// Reads and decides.
pub(super) struct Deciding<'a> {
    pub view: &'a View,
    pub packs: &'a Packs,
    pub pending: &'a Pending,
}

impl<'a> Deciding<'a> {
    /// What follows from `request`, or every reason why nothing does.
    pub(super) fn decide(
        &self,
        request: &Request,
        asking: &Asking<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, CaseError> {
        match request {
            Request::Submit(submit) => self.submit(submit, asking, entropy),
            Request::Step { record, command } => self.step(*record, command, asking),
        }
    }

    /// The case of `record` with the position of its last step; none where that is not committed.
    fn standing(&self, record: RecordId) -> Result<Option<(Case, Option<u64>)>, CaseError> {
        if let Some(case) = self.pending.cases.get(&record) {
            return Ok(Some((case.clone(), None)));
        }
        Ok(self.view.standing(record)?.map(|(case, last)| (case, Some(last))))
    }

    fn step(
        &self,
        record: RecordId,
        command: &Command,
        asking: &Asking<'_>,
    ) -> Result<Decided, CaseError> {
        let Asking { actor, at, now, ticket, .. } = asking;
        self.check_party(record, asking)?;
        let (case, seen) = self.standing(record)?.ok_or(Refusal::CaseUnknown)?;
        // What was prepared before the last step, or before time did something, was prepared for
        // another case.
        let is_another = ticket.is_some_and(|ticket| ticket.seen != seen);
        if is_another || case.at > *at || case.passed(*at).len() != case.passed(*now).len() {
            return Err(Refusal::PreparedTooOld.into());
        }
        let (entry, rules) = self.law_of(&case, *at)?;
        let (entry, rules) = (&entry, &rules);
        let counterpart = self.counterpart(&case, command)?;
        let counterpart = counterpart.as_ref();
        let setting = Setting { actor, now: *at, entry, rules, counterpart };
        self.check_measures(&case, command, (*at, rules.zone()))?;
        let mut command = with_basis(command, entry);
        self.look_up_successor(&mut command, &case, entry)?;
        if let Command::PublishInterim { served_days, .. } = &mut command {
            *served_days = self.served_days(&case, *at)?;
        }
        let mut steps = case::decide(&case, &command, &setting)?;
        if matches!(command, Command::Object { .. }) {
            // The source is told by the same commit: nobody has to remember it (T23).
            let mut objected = case.clone();
            steps.iter().for_each(|step| objected.apply(*at, step));
            let setting = Setting { actor: &Actor::Registry, ..setting };
            steps.extend(case::decide(&objected, &Command::ForwardObjection, &setting)?);
        }
        let organisation = case.organisation;
        let beside = match (&command, counterpart) {
            (Command::Correct { .. }, Some(successor)) => {
                self.goes_on(&case, &steps, successor, *at)?
            }
            _ => None,
        };
        let (registrations, before) = (Vec::new(), Some(case));
        Ok(Decided { record, organisation, registrations, steps, beside, before, seen })
    }

    /// A good or neutral successor is public from the instant at which the record it corrects makes
    /// room for it: nobody needs to be heard about it (T05).
    fn goes_on(
        &self,
        corrected: &Case,
        steps: &[CaseEvent],
        successor: &Case,
        at: Instant,
    ) -> Result<Option<(Case, Vec<CaseEvent>)>, CaseError> {
        if successor.is_adverse() {
            return Ok(None);
        }
        let mut corrected = corrected.clone();
        steps.iter().for_each(|step| corrected.apply(at, step));
        let (entry, rules) = self.law_of(successor, at)?;
        let setting = Setting {
            actor: &Actor::Registry,
            now: at,
            entry: &entry,
            rules: &rules,
            counterpart: Some(&corrected),
        };
        let steps = case::decide(successor, &Command::PublishNeutral, &setting)?;
        Ok(Some((successor.clone(), steps)))
    }

    /// For how many days other records about the same accusation stood before a decision.
    fn served_days(&self, case: &Case, at: Instant) -> Result<u16, CaseError> {
        let desk = &self.view.desk;
        let cases =
            desk.cases(&self.view.reader, Some(&case.authority), Some(case.organisation))?;
        let mut days: u16 = 0;
        for other in cases {
            let counts = other.record != case.record && case::is_same_accusation(case, &other);
            if !counts || other.interim_since.is_none() {
                continue;
            }
            let Some(found) = desk.case(&self.view.reader, other.record)? else { continue };
            let steps = found.steps.iter().map(|(_, at, event)| (*at, event));
            days = days.saturating_add(case::interim_days(steps, at));
        }
        Ok(days)
    }

    /// Another authority learns no more than that there is nothing of its own here, nor does
    /// somebody who only says that it concerns them, until everybody may know. Told before the case
    /// is opened, so that the time it takes does not tell it either.
    fn check_party(&self, record: RecordId, asking: &Asking<'_>) -> Result<(), CaseError> {
        let desk = &self.view.desk;
        let may_know = match (&asking.actor, self.pending.cases.get(&record)) {
            (Actor::Authority(_), Some(case)) => asking.authority.as_ref() == Some(&case.authority),
            (Actor::Authority(_), None) => match &asking.authority {
                Some(authority) => desk.is_of(record, authority)?,
                None => false,
            },
            _ if asking.is_party => true,
            (Actor::ThirdParty, Some(case)) => {
                matches!(case.as_of(asking.now).exposure(), Exposure::Shown { .. })
            }
            (Actor::ThirdParty, None) => desk.is_shown(record, asking.now)?,
            _ => true,
        };
        if may_know { Ok(()) } else { Err(Refusal::CaseUnknown.into()) }
    }

    /// The other record of a correction (I-12): the successor a command names, else the record this
    /// one replaces.
    fn counterpart(&self, case: &Case, command: &Command) -> Result<Option<Case>, CaseError> {
        let other = match command {
            Command::Correct { successor } => Some(*successor),
            _ => case.revision.predecessor,
        };
        let Some(other) = other else { return Ok(None) };
        Ok(self.standing(other)?.map(|(case, _)| case))
    }

    /// The law of a case: that of the day it began, and where a later version is lighter, that one
    /// (I-11).
    fn law_of(
        &self,
        case: &Case,
        at: Instant,
    ) -> Result<(CatalogueEntry, ProcedureRules), CaseError> {
        let id = &case.revision.entry;
        let laws = self.view.laws(self.packs)?;
        if let Some(law) = laws.of_record(id, case.submitted_at, at) {
            return Ok(law);
        }
        let now = laws.at(at);
        law(&now.packs, id).map(|(entry, rules)| (entry.clone(), rules.clone()))
    }

    fn submit(
        &self,
        request: &SubmitRequest,
        asking: &Asking<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, CaseError> {
        let Asking { actor, authority, at, ticket, .. } = asking;
        let (at, authority) = (*at, authority.as_ref().ok_or(Refusal::ActorUnfit)?);
        let laws = self.view.laws(self.packs)?;
        let in_use = laws.at(at);
        let (entry, rules) = law(&in_use.packs, &request.entry)?;
        let record = match ticket {
            // Prepared once, submitted twice.
            Some(ticket) if self.standing(ticket.record)?.is_some() => {
                return Err(Refusal::PreparedTooOld.into());
            }
            Some(ticket) => ticket.record,
            None => RecordId::mint(at, ten_bytes(entropy)),
        };
        let prepared = ticket.map(|ticket| ticket.organisation);
        let subject = self.subject(request, authority, at)?;
        // Since it was prepared, the registry has come to know the subject as somebody else.
        if prepared.is_some_and(|prepared| prepared != subject.organisation) {
            return Err(Refusal::PreparedTooOld.into());
        }
        self.check_subject(request, &subject, authority, entry)?;
        let draft = &request.draft;
        let body = draft.body(entry.record_type).map_err(|field| {
            let problem = Problem::of_input(Refusal::FieldUnreadable);
            CaseError::Refused(vec![Problem { column: Some(field), ..problem }])
        })?;
        let severity = severity(entry, draft, &body, subject.kind, &request.territory);
        laws.check_adopted(&entry.pack).map_err(|problem| CaseError::Refused(vec![problem]))?;
        let (mandates, in_use_from) =
            self.mandates(&in_use, authority, entry, &request.territory)?;
        let of = |id: Option<RecordId>| -> Result<Option<Case>, CaseError> {
            let Some(id) = id else { return Ok(None) };
            Ok(self.standing(id)?.map(|(case, _)| case.as_of(at)))
        };
        let (predecessor, resubmission_of) = (of(draft.predecessor)?, of(draft.resubmission_of)?);
        let document_repeated = self.is_document_repeated(authority, entry, draft)?;
        let pack = in_use.packs.pack_of_entry(&entry.id);
        let pack_hash = pack.map_or("", |pack| pack.hash.as_str());
        let submission = Submission {
            record,
            organisation: subject.organisation,
            authority: authority.clone(),
            mode: draft.mode,
            name_as_written: request.subject.name.clone(),
            grounds: draft.grounds.clone(),
            severity: draft.severity,
            procedure: draft.procedure,
            case_number: draft.case_number.clone(),
            decision: draft.decision.clone(),
            conduct: draft.conduct,
            start: draft.start,
            end: draft.end.map(|end| end_of(end, entry)),
            under_review: draft.under_review,
            attestations: draft.attestations.clone(),
            predecessor: draft.predecessor,
            resubmission_of: draft.resubmission_of,
            body,
        };
        let earlier: Vec<Case> = self
            .cases_about(authority, subject.organisation)?
            .iter()
            .map(|case| case.as_of(at))
            .collect();
        let facts = SubmissionFacts {
            act_repeated: case::is_act_repeated(&submission, &earlier),
            kind: subject.kind,
            is_identified: true,
            mandates: &mandates,
            territory: &request.territory,
            severity,
            document_repeated,
            predecessor: predecessor.as_ref(),
            resubmission_of: resubmission_of.as_ref(),
            in_use_from,
            pack_hash,
            above_rate: self.is_above_rate(authority, rules, at)?,
        };
        let counterpart = predecessor.as_ref();
        let setting = Setting { actor, now: at, entry, rules, counterpart };
        let mut steps = case::submit(&submission, &facts, &setting)?;
        // Neither waits for anybody: the registry does its own part at once.
        steps.extend(follow_up(&steps, entry, rules, at)?);
        Ok(Decided {
            record: submission.record,
            organisation: submission.organisation,
            registrations: subject.registrations,
            steps,
            beside: None,
            before: None,
            seen: None,
        })
    }

    /// What `authority` may submit under `entry` for `territory`, and from when on that may be used
    /// against somebody: a mandate that waits makes none wait that is in use.
    fn mandates(
        &self,
        in_use: &InUse,
        authority: &AuthorityKey,
        entry: &CatalogueEntry,
        territory: &Territory,
    ) -> Result<(Vec<Mandate>, Instant), CaseError> {
        let waits = in_use.packs.waits_until(Of::Entry, entry.id.as_str());
        let in_use_from = waits.unwrap_or(Instant::from_micros(0));
        let covers = |mandate: &Mandate| {
            mandate.entries.contains(&entry.id) && mandate.territory.covers(territory)
        };
        let mandates: Vec<Mandate> = in_use.packs.mandates_of(authority).cloned().collect();
        if mandates.iter().any(covers) {
            return Ok((mandates, in_use_from));
        }
        // Known and perhaps not in use yet: the refusal says from when on.
        let mut waiting: Vec<(Mandate, Instant)> =
            in_use.mandates_waiting(authority).cloned().collect();
        for (_, event) in &self.view.adopted()?.events {
            if let EventBody::MandateAdopted(adopted) = &event.body
                && adopted.authority == *authority
                && let Some(basis) = entry.basis.first()
            {
                // It rests on the law of the entry: two reviewers found who the law means.
                let mandate = Mandate {
                    authority: authority.clone(),
                    entries: adopted.entries.clone(),
                    territory: adopted.territory.clone(),
                    basis: basis.clone(),
                    from: event.at.day_in(&domain::civil::Zone::UTC),
                    until: None,
                };
                waiting.push((mandate, adopted.in_use_from));
            }
        }
        waiting.retain(|(mandate, _)| covers(mandate));
        let first = waiting.iter().map(|(_, from)| *from).min().unwrap_or(in_use_from);
        let mandates = mandates.into_iter().chain(waiting.into_iter().map(|(mandate, _)| mandate));
        Ok((mandates.collect(), in_use_from.max(first)))
    }

    /// V06, over the authority's own cases of this entry.
    fn is_document_repeated(
        &self,
        authority: &AuthorityKey,
        entry: &CatalogueEntry,
        draft: &SubmissionDraft,
    ) -> Result<bool, CaseError> {
        let Some(decision) = &draft.decision else { return Ok(false) };
        let document = document(authority, &entry.id, &decision.number);
        let pending = self.pending.documents.get(&document).copied();
        let stored =
            self.view.desk.records_with_document(authority, &entry.id, &decision.number)?;
        let mut others = pending.into_iter().chain(stored);
        Ok(others.any(|record| Some(record) != draft.predecessor))
    }

    /// The authority's own cases about an organisation, those that are not committed yet included.
    fn cases_about(
        &self,
        authority: &AuthorityKey,
        organisation: OrganisationId,
    ) -> Result<Vec<Case>, CaseError> {
        let view = self.view;
        let mut cases = view.desk.cases_about(&view.reader, authority, organisation)?;
        cases.retain(|case| !self.pending.cases.contains_key(&case.record));
        let pending = self.pending.about.get(&(authority.clone(), organisation));
        let pending = pending.into_iter().flatten();
        cases.extend(pending.filter_map(|record| self.pending.cases.get(record)).cloned());
        Ok(cases)
    }

    fn subject(
        &self,
        request: &SubmitRequest,
        authority: &AuthorityKey,
        at: Instant,
    ) -> Result<SubjectFound, CaseError> {
        let asked = &request.subject;
        if let Some(id) = asked.organisation {
            let file = self.view.public.file(&self.view.reader, id, None, None, at)?;
            let file = file.ok_or(Refusal::OrganisationUnknown)?.file;
            return Ok(SubjectFound {
                organisation: file.id,
                kind: file.kind,
                registrations: Vec::new(),
            });
        }
        let claim = asked.identifier.as_ref().ok_or(Refusal::SubjectUnidentified)?;
        // A name never joins, and neither does a number without a check (I-29).
        if !claim.joins() {
            return Err(Refusal::SubjectUnidentified.into());
        }
        // Also where nothing about it is public: two cases about one organisation are about one.
        let shown = self.view.public.redirect(&self.view.reader, claim, at)?;
        let found = match shown {
            Some(id) => Some(id),
            None => self.view.desk.organisation_by_claim(&self.view.reader, claim)?,
        };
        if let Some(id) = found {
            let kind = self.kind_of(id)?;
            return Ok(SubjectFound { organisation: id, kind, registrations: Vec::new() });
        }
        // Others of the same batch are about it too, and one of them came first.
        if let Some((id, kind)) = self.pending.minted.get(&claim.to_string()) {
            return Ok(SubjectFound { organisation: *id, kind: *kind, registrations: Vec::new() });
        }
        // Two who prepare records about it before either is committed are given one id.
        let organisation = ticket::new_organisation(&self.view.registry_key, claim, at);
        if self.view.desk.is_registered(organisation)? {
            // Under another identifier since: nothing is registered over it.
            return Err(Refusal::PreparedTooOld.into());
        }
        let kind = asked.kind.ok_or(Refusal::KindUnknown)?;
        let registered = EventBody::OrganisationRegistered(OrganisationRegistered {
            organisation,
            authority: authority.clone(),
            kind,
            legal_form: None,
            country: asked.country,
            place: None,
            name: Name {
                text: asked.name.clone(),
                language: String::new(),
                script: names::script_of(&asked.name).to_owned(),
                role: NameRole::Main,
            },
            entry: None,
        });
        let claimed = EventBody::IdentifierClaimed(IdentifierClaimed {
            organisation,
            authority: authority.clone(),
            claim: claim.clone(),
        });
        Ok(SubjectFound { organisation, kind, registrations: vec![registered, claimed] })
    }
}

fn ten_bytes(entropy: &mut dyn Entropy) -> [u8; 10] {
    let mut bytes = [0; 10];
    entropy.fill(&mut bytes);
    bytes
}

fn law<'p>(
    packs: &'p Packs,
    entry: &CatalogueKey,
) -> Result<(&'p CatalogueEntry, &'p ProcedureRules), CaseError> {
    let entry = packs.catalogue_entry(entry).ok_or(Refusal::EntryUnknown)?;
    let rules = packs.procedure(&entry.pack).ok_or(Refusal::PeriodMissing)?;
    Ok((entry, rules))
}

/// T05 for good and neutral records follows their submission in the same batch; one that corrects
/// another waits until that one makes room for it.
fn follow_up(
    steps: &[CaseEvent],
    entry: &CatalogueEntry,
    rules: &ProcedureRules,
    at: Instant,
) -> Result<Vec<CaseEvent>, CaseError> {
    if entry.polarity() == Polarity::Adverse {
        return Ok(Vec::new());
    }
    let Some(case) = case::fold(steps.iter().map(|step| (at, step))) else {
        return Ok(Vec::new());
    };
    if case.revision.predecessor.is_some() {
        return Ok(Vec::new());
    }
    let actor = &Actor::Registry;
    let setting = Setting { actor, now: at, entry, rules, counterpart: None };
    Ok(case::decide(&case, &Command::PublishNeutral, &setting)?)
}

/// The entry's own basis for a term without end: what is asked for says only that there be none.
fn end_of(end: EndAsked, entry: &CatalogueEntry) -> End {
    match end {
        EndAsked::On(day) => End::On(day),
        EndAsked::Indefinite => End::Indefinite {
            basis: entry.indefinite.as_ref().map_or_else(String::new, |basis| basis.short("en")),
        },
    }
}

fn with_basis(command: &Command, entry: &CatalogueEntry) -> Command {
    let mut command = command.clone();
    if let Command::Uphold(outcome) = &mut command
        && matches!(outcome.end, End::Indefinite { .. })
    {
        outcome.end = end_of(EndAsked::Indefinite, entry);
    }
    command
}

/// V07: the first rule of the entry that holds.
fn severity(
    entry: &CatalogueEntry,
    draft: &SubmissionDraft,
    body: &domain::record::Body,
    kind: OrganisationKind,
    territory: &Territory,
) -> Option<Severity> {
    let amounts: BTreeMap<String, rust_decimal::Decimal> = match body {
        domain::record::Body::AdminPenalty(penalty) => {
            let fine: Option<&Money> = penalty.fine.as_ref();
            fine.map(|fine| (fine.currency.clone(), fine.amount)).into_iter().collect()
        }
        _ => BTreeMap::new(),
    };
    let facts = Facts {
        record_type: Some(entry.record_type),
        grounds: draft.grounds.clone(),
        severity: None,
        decision_date: draft.decision.as_ref().map(|decision| decision.date),
        conduct: draft.conduct,
        amounts,
        procedure: Some(draft.procedure),
        act: Some(entry.act),
        kind: Some(kind),
        territory: Some(territory.clone()),
        addressee: None,
    };
    entry.severity(&facts)
}

pub(super) struct SubjectFound {
    pub organisation: OrganisationId,
    pub kind: OrganisationKind,
    pub registrations: Vec<EventBody>,
}
