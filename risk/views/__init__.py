"""The risk app's pages, one module a subject; they fetch, hand over to an action, and draw."""
