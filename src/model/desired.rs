//! The world sent through the policy: what there should be.
