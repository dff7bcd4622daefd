//! The imperative shell: intake, detection, triage, runs, acting, people, clock.
