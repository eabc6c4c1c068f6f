//! Reading `measures/*.toml`, and what one file alone can be held to.

use domain::case::{MeasureId, Severity, Territory};
use domain::civil::Day;
use domain::limits::{AddresseeRole, Effect, Fact, MeasureFamily, MeasureKind};
use domain::organisation::OrganisationKind;
use domain::record::{Polarity, RecordType};
use domain::refusal::Refusal;
use domain::text::Texts;

use super::{Addressee, Measure, MeasureGround, MeasureTerm};
use crate::catalogue::read_text_of;
use crate::citation::Citation;
use crate::expression::Compiling;
use crate::list::{read_grounds, read_remedy};
use crate::procedure::{LegalPeriod, Unit};
use crate::strict::{Located, Problems, Table};

const PLAIN: &str = "expected: lower-case letters, digits, `-`, `_`, `.`";
/// Not law: one year in months.
const MONTHS_OF_A_YEAR: u16 = 12;

/// A measure as read, with the places that later checks name.
pub(crate) struct MeasureRead {
    pub(crate) measure: Measure,
    pub(crate) id_at: usize,
    pub(crate) basis_at: usize,
    pub(crate) first_use_at: usize,
    /// One for each addressee.
    pub(crate) addressees_at: Vec<usize>,
    /// One for each ground.
    pub(crate) grounds_at: Vec<usize>,
}

/// Reads one file of `measures/`.
pub(crate) fn read(
    root: &Table<'_>,
    pack: &str,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<MeasureRead> {
    root.only(&["measure", "basis", "ground", "addressee", "at_most", "remedy"], problems);
    if !root.has("measure") {
        root.missing("measure", Refusal::PackKeyMissing, problems);
    }
    let table = root.table("measure", problems)?;
    let basis = Citation::read_all(root, "basis", is_fictional, problems);
    let head = read_head(&table, pack, problems);
    let kind = head.as_ref().map(|head| head.kind);
    let (grounds, grounds_at) = read_measure_grounds(root, kind, problems);
    let (addressees, addressees_at) = read_addressees(root, problems);
    let term = read_term(root, &table, kind, is_fictional, problems);
    let is_heavy = matches!(kind, Some(MeasureKind::Restriction | MeasureKind::Supervision));
    let needs_remedy = (is_heavy && grounds.iter().any(is_adverse)).then_some(Polarity::Adverse);
    let remedy = read_remedy(root, needs_remedy, is_fictional, problems);
    let head = head?;
    Some(MeasureRead {
        id_at: head.id.at,
        basis_at: root.place_of("basis"),
        first_use_at: table.place_of("first_use"),
        addressees_at,
        grounds_at,
        measure: Measure {
            id: head.id.value,
            version: head.version,
            pack: pack.to_owned(),
            kind: head.kind,
            family: head.family,
            title: head.title,
            basis,
            grounds,
            when: head.when,
            targets: head.targets,
            addressees,
            effect: head.effect,
            mandatory: head.mandatory,
            interim: head.interim,
            term: term?,
            nexus: head.nexus,
            lift: head.lift,
            remedy,
            in_force_from: head.in_force_from,
            text_of: head.text_of,
            published_on: head.published_on,
            first_use: head.first_use,
            overridable_by: head.overridable_by,
            fictional: is_fictional,
        },
    })
}

const fn is_adverse(ground: &MeasureGround) -> bool {
    matches!(ground.record_type.polarity(), Polarity::Adverse)
}

struct Head {
    id: Located<MeasureId>,
    version: u16,
    kind: MeasureKind,
    family: MeasureFamily,
    title: Texts,
    when: Option<crate::Expression>,
    targets: Vec<OrganisationKind>,
    effect: Effect,
    mandatory: bool,
    interim: bool,
    nexus: Texts,
    lift: Option<Texts>,
    in_force_from: Day,
    text_of: Option<Day>,
    published_on: Day,
    first_use: Day,
    overridable_by: Option<Texts>,
}

fn read_head(table: &Table<'_>, pack: &str, problems: &mut Problems<'_>) -> Option<Head> {
    let known = [
        "id",
        "version",
        "kind",
        "family",
        "title",
        "when",
        "targets",
        "effect",
        "mandatory",
        "interim",
        "term",
        "nexus",
        "lift",
        "in_force_from",
        "text_of",
        "published_on",
        "first_use",
        "overridable_by",
        "displaces_others",
    ];
    table.only(&known, problems);
    let id = table.parsed("id", Refusal::PackUnreadable, PLAIN, problems, MeasureId::new);
    let version = table.number("version", 1..=u16::MAX, problems);
    let refused = Refusal::MeasureFamilyRefused;
    let kinds = one_of(MeasureKind::ALL.iter().map(|kind| kind.key()));
    let kind = table.parsed("kind", refused, &kinds, problems, MeasureKind::from_key);
    let families = one_of(MeasureFamily::ALL.iter().map(|family| family.key()));
    let family = table.parsed("family", refused, &families, problems, MeasureFamily::from_key);
    let title = table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let when = table
        .has("when")
        .then(|| table.expression("when", Compiling { pack, readable: Fact::ALL }, problems));
    let targets = read_targets(table, problems);
    let effects = one_of(Effect::ALL.iter().map(|effect| effect.key()));
    let effect =
        table.parsed("effect", Refusal::EffectRefused, &effects, problems, Effect::from_key);
    if let (Some(kind), Some(effect)) = (&kind, &effect)
        && !allows(kind.value, effect.value)
    {
        let detail = "the effect belongs to another kind of measure";
        problems.add_with(effect.at, &table.key("effect"), Refusal::EffectRefused, detail);
    }
    let mandatory = table.flag("mandatory", problems);
    let interim = table.flag("interim", problems);
    let nexus = table.texts("nexus", &["en", "zh"], Refusal::NexusMissing, problems);
    let mut text = |key: &str| {
        table
            .has(key)
            .then(|| table.texts(key, &["en", "zh"], Refusal::PackKeyMissing, problems))
            .flatten()
    };
    let (lift, overridable_by) = (text("lift"), text("overridable_by"));
    let published_on = table.day("published_on", problems);
    let first_use = table.day("first_use", problems);
    let in_force_from = table.day_if_any("in_force_from", problems).or(published_on);
    let text_of = read_text_of(table, in_force_from, problems);
    check_displaced(table, kind.as_ref().map(|kind| kind.value), problems);
    Some(Head {
        id: id?,
        version: version?,
        kind: kind?.value,
        family: family?.value,
        title: title?,
        when: when.flatten(),
        targets: targets?,
        effect: effect?.value,
        mandatory,
        interim,
        nexus: nexus?,
        lift,
        in_force_from: in_force_from?,
        text_of,
        published_on: published_on?,
        first_use: first_use?,
        overridable_by,
    })
}

fn one_of<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    format!("one of: {}", keys.collect::<Vec<_>>().join(", "))
}

/// Which effects a kind of measure can have: a benefit is no restriction under another name, nor
/// the other way round.
const fn allows(kind: MeasureKind, effect: Effect) -> bool {
    match kind {
        MeasureKind::Restriction => matches!(
            effect,
            Effect::Exclude
                | Effect::Review
                | Effect::NoCommitLicensing
                | Effect::GuaranteeRequired
                | Effect::GrantLimit
                | Effect::NoAward
                | Effect::ReferenceOnly
        ),
        MeasureKind::Supervision => matches!(
            effect,
            Effect::InspectMore | Effect::InspectLess | Effect::Review | Effect::ReferenceOnly
        ),
        MeasureKind::Incentive => matches!(
            effect,
            Effect::InspectLess
                | Effect::FastTrack
                | Effect::SimplifiedDocuments
                | Effect::LowerDeposit
                | Effect::PriorityService
                | Effect::ReferenceOnly
        ),
        MeasureKind::Information => matches!(effect, Effect::ReferenceOnly),
    }
}

/// An incentive says that it takes nothing from others, and no other measure speaks of it.
fn check_displaced(table: &Table<'_>, kind: Option<MeasureKind>, problems: &mut Problems<'_>) {
    let is_incentive = kind == Some(MeasureKind::Incentive);
    let place = table.place_of("displaces_others");
    let key = table.key("displaces_others");
    match (is_incentive, table.has("displaces_others")) {
        (true, false) => problems.add(place, &key, Refusal::IncentiveUnfit),
        (true, true) if table.flag("displaces_others", problems) => {
            problems.add(place, &key, Refusal::IncentiveUnfit);
        }
        (false, true) if kind.is_some() => {
            problems.add(place, &key, Refusal::PackKeyUnknown);
        }
        _ => {}
    }
}

fn read_targets(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Vec<OrganisationKind>> {
    if !table.has("targets") {
        table.missing("targets", Refusal::PackKeyMissing, problems);
    }
    let key = table.key("targets");
    let texts = table.strings("targets", problems)?;
    if texts.is_empty() {
        problems.add(table.place_of("targets"), &key, Refusal::PackKeyMissing);
    }
    let mut targets = Vec::new();
    for text in texts {
        match OrganisationKind::from_key(text.value) {
            Some(kind) => targets.push(kind),
            None => problems.add(text.at, &key, Refusal::SubjectKindRefused),
        }
    }
    Some(targets)
}

fn read_measure_grounds(
    root: &Table<'_>,
    kind: Option<MeasureKind>,
    problems: &mut Problems<'_>,
) -> (Vec<MeasureGround>, Vec<usize>) {
    let tables = root.tables("ground", problems);
    if tables.is_empty() {
        problems.add(root.place_of("ground"), "ground", Refusal::MeasureGroundsUnfit);
    }
    let mut grounds = (Vec::new(), Vec::new());
    for table in tables {
        let Some(ground) = read_measure_ground(&table, problems) else { continue };
        let is_good = ground.record_type.polarity() == Polarity::Good;
        if kind == Some(MeasureKind::Incentive) && !is_good {
            let place = table.place_of("record_type");
            problems.add(place, &table.key("record_type"), Refusal::IncentiveUnfit);
        }
        if kind == Some(MeasureKind::Restriction) && !is_adverse(&ground) {
            let detail = "a restriction follows from adverse records only";
            let place = table.place_of("record_type");
            let key = table.key("record_type");
            problems.add_with(place, &key, Refusal::MeasureGroundsUnfit, detail);
        }
        grounds.0.push(ground);
        grounds.1.push(table.at);
    }
    grounds
}

fn read_measure_ground(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<MeasureGround> {
    table.only(&["record_type", "grounds", "severities"], problems);
    let types = one_of(RecordType::ALL.iter().map(|record_type| record_type.key()));
    let unreadable = Refusal::PackUnreadable;
    let record_type =
        table.parsed("record_type", unreadable, &types, problems, RecordType::from_key)?.value;
    let grounds = read_grounds(table, Some(record_type.polarity()), problems);
    let severities =
        table.closed("severities", Refusal::MeasureGroundsUnfit, problems, Severity::from_key);
    let has_severities = severities.as_ref().is_some_and(|severities| !severities.is_empty());
    let needs_severities = record_type.polarity() == Polarity::Adverse;
    if has_severities != needs_severities {
        let place = table.place_of("severities");
        problems.add(place, &table.key("severities"), Refusal::MeasureGroundsUnfit);
    }
    Some(MeasureGround { record_type, grounds, severities: severities.unwrap_or_default() })
}

fn read_addressees(root: &Table<'_>, problems: &mut Problems<'_>) -> (Vec<Addressee>, Vec<usize>) {
    let tables = root.tables("addressee", problems);
    if tables.is_empty() {
        problems.add(root.place_of("addressee"), "addressee", Refusal::AddresseeRefused);
    }
    let mut addressees = (Vec::new(), Vec::new());
    for table in tables {
        table.only(&["role", "territory"], problems);
        let roles = one_of(AddresseeRole::ALL.iter().map(|role| role.key()));
        let refused = Refusal::AddresseeRefused;
        let role = table.parsed("role", refused, &roles, problems, AddresseeRole::from_key);
        let unreadable = Refusal::PackUnreadable;
        let territory = table.parsed("territory", unreadable, PLAIN, problems, Territory::new);
        let (Some(role), Some(territory)) = (role, territory) else { continue };
        addressees.0.push(Addressee { role: role.value, territory: territory.value });
        addressees.1.push(territory.at);
    }
    addressees
}

/// `term = "record"`, or `[at_most]` with a number of months and its source.
fn read_term(
    root: &Table<'_>,
    table: &Table<'_>,
    kind: Option<MeasureKind>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<MeasureTerm> {
    if root.has("at_most") {
        let period = LegalPeriod::read(root, "at_most", is_fictional, problems)?;
        let months = match period.unit {
            Unit::Months => Some(period.value),
            Unit::Years => period.value.checked_mul(MONTHS_OF_A_YEAR),
            Unit::WorkingDays | Unit::CalendarDays => None,
        };
        if months.is_none() {
            let place = root.place_of("at_most");
            problems.add_with(place, "at_most.unit", Refusal::UnitMissing, "months or years");
        }
        return months.map(MeasureTerm::MonthsAtMost);
    }
    if !table.has("term") {
        let is_incentive = kind == Some(MeasureKind::Incentive);
        let refusal = if is_incentive { Refusal::IncentiveUnfit } else { Refusal::PackKeyMissing };
        problems.add_with(table.at, &table.key("term"), refusal, "term = \"record\" or [at_most]");
        return None;
    }
    let is_record = |text: &str| (text == "record").then_some(MeasureTerm::Record);
    let expected = "record; or leave it out and give [at_most]";
    table.parsed("term", Refusal::UnitMissing, expected, problems, is_record).map(|term| term.value)
}
