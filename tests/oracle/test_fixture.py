"""The reader of fixtures: what it takes, and what it refuses with a file and a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.oracle.fixture import BadFixture, Fixture, Invocation, Mark, discover, read

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(text: str, name: str = "case.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return make


def test_a_whole_header(write: Write) -> None:
    path = write(
        '"""A sentence."""\n'
        "# a comment of another kind\n"
        '# lambda: handler=start event={"a": "# b"}\n'
        "# oracle: done=a,b late=c lost=d\n"
        "# lambda:\n"
        "# oracle: errors=Runtime.MarshalError\n"
        "# requires: python>=3.11\n"
        "# timeout: 1.5\n"
        '# config: ignore = ["LAM101"]\n'
        "import x\n"
        "# lambda: handler=not_in_the_header\n"
    )
    fixture = read(path)
    assert fixture == Fixture(
        path=path,
        sentence="A sentence.",
        files=(path,),
        root=None,
        invocations=(
            Invocation("start", {"a": "# b"}, ("a", "b"), ("c",), ("d",)),
            Invocation("handler", {}, errors="Runtime.MarshalError"),
        ),
        marks=(),
        requires=("python>=3.11",),
        timeout=1.5,
        config=('ignore = ["LAM101"]',),
    )
    assert fixture.name(path.parent) == "case"


def test_marks(write: Write) -> None:
    path = write(
        '"""S."""\n# static-only: no probe\n'
        "a()  # expect: LAM102 fate=cancelled confidence=medium; LAM201\n"
        "b()  # ok: LAM101 it is awaited\n"
        "c()  # missed: LAM203 #12\n"
        "d()  # false: LAM301 #13\n"
    )
    fixture = read(path)
    assert fixture.marks == (
        Mark("expect", path, 3, "LAM102", "cancelled", "medium"),
        Mark("expect", path, 3, "LAM201"),
        Mark("ok", path, 4, "LAM101", rest="it is awaited"),
        Mark("missed", path, 5, "LAM203", rest="#12"),
        Mark("false", path, 6, "LAM301", rest="#13"),
    )
    assert len(fixture.expected) == 2 and fixture.claims_loss and fixture.static_only == "no probe"


def test_a_file_that_is_not_python_still_has_a_header(write: Write) -> None:
    fixture = read(write('"""S."""\n# static-only: it cannot run\ndef (:  # expect: LAM900\n    """\n'))
    assert fixture.sentence == "S." and [mark.line for mark in fixture.marks] == [3]


def test_folders(write: Write, tmp_path: Path) -> None:
    header = '"""S."""\n# lambda: handler=app.handler\n# oracle: done=a\n'
    app = write(header, "area/whole/app.py")
    helper = write("a()  # expect: LAM101\n", "area/whole/pkg/helper.py")
    inner = write(header + "# root: src\n", "area/rooted/src/app.py")
    single = write(header, "area/single.py")
    write("", "area/__init__.py")
    found = {fixture.path: fixture for fixture in discover(tmp_path)}
    assert list(found) == [inner, single, app], "sorted by path"
    assert (found[app].root, found[app].files) == (app.parent, (app, helper))
    assert found[app].marks[0].file == helper
    assert found[inner].root == inner.parent and found[single].root is None
    assert read(app) == found[app] and read(inner) == found[inner]
    assert [found[path].name(tmp_path) for path in (app, single)] == ["area/whole", "area/single"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import x\n", ":1: the docstring"),
        ('"""S."""\nimport x\n', ":1: either"),
        ('"""S."""\n# lambda:\nimport x\n', ":2: this `# lambda:` line has no `# oracle:` line"),
        ('"""S."""\n# oracle: done=a\n', ":2: an `# oracle:` line follows"),
        ('"""S."""\n# lambda: event={\n# oracle: done=a\n', ":2: the event is not JSON"),
        ('"""S."""\n# lambda: handle=x\n# oracle: done=a\n', ":2: `# lambda: handler=NAME event=JSON` is expected"),
        ('"""S."""\n# lambda:\n# oracle: gone=a\n', ":3: `done=`, `late=`, `lost=` or `errors=`"),
        ('"""S."""\n# lambda:\n# oracle: done=a\n# timeout: soon\n', ":1: `# timeout:` takes seconds"),
        ('"""S."""\n# lambda:\n# oracle: done=a\n# scaffold: both\n', ":1: `# scaffold:` takes extension or hook"),
        ('"""S."""\n# lambda:\n# oracle: done=a\n# static-only: x\n', ":1: either"),
        ('"""S."""\n# static-only: x\na()  # expect: TODO\n', ":3: `# expect:` is followed by a code"),
        ('"""S."""\n# static-only: x\na()  # expect: LAM101 sure\n', ":3: `fate=` or `confidence=`"),
    ],
)
def test_what_is_refused(write: Write, text: str, message: str) -> None:
    path = write(text)
    with pytest.raises(BadFixture) as refusal:
        read(path)
    assert str(refusal.value).startswith(f"{path}{message}")
