"use strict";
// Runs AWS's own runtime client, aws-lambda-ric, from the directory it is installed in.
//
// Where the part of it that is written in C++ could not be built, ours stands in for that part: all that decides when an answer is
// posted and what it waits for is then still AWS's.

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { Api } = require("./api.cjs");

const NATIVE = "rapid-client.node";

function run(directory, observe) {
  const load = Module._load;
  Module._load = (name, ...rest) => {
    if (path.basename(name) !== NATIVE) return load(name, ...rest);
    const built = ["dist", "."].map((folder) => path.join(directory, folder, NATIVE)).find((file) => fs.existsSync(file));
    if (built === undefined) return standIn(observe);
    const native = load(built, ...rest);
    return { next: () => (observe(), native.next()), done: native.done, error: native.error };
  };
  const third = path.join(directory, "dist", "index.mjs");
  if (!fs.existsSync(third)) return import(pathToFileURL(path.join(directory, "index.mjs")).href);
  const root = process.env.LAMBDA_TASK_ROOT;
  return import(pathToFileURL(third).href)
    .then((client) => client.run(root, process.env._HANDLER))
    .catch((error) => setImmediate(() => { throw error; })); // as from the top of the first module
}

function standIn(observe) {
  const api = new Api(process.env.AWS_LAMBDA_RUNTIME_API, observe);
  let opened;
  return {
    async next() {
      await (opened ??= api.open());
      const { body, headers } = await api.poll();
      return { bodyJson: body, headers };
    },
    done: (id, body) => api.post(`/invocation/${id}/response`, body, {}),
    error: (id, body) => api.post(`/invocation/${id}/error`, body, {}),
  };
}

module.exports = { run };
