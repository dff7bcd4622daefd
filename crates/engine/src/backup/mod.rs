//! Backup of a running instance, and restoring one.
//!
//! A backup is a tar: the books (a consistent copy), the intake log, the configuration if it stands in
//! the data folder, and last a list of all that with sizes and SHA-256. What was cut off or changed
//! has no list that fits, and is refused as a whole. What stands outside the data folder (credential
//! files, `--content` folders) is not in it.
//!
//! A restored instance does not act before it has looked: see [`held`].

mod format;
mod held;
mod restore;
mod take;

pub use self::{
    format::{BackupFile, Contents},
    held::Restored,
    restore::{RestoreError, restore},
};
pub(crate) use held::{HOLDS, hold, may_act, release};
pub(crate) use take::sweep;
