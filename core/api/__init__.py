"""What all API endpoints share. The views of an app import from ``core.api.views``."""
