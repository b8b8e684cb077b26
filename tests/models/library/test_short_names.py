"""Short names that distinguish files in several folders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library.short_names import labels


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ((), []),
        (("a/m.gguf", "b/n.gguf"), ["m.gguf", "n.gguf"]),
        (("a/m.gguf", "b/m.gguf"), ["a/m.gguf", "b/m.gguf"]),
        (("m.gguf", "b/m.gguf"), ["m.gguf", "b/m.gguf"]),
        (("x/a/m", "y/a/m", "y/b/m", "k"), ["x/a/m", "y/a/m", "b/m", "k"]),
        (("a/m", "a/m"), ["m", "m"]),
    ],
)
def test_as_much_as_it_takes(paths: tuple[str, ...], names: list[str]) -> None:
    assert labels(paths) == names


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map("/".join), max_size=8, unique=True))
def test_different_paths_get_different_names(paths: list[str]) -> None:
    found = labels(paths)
    assert len(set(found)) == len(paths)
    assert all(f"/{path}".endswith(f"/{name}") for path, name in zip(paths, found, strict=True))
