"""Which functions scripts serve, and which combinations of operators stand for them (Geo-FuB, METHODS.md section 5).

Geo-FuSE: `clusters` and the functions of `taxonomy.yaml`; `units` and `serving` tell what a unit of code serves.
Geo-FuST: `combinations`. Geo-FuM: `mapping`. Which operators serve what is known beforehand from `seeds.yaml`, data
written by hand. `measuring` tells how right all this is. The paper tells the three steps and the methods' names; how
each is done is ours.
"""

from codegen.knowledge.functions.mapping import map_combination
from codegen.knowledge.functions.tables import function_tables

__all__ = ["function_tables", "map_combination"]
