"use strict";
// The console as Lambda's clients have it: time, request and level stand before each line.

const { format } = require("node:util");

let request = "-";

function patch() {
  const levels = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" };
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...said) => {
      const line = [new Date().toISOString(), request, level, format(...said)].join("\t");
      process.stdout.write(line.replace(/\n/g, "\r") + "\n");
    };
  }
}

module.exports = { patch, during: (id) => (request = id) };
