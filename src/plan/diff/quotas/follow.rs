//! How a project's quota and its namespaces' get from what they are to what they should be, and what Rancher will not
//! let happen. Arithmetic only.
//!
//! A namespace that has exactly the project's default follows it; one that somebody gave something else keeps that.
//! So the default is written last: a run that was cut off finds by it who has yet to follow.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::desired::Limits;
use crate::model::world::Namespace;
use crate::model::{NamespaceName, Quantity};
use crate::plan::action::QuotaSpec;

/// What one namespace has of its project's quota, and what it should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) namespace: NamespaceName,
    pub(super) from: Limits,
    pub(super) to: Limits,
}

/// What is to be done, in this order, and what is in the way of the rest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) shrink: Vec<Share>,
    pub(super) first: Option<QuotaSpec>,
    pub(super) grow: Vec<Share>,
    pub(super) last: Option<QuotaSpec>,
    pub(super) obstacles: Vec<Obstacle>,
}

/// Why Rancher would refuse an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Namespaces have more, by what somebody gave them.
    InUse { key: String, limit: Quantity, have: Quantity, who: Vec<(NamespaceName, Quantity)> },
    /// Rancher counts more than the namespaces have.
    Stale { key: String, limit: Quantity, counted: Quantity, have: Quantity },
    /// What is given to each namespace at first does not fit so often.
    TooMany { key: String, limit: Quantity, each: Quantity, count: usize },
}

type Namespaces<'a> = [(&'a NamespaceName, &'a Namespace)];

/// One key on its way.
struct Key<'a> {
    name: &'a str,
    /// The limit and the default as they are.
    now: Option<(Quantity, Quantity)>,
    limit: Quantity,
    each: Quantity,
    used: Option<Quantity>,
    namespaces: &'a Namespaces<'a>,
}

/// How one key gets there.
struct Way<'a> {
    /// The namespaces that take the new default before the project, or after it.
    before: Vec<&'a NamespaceName>,
    after: Vec<&'a NamespaceName>,
    /// The default until those after it have grown.
    until: Quantity,
}

/// Works out the change from one quota to another. `namespaces` are all those of the project.
pub(super) fn follow(
    from: &QuotaSpec,
    goal: &QuotaSpec,
    used: &Limits,
    namespaces: &Namespaces<'_>,
) -> Change {
    let empty = || QuotaSpec { limit: Limits::new(), namespace_default: Limits::new() };
    let (mut first, mut last, mut obstacles) = (empty(), empty(), Vec::new());
    let (mut shrunk, mut grown) = (Moves::default(), Moves::default());
    let mut is_stuck = false;
    for (name, limit) in &goal.limit {
        let each = goal.namespace_default.get(name).unwrap_or(limit);
        let now = from.limit.get(name).copied().zip(from.namespace_default.get(name).copied());
        let key = Key { name, now, limit: *limit, each: *each, used: used.get(name).copied(), namespaces };
        let (amounts, until) = match key.way() {
            Ok(Way { before, after, until }) => {
                for namespace in before {
                    shrunk.note(namespace, name, *each);
                }
                for namespace in after {
                    grown.note(namespace, name, *each);
                }
                ((*limit, *each), until)
            }
            Err(obstacle) => {
                obstacles.push(obstacle);
                // The others may change meanwhile, if Rancher lets this one stand as it is.
                let Some(now) = now else { continue };
                is_stuck |= key.refused(now, key.used).is_some();
                (now, now.1)
            }
        };
        first.limit.insert(name.clone(), amounts.0);
        first.namespace_default.insert(name.clone(), until);
        last.limit.insert(name.clone(), amounts.0);
        last.namespace_default.insert(name.clone(), amounts.1);
    }
    if is_stuck {
        return Change { shrink: Vec::new(), first: None, grow: Vec::new(), last: None, obstacles };
    }
    let shrink = shrunk.shares(namespaces, &Moves::default());
    let grow = grown.shares(namespaces, &shrunk);
    let last = (last != first).then_some(last);
    Change { shrink, first: (first != *from).then_some(first), grow, last, obstacles }
}

/// What namespaces get, key by key.
#[derive(Default)]
struct Moves<'a>(BTreeMap<&'a NamespaceName, Limits>);

impl<'a> Moves<'a> {
    fn note(&mut self, namespace: &'a NamespaceName, key: &str, amount: Quantity) {
        self.0.entry(namespace).or_default().insert(key.into(), amount);
    }

    /// Returns the shares after these moves; `earlier` ones have been made by then.
    fn shares(&self, namespaces: &Namespaces<'_>, earlier: &Self) -> Vec<Share> {
        let share = |name: &NamespaceName, namespace: &Namespace| {
            let moves = self.0.get(name)?;
            let mut from = namespace.quota.clone().unwrap_or_default();
            from.extend(
                earlier.0.get(name).into_iter().flatten().map(|(key, amount)| (key.clone(), *amount)),
            );
            let mut to = from.clone();
            to.extend(moves.iter().map(|(key, amount)| (key.clone(), *amount)));
            Some(Share { namespace: name.clone(), from, to })
        };
        namespaces.iter().filter_map(|(name, namespace)| share(name, namespace)).collect()
    }
}

impl<'a> Key<'a> {
    /// Returns what the namespaces have that Rancher counts.
    fn counted(&self) -> impl Iterator<Item = (&'a NamespaceName, Quantity)> + '_ {
        let counted = self.namespaces.iter().filter(|(_, namespace)| namespace.is_counted());
        counted.filter_map(|(name, namespace)| Some((*name, *namespace.quota.as_ref()?.get(self.name)?)))
    }

    /// Returns how the key gets from what it is to what it should be.
    fn way(&self) -> Result<Way<'a>, Obstacle> {
        let old = self.now.map(|(_, each)| each);
        let is_settled = self.now == Some((self.limit, self.each));
        let follows = |amount: Quantity| Some(amount) == old && amount != self.each;
        let shrinks = |amount: Quantity| follows(amount) && amount > self.each;
        let before: Vec<_> =
            self.counted().filter(|(_, amount)| shrinks(*amount)).map(|(name, _)| name).collect();
        let at_once = sum(self.counted().map(|(_, now)| if shrinks(now) { self.each } else { now }));
        let counted = if before.is_empty() { self.used } else { Some(at_once) };
        if !is_settled && at_once > self.limit {
            let who = self.counted().map(|(name, now)| (name.clone(), now)).collect();
            let have = sum(self.counted().map(|(_, now)| now));
            return Err(Obstacle::InUse { key: self.name.to_owned(), limit: self.limit, have, who });
        }
        let all = sum(self.counted().map(|(_, now)| if follows(now) { self.each } else { now }));
        let grows = |amount: Quantity| follows(amount) && amount < self.each && all <= self.limit;
        let after: Vec<_> =
            self.counted().filter(|(_, amount)| grows(*amount)).map(|(name, _)| name).collect();
        let until = old.filter(|_| !after.is_empty()).unwrap_or(self.each);
        match self.refused((self.limit, until), counted) {
            Some(obstacle) => Err(obstacle),
            None => Ok(Way { before, after, until }),
        }
    }

    /// Says why Rancher refuses a limit and a default while it counts `counted`: a limit must not fall below what it
    /// counts; a default that it counts nowhere yet must fit once for each namespace.
    fn refused(&self, (limit, each): (Quantity, Quantity), counted: Option<Quantity>) -> Option<Obstacle> {
        let key = self.name.to_owned();
        match counted {
            Some(counted) if counted > limit => {
                let have = sum(self.counted().map(|(_, now)| now));
                Some(Obstacle::Stale { key, limit, counted, have })
            }
            Some(_) => None,
            None => {
                let count = self.namespaces.len();
                let times = i128::try_from(count).ok().and_then(|count| each.scaled(count, 1));
                let fits = times.is_some_and(|times| times <= limit);
                (!fits).then_some(Obstacle::TooMany { key, limit, each, count })
            }
        }
    }
}

/// Amounts beyond what can be said are beyond every limit as well.
fn sum(amounts: impl Iterator<Item = Quantity>) -> Quantity {
    let add = |all: Quantity, one: Quantity| all.plus(one).unwrap_or(Quantity::whole(i64::MAX));
    amounts.fold(Quantity::ZERO, add)
}

impl fmt::Display for Obstacle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { key, limit, have, who } => {
                let who: Vec<String> = who.iter().map(|(name, amount)| format!("{name} {amount}")).collect();
                write!(out, "{key} would be {limit}, its namespaces have {have} ({})", who.join(", "))
            }
            Self::Stale { key, limit, counted, have } => write!(
                out,
                "{key} should be {limit}, Rancher counts {counted} in its namespaces, which have {have}"
            ),
            Self::TooMany { key, limit, each, count: _ } => write!(out, "{key} {each} each, of {limit}"),
        }
    }
}

impl Obstacle {
    /// Returns what such obstacles have in common; each says the rest.
    pub(super) fn opening(&self) -> String {
        match self {
            Self::InUse { .. } => "its quota cannot shrink yet".to_owned(),
            Self::Stale { .. } => "its quota waits".to_owned(),
            Self::TooMany { count, .. } => {
                format!(
                    "its quota waits, because Rancher gives each of its {count} namespaces a share at once"
                )
            }
        }
    }

    /// Returns what a person can do.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::InUse { .. } => {
                "lower the quotas of the project's namespaces first; the project then follows".to_owned()
            }
            Self::Stale { .. } => {
                "Rancher counts anew when the quota of one of the project's namespaces is changed".to_owned()
            }
            Self::TooMany { count, .. } => {
                format!("set namespace_share to 1/{count} or less, or remove namespaces until they fit")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Limits {
        serde_yaml::from_str(&format!("{{{text}}}")).unwrap()
    }

    fn spec(limit: &str, each: &str) -> QuotaSpec {
        QuotaSpec { limit: limits(limit), namespace_default: limits(each) }
    }

    /// Works a change out, and says it in a line for each step.
    fn worked_out(from: &QuotaSpec, goal: &QuotaSpec, used: &str, has: &[(&str, &str)]) -> Vec<String> {
        let namespaces: Vec<(NamespaceName, Namespace)> = has
            .iter()
            .map(|(name, quota)| {
                let quota = (*quota != "-").then(|| limits(quota.trim_start_matches('!')));
                let oversubscribed = has.iter().any(|(one, quota)| one == name && quota.starts_with('!'));
                (name.parse().unwrap(), Namespace { quota, oversubscribed, ..Namespace::default() })
            })
            .collect();
        let namespaces: Vec<_> = namespaces.iter().map(|(name, namespace)| (name, namespace)).collect();
        let change = follow(from, goal, &limits(used), &namespaces);
        let text = |limits: &Limits| {
            let texts: Vec<String> = limits.iter().map(|(key, amount)| format!("{key} {amount}")).collect();
            texts.join(" ")
        };
        let share = |one: &Share| format!("{}: {} -> {}", one.namespace, text(&one.from), text(&one.to));
        let project = |spec: &QuotaSpec| format!("{} / {}", text(&spec.limit), text(&spec.namespace_default));
        let mut lines: Vec<String> = change.shrink.iter().map(share).collect();
        lines.extend(change.first.as_ref().map(project));
        lines.extend(change.grow.iter().map(share));
        lines.extend(change.last.as_ref().map(project));
        lines.extend(change.obstacles.iter().map(ToString::to_string));
        lines
    }

    #[test]
    fn the_project_grows_before_its_namespaces_and_its_default_last() {
        let (from, goal) = (spec("c: 8", "c: 4"), spec("c: 16", "c: 8"));
        assert_eq!(worked_out(&from, &goal, "", &[]), ["c 16 / c 8"], "nobody follows");
        assert_eq!(
            worked_out(&from, &goal, "c: 6", &[("a", "c: 4"), ("own", "c: 2")]),
            ["c 16 / c 4", "a: c 4 -> c 8", "c 16 / c 8"],
            "who was given something else keeps it"
        );
        // Cut off after the first step, or after the second: the rest follows.
        let middle = spec("c: 16", "c: 4");
        assert_eq!(worked_out(&middle, &goal, "c: 4", &[("a", "c: 4")]), ["a: c 4 -> c 8", "c 16 / c 8"]);
        assert_eq!(worked_out(&middle, &goal, "c: 8", &[("a", "c: 8")]), ["c 16 / c 8"]);
    }

    #[test]
    fn namespaces_shrink_before_their_project() {
        let (from, goal) = (spec("c: 8", "c: 8"), spec("c: 4", "c: 4"));
        assert_eq!(worked_out(&from, &goal, "c: 8", &[("a", "c: 8")]), ["a: c 8 -> c 4", "c 4 / c 4"]);
        assert_eq!(worked_out(&from, &goal, "c: 4", &[("a", "c: 4")]), ["c 4 / c 4"], "cut off in between");
        assert_eq!(
            worked_out(&from, &goal, "c: 6", &[("a", "c: 5"), ("b", "c: 1")]),
            ["c would be 4, its namespaces have 6 (a 5, b 1)"]
        );
    }

    #[test]
    fn one_key_may_shrink_while_another_grows_or_waits() {
        let (from, goal) = (spec("c: 8, m: 8", "c: 8, m: 8"), spec("c: 4, m: 16", "c: 4, m: 16"));
        assert_eq!(
            worked_out(&from, &goal, "c: 8, m: 8", &[("a", "c: 8, m: 8")]),
            ["a: c 8 m 8 -> c 4 m 8", "c 4 m 16 / c 4 m 8", "a: c 4 m 8 -> c 4 m 16", "c 4 m 16 / c 4 m 16"]
        );
        assert_eq!(
            worked_out(&from, &goal, "c: 7, m: 2", &[("a", "c: 7, m: 2")]),
            ["c 8 m 16 / c 8 m 16", "c would be 4, its namespaces have 7 (a 7)"]
        );
    }

    #[test]
    fn a_stale_count_is_not_argued_with() {
        let (from, goal) = (spec("c: 8", "c: 8"), spec("c: 4", "c: 4"));
        let said = worked_out(&from, &goal, "c: 6", &[]);
        assert_eq!(said, ["c should be 4, Rancher counts 6 in its namespaces, which have 0"]);
        // A count above the present limit keeps every other key from changing, too.
        let (from, goal) = (spec("c: 8, m: 1", "c: 8, m: 1"), spec("c: 8, m: 2", "c: 8, m: 2"));
        let said = worked_out(&from, &goal, "c: 99, m: 0", &[]);
        assert_eq!(said, ["c should be 8, Rancher counts 99 in its namespaces, which have 0"]);
    }

    #[test]
    fn a_first_quota_must_fit_once_for_each_namespace() {
        let (from, goal) = (spec("", ""), spec("c: 8", "c: 4"));
        let has = [("a", "-"), ("b", "-"), ("d", "-")];
        assert_eq!(worked_out(&from, &goal, "", &has[..2]), ["c 8 / c 4"]);
        let said = worked_out(&from, &goal, "", &has);
        assert_eq!(said, ["c 4 each, of 8"]);
        // A key that is new beside one that is counted.
        let (from, goal) = (spec("c: 8", "c: 8"), spec("c: 16, m: 8", "c: 16, m: 8"));
        let said = worked_out(&from, &goal, "c: 8", &[("a", "c: 8"), ("b", "!c: 8")]);
        assert_eq!(said.len(), 4, "{said:?}");
        assert_eq!(said[..3], ["c 16 / c 8", "a: c 8 -> c 16", "c 16 / c 16"]);
        assert_eq!(said[3], "m 8 each, of 8");
    }

    #[test]
    fn namespaces_do_not_grow_beyond_their_project() {
        let (from, goal) = (spec("c: 8", "c: 4"), spec("c: 8", "c: 8"));
        assert_eq!(worked_out(&from, &goal, "c: 8", &[("a", "c: 4"), ("b", "c: 4")]), ["c 8 / c 8"]);
        assert_eq!(worked_out(&from, &goal, "c: 4", &[("a", "c: 4")]), ["a: c 4 -> c 8", "c 8 / c 8"]);
    }

    #[test]
    fn a_key_that_goes_is_not_written() {
        let (from, goal) = (spec("c: 8, m: 8", "c: 8, m: 8"), spec("c: 8", "c: 8"));
        assert_eq!(worked_out(&from, &goal, "c: 8, m: 8", &[("a", "c: 8, m: 8")]), ["c 8 / c 8"]);
    }
}
