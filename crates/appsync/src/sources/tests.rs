//! Data sources, asked.
