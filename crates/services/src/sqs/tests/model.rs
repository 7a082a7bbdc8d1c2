//! Beside a model.
