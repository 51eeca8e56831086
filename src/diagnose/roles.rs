//! The role templates that people are bound as: whether they exist, are for projects, and may be assigned.

use std::collections::BTreeSet;

use super::finding::{CUT, Check, Finding, Place};
use super::rancher::trouble;
use super::{Site, cluster};
use crate::model::policy::OfferingPolicy;
use crate::model::world::RoleTemplate;
use crate::model::{ClusterRef, RoleTemplateId};
use crate::rancher::Client;

const CHECK: Check = Check::Roles;

/// Looks at each role that the configuration names for a cluster.
pub(super) async fn look(site: &Site<'_>, client: &Client, at: &ClusterRef, place: &Place) -> Vec<Finding> {
    let wanted: BTreeSet<&RoleTemplateId> =
        cluster::offerings(site, at).flat_map(|(_, it)| bound(it)).collect();
    let known = match client.role_templates().await {
        Ok(known) => known,
        Err(error) => return vec![Finding::trouble(CHECK, place, trouble(&error))],
    };
    let one = |role: &RoleTemplateId| match (known.known().and_then(|known| known.get(role)), known.gap()) {
        (Some(template), _) => judge(place, role, template),
        // Plans bind nobody as a role that they cannot see.
        (None, Some(gap)) => {
            let said = format!("{role} is not among the roles that can be read: {gap}");
            Finding::wrong(CHECK, place, said, CUT)
        }
        (None, None) => {
            let hint = "write the id of a role template as Rancher's address bar shows it, such as project-member or \
                        rt-abcde, as default_role or in role_map";
            Finding::wrong(CHECK, place, format!("there is no role {role}"), hint)
        }
    };
    wanted.into_iter().map(one).collect()
}

/// Returns as what an offering binds people.
fn bound(offering: &OfferingPolicy) -> Vec<&RoleTemplateId> {
    if offering.role_map.is_empty() { vec![&offering.role] } else { offering.role_map.values().collect() }
}

fn judge(place: &Place, role: &RoleTemplateId, template: &RoleTemplate) -> Finding {
    let RoleTemplate { context, locked } = template;
    if context != "project" {
        let said = format!("{role} is a role for a {context}, not for a project");
        let said = if context.is_empty() { format!("{role} is no role for a project") } else { said };
        return Finding::wrong(CHECK, place, said, "name a role of projects, such as project-member");
    }
    if *locked {
        let hint = "unlock it in Rancher, or name another: nobody is bound anew as long as it is locked";
        return Finding::wrong(CHECK, place, format!("{role} is locked"), hint);
    }
    Finding::well(CHECK, place, format!("{role} is for projects, and not locked"))
}
