//! What this machine can do at best: measured in the same run as what we do.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

/// Writes of the flush measurement.
const FLUSHES: u32 = 200;
/// Hashes of the hashing measurement.
const HASHES: u32 = 500_000;

/// The time of one 8 KiB append with `fdatasync`, the mean of 200.
pub fn flush(folder: &Path) -> anyhow::Result<Duration> {
    let path = folder.join("flush.tmp");
    let mut file = File::create(&path)?;
    let start = Instant::now();
    for _ in 0..FLUSHES {
        file.write_all(&[7; 8192])?;
        file.sync_data()?;
    }
    let took = start.elapsed() / FLUSHES;
    std::fs::remove_file(path)?;
    Ok(took)
}

/// The time of reading every row of `truth.db` and doing nothing with it.
pub fn scan(truth: &Path) -> anyhow::Result<Duration> {
    let database = rusqlite::Connection::open(truth)?;
    let start = Instant::now();
    let mut statement =
        database.prepare("SELECT entry, unit, opening FROM leaf ORDER BY position")?;
    let mut rows = statement.query([])?;
    let mut bytes = 0_usize;
    while let Some(row) = rows.next()? {
        bytes += row.get_ref(0)?.as_blob()?.len();
        bytes += row.get_ref(2)?.as_blob_or_null()?.map_or(0, <[u8]>::len);
    }
    std::hint::black_box(bytes);
    Ok(start.elapsed())
}

/// Leaves a second whose commitment (600 bytes), leaf hash (70) and one node (65) are hashed, on
/// one core.
pub fn hashing() -> f64 {
    let (payload, leaf, node) = ([1_u8; 600], [2_u8; 70], [3_u8; 65]);
    let start = Instant::now();
    for _ in 0..HASHES {
        std::hint::black_box(Sha256::digest(std::hint::black_box(payload)));
        std::hint::black_box(Sha256::digest(std::hint::black_box(leaf)));
        std::hint::black_box(Sha256::digest(std::hint::black_box(node)));
    }
    f64::from(HASHES) / start.elapsed().as_secs_f64()
}
