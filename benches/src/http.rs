//! A small closed-loop HTTP/1.1 client over one kept-alive connection.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

/// What a run of requests took.
pub struct Measured {
    /// Requests in a second.
    pub per_second: f64,
    p50: Duration,
    p99: Duration,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let (p50, p99) = (ms(self.p50), ms(self.p99));
        write!(f, "{:.0} requests/s, p50 {p50:.2} ms, p99 {p99:.2} ms", self.per_second)
    }
}

/// Sends `requests` requests one after another.
pub fn measure(
    address: &str,
    requests: u64,
    path: impl Fn(u64) -> String,
) -> anyhow::Result<Measured> {
    measure_while(address, |number| number < requests, path)
}

/// The body of one answer.
pub fn body(address: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (_, body) = text.split_once("\r\n\r\n").context("no body")?;
    Ok(body.to_owned())
}

/// Sends requests one after another for as long as `go_on` says, which hears how many were sent.
pub fn measure_while(
    address: &str,
    mut go_on: impl FnMut(u64) -> bool,
    path: impl Fn(u64) -> String,
) -> anyhow::Result<Measured> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let mut times = Vec::new();
    let start = Instant::now();
    while go_on(times.len() as u64) {
        let number = times.len() as u64;
        let path = path(number);
        let began = Instant::now();
        write!(writer, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
        let status = answer(&mut reader).with_context(|| format!("GET {path}"))?;
        ensure!(status == 200, "GET {path} answered {status}");
        times.push(began.elapsed());
    }
    let took = start.elapsed();
    ensure!(!times.is_empty(), "nothing was asked in time");
    let requests = times.len();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    Ok(Measured { per_second: requests as f64 / took.as_secs_f64(), p50: at(0.50), p99: at(0.99) })
}

/// Waits until the server answers.
pub fn wait_until_ready(address: &str, limit: Duration) -> anyhow::Result<()> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if measure(address, 1, |_| "/readyz".to_owned()).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("the server did not answer within {limit:?}")
}

fn answer(reader: &mut BufReader<TcpStream>) -> anyhow::Result<u16> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).context("no status")?.parse()?;
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(status)
}
