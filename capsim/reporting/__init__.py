"""What people see: charts, the report, and the words and numbers in them."""
