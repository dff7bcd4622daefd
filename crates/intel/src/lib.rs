//! Indicators: plain lists, match index, look-up.
