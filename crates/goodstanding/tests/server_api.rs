//! The API answers as its own description says.

mod server_support;
mod support;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use ledger::note::Vkey;
use ledger::proof::TlogProof;
use serde_json::Value;
use server_support::{Answer, BANK, CHINESE, Fixture, HOSTILE, LARGE, LARGE_LEI, LIST, Server};

/// Checks `value` against a JSON schema of the document: types, required and unknown keys.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference}"));
        return check(document, target, value, at);
    }
    if let Some(options) = schema["oneOf"].as_array() {
        let is_null = |option: &&Value| option["type"] == "null";
        if value.is_null() {
            assert!(options.iter().any(|option| is_null(&option)), "{at} is null");
        } else {
            check(document, options.iter().find(|o| !is_null(o)).unwrap(), value, at);
        }
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => panic!("{at}: no type in {schema}"),
    };
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&actual), "{at}: {actual}, described as {types:?}");
    match value {
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                check(document, &schema["items"], item, &format!("{at}[{n}]"));
            }
        }
        Value::Object(fields) => check_object(document, schema, fields, at),
        _ => {}
    }
}

fn check_object(
    document: &Value,
    schema: &Value,
    fields: &serde_json::Map<String, Value>,
    at: &str,
) {
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(fields.contains_key(required.as_str().unwrap()), "{at} lacks {required}");
    }
    for (key, value) in fields {
        let described = match schema["properties"].get(key) {
            Some(described) => described,
            None => schema
                .get("additionalProperties")
                .unwrap_or_else(|| panic!("{at}.{key} is not described")),
        };
        check(document, described, value, &format!("{at}.{key}"));
    }
}

/// One request for each operation of the document, and the statuses it may have.
fn examples(server: &Server) -> Vec<(&'static str, String, u16)> {
    let (large, record) = (server.organisation(LARGE), server.record(CHINESE));
    let (hostile, bank) = (server.organisation(HOSTILE), server.organisation(BANK));
    let unknown = "018f0000-0000-7000-8000-000000000000";
    let chinese = server.organisation(CHINESE);
    let bank_asks = "purpose=development_finance&role=development_bank&territory=mdb";
    let at = |path: &str| format!("/api/v1{path}");
    vec![
        // The first of each is the example of the reference page: one record, so always the same.
        ("/api/v1/organisations/{id}", at(&format!("/organisations/{bank}")), 200),
        ("/api/v1/organisations/{id}", at(&format!("/organisations/{large}")), 200),
        ("/api/v1/organisations/{id}", at(&format!("/organisations/{hostile}?at=1")), 404),
        ("/api/v1/organisations/{id}", at(&format!("/organisations/{large}?at=x")), 400),
        ("/api/v1/organisations/{id}", at(&format!("/organisations/{unknown}")), 404),
        ("/api/v1/organisations", at(&format!("/organisations?identifier=lei:{LARGE_LEI}")), 303),
        ("/api/v1/organisations", at("/organisations?identifier=lei:x"), 404),
        ("/api/v1/organisations", at("/organisations"), 400),
        ("/api/v1/search", at("/search?q=national+bank&limit=3"), 200),
        ("/api/v1/search", at("/search?q=example&limit=3"), 200),
        ("/api/v1/search", at("/search?q="), 400),
        ("/api/v1/search", at("/search?q=x&limit=0"), 400),
        ("/api/v1/consult", at(&format!("/consult?organisation={chinese}&{bank_asks}")), 200),
        ("/api/v1/consult", at(&format!("/consult?organisation={unknown}&{bank_asks}")), 404),
        ("/api/v1/consult", at(&format!("/consult?organisation={chinese}")), 400),
        (
            "/api/v1/consult/receipt",
            at(&format!("/consult/receipt?organisation={chinese}&{bank_asks}")),
            200,
        ),
        ("/api/v1/consult/receipt", at("/consult/receipt"), 400),
        (CONSULTS, at(&format!("/organisations/{large}/consults")), 200),
        (CONSULTS, at(&format!("/organisations/{unknown}/consults")), 404),
        ("/api/v1/feedback", at("/feedback"), 200),
        ("/api/v1/withdrawals", at("/withdrawals?since=0"), 200),
        ("/api/v1/withdrawals", at("/withdrawals?since=x"), 400),
        ("/api/v1/records/{id}", at(&format!("/records/{record}")), 200),
        ("/api/v1/records/{id}", at(&format!("/records/{unknown}")), 404),
        ("/api/v1/records/{id}/proof", at(&format!("/records/{record}/proof")), 200),
        ("/api/v1/records/{id}/proof", at(&format!("/records/{unknown}/proof")), 404),
        ("/api/v1/records/{id}/opening", at(&format!("/records/{record}/opening")), 200),
        ("/api/v1/records/{id}/opening", at("/records/x/opening"), 404),
        ("/api/v1/records/{id}/opening.txt", at(&format!("/records/{record}/opening.txt")), 200),
        ("/api/v1/records/{id}/opening.txt", at("/records/x/opening.txt"), 404),
        ("/api/v1/lists", at("/lists"), 200),
        ("/api/v1/lists/{id}", at("/lists/us.occ-national-banks?limit=7"), 200),
        ("/api/v1/lists/{id}", at(&format!("/lists/{LIST}?limit=7")), 200),
        ("/api/v1/lists/{id}", at("/lists/none.such"), 404),
        ("/api/v1/lists/{id}", at(&format!("/lists/{LIST}?after=x")), 400),
        ("/api/v1/log", at("/log"), 200),
        ("/api/v1/sources", at("/sources"), 200),
        ("/api/v1/packs", at("/packs"), 200),
        ("/api/v1/authorities", at("/authorities"), 200),
        ("/api/v1/authorities/{key}", at("/authorities/us.occ"), 200),
        ("/api/v1/authorities/{key}", at("/authorities/none.such"), 404),
        (PERFORMANCE, at("/authorities/us.occ/performance"), 200),
        (PERFORMANCE, at("/authorities/us.occ/performance?on=yesterday"), 400),
        (PERFORMANCE, at("/authorities/none.such/performance"), 404),
        (PERFORMANCE_CSV, at("/authorities/us.occ/performance.csv"), 200),
        (PERFORMANCE_CSV, at("/authorities/none.such/performance.csv"), 404),
        ("/api/v1/statistics", at("/statistics"), 200),
        ("/api/v1/statistics.csv", at("/statistics.csv"), 200),
    ]
}

const CONSULTS: &str = "/api/v1/organisations/{id}/consults";
const PERFORMANCE: &str = "/api/v1/authorities/{key}/performance";
const PERFORMANCE_CSV: &str = "/api/v1/authorities/{key}/performance.csv";

#[test]
fn an_authority_that_is_only_quoted_is_said_to_run_no_cases_instead_of_having_noughts() {
    let server = Fixture::get().server();
    let json = server.ok("/api/v1/authorities/us.occ/performance").json();
    assert_eq!((&json["runs_cases"], &json["as_of"]), (&Value::Bool(false), &Value::Null));
    assert_eq!(json["months"], Value::Array(Vec::new()));
    let csv = server.ok("/api/v1/authorities/us.occ/performance.csv");
    assert_eq!(csv.text(), "authority,month,is_over,figure,told,count\n");
    let page = server.ok("/en/authorities/us.occ");
    assert!(page.text().contains("it is quoted only and runs no proceedings here"));
}

/// What takes a signature or a token.
fn is_signed(path: &str) -> bool {
    path.starts_with("/api/v1/cases") || path.starts_with("/api/v1/consults")
}

#[test]
fn every_described_route_is_mounted_and_answers_as_described() {
    let server = Fixture::get().server();
    let document = server.ok("/api/v1/openapi.json").json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    // Those of cases are asked in `cases_http`, with keys and tokens; those of authorities that ask
    // in `consults`.
    let described: BTreeSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|path| !is_signed(path))
        .collect();
    let mut asked = BTreeSet::new();
    for (template, address, status) in examples(&server) {
        let operation = &document["paths"][template]["get"];
        let answer = server.get(&address);
        assert_eq!(answer.status.as_u16(), status, "{address}: {}", answer.text());
        let response = &operation["responses"][status.to_string()];
        assert!(response.is_object(), "{address}: {status} is not described");
        check_body(&document, response, &answer, &address);
        asked.insert(template);
    }
    assert_eq!(described, asked, "an operation nobody asks in this test");
}

fn check_body(document: &Value, response: &Value, answer: &Answer, address: &str) {
    let Some(content) = response["content"].as_object() else {
        assert!(answer.bytes.is_empty(), "{address}: a body that is not described");
        return;
    };
    let (kind, described) = content.iter().next().unwrap();
    assert!(answer.header("content-type").starts_with(kind.as_str()), "{address}: {kind}");
    if kind.ends_with("json") {
        check(document, &described["schema"], &answer.json(), address);
    }
}

/// What differs from run to run is written alike: ids, hashes, texts in base64, instants and days.
fn levelled(value: Value, key: &str) -> Value {
    const OPAQUE: [&str; 8] =
        ["salt", "payload", "checkpoint", "vkey", "hash", "commitment", "leaf_hash", "disclosures"];
    match value {
        Value::String(_) if OPAQUE.contains(&key) => "…".into(),
        // Addresses hold ids too.
        Value::String(text) if text.starts_with('/') => levelled_path(&text).into(),
        Value::String(text) => levelled_text(&text).into(),
        Value::Number(_) if ["position", "size", "entries"].contains(&key) => 0.into(),
        // One of each is enough to see the shape.
        Value::Array(items) => items.into_iter().take(1).map(|item| levelled(item, key)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key.clone(), levelled(value, &key)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}

fn levelled_text(text: &str) -> String {
    let is_day = |word: &str| word.len() == 10 && word.parse::<domain::civil::Day>().is_ok();
    let is_id = |word: &str| word.parse::<domain::ids::OrganisationId>().is_ok();
    let words: Vec<String> = text
        .split(' ')
        .map(|word| match word {
            word if is_id(word) => "018f0000-0000-7000-8000-000000000000".to_owned(),
            word if is_day(word) => "2026-11-25".to_owned(),
            // A month.
            word if word.len() == 7 && is_day(&format!("{word}-01")) => "2026-11".to_owned(),
            word if word.parse::<domain::civil::Instant>().is_ok() => {
                "2026-11-25T10:00:00Z".to_owned()
            }
            word => word.to_owned(),
        })
        .collect();
    words.join(" ")
}

fn levelled_path(path: &str) -> String {
    // Ids stand in queries too.
    let parts = path.split_inclusive(['/', '?', '&', '=']);
    let levelled = parts.map(|part| {
        let text = part.trim_end_matches(['/', '?', '&', '=']);
        // Of a part, what is left is its mark.
        format!("{}{}", levelled_text(text), part.strip_prefix(text).unwrap_or_default())
    });
    levelled.collect()
}

/// The examples of the reference page are asked here; `GOODSTANDING_WRITE_EXAMPLES=1` writes them.
#[test]
fn examples_of_the_reference_are_what_the_server_answers() {
    let server = Fixture::get().server();
    let mut asked = serde_json::Map::new();
    for (template, address, status) in examples(&server) {
        if asked.contains_key(template) || status >= 400 {
            continue;
        }
        let answer = server.get(&address);
        let kind = answer.header("content-type").to_owned();
        let shown = match kind.as_str() {
            "application/json" => levelled(answer.json(), ""),
            kind if kind.starts_with("text/csv") => {
                answer.text().lines().take(1).collect::<Vec<_>>().join("\n").into()
            }
            // Hashes and base64: the first line says what it is.
            kind if kind.starts_with("text/plain") && template.ends_with("proof") => {
                format!("{}\n…", answer.text().lines().next().unwrap()).into()
            }
            kind if kind.starts_with("text/plain") => "…".into(),
            _ => Value::Null,
        };
        let example = serde_json::json!({
            "request": levelled_path(&address), "status": answer.status.as_u16(), "answer": shown,
        });
        asked.insert(template.to_owned(), example);
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/api_examples.json");
    let text = serde_json::to_string_pretty(&asked).unwrap() + "\n";
    if std::env::var_os("GOODSTANDING_WRITE_EXAMPLES").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    for (template, example) in &asked {
        assert_eq!(&kept[template], example, "{template}: GOODSTANDING_WRITE_EXAMPLES=1 writes it");
    }
    assert_eq!(kept.as_object().unwrap().len(), asked.len());
    // Every operation of the document stands on the page in both languages.
    let document = server.ok("/api/v1/openapi.json").json();
    for code in ["en", "zh"] {
        let page = server.ok(&format!("/{code}/api")).page();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                let heading =
                    page.with_id(id).unwrap_or_else(|| panic!("{path} is not on the page"));
                assert_eq!(heading.text, format!("{} {path}", method.to_uppercase()));
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let name = parameter["name"].as_str().unwrap();
                    assert!(page.all("code").any(|code| code.text == name), "{path}: {name}");
                }
            }
        }
    }
}

#[test]
fn operations_and_their_parameters_are_explained() {
    let document = serde_json::to_value(goodstanding::server::openapi()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let may_write = is_signed(path);
            assert!(method == "get" || (may_write && method == "post"), "{path}: {method}");
            assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{path}");
            assert!(ids.insert(operation["operationId"].to_string()), "{path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{path}: {parameter}");
            }
        }
    }
}

#[test]
fn problems_have_a_number_a_page_and_the_readers_language() {
    let server = Fixture::get().server();
    let refusals = server.ok("/en/refusals").page();
    for (_, address, status) in examples(&server) {
        if !(400..600).contains(&status) {
            continue;
        }
        let [en, zh] = ["en", "zh-CN"].map(|language| {
            let answer = server.ask("GET", &address, &[("accept-language", language)]);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert!(answer.header("vary").contains("accept-language"));
            answer.json()
        });
        assert_eq!(en["status"], status);
        let number = en["refusal"].as_u64().unwrap();
        assert_eq!(en["type"], format!("/en/refusals#{number}"));
        assert_eq!(zh["type"], en["type"]);
        assert_ne!(zh["detail"], en["detail"], "{address}");
        assert!(refusals.with_id(&number.to_string()).is_some(), "{number}");
    }
    let nothing = server.get("/api/v1/nothing");
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(nothing.json()["refusal"], 501);
}

#[test]
fn what_is_not_there_and_what_cannot_be_read_have_numbers_of_their_own() {
    let server = Fixture::get().server();
    let unknown = server.get("/api/v1/records/01939a5e-0000-7000-8000-000000000009");
    assert_eq!((unknown.status, &unknown.json()["refusal"]), (StatusCode::NOT_FOUND, &502.into()));
    let unreadable = server.get("/api/v1/search?q=a&limit=many");
    let told = unreadable.json();
    assert_eq!((unreadable.status, &told["refusal"]), (StatusCode::BAD_REQUEST, &504.into()));
}

#[test]
fn a_record_can_be_verified_from_its_two_files() {
    let server = Fixture::get().server();
    let id = server.record(CHINESE);
    let record = server.ok(&format!("/api/v1/records/{id}")).json();
    let opening = server.ok(&format!("/api/v1/records/{id}/opening")).json();
    let proof = server.ok(&format!("/api/v1/records/{id}/proof"));
    assert_eq!(proof.header("content-type"), "text/plain; charset=utf-8");
    // The commitment follows from the opening, the entry from the commitment.
    let salt = ledger::wire::from_base64url(opening["salt"].as_str().unwrap()).unwrap();
    let commitment = ledger::wire::commitment(&ledger::wire::Opening {
        salt: salt.try_into().unwrap(),
        payload: opening["payload"].as_str().unwrap().to_owned(),
        disclosures: Vec::new(),
    });
    let hex: String = commitment.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(record["proof"]["commitment"], hex);
    let entry = ledger::wire::Leaf::Event { commitment }.to_bytes();
    let vkey = Vkey::parse(server.ok("/log/vkey").text().trim()).unwrap();
    let line = server.ok(&format!("/api/v1/records/{id}/opening.txt")).text().to_owned();
    let receipt = ledger::verify::ReceiptCheck {
        proof: proof.text(),
        entry: None,
        opening: Some(&line),
        vkey: Some(&vkey),
    };
    let (outcome, _) = ledger::verify::verify_receipt(&receipt);
    assert!(matches!(outcome, ledger::verify::Outcome::True), "{outcome:?}");
    let proof = TlogProof::parse(proof.text()).unwrap();
    assert_eq!(proof.index, opening["position"].as_u64().unwrap());
    proof.verify(&entry, &vkey).unwrap();
}

#[test]
fn a_quotation_says_so_in_every_answer() {
    let server = Fixture::get().server();
    let file = server.ok(&format!("/api/v1/organisations/{}", server.organisation(LARGE))).json();
    let list = server.ok(&format!("/api/v1/lists/{LIST}?limit=3")).json();
    let one = server.ok(&format!("/api/v1/records/{}", server.record(BANK))).json();
    let of_list = list["entries"].as_array().unwrap().iter().map(|entry| &entry["record"]);
    let records = file["records"].as_array().unwrap().iter().chain(of_list).chain([&one["record"]]);
    let mut seen = 0;
    for record in records {
        assert_eq!(record["mode"], "quotation");
        assert!(record["quotation"]["publisher"]["names"]["zh"].is_string(), "{record}");
        assert_eq!(record["quotation"]["read_on"], support::today().to_string());
        assert!(!record["basis"].as_array().unwrap().is_empty());
        seen += 1;
    }
    assert_eq!(seen, 50 + 3 + 1);
    assert_eq!(
        file["in_effect"],
        serde_json::json!([{ "type": "procurement.exclusion", "count": 50 }])
    );
}

#[test]
fn no_answer_holds_a_score() {
    // P1: no total score of anything. The word belongs to screening alone.
    let document = serde_json::to_string(&goodstanding::server::openapi()).unwrap().to_lowercase();
    for word in ["\"score", "\"rank", "\"rating", "\"grade"] {
        assert!(!document.contains(word), "{word}");
    }
}

#[test]
fn a_list_is_read_to_its_end_in_pages() {
    let server = Fixture::get().server();
    let (mut after, mut ids) = (String::new(), BTreeSet::new());
    for _ in 0..20 {
        let page = server.ok(&format!("/api/v1/lists/{LIST}?limit=10{after}")).json();
        for entry in page["entries"].as_array().unwrap() {
            assert!(ids.insert(entry["record"]["id"].to_string()), "an entry came twice");
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let shown = server.ok(&format!("/api/v1/lists/{LIST}?limit=1")).json()["list"]["shown"].clone();
    assert_eq!(ids.len() as u64, shown.as_u64().unwrap());
}

#[test]
fn the_descriptor_is_as_promised() {
    let server = Fixture::get().server();
    let answer = server.ok("/.well-known/goodstanding.json");
    let descriptor = answer.json();
    let keys: BTreeSet<&str> = descriptor.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "answers_vkey",
        "answers_vkeys_former",
        "limits",
        "log",
        "origin",
        "pack_versions",
        "payload_url",
        "report_issuer",
        "witness_url",
    ];
    assert_eq!(keys, BTreeSet::from(expected));
    assert_eq!(descriptor["log"]["vkey"], server.ok("/log/vkey").text().trim());
    assert_eq!(descriptor["limits"], "standard");
}
