"""Theme tasks: what city studies ask of Earth Engine; and the classes of geospatial problems that tasks belong to."""
