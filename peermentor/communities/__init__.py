"""Large communities: made up by a rule, or read from a file."""
