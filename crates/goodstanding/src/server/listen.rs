//! The socket: connections with limits on what a client may send and how slowly, and an orderly
//! end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::ServeError;

/// Open connections at once unless told otherwise; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 1024;
/// Time a client has to send the head of a request: slow senders do not hold a connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Request line and headers together. hyper answers 431 beyond it.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Header fields of a request.
const HEADERS_MAX: usize = 64;
/// Time after which a connection is closed, whatever it does: one that does not read its answers
/// would hold its place for ever. Clients simply connect again.
const CONNECTION_LIFETIME: Duration = Duration::from_secs(600);
/// Time running requests have once the server is told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// A socket that listens already, so that its address can be printed before the first request.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    connections_max: usize,
}

impl Listening {
    /// Takes the address; port 0 takes a free port.
    pub async fn bind(address: SocketAddr) -> Result<Listening, ServeError> {
        let failed = |source| ServeError::Address { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Listening { listener, address, connections_max: CONNECTIONS_MAX })
    }

    /// The same with at most `connections_max` connections at once.
    pub fn with_connections(self, connections_max: usize) -> Listening {
        Listening { connections_max, ..self }
    }

    /// The address with the port it really has.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is done, then lets running requests end.
    pub async fn serve(self, router: Router, shutdown: impl Future<Output = ()>) {
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_headers(HEADERS_MAX)
            .max_buf_size(HEADER_BYTES_MAX);
        let running = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(self.connections_max));
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let permit = tokio::select! {
                permit = room.clone().acquire_owned() => permit,
                () = &mut shutdown => break,
            };
            // Closed never happens: the semaphore lives as long as this loop.
            let Ok(permit) = permit else { break };
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        // Out of file descriptors, usually: give others time to close theirs.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = &mut shutdown => break,
            };
            let service = TowerToHyperService::new(router.clone());
            let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
            let connection = running.watch(connection);
            tokio::spawn(async move {
                // Clients that hang up, send no HTTP or do not read are no failure of ours.
                let _ = tokio::time::timeout(CONNECTION_LIFETIME, connection).await;
                drop(permit);
            });
        }
        drop(self.listener);
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, running.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
        }
    }
}
