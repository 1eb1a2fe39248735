"""A host project's application: models that were there before Meanwhile came."""
