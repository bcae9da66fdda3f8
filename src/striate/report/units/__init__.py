"""Pictures of kernels, maps, patches and tunings."""
