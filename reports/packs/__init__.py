"""Evidence packs: what one holds of a version, a system, a unit or an engagement, and how a worker builds it."""
