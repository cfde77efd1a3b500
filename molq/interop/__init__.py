"""Import of foreign checkpoints, without running their code. Never imports chemprop or lightning."""
