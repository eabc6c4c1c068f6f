//! Bad packs: one row of the table per way to be wrong, each with the file, line, refusal and key
//! that the loader has to name (I-62, I-63; promise P6).

mod common;

use common::{LIST as LIST_TEXT, good, places, with};
use goodstanding_policy::Packs;

const LIST: &str = "demo/lists/barred.toml";
const AUTHORITIES: &str = "demo/authorities.toml";
const PACK: &str = "demo/pack.toml";
const PERIODS: &str = "generic/periods.toml";

/// What a row does to which file, and the one problem that must be found.
struct Case {
    why: &'static str,
    path: &'static str,
    old: &'static str,
    new: &'static str,
    expected: &'static str,
}

const fn case(
    why: &'static str,
    path: &'static str,
    old: &'static str,
    new: &'static str,
    expected: &'static str,
) -> Case {
    Case { why, path, old, new, expected }
}

const CASES: &[Case] = &[
    // 401
    case("not TOML", LIST, "zone = \"UTC\"", "zone = UTC", "demo/lists/barred.toml:8 401"),
    case(
        "key twice",
        LIST,
        "zone = \"UTC\"",
        "zone = \"UTC\"\nzone = \"UTC\"",
        "demo/lists/barred.toml:9 401",
    ),
    case(
        "number for text",
        LIST,
        "id = \"demo.barred\"",
        "id = 7",
        "demo/lists/barred.toml:2 401 list.id",
    ),
    case(
        "id is no key",
        LIST,
        "demo.barred",
        "Demo Barred",
        "demo/lists/barred.toml:2 401 list.id",
    ),
    case(
        "record type unknown",
        LIST,
        "procurement.exclusion",
        "thought.crime",
        "demo/lists/barred.toml:5 401 list.record_type",
    ),
    case(
        "zone unknown",
        LIST,
        "\"UTC\"",
        "\"Mars/Base\"",
        "demo/lists/barred.toml:8 401 list.zone",
    ),
    case(
        "act unknown",
        LIST,
        "\"administrative\"",
        "\"anonymous\"",
        "demo/lists/barred.toml:33 401 entry.act",
    ),
    case(
        "no such day",
        LIST,
        "seen_on = 2026-11-22",
        "seen_on = \"2026-02-30\"",
        "demo/lists/barred.toml:15 401 basis.seen_on",
    ),
    case(
        "flag is no flag",
        PACK,
        "version = \"1\"",
        "version = \"1\"\nfictional = \"yes\"",
        "demo/pack.toml:4 401 pack.fictional",
    ),
    case(
        "number out of range",
        PERIODS,
        "value = 5",
        "value = 101",
        "generic/periods.toml:34 401 quotation.vanished.value",
    ),
    case(
        "negative number",
        PERIODS,
        "value = 7",
        "value = -7",
        "generic/periods.toml:7 401 quotation.current.value",
    ),
    // 402
    case(
        "unknown key",
        LIST,
        "zone = ",
        "zoen = \"UTC\"\nzone = ",
        "demo/lists/barred.toml:8 402 list.zoen",
    ),
    case(
        "unknown table",
        LIST,
        "[remedy]",
        "[penalty]\n\n[remedy]",
        "demo/lists/barred.toml:18 402 penalty",
    ),
    case(
        "unknown key in a citation",
        LIST,
        "article = \"5\"",
        "article = \"5\"\nnote = \"x\"",
        "demo/lists/barred.toml:38 402 entry.basis.note",
    ),
    case(
        "unknown key in a period",
        PERIODS,
        "value = 7",
        "value = 7\nmax = 9",
        "generic/periods.toml:8 402 quotation.current.max",
    ),
    case(
        "unknown key of an authority",
        AUTHORITIES,
        "url =",
        "person = \"x\"\nurl =",
        "demo/authorities.toml:4 402 authority.person",
    ),
    case(
        "language tag",
        LIST,
        "text = { en",
        "text = { English = \"Appeal\", en",
        "demo/lists/barred.toml:19 402 remedy.text.English",
    ),
    case(
        "ground on a neutral list",
        LIST,
        "procurement.exclusion",
        "admin.permit",
        "demo/lists/barred.toml:32 402 entry.grounds",
    ),
    // 403
    case("key missing", LIST, "zone = \"UTC\"\n", "", "demo/lists/barred.toml:1 403 list.zone"),
    case(
        "empty text",
        LIST,
        "zone = \"UTC\"",
        "zone = \" \"",
        "demo/lists/barred.toml:8 403 list.zone",
    ),
    case(
        "no Chinese title",
        LIST,
        ", zh = \"欺诈\"",
        "",
        "demo/lists/barred.toml:31 403 entry.title.zh",
    ),
    case(
        "adverse without ground",
        LIST,
        "grounds = [\"fraud\"]",
        "grounds = []",
        "demo/lists/barred.toml:32 403 entry.grounds",
    ),
    case(
        "ground left out",
        LIST,
        "grounds = [\"fraud\"]\n",
        "",
        "demo/lists/barred.toml:29 403 entry.grounds",
    ),
    case("version missing", PACK, "version = \"1\"\n", "", "demo/pack.toml:1 403 pack.version"),
    // 404
    case(
        "basis missing",
        LIST,
        "[[entry.basis]]",
        "[entry.indefinite]",
        "demo/lists/barred.toml:29 404 entry.basis",
    ),
    case(
        "instrument missing",
        LIST,
        "instrument = { en = \"Works Act\" }\narticle = \"5\"",
        "article = \"5\"",
        "demo/lists/barred.toml:35 404 entry.basis.instrument",
    ),
    case(
        "article missing",
        LIST,
        "article = \"1\"\n",
        "",
        "demo/lists/barred.toml:10 404 basis.article",
    ),
    case(
        "address missing",
        LIST,
        "url = \"https://law.example/works\"\nevidence = \"source seen\"\nseen_on = 2026-11-22\n\n[[entry]]",
        "evidence = \"source seen\"\nseen_on = 2026-11-22\n\n[[entry]]",
        "demo/lists/barred.toml:22 404 remedy.basis.url",
    ),
    case(
        "address is none",
        LIST,
        "https://law.example/works",
        "somewhere",
        "demo/lists/barred.toml:13 404 basis.url",
    ),
    case(
        "address that runs",
        LIST,
        "https://law.example/works",
        "javascript:alert(1)//x.md",
        "demo/lists/barred.toml:13 404 basis.url",
    ),
    case(
        "address with a quote in it",
        LIST,
        "https://law.example/works",
        "https://law.example/'onclick=x",
        "demo/lists/barred.toml:13 404 basis.url",
    ),
    case(
        "document outside of the repository",
        LIST,
        "https://law.example/works",
        "/etc/x.md",
        "demo/lists/barred.toml:13 404 basis.url",
    ),
    // 405
    case(
        "from a newspaper",
        LIST,
        "source seen",
        "secondary source",
        "demo/lists/barred.toml:14 405 basis.evidence",
    ),
    case(
        "no evidence",
        LIST,
        "evidence = \"source seen\"\n",
        "",
        "demo/lists/barred.toml:10 405 basis.evidence",
    ),
    case(
        "invented law in a real pack",
        LIST,
        "source seen",
        "fictional",
        "demo/lists/barred.toml:14 405 basis.evidence",
    ),
    case(
        "period from hearsay",
        PERIODS,
        "source seen",
        "from knowledge",
        "generic/periods.toml:15 405 quotation.current.citation.evidence",
    ),
    // 406
    case(
        "no unit",
        PERIODS,
        "unit = \"calendar_days\"\n",
        "",
        "generic/periods.toml:4 406 quotation.current.unit",
    ),
    case(
        "no counting rule",
        PERIODS,
        "counting = \"first_day_not_counted\"\n",
        "",
        "generic/periods.toml:4 406 quotation.current.counting",
    ),
    case(
        "a unit the code does not count",
        PERIODS,
        "calendar_days",
        "working_days",
        "generic/periods.toml:8 406 quotation.current.unit",
    ),
    // 407
    case(
        "speech as a ground",
        LIST,
        "[\"fraud\"]",
        "[\"fraud\", \"online_speech\"]",
        "demo/lists/barred.toml:32 407 entry.grounds",
    ),
    case(
        "a way out",
        LIST,
        "[\"fraud\"]",
        "[\"other\"]",
        "demo/lists/barred.toml:32 407 entry.grounds",
    ),
    // 408
    case(
        "a person as subject",
        LIST,
        "[\"enterprise\"]",
        "[\"enterprise\", \"person\"]",
        "demo/lists/barred.toml:6 408 list.subjects",
    ),
    case(
        "a sole trader as subject",
        LIST,
        "[\"enterprise\"]",
        "[\"sole_trader\"]",
        "demo/lists/barred.toml:6 408 list.subjects",
    ),
    // 409
    case(
        "authority nobody defines",
        LIST,
        "demo.board",
        "demo.bored",
        "demo/lists/barred.toml:4 409 list.authority",
    ),
    // 410
    case(
        "adverse without text of remedy",
        LIST,
        "text = { en = \"Appeal within a month.\", zh = \"一个月内申诉。\" }\n",
        "",
        "demo/lists/barred.toml:18 410 remedy.text",
    ),
    // 412
    case(
        "authority twice",
        AUTHORITIES,
        "[[authority]]",
        "[[authority]]\nkey = \"demo.board\"\nnames = { en = \"x\" }\nurl = \"https://x.example\"\n[[authority]]",
        "demo/authorities.toml:6 412 authority.key",
    ),
    // 413
    case(
        "list of another pack",
        LIST,
        "demo.barred",
        "mdb.barred",
        "demo/lists/barred.toml:2 413 list.id",
    ),
    case(
        "pack of another folder",
        PACK,
        "name = \"demo\"",
        "name = \"mdb\"",
        "demo/pack.toml:2 413 pack.name",
    ),
];

#[test]
fn the_good_pack_loads() {
    assert_eq!(places(Packs::load(&good())), Vec::<String>::new());
}

#[test]
fn each_bad_pack_is_refused_with_file_and_line() {
    let mut wrong = Vec::new();
    for case in CASES {
        let found = places(Packs::load(&with(case.path, case.old, case.new)));
        if found != [case.expected] {
            wrong.push(format!("{}: expected {:?}, found {found:?}", case.why, case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_adverse_list_without_remedy_is_refused() {
    let mut files = good();
    let list = files.iter_mut().find(|file| file.path == LIST).unwrap();
    let (start, end) = (list.text.find("[remedy]").unwrap(), list.text.find("[[entry]]").unwrap());
    list.text.replace_range(start..end, "");
    assert_eq!(places(Packs::load(&files)), ["demo/lists/barred.toml:1 410 remedy"]);
}

#[test]
fn an_adverse_list_without_entries_is_refused() {
    let mut files = good();
    let list = files.iter_mut().find(|file| file.path == LIST).unwrap();
    list.text.truncate(list.text.find("[[entry]]").unwrap());
    assert_eq!(places(Packs::load(&files)), ["demo/lists/barred.toml:1 403 entry"]);
}

#[test]
fn an_entry_or_a_list_defined_twice_is_refused() {
    let mut files = good();
    let again = LIST_TEXT.get(LIST_TEXT.find("[[entry]]").unwrap()..).unwrap();
    files.iter_mut().find(|file| file.path == LIST).unwrap().text.push_str(again);
    assert_eq!(places(Packs::load(&files)), ["demo/lists/barred.toml:42 412 entry.id"]);

    let mut files = good();
    files.push(common::file("demo/lists/copy.toml", LIST_TEXT));
    assert_eq!(places(Packs::load(&files)), ["demo/lists/copy.toml:2 412 list.id"]);
}

#[test]
fn a_missing_or_foreign_file_is_refused() {
    let mut files = good();
    files.retain(|file| file.path != PACK && file.path != PERIODS);
    assert_eq!(
        places(Packs::load(&files)),
        ["demo/pack.toml 403", "generic/periods.toml 403"],
        "no pack without a head, no registry without periods"
    );
    for path in ["demo/people.toml", "demo/periods.toml", "demo/lists/A.toml", "loose.toml"] {
        let mut files = good();
        files.push(common::file(path, ""));
        assert_eq!(places(Packs::load(&files)), [format!("{path} 413")]);
    }
    assert_eq!(places(Packs::load(&[])), ["generic/pack.toml 403", "generic/periods.toml 403"]);
}

#[test]
fn all_problems_of_all_files_come_at_once() {
    let mut files = with(LIST, "[\"fraud\"]", "[\"gossip\"]");
    let list = files.iter_mut().find(|file| file.path == LIST).unwrap();
    list.text = list.text.replace("source seen", "hearsay").replace("zone = \"UTC\"\n", "");
    let head = files.iter_mut().find(|file| file.path == PACK).unwrap();
    head.text.push_str("colour = \"red\"\n");
    assert_eq!(
        places(Packs::load(&files)),
        [
            "demo/lists/barred.toml:1 403 list.zone",
            "demo/lists/barred.toml:13 405 basis.evidence",
            "demo/lists/barred.toml:25 405 remedy.basis.evidence",
            "demo/lists/barred.toml:31 407 entry.grounds",
            "demo/lists/barred.toml:38 405 entry.basis.evidence",
            "demo/pack.toml:5 402 pack.colour",
        ]
    );
}

#[test]
fn what_an_unreadable_file_defines_is_not_called_missing() {
    let files = with(AUTHORITIES, "key = \"demo.board\"", "key = demo.board");
    assert_eq!(places(Packs::load(&files)), ["demo/authorities.toml:2 401"]);
}

#[test]
fn only_a_fictional_pack_may_cite_invented_law() {
    let mut files = with(PACK, "version", "fictional = true\nversion");
    for file in files.iter_mut().filter(|file| file.path == LIST) {
        file.text = file.text.replace("source seen", "fictional");
    }
    let packs = Packs::load(&files).unwrap();
    assert!(packs.lists().all(|list| list.fictional));
    assert!(packs.packs().all(|pack| pack.fictional == (pack.name == "demo")));
}

#[test]
fn messages_name_the_place_and_never_a_value() {
    let problems = Packs::load(&with(LIST, "[\"fraud\"]", "[\"gossip\"]")).unwrap_err();
    let message = problems[0].to_string();
    assert!(
        message.starts_with("demo/lists/barred.toml:32: entry.grounds: the ground"),
        "{message}"
    );
    assert!(!message.contains("gossip"), "{message}");
}
