"""What a bad machine, a hostile file or an impatient user does: trials in groups, for the bench and the tests alike.

Each module is a group and offers ``TRIALS``. Imports molq only as a user would.
"""
