//! Calls that no program in here may make, whole or with some arguments.

use std::collections::BTreeMap;

use libc::c_long;
use rustix::process::getpid;
use seccompiler::{
    BackendError, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition, SeccompRule,
};

use crate::confinement::Confinement;

/// What decides which calls are dangerous.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    /// The program could change files of Stanch's own user.
    pub(super) shares_user: bool,
    /// Landlock, a user or a namespace of its own keep its signals away from others.
    pub(super) signals_contained: bool,
    /// There is a door to reach.
    pub(super) door: bool,
}

/// Landlock's ABI that keeps signals inside.
const SCOPED_SIGNALS: i32 = 6;

impl Situation {
    pub(super) fn of(confinement: &Confinement) -> Self {
        let shares_user = confinement.shares_user;
        Self {
            shares_user,
            signals_contained: !shares_user || confinement.landlock >= SCOPED_SIGNALS,
            door: confinement.door.is_some(),
        }
    }
}

/// Whatever their arguments.
const ALWAYS: &[c_long] = &[
    // Other processes: their memory, their descriptors, their fate.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setattr,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // The group is the tree: nobody leaves it, so that ending it ends all.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // Namespaces, mounts, roots.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_mount_setattr,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    // The kernel.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_setup,
    libc::SYS_io_submit,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    libc::SYS_personality,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_vmsplice,
    // Memory that no limit counts, and that outlives the program.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    // Files: what Landlock does not look at.
    libc::SYS_truncate,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    libc::SYS_inotify_add_watch,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    // Being reached by others.
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
];

#[cfg(target_arch = "x86_64")]
const ALWAYS_OLDER: &[c_long] = &[
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_kexec_file_load,
];

#[cfg(not(target_arch = "x86_64"))]
const ALWAYS_OLDER: &[c_long] = &[];

/// Reaching others, where there is no door.
const SOCKETS: &[c_long] =
    &[libc::SYS_socket, libc::SYS_connect, libc::SYS_getsockname, libc::SYS_getpeername];

/// Changing mode and times of files by their path, which Landlock does not look at.
const METADATA: &[c_long] = &[libc::SYS_fchmodat, libc::SYS_utimensat];

#[cfg(target_arch = "x86_64")]
const METADATA_OLDER: &[c_long] =
    &[libc::SYS_chmod, libc::SYS_utime, libc::SYS_utimes, libc::SYS_futimesat];

#[cfg(not(target_arch = "x86_64"))]
const METADATA_OLDER: &[c_long] = &[];

/// Makes a new namespace; of `clone`, whose newer form is not there.
const NEW_NAMESPACE: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWCGROUP,
];

/// Types into a terminal, or says who gets a signal when a descriptor is ready.
const IOCTLS: [u64; 4] = [0x5412, 0x541c, 0x8901, 0x8902];

/// `F_SETOWN`, `F_SETSIG`, `F_SETOWN_EX`: the same.
const FCNTLS: [u64; 3] = [8, 10, 15];

/// `SOCK_DGRAM`, `SOCK_RAW`, `SOCK_RDM`, `SOCK_DCCP`, `SOCK_PACKET`: each message may name another
/// receiver.
const LOOSE_SOCKETS: [u64; 5] = [2, 3, 4, 6, 10];

/// The bits of a socket's type that are no flags.
const SOCKET_TYPE: u64 = 0xf;

/// The rules: a call that matches one is denied, and one with no rule always.
pub(super) fn rules(
    situation: &Situation,
) -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let mut whole: Vec<c_long> = [ALWAYS, ALWAYS_OLDER].concat();
    if !situation.door {
        whole.extend(SOCKETS);
    }
    if situation.shares_user {
        whole.extend(METADATA);
        whole.extend(METADATA_OLDER);
    }
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        whole.into_iter().map(|call| (call, Vec::new())).collect();
    rules.extend(by_argument(situation)?);
    Ok(rules)
}

fn by_argument(situation: &Situation) -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let bit = |flag: i32| {
        let flag = u64::from(flag.unsigned_abs());
        one(0, SeccompCmpOp::MaskedEq(flag), flag)
    };
    let others_than_itself = vec![one(0, SeccompCmpOp::Ne, 0)?];
    let mut rules = BTreeMap::from([
        (libc::SYS_clone, NEW_NAMESPACE.into_iter().map(bit).collect::<Result<Vec<_>, _>>()?),
        (libc::SYS_ioctl, each(1, &IOCTLS)?),
        (libc::SYS_fcntl, each(1, &FCNTLS)?),
        (libc::SYS_prlimit64, others_than_itself.clone()),
        (libc::SYS_sched_setaffinity, others_than_itself),
        (libc::SYS_socketpair, sockets(libc::AF_UNIX)?),
    ]);
    if situation.door {
        rules.insert(libc::SYS_socket, sockets(libc::AF_INET)?);
    }
    if !situation.signals_contained {
        let itself = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());
        let group = u64::from(getpid().as_raw_nonzero().get().wrapping_neg().cast_unsigned());
        rules.insert(libc::SYS_kill, vec![all_but(&[0, itself, group])?]);
        rules.insert(libc::SYS_tgkill, vec![all_but(&[itself])?]);
        rules.insert(libc::SYS_tkill, vec![all_but(&[itself])?]);
    }
    Ok(rules)
}

/// Sockets of another family, and those that are no streams.
fn sockets(family: i32) -> Result<Vec<SeccompRule>, BackendError> {
    let mut rules = vec![one(0, SeccompCmpOp::Ne, u64::from(family.unsigned_abs()))?];
    for kind in LOOSE_SOCKETS {
        rules.push(one(1, SeccompCmpOp::MaskedEq(SOCKET_TYPE), kind)?);
    }
    Ok(rules)
}

/// One rule for each value of an argument.
fn each(argument: u8, values: &[u64]) -> Result<Vec<SeccompRule>, BackendError> {
    values.iter().map(|value| one(argument, SeccompCmpOp::Eq, *value)).collect()
}

/// A first argument that is none of `values`.
fn all_but(values: &[u64]) -> Result<SeccompRule, BackendError> {
    let condition = |value: &u64| SeccompCondition::new(0, Dword, SeccompCmpOp::Ne, *value);
    SeccompRule::new(values.iter().map(condition).collect::<Result<_, _>>()?)
}

fn one(argument: u8, comparison: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, Dword, comparison, value)?])
}
