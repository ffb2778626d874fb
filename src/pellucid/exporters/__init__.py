"""Views and texts as documents."""
