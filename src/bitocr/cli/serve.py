"""`bitocr serve`: reading over HTTP."""

from __future__ import annotations

import ipaddress
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bitocr.cli.options import add_threads
from bitocr.cli.parser import Parser, number, whole
from bitocr.defaults import MAX_PIXELS
from bitocr.errors import UsageError

if TYPE_CHECKING:
    from bitocr.serve.settings import Settings

DETAILS = """\
POST a picture to /v1/ocr, many to /v1/batch, or open / in a browser; /openapi.json describes the rest.

Clients must send the token that the environment variable BITOCR_TOKEN, or the file of --token-file, holds. Without
one, everybody who can reach the port may use it."""
_TOKEN = "BITOCR_TOKEN"


def add_arguments(parser: Parser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="Listen here; 0.0.0.0: everywhere.")
    parser.add_argument("--port", type=whole(0, 65535), default=8000, metavar="N", help="The port; 0 takes a free one.")
    parser.add_argument(
        "-m",
        "--model",
        action="append",
        metavar="MODEL",
        help="A shipped model's name or the path of a .bit file; repeat it for more. The first reads unless a request "
        "names another (default: english, and all that are shipped).",
    )
    add_threads(parser, default=0)
    parser.add_argument(
        "--queue", type=whole(0, 10_000), default=16, metavar="N", help="How many requests may wait; others get 503."
    )
    parser.add_argument("--max-body", type=whole(1, 1024), default=32, metavar="MB", help="Refuse larger requests.")
    parser.add_argument(
        "--max-pixels", type=whole(1), default=MAX_PIXELS, metavar="N", help="Refuse pictures with more pixels."
    )
    parser.add_argument(
        "--pixel-budget",
        type=whole(1),
        default=60_000_000,
        metavar="N",
        help="Pixels of all pictures that are decoded at the same time, each of which takes up to 12 bytes.",
    )
    parser.add_argument(
        "--max-pages", type=whole(1, 10_000), default=100, metavar="N", help="Refuse documents with more pages."
    )
    parser.add_argument(
        "--timeout", type=number(0.1, 3600), default=60.0, metavar="SECONDS", help="For waiting and reading together."
    )
    parser.add_argument(
        "--client-timeout",
        type=number(0.1, 3600),
        default=30.0,
        metavar="SECONDS",
        help="For a client to send a request's head, then its body, and to take the answer.",
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="Holds the token that clients must send.")


def run(args: Namespace) -> None:
    from bitocr.serve.server import bind, serve
    from bitocr.serve.service import Service

    settings = settings_of(args)
    service = Service(settings)
    service.start()
    with bind(args.host, args.port) as listening:
        host, port = listening.getsockname()[:2]
        address = f"[{host}]" if ":" in host else host
        print(f"bitocr: listening at http://{address}:{port}/", file=sys.stderr, flush=True)
        if settings.token is None and not ipaddress.ip_address(host).is_loopback:
            print("bitocr: no token is set: everybody who can reach this port may use it", file=sys.stderr, flush=True)
        serve(service, listening)


def settings_of(args: Namespace) -> Settings:
    """Raises UsageError if they contradict each other."""
    from bitocr.serve.settings import Settings

    if args.pixel_budget < args.max_pixels:
        raise UsageError("--pixel-budget must be at least --max-pixels, so that a picture fits")
    return Settings(
        models=tuple(args.model or Settings.models),
        threads=args.threads,
        queue=args.queue,
        max_body=args.max_body << 20,
        max_pixels=args.max_pixels,
        pixel_budget=args.pixel_budget,
        max_pages=args.max_pages,
        timeout=args.timeout,
        client_timeout=args.client_timeout,
        token=read_token(args.token_file),
    )


def read_token(path: Path | None) -> str | None:
    """The token clients must send, or None. Raises UsageError if it is empty or cannot be sent."""
    from bitocr.io.files import read_text

    token = os.environ.get(_TOKEN) if path is None else read_text(path).strip()
    if token is not None and not (token and token.isascii() and token.isprintable() and " " not in token):
        raise UsageError("the token must be one word of ASCII characters")
    return token
