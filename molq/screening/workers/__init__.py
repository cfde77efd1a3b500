"""Chunks through processes: started, fed, watched and replaced. Never imports library, run, or what lies above."""
