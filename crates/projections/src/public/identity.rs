//! Files that decisions on identity join. Tables and log keep every organisation apart; here, when
//! somebody reads, those that are one are shown as one, so that a reversal needs nothing undone.

use std::collections::HashSet;

use domain::civil::Instant;
use domain::event::EventBody;
use domain::identifiers::IdentifierClaim;
use domain::identity::{IdentityDecision, IdentityKind};
use domain::ids::OrganisationId;
use domain::limits::{self, Act};
use domain::organisation::OrganisationKind;
use domain::record::{Polarity, Record};
use due_process::case::Phase;
use due_process::identity::{Agreement, Facts, Identities, Stage};
use due_process::quotation::State;
use ledger::LedgerReader;

use super::file::twin_keys;
use super::{Assembled, PublicReader, Request};
use crate::ProjectionError;
use crate::answers::{IdentityShown, SuggestedTwins};
use crate::file::{OrganisationFile, View};
use crate::proceedings::folded;
use crate::rows::{OrganisationRow, RecordRow};

/// Organisations that are shown as one.
pub(super) struct ShownAsOne {
    pub assembled: Assembled,
    /// The organisation that kept its id, where it is another than the one asked for.
    pub kept: Option<OrganisationRow>,
    /// Decisions about them.
    pub identities: Identities,
}

impl Request<'_> {
    /// The file of the organisation of `row` with those that are one with it, as far as the view
    /// knows it. A decision joins only what a shown record supports on both sides: otherwise it
    /// would tell of an organisation that does not answer (decision 0011).
    pub(super) fn shown_as_one(
        &self,
        row: &OrganisationRow,
        view: &View,
    ) -> Result<ShownAsOne, ProjectionError> {
        if !row.is_decided_about() || !self.is_supported(row)? {
            let (assembled, kept) = (self.assemble(row, view)?, None);
            return Ok(ShownAsOne { assembled, kept, identities: Identities::default() });
        }
        let identities = self.base.decided_about(self.ledger, row, view.at)?;
        let kept = self.kept(row, &identities)?;
        let first = kept.as_ref().unwrap_or(row);
        let mut assembled = self.assembled_apart(first, view, &identities)?;
        if identities.root(first.id) == first.id {
            for member in identities.members(first.id).into_iter().filter(|id| *id != first.id) {
                let Some(row) = self.base.organisation(member)? else { continue };
                if !self.is_supported(&row)? {
                    continue;
                }
                let alias = self.assembled_apart(&row, view, &identities)?;
                assembled.broken += alias.broken;
                if let (Some(file), Some(alias)) = (&mut assembled.file, alias.file) {
                    file.take_in(alias);
                }
            }
        }
        Ok(ShownAsOne { assembled, kept, identities })
    }

    /// The organisation that keeps the file, where `row` is its alias and it answers.
    fn kept(
        &self,
        row: &OrganisationRow,
        identities: &Identities,
    ) -> Result<Option<OrganisationRow>, ProjectionError> {
        let root = identities.root(row.id);
        if root == row.id {
            return Ok(None);
        }
        let kept = self.base.organisation(root)?;
        let kept = kept.ok_or(ProjectionError::Broken("organisation"))?;
        Ok(if self.is_supported(&kept)? { Some(kept) } else { None })
    }

    /// One organisation's own file, without the identifiers that a split took along.
    fn assembled_apart(
        &self,
        row: &OrganisationRow,
        view: &View,
        identities: &Identities,
    ) -> Result<Assembled, ProjectionError> {
        let mut assembled = self.assemble(row, view)?;
        if let Some(file) = &mut assembled.file {
            file.identifiers.retain(|shown| identities.bearer(row.id, &shown.claim) == row.id);
        }
        Ok(assembled)
    }

    /// What a file shows of decisions: what holds, was reversed or waits for an answer, as far as
    /// both organisations answer. A refused proposal says nothing about anybody.
    pub(super) fn identity_shown(
        &self,
        file: &OrganisationFile,
        identities: &Identities,
    ) -> Result<Vec<IdentityShown>, ProjectionError> {
        let members = identities.members(file.id);
        let mut shown = Vec::new();
        for proposal in identities.proposals() {
            let decision = &proposal.proposed.decision;
            let is_done = matches!(decision.kind, IdentityKind::Reversal { .. })
                && proposal.stage != Stage::Open;
            if is_done
                || proposal.stage == Stage::Refused
                || !decision.pair().iter().any(|id| members.contains(id))
                || !self.are_supported(decision)?
            {
                continue;
            }
            shown.push(IdentityShown {
                number: proposal.number,
                at: proposal.at,
                decision: decision.clone(),
                reason: proposal.proposed.reason,
                source: proposal.proposed.source.clone(),
                answer_until: proposal.proposed.answer_until,
                stage: proposal.stage,
            });
        }
        Ok(shown)
    }

    /// Whether every organisation that `decision` names and that is registered answers.
    pub(super) fn are_supported(
        &self,
        decision: &IdentityDecision,
    ) -> Result<bool, ProjectionError> {
        for organisation in decision.pair() {
            if let Some(row) = self.base.organisation(organisation)?
                && !self.is_supported(&row)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many files `organisations`, all of which answer, have.
    pub(super) fn without_aliases(
        &self,
        organisations: HashSet<u64>,
    ) -> Result<u64, ProjectionError> {
        let identities = self.base.all_decided(self.ledger, self.cursor)?;
        let mut files = organisations.len() as u64;
        let named = identities.proposals().map(|proposal| proposal.proposed.decision.other);
        let named: HashSet<OrganisationId> = named.collect();
        for alias in named {
            let root = identities.root(alias);
            let answers = |id| -> Result<bool, ProjectionError> {
                let row = self.base.organisation(id)?;
                Ok(row.is_some_and(|row| organisations.contains(&row.position)))
            };
            if root != alias && answers(alias)? && answers(root)? {
                files -= 1;
            }
        }
        Ok(files)
    }

    /// What stands of an organisation's records, over or not.
    fn standing(&self, row: &OrganisationRow) -> Result<Vec<(RecordRow, Record)>, ProjectionError> {
        let mut standing = Vec::new();
        for record in self.record_rows(row)? {
            if record.organisation != row.position || record.vanished {
                continue;
            }
            let event = self.event(record.current)?;
            match event.map(|event| event.body) {
                Ok(EventBody::RecordSubmitted(body) | EventBody::RecordRevised(body)) => {
                    standing.push((record, *body));
                }
                Ok(_) => return Err(ProjectionError::Broken("record")),
                // A reviewer must not decide on half a file.
                Err(_) => return Err(ProjectionError::BrokenEntry(record.current)),
            }
        }
        Ok(standing)
    }

    /// Everything that is one with `organisation`, with its kind and records.
    fn whole(
        &self,
        organisation: OrganisationId,
        identities: &Identities,
    ) -> Result<Whole, ProjectionError> {
        let mut whole = Whole::default();
        for member in identities.members(organisation) {
            let Some(row) = self.base.organisation(member)? else { continue };
            if let Ok(event) = self.event(row.position)?
                && let EventBody::OrganisationRegistered(registered) = event.body
            {
                whole.kinds.push(registered.kind);
            }
            for (row, record) in self.standing(&row)? {
                let is_over = self.state(&row)? == State::Ended;
                if !is_over && record.record_type().polarity() == Polarity::Adverse {
                    whole.adverse_acts.push(record.act.unwrap_or(Act::Administrative));
                }
            }
            // Also those under notice: a merge must not carry them past their protection.
            for proceeding in self.base.proceedings_of(row.position)? {
                let Some(case) = folded(self.ledger, &proceeding)? else { continue };
                let case = case.as_of(self.now);
                let is_over = matches!(
                    case.phase,
                    Phase::Ended { .. }
                        | Phase::Erased
                        | Phase::Rejected { .. }
                        | Phase::NotUpheld { .. }
                );
                if !is_over && case.is_adverse() {
                    whole.adverse_acts.push(case.revision.act);
                }
            }
        }
        Ok(whole)
    }
}

/// What a decision about an organisation touches.
#[derive(Default)]
struct Whole {
    kinds: Vec<OrganisationKind>,
    /// On what each adverse record that is not over rests.
    adverse_acts: Vec<Act>,
}

impl PublicReader {
    /// Every decision on identity so far.
    pub fn identities(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Identities, ProjectionError> {
        self.asked(ledger, now, |request| request.base.all_decided(ledger, request.cursor))
    }

    /// What is on record of the organisations that `decision` names.
    pub fn identity_facts(
        &self,
        ledger: &LedgerReader,
        decision: &IdentityDecision,
        now: Instant,
    ) -> Result<Facts, ProjectionError> {
        self.asked(ledger, now, |request| {
            let identities = request.base.all_decided(ledger, request.cursor)?;
            let [one, other] = decision.pair();
            let is_split = matches!(decision.kind, IdentityKind::Split { .. });
            let file = |id: OrganisationId| -> Result<Option<OrganisationFile>, ProjectionError> {
                let Some(row) = request.base.organisation(id)? else { return Ok(None) };
                Ok(request.shown_as_one(&row, &request.view())?.assembled.file)
            };
            let (first, second) = (file(one)?, file(other)?);
            let (left, right) =
                (request.whole(one, &identities)?, request.whole(other, &identities)?);
            let mut acts = left.adverse_acts.iter().chain(&right.adverse_acts);
            let kinds: Vec<OrganisationKind> =
                left.kinds.iter().chain(&right.kinds).copied().collect();
            let breaks_protection = acts
                .clone()
                .any(|act| kinds.iter().any(|kind| !limits::may_be_adverse(*kind, *act)));
            // The reversal of a split moves back what stands at the organisation it made.
            let holder = match decision.kind {
                IdentityKind::Reversal { .. } => other,
                _ => one,
            };
            let holder = request.base.organisation(holder)?;
            let records = holder.map(|row| request.standing(&row)).transpose()?.unwrap_or_default();
            let claims = |file: &Option<OrganisationFile>| -> Vec<IdentifierClaim> {
                let shown = file.iter().flat_map(|file| &file.identifiers);
                shown.map(|shown| shown.claim.clone()).collect()
            };
            let (identifiers, others) = (claims(&first), claims(&second));
            Ok(Facts {
                have_files: first.is_some() && (is_split || second.is_some()),
                agreement: agreement(&identifiers, &others),
                names_alike: first.zip(second).is_some_and(|(one, other)| are_alike(&one, &other)),
                has_adverse: acts.next().is_some(),
                breaks_protection,
                kind: left.kinds.first().copied().unwrap_or(OrganisationKind::Unstated),
                identifiers,
                records: records.into_iter().map(|(_, record)| record).collect(),
            })
        })
    }

    /// Pairs that may be one organisation, in the order of registration, at most `limit`: those
    /// with a name or an identifier in common that nothing tells apart. Nothing is decided by it.
    pub fn suggested_twins(
        &self,
        ledger: &LedgerReader,
        limit: usize,
        now: Instant,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<SuggestedTwins>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut pairs = Vec::new();
            let mut done: HashSet<(OrganisationId, OrganisationId)> = HashSet::new();
            for (at, position) in request.with_company()?.into_iter().enumerate() {
                progress(at as u64);
                if pairs.len() >= limit {
                    break;
                }
                let Some(row) = request.base.organisation_at(position)? else { continue };
                if !request.is_supported(&row)? {
                    continue;
                }
                let shown = request.shown_as_one(&row, &request.view())?;
                let Some(file) = shown.assembled.file else { continue };
                for other in request.twins(&file, &shown.identities)? {
                    let pair = (file.id.min(other.id), file.id.max(other.id));
                    if done.insert(pair) && pairs.len() < limit {
                        pairs.push(SuggestedTwins { one: (file.id, file.name.clone()), other });
                    }
                }
            }
            Ok(pairs)
        })
    }
}

impl Request<'_> {
    /// Organisations that share a name or an identifier with another, in the order of
    /// registration.
    fn with_company(&self) -> Result<Vec<u64>, ProjectionError> {
        let mut statement = self.base.statement(
            "SELECT organisation FROM name WHERE key IN
                 (SELECT key FROM name GROUP BY key HAVING count(*) > 1)
             UNION SELECT organisation FROM claim WHERE key IN
                 (SELECT key FROM claim GROUP BY key HAVING count(*) > 1)
             ORDER BY organisation",
        )?;
        let rows = statement.query_map([], |row| row.get::<_, i64>(0))?;
        Ok(rows.map(|row| row.map(|position| position as u64)).collect::<Result<_, _>>()?)
    }
}

fn agreement(one: &[IdentifierClaim], other: &[IdentifierClaim]) -> Agreement {
    if one.iter().any(|claim| other.contains(claim)) {
        return Agreement::Share;
    }
    let differ = |claim: &IdentifierClaim| {
        other.iter().any(|found| claim.joins() && found.joins() && claim.scheme() == found.scheme())
    };
    if one.iter().any(differ) { Agreement::Disagree } else { Agreement::Silent }
}

fn are_alike(one: &OrganisationFile, other: &OrganisationFile) -> bool {
    let names = twin_keys(other);
    let is_elsewhere = one.country.zip(other.country).is_some_and(|(one, other)| one != other);
    !is_elsewhere && twin_keys(one).iter().any(|key| names.contains(key))
}
