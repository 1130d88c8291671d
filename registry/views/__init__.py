"""The registry's pages, one module a subject; they fetch, hand over to an action, and draw."""
