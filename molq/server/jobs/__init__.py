"""Large files as jobs: kept in a store, screened one after the other, gone on with. Must never know of HTTP."""
