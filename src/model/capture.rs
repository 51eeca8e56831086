//! A world in a file, with the policy it was taken under: what `--world` reads and every fixture is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::world::World;

/// A captured world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Of this form; see [`Capture::FORMAT_VERSION`].
    pub format_version: u32,
    /// What the operator had decided.
    pub policy: Policy,
    /// What was read.
    pub world: World,
}

/// A file that is no captured world.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCapture {
    /// It cannot be read as one.
    #[error("it is no captured world")]
    Malformed(#[source] serde_yaml::Error),
    /// Another version of this program wrote it.
    #[error("it has format version {found}, this program reads {reads}", reads = Capture::FORMAT_VERSION)]
    Version {
        /// As the file says.
        found: u32,
    },
}

impl Capture {
    /// Grows by one whenever an older program would misread a newer file.
    pub const FORMAT_VERSION: u32 = 1;

    /// Puts a world and its policy together.
    pub const fn new(policy: Policy, world: World) -> Self {
        Self { format_version: Self::FORMAT_VERSION, policy, world }
    }

    /// Reads a captured world.
    ///
    /// # Errors
    /// If the text is none, or of another version.
    pub fn from_yaml(text: &str) -> Result<Self, InvalidCapture> {
        #[derive(Deserialize)]
        struct Version {
            format_version: u32,
        }
        let Version { format_version } = serde_yaml::from_str(text).map_err(InvalidCapture::Malformed)?;
        if format_version != Self::FORMAT_VERSION {
            return Err(InvalidCapture::Version { found: format_version });
        }
        serde_yaml::from_str(text).map_err(InvalidCapture::Malformed)
    }

    /// Writes a captured world.
    ///
    /// # Errors
    /// None in practice: everything in it has a YAML form.
    pub fn to_yaml(&self) -> Result<String, serde_yaml::Error> {
        serde_yaml::to_string(self)
    }
}
