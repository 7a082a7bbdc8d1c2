//! Random events, failing targets, changing rules and restarts, beside what must come of it.
