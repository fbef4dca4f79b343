"""Licences are told by what a text says, and by nothing else."""

import pytest

from codegen.corpora.licences import licence_of_field, licence_of_script, licence_of_text

MIT = """MIT License

Copyright (c) 2020, A

Permission is hereby granted, free of charge, to any person obtaining a copy of this software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
"""
BSD = "Redistribution and use in source and binary forms, with or without\nmodification, are permitted."
GPL_TAIL = (
    "\nPreamble\n" * 100
    + "13. Use with the GNU Affero General Public License version 3. GNU Lesser General Public License."
)


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (MIT, "MIT"),
        (MIT.replace('"', "“"), "MIT"),
        ("                 Apache License\n           Version 2.0, January 2004\n", "Apache-2.0"),
        ("Apache License\n==============\n\n_Version 2.0, January 2004_\n", "Apache-2.0"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007" + GPL_TAIL, "GPL-3.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3\n GNU General Public License version 3", "LGPL-3.0"),
        (BSD + " Neither the name of the copyright holder may be used.", "BSD-3-Clause"),
        (BSD, "BSD-2-Clause"),
        ("Mozilla Public License Version 2.0", "MPL-2.0"),
        ("All rights reserved.", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_licence_file_is_known_by_its_words(text: str, licence: str) -> None:
    assert licence_of_text(text) == licence


@pytest.mark.parametrize(
    ("script", "licence"),
    [
        (b"// SPDX-License-Identifier: GPL-2.0-only\nvar a;", "GPL-2.0-only"),
        (b"/* SPDX-License-Identifier: (MIT OR Apache-2.0) */", "(MIT OR Apache-2.0)"),
        (b'# Licensed under the Apache License, Version 2.0 (the "License");\n', "Apache-2.0"),
        (b" * Licensed under the Apache\n * License, Version 2.0", "Apache-2.0"),
        (b"var a; // MIT", "of the folder"),
        (b"\xff\xfe", "of the folder"),
    ],
)
def test_a_script_may_state_its_own(script: bytes, licence: str) -> None:
    assert licence_of_script(script, "of the folder") == licence


@pytest.mark.parametrize(
    ("field", "licence"),
    [("mit", "MIT"), ("Apache-2.0", "Apache-2.0"), (MIT, "MIT"), ("ask me", "unknown"), ("", "unknown")],
)
def test_a_field_holds_an_identifier_or_a_text(field: str, licence: str) -> None:
    assert licence_of_field(field) == licence
