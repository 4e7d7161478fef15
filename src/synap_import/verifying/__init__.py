"""Whether what a job loaded can be found in Synap, by the users whose it is, and by nobody else."""
