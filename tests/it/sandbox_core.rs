//! The sandbox, row by row: core.
