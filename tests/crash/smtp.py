"""A mail server that behaves as badly as it is told to: a process of its own, on the loopback."""

import socket
from pathlib import Path

from tests.crash.harness import Child

# What the server may be told to do.
WELL, STALLS, CUTS, REFUSES_SOME = "well", "stalls", "cuts", "refuses some"
REFUSED = "nobody@example.org"


class MailServer:
    """``do`` says how it behaves from now on; ``arrived`` are the Message-IDs that it took over, with repetitions."""

    def __init__(self, folder: Path) -> None:
        self._behaviour = folder / "behaviour"
        self._arrived = folder / "arrived"
        self._arrived.touch()
        self.do(WELL)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._child: Child | None = None

    def do(self, behaviour: str) -> None:
        self._behaviour.write_text(behaviour)

    def start(self) -> None:
        listening = socket.create_server(("127.0.0.1", self.port))
        self._child = Child(lambda: self._serve(listening))
        listening.close()

    def stop(self) -> None:
        """As when its machine goes: nobody answers on its port."""
        if self._child is not None:
            self._child.kill()

    def arrived(self) -> list[str]:
        return self._arrived.read_text().split()

    # --- in its process: one client after the other ---

    def _serve(self, listening: socket.socket) -> None:
        while True:
            client, _address = listening.accept()
            with client, client.makefile("rwb", buffering=0) as line:
                try:
                    self._talk(client, line)
                except OSError:
                    continue

    def _talk(self, client: socket.socket, line: socket.SocketIO) -> None:
        behaviour = self._behaviour.read_text()
        client.settimeout(5)
        if behaviour == STALLS:
            client.recv(1)  # the client gives up first
            return
        line.write(b"220 here\r\n")
        while words := line.readline().decode().strip():
            command = words.split(":")[0].upper().split()[0]
            if command == "DATA":
                line.write(b"354 go on\r\n")
                self._take(line)
                if behaviour == CUTS:
                    return
            line.write(_answer(command, words, behaviour))
            if command == "QUIT":
                return

    def _take(self, line: socket.SocketIO) -> None:
        while (words := line.readline()) not in (b".\r\n", b""):
            if words.lower().startswith(b"message-id:"):
                with self._arrived.open("a") as file:
                    file.write(words.decode().partition(":")[2].strip() + "\n")


def _answer(command: str, words: str, behaviour: str) -> bytes:
    if command == "RCPT" and behaviour == REFUSES_SOME and REFUSED in words:
        return b"550 no such person\r\n"
    return b"221 bye\r\n" if command == "QUIT" else b"250 OK\r\n"
