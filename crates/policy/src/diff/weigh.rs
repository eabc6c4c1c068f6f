//! Whether a change is one that has to wait: whatever is not lighter for organisations, and
//! whatever only a reader can tell.

use domain::limits::MeasureKind;
use domain::record::Polarity;

use super::{Comparing, Of, Toward, What};
use crate::catalogue::{CatalogueEntry, Mandate};
use crate::list::ListDefinition;
use crate::measure::Measure;
use crate::procedure::{PeriodKey, ProcedureRules};
use crate::recognition::Recognition;

fn is_heavier(of: Of, compare: impl FnOnce(&mut Comparing<'_>)) -> bool {
    let mut changes = Vec::new();
    compare(&mut Comparing::about(of, "", &mut changes));
    changes.iter().any(|change| change.toward != Toward::Lighter)
}

/// An entry; what follows from a good or neutral one is used against nobody.
pub(crate) fn entry(old: Option<&CatalogueEntry>, new: &CatalogueEntry) -> bool {
    let is_adverse = |entry: &CatalogueEntry| entry.polarity() == Polarity::Adverse;
    if !is_adverse(new) && old.is_none_or(|old| !is_adverse(old)) {
        return false;
    }
    let Some(old) = old else { return true };
    is_heavier(Of::Entry, |comparing| super::compare::entry(comparing, &old, &new, ""))
}

/// A list, likewise.
pub(crate) fn list(old: Option<&ListDefinition>, new: &ListDefinition) -> bool {
    let is_adverse = |list: &ListDefinition| list.polarity() == Polarity::Adverse;
    if !is_adverse(new) && old.is_none_or(|old| !is_adverse(old)) {
        return false;
    }
    let Some(old) = old else { return true };
    is_heavier(Of::List, |comparing| super::compare::list(comparing, &old, &new, ""))
}

/// A measure; an incentive is used against nobody.
pub(crate) fn measure(old: Option<&Measure>, new: &Measure) -> bool {
    let is_incentive = |measure: &Measure| measure.kind == MeasureKind::Incentive;
    if is_incentive(new) && old.is_none_or(is_incentive) {
        return false;
    }
    let Some(old) = old else { return true };
    is_heavier(Of::Measure, |comparing| super::compare::measure(comparing, &old, &new, ""))
}

/// A mandate.
pub(crate) fn mandate(old: Option<&Mandate>, new: &Mandate) -> bool {
    let Some(old) = old else { return true };
    is_heavier(Of::Mandate, |comparing| super::compare::mandate(comparing, &old, &new, ""))
}

/// A rule of recognition.
pub(crate) fn recognition(old: Option<&Recognition>, new: &Recognition) -> bool {
    let Some(old) = old else { return true };
    is_heavier(Of::Recognition, |comparing| super::compare::recognition(comparing, &old, &new, ""))
}

/// The periods and the calendar of a pack. Years added to a calendar weigh nothing; a day that was
/// one thing and is another does.
pub(crate) fn rules(old: Option<&ProcedureRules>, new: &ProcedureRules) -> bool {
    let Some(old) = old else { return false };
    let is_longer = is_heavier(Of::Period, |comparing| {
        for key in PeriodKey::ALL {
            let longer = if key.favours_longer() { Toward::Lighter } else { Toward::Heavier };
            let (before, after) = (old.period(*key), new.period(*key));
            comparing.period(What::Length, before, after, false, longer);
        }
    });
    is_longer || !new.calendar.extends(&old.calendar)
}
