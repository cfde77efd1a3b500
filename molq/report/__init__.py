"""Tables, figures and the HTML report, from results. Never runs a model."""
