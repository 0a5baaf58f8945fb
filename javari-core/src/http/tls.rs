//! TLS: whom to trust, and what to say when no trusted connection can be made.

use std::{error::Error as StdError, io, sync::Arc};

use rustls::{
    CertificateError,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::error::{Error, ErrorKind, Result};

/// rustls with ring, chosen here: without a preset provider reqwest panics, and a library must not
/// install one for the whole process. Mozilla's roots are trusted, and those that the host adds.
pub(super) fn tls_config(root_certificates: &[String]) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for (place, text) in root_certificates.iter().enumerate() {
        add(&mut roots, text).map_err(|why| {
            // The text itself stays out: a mistaken one may be a private key.
            Error::new(ErrorKind::Configuration, "http.open", why)
                .with("setting", format!("root_certificates/{place}"))
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|fault| {
            Error::new(ErrorKind::Unexpected, "http.open", "TLS cannot be set up")
                .with_source(fault)
        })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

fn add(roots: &mut rustls::RootCertStore, text: &str) -> Result<(), &'static str> {
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let certificate = certificate.map_err(|_| "a root certificate is damaged PEM")?;
        roots.add(certificate).map_err(|_| "a root certificate cannot be read")?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err("a root certificate must be PEM: `-----BEGIN CERTIFICATE-----`")
    }
}

/// What to say when `fault` is that no trusted connection could be made.
pub(super) fn refusal(fault: &(dyn StdError + 'static)) -> Option<&'static str> {
    let mut cause = Some(fault);
    while let Some(error) = cause {
        if let Some(fault) = rustls_fault(error) {
            return Some(words(fault));
        }
        cause = error.source();
    }
    None
}

/// rustls's own error, which the layers between hand on inside an I/O error.
fn rustls_fault<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<io::Error>() {
        Some(wrapping) => rustls_fault(wrapping.get_ref()?),
        None => error.downcast_ref(),
    }
}

fn words(fault: &rustls::Error) -> &'static str {
    use CertificateError as Fault;
    match fault {
        rustls::Error::InvalidCertificate(Fault::UnknownIssuer) => {
            "TLS: nobody trusted signed the server's certificate; nothing was sent: check the address, or add the root of your own authority to `root_certificates`"
        }
        rustls::Error::InvalidCertificate(Fault::Expired | Fault::ExpiredContext { .. }) => {
            "TLS: the server's certificate has expired; nothing was sent: it has to be renewed there, unless this machine's clock is wrong"
        }
        rustls::Error::InvalidCertificate(
            Fault::NotValidYet | Fault::NotValidYetContext { .. },
        ) => {
            "TLS: the server's certificate is not valid yet; nothing was sent: check this machine's clock"
        }
        rustls::Error::InvalidCertificate(
            Fault::NotValidForName | Fault::NotValidForNameContext { .. },
        ) => {
            "TLS: the server's certificate is for another name; nothing was sent: check the address"
        }
        rustls::Error::InvalidCertificate(_) => {
            "TLS: the server's certificate cannot be accepted; nothing was sent: see the cause, and have it renewed there"
        }
        rustls::Error::InvalidMessage(_) => {
            "TLS: the server does not speak it at this address; nothing was sent: check the port, and whether it is http or https"
        }
        _ => "TLS: no connection could be agreed with the server; nothing was sent: see the cause",
    }
}
