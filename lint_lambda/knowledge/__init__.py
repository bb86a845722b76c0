"""What the linter knows: rules and library models, read from `rules/` into typed objects."""
