"""What runs within the sandbox: bound there alone, so it imports nothing of the project but itself and the client."""
