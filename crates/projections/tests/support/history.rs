//! Random histories of everything that can be said and destroyed: quotations that change and move,
//! cases that move and are corrected, decisions on identity, readings, erasures.

use domain::case::{Actor, Step};
use domain::event::{
    ErasureUnit, EventBody, Extent, IdentifierClaimed, NameClaimed, QuotationVanished,
};
use domain::identifiers::{claim, scheme::Scheme};
use domain::identity::{
    IdentityAnswer, IdentityDecision, IdentityKind, IdentityProposed, IdentityReason,
    ReviewerHandle,
};
use domain::ids::{OrganisationId, RecordId};
use ledger::wire::Leaf;
use proptest::prelude::*;

use super::case::{Told, revision};
use super::{What, Who, World, day, name, record, row_key, snapshot, sources};

/// Something that happens; numbers choose among what there is.
#[derive(Debug, Clone)]
pub enum Op {
    Register {
        source: usize,
        entry: Option<u8>,
        owner: bool,
    },
    Claim {
        organisation: usize,
        source: usize,
        is_name: bool,
    },
    Quote {
        organisation: usize,
        source: usize,
        row: u8,
    },
    Revise {
        record: usize,
        organisation: usize,
    },
    Vanish {
        record: usize,
    },
    Read {
        source: usize,
        rows: u64,
        full: bool,
    },
    Submit {
        organisation: usize,
    },
    Open {
        case: usize,
    },
    Repair {
        case: usize,
    },
    Impute {
        case: usize,
        organisation: usize,
    },
    Correct {
        case: usize,
    },
    Decide {
        one: usize,
        other: usize,
    },
    Confirm {
        proposal: usize,
    },
    EraseRecord {
        record: usize,
    },
    EraseCase {
        case: usize,
    },
    /// With everything about it, as the program does, or alone.
    EraseOrganisation {
        organisation: usize,
        alone: bool,
    },
    Wait {
        hours: i64,
    },
    /// What is due is stated.
    State,
}

pub fn any_ops() -> impl Strategy<Value = Vec<Op>> {
    let (some, source) = (0_usize..1_000, 0_usize..3);
    let two = (some.clone(), some.clone());
    let op = prop_oneof![
        4 => (source.clone(), prop::option::of(0_u8..3), any::<bool>())
            .prop_map(|(source, entry, owner)| Op::Register { source, entry, owner }),
        2 => (some.clone(), source.clone(), any::<bool>()).prop_map(
            |(organisation, source, is_name)| Op::Claim { organisation, source, is_name },
        ),
        5 => (some.clone(), source.clone(), 0_u8..12)
            .prop_map(|(organisation, source, row)| Op::Quote { organisation, source, row }),
        4 => two.clone()
            .prop_map(|(record, organisation)| Op::Revise { record, organisation }),
        1 => some.clone().prop_map(|record| Op::Vanish { record }),
        2 => (source, any::<u64>(), any::<bool>())
            .prop_map(|(source, rows, full)| Op::Read { source, rows, full }),
        4 => some.clone().prop_map(|organisation| Op::Submit { organisation }),
        2 => some.clone().prop_map(|case| Op::Open { case }),
        1 => some.clone().prop_map(|case| Op::Repair { case }),
        2 => two.clone().prop_map(|(case, organisation)| Op::Impute { case, organisation }),
        2 => some.clone().prop_map(|case| Op::Correct { case }),
        1 => two.prop_map(|(one, other)| Op::Decide { one, other }),
        1 => some.clone().prop_map(|proposal| Op::Confirm { proposal }),
        2 => some.clone().prop_map(|record| Op::EraseRecord { record }),
        2 => some.clone().prop_map(|case| Op::EraseCase { case }),
        2 => (some, any::<bool>())
            .prop_map(|(organisation, alone)| Op::EraseOrganisation { organisation, alone }),
        3 => (1_i64..400).prop_map(|hours| Op::Wait { hours }),
        1 => Just(Op::State),
    ];
    prop::collection::vec(op, 8..60)
}

pub struct Quoted {
    pub id: RecordId,
    pub organisation: usize,
    pub source: usize,
    pub row: u64,
    pub revision: u32,
}

/// Everything that was said so far and is not destroyed.
pub struct History {
    pub world: World,
    pub organisations: Vec<(OrganisationId, String)>,
    pub quoted: Vec<Quoted>,
    pub cases: Vec<(Told, usize)>,
    pub proposals: Vec<(u64, IdentityDecision)>,
    pub numbered: u32,
}

fn at<T>(all: &[T], number: usize) -> Option<usize> {
    number.checked_rem(all.len())
}

impl History {
    pub fn new(seed: u64) -> History {
        History {
            world: World::new(seed),
            organisations: Vec::new(),
            quoted: Vec::new(),
            cases: Vec::new(),
            proposals: Vec::new(),
            numbered: 0,
        }
    }

    fn append(&mut self, event: EventBody) -> u64 {
        self.world.append(vec![(event, false)], Vec::new())
    }

    pub fn run(&mut self, op: &Op) -> Option<()> {
        self.numbered += 1;
        match *op {
            Op::Register { source, entry, owner } => self.register(source, entry, owner),
            Op::Claim { organisation, source, is_name } => {
                self.claim(at(&self.organisations, organisation)?, source, is_name);
            }
            Op::Quote { organisation, source, row } => {
                let id = self.world.ledger.mint_record(self.world.now);
                let organisation = at(&self.organisations, organisation)?;
                let quoted = Quoted { id, organisation, source, row: row.into(), revision: 0 };
                self.quoted.push(quoted);
                self.revised(self.quoted.len() - 1);
            }
            Op::Revise { record, organisation } => {
                let record = at(&self.quoted, record)?;
                self.quoted[record].organisation = at(&self.organisations, organisation)?;
                self.revised(record);
            }
            Op::Vanish { record } => self.vanish(at(&self.quoted, record)?),
            Op::Read { source, rows, full } => {
                let keys = (0..12).filter(|row| rows >> row & 1 == 1).map(row_key).collect();
                let extent = if full { Extent::Full } else { Extent::Partial };
                let source = &sources()[source];
                self.append(snapshot(source, extent, day("2026-02-27"), keys));
            }
            Op::Submit { organisation } => {
                let organisation = at(&self.organisations, organisation)?;
                self.submit(organisation, None);
            }
            Op::Open { case } => {
                let (told, _) = self.cases[at(&self.cases, case)?];
                let until = self.world.now.plus_hours(48);
                let opened = Step::PrecheckOpened { service: "x".into(), standstill_until: until };
                self.append(told.step(Actor::Registry, opened));
            }
            Op::Repair { case } => {
                let (told, _) = self.cases[at(&self.cases, case)?];
                self.append(told.step(Actor::Registry, Step::RepairGranted));
            }
            Op::Impute { case, organisation } => {
                let case = at(&self.cases, case)?;
                let organisation = at(&self.organisations, organisation)?;
                self.impute(case, organisation);
            }
            Op::Correct { case } => self.correct(at(&self.cases, case)?),
            Op::Decide { one, other } => {
                let one = self.organisations[at(&self.organisations, one)?].0;
                let other = self.organisations[at(&self.organisations, other)?].0;
                self.decide(one, other);
            }
            Op::Confirm { proposal } => {
                let (proposal, decision) = self.proposals[at(&self.proposals, proposal)?].clone();
                let reviewer = ReviewerHandle::new("registrar-2").unwrap();
                let answer = IdentityAnswer { proposal, decision, reviewer };
                self.append(EventBody::IdentityConfirmed(Box::new(answer)));
            }
            Op::EraseRecord { record } => {
                let gone = self.quoted.remove(at(&self.quoted, record)?);
                self.erase(&[ErasureUnit::Record(gone.id)]);
            }
            Op::EraseCase { case } => {
                let (told, _) = self.cases.remove(at(&self.cases, case)?);
                self.erase(&[ErasureUnit::Record(told.record)]);
            }
            Op::EraseOrganisation { organisation, alone } => {
                self.erase_organisation(at(&self.organisations, organisation)?, alone);
            }
            Op::Wait { hours } => self.world.now = self.world.now.plus_hours(hours),
            Op::State => self.state(),
        }
        Some(())
    }

    fn register(&mut self, source: usize, entry: Option<u8>, owner: bool) {
        let form = if owner { "Eireli" } else { "Holding" };
        let text = format!("Firm{} Trading {form}", self.numbered);
        let authority = sources()[source].authority.clone();
        let (id, mut registered) = self.world.registered(&Who::named(&text), &authority);
        if let EventBody::OrganisationRegistered(registered) = &mut registered {
            registered.entry = entry.map(|entry| row_key(entry.into()));
        }
        self.append(registered);
        self.organisations.push((id, text));
    }

    fn claim(&mut self, organisation: usize, source: usize, is_name: bool) {
        let organisation = self.organisations[organisation].0;
        let authority = sources()[source].authority.clone();
        // A few that several organisations are said to bear.
        let number = self.numbered % 5;
        if is_name {
            let name = name(&format!("Alias{number} Holding"));
            self.append(EventBody::NameClaimed(NameClaimed { organisation, authority, name }));
        } else {
            let scheme = Scheme::new("us-npdes").unwrap();
            let claim = claim(&scheme, &format!("CT{number:07}")).unwrap();
            let claimed = IdentifierClaimed { organisation, authority, claim };
            self.append(EventBody::IdentifierClaimed(claimed));
        }
    }

    /// The next revision of a quotation; zones differ from one to the next.
    fn revised(&mut self, at: usize) {
        let numbered = i64::from(self.numbered);
        let quoted = &mut self.quoted[at];
        quoted.revision += 1;
        let (id, revision) = (quoted.id, quoted.revision);
        let what = What {
            source: sources()[quoted.source].clone(),
            row: quoted.row,
            start: None,
            last: (numbered % 3 > 0).then(|| day("2026-03-20").plus_days(numbered)),
            read_on: day("2026-02-25").plus_days(numbered % 4),
        };
        let (organisation, name) = self.organisations[quoted.organisation].clone();
        let mut record = record(id, revision, organisation, &name, &what);
        if numbered % 4 == 0 {
            record.zone = "Europe/Paris".into();
        }
        self.append(if revision == 1 {
            EventBody::RecordSubmitted(Box::new(record))
        } else {
            EventBody::RecordRevised(Box::new(record))
        });
    }

    fn vanish(&mut self, at: usize) {
        let quoted = &self.quoted[at];
        let source = &sources()[quoted.source];
        let vanished = QuotationVanished {
            record: quoted.id,
            organisation: self.organisations[quoted.organisation].0,
            authority: source.authority.clone(),
            list: source.list.clone(),
            read_on: day("2026-03-01"),
        };
        self.append(EventBody::QuotationVanished(vanished));
    }

    fn submit(&mut self, organisation: usize, predecessor: Option<RecordId>) -> Told {
        let record = self.world.ledger.mint_record(self.world.now);
        let (id, name) = self.organisations[organisation].clone();
        let told = Told { organisation: id, record };
        let mut revision = revision(&name, day("2026-05-31"));
        revision.predecessor = predecessor;
        self.append(told.step(Actor::Registry, Step::Submitted(Box::new(revision))));
        let next_by = self.world.now.plus_hours(72);
        self.append(told.step(Actor::Registry, Step::ValidationPassed { next_by }));
        self.cases.push((told, organisation));
        told
    }

    fn impute(&mut self, case: usize, organisation: usize) {
        let successor = self.organisations[organisation].0;
        let step = Step::Imputed { successor, reference: "ruling".into() };
        let told = self.cases[case].0;
        self.append(told.step(Actor::Registry, step));
        self.cases[case] = (Told { organisation: successor, ..told }, organisation);
    }

    fn correct(&mut self, case: usize) {
        let (told, organisation) = self.cases[case];
        let successor = self.submit(organisation, Some(told.record)).record;
        let tombstone_until = self.world.now.plus_hours(24 * 40);
        self.append(told.step(Actor::Registry, Step::Corrected { successor, tombstone_until }));
    }

    fn decide(&mut self, organisation: OrganisationId, other: OrganisationId) {
        if organisation == other {
            return;
        }
        let decision = IdentityDecision { organisation, other, kind: IdentityKind::Same };
        let proposed = IdentityProposed {
            decision: decision.clone(),
            reviewer: ReviewerHandle::new("registrar-1").unwrap(),
            reason: IdentityReason::ALL[0],
            source: None,
            answer_until: None,
        };
        let number = self.append(EventBody::IdentityProposed(Box::new(proposed)));
        self.proposals.push((number, decision));
    }

    fn state(&mut self) {
        self.world.follow(1_000);
        let due = self.world.tables().statements_due(&self.world.reader(), self.world.now);
        let leaves = due.unwrap().into_iter().map(|it| Leaf::Statistics(Box::new(it)));
        let leaves: Vec<Leaf> = leaves.collect();
        if !leaves.is_empty() {
            self.world.append(Vec::new(), leaves);
        }
    }

    fn erase(&mut self, units: &[ErasureUnit]) {
        self.world.ledger.erase(units, self.world.now).unwrap();
    }

    /// What is about it stays where it goes alone: about nobody.
    fn erase_organisation(&mut self, at: usize, alone: bool) {
        let mut units = vec![ErasureUnit::Organisation(self.organisations[at].0)];
        if !alone {
            let quoted = self.quoted.iter().filter(|it| it.organisation == at).map(|it| it.id);
            let cases = self.cases.iter().filter(|it| it.1 == at).map(|it| it.0.record);
            units.extend(quoted.chain(cases).map(ErasureUnit::Record));
            self.quoted.retain(|it| it.organisation != at);
            self.cases.retain(|it| it.1 != at);
        }
        self.erase(&units);
    }
}
