"""From message bits to code bits and back."""
