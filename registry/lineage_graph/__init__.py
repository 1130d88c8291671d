"""The lineage as a picture and as questions: what is joined to what, drawn by Graphviz, and who is touched by a change."""
