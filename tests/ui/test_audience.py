"""Many onlookers have their pages drawn more seldom."""

import pytest

from aejax.ui.audience import Audience, seconds_between


@pytest.mark.parametrize("count, seconds", [(1, 1.0), (10, 1.0), (11, 2.0), (20, 2.0), (40, 4.0)])
def test_drawings_are_fewer_the_more_look_on(count: int, seconds: float) -> None:
    assert seconds_between(count) == pytest.approx(seconds)


def test_never_more_than_ten_pages_a_second_are_due() -> None:
    assert max(count / seconds_between(count) for count in range(1, 200)) <= 10.0 + 1e-9


def test_those_who_left_are_counted_no_more() -> None:
    audience = Audience()
    assert [audience.count(name, now) for name, now in (("a", 0.0), ("b", 5.0), ("a", 6.0), ("a", 18.0))] == [
        1,
        2,
        2,
        1,
    ]
