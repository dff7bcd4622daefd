//! Policies: mode, kill switch, protected assets, shared infrastructure, budgets, approvals.
