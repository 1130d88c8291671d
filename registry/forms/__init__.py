"""The registry's forms: what people may type, before an action judges it."""
