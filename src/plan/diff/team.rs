//! Whose team it is: who is in it as far as is known, and whether Waldur itself was asked (rule 10).

use super::projects::Served;
use super::{Draft, Site};
use crate::model::desired::{Basis, Team};
use crate::model::{ProjectUuid, Reading};
use crate::plan::note::{About, NoteKind, Question};

/// A team of a site: what a question about it needs.
#[derive(Clone, Copy)]
pub(super) struct TeamRef<'a, 'w> {
    pub(super) site: Site<'w>,
    pub(super) about: &'a About,
    pub(super) project: ProjectUuid,
    pub(super) served: &'a [Served<'w>],
}

impl<'w> TeamRef<'_, 'w> {
    /// Returns the team, and counts it; nothing if too little is known, which is said, and asked.
    pub(super) fn team(self, draft: &mut Draft<'w>) -> Option<Team<'w>> {
        let offering = self.site.offering;
        let team = self.site.team(draft, self.project);
        draft.compared.teams += 1;
        draft.compared.people += team.people.len();
        let Basis::Unknown = team.basis else { return Some(team) };
        let asked = offering.teams.get(&self.project);
        if asked.is_none() {
            self.ask(draft);
        }
        let why = asked.and_then(Reading::gap).or_else(|| offering.grants.gap()).unwrap_or_default();
        let what = format!("who is in the team could not be read: {why}");
        draft.note(self.about, NoteKind::Unreadable, what, "");
        None
    }

    /// Returns whether Waldur's `team` was asked; if not, asks, and says what waits for the answer: how many are to be
    /// added and how many to be removed.
    pub(super) fn is_confirmed(
        self,
        draft: &mut Draft<'_>,
        team: &Team<'_>,
        (joins, leaves): (usize, usize),
    ) -> bool {
        if let Basis::Confirmed(_) = team.basis {
            return true;
        }
        self.ask(draft);
        let what = if joins + leaves > 0 {
            format!("not confirmed by Waldur's team of the resource: {joins} to add, {leaves} to remove")
        } else if team.people.is_empty() {
            "not confirmed by Waldur's team of the resource: nobody is in it".to_owned()
        } else {
            "not confirmed by Waldur's team of the resource: nobody in it belongs in one of its groups"
                .to_owned()
        };
        let hint = "capture the world again, or plan against the live systems";
        draft.note(self.about, NoteKind::Held, what, hint);
        false
    }

    /// Asks Waldur's `team`.
    pub(super) fn ask(self, draft: &mut Draft<'_>) {
        if let Some(first) = self.served.first() {
            let (offering, project, resource) = (self.site.uuid, self.project, first.uuid);
            draft.questions.insert(Question::Team { offering, project, resource });
        }
    }
}
