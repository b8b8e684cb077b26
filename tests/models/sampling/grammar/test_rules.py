"""Left recursion in graphs of rules."""

from models.sampling.grammar.rules import ANY, Alternatives, Rules, growing_recursion


def test_a_long_chain_of_rules_needs_no_deep_recursion() -> None:
    chain: list[Alternatives] = [[[number + 1]] for number in range(20_000)]
    assert growing_recursion([*chain, [[ANY]]]) is None
    assert growing_recursion([*chain, [[0, ANY]]]) == 20_000


def test_recursion_behind_an_empty_rule_counts() -> None:
    assert growing_recursion([[[1, 0, ANY]], [[], [ANY]]]) == 0
    assert growing_recursion([[[1, 0, ANY]], [[ANY]]]) is None


def test_recursion_that_only_ends_a_rule_does_not_grow() -> None:
    assert growing_recursion([[[1, 0], []], [[]]]) is None


def test_rules_lie_behind_each_other() -> None:
    rules = Rules.of([[[ANY, 1], []], [[ANY]]], 0)
    assert rules.elements == (ANY, 1, None, None, ANY, None)
    assert rules.starts == ((0, 3), (4,))
