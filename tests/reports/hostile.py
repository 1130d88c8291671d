"""Sixty texts that try to make a renderer fetch, embed or run something, and a server that hears it when one does."""

import http.server
import threading
from typing import Any


class Canary:
    """A server on this machine that remembers whoever came."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Listener(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.path)
                self.send_response(200)
                self.end_headers()

            do_POST = do_HEAD = do_GET

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()


ELEMENTS = (
    '<img src="{u}">', "<img src='{u}' onerror=fetch('{u}')>", '<image href="{u}">', '<picture><source srcset="{u}"></picture>',
    '<link rel=stylesheet href="{u}">', '<link rel=attachment href="{u}">', '<a rel=attachment href="{u}">x</a>',
    '<a href="{u}" download>x</a>', '<iframe src="{u}"></iframe>', '<object data="{u}"></object>', '<embed src="{u}">',
    '<video src="{u}" poster="{u}"></video>', '<audio src="{u}"></audio>', '<script src="{u}"></script>',
    "<style>@import '{u}';</style>", "<style>body{{background:url({u})}}</style>",
    "<style>@font-face{{font-family:x;src:url({u})}}*{{font-family:x}}</style>", '<div style="background:url({u})">x</div>',
    '<div style="content:url({u})">x</div>', '<li style="list-style-image:url({u})">x</li>', '<base href="{u}/">',
    '<meta http-equiv=refresh content="0;url={u}">', '<form action="{u}"><input type=image src="{u}"></form>',
    '<svg><image href="{u}"/></svg>', '<svg><use href="{u}#a"/></svg>', '<svg onload="fetch(1)"><script href="{u}"/></svg>',
    '<svg><style>@import url({u});</style></svg>', '<svg><foreignObject><img src="{u}"/></foreignObject></svg>',
    '<table background="{u}"><tr><td background="{u}">x</table>', "<html manifest='{u}'>", "]]><img src='{u}'>",
    "--><img src='{u}'>", "</title><img src='{u}'>", "</td></tr></table><img src='{u}'>", "\"><img src='{u}'>",
    "'><img src={u}>", "</h2><nav class=\"contents\"></nav><h2><img src='{u}'>", "{{% include '{u}' %}}", "{{{{ {u} }}}}",
    "&lt;img src='{u}'&gt;", "&#60;img src='{u}'&#62;", "\u202e<img src='{u}'>", "<img/src='{u}'/>", "<IMG SRC={u}>",
)  # fmt: skip
FILES = (
    '<img src="{f}">', '<link rel=attachment href="{f}">', '<a rel=attachment href="{f}">x</a>', '<object data="{f}"></object>',
    "<style>@import '{f}';</style>", '<svg><image href="{f}"/></svg>', '<iframe src="{f}"></iframe>', '<embed src="{f}">',
)  # fmt: skip
WORDS = (
    "=HYPERLINK(\"{u}\")", "@import url({u});", "url({u})", "}}*{{background:url({u})}}", "\"; content: url({u}); x: \"",
    "محمد بن سلمان", "李雷 与 韩梅梅", "😀🏳️‍🌈 family", "a\u0000b\u000bc".replace("\u0000", ""),
)  # fmt: skip


def payloads(url: str) -> list[str]:
    """All of them, aimed at a server and at a file."""
    return [
        one.format(u=f"{url}/{place}", f="file:///etc/passwd") for place, one in enumerate(ELEMENTS + FILES + WORDS)
    ]
