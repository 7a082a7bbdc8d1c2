//! What a Distributed Map reads and writes: files in buckets go in, items and result files come out.
//!
//! The buckets are folders; where S3 does what no folder does, a small endpoint answers by script.

mod buckets;
mod endpoint;
mod listings;
mod manifests;
mod results;
mod single;
#[path = "../support/mod.rs"]
mod support;
