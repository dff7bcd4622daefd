//! Tests of the test driver, on the playbooks that we ship and on cases that must fail.
