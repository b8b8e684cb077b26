"""The inference loop: tokens in, a probability vector out, a biased coin flipped, again."""
