//! Templates for names, and which of their variables keep two names apart.

use super::entry::Entry;
use crate::model::policy::{Template, Variable};

/// What a template must speak of, and whether the child group's name is known by then.
pub(super) struct Rule {
    /// One of these is needed; if there are none, anything goes.
    apart: &'static [Variable],
    /// Whether it names the principal, the only name that comes after the child group's.
    principal: bool,
}

const RESOURCE: &[Variable] = &[Variable::ResourceSlug, Variable::ResourceUuidHex, Variable::ResourceName];
const TEAM: &[Variable] =
    &[Variable::ProjectUuidHex, Variable::ProjectSlug, Variable::ResourceUuidHex, Variable::ResourceSlug];

pub(super) const PROJECT: Rule = Rule { apart: RESOURCE, principal: false };
pub(super) const DESCRIPTION: Rule = Rule { apart: &[], principal: false };
pub(super) const PARENT: Rule = Rule { apart: &[], principal: false };
pub(super) const CHILD: Rule = Rule { apart: TEAM, principal: false };
pub(super) const PRINCIPAL: Rule = Rule { apart: &[Variable::Child], principal: true };

/// Reads a template that keeps to the rule.
pub(super) fn read(entry: &Entry<'_>, rule: &Rule) -> Option<Template> {
    let template: Template = entry.parsed("write text with variables in braces, such as {resource_slug}")?;
    if !rule.principal && template.mentions(Variable::Child) {
        entry.problem("{child} is known to `principal_template` only", "leave {child} out");
        return None;
    }
    if rule.apart.is_empty() || rule.apart.iter().any(|variable| template.mentions(*variable)) {
        return Some(template);
    }
    let names: Vec<_> = rule.apart.iter().map(|variable| format!("{{{}}}", variable.as_str())).collect();
    entry.problem("the name would be the same for all", format!("speak of {}", names.join(" or ")));
    None
}

/// Returns the template without a variable; nothing if nothing remains.
pub(super) fn without(template: &Template, variable: Variable) -> Option<Template> {
    template.to_string().replace(&format!("{{{}}}", variable.as_str()), "").parse().ok()
}
