"""How far scores lie from labels and from other scores, with intervals. Never imports another room of workflows."""
