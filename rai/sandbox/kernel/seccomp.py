"""seccomp: the system calls that reading a file and counting need; those of an attack end the process, others fail."""

import ctypes
import errno
import os
import struct

from rai.sandbox.kernel.calls import call, numbers


def _names(words: str) -> list[str]:
    """The names in a text."""
    return words.split()


# What Python, DuckDB, Arrow, the model libraries and a compiler of numeric loops use after they were loaded.
ALLOWED = _names("""
read write close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn
pread64 readv writev access pipe select sched_yield mremap msync mincore madvise dup dup2 nanosleep getpid exit uname
fcntl getdents getcwd readlink gettimeofday getrlimit getrusage sysinfo times getuid getgid geteuid getegid getppid
getpgrp getgroups getresuid getresgid getpgid getsid sigaltstack statfs fstatfs sched_getparam sched_getscheduler
sched_get_priority_max sched_get_priority_min arch_prctl gettid time futex sched_getaffinity getdents64
set_tid_address restart_syscall fadvise64 clock_gettime clock_getres clock_nanosleep exit_group epoll_wait epoll_ctl
newfstatat readlinkat faccessat pselect6 ppoll set_robust_list get_robust_list epoll_pwait eventfd2
epoll_create1 dup3 pipe2 preadv getcpu getrandom membarrier statx rseq close_range faccessat2 epoll_pwait2 futex_waitv
""")  # fmt: skip
# Nobody asks for these by accident: the process ends with SIGSYS, which the parent tells of.
ATTACKS = _names("""
connect accept accept4 bind listen socketpair sendto sendmsg recvfrom recvmsg execve execveat fork vfork ptrace
process_vm_readv process_vm_writev process_madvise io_uring_setup io_uring_enter io_uring_register bpf mount umount2
pivot_root chroot unshare setns keyctl add_key request_key userfaultfd perf_event_open init_module finit_module
delete_module kexec_load kexec_file_load open_by_handle_at name_to_handle_at pidfd_open pidfd_getfd pidfd_send_signal
rt_sigqueueinfo rt_tgsigqueueinfo tkill kcmp reboot swapon open_tree move_mount fsopen fsconfig fsmount mount_setattr
setuid setgid capset shmget shmat shmctl msgget semget
""")  # fmt: skip
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
X32 = 0x40000000
CLONE_THREAD = 0x10000
# Name a thread, ask its name, mark memory by name, ask for the filter.
HARMLESS_PRCTL = (15, 16, 0x53564D41, 21)
# Ask a terminal's settings and size and how much is waiting; close on exec.
HARMLESS_IOCTL = (0x5401, 0x5413, 0x541B, 0x5451)
# Write, read and write, create, cut off, append: nothing is opened but for reading.
TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
SET_FILTER, ALL_THREADS = 1, 1
# A socket of a family that does not exist is answered with this by the filter alone, never by the kernel.
NO_FAMILY, WALLED = 0x5A5A, errno.ENOTRECOVERABLE

Instruction = tuple[int, int, int, int]


def returns(action: int) -> list[Instruction]:
    """End the filter with an action."""
    return [(RETURN, 0, 0, action)]


def argument(index: int) -> Instruction:
    """Load the low half of an argument."""
    return (LOAD, 0, 0, FIRST_ARGUMENT + 8 * index)


def one_of(index: int, values: tuple[int, ...], otherwise: int) -> list[Instruction]:
    """Allow where an argument is one of the values, do `otherwise` where it is none."""
    tests = [(EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [argument(index), *tests, *returns(otherwise), *returns(ALLOW)]


def none_of(index: int, bits: int, otherwise: int) -> list[Instruction]:
    """Allow where an argument has none of the bits."""
    return [argument(index), (ANY_BIT, 0, 1, bits), *returns(otherwise), *returns(ALLOW)]


def arguments_matter(pid: int) -> dict[str, list[Instruction]]:
    """The calls whose arguments decide: threads but no processes, files for reading, signals to oneself alone."""
    refused = ERRNO | errno.EPERM
    return {
        "open": none_of(1, TO_WRITE, ERRNO | errno.EACCES),
        "openat": none_of(2, TO_WRITE, ERRNO | errno.EACCES),
        "clone": [argument(0), (ANY_BIT, 1, 0, CLONE_THREAD), *returns(KILL), *returns(ALLOW)],
        # The library falls back to clone, whose flags can be looked at.
        "clone3": returns(ERRNO | errno.ENOSYS),
        "kill": one_of(0, (pid,), KILL),
        "tgkill": one_of(0, (pid,), KILL),
        "prctl": one_of(0, HARMLESS_PRCTL, refused),
        "ioctl": one_of(1, HARMLESS_IOCTL, ERRNO | errno.ENOTTY),
        # Limits of one's own may be asked for, not set.
        "prlimit64": [
            argument(0), (EQUAL, 0, 4, 0), argument(2), (EQUAL, 0, 2, 0),
            (LOAD, 0, 0, FIRST_ARGUMENT + 20), (EQUAL, 1, 0, 0), *returns(refused), *returns(ALLOW),
        ],
        "socket": [argument(0), (EQUAL, 1, 0, NO_FAMILY), *returns(KILL), *returns(ERRNO | WALLED)],
    }  # fmt: skip


def program(machine: str, pid: int) -> bytes:
    """The filter for a processor and the process that it holds, as the kernel takes it."""
    known = numbers(machine)
    lines: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, ARCHITECTURES[machine]), *returns(KILL), (LOAD, 0, 0, NUMBER),
    ]  # fmt: skip
    if machine == "x86_64":
        lines += [(AT_LEAST, 0, 1, X32), *returns(KILL)]
    decided = {name: returns(ALLOW) for name in ALLOWED} | {name: returns(KILL) for name in ATTACKS}
    for name, body in (decided | arguments_matter(pid)).items():
        if name in known:
            lines += [(EQUAL, 0, len(body), known[name]), *body]
    lines += returns(ERRNO | errno.EPERM)
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


class Filter(ctypes.Structure):
    """A filter as the kernel takes it: how many instructions, and where they are."""

    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_void_p)]


def restrict(machine: str) -> None:
    """Put all threads of this process under the filter. Raises OSError where the kernel refuses. Needs NO_NEW_PRIVS."""
    body = program(machine, os.getpid())
    lines = ctypes.create_string_buffer(body, len(body))
    held = Filter(len(body) // 8, ctypes.addressof(lines))
    whole = ctypes.create_string_buffer(bytes(held), ctypes.sizeof(held))
    if call("seccomp", SET_FILTER, ALL_THREADS, whole) != 0:
        raise OSError("a thread could not be put under the filter")


def stands() -> bool:
    """The filter answers, for a socket that no kernel makes. Ends the process where it would let an attack pass."""
    try:
        call("socket", NO_FAMILY, 1, 0)
    except OSError as error:
        return error.errno == WALLED
    return False
