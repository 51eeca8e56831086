//! Who calls: keys, their forms, their scope, and what their users see.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;

use super::call::Call;
use super::seed::Token;

/// Finds the key of a call; nothing means 401.
pub(super) fn caller(tokens: &[Token], call: &Call, now: Timestamp) -> Option<Token> {
    let credential = credential(&call.headers)?;
    let (name, secret) = credential.split_once(':').filter(|(_, secret)| !secret.contains(':'))?;
    let token = tokens.iter().find(|token| token.name == name && token.secret == secret)?;
    let alive = token.expires_at.is_none_or(|end| now < end);
    (alive && in_scope(token, &call.segments)).then(|| token.clone())
}

/// A scoped key works for the addresses of its own cluster and for nothing else.
fn in_scope(token: &Token, segments: &[String]) -> bool {
    let Some(cluster) = &token.cluster_id else { return true };
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["v3", "clusters" | "cluster", id, ..] | ["k8s", "clusters", id, ..] => id == cluster,
        _ => false,
    }
}

/// Reads the key from the Authorization header or, without one, from the cookie.
fn credential(headers: &HeaderMap) -> Option<String> {
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        return cookies
            .split(';')
            .find_map(|cookie| cookie.trim().strip_prefix("R_SESS="))
            .map(str::to_owned);
    };
    let (scheme, rest) = header.to_str().ok()?.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(rest.trim().to_owned()),
        "basic" => String::from_utf8(decode_url_safe(rest.trim())?).ok(),
        _ => None,
    }
}

/// Decodes base64 in the URL-safe alphabet: Rancher's decoder knows neither `+` nor `/`.
fn decode_url_safe(text: &str) -> Option<Vec<u8>> {
    let mut bits: u32 = 0;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

impl Token {
    /// Whether the user is held to some projects.
    pub(super) fn is_restricted(&self) -> bool {
        self.visible_projects.is_some()
    }

    pub(super) fn sees_project(&self, id: &str) -> bool {
        self.visible_projects.as_ref().is_none_or(|projects| projects.contains(id))
    }
}
