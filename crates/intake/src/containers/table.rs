//! Tables as publishers write them: a preamble, captions, a header of one or several rows, the next
//! sub-table with a header of its own, footnote marks. Shared by CSV and XLSX.

use std::borrow::Cow;
use std::collections::VecDeque;

use domain::refusal::{Problem, Refusal};

use super::{SECTION, locate};
use crate::profile::{Header, TableRules};
use crate::text::tidy;

/// One row of a sheet or a file, cell by cell.
pub(crate) trait Cells {
    /// Number of cells.
    fn width(&self) -> usize;
    /// The cell at `at`, empty beyond the last one.
    fn text(&self, at: usize) -> Cow<'_, str>;
}

/// What a row of the file is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Part of the preamble, a header, a caption, or blank.
    Nothing,
    /// A row: the wanted cells.
    Row(Vec<String>),
}

/// A table being read.
pub(crate) struct Table<'a> {
    rules: &'a TableRules,
    wanted: &'a [String],
    header: Option<Located>,
    /// The last rows that may be a header, oldest first.
    recent: VecDeque<Vec<String>>,
    /// The caption that stands above.
    section: String,
}

struct Located {
    places: Vec<Place>,
    width: usize,
}

/// Where the text of a wanted heading is.
#[derive(Debug, Clone, Copy)]
enum Place {
    Cell(usize),
    Caption,
    /// A column that this file lacks and may.
    Nowhere,
}

impl<'a> Table<'a> {
    pub(crate) fn new(rules: &'a TableRules, wanted: &'a [String]) -> Table<'a> {
        Table { rules, wanted, header: None, recent: VecDeque::new(), section: String::new() }
    }

    /// Whether a header was found.
    pub(crate) const fn has_header(&self) -> bool {
        self.header.is_some()
    }

    /// Cells of the header in force.
    pub(crate) fn width(&self) -> usize {
        self.header.as_ref().map_or(0, |header| header.width)
    }

    /// Takes row `number`, which is not blank.
    ///
    /// # Errors
    /// Headings that are missing, or there twice (301).
    pub(crate) fn take(&mut self, number: u64, cells: &dyn Cells) -> Result<Taken, Vec<Problem>> {
        if self.rules.captions && self.is_caption(cells) {
            self.section = self.clean(&cells.text(0));
            return Ok(Taken::Nothing);
        }
        let Some(header) = &self.header else { return self.seek_header(number, cells) };
        if self.rules.header == Header::Find && self.repeats_heading(header, cells) {
            self.header = Some(self.located(number, &self.texts(cells))?);
            return Ok(Taken::Nothing);
        }
        let cell = |place: &Place| match place {
            Place::Cell(at) => self.clean(&cells.text(*at)),
            Place::Caption => self.section.clone(),
            Place::Nowhere => String::new(),
        };
        Ok(Taken::Row(header.places.iter().map(cell).collect()))
    }

    fn seek_header(&mut self, number: u64, cells: &dyn Cells) -> Result<Taken, Vec<Problem>> {
        let rows = self.rules.header_rows;
        if let Header::Row(first) = self.rules.header
            && number < first
        {
            return Ok(Taken::Nothing);
        }
        self.recent.push_back(self.texts(cells));
        if self.recent.len() > rows {
            self.recent.pop_front();
        }
        if self.recent.len() < rows {
            return Ok(Taken::Nothing);
        }
        let headings = joined(&self.recent);
        match (self.located(number, &headings), self.rules.header) {
            (Ok(header), _) => self.header = Some(header),
            (Err(problems), Header::Row(_)) => return Err(problems),
            // Not yet: still the preamble.
            (Err(_), Header::Find) => {}
        }
        Ok(Taken::Nothing)
    }

    fn located(&self, number: u64, headings: &[String]) -> Result<Located, Vec<Problem>> {
        let is_caption = |heading: &String| self.rules.captions && heading == SECTION;
        let columns: Vec<&String> =
            self.wanted.iter().filter(|heading| !is_caption(heading)).collect();
        let mut found = locate(&columns, self.rules, headings, number)?.into_iter();
        let places = self
            .wanted
            .iter()
            .map(|heading| match is_caption(heading) {
                true => Place::Caption,
                false => found.next().flatten().map_or(Place::Nowhere, Place::Cell),
            })
            .collect();
        Ok(Located { places, width: headings.len() })
    }

    /// A lone text in the first cell, with nothing beside it.
    fn is_caption(&self, cells: &dyn Cells) -> bool {
        let is_blank = |at: usize| tidy(&cells.text(at)).is_empty();
        !is_blank(0) && (1..cells.width()).all(is_blank)
    }

    /// Whether the next sub-table begins: headings stand where values should. Its header must then
    /// hold all of them, so that no cell is ever read under a heading that is not its own.
    fn repeats_heading(&self, header: &Located, cells: &dyn Cells) -> bool {
        let columns = header.places.iter().filter(|place| matches!(place, Place::Cell(_))).count();
        let is_heading = |at: usize| {
            let text = tidy(&self.clean(&cells.text(at)));
            !text.is_empty()
                && self
                    .wanted
                    .iter()
                    .any(|heading| self.rules.spellings(heading).any(|known| tidy(known) == text))
        };
        // One alone may be a value that happens to read like a heading.
        (0..cells.width()).filter(|at| is_heading(*at)).count() >= columns.min(2)
    }

    fn texts(&self, cells: &dyn Cells) -> Vec<String> {
        (0..cells.width()).map(|at| self.clean(&cells.text(at))).collect()
    }

    /// `text` without the footnote marks at its end.
    fn clean(&self, text: &str) -> String {
        let mut rest = text;
        while let Some(shorter) = self
            .rules
            .footnotes
            .iter()
            .filter(|mark| !mark.is_empty())
            .find_map(|mark| rest.trim_end().strip_suffix(mark.as_str()))
        {
            rest = shorter;
        }
        rest.to_owned()
    }
}

/// The headings of several rows as one each: what stands above a column, then what stands on it. A
/// cell that spans columns is written in the first of them only.
fn joined(rows: &VecDeque<Vec<String>>) -> Vec<String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut headings = vec![String::new(); width];
    for (at, row) in rows.iter().enumerate() {
        let is_last = at + 1 == rows.len();
        let mut spanning = "";
        for (place, heading) in headings.iter_mut().enumerate() {
            let own = row.get(place).map_or("", String::as_str);
            if is_last || !tidy(own).is_empty() {
                spanning = own;
            }
            if !spanning.is_empty() {
                heading.push(' ');
                heading.push_str(spanning);
            }
        }
    }
    headings
}

impl Taken {
    /// The row, if it is one.
    #[cfg(test)]
    fn row(self) -> Option<Vec<String>> {
        match self {
            Taken::Row(cells) => Some(cells),
            Taken::Nothing => None,
        }
    }
}

/// The refusal of a file in which no header was found.
pub(crate) fn no_header(rules: &TableRules) -> Vec<Problem> {
    match rules.header {
        Header::Row(_) => vec![Problem::of_input(Refusal::FileEmpty)],
        Header::Find => {
            let detail = "no row holds all the headings of the profile";
            vec![Problem::of_input(Refusal::ColumnMissing).with_detail(detail)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Cells for Vec<&str> {
        fn width(&self) -> usize {
            self.len()
        }

        fn text(&self, at: usize) -> Cow<'_, str> {
            self.get(at).copied().unwrap_or_default().into()
        }
    }

    fn read(
        rules: &TableRules,
        wanted: &[&str],
        rows: &[&[&str]],
    ) -> Result<Vec<Vec<String>>, Vec<Problem>> {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let mut table = Table::new(rules, &wanted);
        let mut found = Vec::new();
        for (number, row) in (1..).zip(rows) {
            found.extend(table.take(number, &row.to_vec())?.row());
        }
        Ok(found)
    }

    fn find() -> TableRules {
        TableRules { header: Header::Find, ..TableRules::first_row() }
    }

    #[test]
    fn sections_have_their_own_header_order_and_caption() {
        let rules = TableRules {
            captions: true,
            aliases: [("LEI".to_owned(), vec!["Head Office LEI".to_owned()])].into(),
            footnotes: vec!["*".to_owned(), "(1)".to_owned()],
            ..find()
        };
        let rows: &[&[&str]] = &[
            &["List of banks", "", ""],
            &["Read this, please", "and this", ""],
            &["Incorporated here", "", ""],
            &["Firm Name(1)", "FRN", "LEI"],
            &["Alpha* (1)", "1", "A"],
            &["Branches", "", ""],
            &["FRN", "Head Office LEI *", "Firm Name"],
            &["2", "B", "Beta"],
        ];
        let found = read(&rules, &["Firm Name", "LEI", "#section"], rows).unwrap();
        assert_eq!(found, [["Alpha", "A", "Incorporated here"], ["Beta", "B", "Branches"]]);
    }

    #[test]
    fn a_later_header_without_a_heading_stops_the_file() {
        let rows: &[&[&str]] =
            &[&["Name", "No", "Town"], &["Name", "1", "Ulm"], &["Name", "No", "City"]];
        let problems = read(&find(), &["Name", "No", "Town"], rows).unwrap_err();
        assert_eq!(problems[0].row, Some(3));
        assert_eq!(problems[0].refusal, Refusal::ColumnMissing);
    }

    #[test]
    fn headings_of_two_rows_are_joined() {
        let rules = TableRules { header_rows: 2, ..find() };
        let rows: &[&[&str]] = &[
            &["Register", "", "", ""],
            &["公司", "", "地址", ""],
            &["名称", "编号", "城市", "街道"],
            &["甲有限公司", "1", "威海", "和平路"],
        ];
        let found = read(&rules, &["公司 名称", "公司 编号", "地址 街道"], rows).unwrap();
        assert_eq!(found, [["甲有限公司", "1", "和平路"]]);
    }

    #[test]
    fn a_preamble_without_header_gives_no_rows() {
        let rows: &[&[&str]] = &[&["a", "b"], &["c", "d"]];
        assert_eq!(read(&find(), &["Name"], rows), Ok(vec![]));
    }
}
