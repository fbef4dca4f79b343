"""Where scripts are found: each connector yields what it finds, one at a time, in an order that does not change.

What it cannot look into (a file that is too large, a broken line) it yields as `Dropped`, so that nothing goes unseen.
"""

from codegen.corpora.connectors.folder import folder
from codegen.corpora.connectors.git import git_url
from codegen.corpora.connectors.jsonl import jsonl
from codegen.corpora.connectors.packages import geemap_scripts, package_sources

__all__ = ["folder", "geemap_scripts", "git_url", "jsonl", "package_sources"]
