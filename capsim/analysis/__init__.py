"""What the records mean: results, and the differences between scenarios."""
