"""Release policies as data: their reading and refusal, their conditions, and the dry run of a proposed one."""
