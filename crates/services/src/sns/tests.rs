//! SNS as its callers see it: what is asked, what is answered, what goes out. The world is made up, and its clock stands
//! still until a test moves it.

mod fifo;
pub(super) mod key;
mod model;
mod outward;
mod signatures;
mod topics;
mod world;
