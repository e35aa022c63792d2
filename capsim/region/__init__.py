"""What is where: the region as plain, frozen data, and the folders it is read from."""
