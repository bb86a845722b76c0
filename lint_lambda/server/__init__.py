"""The language server: what editors ask over standard input and output, answered from projects that are looked at live."""
