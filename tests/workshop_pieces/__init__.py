"""Two small pieces with which the workshop itself is tested."""
