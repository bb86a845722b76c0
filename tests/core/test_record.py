"""Our `dataclass` behaves as the standard library's: every test is made of both."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from lint_lambda.core import record


def classes(made: Any, field: Any) -> SimpleNamespace:
    @made(frozen=True, slots=True, order=True)
    class Point:
        """A point."""

        x: int
        y: int = 0
        name: str = field(default="", compare=False, repr=False)

    @made(frozen=True, slots=True)
    class Labelled(Point):
        labels: tuple[str, ...] = ()
        limit: ClassVar[int] = 3

        def doubled(self) -> int:
            return 2 * self.x

    @made(frozen=True, slots=True, kw_only=True)
    class Named:
        first: str = ""
        second: str

        def __post_init__(self) -> None:
            if not self.second:
                raise ValueError("second")

    @made
    class Open:
        items: list[int] = field(default_factory=list)

    @made(eq=False)
    class Same:
        value: int

    @made(frozen=True)
    class Own:
        value: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own)

        def __hash__(self) -> int:
            return 1

        def __repr__(self) -> str:
            return "own"

    @made(frozen=True, slots=True)
    class Nothing:
        pass

    return SimpleNamespace(**{each.__name__: each for each in (Point, Labelled, Named, Open, Same, Own, Nothing)})


BOTH = pytest.mark.parametrize(
    "of",
    [classes(dataclasses.dataclass, dataclasses.field), classes(record.dataclass, record.field)],
    ids=["standard", "ours"],
)


@BOTH
def test_values_are_equal_and_alike_in_sets_by_their_fields(of: Any) -> None:
    assert of.Point(1, 2, "a") == of.Point(1, 2, "b") != of.Point(1, 3)
    assert len({of.Point(1), of.Point(1, 0), of.Point(2)}) == 2
    assert of.Point(1) != of.Labelled(1)
    assert of.Nothing() == of.Nothing()
    assert hash(of.Nothing()) == hash(of.Nothing())


@BOTH
def test_what_has_an_identity_keeps_it(of: Any) -> None:
    assert of.Same(1) != of.Same(1)
    assert len({of.Same(1), of.Same(1)}) == 2
    assert of.Open() == of.Open()
    with pytest.raises(TypeError, match="unhashable"):
        hash(of.Open())


@BOTH
def test_what_a_class_defines_itself_counts(of: Any) -> None:
    assert of.Own(1) == of.Own(2)
    assert hash(of.Own(2)) == 1
    assert repr(of.Own(1)) == "own"


@BOTH
def test_order_is_that_of_the_fields(of: Any) -> None:
    assert sorted([of.Point(2), of.Point(1, 2), of.Point(1)]) == [of.Point(1), of.Point(1, 2), of.Point(2)]
    assert of.Point(1) <= of.Point(1)
    assert of.Point(2) > of.Point(1, 5)
    with pytest.raises(TypeError):
        assert of.Point(1) < 1


@BOTH
def test_each_instance_has_its_own_default(of: Any) -> None:
    one, other = of.Open(), of.Open()
    one.items.append(1)
    assert other.items == []
    assert of.Open([2]).items == [2]


@BOTH
def test_slots_leave_no_room_for_other_attributes(of: Any) -> None:
    for value in (of.Point(1), of.Labelled(1), of.Nothing()):
        assert not hasattr(value, "__dict__")
    assert of.Labelled.limit == 3
    assert of.Labelled(4).doubled() == 8


@BOTH
@pytest.mark.parametrize(
    "wrong",
    [
        lambda of: of.Point(),
        lambda of: of.Point(1, 2, "", 4),
        lambda of: of.Point(1, x=2),
        lambda of: of.Point(1, z=2),
        lambda of: of.Named("a", "b"),
        lambda of: of.Named(first="a"),
    ],
)
def test_wrong_arguments_are_refused(of: Any, wrong: Callable[[Any], object]) -> None:
    for _ in range(2):  # the first call is another than those that follow
        with pytest.raises(TypeError, match="argument"):
            wrong(of)


@BOTH
def test_a_class_may_check_its_values(of: Any) -> None:
    assert of.Named(second="b").first == ""
    with pytest.raises(ValueError, match="second"):
        of.Named(second="")


@BOTH
def test_it_shows_its_fields(of: Any) -> None:
    assert repr(of.Point(1, name="a")).rpartition(".")[2] == "Point(x=1, y=0)"
    assert repr(of.Labelled(1, labels=("b",))).rpartition(".")[2] == "Labelled(x=1, y=0, labels=('b',))"


@BOTH
def test_the_standard_library_knows_the_fields(of: Any) -> None:
    assert [field.name for field in dataclasses.fields(of.Labelled)] == ["x", "y", "name", "labels"]
    assert [field.type for field in dataclasses.fields(of.Point)] == ["int", "int", "str"]
    assert dataclasses.asdict(of.Open([1])) == {"items": [1]}
    assert copy.deepcopy(of.Point(1)) == of.Point(1)
    assert dataclasses.is_dataclass(of.Point)
    assert not dataclasses.is_dataclass(int)


@pytest.mark.parametrize("replace", [dataclasses.replace, record.replace], ids=["standard", "ours"])
def test_a_copy_may_differ_in_some_fields(replace: Any) -> None:
    of = classes(record.dataclass, record.field)
    assert replace(of.Labelled(1, 2), y=3, labels=("a",)) == of.Labelled(1, 3, "", ("a",))
    with pytest.raises(TypeError):
        replace(of.Point(1), z=2)


@BOTH
def test_patterns_match_by_position(of: Any) -> None:
    assert of.Labelled.__match_args__ == ("x", "y", "name", "labels")
    assert of.Named.__match_args__ == ()


@record.dataclass(frozen=True, slots=True)
class Sent:
    value: int


def test_values_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(Sent(1))) == Sent(1)


def test_names() -> None:
    ours = classes(record.dataclass, record.field)
    assert record.names_of(ours.Labelled) == ("x", "y", "name", "labels")
    assert record.is_record(ours.Point)
    assert not record.is_record(type("Plain", (ours.Point,), {}))
    assert not record.is_record(ours.Point(1))
