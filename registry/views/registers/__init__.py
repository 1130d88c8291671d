"""Pages of the registers, made from their kinds."""
