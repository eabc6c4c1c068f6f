//! Steps of every kind from a number, for tests and vectors.

use crate::SeededEntropy;
use crate::entropy::Entropy as _;
use domain::authority::AuthorityKey;
use domain::case::*;
use domain::civil::{Day, End, Instant};
use domain::event::{Event, EventBody};
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::limits::{Act, Ground};
use domain::organisation::OrganisationKind;
use domain::record::{Body, RecordType};

/// Stands in every text, so that a test can see where texts went.
pub const MARK: &str = "\u{b6}";

/// Decides what an example looks like.
pub struct Dice(SeededEntropy);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(SeededEntropy::new(seed))
    }

    fn number(&mut self, below: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes) % below
    }

    fn coin(&mut self) -> bool {
        self.number(2) == 0
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.number(of.len() as u64) as usize]
    }

    fn maybe<T>(&mut self, make: impl Fn(&mut Dice) -> T) -> Option<T> {
        self.coin().then(|| make(self))
    }

    fn some<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        of.iter().copied().filter(|_| self.coin()).collect()
    }

    fn text(&mut self) -> String {
        let parts = [
            "a",
            "B 7",
            "\u{e9}",
            "\u{4e2d}\u{6587}",
            "\"",
            "\\",
            "\n",
            "\t",
            "\u{1}",
            "\u{1f600}",
            "/",
            "<b>",
        ];
        let length = self.number(9);
        (0..length).fold(MARK.to_owned(), |text, _| text + self.one(&parts))
    }

    fn at(&mut self) -> Instant {
        Instant::from_micros(self.number(4_000_000_000_000_000) as i64)
    }

    fn day(&mut self) -> Day {
        let (year, month, day) =
            (1950 + self.number(150), 1 + self.number(12), 1 + self.number(28));
        format!("{year}-{month:02}-{day:02}").parse().unwrap()
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    fn organisation(&mut self) -> OrganisationId {
        OrganisationId::mint(self.at(), self.bytes())
    }

    fn record(&mut self) -> RecordId {
        RecordId::mint(self.at(), self.bytes())
    }

    fn conditions(&mut self) -> Vec<ConditionKey> {
        let keys = self.some(&["duty-performed", "six-months", "training"]);
        keys.into_iter().map(|key| ConditionKey::new(key).unwrap()).collect()
    }

    fn measures(&mut self) -> Vec<MeasureId> {
        let keys = self.some(&["cn.bid.limit", "us.far.exclusion", "zz.other"]);
        keys.into_iter().map(|key| MeasureId::new(key).unwrap()).collect()
    }

    fn end(&mut self) -> End {
        if self.coin() { End::On(self.day()) } else { End::Indefinite { basis: "Art. 7".into() } }
    }

    fn document(&mut self) -> DecisionDocument {
        DecisionDocument { number: self.text(), date: self.day(), served_on: self.day() }
    }

    fn severity(&mut self) -> Option<Severity> {
        self.maybe(|dice| dice.one(Severity::ALL))
    }

    fn body(&mut self) -> Body {
        let record_type = self.one(&RecordType::ALL);
        let keys = self.some(Body::field_keys(record_type));
        let fields = keys.into_iter().map(|key| {
            let text = match key {
                "fine" | "outstanding" => {
                    format!("{}.{:02} BRL", self.number(1_000_000), self.number(100))
                }
                "attestation" => self.one(Attestation::ALL).key().to_owned(),
                _ if key.ends_with("_on") => self.day().to_string(),
                _ => self.text(),
            };
            (key.to_owned(), text)
        });
        Body::from_fields(record_type, fields.collect::<Vec<_>>()).unwrap()
    }

    fn revision(&mut self) -> Revision {
        let attestations = self.some(Attestation::ALL);
        Revision {
            number: self.number(1 << 32) as u32,
            mode: self.one(Mode::ALL),
            entry: CatalogueKey::new("cn.penalty.environment").unwrap(),
            kind: self.one(&OrganisationKind::ALL),
            name_as_written: self.text(),
            grounds: self.some(&[Ground::Fraud, Ground::Environment, Ground::CourtDefault]),
            act: self.one(&[Act::FinalCourt, Act::Registrar, Act::Administrative]),
            severity: self.severity(),
            procedure: self.one(Procedure::ALL),
            case_number: self.text(),
            decision: self.maybe(Dice::document),
            conduct: self.maybe(|dice| Conduct { from: dice.day(), to: dice.day() }),
            start: self.maybe(Dice::day),
            end: self.maybe(Dice::end),
            end_at: self.maybe(Dice::at),
            zone: self.one(&["Asia/Shanghai", "America/Sao_Paulo", "UTC"]).to_owned(),
            published: self.coin(),
            retention_days: self.number(1 << 16) as u16,
            under_review: self.coin(),
            late: self.coin(),
            attestations: attestations
                .into_iter()
                .map(|attestation| Attested { attestation, reference: self.text() })
                .collect(),
            predecessor: self.maybe(Dice::record),
            resubmission_of: self.maybe(Dice::record),
            pack: self.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect(),
            body: self.body(),
        }
    }

    fn notice(&mut self) -> Notice {
        Notice {
            purpose: self.one(Purpose::ALL),
            items: self.some(NoticeItem::ALL),
            texts: None,
            severity: self.severity(),
            end_max: self.maybe(Dice::day),
            measures: self.measures(),
            successor: self.maybe(Dice::organisation),
            service: self.text(),
            served_on: self.day(),
            represent_until: self.day(),
            hearing_until: self.maybe(Dice::day),
            window_ends_at: self.at(),
            decide_by: self.at(),
            facts: self.text(),
        }
    }

    fn upheld(&mut self) -> Upheld {
        Upheld {
            document: self.document(),
            severity: self.severity(),
            start: self.day(),
            end: self.end(),
            end_at: self.maybe(Dice::at),
            measures: self.measures(),
            points_answered: self.number(1 << 32) as u32,
            answers: Vec::new(),
            published: self.coin(),
            standstill_until: self.at(),
            reasons: self.text(),
        }
    }

    /// The second version of an example that has one.
    pub fn second(&mut self, name: &str) -> Event {
        let mut event = self.event(name);
        let count = 1 + self.number(12) as usize;
        let list: Vec<String> = (0..count).map(|_| self.text()).collect();
        let number = count as u32;
        if let EventBody::Case(case) = &mut event.body {
            match &mut case.step {
                Step::NoticeServed(notice) => {
                    notice.items = Vec::new();
                    notice.texts = Some(NoticeTexts {
                        evidence: self.text(),
                        access: self.text(),
                        office: self.text(),
                    });
                }
                Step::RepresentationMade { points, list: told, .. } => {
                    (*points, *told) = (number, list);
                }
                Step::DecisionUpheld(upheld) => {
                    (upheld.points_answered, upheld.answers) = (number, list);
                }
                Step::Extended { answered, .. } | Step::RepairRevoked { answered, .. } => {
                    // Nothing was raised, or something.
                    let answers = if self.coin() { list } else { Vec::new() };
                    *answered = Some(Box::new(Answered { reasons: self.text(), answers }));
                }
                _ => unreachable!("{name} has one version"),
            }
        }
        event
    }

    /// A step with this name on the wire.
    pub fn step(&mut self, name: &str) -> Step {
        match name {
            "CaseSubmitted" => Step::Submitted(Box::new(self.revision())),
            "CaseValidated" => Step::ValidationPassed { next_by: self.at() },
            "CaseRejected" => Step::ValidationFailed { refusals: self.some(&[7, 715, 65_535]) },
            "CasePublished" => Step::Published,
            "NoticeServed" => Step::NoticeServed(Box::new(self.notice())),
            "PrecheckOpened" => {
                Step::PrecheckOpened { service: self.text(), standstill_until: self.at() }
            }
            "RepresentationMade" => {
                let points = self.number(9) as u32;
                Step::RepresentationMade { points, list: Vec::new(), text: self.text() }
            }
            "HearingRequested" => Step::HearingRequested {
                hearing_on: self.day(),
                close_by: self.at(),
                decide_by: self.at(),
            },
            "WindowWaived" => Step::WindowWaived,
            "WaiverRevoked" => Step::WaiverRevoked,
            "HearingClosed" => Step::HearingClosed { protocol: self.text() },
            "HearingWithdrawn" => Step::HearingWithdrawn,
            "DecisionUpheld" => Step::DecisionUpheld(Box::new(self.upheld())),
            "DecisionNotUpheld" => Step::DecisionNotUpheld { reasons: self.text() },
            "ErrorFlagged" => Step::ErrorFlagged {
                ground: self.one(FlagGround::ALL),
                answer_by: self.at(),
                text: self.text(),
            },
            "FlagCleared" => {
                Step::FlagCleared { reasons: self.text(), standstill_until: self.at() }
            }
            "FlagUpheld" => Step::FlagUpheld,
            "CaseAbandoned" => Step::Abandoned,
            "ObjectionFiled" => Step::ObjectionFiled {
                ground: self.one(ObjectionGround::ALL),
                mark_by: self.at(),
                forward_by: self.at(),
                decide_by: self.at(),
                text: self.text(),
            },
            "ObjectionForwarded" => Step::ObjectionForwarded,
            "ObjectionExtended" => Step::ObjectionExtended { decide_by: self.at() },
            "ObjectionRejected" => {
                Step::ObjectionRejected { appeal_until: self.maybe(Dice::at), reasons: self.text() }
            }
            "ObjectionEscalated" => Step::ObjectionEscalated { decide_by: self.at() },
            _ => self.later_step(name),
        }
    }

    fn later_step(&mut self, name: &str) -> Step {
        match name {
            "RecordCorrected" => {
                Step::Corrected { successor: self.record(), tombstone_until: self.at() }
            }
            "RecordWithdrawn" => Step::Withdrawn {
                reason: self.one(WithdrawalReason::ALL),
                reference: self.text(),
                due_by: self.maybe(Dice::at),
                tombstone_until: self.at(),
            },
            "RecordStayed" => {
                Step::Stayed { reason: self.one(StayReason::ALL), reference: self.text() }
            }
            "StayLifted" => Step::StayLifted {
                reference: self.text(),
                standstill_until: self.maybe(Dice::at),
                end_at: self.maybe(Dice::at),
            },
            "RepairApplied" => Step::RepairApplied {
                conditions: self.conditions(),
                decide_by: self.at(),
                review_by: self.at(),
                text: self.text(),
            },
            "RepairExtended" => Step::RepairExtended { decide_by: self.at(), review_by: self.at() },
            "RepairGranted" => Step::RepairGranted,
            "RepairRefused" => {
                Step::RepairRefused { unmet: self.conditions(), reasons: self.text() }
            }
            "RepairRevoked" => Step::RepairRevoked {
                reference: self.text(),
                end_at: self.maybe(Dice::at),
                answered: None,
            },
            "ReleasedEarly" => Step::ReleasedEarly { conditions: self.conditions() },
            "TermExtended" => Step::Extended {
                end: self.day(),
                end_at: self.at(),
                effective_at: self.at(),
                document: self.document(),
                answered: None,
            },
            "TermShortened" => {
                Step::TermShortened { end: self.day(), end_at: self.at(), pack: "5a".repeat(32) }
            }
            "SubjectCeased" => Step::SubjectCeased { keep_until: self.at() },
            "ImputationReviewed" => Step::ImputationReviewed { successor: self.organisation() },
            "RecordImputed" => {
                Step::Imputed { successor: self.organisation(), reference: self.text() }
            }
            "RecordErased" => Step::Erased,
            "HoldPlaced" => Step::HoldPlaced { reference: self.text() },
            "HoldReleased" => Step::HoldReleased { reference: self.text() },
            "RecordRecognised" => Step::Recognised {
                origin: "registry.example/log".into(),
                position: self.number(1 << 53),
                rule: CatalogueKey::new("zz.recognition").unwrap(),
                fresh_until: self.at(),
            },
            "OriginSeen" => Step::OriginSeen { fresh_until: self.at() },
            "OriginEnded" => Step::OriginEnded,
            "InterimPublished" => Step::InterimPublished {
                need: self.text(),
                service: self.text(),
                oppose_until: self.day(),
                lapses_at: self.at(),
            },
            "StatementAdded" => Step::StatementAdded { text: self.text() },
            "MeasureOverridden" => Step::MeasureOverridden {
                measure: MeasureId::new("us.far.exclusion").unwrap(),
                from: self.day(),
                until: self.day(),
                reasons: self.text(),
            },
            other => unreachable!("no example of {other}"),
        }
    }

    pub fn case(&mut self, name: &str) -> CaseEvent {
        let reviewer = ReviewerHandle::new("reviewer-3").unwrap();
        let actor = match self.number(7) {
            0 => Actor::Authority(AccountHandle::new("officer-7").unwrap()),
            1 => Actor::Subject,
            2 => Actor::ThirdParty,
            3 => Actor::Registry,
            4 => Actor::Reviewer(reviewer),
            5 => Actor::Court,
            _ => Actor::Peer,
        };
        CaseEvent {
            record: self.record(),
            organisation: self.organisation(),
            authority: AuthorityKey::new("zz.office").unwrap(),
            actor,
            step: self.step(name),
        }
    }

    /// A step of this name and everything around it.
    pub fn event(&mut self, name: &str) -> Event {
        Event { at: self.at(), body: EventBody::Case(Box::new(self.case(name))) }
    }
}
