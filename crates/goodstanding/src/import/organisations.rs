//! Which organisation a row is about: the one a checked identifier names, else the publisher's own
//! entry (I-29). Names never decide.

use std::collections::{HashMap, VecDeque};

use domain::authority::AuthorityKey;
use domain::civil::Instant;
use domain::event::EventBody;
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RowKey};
use domain::names;
use domain::submission::Submission;
use due_process::quotation::{Resolved, Standing};
use ledger::Ledger;
use projections::ReadTables;

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
    claims: Vec<IdentifierClaim>,
    names: Vec<String>,
}

/// Finds organisations in the read tables and in what this run committed since. What the tables
/// have followed is forgotten here, so that memory is bounded by how far they are behind.
pub struct Organisations {
    tables: ReadTables,
    committed: VecDeque<(u64, Generation)>,
    current: Generation,
}

impl Organisations {
    /// On read tables of its own: the follower writes through another handle.
    pub fn new(tables: ReadTables) -> Organisations {
        Organisations { tables, committed: VecDeque::new(), current: Generation::default() }
    }

    /// The organisation of `row`, new where nothing known is it.
    pub fn resolve(
        &self,
        row: &Submission,
        publisher: &AuthorityKey,
        entry: RowKey,
        standing: Option<&Standing>,
        ledger: &mut Ledger,
        now: Instant,
    ) -> Result<Resolved, ImportError> {
        let found = match self.by_claims(row)? {
            Some(organisation) => Some(organisation),
            None => self.by_publisher(row, publisher, entry, standing)?,
        };
        let Some(organisation) = found else {
            return Ok(Resolved {
                organisation: ledger.mint_organisation(now),
                is_new: true,
                entry,
                known_claims: Vec::new(),
                known_names: Vec::new(),
            });
        };
        let Known { claims, names } = self.known(organisation)?;
        Ok(Resolved {
            organisation,
            is_new: false,
            entry,
            known_claims: claims,
            known_names: names,
        })
    }

    fn known(&self, organisation: OrganisationId) -> Result<Known, ImportError> {
        let mut known = Known {
            claims: self.tables.known_claims(organisation)?,
            names: self.tables.known_names(organisation)?,
        };
        for more in self.generations().filter_map(|batch| batch.known.get(&organisation)) {
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
            let differs = |claim: &IdentifierClaim| {
                known.iter().any(|other| {
                    other.joins()
                        && other.scheme() == claim.scheme()
                        && other.value() != claim.value()
                })
            };
            return Ok((!joining().any(differs)).then_some(standing.organisation));
        }
        if joining().next().is_some() { Ok(None) } else { self.by_entry(publisher, entry) }
    }

    fn by_claims(&self, row: &Submission) -> Result<Option<OrganisationId>, ImportError> {
        for claim in row.organisation.claims.iter().filter(|claim| claim.joins()) {
            let recent = self.generations().find_map(|batch| batch.by_claim.get(claim).copied());
            let found = match recent {
                Some(organisation) => Some(organisation),
                None => self.tables.organisation_by_claim(claim)?,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
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

    /// Closes the batch that ended before `to`, and forgets what is below `followed`.
    pub fn committed(&mut self, to: u64, followed: u64) {
        self.committed.push_back((to, std::mem::take(&mut self.current)));
        while self.committed.front().is_some_and(|(to, _)| *to <= followed) {
            self.committed.pop_front();
        }
    }
}
