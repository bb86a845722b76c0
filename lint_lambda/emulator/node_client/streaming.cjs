"use strict";
// The stream that a streaming handler writes its answer to: a request's writing half, and what Lambda adds to it.

const METHODS = [
  ...["cork", "destroy", "end", "uncork", "write", "setContentType"],
  ...["addListener", "emit", "eventNames", "getMaxListeners", "listenerCount", "listeners", "off", "on", "once"],
  ...["prependListener", "prependOnceListener", "rawListeners", "removeAllListeners", "removeListener"],
  "setMaxListeners",
];
const SETTABLE = ["destroyed", "writable", "_onBeforeFirstWrite"];
const READABLE = [
  ...["writableFinished", "writableObjectMode", "writableBuffer", "writableEnded", "writableNeedDrain"],
  ...["writableHighWaterMark", "writableCorked", "writableLength"],
];

function responseStream(request) {
  let written = false;
  const write = request.write.bind(request);
  request.setContentType = (type) => {
    if (written) {
      const error = new Error("Cannot set content-type, too late.");
      error.name = "Runtime.InvalidStreamingOperation";
      throw error;
    }
    request.setHeader("Content-Type", type);
  };
  request.write = (chunk, encoding, callback) => {
    const raw = typeof chunk === "string" || Buffer.isBuffer(chunk) || chunk instanceof Uint8Array;
    if (!written && typeof request._onBeforeFirstWrite === "function") request._onBeforeFirstWrite((part) => write(part));
    written = true;
    return write(raw ? chunk : JSON.stringify(chunk), encoding, callback);
  };
  const stream = Object.fromEntries(METHODS.map((name) => [name, request[name].bind(request)]));
  for (const name of [...SETTABLE, ...READABLE]) {
    const property = { get: () => request[name] };
    if (SETTABLE.includes(name)) property.set = (value) => (request[name] = value);
    Object.defineProperty(stream, name, property);
  }
  return stream;
}

module.exports = { responseStream };
