"""The record that every process manager keeps of itself: steps, attempts, outcome."""
