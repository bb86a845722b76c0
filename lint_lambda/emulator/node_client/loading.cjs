"use strict";
// Finds and loads the function that Lambda is told to call, `path/to/file.name`, and says how it wants to be called.

const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

class RuntimeError extends Error {
  constructor(name, cause) {
    super(String(cause));
    this.name = `Runtime.${name}`;
    if (name === "UserCodeSyntaxError") this.stack = cause.stack;
  }
}

// `awslambda`, which streaming handlers use without importing it.
function provideGlobals() {
  const HttpResponseStream = {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(new Uint8Array(8));
      };
      return stream;
    },
  };
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse(handler, options) {
      handler[STREAMING] = "response";
      if (typeof options?.highWaterMark === "number") handler[HIGH_WATER_MARK] = options.highWaterMark;
      return handler;
    },
    HttpResponseStream,
  };
}

// { handler, streaming, highWaterMark, parameters }; rejects with the errors that Lambda names.
async function load(root, name, defaults) {
  provideGlobals();
  if (name.includes("..")) {
    throw new RuntimeError("MalformedHandlerName", `'${name}' is not a valid handler name.`);
  }
  const last = path.basename(name);
  const folder = name.slice(0, name.indexOf(last));
  const match = /^([^.]*)\.(.*)$/.exec(last);
  if (match === null) throw new RuntimeError("MalformedHandlerName", "Bad handler");
  const loaded = await imported(path.resolve(root, folder, match[1]), root, folder, match[1]);
  let handler = inside(loaded, match[2]);
  if (!handler && defaults) handler = inside(loaded?.default, match[2]);
  if (!handler) throw new RuntimeError("HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new RuntimeError("HandlerNotFound", `${name} is not a function`);
  const mode = handler[STREAMING];
  if (mode && mode !== "response") {
    throw new RuntimeError("MalformedStreamingHandler", "Only response streaming is supported.");
  }
  return { handler, streaming: Boolean(mode), highWaterMark: handler[HIGH_WATER_MARK], parameters: handler.length };
}

async function imported(file, root, folder, name) {
  const require = createRequire(path.join(root, "_"));
  try {
    for (const extension of ["", ".js", ".mjs", ".cjs"]) {
      const found = `${file}${extension}`;
      if (!fs.existsSync(found) || fs.statSync(found).isDirectory()) continue;
      const isModule = extension === ".mjs" || (extension === ".js" && inModulePackage(path.dirname(found)));
      return isModule ? await import(pathToFileURL(found).href) : require(found);
    }
    return require(require.resolve(name, { paths: [root, path.join(root, folder)] }));
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError("UserCodeSyntaxError", error);
    if (error?.code === "MODULE_NOT_FOUND") throw new RuntimeError("ImportModuleError", error);
    throw error;
  }
}

function inModulePackage(folder) {
  if (path.basename(folder) === "node_modules") return false;
  const manifest = path.join(folder, "package.json");
  if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, "utf8")).type === "module";
  return path.dirname(folder) !== folder && inModulePackage(path.dirname(folder));
}

const inside = (value, names) => names.split(".").reduce((within, name) => within?.[name], value);

module.exports = { load, RuntimeError };
