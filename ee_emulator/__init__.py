"""A local Earth Engine: a REST server that the unmodified `earthengine-api` client talks to."""
