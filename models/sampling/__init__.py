"""Sampling: the settings, the sampler chain, the recorded draw and the statistics over the vocabulary."""
