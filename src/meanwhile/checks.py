"""System checks of the application."""
