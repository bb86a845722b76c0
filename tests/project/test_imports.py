"""Which file an import loads."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from lint_lambda.project.layout import Layout


def layout(*files: str, source_roots: Sequence[str] = (), libraries: Collection[str] = ()) -> Layout:
    return Layout({file: file for file in files}, source_roots, libraries)


def test_a_lambda_s_own_folder_is_its_root_and_the_nearest_wins() -> None:
    files = layout("orders/app.py", "orders/util.py", "users/app.py", "users/util.py", "util.py")
    assert files.resolve("orders/app.py", "util", 0) == "orders/util.py"
    assert files.resolve("users/app.py", "util", 0) == "users/util.py"
    assert files.resolve("other/app.py", "util", 0) == "util.py"


def test_a_package_wins_over_a_module_and_both_over_a_folder_without_init() -> None:
    files = layout("a/__init__.py", "a/b.py", "a.py", "near/app.py", "near/c/x.py", "c.py")
    assert files.resolve("app.py", "a", 0) == "a/__init__.py"
    assert files.resolve("app.py", "a.b", 0) == "a/b.py"
    assert files.resolve("near/app.py", "c", 0) == "c.py"


def test_a_namespace_package_is_a_folder() -> None:
    files = layout("app.py", "ns/part/mod.py")
    assert files.resolve("app.py", "ns", 0) == "ns/"
    assert files.resolve("app.py", "ns.part.mod", 0) == "ns/part/mod.py"
    assert files.resolve("ns/", "part", 1) == "ns/part/"


@pytest.mark.parametrize(
    ("module", "level", "file"),
    [
        ("c", 1, "p/q/c.py"),
        ("", 1, "p/q/__init__.py"),
        ("d", 2, "p/d.py"),
        ("", 2, "p/__init__.py"),
        ("p.d", 3, "p/d.py"),
        ("x", 4, None),
        ("nothing", 1, None),
    ],
)
def test_relative_imports_count_their_dots(module: str, level: int, file: str | None) -> None:
    files = layout("p/__init__.py", "p/d.py", "p/q/__init__.py", "p/q/c.py", "p/q/app.py")
    assert files.resolve("p/q/app.py", module, level) == file


def test_src_configured_roots_and_layers_are_roots() -> None:
    names = (
        "fn/app.py",
        "src/shop/cart.py",
        "lib/deep/tools.py",
        "layers/common/python/shared.py",
        "layers/x/plain.py",
    )
    files = layout(*names, source_roots=["./lib/deep/"])
    assert files.resolve("fn/app.py", "shop.cart", 0) == "src/shop/cart.py"
    assert files.resolve("fn/app.py", "tools", 0) == "lib/deep/tools.py"
    assert files.resolve("fn/app.py", "shared", 0) == "layers/common/python/shared.py"
    assert files.resolve("fn/app.py", "plain", 0) == "layers/x/plain.py"
    assert layout(*names).resolve("fn/app.py", "tools", 0) is None


def test_of_two_layers_the_nearer_wins() -> None:
    files = layout("b/fn/app.py", "a/layer/python/shared.py", "b/layer/python/shared.py")
    assert files.resolve("b/fn/app.py", "shared", 0) == "b/layer/python/shared.py"


def test_the_task_root_shadows_the_standard_library_as_on_lambda() -> None:
    files = layout("fn/app.py", "fn/queue.py", "fn/logging.py", "fn/sys.py")
    assert files.resolve("fn/app.py", "queue", 0) == "fn/queue.py"
    assert files.resolve("fn/app.py", "logging", 0) is None  # the runtime client has loaded the real one
    assert files.resolve("fn/app.py", "sys", 0) is None


def test_a_module_inside_a_package_does_not_shadow_the_standard_library() -> None:
    files = layout("fn/app.py", "fn/jobs/__init__.py", "fn/jobs/worker.py", "fn/jobs/queue.py", "subprocess.py")
    assert files.resolve("fn/jobs/worker.py", "queue", 0) is None
    assert files.resolve("fn/jobs/worker.py", "queue", 1) == "fn/jobs/queue.py"
    assert files.resolve("fn/app.py", "subprocess", 0) is None  # not in the task root


def test_a_folder_named_like_a_library_is_not_the_library() -> None:
    files = layout("lambdas/redis/app.py", "lambdas/pika.py", "lambdas/other.py", libraries={"redis", "pika"})
    assert files.resolve("lambdas/redis/app.py", "redis", 0) is None
    assert files.resolve("lambdas/redis/app.py", "pika", 0) is None
    assert files.resolve("lambdas/other.py", "pika", 0) == "lambdas/pika.py"


def test_what_is_not_in_the_project_is_a_library() -> None:
    assert layout("app.py").resolve("app.py", "boto3", 0) is None
    assert layout("app.py").resolve("app.py", "", 0) is None
