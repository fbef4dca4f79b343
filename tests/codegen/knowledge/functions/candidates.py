"""Which operators often stand together in geemap's scripts, by regular expressions alone: where combinations came from.

Run `python -m tests.codegen.knowledge.functions.candidates`.
"""

import re
from collections import Counter

from tests.ee_emulator.javascript.scripts import distinct_scripts

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
NAME = re.compile(r"\b((?:ee|ui|Map|Export)(?:\.\w+)*)\s*\(")
CHAINED = re.compile(r"\.(\w+)\((?:[^()]|\([^()]*\))*\)\s*(?=\.(\w+)\()")


def operators_and_chains() -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """In how many scripts each full name is called, and one method is called on what another gave."""
    names, chains = Counter[str](), Counter[tuple[str, str]]()
    for script in distinct_scripts():
        code = COMMENT.sub("", script["code"])
        names.update(set(NAME.findall(code)))
        chains.update(set(CHAINED.findall(code)))
    return names, chains


if __name__ == "__main__":
    found, pairs = operators_and_chains()
    for name, scripts in found.most_common():
        print(scripts, name)
    for (first, second), scripts in pairs.most_common():
        print(scripts, first, second)
