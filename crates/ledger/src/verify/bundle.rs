//! One bundle of at most 256 positions: entries, their tile, their openings.

use super::acts::{self, Act};
use super::opening::{At, BundleLines, Content, PayloadItem, check};
use super::report::Findings;
use super::{FetchError, LogSource, PayloadSource, fetch_wide};
use crate::merkle::{Hash, leaf_hash};
use crate::tiles::{
    FULL_WIDTH, bundle_entries, complete_root, decode_tile, entries_path, payload_path, tile_path,
};
use crate::wire::{Leaf, WireError};

/// What was seen behind a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing: the entry or its line could not be had or does not fit, which is reported already.
    Nothing,
    /// An event, without looking at its opening: the payload file is missing.
    Event,
    /// An event whose opening fits.
    Opened,
    /// An event said to be sealed.
    Sealed,
    /// An event said to be withheld.
    Withheld,
    /// An event said to be erased.
    Erased,
    /// An event whose content is gone, in a source that does not know why.
    Destroyed,
    /// An entry in the clear.
    Clear,
}

/// What one bundle gave.
pub(super) struct Checked {
    pub index: u64,
    /// Leaf hashes, from the entries or, where these are missing, from the tile.
    pub leaves: Option<Vec<Hash>>,
    /// Root over a full bundle.
    pub root: Option<Hash>,
    pub seen: Vec<Seen>,
    pub clear: Vec<(u64, Leaf)>,
    /// Positions said to be erased, and by which entry.
    pub erased: Vec<(u64, u64)>,
    /// Public fields whose disclosure is not there.
    pub missing: Vec<(u64, String)>,
    /// What has to be authorised, and the keys that do it.
    pub acts: Vec<(u64, Act)>,
    /// The first and last time in the openings.
    pub times: Option<(At, At)>,
    pub hashed: u64,
    pub tiles: u64,
    pub findings: Findings,
}

/// Checks bundles, one after the other, with a source of openings of its own.
pub(super) struct Checker<'a> {
    source: &'a dyn LogSource,
    payloads: Result<Box<dyn PayloadSource + 'a>, FetchError>,
    size: u64,
    /// Size of the earlier checkpoint: the bundle around it keeps its leaf hashes.
    since: u64,
}

impl<'a> Checker<'a> {
    pub fn new(
        source: &'a dyn LogSource,
        payloads: Result<Box<dyn PayloadSource + 'a>, FetchError>,
        size: u64,
        since: u64,
    ) -> Checker<'a> {
        Checker { source, payloads, size, since }
    }

    pub fn check(&mut self, index: u64) -> Checked {
        let full = u64::from(FULL_WIDTH);
        let first = index * full;
        let width = (self.size - first).min(full) as u16;
        let mut checked = Checked {
            index,
            leaves: None,
            root: None,
            seen: vec![Seen::Nothing; usize::from(width)],
            clear: Vec::new(),
            erased: Vec::new(),
            missing: Vec::new(),
            acts: Vec::new(),
            times: None,
            hashed: 0,
            tiles: 0,
            findings: Findings::default(),
        };
        let mut commitments = vec![None; usize::from(width)];
        let tile = self.tile(index, width, &mut checked.findings);
        let path = |width| entries_path(index, width);
        let bundle = fetch_wide(self.source, path, width, &mut checked.findings);
        let entries = bundle.as_ref().and_then(|(bytes, stored)| {
            let entries = bundle_entries(bytes).ok();
            let entries = entries.filter(|entries| entries.len() == usize::from(*stored));
            if entries.is_none() {
                let path = entries_path(index, width);
                checked.findings.refute(format!("`{path}` is not a bundle of {width} entries"));
            }
            entries
        });
        if let Some(entries) = &entries {
            let entries = entries.get(..usize::from(width)).unwrap_or(entries);
            let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
            checked.read_entries(first, entries, &mut commitments);
            checked.compare(tile.as_deref(), &leaves, width);
            checked.hashed = leaves.len() as u64;
            checked.leaves = Some(leaves);
            self.read_openings(first, width, entries, &commitments, &mut checked);
        } else {
            checked.leaves = tile;
        }
        self.finish(first, width, &mut checked);
        checked
    }

    fn tile(&self, index: u64, width: u16, findings: &mut Findings) -> Option<Vec<Hash>> {
        let path = |width| tile_path(0, index, width);
        let (bytes, stored) = fetch_wide(self.source, path, width, findings)?;
        match decode_tile(&bytes, stored) {
            Ok(hashes) => Some(hashes.iter().take(usize::from(width)).copied().collect()),
            Err(error) => {
                findings.refute(format!("`{}`: {error}", path(width)));
                None
            }
        }
    }

    fn read_openings(
        &mut self,
        first: u64,
        width: u16,
        entries: &[&[u8]],
        commitments: &[Option<Hash>],
        checked: &mut Checked,
    ) {
        let path = payload_path(first / u64::from(FULL_WIDTH), width);
        let source = match &mut self.payloads {
            Ok(source) => source,
            Err(error) => {
                checked.findings.doubt(format!("the openings could not be read: {error}"));
                return;
            }
        };
        let mut expected = first;
        let found = source.items(first, width, &mut |item| {
            let at = item.position.checked_sub(first).map(|at| at as usize);
            let known = at.and_then(|at| Some((entries.get(at)?, commitments.get(at)?)));
            if let (Some((entry, commitment)), true) = (known, item.position == expected) {
                expected += 1;
                checked.read_item(first, item, entry, commitment.as_ref());
            }
        });
        match found {
            Err(error) => checked.findings.doubt(format!("`{path}` could not be read: {error}")),
            Ok(false) => checked.findings.doubt(format!("`{path}` is missing")),
            Ok(true) if expected != first + u64::from(width) => {
                checked.findings.refute(format!("`{path}` does not hold {width} lines in order"));
            }
            Ok(true) => {}
        }
    }

    fn finish(&self, first: u64, width: u16, checked: &mut Checked) {
        let Some(leaves) = &checked.leaves else { return };
        if width == FULL_WIDTH {
            checked.root = complete_root(leaves);
            let end = first + u64::from(width);
            if !(first..end).contains(&self.since) {
                checked.leaves = None;
            }
        }
    }
}

impl Checked {
    /// Reads the entries; an event leaves its commitment behind.
    fn read_entries(&mut self, first: u64, entries: &[&[u8]], commitments: &mut [Option<Hash>]) {
        for (at, entry) in entries.iter().enumerate() {
            let position = first + at as u64;
            let seen = match Leaf::parse(entry) {
                Ok(Leaf::Event { commitment }) => {
                    if let Some(slot) = commitments.get_mut(at) {
                        *slot = Some(commitment);
                    }
                    Seen::Event
                }
                Ok(leaf) => {
                    self.clear.push((position, leaf));
                    Seen::Clear
                }
                Err(WireError::UnknownType { kind, .. }) => {
                    self.findings.doubt(format!(
                        "entry {position} is of the kind `{kind}`, which this program does not know"
                    ));
                    Seen::Clear
                }
                Err(error) => {
                    self.findings.refute(format!("entry {position} is not an entry: {error}"));
                    Seen::Nothing
                }
            };
            self.see(at, seen);
        }
    }

    fn see(&mut self, at: usize, seen: Seen) {
        if let Some(slot) = self.seen.get_mut(at) {
            *slot = seen;
        }
    }

    fn compare(&mut self, tile: Option<&[Hash]>, leaves: &[Hash], width: u16) {
        let Some(tile) = tile else { return };
        self.tiles += 1;
        if tile != leaves {
            let tile = tile_path(0, self.index, width);
            let entries = entries_path(self.index, width);
            self.findings.refute(format!("`{tile}` does not hold the hashes of `{entries}`"));
        }
    }

    fn read_item(
        &mut self,
        first: u64,
        item: PayloadItem<'_>,
        entry: &[u8],
        commitment: Option<&Hash>,
    ) {
        let position = item.position;
        // A registry's own directory, which keeps the entries too, holds every class of field.
        let is_served = item.entry.is_none();
        if item.entry.is_some_and(|kept| kept != entry) {
            self.findings.refute(format!("position {position}: the database holds another entry"));
        }
        let seen = match (item.content, commitment) {
            (Content::Clear, None) => return,
            (_, None) => {
                self.findings.refute(format!(
                    "position {position}: something else than `clear` is said of an entry in the clear"
                ));
                return;
            }
            (Content::Clear, Some(_)) => {
                let reason = "an event is said to be an entry in the clear";
                self.findings.refute(format!("position {position}: {reason}"));
                Seen::Nothing
            }
            (Content::Broken, Some(_)) => {
                let reason = "its opening is there and cannot be read";
                self.findings.refute(format!("position {position}: {reason}"));
                Seen::Nothing
            }
            (Content::Opening { salt, payload, disclosures }, Some(commitment)) => {
                let seen =
                    self.read_opening(is_served, position, commitment, &salt, payload, disclosures);
                if seen == Seen::Opened {
                    self.read_act(position, &salt, payload, disclosures);
                }
                seen
            }
            (Content::Sealed, Some(_)) => Seen::Sealed,
            (Content::Withheld, Some(_)) => Seen::Withheld,
            (Content::Destroyed, Some(_)) => Seen::Destroyed,
            (Content::Erased(by), Some(_)) => {
                self.erased.push((position, by));
                Seen::Erased
            }
        };
        self.see((position - first) as usize, seen);
    }

    fn read_act(&mut self, position: u64, salt: &[u8; 32], payload: &str, disclosures: &str) {
        match acts::read(salt, payload, disclosures) {
            Ok(act) => self.acts.extend(act.map(|act| (position, act))),
            Err(error) => {
                let reason = format!("position {position}: not of the form of its type: {error}");
                self.findings.refute(reason);
            }
        }
    }

    fn read_opening(
        &mut self,
        is_served: bool,
        position: u64,
        commitment: &Hash,
        salt: &[u8; 32],
        payload: &str,
        disclosures: &str,
    ) -> Seen {
        let opening = match check(commitment, salt, payload, disclosures) {
            Ok(opening) => opening,
            Err(mismatch) => {
                self.findings.refute(format!("position {position}: {}", mismatch.text()));
                return Seen::Nothing;
            }
        };
        if is_served && opening.is_private_shown {
            let reason = "a field that is not for the public is served";
            self.findings.warn(format!("position {position}: {reason}"));
        }
        let fields = opening.missing.into_iter().map(|field| (position, field));
        self.missing.extend(fields);
        let earliest = match self.times {
            Some((earliest, latest)) => {
                if opening.at < latest {
                    let reason = "its time lies before that of an earlier position";
                    self.findings.refute(format!("position {position}: {reason}"));
                }
                earliest
            }
            None => opening.at,
        };
        self.times = Some((earliest, opening.at));
        Seen::Opened
    }
}

/// Payload bundles served as files, under the same prefix as the tiles: an export or a URL.
pub(super) struct ServedPayloads<'a> {
    pub source: &'a dyn LogSource,
}

impl PayloadSource for ServedPayloads<'_> {
    fn items(
        &mut self,
        first: u64,
        count: u16,
        each: &mut dyn FnMut(PayloadItem<'_>),
    ) -> Result<bool, FetchError> {
        let index = first / u64::from(FULL_WIDTH);
        let mut found = None;
        for width in [count, FULL_WIDTH] {
            if let Some(bytes) = self.source.fetch(&payload_path(index, width))? {
                found = Some((bytes, width));
                break;
            }
        }
        let Some((bytes, width)) = found else { return Ok(false) };
        let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(true) };
        // A file with lines too many or too few is no bundle: hand over nothing, which is reported.
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        if text.ends_with('\n') && lines == usize::from(width) {
            BundleLines::new(text, first).take(usize::from(count)).flatten().for_each(each);
        }
        Ok(true)
    }
}
