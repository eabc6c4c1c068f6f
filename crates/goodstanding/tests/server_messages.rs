//! The message files and the templates fit: no key is asked for in vain, none is there in vain.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::case::{Attestation, Severity, WithdrawalReason};
use domain::coverage::{Field, Sector};
use domain::feedback::WhyNotApplied;
use domain::identity::IdentityReason;
use domain::limits::{Act, AddresseeRole, Effect, Ground, MeasureFamily};
use domain::organisation::OrganisationKind;
use domain::performance::{Deadline, Figure, SizeClass};
use domain::record::{Body, Polarity, RecordType};
use due_process::case::{DeadlineKey, State as CaseState};
use due_process::consult::WhyNot;
use due_process::quotation::State;
use due_process::recognition::{Condition, Standing, Told};
use goodstanding::messages::Catalogue;
use policy::procedure::{PeriodKey, Unit};

/// Keys that are put together from a closed vocabulary: family, and what may follow.
fn from_vocabularies() -> BTreeSet<String> {
    let types: Vec<String> = RecordType::ALL.map(|t| t.key().replace('.', "_")).to_vec();
    let mut keys = BTreeSet::new();
    let mut family = |name: &str, members: &[&str]| {
        keys.extend(members.iter().map(|member| format!("{name}.{member}")));
    };
    let months: Vec<String> = (1..=12).map(|n| format!("m{n}")).collect();
    family("month", &months.iter().map(String::as_str).collect::<Vec<_>>());
    family("ground", &Ground::ALL.map(Ground::key));
    family("kind", &OrganisationKind::ALL.map(OrganisationKind::key));
    family("act", &Act::ALL.map(Act::key));
    family("polarity", &[Polarity::Adverse, Polarity::Neutral, Polarity::Good].map(Polarity::key));
    family("state", &State::ALL.map(State::key));
    for record_type in RecordType::ALL {
        family("field", Body::field_keys(record_type));
    }
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    family("type", &types);
    family("types", &types);
    family(
        "period",
        &["quotation_current", "quotation_hidden", "quotation_vanished", "identity_notice"],
    );
    let units = ["times_the_current_period", "percent_of_standing_quotations"];
    family("unit", &[&units[..], &Unit::ALL.map(Unit::key)].concat());
    let steps: Vec<String> =
        PeriodKey::ALL.iter().map(|step| step.key().replace('.', "_")).collect();
    family("step", &steps.iter().map(String::as_str).collect::<Vec<_>>());
    family("deadline", &Deadline::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    family("due", &DeadlineKey::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    family("due", &["remedy_until", "repair_from"]);
    family("party", &["subject", "officer", "decider", "registry", "reviewer", "court"]);
    family("party", &["third_party", "peer", "time"]);
    family("case_state", &CaseState::ALL.map(CaseState::key));
    family("document", &Attestation::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    family("your_case", &["due", "whose", "until", "law", "then"]);
    family("figure", &Figure::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    family("size_class", &SizeClass::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    family("told", &["few", "several", "withheld", "at_least"]);
    family("counting", &["first_day_not_counted", "held_when_exceeded"]);
    let or_unstated = |keys: &[&'static str]| [keys, &["unstated"]].concat();
    family("field_of", &or_unstated(&Field::ALL.map(Field::key)));
    family("sector", &or_unstated(&Sector::ALL.map(Sector::key)));
    family("statistics", &["types", "lists", "grounds", "countries", "kinds", "fields", "sectors"]);
    family("data", &["form_csv", "form_jsonl", "form_own"]);
    family("sources", &["rows", "standing", "vanished", "quarantined"]);
    let document = serde_json::to_value(goodstanding::server::openapi()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let operations = document["paths"].as_object().unwrap().values();
    let operations: Vec<String> = operations
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| text(&operation["operationId"]))
        .collect();
    family("api", &operations.iter().map(String::as_str).collect::<Vec<_>>());
    let tags = document["tags"].as_array().unwrap().iter();
    let tags: Vec<String> = tags.map(|tag| format!("tag_{}", text(&tag["name"]))).collect();
    family("api", &tags.iter().map(String::as_str).collect::<Vec<_>>());
    family("entry", &["event", "open", "withhold", "erasure", "key", "policy", "predecessor"]);
    let waiting = ["entry", "list", "measure", "mandate", "recognition", "period"];
    family("packs", &waiting.map(|of| format!("of_{of}")).each_ref().map(String::as_str));
    let days: Vec<String> =
        (1..=7).flat_map(|day| [format!("d{day}"), format!("s{day}")]).collect();
    family("weekday", &days.iter().map(String::as_str).collect::<Vec<_>>());
    family("calendars", &["short_off", "short_make_up", "short_uncovered"]);
    family("identity.kind", &["same", "distinct", "split", "reversal"]);
    family("identity.stage", &["open", "confirmed", "refused", "reversed"]);
    family("identity.reason", &IdentityReason::ALL.map(IdentityReason::key));
    family("entry_state", &["open", "sealed", "withheld", "erased", "clear", "unknown", "broken"]);
    family(
        "twin",
        &["same_identifier", "same_name", "same_name_country_unknown", "same_name_other_country"],
    );
    family(
        "why",
        &[
            "identifier",
            "identifier_invalid_but_official",
            "identifier_unchecked",
            "full_name",
            "name_without_legal_form",
            "all_words",
            "beginning_of_word",
        ],
    );
    family(
        "timeline",
        &[
            "organisation_registered",
            "identifier_claimed",
            "name_claimed",
            "record_submitted",
            "record_revised",
            "case_submitted",
            "case_published",
            "case_step",
            "decision_upheld",
            "interim_published",
            "objection_filed",
            "objection_rejected",
            "objection_escalated",
            "statement_added",
            "term_extended",
            "term_shortened",
            "record_imputed",
            "record_recognised",
            "measure_overridden",
            "record_corrected",
            "record_withdrawn",
        ],
    );
    for severity in Severity::ALL {
        keys.insert(format!("case.severity_{}", severity.key()));
    }
    for reason in WithdrawalReason::ALL {
        keys.insert(format!("case.withdrawn_{}", reason.key()));
    }
    let consulted: [(&str, Vec<String>); 8] = [
        ("consult", Told::ALL.iter().map(|it| it.key().to_owned()).collect()),
        ("consult", Standing::ALL.iter().map(|it| format!("party_{}", it.key())).collect()),
        ("consult.if", Condition::ALL.iter().map(|it| it.key().to_owned()).collect()),
        ("consult.family", MeasureFamily::ALL.iter().map(|it| it.key().to_owned()).collect()),
        ("consult.function", AddresseeRole::ALL.iter().map(|it| it.key().to_owned()).collect()),
        ("consult.does", Effect::ALL.iter().map(|it| it.key().to_lowercase()).collect()),
        ("feedback.reason", WhyNotApplied::ALL.iter().map(|it| it.key().to_owned()).collect()),
        ("consult.why_not", WhyNot::ALL.iter().map(|it| it.key().to_owned()).collect()),
    ];
    for (name, members) in consulted {
        keys.extend(members.iter().map(|member| format!("{name}.{member}")));
    }
    for key in types {
        keys.insert(format!("organisation.effect.{key}"));
    }
    keys
}

/// Everything between quotation marks in templates and in the source of the server.
fn quoted() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    // What the parties of a case are given to read is written beside the cases.
    let mut waiting =
        vec![root.join("templates"), root.join("src/server"), root.join("src/cases/document")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                waiting.push(entry.path());
            } else {
                texts.push(fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    for file in ["src/messages.rs", "src/failing.rs"] {
        texts.push(fs::read_to_string(root.join(file)).unwrap());
    }
    texts.iter().flat_map(|text| text.split('"')).map(str::to_owned).collect()
}

fn without_form(key: &str) -> &str {
    key.strip_suffix(".one").or_else(|| key.strip_suffix(".other")).unwrap_or(key)
}

#[test]
fn no_message_is_unused_and_none_is_missing() {
    let catalogue = Catalogue::load().unwrap();
    let keys: BTreeSet<String> =
        catalogue.get("en").unwrap().keys().map(|key| without_form(key).to_owned()).collect();
    let (quoted, composed) = (quoted(), from_vocabularies());
    for key in &composed {
        assert!(keys.contains(key), "{key} may be asked for and is in no message file");
    }
    for key in &keys {
        assert!(quoted.contains(key) || composed.contains(key), "{key} is used nowhere");
    }
    let families: BTreeSet<&str> = keys.iter().filter_map(|key| key.split('.').next()).collect();
    for text in &quoted {
        let is_key = text.split_once('.').is_some_and(|(family, rest)| {
            families.contains(family)
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._".contains(&b))
                && !rest.is_empty()
                && !rest.ends_with("html")
                && !rest.ends_with('.')
        });
        assert!(!is_key || keys.contains(text), "{text} is asked for and is in no message file");
    }
}

#[test]
fn a_third_language_needs_no_rust() {
    // The routes and switch links follow from the files: here, that a further file is read at all.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages");
    let english = fs::read_to_string(root.join("en.toml")).unwrap();
    let french = english.replace("html = \"en\"", "html = \"fr\"");
    let catalogue = Catalogue::from_files(&[("en", &english), ("fr", &french)]).unwrap();
    assert_eq!(catalogue.preferred(Some("fr-CA")).html_lang(), "fr");
    assert_eq!(catalogue.languages().len(), 2);
}
