//! Attacks on what is outside: files, sockets, processes, the kernel.

use libtest_mimic::Trial;

use crate::{
    hosts::{self, Host},
    run::{attacked, bare},
    world::World,
};

/// An attack.
struct Attack {
    name: &'static str,
    /// Says `ESCAPED` or `held: ERRNO`.
    code: &'static str,
    /// Who can do it without a sandbox.
    who: Who,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Everybody,
    /// Ordinary users cannot do it anyway.
    Root,
    /// Not on every host: kernels are built and set up differently.
    Some,
}

macro_rules! attacks {
    ($($name:ident $who:ident $code:literal)+) => {
        &[$(Attack { name: stringify!($name), code: $code, who: Who::$who }),+]
    };
}

const ATTACKS: &[Attack] = attacks! {
    read_the_data_folder Everybody "attempt(lambda: open(d['secret']).read())"
    read_etc_shadow Root "attempt(lambda: open('/etc/shadow').read()[:0])"
    read_etc_passwd Everybody "attempt(lambda: open('/etc/passwd').read()[:0])"
    list_the_data_folder Everybody "attempt(lambda: os.listdir(d['folder']))"
    list_the_root Everybody "attempt(lambda: os.listdir('/'))"
    write_over_a_file Everybody "attempt(lambda: open(d['secret'], 'w'))"
    append_to_a_file Everybody "attempt(lambda: open(d['secret'], 'a').write('x'))"
    truncate_by_path Everybody "attempt(lambda: os.truncate(d['secret'], 0))"
    make_a_file Everybody "attempt(lambda: open(d['folder'] + '/new', 'w'))"
    make_a_file_in_shared_tmp Everybody
        "p = '/tmp/stanch-escape-%d' % os.getpid()\nattempt(lambda: open(p, 'w'))\nos.path.exists(p) and os.remove(p)"
    make_a_file_in_shared_memory Everybody
        "p = '/dev/shm/stanch-escape-%d' % os.getpid()\nattempt(lambda: open(p, 'w'))\nos.path.exists(p) and os.remove(p)"
    remove_a_file Everybody "attempt(lambda: os.remove(d['secret']))"
    rename_a_file Everybody "attempt(lambda: os.rename(d['secret'], d['folder'] + '/new'))"
    change_a_mode Everybody "attempt(lambda: os.chmod(d['secret'], 0o640))"
    change_an_owner Root "attempt(lambda: os.chown(d['secret'], 1, 1))"
    change_times Everybody "attempt(lambda: os.utime(d['secret'], (0, 0)))"
    change_an_attribute Some "attempt(lambda: os.setxattr(d['secret'], 'user.x', b'1'))"
    follow_a_link Everybody
        "os.chdir(os.environ.get('TMPDIR', d['folder']))\nos.symlink(d['secret'], 'link')\nattempt(lambda: open('link').read())"
    follow_a_link_to_a_folder Everybody
        "os.chdir(os.environ.get('TMPDIR', d['folder']))\nos.symlink(d['folder'], 'link')\nattempt(lambda: open('link/secret').read())"
    link_a_file_into_tmp Everybody
        "os.chdir(os.environ.get('TMPDIR', d['folder']))\nattempt(lambda: (os.link(d['secret'], 'link'), open('link').read()))"
    climb_out_of_tmp Everybody
        "attempt(lambda: open('../../../../../..' + d['secret']).read())"
    make_a_device Root "attempt(lambda: os.mknod('null', 0o600 | stat.S_IFCHR, os.makedev(1, 3)) or os.remove('null'))"
    read_a_device Root "attempt(lambda: os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK))"
    run_what_was_written Everybody
        "os.chdir(os.environ.get('TMPDIR', d['folder']))\nopen('p', 'w').write('#!/bin/sh\\n')\nos.chmod(os.open('p', 0), 0o700)\nattempt(lambda: subprocess.run(['./p']).returncode)"
    watch_a_folder Everybody
        "attempt(lambda: libc.inotify_add_watch(libc.inotify_init1(0), d['folder'].encode(), 0x100) < 0 and (_ for _ in ()).throw(OSError(ctypes.get_errno(), '')))"
    inherit_a_descriptor Everybody
        "fds = []\nfor fd in range(3, 64):\n  try:\n    os.fstat(fd)\n    fds.append(os.pread(fd, 100, 0))\n  except OSError: pass\nprint('ESCAPED' if any(b'secret' in x for x in fds) else 'held: EBADF', fds)"
    find_the_environment Everybody "print('ESCAPED' if set(os.environ) - {'PATH', 'HOME', 'LANG', 'TMPDIR', 'PWD'} else 'held: ENOENT')"

    connect_by_tcp Everybody "attempt(lambda: socket.create_connection(('127.0.0.1', d['tcp'])))"
    send_by_udp Everybody "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', d['udp'])))"
    connect_to_a_unix_socket Everybody "attempt(lambda: socket.socket(socket.AF_UNIX).connect(d['stream']))"
    send_to_a_unix_socket Everybody "attempt(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', d['datagrams']))"
    connect_to_an_abstract_socket Everybody "attempt(lambda: socket.socket(socket.AF_UNIX).connect(d['abstract_stream']))"
    send_from_a_pair_to_a_path Everybody "attempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', d['datagrams']))"
    send_from_a_pair_to_an_abstract_socket Everybody "attempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', d['abstract_datagrams']))"
    send_from_a_raw_pair Everybody "attempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_RAW)[0].sendto(b'x', d['abstract_datagrams']))"
    listen Everybody "attempt(lambda: socket.create_server(('127.0.0.1', 0)))"
    ask_the_kernel_for_its_interfaces Everybody "attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0)))"
    open_a_packet_socket Root "attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))"

    signal_the_parent Everybody "attempt(lambda: os.kill(d['parent'], 0))"
    kill_a_process Everybody "attempt(lambda: os.kill(d['victim'], signal.SIGKILL))"
    kill_a_thread Everybody "attempt(lambda: call({'x86_64': 200, 'aarch64': 130}[platform.machine()], d['victim'], 9))"
    kill_a_thread_of_a_group Everybody "attempt(lambda: call({'x86_64': 234, 'aarch64': 131}[platform.machine()], d['victim'], d['victim'], 9))"
    kill_by_descriptor Everybody "attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(d['victim']), 9))"
    signal_by_owner Everybody
        "import fcntl\na, b = socket.socketpair()\nattempt(lambda: (fcntl.fcntl(a, 8, d['victim']), fcntl.fcntl(a, 10, 9)))"
    trace_a_process Some "attempt(lambda: call({'x86_64': 101, 'aarch64': 117}[platform.machine()], 0x4206, d['victim'], 0, 0))"
    trace_the_parent Some "attempt(lambda: call({'x86_64': 101, 'aarch64': 117}[platform.machine()], 0x4206, d['parent'], 0, 0))"
    read_anothers_memory Some
        "b = ctypes.create_string_buffer(8)\nv = (ctypes.c_uint64 * 2)(ctypes.addressof(b), 8)\nattempt(lambda: call({'x86_64': 310, 'aarch64': 270}[platform.machine()], d['victim'], v, 1, v, 1, 0))"
    read_the_parents_environment Everybody "attempt(lambda: open('/proc/%d/environ' % d['parent']).read()[:0])"
    read_anothers_environment Everybody "attempt(lambda: open('/proc/%d/environ' % d['victim']).read()[:0])"
    read_anothers_command_line Everybody "attempt(lambda: open('/proc/%d/cmdline' % d['victim']).read())"
    list_processes Everybody "attempt(lambda: [p for p in os.listdir('/proc') if p == str(d['victim'])][0])"
    limit_another_process Everybody "attempt(lambda: resource.prlimit(d['victim'], resource.RLIMIT_NOFILE, (3, 3)))"
    slow_another_process_down Everybody "attempt(lambda: os.setpriority(os.PRIO_PROCESS, d['victim'], 19))"
    pin_another_process Everybody "attempt(lambda: os.sched_setaffinity(d['victim'], {0}))"
    raise_a_limit Some "limit = (ctypes.c_uint64 * 2)(1 << 19, 1 << 19)\nattempt(lambda: call({'x86_64': 302, 'aarch64': 261}[platform.machine()], 0, 7, limit, None))"

    leave_the_group Everybody "os.fork() and (os.wait(), os._exit(0))\nattempt(os.setsid)"
    make_a_group Everybody "os.fork() and (os.wait(), os._exit(0))\nattempt(lambda: os.setpgid(0, 0))"
    become_root Root "attempt(lambda: os.setuid(0))"
    keep_a_capability Root
        "h = (ctypes.c_uint32 * 2)(0x20080522, 0)\nc = (ctypes.c_uint32 * 6)()\nlibc.capget(h, c)\nprint('ESCAPED' if any(c[i] for i in (0, 1, 3, 4)) else 'held: EPERM', list(c))"
    keep_a_group Some "print('ESCAPED' if set(os.getgroups()) - {os.getgid()} else 'held: EPERM')"
    call_by_x32_numbers Some "attempt(lambda: call(0x40000000 + 39))"
    call_the_kernel_in_32_bits Some
        "import mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(bytes.fromhex('b814000000cd80c3'))\nf = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\np = os.fork() if platform.machine() == 'x86_64' else 1\nif p == 0: os._exit(0 if f() > 0 else 1)\nprint('ESCAPED' if p > 1 and os.waitpid(p, 0)[1] == 0 else 'held: EPERM')"
    gain_privileges Everybody "print('held: EPERM' if libc.prctl(39, 0, 0, 0, 0) == 1 else 'ESCAPED')"
    make_a_user_namespace Some "attempt(lambda: call({'x86_64': 272, 'aarch64': 97}[platform.machine()], 0x10000000))"
    clone_into_a_user_namespace Some "attempt(lambda: call({'x86_64': 56, 'aarch64': 220}[platform.machine()], 0x10000000 | 17, 0, 0, 0, 0) or os._exit(0))"
    clone_by_the_newer_call Everybody
        "a = (ctypes.c_uint64 * 8)(0, 0, 0, 0, 17)\nattempt(lambda: call(435, ctypes.byref(a), 64) or os._exit(0))"
    mount Some "attempt(lambda: call({'x86_64': 165, 'aarch64': 40}[platform.machine()], b'none', b'/nowhere', b'tmpfs', 0, 0))"
    change_the_root Root "attempt(lambda: os.chroot('/usr'))"
    load_a_program_into_the_kernel Some "attempt(lambda: call({'x86_64': 321, 'aarch64': 280}[platform.machine()], 0, ctypes.create_string_buffer(b'\\x02\\0\\0\\0\\x04\\0\\0\\0\\x04\\0\\0\\0\\x01\\0\\0\\0', 72), 72))"
    measure_the_kernel Some "attempt(lambda: call({'x86_64': 298, 'aarch64': 241}[platform.machine()], ctypes.create_string_buffer(b'\\x01\\0\\0\\0\\x70\\0\\0\\0', 112), 0, -1, -1, 0))"
    keep_a_key Some "attempt(lambda: call({'x86_64': 248, 'aarch64': 217}[platform.machine()], b'user', b'x', b'y', 1, -2))"
    ask_for_a_keyring Some "attempt(lambda: call({'x86_64': 250, 'aarch64': 219}[platform.machine()], 0, -2, 1))"
    handle_page_faults Some "attempt(lambda: call({'x86_64': 323, 'aarch64': 282}[platform.machine()], 1))"
    queue_for_the_kernel Some "attempt(lambda: call(425, 4, ctypes.create_string_buffer(120)))"
    make_a_file_of_memory Everybody "attempt(lambda: os.memfd_create('x'))"
    share_memory Some "attempt(lambda: libc.shmctl(call({'x86_64': 29, 'aarch64': 194}[platform.machine()], 0, 4096, 0o1600), 0, 0))"
    queue_messages Some "attempt(lambda: libc.msgctl(call({'x86_64': 68, 'aarch64': 186}[platform.machine()], 0, 0o1600), 0, 0))"
};

pub(crate) fn trials(host: &Host) -> Vec<Trial> {
    let trial = |attack: &'static Attack| {
        let (host, name) = (host.clone(), format!("{}::attack::{}", host.name, attack.name));
        Trial::test(name, move || {
            check(&host, attack);
            Ok(())
        })
    };
    ATTACKS.iter().map(trial).collect()
}

fn check(host: &Host, attack: &Attack) {
    let mut world = World::new();
    let open = inheritable(&world);
    let said = attacked(&host.sandbox, attack.code, &world.told());
    assert!(said.starts_with("held: "), "{said}");
    assert!(is_reason(&said), "stopped, but by nothing of ours: {said}");
    world.assert_untouched();
    // What is bare is the same on every host.
    let is_shown = host.name != hosts::THIS || attack.who == Who::Some;
    if is_shown || attack.who == Who::Root && !rustix::process::geteuid().is_root() {
        return;
    }
    // The control: with nothing around it the same code succeeds.
    let said = bare(attack.code, &world.told());
    assert!(said.starts_with("ESCAPED"), "without a sandbox: {said}");
    drop(open);
}

/// What the sandbox answers, as programs see it.
fn is_reason(said: &str) -> bool {
    // The last: a user that the namespace does not have.
    let reasons =
        ["EACCES", "EPERM", "ENOENT", "ENOSYS", "EROFS", "EXDEV", "ESRCH", "EBADF", "EINVAL"];
    reasons.iter().any(|reason| said.starts_with(&format!("held: {reason}")))
}

/// The secret, open in this process for every child to have.
fn inheritable(world: &World) -> std::fs::File {
    let file = std::fs::File::open(world.folder.path().join("secret")).unwrap();
    rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty()).unwrap();
    file
}
