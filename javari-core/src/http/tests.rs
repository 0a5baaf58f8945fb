//! The client against a loopback server: redirects, limits, and what steered requests may reach.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{guard::AllowList, resolver::GuardedResolver, *};
use crate::{
    error::{ErrorKind, Retry},
    secret::Secret,
    types::SystemClock,
};

/// Addresses that a steered request must not reach, in every spelling.
const REFUSED: &[&str] = &[
    // Loopback
    "http://127.0.0.1/",
    "http://127.0.0.1:80/",
    "https://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://0177.0.0x0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://127.255.255.254/",
    "http://127%2e0%2e0%2e1/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://a.localhost/",
    "http://localhost.localdomain/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::]/",
    "http://0/",
    "http://0.0.0.0/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    // Private
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://0xa.0.0.1/",
    "http://167772161/",
    "http://012.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://192.168.257/",
    "http://[::ffff:10.0.0.1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    // Link-local, metadata
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.0.1/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://metadata.google.internal/",
    "http://metadata/",
    // Translated, tunnelled
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::8.8.8.8]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::]/",
    "http://[2001:0:7f00:1::]/",
    // Shared, reserved, documentation, multicast
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://203.0.113.9/",
    "http://224.0.0.1/",
    "http://239.255.255.255/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    // Names of the inside
    "http://printer.local/",
    "http://db.internal/",
    "http://router.home.arpa/",
    "http://intranet/",
    // Ports, schemes, user names
    "http://8.8.8.8:22/",
    "http://example.com:8080/",
    "https://example.com:6379/",
    "http://user@example.com/",
    "http://user:pass@example.com/",
    "http://example.com:80@127.0.0.1/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
    "http:///",
    "http://",
    "//example.com/",
    "example.com",
    // Parsers that disagree
    "http:127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\t@127.0.0.1/",
    "http://127.0.0.1#@example.com/",
    "http://127.0.0.1?@example.com/",
];

#[tokio::test]
async fn no_spelling_of_a_private_address_is_reached() {
    assert!(REFUSED.len() >= 60);
    let http = client(HttpConfig::default(), Table::default());
    for address in REFUSED {
        let refused = match HttpRequest::get(address, Trust::Steered) {
            Ok(request) => http.send(request).await.unwrap_err(),
            Err(error) => error,
        };
        let kind = refused.kind();
        assert!(
            matches!(kind, ErrorKind::AddressRefused | ErrorKind::InvalidInput),
            "{address}: {refused}"
        );
        assert_eq!(refused.retry(), Retry::Never);
    }
}

#[test]
fn public_addresses_pass_the_guard() {
    for address in [
        "http://example.com/",
        "https://example.com:443/a?b#c",
        "http://EXAMPLE.com./",
        "http://8.8.8.8/",
        "http://[2606:4700:4700::1111]/",
        "http://[::ffff:8.8.8.8]/",
        "http://[64:ff9b::8.8.8.8]/",
        "http://172.32.0.1/",
        "http://internal.example.com/",
        "http://mylocal/".replace("mylocal", "my.locality").as_str(),
    ] {
        let url = address.parse().unwrap();
        guard::check(&url, Trust::Steered, &AllowList::default()).unwrap();
    }
}

#[tokio::test]
async fn a_name_is_judged_by_every_address_it_has_each_time_it_is_asked() {
    let http = client(
        HttpConfig::default(),
        Table::default()
            .with("inside.example.com", &[&["127.0.0.1"]])
            .with("mixed.example.com", &[&["8.8.8.8", "10.0.0.1"]])
            .with("mapped.example.com", &[&["::ffff:192.168.0.1"]]),
    );
    for name in ["inside", "mixed", "mapped"] {
        let address = format!("http://{name}.example.com/");
        let request = HttpRequest::get(&address, Trust::Steered).unwrap();
        assert_eq!(http.send(request).await.unwrap_err().kind(), ErrorKind::AddressRefused);
    }
    // A rebinding server: public when it is looked at, private when it is connected to.
    let table = Table::default().with("rebind.example.com", &[&["8.8.8.8"], &["127.0.0.1"]]);
    let allow = AllowList::default();
    let ask = || GuardedResolver::addresses(&table, &allow, "rebind.example.com");
    assert_eq!(ask().await.unwrap(), ["8.8.8.8".parse::<IpAddr>().unwrap()]);
    assert!(ask().await.is_err());
}

#[tokio::test]
async fn a_request_resolves_its_name_once_and_connects_to_what_was_judged() {
    let server = serve(|_| ok("hello")).await;
    let table = Table::default().with("crm.example.com", &[&["127.0.0.1"], &["127.0.0.9"]]);
    let asked = Arc::clone(&table.asked);
    let allow_private = vec![format!("crm.example.com:{}", server.port())];
    let http = client(HttpConfig { allow_private, ..HttpConfig::default() }, table);
    let address = format!("http://crm.example.com:{}/", server.port());
    let request = HttpRequest::get(&address, Trust::Steered).unwrap();
    assert_eq!(http.send(request).await.unwrap().bytes().await.unwrap(), "hello");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // What is allowed on one port is not allowed on another.
    for other in ["http://crm.example.com/", "http://crm.example.com:9/"] {
        let request = HttpRequest::get(other, Trust::Steered).unwrap();
        assert_eq!(http.send(request).await.unwrap_err().kind(), ErrorKind::AddressRefused);
    }
}

#[tokio::test]
async fn a_configured_request_reaches_loopback_and_a_steered_one_does_not() {
    let server = serve(|_| ok("hello")).await;
    let http = client(HttpConfig::default(), Table::default());
    let address = format!("http://{server}/");
    let reply = http.send(HttpRequest::get(&address, Trust::Configured).unwrap()).await.unwrap();
    assert_eq!((reply.status(), reply.bytes().await.unwrap().as_ref()), (200, b"hello".as_slice()));
    let error = http.send(HttpRequest::get(&address, Trust::Steered).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddressRefused);
}

#[tokio::test]
async fn every_redirect_is_judged_anew() {
    let inner = serve(|_| ok("secret")).await;
    let outer = serve(move |head| {
        let to = match head.split_whitespace().nth(1).unwrap() {
            "/metadata" => "http://169.254.169.254/".to_owned(),
            "/inner" => format!("http://{inner}/"),
            "/file" => "file:///etc/passwd".to_owned(),
            "/loop" => "/loop".to_owned(),
            "/bad" => "http://[".to_owned(),
            "/twice" => "/once".to_owned(),
            "/once" => "/end".to_owned(),
            _ => return ok("end"),
        };
        format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
    })
    .await;
    let allow_private = vec![outer.to_string()];
    let http = client(HttpConfig { allow_private, ..HttpConfig::default() }, Table::default());
    for trust in [Trust::Steered, Trust::Configured] {
        for (path, kind) in [
            ("metadata", ErrorKind::AddressRefused),
            ("inner", ErrorKind::AddressRefused),
            ("file", ErrorKind::AddressRefused),
            ("loop", ErrorKind::Network),
            ("bad", ErrorKind::Network),
        ] {
            let request = HttpRequest::get(&format!("http://{outer}/{path}"), trust).unwrap();
            assert_eq!(http.send(request).await.unwrap_err().kind(), kind, "{path} {trust:?}");
        }
        let request = HttpRequest::get(&format!("http://{outer}/twice"), trust).unwrap();
        let reply = http.send(request.clone()).await.unwrap();
        assert_eq!(reply.url().path(), "/end");
        assert_eq!(http.send(request.without_redirects()).await.unwrap().status(), 302);
    }
}

#[tokio::test]
async fn another_origin_sees_neither_credentials_nor_body() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let other = serve(move |head| {
        seen.lock().unwrap().push(head.to_lowercase());
        ok("other")
    })
    .await;
    let first = serve(move |head| {
        let status = if head.contains("/keep") { "307 Temporary" } else { "302 Found" };
        let head = format!("HTTP/1.1 {status}\r\nlocation: http://{other}/\r\n");
        format!("{head}content-length: 0\r\n\r\n").into_bytes()
    })
    .await;
    let allow_private = vec![first.to_string(), other.to_string()];
    let http = client(HttpConfig { allow_private, ..HttpConfig::default() }, Table::default());
    let request = |path: &str| {
        HttpRequest::post(&format!("http://{first}{path}"), Trust::Steered)
            .unwrap()
            .with_bearer(&Secret::new("canary-1"))
            .with_secret_header("x-api-key", &Secret::new("canary-2"))
            .with_header("cookie", "canary-3")
            .with_header("accept", "text/html")
            .with_body("text/plain", "canary-4")
    };
    http.send(request("/")).await.unwrap();
    let head = heads.lock().unwrap().join("");
    assert!(head.starts_with("get /") && head.contains("accept: text/html"), "{head}");
    assert!(!head.contains("canary"), "{head}");
    let error = http.send(request("/keep")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddressRefused);
    assert_eq!(heads.lock().unwrap().len(), 1);
    assert!(!format!("{:?} {error:?}", request("/")).contains("canary-1"));
}

#[tokio::test]
async fn a_body_is_cut_at_its_limit_after_decompression() {
    let bomb = gzip_of_zeros(40_000);
    assert!(bomb.len() < 70_000);
    let server = serve(move |head| {
        if head.contains("/bomb") {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                bomb.len()
            );
            return [head.as_bytes(), &bomb].concat();
        }
        ok(&"x".repeat(5_000))
    })
    .await;
    let http = client(HttpConfig::default(), Table::default());
    let get = |path: &str, limit: u64| {
        let address = format!("http://{server}{path}");
        HttpRequest::get(&address, Trust::Configured).unwrap().with_max_body(limit)
    };
    let error = http.send(get("/bomb", 1_000_000)).await.unwrap().bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // A stated length is refused before anything is read.
    let error = http.send(get("/", 4_999)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(http.send(get("/", 5_000)).await.unwrap().bytes().await.unwrap().len(), 5_000);
}

#[tokio::test]
async fn silence_and_slowness_end_at_their_limits() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", silent.local_addr().unwrap());
    let http = client(HttpConfig::default(), Table::default());
    let request = || HttpRequest::get(&address, Trust::Configured).unwrap();
    let short = Duration::from_millis(30);
    for request in [request().with_idle_timeout(short), request().with_timeout(short)] {
        assert_eq!(http.send(request).await.unwrap_err().kind(), ErrorKind::Timeout);
    }
    // A server that begins an answer and then stalls.
    let stalling = serve(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf".to_vec()).await;
    let address = format!("http://{stalling}/");
    let request = HttpRequest::get(&address, Trust::Configured).unwrap();
    let mut body = http.send(request.with_idle_timeout(short)).await.unwrap().into_body();
    assert_eq!(body.next().await.unwrap().unwrap(), "half");
    assert_eq!(body.next().await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn a_request_lengthens_the_clients_patience_with_silence_and_shortens_it_only_in_so_many_words()
 {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", silent.local_addr().unwrap());
    let request = || HttpRequest::get(&address, Trust::Configured).unwrap();
    let (short, long) = (Duration::from_millis(5), Duration::from_secs(600));
    let config = HttpConfig { idle_timeout_ms: 5, ..HttpConfig::default() };
    let impatient = client(config, Table::default());
    let patient = client(HttpConfig::default(), Table::default());
    for (http, request) in [
        (&impatient, request().with_least_idle_timeout(long)),
        (&patient, request().with_least_idle_timeout(short)),
    ] {
        let waited = tokio::time::timeout(Duration::from_millis(200), http.send(request)).await;
        assert!(waited.is_err(), "it was given up: {waited:?}");
    }
    let asked = request().with_least_idle_timeout(long).with_idle_timeout(short);
    for (http, request) in [(&impatient, request()), (&patient, asked)] {
        assert_eq!(http.send(request).await.unwrap_err().kind(), ErrorKind::Timeout);
    }
}

#[tokio::test]
async fn nobody_listening_is_a_network_error_without_the_addresss_query() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let http = client(HttpConfig::default(), Table::default());
    let address = format!("http://{closed}/path?key=canary");
    let request = HttpRequest::get(&address, Trust::Configured).unwrap();
    let error = http.send(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(!format!("{error:?}").contains("canary"));
    let broken = HttpRequest::get(&address, Trust::Configured).unwrap();
    let error = http.send(broken.with_bearer(&Secret::new("a\nb"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_setting_that_names_no_host_is_refused() {
    for entry in ["", "a b", "http://a", "a/b", "a:99999", "u@a", "[::1"] {
        assert!(AllowList::parse(&[entry.to_owned()]).is_err(), "{entry:?}");
    }
    for entry in ["a", "A.b:80", "10.0.0.1", "::1", "[::1]:8080"] {
        AllowList::parse(&[entry.to_owned()]).unwrap();
    }
}

/// Names with the answers they give, one after another.
#[derive(Default)]
struct Table {
    names: HashMap<String, Vec<Vec<IpAddr>>>,
    asked: Arc<AtomicUsize>,
}

impl Table {
    fn with(mut self, name: &str, answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        self.names.insert(name.to_owned(), answers.iter().map(parse).collect());
        self
    }
}

#[async_trait]
impl NameLookup for Table {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let count = self.asked.fetch_add(1, Ordering::SeqCst);
        let answers = self.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(answers[count % answers.len()].clone())
    }
}

fn client(config: HttpConfig, table: Table) -> Http {
    Http::with_lookup(config, Arc::new(SystemClock), Arc::new(table)).unwrap()
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A server that answers each request's head with what `answer` says.
async fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut received = Vec::new();
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = socket.read(&mut buffer).await {
                    received.extend_from_slice(&buffer[..length]);
                    let text = String::from_utf8_lossy(&received).into_owned();
                    if let Some((head, _)) = text.split_once("\r\n\r\n") {
                        socket.write_all(&answer(head)).await.unwrap();
                        received.clear();
                    }
                }
            });
        }
    });
    address
}

/// A gzip file of `repeats` times 258 zeros, by hand: one deflate block of fixed codes (RFC 1951).
fn gzip_of_zeros(repeats: usize) -> Vec<u8> {
    let mut bits = vec![true, true, false];
    let code = |bits: &mut Vec<bool>, value: u32, length: u32| {
        bits.extend((0..length).rev().map(|bit| value >> bit & 1 == 1));
    };
    code(&mut bits, 0b0011_0000, 8);
    for _ in 0..repeats {
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    code(&mut bits, 0, 7);
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bytes.extend(bits.chunks(8).map(|bits| {
        bits.iter().enumerate().map(|(place, bit)| u8::from(*bit) << place).sum::<u8>()
    }));
    bytes
}

#[tokio::test]
async fn the_words_of_an_error_are_not_waited_for_without_end() {
    let server =
        serve(|_| b"HTTP/1.1 500 -\r\ncontent-length: 100\r\n\r\nthe words".to_vec()).await;
    let http = client(HttpConfig::default(), Table::default());
    let url = format!("http://{server}/").parse().unwrap();
    let limit = Duration::from_secs(600);
    let request = HttpRequest::new("GET", url, Trust::Configured)
        .unwrap()
        .with_timeout(limit)
        .with_idle_timeout(limit);
    let body = http.send(request).await.unwrap().into_body();
    let excerpt = tokio::time::timeout(Duration::from_secs(60), body.excerpt(1_024)).await;
    assert_eq!(excerpt.unwrap(), b"the words");
}
