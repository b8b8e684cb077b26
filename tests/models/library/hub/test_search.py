"""Search against the stand-in: pages are fetched on request, filters apply, failures are sentences."""

from typing import Any

import pytest

from models.library.hub.errors import BadTokenError, HubError, OfflineError, TooManyError, UnreachableError
from models.library.hub.search import Filters, quantised_from, search
from tests.models.library.hub_stand_in import GOOD_TOKEN, StandIn

CHAT = ["gguf", "conversational"]


def fill(hub: StandIn, count: int, **fields: Any) -> None:
    for number in range(count):
        hub.add(f"owner/model-{number:02}-GGUF", {}, downloads=100 - number, **fields)


def ids(pages: Any) -> list[list[str]]:
    return [[listed.id.removeprefix("owner/") for listed in page] for page in pages]


def test_pages_come_only_when_asked_for(hub: StandIn, connect: Any) -> None:
    fill(hub, 5)
    pages = search("model", connect(), batch=2)
    assert hub.requests == []
    assert [listed.id for listed in next(pages)] == ["owner/model-00-GGUF", "owner/model-01-GGUF"]
    pages.close()
    assert len(hub.requests) == 1
    assert [len(page) for page in search("model", connect(), batch=2)] == [2, 2, 1]


def test_fields_of_a_result(hub: StandIn, connect: Any) -> None:
    tags = ["gguf", "license:apache-2.0", "base_model:org/One", "base_model:quantized:org/One"]
    hub.add("owner/One-GGUF", {}, tags=tags, gated=True, downloads=1_234, likes=5)
    ((found,),) = search("one", connect())
    assert (found.id, found.downloads, found.likes, found.gated) == ("owner/One-GGUF", 1_234, 5, True)
    assert (found.updated, found.licence, found.base_models) == ("2026-01-02", "apache-2.0", ("org/One",))


def test_only_gguf_and_the_filters(hub: StandIn, connect: Any) -> None:
    hub.add("owner/plain", {}, tags=["safetensors"])
    hub.add("owner/a-Base-GGUF", {})
    hub.add("owner/b-Instruct-GGUF", {}, tags=CHAT)
    hub.add("owner/c-GGUF", {}, tags=CHAT)
    hub.add("other/d-base-GGUF", {}, gated=True)
    assert ids(search("", connect())) == [["other/d-base-GGUF", "a-Base-GGUF", "b-Instruct-GGUF", "c-GGUF"]]
    assert ids(search("", connect(), Filters(ungated=True, base_only=True))) == [["a-Base-GGUF"]]
    assert ids(search("", connect(), Filters(author="other"))) == [["other/d-base-GGUF"]]


def test_all_quantisations_of_one_original(hub: StandIn, connect: Any) -> None:
    hub.add("owner/x", {}, tags=["gguf", "base_model:quantized:org/One"])
    hub.add("owner/y", {}, tags=["gguf", "base_model:quantized:org/Two"])
    assert ids(search("", connect(), Filters(quantised_from="org/One"))) == [["x"]]


def test_filters_that_leave_nothing_still_come_to_an_end(hub: StandIn, connect: Any) -> None:
    fill(hub, 12, tags=[*CHAT, "base_model:finetune:org/One"])
    assert ids(search("", connect(), Filters(base_only=True), batch=2)) == [[]]
    hub.add("owner/last-base", {}, downloads=1)
    assert ids(search("", connect(), Filters(base_only=True), batch=1))[-1] == ["last-base"]


def test_a_fine_tune_is_no_quantisation_of_its_original() -> None:
    assert quantised_from(("base_model:org/One", "base_model:finetune:org/One")) == ()
    assert quantised_from(("base_model:org/One",)) == ("org/One",)


def test_nothing_is_contacted_when_offline(hub: StandIn, connect: Any) -> None:
    offline = connect(offline=True)
    with pytest.raises(OfflineError, match="offline"):
        next(search("x", offline))
    assert hub.requests == [] and offline.ledger.contacts() == ()


def test_the_ledger_records_hosts_and_reasons(hub: StandIn, connect: Any) -> None:
    to = connect()
    list(search("gemma", to))
    assert [(contact.host, contact.why) for contact in to.ledger.contacts()] == [
        (hub.endpoint.removeprefix("http://"), "search for gemma")
    ]


def test_a_silent_hub_is_given_up_on(hub: StandIn, connect: Any) -> None:
    hub.fail("stall", "api", seconds=20)
    with pytest.raises(UnreachableError, match="did not answer in time"):
        next(search("x", connect(), patience=0.3))
    assert len(hub.requests) <= 1  # no second try behind the user's back


@pytest.mark.parametrize(
    ("given", "wait"), [({"Retry-After": "7"}, 7), ({"RateLimit": '"api";r=0;t=55'}, 55), ({}, None)]
)
def test_too_many_requests(given: dict[str, str], wait: float | None, hub: StandIn, connect: Any) -> None:
    hub.fail("status", "api", status=429, headers=given)
    with pytest.raises(TooManyError, match=f"wait for {wait or 'a few minutes'}") as caught:
        next(search("x", connect()))
    assert caught.value.retry_after == wait and len(hub.requests) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_hub_out_of_order(status: int, hub: StandIn, connect: Any) -> None:
    hub.fail("status", "api", status=status)
    with pytest.raises(UnreachableError, match="out of order"):
        next(search("x", connect()))


def test_a_network_that_wants_a_sign_in(hub: StandIn, connect: Any) -> None:
    hub.fail("page", "api")
    with pytest.raises(HubError, match="does not answer as a hub does"):
        next(search("x", connect()))


def test_an_answer_of_another_form(hub: StandIn, connect: Any) -> None:
    hub.add("owner/x", {}, tags="gguf")  # pyright: ignore[reportArgumentType]
    with pytest.raises(HubError, match="does not answer as a hub does"):
        list(search("x", connect(), Filters()))


def test_a_connection_that_breaks_off(hub: StandIn, connect: Any) -> None:
    hub.fail("drop", "api")
    with pytest.raises(UnreachableError, match="broke off"):
        next(search("x", connect()))


def test_a_token_is_sent_and_a_wrong_one_reported(hub: StandIn, connect: Any) -> None:
    list(search("x", connect(token=GOOD_TOKEN)))
    assert hub.requests[-1].authorization == f"Bearer {GOOD_TOKEN}"
    with pytest.raises(BadTokenError, match="copy it again"):
        next(search("x", connect(token="hf_\nbad")))
    assert len(hub.requests) == 1
