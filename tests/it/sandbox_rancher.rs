//! The sandbox, row by row: rancher. Each row is a small story; one that fails names itself.

mod bindings;
mod doors;
mod import_yaml;
mod kubernetes;
mod lists;
mod namespaces;
mod projects;
mod quotas;
mod row;
