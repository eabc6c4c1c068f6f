//! Expressions: what they may read, and that our evaluation is the one CEL gives.

use cel::{Context, Program, Value};
use domain::case::{Conduct, Procedure, Severity, Territory};
use domain::civil::Day;
use domain::limits::{Act, AddresseeRole, Fact, Ground};
use domain::organisation::OrganisationKind;
use domain::record::RecordType;
use goodstanding_policy::expression::{Compiling, Expression, Facts};
use proptest::prelude::*;

fn compile(text: &str) -> Option<Expression> {
    Expression::compile(text, Compiling { pack: "cn", readable: Fact::ALL }).ok()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn known() -> Facts {
    Facts {
        record_type: Some(RecordType::AdminPenalty),
        grounds: vec![Ground::Environment, Ground::Safety],
        severity: Some(Severity::General),
        decision_date: Some(day("2026-04-01")),
        conduct: Some(Conduct { from: day("2025-01-01"), to: day("2025-06-30") }),
        amounts: [("CNY".to_owned(), "99999.99".parse().unwrap())].into(),
        procedure: Some(Procedure::Ordinary),
        act: Some(Act::Administrative),
        kind: Some(OrganisationKind::Enterprise),
        territory: Territory::new("cn-sh"),
        addressee: Some(AddresseeRole::ProcuringEntity),
    }
}

#[test]
fn what_holds_and_what_does_not() {
    for (text, expected) in [
        ("true", true),
        (r#"severity == "general""#, true),
        (r#"severity != "general""#, false),
        (r#"severity in ["minor", "serious"]"#, false),
        (r#""safety" in grounds && !("tax" in grounds)"#, true),
        ("amounts.CNY >= 99999.99", true),
        ("amounts.CNY >= 100000", false),
        (r#"100000 > amounts["CNY"]"#, true),
        (r#"has(amounts.CNY) && !("USD" in amounts)"#, true),
        (r#"decision_date >= "2026-04-01""#, true),
        (r#""2026-04-01" < decision_date"#, false),
        (r#"conduct_to < "2025-07-01" && conduct_from >= "2025-01-01""#, true),
        (r#"territory == "cn-sh" && act == "administrative" && kind == "enterprise""#, true),
        (r#"addressee == "procuring_entity" && record_type == "admin.penalty""#, true),
    ] {
        assert_eq!(compile(text).unwrap().evaluate(&known()), expected, "{text}");
    }
}

#[test]
fn amounts_are_compared_to_the_last_digit() {
    let expression = compile("amounts.CNY >= 100000").unwrap();
    for (amount, expected) in [("99999.9999999999999999999", false), ("100000.00", true)] {
        let amounts = [("CNY".to_owned(), amount.parse().unwrap())].into();
        assert_eq!(expression.evaluate(&Facts { amounts, ..known() }), expected, "{amount}");
    }
}

#[test]
fn what_is_not_known_decides_nothing() {
    let unknown = Facts::default();
    for text in [
        r#"severity == "serious""#,
        r#"severity != "serious""#,
        r#"!(decision_date < "2026-01-01")"#,
        "amounts.CNY < 1",
        "!(amounts.CNY < 1)",
        r#"severity == "serious" && true"#,
    ] {
        assert!(!compile(text).unwrap().evaluate(&unknown), "{text}");
    }
    assert!(compile(r#"severity == "serious" || true"#).unwrap().evaluate(&unknown));
    assert!(compile(r#"!(severity == "serious" && false)"#).unwrap().evaluate(&unknown));
}

#[test]
fn an_expression_names_what_it_reads() {
    let expression =
        compile(r#"severity == "serious" && ("tax" in grounds || amounts.CNY > 5)"#).unwrap();
    let read: Vec<&str> = expression.facts().into_iter().map(Fact::key).collect();
    assert_eq!(read, ["grounds", "severity", "amounts"]);
}

/// The same facts as CEL sees them. Amounts are whole numbers here, since CEL has no decimals.
fn context<'a>(facts: &Facts) -> Context<'a, 'a> {
    let mut context = Context::default();
    let mut text = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            context.add_variable_from_value(name.to_owned(), value);
        }
    };
    text("severity", facts.severity.map(|value| value.key().to_owned()));
    text("procedure", facts.procedure.map(|value| value.key().to_owned()));
    text("kind", facts.kind.map(|value| value.key().to_owned()));
    text("decision_date", facts.decision_date.map(|value| value.to_string()));
    let grounds: Vec<String> = facts.grounds.iter().map(|ground| ground.key().to_owned()).collect();
    context.add_variable_from_value("grounds", grounds);
    let amounts: std::collections::HashMap<String, i64> = facts
        .amounts
        .iter()
        .map(|(currency, amount)| (currency.clone(), i64::try_from(*amount).unwrap()))
        .collect();
    context.add_variable_from_value("amounts", amounts);
    context
}

fn leaf() -> impl Strategy<Value = String> {
    let severity = prop::sample::select(Severity::ALL).prop_map(Severity::key);
    let procedure = prop::sample::select(Procedure::ALL).prop_map(Procedure::key);
    let ground = prop::sample::select(&Ground::ALL[..6]).prop_map(Ground::key);
    let comparison = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    prop_oneof![
        Just("true".to_owned()),
        Just("false".to_owned()),
        severity.clone().prop_map(|key| format!("severity == \"{key}\"")),
        severity.prop_map(|key| format!("severity in [\"{key}\", \"serious\"]")),
        procedure.prop_map(|key| format!("procedure != \"{key}\"")),
        ground.prop_map(|key| format!("\"{key}\" in grounds")),
        (comparison.clone(), 0..20).prop_map(|(sign, n)| format!("amounts.CNY {sign} {n}")),
        (comparison, 1..28)
            .prop_map(|(sign, n)| format!("decision_date {sign} \"2026-02-{n:02}\"")),
        Just("has(amounts.CNY)".to_owned()),
        Just("\"USD\" in amounts".to_owned()),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|text| format!("!({text})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) || ({b})")),
        ]
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    (
        prop::option::of(prop::sample::select(Severity::ALL)),
        prop::option::of(prop::sample::select(Procedure::ALL)),
        prop::sample::subsequence(Ground::ALL[..6].to_vec(), 0..4),
        prop::option::of(0..20_i64),
        prop::option::of(1..28_i8),
    )
        .prop_map(|(severity, procedure, grounds, amount, date)| Facts {
            severity,
            procedure,
            grounds,
            amounts: amount.map(|amount| ("CNY".to_owned(), amount.into())).into_iter().collect(),
            decision_date: date.and_then(|date| Day::new(2026, 2, date)),
            ..Facts::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn our_evaluation_is_that_of_cel(text in expression(), facts in facts()) {
        let Some(expression) = compile(&text) else {
            // Only for being too long.
            prop_assert!(text.len() > 200, "{text}");
            return Ok(());
        };
        let program = Program::compile(&text).unwrap();
        let theirs = program.execute(&context(&facts));
        // What CEL cannot decide is an error there and false here.
        let expected = matches!(theirs, Ok(Value::Bool(true)));
        prop_assert_eq!(expression.evaluate(&facts), expected, "{} on {:?}: {:?}", text, facts, theirs);
    }

    #[test]
    fn any_text_is_compiled_or_refused_and_never_panics(text in "\\PC{0,120}") {
        let _ = compile(&text);
    }

    #[test]
    fn any_tokens_are_compiled_or_refused_and_never_panic(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "severity", "grounds", "amounts", ".CNY", "\"serious\"", "\"tax\"", "==", "in", "&&",
                "||", "!", "(", ")", "[", "]", "{", "}", "has", "1", "1e9999", "-", "+", "?", ":",
                ",", "all", ".", "kind", "0x", "b'x'", "null", "`a`",
            ]),
            0..40,
        )
    ) {
        let text = tokens.join(" ");
        if let Some(expression) = compile(&text) {
            let _ = expression.evaluate(&known());
        }
    }
}

#[test]
fn no_text_exhausts_the_stack() {
    // The parser recurses: each of these ended the program before nesting was measured first.
    for (open, middle, close) in [
        ("(", "true", ")"),
        ("!(", "true", ")"),
        ("[", "1", "]"),
        ("{1:", "1", "}"),
        ("has(", "a.b", ")"),
        ("true ? true : ", "true", ""),
        ("!", "true", ""),
        ("- ", "1", ""),
        ("! - ", "1", ""),
        ("a[", "0", "]"),
    ] {
        for depth in [9, 20, 60, 200, 480] {
            let text = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
            assert!(compile(&text).is_none(), "{open} {depth}");
        }
    }
    // What is long and flat is parsed, and refused for its length in parts.
    for piece in ["true && ", "true || ", "1 + ", "a.", "a[0].", "(true) && ", "kind in "] {
        let text = format!("{}true", piece.repeat(980 / piece.len()));
        assert!(compile(&text).is_none(), "{piece}");
    }
    assert!(compile("((((((((true))))))))").is_some());
}
