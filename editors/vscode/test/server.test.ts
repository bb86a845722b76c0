import assert from "node:assert/strict";
import { test } from "node:test";
import { findServer, type Machine, PROBE } from "../src/server";
import { type Places, resolved, type Settings } from "../src/settings";

const PLACES: Places = { workspaceFolder: "/home/me/orders", userHome: "/home/me", environment: { TOOLS: "/opt" } };
const NOTHING: Settings = { enable: true, path: [], interpreter: [] };

interface Given {
  readonly files?: readonly string[];
  /** By interpreter or executable, its exit status. */
  readonly programs?: Readonly<Record<string, number>>;
  readonly selected?: string;
  readonly platform?: string;
}

function machine(given: Given): Machine {
  return {
    platform: given.platform ?? "linux",
    exists: async (path) => given.files?.includes(path) ?? false,
    run: async (command) => given.programs?.[command] ?? null,
    selectedInterpreter: async () => given.selected,
  };
}

async function command(settings: Settings, given: Given): Promise<string> {
  const found = await findServer(settings, PLACES, machine(given));
  return Array.isArray(found) ? found.join("; ") : [found.command, ...found.args].join(" ");
}

test("the first executable of the setting that exists is used", async () => {
  const settings = { ...NOTHING, path: ["${workspaceFolder}/missing", "${env:TOOLS}/lambda-lint"] };
  assert.equal(await command(settings, { files: ["/opt/lambda-lint"] }), "/opt/lambda-lint server");
});

test("the interpreter of the setting comes before the selected one", async () => {
  const settings = { ...NOTHING, interpreter: ["${userHome}/py"] };
  const given = { programs: { "/home/me/py": 0, "/selected": 0 }, selected: "/selected" };
  assert.equal(await command(settings, given), "/home/me/py -m lint_lambda server");
});

test("the interpreter that is selected in the Python extension is used", async () => {
  const given = { programs: { "/selected": 0 }, selected: "/selected" };
  assert.equal(await command(NOTHING, given), "/selected -m lint_lambda server");
});

test("an environment in the folder is used where the selected one has no linter", async () => {
  const local = "/home/me/orders/.venv/bin/python";
  const given = { files: [local], programs: { "/selected": 1, [local]: 0 }, selected: "/selected" };
  assert.equal(await command(NOTHING, given), `${local} -m lint_lambda server`);
});

test("environments on Windows are laid out in their own way", async () => {
  const local = "/home/me/orders\\.venv\\Scripts\\python.exe";
  const given = { files: [local], programs: { [local]: 0 }, platform: "win32" };
  assert.equal(await command(NOTHING, given), `${local} -m lint_lambda server`);
});

test("PATH is the last resort", async () => {
  assert.equal(await command(NOTHING, { programs: { "lambda-lint": 0 } }), "lambda-lint server");
});

test("every place that was looked at is told", async () => {
  const told = await command({ ...NOTHING, path: ["/a"], interpreter: ["/b", "/c"] }, { programs: { "/c": 1 } });
  assert.match(told, /\/a, from lambda-lint.path, does not exist/);
  assert.match(told, /\/b, from lambda-lint.interpreter, cannot be started/);
  assert.match(told, /\/c, from lambda-lint.interpreter, does not have lambda-lint\[lsp\] installed/);
  assert.match(told, /not on PATH/);
});

test("an interpreter is asked for the linter and for what the server needs", () => {
  assert.deepEqual(PROBE, ["-c", "import lint_lambda, pygls"]);
});

test("names in settings that are not known stay", () => {
  assert.equal(resolved("${env:NONE}/x/${workspaceFolder}", PLACES), "${env:NONE}/x//home/me/orders");
});
