"use strict";
// What a Node fixture imports: `const { reached } = require("probe")`; `reached("name")` says that the program came to that point.
//
// A child process or a worker thread says it in the same way. One write appends one line: it is there whole, or not at all, when
// the sandbox is frozen.

const fs = require("node:fs");

exports.reached = function reached(name) {
  if (process.env.PROBE_FILE) fs.appendFileSync(process.env.PROBE_FILE, `${name}\n`);
};
