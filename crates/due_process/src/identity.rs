//! Decisions on identity: two reviewers say that two files are one, that they are two, or that one
//! file mixes two organisations (I-29 to I-31).
//!
//! A merge re-keys nothing: it is an alias that readers resolve, so that a reversal restores
//! exactly what was there. Records move one by one, by revisions that are committed with the
//! decision.

use std::collections::{BTreeMap, BTreeSet};

use domain::civil::{Instant, Zone};
use domain::event::{Event, EventBody, IdentifierClaimed, OrganisationRegistered};
use domain::identifiers::IdentifierClaim;
use domain::identity::{
    IdentityAnswer, IdentityDecision, IdentityKind, IdentityProposed, IdentityReason,
    OfficialSource, ReviewerHandle, SPLIT_PARTS_MAX,
};
use domain::ids::{OrganisationId, RecordId};
use domain::names;
use domain::organisation::{Name, NameRole, OrganisationKind};
use domain::record::Record;
use domain::refusal::Refusal;

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nobody answered it.
    Open,
    /// It holds since this position.
    Confirmed(u64),
    /// It will never hold.
    Refused,
    /// It held until this position.
    Reversed(u64),
}

impl Stage {
    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            Stage::Open => "open",
            Stage::Confirmed(_) => "confirmed",
            Stage::Refused => "refused",
            Stage::Reversed(_) => "reversed",
        }
    }
}

/// A proposal and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number: the position of its event.
    pub number: u64,
    /// When it was committed.
    pub at: Instant,
    /// What it says.
    pub proposed: IdentityProposed,
    /// Where it stands.
    pub stage: Stage,
}

impl Proposal {
    const fn holds(&self) -> bool {
        matches!(self.stage, Stage::Confirmed(_))
    }

    fn is_about(&self, organisation: OrganisationId) -> bool {
        self.proposed.decision.pair().contains(&organisation)
    }
}

/// What was decided so far: a fold over the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identities {
    proposals: BTreeMap<u64, Proposal>,
}

impl Identities {
    /// Takes in the event at `position`; other events change nothing, and neither does an answer
    /// to what was not proposed or was answered before.
    pub fn apply(&mut self, position: u64, event: &Event) {
        match &event.body {
            EventBody::IdentityProposed(proposed) => {
                let proposal = Proposal {
                    number: position,
                    at: event.at,
                    proposed: (**proposed).clone(),
                    stage: Stage::Open,
                };
                self.proposals.entry(position).or_insert(proposal);
            }
            EventBody::IdentityConfirmed(answer) => {
                if let Some(of) = self.answer(answer, Stage::Confirmed(position))
                    && let Some(reversed) = self.proposals.get_mut(&of)
                {
                    reversed.stage = Stage::Reversed(position);
                }
            }
            EventBody::IdentityRefused(answer) => {
                self.answer(answer, Stage::Refused);
            }
            _ => {}
        }
    }

    /// Gives the number of the decision that the answered one reverses.
    fn answer(&mut self, answer: &IdentityAnswer, stage: Stage) -> Option<u64> {
        let proposal = self.proposals.get_mut(&answer.proposal)?;
        if proposal.stage != Stage::Open || proposal.proposed.decision != answer.decision {
            return None;
        }
        proposal.stage = stage;
        match proposal.proposed.decision.kind {
            IdentityKind::Reversal { of } => Some(of),
            _ => None,
        }
    }

    /// Every proposal, by number.
    pub fn proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.values()
    }

    /// The proposal with this number.
    pub fn proposal(&self, number: u64) -> Option<&Proposal> {
        self.proposals.get(&number)
    }

    /// The organisation that `organisation` is an alias of, through any number of merges; itself
    /// when it is none.
    pub fn root(&self, organisation: OrganisationId) -> OrganisationId {
        let mut root = organisation;
        // A chain is no longer than the number of merges: no input can make this go on for ever.
        for _ in 0..=self.proposals.len() {
            match self.merge_of(root) {
                Some(kept) => root = kept,
                None => break,
            }
        }
        root
    }

    fn merge_of(&self, alias: OrganisationId) -> Option<OrganisationId> {
        self.merges().find(|(_, other)| *other == alias).map(|(kept, _)| kept)
    }

    fn merges(&self) -> impl Iterator<Item = (OrganisationId, OrganisationId)> {
        self.holding(IdentityKind::Same)
    }

    fn holding(
        &self,
        kind: IdentityKind,
    ) -> impl Iterator<Item = (OrganisationId, OrganisationId)> {
        self.proposals
            .values()
            .filter(move |proposal| proposal.holds() && proposal.proposed.decision.kind == kind)
            .map(|proposal| {
                let decision = &proposal.proposed.decision;
                (decision.organisation, decision.other)
            })
    }

    /// Everything that is one with `organisation`, itself included, by id.
    pub fn members(&self, organisation: OrganisationId) -> BTreeSet<OrganisationId> {
        let root = self.root(organisation);
        let merged = self.merges().flat_map(|(kept, alias)| [kept, alias]);
        merged.filter(|member| self.root(*member) == root).chain([organisation]).collect()
    }

    /// Whether the two were decided to be distinct, they or what is one with them.
    pub fn is_distinct(&self, one: OrganisationId, other: OrganisationId) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        self.holding(IdentityKind::Distinct).any(|(left, right)| {
            let (left, right) = (self.root(left), self.root(right));
            (left, right) == (one, other) || (right, left) == (one, other)
        })
    }

    /// Where an identifier that `organisation` bears went by a split that holds.
    pub fn bearer(&self, organisation: OrganisationId, claim: &IdentifierClaim) -> OrganisationId {
        let taken = self.splits().find(|(decision, _, identifiers)| {
            decision.organisation == organisation && identifiers.contains(claim)
        });
        taken.map_or(organisation, |(decision, ..)| decision.other)
    }

    /// Whether a split that holds put `record` on the file of `organisation`.
    pub fn is_moved(&self, record: RecordId, organisation: OrganisationId) -> bool {
        self.splits().any(|(decision, records, _)| {
            decision.other == organisation && records.contains(&record)
        })
    }

    fn splits(&self) -> impl Iterator<Item = (&IdentityDecision, &[RecordId], &[IdentifierClaim])> {
        self.proposals.values().filter(|proposal| proposal.holds()).filter_map(|proposal| {
            let decision = &proposal.proposed.decision;
            match &decision.kind {
                IdentityKind::Split { records, identifiers } => {
                    Some((decision, records.as_slice(), identifiers.as_slice()))
                }
                _ => None,
            }
        })
    }

    /// Whether one of `organisation`'s proposals holds or is open.
    pub fn concerns(&self, organisation: OrganisationId) -> bool {
        self.proposals.values().any(|proposal| proposal.is_about(organisation))
    }
}

/// What checked identifiers say about two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// They bear one identifier in common.
    Share,
    /// They bear different checked values of one scheme.
    Disagree,
    /// Neither.
    Silent,
}

/// What is on record of the two files a decision is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whether each of them has a file that stands; for a split the first only.
    pub have_files: bool,
    /// What their identifiers say.
    pub agreement: Agreement,
    /// Whether a name of one is like a name of the other and no source puts them in two countries.
    pub names_alike: bool,
    /// Whether a record that counts against either is on record and not over.
    pub has_adverse: bool,
    /// Whether a merge would put a record on a protected organisation that no authority but a court
    /// or its registrar may put there (promise P6).
    pub breaks_protection: bool,
    /// The kind of the organisation a split leaves.
    pub kind: OrganisationKind,
    /// Identifiers on the first file.
    pub identifiers: Vec<IdentifierClaim>,
    /// Standing revisions of the first file's records, or for the reversal of a split those of the
    /// file that was split off.
    pub records: Vec<Record>,
}

/// What a reviewer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A decision.
    Propose {
        /// Which.
        decision: IdentityDecision,
        /// Why.
        reason: IdentityReason,
        /// What it rests on.
        source: Option<OfficialSource>,
    },
    /// That it holds.
    Confirm {
        /// Its number.
        proposal: u64,
    },
    /// That it never holds.
    Refuse {
        /// Its number.
        proposal: u64,
    },
}

/// Who asks, when, and under which rule.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The account that asks.
    pub reviewer: &'a ReviewerHandle,
    /// Accounts of this registry.
    pub reviewers: &'a BTreeSet<ReviewerHandle>,
    /// Days to answer a notice; `None` where no pack sets them.
    pub notice_days: Option<u16>,
    /// Never before the last entry of the log: a clock that goes back shortens no notice.
    pub now: Instant,
}

/// Decides: what is committed, or why nothing is.
///
/// # Errors
/// Refusals 611 to 619, and 103 where a merge would lift a protection.
pub fn decide(
    state: &Identities,
    command: &Command,
    facts: &Facts,
    setting: &Setting<'_>,
) -> Result<Vec<EventBody>, Refusal> {
    if !setting.reviewers.contains(setting.reviewer) {
        return Err(Refusal::ReviewerUnknown);
    }
    match command {
        Command::Propose { decision, reason, source } => {
            check(state, decision, facts)?;
            check_reason(decision, *reason, source.as_ref(), facts)?;
            Ok(vec![EventBody::IdentityProposed(Box::new(IdentityProposed {
                decision: decision.clone(),
                reviewer: setting.reviewer.clone(),
                reason: *reason,
                source: source.clone(),
                answer_until: answer_until(decision, setting),
            }))])
        }
        Command::Confirm { proposal } => {
            let proposal = open(state, *proposal)?;
            let proposed = &proposal.proposed;
            if proposed.reviewer == *setting.reviewer {
                return Err(Refusal::ReviewersSame);
            }
            // Both may have changed since it was proposed.
            check(state, &proposed.decision, facts)?;
            check_reason(&proposed.decision, proposed.reason, proposed.source.as_ref(), facts)?;
            check_notice(proposed, facts, setting.now)?;
            Ok(confirmed(state, proposal, facts, setting.reviewer))
        }
        Command::Refuse { proposal } => {
            let proposal = open(state, *proposal)?;
            Ok(vec![EventBody::IdentityRefused(Box::new(answer(proposal, setting.reviewer)))])
        }
    }
}

fn open(state: &Identities, number: u64) -> Result<&Proposal, Refusal> {
    let proposal = state.proposal(number).ok_or(Refusal::DecisionUnknown)?;
    if proposal.stage == Stage::Open { Ok(proposal) } else { Err(Refusal::DecisionSettled) }
}

/// Whether the decision can hold beside what was decided before.
fn check(state: &Identities, decision: &IdentityDecision, facts: &Facts) -> Result<(), Refusal> {
    let [one, other] = decision.pair();
    let is_alias = |organisation| state.root(organisation) != organisation;
    match &decision.kind {
        IdentityKind::Same => {
            if state.is_distinct(one, other) {
                return Err(Refusal::PairDistinct);
            }
            // Neither may be an alias: each alias then has one organisation it stands for, and no
            // chain comes back to where it began.
            if !facts.have_files || one == other || is_alias(one) || is_alias(other) {
                return Err(Refusal::IdentityUnfit);
            }
            if facts.breaks_protection {
                return Err(Refusal::ProtectedKind);
            }
            Ok(())
        }
        IdentityKind::Distinct => {
            if state.is_distinct(one, other) {
                return Err(Refusal::PairDistinct);
            }
            if !facts.have_files || state.root(one) == state.root(other) {
                return Err(Refusal::IdentityUnfit);
            }
            Ok(())
        }
        IdentityKind::Split { records, identifiers } => {
            if !facts.have_files || is_alias(one) {
                return Err(Refusal::IdentityUnfit);
            }
            check_split(records, identifiers, facts)
        }
        IdentityKind::Reversal { of } => {
            let reversed = state.proposal(*of).ok_or(Refusal::DecisionUnknown)?;
            let is_reversible = matches!(
                reversed.proposed.decision.kind,
                IdentityKind::Same | IdentityKind::Split { .. }
            );
            if !reversed.holds() || !is_reversible {
                return Err(Refusal::DecisionSettled);
            }
            if reversed.proposed.decision.pair() != decision.pair() {
                return Err(Refusal::DecisionUnknown);
            }
            Ok(())
        }
    }
}

/// A split names what is on the file, once each, and leaves a record there.
fn check_split(
    records: &[RecordId],
    identifiers: &[IdentifierClaim],
    facts: &Facts,
) -> Result<(), Refusal> {
    let named: BTreeSet<RecordId> = records.iter().copied().collect();
    let on_file: BTreeSet<RecordId> = facts.records.iter().map(|record| record.id).collect();
    let is_fit = !named.is_empty()
        && named.len() == records.len()
        && records.len() <= SPLIT_PARTS_MAX
        && identifiers.len() <= SPLIT_PARTS_MAX
        && named.is_subset(&on_file)
        && named.len() < on_file.len()
        && identifiers.iter().all(|claim| facts.identifiers.contains(claim));
    if is_fit { Ok(()) } else { Err(Refusal::SplitUnfit) }
}

/// Whether what is on record bears the reason out.
fn check_reason(
    decision: &IdentityDecision,
    reason: IdentityReason,
    source: Option<&OfficialSource>,
    facts: &Facts,
) -> Result<(), Refusal> {
    use IdentityReason as Reason;
    let is_documented = source.is_some() || !reason.needs_source();
    let fits = match (&decision.kind, reason) {
        (IdentityKind::Same, Reason::SameIdentifier) => facts.agreement == Agreement::Share,
        // Parent and subsidiary are often named alike; their numbers tell them apart (I-30).
        (IdentityKind::Same, Reason::NameAndPlaceAlike) => {
            facts.names_alike && facts.agreement != Agreement::Disagree
        }
        (IdentityKind::Same, Reason::SameRegisterEntry) => facts.agreement != Agreement::Disagree,
        (IdentityKind::Same, Reason::OfficialNotice | Reason::CorrectedTypingError) => true,
        (IdentityKind::Distinct, Reason::DifferentIdentifiers) => {
            facts.agreement == Agreement::Disagree
        }
        (
            IdentityKind::Distinct,
            Reason::DifferentRegisterEntries | Reason::DifferentPlaces | Reason::OfficialNotice,
        ) => true,
        (
            IdentityKind::Split { .. },
            Reason::MixedRecords
            | Reason::OfficialNotice
            | Reason::CorrectedTypingError
            | Reason::DifferentRegisterEntries,
        ) => true,
        (
            IdentityKind::Reversal { .. },
            Reason::DecidedInError | Reason::OfficialNotice | Reason::CorrectedTypingError,
        ) => true,
        (
            IdentityKind::Same
            | IdentityKind::Distinct
            | IdentityKind::Split { .. }
            | IdentityKind::Reversal { .. },
            _,
        ) => false,
    };
    if fits && is_documented { Ok(()) } else { Err(Refusal::ReasonUnfit) }
}

/// Whether confirming it may put records on another file. A reversal puts back what was there: a
/// mistake does not go on for the time of a notice.
const fn may_move_records(kind: &IdentityKind) -> bool {
    matches!(kind, IdentityKind::Same | IdentityKind::Split { .. })
}

/// The end of the last day to answer; the day of the notice is not counted.
fn answer_until(decision: &IdentityDecision, setting: &Setting<'_>) -> Option<Instant> {
    let days = setting.notice_days.filter(|_| may_move_records(&decision.kind))?;
    Some(Zone::UTC.end_of(setting.now.day_in(&Zone::UTC).plus_days(days.into())))
}

fn check_notice(proposed: &IdentityProposed, facts: &Facts, now: Instant) -> Result<(), Refusal> {
    let moves_adverse = facts.has_adverse && may_move_records(&proposed.decision.kind);
    let has_ended = proposed.answer_until.is_some_and(|until| until <= now);
    if moves_adverse && !has_ended { Err(Refusal::NoticeRunning) } else { Ok(()) }
}

fn answer(proposal: &Proposal, reviewer: &ReviewerHandle) -> IdentityAnswer {
    IdentityAnswer {
        proposal: proposal.number,
        decision: proposal.proposed.decision.clone(),
        reviewer: reviewer.clone(),
    }
}

/// The confirmation, with what has to be committed in the same batch.
fn confirmed(
    state: &Identities,
    proposal: &Proposal,
    facts: &Facts,
    reviewer: &ReviewerHandle,
) -> Vec<EventBody> {
    let decision = &proposal.proposed.decision;
    let confirmation = EventBody::IdentityConfirmed(Box::new(answer(proposal, reviewer)));
    match &decision.kind {
        IdentityKind::Same | IdentityKind::Distinct => vec![confirmation],
        IdentityKind::Split { records, identifiers } => {
            let moved: Vec<&Record> =
                facts.records.iter().filter(|record| records.contains(&record.id)).collect();
            let mut events = registered(decision.other, &moved, identifiers, facts.kind);
            events.push(confirmation);
            events.extend(moved.into_iter().map(|record| move_to(record, decision.other)));
            events
        }
        IdentityKind::Reversal { of } => {
            let mut events = vec![confirmation];
            let reversed = state.proposal(*of).map(|reversed| &reversed.proposed.decision.kind);
            if let Some(IdentityKind::Split { records, .. }) = reversed {
                let back = facts.records.iter().filter(|record| records.contains(&record.id));
                events.extend(back.map(|record| move_to(record, decision.organisation)));
            }
            events
        }
    }
}

/// The organisation that is split off: named as the first record names it, by the publisher of that
/// record, and protected like the one it was mixed with.
fn registered(
    organisation: OrganisationId,
    moved: &[&Record],
    identifiers: &[IdentifierClaim],
    kind: OrganisationKind,
) -> Vec<EventBody> {
    let Some(first) = moved.first() else { return Vec::new() };
    let authority = &first.quotation.publisher;
    let text = first.subject.name_as_written.clone();
    let script = names::script_of(&text).to_owned();
    let name = Name { text, language: String::new(), script, role: NameRole::Main };
    let mut events = vec![EventBody::OrganisationRegistered(OrganisationRegistered {
        organisation,
        authority: authority.clone(),
        kind,
        legal_form: None,
        country: None,
        place: None,
        name,
        entry: None,
    })];
    events.extend(identifiers.iter().map(|claim| {
        EventBody::IdentifierClaimed(IdentifierClaimed {
            organisation,
            authority: authority.clone(),
            claim: claim.clone(),
        })
    }));
    events
}

fn move_to(record: &Record, organisation: OrganisationId) -> EventBody {
    let mut moved = record.clone();
    moved.revision = moved.revision.saturating_add(1);
    moved.subject.organisation = organisation;
    EventBody::RecordRevised(Box::new(moved))
}
