"""What if: a mean engine that answers levers at once, alike in the library and on the page."""
