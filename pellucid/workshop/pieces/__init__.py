"""What there is to write, a file for each piece: its contract, its hints, its right and its wrong answers."""
