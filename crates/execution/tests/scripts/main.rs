//! What an execution does, told by scripts: a machine and what happens to it go in, every event and
//! every effect comes out. `UPDATE_EXPECT=1 cargo test` rewrites the expectations.

mod harness;
mod print;

mod activity;
mod callback;
mod catch;
mod choice;
mod context;
mod cost;
mod distributed_map;
mod ends;
mod express;
mod intrinsic;
mod jsonata;
mod jsonata_failures;
mod map;
mod mocks;
mod parallel;
mod pass;
mod properties;
mod recorded;
mod redrive;
mod retry;
mod task;
mod test_state;
mod test_state_jsonata;
mod test_state_map;
mod variables;
mod wait;
