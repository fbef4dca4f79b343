"""What Earth Engine scripts tell together: operators, how they are used, in which patterns, and for what."""
