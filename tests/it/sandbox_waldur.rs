//! The sandbox, row by row: waldur.
