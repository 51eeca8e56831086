//! The Python agent's defects by their names, and that they are not ours.

mod orders;
mod people;
mod places;
mod usage;
