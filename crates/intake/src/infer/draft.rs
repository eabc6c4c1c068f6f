//! The draft as TOML, and what is said beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::record::{Body, Polarity, RecordType};
use policy::ListDefinition;

use super::columns::{Column, Holds};
use super::sniff::Found;
use super::vocabulary::Topic;
use super::{ColumnReport, Draft, FileRead, Options, keys};
use crate::profile::BLANK;

/// What the draft makes of each column.
struct Roles {
    name: Option<usize>,
    other_names: Vec<usize>,
    start: Option<usize>,
    end: Option<usize>,
    place: Option<usize>,
    country: Option<usize>,
    entries: Option<usize>,
    subject_type: Option<usize>,
    identifiers: Vec<(usize, String)>,
    fields: Vec<(&'static str, usize)>,
    fine: Option<usize>,
}

pub(super) fn write(read: &FileRead, name: &str, options: &Options<'_>) -> Draft {
    let holds: Vec<Holds> = read.columns.iter().map(Column::holds).collect();
    let roles = Roles::of(read, &holds, options);
    let row_keys = row_keys(read, &holds, &roles);
    let mut notes = notes(read, &holds, options);
    let mut writer = Writer { read, holds: &holds, roles: &roles, options, toml: String::new() };
    writer.write(name, row_keys.first());
    let toml = writer.toml;
    let blanks = toml.matches(&format!("\"{BLANK}")).count() as u64;
    if row_keys.is_empty() && !matches!(read.found, Found::Jsonl) {
        notes.push(
            "no three columns tell every row from the others; the same row may stand there twice with \
             different contents"
                .to_owned(),
        );
    }
    let headings = |columns: &Vec<usize>| {
        columns.iter().map(|at| of(&read.columns, *at).heading.clone()).collect()
    };
    let container = match &read.found {
        Found::Csv { .. } => "csv",
        Found::Xlsx { .. } => "xlsx",
        Found::Json { .. } => "json",
        Found::Xml { .. } => "xml",
        Found::Jsonl => "jsonl",
    };
    let (encoding, header_row) = match &read.found {
        Found::Csv { dialect, header, .. } => (Some(dialect.encoding.name()), Some(header.row)),
        Found::Xml { encoding, .. } => (Some(encoding.name()), None),
        Found::Xlsx { header, .. } => (None, Some(header.row)),
        Found::Json { .. } | Found::Jsonl => (None, None),
    };
    Draft {
        container,
        encoding,
        rows: read.rows,
        header_row,
        columns: reports(read, &holds, &roles, row_keys.first()),
        row_keys: row_keys.iter().map(headings).collect(),
        notes,
        toml,
        blanks,
    }
}

/// What is known of the column `at`.
fn of<T>(columns: &[T], at: usize) -> &T {
    // Index safety: places come from counting the columns of the file, and there is one of
    // everything for each.
    &columns[at]
}

impl Roles {
    fn of(read: &FileRead, holds: &[Holds], options: &Options<'_>) -> Roles {
        let columns = &read.columns;
        let may = |at: usize| {
            let heading = &of(columns, at).heading;
            !heading.is_empty()
                && !read.twice.contains(heading)
                && !matches!(of(holds, at), Holds::Persons(_) | Holds::Nothing)
        };
        let all: Vec<usize> = (0..columns.len()).filter(|at| may(*at)).collect();
        let first = |test: &dyn Fn(usize) -> bool| all.iter().copied().find(|at| test(*at));
        let about = |at: usize, topic| of(columns, at).is_about(topic);
        let is_days = |at: usize| matches!(of(holds, at), Holds::Days { .. });
        let is_text = |at: usize| {
            matches!(
                of(holds, at),
                Holds::Names | Holds::Text | Holds::ClosedList | Holds::Countries
            )
        };
        // Most legal forms, then most different names.
        let name = all
            .iter()
            .copied()
            .filter(|at| is_text(*at) && !about(*at, Topic::OtherName))
            .filter(|at| about(*at, Topic::Name) || of(columns, *at).legal_forms() > 0)
            .max_by_key(|at| {
                let by_heading = about(*at, Topic::Name);
                (by_heading, of(columns, *at).legal_forms(), of(columns, *at).distinct())
            });
        // A list of further names has no other one.
        let name = name.or_else(|| first(&|at| about(at, Topic::OtherName) && is_text(at)));
        // A list of further names has no other one.
        let name = name.or_else(|| first(&|at| about(at, Topic::OtherName) && is_text(at)));
        let other_names = all
            .iter()
            .copied()
            .filter(|at| Some(*at) != name && about(*at, Topic::OtherName) && is_text(*at));
        let end = first(&|at| is_days(at) && about(at, Topic::End));
        let start = first(&|at| is_days(at) && about(at, Topic::Start) && Some(at) != end)
            .or_else(|| first(&|at| is_days(at) && Some(at) != end));
        let is_adverse =
            options.list.is_none_or(|list| list.record_type.polarity() == Polarity::Adverse);
        let closed = |at: usize, asked: bool| of(columns, at).spellings(asked).is_some();
        let entries = match options.entries {
            Some(asked) => first(&|at| of(columns, at).heading == asked && closed(at, true)),
            None => first(&|at| about(at, Topic::Ground) && closed(at, false))
                .or_else(|| first(&|at| about(at, Topic::Sanction) && closed(at, false)))
                .or_else(|| {
                    first(&|at| is_adverse && about(at, Topic::Category) && closed(at, false))
                }),
        };
        let other_than = |at: usize| Some(at) != name && Some(at) != entries && is_text(at);
        let subject_type =
            first(&|at| about(at, Topic::SubjectType) && closed(at, false) && other_than(at));
        let identifiers = all.iter().filter_map(|at| match of(holds, *at) {
            Holds::Identifier { scheme, .. } => Some((*at, scheme.clone())),
            _ => None,
        });
        let mut roles = Roles {
            name,
            other_names: other_names.collect(),
            start,
            end,
            place: first(&|at| about(at, Topic::Town) && other_than(at))
                .or_else(|| first(&|at| about(at, Topic::Place) && other_than(at))),
            country: first(&|at| *of(holds, at) == Holds::Countries && other_than(at)),
            entries,
            subject_type,
            identifiers: identifiers.collect(),
            fields: Vec::new(),
            fine: None,
        };
        if let Some(list) = options.list {
            roles.take_fields(list.record_type, &all, columns, holds);
        }
        roles
    }

    fn take_fields(
        &mut self,
        record_type: RecordType,
        all: &[usize],
        columns: &[Column],
        holds: &[Holds],
    ) {
        for key in Body::field_keys(record_type) {
            let topic = match *key {
                "imposed_by" => Topic::Authority,
                "sanction" => Topic::Sanction,
                "scope" => Topic::Scope,
                "category" => Topic::Category,
                "number" => Topic::Number,
                "status" => Topic::Status,
                "stage" => Topic::Stage,
                "content" => Topic::Content,
                _ => Topic::Amount,
            };
            let is_free = |at: &&usize| Some(**at) != self.name && Some(**at) != self.subject_type;
            let is_amount = |at: usize| matches!(of(holds, at), Holds::Amounts | Holds::Numbers);
            let fits = |at: usize| {
                of(columns, at).is_about(topic) && (topic != Topic::Amount || is_amount(at))
            };
            let found = all.iter().filter(is_free).find(|at| fits(**at)).copied();
            match (*key, found) {
                ("fine", Some(at)) => self.fine = Some(at),
                (key, Some(at)) => self.fields.push((key, at)),
                _ => {}
            }
        }
    }

    /// The keys of the draft that name column `at`.
    fn keys_of(&self, at: usize) -> Vec<String> {
        let mut keys = Vec::new();
        let single = [
            ("columns.name", self.name),
            ("columns.start", self.start),
            ("columns.end", self.end),
            ("columns.place", self.place),
            ("country", self.country),
            ("entries", self.entries),
            ("persons.type", self.subject_type),
            ("money.fine", self.fine),
        ];
        keys.extend(
            single.iter().filter(|(_, c)| *c == Some(at)).map(|(key, _)| (*key).to_owned()),
        );
        if self.other_names.contains(&at) {
            keys.push("other_names".to_owned());
        }
        let identifiers = self.identifiers.iter().filter(|(column, _)| *column == at);
        keys.extend(identifiers.map(|(_, scheme)| format!("identifiers ({scheme})")));
        let fields = self.fields.iter().filter(|(_, column)| *column == at);
        keys.extend(fields.map(|(key, _)| format!("fields.{key}")));
        keys
    }
}

/// Numbers and identifiers first, then names, days, the rest; never what may hold persons.
fn row_keys(read: &FileRead, holds: &[Holds], roles: &Roles) -> Vec<Vec<usize>> {
    let rank = |at: usize| {
        let column = of(&read.columns, at);
        match of(holds, at) {
            Holds::Persons(_) | Holds::Nothing => None,
            _ if column.heading.is_empty() || read.twice.contains(&column.heading) => None,
            Holds::Identifier { .. } => Some(1),
            _ if column.is_about(Topic::Number)
                && !column.is_about(Topic::Place)
                && !column.is_about(Topic::Town) =>
            {
                Some(0)
            }
            _ if Some(at) == roles.name => Some(2),
            Holds::Days { .. } => Some(3),
            Holds::ClosedList => Some(4),
            _ => Some(5),
        }
    };
    let mut candidates: Vec<(u8, usize)> =
        (0..read.columns.len()).filter_map(|at| Some((rank(at)?, at))).collect();
    candidates.sort_unstable();
    let candidates: Vec<usize> = candidates.into_iter().map(|(_, at)| at).take(16).collect();
    keys::candidates(&read.hashes, &candidates)
}

fn detail(column: &Column, holds: &Holds) -> String {
    match holds {
        Holds::Persons(why) => format!("not mapped: {why}"),
        Holds::Days { formats, is_ambiguous } => {
            let formats =
                if formats.is_empty() { "%Y-%m-%d".to_owned() } else { formats.join(" or ") };
            if *is_ambiguous { format!("ambiguous: {formats}") } else { formats }
        }
        Holds::Identifier { scheme, checked: 0, wrong: 0, persons: 0 } => {
            format!("{scheme}, by its heading and shape")
        }
        Holds::Identifier { scheme, checked, wrong, persons } => format!(
            "{scheme}: {checked} with the right check digit, {wrong} wrong, {persons} of persons"
        ),
        Holds::Names => format!("{} with a legal form", column.legal_forms()),
        _ => String::new(),
    }
}

fn reports(
    read: &FileRead,
    holds: &[Holds],
    roles: &Roles,
    row_key: Option<&Vec<usize>>,
) -> Vec<ColumnReport> {
    let report = |(at, (column, holds)): (usize, (&Column, &Holds))| {
        let mut mapped_to = roles.keys_of(at);
        if row_key.is_some_and(|columns| columns.contains(&at)) {
            mapped_to.push("row_key".to_owned());
        }
        ColumnReport {
            heading: column.heading.clone(),
            holds: holds.key(),
            detail: detail(column, holds),
            filled: column.filled,
            distinct: column.distinct(),
            mapped_to,
        }
    };
    read.columns.iter().zip(holds).enumerate().map(report).collect()
}

fn notes(read: &FileRead, holds: &[Holds], options: &Options<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    match &read.found {
        Found::Csv { dialect, is_guessed: true, .. } => notes.push(format!(
            "the encoding {} is a guess from the letters; look at a name with an accent",
            dialect.encoding.name()
        )),
        Found::Xlsx { others, .. } if !others.is_empty() => {
            notes.push(format!("other sheets: {}; choose with --sheet", others.join(", ")));
        }
        Found::Json { others, .. } | Found::Xml { others, .. } if !others.is_empty() => {
            notes.push(format!("other rows lie at {}; choose with --rows", others.join(", ")));
        }
        Found::Jsonl => notes.push(
            "JSON Lines are read only in the registry's own format: see docs/authorities/own-format.md"
                .to_owned(),
        ),
        _ => {}
    }
    if read.headers_again > 0 {
        notes.push(format!("the headings stand there again in {} rows", read.headers_again));
    }
    if read.captions > 0 {
        notes.push(format!("{} rows hold a lone text: captions, or notes below", read.captions));
    }
    if read.unequal > 0 {
        notes.push(format!(
            "{} rows have more or fewer cells than there are headings; they will be quarantined (212)",
            read.unequal
        ));
    }
    for heading in &read.twice {
        notes.push(format!("`{heading}` heads two columns, so that neither can be mapped"));
    }
    let ambiguous = holds.iter().any(|h| matches!(h, Holds::Days { is_ambiguous: true, .. }));
    if ambiguous {
        notes.push(
            "days fit more than one format; ask the publisher, or look for a day after the 12th"
                .to_owned(),
        );
    }
    if let Some(asked) = options.entries
        && !read.columns.iter().any(|c| c.heading == asked && c.spellings(true).is_some())
    {
        notes.push(format!(
            "`{asked}` is no column whose spellings may be listed: it may hold persons, or has too many \
             different cells"
        ));
    }
    notes
}

struct Writer<'a> {
    read: &'a FileRead,
    holds: &'a [Holds],
    roles: &'a Roles,
    options: &'a Options<'a>,
    toml: String,
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Writer<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        self.toml.push_str(text.as_ref());
        self.toml.push('\n');
    }

    fn pair(&mut self, key: &str, text: &str) {
        let _ = writeln!(self.toml, "{key} = {}", quoted(text));
    }

    fn blank(&mut self, key: &str, what: &str) {
        self.pair(key, &format!("{BLANK}: {what}"));
    }

    fn heading(&self, at: usize) -> &str {
        &of(&self.read.columns, at).heading
    }

    fn column(&mut self, key: &str, at: Option<usize>) {
        if let Some(at) = at {
            let heading = self.heading(at).to_owned();
            self.pair(key, &heading);
        }
    }

    fn headings(&self, columns: &[usize]) -> String {
        columns.iter().map(|at| quoted(self.heading(*at))).collect::<Vec<_>>().join(", ")
    }

    fn write(&mut self, name: &str, row_key: Option<&Vec<usize>>) {
        self.line("# Drafted from a file by `goodstanding profile infer`. Every FILL-IN is yours to decide; what is");
        self.line(
            "# filled in was read off the file and may be wrong. See docs/authorities/profiles.md.",
        );
        self.line("");
        self.pair("name", name);
        match self.options.list {
            Some(list) => self.pair("list", list.id.as_str()),
            None => self.blank("list", "the id of the list, as a pack defines it"),
        }
        self.blank("licence", "what the publisher says about reuse");
        self.blank("extent", "full where a file is always the whole list, else partial");
        self.blank("max_age", "days for which a reading counts; a number, or none for facts");
        let _ = writeln!(self.toml, "row_floor = {}", self.read.rows / 2);
        if matches!(self.read.found, Found::Jsonl) {
            self.jsonl();
            return;
        }
        match row_key {
            Some(columns) => {
                let columns = self.headings(columns);
                let _ = writeln!(self.toml, "row_key = [{columns}]");
            }
            None => self.line(format!(
                "row_key = [\"{BLANK}: the columns that tell a row from every other\"]"
            )),
        }
        self.container();
        self.columns();
        self.dates();
        self.fields();
        self.entries();
        self.persons();
        self.not_mapped(row_key);
    }

    fn jsonl(&mut self) {
        self.line(
            "\n[container]\nkind = \"jsonl\"\n\n[dates]\nformats = []\nno_end = [\"none\"]\n",
        );
        self.line("[persons]\non_identifier = \"refuse\"\n\n[persons.type]");
        self.line(format!("organisation = [\"{BLANK}: the kinds the list is about\"]"));
        self.line("person = [\"person\", \"individual\", \"sole_trader\", \"sole trader\"]");
    }

    fn container(&mut self) {
        self.line("\n[container]");
        let find = self.read.headers_again > 0;
        let header = |writer: &mut Self, row: u64| {
            if find {
                writer.line("header = \"find\"");
            } else if row != 1 {
                writer.line(format!("header_row = {row}"));
            }
            if find && writer.read.captions > 0 {
                writer.line("captions = true");
            }
        };
        match &self.read.found {
            Found::Csv { dialect, header: found, .. } => {
                self.line("kind = \"csv\"");
                self.pair("delimiter", &char::from(dialect.delimiter).to_string());
                self.pair("encoding", &dialect.encoding.name().to_lowercase());
                header(self, found.row);
            }
            Found::Xlsx { sheet, header: found, .. } => {
                self.line("kind = \"xlsx\"");
                self.pair("sheet", sheet);
                header(self, found.row);
            }
            Found::Json { rows, .. } => {
                self.line("kind = \"json\"");
                self.pair("rows", rows);
                self.optional();
            }
            Found::Xml { rows, encoding, .. } => {
                self.line("kind = \"xml\"");
                self.pair("rows", rows);
                self.pair("encoding", &encoding.name().to_lowercase());
                self.optional();
            }
            Found::Jsonl => {}
        }
    }

    /// Mapped columns that are not in every row.
    fn optional(&mut self) {
        let is_sparse = |at: &usize| {
            let column = of(&self.read.columns, *at);
            column.filled < self.read.rows && !self.roles.keys_of(*at).is_empty()
        };
        let sparse: Vec<usize> = (0..self.read.columns.len()).filter(is_sparse).collect();
        if !sparse.is_empty() {
            let sparse = self.headings(&sparse);
            let _ = writeln!(self.toml, "optional = [{sparse}]");
        }
    }

    fn columns(&mut self) {
        self.line("\n[columns]");
        match self.roles.name {
            Some(at) => self.column("name", Some(at)),
            None => self.blank("name", "the column of the organisation's name"),
        }
        self.column("place", self.roles.place);
        self.column("start", self.roles.start);
        self.column("end", self.roles.end);
        for at in self.roles.other_names.clone() {
            self.line("\n[[other_names]]");
            self.column("column", Some(at));
        }
        for (at, scheme) in self.roles.identifiers.clone() {
            self.line("\n[[identifiers]]");
            self.column("column", Some(at));
            self.pair("scheme", &scheme);
        }
        let Some(at) = self.roles.country else { return };
        self.line("\n[country]");
        self.column("column", Some(at));
        let spellings = of(&self.read.columns, at).spellings(false);
        let spellings: Vec<String> =
            spellings.into_iter().flat_map(|known| known.keys().cloned()).collect();
        let is_code =
            |text: &String| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
        if spellings.iter().any(|text| !is_code(text)) {
            self.line("\n[country.map]");
            for text in spellings.iter().filter(|text| !is_code(text)) {
                self.line(format!("{} = \"{BLANK}: two capitals of ISO 3166-1\"", quoted(text)));
            }
        }
    }

    fn dates(&mut self) {
        self.line("\n[dates]");
        let mut formats: Vec<String> = Vec::new();
        for at in [self.roles.start, self.roles.end].into_iter().flatten() {
            if let Holds::Days { formats: found, is_ambiguous } = of(self.holds, at) {
                let text = found.join(" or ");
                let text =
                    if *is_ambiguous { format!("{BLANK}: {text}, several fit") } else { text };
                if !text.is_empty() && !formats.contains(&text) {
                    formats.push(text);
                }
            }
        }
        let formats: Vec<String> = formats.iter().map(|text| quoted(text)).collect();
        self.line(format!("formats = [{}]", formats.join(", ")));
        let end = self.roles.end.map(|at| of(&self.read.columns, at));
        let mut said: Vec<String> =
            end.map(|end| end.no_end().into_iter().map(quoted).collect()).unwrap_or_default();
        if end.is_none_or(|end| end.filled < self.read.rows) {
            said.push("\"\"".to_owned());
        }
        self.line("# Spellings of \"no last day\". On an adverse list a row without one needs a basis in the pack.");
        self.line(format!("no_end = [{}]", said.join(", ")));
    }

    fn fields(&mut self) {
        let Some(list) = self.options.list else {
            self.line("\n# [fields] follow from the list: give it with --list.");
            return;
        };
        let known = Body::field_keys(list.record_type).join(", ");
        self.line(format!("\n# Fields of this type of record: {known}."));
        if !self.roles.fields.is_empty() {
            self.line("[fields]");
        }
        for (key, at) in self.roles.fields.clone() {
            self.column(key, Some(at));
        }
        if let Some(at) = self.roles.fine {
            self.line("\n[money.fine]");
            self.column("column", Some(at));
            self.blank("currency", "three capitals of ISO 4217");
        }
    }

    fn entries(&mut self) {
        let entries = |list: &ListDefinition| {
            let ids: Vec<&str> = list.entries.iter().map(|entry| entry.id.as_str()).collect();
            ids.join(", ")
        };
        let list = self.options.list;
        self.line("");
        if let Some(list) = list {
            self.line(format!("# Entries of the list: {}.", entries(list)));
        }
        self.line("[entries]");
        let only =
            list.filter(|list| list.entries.len() == 1).and_then(|list| list.entries.first());
        match (self.roles.entries, only, self.options.entries) {
            (_, Some(only), None) => self.line(format!("fixed = [{}]", quoted(only.id.as_str()))),
            (Some(at), ..) => {
                self.column("column", Some(at));
                let separator = of(&self.read.columns, at).separator();
                if let Some(separator) = separator {
                    self.pair("separator", &separator.to_string());
                }
                self.line("\n[entries.map]");
                let is_asked_for = self.options.entries.is_some();
                let found = of(&self.read.columns, at).spellings(is_asked_for);
                let mut spellings: BTreeMap<String, u64> = BTreeMap::new();
                for (text, rows) in found.into_iter().flatten() {
                    let cut = |c: char| Some(c) == separator;
                    for piece in text.split(cut).map(str::trim).filter(|piece| !piece.is_empty()) {
                        *spellings.entry(piece.to_owned()).or_default() += rows;
                    }
                }
                for (text, rows) in spellings {
                    let text = quoted(&text);
                    self.line(format!(
                        "{text} = [\"{BLANK}: the entry, {rows} rows; [] adds nothing\"]"
                    ));
                }
            }
            (None, ..) => {
                let why = match list.map(|list| list.record_type.polarity()) {
                    Some(Polarity::Adverse) => "the entry of all rows, or a column with --entries",
                    _ => "the entry of all rows",
                };
                self.line(format!("fixed = [\"{BLANK}: {why}\"]"));
            }
        }
    }

    fn persons(&mut self) {
        self.line(
            "\n# What is not shown to be an organisation waits; rows about persons are refused.",
        );
        self.line("[persons]\non_identifier = \"refuse\"");
        if let Some(at) = self.roles.subject_type {
            self.line("\n[persons.type]");
            self.column("column", Some(at));
            let found = of(&self.read.columns, at).spellings(false);
            let mut spellings: Vec<String> =
                found.into_iter().flat_map(|known| known.keys().map(|text| quoted(text))).collect();
            if of(&self.read.columns, at).filled < self.read.rows {
                spellings.push("\"\"".to_owned());
            }
            self.line(format!("# Spellings: {}.", spellings.join(", ")));
            self.line(format!(
                "organisation = [\"{BLANK}: the spellings that are organisations\"]"
            ));
            self.line(format!(
                "person = [\"{BLANK}: the spellings that are persons and sole traders\"]"
            ));
            return;
        }
        self.line("\n[persons.words]");
        self.line("# Words of the name that only an organisation bears, such as \"ltd\", \"gmbh\", \"有限公司\".");
        self.line(format!("organisation = [\"{BLANK}: legal forms of the list's country\"]"));
        self.line("\n# The kind that words show. Unions, parties, media, faith bodies and associations are protected:");
        self.line("# name their words too.");
        self.line("[[kinds]]\nkind = \"enterprise\"");
        self.line(format!(
            "words = [\"{BLANK}: the same words, as far as they show an enterprise\"]"
        ));
    }

    fn not_mapped(&mut self, row_key: Option<&Vec<usize>>) {
        let mut lines = Vec::new();
        for (at, (column, holds)) in self.read.columns.iter().zip(self.holds).enumerate() {
            let is_key = row_key.is_some_and(|columns| columns.contains(&at));
            if column.heading.is_empty() || is_key || !self.roles.keys_of(at).is_empty() {
                continue;
            }
            let heading = quoted(&column.heading);
            lines.push(match holds {
                Holds::Persons(_) => format!("#   {heading}: not mapped, holds persons?"),
                holds => format!("#   {heading}: {}", holds.key()),
            });
        }
        if !lines.is_empty() {
            self.line("\n# Not mapped, and so neither read nor kept:");
            lines.iter().for_each(|line| self.line(line));
        }
    }
}
