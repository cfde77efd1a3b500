"""What molq finds out, as typed values: made by workflows and calibset, shown by report and the doors.

One file per kind, no logic but derived properties. It must never import more than metrics and the ground.
"""
