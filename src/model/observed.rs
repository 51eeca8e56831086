//! The world searched for what is ours: what there is.
