"""The life of the sandbox: extensions inside the function's process, and custom runtimes."""
