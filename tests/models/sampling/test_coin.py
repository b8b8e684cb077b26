"""The draw against a hand-written Philox, the strip against a naive one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.sampling.coin import (
    BLOCK,
    EXTRA,
    EXTRA_GATE,
    GATE,
    HEAD,
    TOKEN,
    Flip,
    Stream,
    Strip,
    draw,
    draws,
    extra_draws,
)
from models.sampling.statistics import most_likely

WORD = 2**64


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x64-10 word by word, from Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
    2011.
    """
    for _ in range(10):
        first, second = counter[0] * 0xD2E7470EE14C6C93, counter[2] * 0xCA5A826395121157
        counter = [
            second // WORD ^ counter[1] ^ key[0],
            second % WORD,
            first // WORD ^ counter[3] ^ key[1],
            first % WORD,
        ]
        key = [(key[0] + 0x9E3779B97F4A7C15) % WORD, (key[1] + 0xBB67AE8584CAA73B) % WORD]
    return counter


def test_the_oracle_gives_the_known_answer() -> None:
    """Random123's kat_vectors: philox4x64 10, counter 0, key 0."""
    expected = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    assert philox([0, 0, 0, 0], [0, 0]) == expected


@given(st.integers(-(2**70), 2**70), st.integers(0, 2**32), st.integers(0, 2**40), st.sampled_from([0, 1]))
def test_a_draw_is_philox_of_seed_take_and_index(seed: int, take: int, index: int, stream: int) -> None:
    counted = index + 1  # numpy counts up before it draws
    word = philox([counted, 0, 0, stream], [seed % WORD, take])[0]
    assert draw(seed, take, index, GATE if stream else 0) == (word >> 11) / 2**53


@given(st.integers(0, 2**65), st.integers(0, 2**32), st.integers(0, 2**40), st.sampled_from([TOKEN, GATE]))
def test_many_draws_at_once_are_the_same(seed: int, take: int, index: int, stream: Stream) -> None:
    assert draws(seed, take, index, 9, stream) == [draw(seed, take, index + more, stream) for more in range(9)]


def test_seeds_out_of_range_are_taken_modulo_two_to_the_64() -> None:
    assert draw(-1, 0, 0) == draw(2**64 - 1, 0, 0) == draw(2**128 - 1, 0, 0)


def test_every_part_of_the_name_matters() -> None:
    draws = {draw(1, 2, 3), draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4), draw(1, 2, 3, GATE)}
    assert len(draws) == 5
    assert all(0 <= u < 1 for u in draws)


@given(
    st.integers(-(2**70), 2**70),
    st.integers(0, 2**32),
    st.integers(0, 2**66),
    st.integers(0, 2**40),
    st.integers(1, 5),
    st.sampled_from([EXTRA, EXTRA_GATE]),
)
def test_extra_draws_are_philox_of_the_place_and_the_flip(
    seed: int, take: int, place: int, first: int, count: int, stream: Stream
) -> None:
    counters = ([flip + 1, place % WORD, 0, stream] for flip in range(first, first + count))
    words = [philox(counter, [seed % WORD, take])[0] for counter in counters]
    assert extra_draws(seed, take, place, first, count, stream).tolist() == [(word >> 11) / 2**53 for word in words]


def test_no_generation_draws_an_extra_number() -> None:
    written = {draw(7, 0, index, stream) for index in range(2_000) for stream in (0, 1)}
    extra = {u for place in (0, 1, 2) for u in extra_draws(7, 0, place, 0, 2_000).tolist()}
    assert len(extra) == 6_000 and not written & extra


# ------------------------------------------------------------------------------------------------ the strip


def strip(weights: list[float] | np.ndarray, hidden: list[int] | None = None) -> Strip:
    values = np.asarray(weights, np.float32)
    shown = values.copy()
    covered = np.array(hidden or [], np.intp)
    shown[covered] = -1
    head = most_likely(shown, min(HEAD, len(values) - len(covered)))
    return Strip(values, float(values.sum() - values[covered].sum()), head, hidden=covered)


def naive(weights: np.ndarray, hidden: list[int]) -> list[Flip]:
    """The intervals in the order in which they lie on the strip."""
    shown = [index for index in range(len(weights)) if index not in set(hidden)]
    heavy = sorted(shown, key=lambda index: (-weights[index], index))[:HEAD]
    order = heavy + sorted(set(shown) - set(heavy))
    share = weights[order].astype(np.float64)
    edges = np.concatenate(([0.0], np.cumsum(share / share.sum())))
    return [Flip(index, edges[place], edges[place + 1]) for place, index in enumerate(order)]


sizes = st.sampled_from([1, 2, 49, 50, 51, 60, BLOCK, BLOCK + 60, 3 * BLOCK + 7])
weight_arrays = sizes.flatmap(
    lambda size: arrays.arrays(
        np.float32, size, elements=st.sampled_from([0.0, 0.25, 0.5, 1.0, 3.0]), fill=st.just(0.5)
    )
)


@given(weight_arrays, st.floats(0, 1, exclude_max=True), st.sets(st.integers(0, 40), max_size=5))
def test_picks_the_interval_that_holds_u(weights: np.ndarray, u: float, some: set[int]) -> None:
    hidden = sorted(index for index in some if index < len(weights))
    if weights.sum() - weights[hidden].sum() <= 0:
        return
    fall = strip(weights, hidden).pick(u)
    intervals = {fall.token: fall for fall in naive(weights, hidden)}
    assert fall.low <= u < fall.high
    assert weights[fall.token] > 0
    assert abs(fall.low - intervals[fall.token].low) < 1e-6
    assert abs(fall.high - intervals[fall.token].high) < 1e-6


@given(weight_arrays, st.sets(st.integers(0, 40), max_size=5), st.integers(0, 2**32))
def test_many_picks_are_those_of_one_after_the_other(weights: np.ndarray, some: set[int], seed: int) -> None:
    hidden = sorted(index for index in some if index < len(weights))
    if weights.sum() - weights[hidden].sum() <= 0:
        return
    laid = strip(weights, hidden)
    numbers = np.append(np.random.default_rng(seed).random(60), [0.0, 1 - 2**-53])
    assert laid.pick_each(numbers).tolist() == [laid.pick(u).token for u in numbers.tolist()]


def test_many_picks_know_the_ids_and_a_gap_that_rounding_left() -> None:
    few = Strip(np.array([1, 3], np.float32), 4.0, np.array([1, 0]), np.array([7, 900], np.int32))
    assert few.pick_each(np.array([0.0, 0.8, 0.2])).tolist() == [900, 7, 900]
    loose = Strip(np.array([1, 1, 0], np.float32), 2.000001, np.array([0, 1, 2]))
    assert loose.pick_each(np.array([1 - 2**-53, 0.1])).tolist() == [1, 0]
    assert few.pick_each(np.array([])).tolist() == []


def test_the_head_comes_first_and_the_rest_in_the_order_of_ids() -> None:
    weights = np.full(200, 0.5, np.float32)
    weights[199] = 3
    laid = strip(weights)
    assert laid.pick(0.0).token == 199
    assert laid.pick(3 / 102.5 + 1e-4).token == 0  # of equals the lowest id
    assert laid.pick(0.999999).token == 198
    assert laid.pick(1 - 2**-53).high == 1.0


def test_candidates_have_their_ids() -> None:
    few = Strip(np.array([1, 3], np.float32), 4.0, np.array([1, 0]), np.array([7, 900], np.int32))
    assert few.pick(0.0) == Flip(900, 0.0, 0.75)
    assert few.pick(0.8) == Flip(7, 0.75, 1.0)


def test_a_gap_that_rounding_left_falls_to_the_last_that_weighs_anything() -> None:
    loose = Strip(np.array([1, 1, 0], np.float32), 2.000001, np.array([0, 1, 2]))
    assert loose.pick(1 - 2**-53).token == 1
