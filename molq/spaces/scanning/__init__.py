"""The scan: every product of a sheet scored, or passed over by a bound, in as many processes as are asked for."""
