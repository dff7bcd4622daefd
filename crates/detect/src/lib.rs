//! Sigma: load, check, route by log source, evaluate, correlate.
