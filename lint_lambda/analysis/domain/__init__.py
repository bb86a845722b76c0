"""What the analysis reasons with: values, states, effects and summaries, and the algebra of each. Nothing here walks code."""
