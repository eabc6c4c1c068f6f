//! The law of an invented jurisdiction: catalogue, periods, calendar. Typed, not read from a pack.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::case::{
    AccountHandle, Actor, Attestation, Attested, CatalogueKey, ConditionKey, Conduct,
    DecisionDocument, MeasureId, Mode, Procedure, Severity, Territory,
};
use domain::civil::{Day, End, Instant, Zone};
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::limits::{Act, Ground};
use domain::organisation::OrganisationKind;
use domain::record::{AdminPenalty, AdminPermit, Body, RecordType};
use domain::text::Texts;
use goodstanding_due_process::case::{Submission, SubmissionFacts};
use policy::Citation;
use policy::calendar::Calendar;
use policy::catalogue::{
    CatalogueEntry, Condition, InterimRule, Mandate, Needs, RepairRule, TermRule, TermStart,
};
use policy::procedure::{LegalPeriod, PeriodKey, ProcedureRules, Unit};

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn micros(at: Instant, by: i64) -> Instant {
    Instant::from_micros(at.micros().saturating_add(by))
}

pub fn texts(text: &str) -> Texts {
    Texts::from_pairs([("en", text), ("zh", text)])
}

pub fn citation() -> Citation {
    Citation {
        instrument: texts("Fictional Act on Proceedings"),
        article: "1".into(),
        level: None,
        url: "https://example.org/act".into(),
        seen_on: day("2026-01-05"),
    }
}

pub fn period(value: u16, unit: Unit) -> LegalPeriod {
    LegalPeriod {
        value,
        unit,
        first_day_counts: false,
        ends_on_working_day: false,
        citation: citation(),
    }
}

pub fn officer(number: u8) -> Actor {
    Actor::Authority(AccountHandle::new(&format!("officer-{number}")).unwrap())
}

/// `decider(9)` is who submits: an account that could decide, were it not the officer.
pub fn decider(number: u8) -> Actor {
    Actor::Authority(AccountHandle::new(&format!("decider-{number}")).unwrap())
}

pub fn reviewer(number: u8) -> Actor {
    Actor::Reviewer(ReviewerHandle::new(&format!("reviewer-{number}")).unwrap())
}

pub fn record(number: u8) -> RecordId {
    RecordId::mint(Instant::from_micros(1_770_000_000_000_000), [number; 10])
}

pub fn organisation(number: u8) -> OrganisationId {
    OrganisationId::mint(Instant::from_micros(1_770_000_000_000_000), [number; 10])
}

pub fn measure(name: &str) -> MeasureId {
    MeasureId::new(name).unwrap()
}

pub fn condition(name: &str) -> ConditionKey {
    ConditionKey::new(name).unwrap()
}

/// Everything a pack would say.
pub struct Law {
    pub rules: ProcedureRules,
    pub penalty: CatalogueEntry,
    pub permit: CatalogueEntry,
    pub mandates: Vec<Mandate>,
    pub territory: Territory,
}

pub const PENALTY: &str = "zz.penalty";
pub const PERMIT: &str = "zz.permit";

impl Default for Law {
    fn default() -> Law {
        Law::new()
    }
}

impl Law {
    pub fn new() -> Law {
        let key = |text| CatalogueKey::new(text).unwrap();
        Law {
            rules: rules(),
            penalty: penalty(),
            permit: permit(),
            mandates: vec![Mandate {
                authority: authority(),
                entries: vec![key(PENALTY), key(PERMIT)],
                territory: Territory::new("zz").unwrap(),
                basis: citation(),
                from: day("2020-01-01"),
                until: Some(day("2050-12-31")),
            }],
            territory: Territory::new("zz-lantern").unwrap(),
        }
    }

    pub fn entry(&self, key: &CatalogueKey) -> &CatalogueEntry {
        if key.as_str() == PERMIT { &self.permit } else { &self.penalty }
    }

    pub fn zone(&self) -> &Zone {
        self.rules.zone()
    }

    pub fn today(&self, now: Instant) -> Day {
        now.day_in(self.zone())
    }

    /// The last day of a period.
    pub fn last_day(&self, key: PeriodKey, from: Day) -> Day {
        self.rules.period(key).unwrap().last_day(from, &self.rules.calendar).unwrap()
    }

    /// The latest end that the law allows for a term.
    pub fn latest_end(
        &self,
        entry: &CatalogueEntry,
        severity: Option<Severity>,
        start: Day,
        conduct_to: Option<Day>,
    ) -> Day {
        let max = entry.term(severity).unwrap().max.as_ref().unwrap();
        let latest = max.last_day(start, &self.rules.calendar).unwrap();
        match (&entry.ceiling, conduct_to) {
            (Some(ceiling), Some(to)) => {
                latest.min(ceiling.last_day(to, &self.rules.calendar).unwrap())
            }
            _ => latest,
        }
    }

    /// What the registry knows of an ordinary submission.
    pub fn facts(&self, severity: Option<Severity>) -> SubmissionFacts<'_> {
        SubmissionFacts {
            above_rate: false,
            kind: OrganisationKind::Enterprise,
            is_identified: true,
            mandates: &self.mandates,
            territory: &self.territory,
            severity,
            document_repeated: false,
            predecessor: None,
            resubmission_of: None,
            in_use_from: Instant::from_micros(0),
            pack_hash: "00",
        }
    }

    /// A penalty that the authority intends: hosted, not yet decided.
    pub fn hosted(&self, number: u8) -> Submission {
        Submission {
            record: record(number),
            organisation: organisation(1),
            authority: authority(),
            mode: Mode::Hosted,
            name_as_written: "Moonwharf Lantern Works Ltd".into(),
            grounds: vec![Ground::Environment],
            severity: None,
            procedure: Procedure::Ordinary,
            case_number: "C-1".into(),
            decision: None,
            conduct: Some(Conduct { from: day("2025-11-03"), to: day("2025-12-01") }),
            start: None,
            end: None,
            under_review: false,
            attestations: Vec::new(),
            predecessor: None,
            resubmission_of: None,
            body: Body::AdminPenalty(AdminPenalty {
                sanction: Some("Fine".into()),
                ..Default::default()
            }),
        }
    }

    /// A penalty decided on `today`, with its six attestations.
    pub fn imported(&self, number: u8, today: Day) -> Submission {
        Submission {
            mode: Mode::ImportedFinal,
            decision: Some(DecisionDocument {
                number: format!("D-{number}"),
                date: today,
                served_on: today,
            }),
            end: Some(End::On(today.plus_months(4))),
            attestations: attestations(),
            ..self.hosted(number)
        }
    }

    /// A permit: neutral.
    pub fn permitted(&self, number: u8, today: Day) -> Submission {
        Submission {
            mode: Mode::ImportedFinal,
            grounds: Vec::new(),
            conduct: None,
            end: Some(End::On(today.plus_months(5))),
            body: Body::AdminPermit(AdminPermit {
                category: Some("Discharge".into()),
                ..Default::default()
            }),
            ..self.hosted(number)
        }
    }
}

pub fn authority() -> AuthorityKey {
    AuthorityKey::new("zz.lantern-office").unwrap()
}

pub fn attestations() -> Vec<Attested> {
    Attestation::ALL
        .iter()
        .map(|attestation| Attested { attestation: *attestation, reference: "seen".into() })
        .collect()
}

fn rules() -> ProcedureRules {
    use PeriodKey::*;
    use Unit::{CalendarDays, Months, WorkingDays, Years};
    let periods = [
        (PublishMax, 7, WorkingDays),
        (NoticeMax, 5, WorkingDays),
        (Precheck, 3, WorkingDays),
        (Represent, 10, WorkingDays),
        (HearingRequest, 5, WorkingDays),
        (HearingNotice, 7, WorkingDays),
        (HearingMax, 30, WorkingDays),
        (DecideMax, 30, WorkingDays),
        (Standstill, 8, WorkingDays),
        (FlagAnswer, 2, WorkingDays),
        (ObjectionMark, 1, WorkingDays),
        (ObjectionForward, 2, WorkingDays),
        (ObjectionDecide, 5, WorkingDays),
        (ObjectionExtend, 3, WorkingDays),
        (Appeal, 15, WorkingDays),
        (AppealDecide, 15, WorkingDays),
        (RevokeMax, 3, WorkingDays),
        (RepairDecide, 3, WorkingDays),
        (RepairExtend, 3, WorkingDays),
        (RepairReview, 5, WorkingDays),
        (InterimMax, 12, Months),
        (InterimOppose, 30, CalendarDays),
        (CeasedKeep, 20, CalendarDays),
        (RetainArchive, 2, Years),
        (TombstoneKeep, 90, CalendarDays),
        (RecipientsWindow, 6, Months),
        (MeasureNotice, 30, CalendarDays),
        (AdoptionNotice, 30, CalendarDays),
        (PeerStale, 3, CalendarDays),
    ];
    let holidays = ["2026-04-06", "2026-05-01", "2026-10-01", "2026-10-02"];
    ProcedureRules {
        rate: None,
        pack: "zz".into(),
        periods: periods.into_iter().map(|(key, value, unit)| (key, period(value, unit))).collect(),
        calendar: Calendar {
            id: "zz.lantern".into(),
            zone: "Asia/Shanghai".parse().unwrap(),
            from: day("2020-01-01"),
            until: day("2060-12-31"),
            holidays: holidays.into_iter().map(day).collect(),
            make_up_days: [day("2026-10-10")].into(),
            basis: vec![citation()],
        },
    }
}

fn rule(names: &[&str]) -> RepairRule {
    let conditions = names
        .iter()
        .map(|name| Condition { key: condition(name), text: texts(name), basis: citation() })
        .collect();
    RepairRule { needs: Needs::All, conditions, steps: texts("Apply at the office.") }
}

fn penalty() -> CatalogueEntry {
    let term = |min: Option<u16>, max: u16, published: bool| TermRule {
        min: min.map(|months| period(months, Unit::Months)),
        max: Some(period(max, Unit::Months)),
        published,
        publication: None,
    };
    CatalogueEntry {
        id: CatalogueKey::new(PENALTY).unwrap(),
        title: texts("Environmental penalty"),
        pack: "zz".into(),
        record_type: RecordType::AdminPenalty,
        subjects: vec![
            OrganisationKind::Enterprise,
            OrganisationKind::PublicBody,
            OrganisationKind::Union,
        ],
        grounds: vec![Ground::Environment, Ground::Safety],
        act: Act::Administrative,
        basis: vec![citation()],
        in_force_from: day("2024-01-01"),
        text_of: None,
        in_force_until: Some(day("2045-12-31")),
        remedy: None,
        severity_rules: Vec::new(),
        severity_default: Some(Severity::General),
        terms: BTreeMap::from([
            (Some(Severity::Minor), term(None, 3, false)),
            (Some(Severity::General), term(Some(3), 12, true)),
            (Some(Severity::Serious), term(Some(12), 36, true)),
        ]),
        term_start: TermStart::Decision,
        ceiling: Some(period(5, Unit::Years)),
        on: None,
        indefinite: None,
        hearing: vec![Severity::General, Severity::Serious],
        repair: Some(rule(&["commitment-signed", "duty-performed"])),
        release: Some(rule(&["programme-audited"])),
        interim: Some(InterimRule { basis: citation(), max: period(6, Unit::Months), only: false }),
        extension: Some(citation()),
        fictional: true,
    }
}

fn permit() -> CatalogueEntry {
    CatalogueEntry {
        id: CatalogueKey::new(PERMIT).unwrap(),
        title: texts("Discharge permit"),
        record_type: RecordType::AdminPermit,
        grounds: Vec::new(),
        severity_default: None,
        terms: BTreeMap::from([(
            None,
            TermRule { min: None, max: None, published: true, publication: None },
        )]),
        hearing: Vec::new(),
        repair: None,
        release: None,
        interim: None,
        extension: None,
        ceiling: None,
        ..penalty()
    }
}
