from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchcomp import BenchcompError
from benchcomp.variants import format_options, label, make_options, parse


@dataclass(frozen=True)
class Options:
    subsampling: Literal["420", "444"] = "420"
    effort: int = 4
    fine: float = 0.5
    fast: bool = False
    weights: str | None = None
    depth: Literal[8, 10] = 8


@given(
    subsampling=st.sampled_from(["420", "444"]),
    effort=st.integers(-5, 99),
    fine=st.floats(0, 10),
    fast=st.booleans(),
    weights=st.none() | st.from_regex(r"\A[a-z/.]+\Z").filter(lambda text: text != "none"),
    depth=st.sampled_from([8, 10]),
)
def test_options_survive_the_way_through_text(**values: object) -> None:
    options = Options(**values)  # type: ignore[arg-type]
    name, parsed = parse(label("codec", format_options(options)))
    assert name == "codec"
    assert make_options(Options, parsed, "codec") == options


def test_defaults_are_left_out_and_order_is_as_declared() -> None:
    assert format_options(Options()) == ""
    assert format_options(Options(fast=True, subsampling="444")) == "subsampling=444:fast=true"
    assert label("jpeg", "") == "jpeg"


def test_toml_values_are_taken_as_they_are() -> None:
    assert make_options(Options, {"effort": 7, "fast": True, "subsampling": 444}, "c") == Options(
        "444", 7, fast=True
    )


def test_a_tuple_is_a_text_with_commas_or_a_sequence() -> None:
    @dataclass(frozen=True)
    class Rates:
        rates: tuple[float, ...] = ()

    for value in ("0.1, 0.2", [0.1, 0.2], (0.1, "0.2")):
        assert make_options(Rates, {"rates": value}, "format").rates == (0.1, 0.2)
    with pytest.raises(BenchcompError, match="option rates is a number, not 'low'"):
        make_options(Rates, {"rates": "0.1,low"}, "format")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"effort": "much"}, "option effort is a whole number, not 'much'"),
        ({"fine": "x"}, "option fine is a number, not 'x'"),
        ({"fast": "perhaps"}, "option fast is true or false"),
        ({"depth": "9"}, "option depth is one of 8, 10"),
        ({"efort": "1"}, "has no option 'efort'; did you mean 'effort'"),
    ],
)
def test_wrong_values_say_what_is_right(values: dict[str, str], message: str) -> None:
    with pytest.raises(BenchcompError, match=message):
        make_options(Options, values, "codec")


@pytest.mark.parametrize("text", ["", ":a=1", "jpeg:", "jpeg:=1", "jpeg:a=1:a=2"])
def test_malformed_variants_are_refused(text: str) -> None:
    with pytest.raises(BenchcompError):
        parse(text)
