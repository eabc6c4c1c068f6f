//! Ten bad inputs for each command: exit code, message, and nothing lost.
//!
//! In the tables `$REG` is a registry with a few rows, `$TMP` the folder around it.

mod support;

use std::fs;
use std::net::TcpListener;

use support::{Place, ceis_file, lasting_files, many_rows, run};

/// Arguments, exit code, and a part of what is said on standard error.
type Case<'a> = (&'a str, i32, &'a str);

fn prepared() -> Place {
    let place = Place::with_registry();
    let rows = many_rows(5);
    let file = place.write("good.csv", &ceis_file(&rows));
    place.import("small", &file, &[]);
    place.write("empty.csv", "");
    place.write("header_only.csv", "cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf\r\n");
    place.write("other_columns.csv", "a,b\r\n1,2\r\n");
    place.write("no.xlsx", "this is no workbook");
    place.write("no.toml", "name = [");
    place.write("unknown_key.toml", "name = \"x\"\nsurprise = 1\n");
    place.write("nothing.toml", "");
    place.write("binary.csv", "\u{0}\u{1}\u{2}");
    place.write("packed.xlsx", "PK\u{3}\u{4} and nothing that follows");
    fs::write(place.path("bomb.xlsx"), support::bomb()).unwrap();
    let small = fs::read_to_string(place.path("small.toml")).unwrap();
    let xlsx = "kind = \"xlsx\"\nsheet = 1";
    let (before, rest) = small.split_once("kind = \"csv\"").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    place.write("bomb.toml", &format!("{before}{xlsx}\n\n{after}"));
    let strict = small.replace("encoding_errors = \"replace\"", "encoding_errors = \"refuse\"");
    place.write("small.toml", &strict);
    let latin: Vec<u8> = ceis_file(&rows).chars().map(|c| c as u8).collect();
    fs::write(place.path("latin.csv"), latin).unwrap();
    let open =
        format!("cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf\r\n\"{}", "x".repeat(3 << 20));
    place.write("open.csv", &open);
    place.write("doctype.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>");
    place.write("half.json", "{\"a\": [");
    place.write("no.tlog-proof", "this is no proof\n");
    place.write("no.checkpoint", "this is no checkpoint\n");
    fs::create_dir(place.path("folder")).unwrap();
    fs::create_dir(place.path("occupied")).unwrap();
    place.write("occupied/file", "something of somebody else\n");
    fs::create_dir(place.path("bad-pack")).unwrap();
    place.write("bad-pack/pack.toml", "surprise = 1\n");
    fs::create_dir(place.path("no-registry")).unwrap();
    place
}

fn check(cases: &[Case<'_>]) {
    let place = prepared();
    let before = lasting_files(&place.registry());
    let registry = place.registry();
    let around = registry.parent().unwrap();
    for (line, code, said) in cases {
        let arguments: Vec<String> = line
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| {
                // `_` stands for a space and `\\s` for `_`; paths are put in after that.
                word.replace('_', " ")
                    .replace("\\s", "_")
                    .replace("$REG", registry.to_str().unwrap())
                    .replace("$TMP", around.to_str().unwrap())
            })
            .collect();
        let ended = run(&arguments);
        assert_eq!(
            ended.code, *code,
            "`{line}`\nstdout: {}\nstderr: {}",
            ended.stdout, ended.stderr
        );
        let all = format!("{} {}", ended.stdout, ended.stderr).replace('\n', " ");
        assert!(all.contains(said), "`{line}` does not say `{said}`: {all}");
        assert!(!all.contains("panicked"), "`{line}`: {all}");
        assert!(!all.to_lowercase().contains("please"), "`{line}`: {all}");
    }
    assert_eq!(lasting_files(&registry), before, "a bad input changed the registry");
    place.run(&["verify", registry.to_str().unwrap()]).expect(0);
}

#[test]
fn init() {
    check(&[
        ("init", 2, "--origin"),
        ("init --origin test.example/log --dir $REG", 2, "already holds a registry"),
        ("init --origin test.example/log --dir $TMP/occupied", 2, "is not empty"),
        ("init --origin _ --dir $TMP/new", 2, "cannot name a log"),
        ("init --origin a+b --dir $TMP/new", 2, "cannot name a log"),
        ("init --origin two_words --dir $TMP/new", 2, "cannot name a log"),
        ("init --origin test.example/log --pack atlantis --dir $TMP/new", 2, "there is no pack"),
        ("init --origin test.example/log --pack $TMP/bad-pack --dir $TMP/new", 1, "402"),
        ("init --origin test.example/log --pack $TMP/folder --dir $TMP/new", 2, "holds no pack"),
        ("init --origin test.example/log --dir $TMP/good.csv", 2, "good.csv"),
        ("init --origin test.example/log --surprise", 2, "--surprise"),
    ]);
}

#[test]
fn import() {
    check(&[
        ("import --profile ceis --dir $REG", 2, "FILE"),
        ("import $TMP/good.csv --dir $REG", 2, "--profile"),
        ("import --profile ceis $TMP/missing.csv --dir $REG", 2, "is not a file that can be read"),
        ("import --profile ceis $TMP/folder --dir $REG", 2, "is not a file that can be read"),
        ("import --profile atlantis $TMP/good.csv --dir $REG", 1, "309"),
        ("import --profile $TMP/no.toml $TMP/good.csv --dir $REG", 1, "401"),
        ("import --profile $TMP/missing.toml $TMP/good.csv --dir $REG", 2, "missing.toml"),
        ("import --profile ceis $TMP/good.csv --as-of 2999-01-01 --dir $REG", 1, "307"),
        ("import --profile ceis $TMP/good.csv --as-of 2001-01-01 --dir $REG", 1, "308"),
        ("import --profile ceis $TMP/good.csv --as-of yesterday --dir $REG", 2, "not a day"),
        ("import --profile ceis $TMP/empty.csv --dir $REG", 1, "30"),
        ("import --profile ceis $TMP/header\\sonly.csv --dir $REG", 1, "30"),
        ("import --profile ceis $TMP/other\\scolumns.csv --dir $REG", 1, "301"),
        ("import --profile idb $TMP/no.xlsx --dir $REG", 1, "302"),
        ("import --profile ceis $TMP/good.csv --dir $TMP/no-registry", 2, "there is no registry"),
        (
            "import --profile ceis $TMP/good.csv --quarantine $TMP/good.csv --dir $REG",
            2,
            "the file to import",
        ),
        (
            "import --profile ceis $TMP/good.csv --receipts $TMP/nowhere/r.jsonl --dir $REG",
            2,
            "does not exist",
        ),
        (
            "import --profile ceis $TMP/good.csv --quarantine $REG/checkpoint.last --dir $REG",
            2,
            "lies in the registry",
        ),
        (
            "import --profile ceis $TMP/good.csv --receipts $REG/keys/new.jsonl --dir $REG",
            2,
            "lies in the registry",
        ),
        (
            "import --profile ceis $TMP/good.csv --quarantine $TMP/o --receipts $TMP/o --dir $REG",
            2,
            "name one file",
        ),
    ]);
}

#[test]
fn profile() {
    check(&[
        ("profile --dir $REG", 2, "Usage"),
        ("profile surprise --dir $REG", 2, "surprise"),
        ("profile list --dir $TMP/no-registry", 2, "there is no registry"),
        ("profile check --dir $REG", 2, "PROFILE.toml"),
        ("profile check $TMP/missing.toml --dir $REG", 2, "missing.toml"),
        ("profile check $TMP/no.toml --dir $REG", 1, "401"),
        ("profile check $TMP/unknown\\skey.toml --dir $REG", 1, "402"),
        ("profile check $TMP/nothing.toml --dir $REG", 1, "403"),
        ("profile check $TMP/folder --dir $REG", 2, "folder"),
        ("profile adopt $TMP/no.toml --dir $REG", 1, "401"),
        ("profile adopt $TMP/unknown\\skey.toml --dir $REG", 1, "402"),
        ("profile adopt $TMP/missing.toml --dir $REG", 2, "missing.toml"),
    ]);
}

#[test]
fn profile_infer() {
    check(&[
        ("profile infer", 2, "FILE"),
        ("profile infer $TMP/missing.csv", 2, "is not a file that can be read"),
        ("profile infer $TMP/folder", 2, "is not a file that can be read"),
        ("profile infer $TMP/empty.csv", 1, "304"),
        ("profile infer $TMP/header\\sonly.csv", 1, "304"),
        ("profile infer $TMP/binary.csv", 1, "neither text nor a workbook"),
        ("profile infer $TMP/no.xlsx", 1, "no row reads like headings"),
        ("profile infer $TMP/packed.xlsx", 1, "302"),
        ("profile infer $TMP/bomb.xlsx", 1, "a cell is longer than 1 MiB"),
        ("consult held $TMP/none.txt", 2, "is not a file that can be read; check the path"),
        ("profile infer $TMP/doctype.xml", 1, "DOCTYPE"),
        ("profile infer $TMP/half.json", 1, "no JSON: line 1"),
        ("profile infer $TMP/good.csv --header-row 0", 2, "--header-row"),
        ("profile infer $TMP/good.csv --header-row 99", 1, "row 99 holds no headings"),
        ("profile infer $TMP/good.csv --list atlantis --dir $REG", 1, "no pack of this registry"),
        ("profile infer $TMP/good.csv --out $TMP/small.toml", 2, "is there already"),
        ("profile infer $TMP/good.csv --out $TMP/nowhere/x.toml", 2, "nowhere"),
        ("profile infer $TMP/good.csv --surprise", 2, "--surprise"),
    ]);
}

#[test]
fn profile_check_of_a_file() {
    let with = |rest: &str| format!("profile check $TMP/small.toml {rest} --dir $REG");
    let cases: [(&str, i32, &str); 15] = [
        ("$TMP/missing.csv", 2, "is not a file that can be read"),
        ("$TMP/folder", 2, "is not a file that can be read"),
        ("$TMP/empty.csv", 1, "304"),
        ("$TMP/header\\sonly.csv", 1, "304"),
        ("$TMP/other\\scolumns.csv", 1, "301"),
        ("$TMP/binary.csv", 1, "301"),
        ("$TMP/packed.xlsx", 1, "301"),
        ("$TMP/latin.csv", 3, "213"),
        ("$TMP/open.csv", 1, "is a quotation mark left open"),
        ("$TMP/good.csv --row 0", 2, "--row"),
        ("$TMP/good.csv --row first", 2, "--row"),
        ("$TMP/good.csv --row 99", 2, "the file has no row 99"),
        ("$TMP/good.csv --as-of 2999-01-01", 1, "307"),
        ("$TMP/good.csv --as-of yesterday", 2, "not a day"),
        ("--row 1", 2, "FILE"),
    ];
    let lines: Vec<String> = cases.iter().map(|(rest, ..)| with(rest)).collect();
    let cases: Vec<Case> = lines
        .iter()
        .zip(&cases)
        .map(|(line, (_, code, said))| (line.as_str(), *code, *said))
        .collect();
    check(&cases);
    check(&[
        ("profile check $TMP/no.toml $TMP/good.csv --dir $REG", 1, "401"),
        ("profile check $TMP/missing.toml $TMP/good.csv --dir $REG", 2, "missing.toml"),
        (
            "profile check $TMP/bomb.toml $TMP/bomb.xlsx --dir $REG",
            1,
            "a cell is longer than 1 MiB",
        ),
        ("profile check $TMP/small.toml $TMP/good.csv --dir $TMP/no-registry", 2, "no registry"),
    ]);
}

#[test]
fn search() {
    check(&[
        ("search --dir $REG", 2, "QUERY"),
        ("search _ --dir $REG", 2, "the query is empty"),
        ("search acme --dir $TMP/no-registry", 2, "there is no registry"),
        ("search acme --dir $TMP/missing", 2, "there is no registry"),
        ("search acme --dir $TMP/good.csv", 2, "there is no registry"),
        ("search acme --limit 0 --dir $REG", 2, "limit"),
        ("search acme --limit 100000 --dir $REG", 2, "limit"),
        ("search acme --limit many --dir $REG", 2, "limit"),
        ("search acme --limit -1 --dir $REG", 2, "limit"),
        ("search acme --surprise --dir $REG", 2, "--surprise"),
    ]);
}

#[test]
fn show() {
    check(&[
        ("show --dir $REG", 2, "ORG"),
        ("show atlantis --dir $REG", 1, "501"),
        ("show 01930f4e-5a7e-7c3f-8a55-3b9d6c1c2f10 --dir $REG", 1, "501"),
        ("show 01930F4E-5A7E-7C3F-8A55-3B9D6C1C2F10 --dir $REG", 1, "501"),
        ("show lei:5493001KJTIIGC8Y1R12 --dir $REG", 1, "501"),
        ("show br-cnpj:00.000.000/0000-00 --dir $REG", 1, "501"),
        ("show atlantis --dir $TMP/no-registry", 2, "there is no registry"),
        ("show atlantis --at 999999 --dir $REG", 1, "503"),
        ("show atlantis --at -1 --dir $REG", 2, "--at"),
        ("show atlantis --at first --dir $REG", 2, "--at"),
        ("show atlantis --on sometime --dir $REG", 2, "not an instant"),
        ("show atlantis --on 2024-02-30 --dir $REG", 2, "not an instant"),
    ]);
}

#[test]
fn verify() {
    check(&[
        ("verify", 2, "FILE"),
        ("verify $TMP/missing", 2, "missing"),
        ("verify $TMP/no-registry", 2, "no-registry"),
        ("verify $TMP/good.csv", 2, "good.csv"),
        ("verify $TMP/no.tlog-proof", 2, ""),
        ("verify $REG --vkey surprise", 2, "vkey"),
        ("verify $REG --vkey test.example/log+00000000+AAAA", 2, "vkey"),
        ("verify $REG --since $TMP/missing", 2, "missing"),
        ("verify $REG --since $TMP/no.checkpoint", 2, "checkpoint"),
        ("verify $REG --earlier $TMP/good.csv", 2, "is no report"),
        ("verify http://127.0.0.1:9/log", 2, "127.0.0.1"),
        ("verify ftp://127.0.0.1/log", 2, "ftp"),
    ]);
}

#[test]
fn rebuild() {
    check(&[
        ("rebuild --dir $TMP/no-registry", 2, "there is no registry"),
        ("rebuild --dir $TMP/missing", 2, "there is no registry"),
        ("rebuild --dir $TMP/good.csv", 2, "there is no registry"),
        ("rebuild --dir", 2, "--dir"),
        ("rebuild everything --dir $REG", 2, "everything"),
        ("rebuild --surprise --dir $REG", 2, "--surprise"),
        ("rebuild --json=yes --dir $REG", 2, "--json"),
        ("rebuild --dir $TMP/occupied", 2, "there is no registry"),
        ("rebuild --dir $TMP/folder", 2, "there is no registry"),
        ("rebuild --dir /", 2, "there is no registry"),
    ]);
}

#[test]
fn serve() {
    check(&[
        ("serve --dir $TMP/no-registry", 2, "there is no registry"),
        ("serve --dir $TMP/missing", 2, "there is no registry"),
        ("serve --dir $TMP/good.csv", 2, "there is no registry"),
        ("serve --listen here --dir $REG", 2, "--listen"),
        ("serve --listen 127.0.0.1 --dir $REG", 2, "--listen"),
        ("serve --listen 127.0.0.1:99999 --dir $REG", 2, "--listen"),
        ("serve --listen :8080 --dir $REG", 2, "--listen"),
        ("serve --listen 203.0.113.1:8080 --dir $REG", 2, "cannot listen"),
        ("serve --port 8080 --dir $REG", 2, "--port"),
        ("serve everything --dir $REG", 2, "everything"),
    ]);
    // A port that is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    prepared().run(&["serve", "--listen", &address]).expect(2);
}

#[test]
fn key() {
    check(&[
        ("key --dir $REG", 2, "Usage"),
        ("key surprise --dir $REG", 2, "surprise"),
        ("key show --dir $TMP/no-registry", 2, "there is no registry"),
        ("key show --dir $TMP/missing", 2, "there is no registry"),
        ("key show --dir $TMP/good.csv", 2, "there is no registry"),
        ("key show everything --dir $REG", 2, "everything"),
        ("key show --private --dir $REG", 2, "--private"),
        ("key show --dir", 2, "--dir"),
        ("key show --json=yes --dir $REG", 2, "--json"),
        ("key show --dir $TMP/occupied", 2, "there is no registry"),
    ]);
}

#[test]
fn demo() {
    check(&[
        ("demo --dir $REG", 2, "is no demonstration"),
        ("demo --dir $TMP/occupied", 2, "is no demonstration"),
        ("demo --dir $TMP/good.csv", 2, "good.csv"),
        ("demo --port 99999 --dir $TMP/new", 2, "--port"),
        ("demo --port -1 --dir $TMP/new", 2, "--port"),
        ("demo --port http --dir $TMP/new", 2, "--port"),
        ("demo --port", 2, "--port"),
        ("demo --dir", 2, "--dir"),
        ("demo --surprise", 2, "--surprise"),
        ("demo everything", 2, "everything"),
    ]);
}

#[test]
fn no_command() {
    check(&[
        ("", 2, "Usage"),
        ("surprise", 2, "surprise"),
        ("--surprise", 2, "--surprise"),
        ("--dir", 2, "--dir"),
    ]);
}

#[test]
fn a_fictional_pack_is_for_demonstrations_only() {
    let place = Place::new();
    let pack = support::workspace().join("demo/packs/demo");
    let arguments = ["init", "--origin", "test.example/log", "--pack", pack.to_str().unwrap()];
    let ended = place.run(&arguments);
    assert!(ended.expect(1).stderr.contains("the pack `demo` is fictional"), "{}", ended.stderr);
    assert!(!place.registry().exists());
}
