//! Recompiles the program when a shipped file is added or removed: `include_dir` alone notices
//! only changes within the files it already knows.

fn main() {
    for folder in ["../../packs", "../../profiles", "../../demo", "messages"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
