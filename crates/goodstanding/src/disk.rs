//! Room on the disk.

use std::path::Path;

/// Room on the file system a path lies on, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Free for this program.
    pub free: u64,
    /// In all.
    pub total: u64,
}

/// The room on the file system of `path`; `None` where the system does not say.
pub fn room(path: &Path) -> Option<Room> {
    #[cfg(unix)]
    {
        let found = rustix::fs::statvfs(path).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Some(Room { free: bytes(found.f_bavail), total: bytes(found.f_blocks) })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Bytes in the unit people read.
///
/// ```
/// assert_eq!(goodstanding::disk::bytes(1_572_864), "1.5 MiB");
/// ```
pub fn bytes(number: u64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let unit_name = units.get(unit).copied().unwrap_or("bytes");
    if unit == 0 { format!("{number} {unit_name}") } else { format!("{value:.1} {unit_name}") }
}

/// The size of a file and of SQLite's files beside it, in bytes.
pub fn database_size(path: &Path) -> u64 {
    ["", "-wal", "-shm"]
        .iter()
        .map(|suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            std::fs::metadata(name).map_or(0, |data| data.len())
        })
        .sum()
}
