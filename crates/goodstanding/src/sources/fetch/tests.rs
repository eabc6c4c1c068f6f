//! A network of our own: names lead where the test says, numbers count as public where it says, and
//! an authority made here vouches for servers.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::Certificate;
use reqwest::blocking::{Client, ClientBuilder};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

const BODY: &str = "a,b\n1,2\n";

/// Who vouches for servers.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
}

impl Authority {
    fn new() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().to_vec();
        Authority { issuer: Issuer::new(params, key), certificate }
    }

    /// What a server shows that is vouched for under `name`.
    fn shown_for(&self, name: &str) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        configuration(certificate, &key)
    }
}

/// What a server shows that vouches for itself.
fn self_signed(name: &str) -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    configuration(params.self_signed(&key).unwrap().der().clone(), &key)
}

fn configuration(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap()
}

/// A server on this machine; `answer` gets a request and gives all bytes of the answer.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(tls: Option<ServerConfig>, answer: impl Fn(&str) -> String + Send + 'static) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&asked);
        let tls = tls.map(Arc::new);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // A client that does not believe the server hangs up: nothing is heard then.
                match &tls {
                    None => converse(&mut stream, &heard, &answer),
                    Some(tls) => {
                        let connection = ServerConnection::new(Arc::clone(tls)).unwrap();
                        let mut stream = StreamOwned::new(connection, stream);
                        converse(&mut stream, &heard, &answer);
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                    }
                }
            }
        });
        Server { port, asked }
    }

    fn is_asked(&self) -> bool {
        !self.asked.lock().unwrap().is_empty()
    }
}

fn converse(
    stream: &mut (impl Read + Write),
    heard: &Mutex<Vec<String>>,
    answer: &impl Fn(&str) -> String,
) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
        request.push(byte[0]);
    }
    if request.is_empty() {
        return;
    }
    let request = String::from_utf8_lossy(&request).to_lowercase();
    heard.lock().unwrap().push(request.clone());
    let _ = stream.write_all(answer(&request).as_bytes()).and_then(|()| stream.flush());
}

fn whole(_: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: \"v1\"\r\n\r\n{BODY}", BODY.len())
}

/// Names, where they lead to at the first question and at each later one, and which numbers count
/// as public.
#[derive(Default)]
struct Names {
    first: BTreeMap<&'static str, Vec<IpAddr>>,
    later: BTreeMap<&'static str, Vec<IpAddr>>,
    public: Vec<IpAddr>,
    trusted: Option<Vec<u8>>,
    questions: Cell<usize>,
}

impl Network for Names {
    fn numbers(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let later = self.later.get(host).filter(|_| self.questions.get() > 0);
        self.questions.set(self.questions.get() + 1);
        let numbers = later.or_else(|| self.first.get(host)).cloned().unwrap_or_default();
        Ok(numbers.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }

    fn is_reserved(&self, ip: IpAddr) -> bool {
        !self.public.contains(&ip) && super::super::addresses::is_reserved(ip)
    }

    fn client(&self) -> ClientBuilder {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let roots = self.trusted.iter().map(|root| Certificate::from_der(root).unwrap());
        match &self.trusted {
            Some(_) => Client::builder().tls_certs_only(roots),
            None => Client::builder(),
        }
    }
}

fn here() -> IpAddr {
    IpAddr::V4(Ipv4Addr::LOCALHOST)
}

/// Names that lead to this machine, which counts as public, and whom it believes.
fn public(names: &[&'static str], authority: &Authority) -> Names {
    Names {
        first: names.iter().map(|name| (*name, vec![here()])).collect(),
        public: vec![here()],
        trusted: Some(authority.certificate.clone()),
        ..Names::default()
    }
}

fn source(url: &str, allow_private: bool) -> Source {
    let text = format!(
        "name = \"a\"\nurl = \"{url}\"\nprofile = \"p\"\nallow_private = {allow_private}\n\
         stall_seconds = 5"
    );
    toml::from_str(&text).unwrap()
}

fn fetched(source: &Source, at_hand: Option<&Kept>, network: &Names) -> Result<Fetched, String> {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("body");
    let fetched = fetch(source, at_hand, &to, network).map_err(|error| error.to_string())?;
    if let Fetched::Body(kept) = &fetched {
        assert_eq!(std::fs::read_to_string(&to).unwrap(), BODY);
        assert_eq!(kept.digest, sha256(BODY.as_bytes()));
    }
    Ok(fetched)
}

#[test]
fn a_server_is_believed_only_as_whom_it_is_vouched_for() {
    let authority = Authority::new();
    let ask = |name: &str, server: &Server, network: &Names| {
        fetched(&source(&format!("https://{name}:{}/l.csv", server.port), false), None, network)
    };
    let network = public(&["lists.example"], &authority);
    let honest = Server::new(Some(authority.shown_for("lists.example")), whole);
    assert!(matches!(ask("lists.example", &honest, &network), Ok(Fetched::Body(_))));
    let other = || Some(Authority::new().shown_for("lists.example"));
    let cases: [(&str, Option<ServerConfig>, &str); 4] = [
        ("vouches for itself", Some(self_signed("lists.example")), "certificate"),
        ("is vouched for by nobody known", other(), "certificate"),
        ("is another", Some(authority.shown_for("other.example")), "certificate"),
        ("speaks no TLS", None, "connection"),
    ];
    for (what, tls, said) in cases {
        let server = Server::new(tls, whole);
        let error = ask("lists.example", &server, &network).unwrap_err();
        assert!(error.contains(said), "{what}: {error}");
        let plain = server.asked.lock().unwrap().join("");
        assert!(!plain.contains("get /l.csv"), "{what}: it was asked all the same");
    }
    // And nobody is believed whom this machine does not know.
    let strangers = Names { trusted: None, ..public(&["lists.example"], &authority) };
    assert!(ask("lists.example", &honest, &strangers).is_err());
}

#[test]
fn a_redirect_leads_into_no_private_network() {
    let authority = Authority::new();
    let inner = Server::new(Some(authority.shown_for("inner.example")), whole);
    let mut network = public(&["lists.example"], &authority);
    network.first.insert("inner.example", vec![IpAddr::from([127, 0, 0, 2])]);
    network.first.insert("half.example", vec![here(), IpAddr::from([10, 0, 0, 1])]);
    let port = inner.port;
    for to in [
        format!("https://inner.example:{port}/l.csv"),
        format!("https://half.example:{port}/l.csv"),
        format!("https://127.0.0.2:{port}/l.csv"),
        format!("https://[::1]:{port}/l.csv"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://2130706434/".to_owned(),
        "https://[64:ff9b:1::808:808]/".to_owned(),
    ] {
        let head = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        let outer = Server::new(Some(authority.shown_for("lists.example")), move |_| head.clone());
        let url = format!("https://lists.example:{}/l.csv", outer.port);
        let error = fetched(&source(&url, false), None, &network).unwrap_err();
        assert!(error.contains("private or reserved network"), "{to}: {error}");
        assert!(outer.is_asked() && !inner.is_asked(), "{to}");
    }
    // The same way is open to a public place, by TLS as before.
    let further = Server::new(Some(authority.shown_for("lists.example")), whole);
    let to = format!("https://lists.example:{}/m.csv", further.port);
    let head = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    let outer = Server::new(Some(authority.shown_for("lists.example")), move |_| head.clone());
    let url = format!("https://lists.example:{}/l.csv", outer.port);
    assert!(matches!(fetched(&source(&url, false), None, &network), Ok(Fetched::Body(_))));
    assert!(further.is_asked());
}

#[test]
fn who_is_connected_to_is_who_was_judged() {
    // The name is known to nobody but the test, so a connection shows that no other was asked; and
    // asked again, it leads elsewhere.
    let server = Server::new(None, whole);
    let network = Names {
        first: BTreeMap::from([("rebound.example", vec![here()])]),
        later: BTreeMap::from([("rebound.example", vec![IpAddr::from([127, 0, 0, 2])])]),
        ..Names::default()
    };
    let source = source(&format!("http://rebound.example:{}/l.csv", server.port), true);
    assert!(matches!(fetched(&source, None, &network), Ok(Fetched::Body(_))));
    assert_eq!(network.questions.get(), 1, "the name is asked for once");
    assert!(server.is_asked());
    // A name that is public at first and private when it is asked again: the second question is a
    // new address, judged anew.
    let error = fetched(&super::Source { allow_private: false, ..source }, None, &network);
    assert!(error.unwrap_err().contains("only https"), "plain HTTP");
}

#[test]
fn every_hop_is_judged_by_the_numbers_it_has_then() {
    let authority = Authority::new();
    // The address leads to itself; by then its name leads into a private network.
    let server = Server::new(Some(authority.shown_for("lists.example")), |request: &str| {
        let host = request.split("host: ").nth(1).and_then(|rest| rest.lines().next());
        let to = format!("https://{}/again", host.unwrap());
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
    });
    let network = Names {
        later: BTreeMap::from([("lists.example", vec![IpAddr::from([192, 168, 1, 1])])]),
        ..public(&["lists.example"], &authority)
    };
    let url = format!("https://lists.example:{}/l.csv", server.port);
    let error = fetched(&source(&url, false), None, &network).unwrap_err();
    assert!(error.contains("private or reserved network"), "{error}");
    assert_eq!(server.asked.lock().unwrap().len(), 1);
}

#[test]
fn marks_are_told_only_to_the_address_that_gave_them() {
    let unchanged = |request: &str| match request.contains("if-none-match") {
        true => "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned(),
        false => whole(request),
    };
    let server = Server::new(None, unchanged);
    let network =
        Names { first: BTreeMap::from([("lists.example", vec![here()])]), ..Names::default() };
    let at = |path: &str| source(&format!("http://lists.example:{}/{path}", server.port), true);
    let Ok(Fetched::Body(kept)) = fetched(&at("l.csv"), None, &network) else { panic!() };
    assert_eq!(kept.etag.as_deref(), Some("\"v1\""));
    assert_eq!(fetched(&at("l.csv"), Some(&kept), &network), Ok(Fetched::Unchanged));
    let other = fetched(&at("m.csv"), Some(&kept), &network);
    assert!(matches!(other, Ok(Fetched::Body(_))), "another address has other marks: {other:?}");
    // The same place behind a redirect that leads elsewhere one day.
    let to = format!("http://lists.example:{}/n.csv", server.port);
    let head = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    let latest = Server::new(None, move |_| head.clone());
    let latest = source(&format!("http://lists.example:{}/latest", latest.port), true);
    let Ok(Fetched::Body(by_redirect)) = fetched(&latest, None, &network) else { panic!() };
    assert_eq!(fetched(&latest, Some(&by_redirect), &network), Ok(Fetched::Unchanged));
    assert!(matches!(fetched(&latest, Some(&kept), &network), Ok(Fetched::Body(_))));
    // Without a mark there is nothing to ask, and a 304 is no answer.
    let unmarked = Kept { etag: None, last_modified: None, ..kept };
    let silent = Server::new(None, |_| "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned());
    let silent = source(&format!("http://lists.example:{}/l.csv", silent.port), true);
    let unmarked = Kept { answered_by: sha256(silent.url.as_bytes()), ..unmarked };
    assert!(fetched(&silent, Some(&unmarked), &network).unwrap_err().contains("304"));
}
