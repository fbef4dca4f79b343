"""The REST interface: what clients ask for, resource by resource."""
