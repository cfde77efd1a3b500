"""Properties of products as sums of terms, and bounds on them. Never imports what scores or ranks."""
