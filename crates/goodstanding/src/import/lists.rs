//! What stands of each list a file speaks about, and what vanished from it.

use std::collections::BTreeMap;

use domain::civil::Instant;
use domain::event::{Extent, SnapshotTaken};
use domain::ids::RowKey;
use domain::refusal::{Problem, Refusal};
use domain::text::ListId;
use due_process::quotation::{self, Standing};
use policy::diff::Of;
use policy::{ListDefinition, Packs};
use projections::{ReadTables, Standings};

use super::{ImportError, Request};

/// Row keys of one part of a partial snapshot: each is 32 digits, two quotes and a comma, so that
/// 1,500 of them (52,500 bytes) leave room for the rest of the 60 KiB an event may have.
const KEYS_PER_PART: usize = 1_500;

/// Whether a row's last day lies before the day of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// It does not, or the row does not say.
    InForce,
    /// It does.
    Over,
}

/// One list.
pub struct ListState {
    /// What the pack says about it.
    pub definition: ListDefinition,
    /// The hash of that pack.
    pub pack_hash: String,
    standings: Standings,
    stood: u64,
    has_snapshot: bool,
    is_in_file: bool,
    accepted: u64,
    reread: Vec<RowKey>,
}

impl ListState {
    fn load(
        list: &ListId,
        request: &Request<'_>,
        tables: &ReadTables,
        now: Instant,
    ) -> Result<ListState, ImportError> {
        let (Some(definition), Some(pack)) =
            (request.packs.list(list), request.packs.pack_of(list))
        else {
            return Err(ImportError::refused(Refusal::ListUnknown));
        };
        if let Some(until) = request.packs.waits_until(Of::List, list.as_str()) {
            let problem = Problem::of_input(Refusal::NotYetInUse);
            return Err(ImportError::Refused(vec![problem.with_detail(until.to_string())]));
        }
        // Readings in part count too: what they said later must not be undone by an older file.
        if tables.last_read_on(list)?.is_some_and(|last| request.as_of < last) {
            return Err(ImportError::refused(Refusal::ReadBeforeLast));
        }
        let read_at = definition.zone.start_of(request.as_of);
        let standings = tables.standings(list, now, read_at)?;
        let last = tables.last_snapshot(list)?;
        Ok(ListState {
            definition: definition.clone(),
            pack_hash: pack.hash.clone(),
            stood: standings.missing(),
            standings,
            has_snapshot: last.is_some_and(|last| last.extent == Extent::Full),
            is_in_file: false,
            accepted: 0,
            reread: Vec::new(),
        })
    }

    /// What stands under `key`, vanished ones included.
    pub fn standing(&self, key: RowKey) -> Result<Option<Standing>, ImportError> {
        Ok(self.standings.get(key)?)
    }

    /// A new quotation was decided.
    pub fn count_accepted(&mut self) {
        self.accepted += 1;
    }

    /// A row of a partial file was read.
    pub fn count_reread(&mut self, key: RowKey) {
        self.reread.push(key);
    }

    /// What the file ends: what is in it as over before the end on record, since a term that the
    /// publisher shortened must not go on here; and, where the file is the whole list, what stood
    /// and is no longer in it. In the order of record ids: the same file gives the same events
    /// whatever the order of a hash table.
    pub fn vanished(&self, extent: Extent) -> Result<Vec<Standing>, ImportError> {
        Ok(self.standings.vanished(extent)?)
    }

    /// The `SnapshotTaken` events of this list: one, or several when many rows were re-read.
    pub fn snapshot(&self, request: &Request<'_>, extent: Extent, rows: u64) -> Vec<SnapshotTaken> {
        let missing = match extent {
            Extent::Full => self.standings.missing(),
            Extent::Partial => 0,
        };
        let vanished = missing + self.standings.over();
        let mut chunks: Vec<&[RowKey]> = self.reread.chunks(KEYS_PER_PART).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
        let parts = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        (1..=parts)
            .zip(chunks)
            .map(|(part, reread)| SnapshotTaken {
                authority: self.definition.authority.clone(),
                list: self.definition.id.clone(),
                profile: request.profile.name.clone(),
                read_on: request.as_of,
                extent,
                rows,
                standing: self.stood + self.accepted - vanished.min(self.stood),
                vanished,
                reread: reread.to_vec(),
                part,
                parts,
            })
            .collect()
    }
}

/// The lists a file speaks about, by id; each is loaded when it is first met.
pub struct Lists {
    states: BTreeMap<ListId, ListState>,
    now: Instant,
}

impl Lists {
    /// Starts with `fixed` when the profile names the list, else with every list that has a
    /// snapshot: the key of a row whose list cannot be read is then looked for in all of them.
    pub fn load(
        fixed: Option<&ListId>,
        request: &Request<'_>,
        tables: &ReadTables,
        now: Instant,
    ) -> Result<Lists, ImportError> {
        let mut lists = Lists { states: BTreeMap::new(), now };
        if let Some(list) = fixed {
            lists.note_in_file(list, request, tables)?;
        } else {
            for id in lists_with_snapshot(request.packs, tables)? {
                lists.state(&id, request, tables)?;
            }
        }
        Ok(lists)
    }

    /// The state of `list`.
    pub fn state(
        &mut self,
        list: &ListId,
        request: &Request<'_>,
        tables: &ReadTables,
    ) -> Result<&mut ListState, ImportError> {
        match self.states.entry(list.clone()) {
            std::collections::btree_map::Entry::Occupied(found) => Ok(found.into_mut()),
            std::collections::btree_map::Entry::Vacant(vacant) => {
                Ok(vacant.insert(ListState::load(list, request, tables, self.now)?))
            }
        }
    }

    /// Notes that the file speaks about `list`: it gets a reading. A row whose list cannot be read
    /// does not say that.
    pub fn note_in_file(
        &mut self,
        list: &ListId,
        request: &Request<'_>,
        tables: &ReadTables,
    ) -> Result<(), ImportError> {
        self.state(list, request, tables)?.is_in_file = true;
        Ok(())
    }

    /// Notes that a row with this key is in the file; the key is asked for only where it may make a
    /// difference.
    pub fn met(
        &mut self,
        list: &ListId,
        term: Term,
        key: impl FnOnce() -> RowKey,
    ) -> Result<(), ImportError> {
        let Some(state) = self.states.get_mut(list) else { return Ok(()) };
        let is_looked_up = term == Term::Over && state.stood > 0;
        if state.standings.missing() > 0 || is_looked_up {
            state.standings.meet(key(), term == Term::Over)?;
        }
        Ok(())
    }

    /// Every list loaded so far.
    pub fn ids(&self) -> Vec<ListId> {
        self.states.keys().cloned().collect()
    }

    /// The lists that occur in the file.
    pub fn in_file(&self) -> impl Iterator<Item = &ListState> {
        self.states.values().filter(|state| state.is_in_file)
    }

    /// Whether any list has a full snapshot that a new one could shrink.
    pub fn any_snapshot(&self) -> bool {
        self.states.values().any(|state| state.has_snapshot)
    }

    /// How many quotations the file would end, for whoever has to look into it.
    pub fn vanishing(&self) -> u64 {
        self.in_file().map(|state| state.standings.missing() + state.standings.over()).sum()
    }

    /// Why a full reading of `rows` rows must be held, if it must (I-65).
    pub fn hold(&self, request: &Request<'_>, rows: u64) -> Option<Refusal> {
        self.in_file().find_map(|state| {
            // A publisher who writes a day that is past into every row ends as much as one who
            // leaves them out.
            let vanished = state.standings.missing() + state.standings.over();
            let held = quotation::hold(
                state.stood,
                vanished,
                rows,
                request.profile.row_floor,
                request.packs.quotation(),
                state.has_snapshot,
            );
            let is_accepted =
                held == Some(Refusal::TooManyVanished) && request.accept_vanished == Some(vanished);
            let is_too_long = request.profile.row_ceiling.is_some_and(|ceiling| rows > ceiling);
            match held.filter(|_| !is_accepted) {
                None if is_too_long && state.has_snapshot => Some(Refusal::RowCeilingPassed),
                held => held,
            }
        })
    }
}

fn lists_with_snapshot(packs: &Packs, tables: &ReadTables) -> Result<Vec<ListId>, ImportError> {
    let mut found = Vec::new();
    for list in packs.lists() {
        if tables.last_snapshot(&list.id)?.is_some() {
            found.push(list.id.clone());
        }
    }
    Ok(found)
}
