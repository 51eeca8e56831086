//! `agent explain`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::format::Table;
use super::live::{Decided, Live};
use super::{shell, style};
use crate::explain::{self, Found, Ground, text};
use crate::model::world::World;
use crate::plan::render::escaped;

/// Says why something is as it is: a resource, a person or a group
///
/// The first line is the answer, such as why a person has no access. Below it stands what Waldur, Rancher and Keycloak
/// say, what the plan does about it and why, and what is held and what releases it. A person's access to a resource is
/// shown link by link, from the team to the group that is bound to the project. Nothing is written to any system.
#[derive(Debug, Args)]
#[command(after_long_help = super::exit::HELP)]
pub(super) struct Explain {
    /// What to explain: a name, a UUID, a slug, a username or an account, an id in Rancher or Keycloak
    ///
    /// A resource is known by its name, slug, UUID or Rancher project, or by its Waldur project; a person by what the
    /// offering or Waldur calls them, by UUID, or by their id in Keycloak, or in Rancher where no Keycloak is
    /// configured; a group by name or id. If several things are called so, they are listed; `resource:NAME`,
    /// `person:NAME` and `group:NAME` look for one kind alone.
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    config: super::ConfigFile,

    /// Explain a captured world in place of the live systems; needs no secrets
    ///
    /// With -c as well, the world is captured and the policy is the configuration's, as with `agent plan`.
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Table::Text)]
    format: Table,
}

impl Explain {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let (world, policy) = if let Some(file) = &self.world {
            shell::captured(file, self.config.config.as_deref())?
        } else {
            let config = shell::config(self.config.config.clone())?;
            let policy = config.policy.clone();
            let live =
                Live::look_also(config, |world| explain::questions(world, &policy, &self.name)).await?;
            (live.world, live.config.policy)
        };
        let Decided { plan, verdict } = Decided::on(&world, &policy, None, None)?;
        let ground = Ground::new(&world, &policy, &plan, &verdict);
        let subject = match explain::find(&ground, &self.name) {
            Found::One(subject) => subject,
            Found::Several(several) => return Err(self.several(&several)),
            Found::Planned(what) => return Err(self.planned(&what)),
            Found::Nothing(meant) => return Err(self.nothing(&meant, plan.is_blind_somewhere(), &world)),
        };
        let explanation = explain::explain(&ground, &subject);
        match self.format {
            Table::Text => style::print_plan(&text::render(&explanation))?,
            Table::Json => {
                style::print(&explanation.to_json().map_err(|error| Failure::of(&error))?)?;
            }
        }
        // What is held is a part of the answer; what could not be read may have changed it.
        Ok(if plan.is_blind_somewhere() { Exit::Unreachable } else { Exit::Success })
    }

    fn several(&self, several: &[(String, String)]) -> Failure {
        let what = format!("{} things are called \"{}\"", several.len(), escaped(&self.name));
        let hints = several.iter().map(|(what, name)| format!("{what}: agent explain {name}"));
        Failure { exit: Exit::Error, what, hints: hints.collect() }
    }

    fn planned(&self, what: &str) -> Failure {
        let name = escaped(&self.name);
        let what = format!("group \"{name}\" is not there yet: the plan makes it for {what}");
        Failure::new(what, "`agent plan` shows it; ask for the resource or for a person of its team")
    }

    /// Nothing has the name. What was not read may have it.
    fn nothing(&self, meant: &[String], is_blind: bool, world: &World) -> Failure {
        let place = if is_blind { " in what could be read" } else { "" };
        let what = format!("no resource, person or group is called \"{}\"{place}", escaped(&self.name));
        let hint = if meant.is_empty() {
            "name it as Waldur, Rancher or Keycloak does, or by its UUID; `agent plan` names what there is to do"
                .to_owned()
        } else {
            format!("did you mean {}?", meant.join(" or "))
        };
        let mut hints = vec![hint];
        if world.clusters.values().any(|cluster| cluster.users.is_none()) {
            let hint =
                "where Keycloak is configured, Rancher's users are not read: their ids there find nobody";
            hints.push(hint.to_owned());
        }
        Failure { exit: if is_blind { Exit::Unreachable } else { Exit::Error }, what, hints }
    }
}
