"""Which molecules of a list to keep: alerts, bounds on properties, diverse picks. Never imports records or fastpath."""
