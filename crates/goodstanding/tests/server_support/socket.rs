//! A server on a socket of its own, for what only a socket shows.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use goodstanding::server::Listening;

use super::Fixture;

/// A runtime as the program has one.
pub fn many_threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Serves on a free port until the function is done; gives what it gives.
pub fn with_socket<T>(asked: impl FnOnce(SocketAddr) -> T + Send + 'static) -> T
where
    T: Send + 'static,
{
    let router = Fixture::get().server().router();
    let runtime = many_threads();
    runtime.block_on(async move {
        let listening = Listening::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listening.address();
        let (done, stop) = tokio::sync::oneshot::channel::<()>();
        let client = tokio::task::spawn_blocking(move || {
            let result = asked(address);
            let _ = done.send(());
            result
        });
        listening
            .serve(router, async {
                let _ = stop.await;
            })
            .await;
        client.await.unwrap()
    })
}

/// Sends these bytes and gives everything that comes back until the server closes.
pub fn send(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
