//! Addresses of servers and the certificates they are trusted by.

use std::path::PathBuf;

use url::Url;

use super::entry::{Entry, as_flag};
use super::reader::Secrets;
use super::secret::bounded;
use crate::model::ServerUrl;

/// A bundle of all public CAs has a quarter of this.
const LARGEST_CA: u64 = 1024 * 1024;

/// How a server's certificate is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Whether it is checked at all.
    pub verify: bool,
    /// The private CA to check it with, besides the public ones, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// Reads an address as it was typed: host in small letters, no default port, no slash at its end.
pub(super) fn address(entry: &Entry<'_>, hint: &str) -> Option<Url> {
    let text = entry.text()?;
    // An address may hold a password, so it is not repeated.
    let Ok(url) = Url::parse(text.trim()) else {
        entry.problem("it is no address", hint);
        return None;
    };
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        entry.problem("the address does not begin with https:// and a host", hint);
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        entry.problem("the address holds a user or a password", hint);
        return None;
    }
    if url.query().is_some() || url.fragment().is_some() {
        entry.problem("the address goes on after its path", hint);
        return None;
    }
    let local = url.host_str().is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host));
    if url.scheme() == "http" && !local {
        entry.warning("credentials go over the network as plain text", "write https:// if the server has it");
    }
    Some(url)
}

/// Reads the base address of a server. `suffix` is an API's path that people write along (`/api`).
pub(super) fn server(entry: &Entry<'_>, suffix: Option<&str>, hint: &str) -> Option<(ServerUrl, bool)> {
    let url = address(entry, hint)?;
    let whole = url.as_str().trim_end_matches('/');
    let base = suffix.and_then(|suffix| whole.strip_suffix(suffix)).map(|base| base.trim_end_matches('/'));
    match base.unwrap_or(whole).parse() {
        Ok(server) => Some((server, base.is_some())),
        Err(error) => {
            entry.problem(format!("the address is {error}"), hint);
            None
        }
    }
}

/// Reads how a certificate is checked: true, false or, as the Python agent allowed, the CA's file; or a key of its own.
pub(super) fn tls(verify: &Entry<'_>, ca: &Entry<'_>, whose: &str) -> Tls {
    let as_path = match verify.node.map(|node| (as_flag(node), node.is_blank())) {
        Some((None, false)) => verify.text(),
        _ => None,
    };
    let checked = as_path.is_some() || verify.flag(true);
    if !checked {
        verify.warning(
            format!("{whose} certificate is not checked: anyone between can read the credentials"),
            "name the CA's file instead of switching the check off",
        );
        if ca.is_set() {
            ca.warning("this CA is not used, because certificates are not checked", "switch the check on");
        }
        return Tls { verify: false, ca_file: None };
    }
    let named = match (ca.is_set(), as_path) {
        (true, _) => ca.text().and_then(|name| certificate(ca, &name)),
        (false, Some(name)) => certificate(verify, &name),
        (false, None) => None,
    };
    Tls { verify: true, ca_file: named }
}

fn certificate(entry: &Entry<'_>, name: &str) -> Option<PathBuf> {
    let path = entry.reader.file(name);
    if entry.reader.secrets == Secrets::Unneeded {
        return Some(path);
    }
    let hint = "name a PEM file with the CA's certificate, relative to the configuration";
    match bounded(&path, LARGEST_CA) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => Some(path),
        Ok(_) => {
            entry.problem("the file holds no PEM certificate", hint);
            None
        }
        Err(error) => {
            entry.problem(format!("the CA file cannot be read: {error}"), hint);
            None
        }
    }
}
