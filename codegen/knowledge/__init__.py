"""What Earth Engine scripts do: the operators that they call, on what, in which order and for what."""
