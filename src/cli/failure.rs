//! Why a command did not do what it was asked: what to show, what to do, which exit code.

use std::fmt::Display;

use super::exit::Exit;
use crate::systems::{Trouble, TroubleKind};
use crate::{config, http};

/// A command that ends early.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) what: String,
    pub(super) hints: Vec<String>,
}

impl Failure {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Error, what: what.into(), hints: vec![hint.into()] }
    }

    /// Tells an error with everything underneath.
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        Self { exit: Exit::Error, what: story(error), hints: Vec::new() }
    }

    /// Tells which systems refuse the credentials.
    pub(super) fn refused<'t>(troubles: impl Iterator<Item = &'t Trouble>) -> Option<Self> {
        let refused: Vec<&Trouble> =
            troubles.filter(|trouble| trouble.kind == TroubleKind::Credentials).collect();
        let first = refused.first()?;
        let what = match refused.as_slice() {
            [_] => first.what.clone(),
            _ => refused.iter().map(|trouble| trouble.what.as_str()).collect::<Vec<_>>().join("; "),
        };
        let mut hints: Vec<String> = refused.iter().filter_map(|trouble| trouble.hint.clone()).collect();
        hints.dedup();
        Some(Self { exit: Exit::Error, what, hints })
    }
}

/// Tells an error and its causes in one line.
pub(super) fn story(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Adds what was being done to an input or output error.
pub(super) fn on<D: Display>(what: D) -> impl FnOnce(std::io::Error) -> Failure {
    move |error| {
        Failure::new(format!("{what}: {error}"), "check the path, its permissions and the space on the disk")
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        let hint = error.hint().to_owned();
        Self { exit: Exit::Error, what: story(&error), hints: vec![hint] }
    }
}

impl From<http::SetupError> for Failure {
    fn from(error: http::SetupError) -> Self {
        Self { hints: vec!["correct it in the configuration".to_owned()], ..Self::of(&error) }
    }
}

impl From<crate::plan::graph::Cycle> for Failure {
    fn from(error: crate::plan::graph::Cycle) -> Self {
        Self::new(
            format!("the plan cannot be ordered: {error}"),
            "this is a defect: please report it with the output of `agent capture --pseudonymise`",
        )
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::of(&error)
    }
}
