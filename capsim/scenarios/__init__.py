"""What planners change: scenarios made of levers, each a function from region to region."""
