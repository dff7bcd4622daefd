//! Jobs: long looks at what is in the store. They act on nothing and write nothing.

mod backtest;

pub use backtest::{
    Assumed, Backtest, BacktestOptions, Backtests, Difference, EffectName, EffectRow, GuardHits,
    NotKnown, Replayed,
};
