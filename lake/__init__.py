"""The ground floor: settings, cities, grids, stream schemas, atomic partition IO. Imports nothing of the project."""
