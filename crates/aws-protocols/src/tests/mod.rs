//! Tests of the protocols, over operations of the real models.
