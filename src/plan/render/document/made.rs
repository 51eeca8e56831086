//! A document of a plan and of what the guard made of it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    AccessDocument, Deed, Document, FORMAT_VERSION, HeldDocument, NoteDocument, PairDocument, StepDocument,
    Subject,
};
use crate::plan::access::{Names, Pair};
use crate::plan::action::{Grantee, Holder};
use crate::plan::note::About;
use crate::plan::render::words::{details, is_releasable, sentence};
use crate::plan::render::{Review, escaped};
use crate::plan::{Action, Held, Note, Step};

impl Document {
    /// Writes a reviewed plan down.
    pub fn of(review: Review<'_>) -> Self {
        let Review { plan, verdict } = review;
        let admitted = &verdict.admitted;
        let titles = &plan.titles;
        let steps = admitted.steps().iter().zip(admitted.graph().dependencies()).enumerate();
        Self {
            format_version: FORMAT_VERSION,
            taken_at: plan.taken_at,
            fingerprint: admitted.fingerprint(),
            approved: verdict.approved.clone(),
            approval_is_stale: verdict.approval_is_stale,
            narrowed_to: plan.narrowed_to,
            offerings: plan.offerings.clone(),
            steps: steps
                .map(|(index, (step, after))| StepDocument {
                    step: index,
                    subject: subject(titles, &step.about),
                    deed: deed(step),
                    reason: data(&step.reason),
                    why: step.reason.to_string(),
                    after: after.into_iter().collect(),
                })
                .collect(),
            held: verdict.held.iter().map(|held| held_document(titles, held)).collect(),
            release: verdict.release.clone(),
            notes: plan.notes.iter().map(|note| note_document(titles, note)).collect(),
            access: AccessDocument {
                gained: admitted.gains().iter().map(|pair| named(&verdict.names, pair)).collect(),
                lost: admitted.losses().keys().map(|pair| named(&verdict.names, pair)).collect(),
                forgotten_later: admitted.steps().iter().any(leaves_a_group),
            },
            compared: plan.compared,
        }
    }
}

fn leaves_a_group(step: &Step) -> bool {
    matches!(step.action, Action::RemoveMember(_))
}

fn subject(titles: &BTreeMap<About, String>, about: &About) -> Subject {
    Subject { about: about.clone(), title: titles.get(about).map_or_else(|| "?".to_owned(), Clone::clone) }
}

fn deed(step: &Step) -> Deed {
    let Step { about: _, action, reason: _, order } = step;
    Deed {
        what: sentence(action),
        details: details(action),
        effect: action.effect(),
        system: action.system(),
        requests: action.requests(),
        people: people(action),
        order: order.map(|part| part.order),
        action: data(action),
    }
}

fn held_document(titles: &BTreeMap<About, String>, held: &Held) -> HeldDocument {
    let Held { step, hold } = held;
    HeldDocument {
        subject: subject(titles, &step.about),
        deed: deed(step),
        reason: data(&step.reason),
        wanted: step.reason.to_string(),
        hold: data(hold),
        why: hold.to_string(),
        releasable: is_releasable(hold),
    }
}

fn note_document(titles: &BTreeMap<About, String>, note: &Note) -> NoteDocument {
    let Note { about, kind, what, hint } = note;
    NoteDocument { subject: subject(titles, about), kind: *kind, what: what.clone(), hint: hint.clone() }
}

fn named(names: &Names, pair: &Pair) -> PairDocument {
    PairDocument {
        pair: pair.clone(),
        name: names.people.get(&pair.person).cloned(),
        title: names.resources.get(&(pair.offering, pair.resource)).cloned(),
    }
}

/// Returns whom an action names. What is bound for a whole group names nobody: who gains by it stands in the access.
fn people(action: &Action) -> Vec<String> {
    let name = if let Action::AddMember(add) = action {
        add.account.username.as_str()
    } else if let Action::RemoveMember(remove) = action {
        remove.username.as_str()
    } else if let Action::Bind(bind) = action
        && let Grantee::Person(login) = &bind.who
    {
        login.username.as_str()
    } else if let Action::Unbind(unbind) = action
        && let Holder::Person(login) = &unbind.who
    {
        login.username.as_str()
    } else {
        return Vec::new();
    };
    vec![escaped(name)]
}

/// Returns data of ours as JSON; it always has that form, as its maps have plain keys.
fn data<T: Serialize>(data: &T) -> Value {
    serde_json::to_value(data).unwrap_or_else(|error| error.to_string().into())
}
