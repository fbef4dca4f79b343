"""Programs of our own that run in the sandbox, as text: each defines `main(given)`, and prints or leaves files.

They ask the Earth Engine that the sandbox is open to, with its credentials, and touch nothing else.
"""
