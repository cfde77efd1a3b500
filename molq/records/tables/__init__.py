"""Tables that are no text: Parquet, Feather and Excel, as columns of text. Never looks at molecules."""
