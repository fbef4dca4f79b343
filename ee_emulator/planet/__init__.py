"""The simulated planet: deterministic fields behind the official asset ids. It is a simulation and says so."""
