//! Rust files cut into production code and tests, without a parser: rustfmt's layout is enough.

use crate::tree::{File, Tree};

/// A line of production code.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Where it is.
    pub file: &'a File,
    /// From 1.
    pub number: usize,
    /// The line as written.
    pub text: &'a str,
}

impl Line<'_> {
    /// `path:number`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.path, self.number)
    }

    /// Whether it is a comment from its first character on.
    pub fn is_comment(&self) -> bool {
        self.text.trim_start().starts_with("//")
    }

    /// The code of the line: string literals emptied, a trailing comment cut off.
    pub fn code(&self) -> String {
        code_of(self.text)
    }
}

/// The lines of `crates/*/src` that are not tests.
pub fn production(tree: &Tree) -> Vec<Line<'_>> {
    let tests = test_files(tree);
    tree.below("crates", "rs")
        .filter(|file| file.path.split('/').nth(2) == Some("src"))
        .filter(|file| !tests.iter().any(|test| file.path.starts_with(test.as_str())))
        .flat_map(|file| {
            let inside = inside_tests(&file.text);
            file.lines().zip(inside).filter(|(_, inside)| !inside).map(|((number, text), _)| Line {
                file,
                number,
                text,
            })
        })
        .collect()
}

/// The text of every test: `tests/` folders, test modules, decision tables, the Python tests.
pub fn test_text(tree: &Tree) -> String {
    let files = test_files(tree);
    let mut text = String::new();
    for file in &tree.files {
        let parts: Vec<&str> = file.path.split('/').collect();
        let is_rust = file.path.ends_with(".rs");
        let whole = file.path.ends_with(".table")
            || (is_rust && parts.contains(&"tests") && parts[0] != "xtask")
            || (file.path.ends_with(".py") && parts[0] == "spec")
            || files.iter().any(|test| file.path.starts_with(test.as_str()));
        if whole {
            text.push_str(&file.text);
            text.push('\n');
        } else if is_rust && parts[0] == "crates" {
            let inside = inside_tests(&file.text);
            for (line, _) in file.text.lines().zip(inside).filter(|(_, inside)| *inside) {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

/// The functions of every test file and test module, with their paths: tests, and what they are
/// made of.
pub fn test_functions(tree: &Tree) -> Vec<(String, String)> {
    let modules = test_files(tree);
    let mut functions = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".rs")) {
        let parts: Vec<&str> = file.path.split('/').collect();
        let whole = parts.contains(&"tests")
            || modules.iter().any(|module| file.path.starts_with(module.as_str()));
        let inside = inside_tests(&file.text);
        for (line, _) in file.text.lines().zip(inside).filter(|(_, inside)| whole || *inside) {
            let line = line.trim_start();
            let line = line.strip_prefix("pub ").unwrap_or(line);
            // In a table of scripts a name stands without `fn`.
            let name = line.strip_prefix("fn ").unwrap_or(line);
            let name = name.split('(').next().unwrap_or_default();
            let is_name = line.contains('(')
                && name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if is_name && (line.starts_with("fn ") || line.ends_with(") {")) {
                functions.push((file.path.clone(), name.to_owned()));
            }
        }
    }
    functions
}

/// Paths (or their beginnings, for folders) of modules declared as `#[cfg(test)] mod name;`.
fn test_files(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in tree.below("crates", "rs") {
        // A conformance suite is a test that other implementations run too.
        if file.path.ends_with("/conformance.rs") {
            found.push(file.path.clone());
        }
        let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let declared = pair[1].strip_prefix("pub(crate) ").unwrap_or(pair[1]);
            let name = declared.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
            let Some(name) = name else { continue };
            let folder = module_folder(&file.path);
            found.push(format!("{folder}/{name}.rs"));
            found.push(format!("{folder}/{name}/"));
        }
    }
    found
}

/// Where the modules that `path` declares lie.
fn module_folder(path: &str) -> String {
    let stem = path.trim_end_matches(".rs");
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    if matches!(name, "lib" | "main" | "mod") { folder.to_owned() } else { stem.to_owned() }
}

/// For each line whether it belongs to an item under `#[cfg(test)]`.
fn inside_tests(text: &str) -> Vec<bool> {
    let mut inside = Vec::new();
    let mut until: Option<String> = None;
    let mut marked: Option<&str> = None;
    for line in text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if let Some(end) = &until {
            inside.push(true);
            if line == end {
                until = None;
            }
            continue;
        }
        if line.trim() == "#[cfg(test)]" {
            marked = Some(indent);
            inside.push(true);
            continue;
        }
        inside.push(marked.is_some());
        if let Some(indent) = marked {
            let trimmed = line.trim_end();
            if trimmed.ends_with('{') {
                until = Some(format!("{indent}}}"));
                marked = None;
            } else if trimmed.ends_with(';') || trimmed.ends_with('}') {
                marked = None;
            }
        }
    }
    inside
}

/// `text` with string and character literals emptied and a comment at its end removed.
pub fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut characters = text.chars().peekable();
    let mut in_string = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' if in_string => {
                characters.next();
            }
            '"' => {
                in_string = !in_string;
                code.push('"');
            }
            _ if in_string => {}
            '\'' if characters.peek() == Some(&'"') => {
                // The character literal '"' opens no string.
                characters.next();
                characters.next();
                code.push_str("''");
            }
            '/' if characters.peek() == Some(&'/') => break,
            _ => code.push(character),
        }
    }
    code
}

/// Whether `name` stands in `text` as a word of its own (letters, digits and `_` make words).
pub fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
