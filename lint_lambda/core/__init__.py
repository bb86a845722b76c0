"""The vocabulary every other layer shares: spans, names, the intermediate representation, findings."""
