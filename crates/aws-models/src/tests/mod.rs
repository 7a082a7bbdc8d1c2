//! Tests of the table as a whole, of what it says of some services, and of the check.

mod check;
mod damage;
mod models;
