/**
 * Which command starts the server, tried in this order:
 *
 * 1. the executables in `lambda-lint.path`;
 * 2. the interpreter in `lambda-lint.interpreter`, or else the one that is selected in the Python extension;
 * 3. `.venv` in the workspace folder;
 * 4. `lambda-lint` on PATH.
 *
 * Nothing here knows the editor: what is on the machine is asked through `Machine`.
 */

import { type Places, resolved, type Settings } from "./settings";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** How it was found, for the log. */
  readonly why: string;
}

export interface Machine {
  readonly platform: string;
  exists(path: string): Promise<boolean>;
  /** Runs a program to its end; its exit status, and null where it cannot be started. */
  run(command: string, args: readonly string[]): Promise<number | null>;
  /** The interpreter that is selected in the Python extension, if there is one. */
  selectedInterpreter(): Promise<string | undefined>;
}

/** What an interpreter must be able to import. */
export const PROBE: readonly string[] = ["-c", "import lint_lambda, pygls"];
const SERVE: readonly string[] = ["-m", "lint_lambda", "server"];

/** The command, or every place that was looked at in vain, a sentence each. */
export async function findServer(settings: Settings, places: Places, machine: Machine): Promise<Command | string[]> {
  const tried: string[] = [];
  for (const given of settings.path) {
    const path = resolved(given, places);
    if (await machine.exists(path)) {
      return { command: path, args: ["server"], why: "lambda-lint.path" };
    }
    tried.push(`${path}, from lambda-lint.path, does not exist`);
  }
  for (const [interpreter, why] of await interpreters(settings, places, machine)) {
    const status = await machine.run(interpreter, PROBE);
    if (status === 0) {
      return { command: interpreter, args: SERVE, why };
    }
    tried.push(
      status === null
        ? `${interpreter}, from ${why}, cannot be started`
        : `${interpreter}, from ${why}, does not have lambda-lint[lsp] installed`,
    );
  }
  if ((await machine.run("lambda-lint", ["--version"])) === 0) {
    return { command: "lambda-lint", args: ["server"], why: "PATH" };
  }
  tried.push("lambda-lint is not on PATH");
  return tried;
}

async function interpreters(settings: Settings, places: Places, machine: Machine): Promise<[string, string][]> {
  const found: [string, string][] = settings.interpreter.map((given) => [
    resolved(given, places),
    "lambda-lint.interpreter",
  ]);
  if (found.length > 0) {
    return found;
  }
  const selected = await machine.selectedInterpreter();
  if (selected !== undefined) {
    found.push([selected, "the Python extension"]);
  }
  const inside = machine.platform === "win32" ? "Scripts\\python.exe" : "bin/python";
  const separator = machine.platform === "win32" ? "\\" : "/";
  const local = [places.workspaceFolder, ".venv", inside].join(separator);
  if (local !== selected && (await machine.exists(local))) {
    found.push([local, ".venv"]);
  }
  return found;
}
