//! Importing files with the built program: made-up files in the layout of a real list.

mod support;

use std::fs;

use support::{
    CeisRow, Place, ceis_file, ceis_row, check_sum, cnpj, lasting_files, lei, many_rows, number,
    own_barring, own_permit, today,
};

#[test]
fn a_second_import_of_the_same_file_changes_nothing() {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(50)));
    let (code, first) = place.import("small", &file, &[]);
    assert_eq!(code, 0, "{first}");
    assert_eq!(number(&first, "accepted"), 50);
    assert!(first["log"]["to"].as_u64() > first["log"]["from"].as_u64());
    let (code, second) = place.import("small", &file, &[]);
    assert_eq!(code, 0, "{second}");
    assert_eq!(number(&second, "unchanged"), 50);
    assert_eq!(
        number(&second, "accepted") + number(&second, "changed") + number(&second, "ended"),
        0
    );
    check_sum(&second);
    place.run(&["verify", place.registry().to_str().unwrap()]).expect(0);
}

#[test]
fn a_changed_row_gets_a_revision() {
    let place = Place::with_registry();
    let rows = many_rows(30);
    place.import("small", &place.write("a.csv", &ceis_file(&rows)), &[]);
    // The name is no part of the row's key.
    let text = ceis_file(&rows).replace("EMPRESA FICTICIA 4 LTDA", "EMPRESA RENOMEADA 4 LTDA");
    let (code, outcome) = place.import("small", &place.write("b.csv", &text), &[]);
    assert_eq!(code, 0, "{outcome}");
    check_sum(&outcome);
    assert_eq!((number(&outcome, "changed"), number(&outcome, "unchanged")), (1, 29), "{outcome}");
    let shown = place.run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(4))]);
    assert_eq!(shown.expect(0).json()["records"][0]["revision"], 2);
}

#[test]
fn a_row_past_its_end_is_committed_nowhere() {
    let place = Place::with_registry();
    let rows = [ceis_row(1, today().plus_days(-2)), ceis_row(2, today().plus_days(2))];
    let file = place.write("ceis.csv", &ceis_file(&rows));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!(code, 0, "{outcome}");
    assert_eq!(number(&outcome, "already_ended"), 1);
    assert_eq!(number(&outcome, "accepted"), 1);
    let found = place.run(&["search", "--json", &support::cnpj(1)]);
    assert_eq!(found.expect(0).json()["results"].as_array().unwrap().len(), 0);
    let found = place.run(&["search", "--json", &support::cnpj(2)]);
    assert_eq!(found.expect(0).json()["results"].as_array().unwrap().len(), 1);
}

#[test]
fn a_row_that_ended_since_it_was_read_is_on_the_log_and_never_shown() {
    let place = Place::with_registry();
    let read_on = today().plus_days(-5);
    let file = place.write("ceis.csv", &ceis_file(&[ceis_row(1, today().plus_days(-2))]));
    let (code, outcome) = place.import("small", &file, &["--as-of", &read_on.to_string()]);
    assert_eq!(code, 0, "{outcome}");
    assert_eq!(number(&outcome, "accepted"), 1);
    let found = place.run(&["search", "--json", &support::cnpj(1)]);
    assert_eq!(found.expect(0).json()["results"].as_array().unwrap().len(), 0);
    place.run(&["show", &format!("br-cnpj:{}", support::cnpj(1))]).expect(1);
}

#[test]
fn what_vanished_is_hidden_and_a_partial_file_ends_nothing() {
    let place = Place::with_registry();
    let rows = many_rows(100);
    place.import("small", &place.write("all.csv", &ceis_file(&rows)), &[]);
    let some = place.write("some.csv", &ceis_file(&rows[..10]));
    let (code, outcome) = place.import("small", &some, &["--partial"]);
    assert_eq!(code, 0, "{outcome}");
    assert_eq!((number(&outcome, "unchanged"), number(&outcome, "ended")), (10, 0));
    let less = place.write("less.csv", &ceis_file(&rows[..98]));
    let (code, outcome) = place.import("small", &less, &[]);
    assert_eq!(code, 0, "{outcome}");
    assert_eq!(number(&outcome, "ended"), 2, "{outcome}");
    place.run(&["show", &format!("br-cnpj:{}", support::cnpj(100))]).expect(1);
    place.run(&["show", &format!("br-cnpj:{}", support::cnpj(98))]).expect(0);
}

#[test]
fn a_file_that_would_end_too_much_is_held_and_nothing_of_it_is_written() {
    let place = Place::with_registry();
    let rows = many_rows(100);
    place.import("small", &place.write("all.csv", &ceis_file(&rows)), &[]);
    let before = lasting_files(&place.registry());
    let mut half = rows[..50].to_vec();
    half.push(ceis_row(5_000, today().plus_days(30)));
    let (code, outcome) = place.import("small", &place.write("half.csv", &ceis_file(&half)), &[]);
    assert_eq!(code, 1, "{outcome}");
    assert_eq!(outcome["held"], true);
    assert!(outcome["log"].is_null());
    check_sum(&outcome);
    assert_eq!(lasting_files(&place.registry()), before);
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(20)));
    let before = lasting_files(&place.registry());
    let (code, outcome) = place.import("small", &file, &["--dry-run"]);
    assert_eq!(code, 0, "{outcome}");
    assert_eq!(number(&outcome, "accepted"), 20);
    assert!(outcome["log"].is_null());
    assert_eq!(lasting_files(&place.registry()), before);
}

#[test]
fn every_problem_is_told_and_the_quarantine_file_can_be_corrected_and_imported() {
    let place = Place::with_registry();
    let mut rows = many_rows(10);
    rows[2].ground = "";
    rows[5].ground = "Algo que nenhum perfil conhece";
    rows[7].end = "31/02/2099".to_owned();
    let file = place.write("ceis.csv", &ceis_file(&rows));
    let out = place.path("to-correct.csv");
    let (code, outcome) = place.import("small", &file, &["--quarantine", out.to_str().unwrap()]);
    assert_eq!(code, 3, "{outcome}");
    assert_eq!(number(&outcome, "quarantined"), 3, "{outcome}");
    check_sum(&outcome);
    let problems = outcome["problems"].as_array().unwrap();
    let mut told: Vec<u64> = problems.iter().map(|problem| number(problem, "row")).collect();
    told.dedup();
    assert_eq!(told, [4, 7, 9], "{outcome}");
    for problem in problems {
        assert!(!problem["message"].as_str().unwrap().contains("nenhum perfil"), "{problem}");
    }
    let corrected = fs::read_to_string(&out)
        .unwrap()
        .replace("Algo que nenhum perfil conhece", support::GROUND)
        .replace("31/02/2099", "28/02/2099");
    let again = place.write("corrected.csv", &corrected);
    let (code, outcome) = place.import("small", &again, &["--partial"]);
    assert_eq!(code, 3, "{outcome}");
    assert_eq!(
        (number(&outcome, "accepted"), number(&outcome, "quarantined")),
        (2, 1),
        "{outcome}"
    );
}

#[test]
fn a_file_below_the_row_floor_is_held_only_where_a_snapshot_stands() {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(3)));
    let (code, outcome) = place.import("ceis", &file, &[]);
    assert_eq!(code, 0, "{outcome}");
    let (code, outcome) = place.import("ceis", &file, &[]);
    assert_eq!(code, 1, "{outcome}");
    assert_eq!(outcome["problems"][0]["refusal"], 305, "{outcome}");
}

#[test]
fn receipts_name_every_batch_and_the_index_of_each_row() {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(12)));
    let out = place.path("receipts.jsonl");
    place.import("small", &file, &["--receipts", out.to_str().unwrap()]);
    let text = fs::read_to_string(&out).unwrap();
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert!(first["checkpoint"].as_str().unwrap().starts_with("test.example/log\n"));
    let rows = first["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 12);
    assert_eq!(rows[0][0], 2);
    assert!(rows.iter().all(|row| row[1].as_u64() >= first["from"].as_u64()));
}

#[test]
fn one_organisation_collects_the_records_of_its_checked_identifier() {
    let place = Place::with_registry();
    let later = CeisRow {
        seed: 7,
        ground: "Suspensão - Lei de Licitações",
        ..ceis_row(7, today().plus_days(90))
    };
    let rows = [ceis_row(7, today().plus_days(30)), later, ceis_row(8, today().plus_days(30))];
    place.import("small", &place.write("ceis.csv", &ceis_file(&rows)), &[]);
    let shown = place.run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(7))]);
    let file = shown.expect(0).json();
    assert_eq!(file["records"].as_array().unwrap().len(), 2, "{file}");
    assert_eq!(file["records"][0]["mode"], "quotation");
}

/// The refusal numbers of the problems of a result, in the order of rows.
fn refusals(outcome: &serde_json::Value) -> Vec<(u64, u64)> {
    let problems = outcome["problems"].as_array().unwrap();
    problems.iter().map(|found| (number(found, "row"), number(found, "refusal"))).collect()
}

#[test]
fn p6_what_the_registry_knows_of_a_union_protects_it_from_a_row_that_does_not_say() {
    let place = Place::with_registry();
    let (union, other, end) = (lei(1), lei(2), today().plus_days(30));
    // Known from the same file, and known from an earlier one.
    let text = own_permit("p-1", "union", &[("lei", &union)])
        + &own_barring("b-1", &[("lei", &union)], end)
        + &own_barring("b-2", &[("lei", &other)], end);
    let (code, outcome) = place.import("own", &place.write("a.jsonl", &text), &[]);
    assert_eq!((code, refusals(&outcome)), (3, vec![(2, 103)]), "{outcome}");
    assert_eq!((number(&outcome, "accepted"), number(&outcome, "refused")), (2, 1), "{outcome}");
    check_sum(&outcome);
    let again = own_barring("b-3", &[("lei", &union)], end);
    let (code, outcome) = place.import("own", &place.write("b.jsonl", &again), &[]);
    assert_eq!((code, refusals(&outcome)), (3, vec![(1, 103)]), "{outcome}");
    check_sum(&outcome);
    let shown = place.run(&["show", "--json", &format!("lei:{union}")]).expect(0).json();
    assert_eq!(shown["records"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(shown["records"][0]["type"], "admin.permit", "{shown}");
}

#[test]
fn i29_a_row_whose_identifiers_belong_to_different_organisations_is_quarantined() {
    let place = Place::with_registry();
    let (one, other, unknown, root) = (lei(1), lei(2), lei(3), cnpj(1));
    let known = own_permit("p-1", "enterprise", &[("lei", &one)])
        + &own_permit("p-2", "enterprise", &[("lei", &other), ("br-cnpj", &root)]);
    let (code, outcome) = place.import("own", &place.write("a.jsonl", &known), &[]);
    assert_eq!(code, 0, "{outcome}");
    let rows = [
        // Two organisations; one and a second value of its scheme; two values of one scheme.
        own_permit("p-3", "enterprise", &[("lei", &one), ("br-cnpj", &root)]),
        own_permit("p-4", "enterprise", &[("lei", &unknown), ("br-cnpj", &root)]),
        own_permit("p-5", "enterprise", &[("lei", &unknown), ("lei", &lei(4))]),
        // The same organisation twice, and one more of its identifiers.
        own_permit("p-6", "enterprise", &[("lei", &other), ("br-cnpj", &root)]),
        own_permit("p-7", "enterprise", &[("lei", &one), ("br-cnpj", &cnpj(2))]),
    ];
    let out = place.path("to-correct.csv");
    let file = place.write("b.jsonl", &rows.concat());
    let (code, outcome) = place.import("own", &file, &["--quarantine", out.to_str().unwrap()]);
    let expected = vec![(1, 219), (2, 219), (3, 219)];
    assert_eq!((code, refusals(&outcome)), (3, expected), "{outcome}");
    assert_eq!((number(&outcome, "accepted"), number(&outcome, "quarantined")), (2, 3));
    check_sum(&outcome);
    let text = fs::read_to_string(&out).unwrap();
    assert_eq!(text.matches("219 the identifiers").count(), 3, "{text}");
    assert!(!text.contains(&unknown), "{text}");
    for (identifier, records) in [(&one, 2), (&other, 2)] {
        let shown = place.run(&["show", "--json", &format!("lei:{identifier}")]).expect(0).json();
        assert_eq!(shown["records"].as_array().unwrap().len(), records, "{shown}");
    }
    place.run(&["show", &format!("lei:{unknown}")]).expect(1);
}

#[test]
fn a_partial_file_ends_what_it_says_is_over_in_its_own_list_only() {
    let place = Place::with_registry();
    let (barred, end) = (lei(1), today().plus_days(400));
    // A key is one list's: another list may use the same for something else.
    let text = own_barring("k-1", &[("lei", &barred)], end)
        + &own_barring("k-2", &[("lei", &lei(2))], end)
        + &own_barring("k-1", &[("lei", &lei(3))], end)
            .replace("br.ceis", "br.cnep")
            .replace("impedimento-10520", "multa-12846");
    let (code, outcome) = place.import("own", &place.write("a.jsonl", &text), &[]);
    assert_eq!((code, number(&outcome, "accepted")), (0, 3), "{outcome}");
    let shortened = own_barring("k-1", &[("lei", &barred)], today().plus_days(-1));
    let file = place.write("b.jsonl", &shortened);
    let (code, outcome) = place.import("own", &file, &["--dry-run"]);
    assert_eq!((code, number(&outcome, "ended")), (0, 1), "{outcome}");
    for ended in [1, 0] {
        let (code, outcome) = place.import("own", &file, &[]);
        assert_eq!((code, number(&outcome, "already_ended")), (0, 1), "{outcome}");
        assert_eq!(number(&outcome, "ended"), ended, "{outcome}");
    }
    place.run(&["show", &format!("lei:{barred}")]).expect(1);
    place.run(&["show", &format!("lei:{}", lei(2))]).expect(0);
    place.run(&["show", &format!("lei:{}", lei(3))]).expect(0);
    place.run(&["verify", place.registry().to_str().unwrap()]).expect(0);
}

#[test]
fn a_file_read_before_the_last_reading_in_part_is_refused() {
    let place = Place::with_registry();
    let file = place.write("a.csv", &ceis_file(&many_rows(3)));
    let day = |days: i64| today().plus_days(days).to_string();
    place.import("small", &file, &["--as-of", &day(-3)]);
    place.import("small", &file, &["--partial", "--as-of", &day(-1)]);
    for more in [&["--as-of", &day(-2)][..], &["--partial", "--as-of", &day(-2)]] {
        let (code, outcome) = place.import("small", &file, more);
        assert_eq!((code, &outcome["error"]["refusal"]), (1, &308.into()), "{outcome}");
    }
    let (code, outcome) = place.import("small", &file, &["--as-of", &day(-1)]);
    assert_eq!(code, 0, "{outcome}");
}
