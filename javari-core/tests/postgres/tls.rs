//! The way to the server over TLS, with PgBouncer as the side that has the certificate.

use std::{
    env, fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use javari_core::storage::Road;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Issuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A pooler that speaks nothing but TLS; it ends with the test.
struct Pooler {
    child: Child,
    port: u16,
}

impl Pooler {
    /// With a certificate for `localhost` that `issuer` signed. All files lie in `folder`.
    fn start(folder: &Path, issuer: &Issuer) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, issuer).unwrap();
        fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
        fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
        let server = env::var("JAVARI_TEST_POSTGRES").unwrap();
        let (host, server_port) = server.rsplit('@').next().unwrap().split_once(':').unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = |name: &str| folder.join(name).display().to_string();
        let settings = format!(
            "[databases]\n* = host={host} port={server_port} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\nclient_tls_sslmode = require\n\
             client_tls_key_file = {}\nclient_tls_cert_file = {}\n",
            file("server.key"),
            file("server.pem"),
        );
        fs::write(folder.join("pooler.ini"), settings).unwrap();
        let mut command = Command::new("pgbouncer");
        command.arg("-q").stdout(Stdio::null());
        // It refuses to be root.
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if is_root {
            command.args(["-u", "nobody"]);
            open_to_all(folder);
        }
        let child = command.arg(file("pooler.ini")).spawn().expect("PgBouncer is not there");
        let pooler = Self { child, port };
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return pooler;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("PgBouncer does not listen");
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
}

#[tokio::test]
async fn a_server_is_spoken_to_over_tls_and_only_the_one_whose_certificate_fits() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (authority(), authority());
    let trusted = folder.path().join("ours.pem");
    let foreign = folder.path().join("other.pem");
    fs::write(&trusted, ours.pem()).unwrap();
    fs::write(&foreign, other.pem()).unwrap();
    let pooler = Pooler::start(folder.path(), &ours);
    let database = address().await;
    let name = database.rsplit('/').next().unwrap();
    let at = |host: &str, mode: &str, root: &Path| {
        format!(
            "postgres://postgres@{host}:{}/{name}?pgbouncer=true&sslmode={mode}&sslrootcert={}",
            pooler.port,
            root.display()
        )
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let javari = open(&at("localhost", mode, &trusted)).await;
        settled(&javari, &format!("ann@{mode}")).await;
        javari.close().await;
    }
    for (host, mode, root, kind) in [
        ("localhost", "verify-full", &foreign, ErrorKind::TlsFailed),
        ("localhost", "verify-ca", &foreign, ErrorKind::TlsFailed),
        // The certificate is for another name.
        ("127.0.0.1", "verify-full", &trusted, ErrorKind::TlsFailed),
        // The server speaks nothing but TLS.
        ("localhost", "disable", &trusted, ErrorKind::Storage),
    ] {
        let opened = Builder::new(settings(&at(host, mode, root))).open().await;
        let error = opened.err().unwrap();
        assert_eq!(error.kind(), kind, "{host} {mode}: {error}");
    }
}

#[test]
fn an_address_says_what_protects_the_road_to_the_server() {
    for (address, road) in [
        ("postgres://a@localhost/d", Road::Local),
        ("postgres://a@127.0.0.1:5433/d?sslmode=disable", Road::Local),
        ("postgres://a@[::1]/d", Road::Local),
        ("postgres://a@db.example.com/d", Road::Open),
        ("postgres://a@db.example.com/d?sslmode=prefer", Road::Open),
        ("postgres://a@127.example.com/d", Road::Open),
        ("postgres://a@db.example.com/d?sslmode=require", Road::Unverified),
        ("postgres://a@10.0.0.1/d?pgbouncer=true&sslmode=verify-full", Road::Verified),
        ("postgres://a@db.example.com/d?ssl-mode=verify-ca", Road::Verified),
    ] {
        let Location::Postgres(server) = address.parse().unwrap() else { panic!("{address}") };
        assert_eq!(server.road(), road, "{address}");
    }
}
