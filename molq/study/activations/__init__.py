"""What flows into the layers of a model: ranges, histograms and coverage per call site. Never imports cli."""
