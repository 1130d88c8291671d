"""Keeps children running until told to stop: starts them in order, restarts the dead, ends them in reverse order."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from config.services import Process

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY = 60.0  # a child that ran this long has recovered: its next pause is the first again


@dataclass
class Child:
    """A process to keep running, and how to start it."""

    name: str
    start: Callable[[], Process]
    process: Process | None = None
    pause: float = FIRST_PAUSE
    started_at: float = 0.0
    due_at: float | None = None

    def launch(self) -> None:
        """Start it now."""
        self.process, self.started_at, self.due_at = self.start(), time.monotonic(), None


@dataclass
class Supervisor:
    """Runs children in the foreground."""

    children: list[Child]
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start every child that does not run yet, in order."""
        for child in self.children:
            if child.process is None:
                child.launch()

    def run(self) -> None:
        """Watch until Ctrl-C or SIGTERM, then end everything; a second signal ends it at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.ask_to_stop)
        while not self.over.wait(0.3):
            self.look()
        self.say("Stopping (once more Ctrl-C: at once) ...")
        self.stop()

    def look(self) -> None:
        """Restart what died, after a pause that doubles while it keeps dying."""
        now = time.monotonic()
        for child in self.children:
            if child.due_at is not None and now >= child.due_at:
                child.launch()
            elif child.due_at is None and child.process and not child.process.is_running:
                self.plan_restart(child, now)

    def plan_restart(self, child: Child, now: float) -> None:
        """Say that a child died, and when it is started again."""
        process = child.process
        assert process is not None
        process.kill()  # its own children may have outlived it
        child.pause = FIRST_PAUSE if now - child.started_at > STEADY else child.pause
        child.due_at = now + child.pause
        self.say(
            f"{child.name} ended with code {process.popen.returncode} (log: {process.log}); again in {child.pause:.0f} s."
        )
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """The signal handler: the first asks, the second kills."""
        if self.over.is_set():
            for child in self.running():
                child.kill()
        self.over.set()

    def running(self) -> list[Process]:
        """The processes that have not ended, last started first."""
        return [child.process for child in reversed(self.children) if child.process and child.process.is_running]

    def stop(self) -> None:
        """End all; the broker, which was started first, after those that may still work with it."""
        running = self.running()
        for process in running[:-1]:
            process.ask_to_stop()
        for process in running:
            process.stop()
