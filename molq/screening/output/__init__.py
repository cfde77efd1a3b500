"""What a screen writes: an object for each format, of two halves. A worker makes bytes of scored rows, the parent puts
them away. Never imports workers, library, or molq.screening.run and above."""
