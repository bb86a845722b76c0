"""Which functions Lambda calls: told by their signatures, by configuration, or by a deployment template."""
