//! Questions that somebody's order would wait for one after the other, asked at once.

use super::TeamSite;
use crate::model::GroupName;
use crate::model::desired::Basis;
use crate::plan::diff::team::TeamRef;
use crate::plan::diff::{Draft, names, parents};

impl TeamSite<'_, '_> {
    /// Asks, together with who the people are, what their first group will need once they are known: Waldur's `team`
    /// and whether the names are free. Only for orders: elsewhere people may stay unknown for long, and so much is not
    /// asked on their account in every cycle.
    pub(super) fn ask_ahead(&self, draft: &mut Draft<'_>) {
        let is_ordered =
            self.served.iter().any(|served| draft.ordered.open(self.site.uuid, served.uuid).is_some());
        let is_first = self.homes.iter().all(|home| home.group.is_none());
        if !is_ordered || !is_first || self.crowd.is_looked_up() {
            return;
        }
        let Some(first) = self.served.first() else { return };
        if !matches!(self.team.basis, Basis::Confirmed(_)) {
            let (site, about, project, served) = (self.site, self.about, self.project, self.served);
            TeamRef { site, about, project, served }.ask(draft);
        }
        let naming = self.site.naming(first.uuid, first.resource);
        let roles = self.homes.iter().filter_map(|home| home.role.as_ref());
        let children = roles.map(|role| naming.child(self.keycloak, &role.name));
        let parent = parents::is_missing(draft, self.keycloak, naming).then(|| naming.parent(self.keycloak));
        // What has no name is told of where the group would be made.
        let all: Vec<GroupName> = children.chain(parent).flatten().collect();
        for name in all {
            names::ask(draft, &self.keycloak.realm, &name);
        }
    }
}
