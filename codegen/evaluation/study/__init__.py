"""The uplift study: one model asked in many ways, each way against another, told by class of geospatial problem."""
