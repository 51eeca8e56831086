//! What is asked.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::line::Question;
use super::response::Response;

/// A request in the making. It may be sent more than once.
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    client: Client,
    method: Method,
    segments: Vec<String>,
    slash: bool,
    query: Query,
    body: Option<Bytes>,
    list: bool,
    idempotent: bool,
}

#[derive(Debug, Clone)]
enum Query {
    Pairs(Vec<(String, String)>),
    /// As a server gave it.
    Verbatim(String),
}

// === impl Request ===

impl Request {
    pub(super) fn new(client: Client, method: Method, segments: &[&str]) -> Self {
        let idempotent = matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE);
        Self {
            client,
            method,
            segments: segments.iter().map(|&segment| segment.to_owned()).collect(),
            slash: false,
            query: Query::Pairs(Vec::new()),
            body: None,
            list: false,
            idempotent,
        }
    }

    /// Ends the path with a slash, which Waldur insists on.
    pub fn slash(self) -> Self {
        Self { slash: true, ..self }
    }

    /// Adds a query parameter. The same one may be added several times.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if let Query::Pairs(pairs) = &mut self.query {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Replaces the query by one that a server gave.
    pub(super) fn verbatim_query(self, query: &str) -> Self {
        Self { query: Query::Verbatim(query.to_owned()), ..self }
    }

    /// Sends a JSON body.
    pub fn json(self, body: &Value) -> Self {
        Self { body: Some(Bytes::from(body.to_string())), ..self }
    }

    /// Waits as long as lists take.
    pub fn list(self) -> Self {
        Self { list: true, ..self }
    }

    /// Promises that sending it twice does the same as sending it once, though it is a `POST`: it may be repeated.
    pub fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    /// Sends it, repeating where that is safe and may help. Answers only with a success, read to its end.
    pub async fn send(self) -> Result<Response, Error> {
        self.client.send(&self.question()?, self.idempotent).await
    }

    fn question(&self) -> Result<Question, Error> {
        let line = self.client.line();
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        let mut url = line.url(&segments).map_err(|segment| Error::Path {
            call: Box::new(line.call(self.method.clone(), format!("/{}", self.segments.join("/")))),
            segment: segment.to_owned(),
        })?;
        if self.slash {
            let path = format!("{}/", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        match &self.query {
            Query::Verbatim(query) => url.set_query(Some(query)),
            Query::Pairs(pairs) if pairs.is_empty() => {}
            Query::Pairs(pairs) => drop(url.query_pairs_mut().extend_pairs(pairs)),
        }
        Ok(Question {
            call: line.call(self.method.clone(), url.path().to_owned()),
            url,
            body: self.body.clone().map(|body| ("application/json", body)),
            patience: self.patience(),
        })
    }

    fn patience(&self) -> Duration {
        let limits = &self.client.line().limits;
        match self.method {
            _ if self.list => limits.list,
            Method::GET | Method::HEAD => limits.request,
            _ => limits.write,
        }
    }
}
