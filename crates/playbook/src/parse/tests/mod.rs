//! Tests of the reader: places in every style of YAML, and texts that are out to hurt.

mod hostile;
mod places;
mod random;
mod values;
