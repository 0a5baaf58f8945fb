//! Fills `{{cred:NAME}}` in the headers of one request, at the last moment before it leaves.
//!
//! Who writes the request never sees the value: not the user who chose the address, no model, no log. It
//! goes to the origins that the credential is bound to and nowhere else; the source of secrets says so.

use std::{fmt, sync::Arc};

use reqwest::header::{HeaderMap, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use super::guard;
use crate::{
    error::{Error, Result},
    secret::{Origin, Secret, SecretRequest, SecretSource},
    types::ScopeKey,
};

const OPEN: &str = "{{cred:";
const CLOSE: &str = "}}";
/// So many credentials one request may name.
const MOST: usize = 8;

/// Whose credentials the headers of a request may name, and where they are.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) scope: ScopeKey,
    pub(super) source: Arc<dyn SecretSource>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Puts the values into the headers that name credentials. Without `credentials` no header may name one:
/// what was meant to be filled is never sent as it stands.
///
/// # Errors
/// `INVALID_INPUT` when a header names none or may name none, `ADDRESS_REFUSED` when the value would
/// travel in clear, `FORBIDDEN` when the credential is not bound to the origin, `NOT_FOUND`.
pub(super) async fn fill(
    headers: &mut HeaderMap,
    credentials: Option<&Credentials>,
    (url, is_opened): (&Url, bool),
) -> Result<()> {
    let mut named = 0;
    for (name, value) in headers.iter_mut() {
        let Some(template) = value.to_str().ok().filter(|text| text.contains(OPEN)) else {
            continue;
        };
        let refused = |message| Error::invalid("http.send", message).with("header", name);
        let Some(credentials) = credentials else {
            return Err(refused("a header names a credential, and this request may use none"));
        };
        // In clear only where the operator opened the host by name.
        let origin = Origin::of(url).filter(|_| url.scheme() == "https" || is_opened);
        let Some(origin) = origin else {
            return Err(guard::refused(url, "a credential travels by https alone"));
        };
        let mut filled = Zeroizing::new(String::with_capacity(template.len() + 256));
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once(OPEN) {
            let (credential, after) = behind
                .split_once(CLOSE)
                .filter(|(credential, _)| is_name(credential))
                .ok_or_else(|| refused("a header names no credential: write `{{cred:NAME}}`"))?;
            named += 1;
            if named > MOST {
                return Err(refused("the headers name more than 8 credentials"));
            }
            let value = credentials.ask(credential, &origin).await?;
            filled.push_str(before);
            // Exposed to be sent in this one header, to the origin that it is bound to.
            filled.push_str(value.expose());
            rest = after;
        }
        filled.push_str(rest);
        let mut sent = HeaderValue::from_str(&filled)
            .map_err(|_| refused("the credential holds characters that no header can"))?;
        sent.set_sensitive(true);
        *value = sent;
    }
    Ok(())
}

impl Credentials {
    async fn ask(&self, name: &str, origin: &Origin) -> Result<Secret> {
        let request = SecretRequest::new(self.scope, name).for_origin(origin.clone());
        self.source.secret(request).await
    }
}

/// As the vault names credentials; a text of another form is not repeated to it.
fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::{
        error::ErrorKind,
        http::{Http, HttpConfig, HttpRequest, Trust},
        types::{SystemClock, UserId},
    };

    /// Holds one value, bound to the origins that it lists, and notes who asked for what.
    #[derive(Default)]
    struct Bound {
        value: String,
        origins: Vec<String>,
        asked: Mutex<Vec<String>>,
    }

    #[async_trait::async_trait]
    impl SecretSource for Bound {
        async fn secret(&self, request: SecretRequest) -> Result<Secret> {
            let origin = request.origin.unwrap().to_string();
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(format!("{} {origin}", request.name));
            match self.origins.contains(&origin) {
                true => Ok(Secret::new(self.value.as_str())),
                false => Err(Error::new(ErrorKind::Forbidden, "test", "not bound")),
            }
        }
    }

    /// A server that answers `/to/ADDRESS` with a redirect there, and keeps the heads of all requests.
    struct Server {
        address: String,
        heads: Arc<Mutex<Vec<String>>>,
    }

    impl Server {
        async fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap().to_string();
            let heads: Arc<Mutex<Vec<String>>> = Arc::default();
            let kept = heads.clone();
            tokio::spawn(async move {
                while let Ok((mut socket, _)) = listener.accept().await {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(socket.read_u8().await.unwrap());
                    }
                    let head = String::from_utf8(head).unwrap();
                    let target = head.split(' ').nth(1).unwrap().to_owned();
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(head);
                    let answer = match target.strip_prefix("/to/") {
                        Some(place) => format!("HTTP/1.1 302 Found\r\nlocation: {place}\r\n"),
                        None => "HTTP/1.1 200 OK\r\n".to_owned(),
                    };
                    let answer = format!("{answer}content-length: 0\r\nconnection: close\r\n\r\n");
                    socket.write_all(answer.as_bytes()).await.unwrap();
                }
            });
            Self { address, heads }
        }

        fn heads(&self) -> Vec<String> {
            self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }

        fn url(&self, path: &str) -> String {
            format!("http://{}/{path}", self.address)
        }
    }

    fn client(servers: &[&Server]) -> Http {
        let allow_private = servers.iter().map(|server| server.address.clone()).collect();
        let config = HttpConfig { allow_private, ..HttpConfig::default() };
        Http::new(config, Arc::new(SystemClock)).unwrap()
    }

    fn source(server: &Server, value: &str) -> Arc<Bound> {
        let origins = vec![format!("http://{}", server.address)];
        Arc::new(Bound { value: value.to_owned(), origins, ..Bound::default() })
    }

    fn request(url: &str, header: &str, source: &Arc<Bound>) -> HttpRequest {
        let scope = ScopeKey::user(UserId(uuid::Uuid::from_u128(1)));
        HttpRequest::get(url, Trust::Steered)
            .unwrap()
            .with_header("x-token", header)
            .with_credentials(scope, source.clone())
    }

    #[tokio::test]
    async fn a_header_that_names_credentials_is_filled_where_they_are_bound_and_shown_nowhere() {
        let server = Server::start().await;
        let source = source(&server, "s3cret-{{cred:OTHER}}");
        let header = "Key {{cred:A}}, again={{cred:B.c-d}}; end";
        let asked = request(&server.url("a"), header, &source);
        let shown = format!("{asked:?}");
        client(&[&server]).send(asked).await.unwrap();
        // A value is never looked through for names.
        let filled = "Key s3cret-{{cred:OTHER}}, again=s3cret-{{cred:OTHER}}; end";
        assert!(server.heads()[0].contains(&format!("x-token: {filled}\r\n")));
        let origin = format!("http://{}", server.address);
        assert_eq!(
            *source.asked.lock().unwrap(),
            [format!("A {origin}"), format!("B.c-d {origin}")]
        );
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[tokio::test]
    async fn nothing_is_sent_when_a_header_cannot_be_filled() {
        let server = Server::start().await;
        let http = client(&[&server]);
        let kind = async |asked: HttpRequest| {
            let error = http.send(asked).await.unwrap_err();
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
            error.kind()
        };
        let url = server.url("a");
        let bound = source(&server, "s3cret");
        for header in [
            "{{cred:}}",
            "{{cred:A",
            "{{cred:A B}}",
            "{{cred:../A}}",
            &format!("{{{{cred:{}}}}}", "a".repeat(129)),
            &"{{cred:A}}".repeat(9),
        ] {
            let asked = request(&url, header, &bound);
            assert_eq!(kind(asked).await, ErrorKind::InvalidInput, "{header}");
        }
        let elsewhere = Arc::new(Bound { value: "s3cret".into(), ..Bound::default() });
        let asked = request(&url, "{{cred:A}}", &elsewhere);
        assert_eq!(kind(asked).await, ErrorKind::Forbidden);
        let asked = request(&url, "{{cred:A}}", &source(&server, "s3cret\r\nx-other: 1"));
        assert_eq!(kind(asked).await, ErrorKind::InvalidInput);
        let mut asked = request(&url, "{{cred:A}}", &bound);
        asked.credentials = None;
        assert_eq!(kind(asked).await, ErrorKind::InvalidInput);
        assert_eq!(server.heads(), [""; 0]);
    }

    #[tokio::test]
    async fn nobody_is_asked_for_a_credential_of_an_address_that_is_refused_or_in_clear() {
        let server = Server::start().await;
        let source = source(&server, "s3cret");
        let closed = Http::new(HttpConfig::default(), Arc::new(SystemClock)).unwrap();
        for url in [server.url("a"), "http://example.com/".to_owned()] {
            let error = closed.send(request(&url, "{{cred:A}}", &source)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddressRefused, "{url}");
        }
        assert_eq!(*source.asked.lock().unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn a_redirect_takes_it_along_to_the_same_origin_alone_whatever_the_header_is_called() {
        let (first, other) = (Server::start().await, Server::start().await);
        let source = source(&first, "s3cret");
        let http = client(&[&first, &other]);
        for (place, kept) in [(first.url("here"), true), (other.url("there"), false)] {
            let asked = request(&first.url(&format!("to/{place}")), "{{cred:A}}", &source)
                .with_header("accept", "text/{{cred:A}}")
                .with_header("accept-language", "en");
            assert_eq!(http.send(asked).await.unwrap().status(), 200);
            let heads = if kept { first.heads() } else { other.heads() };
            let last = heads.last().unwrap();
            assert_eq!(last.matches("s3cret").count(), if kept { 2 } else { 0 }, "{last}");
            assert!(last.contains("accept-language: en"), "{last}");
        }
    }
}
