"""Pages of what comes from others: vendors, agreements, components and comparisons."""
