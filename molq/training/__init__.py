"""Training of predictors. Never imports quant."""
