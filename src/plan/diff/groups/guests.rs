//! Who is in a group, does not belong there and stays for now: a new binding would let them in where they never were.

use super::{MemberDiff, TeamSite};
use crate::model::{Evidence, Reading};
use crate::plan::diff::Draft;

impl<'w> TeamSite<'_, 'w> {
    /// Notes whether the group may have guests. `evidence` is what people are taken out of it by.
    pub(super) fn note_guests(
        &self,
        draft: &mut Draft<'w>,
        index: usize,
        diff: &MemberDiff,
        evidence: Option<Evidence>,
    ) {
        let home = &self.homes[index];
        let Some((id, _)) = home.group else { return };
        let unseen = home.members.and_then(Reading::complete).is_none();
        if unseen || self.has_guests(diff, evidence) {
            draft.with_guests.insert(id);
        }
    }

    fn has_guests(&self, diff: &MemberDiff, evidence: Option<Evidence>) -> bool {
        // Who leaves waits for bindings of resources that were not seen, too, and may wait for ever.
        let evidence = evidence.filter(|_| self.site.offering.resources.complete().is_some());
        // A stray may be one of the team whom nobody knows yet (rule 6), and the others need not wait for that; but
        // they wait for an answer that is missing only now.
        let strays = !diff.strays.is_empty()
            && if self.crowd.unknown.is_empty() { evidence.is_none() } else { !self.crowd.is_looked_up() };
        let belongs = |index| move |user| self.seats.belongs(user, index);
        let mut movers = diff.movers.keys();
        let homeless = movers
            .any(|person| !(0..self.homes.len()).any(|index| self.crowd.users(person).any(belongs(index))));
        strays || evidence.is_none() && (homeless || !diff.leavers.is_empty())
    }
}
