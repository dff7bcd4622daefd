//! Numbers from facts: times to detect, acknowledge and contain; share automated.
