"""The oracle: runs every fixture in the sandbox and sets what happened beside what the fixture says.

fixture.py    reads a fixture's header and markers; shared with the tests of the analysis
execute.py    runs one fixture: which probes were reached, and when
ahead.py      runs fixtures side by side, ahead of the tests that ask for them
run.py        `python -m tests.oracle.run [PATH...] [-j N]`: runs fixtures and prints every disagreement
agreement.py  `python -m tests.oracle.agreement`: writes docs/agreement.md
supply/       what a fixture can import: `from probe import reached`
"""
