"""The stand-in against the real client: the client accepts it, and its errors are the hub's own."""

import httpx2
import pytest
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from models.library.hub.client import prepare
from tests.models.library.hub_stand_in import COMMIT, GOOD_TOKEN, StandIn, sha256

DATA = bytes(range(256)) * 2_000


@pytest.fixture
def api(hub: StandIn) -> HfApi:
    prepare()
    return HfApi(endpoint=hub.endpoint, token=False)


def get(hub: StandIn, name: str = "a.gguf", **headers: str) -> httpx2.Response:
    url = hf_hub_url("owner/name", name, revision=COMMIT, endpoint=hub.endpoint)
    return httpx2.get(url, headers=headers, follow_redirects=True, timeout=5)


def test_the_metadata_have_size_and_sha256(hub: StandIn, api: HfApi) -> None:
    hub.add("owner/name", {"a.gguf": DATA, "README.md": b"# A"})
    files = {file.rfilename: file for file in api.model_info("owner/name", files_metadata=True).siblings or []}
    assert files["a.gguf"].lfs is not None and files["a.gguf"].lfs.sha256 == sha256(DATA)
    assert (files["a.gguf"].size, files["README.md"].lfs) == (len(DATA), None)


def test_a_file_comes_from_the_other_server_whole_or_from_a_byte_on(hub: StandIn) -> None:
    hub.add("owner/name", {"a.gguf": DATA})
    whole, rest = get(hub), get(hub, Range="bytes=1000-")
    assert (whole.content, rest.content, rest.status_code) == (DATA, DATA[1000:], 206)
    assert get(hub, Range="bytes=5-7").content == DATA[5:8]
    assert get(hub, Range=f"bytes={len(DATA)}-").status_code == 416
    assert get(hub, **{"Range": "bytes=5-", "If-Range": '"another"'}).content == DATA
    assert [request.server for request in hub.requests[:2]] == ["hub", "cdn"]


def test_faults_occur_as_often_as_set(hub: StandIn) -> None:
    hub.add("owner/name", {"a.gguf": DATA})
    hub.fail("flip", at=1_000)
    hub.fail("status", status=429, headers={"Retry-After": "3"})
    assert [index for index, pair in enumerate(zip(get(hub).content, DATA, strict=True)) if pair[0] != pair[1]] == [
        1_000
    ]
    assert get(hub).headers["Retry-After"] == "3"
    assert get(hub).content == DATA


@pytest.mark.parametrize("kind", ["drop", "reset"])
def test_a_body_that_ends_early_is_an_error_of_the_connection(hub: StandIn, kind: str) -> None:
    hub.add("owner/name", {"a.gguf": DATA})
    hub.fail(kind, after=10_000)  # pyright: ignore[reportArgumentType]
    with pytest.raises(httpx2.TransportError):
        get(hub)


def test_an_expired_link_stays_dead_and_a_new_one_works(hub: StandIn) -> None:
    hub.add("owner/name", {"a.gguf": DATA})
    hub.fail("expired")
    dead = get(hub)
    assert (dead.status_code, httpx2.get(dead.url).status_code, get(hub).status_code) == (403, 403, 200)


def test_gated_private_and_tokens(hub: StandIn, api: HfApi) -> None:
    hub.add("owner/gated", {"a.gguf": DATA}, gated=True)
    hub.add("owner/private", {"a.gguf": DATA}, private=True)
    url = hf_hub_url("owner/gated", "a.gguf", endpoint=hub.endpoint)
    for token in (False, GOOD_TOKEN):
        with pytest.raises(GatedRepoError):
            api.get_hf_file_metadata(url=url, token=token)
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("owner/private")
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        api.whoami(token="hf_bad")
    hub.accounts[GOOD_TOKEN].access |= {"owner/gated", "owner/private"}
    assert api.get_hf_file_metadata(url=url, token=GOOD_TOKEN).size == len(DATA)
    assert api.model_info("owner/private", token=GOOD_TOKEN).id == "owner/private"


def test_a_search_comes_in_pages(api: HfApi, hub: StandIn) -> None:
    hub.page_size = 2
    for number in range(5):
        hub.add(f"owner/model-{number}", {"a.gguf": b"x"}, downloads=number)
    hub.add("owner/other", {"a.bin": b"x"}, tags=[])
    assert [found.id for found in api.list_models(filter="gguf", search="model")] == [
        f"owner/model-{number}" for number in (4, 3, 2, 1, 0)
    ]
