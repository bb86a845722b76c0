"use strict";
// The runtime client of nodejs22.x and before: callbacks, and answers that wait until nothing is left to do.
//
// As aws-lambda-ric 3 does it. What is set to be done when the loop has run empty is `whenEmpty`: there is one such thing at a time.

const { contextOf } = require("./api.cjs");
const log = require("./console.cjs");
const { load } = require("./loading.cjs");
const { responseStream } = require("./streaming.cjs");

class Client {
  constructor(api) {
    this.api = api;
    this.whenEmpty = () => {};
    this.failed = (error, status) => {
      api.failInit(error);
      process.exit(status);
    };
  }

  async run() {
    process.on("uncaughtException", (error) => this.crash("Uncaught Exception", error, 129));
    process.on("unhandledRejection", (reason) => {
      const error = new Error(reason instanceof Error ? String(reason) : JSON.stringify(reason));
      error.name = "Runtime.UnhandledPromiseRejection";
      this.crash("Unhandled Promise Rejection", error, 128);
    });
    process.on("beforeExit", () => this.whenEmpty());
    await this.api.open();
    try {
      this.loaded = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER, false);
    } catch (error) {
      return this.crash("Uncaught Exception", error, 129);
    }
    this.again();
  }

  crash(what, error, status) {
    console.error(what, error);
    this.failed(error, status);
  }

  again() {
    const turn = this.loaded.streaming ? () => this.stream() : () => this.answer();
    setImmediate(() => turn().catch((error) => this.crash("Unexpected Top Level Error", error, 129)));
  }

  async invocation() {
    const { id, event, headers } = await this.api.next();
    log.during(id);
    this.failed = (error, status) => {
      this.api.fail(id, error);
      process.exit(status);
    };
    return { id, event, headers };
  }

  async answer() {
    const { id, event, headers } = await this.invocation();
    let answered = false;
    const complete = (result) => {
      if (answered) return;
      answered = true;
      this.api.respond(id, result);
      this.again();
    };
    const fail = (error) => {
      console.error("Invoke Error", error);
      this.api.fail(id, error);
      this.again();
    };
    const { callback, context } = this.callbacks(complete, fail);
    this.whenEmpty = () => {
      answered = true;
      this.api.respond(id, null);
      this.again();
    };
    try {
      const result = this.loaded.handler(event, Object.assign(context, contextOf(headers)), callback);
      if (typeof result?.then === "function") result.then(context.succeed, context.fail).catch(context.fail);
    } catch (error) {
      callback(error);
    }
  }

  // `callback` and the context's three; the first call of any of them counts.
  callbacks(complete, fail) {
    let waits = true;
    let finished = false;
    const once = (call) => (...said) => {
      if (finished) return;
      call(...said);
      finished = true;
    };
    const done = (error, result) => {
      this.whenEmpty = () => {};
      if (error !== undefined && error !== null) fail(error);
      else complete(result);
    };
    const callback = (error, result) => {
      this.whenEmpty = () => {};
      if (error !== undefined && error !== null) fail(error);
      else if (waits) this.whenEmpty = () => setImmediate(() => complete(result));
      else complete(result);
    };
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waits = value;
      },
      succeed: once((result) => done(null, result)),
      fail: once((error) => done(error ?? "handled")),
      done: once(done),
    };
    return { callback: once(callback), context };
  }

  async stream() {
    const { id, event, headers } = await this.invocation();
    const { request, replied } = this.api.stream(id, this.loaded.highWaterMark);
    const stream = responseStream(request);
    let waits = true;
    const next = () => {
      this.whenEmpty = () => {};
      if (waits) this.whenEmpty = () => setImmediate(() => this.again());
      else this.again();
    };
    const fail = (error) => {
      console.error("Invoke Error", error);
      this.api.failStream(request, error, next);
    };
    this.whenEmpty = () => this.again();
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waits = value;
      },
    };
    try {
      const result = this.loaded.handler(event, stream, Object.assign(context, contextOf(headers)));
      if (typeof result?.then !== "function") return fail("Streaming does not support non-async handlers.");
      if ((await result) !== undefined) console.warn("Streaming handlers ignore return values.");
      await replied;
      if (!stream.writableFinished) return fail("Response stream is not finished.");
      next();
    } catch (error) {
      fail(error);
    }
  }
}

module.exports = { run: (api) => new Client(api).run() };
