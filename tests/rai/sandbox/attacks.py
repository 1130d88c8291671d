"""What hostile bytes would try once they run: each snippet sets `won` to True where it came through."""

ATTACKS = {
    "connect by TCP": "socket.create_connection(('127.0.0.1', AT['tcp']), 2); won = True",
    "send by UDP": "won = socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', AT['udp'])) == 1",
    "connect to a socket file": "socket.socket(socket.AF_UNIX).connect(AT['socket']); won = True",
    "connect to a socket without a file": "socket.socket(socket.AF_UNIX).connect('\\0' + AT['abstract']); won = True",
    "read the list of users": "won = b'root' in open('/etc/passwd', 'rb').read()",
    "read another file of the same user": "won = open(AT['secret']).read() == 'canary'",
    "list a folder": "won = 'passwd' in os.listdir('/etc')",
    "read another process's environment": "won = b'canary' in open(f'/proc/{AT[\"victim\"]}/environ', 'rb').read()",
    "open another process's memory": "open(f'/proc/{AT[\"victim\"]}/mem', 'rb').close(); won = True",
    "copy another process's memory": """
body = ctypes.create_string_buffer(8)
here, there = (ctypes.c_ulong * 2)(ctypes.addressof(body), 8), (ctypes.c_ulong * 2)(AT['address'], 8)
won = libc.process_vm_readv(AT['victim'], here, 1, there, 1, 0) == 8""",
    "trace another process": "won = libc.ptrace(0x4206, AT['victim'], None, None) == 0",
    "signal another process": "os.kill(AT['victim'], 0); won = True",
    "write a file": "os.close(os.open(AT['folder'] + '/written', os.O_CREAT | os.O_WRONLY)); won = True",
    "make a link": "os.symlink('/etc/passwd', AT['folder'] + '/link'); won = True",
    "delete a file": "os.unlink(AT['precious']); won = True",
    "become another program": "os.execv('/bin/echo', ['echo', 'WON'])",
    "start a shell": "won = os.system('true') == 0",
    "start a program": "import subprocess; won = subprocess.call(['true']) == 0",
    "fork": "won = os.fork() >= 0",
    "queue work in the kernel": "won = libc.syscall(425, 8, ctypes.create_string_buffer(120)) >= 0",
    "enter a new user namespace": "won = libc.unshare(0x10000000) == 0",
    "ask for another process by number": "won = libc.syscall(434, AT['victim'], 0) >= 0",
}

BEGIN = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
AT = {at!r}
won = False
try:
{tried}
except OSError:
    won = False
"""


def script(name: str, at: dict) -> str:
    """Lines that try one attack and leave `won`."""
    tried = "\n".join("    " + line for line in ATTACKS[name].strip().splitlines())
    return BEGIN.format(at=at, tried=tried)
