"""Records of the vocabulary as files: what can be taken out can be brought in."""
