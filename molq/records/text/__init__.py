"""Text of any dialect: cut into records, its columns found, its rows understood. Never opens a file by itself."""
