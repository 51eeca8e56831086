//! The process's environment, passed in: this is the only place in the program that reads it.

use std::collections::BTreeMap;
use std::fmt;

/// Where variables come from.
#[derive(Clone)]
pub struct Environment(Source);

#[derive(Clone)]
enum Source {
    Process,
    Fixed(BTreeMap<String, String>),
}

impl Environment {
    /// Returns the variables of this process.
    pub const fn of_process() -> Self {
        Self(Source::Process)
    }

    /// Returns exactly these variables.
    pub fn fixed<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(Source::Fixed(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }

    /// Returns a variable that is set, not empty, and UTF-8.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = match &self.0 {
            Source::Process => of_process(name),
            Source::Fixed(variables) => variables.get(name).cloned(),
        };
        value.filter(|value| !value.is_empty())
    }
}

#[expect(clippy::disallowed_methods, reason = "`config` is the room that reads the environment")]
fn of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl fmt::Debug for Environment {
    /// Variables hold secrets: none is shown.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match &self.0 {
            Source::Process => "Environment(of the process)",
            Source::Fixed(_) => "Environment(fixed)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_as_good_as_none() {
        let environment = Environment::fixed([("A", "x"), ("B", "")]);
        assert_eq!(environment.get("A").as_deref(), Some("x"));
        assert_eq!(environment.get("B"), None);
        assert_eq!(environment.get("C"), None);
        assert_eq!(format!("{environment:?}"), "Environment(fixed)");
    }

    #[test]
    fn the_process_has_a_path() {
        assert!(Environment::of_process().get("PATH").is_some());
    }
}
