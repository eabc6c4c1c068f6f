//! The desk: cases as their parties see them, sealed content included. Public handlers hold a
//! [`crate::PublicReader`], which cannot name any of this.

use std::path::Path;

use domain::authority::AuthorityKey;
use domain::case::{CaseEvent, CatalogueKey};
use domain::civil::Instant;
use domain::event::{Event, EventBody};
use domain::feedback::Said;
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId, RowKey};
use due_process::case::Case;
use ledger::{LedgerReader, Opened};
use rusqlite::{Connection, OpenFlags};

use crate::base::Base;
use crate::proceedings::{ProceedingRow, folded};
use crate::{ProjectionError, schema};

/// Reads cases in full; for officers, subjects and reviewers who have shown who they are.
pub struct DeskReader {
    base: Base,
}

/// A case with its steps.
#[derive(Debug, Clone)]
pub struct DeskCase {
    /// Position of its first step.
    pub position: u64,
    /// The case as its last step left it: evaluate it for an instant before use.
    pub case: Case,
    /// Its steps by position, each with the instant it was committed.
    pub steps: Vec<(u64, Instant, CaseEvent)>,
}

impl DeskReader {
    /// Opens the file for reading.
    ///
    /// # Errors
    /// [`ProjectionError::Outdated`] when it was made by another version or for another registry.
    pub fn open(path: &Path, mac_key: [u8; 32]) -> Result<DeskReader, ProjectionError> {
        let outdated = || ProjectionError::Outdated(path.to_owned());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        schema::configure_reader(&connection)?;
        if schema::version(&connection).map_err(|_| outdated())? != schema::VERSION {
            return Err(outdated());
        }
        Ok(DeskReader { base: Base::new(connection, mac_key) })
    }

    /// Entries at positions below this one are in the tables.
    pub fn cursor(&self) -> Result<u64, ProjectionError> {
        self.base.cursor()
    }

    /// The case of `record`.
    pub fn case(
        &self,
        ledger: &LedgerReader,
        record: RecordId,
    ) -> Result<Option<DeskCase>, ProjectionError> {
        let Some(row) = self.base.proceeding(record)? else { return Ok(None) };
        desk_case(ledger, &row)
    }

    /// The same without its steps: the case and the position of its last one.
    pub fn standing(
        &self,
        ledger: &LedgerReader,
        record: RecordId,
    ) -> Result<Option<(Case, u64)>, ProjectionError> {
        let Some(row) = self.base.proceeding(record)? else { return Ok(None) };
        let last = row.steps.last().map_or(row.position, |(position, _)| *position);
        Ok(folded(ledger, &row)?.map(|case| (case, last)))
    }

    /// Whether everybody may read what `record` says on `now`. Looks at one row only, too.
    pub fn is_shown(&self, record: RecordId, now: Instant) -> Result<bool, ProjectionError> {
        Ok(self.base.proceeding(record)?.is_some_and(|row| row.is_shown(now)))
    }

    /// Whether `record` is a case of `authority`. Looks at one row only, so that the time it takes
    /// hardly tells a case of somebody else from none.
    pub fn is_of(
        &self,
        record: RecordId,
        authority: &AuthorityKey,
    ) -> Result<bool, ProjectionError> {
        let number = self.base.term(authority.as_str())?;
        let row = self.base.proceeding(record)?;
        Ok(row.is_some_and(|row| Some(row.authority) == number))
    }

    /// Whether an organisation has this id, public or not.
    pub fn is_registered(&self, organisation: OrganisationId) -> Result<bool, ProjectionError> {
        Ok(self.base.organisation(organisation)?.is_some())
    }

    /// How many adverse records `authority` has handed in since `since`, up to `most`.
    pub fn adverse_since(
        &self,
        authority: &AuthorityKey,
        since: Instant,
        most: u16,
    ) -> Result<u16, ProjectionError> {
        let Some(authority) = self.base.term(authority.as_str())? else { return Ok(0) };
        self.base.adverse_since(authority, RecordId::mint(since, [0; 10]).bytes(), most)
    }

    /// The organisation that a checked identifier names, public or not.
    pub fn organisation_by_claim(
        &self,
        ledger: &LedgerReader,
        claim: &IdentifierClaim,
    ) -> Result<Option<OrganisationId>, ProjectionError> {
        self.base.organisation_by_claim(ledger, claim)
    }

    /// Positions of the events that registered an organisation and what is one with it.
    pub fn registered_at(
        &self,
        ledger: &LedgerReader,
        organisation: OrganisationId,
    ) -> Result<Vec<u64>, ProjectionError> {
        self.base.registered_at(ledger, organisation)
    }

    /// Identifiers and folded names on record of an organisation, public or not.
    pub fn known_as(
        &self,
        organisation: OrganisationId,
    ) -> Result<(Vec<IdentifierClaim>, Vec<String>), ProjectionError> {
        let row = self.base.organisation(organisation)?;
        Ok(row.map(|row| (row.claims, row.names)).unwrap_or_default())
    }

    /// Every case, in the order of submission, until `each` says `false`; those whose content was
    /// destroyed are left out. For what looks at the whole registry: a step never does.
    pub fn each_case(
        &self,
        ledger: &LedgerReader,
        each: &mut dyn FnMut(Case) -> bool,
    ) -> Result<(), ProjectionError> {
        let mut goes_on = true;
        self.base.each_proceeding(&mut |row| {
            if goes_on && let Some(case) = folded(ledger, &row)? {
                goes_on = each(case);
            }
            Ok(())
        })
    }

    /// Records of `authority` under `entry` whose decision document has this number (V06).
    pub fn records_with_document(
        &self,
        authority: &AuthorityKey,
        entry: &CatalogueKey,
        number: &str,
    ) -> Result<Vec<RecordId>, ProjectionError> {
        let Some(authority) = self.base.term(authority.as_str())? else { return Ok(Vec::new()) };
        self.base.records_with_document(&self.base.document_key(authority, entry, number))
    }

    /// The cases of `authority` about `organisation` and what is one with it, in the order of
    /// submission.
    pub fn cases_about(
        &self,
        ledger: &LedgerReader,
        authority: &AuthorityKey,
        organisation: OrganisationId,
    ) -> Result<Vec<Case>, ProjectionError> {
        let Some(authority) = self.base.term(authority.as_str())? else { return Ok(Vec::new()) };
        let mut cases = Vec::new();
        for position in self.base.registered_at(ledger, organisation)? {
            let rows = self.base.proceedings_of(position)?;
            for row in rows.iter().filter(|row| row.authority == authority) {
                cases.extend(folded(ledger, row)?);
            }
        }
        Ok(cases)
    }

    /// Positions of everything adopted or revoked so far.
    pub fn adopted(&self) -> Result<Vec<u64>, ProjectionError> {
        self.base.adopted()
    }

    /// What an addressee said last of what has this hash.
    pub fn feedback_once(&self, once: RowKey) -> Result<Option<Said>, ProjectionError> {
        self.base.feedback_once(once)
    }

    /// Everything adopted or revoked so far, by position: keys, packs and mandates.
    pub fn adoptions(&self, ledger: &LedgerReader) -> Result<Vec<(u64, Event)>, ProjectionError> {
        let mut adoptions = Vec::new();
        for position in self.base.adopted()? {
            match ledger.event(position)? {
                Some(Opened::Event(event, _)) => adoptions.push((position, *event)),
                _ => return Err(ProjectionError::BrokenEntry(position)),
            }
        }
        Ok(adoptions)
    }

    /// The next cases of `authority` in the order of submission that `fits`, after the record
    /// `after`: at most `most` of them, looking at no more than `looked_at`. Beside them the record
    /// to go on after; `None` at the end.
    ///
    /// `None` for everything when `after` is no record of this authority.
    #[expect(clippy::type_complexity, reason = "a page and where it goes on")]
    pub fn page(
        &self,
        ledger: &LedgerReader,
        authority: &AuthorityKey,
        after: Option<RecordId>,
        (most, looked_at): (usize, usize),
        fits: &mut dyn FnMut(&Case) -> bool,
    ) -> Result<Option<(Vec<Case>, Option<RecordId>)>, ProjectionError> {
        let number = self.base.term(authority.as_str())?;
        let mut position = 0;
        if let Some(after) = after {
            let row = self.base.proceeding(after)?;
            let Some(row) = row.filter(|row| Some(row.authority) == number) else {
                return Ok(None);
            };
            position = row.position;
        }
        let (mut cases, mut last) = (Vec::new(), None);
        let Some(number) = number else { return Ok(Some((cases, last))) };
        // One more than is looked at tells whether it goes on.
        let rows = self.base.proceedings_after(number, position, looked_at + 1)?;
        let goes_on = rows.len() > looked_at;
        for row in rows.iter().take(looked_at) {
            if cases.len() == most {
                return Ok(Some((cases, last)));
            }
            last = Some(row.id);
            cases.extend(folded(ledger, row)?.filter(&mut *fits));
        }
        Ok(Some((cases, last.filter(|_| goes_on))))
    }

    /// The cases of `authority`, of `organisation`, or of both, in the order of submission; those
    /// whose content was destroyed are left out.
    pub fn cases(
        &self,
        ledger: &LedgerReader,
        authority: Option<&AuthorityKey>,
        organisation: Option<OrganisationId>,
    ) -> Result<Vec<Case>, ProjectionError> {
        let number = match authority {
            Some(authority) => match self.base.term(authority.as_str())? {
                Some(number) => Some(number),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        let mut cases = Vec::new();
        let mut each = |row: ProceedingRow| {
            cases.extend(folded(ledger, &row)?);
            Ok(())
        };
        match (organisation, number) {
            (Some(organisation), _) => {
                let Some(row) = self.base.organisation(organisation)? else { return Ok(cases) };
                for row in self.base.proceedings_of(row.position)? {
                    if number.is_none_or(|number| row.authority == number) {
                        each(row)?;
                    }
                }
            }
            (None, Some(number)) => self.base.each_proceeding_of(number, &mut each)?,
            (None, None) => self.base.each_proceeding(&mut each)?,
        }
        Ok(cases)
    }
}

fn desk_case(
    ledger: &LedgerReader,
    row: &ProceedingRow,
) -> Result<Option<DeskCase>, ProjectionError> {
    let Some(case) = folded(ledger, row)? else { return Ok(None) };
    let mut steps = Vec::new();
    for (position, _) in &row.steps {
        if let Some(Opened::Event(event, _)) = ledger.event(*position)?
            && let EventBody::Case(step) = event.body
        {
            steps.push((*position, event.at, *step));
        }
    }
    Ok(Some(DeskCase { position: row.position, case, steps }))
}
