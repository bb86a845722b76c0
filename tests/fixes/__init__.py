"""Tests of the fixes: that what is offered mends the loss, and nothing else changes."""
