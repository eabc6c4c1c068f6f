//! A record: one statement of one publisher about one organisation, with source, basis and end.

use crate::authority::AuthorityKey;
use crate::civil::{Day, Instant, Period};
use crate::ids::{RecordId, RowKey};
use crate::limits::{Act, Ground};
use crate::organisation::Subject;
use crate::text::{EntryId, ListId, ProfileName};

mod body;

pub use body::{
    AdminPenalty, AdminPermit, Body, Commitment, ContractBreach, Honour, JudicialDefault,
    ListAbnormal, ListEntry, Money, ProcurementExclusion, Registration, SubmitterBreach,
    parse_money,
};

/// What a type of record says about its subject. Fixed by the type, never by a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Polarity {
    /// Against the subject: needs ground, basis, remedy and end.
    Adverse,
    /// A fact.
    Neutral,
    /// In favour of the subject.
    Good,
}

impl Polarity {
    /// The key in packs, tables and answers.
    pub const fn key(self) -> &'static str {
        match self {
            Polarity::Adverse => "adverse",
            Polarity::Neutral => "neutral",
            Polarity::Good => "good",
        }
    }
}

macro_rules! types {
    ($($name:ident = $key:literal $polarity:ident,)*) => {
        /// The types of record there are (domain.md 6.3).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RecordType {
            $(#[doc = concat!("`", $key, "`")] $name,)*
        }

        impl RecordType {
            /// Every type, in the fixed order in which a file shows them.
            pub const ALL: [RecordType; [$($key),*].len()] = [$(RecordType::$name,)*];

            /// The catalogue key.
            pub const fn key(self) -> &'static str {
                match self { $(RecordType::$name => $key,)* }
            }

            /// The type with this key.
            pub fn from_key(key: &str) -> Option<RecordType> {
                RecordType::ALL.into_iter().find(|record_type| record_type.key() == key)
            }

            /// What records of this type say about their subject.
            pub const fn polarity(self) -> Polarity {
                match self { $(RecordType::$name => Polarity::$polarity,)* }
            }
        }
    };
}

types! {
    ProcurementExclusion = "procurement.exclusion" Adverse,
    ListEntry = "list.entry" Adverse,
    AdminPenalty = "admin.penalty" Adverse,
    JudicialDefault = "judicial.default" Adverse,
    ListAbnormal = "list.abnormal" Adverse,
    ContractBreach = "contract.breach" Adverse,
    SubmitterBreach = "submitter.breach" Adverse,
    AdminPermit = "admin.permit" Neutral,
    Registration = "registration" Neutral,
    Honour = "honour" Good,
    Commitment = "commitment" Good,
}

/// How a record came to be here. Only quotations exist so far; hosted and imported-final
/// proceedings come with due process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// The publisher quoted.
    pub publisher: AuthorityKey,
    /// The list quoted.
    pub list: ListId,
    /// The entries of the list's definition this row maps to; at least one when adverse (I-63).
    pub entries: Vec<EntryId>,
    /// The profile that read the row.
    pub profile: ProfileName,
    /// The row, by keyed hash.
    pub row_key: RowKey,
    /// Keyed hash of everything kept of the row: equal means unchanged.
    pub row_digest: RowKey,
    /// The day the file was read.
    pub read_on: Day,
    /// Days after `read_on` for which the quotation counts as current; `None` for facts that need
    /// no re-reading (neutral and good types only, design 9.17).
    pub current_days_max: Option<u16>,
    /// Days after `read_on` after which it is hidden (I-66); `None` with `current_days_max`.
    pub hidden_after_days: Option<u16>,
}

/// One revision of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Stays the same through revisions.
    pub id: RecordId,
    /// From 1.
    pub revision: u32,
    /// Whom it is about.
    pub subject: Subject,
    /// Source and freshness.
    pub quotation: Quotation,
    /// Grounds from the closed vocabulary; at least one when adverse (I-63).
    pub grounds: Vec<Ground>,
    /// Who decided, as the pack says.
    pub act: Option<Act>,
    /// First and last day as published.
    pub period: Period,
    /// The instant the last day is over in the publisher's zone, computed once (design 3).
    pub end_at: Option<Instant>,
    /// IANA zone the days are meant in.
    pub zone: String,
    /// Hash of the pack that gave basis, ground and remedy (design 9.5), as 64 hex digits.
    pub pack: String,
    /// The fields of its type.
    pub body: Body,
}

impl Record {
    /// The record's type.
    pub const fn record_type(&self) -> RecordType {
        self.body.record_type()
    }

    /// What it says about its subject.
    pub const fn polarity(&self) -> Polarity {
        self.record_type().polarity()
    }
}
