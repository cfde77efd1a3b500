"""Chemistry: records, packed graphs, features, scaffolds, fingerprints, properties. Never imports torch."""
