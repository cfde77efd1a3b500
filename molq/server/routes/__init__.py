"""A module for each kind of path: what is asked, whom to ask, how to say it. Must never hold what a route decides."""
