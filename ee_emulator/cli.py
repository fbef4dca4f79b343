"""The command `ee-emulator`: serve a local Earth Engine, run a script against one, or say what it covers."""

import argparse
import errno
import gc
import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ee_emulator.limits import SECONDS

if TYPE_CHECKING:
    from ee_emulator.rest.data_folder import DataFolder


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ee-emulator", description=__doc__)
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="serve a local Earth Engine; prints its URL when ready")
    serve.add_argument("--port", type=int, default=8765, help="0 for any free one (default: %(default)s)")
    serve.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s, this machine only)")
    serve.add_argument("--catalog", metavar="DIR", help="folder with a catalog.yaml of your own assets")
    serve.add_argument("--timeout", type=float, default=SECONDS, metavar="S", help="a request (default: %(default)s s)")
    serve.add_argument(
        "--data", metavar="DIR", help="folder of assets and exports (default: temporary, gone at the end)"
    )
    serve.add_argument("--quota", type=_positive, metavar="N", help="requests a second; more are answered with 429")
    serve.add_argument("--concurrent", type=_count, metavar="N", help="requests at once; more are answered with 429")
    serve.add_argument("--until-stdin-closes", action="store_true", help="end when standard input closes")
    serve.set_defaults(run=_serve)
    run = commands.add_parser("run", help="run a script, unchanged, against a fresh local Earth Engine")
    run.add_argument("--catalog", metavar="DIR", help="folder with a catalog.yaml of your own assets")
    run.add_argument("--data", metavar="DIR", help="folder of assets and exports (default: temporary, gone at the end)")
    run.add_argument("script", help="a Python file")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="its own arguments")
    run.set_defaults(run=_run)
    config = commands.add_parser("client-config", help="write a configuration for the command earthengine")
    config.add_argument("--url", default="http://127.0.0.1:8765", help="the server's address (default: %(default)s)")
    config.add_argument("folder", type=Path, help="where it goes")
    config.set_defaults(run=_client_config)
    cover = commands.add_parser("coverage", help="which of Earth Engine's algorithms are implemented")
    form = cover.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as a page, type by type, with the reasons")
    cover.set_defaults(run=_coverage)
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not greater than 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _run(options: argparse.Namespace) -> int:
    from ee_emulator.run import run_script

    return run_script(options.script, options.arguments, options.catalog, options.data)


def _client_config(options: argparse.Namespace) -> int:
    from ee_emulator.client import write_command_line_config

    print(write_command_line_config(options.folder, options.url))
    return 0


def _serve(options: argparse.Namespace) -> int:
    import uvicorn

    from ee_emulator.rest.data_folder import DataFolder
    from ee_emulator.rest.quota import Quota
    from ee_emulator.server import build_catalog, create_app

    data = DataFolder(Path(options.data) if options.data else None)
    quota = Quota(options.quota, options.concurrent) if options.quota or options.concurrent else None
    try:
        data.claim()
        listener = _bind(options.host, options.port)
        app = create_app(build_catalog(options.catalog), seconds=options.timeout, data=data, quota=quota)
    except (OSError, ValueError) as error:
        print(f"ee-emulator: {error}", file=sys.stderr)
        return 1
    gc.freeze()  # what is loaded by now stays: looking at all of it for garbage takes longer than a request
    host, port = listener.getsockname()[:2]

    class ReadyServer(uvicorn.Server):
        """Says where it is once it accepts connections."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"http://{host}:{port}", flush=True)

    if options.until_stdin_closes:
        threading.Thread(target=_end_with_stdin, args=(data,), daemon=True).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=75)
    try:
        ReadyServer(config).run(sockets=[listener])
    finally:
        data.close()
    return 0


def _bind(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise OSError(f"port {port} on {host} is busy: choose another with --port, or --port 0 for any.") from None
        raise OSError(f"cannot bind {host}:{port}: {error}") from None
    return listener


def _end_with_stdin(data: "DataFolder") -> None:
    sys.stdin.read()
    data.close()
    os._exit(0)  # the parent is gone; there is nobody to say goodbye to


def _coverage(options: argparse.Namespace) -> int:
    from ee_emulator.coverage import page, summary

    if options.markdown:
        print(page(), end="")
        return 0
    report = summary()
    if options.json:
        print(json.dumps(report))
        return 0
    print(f"{report['implemented']} of {report['total']} algorithms are implemented;")
    print(f"{report['documented_implemented']} of the {report['documented']} documented ones. Missing:")
    print("\n".join(f"  {name}" for name in report["missing"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
