"""Follow every launch from the handler to the response, and say what becomes of it."""
