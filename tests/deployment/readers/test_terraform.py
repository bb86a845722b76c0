"""What Terraform and OpenTofu configurations say of functions."""

from __future__ import annotations

import json

import pytest

from tests.deployment.reading import deployment, only, places, reasons

CODE = {"src/app.py": "", "src/jobs/main.py": "", "layer/python/shared.py": ""}
ARCHIVE = 'data "archive_file" "code" {\n  type = "zip"\n  source_dir = "${path.module}/../src"\n  output_path = "${path.module}/code.zip"\n}\n'


def terraform(text: str, name: str = "infra/main.tf") -> dict[str, str]:
    return {name: text, **CODE}


def function(arguments: str, rest: str = ARCHIVE) -> dict[str, str]:
    return terraform(f'resource "aws_lambda_function" "f" {{\n{arguments}\n}}\n{rest}')


PLAIN = 'handler = "app.run"\nruntime = "python3.12"\nfilename = data.archive_file.code.output_path'


def test_a_function_has_everything_that_its_resource_says() -> None:
    layer = 'resource "aws_lambda_layer_version" "l" { filename = data.archive_file.l.output_path }\n'
    layer += 'data "archive_file" "l" {\n source_dir = "../layer"\n output_path = "l.zip"\n}\n'
    more = 'function_name = "shop"\ntimeout = 30\nlayers = [aws_lambda_layer_version.l.arn]\nenvironment {\n variables = { A = "1", B = var.b }\n}'
    found = only(function(f"{PLAIN}\n{more}", ARCHIVE + layer))
    assert (str(found.declared), found.declared.format) == ("infra/main.tf:1", "terraform")
    assert (found.names, found.handler, found.roots) == (("f", "shop"), "app.run", ("src",))
    assert (found.runtime, found.timeout, found.layers) == ("python3.12", 30, ("layer/python",))
    assert found.environment == (("A", "1"),)


@pytest.mark.parametrize("name", ["infra/main.tf", "infra/main.tofu"])
@pytest.mark.parametrize(
    "rest",
    [
        ARCHIVE,
        ARCHIVE.replace("source_dir", "source_file").replace('../src"', '../src/app.py"'),
        ARCHIVE.replace('"${path.module}/../src"', "local.folder")
        + 'locals {\n folder = "../${var.name}"\n}\nvariable "name" { default = "src" }\n',
        ARCHIVE.replace('"${path.module}/../src"', 'join("/", ["..", "src"])'),
        ARCHIVE.replace('"${path.module}/../src"', 'format("%s/../src", path.root)'),
        ARCHIVE.replace('"${path.module}/../src"', 'true ? "../src" : "../other"'),
        ARCHIVE.replace("data ", "resource ", 1),
    ],
)
def test_the_archive_says_what_the_code_is(name: str, rest: str) -> None:
    plain = PLAIN if "resource" not in rest else PLAIN.replace("data.", "")
    text = f'resource "aws_lambda_function" "f" {{\n{plain}\n}}\n{rest}'
    assert places(terraform(text, name)) == [("f", "src/app.py", "run")]


def test_a_program_of_pulumi_s_in_hcl_names_a_folder() -> None:
    given = 'handler = "app.run"\nruntime = "python3.12"\nfilename = fileArchive("./src")'
    files = {"main.tf": f'resource "aws_lambda_function" "f" {{\n{given}\n}}\n', "src/app.py": ""}
    assert places(files) == [("f", "src/app.py", "run")]


@pytest.mark.parametrize(
    "code",
    [
        'filename = "${path.module}/code.zip"',
        'filename = "x.zip"\nsource_code_hash = data.archive_file.code.output_base64sha256',
        "s3_bucket = aws_s3_bucket.b.id\ns3_key = aws_s3_object.o.key",
    ],
)
def test_an_archive_may_be_named_in_other_ways(code: str) -> None:
    upload = 'resource "aws_s3_object" "o" {\n key = "k"\n source = data.archive_file.code.output_path\n}\n'
    assert places(function(f'handler = "app.run"\nruntime = "python3.12"\n{code}', ARCHIVE + upload)) == [
        ("f", "src/app.py", "run")
    ]


@pytest.mark.parametrize(
    "turns",
    [
        'for_each = toset(["run", "go"])\nhandler = "app.${each.key}"',
        'for_each = { a = "app.run", b = "app.go" }\nhandler = each.value',
        "for_each = local.all\nhandler = each.value.handler",
        'for_each = { for f in local.list : f.name => f }\nhandler = each.value["handler"]',
        "count = 2\nhandler = local.list[count.index].handler",
    ],
)
def test_each_instance_is_a_function(turns: str) -> None:
    local = (
        'locals {\n all = { a = { handler = "app.run" }, b = { handler = "app.go" } }\n'
        ' list = [{ name = "a", handler = "app.run" }, { name = "b", handler = "app.go" }]\n}\n'
    )
    files = function(f'{turns}\nruntime = "python3.12"\nfilename = data.archive_file.code.output_path', ARCHIVE + local)
    assert sorted(place[2] for place in places(files)) == ["go", "run"]


def test_a_module_of_the_project_is_read_as_it_is_used() -> None:
    module = 'variable "handler" {}\nvariable "folder" {}\n' + ARCHIVE.replace('"${path.module}/../src"', "var.folder")
    module += 'resource "aws_lambda_function" "this" {\n handler = var.handler\n runtime = "python3.12"\n filename = data.archive_file.code.output_path\n}\n'
    use = 'module "{0}" {{\n source = "../modules/fn"\n handler = "{1}"\n folder = "${{path.module}}/../src"\n}}\n'
    files = terraform(use.format("one", "app.run") + use.format("two", "jobs/main.run"))
    files["modules/fn/main.tf"] = module
    assert sorted(places(files)) == [("this", "src/app.py", "run"), ("this", "src/jobs/main.py", "run")]
    assert {found.names[-1] for found in deployment(files).functions} == {"one", "two"}


@pytest.mark.parametrize(
    "path", ['"../src"', '["../src"]', '[{ path = "${path.module}/../src", pip_requirements = true }]']
)
def test_the_well_known_module(path: str) -> None:
    text = f'module "f" {{\n source = "terraform-aws-modules/lambda/aws"\n handler = "app.run"\n runtime = "python3.12"\n source_path = {path}\n}}\n'
    assert places(terraform(text)) == [("f", "src/app.py", "run")]


def test_code_may_stand_in_the_configuration() -> None:
    content = 'data "archive_file" "code" {\n output_path = "c.zip"\n source {\n  filename = "app.py"\n  content = <<-EOT\n    def run(event, context):\n      pass\n  EOT\n }\n}\n'
    found = only(function(PLAIN, content))
    assert found.inline is not None
    assert found.inline.text == "def run(event, context):\n  pass\n"
    assert [line for line, _ in found.inline.lines] == [11, 12, 13]
    assert found.inline.lines[0][1][0] == 4


@pytest.mark.parametrize(
    "code", ["filename = var.archive", 'filename = "built.zip"', "filename = data.archive_file.none.output_path"]
)
def test_what_only_the_deployment_knows_is_said(code: str) -> None:
    files = function(f'handler = "app.run"\nruntime = "python3.12"\n{code}', "")
    [reason] = reasons(files)
    assert "known only at deployment time" in reason
    assert deployment(files).warnings() == [f"infra/main.tf:1: f: {reason}"]


def test_a_broken_file_is_a_warning_and_the_rest_of_it_is_read() -> None:
    files = function(PLAIN, ARCHIVE + 'resource "x" "y" {\n a = = 1\n}\n')
    assert places(files) == [("f", "src/app.py", "run")]
    assert deployment(files).warnings() == ["infra/main.tf:12: not valid Terraform; the rest of the file is read"]


def test_modules_that_use_each_other_end() -> None:
    use = 'module "m" { source = "../two" }\n'
    files = {"one/main.tf": use, "two/main.tf": use.replace("two", "one"), "three/main.tf": use}
    assert deployment(files).functions == ()


def test_other_languages_are_no_trouble() -> None:
    files = function('handler = "index.handler"\nruntime = "java21"\nfilename = var.x', "")
    assert (deployment(files).located, deployment(files).warnings()) == ([], [])


JSON = {
    "variable": {"dir": {"default": "../src"}},
    "locals": {"jobs": {"night": "jobs.main.run", "day": "app.run"}, "python": "python3.12"},
    "data": {
        "archive_file": {
            "code": {"type": "zip", "source_dir": "${path.module}/${var.dir}", "output_path": "code.zip"},
            "made": {
                "output_path": "made.zip",
                "source": [{"filename": "index.py", "content": 'import os\n\ndef go(e, c):\n    print("a\\n")\n'}],
            },
        }
    },
    "resource": {
        "aws_lambda_function": {
            "f": [
                {
                    "//": {"metadata": {"path": "stack/f"}},
                    "for_each": "${local.jobs}",
                    "function_name": "shop-${each.key}",
                    "handler": "${each.value}",
                    "runtime": "${local.python}",
                    "filename": "${data.archive_file.code.output_path}",
                    "timeout": 30,
                    "environment": {"variables": {"A": "1", "B": "${var.unknown}"}},
                }
            ],
            "g": {"handler": "index.go", "runtime": "python3.12", "filename": "${data.archive_file.made.output_path}"},
        }
    },
    "module": {
        "m": {
            "source": "terraform-aws-modules/lambda/aws",
            "handler": "app.run",
            "runtime": "python3.12",
            "source_path": "../src",
        }
    },
}


@pytest.mark.parametrize("whole", [JSON, [JSON]], ids=["object", "list"])
@pytest.mark.parametrize("name", ["infra/cdk.tf.json", "infra/main.tofu.json"])
def test_the_json_syntax_says_the_same(name: str, whole: object) -> None:
    found = deployment({name: json.dumps(whole, indent=1), **CODE})
    assert [(f.names, place.path, place.name) for f, place in found.located] == [
        (("f[night]", "shop-night"), "src/jobs/main.py", "run"),
        (("f[day]", "shop-day"), "src/app.py", "run"),
        (("g",), f"{name}!g.py", "go"),
        (("m",), "src/app.py", "run"),
    ]
    first, *_ = found.functions
    assert (first.timeout, first.environment, first.runtime) == (30, (("A", "1"),), "python3.12")
    made = next(f.inline for f in found.functions if f.name == "g")
    assert made is not None and made.text == 'import os\n\ndef go(e, c):\n    print("a\\n")\n'
    line = json.dumps(whole, indent=1).splitlines()[first.declared.line - 1]
    assert '"f"' in line
    assert found.warnings() == []


def test_json_that_is_none_is_a_warning() -> None:
    found = deployment({"main.tf.json": '{"resource": {"aws_lambda_function": {', **CODE})
    assert found.warnings() == ["main.tf.json:1: not valid Terraform; the rest of the file is read"]


def test_variables_are_given_in_json_too() -> None:
    files = function(PLAIN, ARCHIVE.replace('"${path.module}/../src"', "var.folder") + 'variable "folder" {}\n')
    assert places({**files, "infra/terraform.tfvars.json": '{"folder": "../src"}'}) == [("f", "src/app.py", "run")]


def test_a_text_that_is_one_expression_is_its_value() -> None:
    text = 'for_each = "${toset(["a", "b"])}"\n' + PLAIN
    assert [name for name, _, _ in places(function(text))] == ["f[a]", "f[b]"]


PACKAGING = {
    "modules/packaging/main.tf": 'variable "folder" {}\n' + ARCHIVE.replace('"${path.module}/../src"', "var.folder"),
    "modules/packaging/outputs.tf": 'output "path" { value = data.archive_file.code.output_path }\n',
    "modules/jobs/main.tf": 'variable "path" {}\nresource "aws_lambda_function" "f" {\n handler = "app.run"\n runtime = "python3.12"\n filename = var.path\n}\n',
}
USE = 'module "packaging" {\n source = "../modules/packaging"\n folder = "../src"\n}\n'
JOBS = 'module "jobs" {\n source = "../modules/jobs"\n path = PATH\n}\n'


@pytest.mark.parametrize("path", ["module.packaging.path", '"${module.packaging.path}"', "local.path"])
def test_an_archive_may_come_from_another_module(path: str) -> None:
    text = USE + JOBS.replace("PATH", path) + "locals {\n path = module.packaging.path\n}\n"
    assert places({**PACKAGING, **terraform(text)}) == [("f", "src/app.py", "run")]


def test_modules_that_hang_on_each_other_end() -> None:
    text = USE.replace('"../src"', "module.jobs.x") + JOBS.replace("PATH", "module.packaging.path")
    made = {**PACKAGING, "modules/jobs/o.tf": 'output "x" { value = var.path }\n', **terraform(text)}
    assert [function.handler for function in deployment(made).functions] == ["app.run"]


def test_a_function_of_a_module_that_cannot_be_followed_is_said() -> None:
    found = deployment({**PACKAGING, **terraform(JOBS.replace("PATH", "var.path"))})
    assert [str(function.declared) for function in found.functions] == ["modules/jobs/main.tf:2"]
    assert len(found.warnings()) == 1 and "only at deployment time" in found.warnings()[0]


def test_what_the_well_known_module_packs_may_be_another_s_package() -> None:
    package = (
        'module "package" {\n source = "terraform-aws-modules/lambda/aws"\n create_function = false\n'
        ' source_path = [{ path = "../src", pip_requirements = false }]\n}\n'
    )
    use = package.replace('"package"', '"f"').replace(
        "create_function = false", 'handler = "app.run"\n runtime = "python3.12"'
    )
    use = (
        use[: use.index(" source_path")]
        + " create_package = false\n local_existing_package = module.package.local_filename\n}\n"
    )
    assert places(terraform(package + use)) == [("f", "src/app.py", "run")]
