"""What the server can serve: simulated and real images and tables under asset ids."""
