"""Dynamic temperature, as llama.cpp computes it: low where the model is sure, high where it is not.

Source of the formula: llama_sampler_temp_ext_apply in llama.cpp's src/llama-sampler.cpp.
"""

import numpy as np

from models.sampling.coin import Weights
from models.sampling.knobs import Sampling


def temperature(sampling: Sampling, scores: Weights, candidates: int) -> float:
    """The temperature for candidates with these logits (at least one is finite): within `temperature_range` of
    `temperature`, by their entropy as a share of that of `candidates` equally likely tokens.

    candidates: those that llama.cpp counts, cut ones among them whose probability it has set to 0 but not removed.
    """
    if candidates < 2:
        return 1.0  # llama.cpp leaves a single candidate as it is
    lowest = max(0.0, sampling.temperature - sampling.temperature_range)
    highest = sampling.temperature + sampling.temperature_range
    share = _entropy(scores) / float(np.log(np.float32(candidates)))
    return lowest + (highest - lowest) * share**sampling.temperature_exponent


def _entropy(scores: Weights) -> float:
    """In nats. Sums in llama.cpp's order and precision, the most likely first: over a whole vocabulary 32 bits round
    differently in another order.
    """
    falling = np.sort(scores)[::-1]
    weights = np.exp(falling - falling[0])
    shares = weights / np.add.accumulate(weights)[-1]
    shares = shares[shares > 0]
    return max(0.0, float(-np.add.accumulate(shares * np.log(shares))[-1]))
