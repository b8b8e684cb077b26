"""Models on this machine: where they lie, what their header says, the starter."""
