"""Many studies in one go: each by itself, on this machine or on a cluster, with one summary."""
