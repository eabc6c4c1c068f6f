//! The packs in force: what was loaded, and how its version is named on the log.

use std::collections::BTreeMap;

use domain::authority::{Authority, AuthorityKey};
use domain::case::{CatalogueKey, MeasureId, Territory};
use domain::civil::Instant;
use domain::text::{ListId, Texts};
use sha2::{Digest, Sha256};

use crate::calendar::Calendar;
use crate::catalogue::{CatalogueEntry, Mandate};
use crate::diff::Of;
use crate::list::ListDefinition;
use crate::load;
use crate::measure::Measure;
use crate::period::{PeriodDefinition, QuotationRule};
use crate::problem::PackProblem;
use crate::procedure::ProcedureRules;
use crate::recognition::Recognition;
use crate::scope::Scope;

/// One file of the packs. Whoever has the disk reads it; this crate does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFile {
    /// Path relative to the folder of packs, with `/`: `mdb/lists/idb-sanctioned-firms.toml`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A pack: one folder, one jurisdiction or one set of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackInfo {
    /// Its folder.
    pub name: String,
    /// What it is called, by language.
    pub title: Texts,
    /// Version as its authors count.
    pub version: String,
    /// [`hash_of`] its files; the log names this.
    pub hash: String,
    /// Whether it describes an invented jurisdiction, for demonstration.
    pub fictional: bool,
    /// The pack it is laid on; `None` for the generic one alone.
    pub on: Option<String>,
    /// How far it reaches.
    pub scope: Scope,
    /// What nobody could verify, and so is not in it.
    pub missing: Vec<Missing>,
}

/// A value of the law that a pack leaves out because nobody has read its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is left out, by language.
    pub what: Texts,
    /// Why, by language.
    pub reason: Texts,
}

/// All packs in force. Made by [`Packs::load`] only, so holding one means there was no problem.
#[derive(Debug, Clone)]
pub struct Packs {
    pub(crate) packs: BTreeMap<String, PackInfo>,
    pub(crate) authorities: BTreeMap<AuthorityKey, Authority>,
    pub(crate) lists: BTreeMap<ListId, ListDefinition>,
    pub(crate) quotation: QuotationRule,
    pub(crate) identity_notice_days: Option<u16>,
    pub(crate) procedures: BTreeMap<String, ProcedureRules>,
    pub(crate) calendars: BTreeMap<String, Calendar>,
    pub(crate) catalogue: BTreeMap<CatalogueKey, CatalogueEntry>,
    pub(crate) measures: BTreeMap<MeasureId, Measure>,
    pub(crate) mandates: Vec<Mandate>,
    pub(crate) recognitions: BTreeMap<CatalogueKey, Recognition>,
    pub(crate) periods: Vec<PeriodDefinition>,
    /// Entries and lists that are used as an older version of their pack has them, with it.
    pub(crate) older: BTreeMap<(Of, String), PackInfo>,
    /// New things that may not be used yet, with the instant from which they may.
    pub(crate) waits: BTreeMap<(Of, String), Instant>,
}

impl Packs {
    /// Loads all files of all packs, or returns every problem of every file, sorted by file and
    /// line.
    ///
    /// # Errors
    /// All problems found; never an empty list.
    pub fn load(files: &[PackFile]) -> Result<Packs, Vec<PackProblem>> {
        load::load(files)
    }

    /// The list with this id.
    pub fn list(&self, id: &ListId) -> Option<&ListDefinition> {
        self.lists.get(id)
    }

    /// Every list, by id.
    pub fn lists(&self) -> impl Iterator<Item = &ListDefinition> {
        self.lists.values()
    }

    /// The authority with this key.
    pub fn authority(&self, key: &AuthorityKey) -> Option<&Authority> {
        self.authorities.get(key)
    }

    /// Every authority, by key.
    pub fn authorities(&self) -> impl Iterator<Item = &Authority> {
        self.authorities.values()
    }

    /// The pack with this name.
    pub fn pack(&self, name: &str) -> Option<&PackInfo> {
        self.packs.get(name)
    }

    /// The periods and the calendar of `pack`: its own, else those of the pack it is laid on.
    /// `None` for an unknown pack, and where the generic pack has no `procedure.toml`: then
    /// nothing can be submitted under it.
    pub fn procedure(&self, pack: &str) -> Option<&ProcedureRules> {
        self.procedures.get(pack)
    }

    /// The periods and the calendar of the nearest pack that covers `territory`: of `cn-sh-pudong`
    /// those of `cn-sh`, else of `cn`. `None` where no pack does.
    pub fn procedure_of(&self, territory: &Territory) -> Option<&ProcedureRules> {
        let mut name = territory.as_str();
        loop {
            if let Some(rules) = self.procedures.get(name) {
                return Some(rules);
            }
            (name, _) = name.rsplit_once('-')?;
        }
    }

    /// The calendar with this id.
    pub fn calendar(&self, id: &str) -> Option<&Calendar> {
        self.calendars.get(id)
    }

    /// Every calendar, by id.
    pub fn calendars(&self) -> impl Iterator<Item = &Calendar> {
        self.calendars.values()
    }

    /// The entry of the catalogue with this id.
    pub fn catalogue_entry(&self, id: &CatalogueKey) -> Option<&CatalogueEntry> {
        self.catalogue.get(id)
    }

    /// Every entry of every catalogue, by id.
    pub fn catalogue(&self) -> impl Iterator<Item = &CatalogueEntry> {
        self.catalogue.values()
    }

    /// The measure with this id.
    pub fn measure(&self, id: &MeasureId) -> Option<&Measure> {
        self.measures.get(id)
    }

    /// Every measure and incentive, by id.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.measures.values()
    }

    /// What `authority` may submit (I-49).
    pub fn mandates_of(&self, authority: &AuthorityKey) -> impl Iterator<Item = &Mandate> {
        self.mandates.iter().filter(move |mandate| mandate.authority == *authority)
    }

    /// Every mandate.
    pub fn mandates(&self) -> impl Iterator<Item = &Mandate> {
        self.mandates.iter()
    }

    /// The recognition rule with this id.
    pub fn recognition(&self, id: &CatalogueKey) -> Option<&Recognition> {
        self.recognitions.get(id)
    }

    /// Every recognition rule, by id.
    pub fn recognitions(&self) -> impl Iterator<Item = &Recognition> {
        self.recognitions.values()
    }

    /// Every pack, by name.
    pub fn packs(&self) -> impl Iterator<Item = &PackInfo> {
        self.packs.values()
    }

    /// The pack a list is from, in the version that the list has here.
    pub fn pack_of(&self, list: &ListId) -> Option<&PackInfo> {
        let older = self.older.get(&(Of::List, list.to_string()));
        older.or(self.packs.get(&self.list(list)?.pack))
    }

    /// Until when nothing may rest on the new thing with this id: it was adopted, and not public
    /// for long enough. `None` where nothing hinders; only [`in_use`](crate::in_use) knows of any.
    pub fn waits_until(&self, of: Of, id: &str) -> Option<Instant> {
        self.waits.get(&(of, id.to_owned())).copied()
    }

    /// The pack an entry of the catalogue is from, in the version that the entry has here.
    pub fn pack_of_entry(&self, entry: &CatalogueKey) -> Option<&PackInfo> {
        let older = self.older.get(&(Of::Entry, entry.to_string()));
        older.or(self.packs.get(&self.catalogue_entry(entry)?.pack))
    }

    /// Days organisations have to answer before a decision on identity may move adverse records to
    /// another file; `None` where no pack sets them, and then none may move.
    pub fn identity_notice_days(&self) -> Option<u16> {
        self.identity_notice_days
    }

    /// Every period of the pack with this name, in the order of its file's parameters.
    pub fn periods(&self, pack: &str) -> &[PeriodDefinition] {
        if pack == load::GENERIC { &self.periods } else { &[] }
    }

    /// The rules for quotations.
    pub fn quotation(&self) -> &QuotationRule {
        &self.quotation
    }
}

/// The hash of a pack: SHA-256 over the sorted lines `<SHA-256 of the file, hex> <path>\n`, as 64
/// hex digits (design 9.5). Paths are relative to the folder of packs.
///
/// `sha256sum mdb/pack.toml mdb/... | sed 's/  / /' | LC_ALL=C sort | sha256sum` gives the same.
pub fn hash_of<'a>(files: impl IntoIterator<Item = &'a PackFile>) -> String {
    let line = |file: &PackFile| format!("{} {}\n", hex(file.text.as_bytes()), file.path);
    let mut lines: Vec<String> = files.into_iter().map(line).collect();
    lines.sort_unstable();
    hex(lines.concat().as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> PackFile {
        PackFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_hash_is_that_of_the_shell_command() {
        // printf 'a' and printf 'b' as x/a.toml and x/b.toml, then the command above.
        let files = [file("x/a.toml", "a"), file("x/b.toml", "b")];
        let expected = "a564441908a12ba383a9f3a4d2efcabd4550e0a0c45be908dfa6b21267bbc766";
        assert_eq!(hash_of(&files), expected);
        assert_eq!(hash_of(files.iter().rev()), expected, "the order of files does not matter");
    }

    #[test]
    fn the_hash_names_content_and_path() {
        let hash = hash_of(&[file("x/a.toml", "a")]);
        assert_ne!(hash, hash_of(&[file("x/a.toml", "b")]));
        assert_ne!(hash, hash_of(&[file("y/a.toml", "a")]));
        assert_eq!(hash.len(), 64);
    }
}
