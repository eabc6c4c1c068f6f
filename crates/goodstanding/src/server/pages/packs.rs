//! The law in force, in sentences made from the packs as they were loaded.

use askama::Template;
use axum::response::Response;
use domain::organisation::OrganisationKind;
use policy::{EntryDefinition, ListDefinition, PackInfo, PeriodDefinition, Waiting};

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::pack_law::LawInWords;
use super::record::{CitationShown, RemedyShown, citations, remedy};
use super::shown::{self, Html, Phrase};
use super::{Key, sheet};
use crate::laws::{Adopted, Laws};
use crate::messages::Messages;

#[derive(Template)]
#[template(path = "packs.html")]
struct PacksPage {
    f: Frame,
    rows: Vec<PackRow>,
}

struct PackRow {
    href: String,
    title: Phrase,
    name: String,
    version: String,
    lists: String,
    since: Option<Since>,
    hash: String,
}

/// The entry of the log that names a pack.
struct Since {
    href: String,
    position: String,
}

pub async fn all(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let mut rows = Vec::new();
            for pack in visit.app.registry().packs().packs() {
                rows.push(pack_row(visit, pack)?);
            }
            let f = Frame::of(visit, m.t("packs.title"), false);
            sheet(&PacksPage { f, rows }, Freshness::Boundary, false)
        })
        .await
}

fn pack_row(visit: &Visit, pack: &PackInfo) -> Result<PackRow, Fault> {
    let m = &visit.messages;
    let packs = visit.app.registry().packs();
    let lists = packs.lists().filter(|list| list.pack == pack.name);
    Ok(PackRow {
        href: format!("/{}/packs/{}", m.code(), pack.name),
        title: Phrase::of(m, &pack.title),
        name: pack.name.clone(),
        version: pack.version.clone(),
        lists: m.number(lists.count() as u64),
        since: since(visit, pack)?,
        hash: pack.hash.clone(),
    })
}

fn since(visit: &Visit, pack: &PackInfo) -> Result<Option<Since>, Fault> {
    let m = &visit.messages;
    let laws = visit.app.registry().laws()?;
    let found = laws.last(&pack.name).filter(|last| last.hash == pack.hash);
    Ok(found.map(|one| Since {
        href: format!("/{}/log/{}", m.code(), one.position),
        position: m.number(one.position),
    }))
}

#[derive(Template)]
#[template(path = "pack.html")]
struct PackPage {
    f: Frame,
    title: Phrase,
    name: String,
    version: String,
    hash: String,
    is_fictional: bool,
    since: Option<Since>,
    adopted: String,
    earlier: Vec<EarlierShown>,
    waits: Vec<String>,
    periods: Vec<PeriodShown>,
    lists: Vec<ListInWords>,
    law: LawInWords,
}

/// A version that was in force before.
struct EarlierShown {
    version: String,
    adopted: String,
    href: String,
    position: String,
    hash: String,
}

/// A period in a sentence.
struct PeriodShown {
    what: String,
    sentence: String,
    citations: Vec<CitationShown>,
}

/// A list in sentences.
struct ListInWords {
    anchor: String,
    title: Phrase,
    sentences: Vec<Html>,
    basis: Vec<CitationShown>,
    remedy: Option<RemedyShown>,
    entries: Vec<EntryInWords>,
}

/// One legal ground of a list in a sentence.
struct EntryInWords {
    title: Phrase,
    sentence: String,
    basis: Vec<CitationShown>,
    indefinite: Option<Html>,
}

pub async fn one(visit: Visit, name: Key) -> Response {
    let Ok(name) = name else { return visit.fault(Fault::not_found()) };
    visit.answer(move |visit| render(visit, &name)).await
}

fn render(visit: &Visit, name: &str) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let packs = visit.app.registry().packs();
    let pack = packs.pack(name).ok_or_else(Fault::not_found)?;
    let title = Phrase::of(m, &pack.title);
    let laws = visit.app.registry().laws()?;
    let versions: Vec<&Adopted> = laws.adopted().iter().filter(|one| one.pack == name).collect();
    let (last, earlier) = match versions.split_last() {
        Some((last, earlier)) if last.hash == pack.hash => (Some(*last), earlier),
        _ => (None, versions.as_slice()),
    };
    let page = PackPage {
        f: Frame::of(visit, &title.text, false),
        title,
        name: pack.name.clone(),
        version: pack.version.clone(),
        hash: pack.hash.clone(),
        is_fictional: pack.fictional,
        since: since(visit, pack)?,
        adopted: last.map_or_else(|| m.t("packs.not_on_log").to_owned(), |last| adopted(m, last)),
        earlier: earlier.iter().rev().map(|one| earlier_shown(m, one, &laws)).collect(),
        waits: waits(m, name, &laws.at(visit.app.registry().now()).waiting),
        periods: packs.periods(name).iter().map(|period| period_in_words(m, period)).collect(),
        lists: packs
            .lists()
            .filter(|list| list.pack == name)
            .map(|list| list_in_words(visit, list))
            .collect(),
        law: LawInWords::of(m, &packs, pack, &*visit.app.registry().feedback()?),
    };
    sheet(&page, Freshness::Boundary, false)
}

fn adopted(m: &Messages, one: &Adopted) -> String {
    match &one.act {
        None => m.t("packs.adopted_first").to_owned(),
        Some(act) => {
            let [first, second] = &act.by;
            let at = m.instant(act.at);
            m.fill("packs.adopted_by", &[("at", &at), ("first", first), ("second", second)])
        }
    }
}

fn earlier_shown(m: &Messages, one: &Adopted, laws: &Laws) -> EarlierShown {
    let info = laws.info(&one.pack, &one.hash);
    EarlierShown {
        version: info.map_or_else(|| "?".to_owned(), |info| info.version.clone()),
        adopted: adopted(m, one),
        href: format!("/{}/log/{}", m.code(), one.position),
        position: m.number(one.position),
        hash: one.hash.clone(),
    }
}

/// What of the pack `name` may not be used yet, a sentence each.
fn waits(m: &Messages, name: &str, waiting: &[Waiting]) -> Vec<String> {
    let is_of_it = |waiting: &&Waiting| {
        let rest = waiting.id.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':']))
    };
    let sentence = |waiting: &Waiting| {
        let key = if waiting.is_new { "packs.wait_new" } else { "packs.wait_other" };
        let what = m.t(&format!("packs.of_{}", waiting.of.key())).to_owned();
        let at = m.instant(waiting.until);
        m.fill(key, &[("what", &what), ("id", &waiting.id), ("at", &at)])
    };
    waiting.iter().filter(is_of_it).map(sentence).collect()
}

fn period_in_words(m: &Messages, period: &PeriodDefinition) -> PeriodShown {
    let what = m.t(&format!("period.{}", period.key.replace('.', "_"))).to_owned();
    let value = m.number(period.value.into());
    let unit = m.fill(&format!("unit.{}", period.unit), &[("n", &value)]);
    let counting = m.t(&format!("counting.{}", period.counting)).to_owned();
    PeriodShown {
        sentence: m.fill("packs.period", &[("value", &unit), ("counting", &counting)]),
        what,
        citations: citations(m, std::slice::from_ref(&period.citation)),
    }
}

fn list_in_words(visit: &Visit, list: &ListDefinition) -> ListInWords {
    let m = &visit.messages;
    let packs = visit.app.registry().packs();
    let publisher = shown::authority_name(m, &packs, &list.authority);
    let link = shown::link(&format!("/{}/authorities/{}", m.code(), list.authority), &publisher);
    let kind = Html::text(m.t(&format!("types.{}", shown::type_key(list.record_type))));
    let polarity = Html::text(m.t(&format!("polarity.{}", list.polarity().key())));
    let zone = Html::text(list.zone.name());
    let every = list.subjects.len() == OrganisationKind::ALL.len();
    let kinds: Vec<String> =
        list.subjects.iter().map(|kind| m.t(&format!("kind.{}", kind.key())).to_owned()).collect();
    let subjects = if every {
        Html::text(m.t("packs.every_kind"))
    } else {
        Html::fill(m, "packs.kinds", &[("kinds", &Html::text(&m.join(&kinds)))])
    };
    ListInWords {
        anchor: format!("list-{}", list.id.as_str().replace('.', "-")),
        title: Phrase::of(m, &list.title),
        sentences: vec![
            Html::fill(m, "packs.published_by", &[("publisher", &link)]),
            Html::fill(m, "packs.becomes", &[("type", &kind), ("polarity", &polarity)]),
            subjects,
            Html::fill(m, "packs.zone", &[("zone", &zone)]),
        ],
        basis: citations(m, &list.basis),
        remedy: remedy(m, list),
        entries: list.entries.iter().map(|entry| entry_in_words(m, entry)).collect(),
    }
}

fn entry_in_words(m: &Messages, entry: &EntryDefinition) -> EntryInWords {
    let grounds: Vec<String> = entry
        .grounds
        .iter()
        .map(|ground| m.t(&format!("ground.{}", ground.key())).to_owned())
        .collect();
    let act = m.t(&format!("act.{}", entry.act.key())).to_owned();
    EntryInWords {
        title: Phrase::of(m, &entry.title),
        sentence: if grounds.is_empty() {
            m.fill("packs.entry_fact", &[("act", &act)])
        } else {
            m.fill("packs.entry", &[("grounds", &m.join(&grounds)), ("act", &act)])
        },
        basis: citations(m, &entry.basis),
        indefinite: entry.indefinite.as_ref().map(|citation| {
            let basis = Html::text(&citation.short(m.code()));
            Html::fill(m, "record.indefinite_basis", &[("basis", &basis)])
        }),
    }
}
