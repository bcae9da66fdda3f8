"""What a network makes of inputs that move: what follows, and what stays."""
