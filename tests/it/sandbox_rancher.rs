//! The sandbox, row by row: rancher.
