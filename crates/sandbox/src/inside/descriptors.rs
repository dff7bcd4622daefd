//! Inherited files: whatever else is open, the program sees its three standard streams.

/// The first descriptor that is no standard stream.
const FIRST: i32 = 3;

/// Marks everything but the standard streams to be closed when the program begins.
pub(super) fn close_on_exec() {
    close_fds::set_fds_cloexec(FIRST, &[]);
}
