//! Certificates: who issued them, until when, and why one is not trusted.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Site, Told, config, diagnose, usual};
use crate::cli::repository;

/// Opens a server that speaks TLS with a certificate of `fixtures/tls`, refuses everybody, and returns its address.
async fn server(certificate: &str) -> String {
    let file = |name: &str| repository(&format!("fixtures/tls/{name}"));
    let chain = vec![CertificateDer::from_pem_file(file(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let settings = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(settings)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else { return };
                let mut seen = vec![0; 4096];
                let _ = stream.read(&mut seen).await;
                let answer = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

async fn rancher(name: &str, certificate: &str, more: &[(&str, Value)]) -> Told {
    let site = Site::of(&format!("diagnose-tls-{name}"), usual()).await;
    let url = server(certificate).await;
    let mut file = config(&site, &[("backend_url", json!(url))]);
    for (key, value) in more {
        file["offerings"][0]["backend_settings"][*key] = value.clone();
    }
    diagnose(&site, &file).await
}

fn certificate(told: &Told) -> &Value {
    told.of("certificate").next().unwrap()
}

fn ca() -> Value {
    json!(repository("fixtures/tls/ca.pem"))
}

#[tokio::test]
async fn a_certificate_of_a_private_ca_is_shown_with_its_issuer_and_its_end() {
    let told = rancher("private", "valid.pem", &[("rancher_ca_file", ca())]).await;
    let found = certificate(&told);
    assert_eq!(found["verdict"], "ok", "{:?}", told.all);
    let said = found["said"].as_str().unwrap();
    assert!(
        said.starts_with(
            "of CN=rancher.test,O=Test house, issued by CN=Test CA,O=Test house, valid until 2125-01-01 ("
        ),
        "{said}"
    );
    assert!(said.ends_with("; the configured CA file is trusted as well"), "{said}");
    assert_eq!(told.of("answer").find(|one| one["system"] == "rancher").unwrap()["verdict"], "ok");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_ca_is_shown_all_the_same() {
    let told = rancher("unknown", "valid.pem", &[]).await;
    told.is_just(
        "certificate",
        "wrong",
        "the certificate is of CN=rancher.test,O=Test house, issued by CN=Test CA,O=Test house, valid until 2125-01-01",
        "Name that CA's file in PEM",
    );
}

#[tokio::test]
async fn an_expired_certificate_is_told_by_its_day() {
    let told = rancher("expired", "expired.pem", &[("rancher_ca_file", ca())]).await;
    told.is_just("certificate", "wrong", "it expired on 2021-01-01", "renew the server's certificate");
}

#[tokio::test]
async fn a_certificate_that_is_not_checked_is_a_remark() {
    let told = rancher("unchecked", "expired.pem", &[("verify_cert", json!(false))]).await;
    let found = certificate(&told);
    assert_eq!(found["verdict"], "remark", "{:?}", told.all);
    assert!(found["said"].as_str().unwrap().starts_with("not checked; of CN=rancher.test"), "{found}");
    assert!(found["hint"].as_str().unwrap().contains("name the CA's file"), "{found}");
}
