import random

import pytest

from pentimento.bench.mean import Mean, student


def test_the_interval_is_the_one_of_the_tables() -> None:
    assert student((1.0, 2.0, 3.0, 4.0)) == pytest.approx((0.4457, 4.5543), abs=1e-3)


def test_of_a_hundred_samples_about_ninety_five_intervals_hold_the_mean() -> None:
    rng = random.Random(0)
    intervals = [student([rng.gauss(10, 3) for _ in range(4)]) for _ in range(1000)]
    assert 930 <= sum(low <= 10 <= high for low, high in intervals) <= 970


def test_a_mean_is_told_with_its_interval_and_its_number() -> None:
    assert str(Mean((1.0, 2.0, 3.0, 4.0), " dB")) == "2.5 dB (0.4 to 4.6, n=4)"
    assert str(Mean((0.25, 0.75), digits=2)) == "0.50 (-2.68 to 3.68, n=2)"


def test_one_value_has_no_interval() -> None:
    assert str(Mean((3.0,), " %")) == "3.0 % (n=1)"
    with pytest.raises(ValueError, match="two values"):
        student((3.0,))
