"""Scripts with labels made by hand: what the extraction of relations and chains is judged by.

66 short scripts written for this: 43 for the Code Editor (01-40, 61-63), 23 in Python (41-60, 64-66). Beside each
stands its label, `NN_name.yaml`:

- `forms`: the hard forms that it has, by the names below;
- `calls`: the table of its calls, the part made by hand. `derive.py` says how its lines read;
- `relations`: `[first, second, relation, count of pairs of places]`, and
- `chains`: in the order of the calls that they end with. Both are derived from the table by `derive.py`, which follows
  the definition's text (the docstring of `codegen/extraction/relations.py`) and shares no code with that module;
- `notes`: what was decided for this script, if anything.

**How they were made.** An assistant wrote scripts and tables on 26 November 2026, by reading, before the extractor was
run on any of them, and without having seen its code or its output. Calls were numbered in the order made; for each was
written of which calls' results its receiver and each argument may be, and what the functions return that it is given.
Afterwards the tables were checked twice against real runs. `traced.py` holds the operators and their order against the
tracer: all agree; two names were corrected by it (63: what `FeatureCollection.first` gives in JavaScript is an
`ee.Element`, and `ImageCollection.distinct`, which gives a FeatureCollection, was taken out). A tracer that also notes
which objects come from where (not kept) found no source that a table lacks; what tables have beyond such a run are ways
not taken, widgets, and operators handed over. All chains were looked through, some two dozen beside their scripts.

**Names** are those of `tests/codegen/trace`, but JavaScript's for Python too (`ee.Filter.and`), and
`ee.Geometry.buffer` whatever the kind of geometry. `ee.batch.Export.image.toDrive` stays: JavaScript's client has it
under that name, `Export` belongs to the Code Editor. In Python `print` is no operator. Classes are those that the
client knows at run time: a join gives an `ee.FeatureCollection`, a mapped `ee.List` untyped objects.

**Where the definition left a choice**, this was chosen; `Readings` in `derive.py` derives some of the others.

1. A call is an operator in a place. A helper's place that is called with two classes is two calls, each with the
   receivers of its class; a call of the helper results in that of the class which it was given (10, 51, 62).
2. A helper's calls are one set whatever it is called from, but what only passes through a helper stays apart by call:
   `b = identity(a)` is `a`, not all that ever went through (36, 58). A default for a missing argument, and what a
   helper returns on other ways than the one taken, may be had at each of its calls (24, 33, 35).
3. Conditions are never decided, also not those on literals: both branches, each `case`, each `return`; the part after
   `||` (Python: `or`) and what stands before it, if that may be a result; `try` and `except`. A loop may make no round,
   also one with literal bounds: what was before reaches what comes after (sources marked `~`; 13 scripts; `Readings`:
   `rounds_made`). `do … while` makes one. An alternative whose class lacks the method is no receiver (09, 51).
4. Parts are told apart as far as the script says which: `scenes.after`, `list[0]`, a key of a literal object, what was
   assigned last. By a key or an index that varies, it is each. `reduce` without an initial value begins with the first
   element, and hands the others over (28, 46).
5. Named arguments in JavaScript's object are one argument, hence one way, and no pairs among themselves; keyword
   arguments in Python are arguments each (11 scripts; `named_apart`). Spread (`...`, `*`) gives an argument for each
   element of a list that the script writes out.
6. Parallel pairs are of two calls and count once, however often the two meet (`per_meeting`; only 52 differs). A place
   is no pair with itself. To go back to a call is meant at any distance, by receivers, arguments, and what functions
   return.
7. What enters by a single argument, without a receiver, is written as a single receiver is: `A -> print`. Ways with
   several alternatives are bracketed within others: `{{A | C} || D} -> B`.
8. A call that enters by two ways is written in each: `{A || A} -> B` (`same-by-two-ways`, 14 scripts). A name alone is
   also without the brackets of what it maps. In a loop the call being written counts as standing in its chain:
   `{A | B} -> B`. It has a chain of its own if its result enters nothing but itself.
9. Alternatives and lists stand in the order of the first call of each; calls in ways not taken where they would be. A
   call comes before those in the function that it is given.
10. What is not recorded makes nothing: `chart.setOptions(…)` gives the chart itself, `panel.add(chart)` and
    `Map.layers().set(…)` take in nothing. A list's `push`, `append` do: what is pushed is in the list.
11. Callbacks of `evaluate`, `Map.onClick`, widgets are not called, and return nothing to what they are given to.
12. What `getInfo` gives is its result where it is handed on as it is. What is computed from it by the language
    (`+`, `range`, text) is another value (55, 64).
13. An operator handed over is called by what it is handed to, with what that gives: no source for `map` of the client,
    the elements for a `map` of the language. Called through a variable or parameter it is called in that place (34,
    53, 56).
14. A generator's, a context manager's, a property's results are followed like a function's (22, 43, 48, 64).

**Forms**: map-callback, iterate-callback, nested-map, named-callback, callback-returns-list (or an object), arrow,
lambda, handed-over-operator, event-callback; reassignment, reassignment-other-class; for, for-in, for-of, while,
do-while, client-map, client-forEach, client-reduce, comprehension, list-push, generator; if-else, if-else-other-class
(ways that give different classes), switch (Python: match), ternary, or-default, early-return, try-except, with;
long-chain (over 30 links), comments-in-chain; shadowed-parameter, shadowed-name (a local one), local-ee, block-scope,
hides-import; helper-several-calls, helper-several-classes, helper-passes-through, never-called, recursion, closure,
returns-function, returns-object (or a tuple), class-methods; default-argument, named-arguments, keyword-arguments,
spread (also rest and star parameters), destructuring; alias, subscript-name (also `getattr`), template-string (also
f-strings), object-of-images, object-of-values, object-argument, cast-after-get, same-by-two-ways, algorithms-if,
expression, get-info, unrecorded-method, python-names; print, addLayer, export, chart.
"""
