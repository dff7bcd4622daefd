//! Stories of one run, told as events in and effects out.
