//! The factors of which small worlds are the product: what Waldur wants, and what is found.

/// Which worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// One resource, and a group for each of two roles.
    Roles,
    /// Two resources of one Waldur project, and one group.
    Resources,
}

/// What a person is in the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Nothing,
    Member,
    Manager,
    Both,
}

/// What Waldur wants with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Open,
    Restricted,
    /// Something went wrong with it after it was provisioned: people keep their access.
    Erred,
    /// Terminated: nobody looks at what is left of it.
    Ended,
}

/// What Rancher has for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A project with our mark that Waldur names.
    Ours,
    /// One with our mark, of which Waldur was not told.
    Unrecorded,
    /// The Python agent's, which Waldur names.
    Left,
    /// The Python agent's, known by its name and labels alone.
    Labelled,
    /// One without any mark, which Waldur names.
    Bare,
    /// One of its name that says nothing else.
    Namesake,
    /// One with our mark whose removal has begun.
    Removing,
}

/// How the groups that are there, or should be, are bound to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    Nothing,
    /// Each in its role, with our mark.
    Ours,
    /// The first in its role, with our mark; the other one not at all.
    FirstOnly,
    /// Each in its role, without a mark.
    Unmarked,
    /// Each in another role than its own.
    OtherRole,
}

/// Who is in a group, as bits: the two people, and a stray.
pub(super) type Crowd = u8;
pub(super) const STRAY: Crowd = 4;

/// What Keycloak has for the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Groups {
    /// For each role a group of ours, or none. With one role the second is never there.
    Ours([Option<Crowd>; 2]),
    /// The Python agent's group.
    Left(Crowd),
}

/// One resource, in Waldur and in Rancher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ordered {
    pub(super) wish: Wish,
    pub(super) found: Found,
    pub(super) tie: Tie,
}

/// One small site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) people: [Part; 2],
    pub(super) resources: Vec<Ordered>,
    pub(super) groups: Groups,
}

impl Site {
    /// Returns whether its readings are spoilt, too: those sites where the factors that matter then differ.
    pub(super) fn is_spoilt_too(&self) -> bool {
        let is_plain = |one: &Ordered| {
            matches!(
                (one.found, one.tie),
                (Found::Nothing, _) | (Found::Ours, Tie::Ours | Tie::Nothing) | (Found::Left, Tie::Unmarked)
            )
        };
        let has_stray = |crowd: &Crowd| crowd & STRAY != 0;
        let crowds = match self.groups {
            Groups::Ours(crowds) => crowds,
            Groups::Left(crowd) => [Some(crowd), None],
        };
        // One stray in the last group that is there shows what two would.
        let strays = crowds.iter().flatten().filter(|crowd| has_stray(crowd)).count();
        let last = crowds.iter().flatten().next_back();
        self.resources.iter().all(is_plain)
            && self.resources.iter().all(|one| matches!(one.wish, Wish::Open | Wish::Restricted))
            && self.resources.first().is_some_and(|one| one.wish == Wish::Open)
            && (strays == 0 || strays == 1 && last.is_some_and(|crowd| *crowd == STRAY))
    }
}

/// Returns every site of a set.
pub(super) fn all(set: Set) -> Vec<Site> {
    let groups = groups(set);
    let mut sites = Vec::new();
    for people in people(set) {
        for resources in resources(set) {
            sites.extend(groups.iter().map(|groups| Site {
                people,
                resources: resources.clone(),
                groups: *groups,
            }));
        }
    }
    sites
}

fn people(set: Set) -> Vec<[Part; 2]> {
    let (first, second) = match set {
        // Two people with both roles say no more than one.
        Set::Roles => (
            &[Part::Nothing, Part::Member, Part::Manager, Part::Both][..],
            &[Part::Nothing, Part::Member, Part::Manager][..],
        ),
        Set::Resources => (&[Part::Nothing, Part::Member][..], &[Part::Nothing, Part::Member][..]),
    };
    first.iter().flat_map(|one| second.iter().map(|two| [*one, *two])).collect()
}

fn resources(set: Set) -> Vec<Vec<Ordered>> {
    let ordered = |wishes: &[Wish], places: &[(Found, Tie)]| -> Vec<Ordered> {
        let of =
            |wish: Wish| places.iter().map(move |(found, tie)| Ordered { wish, found: *found, tie: *tie });
        wishes.iter().flat_map(|wish| of(*wish).collect::<Vec<_>>()).collect()
    };
    let places = places(set);
    match set {
        Set::Roles => {
            let wishes = [Wish::Open, Wish::Restricted, Wish::Erred, Wish::Ended];
            ordered(&wishes, &places).into_iter().map(|one| vec![one]).collect()
        }
        // The first may be erred, the second ended: which of them it is makes no difference.
        Set::Resources => {
            let first = ordered(&[Wish::Open, Wish::Restricted, Wish::Erred], &places);
            let second = ordered(&[Wish::Open, Wish::Restricted, Wish::Ended], &places);
            first.iter().flat_map(|one| second.iter().map(|two| vec![*one, *two])).collect()
        }
    }
}

fn places(set: Set) -> Vec<(Found, Tie)> {
    let mut places = vec![
        (Found::Nothing, Tie::Nothing),
        (Found::Ours, Tie::Nothing),
        (Found::Ours, Tie::Ours),
        (Found::Ours, Tie::Unmarked),
        (Found::Ours, Tie::OtherRole),
        (Found::Left, Tie::Unmarked),
        (Found::Namesake, Tie::Nothing),
        (Found::Removing, Tie::Ours),
    ];
    if set == Set::Roles {
        places.extend([
            (Found::Ours, Tie::FirstOnly),
            (Found::Unrecorded, Tie::Ours),
            (Found::Left, Tie::OtherRole),
            (Found::Left, Tie::Nothing),
            (Found::Labelled, Tie::Unmarked),
            (Found::Bare, Tie::Unmarked),
        ]);
    }
    places
}

fn groups(set: Set) -> Vec<Groups> {
    let crowds = || (0..8).map(Some);
    let homes = || std::iter::once(None).chain(crowds());
    let left = (0..8).map(Groups::Left);
    match set {
        Set::Roles => {
            homes().flat_map(|one| homes().map(move |two| Groups::Ours([one, two]))).chain(left).collect()
        }
        Set::Resources => homes().map(|one| Groups::Ours([one, None])).chain(left).collect(),
    }
}
