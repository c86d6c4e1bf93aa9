"""What `needs new-study` starts from."""
