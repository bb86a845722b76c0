"use strict";
// The runtime client of nodejs24.x and later: what a handler returns is its answer, and there are no callbacks.
//
// As aws-lambda-ric 4 does it. A handler that takes a third parameter, and does not stream, does not start.

const { contextOf } = require("./api.cjs");
const log = require("./console.cjs");
const { load, RuntimeError } = require("./loading.cjs");
const { responseStream } = require("./streaming.cjs");

const NO_CALLBACKS =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. " +
  "You need to modify this function to use a supported handler signature to use Node.js 24 or later.";

const immediately = () => new Promise((resolve) => setImmediate(resolve));

async function run(api) {
  await api.open();
  let loaded;
  try {
    loaded = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER, true);
    if (loaded.parameters >= 3 && !loaded.streaming) throw new RuntimeError("CallbackHandlerDeprecated", NO_CALLBACKS);
  } catch (error) {
    console.error("Init Error", error);
    api.failInit(error);
    throw error;
  }
  for (;;) {
    const { id, event, headers } = await api.next();
    log.during(id);
    await (loaded.streaming ? stream : answer)(api, loaded, id, event, contextOf(headers));
  }
}

async function answer(api, loaded, id, event, context) {
  try {
    const result = await loaded.handler(event, context);
    await immediately();
    api.respond(id, result);
  } catch (error) {
    await immediately();
    console.error("Invoke Error", error);
    api.fail(id, error);
  }
}

async function stream(api, loaded, id, event, context) {
  const { request, replied } = api.stream(id, loaded.highWaterMark);
  const written = responseStream(request);
  try {
    const result = loaded.handler(event, written, context);
    if (typeof result?.then !== "function") throw new Error("Streaming does not support non-async handlers.");
    if ((await result) !== undefined) console.warn("Streaming handlers ignore return values.");
    await replied;
    if (!written.writableFinished) throw new Error("Response stream is not finished.");
  } catch (error) {
    await immediately();
    console.error("Invoke Error", error);
    api.failStream(request, error);
    await replied.catch(() => {}); // a stream that was destroyed has no reply
  }
}

module.exports = { run };
