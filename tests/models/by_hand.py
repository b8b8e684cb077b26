"""The chain worked out by hand: every stage from its published formula, in float64, some token by token.

An oracle: it shares no code with the chain, and is slow. Stage codes are those of Alternatives.cut.
"""

from collections.abc import Callable, Sequence

import numpy as np

from models.sampling.knobs import STAGES, Sampling

Vector = np.ndarray  # float64[vocabulary], or bool: which tokens are kept


def chain(
    sampling: Sampling,
    logits: np.ndarray[tuple[int], np.dtype[np.float32]],
    *,
    history: Sequence[int] = (),
    hidden: Sequence[int] = (),
    breakers: Sequence[int] = (),
    xtc_strikes: bool = False,
) -> tuple[Vector, bytes]:
    """Natural log-probabilities after the chain (-inf where cut), and who cut each token."""
    s, values = sampling, logits.astype(np.float64)
    cut = np.zeros(len(values), np.uint8)
    if not s.allow_control:
        cut[list(hidden)] = 1 + STAGES.index("control")
    for entry in s.bias:
        token, nats = entry.removeprefix("id:").split("=")
        if float(nats) > -np.inf:
            values[int(token)] += float(nats)
        elif not cut[int(token)]:
            cut[int(token)] = 1 + STAGES.index("bias")
    values = penalties(s, values, history)
    if s.dry_multiplier:
        values = dry(s, values, history, breakers)
    stages: list[tuple[str, bool, Callable[[], Vector]]] = [
        ("top-n-sigma", s.top_n_sigma > 0, lambda: top_n_sigma(s, values, cut == 0)),
        ("top-k", s.top_k > 0, lambda: first(values, cut == 0, s.top_k)),
        ("typical", s.typical < 1, lambda: typical(s, shares(values, cut == 0))),
        ("top-p", s.top_p < 1, lambda: top_p(s, shares(values, cut == 0))),
        ("min-p", s.min_p > 0, lambda: min_p(s, shares(values, cut == 0))),
        ("xtc", xtc_strikes, lambda: xtc(s, shares(values, cut == 0))),
        ("temperature", s.temperature == 0, lambda: first(values, cut == 0, 1)),
    ]
    for name, on, survivors in stages:
        if on:
            cut[~survivors() & (cut == 0)] = 1 + STAGES.index(name)
    with np.errstate(divide="ignore"):
        return np.log(shares(values / (s.temperature or 1), cut == 0)), cut.tobytes()


def shares(values: Vector, kept: Vector) -> Vector:
    """Softmax over the tokens still kept."""
    masked = np.where(kept, values, -np.inf)
    weights = np.exp(masked - masked.max())
    return weights / weights.sum()


def first(values: Vector, kept: Vector, count: int) -> Vector:
    """The `count` highest of those kept."""
    order = np.argsort(np.where(kept, -values, np.inf), kind="stable")[: min(count, int(kept.sum()))]
    return np.isin(np.arange(len(values)), order)


def penalties(s: Sampling, values: Vector, history: Sequence[int]) -> Vector:
    """Division (here multiplication below 0): Keskar et al., CTRL, arXiv:1909.05858. Presence and frequency: OpenAI's
    API reference.
    """
    values = values.copy()
    window = list(history)[-s.repeat_last_n :] if s.repeat_last_n else []
    for token in set(window):
        values[token] *= s.repeat_penalty if values[token] <= 0 else 1 / s.repeat_penalty
        values[token] -= window.count(token) * s.frequency_penalty + s.presence_penalty
    return values


def dry(s: Sampling, values: Vector, history: Sequence[int], breakers: Sequence[int]) -> Vector:
    """p-e-w, text-generation-webui pull request 5677: multiplier * base^(length of the repeated passage - allowed
    length).
    """
    window = list(history)[-s.dry_last_n :]
    since = next((back for back, token in enumerate(reversed(window)) if token in breakers), len(window))
    longest: dict[int, int] = {}
    for end in range(1, len(window)):  # window[end] once followed what the window now ends with
        length = 0
        while length < end and window[end - 1 - length] == window[-1 - length]:
            length += 1
        longest[window[end]] = max(longest.get(window[end], 0), min(length, since))
    values = values.copy()
    for token, length in longest.items():
        if length >= s.dry_allowed_length and token not in breakers:
            values[token] -= s.dry_multiplier * s.dry_base ** (length - s.dry_allowed_length)
    return values


def top_n_sigma(s: Sampling, values: Vector, kept: Vector) -> Vector:
    """Tang et al., arXiv:2411.07641: logits within n standard deviations of the highest."""
    return values >= values[kept].max() - s.top_n_sigma * values[kept].std()


def reaching(p: Vector, goal: float, keys: Vector) -> Vector:
    """The fewest tokens, in the order of `keys`, whose probabilities add up to `goal`."""
    order = np.argsort(np.where(p > 0, keys, np.inf), kind="stable")
    total, kept = 0.0, np.zeros(len(p), bool)
    for token in order:
        kept[token] = True
        total += p[token]
        if total >= goal:
            break
    return kept & (p > 0)


def typical(s: Sampling, p: Vector) -> Vector:
    """Meister et al., arXiv:2202.00666: those whose surprise is nearest to the entropy."""
    surprise = -np.log(np.where(p > 0, p, 1))
    entropy = (p * surprise).sum()
    return reaching(p, s.typical, np.abs(surprise - entropy))


def top_p(s: Sampling, p: Vector) -> Vector:
    """Holtzman et al., arXiv:1904.09751: the most likely ones that make up p."""
    return reaching(p, s.top_p, -p)


def min_p(s: Sampling, p: Vector) -> Vector:
    """Nguyen et al., arXiv:2407.01082: at least that share of the most likely one."""
    return p >= s.min_p * p.max()


def xtc(s: Sampling, p: Vector) -> Vector:
    """p-e-w, text-generation-webui pull request 6335: of those that reach the threshold only the least likely stays."""
    likely = (p >= s.xtc_threshold) & (p > 0)
    if likely.sum() < 2:
        return np.ones(len(p), bool)
    return ~likely | (p == p[likely].min())
