//! Words for orders, and for the end of a project.

use std::collections::BTreeSet;

use super::words::{Counted, escaped};
use crate::plan::action::{CompleteOrder, Contents, DeleteProject, FailOrder, TakeOrder};

pub(super) fn take(take: &TakeOrder) -> String {
    let again = if take.again { " again" } else { "" };
    format!("take the {} order {}{again}", take.kind.as_str(), take.order)
}

pub(super) fn complete(complete: &CompleteOrder) -> String {
    format!("complete the {} order {}", complete.kind.as_str(), complete.order)
}

pub(super) fn fail(fail: &FailOrder) -> String {
    format!("fail the {} order {}", fail.kind.as_str(), fail.order)
}

pub(super) fn delete_project(delete: &DeleteProject) -> String {
    format!("delete project {} ({})", escaped(&delete.name), escaped(delete.project.as_str()))
}

/// Says what goes with a project, and what stays.
pub(super) fn contents(contents: &Contents) -> Vec<String> {
    let Contents { deleted, pods, unassigned } = contents;
    let count = |names: &BTreeSet<String>| Counted(names.len(), "namespace", "namespaces");
    let list = |names: &BTreeSet<String>| {
        let all: Vec<String> = names.iter().map(|name| escaped(name)).collect();
        all.join(", ")
    };
    let mut lines = Vec::new();
    if deleted.is_empty() {
        lines.push("nothing in it is deleted with it".to_owned());
    } else {
        let (verb, them) = if deleted.len() == 1 { ("is", "it") } else { ("are", "them") };
        let all = list(deleted);
        let (with, uncounted) = match *pods {
            None => (String::new(), " (pods not counted)"),
            Some(0) => (" without pods".to_owned(), ""),
            Some(1) => (" with 1 pod".to_owned(), ""),
            Some(pods) => (format!(" with {pods} pods"), ""),
        };
        let namespaces = count(deleted);
        lines.push(format!("{namespaces}{with} {verb} deleted with all that is in {them}: {all}{uncounted}"));
    }
    if !unassigned.is_empty() {
        let verb = if unassigned.len() == 1 { "stays" } else { "stay" };
        lines.push(format!("{} {verb}, in no project: {}", count(unassigned), list(unassigned)));
    }
    lines
}
