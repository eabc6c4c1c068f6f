//! Which organisation a row is about: the one a checked identifier names, else the publisher's own
//! entry (I-29). Names never decide.

use std::collections::{BTreeSet, HashMap, VecDeque};

use domain::authority::AuthorityKey;
use domain::civil::Instant;
use domain::event::EventBody;
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RowKey};
use domain::limits;
use domain::names;
use domain::organisation::OrganisationKind;
use domain::refusal::Refusal;
use domain::submission::Submission;
use due_process::quotation::{Resolved, Standing};
use ledger::{Ledger, LedgerReader, Opened};
use projections::{ProjectionError, ReadTables};

use super::ImportError;

/// What was registered or claimed in one batch and may not be in the read tables yet.
#[derive(Default)]
struct Generation {
    by_claim: HashMap<IdentifierClaim, OrganisationId>,
    by_entry: HashMap<(AuthorityKey, RowKey), OrganisationId>,
    known: HashMap<OrganisationId, Known>,
}

#[derive(Default, Clone)]
struct Known {
    kind: Option<OrganisationKind>,
    claims: Vec<IdentifierClaim>,
    names: Vec<String>,
}

/// Organisations that a dry run remembers, and at most as many again. Not law: about 50 MB.
const TRIED_MAX: usize = 100_000;

/// Finds organisations in the read tables and in what this run committed since. What the tables
/// have followed is forgotten here, so that memory is bounded by how far they are behind.
pub struct Organisations {
    tables: ReadTables,
    reader: LedgerReader,
    committed: VecDeque<(u64, Generation)>,
    current: Generation,
}

impl Organisations {
    /// On read tables of its own: the follower writes through another handle. `reader` is of the
    /// same registry.
    pub fn new(tables: ReadTables, reader: LedgerReader) -> Organisations {
        let committed = VecDeque::new();
        Organisations { tables, reader, committed, current: Generation::default() }
    }

    /// The organisation of `row`, new where nothing known is it; refused where its checked
    /// identifiers name several (219): to join either would put one's record on the other's page.
    pub fn resolve(
        &self,
        row: &Submission,
        publisher: &AuthorityKey,
        entry: RowKey,
        standing: Option<&Standing>,
        ledger: &mut Ledger,
        now: Instant,
    ) -> Result<Result<Resolved, Refusal>, ImportError> {
        let named = self.by_claims(row)?;
        let by_claims = self.as_decided(&named)?;
        if by_claims.len() > 1 {
            return Ok(Err(Refusal::IdentifiersDisagree));
        }
        let found = match (self.moved(standing)?, by_claims.first()) {
            (Some(organisation), _) => Some(organisation),
            (None, Some(organisation)) => Some(*organisation),
            (None, None) => self.by_publisher(row, publisher, entry, standing)?,
        };
        let known = found.map(|organisation| self.known(organisation)).transpose()?;
        let Known { kind, mut claims, names } = known.unwrap_or_default();
        // What is known of an alias is not claimed again for the one it stands for.
        for alias in named.iter().filter(|alias| named.len() > 1 && Some(**alias) != found) {
            claims.extend(self.known(*alias)?.claims);
        }
        if disagree(&row.organisation.claims, &claims) {
            return Ok(Err(Refusal::IdentifiersDisagree));
        }
        let known_kind = match (found, kind) {
            (Some(organisation), None) => self.kind(organisation)?,
            (_, kind) => kind,
        };
        Ok(Ok(Resolved {
            organisation: found.unwrap_or_else(|| ledger.mint_organisation(now)),
            is_new: found.is_none(),
            known_kind,
            entry,
            known_claims: claims,
            known_names: names,
        }))
    }

    /// Several organisations that were decided to be one are that one. A single one is left as the
    /// row names it, alias or not: it is shown as one, and a reversal finds everything in its
    /// place.
    fn as_decided(
        &self,
        found: &BTreeSet<OrganisationId>,
    ) -> Result<BTreeSet<OrganisationId>, ImportError> {
        if found.len() < 2 {
            return Ok(found.clone());
        }
        let mut decided = BTreeSet::new();
        for organisation in found {
            let about = self.tables.decided_about(&self.reader, *organisation)?;
            decided.insert(about.map_or(*organisation, |about| about.root(*organisation)));
        }
        Ok(decided)
    }

    /// The organisation that reviewers put the row's record on: a later reading of the row does not
    /// undo what they decided.
    fn moved(&self, standing: Option<&Standing>) -> Result<Option<OrganisationId>, ImportError> {
        let Some(standing) = standing.filter(|standing| !standing.vanished) else {
            return Ok(None);
        };
        let organisation = standing.organisation;
        let about = self.tables.decided_about(&self.reader, organisation)?;
        let is_moved = about.is_some_and(|about| about.is_moved(standing.record, organisation));
        Ok(is_moved.then_some(organisation))
    }

    /// The kind on record, which the log alone knows: read back from the events that registered the
    /// organisation and what is one with it. A protected one decides.
    fn kind(&self, organisation: OrganisationId) -> Result<Option<OrganisationKind>, ImportError> {
        let mut kinds = Vec::new();
        for position in self.tables.registered_at(&self.reader, organisation)? {
            let Some(Opened::Event(event, _)) = self.reader.event(position)? else {
                return Err(ProjectionError::BrokenEntry(position).into());
            };
            if let EventBody::OrganisationRegistered(event) = event.body {
                kinds.push(event.kind);
            }
        }
        let protected = kinds.iter().copied().find(|kind| limits::is_protected(*kind));
        Ok(protected.or(kinds.first().copied()))
    }

    fn known(&self, organisation: OrganisationId) -> Result<Known, ImportError> {
        let mut known = Known {
            kind: None,
            claims: self.tables.known_claims(organisation)?,
            names: self.tables.known_names(organisation)?,
        };
        for more in self.generations().filter_map(|batch| batch.known.get(&organisation)) {
            known.kind = known.kind.or(more.kind);
            known.claims.extend(more.claims.iter().cloned());
            known.names.extend(more.names.iter().cloned());
        }
        Ok(known)
    }

    /// Without an identifier we know: the organisation of the record that stands for the row,
    /// unless it bears another checked identifier of the same scheme; else the publisher's entry.
    fn by_publisher(
        &self,
        row: &Submission,
        publisher: &AuthorityKey,
        entry: RowKey,
        standing: Option<&Standing>,
    ) -> Result<Option<OrganisationId>, ImportError> {
        let joining = || row.organisation.claims.iter().filter(|claim| claim.joins());
        if let Some(standing) = standing.filter(|standing| !standing.vanished) {
            let known = self.known(standing.organisation)?.claims;
            let differs = |claim: &IdentifierClaim| contradicts(claim, &known);
            return Ok((!joining().any(differs)).then_some(standing.organisation));
        }
        if joining().next().is_some() { Ok(None) } else { self.by_entry(publisher, entry) }
    }

    /// Every organisation that a checked identifier of the row names.
    fn by_claims(&self, row: &Submission) -> Result<BTreeSet<OrganisationId>, ImportError> {
        let mut organisations = BTreeSet::new();
        for claim in row.organisation.claims.iter().filter(|claim| claim.joins()) {
            let recent = self.generations().find_map(|batch| batch.by_claim.get(claim).copied());
            let found = match recent {
                Some(organisation) => Some(organisation),
                None => self.tables.organisation_by_claim(&self.reader, claim)?,
            };
            organisations.extend(found);
        }
        Ok(organisations)
    }

    fn by_entry(
        &self,
        publisher: &AuthorityKey,
        entry: RowKey,
    ) -> Result<Option<OrganisationId>, ImportError> {
        let key = (publisher.clone(), entry);
        match self.generations().find_map(|batch| batch.by_entry.get(&key).copied()) {
            Some(organisation) => Ok(Some(organisation)),
            None => Ok(self.tables.organisation_by_entry(publisher, entry)?),
        }
    }

    /// Newest first.
    fn generations(&self) -> impl Iterator<Item = &Generation> {
        std::iter::once(&self.current).chain(self.committed.iter().rev().map(|(_, batch)| batch))
    }

    /// Remembers what `event` says until the read tables know it.
    pub fn learn(&mut self, event: &EventBody) {
        let current = &mut self.current;
        match event {
            EventBody::OrganisationRegistered(event) => {
                let known = current.known.entry(event.organisation).or_default();
                known.kind = Some(event.kind);
                known.names.push(names::fold(&event.name.text));
                if let Some(entry) = event.entry {
                    let key = (event.authority.clone(), entry);
                    current.by_entry.insert(key, event.organisation);
                }
            }
            EventBody::IdentifierClaimed(event) => {
                let known = current.known.entry(event.organisation).or_default();
                known.claims.push(event.claim.clone());
                if event.claim.joins() {
                    current.by_claim.insert(event.claim.clone(), event.organisation);
                }
            }
            EventBody::NameClaimed(event) => {
                let known = current.known.entry(event.organisation).or_default();
                known.names.push(names::fold(&event.name.text));
            }
            _ => {}
        }
    }

    /// Forgets in a dry run, of which the read tables never hear, what was met long before: memory
    /// stays bounded, and identifiers of a row are compared with those of the registry and of the
    /// last [`TRIED_MAX`] organisations at least.
    pub fn tried(&mut self) {
        forget_long_before(&mut self.committed, &mut self.current, TRIED_MAX);
    }

    /// Closes the batch that ended before `to`, and forgets what is below `followed`.
    pub fn committed(&mut self, to: u64, followed: u64) {
        self.committed.push_back((to, std::mem::take(&mut self.current)));
        while self.committed.front().is_some_and(|(to, _)| *to <= followed) {
            self.committed.pop_front();
        }
    }
}

/// Keeps `current` and at most one generation before it, each of about `max` organisations.
fn forget_long_before(
    committed: &mut VecDeque<(u64, Generation)>,
    current: &mut Generation,
    max: usize,
) {
    if current.known.len() >= max {
        committed.clear();
        committed.push_back((0, std::mem::take(current)));
    }
}

/// Whether an organisation with the identifiers `known` would get, with those of a row, two checked
/// values of one scheme: a scheme gives each organisation one.
fn disagree(row: &[IdentifierClaim], known: &[IdentifierClaim]) -> bool {
    let mut all = known.to_vec();
    row.iter().filter(|claim| claim.joins() && !known.contains(claim)).any(|claim| {
        let is_contradiction = contradicts(claim, &all);
        all.push(claim.clone());
        is_contradiction
    })
}

/// Whether one of `known` is another checked value of the scheme of `claim`.
fn contradicts(claim: &IdentifierClaim, known: &[IdentifierClaim]) -> bool {
    known.iter().any(|other| {
        other.joins() && other.scheme() == claim.scheme() && other.value() != claim.value()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_remembers_the_last_ones_and_no_more_than_twice_as_many() {
        let (mut committed, mut current) = (VecDeque::new(), Generation::default());
        let id = |number: u128| OrganisationId::from_bytes(number.to_be_bytes());
        for number in 0..10_000 {
            current.known.insert(id(number), Known::default());
            forget_long_before(&mut committed, &mut current, 100);
            let held: usize =
                committed.iter().map(|(_, it)| it.known.len()).sum::<usize>() + current.known.len();
            assert!(held <= 200 && held >= 100.min(number as usize + 1), "{number}: {held}");
        }
    }
}
