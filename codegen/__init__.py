"""Earth Engine knowledge base, code generation and its evaluation; empty until its first corpus lands."""
