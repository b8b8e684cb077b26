"""A server on loopback that announces releases, or gives bad answers."""

import datetime
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

NEVER = 60.0  # seconds


class Announcing:
    """Answers every GET with `body`, or as `answer` does. asked: the requests' lines and headers."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.body, self.status, self.headers = b"{}", 200, {}
        self.released = threading.Event()  # ends what hangs
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = self._answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                try:
                    outer.answer(self)
                except OSError:
                    return  # the client is gone

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = False

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a TLS greeting that was broken off

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        scheme = "https" if certificate else "http"
        self.address = f"{scheme}://127.0.0.1:{self.server.server_port}/releases/latest.json"

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(self.status)
        for name, value in self.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(self.body)))
        request.end_headers()
        request.wfile.write(self.body)

    def hangs(self, _request: BaseHTTPRequestHandler) -> None:
        self.released.wait(NEVER)

    def trickles(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not self.released.wait(0.05):
            request.wfile.write(b" ")
            request.wfile.flush()

    def floods(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not self.released.is_set():
            request.wfile.write(b" " * 65_536)

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextmanager
def announcing(certificate: Path | None = None) -> Iterator[Announcing]:
    server = Announcing(certificate)
    try:
        yield server
    finally:
        server.close()


def own_certificate(folder: Path) -> Path:
    """A self-signed certificate and its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    pem = serialization.Encoding.PEM
    file = folder / "own.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    return file
