//! The log behind its small interface.
