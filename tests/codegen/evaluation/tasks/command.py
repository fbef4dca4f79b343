"""`eecode eval` alone, for tests that end its process."""

import argparse
import sys

from codegen.evaluation.tasks.cli import add_parser
from lake.errors import AefEconError


def main() -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(required=True))
    options = parser.parse_args()
    try:
        return int(options.run(options))
    except AefEconError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
