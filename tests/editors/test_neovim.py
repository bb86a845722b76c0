"""The set-up for Neovim that the documentation shows, in a Neovim without a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NVIM = shutil.which("nvim")

pytestmark = pytest.mark.skipif(NVIM is None, reason="Neovim is not installed (Debian's package `neovim`)")

LOSES = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n    return 1\n"

SCRIPT = """
vim.opt.runtimepath:prepend(vim.env.EDITORS)
package.path = vim.env.EDITORS .. "/?.lua;" .. package.path
require("lambda_lint").setup({ cmd = { vim.env.PYTHON, "-m", "lint_lambda", "server" } })
vim.cmd("filetype on")
vim.cmd("edit app.py")
local patience = 240000
local said = {}
local function codes()
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do
    table.insert(found, each.code or each.user_data.lsp.code)
  end
  return found
end
vim.wait(patience, function() return #codes() == 1 end, 50)
said.first = codes()
said.line = (vim.diagnostic.get(0)[1] or {}).lnum
vim.api.nvim_buf_set_lines(0, 0, 0, false, { "# one line more" })
vim.wait(patience, function() return (vim.diagnostic.get(0)[1] or {}).lnum == 5 end, 50)
said.moved = (vim.diagnostic.get(0)[1] or {}).lnum
local actions = vim.lsp.buf_request_sync(0, "textDocument/codeAction", {
  textDocument = vim.lsp.util.make_text_document_params(),
  range = { start = { line = 5, character = 6 }, ["end"] = { line = 5, character = 6 } },
  context = { diagnostics = {} },
}, patience)
said.titles = {}
for _, answer in pairs(actions or {}) do
  for _, action in ipairs(answer.result or {}) do
    table.insert(said.titles, action.title)
    if action.title:find("join()", 1, true) then
      vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
    end
  end
end
vim.wait(patience, function() return #codes() == 0 end, 50)
said.fixed = codes()
said.text = vim.api.nvim_buf_get_lines(0, 0, -1, false)
local file = io.open(vim.env.ANSWER, "w")
file:write(vim.fn.json_encode(said))
file:close()
vim.cmd("qall!")
"""


def test_neovim_shows_findings_of_the_buffer_and_makes_fixes(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(LOSES, encoding="utf-8")
    script = tmp_path / "try.lua"
    script.write_text(SCRIPT, encoding="utf-8")
    answer = tmp_path / "answer.json"
    environment = {
        **os.environ,
        "EDITORS": str(ROOT / "editors" / "neovim"),
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "ANSWER": str(answer),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    assert NVIM is not None
    ran = subprocess.run(
        [NVIM, "--headless", "--clean", "-n", "-c", f"luafile {script}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert answer.exists(), ran.stderr + ran.stdout
    said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    assert (said["first"], said["line"], said["moved"]) == (["LAM201"], 4, 5)
    assert any("join()" in title for title in said["titles"])
    assert said["fixed"] == []
    assert "    thread.join()" in said["text"]
