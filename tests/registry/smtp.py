"""A mail server in the test's own process, of the few words of SMTP that a client says."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage


class Server(socketserver.ThreadingTCPServer):
    """Keeps what it was given; refuses the next `refusals` messages with a passing error."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.letters: list[EmailMessage] = []
        self.refusals = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Server

    def say(self, line: str) -> None:
        """One line of answer."""
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        """Until the client says that it is done."""
        self.say("220 mail.test")
        for line in self.rfile:
            word = line.decode().strip().upper()
            if word == "DATA":
                self.take()
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 mail.test" if word.startswith(("EHLO", "HELO", "MAIL", "RCPT", "RSET")) else "502 no")

    def take(self) -> None:
        """The message, up to the line with a dot alone."""
        if self.server.refusals:
            self.server.refusals -= 1
            self.say("451 try again later")
            return
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.server.letters.append(message)
        self.say("250 taken")


@contextmanager
def running() -> Iterator[Server]:
    """A server on a port of its own while the body runs."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(5)
