//! I-11, second half: a law adopted after a record was decided ends it earlier where it is shorter,
//! and never later. Nobody asks for it: the act that adopts the version carries it, so that folding
//! needs no pack.

use domain::case::{Actor, CaseEvent, Step};
use domain::civil::Day;
use policy::catalogue::CatalogueEntry;

use super::command::Setting;
use super::state::{Case, Phase};
use super::submission::{is_published, latest_days};
use super::{Refused, in_events};

/// What ends `case` earlier under the law of `setting` than under `own`, the law by which its end
/// was set so far; `None` where nothing does. `pack` is the hash of the version adopted.
///
/// # Errors
/// When the calendar does not reach the end.
pub fn shortened(
    case: &Case,
    own: &CatalogueEntry,
    pack: &str,
    setting: &Setting<'_>,
) -> Result<Option<CaseEvent>, Refused> {
    let runs = matches!(
        case.phase,
        Phase::Validated { .. }
            | Phase::InChain
            | Phase::Standstill { .. }
            | Phase::Published { .. }
            | Phase::Stayed(_)
    );
    // A mirrored record ends where it comes from (I-51); where nothing was decided, nothing is to
    // be shortened yet: the decision will be made under the lighter law.
    let (true, None, Some(start), Some(_)) =
        (runs && case.is_adverse(), &case.mirror, case.term.start, &case.term.end)
    else {
        return Ok(None);
    };
    let before = Setting { entry: own, ..*setting };
    let Some(last) = last_day(case, start, setting)? else { return Ok(None) };
    if last_day(case, start, &before)?.is_some_and(|before| before <= last) {
        return Ok(None);
    }
    let end_at = setting.rules.zone().end_of(last);
    if case.term.end_at.is_some_and(|own| own <= end_at) {
        return Ok(None);
    }
    let step = Step::TermShortened { end: last, end_at, pack: pack.to_owned() };
    let registry = Setting { actor: &Actor::Registry, ..*setting };
    Ok(in_events(case, &registry, vec![step]).pop())
}

/// The last day that the law of `setting` allows: yesterday, where it lets no such record be
/// public.
fn last_day(case: &Case, start: Day, setting: &Setting<'_>) -> Result<Option<Day>, Refused> {
    let severity = case.revision.severity;
    if case.revision.published && !is_published(setting.entry, severity) {
        return Ok(Some(setting.today().plus_days(-1)));
    }
    let conduct_to = case.revision.conduct.map(|conduct| conduct.to);
    Ok(latest_days(start, conduct_to, severity, setting)?.into_iter().min())
}
