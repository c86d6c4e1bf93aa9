"""The SSDA903 return: children looked after, as authorities send it to DfE."""
