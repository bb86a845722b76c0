"""Front-ends: each turns one language's source into the neutral representation of `lint_lambda.core.ir`."""
