//! Puts the bundles together, in order: the tree, the higher tiles, what was announced.

use std::collections::HashSet;

use domain::performance::Month;

use super::acts::Act;
use super::bundle::{Checked, Seen};
use super::opening::At;
use super::report::{Counts, Findings};
use super::{LogSource, fetch_wide};
use crate::manifest::{ManifestError, Replay};
use crate::merkle::{Frontier, Hash};
use crate::note::Checkpoint;
use crate::tiles::{FULL_WIDTH, complete_root, decode_tile, tile_path, tiles_of};
use crate::wire::{Leaf, Statement};

/// What the log announced about an event; the last entry that names it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    Sealed,
    Open,
    Withheld,
    Erased,
}

/// Everything known after the bundles so far.
pub(super) struct Fold {
    checkpoint: Checkpoint,
    since: Option<Checkpoint>,
    /// Root over the leaves of the earlier checkpoint.
    since_root: Option<Hash>,
    /// The tree so far; `None` once a bundle gave no hashes.
    tree: Option<Frontier>,
    /// Roots of the full bundles: the hashes in the tiles of level 1.
    bundle_roots: Vec<Hash>,
    bundles: u64,
    last_at: Option<At>,
    /// The last time known at the end of each bundle.
    pub times: Vec<Option<At>>,
    pub seen: Vec<Seen>,
    pub announced: Vec<Announced>,
    /// For each announced event, the entry that did.
    pub announced_by: Vec<u64>,
    /// Fields that entries withhold or erase.
    pub fields: HashSet<(u64, String)>,
    /// Keys of the log that its entries name.
    pub log_keys: Vec<String>,
    pub erased: Vec<(u64, u64)>,
    pub missing: Vec<(u64, String)>,
    pub erasures: HashSet<u64>,
    /// The last part of the last statement about a month.
    stated: Option<(Month, u64, u64)>,
    /// Keys of authorities, and what was signed with them.
    replay: Replay,
    /// An opening so far could not be had.
    has_gap: bool,
    pub counts: Counts,
    pub findings: Findings,
}

impl Fold {
    pub fn new(checkpoint: &Checkpoint, since: Option<&Checkpoint>) -> Fold {
        Fold {
            replay: Replay::new(&checkpoint.origin),
            has_gap: false,
            stated: None,
            checkpoint: checkpoint.clone(),
            since: since.cloned(),
            since_root: None,
            tree: Some(Frontier::new()),
            bundle_roots: Vec::new(),
            bundles: 0,
            last_at: None,
            times: Vec::new(),
            seen: Vec::new(),
            announced: Vec::new(),
            announced_by: Vec::new(),
            fields: HashSet::new(),
            log_keys: Vec::new(),
            erased: Vec::new(),
            missing: Vec::new(),
            erasures: HashSet::new(),
            counts: Counts::default(),
            findings: Findings::default(),
        }
    }

    /// Size of the whole tree.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    pub fn bundles_done(&self) -> u64 {
        self.bundles
    }

    pub fn leaves_done(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Size of the earlier checkpoint; 0 is in no need of a root.
    pub fn since_size(&self) -> u64 {
        self.since.as_ref().map_or(0, |since| since.size)
    }

    /// Takes the next bundle.
    pub fn take(&mut self, checked: Checked) {
        let first = self.leaves_done();
        self.bundles += 1;
        self.grow(first, &checked);
        self.counts.leaves += checked.hashed;
        self.counts.checked_tiles += checked.tiles;
        self.take_times(first, checked.times);
        self.announced.resize(self.announced.len() + checked.seen.len(), Announced::Sealed);
        self.announced_by.resize(self.announced.len(), 0);
        self.has_gap |= checked.seen.iter().any(|seen| matches!(seen, Seen::Event | Seen::Nothing));
        self.seen.extend(checked.seen);
        let predecessors: Vec<(u64, String)> = checked
            .clear
            .iter()
            .filter_map(|(position, leaf)| match leaf {
                Leaf::Predecessor { checkpoint } => Some((*position, checkpoint.clone())),
                _ => None,
            })
            .collect();
        for (position, leaf) in checked.clear {
            self.announce(position, leaf);
        }
        self.judge_acts(checked.acts, &predecessors);
        self.erased.extend(checked.erased);
        self.missing.extend(checked.missing);
        self.findings.absorb(checked.findings);
    }

    /// In the order of positions: a key, and the word that this log goes on from another, count
    /// from where they stand.
    fn judge_acts(&mut self, acts: Vec<(u64, Act)>, predecessors: &[(u64, String)]) {
        let mut predecessors = predecessors.iter().peekable();
        for (position, act) in acts {
            while let Some((_, note)) = predecessors.next_if(|(before, _)| *before < position) {
                self.replay.continues(note);
            }
            self.authorise(position, &act);
        }
        predecessors.for_each(|(_, note)| self.replay.continues(note));
    }

    /// Whether an act is signed with a key that counts at its position (I-43, I-49).
    fn authorise(&mut self, position: u64, act: &Act) {
        let Err(error) = self.replay.apply(&act.event, act.submission.as_ref()) else { return };
        let reason = format!("position {position}: {error}");
        // The key may be in an opening that could not be had; that is reported on its own.
        let may_be_unseen = matches!(error, ManifestError::UnknownKey | ManifestError::NoSuchKey);
        if self.has_gap && may_be_unseen {
            self.findings.doubt(reason);
        } else {
            self.findings.refute(reason);
        }
    }

    fn take_times(&mut self, first: u64, times: Option<(At, At)>) {
        if let Some((earliest, latest)) = times {
            if self.last_at.is_some_and(|last| earliest < last) {
                self.findings.refute(format!(
                    "the times from position {first} on lie before those of earlier positions"
                ));
            }
            self.last_at = Some(latest);
        }
        self.times.push(self.last_at);
    }

    /// Appends the bundle's leaves to the tree.
    fn grow(&mut self, first: u64, checked: &Checked) {
        let Some(tree) = &mut self.tree else { return };
        let since = self.since.as_ref().map_or(0, |since| since.size);
        if let (Some(leaves), Some(before)) = (&checked.leaves, since.checked_sub(first))
            && (1..=leaves.len() as u64).contains(&before)
        {
            let mut old = tree.clone();
            leaves.iter().take(before as usize).for_each(|leaf| old.push(*leaf));
            self.since_root = Some(old.root());
        }
        match (&checked.root, &checked.leaves) {
            (Some(root), _) => {
                self.bundle_roots.push(*root);
                if !tree.push_subtree(8, *root) {
                    self.tree = None;
                }
            }
            (None, Some(leaves)) => leaves.iter().for_each(|leaf| tree.push(*leaf)),
            (None, None) => self.tree = None,
        }
        // A full bundle keeps no leaves: its end is seen by the size of the tree.
        if let Some(tree) = self.tree.as_ref().filter(|tree| since > 0 && tree.size() == since) {
            self.since_root = Some(tree.root());
        }
    }

    /// Applies an entry in the clear.
    fn announce(&mut self, position: u64, leaf: Leaf) {
        let (state, ranges, fields) = match leaf {
            Leaf::Open { ranges } => (Announced::Open, ranges, Vec::new()),
            Leaf::Withhold { ranges, fields } => (Announced::Withheld, ranges, fields),
            Leaf::Erasure { ranges, fields } => {
                self.erasures.insert(position);
                (Announced::Erased, ranges, fields)
            }
            Leaf::Key { purpose, vkey } => {
                if purpose == "log" {
                    self.log_keys.push(vkey);
                }
                return;
            }
            Leaf::Statistics(statement) => return self.state(position, &statement),
            _ => return,
        };
        for (first, last) in ranges {
            if last >= position {
                self.findings.refute(format!("entry {position} names entries that follow it"));
                continue;
            }
            for named in first as usize..=last as usize {
                self.announce_one(position, named, state);
            }
        }
        self.fields.extend(fields);
    }

    /// Months are stated in order, each once and with all its parts in a row.
    fn state(&mut self, position: u64, statement: &Statement) {
        let Statement { month, part, parts, .. } = statement;
        let follows = match self.stated {
            Some((last, done, of)) if done < of => (*month, *part, *parts) == (last, done + 1, of),
            Some((last, ..)) => *month == last.next() && *part == 1,
            None => *part == 1,
        };
        if !follows {
            self.findings.refute(format!(
                "entry {position} states part {part} of {month}, which does not follow what was stated before"
            ));
        }
        self.stated = Some((*month, *part, *parts));
    }

    fn announce_one(&mut self, position: u64, named: usize, state: Announced) {
        let slots = (self.announced.get_mut(named), self.announced_by.get_mut(named));
        let (Some(announced), Some(by)) = slots else { return };
        if *announced == Announced::Erased && state != Announced::Erased {
            let reason =
                format!("entry {position} names position {named}, which was erased before");
            self.findings.refute(reason);
            return;
        }
        (*announced, *by) = (state, position);
    }

    /// Compares the roots and the tiles above the lowest level.
    pub fn finish(&mut self, source: &dyn LogSource) {
        for origin in self.replay.elsewhere() {
            self.findings.warn(format!(
                "something was signed for `{origin}`, from which this log says it goes on"
            ));
        }
        let complete = self.bundle_roots.len() as u64 == self.checkpoint.size / 256;
        match &self.tree {
            Some(tree) if complete => {
                if tree.root() != self.checkpoint.root {
                    self.findings.refute("the entries do not lead to the root in `checkpoint`");
                }
                self.check_higher_tiles(source);
            }
            _ => self.findings.doubt("the root could not be computed, for entries are missing"),
        }
        if let Some(since) = self.since.as_ref().filter(|since| since.size > 0) {
            match self.since_root {
                Some(root) if root == since.root => {}
                Some(_) => {
                    self.findings.refute("the log does not continue the earlier checkpoint");
                }
                None => self.findings.doubt("the earlier checkpoint could not be compared"),
            }
        }
    }

    fn check_higher_tiles(&mut self, source: &dyn LogSource) {
        let (mut row, mut level) = (self.bundle_roots.clone(), 1);
        for tile in tiles_of(self.checkpoint.size).filter(|tile| tile.level > 0) {
            while tile.level > level {
                let tiles = row.as_chunks::<256>().0;
                row = tiles.iter().filter_map(|tile| complete_root(tile)).collect();
                level += 1;
            }
            let path = |width| tile_path(tile.level, tile.index, width);
            let found = fetch_wide(source, path, tile.width, &mut self.findings);
            let Some((bytes, stored)) = found else { continue };
            let start = (tile.index * u64::from(FULL_WIDTH)) as usize;
            let width = usize::from(tile.width);
            let expected = row.get(start..start + width);
            let hashes = decode_tile(&bytes, stored).ok().and_then(|hashes| hashes.get(..width));
            self.counts.checked_tiles += 1;
            if hashes.is_none() || hashes != expected {
                let path = path(tile.width);
                self.findings.refute(format!("`{path}` does not hold the hashes of the tree"));
            }
        }
    }
}
