//! Decisions on identity, from what a reviewer asks to what is committed. The rules are in
//! `due_process::identity`; here are the directory, the clock and the log.

use std::path::Path;

use domain::civil::Instant;
use domain::event::EventBody;
use domain::identifiers::IdentifierClaim;
use domain::identity::{
    IdentityDecision, IdentityKind, IdentityReason, OfficialSource, ReviewerHandle,
};
use domain::ids::{OrganisationId, RecordId};
use domain::refusal::Refusal;
use due_process::identity::{self, Command, Identities, Setting};
use ledger::{Batch, Draft, Ledger, LedgerError};
use policy::Packs;
use projections::{ProjectionError, PublicReader, ReadTables};

use crate::clock::Clock;
use crate::reviewers::{self, ReviewersError};
use crate::setup::{self, READ_TABLES};
use crate::upkeep::{self, UpkeepError};

/// What a reviewer asks for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// A decision.
    Propose {
        /// Which.
        what: What,
        /// Why.
        reason: IdentityReason,
        /// What it rests on.
        source: Option<OfficialSource>,
    },
    /// That the proposal with this number holds.
    Confirm(u64),
    /// That it never holds.
    Refuse(u64),
}

/// Which decision is proposed.
#[derive(Debug, Clone)]
pub enum What {
    /// The second is an alias of the first.
    Same(OrganisationId, OrganisationId),
    /// They are two, for good.
    Distinct(OrganisationId, OrganisationId),
    /// These records and identifiers are of another organisation, which is new.
    Split(OrganisationId, Vec<RecordId>, Vec<IdentifierClaim>),
    /// The decision with this number no longer holds.
    Reversal(u64),
}

/// What was committed.
#[derive(Debug, Clone)]
pub struct Done {
    /// Number of the decision.
    pub number: u64,
    /// What it says.
    pub decision: IdentityDecision,
    /// Until when the organisations may answer, where that was set with it.
    pub answer_until: Option<Instant>,
    /// First position written.
    pub from: u64,
    /// Position after the last one written.
    pub to: u64,
}

/// Why nothing was committed.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A rule says no.
    #[error("{0}")]
    Refused(Refusal),
    /// The accounts could not be read.
    #[error(transparent)]
    Reviewers(#[from] ReviewersError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The read tables failed.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// It was committed, and its openings will be announced with the next upkeep.
    #[error(transparent)]
    Upkeep(#[from] UpkeepError),
}

impl From<Refusal> for IdentityError {
    fn from(refusal: Refusal) -> IdentityError {
        IdentityError::Refused(refusal)
    }
}

/// Does what `reviewer` asks in the registry at `directory`. A crash after the commit leaves the
/// openings sealed until the next upkeep announces them; nothing is decided twice.
pub fn run(
    directory: &Path,
    packs: &Packs,
    clock: &dyn Clock,
    reviewer: &ReviewerHandle,
    asked: &Asked,
) -> Result<Done, IdentityError> {
    let accounts = reviewers::load(directory)?;
    let mut ledger = setup::open_writer(directory)?;
    let reader = ledger.reader()?;
    let path = directory.join(READ_TABLES);
    let mut tables = ReadTables::open(&path, reader.mac_key()?)?;
    tables.follow(&reader, reader.size()?, &mut |_| {})?;
    let public = PublicReader::open(&path, reader.mac_key()?)?;
    // A clock that went back shortens no notice.
    let now = clock.now().max(reader.last_at()?);
    let state = public.identities(&reader, now)?;
    let (decision, command) = command(asked, &state, &mut ledger, now)?;
    let facts = public.identity_facts(&reader, &decision, now)?;
    let setting =
        Setting { reviewer, reviewers: &accounts, notice_days: packs.identity_notice_days(), now };
    let bodies = identity::decide(&state, &command, &facts, &setting)?;
    drop(public);
    let answer_until = bodies.iter().find_map(|body| match body {
        EventBody::IdentityProposed(proposed) => proposed.answer_until,
        _ => None,
    });
    let expected = bodies.iter().filter_map(|body| match body {
        EventBody::RecordRevised(record) => Some((record.id, record.revision.saturating_sub(1))),
        _ => None,
    });
    let expected = expected.collect();
    // Sealed first: upkeep opens what the file shows, and withholds revisions that moved.
    let drafts =
        bodies.into_iter().map(|event| Draft { event, open: false, submission: None }).collect();
    let appended = ledger.append(Batch { drafts, leaves: Vec::new(), expected }, now)?;
    let number = match command {
        Command::Propose { .. } => appended.from,
        Command::Confirm { proposal } | Command::Refuse { proposal } => proposal,
    };
    upkeep::announce(&mut ledger, &mut tables, now)?;
    Ok(Done { number, decision, answer_until, from: appended.from, to: appended.to })
}

/// What is asked in the words of the rules, with the decision it is about.
fn command(
    asked: &Asked,
    state: &Identities,
    ledger: &mut Ledger,
    now: Instant,
) -> Result<(IdentityDecision, Command), Refusal> {
    let proposed = |number: u64| {
        let proposal = state.proposal(number).ok_or(Refusal::DecisionUnknown)?;
        Ok(proposal.proposed.decision.clone())
    };
    let (what, reason, source) = match asked {
        Asked::Confirm(proposal) => {
            return Ok((proposed(*proposal)?, Command::Confirm { proposal: *proposal }));
        }
        Asked::Refuse(proposal) => {
            return Ok((proposed(*proposal)?, Command::Refuse { proposal: *proposal }));
        }
        Asked::Propose { what, reason, source } => (what, *reason, source.clone()),
    };
    let (organisation, other, kind) = match what {
        What::Same(kept, alias) => (*kept, *alias, IdentityKind::Same),
        What::Distinct(one, other) => (*one, *other, IdentityKind::Distinct),
        What::Split(organisation, records, identifiers) => {
            let (records, identifiers) = (records.clone(), identifiers.clone());
            let kind = IdentityKind::Split { records, identifiers };
            (*organisation, ledger.mint_organisation(now), kind)
        }
        What::Reversal(of) => {
            let [organisation, other] = proposed(*of)?.pair();
            (organisation, other, IdentityKind::Reversal { of: *of })
        }
    };
    let decision = IdentityDecision { organisation, other, kind };
    let command = Command::Propose { decision: decision.clone(), reason, source };
    Ok((decision, command))
}
