"""System calls by name: their numbers on the two processors that have a table here, and how one is made."""

import ctypes
import os
import sys
from functools import cache
from typing import Any

# Name, then the number on x86-64 and on aarch64 ("-" where the processor has no such call).
TABLE = """
read 0 63|write 1 64|open 2 -|close 3 57|stat 4 -|fstat 5 80|lstat 6 -|poll 7 -|lseek 8 62|mmap 9 222|mprotect 10 226
munmap 11 215|brk 12 214|rt_sigaction 13 134|rt_sigprocmask 14 135|rt_sigreturn 15 139|ioctl 16 29|pread64 17 67
pwrite64 18 68|readv 19 65|writev 20 66|access 21 -|pipe 22 -|select 23 -|sched_yield 24 124|mremap 25 216|msync 26 227
mincore 27 232|madvise 28 233|shmget 29 194|shmat 30 196|shmctl 31 195|dup 32 23|dup2 33 -|nanosleep 35 101|getpid 39 172
socket 41 198|connect 42 203|accept 43 202|sendto 44 206|recvfrom 45 207|sendmsg 46 211|recvmsg 47 212|bind 49 200
listen 50 201|socketpair 53 199|clone 56 220|fork 57 -|vfork 58 -|execve 59 221|exit 60 93|kill 62 129|uname 63 160
semget 64 190|shmdt 67 197|msgget 68 186|fcntl 72 25|fsync 74 82|getdents 78 -|getcwd 79 17|rename 82 -|mkdir 83 -
link 86 -|unlink 87 -|symlink 88 -|readlink 89 -|gettimeofday 96 169|getrlimit 97 163|getrusage 98 165|sysinfo 99 179
times 100 153|ptrace 101 117|getuid 102 174|getgid 104 176|setuid 105 146|setgid 106 144|geteuid 107 175|getegid 108 177
getppid 110 173|getpgrp 111 -|getgroups 115 158|getresuid 118 148|getresgid 120 150|getpgid 121 155|getsid 124 156
capset 126 91|rt_sigqueueinfo 129 138|sigaltstack 131 132|statfs 137 43|fstatfs 138 44|sched_getparam 143 121
sched_getscheduler 145 120|sched_get_priority_max 146 125|sched_get_priority_min 147 126|pivot_root 155 41|prctl 157 167
arch_prctl 158 -|chroot 161 51|mount 165 40|umount2 166 39|swapon 167 224|reboot 169 142|init_module 175 105
delete_module 176 106|gettid 186 178|tkill 200 130|time 201 -|futex 202 98|sched_setaffinity 203 122
sched_getaffinity 204 123|getdents64 217 61|set_tid_address 218 96|restart_syscall 219 128|fadvise64 221 223
timer_create 222 107|clock_gettime 228 113|clock_getres 229 114|clock_nanosleep 230 115|exit_group 231 94|epoll_wait 232 -
epoll_ctl 233 21|tgkill 234 131|kexec_load 246 104|add_key 248 217|request_key 249 218|keyctl 250 219
openat 257 56|newfstatat 262 79|readlinkat 267 78|faccessat 269 48|pselect6 270 72|ppoll 271 73|unshare 272 97
set_robust_list 273 99|get_robust_list 274 100|epoll_pwait 281 22|accept4 288 242|eventfd2 290 19|epoll_create1 291 20
dup3 292 24|pipe2 293 59|preadv 295 69|rt_tgsigqueueinfo 297 240|perf_event_open 298 241|prlimit64 302 261
name_to_handle_at 303 264|open_by_handle_at 304 265|setns 308 268|getcpu 309 168|process_vm_readv 310 270
process_vm_writev 311 271|kcmp 312 272|finit_module 313 273|seccomp 317 277|getrandom 318 278|memfd_create 319 279
kexec_file_load 320 294|bpf 321 280|execveat 322 281|userfaultfd 323 282|membarrier 324 283|statx 332 291|rseq 334 293
pidfd_send_signal 424 424|io_uring_setup 425 425|io_uring_enter 426 426|io_uring_register 427 427|open_tree 428 428
move_mount 429 429|fsopen 430 430|fsconfig 431 431|fsmount 432 432|pidfd_open 434 434|clone3 435 435|close_range 436 436
pidfd_getfd 438 438|faccessat2 439 439|process_madvise 440 440|epoll_pwait2 441 441|mount_setattr 442 442
landlock_create_ruleset 444 444|landlock_add_rule 445 445|landlock_restrict_self 446 446|futex_waitv 449 449
"""
MACHINES = {"x86_64": 1, "aarch64": 2}


def known_machine() -> str:
    """The processor's name where its numbers are known and the system is Linux, else ""."""
    machine = os.uname().machine if sys.platform.startswith("linux") else ""
    return machine if machine in MACHINES else ""


@cache
def numbers(machine: str) -> dict[str, int]:
    """The numbers of the calls on a processor of `MACHINES`, by name."""
    rows = [entry.split() for line in TABLE.split("\n") for entry in line.split("|") if entry]
    column = MACHINES[machine]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


@cache
def library() -> Any:
    """The C library that this process runs on."""
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *args: int | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call of integers and buffers; returns its result. Raises OSError with the kernel's reason."""
    libc = library()
    libc.syscall.restype = ctypes.c_long
    sent = [ctypes.c_long(one) if isinstance(one, int) else one for one in args]
    result = int(libc.syscall(ctypes.c_long(numbers(known_machine())[name]), *sent))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)
    return result


def control_process(option: int, value: int) -> int:
    """prctl(2) where the system has it, else -1."""
    prctl = getattr(library(), "prctl", None)
    if prctl is None:
        return -1
    unused = ctypes.c_ulong(0)
    return int(prctl(ctypes.c_int(option), ctypes.c_ulong(value), unused, unused, unused))
