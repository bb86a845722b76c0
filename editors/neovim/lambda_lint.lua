-- lambda-lint in Neovim: put this file into the folder `lua` of your configuration, and call
--     require("lambda_lint").setup()
-- in `init.lua`. It works from Neovim 0.7 on. `setup` takes { cmd = { "lambda-lint", "server" }, settings = { … } }.

local M = {}

local filetypes = { "python", "javascript", "typescript", "yaml", "json", "terraform" }
local markers = { "lambda-lint.toml", "pyproject.toml", "template.yaml", "serverless.yml", ".git" }

local function root_of(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  while true do
    for _, marker in ipairs(markers) do
      if vim.fn.empty(vim.fn.glob(folder .. "/" .. marker)) == 0 then
        return folder
      end
    end
    local above = vim.fn.fnamemodify(folder, ":h")
    if above == folder then
      return vim.fn.fnamemodify(file, ":p:h")
    end
    folder = above
  end
end

local function configuration(options, root)
  return {
    name = "lambda_lint",
    cmd = options.cmd or { "lambda-lint", "server" },
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
    settings = { ["lambda-lint"] = options.settings or vim.empty_dict() },
    init_options = options.settings or vim.empty_dict(),
  }
end

function M.setup(options)
  options = options or {}
  if vim.lsp.config and vim.lsp.enable then -- 0.11
    local settings = configuration(options, vim.fn.getcwd())
    settings.root_dir, settings.workspace_folders, settings.name = nil, nil, nil
    settings.filetypes, settings.root_markers = filetypes, markers
    vim.lsp.config("lambda_lint", settings)
    vim.lsp.enable("lambda_lint")
    return
  end
  local clients = {} -- by root
  vim.api.nvim_create_autocmd("FileType", {
    pattern = filetypes,
    callback = function(event)
      local file = vim.api.nvim_buf_get_name(event.buf)
      if file == "" then
        return
      end
      local root = root_of(file)
      if vim.lsp.start then -- 0.8
        vim.lsp.start(configuration(options, root))
        return
      end
      clients[root] = clients[root] or vim.lsp.start_client(configuration(options, root))
      vim.lsp.buf_attach_client(event.buf, clients[root])
    end,
  })
end

return M
