//! Every job that a `.sync` task can wait for, against a small endpoint that stands in for its service: all
//! of its ends, a stop, a timeout, a refusal, and a server that is killed while the job runs.
//!
//! `walk.rs` says what is done with each job; a file for each service says what its jobs are like.

mod athena;
mod batch;
mod bedrock;
mod code_build;
mod data_brew;
mod ecs;
mod eks;
mod emr;
mod emr_containers;
mod emr_serverless;
mod endpoint;
mod glue;
#[path = "../harness/mod.rs"]
mod harness;
mod job;
mod media_convert;
mod sage_maker;
mod walk;
