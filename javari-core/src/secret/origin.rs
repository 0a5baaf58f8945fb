//! Where a secret may be sent.

use std::fmt;

use url::Url;

/// Scheme, host and port of an address, as RFC 6454 names an origin: what a credential is bound to.
///
/// ```
/// use javari_core::secret::Origin;
/// let bound = Origin::parse("api.example.com").unwrap();
/// assert_eq!(bound.to_string(), "https://api.example.com");
/// assert_eq!(Some(bound), Origin::of(&"https://API.example.com:443/v1?a=b".parse().unwrap()));
/// assert_eq!(Origin::parse("https://api.example.com/v1"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads `api.example.com`, `api.example.com:8443` or `http://localhost:8080`; `https` where no
    /// scheme is named. Nothing for anything else, such as a path or a `*`.
    pub fn parse(text: &str) -> Option<Self> {
        let url = match text.contains("://") {
            true => Url::parse(text),
            false => Url::parse(&format!("https://{text}")),
        };
        let url = url.ok()?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && !text.contains('@');
        Self::of(&url).filter(|_| is_bare && text.len() <= 300)
    }

    /// The origin of an address; nothing where it is neither `http` nor `https`.
    pub fn of(url: &Url) -> Option<Self> {
        let is_plain = |host: &str| {
            host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
        };
        let is_web = matches!(url.scheme(), "http" | "https");
        (is_web && url.host_str().is_some_and(is_plain))
            .then(|| Self(url.origin().ascii_serialization()))
    }

    /// As it is written: `https://api.example.com`, the port where it is not the scheme's own.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_origin_is_read_however_a_person_writes_it() {
        for (text, origin) in [
            ("api.example.com", "https://api.example.com"),
            ("API.Example.com:443", "https://api.example.com"),
            ("https://api.example.com:8443", "https://api.example.com:8443"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("https://api.example.com/", "https://api.example.com"),
            ("[::1]:8443", "https://[::1]:8443"),
            ("bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), origin, "{text}");
        }
    }

    #[test]
    fn what_says_more_or_less_than_an_origin_is_none() {
        for text in [
            "",
            "*",
            "*.example.com",
            "api.example.com/v1",
            "a.com?x",
            "a.com#x",
            "ann@a.com",
            "https://ann:pw@a.com",
            "ftp://a.com",
            "a.com,b.com",
            "a.com;grace=1",
            "https://",
            "a b.com",
            "a.com\\b",
            "javascript:alert(1)",
        ] {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
        assert_eq!(Origin::parse(&format!("{}.com", "a".repeat(300))), None);
    }

    proptest! {
        #[test]
        fn what_is_read_is_one_line_without_separators_and_reads_as_itself(text in ".{0,60}") {
            if let Some(origin) = Origin::parse(&text) {
                prop_assert!(!origin.as_str().contains([',', ';', '\n', ' ', '@']));
                prop_assert_eq!(Origin::parse(origin.as_str()), Some(origin.clone()));
            }
        }
    }
}
