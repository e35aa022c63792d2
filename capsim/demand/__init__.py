"""Who comes: arrival rates, named random streams, and the table of patients."""
