"""Which folders packaging makes import roots, and what is taken for one where nothing declares it."""

from __future__ import annotations

import pytest

from lint_lambda.project.layout import Layout
from lint_lambda.project.packages import Packages


def layout(files: dict[str, str]) -> Layout:
    names = [name for name in files if name.endswith(".py")]
    packages = Packages(names, [name for name in files if name not in names], lambda path: files[path].encode())
    return Layout({name: name for name in names}, (), (), packages)


APP = "services/orders/app.py"
WORK = "lib/tools/pack/shop/work.py"
LOST = "elsewhere/pack/shop/work.py"


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ("lib/tools/pyproject.toml", '[tool.setuptools.package-dir]\n"" = "pack"\n'),
        ("lib/tools/pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["pack"]\n'),
        ("lib/tools/pyproject.toml", '[[tool.poetry.packages]]\ninclude = "shop"\nfrom = "pack"\n'),
        ("lib/tools/pyproject.toml", '[tool.hatch.build.targets.wheel]\npackages = ["pack/shop"]\n'),
        ("lib/tools/pyproject.toml", '[tool.pdm.build]\npackage-dir = "pack"\n'),
        ("lib/tools/pyproject.toml", '[tool.uv.build-backend]\nmodule-root = "pack"\n'),
        ("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["lib/tools/pack"]\n'),
        ("lib/tools/setup.cfg", "[options]\npackage_dir =\n    = pack\n"),
        ("lib/tools/setup.cfg", "[options.packages.find]\nwhere = pack\n"),
        ("lib/tools/setup.py", "setup(package_dir={'': 'pack'})"),
        ("lib/tools/setup.py", "setup(packages=find_packages('pack'))"),
        (".env", "PYTHONPATH=lib/other:lib/tools/pack\n"),
    ],
)
def test_metadata_names_the_folder_of_the_modules(metadata: str, text: str) -> None:
    # A second package of the name, as near, shows that the metadata decides and not the search.
    found = layout({APP: "", WORK: "", "lib/other.py": "", LOST: "", "lib/again/pack/shop/work.py": "", metadata: text})
    assert found.resolve(APP, "shop.work", 0) == WORK
    assert not found.guessed


@pytest.mark.parametrize("metadata", ["pyproject.toml", "setup.py", "setup.cfg"])
@pytest.mark.parametrize("inside", ["", "src/"])
def test_a_distribution_and_its_src_are_import_roots(metadata: str, inside: str) -> None:
    found = layout({APP: "", f"libs/shop-dist/{inside}shop.py": "", f"libs/shop-dist/{metadata}": ""})
    assert found.resolve(APP, "shop", 0) == f"libs/shop-dist/{inside}shop.py"
    assert not found.guessed


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ("services/orders/requirements.txt", "boto3\n-e ../../two/shop\n"),
        ("services/orders/requirements-dev.txt", "../../two/shop[extra]  # ours\n"),
        ("services/orders/requirements.txt", "shop @ file:../../two/shop\n"),
        ("services/orders/pyproject.toml", '[tool.uv.sources]\nshop = { path = "../../two/shop", editable = true }\n'),
        ("services/orders/pyproject.toml", '[tool.poetry.dependencies]\nshop = { path = "../../two/shop" }\n'),
        ("services/orders/pyproject.toml", '[tool.poetry.group.x.dependencies]\nshop = {path = "../../two/shop"}\n'),
        ("services/orders/pyproject.toml", '[project]\ndependencies = ["shop @ file:../../two/shop"]\n'),
        (
            "services/orders/pyproject.toml",
            '[tool.pdm.dev-dependencies]\ndev = ["-e file:///${PROJECT_ROOT}/../../two/shop#egg=shop"]\n',
        ),
        ("services/pyproject.toml", '[tool.uv.workspace]\nmembers = ["orders", "../two/*"]\n'),
    ],
)
def test_of_two_that_have_it_the_one_depended_on_is_meant(metadata: str, text: str) -> None:
    found = layout(
        {
            APP: "",
            "one/shop/shop.py": "",
            "one/shop/pyproject.toml": "",
            "two/shop/shop.py": "",
            "two/shop/pyproject.toml": "",
            metadata: text,
        }
    )
    assert found.resolve(APP, "shop", 0) == "two/shop/shop.py"


def test_the_one_folder_that_has_a_package_is_taken_and_remembered() -> None:
    found = layout({APP: "", LOST: "", "elsewhere/pack/shop/__init__.py": ""})
    assert found.resolve(APP, "shop.work", 0) == LOST
    assert found.guessed == {("services/orders", "shop.work"): "elsewhere/pack"}


def test_of_two_folders_that_are_as_near_none_is_taken() -> None:
    found = layout({APP: "", "a/shop/work.py": "", "b/shop/work.py": ""})
    assert found.resolve(APP, "shop.work", 0) is None
    assert not found.guessed
    assert found.is_local(APP, "shop.work", 0)


def test_a_module_alone_is_not_looked_for_everywhere() -> None:
    found = layout({APP: "", "services/users/util.py": ""})
    assert found.resolve(APP, "util", 0) is None


def test_the_folder_of_another_function_is_not_taken() -> None:
    found = layout({APP: "", "services/users/shop/work.py": "", "services/users/app.py": ""})
    found = found.deploying({"services/orders": (), "services/users": ()})
    assert found.resolve(APP, "shop.work", 0) is None


def test_what_a_deployment_puts_on_the_path_is_an_import_root() -> None:
    found = layout({APP: "", "services/users/app.py": "", "odd/place/shop.py": ""})
    found = found.deploying({"services/orders": ("odd/place",)})
    assert found.resolve(APP, "shop", 0) == "odd/place/shop.py"
    assert found.resolve("services/users/app.py", "shop", 0) is None


def test_a_namespace_package_may_have_parts_in_several_distributions() -> None:
    found = layout(
        {
            "one/ns/main/app.py": "",
            "one/setup.py": "",
            "two/ns/core/work.py": "",
            "two/setup.py": "",
            "deploy/handler.py": "",
        }
    )
    assert found.resolve("deploy/handler.py", "ns.main.app", 0) == "one/ns/main/app.py"
    assert found.resolve("deploy/handler.py", "ns.core.work", 0) == "two/ns/core/work.py"
    assert found.resolve("one/ns/main/app.py", "core.work", 2) == "two/ns/core/work.py"


def test_a_stray_init_does_not_keep_a_layer_off_the_path() -> None:
    found = layout({APP: "", "layers/common/python/__init__.py": "", "layers/common/python/shop.py": ""})
    assert found.resolve(APP, "shop", 0) == "layers/common/python/shop.py"


def test_what_is_no_project_s_own_is_not_local() -> None:
    found = layout({APP: "", "stripe/hooks.py": "", "services/orders/requirements.txt": "stripe-hooks==1\nstripe\n"})
    assert not found.is_local(APP, "stripe.webhook", 0), "the requirements name it"
    assert not found.is_local(APP, "requests", 0)
    assert not found.is_local(APP, "json.nothing", 0)
    assert found.is_local(APP, "orders.nothing", 0)


@pytest.mark.parametrize("text", ["[", "\x00", "[tool]\nuv = 3\n", '[tool.poetry]\npackages = "x"\ndependencies = 4\n'])
def test_broken_metadata_is_left_to_the_packaging_tools(text: str) -> None:
    files = {APP: "", "pyproject.toml": text, "setup.cfg": text, "requirements.txt": text, "lib/x.py": ""}
    assert layout(files).resolve(APP, "x", 0) is None
