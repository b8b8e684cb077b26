"""The answers of the stand-in hub: the API's JSON, the signed links of files, and their bytes, with the real headers.

The client needs X-Repo-Commit, X-Linked-Etag and X-Linked-Size on the address of a file, and X-Error-Code to
distinguish errors.
"""

import hashlib
import json
import re
import socket
import struct
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.models.library.hub_stand_in import Account, Fault, Repo, Request, Server, StandIn, sha256

BLOCK = 64 << 10
RESOLVE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
MODEL = re.compile(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree|paths-info)/([^/]+)(?:/.*)?)?")
NOBODY = Account("")


def git_sha(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def handler_for(hub: StandIn) -> type:
    """A handler class of that hub, as http.server wants it."""
    return type("Answers", (_Answers,), {"hub": hub})


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: StandIn
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]
    body = b""

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The requests are kept by the hub instead."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def do_HEAD(self) -> None:
        self._route()

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._route()

    def _route(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(parts.path), urllib.parse.parse_qs(parts.query)
        try:
            if path.startswith("/api/"):
                self._api(path, query)
            elif path.startswith("/cdn/"):
                self._bytes(path.removeprefix("/cdn/"), query["signature"][0])
            elif found := RESOLVE.fullmatch(path):
                self._resolve(*found.groups())
            else:
                self._refuse(404, "", "not found")
        except OSError:  # the client went away
            self.close_connection = True

    def _start(self, status: int, headers: dict[str, str]) -> None:
        self.hub.note(
            Request(
                self.server.name,
                self.command,
                self.path,
                self.headers.get("Range", ""),
                self.headers.get("Authorization", ""),
                status,
                self.headers.get("User-Agent", ""),
            )
        )
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _json(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self._start(status, {**(headers or {}), "Content-Type": "application/json", "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        answer = {**(headers or {}), "X-Error-Message": message or code}
        self._json({"error": message or code}, status, {**answer, "X-Error-Code": code} if code else answer)

    def _struck(self, fault: Fault | None) -> bool:
        """Whether the fault has answered for us."""
        if fault is None:
            return False
        if fault.kind == "stall":
            self.hub.closing.wait(fault.seconds)
        elif fault.kind == "status":
            self._refuse(fault.status, "", "injected", dict(fault.headers))
            return True
        elif fault.kind == "body":
            self._start(fault.status, {"Content-Length": str(len(fault.body)), **fault.headers})
            self.wfile.write(fault.body)
            return True
        elif fault.kind == "page":
            self._start(200, {"Content-Type": "text/html", "Content-Length": "15"})
            self.wfile.write(b"<html>Sign in!\n")
            return True
        elif fault.kind in {"drop", "reset"} and not fault.after:
            self._end(fault.kind)
            return True
        return False

    def _end(self, kind: str) -> None:
        self.wfile.flush()
        if kind == "reset":
            self.hub.closing.wait(0.05)  # what was sent is to arrive
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    # who asks

    def _account(self, repo: Repo | None) -> Account | None:
        """The account of the request; None if the refusal was sent."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in self.hub.accounts:
            self._refuse(401, "", "Invalid credentials in Authorization header")
            return None
        account = self.hub.accounts.get(token, NOBODY)
        if repo is None or (repo.private and repo.id not in account.access):
            status = 401 if account is NOBODY else 404
            self._refuse(status, "RepoNotFound", "Repository not found" if token else "Invalid username or password.")
            return None
        return account

    def _let_in(self, repo: Repo, account: Account) -> bool:
        if not repo.gated or repo.id in account.access:
            return True
        self._refuse(401 if account is NOBODY else 403, "GatedRepo", f"Access to model {repo.id} is restricted.")
        return False

    # the API

    def _api(self, path: str, query: dict[str, list[str]]) -> None:
        if self.hub.delay:
            self.hub.closing.wait(self.hub.delay)
        if self._struck(self.hub.strike("api")):
            return
        if path == "/api/whoami-v2":
            self._who()
        elif path == "/api/models":
            self._search(query)
        elif found := MODEL.fullmatch(path):
            self._model(self.hub.repos.get(found[1]), found[2], found[3], query)
        else:
            self._refuse(404, "", "no such endpoint")

    def _who(self) -> None:
        account = self.hub.accounts.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if account is None:
            self._refuse(401, "", "Invalid username or password.")
            return
        token = {"displayName": "t", "role": "read"}
        self._json({"type": "user", "name": account.name, "auth": {"accessToken": token}})

    def _search(self, query: dict[str, list[str]]) -> None:
        found = [repo for repo in self.hub.repos.values() if not repo.private and _matches(repo, query)]
        found.sort(key=lambda repo: (-repo.downloads, repo.id))
        limit = min(int(query.get("limit", ["1000"])[0]), self.hub.page_size)
        start = int(query.get("cursor", ["0"])[0])
        headers: dict[str, str] = {}
        if start + limit < len(found):
            following = urllib.parse.urlencode({**query, "cursor": [str(start + limit)]}, doseq=True)
            headers["Link"] = f'<{self.hub.endpoint}/api/models?{following}>; rel="next"'
        full = "full" in query or "siblings" in query.get("expand", [])
        self._json([_information(repo, files=full) for repo in found[start : start + limit]], headers=headers)

    def _model(self, repo: Repo | None, kind: str | None, revision: str | None, query: dict[str, list[str]]) -> None:
        account = self._account(repo)
        if account is None or repo is None:
            return
        if revision and revision not in {"main", repo.commit}:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif kind in {"tree", "paths-info"}:
            wanted = urllib.parse.parse_qs(self.body.decode()).get("paths") if kind == "paths-info" else None
            names = [name for name in repo.files if wanted is None or name in wanted]
            self._json([_entry(repo, name) for name in names])
        else:
            self._json(_information(repo, blobs="blobs" in query, gguf="gguf" in query.get("expand", ["gguf"])))

    # files

    def _resolve(self, id: str, revision: str, name: str) -> None:  # noqa: A002
        repo = self.hub.repos.get(id)
        account = self._account(repo)
        if account is None or repo is None:
            return
        if revision not in {"main", repo.commit}:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif self._let_in(repo, account):
            self._address(repo, name)

    def _address(self, repo: Repo, name: str) -> None:
        commit = {"X-Repo-Commit": repo.commit}
        if name not in repo.files:
            self._refuse(404, "EntryNotFound", "Entry not found", commit)
            return
        if self._struck(self.hub.strike("resolve")):
            return
        data = repo.files[name]
        if not repo.lfs(name) and not name.endswith(".gguf"):
            etag = {"ETag": f'"{git_sha(data)}"'}
            self._start(200, {**commit, **etag, "Accept-Ranges": "bytes", "Content-Length": str(len(data))})
            if self.command == "GET":
                self.wfile.write(data)
            return
        linked = {"X-Linked-Etag": f'"{sha256(data)}"', "X-Linked-Size": str(len(data)), "ETag": '"pointer"'}
        address = {"Location": self.hub.link(sha256(data)), "Content-Length": "0", "Accept-Ranges": "bytes"}
        self._start(302, {**commit, **linked, **address})

    def _bytes(self, digest: str, signature: str) -> None:
        fault = self.hub.strike("get")
        if fault is not None and fault.kind == "expired":
            self.hub.expired.add(signature)
        if signature in self.hub.expired:
            self._refuse(403, "", "Request has expired")
            return
        data = self.hub.blob(digest)
        if data is None:
            self._refuse(404, "", "no such blob")
        elif not self._struck(fault):
            self._blob(data, f'"{digest}"', fault)

    def _blob(self, data: bytes, etag: str, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        start, end = self._span(data, etag, kind)
        if start >= len(data) > 0:
            self._refuse(416, "", "range", {"Content-Range": f"bytes */{len(data)}"})
            return
        body = _spoilt(memoryview(data)[start:end], start, fault)
        partial = (start, end) != (0, len(data)) or (self.headers.get("Range") and kind != "ignore_range")
        headers = {"ETag": etag, "Accept-Ranges": "bytes", "Content-Length": str(len(body))}
        if kind == "endless":
            del headers["Content-Length"]
            headers["Connection"] = "close"
        if partial and self._unchanged(etag):
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
        self._start(206 if "Content-Range" in headers else 200, headers)
        if self.command == "GET":
            self._send(body, fault)

    def _unchanged(self, etag: str) -> bool:
        return self.headers.get("If-Range", etag) == etag

    def _span(self, data: bytes, etag: str, kind: str) -> tuple[int, int]:
        """The requested range of bytes."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked or kind == "ignore_range" or not self._unchanged(etag):
            return 0, len(data)
        return int(asked[1]), min(len(data), int(asked[2] or len(data)) + bool(asked[2]))

    def _send(self, body: memoryview, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        stop = fault.after if fault and kind in {"drop", "reset", "silence"} else len(body)
        self._pour(body[:stop])
        if fault and kind == "silence":
            self.hub.closing.wait(fault.seconds)
            self._pour(body[stop:])
        elif kind in {"drop", "reset", "endless"}:
            self._end(kind)

    def _pour(self, body: memoryview) -> None:
        began, sent = time.monotonic(), 0
        if not self.hub.speed:
            self.wfile.write(body)
            return
        while sent < len(body) and not self.hub.closing.is_set():
            sent += self.wfile.write(body[sent : sent + BLOCK])
            ahead = sent / self.hub.speed - (time.monotonic() - began) if self.hub.speed else 0
            if ahead > 0:
                self.hub.closing.wait(ahead)


def _spoilt(body: memoryview, start: int, fault: Fault | None) -> memoryview:
    """The body as the fault makes it."""
    if fault is None:
        return body
    if fault.kind == "short":
        return body[: len(body) - fault.amount]
    if fault.kind in {"long", "endless"}:
        return memoryview(bytes(body) + bytes(fault.amount))
    if fault.kind == "flip" and 0 <= fault.at - start < len(body):
        spoilt = bytearray(body)
        spoilt[fault.at - start] ^= 1
        return memoryview(spoilt)
    return body


def _matches(repo: Repo, query: dict[str, list[str]]) -> bool:
    if not all(tag in repo.tags for tag in query.get("filter", [])):
        return False
    if query.get("gated", ["true"])[0] == "false" and repo.gated:
        return False
    name, owner = query.get("search", [""])[0], query.get("author", [""])[0]
    return name.lower() in repo.id.lower() and (not owner or repo.id.split("/")[0] == owner)


def _information(repo: Repo, *, blobs: bool = False, files: bool = True, gguf: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "_id": "0" * 24,
        "id": repo.id,
        "modelId": repo.id,
        "author": repo.id.split("/")[0],
        "sha": repo.commit,
        "private": repo.private,
        "gated": "manual" if repo.gated else False,
        "disabled": False,
        "downloads": repo.downloads,
        "likes": repo.likes,
        "tags": repo.tags,
        "pipeline_tag": "text-generation",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "lastModified": repo.updated,
    }
    if gguf and repo.gguf:
        answer["gguf"] = repo.gguf
    if files:
        answer["siblings"] = [_sibling(repo, name, blobs) for name in repo.files]
    return answer


def _sibling(repo: Repo, name: str, blobs: bool) -> dict[str, Any]:
    if not blobs:
        return {"rfilename": name}
    data = repo.files[name]
    answer: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git_sha(data)}
    if repo.lfs(name):
        answer["lfs"] = {"sha256": sha256(data), "size": len(data), "pointerSize": 134}
    return answer


def _entry(repo: Repo, name: str) -> dict[str, Any]:
    data = repo.files[name]
    answer: dict[str, Any] = {"type": "file", "oid": git_sha(data), "size": len(data), "path": name}
    if repo.lfs(name):
        answer["lfs"] = {"oid": sha256(data), "size": len(data), "pointerSize": 134}
    return answer
