"""Foster carers: how they come and go, how many there will be, and what a target asks for."""
