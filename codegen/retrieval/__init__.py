"""Search in what is known of Earth Engine: operators, how they go together, data sets, scripts."""
