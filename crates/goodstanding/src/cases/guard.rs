//! What the desk looks up before a record is let in: who it really is about, what it may lead to,
//! and whether there are more of them than anybody would look at. The rules judge; what they cannot
//! know without the directory is asked here.

use domain::authority::AuthorityKey;
use domain::case::MeasureId;
use domain::civil::Instant;
use domain::event::{EventBody, OrganisationRegistered};
use domain::identifiers::IdentifierClaim;
use domain::ids::OrganisationId;
use domain::limits::{self, Act};
use domain::organisation::OrganisationKind;
use domain::record::Polarity;
use domain::refusal::{Problem, Refusal};
use due_process::case::{Case, Command};
use ledger::Opened;
use policy::catalogue::CatalogueEntry;
use policy::measure::MeasureGround;
use policy::procedure::ProcedureRules;

use super::CaseError;
use super::decide::{Deciding, SubjectFound};
use super::request::SubmitRequest;

impl Deciding<'_> {
    /// A person in the guise of a firm, and a union, newspaper or church in the guise of one: what
    /// an authority says about whom it accuses decides neither.
    pub(super) fn check_subject(
        &self,
        request: &SubmitRequest,
        subject: &SubjectFound,
        authority: &AuthorityKey,
        entry: &CatalogueEntry,
    ) -> Result<(), CaseError> {
        if intake::is_sole_trader_name(&request.subject.name) {
            return Err(Refusal::PersonAsSubject.into());
        }
        let asked = &request.subject;
        let said = (asked.identifier.as_ref(), Some(asked.name.as_str()));
        self.check_kind((subject.organisation, subject.kind), said, authority, entry)
    }

    /// Whether what is known and said of an organisation speaks for a protected kind that nobody
    /// but the accuser denies.
    fn check_kind(
        &self,
        (organisation, kind): (OrganisationId, OrganisationKind),
        (identifier, name): (Option<&IdentifierClaim>, Option<&str>),
        authority: &AuthorityKey,
        entry: &CatalogueEntry,
    ) -> Result<(), CaseError> {
        let needs_more = matches!(entry.act, Act::FinalCourt | Act::Registrar);
        let is_known = limits::is_protected(kind);
        if entry.polarity() != Polarity::Adverse || needs_more || is_known {
            return Ok(());
        }
        let (mut claims, mut names) = self.view.desk.known_as(organisation)?;
        claims.extend(identifier.cloned());
        names.extend(name.map(str::to_owned));
        let registrations = self.registrations(organisation)?;
        let is_said_by_others = kind != OrganisationKind::Unstated
            && registrations.iter().any(|it| it.authority != *authority && it.kind == kind);
        let sounds = names.iter().any(|name| limits::sounds_protected(name));
        if claims.iter().any(limits::is_protected_identifier) || (sounds && !is_said_by_others) {
            return Err(Refusal::KindDisputed.into());
        }
        Ok(())
    }

    /// T45: what the registry knows of whoever a record is to belong to. Nobody gets by imputation
    /// what nobody could submit about it.
    pub(super) fn look_up_successor(
        &self,
        command: &mut Command,
        case: &Case,
        entry: &CatalogueEntry,
    ) -> Result<(), CaseError> {
        let (successor, kind) = match command {
            Command::ServeNotice(draft) | Command::RenewNotice(draft) => {
                (draft.successor, &mut draft.successor_kind)
            }
            Command::Impute { successor, kind, .. } => (Some(*successor), kind),
            _ => return Ok(()),
        };
        let Some(successor) = successor else { return Ok(()) };
        if !self.view.desk.is_registered(successor)? {
            return Ok(());
        }
        let known = self.kind_of(successor)?;
        *kind = Some(known);
        self.check_kind((successor, known), (None, None), &case.authority, entry)
    }

    /// What the registry knows an organisation as: a protected kind decides, whoever says it.
    pub(super) fn kind_of(
        &self,
        organisation: OrganisationId,
    ) -> Result<OrganisationKind, CaseError> {
        let registrations = self.registrations(organisation)?;
        let kinds = || registrations.iter().map(|registered| registered.kind);
        let protected = kinds().find(|kind| limits::is_protected(*kind));
        let stated = kinds().find(|kind| *kind != OrganisationKind::Unstated);
        Ok(protected.or(stated).unwrap_or(OrganisationKind::Unstated))
    }

    /// What was said of an organisation when it was registered, and of those that are one with it.
    fn registrations(
        &self,
        organisation: OrganisationId,
    ) -> Result<Vec<OrganisationRegistered>, CaseError> {
        let mut registrations = Vec::new();
        for position in self.view.desk.registered_at(&self.view.reader, organisation)? {
            if let Some(Opened::Event(event, _)) = self.view.reader.event(position)?
                && let EventBody::OrganisationRegistered(registered) = event.body
            {
                registrations.push(registered);
            }
        }
        Ok(registrations)
    }

    /// I-34: a notice and a decision name measures that the packs have for such a record.
    pub(super) fn check_measures(&self, case: &Case, command: &Command) -> Result<(), CaseError> {
        let (measures, severity) = match command {
            Command::ServeNotice(draft) | Command::RenewNotice(draft) => {
                (&draft.measures, draft.severity)
            }
            Command::Uphold(outcome) => (&outcome.measures, outcome.severity),
            _ => return Ok(()),
        };
        let revision = &case.revision;
        let follows = |ground: &MeasureGround| {
            let of = &ground.grounds;
            ground.record_type == revision.record_type()
                && (of.is_empty() || of.iter().any(|it| revision.grounds.contains(it)))
                && (ground.severities.is_empty()
                    || severity.is_none_or(|it| ground.severities.contains(&it)))
        };
        let fits = |id: &MeasureId| {
            self.packs.measure(id).is_some_and(|measure| measure.grounds.iter().any(follows))
        };
        let unfit = measures.iter().filter(|id| !fits(id));
        let problems: Vec<Problem> = unfit
            .map(|id| Problem::of_input(Refusal::MeasureUnfit).with_detail(id.as_str()))
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(CaseError::Refused(problems)) }
    }

    /// Whether the authority has handed in as many adverse records lately as its rate allows, those
    /// that wait included.
    pub(super) fn is_above_rate(
        &self,
        authority: &AuthorityKey,
        rules: &ProcedureRules,
        at: Instant,
    ) -> Result<bool, CaseError> {
        let Some(rate) = &rules.rate else { return Ok(false) };
        let since = at.plus_hours(-24 * i64::from(rate.days));
        let pending = self.pending.cases.values().filter(|case| {
            case.authority == *authority && case.is_adverse() && case.submitted_at > since
        });
        let pending = u16::try_from(pending.count()).unwrap_or(u16::MAX);
        let stored = self.view.desk.adverse_since(authority, since, rate.records)?;
        let records = stored.saturating_add(pending);
        Ok(records >= rate.records)
    }
}
