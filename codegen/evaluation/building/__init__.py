"""How our own cases are made: from Earth Engine's signatures to references, answers and their validation."""
