//! The sandbox, row by row: keycloak.
