"""The flow model: children come into care, move, grow older and leave, draw by draw."""
