//! "May this organisation take part?": a plain form, and an answer explained from record to article
//! that can be printed. The question stands in the address and nowhere else.

use askama::Template;
use axum::response::Response;
use domain::authority::AuthorityKey;
use domain::ids::RecordId;
use due_process::consult::{Applicable, Considered};
use due_process::published::PublishedFacts;
use due_process::recognition::{Assessment, Told};
use policy::Packs;
use policy::measure::{AddresseeRole, MeasureFamily};

use super::super::api::organisation_asked;
use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::record::{CitationShown, citations};
use super::sheet;
use super::shown::{self, Html, Phrase, type_key};
use crate::consulting::{self, Answered, Asking};
use crate::messages::Messages;

#[derive(Template)]
#[template(path = "consult.html")]
struct ConsultPage {
    f: Frame,
    errors: Vec<FieldError>,
    answer: Option<Answer>,
    organisation: String,
    choices: Vec<Choice>,
    on: String,
}

struct FieldError {
    field: &'static str,
    text: String,
}

/// A list to choose from.
struct Choice {
    name: &'static str,
    label: String,
    options: Vec<Chosen>,
}

struct Chosen {
    value: String,
    text: String,
    is_chosen: bool,
}

struct Answer {
    href: String,
    name: Phrase,
    asked: Html,
    as_of: Html,
    measures: Vec<MeasureShown>,
    recognitions: Vec<RuleShown>,
    considered: Vec<ConsideredShown>,
    considered_title: String,
    data_href: String,
    receipt_href: Option<String>,
}

struct MeasureShown {
    title: Phrase,
    effect: String,
    term: Html,
    citations: Vec<CitationShown>,
    nexus: Phrase,
    record_href: String,
    record_kind: String,
    authority: Phrase,
    grounds: String,
    record_term: Html,
    record_citations: Vec<CitationShown>,
    lift: Option<Phrase>,
    overridable_by: Option<Phrase>,
    remedy: Option<Phrase>,
    notes: Vec<String>,
}

struct RuleShown {
    anchor: String,
    title: Phrase,
    citations: Vec<CitationShown>,
    record_href: String,
    record_kind: String,
    decided_by: Html,
    conditions: Vec<ConditionRow>,
    parties: Vec<PartyRow>,
    opt_out: Option<Phrase>,
}

struct ConditionRow {
    what: String,
    told: String,
    class: &'static str,
}

struct PartyRow {
    name: Phrase,
    standing: String,
}

struct ConsideredShown {
    measure: Phrase,
    record_href: String,
    record_kind: String,
    why: String,
}

pub async fn show(visit: Visit) -> Response {
    visit.for_its_day().answer(render).await
}

/// Parts of a question that have to be there; with all of them absent the form alone is shown.
const ASKED: [&str; 4] = ["organisation", "purpose", "role", "territory"];

fn render(visit: &Visit) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let in_force = visit.app.registry().packs();
    let packs = &*in_force;
    // A link from a file names the organisation alone: the rest is still to be chosen.
    let is_asked = ASKED.iter().skip(1).any(|name| visit.parameter(name).is_some());
    let mut errors = Vec::new();
    let answered = if is_asked { asked(visit, &mut errors)? } else { None };
    let mut f = Frame::of(visit, m.t("consult.title"), true);
    if !errors.is_empty() {
        f.title = m.fill("frame.title_error", &[("title", &f.title)]);
    }
    let until = match &answered {
        Some(answered) => Freshness::Until(Some(answered.usable_until)),
        None => Freshness::Boundary,
    };
    let page = ConsultPage {
        f,
        errors,
        answer: answered.map(|answered| answer(visit, &answered)),
        organisation: visit.parameter("organisation").unwrap_or_default().to_owned(),
        choices: choices(visit, packs),
        on: visit.parameter("on").unwrap_or_default().to_owned(),
    };
    sheet(&page, until, true)
}

/// The answer, or what of the question has to be corrected.
fn asked(visit: &Visit, errors: &mut Vec<FieldError>) -> Result<Option<Answered>, Fault> {
    let m = &visit.messages;
    let registry = visit.app.registry();
    let mut wrong = |field, key: &str| errors.push(FieldError { field, text: m.t(key).to_owned() });
    let asking = Asking::read(&registry.packs(), |name| visit.parameter(name));
    if let Err(unfit) = &asking {
        wrong(unfit.parameter, "consult.unfit");
    }
    let unknown = "consult.organisation_unknown";
    let id = match visit.parameter("organisation").map(|text| organisation_asked(visit, text)) {
        Some(Ok(id)) => Some(id),
        Some(Err(fault)) if fault.status() != axum::http::StatusCode::NOT_FOUND => {
            return Err(fault);
        }
        Some(Err(_)) | None => {
            wrong("organisation", unknown);
            None
        }
    };
    let (Ok(asking), Some(id)) = (asking, id) else { return Ok(None) };
    let answered = consulting::ask(registry, id, &asking)?;
    if answered.is_none() {
        wrong("organisation", unknown);
    }
    Ok(answered)
}

fn choices(visit: &Visit, packs: &Packs) -> Vec<Choice> {
    let m = &visit.messages;
    let choice = |name: &'static str, label: &str, options: Vec<(String, String)>| {
        let chosen = visit.parameter(name).unwrap_or_default();
        let options = options.into_iter().map(|(value, text)| Chosen {
            is_chosen: value == chosen,
            value,
            text,
        });
        Choice { name, label: m.t(label).to_owned(), options: options.collect() }
    };
    let keyed = |family: &str, keys: Vec<&'static str>| -> Vec<(String, String)> {
        keys.into_iter()
            .map(|key| (key.to_owned(), m.t(&format!("consult.{family}.{key}")).to_owned()))
            .collect()
    };
    let place = |territory: String| {
        let pack = packs.pack(&territory);
        let text = pack.map_or_else(|| territory.clone(), |pack| Phrase::of(m, &pack.title).text);
        (territory, text)
    };
    let territories = consulting::territories(packs).into_iter().map(place).collect();
    let mut addressees = vec![(String::new(), m.t("consult.addressee_none").to_owned())];
    addressees.extend(parties(packs).into_iter().map(|key| {
        let name = shown::authority_name(m, packs, &key);
        (key.to_string(), name.text)
    }));
    vec![
        choice(
            "purpose",
            "consult.purpose",
            keyed("family", MeasureFamily::ALL.iter().map(|it| it.key()).collect()),
        ),
        choice(
            "role",
            "consult.role",
            keyed("function", AddresseeRole::ALL.iter().map(|it| it.key()).collect()),
        ),
        choice("territory", "consult.territory", territories),
        choice("addressee", "consult.addressee", addressees),
    ]
}

/// Authorities for which an answer may differ: those of agreements, and those that submit records.
fn parties(packs: &Packs) -> Vec<AuthorityKey> {
    let of_agreements = packs.recognitions().flat_map(|rule| &rule.parties);
    let of_mandates = packs.mandates().map(|mandate| &mandate.authority);
    let mut found: Vec<AuthorityKey> = of_agreements.chain(of_mandates).cloned().collect();
    found.sort();
    found.dedup();
    found
}

fn answer(visit: &Visit, answered: &Answered) -> Answer {
    let m = &visit.messages;
    let in_force = visit.app.registry().packs();
    let packs = &*in_force;
    let question = &answered.question;
    let said = |family: &str, key: &str| Html::text(m.t(&format!("consult.{family}.{key}")));
    let pack = packs.pack(question.territory.as_str());
    let place = pack.map_or_else(
        || Phrase::plain(question.territory.as_str()),
        |pack| Phrase::of(m, &pack.title),
    );
    let query = visit.query.as_deref().unwrap_or_default();
    let number = Html::text(&m.number(answered.position));
    let considered: Vec<ConsideredShown> =
        answered.found.considered.iter().map(|it| considered(m, packs, answered, it)).collect();
    Answer {
        href: format!("/{}/organisations/{}", m.code(), answered.organisation),
        name: Phrase::name(m, &answered.name),
        asked: Html::fill(
            m,
            "consult.asked",
            &[
                ("purpose", &said("family", question.purpose.key())),
                ("role", &said("function", question.role.key())),
                ("place", &place.html()),
                ("day", &shown::day(m, question.on)),
            ],
        ),
        as_of: Html::fill(
            m,
            "consult.as_of",
            &[
                ("at", &shown::instant(m, answered.as_of)),
                ("position", &number),
                ("until", &shown::instant(m, answered.usable_until)),
            ],
        ),
        measures: answered
            .found
            .applicable
            .iter()
            .map(|it| measure(m, packs, answered, it))
            .collect(),
        recognitions: (1..)
            .zip(&answered.assessments)
            .map(|(number, it)| rule(m, packs, answered, it, number))
            .collect(),
        considered_title: m.count("consult.considered", considered.len() as u64, &[]),
        considered,
        data_href: format!("/api/v1/consult?{query}"),
        receipt_href: visit
            .app
            .registry()
            .answers_key()
            .map(|_| format!("/api/v1/consult/receipt?{query}")),
    }
}

fn record_href(m: &Messages, record: RecordId) -> String {
    format!("/{}/records/{record}", m.code())
}

fn record_kind(m: &Messages, answered: &Answered, record: RecordId) -> String {
    match answered.facts.get(&record) {
        Some(facts) => m.t(&format!("type.{}", type_key(facts.record_type))).to_owned(),
        None => record.to_string(),
    }
}

fn grounds(m: &Messages, facts: Option<&PublishedFacts>) -> String {
    let grounds = facts.map(|facts| facts.grounds.as_slice()).unwrap_or_default();
    let words: Vec<String> =
        grounds.iter().map(|ground| m.t(&format!("ground.{}", ground.key())).to_owned()).collect();
    if words.is_empty() { "–".to_owned() } else { m.join(&words) }
}

fn record_citations(
    m: &Messages,
    packs: &Packs,
    facts: Option<&PublishedFacts>,
) -> Vec<CitationShown> {
    let Some(facts) = facts else { return Vec::new() };
    let list = facts.list.as_ref().and_then(|list| packs.list(list));
    let entry = facts.entry.as_ref().and_then(|entry| packs.catalogue_entry(entry));
    match (list, entry) {
        (Some(list), _) => citations(m, &list.basis),
        (None, Some(entry)) => citations(m, &entry.basis),
        (None, None) => Vec::new(),
    }
}

fn measure(m: &Messages, packs: &Packs, answered: &Answered, it: &Applicable) -> MeasureShown {
    let measure = packs.measure(&it.measure);
    let facts = answered.facts.get(&it.record);
    let choice = if it.mandatory { "consult.mandatory" } else { "consult.discretion" };
    let effect = format!("consult.does.{}", it.effect.key().to_lowercase());
    let mut notes = Vec::new();
    if it.objected {
        notes.push(m.t("consult.objected").to_owned());
    }
    if it.interim {
        notes.push(m.t("consult.interim").to_owned());
    }
    for authority in &it.set_aside_by {
        let name = shown::authority_name(m, packs, authority).text;
        notes.push(m.fill("consult.set_aside_by", &[("authority", &name)]));
    }
    let plain = || Phrase::plain(it.measure.as_str());
    MeasureShown {
        title: measure.map_or_else(plain, |measure| Phrase::of(m, &measure.title)),
        effect: [m.t(&effect), m.t("join.comma"), m.t(choice)].concat(),
        term: shown::term_of(m, it.from, it.until.map(domain::civil::End::On).as_ref()),
        citations: measure.map(|measure| citations(m, &measure.basis)).unwrap_or_default(),
        nexus: measure.map_or_else(plain, |measure| Phrase::of(m, &measure.nexus)),
        record_href: record_href(m, it.record),
        record_kind: record_kind(m, answered, it.record),
        authority: facts.map_or_else(
            || Phrase::plain(""),
            |facts| shown::authority_name(m, packs, &facts.authority),
        ),
        grounds: grounds(m, facts),
        record_term: shown::term_of(
            m,
            facts.and_then(|facts| facts.start),
            facts.and_then(|facts| facts.end.as_ref()),
        ),
        record_citations: record_citations(m, packs, facts),
        lift: measure.and_then(|measure| Some(Phrase::of(m, measure.lift.as_ref()?))),
        overridable_by: measure
            .and_then(|measure| Some(Phrase::of(m, measure.overridable_by.as_ref()?))),
        remedy: measure.and_then(|measure| Some(Phrase::of(m, &measure.remedy.as_ref()?.text))),
        notes,
    }
}

fn rule(
    m: &Messages,
    packs: &Packs,
    answered: &Answered,
    it: &Assessment,
    number: u64,
) -> RuleShown {
    let rule = packs.recognition(&it.rule);
    let decided_by = match &it.decider {
        Some(decider) => {
            let name = shown::authority_name(m, packs, decider).html();
            Html::fill(m, "consult.decided_by", &[("authority", &name)])
        }
        None => Html::text(m.t("consult.decided_by_unknown")),
    };
    RuleShown {
        anchor: format!("recognition-{number}"),
        title: rule
            .map_or_else(|| Phrase::plain(it.rule.as_str()), |rule| Phrase::of(m, &rule.title)),
        citations: rule.map(|rule| citations(m, &rule.basis)).unwrap_or_default(),
        record_href: record_href(m, it.record),
        record_kind: record_kind(m, answered, it.record),
        decided_by,
        conditions: it
            .conditions
            .iter()
            .map(|(condition, told)| ConditionRow {
                what: m.t(&format!("consult.if.{}", condition.key())).to_owned(),
                told: m.t(&format!("consult.{}", told.key())).to_owned(),
                class: match told {
                    Told::Met => "tag tag-strong",
                    Told::NotMet => "tag",
                    Told::Untold => "tag tag-weak",
                },
            })
            .collect(),
        parties: it
            .parties
            .iter()
            .map(|(party, standing)| PartyRow {
                name: shown::authority_name(m, packs, party),
                standing: m.t(&format!("consult.party_{}", standing.key())).to_owned(),
            })
            .collect(),
        opt_out: rule.and_then(|rule| Some(Phrase::of(m, rule.opt_out.as_ref()?))),
    }
}

fn considered(
    m: &Messages,
    packs: &Packs,
    answered: &Answered,
    it: &Considered,
) -> ConsideredShown {
    ConsideredShown {
        measure: packs.measure(&it.measure).map_or_else(
            || Phrase::plain(it.measure.as_str()),
            |measure| Phrase::of(m, &measure.title),
        ),
        record_href: record_href(m, it.record),
        record_kind: record_kind(m, answered, it.record),
        why: m.t(&format!("consult.why_not.{}", it.why.key())).to_owned(),
    }
}
