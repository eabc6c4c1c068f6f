//! Recognition: on which conditions a decision of one body counts for others (domain.md 4.2). Data
//! of an agreement; a decision that was itself recognised is never recognised again.

use domain::authority::AuthorityKey;
use domain::case::CatalogueKey;
use domain::civil::Day;
use domain::limits::Ground;
use domain::refusal::Refusal;
use domain::text::Texts;

use crate::citation::Citation;
use crate::procedure::LegalPeriod;
use crate::strict::{Problems, Table};

/// The conditions of one agreement.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognition {
    /// `pack.name`.
    pub id: CatalogueKey,
    /// What it is called, by language.
    pub title: Texts,
    /// The pack it is from.
    pub pack: String,
    /// Bodies whose decisions count, as far as the pack knows them as authorities.
    pub parties: Vec<AuthorityKey>,
    /// The decision rests on at least one of these.
    pub grounds: Vec<Ground>,
    /// Only decisions made on this day or later count: the agreement is not older.
    pub decided_from: Option<Day>,
    /// The term first set is longer than this.
    pub longer_than: Option<LegalPeriod>,
    /// The decision was made at most this long after the conduct.
    pub decided_within: Option<LegalPeriod>,
    /// Whether only public decisions count.
    pub must_be_public: bool,
    /// Whether a decision that rests on another body's decision does not count.
    pub must_be_original: bool,
    /// On what a party may leave a decision aside, by language.
    pub opt_out: Option<Texts>,
    /// The agreement.
    pub basis: Vec<Citation>,
    /// Whether the pack describes an invented jurisdiction.
    pub fictional: bool,
}

/// A rule as read, with places.
pub(crate) struct RecognitionRead {
    pub(crate) recognition: Recognition,
    pub(crate) id_at: usize,
    pub(crate) parties_at: usize,
    pub(crate) basis_at: usize,
}

/// Reads `recognition.toml`.
pub(crate) fn read(
    root: &Table<'_>,
    pack: &str,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<RecognitionRead> {
    root.only(&["recognition", "basis", "longer_than", "decided_within"], problems);
    let basis = Citation::read_all(root, "basis", is_fictional, problems);
    let longer_than = LegalPeriod::read(root, "longer_than", is_fictional, problems);
    let decided_within = LegalPeriod::read(root, "decided_within", is_fictional, problems);
    if !root.has("recognition") {
        root.missing("recognition", Refusal::PackKeyMissing, problems);
    }
    let table = root.table("recognition", problems)?;
    let known = [
        "id",
        "title",
        "parties",
        "grounds",
        "decided_from",
        "must_be_public",
        "must_be_original",
        "opt_out",
    ];
    table.only(&known, problems);
    let unreadable = Refusal::PackUnreadable;
    let plain = "expected: lower-case letters, digits, `-`, `_`, `.`";
    let id = table.parsed("id", unreadable, plain, problems, CatalogueKey::new);
    let title = table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems);
    for key in ["parties", "grounds", "must_be_public", "must_be_original"] {
        if !table.has(key) {
            table.missing(key, Refusal::PackKeyMissing, problems);
        }
    }
    let parties = table.closed("parties", unreadable, problems, AuthorityKey::new);
    let grounds = table.closed("grounds", Refusal::GroundUnknown, problems, Ground::from_key);
    let decided_from = table.day_if_any("decided_from", problems);
    let must_be_public = table.flag("must_be_public", problems);
    let must_be_original = table.flag("must_be_original", problems);
    let opt_out = table
        .has("opt_out")
        .then(|| table.texts("opt_out", &["en", "zh"], Refusal::PackKeyMissing, problems))
        .flatten();
    let id = id?;
    Some(RecognitionRead {
        id_at: id.at,
        parties_at: table.place_of("parties"),
        basis_at: root.place_of("basis"),
        recognition: Recognition {
            id: id.value,
            title: title?,
            pack: pack.to_owned(),
            parties: parties?,
            grounds: grounds?,
            decided_from,
            longer_than,
            decided_within,
            must_be_public,
            must_be_original,
            opt_out,
            basis,
            fictional: is_fictional,
        },
    })
}
