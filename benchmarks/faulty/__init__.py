"""What can go wrong with a run, done to it on purpose: kills, a disk that refuses, files that are damaged."""
