"""What units are and like: kernels, maps, and the patches of a data set where they fire most."""
