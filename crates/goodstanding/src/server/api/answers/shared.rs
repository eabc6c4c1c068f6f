//! Shapes that occur in several answers.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::identifiers::IdentifierClaim;
use domain::organisation::Name;
use domain::text::Texts;
use policy::{Citation, Packs, Remedy};
use serde::Serialize;
use utoipa::ToSchema;

/// A text by language.
pub type ByLanguage = BTreeMap<String, String>;

/// A pack's text.
pub fn by_language(texts: &Texts) -> ByLanguage {
    texts.0.clone()
}

/// A name as its source writes it.
#[derive(Serialize, ToSchema)]
pub struct NameShape {
    /// As written, never translated.
    text: String,
    /// BCP 47; empty where the source does not tell.
    language: String,
    /// ISO 15924.
    #[schema(example = "Latn")]
    script: String,
    /// `main`, `other` or `former`.
    role: String,
}

impl From<&Name> for NameShape {
    fn from(name: &Name) -> NameShape {
        NameShape {
            text: name.text.clone(),
            language: name.language.clone(),
            script: name.script.clone(),
            role: name.role.key().to_owned(),
        }
    }
}

/// An identifier.
#[derive(Serialize, ToSchema)]
pub struct Identifier {
    /// Scheme by its key.
    #[schema(example = "lei")]
    scheme: String,
    /// Normalised value.
    value: String,
    /// `checked`, `unchecked` (the scheme has no public check digit) or `invalid_but_official`
    /// (kept as published, never used to join).
    status: String,
}

impl From<&IdentifierClaim> for Identifier {
    fn from(claim: &IdentifierClaim) -> Identifier {
        Identifier {
            scheme: claim.scheme().key().to_owned(),
            value: claim.value().to_owned(),
            status: claim.status().key().to_owned(),
        }
    }
}

/// Who publishes.
#[derive(Serialize, ToSchema)]
pub struct Publisher {
    /// Key in the packs.
    key: String,
    /// Official names by language.
    names: ByLanguage,
    /// Official site; null when no pack in force names the publisher.
    url: Option<String>,
}

impl Publisher {
    /// The shape of a publisher.
    pub fn of(packs: &Packs, key: &AuthorityKey) -> Publisher {
        let authority = packs.authority(key);
        Publisher {
            key: key.to_string(),
            names: authority.map(|authority| by_language(&authority.names)).unwrap_or_default(),
            url: authority.map(|authority| authority.url.clone()),
        }
    }
}

/// A citation of the law.
#[derive(Serialize, ToSchema)]
pub struct CitationShape {
    /// The instrument's title by language.
    instrument: ByLanguage,
    /// The article.
    article: String,
    /// Where it can be read.
    url: String,
    /// The day the source was seen.
    seen_on: String,
}

/// The shapes of citations.
pub fn citations(citations: &[Citation]) -> Vec<CitationShape> {
    citations
        .iter()
        .map(|citation| CitationShape {
            instrument: by_language(&citation.instrument),
            article: citation.article.clone(),
            url: citation.url.clone(),
            seen_on: citation.seen_on.to_string(),
        })
        .collect()
}

/// The remedy at the publisher.
#[derive(Serialize, ToSchema)]
pub struct RemedyShape {
    /// What can be done, by language.
    text: ByLanguage,
    /// Where.
    url: String,
    /// On what basis.
    basis: Vec<CitationShape>,
}

/// The shape of the remedy a list or a catalogue entry names.
pub fn remedy(remedy: Option<&Remedy>) -> Option<RemedyShape> {
    let remedy = remedy?;
    Some(RemedyShape {
        text: by_language(&remedy.text),
        url: remedy.url.clone(),
        basis: citations(&remedy.basis),
    })
}
