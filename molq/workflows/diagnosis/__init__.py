"""Why a quantized model lost accuracy, and what mends it. Never imports study."""
