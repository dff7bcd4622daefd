//! Names of system calls, for raw records that give only the number.

use crate::fields::Fields;

/// Calls that detections ask for: name, number on x86-64, number on aarch64 (from the kernel's
/// `syscall_64.tbl` and `asm-generic/unistd.h`); aarch64 lacks the older ones.
const CALLS: &[(&str, u64, Option<u64>)] = &[
    ("open", 2, None),
    ("mmap", 9, Some(222)),
    ("connect", 42, Some(203)),
    ("accept", 43, Some(202)),
    ("bind", 49, Some(200)),
    ("listen", 50, Some(201)),
    ("socket", 41, Some(198)),
    ("sendto", 44, Some(206)),
    ("clone", 56, Some(220)),
    ("fork", 57, None),
    ("vfork", 58, None),
    ("execve", 59, Some(221)),
    ("execveat", 322, Some(281)),
    ("exit_group", 231, Some(94)),
    ("kill", 62, Some(129)),
    ("rename", 82, None),
    ("renameat", 264, Some(38)),
    ("renameat2", 316, Some(276)),
    ("unlink", 87, None),
    ("unlinkat", 263, Some(35)),
    ("chmod", 90, None),
    ("fchmod", 91, Some(52)),
    ("fchmodat", 268, Some(53)),
    ("chown", 92, None),
    ("fchown", 93, Some(55)),
    ("fchownat", 260, Some(54)),
    ("ptrace", 101, Some(117)),
    ("syslog", 103, Some(116)),
    ("sysinfo", 99, Some(179)),
    ("setuid", 105, Some(146)),
    ("setgid", 106, Some(144)),
    ("mknod", 133, None),
    ("mknodat", 259, Some(33)),
    ("personality", 135, Some(92)),
    ("mount", 165, Some(40)),
    ("umount2", 166, Some(39)),
    ("init_module", 175, Some(105)),
    ("finit_module", 313, Some(273)),
    ("delete_module", 176, Some(106)),
    ("setxattr", 188, Some(5)),
    ("openat", 257, Some(56)),
    ("openat2", 437, Some(437)),
    ("unshare", 272, Some(97)),
    ("setns", 308, Some(268)),
    ("process_vm_writev", 311, Some(271)),
    ("memfd_create", 319, Some(279)),
    ("bpf", 321, Some(280)),
];

/// `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_AARCH64` of `linux/audit.h`.
const X86_64: &str = "c000003e";
const AARCH64: &str = "c00000b7";

/// Sets `SYSCALL` of a SYSCALL record unless the log was enriched with it.
pub(super) fn name(fields: &mut Fields, kind: &str) {
    if kind != "SYSCALL" || fields.value("SYSCALL").is_some() {
        return;
    }
    let Some(number) = fields.number("syscall") else { return };
    let is_called = |call: &&(&str, u64, Option<u64>)| match fields.text("arch") {
        Some(X86_64) => call.1 == number,
        Some(AARCH64) => call.2 == Some(number),
        _ => false,
    };
    let found = CALLS.iter().find(is_called).map(|(name, ..)| *name);
    fields.set_some("SYSCALL", found);
}

/// Whether the record says that a process became another program, and did not fail to.
pub(super) fn starts_program(fields: &Fields, kind: &str) -> bool {
    kind == "SYSCALL"
        && fields.text("success") != Some("no")
        && matches!(fields.text("SYSCALL"), Some("execve" | "execveat"))
}
