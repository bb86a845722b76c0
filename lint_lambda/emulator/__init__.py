"""A local Lambda sandbox that freezes as the real one does, and runs the real AWS runtime client in it.

It is an island: it imports nothing of the rest of `lint_lambda`, and only the command line imports it. An oracle that
shared code with the analysis it judges would prove nothing. Here, and only here, the user's code is executed.

    supervisor.py       the sandbox's first process: starts, stops, continues, kills everything that runs in it
    container.py        the emulator's end of the conversation with it
    lifecycle.py        who has polled, answered, registered: the state machines of runtime and extensions
    runtime_api.py      the Runtime API over them       extensions_api.py   the Extensions API
    http_server.py      HTTP on loopback                environment.py      the function and its environment variables
    sandbox.py          init, invoke, freeze, thaw, timeout, reset, shutdown
    web_adapter.py      the process between the Runtime API and a web server
    function_main.py    the first Python file inside the function's process; observer.py what it may look at
    pending.py          what was alive at a freeze      prove.py            the story of a run beside static findings
    text.py, picture.py the story for a terminal and as a picture
"""
