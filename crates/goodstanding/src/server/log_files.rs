//! The log as other people's programs read it: the static files of C2SP tlog-tiles, and the
//! openings beside them, rendered as they may be shown at this moment.

use std::io::ErrorKind;
use std::path::PathBuf;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ledger::tiles::parse_index_path;

use super::problem::Fault;
use super::visit::{App, Freshness, Sheet, Visit};

/// Tiles never change once they are there (C2SP tlog-tiles).
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// A checkpoint is soon followed by the next.
const BRIEF: &str = "public, max-age=1, must-revalidate";
/// Rows of tiles: the tree of 2^63 entries has eight levels of tiles.
const LEVEL_MAX: u8 = 7;

const OCTETS: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// Everything under `/log/`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/vkey", get(vkey))
        .route("/log/tile/{*path}", get(tile))
        .route("/log/payload/{*path}", get(payload))
}

async fn checkpoint(visit: Visit) -> Response {
    file(visit, PathBuf::from("checkpoint"), TEXT, BRIEF).await
}

async fn vkey(visit: Visit) -> Response {
    file(visit, PathBuf::from("vkey"), TEXT, "public, max-age=3600").await
}

async fn tile(visit: Visit, Path(path): Path<String>) -> Response {
    if is_tile(&path) {
        file(visit, PathBuf::from("tile").join(path), OCTETS, IMMUTABLE).await
    } else {
        visit.fault(Fault::not_found())
    }
}

/// Whether `path` is what follows `tile/` in a C2SP address: nothing else reaches the disk.
fn is_tile(path: &str) -> bool {
    path.split_once('/').is_some_and(|(level, index)| {
        let level_is_fine = level == "entries"
            || level.parse::<u8>().is_ok_and(|n| n <= LEVEL_MAX && n.to_string() == level);
        level_is_fine && parse_index_path(index).is_some()
    })
}

/// A file of `DIR/log`. These are not dressed by [`Visit::answer`]: their content depends on no
/// language, no instant and no release.
async fn file(
    visit: Visit,
    path: PathBuf,
    content_type: &'static str,
    caching: &'static str,
) -> Response {
    let path = visit.app.registry().dir().join("log").join(path);
    let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
    match read {
        Ok(Ok(bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
                (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
            ];
            (headers, bytes).into_response()
        }
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => visit.fault(Fault::not_found()),
        Ok(Err(error)) => visit.fault(Fault::Internal(format!("a file of the log: {error}"))),
        Err(_) => visit.fault(Fault::Internal("reading a file of the log panicked".to_owned())),
    }
}

async fn payload(visit: Visit, Path(path): Path<String>) -> Response {
    visit
        .answer(move |visit| {
            let (index, width) = parse_index_path(&path).ok_or_else(Fault::not_found)?;
            let bundle = visit.app.registry().payload_bundle(index, width)?;
            Ok(Sheet {
                body: bundle.ok_or_else(Fault::not_found)?.into_bytes(),
                content_type: TEXT,
                // An opening may be withheld at any moment: whoever keeps a copy asks again.
                until: Freshness::AskAgain,
                noindex: true,
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::is_tile;

    #[test]
    fn only_addresses_of_tiles_reach_the_disk() {
        for path in ["0/000", "0/x001/234.p/17", "7/000", "entries/000.p/1", "entries/x001/000"] {
            assert!(is_tile(path), "{path}");
        }
        for path in ["", "0", "8/000", "00/000", "+1/000", "entries/../000", "../checkpoint", "0/1"]
        {
            assert!(!is_tile(path), "{path}");
        }
        for path in ["0/000.p/256", "0/000.p/0", "0//000", "/0/000", "0/000/", "payload/000"] {
            assert!(!is_tile(path), "{path}");
        }
    }
}
