"""The pass over every product, box by box, in as many processes as asked for. Never imports the list of the best."""
