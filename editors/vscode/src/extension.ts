/** Starts the server for the workspace, and again when something that decides how it is started has changed. */

import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { findServer, type Machine } from "./server";
import type { Places, Settings } from "./settings";

const NAME = "lambda-lint";
const INSTALL = "pip install 'lambda-lint[lsp]'";
const PROBE_PATIENCE = 15_000;

let client: LanguageClient | undefined;
let starting: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel(NAME, { log: true });
  const restart = (): Promise<void> => {
    starting = starting.then(() => start(log)).catch((error: unknown) => log.error(String(error)));
    return starting;
  };
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand(`${NAME}.restart`, restart),
    vscode.commands.registerCommand(`${NAME}.check`, () =>
      client?.sendRequest("workspace/executeCommand", { command: `${NAME}.refresh`, arguments: [] }),
    ),
    vscode.commands.registerCommand(`${NAME}.showLog`, () => log.show()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if ([`${NAME}.enable`, `${NAME}.path`, `${NAME}.interpreter`].some((key) => event.affectsConfiguration(key))) {
        void restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  const changed = await interpreterChanged(restart);
  if (changed !== undefined) {
    context.subscriptions.push(changed);
  }
  await restart();
}

export async function deactivate(): Promise<void> {
  await starting;
  await client?.dispose();
  client = undefined;
}

async function start(log: vscode.LogOutputChannel): Promise<void> {
  await client?.dispose();
  client = undefined;
  const settings = vscode.workspace.getConfiguration(NAME);
  if (!settings.get<boolean>("enable", true)) {
    log.info("disabled by lambda-lint.enable");
    return;
  }
  const found = await findServer(wanted(settings), places(), machine);
  if (Array.isArray(found)) {
    log.error(`No server was found:\n${found.map((each) => `  ${each}`).join("\n")}`);
    const choice = await vscode.window.showErrorMessage(
      `lambda-lint is not installed in the selected Python environment. Run: ${INSTALL}`,
      "Copy Command",
      "Show Log",
    );
    if (choice === "Copy Command") {
      await vscode.env.clipboard.writeText(INSTALL);
    } else if (choice === "Show Log") {
      log.show();
    }
    return;
  }
  log.info(`starting ${found.command} ${found.args.join(" ")} (found by ${found.why})`);
  const server: ServerOptions = { command: found.command, args: [...found.args] };
  const options: LanguageClientOptions = {
    documentSelector: [
      ...["python", "javascript", "typescript", "yaml", "json", "toml", "terraform"].map((language) => ({
        scheme: "file",
        language,
      })),
      { scheme: "file", pattern: "**/*.{tf,tofu,tfvars,template}" },
    ],
    initializationOptions: { ...settings },
    outputChannel: log,
    traceOutputChannel: log,
  };
  client = new LanguageClient(NAME, NAME, server, options);
  await client.start();
}

function wanted(settings: vscode.WorkspaceConfiguration): Settings {
  return {
    enable: settings.get<boolean>("enable", true),
    path: settings.get<string[]>("path", []),
    interpreter: settings.get<string[]>("interpreter", []),
  };
}

function places(): Places {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  return { workspaceFolder: folder, userHome: homedir(), environment: process.env };
}

const machine: Machine = {
  platform: process.platform,
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  run: (command, args) =>
    new Promise((resolve) => {
      execFile(command, [...args], { timeout: PROBE_PATIENCE }, (error) => {
        if (error === null) {
          resolve(0);
        } else {
          resolve(typeof error.code === "number" ? error.code : null);
        }
      });
    }),
  selectedInterpreter: async () => {
    const api = await pythonApi();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const active = api?.environments.getActiveEnvironmentPath(folder);
    const environment = active === undefined ? undefined : await api?.environments.resolveEnvironment(active);
    return environment?.executable.uri?.fsPath;
  },
};

/** What we use of the Python extension (ms-python.python). */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(
      environment: { readonly path: string },
    ): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  return extension === undefined ? undefined : await extension.activate();
}

async function interpreterChanged(restart: () => Promise<void>): Promise<vscode.Disposable | undefined> {
  const api = await pythonApi();
  return api?.environments.onDidChangeActiveEnvironmentPath(() => void restart());
}
