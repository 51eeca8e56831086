//! The Python agent's defects by their names, and that they are not ours.

mod people;
mod places;
