//! What no pack can widen: the closed vocabulary of grounds, subject kinds and protected kinds, the
//! facts an expression may read, and what a measure can be.
//!
//! Law is data and lives in packs; these limits are code on purpose, so that an operator with a
//! text editor cannot add a speech offence or a person (design promise P6).

use crate::closed::closed;
use crate::identifiers::IdentifierClaim;
use crate::organisation::OrganisationKind;
use crate::record::RecordType;

/// Why an adverse record exists. The list is closed: there is no "other", no speech, no belief,
/// no opinion, and nothing a pack says can add one.
///
/// ```
/// use goodstanding_domain::limits::Ground;
/// assert_eq!(Ground::from_key("fraud"), Some(Ground::Fraud));
/// assert_eq!(Ground::from_key("online_speech"), None);
/// assert_eq!(Ground::from_key("other"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// Deceiving to gain an advantage.
    Fraud,
    /// Giving or taking an improper advantage.
    Corruption,
    /// Arrangements between parties to distort a process.
    Collusion,
    /// Harming or threatening to influence a party.
    Coercion,
    /// Destroying evidence or impeding an inquiry.
    Obstruction,
    /// Tax and customs duties.
    Tax,
    /// Wages, working time, safety of work contracts, forced labour.
    Labour,
    /// Emissions, discharges, waste, permits to pollute.
    Environment,
    /// Safety of work, sites, transport.
    Safety,
    /// Quality and safety of goods.
    Product,
    /// Cartels, abuse of dominance, unfair competition.
    Competition,
    /// Breach of a contract with a public buyer.
    Contract,
    /// Acting without, or against, a licence.
    Licence,
    /// Failing a duty to file or publish.
    Disclosure,
    /// Breach of procurement or grant rules not named above.
    Procurement,
    /// Failing to perform a judgment although able to.
    CourtDefault,
}

impl Ground {
    /// Every ground, in statutory order.
    pub const ALL: [Ground; 16] = [
        Ground::Fraud,
        Ground::Corruption,
        Ground::Collusion,
        Ground::Coercion,
        Ground::Obstruction,
        Ground::Tax,
        Ground::Labour,
        Ground::Environment,
        Ground::Safety,
        Ground::Product,
        Ground::Competition,
        Ground::Contract,
        Ground::Licence,
        Ground::Disclosure,
        Ground::Procurement,
        Ground::CourtDefault,
    ];

    /// The key used in packs, on the wire and in message files.
    pub const fn key(self) -> &'static str {
        match self {
            Ground::Fraud => "fraud",
            Ground::Corruption => "corruption",
            Ground::Collusion => "collusion",
            Ground::Coercion => "coercion",
            Ground::Obstruction => "obstruction",
            Ground::Tax => "tax",
            Ground::Labour => "labour",
            Ground::Environment => "environment",
            Ground::Safety => "safety",
            Ground::Product => "product",
            Ground::Competition => "competition",
            Ground::Contract => "contract",
            Ground::Licence => "licence",
            Ground::Disclosure => "disclosure",
            Ground::Procurement => "procurement",
            Ground::CourtDefault => "court_default",
        }
    }

    /// The ground with this key; `None` for anything outside the closed list.
    pub fn from_key(key: &str) -> Option<Ground> {
        Ground::ALL.into_iter().find(|ground| ground.key() == key)
    }
}

/// Who made the decision a record rests on, as the pack's list entry states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// A court decision that is final.
    FinalCourt,
    /// A formal act of the register that admits the organisation (charity register, party
    /// register).
    Registrar,
    /// A decision of an administrative body, a bank or a buyer.
    Administrative,
}

impl Act {
    /// Every act.
    pub const ALL: [Act; 3] = [Act::FinalCourt, Act::Registrar, Act::Administrative];

    /// The key used in packs and on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            Act::FinalCourt => "final_court",
            Act::Registrar => "registrar",
            Act::Administrative => "administrative",
        }
    }

    /// The act with this key.
    pub fn from_key(key: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.key() == key)
    }
}

/// Kinds about which adverse records need a final court decision or their registrar's formal act:
/// associations, unions, media, political parties and faith bodies (promise P6).
pub const fn is_protected(kind: OrganisationKind) -> bool {
    matches!(
        kind,
        OrganisationKind::Association
            | OrganisationKind::Union
            | OrganisationKind::Media
            | OrganisationKind::Party
            | OrganisationKind::FaithBody
    )
}

/// Whether an adverse record that rests on `act` may exist about an organisation of `kind`.
///
/// ```
/// use goodstanding_domain::limits::{Act, may_be_adverse};
/// use goodstanding_domain::organisation::OrganisationKind;
/// assert!(may_be_adverse(OrganisationKind::Enterprise, Act::Administrative));
/// assert!(!may_be_adverse(OrganisationKind::Union, Act::Administrative));
/// assert!(may_be_adverse(OrganisationKind::Union, Act::FinalCourt));
/// ```
pub const fn may_be_adverse(kind: OrganisationKind, act: Act) -> bool {
    !is_protected(kind) || matches!(act, Act::FinalCourt | Act::Registrar)
}

/// First characters of a USCC by which its issuer says what the bearer is: social organisations
/// (51), places, schools and groups of religion (7), unions (8).
const PROTECTED_USCC: [&str; 3] = ["51", "7", "8"];

/// Whether an identifier says of its bearer that it is of a protected kind, whatever a submission
/// calls it.
///
/// ```
/// use goodstanding_domain::identifiers::{claim, scheme::Scheme};
/// use goodstanding_domain::limits::is_protected_identifier;
/// let uscc = |value| claim(&Scheme::new("cn-uscc").unwrap(), value).unwrap();
/// assert!(is_protected_identifier(&uscc("81990000TE5T00286J")));
/// assert!(!is_protected_identifier(&uscc("91990000TE5T00016Y")));
/// ```
pub fn is_protected_identifier(claim: &IdentifierClaim) -> bool {
    claim.scheme().key() == "cn-uscc"
        && PROTECTED_USCC.iter().any(|begin| claim.value().starts_with(begin))
}

/// Words by which organisations of a protected kind call themselves, folded. A firm may use one as
/// well; then a register knows that it is a firm.
const PROTECTED_WORDS: [&str; 42] = [
    "union",
    "unions",
    "syndicat",
    "sindicato",
    "gewerkschaft",
    "association",
    "associacao",
    "asociacion",
    "verein",
    "society",
    "guild",
    "federation",
    "church",
    "parish",
    "diocese",
    "mosque",
    "temple",
    "synagogue",
    "monastery",
    "igreja",
    "iglesia",
    "kirche",
    "eglise",
    "newspaper",
    "gazette",
    "tribune",
    "herald",
    "courier",
    "chronicle",
    "magazine",
    "broadcasting",
    "radio",
    "television",
    "periodico",
    "jornal",
    "zeitung",
    "journal",
    "party",
    "partido",
    "partei",
    "parti",
    "movement",
];
/// The same in scripts without spaces, found anywhere in a name.
const PROTECTED_SYLLABLES: [&str; 20] = [
    "工会",
    "協會",
    "协会",
    "学会",
    "商会",
    "联合会",
    "研究会",
    "基督",
    "教会",
    "教堂",
    "清真寺",
    "寺院",
    "道观",
    "报社",
    "日报",
    "晚报",
    "周报",
    "杂志社",
    "电视台",
    "电台",
];

/// Whether `name` is what an association, union, medium, party or faith body would be called.
///
/// ```
/// use goodstanding_domain::limits::sounds_protected;
/// assert!(sounds_protected("Dockers' Union of Fogmouth"));
/// assert!(sounds_protected("灯城晚报有限公司"));
/// assert!(!sounds_protected("Moonwharf Lantern Works Ltd"));
/// ```
pub fn sounds_protected(name: &str) -> bool {
    let folded = crate::names::fold(name);
    folded.split(|c: char| !c.is_alphanumeric()).any(|word| PROTECTED_WORDS.contains(&word))
        || PROTECTED_SYLLABLES.iter().any(|syllables| name.contains(syllables))
}

/// Whether a record of this type may be about an organisation of `kind`, whatever a pack says: only
/// a public body attests, so nobody else can have attested falsely.
pub const fn may_be_about(record_type: RecordType, kind: OrganisationKind) -> bool {
    match record_type {
        RecordType::SubmitterBreach => {
            matches!(kind, OrganisationKind::PublicBody | OrganisationKind::PublicInstitution)
        }
        _ => true,
    }
}

closed! {
    /// What an expression of a pack may read. There is no name, nationality, language, owner or
    /// place of a subject among it, so that no rule can depend on one.
    Fact {
        /// The type of record.
        RecordType = "record_type",
        /// Its grounds.
        Grounds = "grounds",
        /// How grave it is.
        Severity = "severity",
        /// The day of the decision.
        DecisionDate = "decision_date",
        /// The first day of the conduct.
        ConductFrom = "conduct_from",
        /// The last day of the conduct.
        ConductTo = "conduct_to",
        /// Amounts by currency, such as `amounts.CNY`.
        Amounts = "amounts",
        /// By which procedure it was decided.
        Procedure = "procedure",
        /// Who decided.
        Act = "act",
        /// The kind of organisation.
        Kind = "kind",
        /// The territory of the authority that decided.
        Territory = "territory",
        /// In which function the addressee asks.
        Addressee = "addressee",
    }
}

closed! {
    /// What kind of consequence it is.
    MeasureKind {
        /// A door closes or narrows.
        Restriction = "restriction",
        /// More or fewer inspections.
        Supervision = "supervision",
        /// A benefit for good conduct.
        Incentive = "incentive",
        /// Something to be taken note of.
        Information = "information",
    }
}

closed! {
    /// The families there can be. Travel, consumption, schooling, exit, post-holding and credit are
    /// not among them, and no pack can add one.
    MeasureFamily {
        /// Taking part in public procurement.
        PublicProcurement = "public_procurement",
        /// Grants, subsidies, public funds.
        PublicFunding = "public_funding",
        /// Licences, permits, qualifications.
        Licensing = "licensing",
        /// Frequency and depth of inspection.
        Inspection = "inspection",
        /// Simplified or guaranteed procedures.
        Procedure = "procedure",
        /// Public awards.
        Award = "award",
        /// Lending and contracts of development banks' projects.
        DevelopmentFinance = "development_finance",
    }
}

closed! {
    /// What the addressee does.
    Effect {
        /// Excludes.
        Exclude = "EXCLUDE",
        /// Must consider it and give reasons.
        Review = "REVIEW",
        /// Inspects more.
        InspectMore = "INSPECT_MORE",
        /// Inspects less.
        InspectLess = "INSPECT_LESS",
        /// No licensing on a promise.
        NoCommitLicensing = "NO_COMMIT_LICENSING",
        /// Asks for a guarantee.
        GuaranteeRequired = "GUARANTEE_REQUIRED",
        /// Limits grants.
        GrantLimit = "GRANT_LIMIT",
        /// Gives no award.
        NoAward = "NO_AWARD",
        /// Handles first.
        FastTrack = "FAST_TRACK",
        /// Asks for fewer documents.
        SimplifiedDocuments = "SIMPLIFIED_DOCS",
        /// Asks for a lower deposit.
        LowerDeposit = "LOWER_DEPOSIT",
        /// Serves first.
        PriorityService = "PRIORITY_SERVICE",
        /// Takes note.
        ReferenceOnly = "REFERENCE_ONLY",
    }
}

closed! {
    /// Who may be an addressee: public bodies in a function. A bank, an association or a newspaper
    /// cannot be (I-35).
    AddresseeRole {
        /// Buys for the public.
        ProcuringEntity = "procuring_entity",
        /// Gives public money.
        GrantingBody = "granting_body",
        /// Licenses.
        LicensingAuthority = "licensing_authority",
        /// Inspects.
        InspectionAuthority = "inspection_authority",
        /// Gives awards.
        AwardingBody = "awarding_body",
        /// A development bank as financier of public projects.
        DevelopmentBank = "development_bank",
    }
}

/// Largest payload of one event, in bytes: an entry of the log is at most 65,535 bytes (C2SP
/// tlog-tiles), and the payload is held to the same order so that a bundle of 256 stays below 16
/// MiB.
pub const PAYLOAD_BYTES_MAX: usize = 60 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ground_keys_are_unique_and_round_trip() {
        for ground in Ground::ALL {
            assert_eq!(Ground::from_key(ground.key()), Some(ground));
        }
        let mut keys: Vec<_> = Ground::ALL.iter().map(|ground| ground.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Ground::ALL.len());
    }

    #[test]
    fn the_vocabulary_has_no_way_out() {
        for key in ["other", "speech", "belief", "opinion", "family", "social", "morality", ""] {
            assert_eq!(Ground::from_key(key), None, "{key}");
        }
    }

    #[test]
    fn no_measure_reaches_private_life_and_no_addressee_is_private() {
        for key in ["travel", "consumption", "schooling", "exit", "post_holding", "credit"] {
            assert_eq!(MeasureFamily::from_key(key), None, "{key}");
            assert_eq!(Effect::from_key(&key.to_uppercase()), None, "{key}");
        }
        for key in ["bank", "lender", "insurer", "association", "media", "employer", "public"] {
            assert_eq!(AddresseeRole::from_key(key), None, "{key}");
        }
    }

    #[test]
    fn no_expression_reads_who_somebody_is() {
        for key in ["name", "nationality", "language", "owner", "country", "place", "identifier"] {
            assert_eq!(Fact::from_key(key), None, "{key}");
        }
        for fact in Fact::ALL {
            assert_eq!(Fact::from_key(fact.key()), Some(*fact));
        }
    }

    #[test]
    fn only_public_bodies_attest_falsely() {
        for kind in OrganisationKind::ALL {
            let public = matches!(kind.key(), "public_body" | "public_institution");
            assert_eq!(may_be_about(RecordType::SubmitterBreach, kind), public);
            assert!(may_be_about(RecordType::AdminPenalty, kind));
        }
    }

    #[test]
    fn protected_kinds_need_a_court_or_their_registrar() {
        for kind in OrganisationKind::ALL {
            let expected =
                matches!(kind.key(), "association" | "union" | "media" | "party" | "faith_body");
            assert_eq!(is_protected(kind), expected, "{}", kind.key());
            assert_eq!(may_be_adverse(kind, Act::Administrative), !expected);
            assert!(may_be_adverse(kind, Act::FinalCourt));
            assert!(may_be_adverse(kind, Act::Registrar));
        }
    }
}
