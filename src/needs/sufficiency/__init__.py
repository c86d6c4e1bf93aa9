"""What homes are called for: demand, needs and costs seen together."""
