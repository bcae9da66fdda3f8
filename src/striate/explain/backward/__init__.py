"""What a score is made of, found backwards: gradients, the rules for ReLUs, paths, projections."""
