"""Worked values of String's algorithms."""

from tests.ee_emulator.worked import Worked

PAGE = "earth engine: developers.google.com/earth-engine/apidocs/ee-string"

WORKED = [
    Worked("String", lambda ee: ee.String(ee.Number(1000)), "1000", f"{PAGE.replace('string', 'number-parse')}"),
    Worked("String", lambda ee: ee.String(ee.Number(1.5)), "1.5", "reference: Java's Double.toString"),
    Worked("String.cat", lambda ee: ee.String("cat").cat(" bird"), "cat bird", f"{PAGE}-cat"),
    Worked("String.compareTo", lambda ee: ee.String("a").compareTo("b"), -1, f"{PAGE}-compareto"),
    Worked(
        "String.compareTo",
        lambda ee: ee.List([ee.String("foo").compareTo("bar"), ee.String("bar").compareTo("foo")]),
        [1, -1],
        "documentation: apidocs/ee-string-compareto: the value is -1, 0 or 1",
    ),
    Worked(
        "String.decodeJSON",
        lambda ee: ee.String('{"a": "abc", "b": [1, 2.5, null, true]}').decodeJSON(),
        {"a": "abc", "b": [1, 2.5, None, True]},
        "reference: RFC 8259",
    ),
    Worked("String.encodeJSON", lambda ee: ee.String.encodeJSON(ee.String("earth")), '"earth"', f"{PAGE}-encodejson"),
    Worked(
        "String.encodeJSON",
        lambda ee: ee.String.encodeJSON(ee.Dictionary({"lc_name": "grassland", "lc_class": 3})),
        '{"lc_class":3,"lc_name":"grassland"}',
        f"{PAGE}-encodejson",
    ),
    Worked("String.equals", lambda ee: ee.String("a").equals("a"), True, "documentation: apidocs/ee-string-equals"),
    Worked("String.equals", lambda ee: ee.String("1").equals(1), False, "documentation: apidocs/ee-string-equals"),
    Worked("String.index", lambda ee: ee.String("abc123").index("c1"), 2, f"{PAGE}-index"),
    Worked("String.index", lambda ee: ee.String("abc123").index("BC"), -1, f"{PAGE}-index"),
    Worked("String.index", lambda ee: ee.String("abc123").index(""), 0, f"{PAGE}-index"),
    Worked("String.length", lambda ee: ee.String("abc123").length(), 6, f"{PAGE}-length"),
    Worked("String.match", lambda ee: ee.String("ABCabc123").match("AB", "ig"), ["AB", "ab"], f"{PAGE}-match"),
    Worked("String.match", lambda ee: ee.String("ABCabc123").match("\\d{2}"), ["12"], f"{PAGE}-match"),
    Worked("String.match", lambda ee: ee.String("ABCabc123").match("zz"), [], "documentation: apidocs/ee-string-match"),
    Worked("String.replace", lambda ee: ee.String("aBc-Abc").replace("abc", "Z", "i"), "Z-Abc", f"{PAGE}-replace"),
    Worked("String.replace", lambda ee: ee.String("abc-abc").replace("abc", "X", "g"), "X-X", f"{PAGE}-replace"),
    Worked("String.rindex", lambda ee: ee.String("aBc-Abc").rindex(""), 7, f"{PAGE}-rindex"),
    Worked("String.rindex", lambda ee: ee.String("aBc-Abc").rindex("A"), 4, f"{PAGE}-rindex"),
    Worked("String.slice", lambda ee: ee.String("abcdefghijklmnopqrstuvwxyz").slice(-4, 25), "wxy", f"{PAGE}-slice"),
    Worked("String.slice", lambda ee: ee.String("").slice(-1), "", f"{PAGE}-slice"),
    Worked("String.split", lambda ee: ee.String("aBAbcD").split("ab", "i"), ["", "", "cD"], f"{PAGE}-split"),
    Worked("String.split", lambda ee: ee.String("aBAbcD").split("(BA|c)"), ["a", "b", "D"], f"{PAGE}-split"),
    Worked(
        "String.split",
        lambda ee: ee.String("a,b,cdee f,g").split("[a-z]"),
        ["", ",", ",", "", "", "", " ", ","],
        f"{PAGE}-split",
    ),
    Worked("String.toLowerCase", lambda ee: ee.String("AaBbCc123").toLowerCase(), "aabbcc123", f"{PAGE}-tolowercase"),
    Worked("String.toUpperCase", lambda ee: ee.String("AaBbCc123").toUpperCase(), "AABBCC123", f"{PAGE}-touppercase"),
    Worked("String.trim", lambda ee: ee.String(" a\t\n\r b ").trim(), "a\t\n\r b", f"{PAGE}-trim"),
]
