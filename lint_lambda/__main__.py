"""``python -m lint_lambda``"""

from lint_lambda.cli import main

if __name__ == "__main__":
    main()
