//! TLS against a server on a loopback port: whom the provider trusts, and that it never sends a key
//! to anybody else or in clear.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use javari_core::{
    Error, ErrorKind, Result, Retry,
    client::Builder,
    config::{OpenAiSettings, Settings},
    http::{Http, HttpConfig, HttpRequest, Trust},
    provider::{Provider, ProviderConfig, RemoteProvider},
    secret::{FixedSecrets, Secret},
    types::{ScopeKey, SystemClock},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, crypto,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

const KEY: &str = "sk-canary-tls-4711";

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// An authority of a company's own.
fn authority() -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Issuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a server on a loopback port received, in clear.
#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<u8>>>);

impl Received {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// A certificate for `name` that `issuer` signed, valid until the year given.
fn server_config(issuer: &Issuer, name: &str, until: i32) -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let certificate = params.signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap()
}

/// A server that answers every request with `reply`; over TLS where a configuration is given.
async fn serve(tls: Option<ServerConfig>, reply: String) -> (u16, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = Received::default();
    let shared = received.clone();
    let acceptor = tls.map(|tls| TlsAcceptor::from(Arc::new(tls)));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, received, reply) = (acceptor.clone(), shared.clone(), reply.clone());
            tokio::spawn(async move {
                match acceptor {
                    None => answer(socket, &received, &reply).await,
                    // A client that does not trust the certificate ends the handshake.
                    Some(acceptor) => {
                        if let Ok(socket) = acceptor.accept(socket).await {
                            answer(socket, &received, &reply).await;
                        }
                    }
                }
            });
        }
    });
    (port, received)
}

async fn answer(mut socket: impl AsyncRead + AsyncWrite + Unpin, received: &Received, reply: &str) {
    let mut buffer = [0; 4_096];
    while let Ok(length @ 1..) = socket.read(&mut buffer).await {
        received.0.lock().unwrap().extend_from_slice(&buffer[..length]);
        if buffer[..length].ends_with(b"\r\n\r\n")
            && socket.write_all(reply.as_bytes()).await.is_err()
        {
            return;
        }
    }
}

fn models() -> String {
    let body = r#"{"object":"list","data":[{"id":"company-1","object":"model","owned_by":"us"}]}"#;
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
}

fn http(trusted: &[&Issuer]) -> Http {
    let mut config = HttpConfig::default();
    config.root_certificates = trusted.iter().map(|issuer| issuer.pem()).collect();
    Http::new(config, Arc::new(SystemClock)).unwrap()
}

async fn ask(http: Http, address: String) -> Result<usize> {
    let secrets = FixedSecrets::default().with("OPENAI_API_KEY", Secret::new(KEY));
    let provider =
        RemoteProvider::new(ProviderConfig::compatible(address), http, Arc::new(secrets))?;
    provider.models(ScopeKey::HOST).await.map(|models| models.len())
}

/// The error names TLS and what to do, repeats no key, and trying again cannot help.
fn require_refused(error: &Error, what: &str, advice: &str) {
    assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error:?}");
    assert_eq!(error.retry(), Retry::Never);
    for words in ["TLS", "nothing was sent", what, advice] {
        assert!(error.message().contains(words), "`{words}` is not in {error}");
    }
    assert!(!format!("{error:?}").contains(KEY));
}

#[tokio::test]
async fn a_certificate_of_an_added_root_is_trusted_and_gets_the_key() {
    let company = authority();
    let (port, received) = serve(Some(server_config(&company, "localhost", 2099)), models()).await;
    let other = authority();
    let http = http(&[&other, &company]);
    assert_eq!(ask(http, format!("https://localhost:{port}/v1")).await.unwrap(), 1);
    assert!(received.text().contains(&format!("Bearer {KEY}")), "{}", received.text());
}

#[tokio::test]
async fn an_unknown_authority_an_expired_certificate_and_another_name_are_refused_before_the_key_is_sent()
 {
    let company = authority();
    for (name, until, trusts, what, advice) in [
        ("localhost", 2099, false, "nobody trusted signed", "`root_certificates`"),
        ("localhost", 2021, true, "has expired", "renewed"),
        ("other.example.com", 2099, true, "for another name", "check the address"),
    ] {
        let (port, received) = serve(Some(server_config(&company, name, until)), models()).await;
        let trusted: Vec<&Issuer> = if trusts { vec![&company] } else { Vec::new() };
        let http = http(&trusted);
        let error = ask(http, format!("https://localhost:{port}/v1")).await.unwrap_err();
        require_refused(&error, what, advice);
        assert_eq!(received.text(), "", "{name} {until}");
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing_in_clear() {
    let (port, received) = serve(None, models()).await;
    let answers = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let garbage = answers.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = answers.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _ = socket.read(&mut [0; 64]).await;
        }
    });
    let error = ask(http(&[]), format!("https://localhost:{garbage}/v1")).await.unwrap_err();
    require_refused(&error, "does not speak it", "http or https");
    // This one waits for a request that never comes in clear.
    let silent = ask(http(&[]), format!("https://localhost:{port}/v1"));
    let waited = tokio::time::timeout(std::time::Duration::from_millis(300), silent).await;
    assert!(waited.is_err() || waited.unwrap().is_err());
    let received = received.0.lock().unwrap().clone();
    assert_eq!(received.first(), Some(&0x16), "the first byte is no TLS handshake");
    assert!(!String::from_utf8_lossy(&received).contains(KEY));
}

#[tokio::test]
async fn a_redirect_from_https_to_http_never_carries_the_key() {
    let company = authority();
    let (plain, in_clear) = serve(None, models()).await;
    let target = format!("http://127.0.0.1:{plain}/v1/models");
    let tls = server_config(&company, "localhost", 2099);
    let (port, _) = serve(Some(tls), redirect(&target)).await;
    let address = format!("https://localhost:{port}/v1/models");
    // A provider follows no redirect at all.
    ask(http(&[&company]), format!("https://localhost:{port}/v1")).await.unwrap_err();
    assert_eq!(in_clear.text(), "");
    // Elsewhere the target is judged as any address that somebody else chose.
    let request = HttpRequest::get(&address, Trust::Configured)
        .unwrap()
        .with_bearer(&Secret::new(KEY))
        .with_secret_header("x-api-key", &Secret::new(KEY));
    let error = http(&[&company]).send(request.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddressRefused);
    assert_eq!(in_clear.text(), "");
    // And where an operator opened it, it is asked without a credential.
    let mut open = HttpConfig::default();
    open.root_certificates = vec![company.pem()];
    open.allow_private = vec![format!("127.0.0.1:{plain}")];
    let reply = Http::new(open, Arc::new(SystemClock)).unwrap().send(request).await.unwrap();
    assert!(reply.is_success());
    assert!(in_clear.text().starts_with("GET /v1/models"), "{}", in_clear.text());
    assert!(!in_clear.text().contains(KEY), "{}", in_clear.text());
}

#[tokio::test]
async fn a_text_that_is_no_certificate_is_a_fault_of_the_settings_and_not_repeated() {
    let key = KeyPair::generate().unwrap().serialize_pem();
    let damaged = "-----BEGIN CERTIFICATE-----\ncanary!\n-----END CERTIFICATE-----\n".to_owned();
    for text in [key.clone(), damaged, "canary".to_owned(), String::new()] {
        let settings = Settings {
            root_certificates: vec![text.clone()],
            ..Settings::for_database(":memory:")
        };
        let error = Builder::new(settings).open().await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        let shown = format!("{error:?}");
        assert!(shown.contains("root_certificates/0"), "{shown}");
        assert!(
            !shown.contains("canary") && !shown.contains(key.lines().nth(1).unwrap()),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_javari_opened_with_the_companys_root_reaches_the_companys_models() {
    let company = authority();
    let (port, _) = serve(Some(server_config(&company, "localhost", 2099)), models()).await;
    let settings = Settings {
        root_certificates: vec![company.pem()],
        openai: Some(OpenAiSettings {
            base_url: Some(format!("https://localhost:{port}/v1")),
            api_key: Some(Secret::new(KEY)),
            ..OpenAiSettings::default()
        }),
        ..Settings::for_database(":memory:")
    };
    let javari = Builder::new(settings).open().await.unwrap();
    let user = javari.ensure_user("ann@example.com").await.unwrap();
    let request = serde_json::json!({});
    let scope = ScopeKey::user(user.id);
    let reply =
        javari_core::api::call(&javari, "provider.models", scope, request, vec![]).await.unwrap();
    assert!(reply.to_string().contains("company-1"), "{reply}");
}
