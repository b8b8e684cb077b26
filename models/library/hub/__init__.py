"""The Hugging Face hub: search, repositories, headers read by ranges. Uses the network, as `download` does."""
