//! Raw events on disk: a segmented append log, acknowledged by fdatasync.
