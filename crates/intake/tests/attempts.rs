//! Ways to get a person (promise P1) or a protected organisation (promise P6) past intake, each of
//! them tried.

mod support;

use domain::organisation::OrganisationKind;
use domain::refusal::Language;
use goodstanding_intake::{Outcome, Profile, Row, Source, quarantine};
use policy::Packs;

/// The outcomes of `text`, and everything intake gives out about it: outcomes, keys and the
/// quarantine file.
fn read(profile: &Profile, packs: &Packs, text: &str) -> (Vec<Row>, String) {
    let source = Source::Bytes(text.as_bytes());
    let (rows, _) = support::rows(profile, packs, "2026-11-22", source).expect("the file reads");
    let mut writer = quarantine::Writer::new(Vec::new(), profile, Language::En).expect("memory");
    rows.iter().for_each(|row| writer.write(row).expect("memory"));
    let file = String::from_utf8(writer.finish().expect("memory")).expect("UTF-8");
    let given_out = format!("{rows:?}{file}");
    (rows, given_out)
}

fn described(row: &Row) -> String {
    let kind = match &row.outcome {
        Outcome::RefusedPerson(_) => "refused_person",
        Outcome::Refused(_) => "refused",
        Outcome::Quarantined { cells: None, .. } => "undecided",
        Outcome::Quarantined { .. } => "quarantined",
        Outcome::Duplicate => "duplicate",
        Outcome::AlreadyEnded => "already_ended",
        Outcome::Ready(_) => "ready",
    };
    let numbers = row.outcome.problems().iter().map(|problem| problem.refusal.number());
    numbers.fold(kind.to_owned(), |text, number| format!("{text} {number}"))
}

/// A line of our own format about an organisation with these keys, on an adverse list.
fn line(organisation: &str, entry: &str) -> String {
    let end = if entry == "convicted" { "none" } else { "2030-12-31" };
    format!(
        "{{\"key\":\"1\",\"list\":\"test.exclusions\",\"organisation\":{{{organisation}}},\
         \"entries\":[\"{entry}\"],\"end\":\"{end}\"}}\n"
    )
}

fn named(kind: &str, name: &str) -> String {
    format!("\"kind\":\"{kind}\",\"name\":\"{name}\"")
}

#[test]
fn p1_an_unstated_kind_proves_no_organisation() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let identifier = |scheme: &str, value: &str| {
        let name = named("unstated", "JOSE DA SILVA");
        format!("{name},\"identifiers\":[{{\"scheme\":\"{scheme}\",\"value\":\"{value}\"}}]")
    };
    let table = [
        (named("unstated", "JOSE DA SILVA - ME"), "undecided 201"),
        (named("Unstated", "JOSE DA SILVA"), "undecided 201"),
        (named("unstated", "张三"), "undecided 201"),
        // Sole traders have a CNPJ, and anything may stand in a scheme without check digit.
        (identifier("br-cnpj", "11222333000181"), "undecided 201"),
        (identifier("x-register", "4711"), "undecided 201"),
        // A wrong check digit proves nothing; 92 is a sole trader's.
        (identifier("cn-uscc", "91110108551385082R"), "undecided 201"),
        (identifier("cn-uscc", "92110108551385082Q"), "refused_person 101"),
        (identifier("cn-uscc", "91110108551385082Q"), "ready"),
        (identifier("lei", "213800KUD8LAJWSQ9D15"), "ready"),
        (named("unstated", "Silva Bridges Ltd"), "ready"),
        (named("unstated", "某某建筑有限公司"), "ready"),
    ];
    for (organisation, expect) in table {
        let (rows, given_out) = read(&own, &packs, &line(&organisation, "barred"));
        assert_eq!(described(&rows[0]), expect, "{organisation}");
        if expect != "ready" {
            assert!(!given_out.contains("SILVA") && !given_out.contains("张三"), "{organisation}");
        }
    }
}

#[test]
fn p1_a_profile_cannot_make_an_unstated_kind_a_proof() {
    let packs = support::packs();
    let text = std::fs::read_to_string(support::workspace().join("profiles/own.toml")).unwrap();
    let widened = text.replace("organisation = [", "organisation = [\"unstated\",");
    assert_ne!(widened, text);
    let profile = Profile::load("own.toml", &widened, &packs).expect("loads");
    let (rows, _) =
        read(&profile, &packs, &line(&named("unstated", "JOSE DA SILVA - ME"), "barred"));
    assert_eq!(described(&rows[0]), "undecided 201");
}

#[test]
fn p1_no_personal_number_hides_in_an_identifier_a_scheme_or_a_language() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let numbers = ["13812345678", "4111111111111111", "110000199001010013", "52998224725"];
    let mut tried = vec![
        ("x-idcard".to_owned(), "ID110000199001010013".to_owned()),
        ("x-idcard".to_owned(), "00110000199001010013".to_owned()),
        ("x-idcard".to_owned(), "A/110000-19900101-0013/B".to_owned()),
        ("lei".to_owned(), "00110000199001010013".to_owned()),
        ("x-1381-2345-678".to_owned(), "1".to_owned()),
    ];
    for number in numbers {
        for scheme in ["x-foo", "GB-COH", "US-DUNS", "no scheme"] {
            tried.push((scheme.to_owned(), number.to_owned()));
        }
        for scheme in ["x-", "X-", "us-", "x", ""] {
            tried.push((format!("{scheme}{number}"), "1".to_owned()));
        }
    }
    let organisations = tried.iter().map(|(scheme, value)| {
        let name = named("enterprise", "Acme Ltd");
        format!("{name},\"identifiers\":[{{\"scheme\":\"{scheme}\",\"value\":\"{value}\"}}]")
    });
    let languages = numbers.iter().flat_map(|number| {
        let name = named("enterprise", "Acme Ltd");
        [
            format!("{name},\"language\":\"{number}\""),
            format!("{name},\"language\":\"zh-{number}\""),
            format!("{name},\"names\":[{{\"text\":\"Acme\",\"language\":\"x{number}\"}}]"),
            format!("{name},\"names\":[{{\"text\":\"Acme\",\"role\":\"{number}\"}}]"),
            format!("{name},\"entry\":\"{number}\""),
        ]
    });
    for organisation in organisations.chain(languages) {
        let (rows, given_out) = read(&own, &packs, &line(&organisation, "barred"));
        assert_eq!(described(&rows[0]), "refused_person 102", "{organisation}");
        assert_eq!(rows[0].row_key, None, "{organisation}: nothing to hash");
        for number in numbers {
            assert!(!given_out.contains(number), "{organisation}");
        }
    }
}

#[test]
fn p1_a_language_is_a_tag_and_nothing_else() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    for (language, expect) in [
        ("", "ready"),
        ("zh", "ready"),
        ("por", "ready"),
        ("pt-BR", "ready"),
        ("zh-Hans-CN", "ready"),
        ("es-419", "ready"),
        ("ZhangSan", "quarantined 211"),
        ("zhang-san", "quarantined 211"),
        ("zh-Hans-CN-zhang", "quarantined 211"),
        ("x-zhangsan", "quarantined 211"),
        ("en-1234", "quarantined 211"),
        ("zh-CN-Hans", "quarantined 211"),
        ("zh-", "quarantined 211"),
        ("-", "quarantined 211"),
        ("z", "quarantined 211"),
    ] {
        let main = format!("{},\"language\":\"{language}\"", named("enterprise", "Acme Ltd"));
        let other = format!(
            "{},\"names\":[{{\"text\":\"Acme\",\"language\":\"{language}\"}}]",
            named("enterprise", "Acme Ltd")
        );
        for organisation in [main, other] {
            let (rows, _) = read(&own, &packs, &line(&organisation, "barred"));
            assert_eq!(described(&rows[0]), expect, "{organisation}");
        }
    }
}

#[test]
fn p1_no_key_of_the_input_is_repeated_in_a_problem() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let text = line(&named("enterprise", "Acme Ltd"), "barred")
        .replace("\"entries\"", "\"fields\":{\"zhangsan\":\"x\"},\"entries\"");
    let (rows, _) = read(&own, &packs, &text);
    assert_eq!(described(&rows[0]), "quarantined 211");
    let problems = rows[0].outcome.problems();
    assert_eq!(problems[0].column.as_deref(), Some("fields.?"));
    assert!(!format!("{problems:?}").contains("zhangsan"));
}

#[test]
fn p6_a_company_word_takes_no_protection_away() {
    let packs = support::packs();
    let ceis = support::profile("ceis", &packs);
    for name in [
        "SINDICATO DOS TRABALHADORES DA COMPANHIA DO METRO",
        "ASSOCIACAO DOS EMPREGADOS DA COMPANHIA X",
        "IGREJA UNIVERSAL LTDA MISSAO",
        "COOPERATIVA DO SINDICATO DOS MINEIROS",
        "JORNAL DE TAL LTDA",
    ] {
        let text = format!(
            "cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf\n\
             11222333000181,{name},Suspensão - Lei de Licitações,15/08/2031,Prefeitura,SP\n"
        );
        assert_eq!(described(&read(&ceis, &packs, &text).0[0]), "refused 103", "{name}");
    }
    let school = "cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf\n11222333000181,\
                  INSTITUTO FEDERAL DE EDUCACAO,Suspensão - Lei de Licitações,15/08/2031,X,SP\n";
    assert_eq!(described(&read(&ceis, &packs, school).0[0]), "ready", "a public school");
    let headings =
        "Title,Entity,Nationality,From,To,Grounds,Source,IDB Sanction Type,Other Name".split(',');
    let idb = support::profile("idb", &packs);
    for name in ["Trade Union of the Workers of Metro Company", "Church Mission Ltd"] {
        let row = format!("{name},Firm,Kenya,\"\",Ongoing,Fraud,IDB,Debarment,").replace('"', "");
        let rows = [headings.clone().map(str::to_owned).collect::<Vec<_>>()];
        let row = row.split(',').map(str::to_owned).collect::<Vec<_>>();
        let book = support::workbook(&[rows[0].clone(), row]);
        let read = support::rows(&idb, &packs, "2026-11-22", Source::Bytes(&book)).expect("reads");
        assert_eq!(described(&read.0[0]), "refused 103", "{name}");
    }
}

#[test]
fn p6_a_stated_kind_takes_no_protection_away() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let protected = [
        "Labour Union of Miners",
        "Dockers Union",
        "The Daily Newspaper Ltd",
        "First Church of Springfield",
        "Green Party",
        "Society of Friends Inc.",
        "上海某某工会",
        "某某行业协会",
        "某某教会",
        "灵山寺",
        "某某晚报社有限公司",
        "某某党",
        "SINDICATO DOS TRABALHADORES DA COMPANHIA DO METRO",
        "Partido de Tal",
        "Igreja Universal Ltda Missão",
        "Asociación de Vecinos",
        "Syndicat des mineurs",
        "Église de Tal",
        "Union of the Employees of Western Union",
    ];
    for name in protected {
        for kind in ["enterprise", "public_body", "foundation", "cooperative"] {
            let (rows, _) = read(&own, &packs, &line(&named(kind, name), "barred"));
            assert_eq!(described(&rows[0]), "refused 103", "{kind} {name}");
        }
    }
    // What is known to be a company's.
    for name in [
        "Springfield Credit Union",
        "Western Union Ltd",
        "European Union Contractors Ltd",
        "First Bank, National Association",
        "Third Party Logistics Ltd",
        "Acme Ltd",
    ] {
        let (rows, _) = read(&own, &packs, &line(&named("enterprise", name), "barred"));
        assert_eq!(described(&rows[0]), "ready", "{name}");
    }
}

#[test]
fn p6_the_name_decides_the_kind_a_court_decision_is_recorded_with() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let text = line(&named("enterprise", "Labour Union of Miners"), "convicted");
    let (rows, _) = read(&own, &packs, &text);
    let Outcome::Ready(submission) = &rows[0].outcome else { panic!("{:?}", rows[0].outcome) };
    assert_eq!(submission.organisation.kind, OrganisationKind::Union);
}

/// A row of the CEIS layout.
fn ceis_row(identifier: &str, name: &str, office: &str) -> String {
    format!(
        "cnpjcpf,nome,tipo,data_final,nome_do_orgao,uf\n\
         \"{identifier}\",\"{name}\",Suspensão - Lei de Licitações,15/08/2031,\"{office}\",SP\n"
    )
}

#[test]
fn p1_a_disguised_number_in_any_column_leaves_nothing_behind() {
    let packs = support::packs();
    let ceis = support::profile("ceis", &packs);
    let disguised = [
        "110000\u{202d}19900101\u{202c}0013",
        "1100001990\u{0}01010013",
        "１１００００19900101００１３",
        "11OOOO199OO1O1OO13",
        "529.982.247-25",
        "٥٢٩.٩٨٢.٢٤٧-٢٥",
        "fulano@example.org",
        "fulano＠example。org",
    ];
    for number in disguised {
        for text in [
            ceis_row("11222333000181", &format!("ALFA LTDA {number}"), "Prefeitura"),
            ceis_row("11222333000181", "ALFA LTDA", &format!("Prefeitura {number}")),
            ceis_row(number, "ALFA LTDA", "Prefeitura"),
        ] {
            let (rows, given_out) = read(&ceis, &packs, &text);
            assert!(!given_out.contains(number), "{number:?}: {}", described(&rows[0]));
            assert!(!matches!(rows[0].outcome, Outcome::Ready(_)), "{number:?}: {text}");
        }
    }
}

#[test]
fn p1_a_number_split_over_two_columns_is_one() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let split = |first: &str, second: &str| {
        format!(
            "{{\"key\":\"{first}\",\"list\":\"test.exclusions\",\"organisation\":{{\"kind\":\"enterprise\",\
             \"name\":\"Acme Ltd\",\"place\":\"{second}\"}},\"entries\":[\"barred\"],\"end\":\"2030-12-31\"}}\n"
        )
    };
    for (first, second) in [
        ("110000199001", "010013"),
        ("010013", "110000199001"),
        ("110000 1990", "0101-0013"),
        ("11010519491231", "002X"),
        ("１１００００１９９００１", "010013"),
    ] {
        let (rows, given_out) = read(&own, &packs, &split(first, second));
        assert_eq!(described(&rows[0]), "refused_person 102", "{first} {second}");
        assert!(!given_out.contains(first) && rows[0].row_key.is_none());
    }
    // Numbers that are no one's.
    for (first, second) in [("110000199001", "010014"), ("2019010112", "33010612"), ("7", "8")] {
        let (rows, _) = read(&own, &packs, &split(first, second));
        assert_eq!(described(&rows[0]), "ready", "{first} {second}");
    }
}

#[test]
fn p1_a_sole_trader_is_none_the_less_one_for_being_called_an_enterprise() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    let names = [
        "ИП Иванов Иван Иванович",
        "Индивидуальный предприниматель Петров",
        "ФОП Шевченко Тарас",
        "Max Mustermann e.K.",
        "Max Mustermann e. Kfm.",
        "Bäckerei Muster, Einzelunternehmen",
        "Mario Rossi ditta individuale",
        "Jean Dupont (entreprise individuelle)",
        "Jean Dupont, auto-entrepreneur",
        "Juan Pérez, persona física",
        "JOSE DA SILVA MICROEMPREENDEDOR INDIVIDUAL",
        "Smith Bakery (sole trader)",
        "张三（个体工商户）",
        "山田太郎（個人事業主）",
        "Jansen Eenmanszaak",
        "S\u{200b}ole tra\u{200d}der Jones",
    ];
    for name in names {
        let (rows, given_out) = read(&own, &packs, &line(&named("enterprise", name), "barred"));
        assert_eq!(described(&rows[0]), "refused_person 101", "{name}");
        assert!(!given_out.contains(name), "{name}");
    }
    // Companies whose names only come near.
    for name in ["Iperion Ltd", "EK Engineering GmbH", "Типография Ltd", "Sole Trade Shoes Ltd"]
    {
        let (rows, _) = read(&own, &packs, &line(&named("enterprise", name), "barred"));
        assert_eq!(described(&rows[0]), "ready", "{name}");
    }
}

/// What the guard cannot know, written down so that nobody believes that it does: a person called
/// an enterprise by the source, without a number, without a mark of a sole trader.
#[test]
fn p1_a_person_whom_the_source_states_to_be_an_enterprise_still_passes() {
    let packs = support::packs();
    let own = support::profile("own", &packs);
    for name in ["JOSE DA SILVA", "张三", "John Smith trading as Smith Bakery", "Dr. Jane Roe"] {
        let (rows, _) = read(&own, &packs, &line(&named("enterprise", name), "barred"));
        assert_eq!(described(&rows[0]), "ready", "{name}");
        let (rows, _) = read(&own, &packs, &line(&named("unstated", name), "barred"));
        assert_eq!(described(&rows[0]), "undecided 201", "{name}: unstated, it does not");
    }
}
