"""The handlers of the REST interface, grouped as the interface groups its resources."""
