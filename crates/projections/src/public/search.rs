//! Search by identifier and by name. What the tables find is compared with the names and
//! identifiers of the re-hashed openings before it is a hit, so a wrong row cannot make one.

use std::collections::BTreeSet;

use domain::civil::Instant;
use domain::identifiers::{ClaimStatus, IdentifierClaim, claim, recognise, scheme::Scheme};
use domain::names;
use domain::record::RecordType;
use ledger::LedgerReader;
use rusqlite::{OptionalExtension as _, params};

use super::{PublicReader, Request};
use crate::ProjectionError;
use crate::answers::{Hit, SearchAnswer, Why};
use crate::file::OrganisationFile;
use crate::mac::{NameKind, name_key};
use crate::rows::OrganisationRow;

/// Organisations of the rarest word looked at.
const POSTINGS_MAX: usize = 4_000;
/// Organisations whose files are put together for one search.
const CANDIDATES_MAX: usize = 200;
/// Words that begin like the last one.
const EXPANSIONS_MAX: usize = 32;
/// Letters the beginning of a word needs to be searched by.
const PREFIX_LETTERS_MIN: usize = 3;
/// Longest query looked at, in characters; longer ones are cut.
const QUERY_CHARACTERS_MAX: usize = 400;
/// Most words of a query looked at.
const WORDS_MAX: usize = 24;

impl PublicReader {
    /// Organisations that `query` may mean: by identifier, by full name, by name without legal
    /// form, by all its words, by all its words with the last one only begun. Bounded work;
    /// `truncated` says when there may be more.
    pub fn search(
        &self,
        ledger: &LedgerReader,
        query: &str,
        limit: usize,
        now: Instant,
    ) -> Result<SearchAnswer, ProjectionError> {
        let query: String = query.trim().chars().take(QUERY_CHARACTERS_MAX).collect();
        let words = Words::new(&query);
        self.asked(ledger, now, |request| {
            let mut found = Found::default();
            for claim in identifiers(&query) {
                found.by_identifier(request, &claim)?;
            }
            found.by_name(request, &words)?;
            found.ranked.sort_by(|one, other| one.0.cmp(&other.0));
            let truncated = found.truncated || found.ranked.len() > limit;
            let hits = found.ranked.into_iter().take(limit).map(|(_, hit)| hit).collect();
            Ok(SearchAnswer { hits, tokens: words.tokens, truncated })
        })
    }
}

/// The identifiers a query may be: what is recognised, and for a bare value also what an official
/// source may have printed with a wrong check digit.
fn identifiers(query: &str) -> Vec<IdentifierClaim> {
    let mut claims: Vec<IdentifierClaim> = recognise(query).into_iter().collect();
    if claims.is_empty() && !query.contains(':') {
        let schemes = ["cn-uscc", "lei", "br-cnpj"].into_iter().filter_map(Scheme::new);
        claims.extend(schemes.filter_map(|scheme| claim(&scheme, query).ok()));
    }
    claims
}

/// A query, folded once.
struct Words {
    full: String,
    core: String,
    tokens: Vec<String>,
    /// The last word, where it is long enough to be the beginning of one.
    prefix: Option<String>,
}

impl Words {
    fn new(query: &str) -> Words {
        let full = names::fold(query);
        let core = names::without_legal_form(query);
        let mut tokens = names::tokens(if core.is_empty() { &full } else { &core });
        tokens.truncate(WORDS_MAX);
        let last = tokens
            .last()
            .filter(|last| last.chars().count() >= PREFIX_LETTERS_MIN && query.trim_end() == query);
        let prefix = last.cloned();
        let mut seen = BTreeSet::new();
        tokens.retain(|token| seen.insert(token.clone()));
        Words { full, core, tokens, prefix }
    }
}

/// Better ones first: kind of match, words that are not in the query, folded name.
type Rank = (u8, usize, String, [u8; 16]);

#[derive(Default)]
struct Found {
    ranked: Vec<(Rank, Hit)>,
    seen: BTreeSet<u64>,
    truncated: bool,
}

impl Found {
    fn by_identifier(
        &mut self,
        request: &Request<'_>,
        claim: &IdentifierClaim,
    ) -> Result<(), ProjectionError> {
        let key = match claim.status() {
            ClaimStatus::Checked => "identifier",
            ClaimStatus::Unchecked => "identifier_unchecked",
            ClaimStatus::InvalidButOfficial => "identifier_invalid_but_official",
        };
        let positions = request.base.claimants(&claim.to_string(), CANDIDATES_MAX)?;
        self.truncated |= positions.len() == CANDIDATES_MAX;
        for position in positions {
            let Some((row, file)) = request.candidate(position)? else { continue };
            if self.seen.contains(&row.position)
                || file.identifiers.iter().all(|shown| shown.claim != *claim)
            {
                continue;
            }
            self.seen.insert(row.position);
            self.put(0, 0, &file, Why { key, words: vec![claim.to_string()] });
        }
        Ok(())
    }

    fn by_name(&mut self, request: &Request<'_>, words: &Words) -> Result<(), ProjectionError> {
        if words.full.is_empty() {
            return Ok(());
        }
        let mut positions = request.named(name_key(NameKind::Full, &words.full), CANDIDATES_MAX)?;
        if !words.core.is_empty() {
            positions.extend(request.named(name_key(NameKind::Core, &words.core), CANDIDATES_MAX)?);
        }
        let mut candidates = Candidates { positions, truncated: false };
        candidates.with_all(request, &words.tokens)?;
        if let Some(prefix) = &words.prefix {
            candidates.with_beginning(request, &words.tokens, prefix)?;
        }
        self.truncated |= candidates.truncated;
        for position in candidates.positions {
            let Some((row, file)) = request.candidate(position)? else { continue };
            if !self.seen.insert(row.position) {
                continue;
            }
            if let Some((rank, extra, why)) = compare(words, &row, &file) {
                self.put(rank, extra, &file, why);
            }
        }
        Ok(())
    }

    fn put(&mut self, rank: u8, extra: usize, file: &OrganisationFile, why: Why) {
        let in_effect = RecordType::ALL.map(|record_type| file.in_effect(record_type));
        let hit = Hit {
            id: file.id,
            name: file.name.clone(),
            identifiers: file.identifiers.iter().map(|shown| shown.claim.clone()).collect(),
            why,
            country: file.country,
            place: file.place.clone(),
            in_effect: in_effect.iter().sum(),
        };
        self.ranked.push(((rank, extra, names::fold(&file.name.text), file.id.bytes()), hit));
    }
}

/// How one of the file's names, as decoded, fits the query; the best of them.
fn compare(
    words: &Words,
    row: &OrganisationRow,
    file: &OrganisationFile,
) -> Option<(u8, usize, Why)> {
    let names = std::iter::once(&file.name).chain(file.other_names.iter().map(|claim| &claim.name));
    names
        .filter_map(|name| {
            if names::fold(&name.text) == words.full {
                return Some((1, 0, Why { key: "full_name", words: vec![name.text.clone()] }));
            }
            if row.is_single_owner {
                return None;
            }
            if !words.core.is_empty() && names::without_legal_form(&name.text) == words.core {
                let why = Why { key: "name_without_legal_form", words: vec![name.text.clone()] };
                return Some((2, 0, why));
            }
            compare_words(words, &name.text)
        })
        .min_by_key(|(rank, extra, _)| (*rank, *extra))
}

fn compare_words(words: &Words, name: &str) -> Option<(u8, usize, Why)> {
    let tokens: BTreeSet<String> = names::tokens(name).into_iter().collect();
    let extra = tokens.len().saturating_sub(words.tokens.len());
    let is_missing = |token: &&String| !tokens.contains(*token);
    let missing: Vec<&String> = words.tokens.iter().filter(is_missing).collect();
    match (missing.as_slice(), &words.prefix) {
        ([], _) if !words.tokens.is_empty() => {
            Some((3, extra, Why { key: "all_words", words: words.tokens.clone() }))
        }
        ([last], Some(prefix)) if *last == prefix => {
            let begun = tokens.iter().find(|token| token.starts_with(prefix.as_str()))?;
            let mut matched: Vec<String> =
                words.tokens.iter().filter(|token| *token != prefix).cloned().collect();
            matched.push(begun.clone());
            Some((4, extra, Why { key: "beginning_of_word", words: matched }))
        }
        _ => None,
    }
}

/// Organisations the index of words leads to.
struct Candidates {
    positions: Vec<u64>,
    truncated: bool,
}

impl Candidates {
    fn is_full(&self) -> bool {
        self.positions.len() >= CANDIDATES_MAX
    }

    /// Adds organisations with every one of `tokens` among their words.
    fn with_all(
        &mut self,
        request: &Request<'_>,
        tokens: &[String],
    ) -> Result<(), ProjectionError> {
        let mut counted = Vec::with_capacity(tokens.len());
        for token in tokens {
            counted.push((request.count(token)?, token));
        }
        // The rarest word first: the others only have to be looked up.
        counted.sort();
        let Some(((rarest_count, rarest), others)) = counted.split_first() else { return Ok(()) };
        self.truncated |= *rarest_count > POSTINGS_MAX;
        'organisations: for organisation in request.postings(rarest)? {
            if self.is_full() {
                self.truncated = true;
                break;
            }
            for (_, token) in others {
                if !request.has_token(token, organisation)? {
                    continue 'organisations;
                }
            }
            self.positions.push(organisation);
        }
        Ok(())
    }

    /// The same with the last word only begun.
    fn with_beginning(
        &mut self,
        request: &Request<'_>,
        tokens: &[String],
        prefix: &str,
    ) -> Result<(), ProjectionError> {
        let mut last = prefix.to_owned();
        for _ in 0..EXPANSIONS_MAX {
            let next = request.next_token(&last)?.filter(|next| next.starts_with(prefix));
            let Some(next) = next else { return Ok(()) };
            let begun: Vec<String> = tokens
                .iter()
                .map(|token| if token == prefix { next.clone() } else { token.clone() })
                .collect();
            self.with_all(request, &begun)?;
            if self.is_full() {
                return Ok(());
            }
            last = next;
        }
        self.truncated = true;
        Ok(())
    }
}

impl Request<'_> {
    /// The organisation registered at `position`, or the one it is an alias of, if it answers.
    fn candidate(
        &self,
        position: u64,
    ) -> Result<Option<(OrganisationRow, OrganisationFile)>, ProjectionError> {
        // Word and name tables are not keyed: what they lead to may be nothing.
        let Some(row) = self.base.organisation_at(position)? else { return Ok(None) };
        if !self.is_supported(&row)? {
            return Ok(None);
        }
        let shown = self.shown_as_one(&row, &self.view())?;
        Ok(shown.assembled.file.map(|file| (shown.kept.unwrap_or(row), file)))
    }

    fn count(&self, token: &str) -> Result<usize, ProjectionError> {
        let mut statement = self
            .base
            .statement("SELECT count(*) FROM (SELECT 1 FROM token WHERE token = ?1 LIMIT ?2)")?;
        let limit = POSTINGS_MAX as i64 + 1;
        Ok(statement.query_row(params![token, limit], |row| row.get::<_, i64>(0))? as usize)
    }

    fn postings(&self, token: &str) -> Result<Vec<u64>, ProjectionError> {
        let mut statement = self.base.statement(
            "SELECT organisation FROM token WHERE token = ?1 ORDER BY organisation LIMIT ?2",
        )?;
        let rows =
            statement.query_map(params![token, POSTINGS_MAX as i64], |row| row.get::<_, i64>(0))?;
        Ok(rows.map(|row| row.map(|position| position as u64)).collect::<Result<_, _>>()?)
    }

    fn has_token(&self, token: &str, organisation: u64) -> Result<bool, ProjectionError> {
        let mut statement =
            self.base.statement("SELECT 1 FROM token WHERE token = ?1 AND organisation = ?2")?;
        Ok(statement.exists(params![token, organisation as i64])?)
    }

    /// The word after `token` in the order of the index.
    fn next_token(&self, token: &str) -> Result<Option<String>, ProjectionError> {
        let mut statement = self
            .base
            .statement("SELECT token FROM token WHERE token > ?1 ORDER BY token LIMIT 1")?;
        Ok(statement.query_row([token], |row| row.get(0)).optional()?)
    }
}
