"""What must hold for any bytes: properties for Hypothesis and harnesses for atheris."""
