//! The repository as text: every file that is not built and not ignored.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that hold nothing of the repository's own, wherever they are.
const FOREIGN: [&str; 5] =
    [".git", "target", "goodstanding-data", "goodstanding-demo", "__pycache__"];

/// One text file.
#[derive(Debug)]
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl File {
    /// The lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// All text files of the repository.
#[derive(Debug)]
pub struct Tree {
    /// The folder of the workspace.
    pub root: PathBuf,
    /// Sorted by path.
    pub files: Vec<File>,
}

impl Tree {
    /// Reads the workspace this program was built in.
    pub fn read() -> Result<Tree> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in a folder of the workspace")?;
        let mut files = Vec::new();
        walk(root, root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Tree { root: root.to_owned(), files })
    }

    /// A tree of given files, for tests of the rules themselves.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let files = files
            .iter()
            .map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        Tree { root: PathBuf::new(), files }
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files below `folder` whose name ends in `.extension`.
    pub fn below(&self, folder: &str, extension: &str) -> impl Iterator<Item = &File> {
        let (folder, extension) = (format!("{folder}/"), format!(".{extension}"));
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(&folder) && file.path.ends_with(&extension))
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if FOREIGN.iter().any(|foreign| name == *foreign) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(root, &path, files)?;
        } else if let Ok(text) = fs::read_to_string(&path) {
            // What is not UTF-8 (a screenshot, a workbook) has no lines to check.
            let path = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
    Ok(())
}
