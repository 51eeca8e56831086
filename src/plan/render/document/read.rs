//! A document from a file: checked before anything is shown of it.

use petgraph::graph::DiGraph;
use serde::Deserialize;

use super::{Document, FORMAT_VERSION};

/// A file that is no saved plan.
#[derive(Debug, thiserror::Error)]
pub enum InvalidDocument {
    /// It cannot be read as one.
    #[error("it is no saved plan")]
    Malformed(#[source] serde_json::Error),
    /// Another version of this program wrote it.
    #[error("it has format version {found}, this program reads {FORMAT_VERSION}")]
    Version {
        /// As the file says.
        found: u32,
    },
    /// The order of its steps makes no sense: nobody wrote this with this program.
    #[error("its steps cannot be ordered")]
    Disordered,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// If the text is none, is of another version, or has steps that wait for themselves or for what is not there.
    pub fn from_json(text: &str) -> Result<Self, InvalidDocument> {
        #[derive(Deserialize)]
        struct Version {
            format_version: u32,
        }
        let Version { format_version } = serde_json::from_str(text).map_err(InvalidDocument::Malformed)?;
        if format_version != FORMAT_VERSION {
            return Err(InvalidDocument::Version { found: format_version });
        }
        let document: Self = serde_json::from_str(text).map_err(InvalidDocument::Malformed)?;
        if document.is_ordered() { Ok(document) } else { Err(InvalidDocument::Disordered) }
    }

    /// Returns whether the steps are numbered as they stand, and wait in no circle.
    fn is_ordered(&self) -> bool {
        let mut graph = DiGraph::<(), ()>::with_capacity(self.steps.len(), self.steps.len());
        let nodes: Vec<_> = self.steps.iter().map(|_| graph.add_node(())).collect();
        for (index, step) in self.steps.iter().enumerate() {
            if step.step != index {
                return false;
            }
            for before in &step.after {
                let Some(node) = nodes.get(*before) else { return false };
                graph.add_edge(*node, nodes[index], ());
            }
        }
        petgraph::algo::toposort(&graph, None).is_ok()
    }
}
