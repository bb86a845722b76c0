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
    function_main.py    the first Python file inside the function's process; serve_main.py that of a web server
    node.py             the same for Node             node_client/       the files inside a Node function's process
    inside/             the observer in that process    looks.py            asks it, and reads what it says
    adapted/            a web application as a handler  http_events.py, sample_events.py   events
    pending.py          what was alive at a freeze      idle.py             whether that has anything left to do
    prove.py            runs a function                 story.py            the run as plain data
    judging.py          findings beside it              trouble.py          what went wrong in it
    unavailable.py      says that there is nothing to run it with
    sink.py             what clients may send to        text.py, picture.py, document.py   the story in three formats
"""
