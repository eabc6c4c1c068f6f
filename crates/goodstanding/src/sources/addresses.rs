//! Where a source may be: on the public internet, by TLS, unless the operator said otherwise. A
//! name that leads into a private network would let whoever controls it read what only this machine
//! can.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use reqwest::Url;
use reqwest::blocking::{Client, ClientBuilder};

/// Who knows the numbers behind a name, and who is believed to be it.
pub trait Network {
    /// The numbers behind a name.
    fn numbers(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;

    /// Whether a number is outside of the public internet.
    fn is_reserved(&self, ip: IpAddr) -> bool {
        is_reserved(ip)
    }

    /// A client that trusts whom this network trusts.
    fn client(&self) -> ClientBuilder {
        Client::builder()
    }
}

/// The network this machine is in.
pub struct Internet;

impl Network for Internet {
    fn numbers(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }
}

/// An address that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address as it is asked.
    pub url: Url,
    is_private_allowed: bool,
}

/// Why an address is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address.
    #[error("the address is no URL; give https://HOST/PATH")]
    NoUrl,
    /// Not by TLS.
    #[error(
        "only https addresses are read; http is allowed for private networks only (allow_private)"
    )]
    NotHttps,
    /// It carries a name and a password.
    #[error("the address carries credentials, which would be kept and shown; use one without")]
    Credentials,
    /// The name leads to a private network.
    #[error(
        "the server is in a private or reserved network; if that is meant, allow it for this source (allow_private)"
    )]
    Private,
    /// The name leads nowhere.
    #[error("the name of the server cannot be resolved: {0}")]
    Unknown(String),
}

impl Address {
    /// The address of `text`, as far as it can be judged without asking for its name.
    pub fn parse(text: &str, is_private_allowed: bool) -> Result<Address, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::NoUrl)?;
        Address::new(url, is_private_allowed)
    }

    /// The same for the place a redirect leads to.
    pub fn new(url: Url, is_private_allowed: bool) -> Result<Address, AddressError> {
        match url.scheme() {
            "https" => {}
            "http" if is_private_allowed => {}
            _ => return Err(AddressError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        let host = url.host_str().ok_or(AddressError::NoUrl)?;
        let number: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let address = Address { url, is_private_allowed };
        // A number in place of a name is never looked up, so it is judged here.
        match number {
            Some(ip) => address.judge(is_reserved(ip)).map(|()| address),
            None => Ok(address),
        }
    }

    /// Whether a number may be asked that `is_reserved` or not: a private one where that is
    /// allowed, a public one by TLS only.
    fn judge(&self, is_reserved: bool) -> Result<(), AddressError> {
        if is_reserved && !self.is_private_allowed {
            return Err(AddressError::Private);
        }
        if !is_reserved && self.url.scheme() != "https" {
            return Err(AddressError::NotHttps);
        }
        Ok(())
    }

    /// The numbers behind the name, each judged. Whoever connects has to use exactly these: asked
    /// again, the name may lead elsewhere.
    pub fn resolve(&self, network: &dyn Network) -> Result<Vec<SocketAddr>, AddressError> {
        let host = self.url.host_str().ok_or(AddressError::NoUrl)?.trim_matches(['[', ']']);
        let port = self.url.port_or_known_default().ok_or(AddressError::NoUrl)?;
        let found = network
            .numbers(host, port)
            .map_err(|error| AddressError::Unknown(error.to_string()))?;
        if found.is_empty() {
            return Err(AddressError::Unknown("it has no address".to_owned()));
        }
        for number in &found {
            self.judge(network.is_reserved(number.ip()))?;
        }
        Ok(found)
    }

    /// The name of the server, with the path and without the query, which may hold a secret.
    pub fn shown(&self) -> String {
        format!("{}{}", self.url.host_str().unwrap_or_default(), self.url.path())
    }
}

/// Whether an address is outside of the public internet (IANA special-purpose registries).
pub fn is_reserved(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_reserved_v4(ip),
        IpAddr::V6(ip) => is_reserved_v6(ip),
    }
}

fn is_reserved_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        // 100.64.0.0/10 shared by carriers, 192.0.0.0/24 protocols, 192.88.99.0/24 relays,
        // 198.18.0.0/15 benchmarks, 240.0.0.0/4 reserved.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240
}

fn is_reserved_v6(ip: Ipv6Addr) -> bool {
    let [first, second, third, .., seventh, eighth] = ip.segments();
    // An IPv4 address in an IPv6 coat is judged as what it is: mapped, compatible, NAT64, 6to4.
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return is_reserved_v4(mapped);
    }
    // The well-known prefix is a /96; `64:ff9b:1::/48` beside it is for use within a network.
    if matches!(ip.segments(), [0x64, 0xff9b, 0, 0, 0, 0, _, _]) {
        return is_reserved_v4(inner(seventh, eighth));
    }
    if first == 0x2002 {
        return is_reserved_v4(inner(second, third));
    }
    // Only 2000::/3 is handed out to the public; within it documentation and protocols are not.
    !(0x2000..0x4000).contains(&first)
        || (first == 0x2001 && (second == 0x0db8 || second < 0x0200))
        || (first == 0x3fff && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_networks_are_known() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::808:808",
            "64:ff9b:1:ffff::808:808",
            "64:ff9b:0:1::808:808",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
        ] {
            assert!(is_reserved(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.3.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::",
        ] {
            assert!(!is_reserved(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn addresses_that_are_not_asked() {
        let parse = |text: &str| Address::parse(text, false).map(|address| address.shown());
        assert_eq!(parse("https://example.org/l.csv?token=1"), Ok("example.org/l.csv".to_owned()));
        for (text, error) in [
            ("l.csv", AddressError::NoUrl),
            ("http://example.org/", AddressError::NotHttps),
            ("file:///etc/passwd", AddressError::NotHttps),
            ("ftp://example.org/", AddressError::NotHttps),
            ("https://a:b@example.org/", AddressError::Credentials),
            ("https://127.0.0.1/", AddressError::Private),
            // What a browser reads as 127.0.0.1 too.
            ("https://2130706433/", AddressError::Private),
            ("https://0x7f.1/", AddressError::Private),
            ("https://[::1]/", AddressError::Private),
            ("https://[::ffff:169.254.169.254]/", AddressError::Private),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        let resolve = |text: &str, is_private_allowed: bool| {
            Address::parse(text, is_private_allowed).unwrap().resolve(&Internet).map(drop)
        };
        assert_eq!(resolve("https://localhost/", false), Err(AddressError::Private));
        assert_eq!(resolve("http://localhost/", true), Ok(()));
        assert_eq!(resolve("http://127.0.0.1:8080/", true), Ok(()));
    }

    /// A network in which every name leads to these numbers.
    struct Names(Vec<&'static str>);

    impl Network for Names {
        fn numbers(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            let number = |ip: &&str| SocketAddr::new(ip.parse().unwrap(), port);
            Ok(self.0.iter().map(number).collect())
        }
    }

    #[test]
    fn plain_http_goes_to_private_networks_only() {
        let parse = |text: &str| Address::parse(text, true).map(drop);
        for private in ["http://10.1.2.3/l.csv", "http://[fd12::1]/l.csv", "https://1.1.1.1/"] {
            assert_eq!(parse(private), Ok(()), "{private}");
        }
        for public in ["http://1.1.1.1/l.csv", "http://[2606:4700::1111]/l.csv"] {
            assert_eq!(parse(public), Err(AddressError::NotHttps), "{public}");
        }
        let resolve = |scheme: &str, numbers: &[&'static str]| {
            let address = Address::parse(&format!("{scheme}://lists.example/"), true).unwrap();
            address.resolve(&Names(numbers.to_vec())).map(drop)
        };
        assert_eq!(resolve("http", &["10.0.0.1"]), Ok(()));
        assert_eq!(resolve("http", &["8.8.8.8"]), Err(AddressError::NotHttps));
        // One public number among private ones is enough.
        assert_eq!(resolve("http", &["10.0.0.1", "8.8.8.8"]), Err(AddressError::NotHttps));
        assert_eq!(resolve("https", &["10.0.0.1", "8.8.8.8"]), Ok(()));
        assert!(matches!(resolve("https", &[]), Err(AddressError::Unknown(_))));
    }
}
